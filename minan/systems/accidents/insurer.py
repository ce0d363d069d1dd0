"""The insurer's narrow view: is the car insured here, for how much, from when; then its ten days to pay what was agreed.

机动车交通事故责任强制保险条例 art. 27–31: 五日内核定、达成协议后十日内赔付，抢救费用接到通知后及时支付；保险法 art. 23（引用前请核对）。
"""

from __future__ import annotations

from minan.kernel import childhood, common, rights
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words
from minan.systems.accidents import fields as f

W = Words
OPEN = ("asked", "confirmed", "owing")
STATES = (
    State("asked", W("等保险公司核定", "Awaiting the insurer"), holder="lead"),
    State("confirmed", W("保单核定了", "Policy confirmed")),
    State("owing", W("协议生效，待赔付", "Agreed, to be paid"), holder="lead"),
    State("not_ours", W("不在本公司投保", "Not insured here"), final=True, keep_days=f.KEEP),
    State("over", W("事故办结", "The accident is closed"), final=True, keep_days=f.KEEP),
)
CLOCKS = (
    Clock("cover_answer", W("核定保单", "Confirm the policy"), at_due="remind", above="line"),
    Clock("insurer_pay", W("协议后赔付", "Pay what was agreed"), at_due="remind", above="line"),
    common.DEFERRAL,
    rights.HOLD,
)
OPENING = Step(
    "ask_cover",
    W("请保险公司核定", "Ask the insurer"),
    ("clock",),
    to="asked",
    starts=("cover_answer",),
    tells=("lead",),
    fields=(f.who(W("谁的车", "Whose vehicle"), required=False),),
    effect=lambda ask: Change(facts={"who": ask.facts.get("who") or "b"}),
    done=W("请保险公司核定保单", "The insurer was asked about the policy"),
)


def in_force(ask: Ask) -> Words | None:
    if ask.facts["until"] < ask.facts["since"]:
        return W("止期在起期以前", "It ends before it begins")
    if not ask.facts.get("compulsory") and not ask.facts.get("limit"):
        return W(
            "交强险、商业三者险至少有一个；都没有的，按“不在本公司投保”",
            "There is compulsory or commercial cover; where neither, say that it is not insured here",
        )
    return None


def confirmed(ask: Ask) -> Change:
    row = {"compulsory": bool(ask.facts.get("compulsory")), "since": ask.facts["since"], "until": ask.facts["until"]}
    if ask.facts.get("limit"):
        row["limit"] = f.money(ask.facts["limit"])
    if ask.facts.get("deductible"):
        row["deductible"] = f"{ask.facts['deductible'] / 100:.2f}"
    told = {"who": ask.case["facts"]["who"], "insurer": ask.case["unit"], "cover": row}
    return Change(facts={"cover": row}, up=told)


def share_reads(ask: Ask) -> Words | None:
    if not 0 <= (ask.facts.get("deductible") or 0) <= 100:
        return W("免赔率写 0 到 100 的整数", "A deductible lies between 0 and 100 per cent")
    return None


STEPS = (
    Step(
        "confirm",
        W("核定保单", "Confirm the policy"),
        ("lead",),
        ("asked", "confirmed"),
        "confirmed",
        key="A",
        stops=("cover_answer",),
        parent="cover_in",
        parent_must=True,
        rules=(f.money_reads("limit"), share_reads, in_force),
        effect=confirmed,
        tells=("desk",),
        fields=(
            Field("compulsory", W("有没有交强险", "Compulsory insurance here?"), "yesno", required=True),
            f.amount("limit", W("商业三者险限额（元），没有不填", "Limit of commercial third-party cover, yuan; empty where none")),
            Field("deductible", W("商业险免赔率（%），没有不填", "Its deductible, per cent; empty where none"), "number"),
            Field("since", W("保险期间从哪天", "In force from"), "date", required=True),
            Field("until", W("到哪天", "Until"), "date", required=True),
            f.paper("words", W("保单号、查勘和定损的意见（调解员看得到）", "Policy number, inspection and assessment"), required=False),
        ),
        done=W("保险公司核定了保单", "The insurer confirmed the policy"),
    ),
    Step(
        "not_ours",
        W("不在本公司投保", "Not insured here"),
        ("lead",),
        ("asked",),
        "not_ours",
        key="X",
        stops=("*",),
        parent="cover_missing",
        fields=(f.words(W("怎么查的", "How it was looked up"), required=False),),
        tells=("desk",),
        done=W("保险公司查了，不在本公司投保", "The insurer says that it is not insured there"),
    ),
    Step(
        "owes",
        W("协议生效", "The agreement is in force"),
        ("clock",),
        ("asked", "confirmed"),
        "owing",
        stops=("cover_answer",),
        starts=("insurer_pay",),
        tells=("lead",),
        done=W("调解协议生效了，十日内赔付", "The agreement is in force: ten days to pay"),
    ),
    *childhood.narrow(STATES, OPEN, "over"),
)
PROCEDURE = Procedure(
    "cover",
    1,
    W("保险核定", "Insurance cover"),
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
