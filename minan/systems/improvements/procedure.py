"""An improvement project 改进项目 (举一反三, DOMAIN.md §1): owner, what hurts, actions, measure, before and after, cost, review.

Begun by a desk by itself or from a case it may see, or as a child by name (`Child("improvement", {"title", "text"})`, from a call for
help, an alarm, a matter). It goes on when what it came from has ended. It cannot be closed without a count after.
"""

from __future__ import annotations

from minan.kernel import childhood, common
from minan.kernel.procedure import Clock, Field, Procedure, State, Step, Words
from minan.systems.improvements import effects as e
from minan.systems.improvements import rules as r

W = Words
KEEP = 1825
OPEN = ("planned", "running")
STATES = (
    State("planned", W("在定措施", "Being planned"), holder="lead"),
    State("running", W("改进中", "Under way"), holder="lead"),
    State("closed", W("改好了", "Done"), final=True, keep_days=KEEP),
    State("dropped", W("不做了", "Dropped"), final=True, keep_days=KEEP),
)
EVERY = tuple(s.name for s in STATES)
CLOCKS = (
    Clock("milestone", W("措施到日子", "An action's day"), at_due="remind", at_escalate="go_up"),
    Clock("improve_review", W("回头看", "Review"), at_due="remind", at_escalate="go_up"),
)


def words(label: Words, *, required: bool = True, shown: bool = True, most: int = 1000, name: str = "words") -> Field:
    return Field(name, label, "long", required=required, scrubbed=True, shown=shown, max_length=most)


TITLE = Field("title", W("改什么", "What is to be improved"), "text", required=True, max_length=60, scrubbed=True)
TEXT = words(W("什么事总让人难受", "What hurts, again and again"), name="text", most=2000)
FROM = Field(
    "from_case", W("从哪件事来（写编号）", "From which case (its code)"), "case", shown=False,
    hint=W("只能写您看得到的事，保密的不能写", "Only what you may see; nothing confidential"),
)  # fmt: skip
PERIOD = (
    Field("num", W("数出来几件（分子）", "How many were counted (numerator)"), "number", required=True),
    Field("den", W("一共多少（分母，只数件数的写 0）", "Of how many (denominator; 0 where it is a plain count)"), "number", required=True),
    Field("since", W("从哪天", "From"), "date", required=True), Field("until", W("到哪天", "Until"), "date", required=True),
)  # fmt: skip

