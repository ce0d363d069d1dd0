"""The court's own narrow view: the joint application for confirmation of one agreement (人民调解法 art. 33; 民诉法特别程序, 引用前请核对)."""

from __future__ import annotations

from minan.kernel import childhood, common, rights
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words
from minan.systems.disputes import fields as f

W = Words
OPEN = ("filed", "reviewing")
STATES = (
    State("filed", W("已申请司法确认，待受理", "Filed"), holder="lead"),
    State("reviewing", W("法院审查中", "Under review"), holder="lead"),
    State("confirmed", W("裁定有效", "Confirmed"), final=True, keep_days=f.KEEP),
    State("rejected", W("裁定驳回", "Refused"), final=True, keep_days=f.KEEP),
    State("not_taken", W("法院不予受理", "Not accepted"), final=True, keep_days=f.KEEP),
    State("called_off", W("不用确认了", "Called off"), final=True, keep_days=f.KEEP),
)
CLOCKS = (
    Clock("court_admit", W("法院决定是否受理", "The court decides on acceptance"), at_due="remind", above="line"),
    Clock("court_rule", W("法院裁定", "The court's ruling"), at_due="remind", above="line"),
    common.DEFERRAL,
    rights.HOLD,
)
NUMBER = Field("docket", W("案号", "Docket number"), "text", required=True, max_length=60)
RULINGS = (("confirmed", W("确认有效", "Confirmed")), ("rejected", W("驳回申请", "Refused")))


def moved(ask: Ask) -> Change:
    return Change(facts={"docket": ask.facts["docket"]} if ask.facts.get("docket") else {})


def has_reasons(ask: Ask) -> Words | None:
    if ask.facts.get("ruling") == "rejected" and not ask.facts.get("words"):
        return W("驳回要写理由", "A refusal has its reasons")
    return None


def ruled(ask: Ask) -> str:
    return str(ask.facts["ruling"])


OPENING = Step(
    "file",
    W("申请司法确认", "File for confirmation"),
    ("clock",),
    to="filed",
    starts=("court_admit",),
    tells=("lead",),
    done=W("申请司法确认", "Filed for confirmation"),
)
STEPS = (
    Step(
        "take",
        W("受理", "Accept"),
        ("lead",),
        ("filed",),
        "reviewing",
        key="A",
        fields=(NUMBER,),
        effect=moved,
        stops=("court_admit",),
        starts=("court_rule",),
        parent="court_took",
        tells=("desk",),
        done=W("法院受理", "The court accepted"),
    ),
    Step(
        "decline",
        W("不予受理", "Do not accept"),
        ("lead",),
        ("filed",),
        "not_taken",
        key="X",
        stops=("*",),
        parent="court_ruled",
        fields=(f.words(W("理由", "Reasons")),),
        tells=("desk",),
        done=W("法院不予受理", "The court did not accept it"),
    ),
    Step(
        "rule",
        W("裁定", "Rule"),
        ("lead",),
        ("reviewing",),
        to_any=("confirmed", "rejected"),
        decide=ruled,
        key="R",
        stops=("*",),
        fields=(
            Field("ruling", W("裁定", "Ruling"), "choice", required=True, options=RULINGS),
            f.words(W("理由（驳回必写）", "Reasons; required where refused"), required=False),
        ),
        rules=(has_reasons,),
        parent="court_ruled",
        tells=("desk",),
        done=W("法院作出裁定", "The court ruled"),
    ),
    *childhood.narrow(STATES, OPEN, "called_off"),
)
PROCEDURE = Procedure(
    "confirmation",
    1,
    W("司法确认", "Judicial confirmation"),
    STATES,
    STEPS,
    CLOCKS,
    opening=OPENING,
    titles=f.TITLES,
    first="filed",
    privacy="confidential",
    counted=False,
    room="disputes:room",
)
