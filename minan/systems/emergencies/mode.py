"""The life of a mode: a county puts it forward, the city decides, 14 days, renewed by the same two, over by itself, then all is deleted.

Two levels means two persons of two units without a post in common. Nothing here names a resident.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from minan.kernel import directory
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words
from minan.systems.emergencies import modes

W = Words
DAYS = 14  # how long it is on, how long a renewal lasts, and how long until everything is deleted (DOMAIN.md §4)
TERM = timedelta(days=DAYS)
KEEP = 36_500  # what was declared, by whom and how long is a public record; it names no resident
ASKED_BEFORE = timedelta(days=7)  # a renewal is asked for in the last week: two cannot be stacked
CHOICES_MOST, CHOICE_LETTERS = 8, 20
ASKED, ON, ENDED, WIPING, ERASED, REFUSED = (
    "mode_asked",
    "mode_on",
    "mode_ended",
    "mode_wiping",
    "mode_erased",
    "mode_refused",
)
LAWS = (
    ("health", W("突发公共卫生事件应急条例", "Regulation on Public Health Emergencies")),
    ("disease", W("传染病防治法", "Law on Infectious Diseases")),
    ("incident", W("突发事件应对法", "Emergency Response Law")),
)

STATES = (
    State(ASKED, W("待市里决定", "Awaits the city"), holder="ruler"),
    State(ON, W("实行中", "On"), holder="desk"),
    State(ENDED, W("已结束，待删除", "Over, to be deleted"), holder="desk"),
    State(WIPING, W("正在删除", "Being deleted"), holder="desk"),
    State(ERASED, W("已全部删除", "All deleted"), final=True, keep_days=KEEP),
    State(REFUSED, W("市里没有同意", "Not agreed to by the city"), final=True, keep_days=KEEP),
)
CLOCKS = (
    Clock("mode_decide", W("市里决定", "The city decides"), owner="ruler", at_due="remind"),
    Clock("mode_end", W("到期自动结束", "Ends by itself"), owner="desk", at_due="end"),
    Clock("mode_wipe", W("到期全部删除", "Everything is deleted"), owner="desk", at_due="wipe"),
)


def choices(text: str) -> list[str]:
    """The closed list of a declaration, one choice a line; empty lines go."""
    return [line.strip() for line in text.splitlines() if line.strip()]


# ---- rules


def county_head(ask: Ask) -> Words | None:
    """The first level: the head of a county's centre."""
    office = ask.offices.office(ask.unit) if ask.unit else None
    here = office is not None and office.kind == directory.CITY_DESK and office.level == "county"
    if here and ask.offices.heads(ask.unit, ask.person):
        return None
    return W("只能由县（市、区）群众服务中心的负责人提出", "Only the head of a county's centre puts it forward")


def works_there(ask: Ask) -> Words | None:
    if ask.facts.get("place") and ask.offices.works_at(ask.unit, ask.facts["place"]):
        return None
    return W("选本县（市、区）里的一个地方", "Choose a place in your own county")


def none_there(ask: Ask) -> Words | None:
    """Two modes over one household would make two dates of deletion."""
    if modes.touching(ask.facts["place"]):
        return W(
            "这个地方已经有一个，先等它结束并删除",
            "There is one over this place already: it must end and be deleted first",
        )
    return None


def few_choices(ask: Ask) -> Words | None:
    said = choices(ask.facts.get("returns", ""))
    if len(said) > CHOICES_MOST or any(len(one) > CHOICE_LETTERS for one in said):
        return W(
            f"一行一项，最多 {CHOICES_MOST} 项，每项最多 {CHOICE_LETTERS} 个字",
            f"One a line: at most {CHOICES_MOST} of at most {CHOICE_LETTERS} characters",
        )
    return None


def city_head(ask: Ask) -> Words | None:
    """The second level: the head of the city's centre."""
    office = ask.offices.office(ask.unit) if ask.unit else None
    here = office is not None and office.kind == directory.CITY_DESK and office.level == "city"
    if here and ask.offices.heads(ask.unit, ask.person):
        return None
    return W("要由市群众服务中心的负责人决定", "The head of the city's centre decides")


