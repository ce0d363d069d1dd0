"""A road accident 道路交通事故 in one file: the finding, vehicles, policies, who was hurt, who pays the hospital now, what it comes to;
the dispute over it is its child and is opened by name (道交一体化, DOMAIN.md §3). docs/adr/0014 says how it is made.

道路交通安全法 art. 70–76；道路交通事故处理程序规定（公安部令第146号）art. 60–64, 71, 84–86；民法典 art. 1208–1217（引用前请核对）。
"""

from __future__ import annotations

from minan.kernel import childhood, common, rights
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words
from minan.systems.accidents import fields as f
from minan.systems.accidents import gathering, helping, insurer, opening, party, police, rescue
from minan.systems.accidents.gathering import OPEN

W = Words
STATES = (
    State("gathering", W("收集材料", "Gathering the papers"), holder="lead"),
    State("reckoned", W("算清了，调解中", "Worked out, in mediation"), holder="lead"),
    State("agreed", W("协议生效，待付款", "Agreed, to be paid"), holder="lead"),
    State("paid", W("都付清了", "Paid in full"), final=True, keep_days=f.KEEP),
    State("ended", W("没有谈成", "No agreement"), final=True, keep_days=f.KEEP),
    State("elsewhere", W("没有履行，转诉讼或执行", "Not performed; on to the court"), final=True, keep_days=f.KEEP),
)
CLOCKS = (
    Clock("gather", W("收集材料、算清赔偿", "Gather the papers and work it out"), at_due="remind", at_escalate="go_up"),
    Clock("help_answer", W("给医药费想办法", "Find a way to pay the hospital"), at_due="remind", at_escalate="go_up"),
    Clock("come_to_terms", W("三方谈成", "Come to terms"), at_due="remind", at_escalate="go_up"),
    Clock("all_paid", W("都付清", "All is paid"), at_due="remind", at_escalate="go_up"),
    Clock("review_window", W("可以申请复核认定", "Time to ask for a review of the finding"), at_due="review_over", quiet=True),
)
EVERY = tuple(s.name for s in STATES)


def finding_in(ask: Ask) -> Change:
    return Change(facts={"finding": ask.facts["finding"]})


def named(ask: Ask) -> Change:
    return Change(facts={"mediator": ask.facts.get("mediator") or None, "gone": ask.facts.get("gone") or None})


def closes(outcome: str) -> dict[str, object]:
    return {"effect": lambda _ask: Change(set={"outcome": outcome}), "stops": ("*",)}


def alone(ask: Ask) -> Words | None:
    if not ask.person or not ask.case["facts"].get("dispute"):
        return None
    return W("这件事故在人民调解里办，协议和收据由那边登记", "It is before the mediation committee, which enters agreement and receipts")


STEPS = (
    *gathering.GATHERING,
    *helping.HELPING,
    Step(
        "finding_in", W("认定书到了", "The finding came"), ("clock",), OPEN, effect=finding_in, starts=("review_window",),
        tells=("speaker", "lead"),
        done=W("交警出了事故认定书；不服的三日内可以书面申请复核", "The finding was issued; a review may be asked for within three days"),
    ),
    Step(
        "review_over", W("复核的三日到了", "Three days are over"), ("clock",), OPEN, stops=("review_window",), public=False,
        done=W("申请复核的三日到了", "The three days to ask for a review are over"),
    ),
    Step(
        "mediator", W("调解员定了", "The mediator is named"), ("clock",), (*OPEN, "agreed"), effect=named, public=False,
        fields=(
            Field("mediator", W("调解员", "Mediator"), "staff", shown=False),
            Field("gone", W("不再调解的人", "Who mediates no longer"), "fragments", shown=False, max_length=60),
        ),
        done=W("本案的调解员定了", "The mediator of this accident is named"),
    ),
    Step(
        "agreed", W("协议生效", "The agreement is in force"), ("clock", "lead"), OPEN, "agreed",
        stops=("gather", "help_answer", "come_to_terms"), starts=("all_paid",),
        rules=(alone,), tells=("lead",),
        done=W("调解协议生效，按日子付款", "The agreement is in force, to be paid by its days"),
    ),
    Step(
        "settled", W("都付清了", "Paid in full"), ("clock", "lead"), ("agreed",), "paid", tells=("speaker",),
        rules=(alone,), **closes("fulfilled"),
        done=W("赔偿都付清了，办结", "All was paid; closed"),
    ),
    Step(
        "ended", W("没有谈成", "No agreement"), ("clock", "lead"), OPEN, "ended", tells=("speaker",),
        rules=(alone,), **closes("no_agreement"),
        done=W("没有谈成，可以向人民法院起诉", "No agreement; an action lies before the people's court"),
    ),
    Step(
        "broken", W("没有付款", "Not paid"), ("clock", "lead"), ("agreed",), "elsewhere", tells=("speaker",),
        rules=(alone,), **closes("broken"),
        done=W("没有按协议付款，可以起诉或者申请强制执行", "Not paid as agreed; court or enforcement are open"),
    ),
    Step(
        "remind", W("到期提醒", "Reminder"), ("clock",), (*OPEN, "agreed"), folds=True, tells=("holder",), public=False,
        done=W("超过时限，自动催办", "Past its time; reminded"),
    ),
    Step(
        "go_up", W("自动上提一级", "Gone up a level"), ("clock",), (*OPEN, "agreed"), tells=("above",), public=False,
        done=W("超过一倍半时限，已报上一级", "Told to the level above"),
    ),
    *(
        Step(name, label, ("clock",), (*OPEN, "agreed"), rules=(f.by_its_mediator,), public=False, done=label)
        for name, label in (
            ("side_handed", W("把链接交给一方", "A side was given its link")),
            ("side_reached", W("登记了一方的电话", "A side's phone was entered")),
        )
    ),
    childhood.keep_away((*OPEN, "agreed")),
    *(s for s in common.looking(EVERY) if s.name in ("defer", common.TOLD)),
    *rights.steps(STATES),
)  # fmt: skip
PROCEDURE = Procedure(
    "accident",
    1,
    W("道路交通事故", "Road accident"),
    STATES,
    STEPS,
    (*CLOCKS, common.DEFERRAL, rights.HOLD),
    opening=opening.REPORT,
    first="gathering",
    privacy="confidential",
    room="accidents:file",
)
MORE = (police.PROCEDURE, insurer.PROCEDURE, rescue.PROCEDURE, party.PROCEDURE)
