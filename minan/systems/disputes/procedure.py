"""A dispute 纠纷 before a mediation committee, from the application to the last instalment; its sides and the court are cases under it.

中华人民共和国人民调解法 (2010): art. 13 and 19–20 the mediator, 23 rights of the parties, 25 danger, 26 no agreement, 28–31 the agreement,
32–33 breach and judicial confirmation. docs/adr/0013 says how it is made.
"""

from __future__ import annotations

from minan.kernel import childhood, common, rights
from minan.kernel.procedure import Clock, Procedure, State, Words
from minan.systems.disputes import agreement, archive, court, joining, opening, sealed, side, talks, village
from minan.systems.disputes.fields import KEEP, TITLES

W = Words
STATES = (
    State("applied", W("已申请，待受理", "Applied for"), holder="desk"),
    State("asking", W("征求各方意见", "Asking all sides"), holder="desk"),
    State("choosing", W("定调解员", "Choosing a mediator"), holder="desk"),
    State("mediating", W("调解中", "In mediation"), holder="lead"),
    State("signing", W("协议待签", "To be signed"), holder="lead"),
    State("agreed", W("协议生效，履行中", "Agreed, being performed"), holder="lead"),
    State("breached", W("没有按期履行", "Not performed in time"), holder="lead"),
    State("fulfilled", W("履行完毕", "Performed"), final=True, keep_days=KEEP),
    State("ended", W("未达成协议", "No agreement"), final=True, keep_days=KEEP),
    State("refused", W("不予受理", "Not accepted"), final=True, keep_days=KEEP),
    State("withdrawn", W("已撤回", "Withdrawn"), final=True, keep_days=KEEP),
    State("elsewhere", W("没有履行，转诉讼或执行", "Not performed; on to the court"), final=True, keep_days=KEEP),
)
CLOCKS = (
    Clock(
        "dispute_admit", W("决定是否受理", "Decide on acceptance"), owner="desk", at_due="remind", at_escalate="go_up"
    ),
    Clock("consent", W("征求各方意见", "Ask all sides"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("mediate", W("调解", "Mediate"), at_due="remind", at_escalate="go_up"),
    Clock("confirm_window", W("可以申请司法确认", "Time to apply for confirmation"), at_due="window_over"),
    Clock("instalment", W("履行的日子", "Day of performance"), at_due="pay_day"),
    Clock("overdue", W("履行宽限", "Grace after an instalment"), at_due="late"),
    Clock("fulfilment", W("看履行了没有", "Watch over fulfilment"), at_due="remind", at_escalate="go_up"),
    Clock("offers", W("密封报价一轮", "A round of sealed offers"), at_due="offers_lapse"),
    Clock("danger", W("危险复核", "Review of danger"), owner="desk", at_due="remind", at_escalate="go_up"),
)
EVERY = tuple(s.name for s in STATES)
PROCEDURE = Procedure(
    "dispute",
    1,
    W("人民调解", "Mediation"),
    STATES,
    (
        *opening.BEGINNING,
        *joining.JOINING,
        *talks.MEDIATION,
        *sealed.ROUND,
        *agreement.SIGNING,
        *agreement.FULFILMENT,
        *agreement.CONFIRMING,
        *archive.STEPS,
        *talks.BESIDE,
        childhood.keep_away(talks.OPEN),
        *(s for s in common.looking(EVERY) if s.name in ("defer", common.TOLD)),
        *rights.steps(STATES),
    ),
    (*CLOCKS, common.DEFERRAL, rights.HOLD),
    opening=opening.SAY,
    first="applied",
    titles=TITLES,
    privacy="confidential",
    desk="mediation",
    room="disputes:room",
)
MORE = (side.PROCEDURE, court.PROCEDURE, village.PROCEDURE)
