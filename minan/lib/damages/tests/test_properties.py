"""What holds for every accident: sums to the last cent, no limit and no loss exceeded, more fault or harm never pays less."""

from __future__ import annotations

import os
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from minan.lib.damages import calculate
from minan.lib.damages.awards_life import years_at
from minan.lib.damages.rounding import CENT, apportion
from minan.lib.damages.tests.cases import STANDARDS, accident

EXAMPLES = 3_000 if os.environ.get("MINAN_DEEP") else 80
usual = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)

yuan = st.integers(0, 50_000_000).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
small = st.integers(0, 3_000_000).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
RESPONSIBLE = ("full", "main", "equal", "secondary", "none")


@st.composite
def shares(draw: Any, n: int) -> list[str]:
    """n shares in whole per mille that make one."""
    cuts = sorted(draw(st.lists(st.integers(0, 1000), min_size=n - 1, max_size=n - 1)))
    return [f"{(b - a) / 1000:.3f}" for a, b in zip([0, *cuts], [*cuts, 1000], strict=True)]


@st.composite
def items(draw: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: draw(small)
        for name in draw(st.sets(st.sampled_from(["medical", "later_treatment", "transport", "mental", "appraisal"])))
    }
    if draw(st.booleans()):
        found["disability"] = {"grades": draw(st.lists(st.integers(1, 10), min_size=1, max_size=3))}
    if draw(st.booleans()):
        found["nursing"] = {"days": draw(st.integers(0, 400)), "yearly": draw(yuan), "carers": draw(st.integers(1, 2))}
    if "disability" in found and draw(st.booleans()):
        found["dependants"] = draw(
            st.lists(st.fixed_dictionaries({"years": st.integers(0, 20), "supporters": st.integers(1, 3)}), max_size=3)
        )
    if draw(st.booleans()):
        found["non_medicare"] = draw(small)
    for name, head in (("x", st.sampled_from(["medical", "outside", "outside_full", "commercial"])),):
        if draw(st.booleans()):
            found["other"] = [{"what": name, "head": draw(head), "amount": draw(small)}]
    if draw(st.booleans()):
        found["property"] = [{"what": "车", "amount": draw(small)}]
    return found


@st.composite
def vehicle(draw: Any, n: int, share: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(["motor", "motor", "non_motor", "pedestrian"]))
    found = {
        "id": f"v{n}",
        "kind": kind,
        "driver": f"d{n}",
        "share": share,
        "responsibility": draw(st.sampled_from(RESPONSIBLE)),
    }
    if kind == "motor":
        policy = {
            "insurer": f"I{draw(st.integers(1, 3))}",
            "used": {"medical": draw(small)} if draw(st.booleans()) else {},
        }
        found["compulsory"] = draw(st.sampled_from([None, policy, policy]))
        found["commercial"] = [
            {
                "insurer": f"C{n}{m}", "limit": draw(yuan), "deductible": draw(st.sampled_from(["0", "0.10", "0.15"])),
                "used": draw(st.sampled_from(["0", "5000"])),
                "excludes": draw(st.lists(st.sampled_from(["non_medicare", "mental", "appraisal"]), max_size=2)),
            }
            for m in range(draw(st.integers(0, 2)))
        ]  # fmt: skip
        found["bar"] = draw(st.lists(st.sampled_from(["drunk", "fled"]), max_size=1))
    return found


@st.composite
def accidents(draw: Any) -> dict[str, Any]:
    n = draw(st.integers(1, 4))
    vehicles = [draw(vehicle(i, share)) for i, share in enumerate(draw(shares(n)))]
    victims = []
    for v in range(draw(st.integers(1, 3))):
        advances = (
            [{"by": draw(st.sampled_from(["d0", "I1", "C00", "fund"])), "amount": draw(small)}]
            if draw(st.booleans())
            else []
        )
        victims.append(
            {
                "id": f"p{v}", "with": f"v{draw(st.integers(0, n - 1))}", "driver": draw(st.booleans()), "age": draw(st.integers(1, 99)),
                "standard": draw(st.sampled_from(["urban", "rural"])), "items": draw(items()), "advances": advances,
            }
        )  # fmt: skip
    switches = {
        "grade_extra": {str(g): "0.01" for g in range(1, 11)}, "mental_first": draw(st.booleans()),
        "mental": draw(st.sampled_from(["as_fixed", "by_share"])), "compulsory": draw(st.sampled_from(["headings", "lump"])),
        "appraisal": draw(st.sampled_from(["outside", "disability", "commercial", "costs", "full"])),
        "rounding": draw(st.sampled_from(["item", "cut", "jiao", "yuan"])),
        "advances": draw(st.sampled_from(["refund_by_insurer", "refund_by_victim", "off_debt", "separate"])),
    }  # fmt: skip
    return {
        "accident_date": draw(st.sampled_from(["2018-01-01", "2021-01-01"])), "as_of": "2021-12-31", "place": "131022000000",
        "standards": STANDARDS, "switches": switches, "vehicles": vehicles, "victims": victims,
    }  # fmt: skip


def total(rows: list[dict[str, str]], key: str, value: str) -> Decimal:
    return sum((Decimal(row["amount"]) for row in rows if row[key] == value), Decimal(0))