def somebody_else(ask: Ask) -> Words | None:
    """Never one person, nor two who share a unit."""
    first = ask.case["facts"].get("renewal") or ask.case["facts"].get("proposer") or ""
    shared = set(ask.offices.mates(first)) & set(ask.offices.mates(ask.person)) if first else set()
    if first == ask.person or shared:
        return W("提出和决定要由两个单位的两个人", "Who puts it forward and who decides are two people of two units")
    return None


def is_on(ask: Ask) -> Words | None:
    if ask.at < _until(ask):
        return None
    return W("已经到期，不能再续。还需要的，重新提出", "It has run out and cannot be renewed; put a new one forward")


def in_its_last_week(ask: Ask) -> Words | None:
    if _until(ask) - ask.at <= ASKED_BEFORE:
        return None
    return W("到期前七天内才能提出续期", "A renewal is put forward in the last seven days")


def renewal_waits(ask: Ask) -> Words | None:
    return None if ask.case["facts"].get("renewal") else W("没有等决定的续期", "No renewal awaits a decision")


def none_waits(ask: Ask) -> Words | None:
    return (
        W("已经提出过，等市里决定", "It was put forward and awaits the city")
        if ask.case["facts"].get("renewal")
        else None
    )


def nothing_left(ask: Ask) -> Words | None:
    return W("还没有删完", "Not all of it is deleted yet") if ask.facts["left"] else None


def _until(ask: Ask) -> datetime:
    return datetime.fromisoformat(ask.case["facts"]["until"])


# ---- effects


def proposed(ask: Ask) -> Change:
    facts, place = ask.facts, directory.place_name(ask.facts["place"], full=True)
    kept: dict[str, Any] = {name: facts[name] for name in ("law", "document", "words")} | {
        "returns": choices(facts.get("returns", "")),
        "proposer": ask.person,
        "proposed_by": ask.unit,
        "terms": [],
    }
    over = ask.offices.higher(ask.unit)
    ruler = next(
        (u for u in over if (o := ask.offices.office(u)) and o.kind == directory.CITY_DESK and o.level == "city"), ""
    )
    return Change(set={"desk": ask.unit, "ruler": ruler, "title": f"健康应急模式：{place}"[:60]}, facts=kept)


def _term(ask: Ask, since: datetime) -> dict[str, Any]:
    """One more term, as the public reads it: from when to when, by which two units."""
    until = since + TERM
    row = {"since": since.isoformat(), "until": until.isoformat(), "at": ask.at.isoformat(), "by": ask.unit}
    terms = [*ask.case["facts"].get("terms", []), row | {"first": ask.case["facts"]["proposed_by"]}]
    return {"until": until.isoformat(), "terms": terms}


def declared(ask: Ask) -> Change:
    kept = _term(ask, ask.at)
    return Change(facts=kept | {"since": ask.at.isoformat()}, starts=("mode_end",), due={"mode_end": ask.at + TERM})


def renewal_asked(ask: Ask) -> Change:
    return Change(facts={"renewal": ask.person})


def renewed(ask: Ask) -> Change:
    kept = _term(ask, _until(ask))
    due = {"mode_end": datetime.fromisoformat(kept["until"])}
    return Change(facts=kept | {"renewal": None}, starts=("mode_end",), due=due)


def renewal_refused(ask: Ask) -> Change:
    return Change(facts={"renewal": None})


def ended(ask: Ask) -> Change:
    """The 14 days until everything is deleted count from the end that was set, or from an earlier one; never from a late worker."""
    last = min(_until(ask), ask.at)
    facts = {"until": last.isoformat(), "renewal": None}
    return Change(facts=facts, starts=("mode_wipe",), due={"mode_wipe": last + TERM})


def wiped(ask: Ask) -> Change:
    return Change(facts={"registered": ask.facts["registered"], "erased_at": ask.at.isoformat()})


def _words(label: Words, *, required: bool = True) -> Field:
    return Field("words", label, "long", required=required, scrubbed=True, max_length=600)


