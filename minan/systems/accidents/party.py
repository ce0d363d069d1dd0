"""One person of an accident (the driver first of all): a case under it with a link of their own, where they say what they advance."""

from __future__ import annotations

from dataclasses import replace

from minan.kernel import childhood, common, rights, telling
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words
from minan.systems.accidents import fields as f

W = Words
OPEN = ("there", "asked")
STATES = (
    State("there", W("参加处理", "Taking part")),
    State("asked", W("请先垫付医药费", "Asked to advance the hospital's bill"), holder="speaker"),
    State("over", W("事故办结", "The accident is closed"), final=True, keep_days=f.KEEP),
)
CLOCKS = (
    Clock("driver_answer", W("答复垫付", "Answer about the advance"), owner="desk", at_due="remind"),
    common.DEFERRAL,
    rights.HOLD,
)
OPENING = Step(
    "name_party",
    W("列为事故一方", "Named as a side"),
    ("clock",),
    to="there",
    effect=lambda ask: Change(facts={"party": dict(f.PARTY)[ask.facts.get("who") or "b"].zh}),
    fields=(
        f.who(required=False),
        Field("name", W("姓名", "Name"), "text", data="P2", max_length=60),
        Field("phone", W("电话", "Phone"), "phone", data="P2"),
    ),
    done=W("您是这起事故的一方", "You are a side of this accident"),
)


def _row(ask: Ask) -> dict[str, str]:
    return {"by": ask.case["facts"].get("ref", "b"), "who": "a", "amount": f"{ask.facts['amount']}.00", "on": ask.facts["on"]}


def positive(ask: Ask) -> Words | None:
    return None if ask.facts["amount"] > 0 else W("金额写元，整数", "Whole yuan, more than nothing")


def paid(ask: Ask) -> Change:
    hand = bool(ask.person)
    paid_before = list(ask.case["facts"].get("paid") or [])
    return Change(
        facts={"paid": [*paid_before, _row(ask)], "wanted": None},
        up={"advance": _row(ask)},
        note={"by_hand": True} if hand else {},
    )


def declined(_ask: Ask) -> Change:
    return Change(facts={"wanted": None})


_OVER = W("这起事故办结了", "This accident is closed")
def by_whom(ask: Ask) -> Change:
    """The accident knows who its mediator is, and refuses anybody else of the committee."""
    return Change(up={"person": ask.person})


STEPS = (
    Step(
        "wanted",
        W("请先垫付", "Asked to advance"),
        ("clock",),
        OPEN,
        "asked",
        starts=("driver_answer",),
        effect=lambda ask: Change(facts={"wanted": ask.facts["amount"]}),
        fields=(Field("amount", W("垫付多少（元）", "How much, yuan"), "number", required=True),),
        tells=("speaker",),
        done=W("伤者交不起医药费，调解员请您先垫付，以后从该您赔的里面扣", "Please advance the hospital's bill; it is set off later"),
    ),
    Step(
        "paid",
        W("我垫付了", "I advanced it"),
        ("speaker", "desk"),
        OPEN,
        "there",
        stops=("driver_answer",),
        rules=(positive, f.not_future("on")),
        effect=paid,
        parent="advance_in",
        parent_must=True,
        fields=(
            Field("amount", W("付了多少（元）", "How much, yuan"), "number", required=True),
            Field("on", W("哪天付的", "When"), "date", required=True),
            f.paper("words", W("付给哪家医院、收据号", "To which hospital; the receipt"), required=False, most=400),
        ),
        tells=("desk",),
        done=W("垫付了医药费，以后从该赔的里面扣", "Advanced the hospital's bill; it is set off later"),
    ),
    Step(
        "decline",
        W("现在垫不了", "I cannot now"),
        ("speaker", "desk"),
        ("asked",),
        "there",
        stops=("driver_answer",),
        effect=declined,
        parent="advance_refused",
        fields=(f.paper("words", W("为什么（可以不写）", "Why; may be left empty"), required=False, most=400),),
        tells=("desk",),
        done=W("说现在垫不了，调解员另想办法", "Cannot advance it now; the mediator looks for another way"),
    ),
    Step(
        "contact",
        W("登记电话", "Enter the phone"),
        ("desk",),
        OPEN,
        fields=(
            Field("name", W("姓名", "Name"), "text", data="P2", max_length=60),
            Field("phone", W("手机", "Phone"), "phone", required=True, data="P2"),
        ),
        parent="side_reached",
        parent_must=True,
        effect=by_whom,
        done=W("登记了联系方式", "The contact was entered"),
    ),
    Step(
        "hand_link",
        W("给他们链接", "Hand over the link"),
        ("desk",),
        OPEN,
        parent="side_handed",
        parent_must=True,
        effect=by_whom,
        done=W("调委会打开了您的链接，交给您本人", "The committee opened your link to hand it to you"),
    ),
    Step(
        "figures",
        W("算清了", "It was worked out"),
        ("clock",),
        OPEN,
        tells=("speaker",),
        done=W("赔偿算清了，请看每一项", "The damages were worked out; look at every line"),
    ),
    Step(
        "remind",
        W("到期提醒", "Reminder"),
        ("clock",),
        OPEN,
        folds=True,
        tells=("speaker", "desk"),
        done=W("还没有答复垫付", "No answer about the advance yet"),
    ),
    *(replace(s, tells=("speaker",), done=_OVER) if s.name == childhood.CALL_OFF else s for s in childhood.steps(OPEN, "over")),
    *(s for s in common.looking(tuple(s.name for s in STATES)) if s.name in ("defer", common.TOLD)),
    *rights.steps(STATES),
    *telling.steps(STATES),
)
PROCEDURE = Procedure(
    "road_party",
    1,
    W("事故一方", "Side of an accident"),
    STATES,
    STEPS,
    CLOCKS,
    opening=OPENING,
    titles=(W("道路交通事故", "Road accident"),),
    first="there",
    privacy="confidential",
    counted=False,
    guest=True,
    room="accidents:file",
)
