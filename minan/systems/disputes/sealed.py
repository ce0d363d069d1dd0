"""Sealed offers 密封报价: what a payer would pay at most and a claimant take at least, compared where nobody sees them. Pure.

The mediator opens a round; each side hands in its own sum, by its own link and a code to its own phone, never by the mediator's
hand. What stands in the events is a commitment (keeper/offers.py says of which bytes); the sum itself is in the memory of the
vault's process alone (sealing.py takes it there). Three rounds that were compared for two sides, and no more: each says one
thing, whether they overlap, and nobody feels for the other's limit with a fourth. docs/adr/0015.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from minan.kernel import onetime_code
from minan.kernel.procedure import Ask, Change, Field, Step, Words
from minan.systems.disputes import fields as f
from minan.systems.disputes.opening import TALKING
from minan.systems.disputes.talks import AFTER

W = Words
ROUNDS, BEGUN_MOST, LASTS = 3, 12, timedelta(hours=24)
ROLES = ("payer", "claimant")
RESULTS = (("overlap", W("合上了", "They overlap")), ("none", W("没有合上", "No overlap")))
COMPARED = ("overlap", "none")
OPEN = ("choosing", *TALKING, *AFTER)
Row = Mapping[str, Any]


def running(facts: Row) -> dict[str, Any]:
    """The round that is open; {} where none is."""
    row: dict[str, Any] = facts.get("sealed") or {}
    return row if row.get("open") else {}


def past(facts: Row, payer: str, claimant: str) -> int:
    """How many rounds of these two were compared, whoever of them paid."""
    rows = facts.get("sealed_past") or []
    return sum(row["result"] in COMPARED and {row["payer"], row["claimant"]} == {payer, claimant} for row in rows)


def role_of(row: Row, ref: str) -> str:
    """"payer", "claimant", or "" for a side that has no part in this round."""
    return next((role for role in ROLES if row.get(role) == ref), "")


def both(row: Row) -> bool:
    return all(row.get(role) in row.get("in", {}) for role in ROLES)


def fits(step: str, ref: str, facts: Row) -> bool:
    """Whether a side has this to do now."""
    row = running(facts)
    there = bool(role_of(row, ref)) and not both(row)
    return there and (step != "unseal_offer" or ref in row["in"])


# ---- rules


def sides(facts: Row) -> tuple[str, ...]:
    return tuple(facts.get("sides") or (f.A, f.B))


def _pair(ask: Ask) -> tuple[str, str]:
    """Of two sides the other one takes; of more, both are named."""
    payer, all_ = ask.facts["payer"], sides(ask.case["facts"])
    return payer, ask.facts.get("claimant") or (next(ref for ref in all_ if ref != payer) if len(all_) == len(ROLES) else "")


def none_open(ask: Ask) -> Words | None:
    if running(ask.case["facts"]):
        return W("这一轮还没完，完了再开", "A round is open; wait until it is over")
    return None


def rounds_left(ask: Ask) -> Words | None:
    payer, claimant = _pair(ask)
    if payer == claimant or not {payer, claimant} <= set(sides(ask.case["facts"])):
        return W("选两方：谁付钱、谁收钱", "Choose two sides: who pays and who takes")
    if past(ask.case["facts"], payer, claimant) >= ROUNDS or len(ask.case["facts"].get("sealed_past") or []) >= BEGUN_MOST:
        return W(
            f"这两方已经比过 {ROUNDS} 轮，不能再比：再比下去，一方能试出另一方的底线",
            f"{ROUNDS} rounds were compared for these two; more would let one feel for the other's limit",
        )
    return None


def is_open(ask: Ask) -> Words | None:
    row = running(ask.case["facts"])
    if not row or row["k"] != ask.facts.get("k", row["k"]) or ask.at >= datetime.fromisoformat(row["until"]):
        return W("这一轮密封报价已经结束，请看页面上的新情况", "This round of sealed offers is over; please look again")
    return None


def has_part(ask: Ask) -> Words | None:
    row = running(ask.case["facts"])
    if row and not role_of(row, ask.facts["ref"]):
        return W("这一轮是另外两方的", "This round is between two other sides")
    return None


def not_both(ask: Ask) -> Words | None:
    if both(running(ask.case["facts"])):
        return W("双方都交了，不能再改", "Both are in: nothing can be changed any more")
    return None


def is_in(ask: Ask) -> Words | None:
    if ask.facts["ref"] in running(ask.case["facts"]).get("in", {}):
        return None
    return W("您这一轮还没交", "You have not handed in yet")


def same_phone(ask: Ask) -> Words | None:
    """Nobody turns a side's number to their own within a round and hands in for it."""
    row, changed = running(ask.case["facts"]), ask.facts.get("contact_at") or ""
    if row and changed > row["at"]:
        return W(
            "这一方的手机是这一轮开始以后才改的，请调解员结束这一轮、另开一轮",
            "This side's phone was changed after the round began: the mediator ends it and opens another",
        )
    return None