OPENING = Step(
    "propose",
    W("提出健康应急模式", "Put forward a health emergency"),
    ("intake",),
    to=ASKED,
    effect=proposed,
    starts=("mode_decide",),
    rules=(county_head, works_there, none_there, few_choices),
    tells=("ruler",),
    fields=(
        Field("place", W("哪个地方", "Which place"), "place", required=True),
        Field("law", W("依据哪部法", "By which law"), "choice", required=True, options=LAWS),
        Field("document", W("公告或文件编号", "Number of the announcement"), "text", required=True, max_length=80),
        _words(W("为什么，居民看得到", "Why; residents read this")),
        Field(
            "returns",
            W("返回人员从哪里来（一行一项）", "Where people return from, one a line"),
            "long",
            max_length=200,
            hint=W(
                "公告要求登记的才写，居民只能从中选一项；不写就不登记返回",
                "Only what the announcement asks; empty: no returns are registered",
            ),
        ),
    ),
    done=W("县里提出了健康应急模式", "The county put it forward"),
)

STEPS = (
    Step(
        "decide",
        W("决定实行 14 天", "Decide: on for 14 days"),
        ("above",),
        (ASKED,),
        ON,
        key="A",
        near=True,
        rules=(city_head, somebody_else),
        effect=declared,
        stops=("mode_decide",),
        tells=("desk",),
        done=W("市里决定实行 14 天", "The city decided: on for 14 days"),
    ),
    Step(
        "refuse_mode",
        W("不同意", "Do not agree"),
        ("above",),
        (ASKED,),
        REFUSED,
        key="X",
        rules=(city_head, somebody_else),
        stops=("*",),
        fields=(_words(W("理由", "Reasons")),),
        tells=("desk",),
        done=W("市里没有同意", "The city did not agree"),
    ),
    Step(
        "ask_renewal",
        W("提出续期 14 天", "Put forward 14 more days"),
        ("desk",),
        (ON,),
        key="R",
        fields=(_words(W("为什么还需要", "Why it is still needed")),),
        rules=(county_head, is_on, in_its_last_week, none_waits),
        effect=renewal_asked,
        tells=("ruler",),
        done=W("县里提出续期", "The county asked for a renewal"),
    ),
    Step(
        "renew",
        W("决定续期 14 天", "Decide: 14 more days"),
        ("above",),
        (ON,),
        key="A",
        near=True,
        rules=(city_head, is_on, renewal_waits, somebody_else),
        effect=renewed,
        stops=("mode_end",),
        tells=("desk",),
        done=W("市里决定续期 14 天", "The city renewed it for 14 days"),
    ),
    Step(
        "refuse_renewal",
        W("不续期", "Do not renew"),
        ("above",),
        (ON,),
        key="X",
        rules=(city_head, renewal_waits, somebody_else),
        effect=renewal_refused,
        fields=(_words(W("理由", "Reasons")),),
        tells=("desk",),
        done=W("市里没有同意续期", "The city did not renew it"),
    ),
    Step(
        "end_now",
        W("提前结束", "End it now"),
        ("desk", "above"),
        (ON,),
        ENDED,
        effect=ended,
        stops=("mode_end",),
        fields=(_words(W("为什么", "Why")),),
        tells=("desk", "ruler"),
        done=W("提前结束", "Ended early"),
    ),
    Step(
        "end",
        W("到期结束", "Ends by itself"),
        ("clock",),
        (ON,),
        ENDED,
        effect=ended,
        stops=("mode_end",),
        tells=("desk", "ruler"),
        done=W("到期，自动结束", "Over, by itself"),
    ),
    Step(
        "wipe",
        W("开始删除", "Deletion begins"),
        ("clock",),
        (ENDED,),
        WIPING,
        stops=("mode_wipe",),
        done=W("开始全部删除", "Deletion began"),
    ),
    Step(
        "wiped",
        W("删完了", "All is deleted"),
        ("clock",),
        (WIPING,),
        ERASED,
        rules=(nothing_left,),
        effect=wiped,
        stops=("*",),
        tells=("desk", "ruler"),
        fields=(
            Field("registered", W("登记过几件", "How many were registered"), "number", required=True),
            Field("left", W("还剩几件", "How many are left"), "number", required=True),
        ),
        done=W("全部删除，只留件数", "All deleted; the count alone stays"),
    ),
    Step("remind", W("到期提醒", "Reminder"), ("clock",), folds=True, tells=("holder", "ruler"), public=False),
)

PROCEDURE = Procedure(
    "emergency_mode",
    1,
    W("健康应急模式", "Health emergency mode"),
    STATES,
    STEPS,
    CLOCKS,
    opening=OPENING,
    first=ASKED,
    counted=False,
)
