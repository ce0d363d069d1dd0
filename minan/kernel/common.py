"""Steps any procedure may include: who must keep away from a case, who may look at a speaker by two people's word, and when it is told.

Pure: facts in, changes out. A procedure adds `walling`, `looking(states)`, `hiding(states)` and `DEFERRAL` to its own
(DOMAIN.md, Red lines; 信访工作条例 art. 30 and 46).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from minan.kernel.procedure import ANY, Ask, Change, Clock, Field, Step, Words

W = Words
VALID, SHOWN_FOR, DEFER_DAYS = timedelta(hours=24), timedelta(minutes=10), 30
MOST = 10  # openings by a second person's word, a person and day (RELIABILITY.md P9)
LOOK, TOLD = "look", "told"
ASKED, ALLOWED, DEFERRED = "look_asked", "looks", "deferred"  # kept with the case
WHAT = (
    ("identity", W("是谁：称呼、电话、住址", "Who: name, phone, address")),
    ("text", W("原话", "The original words")),
)
ANSWER = (
    "desk",
    "above",
    "line",
    "ruler",
    "lead",
)  # who may allow a look: somebody of another unit who answers for the case
HUSHED = frozenset({"ask_look", "allow_look", "refuse_look", LOOK, "defer", "hold", "lift", "release"})  # what a deferral keeps back
Row = dict[str, Any]


def _words(label: Words, *, required: bool = True) -> Field:
    return Field("words", label, "long", required=required, scrubbed=True, shown=False, max_length=400)


# ---- whose it is


def works_there(ask: Ask) -> Words | None:
    unit = ask.facts.get("unit", "")
    if unit and not ask.offices.works_at(unit, ask.case["place"]):
        return Words("这个单位不管这个地方", "This unit does not work in that place")
    return None


# ---- walls

ABOUT = Field(
    "about", W("说的是不是哪个单位", "Is it about one of these units"), "unit", source="about", shown=False,
    hint=W("选了，这个单位和归它管的都看不到，由上一级来办", "If chosen, neither it nor any unit under it sees this; the level above handles it"),
)  # fmt: skip
WHOM = Field("whom", W("被说到的工作人员", "The member of staff complained about"), "staff", shown=False)
TOP = W(
    "这是最上一级，没有能接手的单位。请作为检举直接交纪检", "This is the highest level: nobody is left to take it. Report it to the discipline post instead"
)  # fmt: skip


def walls_of(ask: Ask) -> tuple[str, ...]:
    """Who must keep away: the unit named, the person with their units, and the relatives they declared."""
    unit, person = ask.facts.get("about", ""), ask.facts.get("whom", "")
    units = [unit] if unit else []
    walls, kin = [], ask.offices.ties(unit, "") if unit else []
    if person:
        units += ask.offices.mates(person)
        walls.append(f"user:{person}")
        kin += ask.offices.ties("", person)
    return tuple(dict.fromkeys([*(f"unit:{u}" for u in units), *walls, *(f"user:{p}" for p in kin)]))


def names_somebody(ask: Ask) -> Words | None:
    if not (ask.facts.get("about") or ask.facts.get("whom")):
        return W("写明是哪个单位或哪位工作人员", "Name the unit or the member of staff")
    return None


def somebody_is_left(ask: Ask) -> Words | None:
    """A case is never without a desk: who complains about the very top is told where to go."""
    if not (ask.facts.get("about") or ask.facts.get("whom")):
        return None
    return None if ask.offices.free(ask.case["desk"], [*ask.case["walls"], *walls_of(ask)]) else TOP


def walled(ask: Ask) -> Change:
    return Change(walls=walls_of(ask))


def recused(ask: Ask) -> Change:
    return Change(walls=(f"user:{ask.person}",))


def walling(held: tuple[str, ...], back: str, stops: tuple[str, ...], starts: tuple[str, ...]) -> tuple[Step, ...]:
    """Name who is complained about; stand aside. `held`: states in which a lead holds the case, which goes back to `back`
    where that lead is now behind a wall, with these clocks stopped and started."""

    def loses_lead(ask: Ask) -> str:
        return "unhand" if ask.state in held and not ask.case["unit"] else ""

    return (
        Step(
            "wall", W("设回避：说的就是他们", "Keep away who it is about"), ("desk", "above"),
            fields=(ABOUT, WHOM, _words(W("怎么看出来的", "How this is known"))),
            rules=(names_somebody, somebody_is_left), effect=walled, then=loses_lead, then_any=("unhand",), tells=("desk",), public=False,
            done=W("设了回避", "Who it is about was kept away"),
        ),
        Step(
            "unhand", W("主办回避，重新交办", "The lead must keep away"), ("clock",), held, back, effect=unhanded, stops=stops, starts=starts,
            tells=("desk", "speaker"), done=W("原来的主办单位回避，重新交办", "The unit that had it must keep away; it is given to another"),
        ),
        Step(
            "recuse", W("我要回避", "Stand aside"), ("staff",), fields=(_words(W("为什么回避（可以不写）", "Why (may be left empty)"), required=False),),
            effect=recused, done=W("一位工作人员回避了", "A member of staff stood aside"),
        ),
    )  # fmt: skip


def unhanded(ask: Ask) -> Change:
    return Change(set={"unit": "", "ruler": ""})


# ---- looks


def _waits(case: Mapping[str, Any], at: datetime) -> Row | None:
    """The request that waits for an answer; one of yesterday is no request."""
    row: Row = case["facts"].get(ASKED) or {}
    return row if row and at - datetime.fromisoformat(row["at"]) < VALID else None


def _allowed(case: Mapping[str, Any], person: str) -> Row | None:
    row: Row | None = (case["facts"].get(ALLOWED) or {}).get(person)
    return row


def open_look(case_facts: Mapping[str, Any], person: str, now: datetime) -> Row | None:
    """What this person opened and may read just now: {"what", "at", "open"}; None where nothing is."""
    row: Row | None = (case_facts.get(ALLOWED) or {}).get(person)
    return row if row and row.get("open") and datetime.fromisoformat(row["open"]) > now else None


def nothing_waits(ask: Ask) -> Words | None:
    return (
        W("已经有人申请，等批", "Somebody has asked already; it awaits an answer") if _waits(ask.case, ask.at) else None
    )


def is_asked(ask: Ask) -> Words | None:
    if _waits(ask.case, ask.at) is None:
        return W(
            "没有等批的查看申请（批过、用过或超过一天的都不算）",
            "No request awaits an answer; one answered, used or a day old is none",
        )
    return None


def not_self(ask: Ask) -> Words | None:
    row = _waits(ask.case, ask.at)
    return W("不能批自己的申请", "Nobody allows their own request") if row and row["person"] == ask.person else None


def another_unit(ask: Ask) -> Words | None:
    """The second person is of another unit, whichever of their posts they act by."""
    row = _waits(ask.case, ask.at)
    if row and set(ask.offices.mates(row["person"])) & set(ask.offices.mates(ask.person)):
        return W("要由另一个单位的人来批", "Somebody of another unit must answer")
    return None


def allowed_now(ask: Ask) -> Words | None:
    row = _allowed(ask.case, ask.person)
    if row is None or datetime.fromisoformat(row["until"]) <= ask.at:
        return W("没有批给您的查看，或者已经过期", "No look was allowed to you, or its time is over")
    return None


def within_ten(ask: Ask) -> Words | None:
    if ask.offices.looked(ask.person, ask.at) >= MOST:
        return W(
            f"今天已经看满 {MOST} 次，明天再看；上级已经知道",
            f"You have looked {MOST} times today; the level above has been told",
        )
    return None


def asks_look(ask: Ask) -> Change:
    row = {"person": ask.person, "unit": ask.unit, "what": ask.facts["what"], "ground": ask.facts["ground"],
           "words": ask.facts["words"], "at": ask.at.isoformat()}  # fmt: skip
    return Change(facts={ASKED: row})


def look_allowed(ask: Ask) -> Change:
    row = _waits(ask.case, ask.at)
    assert row is not None  # the rule is_asked was asked before
    given = {
        "asked": row["at"],
        "what": row["what"],
        "ground": row["ground"],
        "words": row["words"],
        "until": (ask.at + VALID).isoformat(),
        "by": ask.unit,
    }
    looks = (ask.case["facts"].get(ALLOWED) or {}) | {row["person"]: given}
    return Change(facts={ASKED: {}, ALLOWED: looks}, note={"what": row["what"], "of": row["unit"]})


def look_refused(ask: Ask) -> Change:
    return Change(facts={ASKED: {}})


def _open_until(ask: Ask) -> str:
    """Of an anonymous case no minute is known: its ten minutes begin at the end of the hour, else it would be shut before it opens."""
    until: datetime = ask.at + SHOWN_FOR + timedelta(hours=1 if ask.case.get("anonymous") else 0)
    return until.isoformat()


def looked(ask: Ask) -> Change:
    row = _allowed(ask.case, ask.person)
    assert row is not None  # the rule allowed_now was asked before
    opened = row | {"open": _open_until(ask), "at": ask.at.isoformat()}
    looks = (ask.case["facts"].get(ALLOWED) or {}) | {ask.person: opened}
    note = {name: row[name] for name in ("what", "ground", "words")} | {"second": row["by"]}
    return Change(facts={ALLOWED: looks}, opens=row["what"], note=note)


def opens_text(ask: Ask) -> Change:
    """Who holds a sealed case reads it by their own hand, each time an event; no second person's word, no place of the ten."""
    row = {
        "what": "text",
        "until": ask.at.isoformat(),
        "open": _open_until(ask),
        "at": ask.at.isoformat(),
    }
    return Change(facts={ALLOWED: (ask.case["facts"].get(ALLOWED) or {}) | {ask.person: row}}, note={"what": "text"})


