"""What a person may ask of their own case, and what is erased or kept back on its day (PIPL art. 15, 44–50; the law of archives).

Pure: facts in, changes out. A procedure adds `steps(states)` and `HOLD` to its own. State bodies act by duty, so a consent touches
only what is optional: text messages, being called, the number itself, the link to an account. Those go at once; what a running
case or the law of archives needs stays until its day, locked meanwhile (PIPL art. 47: stored, and used for nothing else).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from minan.kernel.procedure import Ask, Change, Clock, Field, State, Step, Words

W = Words
BEIJING = timezone(timedelta(hours=8))
CONTACT = ("name", "phone", "address", "email", "push", "openid")
ACCOUNT = "account"  # not a fact of the vault: the link from an account to the case
LOCKED, HELD, CONSENTS = "locked", "hold", "consents"  # marks; kept with the case
VERSION = 1  # of the words by which a consent is given or taken back
HOLD_DAYS = 366
SMS, CALLS = "sms", "calls"
MAIL, PUSH, WECHAT = "mail", "push", "wechat"  # taken back, the address goes with it
FORGOTTEN = {MAIL: "email", PUSH: "push", WECHAT: "openid"}
STAYS = ("deferred",)  # kept when a case's words go: what must still be told of a look
CORRECT, ASK, CONSENT, ERASED, HOLD_STEP, LIFT, RELEASE = (
    "correct", "ask_erase", "consent", "erased", "hold", "lift", "release",
)  # fmt: skip
OWN = (CORRECT, ASK, CONSENT, "tell_me")  # the speaker's own, on the page of their rights
# Why a locked vault still opens: for its speaker, for a life, by a second person's word on a ground with its article.
LAWFUL = frozenset({"own", "glass", "look", "unmask", "pass"})
RULE = W(
    "个人信息保护法第四十七条：法定的保存期没到，不擦除，但除了保存不再做别的用；办结后的卷宗按档案规定留存",
    "PIPL art. 47: while the law's time of keeping runs it is only stored, and used for nothing else; files of ended cases are archives",
)  # fmt: skip
WHAT = (
    ("contact", W("我的称呼、电话、住址", "My name, phone and address")),
    ("visit", W("“办好后打电话告诉我”", "“Call me when it is done”")),
    (ACCOUNT, W("跟我账号的联系", "The link to my account")),
    ("everything", W("全部", "Everything")),
)
GONE = (("vault", W("保险柜里的", "From the vault")), ("words", W("说的话、照片、地点", "Words, photos, place")))


def gone_on(closed_at: datetime, days: int) -> date:
    """The day in Beijing on which what was kept `days` whole days after the end of a case is erased."""
    return closed_at.astimezone(BEIJING).date() + timedelta(days=days + 1)


def held_until(marks: Mapping[str, Any]) -> date | None:
    """The last day of a legal hold; None where none is named."""
    said = marks.get(HELD)
    return date.fromisoformat(said) if isinstance(said, str) else None


def is_held(marks: Mapping[str, Any], now: datetime) -> bool:
    """True while a legal hold keeps a case from being erased; it ends with its day, whatever the clocks did."""
    until = held_until(marks)
    return bool(marks.get(HELD)) and (until is None or now.astimezone(BEIJING).date() <= until)


def agreed(facts: Mapping[str, Any], to: str) -> bool:
    """Whether the speaker still agrees to text messages or calls: they did by leaving a number, until they say otherwise."""
    row = (facts.get(CONSENTS) or {}).get(to) or {}
    return bool(row.get("yes", True))


# ---- rules


def has_contact(ask: Ask) -> Words | None:
    """Who spoke without a name has nothing here to correct: whatever is left would tell who they are."""
    if ask.case["anonymous"]:
        return W("这件事没有留名，这里不记您的联系方式", "This was said without a name: no contact is kept of it")
    return None


def not_asked_yet(ask: Ask) -> Words | None:
    if ask.facts.get("what") == "everything" and ask.marks.get(LOCKED):
        return W("已经提过了：别的都锁着，到日子自动擦除", "You asked already: the rest is locked and goes by itself on its day")
    return None


def says_which(ask: Ask) -> Words | None:
    return None if {SMS, CALLS, *FORGOTTEN} & ask.facts.keys() else W("选一项", "Choose one")


def not_held(ask: Ask) -> Words | None:
    if is_held(ask.marks, ask.at):
        return W("这件事已经在保全，先解除再重新保全", "This case is held already; lift that first")
    return None


def is_held_now(ask: Ask) -> Words | None:
    return None if ask.marks.get(HELD) else W("这件事没有在保全", "This case is not held")


def ends_within_a_year(ask: Ask) -> Words | None:
    last = date.fromisoformat(ask.facts["until"]) if ask.facts.get("until") else None
    today = ask.at.astimezone(BEIJING).date()
    if last is None or not today < last <= today + timedelta(days=HOLD_DAYS):
        return W("写明到哪一天，从明天起最多一年", "Name its last day, from tomorrow and within a year")
    return None


# ---- effects


def _no_visit(ask: Ask) -> dict[str, Any]:
    """The wish to be called goes, unless somebody is just about to call: then they are told there is no number."""
    running = ask.case.get("clocks", {}).get("visit", {}).get("running")
    return {"visit": None} if ask.marks.get("visit") == "asked" and not running else {}


def consented(ask: Ask) -> Change:
    rows = dict(ask.case["facts"].get(CONSENTS) or {})
    for to in (SMS, CALLS, *FORGOTTEN):
        if to in ask.facts:
            rows[to] = {"yes": bool(ask.facts[to]), "at": ask.at.isoformat(), "v": VERSION}
    marks = _no_visit(ask) if ask.facts.get(CALLS) is False else {}
    gone = tuple(fact for to, fact in FORGOTTEN.items() if ask.facts.get(to) is False)
    return Change(facts={CONSENTS: rows}, marks=marks, erases=gone)


def erased(ask: Ask) -> Change:
    if ask.facts.get("what") != "words":
        return Change()
    gone = {name: None for name in ask.case["facts"] if name not in STAYS}
    empty: dict[str, Any] = {"title": "", "text": "", "place_words": "", "lon": None, "lat": None}
    return Change(set=empty, facts=gone, marks={LOCKED: None})


def held(ask: Ask) -> Change:
    last = date.fromisoformat(ask.facts["until"])
    ends = datetime.combine(last + timedelta(days=1), time(0), BEIJING)
    return Change(marks={HELD: last.isoformat()}, starts=(HOLD.name,), due={HOLD.name: ends})


def released(ask: Ask) -> Change:
    return Change(marks={HELD: None})


HOLD = Clock(HELD, W("依法保全", "Legal hold"), owner="desk", at_due=RELEASE, quiet=True)
CORRECTED = (
    Field("name", W("怎么称呼您", "Your name"), "text", data="P2", max_length=40),
    Field("phone", W("电话", "Phone"), "phone", data="P2"),
    Field("address", W("住址", "Address"), "text", data="P2", max_length=120),
)


def steps(states: Iterable[State]) -> tuple[Step, ...]:
    """The steps for a procedure with these states, in every one of them: what is kept may be asked after as long as it is kept."""
    days = {state.name: state.keep_days for state in states}
    every = tuple(days)

    def asks_erase(ask: Ask) -> Change:
        """Optional things at once; of everything else the rule and, where the case has ended, the day."""
        what, closed_at = ask.facts["what"], ask.case["closed_at"]
        if what == ACCOUNT:
            return Change(erases=(ACCOUNT,))
        if what == "visit":
            return Change(marks=_no_visit(ask))
        if what == "contact":
            return Change(erases=CONTACT, marks=_no_visit(ask))
        keep = days.get(ask.state)
        until = gone_on(closed_at, keep).isoformat() if closed_at and keep is not None else ""
        note = {"waits": {"until": until, "rule": RULE.zh}}
        return Change(erases=(*CONTACT, ACCOUNT), marks={LOCKED: True} | _no_visit(ask), note=note)

    return (
        Step(
            CORRECT, W("更正联系方式", "Correct my contact"), ("speaker",), every, fields=CORRECTED, rules=(has_contact,),
            done=W("您更正了联系方式", "You corrected your contact"),
        ),
        Step(
            ASK, W("请求擦除", "Ask to erase"), ("speaker",), every, rules=(not_asked_yet,), effect=asks_erase,
            fields=(Field("what", W("擦除什么", "What"), "choice", required=True, options=WHAT),),
            done=W("您请求擦除", "You asked to erase"),
        ),
        Step(
            CONSENT, W("改可选的同意", "Change optional consents"), ("speaker",), every, rules=(says_which,), effect=consented,
            fields=(
                Field(SMS, W("办到哪一步发短信", "Text me at each step"), "yesno"),
                Field(CALLS, W("可以打电话给我", "Call me"), "yesno"),
                Field(MAIL, W("发邮件", "E-mail me"), "yesno"), Field(PUSH, W("在设备上通知我", "Notify a device"), "yesno"),
                Field(WECHAT, W("微信通知我", "WeChat me"), "yesno"),
            ),
            done=W("您改了可选的同意", "You changed what you agree to"),
        ),
        *_of_the_house(every),
    )  # fmt: skip


def _of_the_house(every: tuple[str, ...]) -> tuple[Step, ...]:
    """What the clock erases, and what a document of the law holds back."""
    return (
        Step(
            ERASED, W("到期擦除", "Erased on its day"), ("clock",), every, effect=erased,
            fields=(
                Field("what", W("什么", "What"), "choice", required=True, options=GONE),
                Field("names", W("哪几项", "Which"), "text", shown=False, max_length=1000),
            ),
            done=W("保存期到了，已经擦除", "Its time of keeping is over: erased"),
        ),
        Step(
            HOLD_STEP, W("依法保全，暂不擦除", "Hold by law"), ("house",), every, rules=(not_held, ends_within_a_year), effect=held,
            fields=(
                Field("document", W("文书编号", "Number of the document"), "text", required=True, max_length=80),
                Field("article", W("依据哪一条", "By which article"), "text", required=True, max_length=200),
                Field("until", W("到哪一天（最多一年）", "Until which day, at most a year"), "date", required=True),
            ),
            done=W("依法保全，到期前不擦除", "Held by law: not erased before its day"),
        ),
        Step(
            LIFT, W("提前解除保全", "Lift the hold"), ("house",), every, rules=(is_held_now,), effect=released, stops=(HOLD.name,),
            fields=(Field("document", W("文书编号", "Number of the document"), "text", required=True, max_length=80),),
            done=W("保全提前解除", "The hold was lifted"),
        ),
        Step(
            RELEASE, W("保全到期", "The hold ends"), ("clock",), every, effect=released, stops=(HOLD.name,),
            done=W("保全到期，照常按日子擦除", "The hold has ended"),
        ),
    )  # fmt: skip
