"""What is wrong is refused by name, all of it at once, in both languages; what is missing is named and never guessed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from minan.lib.damages import Refused, calculate
from minan.lib.damages.tests.cases import accident

Change = Callable[[dict[str, Any]], Any]


def refused(case: Any, lang: str = "en") -> dict[str, str]:
    with pytest.raises(Refused) as caught:
        calculate(case)
    return caught.value.told(lang)


WRONG: list[tuple[str, Change]] = [
    ("colour", lambda c: c.update(colour="red")),
    ("standards.urban", lambda c: c["standards"].update(urban="1")),
    ("switches.rounding", lambda c: c["switches"].update(rounding="up")),
    ("switches.rounding.soup", lambda c: c["switches"].update(rounding={"soup": "item"})),
    ("switches.day_base", lambda c: c["switches"].update(day_base=364)),
    ("switches.mental_first", lambda c: c["switches"].update(mental_first="true")),
    ("switches.grade_extra.11", lambda c: c["switches"].update(grade_extra={"11": "0.1"})),
    ("vehicles.car.color", lambda c: c["vehicles"][0].update(color="red")),
    ("vehicles.car.share", lambda c: c["vehicles"][0].update(share=0.7)),
    ("vehicles.car.share", lambda c: c["vehicles"][0].update(share="1.2")),
    ("vehicles.car.kind", lambda c: c["vehicles"][0].pop("kind")),
    ("vehicles.car.responsibility", lambda c: c["vehicles"][0].update(responsibility="half")),
    ("vehicles.car.bar.0", lambda c: c["vehicles"][0].update(bar=["asleep"])),
    ("vehicles.car.compulsory.limits.medical", lambda c: c["vehicles"][0]["compulsory"].update(limits={"medical": 10000})),
    ("vehicles.car.commercial.0.excludes.0", lambda c: c["vehicles"][0]["commercial"][0].update(excludes=["all"])),
    ("vehicles.car.commercial.0.limit", lambda c: c["vehicles"][0]["commercial"][0].update(limit="-1")),
    ("vehicles.car.id", lambda c: c["vehicles"][1].update(id="car")),
    ("victims.wang.with", lambda c: c["victims"][0].update({"with": "bus"})),
    ("victims.wang.age", lambda c: c["victims"][0].update(age=-3)),
    ("victims.wang.age", lambda c: c["victims"][0].update(age=131)),
    ("victims.wang.driver", lambda c: c["victims"][0].update(driver="yes")),
    ("victims.wang.items.medical", lambda c: c["victims"][0]["items"].update(medical=100)),
    ("victims.wang.items.medical", lambda c: c["victims"][0]["items"].update(medical="1,000")),
    ("victims.wang.items.medical", lambda c: c["victims"][0]["items"].update(medical="10.005")),
    ("victims.wang.items.soup", lambda c: c["victims"][0]["items"].update(soup="1")),
    ("victims.wang.items.meals", lambda c: c["victims"][0]["items"].update(meals={"days": 1, "daily": "1", "yearly": "1"})),
    ("victims.wang.items.meals", lambda c: c["victims"][0]["items"].update(meals={"days": 1, "months": 1, "daily": "1"})),
    ("victims.wang.items.meals", lambda c: c["victims"][0]["items"].update(meals={"months": 1, "daily": "1"})),
    ("victims.wang.items.meals.carers", lambda c: c["victims"][0]["items"].update(meals={"days": 1, "daily": "1", "carers": 2})),
    ("victims.wang.items.disability.grades.0", lambda c: c["victims"][0]["items"].update(disability={"grades": [11]})),
    ("victims.wang.items.disability", lambda c: c["victims"][0]["items"].update(disability={"grades": [9], "coefficient": "0.2"})),
    ("victims.wang.items.death", lambda c: c["victims"][0]["items"].update(death=1)),
    ("victims.wang.items.dependants.0.supporters", lambda c: c["victims"][0]["items"].update(dependants=[{"years": 1, "supporters": 0}])),
    ("victims.wang.items.other", lambda c: c["victims"][0]["items"].update(other="100")),
    ("victims.wang.items.other.0.head", lambda c: c["victims"][0]["items"].update(other=[{"what": "x", "amount": "1"}])),
    ("victims.wang.claims.soup", lambda c: c["victims"][0].update(claims={"soup": "1"})),
    ("victims.wang.advances.0.amount", lambda c: c["victims"][0].update(advances=[{"by": "x"}])),
    ("victims.wang.advances.0.how", lambda c: c["victims"][0].update(advances=[{"by": "x", "amount": "1", "how": "never"}])),
    ("accident_date", lambda c: c.update(accident_date="2018-02-30")),
    ("as_of", lambda c: c.update(as_of="2018-01-01")),
    ("place", lambda c: c.update(place="13")),
    ("vehicles", lambda c: c.update(vehicles=[])),
    ("victims", lambda c: c.pop("victims")),
    ("victims", lambda c: c.update(victims=[c["victims"][0]] * 201)),
]  # fmt: skip


@pytest.mark.parametrize(("path", "change"), WRONG, ids=[f"{n}-{path}" for n, (path, _) in enumerate(WRONG)])
def test_what_is_wrong_is_refused_by_its_path(path: str, change: Change) -> None:
    case = accident()
    change(case)
    for lang in ("zh", "en"):
        assert path in refused(case, lang)


@pytest.mark.parametrize("case", [None, [], "x", 3, {}, {"vehicles": {}, "victims": 1}])
def test_what_is_no_case_at_all_is_refused(case: Any) -> None:
    assert refused(case)


def test_all_faults_are_said_at_once() -> None:
    case = accident()
    case["colour"], case["victims"][0]["items"] = "red", {"medical": "x", "soup": "1"}
    assert set(refused(case)) == {"colour", "victims.wang.items.medical", "victims.wang.items.soup"}


@pytest.mark.parametrize(
    "value", [float("inf"), float("nan"), 10**400, 1e300, True, [], {}, "12 ", "１２", "1e3", "+1", ""]
)
def test_a_number_that_is_none_is_refused_and_breaks_nothing(value: Any) -> None:
    assert "victims.wang.age" in refused(accident(victims=[accident()["victims"][0] | {"age": value}]))


def test_the_case_given_is_not_changed() -> None:
    case = accident({"disability": {"grades": [10, 8]}}, switches={"grade_extra": {"10": "0.01"}})
    before = copy.deepcopy(case)
    calculate(case)
    assert case == before


LACKING: list[tuple[str, dict[str, Any], Change]] = [
    ("standards.urban_income for 131022000000, 2021", {"death": True}, lambda c: c.update(standards={}, as_of="2022-03-01")),
    ("standards.average_wage for 131022000000, 2018", {"funeral": True}, lambda c: c.update(standards={})),
    ("standards.urban_income for 131022000000, as_of", {"death": True}, lambda c: (c.update(standards={}), c.pop("as_of"))),
    ("standards.rural_consumption for ?, 2018", {"death": "1", "dependants": [{"years": 1, "supporters": 1, "standard": "rural"}]},
     lambda c: (c.update(standards={}), c.pop("place"))),
    ("victims.wang.age", {"death": True}, lambda c: c["victims"][0].pop("age")),
    ("victims.wang.standard", {"death": True}, lambda c: c["victims"][0].pop("standard")),
    ("switches.grade_extra for 131022000000", {"disability": {"grades": [9, 10]}}, lambda c: None),
    ("switches.grade_extra.10 for 131022000000", {"disability": {"grades": [9, 10]}},
     lambda c: c.update(switches={"grade_extra": {"9": "0.02"}})),
    ("victims.wang.items.disability.grades", {"disability": {}}, lambda c: None),
    ("victims.wang.items.meals.daily", {"meals": {"days": 3}}, lambda c: None),
    ("victims.wang.items.nursing.1.days", {"nursing": [{"days": 1, "daily": "1"}, {"daily": "1"}]}, lambda c: None),
    ("victims.wang.items.dependants.0.supporters", {"death": "1", "dependants": [{"years": 1}]}, lambda c: None),
    ("victims.wang.items.dependants.0.coefficient", {"disability": "1", "dependants": [{"years": 1, "supporters": 1}]}, lambda c: None),
    ("victims.wang.items.aids.0.years", {"aids": [{"price": "1", "every_years": 3}]}, lambda c: None),
    ("accident_date", {"medical": "1"}, lambda c: c.pop("accident_date")),
    ("vehicles.car.responsibility", {"medical": "1"}, lambda c: [c["vehicles"][0].pop(k) for k in ("responsibility", "share")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "items", "change"), LACKING, ids=[name for name, _, _ in LACKING])
def test_what_is_missing_is_named_and_nothing_is_worked_out_from_it(
    name: str, items: dict[str, Any], change: Change
) -> None:
    case = accident(items)
    change(case)
    out = calculate(case)
    assert name in out["missing"]
    assert (out["payments"], out["transfers"], out["range"]) == ([], [], None)


def test_what_does_not_depend_on_it_is_still_worked_out() -> None:
    out = calculate(accident({"medical": "100", "disability": {"grades": [9, 10]}}))
    assert [line["item"] for line in out["victims"][0]["items"]] == ["medical"]
    assert out["victims"][0]["total"] is None


def test_a_figure_lacking_for_two_victims_spoils_both_totals() -> None:
    case = accident({"funeral": True}, standards={})
    case["victims"].append(case["victims"][0] | {"id": "boy", "driver": False})
    assert [one["total"] for one in calculate(case)["victims"]] == [None, None]


def test_figures_of_hebei_are_those_of_the_year_before_and_name_their_source() -> None:
    out = calculate(accident({"death": True}, standards={}, as_of="2020-12-31"), "en")
    assert out["victims"][0]["total"] == "714760.00"  # 35738 of 2019 × 20
    assert "urban_income of 2019: 35738" in out["warnings"][0]
    assert "check before citing" in out["warnings"][0]


def test_given_figures_win_over_the_table() -> None:
    out = calculate(accident({"death": True}, as_of="2020-12-31"))
    assert (out["victims"][0]["total"], out["warnings"]) == ("730000.00", [])
