"""The life of a petition 信访件: registered, sorted, accepted, decided in writing, and the ladder of review and re-review.

信访工作条例 (2022): art. 22–23 registration and acceptance in 15 days, art. 23 objection in 5 working days, art. 34 60 days and
once at most 30 more, art. 35 review 复查, art. 36 re-review 复核: each asked for within 30 days and answered within 30, a
hearing not counted. It may be turned from a matter, or registered directly.
"""

from __future__ import annotations

from minan.kernel import common, rights
from minan.kernel.procedure import Clock, Field, Procedure, State, Step, Words
from minan.systems.petitions import law

W = Words
KEEP = 1825
OPEN = ("registered", "handling", "disputed", "decided", "reviewing", "reviewed", "rechecking")
REVIEWS = ("reviewing", "rechecking")


def _words(label: Words, *, required: bool = True, shown: bool = True, name: str = "words") -> Field:
    return Field(name, label, "long", required=required, shown=shown, scrubbed=True)


ARTICLE = Field("article", W("依据的法律条文", "The law it rests on"), "text", required=True, max_length=200)
UNIT = Field("unit", W("有权处理的单位", "The body that decides"), "unit", required=True)
RESULT = Field("result", W("意见", "Opinion"), "choice", required=True, options=law.RESULTS)

