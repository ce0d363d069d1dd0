"""What if one thing were different: both results and every line that moves."""

from __future__ import annotations

from decimal import Decimal

import pytest

from minan.lib.damages import Refused, what_if
from minan.lib.damages.tests.cases import accident


def test_another_share_moves_each_line_and_shows_both_formulas() -> None:
    found = what_if(accident(), {"vehicles.car.share": "0.6", "vehicles.ebike.share": "0.4"})
    lines = {line["line"]: (line["before"], line["after"], line["difference"]) for line in found["lines"]}
    assert lines == {
        "payment:wang:commercial:car:I1": ("7000.00", "6000.00", "-1000.00"),
        "payment:wang:self": ("3000.00", "4000.00", "1000.00"),
        "transfer:I1:wang": ("17000.00", "16000.00", "-1000.00"),
    }
    assert (found["lines"][0]["formula_before"], found["lines"][0]["formula_after"]) == ("10000 × 0.7", "10000 × 0.6")
    assert found["before"]["victims"] == found["after"]["victims"]


def test_another_grade_and_a_line_that_was_not_there() -> None:
    case = accident({"disability": {"grades": [10]}})
    found = what_if(case, {"victims.wang.items.disability.grades": [9], "victims.0.items.appraisal": "1000"}, "en")
    lines = {line["line"]: (line["before"], line["after"]) for line in found["lines"]}
    assert lines["item:wang:disability"] == ("73000.00", "146000.00")
    assert lines["item:wang:appraisal"] == (None, "1000.00")
    assert lines["payment:wang:person:liwei"] == (None, "700.00")
    assert case["victims"][0]["items"] == {"disability": {"grades": [10]}}


def test_null_takes_a_thing_away() -> None:
    found = what_if(
        accident({"medical": "100", "meals": "50"}), {"victims.wang.items.meals": None, "switches.mental": None}
    )
    assert [line["line"] for line in found["lines"]][:2] == ["item:wang:meals", "total:wang"]
    assert found["lines"][0]["after"] is None


@pytest.mark.parametrize(
    "change", [{}, {"vehicles.bus.share": "1"}, {"victims.wang.age.x": 1}, {"victims.9": {}}, {"colour": "red"}]
)
def test_a_change_that_fits_nowhere_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Refused) as refused:
        what_if(accident(), change)
    assert refused.value.problems


def test_only_what_depends_on_the_change_moves() -> None:
    case = accident(
        {
            "medical": "30000",
            "meals": {"days": 10, "daily": "100"},
            "lost_income": {"days": 60, "daily": "100"},
            "property": "500",
        }
    )
    found = what_if(case, {"victims.wang.items.lost_income.days": 90})
    assert {line["line"] for line in found["lines"]} == {
        "item:wang:lost_income", "total:wang", "payment:wang:compulsory:car", "transfer:I1:wang",
    }  # fmt: skip


def test_the_differences_of_the_lines_add_up_to_the_differences_of_the_sums() -> None:
    case = accident({"medical": "30000.33", "disability": {"grades": [10]}, "mental": "5000.01", "appraisal": "1900"})
    case["victims"][0]["advances"] = [{"by": "liwei", "amount": "3000"}]
    changes = [
        {"vehicles.car.share": "0.333", "vehicles.ebike.share": None}, {"victims.wang.items.disability.grades": [9]},
        {"victims.wang.items.medical": "10.01"}, {"switches.advances": "refund_by_insurer"},
    ]  # fmt: skip
    for change in changes:
        found = what_if(case, change)
        for one in found["sums"]:
            moved = [line["difference"] for line in found["lines"] if line["line"].startswith(one["line"] + ":")]
            assert sum(map(Decimal, moved), Decimal(0)) == Decimal(one["difference"])
        items, payments = (one["difference"] for one in found["sums"][:2])
        assert items == payments


def test_both_ends_of_a_range_move() -> None:
    case = accident()
    for vehicle in case["vehicles"]:
        del vehicle["share"]
    found = what_if(case, {"victims.wang.items.medical": "30000"})
    lines = {line["line"]: line["difference"] for line in found["lines"]}
    assert lines["low:payment:wang:commercial:car:I1"] == "8000.00"
    assert lines["high:payment:wang:commercial:car:I1"] == "9000.00"


def test_an_id_may_have_points_of_its_own() -> None:
    case = accident()
    case["vehicles"][0]["id"] = "冀R.1"
    assert what_if(case, {"vehicles.冀R.1.share": "0.6", "vehicles.ebike.share": None})["lines"]
