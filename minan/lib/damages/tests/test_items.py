"""Each item as one would work it out with a pencil: forms, ages, grades, caps, rounding."""

from __future__ import annotations

from typing import Any

import pytest

from minan.lib.damages import calculate
from minan.lib.damages.tests.cases import accident, item

PENCIL: list[tuple[str, dict[str, Any], str]] = [
    ("a plain amount is used as it is", {"medical": "2712.3"}, "2712.30"),
    ("meals by the day", {"meals": {"days": 27, "daily": "100"}}, "2700.00"),
    ("half a day counts half", {"meals": {"days": "2.5", "daily": "100"}}, "250.00"),
    ("two stays in hospital", {"meals": [{"days": 3, "daily": "50"}, {"days": 2, "daily": "100"}]}, "350.00"),
    ("nutrition", {"nutrition": {"days": 30, "daily": "50"}}, "1500.00"),
    ("wage of a year by days", {"lost_income": {"days": 120, "yearly": "28305"}}, "9305.75"),
    ("wage of a year by months", {"lost_income": {"months": 4, "yearly": "28305"}}, "9435.00"),
    ("wage by the month", {"lost_income": {"months": "1.5", "monthly": "4000"}}, "6000.00"),
    ("wage by the day", {"lost_income": {"days": 36, "daily": "99.2"}}, "3571.20"),
    ("two wages are rounded once", {"lost_income": [{"days": 1, "yearly": "1"}, {"days": 1, "yearly": "1"}]}, "0.01"),
    ("two carers", {"nursing": [{"days": 43, "daily": "150", "carers": 2}]}, "12900.00"),
    ("partly dependent", {"nursing": {"days": 3650, "yearly": "36500", "dependence": "0.5"}}, "182500.00"),
    ("disability at 50", {"disability": {"grades": [10]}}, "73000.00"),
    ("grade one is everything", {"disability": {"grades": [1]}}, "730000.00"),
    ("given years win over the age", {"disability": {"coefficient": "0.34", "years": 19}}, "235790.00"),
    ("grades and years", {"disability": {"grades": [9], "years": 10}}, "73000.00"),
    ("death at 50", {"death": True}, "730000.00"),
    ("death with years given", {"death": {"years": 7}}, "255500.00"),
    ("death already awarded", {"death": "500000"}, "500000.00"),
    ("funeral is half a year's wage", {"funeral": True}, "36500.00"),
    ("aids: five times in twenty years", {"aids": [{"price": "1500", "every_years": 4, "years": 20}]}, "7500.00"),
    ("aids: a begun period counts whole", {"aids": [{"price": "1500", "every_years": 4, "years": 19}]}, "7500.00"),
    ("aids with upkeep a year", {"aids": [{"price": "1500", "every_years": 4, "years": 20, "upkeep": "0.05"}]}, "9000.00"),
    ("family's days for the funeral", {"family_cost": {"days": 9, "daily": "100"}}, "900.00"),
]  # fmt: skip


@pytest.mark.parametrize(("items", "amount"), [one[1:] for one in PENCIL], ids=[one[0] for one in PENCIL])
def test_an_item_comes_out_as_with_a_pencil(items: dict[str, Any], amount: str) -> None:
    assert item(items) == amount


@pytest.mark.parametrize(
    ("age", "years"),
    [
        (0, 20),
        (18, 20),
        (59, 20),
        (60, 20),
        (61, 19),
        (62, 18),
        (70, 10),
        (74, 6),
        (75, 5),
        (76, 5),
        (99, 5),
        ("60.9", 20),
    ],
)
def test_years_by_age_turn_at_60_and_75(age: Any, years: int) -> None:
    case = accident({"death": True})
    case["victims"][0]["age"] = age
    assert calculate(case)["victims"][0]["total"] == f"{36500 * years}.00"