STATES = (
    State("registered", W("已登记，待甄别", "Registered"), holder="desk"),
    State("handling", W("已受理，办理中", "Accepted, in hand"), holder="lead"),
    State("disputed", W("单位有异议，待裁定", "The unit objects"), holder="desk"),
    State("decided", W("已出处理意见", "Decided"), holder="speaker"),
    State("reviewing", W("复查中", "Under review"), holder="ruler"),
    State("reviewed", W("已出复查意见", "Reviewed"), holder="speaker"),
    State("rechecking", W("复核中", "Under re-review"), holder="ruler"),
    State("ended", W("终结", "Ended"), final=True, keep_days=KEEP),
    State("directed", W("已告知另循途径", "Shown another way"), final=True, keep_days=KEEP),
    State("withdrawn", W("已撤回", "Withdrawn"), final=True, keep_days=KEEP),
)
CLOCKS = (
    Clock("admit", W("告知是否受理", "Word on acceptance"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("objection", W("单位提异议的期限", "Time for the unit to object"), ends=W("过了就不能再提异议", "No objection afterwards")),
    Clock("ruling", W("裁定", "Ruling"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("decide", W("办理", "Decide"), at_due="remind", at_escalate="go_up"),
    Clock("longer", W("延长后的办理期限", "Extended term"), at_due="remind", at_escalate="go_up"),
    Clock("ask_review", W("可以请求复查", "Time to ask for a review"), owner="desk", at_due="end"),
    Clock("review_due", W("复查", "Review"), owner="ruler", at_due="remind", at_escalate="go_up"),
    Clock("ask_recheck", W("可以请求复核", "Time to ask for a re-review"), owner="desk", at_due="end"),
    Clock("recheck_due", W("复核", "Re-review"), owner="ruler", at_due="remind", at_escalate="go_up"),
)
SAY = Step(
    "say", W("提出信访事项", "Put forward a petition"), ("speaker", "intake", "clock"), to="registered", effect=law.registered,
    rules=(law.five_at_most,), starts=("admit",), tells=("desk",),
    fields=(
        Field("text", W("诉求、事实和理由", "What is asked, facts and reasons"), "long", required=True, scrubbed=True, max_length=8000),
        Field("place", W("在哪个县、乡镇", "In which county or township"), "place"),
        Field("place_words", W("具体在哪", "Where exactly"), "text", max_length=200, scrubbed=True),
        Field("photos", W("照片", "Photos"), "photos"),
        Field("people", W("一共多少人提出", "How many put it forward"), "number"),
        Field("representatives", W("推选的代表几人（最多 5）", "Representatives (at most 5)"), "number"),
        Field("history", W("以前办到哪一步", "How far it came before"), "long", shown=False, scrubbed=True),
        Field("name", W("姓名", "Name"), "text", data="P2", max_length=40),
        Field("phone", W("电话", "Phone"), "phone", data="P2"),
        Field("address", W("住址", "Address"), "text", data="P2", max_length=120),
    ),
    done=W("您提出了信访事项", "You put forward a petition"),
)  # fmt: skip

INTAKE = (
    Step(
        "classify", W("甄别分类", "Sort it"), ("desk",), ("registered",), key="G", rules=(law.sorted_fits,), effect=law.classified,
        fields=(
            Field("sort", W("类别", "Sort"), "choice", required=True, options=law.SORTS),
            Field("way", W("依法走哪条途径", "The way of the law"), "choice", required=True, options=law.WAYS),
        ),
        done=W("甄别了类别和途径", "Sorted, and its way found"),
    ),
    Step(
        "accept", W("受理，转有权处理的单位", "Accept and hand over"), ("desk",), ("registered",), "handling", key="A", number="信访受理",
        rules=(law.is_petition, common.works_there), effect=law.accepted,
        fields=(UNIT, _words(W("交代一句", "A word with it"), required=False, shown=False)),
        stops=("admit",), starts=("decide", "objection"), tells=("speaker", "lead"), done=W("受理", "Accepted"),
    ),
    Step(
        "direct", W("不予受理，告知途径", "Show another way"), ("desk",), ("registered",), "directed", key="X", number="信访告知",
        rules=(law.is_elsewhere,), stops=("*",), tells=("speaker",),
        fields=(
            Field("ground", W("理由", "Ground"), "ground", required=True, source="refuse"),
            _words(W("去哪里、怎么提出", "Where to go and how")),
        ),
        done=W("不予受理，告知了依法该走的途径", "Not accepted; the way of the law was shown"),
    ),
    Step(
        "dispute", W("提异议", "Object"), ("lead",), ("handling",), "disputed", key="B", rules=(law.in_five_days,), tells=("desk",),
        fields=(ARTICLE, _words(W("为什么不归这里", "Why it is not ours"), shown=False)), stops=("objection",), starts=("ruling",),
        done=W("收到的单位提了异议", "The unit objected"),
    ),
    Step(
        "rule_unit", W("裁定谁办", "Rule whose it is"), ("desk",), ("disputed",), "handling", key="R",
        rules=(common.works_there,), fields=(UNIT, _words(W("理由", "Reasons"))),
        effect=law.ruled, stops=("ruling",), tells=("lead", "speaker"), done=W("裁定了由谁办", "It was ruled whose it is"),
    ),
)  # fmt: skip

HANDLING = (
    Step(
        "ask_longer", W("申请延期", "Ask for more time"), ("lead",), ("handling",), key="E", rules=(law.longer_once,), effect=law.asks_longer,
        fields=(Field("days", W("延长几天（最多 30）", "Days (at most 30)"), "number", required=True), _words(W("情况怎么复杂", "Why it is complex"))),
        tells=("line",), public=False, done=W("申请延期", "More time was asked for"),
    ),
    Step(
        "allow_longer", W("批准延期", "Grant more time"), ("lead", "line"), ("handling",), rules=(law.head_says,), effect=law.longer,
        fields=(_words(W("告诉信访人为什么", "Tell them why")),), stops=("decide",), tells=("speaker", "lead"),
        done=W("经负责人批准延长办理期限，一次", "Extended once, with the head's approval"),
    ),
    Step(
        "refuse_longer", W("不批延期", "Refuse more time"), ("lead", "line"), ("handling",), rules=(law.head_says,), effect=law.not_longer,
        fields=(_words(W("理由", "Reasons"), shown=False),), tells=("lead",), public=False, done=W("没有批准延期", "More time was refused"),
    ),
    Step(
        "decide", W("出具处理意见书", "Give the decision"), ("lead",), ("handling",), "decided", key="T", number="信访处理意见",
        fields=(
            Field("outcome", W("意见", "Decision"), "choice", required=True, options=law.OUTCOMES),
            _words(W("查明的事实、理由和怎么落实", "Facts found, reasons, and what is done")), ARTICLE,
        ),
        effect=law.decided, stops=("decide", "longer", "objection"), starts=("ask_review",), tells=("speaker", "desk"),
        done=W("信访事项处理意见书", "Written decision"),
    ),
)  # fmt: skip

LADDER = (
    Step(
        "ask_review", W("请求复查", "Ask for a review"), ("speaker", "desk"), ("decided",), "reviewing", rules=(law.in_thirty_days,),
        effect=law.goes_up, fields=(_words(W("哪里不服", "What is not right"), required=False),), stops=("ask_review",),
        starts=("review_due",), tells=("ruler", "desk"), heard=True, done=W("您请求复查", "You asked for a review"),
    ),
    Step(
        "review_opinion", W("出具复查意见书", "Give the review"), ("ruler",), ("reviewing",), to_any=("reviewed", "handling"), key="T",
        decide=law.leads, rules=(law.another_reviews, law.no_hearing),
        number="信访复查意见", fields=(RESULT, _words(W("事实和理由", "Facts and reasons")), ARTICLE), effect=law.reviewed,
        stops=("review_due",), tells=("speaker", "desk", "lead"), done=W("信访事项复查意见书", "Written review"),
    ),
    Step(
        "ask_recheck", W("请求复核", "Ask for a re-review"), ("speaker", "desk"), ("reviewed",), "rechecking", rules=(law.in_thirty_days,),
        effect=law.goes_up, fields=(_words(W("哪里不服", "What is not right"), required=False),), stops=("ask_recheck",),
        starts=("recheck_due",), tells=("ruler", "desk"), heard=True, done=W("您请求复核", "You asked for a re-review"),
    ),
    Step(
        "recheck_opinion", W("出具复核意见书", "Give the re-review"), ("ruler",), ("rechecking",), to_any=("ended", "handling"), key="T",
        decide=law.leads, rules=(law.another_reviews, law.no_hearing), number="信访复核意见",
        fields=(RESULT, _words(W("事实和理由", "Facts and reasons")), ARTICLE), effect=law.rechecked, stops=("recheck_due",),
        tells=("speaker", "desk", "lead"), done=W("信访事项复核意见书", "Written re-review"),
    ),
    Step(
        "hearing", W("开始听证", "Begin a hearing"), ("ruler",), REVIEWS, rules=(law.no_hearing,), effect=law.hearing,
        fields=(_words(W("时间、地点、为什么听证", "When, where and why")),), pauses=("review_due", "recheck_due"), tells=("speaker",),
        done=W("举行听证，听证的时间不算在期限内", "A hearing; its time is not counted"),
    ),
    Step(
        "hearing_over", W("听证结束", "The hearing is over"), ("ruler",), REVIEWS, rules=(law.in_hearing,), effect=law.heard,
        resumes=("review_due", "recheck_due"), law_too=True, tells=("speaker",),
        done=W("听证结束，期限接着算", "The hearing is over; the clock goes on"),
    ),
    Step(
        "content", W("没有意见，到此为止", "Content with it"), ("speaker",), ("decided", "reviewed"), "ended", stops=("*",), tells=("desk", "lead"),
        done=W("您没有意见", "You are content with it"),
    ),
    Step(
        "end", W("期满终结", "Ended, nobody asked"), ("clock",), ("decided", "reviewed"), "ended", stops=("*",), tells=("speaker", "desk"),
        done=W("三十日内没有请求，意见终结", "Nobody asked within thirty days; the opinion is final"),
    ),
)  # fmt: skip

BESIDE = (
    Step("call", W("联系信访人", "Call them"), ("desk", "lead", "ruler"), OPEN, key="C", done=W("联系了您", "You were called")),
    Step(
        "add", W("补充", "Add"), ("speaker", "desk"), OPEN, fields=(_words(W("还想说的", "What you add")), SAY.fields[3]),
        tells=("desk", "lead"), heard=True, done=W("您补充了", "You added"),
    ),
    Step(
        "note", W("内部备注", "Note"), ("staff",), OPEN, key="N", public=False, fields=(_words(W("备注，信访人看不到", "A note"), shown=False),),
        done=W("备注", "Note"),
    ),
    Step("remind", W("到期提醒", "Reminder"), ("clock",), OPEN, number="催办", tells=("holder",), done=W("超过时限，自动催办", "Past its time; reminded")),
    Step("go_up", W("自动上提一级", "Gone up a level"), ("clock",), OPEN, tells=("above",), done=W("超过一倍半时限，已报上一级", "Told to the level above")),
    Step(
        "withdraw", W("撤回", "Withdraw"), ("speaker",), OPEN, "withdrawn", stops=("*",), tells=("desk", "lead"),
        fields=(_words(W("为什么撤回（可以不写）", "Why (may be left empty)"), required=False),), done=W("您撤回了", "You withdrew it"),
    ),
)  # fmt: skip

EVERY = tuple(s.name for s in STATES)
PROCEDURE = Procedure(
    "petition", 1, W("信访", "Petition"), STATES,
    (*INTAKE, *HANDLING, *LADDER, *BESIDE, *common.looking(EVERY), common.hiding(EVERY), *rights.steps(STATES)),
    (*CLOCKS, common.DEFERRAL, rights.HOLD), opening=SAY, first="registered", desk="petition",
)  # fmt: skip