OPENING = Step(
    "begin", W("立一个改进项目", "Begin a project"), ("intake", "clock"), to="planned", starts=("improve_review",), tells=("desk",),
    fields=(TITLE, TEXT, Field("place", W("哪个乡镇、街道、社区", "Which township, street or community"), "place"), FROM),
    rules=(r.sees_origin,), effect=e.begun, done=W("立了改进项目", "A project was begun"),
)  # fmt: skip
STEPS = (
    Step(
        "own", W("定责任单位", "Name the owner"), ("desk", "above"), OPEN, key="A", fields=(Field("unit", W("哪个单位负责",
        "Which unit answers for it"), "unit", required=True),),
        rules=(common.works_there,), effect=e.owned, tells=("lead", "desk"), done=W("定了责任单位", "The owner was named"),
    ),
    Step(
        "measure", W("定怎么数", "Say how it is counted"), ("lead", "desk"), OPEN, fields=(
            Field("what", W("数什么", "What is counted"), "text", required=True, max_length=120, scrubbed=True),
            Field("better", W("怎样算好", "What is better"), "choice", required=True, options=(("less", W("越少越好", "Less")), ("more",
                W("越多越好", "More")))),
            Field("goal", W("想做到多少（可不写）", "The goal (may be empty)"), "text", max_length=60),
        ), effect=e.measured, done=W("定了怎么数", "How it is counted was settled"),
    ),
    Step(
        "before", W("记改之前的数", "Count before"), ("lead", "desk"), OPEN, "running", fields=PERIOD, rules=(r.measure_first, r.numbers_fit),
        effect=e.counted_before,
        done=W("记了改之前的数", "Counted before"),
    ),
    Step(
        "act", W("加一条措施", "Add an action"), ("lead", "desk"), OPEN, key="P", rules=(r.ahead, r.few_actions, r.doer_works_there),
        effect=e.action_added,
        starts=("milestone",),
        stops=("milestone",), fields=(
            Field("what", W("做什么", "What is done"), "text", required=True, max_length=200, scrubbed=True),
            Field("who", W("哪个单位做（不选：责任单位）", "Which unit does it (none: the owner)"), "unit"), Field("by", W("哪天前", "By which day"),
                "date", required=True),
        ), tells=("lead",), done=W("加了一条措施", "An action was added"),
    ),
    Step(
        "act_done", W("措施做完了", "An action is done"), ("lead", "desk", "staff"), OPEN, key="T", rules=(r.has_action, r.own_action),
        effect=e.action_done,
        stops=("milestone",), fields=(
            Field("n", W("第几条", "Which one"), "number", required=True),
            words(W("做成了什么", "What was achieved"), most=400), Field("photos", W("照片", "Photos"), "photos"),
        ), tells=("lead", "desk"), done=W("一条措施做完了", "An action is done"),
    ),
    Step(
        "act_off", W("这条不做了", "Drop an action"), ("lead", "desk"), OPEN, rules=(r.has_action,), effect=e.action_off, stops=("milestone",),
        fields=(Field("n", W("第几条", "Which one"), "number", required=True), words(W("为什么", "Why"), most=400)), done=W("一条措施不做了",
            "An action was dropped"),
    ),
    Step(
        "cost", W("记花费", "Enter cost"), ("lead", "desk"), OPEN, rules=(r.money_fits,), effect=e.cost_added, fields=(
            Field("yuan", W("多少元（整数）", "How much, in whole yuan"), "number", required=True),
            Field("source", W("钱从哪里来", "Where it comes from"), "text", required=True, max_length=80),
        ), done=W("记了一笔花费", "A cost was entered"),
    ),
    Step(
        "after", W("记改之后的数", "Count after"), ("lead", "desk"), ("running",), fields=PERIOD, rules=(r.before_first, r.later_than_before,
        r.numbers_fit),
        effect=e.counted_after, done=W("记了改之后的数", "Counted after"),
    ),
    Step(
        "link", W("挂上一件事", "Link a case"), ("lead", "desk"), OPEN, rules=(r.sees_it,), effect=e.linked, fields=(
            Field("code", W("编号", "Code"), "case", required=True, shown=False),
        ), public=False, done=W("挂上了一件事", "A case was linked"),
    ),
    Step(
        "publish", W("公示", "Publish"), ("desk", "above"), EVERY, effect=e.published, fields=(
            Field("headline", W("公示的标题（不写人名）", "Title for everybody, without names"), "text", required=True, max_length=60, scrubbed=True),
            words(W("公示的话：什么问题、怎么改的（不写人名、门牌）", "Words for everybody: what it was, what was done; no names, no addresses"), most=1000),
        ), done=W("公示了", "Published"),
    ),
    Step("unpublish", W("撤下公示", "Take off the page"), ("desk", "above"), EVERY, rules=(r.is_published,), effect=e.unpublished,
        done=W("撤下了", "Taken off")),
    Step(
        "tell", W("告诉当初说的人", "Tell who spoke"), ("lead", "desk"), EVERY, near=True, rules=(r.is_published, r.has_links), effect=e.telling,
        done=W("告诉了当初说的人", "Who spoke was told"),
    ),
    Step("told", W("告诉了几位", "How many were told"), ("clock",), EVERY, fields=(Field("n", W("几位", "How many"), "number", required=True),
        ), effect=e.told,
        public=False, done=W("告诉到了", "They were told")),
    Step(
        "review", W("回头看", "Review"), ("lead", "desk"), ("running",), rules=(r.ahead,), effect=e.reviewed, stops=("improve_review",),
        starts=("improve_review",),
        fields=(words(W("看下来怎么样", "What the review found")), Field("by", W("下次哪天看", "Next review on"), "date", required=True)),
            done=W("回头看了一次", "Reviewed"),
    ),
    Step(
        "close", W("改好了，结项", "Close"), ("desk",), ("running",), "closed", key="E", stops=("*",), rules=(r.after_first, r.nothing_open),
        told_why=True,
        fields=(words(W("结果怎么样，以后谁管", "What came of it, and who keeps it so")),), effect=e.ended, tells=("lead", "above"), done=W("结项",
            "Closed"),
    ),
    Step(
        "drop", W("不做了", "Drop"), ("desk",), OPEN, "dropped", stops=("*",), fields=(words(W("为什么不做", "Why not")),), tells=("lead", "above"),
        done=W("不做了", "Dropped"),
    ),
    Step("note", W("内部备注", "Note"), ("staff",), EVERY, key="N", public=False, fields=(words(W("备注", "A note"), shown=False),),
        done=W("备注", "Note")),
    Step("remind", W("到期提醒", "Reminder"), ("clock",), OPEN, folds=True, tells=("lead", "desk"), done=W("到日子了，提醒",
        "Its day has come; reminded")),
    Step(
        "go_up", W("自动上提一级", "Gone up a level"), ("clock",), OPEN, effect=e.gone_up, tells=("above", "desk"),
        done=W("超过一倍半时限，已报上一级", "Past one and a half times the limit; told to the level above"),
    ),
    childhood.keep_away(EVERY),
)  # fmt: skip
PROCEDURE = Procedure(
    "improvement", 1, W("改进项目", "Improvement project"), STATES, STEPS, CLOCKS, opening=OPENING, first="planned", counted=False, plain=True,
    room="improvements:project",
)  # fmt: skip
