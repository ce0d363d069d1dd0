"""Who bears which share: as fixed, else by the place's table, as a range where the table has one; never guessed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from minan.lib.damages import Refused, calculate
from minan.lib.damages.tests.cases import accident, paid, warned


def unfixed(
    place: str = "131022000000", car: str = "main", other: str = "secondary", kind: str = "non_motor", **items: Any
) -> dict[str, Any]:
    case = accident(items or {"medical": "20000"}, place=place)
    for vehicle, responsibility in zip(case["vehicles"], (car, other), strict=True):
        vehicle["responsibility"] = responsibility
        del vehicle["share"]
    case["vehicles"][1]["kind"] = kind
    if kind == "motor":
        case["vehicles"][1]["compulsory"] = {"insurer": "I9"}
    return case


def test_hebei_s_rule_is_a_range_shown_at_both_ends_and_the_mediator_chooses() -> None:
    out = calculate(unfixed(), "en")
    assert out["payments"] == out["transfers"] == []
    assert out["missing"] == ["vehicles.car.share", "vehicles.ebike.share"]
    low, high = out["range"]["low"], out["range"]["high"]
    assert (low["shares"], high["shares"]) == ({"car": "0.8", "ebike": "0.2"}, {"car": "0.9", "ebike": "0.1"})
    assert [line["amount"] for line in low["payments"]] == ["10000.00", "8000.00", "2000.00"]
    assert [line["amount"] for line in high["payments"]] == ["10000.00", "9000.00", "1000.00"]
    assert "mediator and sides choose" in "".join(out["warnings"])
    assert out["victims"][0]["total"] == "20000.00"


@pytest.mark.parametrize(
    ("place", "car", "other", "kind", "low", "high"),
    [
        ("131022000000", "equal", "equal", "non_motor", "0.7", "0.8"),
        ("131022000000", "secondary", "main", "pedestrian", "0.4", "0.5"),
        ("370000000000", "equal", "equal", "pedestrian", "0.6", "0.7"),
        ("131022000000", "none", "full", "pedestrian", "0", "0.1"),
        ("440000000000", "none", "full", "non_motor", "0", "0.1"),
    ],
)
def test_the_tables_of_the_provinces(place: str, car: str, other: str, kind: str, low: str, high: str) -> None:
    found = calculate(unfixed(place, car, other, kind))["range"]
    assert (found["low"]["shares"]["car"], found["high"]["shares"]["car"]) == (low, high)


@pytest.mark.parametrize(
    ("car", "other", "share"),
    [("main", "secondary", "0.7"), ("equal", "equal", "0.5"), ("secondary", "main", "0.3"), ("full", "none", "1")],
)
def test_between_motor_vehicles_the_habit_of_the_courts_holds_and_is_named(car: str, other: str, share: str) -> None:
    case = unfixed(car=car, other=other, kind="motor", medical="20000")
    case["vehicles"][1]["compulsory"] = None
    lines = paid(case)
    assert Decimal(lines["commercial:car:I1"]) == 10000 * Decimal(share)
    assert car == "full" or "70/50/30" in warned(case)


def test_a_place_without_a_table_is_asked_and_nothing_is_worked_out_from_it() -> None:
    out = calculate(unfixed(place="440000000000"))
    assert out["missing"] == ["vehicles.car.share", "vehicles.ebike.share"]
    assert (out["payments"], out["range"]) == ([], None)


def test_a_share_is_not_asked_for_where_compulsory_insurance_pays_everything() -> None:
    case = unfixed(place="440000000000", medical="9000")
    assert paid(case) == {"compulsory:car": "9000.00"}


def test_the_last_missing_share_is_what_is_left_of_the_whole() -> None:
    case = accident()
    del case["vehicles"][1]["share"]
    assert paid(case)["commercial:car:I1"] == "7000.00"


def test_shares_that_do_not_make_one_are_refused_in_both_languages() -> None:
    case = accident()
    case["vehicles"][1]["share"] = "0.2"
    with pytest.raises(Refused) as refused:
        calculate(case)
    assert refused.value.told("en") == {
        "vehicles": "the shares of all and the victim's own must add up to 1, they make 0.9"
    }
    assert "合计要等于 1，现在是 0.9" in refused.value.told("zh")["vehicles"]


def test_a_passenger_without_a_helmet_bears_their_own_share() -> None:
    case = accident()
    case["vehicles"][0]["share"], case["vehicles"][1]["share"] = "0.6", "0.3"
    case["victims"] = [
        {"id": "guest", "with": "ebike", "driver": False, "own_share": "0.1", "items": {"medical": "20000"}}
    ]
    assert paid(case, "guest") == {
        "compulsory:car": "10000.00",
        "commercial:car:I1": "6000.00",
        "person:wang": "3000.00",
        "self": "1000.00",
    }


def test_who_drove_is_asked_where_it_cannot_be_told() -> None:
    case = accident()
    del case["victims"][0]["driver"], case["vehicles"][1]["driver"]
    assert calculate(case)["missing"] == ["victims.wang.driver"]
    case["vehicles"][1]["driver"] = "wang"
    assert paid(case)["self"] == "3000.00"
