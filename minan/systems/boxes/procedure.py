"""The life of an opening 开箱: two people, a count, a new seal, the batch from hand to hand, until every slip is taken in (DOMAIN.md §1).

A gap in custody is an overlay, not a state: it can lie over every state, and nothing ends while it lies there.
"""

from __future__ import annotations

from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words
from minan.systems.boxes import rules as r

W = Words
KEEP = 1095
OPEN = ("begun", "opened", "held", "on_way")
GAPS = (
    ("seal", W("封签号和上次封箱的不一样", "The seal is not the one put on last time")),
    ("alone", W("10 分钟内没有第二个人到场确认", "No second person within 10 minutes")),
    ("count", W("录入的张数和清点的张数对不上", "As many were counted, others taken in")),
    ("late", W("单子没有按时录完", "The slips were not taken in in time")),
    ("way", W("单子交出去，没有人签收", "The slips were handed on and nobody signed for them")),
    ("twice", W("同一个号出现了两次", "One number appeared twice")),
    ("unknown", W("出现了没印过的号", "A number appeared that was never printed")),
)
FOUND = (
    ("explained", W("查清了，没有少单子", "Cleared up; no slip is missing")),
    ("lost", W("少了单子，已经张贴告知", "Slips are missing; it was posted at the point")),
    ("wrong", W("有人动过，已经另行处理", "Somebody interfered; dealt with separately")),
)