def are_both_in(ask: Ask) -> Words | None:
    row = running(ask.case["facts"])
    return None if row and both(row) and row["k"] == ask.facts.get("k") else W("还没有都交", "Not both are in")


def from_own_phone(ask: Ask) -> Words | None:
    if ask.offices.reachable(ask.case["code"]):
        return None
    return W("没有您的手机号，请调委会先登记；没有手机的，当面谈方案", "No phone number is known: let the committee enter yours")


def code_fits(ask: Ask) -> Words | None:
    """A code that was asked for this, and no other. Named as the rule whose misses are counted."""
    if (ask.case["facts"].get(onetime_code.FACT) or {}).get("for") == "offer":
        return onetime_code.code_fits(ask)
    return W("先要一个交密封报价的验证码", "First ask for a code to hand in a sealed offer")


# ---- effects


def begun(ask: Ask) -> Change:
    payer, claimant = _pair(ask)
    k, until = 1 + len(ask.case["facts"].get("sealed_past") or []), ask.at + LASTS
    row = {"k": k, "payer": payer, "claimant": claimant, "at": ask.at.isoformat(), "until": until.isoformat(), "in": {}, "open": True}
    return Change(facts={"sealed": row}, due={"offers": until}, note={"k": k, "payer": payer, "claimant": claimant})


def handed_in(ask: Ask) -> Change:
    row, ref = running(ask.case["facts"]), ask.facts["ref"]
    mine = {"c": ask.facts["c"], "at": ask.at.isoformat()}
    lost = [one for one in row.get("lost", []) if one != ref]
    return Change(facts={"sealed": row | {"in": row["in"] | {ref: mine}, "lost": lost, "gone": _gone(row, ref)}})


def _gone(row: Row, ref: str) -> list[str]:
    """The commitments of this round that count no more, so that the keeper forgets them."""
    return [*row.get("gone", []), *([row["in"][ref]["c"]] if ref in row["in"] else [])][-20:]


def taken_back(ask: Ask) -> Change:
    row, mine = running(ask.case["facts"]), ask.facts["ref"]
    left = {ref: one for ref, one in row["in"].items() if ref != mine}
    return Change(facts={"sealed": row | {"in": left, "gone": _gone(row, mine)}})


def _ended(ask: Ask, result: str) -> Change:
    row = running(ask.case["facts"])
    if not row:
        return Change(stops=("offers",))
    over = {"k": row["k"], "payer": row["payer"], "claimant": row["claimant"], "result": result, "at": ask.at.isoformat()}
    kept = [*(ask.case["facts"].get("sealed_past") or []), over]
    return Change(facts={"sealed": row | {"open": False, "result": result, "lost": []}, "sealed_past": kept}, stops=("offers",), note={"k": row["k"]})


def compared(ask: Ask) -> Change:
    """An overlap makes the midpoint the newest proposal: each side accepts it or not, as any other."""
    change = _ended(ask, ask.facts["result"])
    if ask.facts["result"] == "overlap":
        last = ask.case["facts"].get("offer") or {}
        change.facts["offer"] = {"k": last.get("k", 0) + 1, "by": "m", "ok": []}
    return change


def lost(ask: Ask) -> Change:
    row, gone = running(ask.case["facts"]), ask.facts["refs"]
    return Change(facts={"sealed": row | {"in": {ref: one for ref, one in row["in"].items() if ref not in gone}, "lost": gone}})


def hands_in(ask: Ask) -> Change:
    said = {"c": ask.facts["commitment"], "k": ask.facts["k"], "contact_at": ask.case["facts"].get("contact_at", "")}
    return Change(up=said, facts=dict(onetime_code.used()))


def code_asked(ask: Ask) -> Change:
    change = onetime_code.asked(ask)
    change.facts[onetime_code.FACT] |= {"for": "offer"}
    return change


# ---- steps of the dispute

PAYER = Field("payer", W("谁是付钱的一方", "Who would pay"), "choice", required=True, options=f.PARTY)
CLAIMANT = Field("claimant", W("谁是收钱的一方", "Who would take"), "choice", options=f.PARTY)
K = Field("k", W("第几轮", "Which round"), "number", required=True, shown=False)


