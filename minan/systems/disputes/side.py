"""One party of a dispute: a case of its own under it, with its own link, vault and notices. What it does takes a step on the
dispute in the same transaction; where that is refused, so is this (Step.parent_must)."""

from __future__ import annotations

from dataclasses import replace

from minan.kernel import childhood, common, onetime_code, rights, telling
from minan.kernel.procedure import Ask, Change, Field, Procedure, State, Step, Words
from minan.systems.disputes import agreement, sealed, talks
from minan.systems.disputes import fields as f

W = Words
ASKED, IN, ENDED = ("waiting", "called"), ("taking_part",), ("stopped", "over")
OPEN = (*ASKED, *IN)
WHO = ("speaker", "lead", "desk")  # itself by its link; its own desk where it is an organisation; the mediator for it
STATES = (
    State("waiting", W("等这一方同意", "Awaiting consent"), holder="speaker"),
    State("called", W("等这个单位答复", "Awaiting the organisation"), holder="lead"),
    State("taking_part", W("参加调解", "Taking part")),
    State("stopped", W("不再调解", "Stopped"), final=True, keep_days=f.KEEP),
    State("over", W("调解结束", "Over"), final=True, keep_days=f.KEEP),
)


def opened(ask: Ask) -> Change:
    party = dict(f.PARTY)[ask.facts.get("party") or f.A].zh
    office = {"office": ask.facts["office"]} if ask.facts.get("office") else {}
    return Change(set={"title": ask.case["title"] or party}, facts={"party": party} | office)


def begins(ask: Ask) -> str:
    return "taking_part" if ask.facts.get("applied") else "called" if ask.facts.get("office") else "waiting"


def does(ask: Ask) -> Change:
    """What the dispute is told: who entered it, where it was not the side itself, and which paper they had read."""
    hand = bool(ask.person) and not f.is_own_desk(ask)
    up = {"person": ask.person, "by_hand": True} if hand else {"how": "staff"} if ask.person else {}
    return Change(
        up=up | {name: ask.facts[name] for name in ("k", "row", "right") if name in ask.facts},
        note={"by_hand": True} if hand else {},
    )


def signs(ask: Ask) -> Change:
    change = does(ask)
    change.facts = dict(onetime_code.used())
    change.up["n"] = ask.case["n"] + 1  # under which the drawn signature lies in this side's vault
    return change


def lives(ask: Ask) -> Words | None:
    return onetime_code.lives(ask) if "speaker" in ask.roles else None


def code_fits(ask: Ask) -> Words | None:
    """Named as the rule it asks: its misses are counted by that name."""
    if "speaker" in ask.roles and (ask.case["facts"].get(onetime_code.FACT) or {}).get("for"):
        return W("这个验证码是交报价用的，签字要另要一个", "That code was for an offer; ask for one to sign")
    return onetime_code.code_fits(ask) if "speaker" in ask.roles else None


def paper_told(ask: Ask) -> Words | None:
    """Before the mediator the paper itself is signed; they say how, and who was there. An organisation signs by its own desk."""
    if "speaker" in ask.roles or f.is_own_desk(ask) or ask.facts.get("hand"):
        return None
    return W("写明在纸上怎么签的、谁在场", "Say how the paper was signed, and who was there")


def is_committee(ask: Ask) -> Words | None:
    return W("由调委会办", "The committee does this") if f.is_own_desk(ask) else None


def has_phone(ask: Ask) -> Words | None:
    if ask.offices.reachable(ask.case["code"]):
        return None
    return W("您没有留手机号，到调委会当面签", "No phone number is known: sign before the mediator")


def _act(
    name: str,
    label: Words,
    parent: str,
    sources: tuple[str, ...] = IN,
    *fields: Field,
    done: Words,
    to: str = "",
    **more: object,
) -> Step:
    given = {"effect": does} | more
    return Step(name, label, WHO, sources, to, parent=parent, parent_must=True, fields=fields, done=done, **given)  # type: ignore[arg-type]


OPENING = Step(
    "name_side",
    W("列为当事人", "Named as a party"),
    ("clock",),
    to_any=OPEN,
    decide=begins,
    effect=opened,
    fields=(
        Field("party", W("哪一方", "Which party"), "choice", options=f.PARTY),
        Field("applied", W("已申请", "Applied"), "yesno", shown=False),
        Field("office", W("单位", "Organisation"), "unit", shown=False),
        Field("sort", W("类别", "Kind"), "choice", options=f.SORTS),
        Field("name", W("姓名", "Name"), "text", data="P2", max_length=60),
        Field("phone", W("电话", "Phone"), "phone", data="P2"),
    ),
    done=W("您是这件纠纷的一方", "You are a party to this dispute"),
)

