"""调看图像: a still picture of at most five cameras, for one numbered open case, by two people's word, kept with this case alone.

《公共安全视频图像信息系统管理条例》 art. 16 (the register of who looked, when and why), 17, 21, 22 (引用前请核对); DOMAIN.md, Red lines.
Where that case says that a life is in danger one person on duty opens it alone (break glass): at most five cameras and four hours, their
head answers for it within 24 hours, three rejected in a year end the right. There is no search, no recognition and no film.
"""

from __future__ import annotations

from datetime import timedelta

from minan.kernel import childhood, glass
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words

W = Words
CAMERAS_MOST, PICTURES_MOST = 5, 20
OPEN_FOR, GLASS_FOR = timedelta(hours=2), timedelta(hours=4)
PICTURE_DAYS, REFUSED_DAYS = 30, 365
OPEN = ("asked", "allowed")
GROUNDS = (
    ("rescue", W("救人、找走失的人", "To save or find somebody")),
    ("accident", W("查清事故、火情", "To clear up an accident or a fire")),
    ("alarm", W("核实设备告警", "To check an alarm")),
    ("order", W("法律文书要求", "A legal document demands it")),
    ("repair", W("看设备好坏", "To see whether the device works")),
)
STATES = (
    State("asked", W("等第二个人同意", "Awaits a second person"), holder="lead"),
    State("allowed", W("可以看了", "May be seen"), holder="desk"),
    State("over", W("看完了，图像到期删除", "Over; the pictures go on their day"), final=True, keep_days=PICTURE_DAYS),
    State("refused", W("没有同意", "Refused"), final=True, keep_days=REFUSED_DAYS),
    State("lapsed", W("一天没有人答复，作废", "Nobody answered within a day"), final=True, keep_days=REFUSED_DAYS),
)
CLOCKS = (
    Clock("look_answer", W("同意或不同意", "Allow or refuse"), owner="lead", at_due="lapse"),
    Clock("look_open", W("看完", "Be done"), owner="desk", at_due="end"),
    glass.CLOCK,
)


def words(label: Words, *, required: bool = True) -> Field:
    return Field("words", label, "long", required=required, scrubbed=True, shown=False, max_length=400)


def asked(ask: Ask) -> Change:
    facts = ask.facts
    kept = {name: facts[name] for name in ("of", "cameras", "ground", "by_unit")} | {
        "asked_by": ask.person,
        "danger": bool(facts.get("danger")),
    }
    return Change(
        set={"title": f"调看：{facts['of']}", "text": facts.get("words", ""), "desk": facts["by_unit"], "unit": facts["keeper"]},
        facts=kept,
        note={"by_unit": facts["by_unit"], "person": ask.person},
    )


def is_asker(ask: Ask) -> Words | None:
    return None if ask.person == ask.case["facts"]["asked_by"] else W("只有申请的人能看", "Only who asked may see it")


def another_person(ask: Ask) -> Words | None:
    """Somebody else, and of another unit: nobody allows their own look, nor their colleague's at the same desk."""
    asker = ask.case["facts"]["asked_by"]
    if ask.person == asker:
        return W("不能批自己的申请", "Nobody allows their own request")
    if set(ask.offices.mates(asker)) & set(ask.offices.mates(ask.person)):
        return W("要由另一个单位的人来批", "Somebody of another unit must answer")
    return None


def in_danger(ask: Ask) -> Words | None:
    if ask.case["facts"].get("danger"):
        return None
    return W(
        "只有报了“有危险”的事才能破窗：先在那件事里报危险，再申请",
        "Only where danger was reported in that case: report it there first, then ask anew",
    )


def allowed(ask: Ask) -> Change:
    return Change(due={"look_open": ask.at + OPEN_FOR}, note={"of": ask.case["facts"]["asked_by"]})


def broken(ask: Ask) -> Change:
    """As kernel/glass.py keeps it, with cameras for what is opened."""
    until = ask.at + GLASS_FOR
    change = glass.opened(ask, until, ("cameras",))
    change.due |= {"look_open": until}
    return change


def still_open(ask: Ask) -> Words | None:
    clock = ask.case["clocks"].get("look_open") or {}
    if not clock.get("running") or clock["due_at"] <= ask.at:
        return W("时间过了", "Its time is over")
    return None


def one_of_them(ask: Ask) -> Words | None:
    if ask.facts["camera"] not in ask.case["facts"]["cameras"]:
        return W("申请里没有这台摄像机", "That camera was not asked for")
    if int(ask.case["facts"].get("pictures", 0)) >= PICTURES_MOST:
        return W(f"一次申请最多看 {PICTURES_MOST} 张", f"At most {PICTURES_MOST} pictures for one request")
    return None


def taken(ask: Ask) -> Change:
    return Change(facts={"pictures": int(ask.case["facts"].get("pictures", 0)) + 1}, note={"camera": ask.facts["camera"]})


def shut(ask: Ask) -> Change:
    """A rejected breaking ends the look at once."""
    change = glass.rejected(ask)
    change.facts |= {"cameras": []}
    return change