# ---- a deferral in writing


def _deferred(facts: Mapping[str, Any]) -> Row:
    row: Row = facts.get(DEFERRED) or {}
    return row


def hushed(facts: Mapping[str, Any], step: str, at: datetime, now: datetime) -> bool:
    """True where a look, or what led to it, is not to be told to the speaker yet: it fell under a deferral that still runs."""
    row = _deferred(facts)
    if step not in HUSHED or not row or row.get("ended"):
        return False
    return datetime.fromisoformat(row["since"]) <= at and now < datetime.fromisoformat(row["until"])


def days_fit(ask: Ask) -> Words | None:
    if not 1 <= ask.facts["days"] <= DEFER_DAYS:
        return W(f"推迟 1 到 {DEFER_DAYS} 天", f"A deferral lasts 1 to {DEFER_DAYS} days")
    return None


def only_above_renews(ask: Ask) -> Words | None:
    by = _deferred(ask.case["facts"]).get("by")
    if by and ask.unit not in ask.offices.higher(by):
        return W("再推迟要由上一级决定", "Only the level above may defer it again")
    return None


def defers(ask: Ask) -> Change:
    was, until = _deferred(ask.case["facts"]), ask.at + timedelta(days=ask.facts["days"])
    runs = was and not was.get("ended") and datetime.fromisoformat(was["until"]) > ask.at
    facts = ask.case["facts"]
    # what was asked for and not yet looked at falls under it from the asking on: else the asking would tell
    asked = [r["asked"] for r in (facts.get(ALLOWED) or {}).values() if r.get("asked") and not r.get("open")]
    asked += [facts[ASKED]["at"]] if facts.get(ASKED) else []
    row = {
        "since": was["since"] if runs else min([*asked, ask.at.isoformat()]), "until": until.isoformat(), "by": ask.unit,
        "article": ask.facts["article"], "document": ask.facts["document"], "times": int(was.get("times", 0)) + 1,
    }  # fmt: skip
    return Change(facts={DEFERRED: row}, starts=(DEFERRAL.name,), due={DEFERRAL.name: until})