@pytest.mark.parametrize(
    ("grades", "extra", "amount"),
    [
        ([8, 10, 10], {"10": "0.02"}, "248200.00"),  # 0.34
        ([10, 8, 10], {"10": "0.01"}, "233600.00"),  # the highest counts wherever it stands: 0.32
        ([9, 9], {"9": "0.03"}, "167900.00"),
        ([5, 8, 8, 8, 8], {"8": "0.03"}, "511000.00"),  # additions stop at 0.10: 0.70
        ([2, 2], {"2": "0.09"}, "722700.00"),
        ([2, 2, 2], {"2": "0.09"}, "730000.00"),  # never above the whole
    ],
)
def test_several_grades_add_by_the_place_s_habit(grades: list[int], extra: dict[str, str], amount: str) -> None:
    assert item({"disability": {"grades": grades}}, switches={"grade_extra": extra}) == amount


def test_grade_one_needs_no_addition() -> None:
    assert item({"disability": {"grades": [1, 10]}}) == "730000.00"


@pytest.mark.parametrize(
    ("rounding", "amount"),
    [
        ("item", "1339.97"), ("daily_wage_cents", "1340.00"), ("daily_wage_yuan", "1340.00"), ("jiao", "1340.00"), ("yuan", "1340.00"),
        ("cut", "1339.97"), ({"nursing": "yuan"}, "1340.00"), ({"default": "yuan", "nursing": "item"}, "1339.97"),
    ],
)  # fmt: skip
def test_the_switch_rounds_the_item(rounding: Any, amount: str) -> None:
    nursing = {"nursing": {"days": 20, "yearly": "24454.5"}}  # 66.9986… a day, 1339.9726… in all
    assert item(nursing, switches={"rounding": rounding}) == amount


def test_daily_wage_switches_leave_a_given_daily_wage_alone() -> None:
    assert item({"lost_income": {"days": 36, "daily": "99.2"}}, switches={"rounding": "daily_wage_yuan"}) == "3571.20"
    assert item({"lost_income": {"days": 10, "yearly": "24457"}}, switches={"rounding": "daily_wage_yuan"}) == "670.00"
    assert item({"lost_income": {"days": 10, "yearly": "24457"}}, switches={"rounding": "daily_wage_cents"}) == "670.10"


def test_cut_drops_what_is_below_a_cent_and_a_half_goes_up() -> None:
    assert item({"lost_income": {"days": 1, "daily": "0.005"}}) == "0.01"
    assert item({"lost_income": {"days": 1, "daily": "0.009"}}, switches={"rounding": "cut"}) == "0.00"


@pytest.mark.parametrize(("base", "amount"), [(365, "10000.00"), (360, "10138.89"), (366, "9972.68")])
def test_a_year_has_as_many_days_as_the_court_says(base: int, amount: str) -> None:
    assert item({"lost_income": {"days": 100, "yearly": "36500"}}, switches={"day_base": base}) == amount


def kept(*entries: dict[str, Any], **more: Any) -> str:
    return item({"dependants": list(entries)} | more, "dependants")


def test_dependants_at_death_are_rounded_each_and_then_added() -> None:
    one = {"years": 20, "supporters": 3, "standard": "rural"}
    assert kept(one, {"years": 5, "supporters": 3, "standard": "rural"}, death=True) == "100000.00"
    assert kept({"months": 7, "supporters": 3}, {"months": 7, "supporters": 3}, death=True) == "9333.34"


def test_dependants_by_the_loss_of_working_ability() -> None:
    assert kept({"years": 5, "supporters": 6}, disability={"grades": [8]}) == "6000.00"
    assert kept({"years": 5, "supporters": 6, "coefficient": "0.34"}, disability="80000") == "6800.00"
    assert kept({"years": 5, "supporters": 6}, disability="80000", coefficient="0.34") == "6800.00"


