"""Who pays: compulsory insurance first, then commercial, then the persons, and the victim what is their own."""

from __future__ import annotations

from typing import Any

import pytest

from minan.lib.damages import calculate
from minan.lib.damages.tests.cases import LIMITS, accident, paid, warned

LAVISH = {"medical": "50000", "mental": "300000", "property": [{"what": "车", "amount": "5000"}]}


@pytest.mark.parametrize(
    ("day", "responsibility", "most"),
    [
        ("2020-09-18", "main", "122000.00"), ("2020-09-19", "main", "200000.00"), ("2020-09-18", "none", "12100.00"),
        ("2020-09-19", "none", "19900.00"), ("2008-02-01", "secondary", "122000.00"),
    ],
)  # fmt: skip
def test_compulsory_limits_go_by_the_day_of_the_accident_and_by_fault(day: str, responsibility: str, most: str) -> None:
    case = accident(LAVISH, accident_date=day, as_of="2023-01-01")
    share = "0" if responsibility == "none" else "0.7"
    case["vehicles"][0] |= {"responsibility": responsibility, "share": share}
    case["vehicles"][1]["share"] = "1" if responsibility == "none" else "0.3"
    assert paid(case)["compulsory:car"] == most


def test_before_the_table_begins_the_limits_are_asked_for() -> None:
    case = accident(LAVISH, accident_date="2007-05-01", as_of="2008-01-01")
    out = calculate(case)
    assert out["missing"] == ["vehicles.car.compulsory.limits for 2007-05-01"]
    assert out["payments"] == out["transfers"] == []


def test_given_limits_hold_and_a_warning_names_those_that_differ() -> None:
    case = accident(LAVISH, accident_date="2021-03-17", as_of="2022-01-01")
    case["vehicles"][0]["compulsory"]["limits"] = dict(LIMITS)
    assert paid(case)["compulsory:car"] == "122000.00"
    assert "death and disability: 110000.00 is given, 180000.00 holds" in warned(case)
    assert "死亡伤残限额给的是 110000.00，事故当日应为 180000.00" in warned(case, "zh")


def test_each_heading_has_its_own_limit_and_lump_has_one() -> None:
    items = {"medical": "30000", "transport": "500"}
    assert paid(accident(items))["compulsory:car"] == "10500.00"
    assert paid(accident(items, switches={"compulsory": "lump"})) == {"compulsory:car": "30500.00"}


def test_what_is_used_of_a_limit_is_gone() -> None:
    case = accident({"medical": "30000"})
    case["vehicles"][0]["compulsory"]["used"] = {"medical": "9999.99"}
    assert paid(case)["compulsory:car"] == "0.01"


def test_the_order_compulsory_commercial_person_self() -> None:
    case = accident({"medical": "20000", "appraisal": "1000"})
    assert paid(case) == {
        "compulsory:car": "10000.00",
        "commercial:car:I1": "7000.00",
        "person:liwei": "700.00",
        "self": "3300.00",
    }


@pytest.mark.parametrize(
    ("switch", "lines"),
    [
        ("outside", {"commercial:car:I1": "7000.00", "person:liwei": "700.00", "self": "3300.00"}),
        ("full", {"commercial:car:I1": "7000.00", "person:liwei": "1000.00", "self": "3000.00"}),
        ("commercial", {"commercial:car:I1": "7700.00", "self": "3300.00"}),
        ("disability", {"compulsory:car": "11000.00", "commercial:car:I1": "7000.00", "self": "3000.00"}),
    ],
)
def test_an_appraisal_fee_goes_where_the_court_puts_it(switch: str, lines: dict[str, str]) -> None:
    case = accident({"medical": "20000", "appraisal": "1000"}, switches={"appraisal": switch})
    assert paid(case) == {"compulsory:car": "10000.00"} | lines


def test_the_deductible_and_the_limit_of_commercial_cover() -> None:
    case = accident({"medical": "110000"})
    case["vehicles"][0]["commercial"] = [{"insurer": "I2", "limit": "500000", "deductible": "0.10"}]
    assert paid(case)["commercial:car:I2"] == "63000.00"
    case["vehicles"][0]["commercial"] = [{"insurer": "I2", "limit": "50000", "deductible": "0.10", "used": "5000"}]
    assert paid(case)["commercial:car:I2"] == "40000.00"  # 50000 × 0.9 − 5000
    assert paid(case)["person:liwei"] == "30000.00"


