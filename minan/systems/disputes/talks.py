"""Mediation itself: sessions, the room, the three papers, proposals, more time, no agreement, a look into the file, danger."""

from __future__ import annotations

from datetime import datetime, timedelta

from minan.kernel.procedure import Ask, Change, Field, Step, Words
from minan.systems.disputes import fields as f
from minan.systems.disputes import village
from minan.systems.disputes.opening import EARLY, MINUTES, TALKING

W = Words
AFTER = ("agreed", "breached")
OPEN = (*EARLY, *TALKING, *AFTER)
ENDED = ("fulfilled", "ended", "refused", "withdrawn", "elsewhere")
DUTY = {"police": "police", "ambulance": "rescue", "women": "women", "children": "civil"}
POSTS = (
    ("police", W("派出所", "Police")),
    ("ambulance", W("120 急救", "Ambulance 120")),
    ("women", W("妇女维权值班", "Duty post for women")),
    ("children", W("未成年人保护值班", "Duty post for children")),
)
MEDIATOR = "m"


def lies_ahead(ask: Ask) -> Words | None:
    if datetime.fromisoformat(ask.facts["when"]) > ask.at:
        return None
    return W("约的时间已经过了", "That time has passed")


def arranged(ask: Ask) -> Change:
    return Change(facts={"session": {"when": ask.facts["when"], "where": ask.facts["where"]}})


def recorded(ask: Ask) -> Change:
    return village.citing(ask, Change(facts={"record": {"k": ask.case["n"] + 1, "ok": [], "wrong": []}}))


def is_last_record(ask: Ask) -> Words | None:
    row = ask.case["facts"].get("record") or {}
    if row.get("k") == ask.facts.get("k"):
        return None
    return W("又有了新的一份记录，请看新的", "There is a newer record; please read that one")


def confirmed(ask: Ask) -> Change:
    row, ref = dict(ask.case["facts"]["record"]), ask.facts["ref"]
    ok = [one for one in row["ok"] if one != ref] + ([ref] if ask.facts.get("right") else [])
    wrong = [one for one in row["wrong"] if one != ref] + ([] if ask.facts.get("right") else [ref])
    return Change(facts={"record": row | {"ok": ok, "wrong": wrong}})


def offered(ask: Ask) -> Change:
    by, last = ask.facts.get("ref", MEDIATOR), ask.case["facts"].get("offer") or {}
    return village.citing(ask, Change(facts={"offer": {"k": last.get("k", 0) + 1, "by": by, "ok": [by] if by != MEDIATOR else []}}))


def is_last_offer(ask: Ask) -> Words | None:
    row, ref = ask.case["facts"].get("offer") or {}, ask.facts["ref"]
    if row.get("k") != ask.facts.get("k"):
        return W("方案已经变了，请看最新的一个", "The proposal has changed; please read the latest")
    return W("您已经同意过了", "You agreed to it already") if ref in row["ok"] else None


def accepted(ask: Ask) -> Change:
    row = dict(ask.case["facts"]["offer"])
    return Change(facts={"offer": row | {"ok": [*row["ok"], ask.facts["ref"]]}})


def met(ask: Ask) -> bool:
    return set((ask.case["facts"].get("offer") or {}).get("ok", [])) == set(f.sides(ask.case["facts"]))


def longer_once(ask: Ask) -> Words | None:
    if ask.case["facts"].get("extended"):
        return W("已经延过一次", "It was extended once already")
    if ask.facts["ref"] in (ask.case["facts"].get("longer") or []):
        return W("您已经同意过延长了", "You agreed to more time already")
    return None


def longer(ask: Ask) -> Change:
    return Change(facts={"longer": [*(ask.case["facts"].get("longer") or []), ask.facts["ref"]]})


def both_longer(ask: Ask) -> str:
    """Asked after the step: its own word stands in the facts by then."""
    return "extended" if set(ask.case["facts"].get("longer") or []) == set(f.sides(ask.case["facts"])) else ""


def extended(ask: Ask) -> Change:
    return Change(facts={"extended": True, "longer": None})