STATES = (
    State("begun", W("已开箱，等第二个人", "Opened, a second person awaited"), holder="desk"),
    State("opened", W("两人在场，待清点", "Two present, to be counted"), holder="desk"),
    State("held", W("已清点封箱，待录入", "Counted and sealed, slips to be taken in"), holder="desk"),
    State("on_way", W("单子交接途中", "Slips on their way"), holder="desk"),
    State("done", W("单子都录完了", "All slips taken in"), final=True, keep_days=KEEP),
)
CLOCKS = (
    Clock("second", W("第二个人到场", "Second person"), owner="desk", at_due="alone"),
    Clock("count", W("清点封箱", "Count and seal"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("read", W("录完单子", "Take the slips in"), owner="desk", at_due="overdue", at_escalate="go_up"),
    Clock("way", W("签收单子", "Sign for the slips"), owner="desk", at_due="strayed"),
    Clock("gap", W("保管断档", "Gap in custody"), owner="ruler", at_due="remind"),
    Clock("clear", W("查清断档", "Clear up the gap"), owner="ruler", at_due="remind", at_escalate="go_up"),
)


def begun(ask: Ask) -> Change:
    facts = ask.facts
    return Change(
        set={"title": f"开箱：{facts.get('box') or '说事箱'}"[:60]},
        facts={"opened_by": ask.person, "seal_found": facts.get("seal", "").strip(), "box": facts.get("box", "")},
    )


def witnessed(ask: Ask) -> Change:
    return Change(facts={"seen_by": ask.person})


def counted(ask: Ask) -> Change:
    return Change(
        facts={"counted": ask.facts["counted"], "seal_after": ask.facts["seal"].strip(), "holder": ask.person}
    )


def where_to(ask: Ask) -> str:
    """An empty box is done at once, unless something was wrong with it."""
    return "held" if ask.facts["counted"] or ask.marks.get("gap") else "done"


def handed(ask: Ask) -> Change:
    return Change(facts={"to": ask.facts["to"]})


def received(ask: Ask) -> Change:
    return Change(facts={"holder": ask.person, "to": None})


def gap(ask: Ask) -> Change:
    """Red from this moment, in the hands of the level above; what was wrong before stays named."""
    what = ask.facts.get("what") or {"alone": "alone", "overdue": "late", "strayed": "way"}[ask.step]
    known = [*ask.marks.get("gap", []), what]
    ruler = ask.case["facts"].get("ruler") or ask.offices.above(ask.case["desk"], "block") or ask.case["desk"]
    return Change(
        set={"ruler": ruler}, marks={"gap": list(dict.fromkeys(known))}, starts=("gap", "clear"), due={"gap": ask.at}, note={"gap": what},
    )  # fmt: skip


def ruled(ask: Ask) -> Change:
    """Whoever is right now: an excused difference lets the opening end, and is told in the books for good."""
    lacks = ask.marks.get("gap", [])
    excused = list(
        dict.fromkeys([*(ask.case["facts"].get("excused") or []), *(g for g in lacks if g in ("count", "late", "way"))])
    )
    return Change(marks={"gap": None}, facts={"excused": excused or None}, note={"gaps": lacks})


def gone_up(ask: Ask) -> Change:
    return Change(marks={"escalated": True})


def _words(label: Words, *, required: bool = True) -> Field:
    return Field("words", label, "long", required=required, shown=False, scrubbed=True, max_length=1000)


WHAT = Field("what", W("断在哪里", "What is wrong"), "choice", required=True, options=GAPS, shown=False)
TOLD = _words(W("具体情况", "What exactly"), required=False)

OPENING = Step(
    "open", W("开箱", "Open"), ("intake", "house"), to="begun", effect=begun, starts=("second",), tells=("desk",), public=False,
    fields=(
        Field("place", W("地点", "Place"), "place"),
        Field("box", W("哪个箱子", "Which box"), "text", max_length=80, shown=False),
        Field("seal", W("拆下的封签号", "Number of the seal taken off"), "text", max_length=40, shown=False),
    ),
)  # fmt: skip

STEPS = (
    Step(
        "witness", W("我在场", "I am here"), ("desk",), ("begun",), "opened", key="W", rules=(r.another_person,), effect=witnessed,
        stops=("second",), starts=("count",), public=False, near=True,
    ),
    Step(
        "count", W("清点封箱", "Count and seal"), ("desk",), ("opened",), to_any=("held", "done"), decide=where_to, key="C", public=False,
        fields=(
            Field("counted", W("箱里几张单子", "How many slips"), "number", required=True, shown=False),
            Field("seal", W("新封签号", "Number of the new seal"), "text", required=True, max_length=40, shown=False),
            _words(W("要记的情况", "Anything to note"), required=False),
        ),
        rules=(r.one_of_the_two, r.can_be_counted, r.fresh_seal), effect=counted, stops=("count",), starts=("read",),
    ),
    Step(
        "hand", W("交给同事", "Hand on"), ("staff",), ("held",), "on_way", key="H", rules=(r.holds_it,), effect=handed, public=False,
        fields=(Field("to", W("交给谁", "To whom"), "staff", required=True, shown=False),), starts=("way",), tells=("desk",),
    ),
    Step(
        "receive", W("签收这一批", "Sign for the batch"), ("staff",), ("on_way",), "held", key="S", rules=(r.is_handed_to,), effect=received,
        stops=("way",), public=False, near=True,
    ),
    Step(
        "typed", W("录入一张", "A slip taken in"), ("staff",), ("held",), public=False,
        fields=(
            Field("slip", W("单号", "Number of the slip"), "text", max_length=40, shown=False),
            Field("picture", W("照片的校验值", "Hash of its photo"), "text", max_length=64, shown=False),
            Field("how", W("怎么录的", "How"), "text", required=True, max_length=20, shown=False),
        ),
    ),
    Step(
        "missing", W("发现断档", "A gap was found"), ("clock",), public=False, fields=(WHAT, TOLD), effect=gap, tells=("ruler", "desk"),
    ),
    Step("alone", W("没有第二个人", "Nobody came"), ("clock",), ("begun",), effect=gap, tells=("ruler", "desk"), public=False),
    Step("overdue", W("没有按时录完", "Not taken in in time"), ("clock",), ("held", "on_way"), effect=gap, tells=("ruler", "desk"), public=False),
    Step("strayed", W("没有人签收", "Nobody signed for it"), ("clock",), ("on_way",), effect=gap, tells=("ruler", "desk"), public=False),
    Step(
        "rule_gap", W("裁定断档", "Rule on the gap"), ("ruler", "above"), OPEN, key="R", rules=(r.is_a_gap, r.stood_apart), effect=ruled,
        fields=(
            Field("found", W("查下来", "What was found"), "choice", required=True, options=FOUND, shown=False),
            _words(W("怎么查的、怎么办", "How it was looked into, and what follows")),
        ),
        stops=("gap", "clear"), tells=("desk",), public=False, near=True,
    ),
    Step(
        "finish", W("对数办结", "It adds up"), ("clock",), ("held",), "done", rules=(r.adds_up,), stops=("*",), public=False,
        fields=(Field("accounted", W("录了几张", "Slips accounted for"), "number", required=True, shown=False),),
    ),
    Step("note", W("内部备注", "Note"), ("staff",), key="N", public=False, fields=(_words(W("备注", "Note")),)),
    Step("remind", W("到期提醒", "Reminder"), ("clock",), folds=True, tells=("holder", "ruler"), public=False),
    Step("go_up", W("自动上提一级", "Gone up a level"), ("clock",), effect=gone_up, tells=("above",), public=False),
)  # fmt: skip

PROCEDURE = Procedure(
    "opening", 1, W("开箱", "Opening of a box"), STATES, STEPS, CLOCKS, opening=OPENING, first="begun", counted=False
)