TAKING_PART = (
    _act(
        "agree",
        W("同意调解", "I consent"),
        "side_agreed",
        ASKED,
        to="taking_part",
        done=W("同意调解", "Consented to mediation"),
    ),
    _act(
        "stop",
        W("不愿调解了", "I do not wish to go on"),
        "side_stopped",
        OPEN,
        to="stopped",
        stops=("*",),
        done=W("不再调解，可以走别的途径", "Mediation ended; other ways are open"),
    ),
    _act(
        "ask_change",
        W("申请换调解员", "Ask for another mediator"),
        "side_asks_change",
        IN,
        f.paper("words", W("为什么想换、想请谁（主任看得到）", "Why, and whom you would like"), most=600),
        done=W("申请换调解员", "Asked for another mediator"),
    ),
    _act(
        "more_time",
        W("同意延长一个月", "I agree to one month more"),
        "side_longer",
        done=W("同意延长", "Agreed to more time"),
    ),
    _act(
        "speak",
        W("在会谈室里说", "Speak in the room"),
        "side_spoke",
        IN,
        f.paper("words", W("对方和调解员都看得到", "The other side and the mediator read it"), most=2000),
        done=W("在会谈室里说了话", "Spoke in the room"),
    ),
    _act(
        "whisper",
        W("只对调解员说", "To the mediator alone"),
        "side_spoke",
        IN,
        f.paper("words", W("只有您和调解员看得到", "Only you and the mediator read it"), most=2000),
        done=W("对调解员单独说了话", "Spoke to the mediator alone"),
    ),
    _act(
        "read_record",
        W("记录看过了", "I have read the record"),
        "side_confirmed",
        IN,
        f.SEEN,
        Field("right", W("记得对不对", "Is it right?"), "yesno", required=True),
        f.paper("words", W("哪里不对（各方都看得到）", "What is wrong (all read it)"), required=False, most=2000),
        done=W("看了共同记录", "Read the joint record"),
    ),
    _act(
        "propose",
        W("提我的方案", "Make a proposal"),
        "side_proposed",
        IN,
        f.paper("words", W("您的方案，对方看得到", "Your proposal; the other side reads it"), most=2000),
        done=W("提了方案", "Made a proposal"),
    ),
    _act(
        "accept",
        W("同意这个方案", "I accept the proposal"),
        "side_accepted",
        IN,
        f.SEEN,
        done=W("同意方案", "Accepted the proposal"),
    ),
    Step(
        "ask_code",
        W("要签字的验证码", "Send me the code"),
        ("speaker",),
        IN,
        rules=(has_phone, onetime_code.not_too_often),
        effect=onetime_code.asked,
        code=True,
        tells=("speaker",),
        done=W("签调解协议", "To sign the agreement"),
    ),
    _act(
        "sign",
        W("签协议", "Sign the agreement"),
        "side_signed",
        IN,
        f.SEEN,
        Field("code", W("短信里的六位数", "The six digits"), "number", shown=False),
        Field(
            "hand",
            W("当面在纸上签的：怎么签、谁在场", "Signed on paper: how, and who was there"),
            "text",
            max_length=200,
            scrubbed=True,
            shown=False,
        ),
        f.DRAWN,
        rules=(lives, paper_told, code_fits),
        effect=signs,
        done=W("签了调解协议", "Signed the agreement"),
    ),
    _act(
        "paid",
        W("我已经履行", "I have performed"),
        "side_paid",
        IN,
        agreement.ROW,
        f.paper("words", W("怎么履行的：转账、收条", "How: transfer, receipt"), required=False, most=600),
        done=W("说已经履行", "Said that it was performed"),
    ),
    _act(
        "received",
        W("收到了", "I received it"),
        "side_received",
        IN,
        agreement.ROW,
        done=W("确认对方已经履行", "Confirmed that the other side performed"),
    ),
    _act(
        "complain",
        W("对方没有履行", "They did not perform"),
        "side_complains",
        IN,
        f.paper("words", W("哪一项没有履行", "What was not performed"), most=1000),
        done=W("说对方没有履行", "Said that the other side did not perform"),
    ),
    _act(
        "want_court",
        W("申请司法确认", "Apply for judicial confirmation"),
        "side_wants_court",
        done=W("申请司法确认", "Applied for judicial confirmation"),
    ),
)