def ended(ask: Ask) -> Change:
    return Change(set={"outcome": "no_agreement"}, note={"document": "终止调解告知书", "words": f.WAYS.zh})


def may_inspect(ask: Ask) -> Words | None:
    """Head and judicial office at any time; before a mediator took it on, whoever of the committee prepares it."""
    early = ask.state in EARLY and ({"desk", "lead"} & ask.roles)
    if early or "ruler" in ask.roles or ask.offices.heads(ask.case["desk"], ask.person):
        return None
    return W("由主任或司法所查看", "The head or the judicial office inspects")


def inspected(ask: Ask) -> Change:
    until = (ask.at + timedelta(minutes=MINUTES)).isoformat()
    return Change(facts={"inspects": (ask.case["facts"].get("inspects") or {}) | {ask.person: until}})


def in_danger(ask: Ask) -> Change:
    called = list(ask.marks.get("called", []))
    unit = ask.offices.free(ask.offices.nearest(DUTY[ask.facts["to"]], ask.case["place"]), ask.case["walls"], "line")
    called += [unit] if unit and unit not in called else []
    return Change(marks={"danger": True, "called": called}, facts={"danger_by": ask.person})


def another_person(ask: Ask) -> Words | None:
    if ask.person and ask.person == ask.case["facts"].get("danger_by"):
        return W("要由另一个人复核", "Another person must review it")
    return None if ask.marks.get("danger") else W("没有待复核的危险报告", "No report of danger awaits review")


def danger_reviewed(_ask: Ask) -> Change:
    return Change(marks={"danger": None, "called": None})


def _by_side(name: str, label: Words, sources: tuple[str, ...], **more: object) -> Step:
    rules = (f.acts_for_side, *more.pop("rules", ()))  # type: ignore[misc]
    return Step(name, label, ("clock",), sources, rules=rules, public=False, tells=("lead",), done=label, **more)  # type: ignore[arg-type]


