"""The contract line by line, as a tester reads it: for every field, switch and form one small accident with figures of our own.

Every expected figure was worked out by hand; how stands beside it. `accident()` is李伟's car (main, 0.7, I1) and 王秀兰's e-bike (0.3).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from minan.lib.damages import Refused, calculate
from minan.lib.damages.tests.cases import accident, item, moved, paid, warned


def car(case: dict[str, Any], **more: Any) -> dict[str, Any]:
    case["vehicles"][0] |= more
    return case


def switched(items: dict[str, Any], **switches: Any) -> dict[str, Any]:
    return accident(items, switches=switches)


@pytest.mark.parametrize(("entry", "amount"), [
    ({"days": 27, "daily": "100"}, "2700.00"), ({"days": "10.5", "daily": "99.9"}, "1048.95"),
    ({"days": 100, "yearly": "36500"}, "10000.00"),
    ({"months": "2.5", "monthly": "3000"}, "7500.00"), ({"months": 4, "yearly": "36000"}, "12000.00"),
    ([{"days": 1, "daily": "0.005"}, {"days": 1, "daily": "0.005"}], "0.01"), ("1234.50", "1234.50"),
])  # fmt: skip
@pytest.mark.parametrize("name", ["meals", "nutrition", "lost_income", "nursing", "family_cost"])
def test_each_form_of_an_entry_is_taken_for_each_item_that_has_entries(name: str, entry: Any, amount: str) -> None:
    assert item({name: entry}) == amount


@pytest.mark.parametrize(("base", "amount"), [(365, "10000.00"), (360, "10138.89"), (366, "9972.68")])
def test_the_base_of_a_day(base: int, amount: str) -> None:
    assert item({"lost_income": {"days": 100, "yearly": "36500"}}, switches={"day_base": base}) == amount


@pytest.mark.parametrize(("rounding", "amount"), [
    ("item", "1001.37"), ("daily_wage_cents", "1001.40"), ("daily_wage_yuan", "1000.00"), ("jiao", "1001.40"), ("yuan", "1001.00"),
    ("cut", "1001.36"), ({"default": "yuan", "lost_income": "jiao"}, "1001.40"), ({"nursing": "yuan"}, "1001.37"),
])  # fmt: skip
def test_every_way_of_rounding(rounding: Any, amount: str) -> None:
    # 36550 ÷ 365 = 100.1369…; × 10 = 1001.3698…; the day to the cent 100.14, to the yuan 100
    assert item({"lost_income": {"days": 10, "yearly": "36550"}}, switches={"rounding": rounding}) == amount


def test_a_daily_wage_that_was_given_is_not_rounded_by_the_daily_ways() -> None:
    assert item({"nursing": {"days": 3, "daily": "99.996"}}, switches={"rounding": "daily_wage_yuan"}) == "299.99"


def test_carers_and_dependence() -> None:
    nursing = [{"days": 20, "daily": "100", "carers": 2}, {"days": 100, "daily": "80", "dependence": "0.3"}]
    assert item({"nursing": nursing}) == "6400.00"  # 4000 + 2400


@pytest.mark.parametrize(("age", "amount"), [
    (18, "73000.00"), (60, "73000.00"), ("60.9", "73000.00"), (61, "69350.00"), (74, "21900.00"), (75, "18250.00"), (90, "18250.00"),
])  # fmt: skip
def test_ages_around_60_and_75(age: Any, amount: str) -> None:
    case = accident({"disability": {"grades": [10]}})  # 36500 × years × 0.1
    case["victims"][0]["age"] = age
    assert calculate(case)["victims"][0]["items"][0]["amount"] == amount
    case["victims"][0]["items"] = {"death": True}
    assert Decimal(calculate(case)["victims"][0]["items"][0]["amount"]) == Decimal(amount) * 10


@pytest.mark.parametrize(("disability", "amount"), [
    ({"grades": [8, 10, 10], "years": 10}, "116800.00"),  # 36500 × 10 × (0.3 + 0.01 + 0.01)
    ({"grades": [10, 8]}, "226300.00"),  # 36500 × 20 × (0.3 + 0.01)
    ({"grades": [1, 2, 3]}, "730000.00"), ({"grades": [2, 9, 9, 9, 9, 9, 9]}, "730000.00"),  # 0.9 + 0.10 at most
    ({"coefficient": "0.34"}, "248200.00"), ({"years": 19, "coefficient": "0.34"}, "235790.00"), ("50000", "50000.00"),
])  # fmt: skip
def test_several_grades_and_every_form_of_disability(disability: Any, amount: str) -> None:
    extra = {str(grade): "0.01" for grade in range(3, 11)} | {"9": "0.02"}
    assert item({"disability": disability}, switches={"grade_extra": extra}) == amount


def test_death_with_given_years_funeral_and_family() -> None:
    assert item({"death": {"years": 15}}) == "547500.00"
    assert item({"death": "400000"}) == "400000.00"
    assert item({"funeral": True}) == "36500.00"
    assert item({"funeral": "30000"}) == "30000.00"


@pytest.mark.parametrize(("dependants", "amount"), [
    ([{"years": 5, "supporters": 2}], "60000.00"), ([{"months": 30, "supporters": 3}], "20000.00"),
    ([{"years": 10, "supporters": 1}, {"years": 4, "supporters": 2}], "240000.00"),  # the cap: one year's 24000 a year
    ([{"years": 6, "supporters": 1, "standard": "rural"}, {"years": 6, "supporters": 1}], "144000.00"),  # 36000 a year, capped at 24000
    ([{"years": 9, "supporters": 6}], "36000.00"), ("7777", "7777.00"),
])  # fmt: skip
def test_dependants_after_a_death(dependants: Any, amount: str) -> None:
    assert item({"death": True, "dependants": dependants}, "dependants") == amount


def test_the_cap_of_a_year_stands_after_the_coefficient() -> None:
    four = [{"years": 10, "supporters": 1}] * 4
    assert (
        item({"disability": {"grades": [8]}, "dependants": four}, "dependants") == "240000.00"
    )  # 4 × 0.3 = 1.2 of a year: capped
    assert item({"disability": {"grades": [9]}, "dependants": four}, "dependants") == "192000.00"  # 0.8 of a year
    plain = {"disability": "50000", "coefficient": "0.5", "dependants": [{"years": 2, "supporters": 2}]}
    assert item(plain, "dependants") == "12000.00"  # 24000 × 0.5 ÷ 2 × 2


def test_aids_begun_periods_count_whole_and_upkeep_is_a_year_s() -> None:
    aids = [
        {"price": "1500", "every_years": 4, "years": 10, "upkeep": "0.05"},
        {"price": "100", "every_years": "0.5", "years": 1},
    ]
    assert item({"aids": aids}) == "5450.00"  # 1500 × 3 + 1500 × 0.05 × 10 + 100 × 2
    assert item({"aids": "999"}) == "999.00"


@pytest.mark.parametrize(("head", "lines"), [
    ("medical", {"compulsory:car": "10000.00", "commercial:car:I1": "700.00", "self": "300.00"}),
    ("death_disability", {"compulsory:car": "11000.00"}),
    ("property", {"compulsory:car": "2000.00", "commercial:car:I1": "6300.00", "self": "2700.00"}),
    ("outside", {"person:liwei": "7700.00", "self": "3300.00"}), ("outside_full", {"person:liwei": "11000.00"}),
    ("commercial", {"commercial:car:I1": "7700.00", "self": "3300.00"}),
])  # fmt: skip
def test_each_head_of_another_loss(head: str, lines: dict[str, str]) -> None:
    assert paid(accident({"other": [{"what": "别的", "head": head, "amount": "11000"}]})) == lines


@pytest.mark.parametrize(("way", "lines"), [
    ("outside", {"compulsory:car": "5000.00", "person:liwei": "700.00", "self": "300.00"}), ("disability", {"compulsory:car": "6000.00"}),
    ("commercial", {"compulsory:car": "5000.00", "commercial:car:I1": "700.00", "self": "300.00"}),
    ("costs", {"compulsory:car": "5000.00"}), ("full", {"compulsory:car": "5000.00", "person:liwei": "1000.00"}),
])  # fmt: skip
def test_the_appraisal_fee_five_ways(way: str, lines: dict[str, str]) -> None:
    assert paid(switched({"medical": "5000", "appraisal": "1000"}, appraisal=way)) == lines


def test_headings_and_one_sum() -> None:
    items = {"medical": "15000", "transport": "1000", "property": "3000"}
    assert paid(switched(items))["compulsory:car"] == "13000.00"  # 10000 + 1000 + 2000
    assert paid(switched(items, compulsory="lump")) == {"compulsory:car": "19000.00"}


def test_what_was_used_of_a_limit_is_gone() -> None:
    case = car(accident({"medical": "15000"}), compulsory={"insurer": "I1", "used": {"medical": "4000"}})
    assert paid(case) == {"compulsory:car": "6000.00", "commercial:car:I1": "6300.00", "self": "2700.00"}


@pytest.mark.parametrize(("day", "fault", "limits"), [
    ("2020-09-18", "main", "122000.00"), ("2020-09-19", "main", "200000.00"), ("2020-09-18", "none", "12100.00"),
    ("2020-09-19", "none", "19900.00"),
])  # fmt: skip
def test_limits_by_the_day_with_and_without_fault(day: str, fault: str, limits: str) -> None:
    case = accident(
        {"medical": "99999", "disability": "500000", "property": "9999"}, accident_date=day, as_of="2021-03-01"
    )
    share = "0" if fault == "none" else "0.7"
    car(case, responsibility=fault, share=share)
    case["vehicles"][1]["share"] = "1" if fault == "none" else "0.3"
    assert paid(case)["compulsory:car"] == limits


def test_limits_of_the_case_win_and_are_named() -> None:
    limits = {"medical": "18000", "death_disability": "180000", "property": "2000"}
    case = car(accident({"medical": "20000"}), compulsory={"insurer": "I1", "limits": limits})
    assert paid(case)["compulsory:car"] == "18000.00"
    assert "18000.00" in warned(case)


@pytest.mark.parametrize(("mental", "first", "lines"), [
    # loss under death: 120000 + 10000 mental; 110000 reached
    ("as_fixed", True, {"compulsory:car": "110000.00", "commercial:car:I1": "14000.00", "self": "6000.00"}),
    # in proportion 10000 × 20000 ÷ 130000 = 1538.46 of mental is left, paid in full: 18461.54 × 0.7 + 1538.46
    ("as_fixed", False, {"compulsory:car": "110000.00", "commercial:car:I1": "14461.54", "self": "5538.46"}),
    ("by_share", True, {"compulsory:car": "110000.00", "commercial:car:I1": "14000.00", "self": "6000.00"}),
    ("by_share", False, {"compulsory:car": "110000.00", "commercial:car:I1": "14000.00", "self": "6000.00"}),
])  # fmt: skip
def test_mental_harm_first_or_with_the_rest(mental: str, first: bool, lines: dict[str, str]) -> None:
    items = {"disability": "120000", "mental": "10000"}
    assert paid(switched(items, mental=mental, mental_first=first)) == lines


def test_mental_harm_that_compulsory_insurance_does_not_reach() -> None:
    case = car(accident({"mental": "10000"}), compulsory={"insurer": "I1", "used": {"death_disability": "104000"}})
    assert paid(case) == {"compulsory:car": "6000.00", "commercial:car:I1": "4000.00"}
    case["switches"] = {"mental": "by_share"}
    assert paid(case) == {"compulsory:car": "6000.00", "commercial:car:I1": "2800.00", "self": "1200.00"}
    case = car(case, commercial=[{"insurer": "I1", "limit": "500000", "excludes": ["mental"]}])
    assert paid(case) == {"compulsory:car": "6000.00", "person:liwei": "2800.00", "self": "1200.00"}


def test_what_medical_insurance_paid_is_ignored_or_deducted() -> None:
    items = {"medical": "9000", "reimbursed": "2500"}
    assert paid(switched(items)) == {"compulsory:car": "9000.00"}
    assert paid(switched(items, reimbursed="deduct")) == {"compulsory:car": "6500.00"}


@pytest.mark.parametrize(("bar", "way", "lines"), [
    (["drunk"], "unpaid", {"compulsory:car": "10000.00", "person:liwei": "8400.00", "self": "3600.00"}),
    (["unlicensed"], "paid", {"compulsory:car": "12000.00", "person:liwei": "7000.00", "self": "3000.00"}),
    (["fled"], "unpaid", {"compulsory:car": "12000.00", "person:liwei": "7000.00", "self": "3000.00"}),
    (["drugs", "fled"], "unpaid", {"compulsory:car": "10000.00", "person:liwei": "8400.00", "self": "3600.00"}),
    (["deliberate"], "unpaid", {"compulsory:car": "10000.00", "person:liwei": "8400.00", "self": "3600.00"}),
])  # fmt: skip
def test_bars(bar: list[str], way: str, lines: dict[str, str]) -> None:
    case = car(switched({"medical": "18000", "property": "4000"}, bar_property=way), bar=bar)
    assert paid(case) == lines
    assert "relief fund" in warned(case) or "fled" not in bar


def test_the_deductible_its_cover_and_what_was_used() -> None:
    def policy(**more: str) -> dict[str, str]:
        case = accident({"medical": "30000"})  # 20000 × 0.7 = 14000
        return paid(car(case, commercial=[{"insurer": "I2", "limit": "10000"} | more]))

    assert policy(limit="500000", deductible="0.10")["commercial:car:I2"] == "12600.00"
    assert policy(limit="500000", deductible="0.10")["person:liwei"] == "1400.00"
    assert "person:liwei" not in policy(limit="500000", deductible="0")  # 不计免赔
    assert policy(deductible="0.10")["commercial:car:I2"] == "9000.00"  # the limit times one less the deductible
    assert policy(deductible="0.10", used="2000")["commercial:car:I2"] == "7000.00"


def test_two_policies_of_one_car_stand_in_proportion_to_their_limits() -> None:
    case = car(
        accident({"medical": "30000"}),
        commercial=[{"insurer": "I2", "limit": "300000"}, {"insurer": "I3", "limit": "100000"}],
    )
    found = paid(case)
    assert (found["commercial:car:I2"], found["commercial:car:I3"]) == ("10500.00", "3500.00")


def test_non_medicare_drugs_and_an_excluded_fee_are_left_to_the_driver() -> None:
    case = accident({"medical": "30000", "non_medicare": "4000"})
    car(case, commercial=[{"insurer": "I1", "limit": "500000", "excludes": ["non_medicare"]}])
    assert paid(case)["commercial:car:I1"] == "11200.00"  # (20000 − 4000) × 0.7
    assert paid(case)["person:liwei"] == "2800.00"


def two_hurt() -> dict[str, Any]:
    """王秀兰 rides, her passenger sits behind: 30000 and 10000 of medical cost."""
    case = accident({"medical": "30000"})
    case["victims"].append({"id": "li", "with": "ebike", "driver": False, "items": {"medical": "10000"}})
    return case


def test_two_victims_share_a_limit_in_proportion_and_the_passenger_has_no_fault() -> None:
    assert paid(two_hurt()) == {"compulsory:car": "7500.00", "commercial:car:I1": "15750.00", "self": "6750.00"}
    assert paid(two_hurt(), "li") == {
        "compulsory:car": "2500.00",
        "commercial:car:I1": "5250.00",
        "person:wang": "2250.00",
    }


def test_two_cars_share_a_loss_in_proportion_to_their_limits_full_and_without_fault() -> None:
    case = accident({"medical": "5500"})
    case["vehicles"].append(
        {
            "id": "bus",
            "kind": "motor",
            "driver": "zhao",
            "responsibility": "none",
            "share": "0",
            "compulsory": {"insurer": "I9"},
        }
    )
    assert paid(case) == {"compulsory:car": "5000.00", "compulsory:bus": "500.00"}
    case["victims"][0]["items"]["medical"] = "20000"
    assert paid(case)["compulsory:bus"] == "1000.00"
    assert paid(case)["compulsory:car"] == "10000.00"


def test_both_sides_are_hurt_and_what_they_owe_each_other_is_netted() -> None:
    case = accident({"medical": "30000"})
    car(case, commercial=[])
    case["victims"].append(
        {"id": "liwei", "with": "car", "driver": True, "items": {"property": [{"what": "车", "amount": "10000"}]}}
    )
    assert paid(case, "liwei") == {"person:wang": "3000.00", "self": "7000.00"}
    assert moved(case) == {("I1", "wang"): "10000.00", ("liwei", "wang"): "11000.00"}  # 14000 − 3000


def test_a_car_without_compulsory_insurance_its_owner_pays_as_if() -> None:
    case = car(accident({"medical": "30000"}), compulsory=None, commercial=[], owner="laoli")
    assert paid(case) == {"person:laoli": "10000.00", "person:liwei": "14000.00", "self": "6000.00"}
    assert "relief fund" in warned(case)


@pytest.mark.parametrize(("how", "found"), [
    # I1 owes 10000 + 14000, 李伟 owes 700 of the fee and has advanced 5000
    ("off_debt", {("I1", "wang"): "24000.00"}),
    ("refund_by_insurer", {("I1", "wang"): "19700.00", ("I1", "liwei"): "4300.00"}),
    ("refund_by_victim", {("I1", "wang"): "24000.00", ("wang", "liwei"): "4300.00"}),
    ("separate", {("I1", "wang"): "19000.00", ("liwei", "wang"): "700.00"}),
])  # fmt: skip
def test_an_advance_of_the_driver_four_ways(how: str, found: dict[tuple[str, str], str]) -> None:
    case = accident({"medical": "30000", "appraisal": "1000"}, switches={"advances": how})
    case["victims"][0]["advances"] = [{"by": "liwei", "amount": "5000"}]
    assert moved(case) == found
    case["switches"], case["victims"][0]["advances"][0]["how"] = {}, how
    assert moved(case) == found


def test_an_advance_of_the_insurer_comes_off_what_it_owes_and_the_fund_is_refunded() -> None:
    case = accident({"medical": "30000"})
    case["victims"][0]["advances"] = [
        {"by": "I1", "amount": "10000"},
        {"by": "fund", "amount": "3000", "how": "refund_by_insurer"},
    ]
    assert moved(case) == {("I1", "wang"): "11000.00", ("I1", "fund"): "3000.00"}


def test_an_advance_may_come_off_one_insurer_only() -> None:
    case = car(accident({"medical": "30000"}), commercial=[{"insurer": "I2", "limit": "500000"}])
    case["victims"][0]["advances"] = [{"by": "liwei", "amount": "5000", "how": "refund_by_insurer", "through": "I2"}]
    assert moved(case) == {("I1", "wang"): "10000.00", ("I2", "wang"): "9000.00", ("I2", "liwei"): "5000.00"}


def test_who_is_released_keeps_the_part_and_moves_nothing() -> None:
    case = car(accident({"medical": "30000"}), commercial=[])
    case["victims"][0]["released"] = ["liwei"]
    assert paid(case)["person:liwei"] == "14000.00"
    assert moved(case) == {("I1", "wang"): "10000.00"}
    assert "liwei" in warned(case)


def test_who_answers_for_a_vehicle_and_who_with_them() -> None:
    case = car(accident({"medical": "30000"}), commercial=[], owner="laoli", liable="firm", jointly=["laoli"])
    assert paid(case)["person:firm"] == "14000.00"
    assert "laoli" in warned(case)


def test_a_claim_caps_its_item_and_a_list() -> None:
    case = accident(
        {
            "medical": "30000",
            "nutrition": {"days": 30, "daily": "50"},
            "property": [{"what": "车", "amount": "900"}, {"what": "手机", "amount": "800"}],
        }
    )
    case["victims"][0]["claims"] = {"nutrition": "900", "property": "1000", "medical": "99999"}
    assert [line["amount"] for line in calculate(case)["victims"][0]["items"]] == [
        "30000.00",
        "900.00",
        "900.00",
        "100.00",
    ]


@pytest.mark.parametrize(("place", "pair", "low", "high"), [
    ("131000000000", ("main", "secondary"), "0.8", "0.9"), ("131000000000", ("equal", "equal"), "0.7", "0.8"),
    ("131000000000", ("secondary", "main"), "0.4", "0.5"), ("370100000000", ("equal", "equal"), "0.6", "0.7"),
    ("131000000000", ("none", "full"), "0", "0.1"),
])  # fmt: skip
def test_a_province_s_table_shows_its_range_with_its_source_and_no_payment(
    place: str, pair: tuple[str, str], low: str, high: str
) -> None:
    case = accident({"medical": "30000"}, place=place)
    for vehicle, responsibility in zip(case["vehicles"], pair, strict=True):
        del vehicle["share"]
        vehicle["responsibility"] = responsibility
    out = calculate(case)
    assert (out["payments"], out["transfers"]) == ([], [])
    assert [out["range"][end]["shares"]["car"] for end in ("low", "high")] == [low, high]
    assert set(out["missing"]) == {"vehicles.car.share", "vehicles.ebike.share"}
    assert any("第58条" in one or "第66条" in one or "第76条" in one for one in out["warnings"])


def test_a_share_is_not_asked_for_where_compulsory_insurance_pays_all() -> None:
    case = accident({"medical": "9000"}, place="440100000000")
    for vehicle in case["vehicles"]:
        del vehicle["share"]
    assert paid(case) == {"compulsory:car": "9000.00"}


def test_one_share_left_out_is_the_rest_and_shares_that_do_not_make_one_are_refused() -> None:
    case = accident({"medical": "30000"})
    del case["vehicles"][1]["share"]
    assert paid(case)["self"] == "6000.00"
    case["vehicles"][1]["share"] = "0.4"
    with pytest.raises(Refused):
        calculate(case)


def test_a_pedestrian_without_an_entry_of_their_own_and_with_one() -> None:
    case = accident({"medical": "30000"})
    case["vehicles"] = case["vehicles"][:1]
    case["victims"][0] = {"id": "wang", "own_share": "0.3", "items": {"medical": "30000"}}
    apart = paid(case)
    case = accident({"medical": "30000"})
    case["vehicles"][1]["kind"] = "pedestrian"
    assert paid(case) == apart == {"compulsory:car": "10000.00", "commercial:car:I1": "14000.00", "self": "6000.00"}


def test_everything_missing_is_named_at_once() -> None:
    case = accident(
        {"medical": "30000", "disability": {"grades": [8, 10]}, "funeral": True}, standards={}, as_of="2031-01-01"
    )
    del case["vehicles"][0]["compulsory"], case["victims"][0]["age"]
    assert set(calculate(case)["missing"]) == {
        "standards.urban_income for 131022000000, 2030", "standards.average_wage for 131022000000, 2030",
        "switches.grade_extra for 131022000000", "victims.wang.age", "vehicles.car.compulsory",
    }  # fmt: skip


def test_one_standard_for_all_since_may_2022_and_rural_before() -> None:
    case = accident({"disability": {"grades": [10]}}, accident_date="2022-05-01", as_of="2023-01-01")
    case["victims"][0]["standard"] = "rural"
    assert calculate(case)["victims"][0]["items"][0]["amount"] == "73000.00"
    case["accident_date"], case["place"] = "2018-05-01", "370100000000"
    assert calculate(case)["victims"][0]["items"][0]["amount"] == "36500.00"
