"""The life of a matter 群众说事、干部解纷: what may happen to it, by whom, and which promise runs meanwhile (DOMAIN.md §1)."""

from __future__ import annotations

from minan.kernel import common, glass, rights
from minan.kernel.procedure import Clock, Field, Procedure, State, Step, Words
from minan.systems.matters import effects as e
from minan.systems.matters import fields as f
from minan.systems.matters import rules as r

W = Words
KEEP = 1095
OPEN_TASK = ("assigned", "signed", "handling")
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
    State("merged", W("已并案", "Merged"), final=True, keep_days=KEEP),
    State("passed_on", W("已转纪检", "Passed on"), final=True, keep_days=KEEP),
)

CLOCKS = (
    Clock("accept", W("受理", "Accept"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("assign", W("交办", "Assign"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("sign", W("签收", "Sign"), at_due="remind", at_escalate="go_up"),
    Clock("contact", W("首次联系", "First contact"), at_due="remind", at_escalate="go_up"),
    Clock("answer", W("办理", "Answer"), at_due="remind", at_escalate="go_up"),
    Clock("ruling", W("裁定", "Ruling"), owner="ruler", at_due="remind", at_escalate="go_up"),
    Clock("review", W("复核", "Review"), owner="ruler", at_due="remind", at_escalate="go_up"),
    Clock("visit", W("回访", "Return visit"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("supplement", W("等补充", "Waiting for more"), owner="desk", at_due="lapse"),
    Clock("park", W("挂账复看", "Parked until"), at_due="unpark_due", above="line"),
    Clock("notice", W("再次通知", "Second notice"), owner="desk", at_due="notify_again"),
    Clock("unheard", W("等您评价", "Waiting for your word"), owner="desk", at_due="close_unheard"),
    Clock("danger", W("危险复核", "Review of danger"), owner="desk", at_due="remind", at_escalate="go_up"),
    glass.CLOCK,
    common.DEFERRAL,
    rights.HOLD,
)

SAY = Step(
    "say", W("说一件事", "Say a matter"), ("speaker", "intake"), to="said",
    fields=(
        f.TEXT, f.PLACE, f.PLACE_WORDS, f.KIND, f.ANSWERS, f.PHOTOS, f.NAME, f.PHONE, f.ADDRESS, f.VISIT, common.ABOUT, f.CONFIDENTIAL,
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
        fields=(f.KIND, f.PLACE, f.URGENCY_FIELD, f.SIZE_FIELD), rules=(r.placed, r.knows_kind, r.no_report), effect=e.accepted,
        stops=("accept",), starts=("assign", "answer"), tells=("speaker",), done=W("受理", "Accepted"),
    ),
    Step(
        "refuse", W("不予受理", "Not accept"), ("desk",), ("said",), "refused", key="X", stops=("*",), tells=("speaker",),
        fields=(f.ground(W("理由", "Ground"), "refuse"), f.words(W("跟说事人讲清楚，去哪里办", "Tell them why, and where to go"))),
        done=W("不予受理", "Not accepted"),
    ),
    Step(
        "ask_more", W("要补充", "Ask for more"), ("desk", "lead"), IN_HAND, key="Q", rules=(r.not_waiting,), effect=e.waits,
        fields=(f.words(W("要补充什么", "What is needed")),), pauses=("*",), starts=("supplement",), tells=("speaker",),
        done=W("请您补充", "You were asked for more"),
    ),
    Step(
        "supply", W("补充", "Add what was asked"), ("speaker", "desk"), IN_HAND, rules=(r.is_waiting,), effect=e.supplied,
        fields=(f.words(W("补充的话", "What you add")), f.PHOTOS), stops=("supplement",), resumes=("*",), tells=("desk", "lead"),
        heard=True, done=W("您补充了", "You added"),
    ),
    Step(
        "lapse", W("不等补充，继续办", "Go on without"), ("clock", "desk", "lead"), IN_HAND, rules=(r.is_waiting,), effect=e.supplied,
        stops=("supplement",), resumes=("*",), tells=("speaker",), done=W("没有等到补充，继续办", "No addition came; it goes on"),
    ),
    Step(
        "add", W("补充", "Add"), ("speaker", "desk"), fields=(f.words(W("还想说的", "What you add")), f.PHOTOS), tells=("desk", "lead"),
        heard=True, done=W("您补充了", "You added"),
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
    Step(
        "merge", W("并案", "Merge"), ("desk",), ("said", "accepted", *OPEN_TASK), "merged", key="M", fields=(f.INTO,),
        rules=(r.into_another,), effect=e.merged, stops=("*",), tells=("speaker",),
        done=W("与另一件并在一起办", "Handled together with another matter"),
    ),
    Step(
        "absorb", W("并入一件", "Joined by another"), ("clock",), effect=e.absorbed, tells=("lead",),
        done=W("又有人说了同一件事", "Somebody else said the same"),
    ),
)  # fmt: skip

HANDING = (
    Step(
        "assign", W("交办", "Assign"), ("desk",), ("accepted",), "assigned", key="A", rules=(r.works_there, r.not_pushed_down),
        fields=(f.UNIT, f.words(W("交代一句", "A word with it"), required=False, shown=False)), effect=e.assigned,
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
        "rule_return", W("裁定", "Rule"), ("ruler",), ("sent_back",), "assigned", key="R", rules=(r.works_there,), effect=e.ruled,
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
)  # fmt: skip

TERMS = (
    Step(
        "ask_extension", W("申请延期", "Ask for more time"), ("lead",), OPEN_TASK, key="E", rules=(r.not_extended,), effect=e.asks_extension,
        fields=(f.ground(W("理由", "Ground"), "extend"), f.words(W("说明", "Explain"))), tells=("line",), public=False,
        done=W("申请延期", "More time was asked for"),
    ),
    Step(
        "extend", W("批准延期", "Grant more time"), ("line",), OPEN_TASK, rules=(r.extension_asked,), effect=e.extended, extends="answer",
        fields=(f.words(W("告诉说事人为什么", "Tell the speaker why")),), tells=("speaker", "lead"), done=W("延期一次", "Given more time, once"),
    ),
    Step(
        "refuse_extension", W("不批延期", "Refuse more time"), ("line",), rules=(r.extension_asked,), effect=e.extension_refused,
        fields=(f.words(W("理由", "Reasons"), shown=False),), tells=("lead",), public=False, done=W("没有批准延期", "More time was refused"),
    ),
    Step(
        "ask_park", W("申请挂账", "Ask to park"), ("lead",), OPEN_TASK, rules=(r.park_in_time,), effect=e.asks_park,
        fields=(f.ground(W("理由", "Ground"), "park"), f.words(W("现在为什么办不了", "Why it cannot be done now")), f.REVIEW_ON),
        tells=("line",), public=False, done=W("申请挂账", "Parking was asked for"),
    ),
    Step(
        "park", W("同意挂账", "Park it"), ("line",), OPEN_TASK, rules=(r.park_asked,), effect=e.parked, pauses=("sign", "contact", "answer"),
        tells=("speaker", "lead"), done=W("现在办不了，定了日子再看", "Cannot be done now; a day was set to look again"),
    ),
    Step(
        "refuse_park", W("不同意挂账", "Refuse parking"), ("line",), rules=(r.park_asked,), effect=e.park_refused,
        fields=(f.words(W("理由", "Reasons"), shown=False),), tells=("lead",), public=False, done=W("没有同意挂账", "Parking was refused"),
    ),
    Step(
        "unpark", W("恢复办理", "Resume"), ("lead", "desk", "line"), rules=(r.is_parked,), effect=e.unparked, stops=("park",),
        resumes=("*",), tells=("speaker",), done=W("恢复办理", "It goes on"),
    ),
    Step(
        "unpark_due", W("到日子，恢复办理", "The day has come"), ("clock",), rules=(r.is_parked,), effect=e.unparked, stops=("park",),
        resumes=("*",), tells=("speaker", "lead"), done=W("到了再看的日子，恢复办理", "The day to look again has come; it goes on"),
    ),
)  # fmt: skip

WATCH = (
    Step(
        "urge", W("催一催", "Urge"), ("speaker", "desk"), key="U", number="催办", rules=(r.urged_today,), effect=e.urged,
        fields=(f.words(W("想说的话", "What you want to say"), required=False),), tells=("lead", "desk"), heard=True, done=W("催办", "Urged"),
    ),
    Step(
        "supervise", W("督办", "Supervise"), ("above",), key="D", number="督办", effect=e.supervised,
        fields=(f.words(W("要求", "What is ordered")),), tells=("lead", "desk"), heard=True, done=W("督办", "Supervision order"),
    ),
    Step("remind", W("到期提醒", "Reminder"), ("clock",), number="催办", tells=("holder",), done=W("超过时限，自动催办", "Past its time; reminded")),
    Step(
        "recounted", W("重算日期", "Counted again"), ("clock",), tells=("speaker", "lead"),
        done=W("放假安排公布，日期重新算过", "The rest days were published; the date was counted again"),
    ),
    Step(
        "go_up", W("自动上提一级", "Gone up a level"), ("clock",), effect=e.gone_up, tells=("above",),
        done=W("超过一倍半时限，已报上一级", "Past one and a half times the limit; told to the level above"),
    ),
    Step(
        "danger", W("有危险", "Danger"), ("staff",), key="!", effect=e.in_danger, starts=("danger",), tells=("called",), public=False,
        near=True,
        fields=(
            Field("to", W("马上叫谁", "Call whom"), "choice", required=True, options=f.DUTY_POSTS, shown=False),
            f.words(W("谁有危险、在哪里、最需要什么", "Who is in danger, where, what is needed most"), shown=False),
        ),
        done=W("报了危险", "Danger was reported"),
    ),
    Step(
        "review_danger", W("复核危险", "Review danger"), ("desk", "above"), rules=(r.another_person,), effect=e.danger_reviewed,
        fields=(f.words(W("复核结果", "What the review found"), shown=False),), stops=("danger",), public=False,
        done=W("复核了危险报告", "The report of danger was reviewed"),
    ),
)  # fmt: skip

EVERY = tuple(s.name for s in STATES)
GLASS = glass.steps(EVERY)
APART = (
    *common.walling((*OPEN_TASK, "sent_back"), "accepted", stops=("sign", "contact", "ruling"), starts=("assign",)),
    *common.looking(EVERY),
    common.hiding(EVERY),
    *rights.steps(STATES),
)

ANSWER_FIELDS = (f.OUTCOME, f.words(W("做了什么，谁做的", "What was done, and by whom")), f.PHOTOS, f.ARTICLE)
VISIT_FIELDS = (
    f.REACHED,
    f.CONTACTED,
    f.SOLVED,
    f.SATISFIED,
    f.words(W("说事人怎么说", "What they said"), required=False),
)
RATE_FIELDS = (
    f.CONTACTED,
    f.needed(f.SOLVED),
    f.needed(f.SATISFIED),
    f.words(W("想说的话", "Your words"), required=False),
)
JUDGED = ("visited", "reopened", "under_review")

ENDING = (
    Step(
        "answer", W("答复", "Answer"), ("lead",), ("signed", "handling"), "answered", key="T", fields=ANSWER_FIELDS, rules=(r.proof_given,),
        effect=e.answered, stops=("answer", "contact"), tells=("speaker", "desk"), done=W("答复", "Answered"),
    ),
    Step(
        "settle", W("即办", "Settle on the spot"), ("desk",), ("said", "accepted"), "answered", key="J", takes=("accept", "handle_myself"),
        fields=(f.KIND, f.PLACE, *ANSWER_FIELDS), effect=e.answered,
        rules=(r.placed, r.knows_kind, r.no_report, r.is_own_lead, r.proof_given),
        stops=("answer", "contact"), tells=("speaker",), done=W("当场办好了", "Settled on the spot"),
    ),
    Step(
        "rate", W("评价", "Judge"), ("speaker",), ("answered",), to_any=JUDGED, decide=e.judged, fields=RATE_FIELDS, effect=e.rated,
        stops=("visit", "notice", "unheard"), then=e.closes, then_any=("close",),
        tells=("ruler",), heard=True, batched=True, done=W("您评价了", "You judged it"),
    ),
    Step(
        "visit", W("回访", "Return visit"), ("desk", "above"), ("answered",), to_any=(*JUDGED, "answered"), decide=e.judged,
        fields=VISIT_FIELDS, key="V", rules=(r.another_hand, r.visit_told), effect=e.visited, stops=("visit", "notice", "unheard"),
        then=e.closes, then_any=("close",), tells=("ruler",), done=W("回访", "Return visit"),
    ),
    Step("close", W("办结", "Close"), ("clock", "desk"), ("visited",), "closed", stops=("*",), tells=("speaker",), done=W("办结", "Closed")),
    Step(
        "notify_again", W("再次通知", "Second notice"), ("clock",), ("answered",), stops=("notice",), starts=("unheard",), tells=("speaker",),
        done=W("再次请您评价", "You were asked again to judge it"),
    ),
    Step(
        "close_unheard", W("未回应办结", "Close unheard"), ("clock",), ("answered",), "unheard", effect=e.unheard, stops=("*",),
        tells=("speaker",), done=W("没有等到您的评价，按“未回应”办结", "Nothing was heard; closed as unheard"),
    ),
    Step(
        "object", W("没好，再办", "Not solved"), ("speaker",), ("closed", "unheard"), to_any=("reopened", "under_review"), decide=e.objection,
        fields=(f.needed(f.SOLVED), f.words(W("哪里没好", "What is not right"), required=False)), rules=(r.may_object,), effect=e.objected,
        tells=("ruler", "desk"), heard=True, done=W("您提出了异议", "You objected"),
    ),
    Step(
        "rule_reopen", W("裁定重办", "Order it reopened"), ("ruler",), ("reopened", "under_review"), "assigned", key="R", number="督办",
        rules=(r.works_there,), fields=(f.UNIT, f.words(W("怎么办、为什么", "What is ordered, and why"))), effect=e.reopened,
        stops=("ruling", "review"), starts=("sign", "contact", "answer"), tells=("lead", "speaker", "desk"),
        heard=True, done=W("上级裁定重办", "Ordered to be done again"),
    ),
    Step(
        "uphold", W("维持答复", "Uphold the answer"), ("ruler",), ("under_review",), "closed", key="K", effect=e.upheld, stops=("*",),
        fields=(f.words(W("维持的理由，说事人会看到", "Reasons; the speaker reads them")),), tells=("speaker",),
        done=W("上级复核，维持答复", "Reviewed above and upheld"),
    ),
    Step(
        "withdraw", W("撤回", "Withdraw"), ("speaker",), to="withdrawn", stops=("*",), tells=("desk", "lead"),
        fields=(f.words(W("为什么撤回（可以不写）", "Why (may be left empty)"), required=False),), done=W("您撤回了", "You withdrew it"),
    ),
)  # fmt: skip

PROCEDURE = Procedure(
    "matter", 1, W("说事", "Matter"), STATES, (*INTAKE, *HANDING, *TERMS, *WATCH, *GLASS, *APART, *ENDING), CLOCKS, opening=SAY, first="said",
    archive=ARCHIVE.name,
)  # fmt: skip
