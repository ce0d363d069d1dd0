"""More time, a pause, parking: each asked for by the lead on a ground, decided up the line, told to the speaker (DOMAIN.md §1).

None of the three makes late what was in time or in time what was late: asked for and granted before the end, or not at all.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from minan.kernel.directory import LOCAL
from minan.kernel.procedure import Ask, Change, Clock, Field, Step, Words
from minan.systems.matters import fields as f

W = Words
OPEN_TASK = f.OPEN_TASK
PARK_DAYS, PAUSE_DAYS = 90, 30
WORKING = ("sign", "contact", "answer")  # the clocks a pause or a parking holds; nothing holds a limit of the law
CLOSES, OPENS = time(17, 30), time(8, 30)
UNTIL = Field("until", W("哪天恢复办理", "Goes on again on"), "date", required=True)

CLOCKS = (
    Clock("park", W("挂账复看", "Parked until"), at_due="unpark_due", above="line"),
    Clock("pause", W("挂起到期", "Paused until"), at_due="pause_over", above="line"),
)


def _days(ask: Ask, day: str) -> int:
    return (date.fromisoformat(day) - ask.at.astimezone(LOCAL).date()).days


def _moment(day: str, at: time) -> datetime:
    return datetime.combine(date.fromisoformat(day), at, LOCAL)


# ---- rules


def in_time(ask: Ask) -> Words | None:
    """Nothing turns red into green: what ran out stays told as late (信访工作条例 art. 34 extends before the end; DOMAIN.md §1)."""
    clock = ask.case["clocks"].get("answer", {})
    if clock.get("running") and not clock["paused"] and clock["due_at"] < ask.at:
        return W(
            "已经超过办理时限，不能再延期、挂起；请如实写进展，尽快答复",
            "Its time has run out: it can no longer be extended or paused. Write how far it is, and answer soon",
        )
    return None


def nothing_asked(ask: Ask) -> Words | None:
    waits = next((name for name in ("extension_asked", "pause_asked", "park_asked") if ask.marks.get(name)), "")
    return (
        W("已经有一项申请在等上级批", "Something has been asked for already and awaits its decision") if waits else None
    )


def at_work(ask: Ask) -> Words | None:
    if ask.marks.get("parked") or ask.marks.get("paused") or ask.marks.get("waiting"):
        return W(
            "现在没有在计时（挂账、挂起或者等补充），先恢复办理",
            "Its time does not run now (parked, paused or waiting); resume it first",
        )
    return None


def not_extended(ask: Ask) -> Words | None:
    if ask.case["clocks"].get("answer", {}).get("extended"):
        return W("已经延过一次，不能再延", "It was extended once already; once is all")
    return None


def within_law(day: str, ask: Ask) -> Words | None:
    legal = ask.case["clocks"].get("answer", {}).get("legal_due_at")
    if legal is not None and _moment(day, OPENS) > legal:
        on = legal.astimezone(LOCAL).date().isoformat()
        return W(f"不能晚过法定时限（{on}）", f"It may not go past the limit of the law ({on})")
    return None


def pause_fits(ask: Ask) -> Words | None:
    """No ground twice, no longer than the ground allows, never past the limit of the law."""
    ground: Any = ask.offices.ground(ask.facts["ground"])
    if ask.facts["ground"] in ask.case["facts"].get("paused_for", []):
        return W("这个理由已经挂起过一次，不能再用", "It was paused on this ground before; not a second time")
    most = (ground.days if ground is not None else 0) or PAUSE_DAYS
    if not 1 <= _days(ask, ask.facts["until"]) <= most:
        return W(
            f"恢复日期要在明天到 {most} 天之内（这个理由最多 {most} 天）",
            f"It must go on between tomorrow and {most} days from now: so long this ground allows",
        )
    return within_law(ask.facts["until"], ask)


def park_in_time(ask: Ask) -> Words | None:
    """A parked matter is looked at again within 90 days (FEATURES.md row 44)."""
    if not 1 <= _days(ask, ask.facts["review_on"]) <= PARK_DAYS:
        return W(
            f"复看日期要在明天到 {PARK_DAYS} 天之内",
            f"The review must lie between tomorrow and {PARK_DAYS} days from now",
        )
    return within_law(ask.facts["review_on"], ask)


def extension_asked(ask: Ask) -> Words | None:
    return None if ask.marks.get("extension_asked") else W("没有待批的延期申请", "No extension is being asked for")


def park_asked(ask: Ask) -> Words | None:
    return _still_ahead(ask, ask.marks.get("park_asked")) or (
        None if ask.marks.get("park_asked") else W("没有待批的挂账申请", "No parking is being asked for")
    )


def pause_asked(ask: Ask) -> Words | None:
    return _still_ahead(ask, ask.marks.get("pause_asked")) or (
        None if ask.marks.get("pause_asked") else W("没有待批的挂起申请", "No pause is being asked for")
    )


def _still_ahead(ask: Ask, day: str | None) -> Words | None:
    if day and _days(ask, day) < 1 and not ask.step.startswith("refuse"):
        return W("申请的日期已经过了，请退回重新申请", "The day asked for has passed; refuse it, and let them ask anew")
    return None


def is_parked(ask: Ask) -> Words | None:
    return None if ask.marks.get("parked") else W("这件事没有挂账", "This matter is not parked")


def is_paused(ask: Ask) -> Words | None:
    return None if ask.marks.get("paused") else W("这件事没有挂起", "This matter is not paused")


# ---- effects: who asked and on what ground stays with the case, so that the grant can tell it to the speaker


def asks_extension(ask: Ask) -> Change:
    return Change(marks={"extension_asked": ask.facts["ground"]})


def extended(ask: Ask) -> Change:
    return Change(marks={"extension_asked": None, "extended": True}, note=_why(ask, ask.marks["extension_asked"]))


def extension_refused(ask: Ask) -> Change:
    return Change(marks={"extension_asked": None})


def asks_pause(ask: Ask) -> Change:
    return Change(
        marks={"pause_asked": ask.facts["until"]},
        facts={"pause_ground": ask.facts["ground"], "pause_words": ask.facts["words"]},
    )


def paused(ask: Ask) -> Change:
    until, facts = ask.marks["pause_asked"], ask.case["facts"]
    ground = facts["pause_ground"]
    return Change(
        marks={"pause_asked": None, "paused": until}, facts={"paused_for": [*facts.get("paused_for", []), ground]}, starts=("pause",),
        due={"pause": _moment(until, OPENS)}, note=_why(ask, ground) | {"review_on": until, "words": facts.get("pause_words", "")},
    )  # fmt: skip


def pause_refused(ask: Ask) -> Change:
    return Change(marks={"pause_asked": None}, facts={"pause_ground": None, "pause_words": None})


def resumed(ask: Ask) -> Change:
    return Change(marks={"paused": None}, facts={"pause_ground": None, "pause_words": None})


def asks_park(ask: Ask) -> Change:
    return Change(
        marks={"park_asked": ask.facts["review_on"]},
        facts={"park_words": ask.facts["words"], "park_ground": ask.facts["ground"]},
    )


def parked(ask: Ask) -> Change:
    on, facts = ask.marks["park_asked"], ask.case["facts"]
    return Change(
        set={"outcome": "cannot_now"}, marks={"park_asked": None, "parked": on}, starts=("park",), due={"park": _moment(on, CLOSES)},
        note=_why(ask, facts.get("park_ground", "")) | {"review_on": on, "words": facts.get("park_words", "")},
    )  # fmt: skip


def park_refused(ask: Ask) -> Change:
    return Change(marks={"park_asked": None})


def unparked(ask: Ask) -> Change:
    return Change(set={"outcome": ""}, marks={"parked": None})


def _why(ask: Ask, code: str) -> dict[str, Any]:
    ground: Any = ask.offices.ground(code)
    return {"ground": code} if ground is not None else {}


# ---- steps

_REASONS = f.words(W("理由", "Reasons"), shown=False)
_ASKING = (nothing_asked, at_work, in_time)

TERMS = (
    Step(
        "ask_extension", W("申请延期", "Ask for more time"), ("lead",), OPEN_TASK, key="E", rules=(not_extended, *_ASKING),
        effect=asks_extension,
        fields=(f.ground(W("理由", "Ground"), "extend"), f.words(W("说明", "Explain"))), tells=("line",), public=False, heard=True,
        done=W("申请延期", "More time was asked for"),
    ),
    Step(
        "extend", W("批准延期", "Grant more time"), ("line",), OPEN_TASK, rules=(extension_asked, not_extended, in_time), effect=extended,
        extends="answer", slips=True, fields=(f.words(W("告诉说事人为什么", "Tell the speaker why")),), tells=("speaker", "lead"),
        done=W("延期一次", "Given more time, once"),
    ),
    Step(
        "refuse_extension", W("不批延期", "Refuse more time"), ("line",), rules=(extension_asked,), effect=extension_refused,
        fields=(_REASONS,), tells=("lead",), public=False, heard=True, done=W("没有批准延期", "More time was refused"),
    ),
    Step(
        "ask_pause", W("申请挂起", "Ask for a pause"), ("lead",), OPEN_TASK, rules=(*_ASKING, pause_fits), effect=asks_pause,
        fields=(f.ground(W("理由", "Ground"), "pause"), f.words(W("在等什么", "What it waits for")), UNTIL),
        tells=("line",), public=False, heard=True, done=W("申请挂起", "A pause was asked for"),
    ),
    Step(
        "pause", W("同意挂起", "Grant the pause"), ("line",), OPEN_TASK, rules=(pause_asked, in_time), effect=paused, pauses=WORKING,
        fields=(f.words(W("告诉说事人为什么", "Tell the speaker why")),), tells=("speaker", "lead"),
        done=W("挂起，到定好的日子恢复", "Paused until the day that was set"),
    ),
    Step(
        "refuse_pause", W("不同意挂起", "Refuse the pause"), ("line",), rules=(pause_asked,), effect=pause_refused,
        fields=(_REASONS,), tells=("lead",), public=False, heard=True, done=W("没有同意挂起", "The pause was refused"),
    ),
    Step(
        "resume", W("提前恢复", "Resume early"), ("lead", "desk", "line"), rules=(is_paused,), effect=resumed, stops=("pause",),
        resumes=WORKING, slips=True, tells=("speaker",), done=W("恢复办理", "It goes on"),
    ),
    Step(
        "pause_over", W("挂起到期，恢复办理", "The pause is over"), ("clock",), rules=(is_paused,), effect=resumed, stops=("pause",),
        resumes=WORKING, slips=True, tells=("speaker", "lead"), done=W("挂起到期，恢复办理", "The pause is over; it goes on"),
    ),
    Step(
        "ask_park", W("申请挂账", "Ask to park"), ("lead",), OPEN_TASK, rules=(nothing_asked, at_work, park_in_time), effect=asks_park,
        fields=(f.ground(W("理由", "Ground"), "park"), f.words(W("现在为什么办不了", "Why it cannot be done now")), f.REVIEW_ON),
        tells=("line",), public=False, heard=True, done=W("申请挂账", "Parking was asked for"),
    ),
    Step(
        "park", W("同意挂账", "Park it"), ("line",), OPEN_TASK, rules=(park_asked,), effect=parked, pauses=WORKING,
        tells=("speaker", "lead"), done=W("现在办不了，定了日子再看", "Cannot be done now; a day was set to look again"),
    ),
    Step(
        "refuse_park", W("不同意挂账", "Refuse parking"), ("line",), rules=(park_asked,), effect=park_refused,
        fields=(_REASONS,), tells=("lead",), public=False, heard=True, done=W("没有同意挂账", "Parking was refused"),
    ),
    Step(
        "unpark", W("恢复办理", "Resume"), ("lead", "desk", "line"), rules=(is_parked,), effect=unparked, stops=("park",),
        resumes=WORKING, slips=True, tells=("speaker",), done=W("恢复办理", "It goes on"),
    ),
    Step(
        "unpark_due", W("到日子，恢复办理", "The day has come"), ("clock",), rules=(is_parked,), effect=unparked, stops=("park",),
        resumes=WORKING, slips=True, tells=("speaker", "lead"), done=W("到了再看的日子，恢复办理", "The day to look again has come; it goes on"),
    ),
)  # fmt: skip