def test_what_commercial_cover_leaves_out_the_person_pays() -> None:
    case = accident({"medical": "30000", "non_medicare": "5000"})
    case["vehicles"][0]["commercial"][0]["excludes"] = ["non_medicare"]
    assert paid(case) == {
        "compulsory:car": "10000.00",
        "commercial:car:I1": "10500.00",
        "person:liwei": "3500.00",
        "self": "6000.00",
    }


def test_two_policies_of_one_vehicle_stand_in_proportion_to_their_limits() -> None:
    case = accident({"medical": "110000"})
    case["vehicles"][0]["commercial"] = [{"insurer": "I1", "limit": "1000000"}, {"insurer": "I3", "limit": "50000"}]
    lines = paid(case)
    assert (lines["commercial:car:I1"], lines["commercial:car:I3"]) == ("66666.67", "3333.33")


def test_a_commercial_limit_that_is_not_known_does_not_bind_but_is_warned_of() -> None:
    case = accident({"medical": "9000000"})
    case["vehicles"][0]["commercial"] = [{"insurer": "I2", "limit": None}]
    assert paid(case)["commercial:car:I2"] == "6293000.00"
    assert "counted as not binding" in warned(case)
    case["vehicles"][0]["commercial"] = [{"insurer": "I2"}]
    assert calculate(case)["missing"] == ["vehicles.car.commercial.0.limit"]


def two_victims() -> dict[str, Any]:
    """王秀兰 on her e-bike and her grandson behind her."""
    case = accident({"medical": "30000"})
    case["victims"].append({"id": "boy", "with": "ebike", "driver": False, "items": {"medical": "10000"}})
    return case


def test_two_victims_share_a_limit_in_proportion_to_their_losses() -> None:
    case = two_victims()
    assert paid(case)["compulsory:car"] == "7500.00"
    assert paid(case, "boy") == {"compulsory:car": "2500.00", "commercial:car:I1": "5250.00", "person:wang": "2250.00"}


def test_a_passenger_bears_nothing_and_the_driver_s_cover_does_not_serve_who_was_inside() -> None:
    case = accident({"medical": "30000"})
    case["victims"] = [{"id": "guest", "with": "car", "driver": False, "items": {"medical": "30000"}}]
    assert paid(case, "guest") == {"person:liwei": "21000.00", "person:wang": "9000.00"}


def test_two_victims_share_a_commercial_limit_too() -> None:
    case = two_victims()
    case["vehicles"][0]["commercial"][0]["limit"] = "10000"
    lines = paid(case), paid(case, "boy")
    assert [one["commercial:car:I1"] for one in lines] == ["7500.00", "2500.00"]


def third_car(**more: Any) -> dict[str, Any]:
    case = accident({"medical": "30000"})
    case["vehicles"][0]["share"] = "0.6"
    case["vehicles"][1]["share"] = "0.2"
    truck = {
        "id": "truck",
        "kind": "motor",
        "driver": "zhao",
        "owner": "company",
        "responsibility": "secondary",
        "share": "0.2",
    }
    case["vehicles"].append(truck | {"compulsory": {"insurer": "I2"}} | more)
    return case


def test_two_vehicles_pay_each_its_limit_where_the_loss_is_above_both() -> None:
    assert paid(third_car()) == {
        "compulsory:car": "10000.00", "compulsory:truck": "10000.00", "commercial:car:I1": "6000.00", "person:zhao": "2000.00",
        "self": "2000.00",
    }  # fmt: skip


def test_below_both_limits_they_pay_in_proportion_of_their_limits() -> None:
    case = third_car(responsibility="none", share="0")
    case["vehicles"][1]["share"] = "0.4"
    case["victims"][0]["items"] = {"medical": "5500"}
    assert paid(case) == {"compulsory:car": "5000.00", "compulsory:truck": "500.00"}


def test_without_compulsory_insurance_the_owner_pays_as_if_and_the_driver_by_share() -> None:
    case = third_car(compulsory=None)
    assert paid(case) == {
        "compulsory:car": "10000.00", "commercial:car:I1": "6000.00", "person:company": "10000.00", "person:zhao": "2000.00",
        "self": "2000.00",
    }  # fmt: skip
    assert "relief fund" in warned(case)
    assert "社会救助基金" in warned(case, "zh")