def _by_side(name: str, label: Words, effect: Any, *rules: Any) -> Step:
    return Step(
        name, label, ("clock",), ("mediating",), rules=(f.acts_for_side, is_open, has_part, not_both, *rules), effect=effect,
        public=False, tells=("lead",), done=label,
    )  # fmt: skip


ROUND = (
    Step(
        "offers_begin", W("开一轮密封报价", "Open a round of sealed offers"), ("lead",), ("mediating",), key="B",
        rules=(f.is_mediator, none_open, rounds_left), effect=begun, starts=("offers",), fields=(PAYER, CLAIMANT),
        done=W("调解员开了一轮密封报价，24 小时内各交各的", "A round of sealed offers was opened, for 24 hours"),
    ),
    Step(
        "offers_stop", W("结束这一轮密封报价", "End this round"), ("lead",), OPEN,
        rules=(f.is_mediator, is_open), effect=lambda ask: _ended(ask, "stopped"), stops=("offers",),
        done=W("调解员结束了这一轮密封报价，没有比", "The mediator ended the round; nothing was compared"),
    ),
    _by_side("side_sealed", W("一方交了密封报价", "A side handed in a sealed offer"), handed_in, same_phone),
    _by_side("side_unsealed", W("一方收回了密封报价", "A side took its sealed offer back"), taken_back, is_in),
    Step(
        "offers_met", W("密封报价的结果", "What the sealed offers say"), ("clock",), OPEN, rules=(are_both_in,), effect=compared,
        stops=("offers",), tells=("lead",),
        fields=(K, Field("result", W("结果", "Result"), "choice", required=True, options=RESULTS),
                f.paper("words", W("中间数", "The midpoint"), required=False, most=200)),
        done=W("密封报价比过了", "The sealed offers were compared"),
    ),
    Step(
        "offers_lost", W("密封报价要再交一次", "To be handed in again"), ("clock",), OPEN, rules=(is_open,), effect=lost,
        fields=(K, Field("refs", W("哪一方", "Which side"), "fragments", required=True, shown=False, max_length=4)), tells=("lead",),
        done=W("保险箱重启过，交了的密封报价没有了，请再交一次", "The vault's process was restarted: please hand in again"),
    ),
    Step(
        "offers_lapse", W("密封报价过时了", "The round is over"), ("clock",), OPEN, effect=lambda ask: _ended(ask, "lapsed"),
        stops=("offers",), tells=("lead",),
        done=W("24 小时到了没有都交，这一轮作废，交了的已经忘掉", "24 hours are over and not both came: what came was forgotten"),
    ),
)  # fmt: skip

# ---- steps of a side, by its own hand alone

BY_SIDE = (
    Step(
        "ask_offer_code", W("要报价的验证码", "Send me the code for an offer"), ("speaker",), ("taking_part",),
        rules=(from_own_phone, onetime_code.not_too_often), effect=code_asked, code=True, tells=("speaker",),
        done=W("交密封报价", "To hand in a sealed offer"),
    ),
    Step(
        "seal_offer", W("交密封报价", "Hand in a sealed offer"), ("speaker",), ("taking_part",), parent="side_sealed", parent_must=True,
        rules=(onetime_code.lives, code_fits), effect=hands_in,
        fields=(K, Field("commitment", W("承诺值", "Commitment"), "digest", required=True),
                Field("code", W("短信里的六位数", "The six digits"), "number", shown=False)),
        done=W("交了密封报价", "Handed in a sealed offer"),
    ),
    Step(
        "unseal_offer", W("收回密封报价", "Take my sealed offer back"), ("speaker",), ("taking_part",), parent="side_unsealed",
        parent_must=True, done=W("收回了密封报价", "Took the sealed offer back"),
    ),
)  # fmt: skip
NEWS: dict[str, tuple[str, Words]] = {
    "offers_begin": ("offers_open", W("可以交密封报价了，24 小时内有效", "You may hand in a sealed offer, for 24 hours")),
    "offers_stop": ("offers_ended", W("这一轮密封报价结束了，没有比", "The round of sealed offers was ended")),
    "offers_met": ("offers_told", W("密封报价有了结果", "There is a result of the sealed offers")),
    "offers_lost": ("offers_again", W("保险箱重启过，密封报价请再交一次", "Please hand in your sealed offer again")),
    "offers_lapse": ("offers_over", W("密封报价 24 小时到了，这一轮作废", "The round of sealed offers is over")),
}