GLASS = {step.name: step for step in glass.steps(tuple(s.name for s in STATES)) if step.name in (glass.CONFIRM, glass.RISE)}
OPENING = Step(
    "ask",
    W("申请调看", "Ask for a picture"),
    ("house",),
    to="asked",
    effect=asked,
    starts=("look_answer",),
    tells=("lead", "above"),
    fields=(
        Field("of", W("为哪一件事", "For which case"), "case", required=True, shown=False),
        Field("cameras", W("哪几台摄像机", "Which cameras"), "fragments", required=True, shown=False, max_length=40),
        Field("ground", W("为什么看", "Why"), "choice", required=True, options=GROUNDS, shown=False),
        words(W("具体原因", "The exact reason")),
        Field("by_unit", W("申请单位", "Unit that asks"), "unit", required=True, shown=False),
        Field("keeper", W("摄像机归谁管", "Whose cameras"), "unit", required=True, shown=False),
        Field("place", W("地点", "Place"), "place", required=True, shown=False),
        Field("danger", W("那件事报了危险", "Danger was reported there"), "yesno", shown=False),
    ),
    public=False,
    done=W("申请调看图像", "A picture was asked for"),
)
STEPS = (
    Step(
        "allow",
        W("同意调看", "Allow it"),
        ("lead", "above", "line", "desk"),
        ("asked",),
        "allowed",
        key="Y",
        near=True,
        effect=allowed,
        rules=(another_person,),
        starts=("look_open",),
        stops=("look_answer",),
        tells=("desk",),
        done=W("同意调看，两小时", "Allowed, for two hours"),
    ),
    Step(
        "refuse",
        W("不同意", "Refuse it"),
        ("lead", "above", "line", "desk"),
        ("asked",),
        "refused",
        key="X",
        rules=(another_person,),
        stops=("*",),
        tells=("desk",),
        fields=(words(W("理由", "Reasons")),),
        done=W("没有同意调看", "The look was refused"),
    ),
    Step(
        glass.BREAK,
        W("破窗：现在就看", "Break the glass: see it now"),
        ("desk",),
        ("asked",),
        "allowed",
        key="W",
        near=True,
        effect=broken,
        rules=(is_asker, in_danger, glass.right_stands),
        starts=("look_open", glass.CLOCK.name),
        stops=("look_answer",),
        tells=("desk", "reviewer"),
        fields=(words(W("谁有生命危险，为什么等不了", "Whose life is in danger, why it cannot wait")),),
        done=W("为了救人，值班的人自己打开了图像", "To save a life, somebody on duty opened the pictures alone"),
    ),
    Step(
        "want",
        W("看一张", "See a picture"),
        ("desk",),
        ("allowed",),
        key="P",
        near=True,
        rules=(is_asker, still_open, one_of_them),
        fields=(Field("camera", W("哪一台摄像机（编号）", "Which camera (its name)"), required=True, max_length=40, shown=False),),
        public=False,
        done=W("要看一张图像", "A picture was asked for"),
    ),
    Step(
        "picture",
        W("图像来了", "The picture came"),
        ("clock",),
        ("allowed",),
        effect=taken,
        tells=("desk",),
        fields=(
            Field("camera", W("摄像机", "Camera"), required=True, max_length=40, shown=False),
            Field("photos", W("图像", "Picture"), "photos", required=True, shown=False),
        ),
        public=False,
        done=W("看了一张图像", "A picture was seen"),
    ),
    Step(
        "dark",
        W("摄像机打不开", "The camera does not answer"),
        ("clock",),
        ("allowed",),
        tells=("desk",),
        public=False,
        fields=(Field("camera", W("摄像机", "Camera"), required=True, max_length=40, shown=False),),
        done=W("摄像机打不开，已报故障", "The camera does not answer; a fault was opened"),
    ),
    Step(
        "done",
        W("看完了", "I am done"),
        ("desk",),
        ("allowed",),
        "over",
        key="S",
        rules=(is_asker,),
        stops=("look_open",),
        done=W("看完了", "Done"),
    ),
    Step(
        "end",
        W("时间到", "Time is over"),
        ("clock",),
        ("allowed",),
        "over",
        stops=("look_open",),
        done=W("时间到，关上了", "Its time was over; shut"),
    ),
    Step(
        "lapse",
        W("作废", "Lapsed"),
        ("clock",),
        ("asked",),
        "lapsed",
        stops=("*",),
        tells=("desk",),
        done=W("没有人答复，作废", "Nobody answered; lapsed"),
    ),
    GLASS[glass.CONFIRM],
    Step(
        glass.REJECT,
        W("不认可破窗", "Reject the breaking"),
        ("above", "line"),
        tuple(s.name for s in STATES),
        near=True,
        effect=shut,
        rules=(glass.awaits_you,),
        stops=(glass.CLOCK.name,),
        tells=("desk",),
        fields=(words(W("为什么不该打开", "Why it should not have been opened")),),
        done=W("上级复核：不该打开", "Reviewed: it should not have been opened"),
    ),
    GLASS[glass.RISE],
    *childhood.steps(OPEN, "over"),
)
PROCEDURE = Procedure(
    "camera_look", 1, W("调看图像", "Look through a camera"), STATES, STEPS, CLOCKS, opening=OPENING, first="asked", counted=False,
    titles=(W("调看", "Look"),),
    pictures_for="asked_by",
)
