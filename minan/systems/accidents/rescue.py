"""Who cannot pay the hospital: the insurer pays rescue costs, or the relief fund advances them; each on a narrow case of its own.

道路交通安全法 art. 75: 保险公司在责任限额范围内支付抢救费用，超过限额、未投保、逃逸的由救助基金先行垫付；交强险条例 art. 31；
道路交通事故社会救助基金管理办法（2021）: 一般垫付七日内的抢救费用，收到通知或申请后三个工作日内审核（引用前请核对）。
"""

from __future__ import annotations

from minan.kernel import childhood, common, rights
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words
from minan.systems.accidents import fields as f

W = Words
OPEN = ("asked", "promised")
WAYS = (
    ("insurer", W("保险公司支付抢救费用", "The insurer pays rescue costs")),
    ("fund", W("道路交通事故社会救助基金垫付", "The relief fund advances them")),
)
# 救助基金管理办法（2021）第十四条（引用前请核对）
GROUNDS = (
    ("over", W("抢救费用超过交强险责任限额", "Rescue costs exceed the compulsory limit")),
    ("uninsured", W("肇事车辆没有交强险", "The vehicle has no compulsory insurance")),
    ("fled", W("肇事后逃逸", "The driver fled")),
)
STATES = (
    State("asked", W("等审核", "Awaiting a decision"), holder="lead"),
    State("promised", W("同意垫付，待付款", "Granted, to be paid"), holder="lead"),
    State("paid", W("已付给医院", "Paid to the hospital"), final=True, keep_days=f.KEEP),
    State("refused", W("不予垫付", "Refused"), final=True, keep_days=f.KEEP),
    State("called_off", W("不用了", "Called off"), final=True, keep_days=f.KEEP),
)
CLOCKS = (
    Clock("rescue_answer", W("保险公司答复抢救费用", "The insurer answers"), at_due="remind", above="line"),
    Clock("fund_answer", W("救助基金审核", "The relief fund decides"), at_due="remind", above="line"),
    Clock("rescue_pay", W("付给医院", "Pay the hospital"), at_due="remind", above="line"),
    common.DEFERRAL,
    rights.HOLD,
)


def opened(ask: Ask) -> Change:
    way = ask.facts.get("way") or "insurer"
    kept = {"way": way, "who": ask.facts.get("who") or "a", "wanted": ask.facts.get("wanted") or 0, "ground": ask.facts.get("ground")}
    return Change(facts=kept, starts=("fund_answer" if way == "fund" else "rescue_answer",))


OPENING = Step(
    "ask_rescue",
    W("申请抢救费用", "Ask for rescue costs"),
    ("clock",),
    to="asked",
    effect=opened,
    tells=("lead",),
    fields=(
        Field("way", W("由谁", "By whom"), "choice", options=WAYS),
        f.who(W("谁受伤", "Who is hurt"), required=False),
        Field("wanted", W("要多少（元）", "How much, yuan"), "number"),
        Field("ground", W("为什么由救助基金", "Why the relief fund"), "choice", options=GROUNDS),
        f.paper("words", W("哪家医院、住院号、缺多少", "Which hospital, how much is missing"), required=False),
    ),
    done=W("申请抢救费用", "Rescue costs were asked for"),
)


def fits(ask: Ask) -> Words | None:
    if 0 < ask.facts["amount"] <= ask.case["facts"]["wanted"] * 2:
        return None
    return W("金额不对：写元，整数", "The amount is not right: whole yuan")


def as_promised(ask: Ask) -> Words | None:
    """Nobody pays more than what was promised."""
    if 0 < ask.facts["amount"] <= ask.case["facts"]["granted"]:
        return None
    return W("金额不对：不能多于答应的数", "The amount is not right: no more than what was promised")


def promised(ask: Ask) -> Change:
    return Change(facts={"granted": ask.facts["amount"]})


def paid(ask: Ask) -> Change:
    by = "fund" if ask.case["facts"]["way"] == "fund" else ask.case["unit"]
    row = {"by": by, "who": ask.case["facts"]["who"], "amount": f"{ask.facts['amount']}.00", "on": ask.facts["on"]}
    return Change(facts={"paid": row}, up={"advance": row})


STEPS = (
    Step(
        "promise",
        W("同意垫付", "Grant it"),
        ("lead",),
        ("asked",),
        "promised",
        key="A",
        stops=("rescue_answer", "fund_answer"),
        starts=("rescue_pay",),
        rules=(fits,),
        effect=promised,
        tells=("desk",),
        fields=(Field("amount", W("同意多少（元）", "How much, yuan"), "number", required=True),),
        number="垫付",
        done=W("同意垫付抢救费用", "Rescue costs were granted"),
    ),
    Step(
        "refuse",
        W("不予垫付", "Refuse"),
        ("lead",),
        ("asked",),
        "refused",
        key="X",
        stops=("*",),
        fields=(f.words(W("理由和依据，写给申请人", "Reasons and the rule they rest on")),),
        parent="advance_refused",
        tells=("desk",),
        done=W("不予垫付", "Refused"),
    ),
    Step(
        "pay",
        W("付给医院了", "Paid to the hospital"),
        ("lead",),
        ("promised",),
        "paid",
        key="P",
        stops=("*",),
        rules=(as_promised, f.not_future("on")),
        effect=paid,
        parent="advance_in",
        parent_must=True,
        fields=(
            Field("amount", W("付了多少（元）", "How much, yuan"), "number", required=True),
            Field("on", W("哪天付的", "When"), "date", required=True),
            f.paper("words", W("回单号、付到哪里", "Receipt, and where it went"), required=False, most=400),
        ),
        tells=("desk",),
        done=W("抢救费用付给医院了", "Rescue costs were paid to the hospital"),
    ),
    *childhood.narrow(STATES, OPEN, "called_off"),
)
PROCEDURE = Procedure(
    "rescue",
    1,
    W("抢救费用垫付", "Rescue costs"),
    STATES,
    STEPS,
    CLOCKS,
    opening=OPENING,
    titles=(W("道路交通事故", "Road accident"),),
    first="asked",
    privacy="confidential",
    counted=False,
    room="accidents:file",
)