def ends_deferral(ask: Ask) -> Change:
    row = _deferred(ask.case["facts"])
    note: Row = {name: row[name] for name in ("since", "until", "article", "document", "times") if name in row}
    return Change(facts={DEFERRED: row | {"ended": True}}, note=note)


DEFERRAL = Clock("deferral", W("推迟告知", "Deferred telling"), owner="desk", at_due=TOLD, quiet=True)


def looking(states: tuple[str, ...]) -> tuple[Step, ...]:
    """Ask, allow or refuse, look; and the deferral. In every one of `states`, closed ones too."""
    return (
        Step(
            "ask_look", W("申请看说事人信息", "Ask to look"), ("staff",), states, rules=(nothing_waits,), effect=asks_look, heard=True,
            fields=(
                Field("what", W("看什么", "What"), "choice", required=True, options=WHAT, shown=False),
                Field("ground", W("依据", "Ground"), "ground", required=True, source="look", shown=False),
                _words(W("为什么非看不可，说事人会看到", "Why it is needed; the speaker reads this")),
            ),
            tells=("above", "desk"), public=False, done=W("申请看说事人信息", "A look was asked for"),
        ),
        Step(
            "allow_look", W("同意查看", "Allow the look"), ANSWER, states, near=True, rules=(is_asked, not_self, another_unit),
            effect=look_allowed, tells=("desk", "lead"), public=False, done=W("同意查看，24 小时内有效", "The look was allowed, for 24 hours"),
        ),
        Step(
            "refuse_look", W("不同意查看", "Refuse the look"), ANSWER, states, rules=(is_asked, not_self, another_unit), effect=look_refused,
            fields=(_words(W("理由", "Reasons")),), tells=("desk", "lead"), public=False, done=W("没有同意查看", "The look was refused"),
        ),
        Step(
            LOOK, W("查看（10 分钟）", "Look, for 10 minutes"), ("staff",), states, near=True, rules=(allowed_now, within_ten), effect=looked,
            tells=("speaker",), done=W("两个人同意后，看了您的信息", "With a second person's word, your details were looked at"),
        ),
        Step(
            "defer", W("推迟告知说事人", "Defer telling the speaker"), ("desk", "above"), states, rules=(days_fit, only_above_renews),
            effect=defers,
            fields=(
                Field("article", W("依据哪一条", "By which article"), "text", required=True, shown=False, max_length=200),
                Field("document", W("文书编号", "Number of the document"), "text", required=True, shown=False, max_length=80),
                Field("days", W("推迟几天（最多 30）", "For how many days (at most 30)"), "number", required=True, shown=False),
            ),
            stops=(DEFERRAL.name,), public=False, done=W("书面推迟告知", "Telling was deferred in writing"),
        ),
        Step(
            TOLD, W("推迟到期，告知", "The deferral ends"), ("clock",), states, effect=ends_deferral, stops=(DEFERRAL.name,), tells=("speaker",),
            done=W("推迟告知到期：现在看得到谁看过", "A deferral has ended: you can see now who looked"),
        ),
    )  # fmt: skip


# ---- what identifies


def says_something(ask: Ask) -> Words | None:
    if ask.case["text"] or ask.case["title"] or ask.case["place_words"]:
        return None
    return W("这里没有可隐去的字", "There are no words here to hide")


def hiding(states: tuple[str, ...]) -> Step:
    """Take out of a case what tells who somebody is, after the fact: by the desk that reads it, in closed cases too."""
    return Step(
        "hide", W("隐去认得出人的字", "Hide what identifies"), ("desk", "above"), states, rules=(says_something,), hides=("fragments", "another"),
        fields=(
            Field("fragments", W("这里可能认得出人", "What may tell who somebody is"), "fragments", data="P2", max_length=60),
            Field(
                "another", W("另外要隐去的字", "Other words to hide"), "text", data="P2", max_length=60,
                hint=W("照原样写。只有说事人自己还看得到原话", "Exactly as they stand. Only the speaker still reads the original"),
            ),
        ),
        done=W("隐去了能认出人的字，原话只有说事人自己看得到", "What tells who somebody is was hidden; only the speaker reads the original"),
    )  # fmt: skip


__all__ = ["ABOUT", "ANY", "DEFERRAL", "hiding", "hushed", "looking", "open_look", "walling", "walls_of", "works_there"]