def test_more_than_one_year_s_consumption_a_year_is_never_paid() -> None:
    """Two children of 10 and 6 years (half each) and a mother of 20 (whole): capped for ten years, then the mother alone."""
    children = [{"years": 10, "supporters": 2}, {"years": 6, "supporters": 2}]
    assert kept(*children, {"years": 20, "supporters": 1}, death=True) == "480000.00"  # 24000 × 20
    assert (
        kept(*children, death=True) == "192000.00"
    )  # exactly one year's consumption for 6 years, then half for 4: no cap
    three = [*children, {"years": 2, "supporters": 2}]
    assert kept(*three, death=True) == "192000.00"  # 24000 × 2, 24000 × 4, 12000 × 4


def test_the_cap_comes_after_the_coefficient() -> None:
    """Three times the whole at 0.3 stays under one year's consumption, so nothing is cut."""
    three = [{"years": 10, "supporters": 1}] * 3
    assert kept(*three, disability={"grades": [8]}) == "216000.00"
    assert kept(*three, disability={"grades": [6]}) == "240000.00"  # 1.5 years' a year: capped


def test_a_claim_caps_its_item_and_says_so() -> None:
    case = accident(
        {
            "nutrition": {"days": 30, "daily": "50"},
            "property": [{"what": "车", "amount": "700"}, {"what": "手机", "amount": "500"}],
        }
    )
    case["victims"][0]["claims"] = {"nutrition": "900", "property": "1000", "property:车": "600"}
    lines = {line["item"]: (line["amount"], line["formula"]) for line in calculate(case, "en")["victims"][0]["items"]}
    assert lines["nutrition"] == ("900.00", "30 × 50 = 1500.00, claimed 900.00")
    assert (lines["property:车"][0], lines["property:手机"][0]) == ("600.00", "400.00")


def test_a_claim_for_what_was_not_lost_is_only_warned_of() -> None:
    case = accident()
    case["victims"][0]["claims"] = {"nutrition": "900"}
    out = calculate(case, "en")
    assert out["victims"][0]["total"] == "20000.00"
    assert "claims nutrition" in out["warnings"][0]


def test_what_medical_insurance_paid_is_deducted_only_where_the_switch_says_so() -> None:
    items = {"medical": "1000", "reimbursed": "300.5"}
    assert item(items) == "1000.00"
    assert item(items, switches={"reimbursed": "deduct"}) == "699.50"


def test_every_line_has_its_formula_and_its_article() -> None:
    out = calculate(
        accident(
            {"disability": {"grades": [9]}, "meals": {"days": 3, "daily": "50"}},
            accident_date="2023-05-10",
            as_of="2024-01-05",
        )
    )
    lines = {line["item"]: line for line in out["victims"][0]["items"]}
    assert lines["disability"]["formula"] == "36500 × 20 × 0.2"
    assert lines["disability"]["law"] == "民法典第1179条；法释〔2022〕14号第12条"
    assert lines["meals"]["law"] == "民法典第1179条；法释〔2022〕14号第10条"


def test_an_article_from_memory_says_that_it_must_be_checked() -> None:
    (line,) = calculate(accident({"meals": "10"}))["victims"][0]["items"]
    assert line["law"].endswith("（引用前请核对）")
    assert line["law"].startswith("侵权责任法第16条；法释〔2003〕20号第23条")


def test_from_may_2022_everybody_is_counted_by_the_urban_figures() -> None:
    case = accident({"death": True}, accident_date="2022-05-01", as_of="2023-01-05")
    case["victims"][0]["standard"] = "rural"
    out = calculate(case, "en")
    assert out["victims"][0]["total"] == "730000.00"
    assert "urban figures for everybody" in "".join(out["warnings"])
    case["accident_date"] = "2022-04-30"
    assert calculate(case)["victims"][0]["total"] == "365000.00"


def test_an_appraisal_left_to_the_court_s_costs_is_in_no_total() -> None:
    out = calculate(accident({"medical": "100", "appraisal": "1900"}, switches={"appraisal": "costs"}), "en")
    assert out["victims"][0]["total"] == "100.00"
    assert "goes with the court's costs" in out["warnings"][0]
