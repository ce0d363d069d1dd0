"""More time, parking, urging, supervising, danger: what is said about a matter's time while it is handled (DOMAIN.md §1)."""

from __future__ import annotations

from minan.kernel.procedure import Field, Step, Words
from minan.systems.matters import effects as e
from minan.systems.matters import fields as f
from minan.systems.matters import rules as r

W = Words
OPEN_TASK = f.OPEN_TASK

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
        "urge", W("催一催", "Urge"), ("speaker", "desk", "caller"), key="U", number="催办", rules=(r.urged_today,), effect=e.urged,
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