def test_whether_a_motor_vehicle_is_insured_is_asked_and_not_guessed() -> None:
    case = third_car()
    del case["vehicles"][2]["compulsory"]
    out = calculate(case)
    assert out["missing"] == ["vehicles.truck.compulsory"]
    assert out["payments"] == []


@pytest.mark.parametrize(
    ("bar", "switch", "compulsory"),
    [("drunk", "unpaid", "10000.00"), ("unlicensed", "paid", "12000.00"), ("fled", "unpaid", "12000.00")],
)
def test_a_bar_stops_commercial_cover_and_for_drink_the_property_too(bar: str, switch: str, compulsory: str) -> None:
    case = accident({"medical": "20000", "property": "3000"}, switches={"bar_property": switch})
    case["vehicles"][0]["bar"] = [bar]
    lines = paid(case)
    assert lines["compulsory:car"] == compulsory
    assert "commercial:car:I1" not in lines
    assert "its commercial cover pays nothing" in warned(case)
    assert ("may recover it from the driver" in warned(case)) == (bar != "fled")


def test_mental_harm_as_fixed_is_not_shared_again_and_by_share_it_is() -> None:
    case = accident({"mental": "120000"})
    assert paid(case) == {"compulsory:car": "110000.00", "commercial:car:I1": "10000.00"}
    case["switches"] = {"mental": "by_share"}
    assert paid(case) == {"compulsory:car": "110000.00", "commercial:car:I1": "7000.00", "self": "3000.00"}


def test_mental_harm_goes_first_into_the_heading_unless_asked_otherwise() -> None:
    case = accident({"transport": "110000", "mental": "10000"})
    case["vehicles"][0]["commercial"][0]["excludes"] = ["mental"]
    assert "person:liwei" not in paid(case)
    case["switches"] = {"mental_first": False, "mental": "by_share"}
    assert paid(case)["person:liwei"] == "583.33"  # 10000 × 10000 ÷ 120000 = 833.33 left, × 0.7


def test_other_losses_go_under_the_heading_they_are_given() -> None:
    def under(head: str) -> dict[str, str]:
        return paid(accident({"other": [{"what": "x", "head": head, "amount": "1000"}]}))

    assert under("medical") == under("death_disability") == under("property") == {"compulsory:car": "1000.00"}
    assert under("outside") == {"person:liwei": "700.00", "self": "300.00"}
    assert under("outside_full") == {"person:liwei": "1000.00"}
    assert under("commercial") == {"commercial:car:I1": "700.00", "self": "300.00"}


def test_who_answers_for_a_vehicle_can_be_said_and_who_is_liable_with_them_is_shown() -> None:
    case = accident({"medical": "20000", "appraisal": "1000"})
    case["vehicles"][0] |= {"liable": "employer", "jointly": ["owner"]}
    out = calculate(case, "en")
    (line,) = [line for line in out["payments"] if line["payer"] == "person:employer"]
    assert (line["amount"], line["formula"]) == ("700.00", "11000 × 0.7 − 7000 (jointly with owner)")
    assert "owner is jointly liable for the part of employer" in out["warnings"]


def test_a_cent_that_cannot_be_halved_goes_to_the_first_and_nobody_else_bears_it() -> None:
    case = accident({"medical": "10000.01"})
    case["vehicles"] = [
        {"id": name, "kind": "non_motor", "driver": name, "responsibility": "equal", "share": "0.5"}
        for name in ("a", "b")
    ]
    case["victims"] = [{"id": "guest", "with": "a", "driver": False, "items": {"medical": "10000.01"}}]
    assert paid(case, "guest") == {"person:a": "5000.01", "person:b": "5000.00"}


def test_the_formulas_can_be_followed_with_a_pencil() -> None:
    out = calculate(two_victims())
    said = {(line["victim"], line["payer"]): line["formula"] for line in out["payments"]}
    assert said["wang", "compulsory:car"] == "医疗费用 10000 × 30000 ÷ 40000"
    assert said["wang", "commercial:car:I1"] == "22500 × 0.7"
    assert said["wang", "self"] == "30000.00 − 7500.00 − 15750.00"
