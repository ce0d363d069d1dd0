"""The life of a matter 群众说事、干部解纷: what may happen to it, by whom, and which promise runs meanwhile (DOMAIN.md §1)."""

from __future__ import annotations

from minan.kernel import came_of, common, glass, live_call, rights, telling
from minan.kernel.procedure import Clock, Procedure, State, Step, Words
from minan.systems.matters import effects as e
from minan.systems.matters import exchanged, improving, spoken, whose
from minan.systems.matters import fields as f
from minan.systems.matters import hands as h
from minan.systems.matters import rules as r
from minan.systems.matters.endings import APPEALED, ENDING
from minan.systems.matters.hands import HANDS
from minan.systems.matters.mediating import MEDIATED, MEDIATING
from minan.systems.matters.refusing import REFUSING, let_go
from minan.systems.matters.terms import CLOCKS as TERM_CLOCKS
from minan.systems.matters.terms import TERMS
from minan.systems.matters.together import JOINED, TOGETHER
from minan.systems.matters.turning import TURNED, TURNING
from minan.systems.matters.watch import CLOCKS as WATCH_CLOCKS
from minan.systems.matters.watch import WATCH

W = Words
KEEP = 1095
OPEN_TASK = f.OPEN_TASK
IN_HAND = ("said", "accepted", *OPEN_TASK)

STATES = (
    State("said", W("待受理", "Said"), holder="desk"),
    State("accepted", W("已受理，待交办", "Accepted"), holder="desk"),
    State("assigned", W("已交办，待签收", "Assigned"), holder="lead"),
    State("signed", W("已签收", "Signed for"), holder="lead"),
    State("handling", W("办理中", "Handling"), holder="lead"),
    State("sent_back", W("退回，待裁定", "Sent back"), holder="ruler"),
    State("answered", W("已答复", "Answered"), holder="desk"),
    State("visited", W("已回访", "Visited"), holder="desk"),
    State("reopened", W("重办，待上级裁定", "Reopened"), holder="ruler"),
    State("under_review", W("待上级复核", "Under review"), holder="ruler"),
    State("closed", W("办结", "Closed"), final=True, keep_days=KEEP),
    State("unheard", W("办结（未回应）", "Closed, unheard"), final=True, keep_days=KEEP),
    State("refused", W("不予受理", "Not accepted"), final=True, keep_days=KEEP),
    State("withdrawn", W("已撤回", "Withdrawn"), final=True, keep_days=KEEP),
    JOINED,
    APPEALED,
    TURNED,
    MEDIATED,
    State("passed_on", W("已转纪检", "Passed on"), final=True, keep_days=KEEP),
    *exchanged.STATES,
)