@usual
@given(accidents())
def test_what_is_paid_is_what_is_owed_to_the_last_cent(case: dict[str, Any]) -> None:
    out = calculate(case)
    assert out["missing"] == []
    for victim in out["victims"]:
        assert total(out["payments"], "victim", victim["id"]) == Decimal(victim["total"])
        assert sum((Decimal(line["amount"]) for line in victim["items"]), Decimal(0)) == Decimal(victim["total"])
    assert all(Decimal(line["amount"]) > 0 for line in out["payments"] + out["transfers"])


@usual
@given(accidents())
def test_no_limit_is_exceeded_and_nobody_gets_more_than_their_loss(case: dict[str, Any]) -> None:
    out = calculate(case)
    for one in case["vehicles"]:
        if one.get("compulsory"):
            most = 122_000 if case["accident_date"] < "2020" else 200_000
            assert total(out["payments"], "payer", f"compulsory:{one['id']}") <= most
        for policy in one.get("commercial", []):
            room = Decimal(policy["limit"]) * (1 - Decimal(policy["deductible"])) - Decimal(policy["used"])
            assert total(out["payments"], "payer", f"commercial:{one['id']}:{policy['insurer']}") <= max(
                room, Decimal(0)
            )
        inside = {victim["id"] for victim in case["victims"] if victim["with"] == one["id"]}
        own = [
            f"compulsory:{one['id']}",
            *(f"commercial:{one['id']}:{p['insurer']}" for p in one.get("commercial", [])),
        ]
        assert not [line for line in out["payments"] if line["payer"] in own and line["victim"] in inside]
    for victim in out["victims"]:
        assert all(
            Decimal(line["amount"]) <= Decimal(victim["total"])
            for line in out["payments"]
            if line["victim"] == victim["id"]
        )


@usual
@given(accidents())
def test_what_moves_balances_with_what_is_owed_and_advanced(case: dict[str, Any]) -> None:
    case["switches"]["advances"] = "refund_by_insurer"
    for victim in case["victims"]:  # an insurer that advanced more than it owes is warned of, not moved
        victim["advances"] = [one for one in victim["advances"] if one["by"] in ("d0", "fund")]
    out = calculate(case)
    for victim in case["victims"]:
        name = victim["id"]
        owed = sum(
            (Decimal(p["amount"]) for p in out["payments"] if p["victim"] == name and p["payer"] != "self"), Decimal(0)
        )
        advanced = sum((Decimal(one["amount"]) for one in victim["advances"]), Decimal(0))
        moved = total(out["transfers"], "to", name) - total(out["transfers"], "from", name)
        assert moved == owed - advanced
    pairs = {(line["from"], line["to"]) for line in out["transfers"]}
    assert not any((b, a) in pairs for a, b in pairs)
    assert len(pairs) == len(out["transfers"])


def received(case: dict[str, Any]) -> Decimal:
    return sum((Decimal(line["amount"]) for line in calculate(case)["payments"] if line["payer"] != "self"), Decimal(0))


@usual
@given(items(), st.integers(0, 999), st.integers(1, 1000))
def test_the_more_the_car_is_at_fault_the_more_its_victim_gets(lost: dict[str, Any], low: int, more: int) -> None:
    high = min(1000, low + more)
    got = []
    for share in (low, high):
        case = accident(lost, switches={"grade_extra": {str(g): "0.01" for g in range(1, 11)}})
        case["vehicles"][0]["share"], case["vehicles"][1]["share"] = (
            f"{share / 1000:.3f}",
            f"{(1000 - share) / 1000:.3f}",
        )
        got.append(received(case))
    assert got[0] <= got[1]


@usual
@given(st.integers(2, 10), st.integers(1, 99), st.integers(0, 400))
def test_a_worse_grade_and_more_days_never_give_less(grade: int, age: int, days: int) -> None:
    def lost(grade: int, days: int) -> Decimal:
        case = accident({"disability": {"grades": [grade]}, "nursing": {"days": days, "yearly": "31138"}})
        case["victims"][0]["age"] = age
        return received(case)

    assert lost(grade, days) <= lost(grade - 1, days)
    assert lost(grade, days) <= lost(grade, days + 1)


@usual
@given(st.integers(0, 129))
def test_nobody_loses_years_by_being_younger(age: int) -> None:
    older, younger = years_at(Fraction(age + 1)), years_at(Fraction(age))
    assert 5 <= older <= younger <= 20
    assert younger - older <= 1


@usual
@given(st.integers(0, 10**9), st.lists(st.fractions(0, 10**6), min_size=1, max_size=8))
def test_the_largest_remainder_gives_out_every_cent_and_strays_less_than_one(
    cents: int, weights: list[Fraction]
) -> None:
    assume(sum(weights))
    whole = cents * CENT
    found = apportion(whole, weights)
    assert sum(found) == whole
    for got, weight in zip(found, weights, strict=True):
        assert abs(got - whole * weight / sum(weights)) < CENT
    for a, b in zip(range(len(found)), range(1, len(found)), strict=False):
        assert weights[a] != weights[b] or found[a] >= found[b]  # ties to the first