MEDIATION = (
    Step(
        "session",
        W("约时间", "Arrange a session"),
        ("lead",),
        TALKING,
        key="T",
        rules=(f.is_mediator, lies_ahead),
        effect=arranged,
        fields=(
            Field("when", W("什么时候", "When"), "moment", required=True),
            Field(
                "where",
                W("怎么谈", "How"),
                "choice",
                required=True,
                options=(
                    ("room", W("当面", "In a room")),
                    ("link", W("在网上的会谈室里打字", "In the text room by link")),
                ),
            ),
            f.paper("spot", W("在哪里、带什么", "Where, and what to bring"), required=False, most=300),
        ),
        done=W("约了调解的时间", "A session was arranged"),
    ),
    Step(
        "speak",
        W("在会谈室里说", "Speak in the room"),
        ("lead",),
        (*TALKING, *AFTER),
        rules=(f.is_mediator,),
        fields=(f.paper("words", W("说给各方", "To all sides"), most=2000),),
        done=W("调解员在会谈室里说了话", "The mediator spoke in the room"),
    ),
    Step(
        "record",
        W("共同记录", "Joint record"),
        ("lead",),
        TALKING,
        key="R",
        rules=(f.is_mediator, village.cite_holds),
        effect=recorded,
        fields=(
            f.paper(
                "words",
                W("谈了什么、各自怎么说（各方都看、都确认）", "What was talked about; all read and confirm it"),
                most=8000,
            ),
            village.CITE,
        ),
        done=W("写了共同记录，请各方看", "A joint record was written for all to read"),
    ),
    Step(
        "own_note",
        W("自己的备忘", "My own note"),
        ("lead",),
        OPEN,
        key="N",
        rules=(f.is_mediator,),
        public=False,
        fields=(f.paper("words", W("只有您自己看得到", "Only you read it"), shown=False),),
        done=W("调解员记了备忘", "The mediator made a note"),
    ),
    Step(
        "propose",
        W("提方案", "Propose"),
        ("lead",),
        TALKING,
        key="P",
        rules=(f.is_mediator, village.cite_holds),
        effect=offered,
        fields=(f.paper("words", W("方案，各方都看得到", "The proposal, for all sides")), village.CITE),
        done=W("调解员提了方案", "The mediator made a proposal"),
    ),
    Step(
        "end_without",
        W("没有谈成，终止调解", "No agreement"),
        ("lead",),
        ("choosing", *TALKING),
        "ended",
        key="X",
        number="人调终",
        stops=("*",),
        rules=(f.is_mediator,),
        effect=ended,
        fields=(
            f.paper("words", W("各方争的是什么、为什么没有谈成", "What they dispute, and why no agreement was found")),
        ),
        done=W("没有达成协议，告知了其他途径", "No agreement; the other ways were told in writing"),
    ),
    Step(
        "inspect",
        W("查看卷宗（10 分钟）", "Inspect the file, 10 minutes"),
        ("desk", "ruler", "lead"),
        (*OPEN, *ENDED),
        rules=(may_inspect,),
        effect=inspected,
        public=False,
        fields=(f.words(W("为什么要看", "Why")),),
        done=W("查看了卷宗", "The file was inspected"),
    ),
    _by_side("side_spoke", W("一方说了话", "A side spoke"), (*TALKING, *AFTER)),
    _by_side("side_handed", W("把链接交给一方", "A side was given its link"), (*EARLY, *TALKING, *AFTER)),
    _by_side("side_reached", W("登记了一方的电话", "A side's phone was entered"), (*EARLY, *TALKING, *AFTER)),
    _by_side("side_talked", W("记了与一方的单独谈话", "A talk with one side was noted"), TALKING),
    _by_side(
        "side_confirmed",
        W("一方看了记录", "A side read the record"),
        TALKING,
        rules=(is_last_record,),
        effect=confirmed,
    ),
    _by_side("side_proposed", W("一方提了方案", "A side made a proposal"), TALKING, effect=offered),
    _by_side(
        "side_accepted",
        W("一方同意方案", "A side accepts the proposal"),
        TALKING,
        rules=(is_last_offer,),
        effect=accepted,
    ),
    _by_side(
        "side_longer",
        W("一方同意延长", "A side agrees to more time"),
        TALKING,
        rules=(longer_once,),
        effect=longer,
        then=both_longer,
        then_any=("extended",),
    ),
    Step(
        "extended",
        W("各方同意，延长期限", "Extended by all"),
        ("clock",),
        TALKING,
        extends="mediate",
        effect=extended,
        tells=("lead",),
        done=W("各方都同意，调解期限延长一次", "All agreed: the time was extended once"),
    ),
)

BESIDE = (
    Step(
        "danger",
        W("有危险", "Danger"),
        ("staff",),
        OPEN,
        key="!",
        effect=in_danger,
        starts=("danger",),
        tells=("called",),
        public=False,
        near=True,
        fields=(
            Field("to", W("马上叫谁", "Call whom"), "choice", required=True, options=POSTS, shown=False),
            f.words(W("谁有危险、在哪里、最需要什么", "Who is in danger, where, what is needed most")),
        ),
        done=W("报了危险", "Danger was reported"),
    ),
    Step(
        "review_danger",
        W("复核危险", "Review danger"),
        ("desk", "above"),
        OPEN,
        rules=(another_person,),
        effect=danger_reviewed,
        public=False,
        fields=(f.words(W("复核结果", "What the review found")),),
        stops=("danger",),
        done=W("复核了危险报告", "The report of danger was reviewed"),
    ),
    Step(
        "remind",
        W("到期提醒", "Reminder"),
        ("clock",),
        OPEN,
        folds=True,
        tells=("holder",),
        public=False,
        done=W("超过时限，自动催办", "Past its time; reminded"),
    ),
    Step(
        "go_up",
        W("自动上提一级", "Gone up a level"),
        ("clock",),
        OPEN,
        tells=("above",),
        public=False,
        done=W("超过一倍半时限，已报上一级", "Told to the level above"),
    ),
)