CLOCKS = (
    Clock("accept", W("受理", "Accept"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("assign", W("交办", "Assign"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("sign", W("签收", "Sign"), at_due="remind", at_escalate="go_up"),
    Clock("contact", W("首次联系", "First contact"), at_due="remind", at_escalate="go_up"),
    Clock("answer", W("办理", "Answer"), at_due="slip", at_escalate="go_up"),
    Clock("ruling", W("裁定", "Ruling"), owner="ruler", at_due="remind", at_escalate="go_up"),
    Clock("review", W("复核", "Review"), owner="ruler", at_due="remind", at_escalate="go_up"),
    Clock("visit", W("回访", "Return visit"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("supplement", W("等补充", "Waiting for more"), owner="desk", at_due="lapse"),
    Clock("notice", W("再次通知", "Second notice"), owner="desk", at_due="notify_again"),
    Clock("unheard", W("等您评价", "Waiting for your word"), owner="desk", at_due="close_unheard"),
    *TERM_CLOCKS,
    *WATCH_CLOCKS,
    glass.CLOCK,
    common.DEFERRAL,
    rights.HOLD,
    *exchanged.CLOCKS,
)

SAY = Step(
    "say", W("说一件事", "Say a matter"), ("speaker", "intake"), to="said",
    fields=(
        spoken.or_spoken(f.TEXT), spoken.VOICE, f.PLACE, f.PLACE_WORDS, f.KIND, f.ANSWERS, f.PHOTOS, f.NAME, f.PHONE,
        f.ADDRESS, f.VISIT, common.ABOUT, f.CONFIDENTIAL,
    ),
    rules=(r.confidential_is_placed, common.somebody_is_left), effect=e.said, starts=("accept",), tells=("desk",),
    done=W("您说了这件事", "You said this"),
)  # fmt: skip

ARCHIVE = Step(
    "archive", W("存入历史", "Keep as history"), ("speaker", "intake"), sources=(), to="closed", fields=SAY.fields, effect=e.archived,
    done=W("早年说的，存作历史", "Said in the past, kept as history"),
)  # fmt: skip

INTAKE = (
    ARCHIVE,
    Step(
        "accept", W("受理", "Accept"), ("desk",), ("said",), "accepted", key="A",
        fields=(f.KIND, f.PLACE, f.URGENCY_FIELD, f.SIZE_FIELD), rules=(r.placed, r.knows_kind, r.no_report),
        effect=e.accepted, stops=("accept",), starts=("assign", "answer"), tells=("speaker",), done=W("受理", "Accepted"),
    ),
    *REFUSING,
    Step(
        "ask_more", W("要补充", "Ask for more"), ("desk", "lead"), IN_HAND, key="Q", rules=(r.not_waiting,), effect=e.waits,
        fields=(f.words(W("要补充什么", "What is needed")),), pauses=("*",), starts=("supplement",), tells=("speaker",),
        done=W("请您补充", "You were asked for more"),
    ),
    Step(
        "supply", W("补充", "Add what was asked"), ("speaker", "desk", "caller"), IN_HAND, rules=(r.is_waiting,),
        fields=(spoken.or_spoken(f.words(W("补充的话", "What you add"))), spoken.VOICE, f.PHOTOS), effect=spoken.added(e.supplied),
        stops=("supplement",), resumes=("*",), tells=("desk", "lead"), heard=True, done=W("您补充了", "You added"),
    ),
    Step(
        "lapse", W("不等补充，继续办", "Go on without"), ("clock", "desk", "lead"), IN_HAND, rules=(r.is_waiting,), effect=e.supplied,
        stops=("supplement",), resumes=("*",), tells=("speaker",), done=W("没有等到补充，继续办", "No addition came; it goes on"),
    ),
    Step(
        "add", W("补充", "Add"), ("speaker", "desk", "caller"), effect=spoken.added(), tells=("desk", "lead"), heard=True,
        fields=(spoken.or_spoken(f.words(W("还想说的", "What you add"))), spoken.VOICE, f.PHOTOS), done=W("您补充了", "You added"),
    ),
    spoken.WRITE,
    spoken.TRANSCRIBE,
    Step(
        "fill", W("补问", "Ask the open questions"), ("desk", "lead"), (*IN_HAND, "sent_back"), key="W", rules=(r.has_questions,),
        effect=e.filled, fields=(f.needed(f.ANSWERS),), done=W("补问了几个小问题", "The open questions were asked"),
    ),
    Step(
        "locate", W("定位", "Place it"), ("desk", "above"), key="L", fields=(f.needed(f.PLACE), f.PLACE_WORDS), effect=e.located,
        done=W("确认了地点", "The place was settled"),
    ),
    Step(
        "reclassify", W("改种类、急缓", "Change kind or urgency"), ("desk", "above"), restates=True, rules=(r.no_report,), effect=e.reclassified,
        fields=(f.KIND, f.URGENCY_FIELD, f.SIZE_FIELD), done=W("改了种类或急缓", "Kind or urgency was changed"),
    ),
    Step(
        "pass_on", W("转纪检", "Pass on as a report"), ("desk",), IN_HAND, "passed_on", rules=(r.somebody_takes_reports,), effect=e.passed_on,
        stops=("*",), tells=("speaker",), done=W("按检举控告密封转给纪检", "Passed on, sealed, to the discipline post"),
    ),
)  # fmt: skip

HANDING = (
    Step(
        "assign", W("交办", "Assign"), ("desk",), ("accepted",), "assigned", key="A",
        rules=(common.works_there, whose.not_pushed_down, h.helpers_fit),
        fields=(f.UNIT, h.WITH, f.words(W("交代一句", "A word with it"), required=False, shown=False)), effect=e.assigned,
        stops=("assign",), starts=("sign", "contact"), tells=("lead", "speaker"), heard=True, done=W("交办", "Assigned"),
    ),
    Step(
        "handle_myself", W("自己办", "Handle myself"), ("desk",), ("accepted",), "handling", key="H", rules=(r.is_own_lead,),
        effect=e.handled_here, stops=("assign",), starts=("contact",), done=W("自己办", "Handles it itself"),
    ),
    Step(
        "sign", W("签收", "Sign for it"), ("lead",), ("assigned",), "signed", key="S", stops=("sign",), tells=("speaker",),
        done=W("签收", "Signed for"),
    ),
    Step(
        "handle", W("开始办", "Begin"), ("lead", "clock"), ("signed",), "handling", key="H", done=W("开始办理", "Work began"),
    ),
    Step(
        "call", W("联系说事人", "Call the speaker"), ("lead", "desk"), ("said", "accepted", "signed", "handling", "answered"),
        key="C", effect=e.contacted, stops=("contact",), then=e.begins, then_any=("handle",), done=W("联系了您", "You were called"),
    ),
    Step(
        "send_back", W("退回", "Send back"), ("lead",), OPEN_TASK, "sent_back", key="B", rules=(r.returns_once,), effect=e.sent_back,
        fields=(f.needed(f.ARTICLE), f.words(W("为什么不归这里办", "Why it is not ours"), shown=False)), stops=("sign", "contact"),
        starts=("ruling",), tells=("ruler",), done=W("退回，等裁定", "Sent back, awaiting a ruling"),
    ),
    Step(
        "rule_return", W("裁定", "Rule"), ("ruler",), ("sent_back",), "assigned", key="R",
        rules=(common.works_there, whose.not_pushed_down), effect=e.ruled,
        fields=(f.UNIT, f.words(W("裁定的理由", "Reasons"))), stops=("ruling",), starts=("sign", "contact"), tells=("lead", "speaker"),
        heard=True, done=W("裁定了归谁办", "It was ruled whose it is"),
    ),
    Step(
        "progress", W("进展", "Progress"), ("lead", "desk"), key="P", fields=(f.words(W("办到哪一步了", "How far it is")), f.PHOTOS),
        tells=("speaker",), done=W("进展", "Progress"),
    ),
    Step(
        "note", W("内部备注", "Note"), ("staff",), key="N", public=False, done=W("备注", "Note"),
        fields=(f.words(W("备注，说事人看不到", "A note the speaker does not see"), shown=False), f.PHOTOS),
    ),
    whose.REFUSED,
)  # fmt: skip

EVERY = tuple(s.name for s in STATES)
GLASS = glass.steps(EVERY)
APART = (
    *common.walling((*OPEN_TASK, "sent_back"), "accepted", stops=("sign", "contact", "ruling"), starts=("assign",)),
    *common.looking(EVERY),
    common.hiding(EVERY),
    *rights.steps(STATES),
    live_call.step(EVERY),
    came_of.step(EVERY),
    improving.step(EVERY),
    *telling.steps(STATES),
)

PROCEDURE = Procedure(
    "matter", 1, W("说事", "Matter"), STATES,
    spoken.heard_first(h.minded(let_go((
        *INTAKE, *HANDING, *HANDS, *TERMS, *WATCH, *GLASS, *APART, *exchanged.steps(STATES, IN_HAND), *exchanged.tied(ENDING),
        *exchanged.tied(TOGETHER), *TURNING, *MEDIATING,
    )))),
    CLOCKS, opening=SAY, first="said", archive=ARCHIVE.name,
    titles=(W(e.SHUT, "[Confidential]"), W(e.GONE, "Passed to the discipline office")),
)  # fmt: skip
