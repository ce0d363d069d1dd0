"""While a grade, days or a share are not known: the range holds whatever comes true, and knowing more never widens it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minan.lib.damages import Refused, Unknown, between, calculate, changed, estimate
from minan.lib.damages.estimate import lines_of
from minan.lib.damages.questions import HEAVY, UNKNOWN, WALKS, Names, case_of, shares
from minan.lib.damages.tests.cases import accident

usual = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
NAMES = Names("car", "side", "hurt", "driver", "insurer", "rider")
TODAY = date(2020, 12, 1)
GRADES = Unknown("grade", tuple({"victims.wang.items.disability": g and {"grades": [g]}} for g in (None, 10, 9, 8)))
LEAVE = between("leave", "victims.wang.items.lost_income.days", 30, 180)
SHARE = Unknown("share", ({"vehicles.car.share": "0.80"}, {"vehicles.car.share": "0.90"}), 10)


def open_case(cents: int = 20_000_00, daily: str = "133.33", **policy: Any) -> dict[str, Any]:
    items = {
        "medical": f"{cents // 100}.{cents % 100:02d}",
        "lost_income": {"days": 60, "daily": daily},
        "appraisal": "1000.33",
        "mental": "3000",
    }
    case = accident(items)
    case["vehicles"][0]["commercial"][0] |= policy
    del case["vehicles"][1]["share"]
    return case


def test_each_line_lies_between_its_least_and_its_most() -> None:
    found = estimate(open_case(), [GRADES, LEAVE, SHARE])
    assert found["counted"] == 4 * 2 * 2
    assert found["missing"] == []
    assert found["lines"]["item:wang:medical"] == {"low": "20000.00", "high": "20000.00"}
    assert found["lines"]["item:wang:disability"] == {"low": "0.00", "high": "219000.00"}  # 36500 × 20 × 0.3
    assert found["lines"]["item:wang:lost_income"] == {"low": "3999.90", "high": "23999.40"}
    assert found["lines"]["payment:wang:compulsory:car"]["high"] == "120000.00"


def test_it_is_said_which_unknown_makes_how_much_of_the_width() -> None:
    widths = {
        one["name"]: one["widths"]["total:wang"] for one in estimate(open_case(), [GRADES, LEAVE, SHARE])["unknown"]
    }
    assert widths == {"grade": "219000.00", "leave": "19999.50", "share": "0.00"}


def test_with_nothing_unknown_it_is_the_calculator_itself() -> None:
    case = changed(open_case(), {"vehicles.car.share": "0.8"})
    out, found = calculate(case), estimate(case, [])
    assert {name: one["low"] for name, one in found["lines"].items()} == {
        n: f"{float(v):.2f}" for n, v in lines_of(out, out).items()
    }
    assert all(one["low"] == one["high"] for one in found["lines"].values())


def test_what_cannot_be_worked_out_is_named_and_no_total_stands() -> None:
    found = estimate(changed(open_case(), {"victims.wang.age": None}), [GRADES, LEAVE, SHARE])
    assert found["missing"] == ["victims.wang.age"]
    assert "total:wang" not in found["lines"]
    assert not any(name.startswith("payment:") for name in found["lines"])


def test_too_many_combinations_and_a_wrong_place_are_refused() -> None:
    with pytest.raises(ValueError, match="combinations"):
        estimate(open_case(), [GRADES] * 7)
    with pytest.raises(ValueError, match="0 combinations"):
        estimate(open_case(), [Unknown("grade", ())])
    with pytest.raises(Refused):
        estimate(open_case(), [Unknown("bus", ({"vehicles.bus.share": "1"},))])


@usual
@given(
    cents=st.integers(0, 6_000_000), daily=st.integers(0, 50_000), days=st.integers(30, 180), grade=st.sampled_from(GRADES.options),
    per_cent=st.integers(80, 90), limit=st.sampled_from(["500000", "20000", "0.01"]), deductible=st.sampled_from(["0", "0.15"]),
    excludes=st.sampled_from([[], ["mental"], ["appraisal"]]),
)  # fmt: skip
def test_whatever_comes_true_lies_inside_and_knowing_more_never_widens(
    cents: int,
    daily: int,
    days: int,
    grade: dict[str, Any],
    per_cent: int,
    limit: str,
    deductible: str,
    excludes: list[str],
) -> None:
    case = open_case(cents, f"{daily / 100:.2f}", limit=limit, deductible=deductible, excludes=excludes)
    truth = [
        Unknown("grade", (grade,)), between("leave", "victims.wang.items.lost_income.days", days, days),
        Unknown("share", ({"vehicles.car.share": f"{per_cent / 100:.2f}"},)),
    ]  # fmt: skip
    before = estimate(case, [GRADES, LEAVE, SHARE])["lines"]
    exact = calculate(changed(case, {k: v for one in truth for k, v in one.options[0].items()}))
    for name, amount in lines_of(exact, exact).items():
        assert Fraction(before[name]["low"]) <= amount <= Fraction(before[name]["high"]), name
    knowing: list[Unknown] = [GRADES, LEAVE, SHARE]
    for n in (1, 2, 0):
        for more in (_narrower(LEAVE, days), truth[1]) if n == 1 else (truth[n],):
            knowing[n] = more
            after = estimate(case, knowing)["lines"]
            for name, one in after.items():
                assert Fraction(before[name]["low"]) <= Fraction(one["low"]), name
                assert Fraction(one["high"]) <= Fraction(before[name]["high"]), name
            before = {name: after.get(name, {"low": "0.00", "high": "0.00"}) for name in before}


def _narrower(one: Unknown, days: int) -> Unknown:
    return replace(between(one.name, "victims.wang.items.lost_income.days", 30, days), name=one.name)


ANSWERS = {
    "date": "2020-10-01", "how": "ride", "blame": "main", "age": "62", "medical": "30000", "stay": "20", "stay_daily": "100",
    "leave": "90",
    "leave_daily": "100", "nursing": "30", "nursing_daily": "120", "grade": "10", "cover": "yes", "commercial": "500000",
    "advanced": "5000",
}  # fmt: skip


def ranged(side: str = "victim", **more: str) -> tuple[dict[str, Any], list[str], tuple[str, ...]]:
    asked = case_of(ANSWERS | more, side, TODAY, NAMES, "131022000000")
    return estimate(asked.case, asked.unknowns)["lines"], [one.name for one in asked.unknowns], asked.left_out


def test_ten_full_answers_leave_only_the_share_that_hebei_s_table_leaves() -> None:
    lines, unknown, left = ranged()
    assert (unknown, left) == (["share"], ())
    assert lines["item:hurt:disability"] == {"low": "64328.40", "high": "64328.40"}  # 35738 × 18 × 0.1
    assert lines["payment:hurt:self"]["low"] == "1399.80"  # 14000 × 0.1, less what rounding may move
    assert len(WALKS["victim"]) == len(WALKS["driver"]) == 10


def test_what_is_not_known_becomes_a_range_or_is_left_out_by_name() -> None:
    lines, unknown, left = ranged(
        grade=UNKNOWN, leave=UNKNOWN, blame=UNKNOWN, medical=UNKNOWN, stay_daily="", cover=UNKNOWN
    )
    assert unknown == ["blame", "cover", "leave", "grade"]
    assert left == ("medical", "stay")
    assert lines["item:hurt:lost_income"] == {"low": "3000.00", "high": "18000.00"}
    assert lines["item:hurt:disability"]["low"] == "0.00"
    assert Fraction(lines["others:hurt"]["low"]) < Fraction(lines["others:hurt"]["high"])


def test_no_figure_of_the_year_is_guessed() -> None:
    asked = case_of(ANSWERS, "victim", date(2026, 5, 1), NAMES, "131022000000")
    assert asked.left_out == ("income",)
    assert "disability" not in asked.case["victims"][0]["items"]
    told = case_of(ANSWERS | {"income": "40000"}, "victim", date(2026, 5, 1), NAMES, "131022000000")
    assert estimate(told.case, told.unknowns)["lines"]["item:hurt:disability"]["low"] == "72000.00"


def test_a_death_and_a_heavy_injury() -> None:
    assert ranged(grade="death")[0]["item:hurt:death"]["low"] == "643284.00"
    assert ranged(grade="death")[0]["item:hurt:funeral"]["low"] == "37887.50"
    assert ranged(grade=HEAVY)[0]["item:hurt:disability"]["high"] == "643284.00"


def test_a_driver_sees_what_is_left_to_pay_oneself() -> None:
    lines, _unknown, _left = ranged("driver", medical="80000", barred="", commercial="500000")
    assert "payment:hurt:person:driver" not in lines
    drunk = ranged("driver", medical="80000", barred="drunk")[0]
    assert Fraction(drunk["payment:hurt:person:driver"]["low"]) > 0
    bare = ranged("driver", cover="no")[0]
    assert Fraction(bare["payment:hurt:person:driver"]["low"]) > 60_000


@pytest.mark.parametrize(("how", "blame", "place", "found"), [
    ("ride", "main", "13", (80, 90)), ("walk", "equal", "37", (60, 70)), ("ride", "equal", "44", (60, 80)),
    ("drive", "main", "44", (70, 70)),
    ("ride", "none", "44", (0, 10)), ("walk", "full", "44", (100, 100)),
])  # fmt: skip
def test_shares_come_from_the_place_s_table_or_the_widest_known(
    how: str, blame: str, place: str, found: tuple[int, int]
) -> None:
    assert shares(blame, how, place) == found
