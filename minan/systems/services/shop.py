"""The life of a shop on the list: it applies, its licence is looked at, and again on a day; it is suspended with a reason, it objects.

Being on the list is free, and nothing paid moves a shop up: there is no field for it. What it says of itself is public; who ordered is
not here.
"""

from __future__ import annotations

from typing import Any

from minan.kernel import rights
from minan.kernel.procedure import Clock, Field, Procedure, State, Step, Words
from minan.systems.services import shop_rules as r
from minan.systems.services.shop_rules import HOW, TRADES, WAYS

W = Words
KEEP = 1095

STATES = (
    State("shop_applied", W("待核验", "To be checked"), holder="desk"),
    State("listed", W("在列", "Listed"), holder="desk"),
    State("lapsed", W("核验到期，已隐藏", "Check ran out, hidden"), holder="desk"),
    State("suspended", W("已暂停", "Suspended"), holder="desk"),
    State("taken_down", W("已撤下", "Taken down"), final=True, keep_days=KEEP),
)
OPEN = ("shop_applied", "listed", "lapsed", "suspended")
CLOCKS = (
    Clock("vet", W("核验执照", "Check the licence"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("recheck", W("下次核验", "Next check"), owner="desk", at_due="lapse"),
    Clock("shop_objection", W("答复异议", "Decide the objection"), owner="ruler", at_due="remind", at_escalate="go_up"),
    rights.HOLD,
)


# ---- steps


def _words(label: Words, name: str = "words", **more: Any) -> Field:
    return Field(name, label, "long", required=True, scrubbed=True, max_length=600, **more)


OFFERS = Field(
    "offers", W("做什么、多少钱（一行一项）", "What is offered, with its price, one a line"), "long", max_length=1500
)
HOURS = Field("hours", W("什么时候开门", "Opening hours"), "text", max_length=80)
SPOT = Field("spot", W("在哪儿", "Where"), "text", max_length=80)
PHONE = Field("shop_phone", W("店里的电话（公开）", "The shop's phone, public"), "text", max_length=20)
WAYS_ASKED = (
    Field("delivery", W("送货", "Delivers"), "yesno"),
    Field("pickup", W("可以来取", "Can be picked up"), "yesno"),
    Field("visit", W("上门做", "Comes to the home"), "yesno"),
)
OPENING = Step(
    "enlist",
    W("申请进便民生活圈", "Apply to be listed"),
    ("speaker", "intake"),
    to="shop_applied",
    effect=r.enlisted,
    rules=(r.village, r.fits),
    starts=("vet",),
    tells=("desk",),
    fields=(
        Field("name", W("店名", "Name of the shop"), "text", required=True, max_length=40),
        Field("trade", W("做哪一行", "Trade"), "choice", required=True, options=TRADES),
        Field("place", W("哪个村、社区", "Village or community"), "place", required=True),
        Field("spot", SPOT.label, "text", required=True, max_length=80),
        Field("hours", HOURS.label, "text", required=True, max_length=80),
        Field("offers", OFFERS.label, "long", required=True, max_length=1500),
        Field("shop_phone", PHONE.label, "text", required=True, max_length=20),
        Field("licence", W("营业执照或许可证编号", "Number of the licence"), "text", required=True, max_length=40),
        *WAYS_ASKED,
        Field("minutes", W("能预约的，一个时段几分钟", "Minutes of a slot, if it can be booked"), "number"),
        Field("opens", W("预约从几点", "Bookings from"), "text", max_length=5),
        Field("closes", W("到几点", "Until"), "text", max_length=5),
        Field("seats", W("同一时段几个人", "How many at a time"), "number"),
        Field("phone", W("接订单提醒的手机（不公开）", "Phone for notices, not public"), "phone", data="P2"),
    ),
    done=W("申请进便民生活圈", "Applied to be listed"),
)
STEPS = (
    Step(
        "check_licence",
        W("核验执照", "Check the licence"),
        ("desk",),
        ("shop_applied", "listed", "lapsed"),
        "listed",
        key="A",
        near=True,
        rules=(r.soon_enough,),
        effect=r.vetted,
        stops=("vet", "recheck"),
        tells=("speaker",),
        fields=(
            Field("how", W("怎么核的", "How"), "choice", required=True, options=HOW),
            Field(
                "next_check",
                W("下次核验（一年内，不晚于执照到期）", "Next check, within a year"),
                "date",
                required=True,
            ),
        ),
        done=W("执照核验过了，在列", "The licence was checked; listed"),
    ),
    Step(
        "refuse_shop",
        W("不列入", "Not listed"),
        ("desk",),
        ("shop_applied",),
        "taken_down",
        key="X",
        stops=("*",),
        tells=("speaker",),
        fields=(_words(W("为什么", "Why")),),
        done=W("没有列入", "Not listed"),
    ),
    Step(
        "lapse",
        W("核验到期，隐藏", "The check ran out"),
        ("clock",),
        ("listed",),
        "lapsed",
        stops=("recheck",),
        starts=("vet",),
        tells=("desk", "speaker"),
        done=W("核验到期，先隐藏", "The check ran out; hidden"),
    ),
    Step(
        "suspend",
        W("暂停", "Suspend"),
        ("desk",),
        ("listed", "lapsed"),
        "suspended",
        effect=r.suspended,
        stops=("vet", "recheck"),
        tells=("speaker",),
        fields=(_words(W("为什么，店家看得到", "Why; the shop reads this")),),
        done=W("被暂停", "Suspended"),
    ),
    Step(
        "object",
        W("提异议", "Object"),
        ("speaker",),
        ("suspended",),
        rules=(r.not_objected,),
        effect=r.objected,
        starts=("shop_objection",),
        tells=("ruler", "desk"),
        fields=(_words(W("为什么不同意", "Why you do not agree")),),
        done=W("提了异议，由上一级定", "Objected; the level above decides"),
    ),
    Step(
        "uphold",
        W("维持暂停", "The suspension stands"),
        ("ruler",),
        ("suspended",),
        rules=(r.is_objected,),
        effect=r.ruled,
        stops=("shop_objection",),
        tells=("speaker", "desk"),
        fields=(_words(W("理由", "Reasons")),),
        done=W("上一级维持暂停", "The level above let it stand"),
    ),
    Step(
        "overturn",
        W("撤销暂停", "Lift the suspension"),
        ("ruler",),
        ("suspended",),
        "lapsed",
        rules=(r.is_objected,),
        effect=r.back,
        stops=("shop_objection",),
        starts=("vet",),
        tells=("speaker", "desk"),
        fields=(_words(W("理由", "Reasons")),),
        done=W("上一级撤销了暂停，核验后恢复", "The level above lifted it; back after a check"),
    ),
    Step(
        "resume",
        W("恢复", "Resume"),
        ("desk",),
        ("suspended",),
        "lapsed",
        effect=r.back,
        stops=("shop_objection",),
        starts=("vet",),
        tells=("speaker",),
        done=W("可以恢复，核验后在列", "May be resumed; listed after a check"),
    ),
    Step(
        "edit",
        W("改店里的信息", "Change what the shop says"),
        ("speaker", "desk"),
        OPEN,
        rules=(r.fits,),
        effect=r.edited,
        fields=(HOURS, OFFERS, PHONE, SPOT, *WAYS_ASKED, Field("open", W("现在接单", "Takes orders now"), "yesno")),
        done=W("改了店里的信息", "What the shop says was changed"),
    ),
    Step(
        "take_down",
        W("撤下", "Take down"),
        ("speaker", "desk"),
        OPEN,
        "taken_down",
        stops=("*",),
        tells=("desk",),
        fields=(_words(W("为什么", "Why")),),
        done=W("撤下了", "Taken down"),
    ),
    Step(
        "hand_link",
        W("把链接交给店家", "Hand the shop its link"),
        ("desk",),
        OPEN,
        effect=r.handed,
        done=W("链接交给了店家", "The link was handed over"),
    ),
    Step(
        "order_came",
        W("有新订单", "An order came in"),
        ("clock",),
        ("listed",),
        tells=("speaker",),
        done=W("有一个新订单", "A new order"),
    ),
    Step(
        "rated",
        W("有人评了", "A job was rated"),
        ("clock",),
        OPEN,
        effect=r.rated,
        public=False,
        fields=(
            Field("good", W("好不好", "Good"), "yesno", required=True, shown=False),
            Field("words", W("说了什么", "In words"), "long", scrubbed=True, max_length=300, shown=False),
        ),
    ),
    Step(
        "show_words",
        W("放出来", "Show these words"),
        ("desk",),
        OPEN,
        rules=(r.waits_to_be_read,),
        effect=r.words_shown,
        public=False,
        fields=(Field("k", W("第几条", "Which"), "number", required=True, shown=False),),
    ),
    Step(
        "hide_words",
        W("不放", "Do not show"),
        ("desk",),
        OPEN,
        rules=(r.waits_to_be_read,),
        effect=r.words_hidden,
        public=False,
        fields=(Field("k", W("第几条", "Which"), "number", required=True, shown=False),),
    ),
    Step("remind", W("到期提醒", "Reminder"), ("clock",), folds=True, tells=("holder", "ruler"), public=False),
    Step("go_up", W("自动上提一级", "Gone up a level"), ("clock",), effect=r.gone_up, tells=("above",), public=False),
    *rights.steps(STATES),
)

PROCEDURE = Procedure(
    "shop",
    1,
    W("便民商户", "Local shop"),
    STATES,
    STEPS,
    CLOCKS,
    opening=OPENING,
    first="shop_applied",
    counted=False,
    room="services:own",
)
__all__ = ["PROCEDURE", "TRADES", "WAYS"]