BY_MEDIATOR = (
    Step(
        "talk",
        W("单独谈话的记录", "Note of a talk with this side"),
        ("lead", "desk"),
        IN,
        key="T",
        rules=(is_committee,),
        parent="side_talked",
        parent_must=True,
        effect=does,
        fields=(f.paper("words", W("只有这一方和调解员看得到", "Only this side and the mediator read it"), most=8000),),
        done=W("记了与您的单独谈话", "A talk with you was noted"),
    ),
    Step(
        "hand_link",
        W("给他们链接", "Hand over the link"),
        ("lead", "desk"),
        OPEN,
        rules=(is_committee,),
        parent="side_handed",
        parent_must=True,
        effect=does,
        done=W("调委会打开了您的链接，交给您本人", "The committee opened your link to hand it to you"),
    ),
    Step(
        "contact",
        W("登记这一方的电话", "Enter this side's phone"),
        ("lead", "desk"),
        OPEN,
        key="C",
        parent="side_reached",
        parent_must=True,
        effect=lambda ask: replace(does(ask), facts={"contact_at": ask.at.isoformat()}),
        fields=(
            Field("name", W("姓名", "Name"), "text", data="P2", max_length=60),
            Field("phone", W("手机", "Phone"), "phone", required=True, data="P2"),
        ),
        done=W("登记了联系方式", "The contact was entered"),
    ),
    Step(
        "code_missed",
        W("验证码不对", "A wrong code"),
        ("clock",),
        IN,
        effect=onetime_code.missed,
        public=False,
        done=W("验证码输错了一次", "A wrong code was typed"),
    ),
)

# What happens in the dispute, told to each side by its own link and number (handlers.py): dispute step → (step here, words).
NEWS: dict[str, tuple[str, Words]] = {
    "accept": (
        "invited",
        W("调委会请您调解一件纠纷，愿不愿意由您定", "You are invited to mediation; it is for you to decide"),
    ),
    "take_on": ("mediator_named", W("调解员定了", "A mediator was named")),
    "change_mediator": ("mediator_left", W("调解员换了，另定一位", "The mediator was changed")),
    "keep_mediator": ("mediator_stays", W("申请换调解员有了答复", "There is an answer about the mediator")),
    "bring_in": ("joined", W("又请了一方参加调解，愿不愿意由他们定", "Another side was asked to take part")),
    "session": ("session_set", W("约了调解的时间", "A session was arranged")),
    "record": ("record_ready", W("共同记录写好了，请看对不对", "The joint record is ready; please read it")),
    "propose": ("offer_made", W("有了新的方案", "There is a new proposal")),
    "side_proposed": ("side_offer", W("有一方提了方案", "A side made a proposal")),
    "draft": (
        "draft_ready",
        W("调解协议书写好了，请看，愿意就签", "The agreement is ready; read it and sign if you wish"),
    ),
    "seal": ("in_force", W("调解协议今天生效", "The agreement is in force from today")),
    "oral": ("oral_in_force", W("口头协议今天生效", "The oral agreement is in force from today")),
    "extended": ("time_added", W("各方同意，期限延长一次", "All agreed to more time")),
    "pay_day": ("due_today", W("今天是约定履行的日子", "Something that was agreed is due today")),
    "late": ("not_done", W("到期没有履行，调解员在督促", "Not performed in time; the mediator sees to it")),
    "side_complains": ("said_not_done", W("一方说没有履行，调解员在督促", "A side says it was not performed")),
    "urge_on": ("urged_on", W("调解员督促履行", "The mediator urges to perform")),
    "court_took": ("court_news", W("法院受理了司法确认", "The court accepted the confirmation")),
    "court_ruled": ("court_word", W("法院对司法确认作了裁定", "The court ruled on the confirmation")),
    **sealed.NEWS,
}
TOLD = tuple(Step(name, words, ("clock",), OPEN, tells=("speaker", "fact:office"), done=words) for name, words in NEWS.values())

_OVER = W("这件纠纷的调解结束了，结果在页面上", "This mediation is over; the page says how")
KIN = tuple(
    replace(step, tells=("speaker", "fact:office"), done=_OVER) if step.name == childhood.CALL_OFF else step
    for step in childhood.steps(OPEN, "over")
)
PROCEDURE = Procedure(
    "side",
    1,
    W("调解的一方", "Party to a dispute"),
    STATES,
    (
        *TAKING_PART,
        *sealed.BY_SIDE,
        *BY_MEDIATOR,
        *TOLD,
        *KIN,
        *(s for s in common.looking((*OPEN, *ENDED)) if s.name in ("defer", common.TOLD)),
        *rights.steps(STATES),
        *telling.steps(STATES),
    ),
    (common.DEFERRAL, rights.HOLD),
    opening=OPENING,
    first="waiting",
    titles=f.TITLES,
    privacy="confidential",
    counted=False,
    guest=True,
    room="disputes:room",
)
__all__ = ["NEWS", "PROCEDURE", "talks"]
