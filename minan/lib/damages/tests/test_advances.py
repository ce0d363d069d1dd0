"""What was advanced comes off last: off the debt, back from the insurer, back from the victim, or settled elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from minan.lib.damages.tests.cases import accident, moved, paid, warned


def advanced(amount: str, by: str = "liwei", mode: str = "off_debt", **more: Any) -> dict[str, Any]:
    """李伟 owes 700 himself, his insurer 17,000."""
    case = accident({"medical": "20000", "appraisal": "1000"}, switches={"advances": mode})
    case["victims"][0]["advances"] = [{"by": by, "amount": amount} | more]
    return case


@pytest.mark.parametrize(
    ("mode", "lines"),
    [
        ("off_debt", {("I1", "wang"): "17000.00"}),
        ("refund_by_insurer", {("I1", "wang"): "12700.00", ("I1", "liwei"): "4300.00"}),
        ("refund_by_victim", {("I1", "wang"): "17000.00", ("wang", "liwei"): "4300.00"}),
        ("separate", {("I1", "wang"): "12000.00", ("liwei", "wang"): "700.00"}),
    ],
)
def test_an_advance_of_five_thousand_by_each_of_the_ways(mode: str, lines: dict[tuple[str, str], str]) -> None:
    assert moved(advanced("5000", mode=mode)) == lines


def test_an_advance_changes_no_payment() -> None:
    assert paid(advanced("5000")) == paid(advanced("0")) | {}


def test_what_off_debt_cannot_take_off_is_said_and_not_moved() -> None:
    assert "4300.00 of the 5000.00 that liwei advanced" in warned(advanced("5000"))
    assert "另行约定" in warned(advanced("5000"), "zh")


def test_an_insurer_s_own_advance_always_comes_off_what_it_owes() -> None:
    for mode in ("off_debt", "refund_by_insurer", "refund_by_victim", "separate"):
        assert moved(advanced("10000", by="I1", mode=mode)) == {("I1", "wang"): "7000.00", ("liwei", "wang"): "700.00"}


def test_the_hospital_or_the_fund_can_be_paid_back_by_the_insurer() -> None:
    lines = moved(advanced("3000", by="fund", mode="refund_by_insurer"))
    assert lines == {("I1", "wang"): "14000.00", ("liwei", "wang"): "700.00", ("I1", "fund"): "3000.00"}


def test_compulsory_insurance_pays_back_first_unless_the_advance_says_through_whom() -> None:
    case = advanced("4700", mode="refund_by_insurer")
    case["vehicles"][0]["commercial"][0]["insurer"] = "I2"
    assert moved(case) == {("I1", "wang"): "6000.00", ("I2", "wang"): "7000.00", ("I1", "liwei"): "4000.00"}
    case["victims"][0]["advances"][0]["through"] = "I2"
    assert moved(case) == {("I1", "wang"): "10000.00", ("I2", "wang"): "3000.00", ("I2", "liwei"): "4000.00"}


def test_an_advance_may_have_its_own_way() -> None:
    assert moved(advanced("5000", how="refund_by_victim"))["wang", "liwei"] == "4300.00"


def test_what_the_insurers_do_not_owe_the_victim_gives_back() -> None:
    case = advanced("20000", mode="refund_by_insurer")
    assert moved(case) == {("I1", "liwei"): "17000.00", ("wang", "liwei"): "2300.00"}
    assert "refunded by wang" in warned(case)


def test_who_was_not_sued_pays_nothing_but_their_part_stays() -> None:
    case = advanced("0")
    case["victims"][0]["released"] = ["liwei"]
    assert paid(case)["person:liwei"] == "700.00"
    assert moved(case) == {("I1", "wang"): "17000.00"}
    assert "did not sue or has settled with liwei: 700.00" in warned(case)


def test_two_who_owe_each_other_pay_only_the_difference() -> None:
    case = accident({"medical": "1000"})
    for vehicle in case["vehicles"]:
        vehicle |= {"kind": "non_motor", "compulsory": None, "commercial": []}
    case["victims"].append({"id": "liwei", "with": "car", "driver": True, "items": {"medical": "1000"}})
    assert moved(case) == {("liwei", "wang"): "400.00"}  # 700 one way, 300 the other
