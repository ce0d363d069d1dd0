"""The life of a shop on the list: it applies, the desk looks at its licence, it is checked again on a day, suspended with a reason, objects.

Being on the list is free, and nothing paid moves a shop up: there is no field for it. What it says of itself is public; who ordered is not here.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from minan.kernel import choosing, directory, rights
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words

W = Words
KEEP = 1095
CHECK_MOST = 366  # days until a licence is looked at again
WORDS_MOST = 40  # the last words of ratings that are kept to be shown
OFFERS_MOST, MINUTES_MOST, SEATS_MOST = 30, 480, 20
TRADES = (
    ("food", W("买菜吃饭", "Food")),
    ("grocery", W("超市、粮油", "Groceries")),
    ("pharmacy", W("药店", "Pharmacy")),
    ("doctor", W("大夫、护理", "Doctor and care")),
    ("hair", W("理发", "Hairdresser")),
    ("repair", W("家电、水电修理", "Repairs")),
    ("cleaning", W("保洁、家政", "Cleaning")),
    ("shoes", W("修鞋、修表、配钥匙", "Shoes, watches, keys")),
    ("water", W("送水、送气", "Water and gas")),
    ("other", W("别的", "Other")),
)
HOW = (("seen", W("看了原件", "The original was seen")), ("registry", W("在国家公示系统查到", "Found in the national register")))
WAYS = ("delivery", "pickup", "visit")
CLOCK_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

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


def lines(text: str) -> list[str]:
    """What is offered, one thing with its price a line."""
    return [line.strip() for line in re.split(r"[\n；;]", text) if line.strip()]


# ---- rules


def fits(ask: Ask) -> Words | None:
    """Offers, hours of booking and seats are such that a page can show them."""
    facts, said = ask.facts, lines(ask.facts.get("offers", ""))
    if "offers" in facts and not 1 <= len(said) <= OFFERS_MOST:
        return W(f"写 1 到 {OFFERS_MOST} 项，一行一项", f"1 to {OFFERS_MOST} offers, one a line")
    minutes = facts.get("minutes", 0) or 0
    if minutes and not 5 <= minutes <= MINUTES_MOST:
        return W(f"一个时段 5 到 {MINUTES_MOST} 分钟", f"A slot lasts 5 to {MINUTES_MOST} minutes")
    times = [facts.get(name, "") for name in ("opens", "closes")]
    if minutes and not (all(CLOCK_OF_DAY.fullmatch(t) for t in times) and times[0] < times[1]):
        return W("能预约的，写几点到几点，如 09:00 和 18:00", "With bookings: from and until, such as 09:00 and 18:00")
    if not 1 <= (facts.get("seats") or 1) <= SEATS_MOST:
        return W(f"同一时段 1 到 {SEATS_MOST} 个人", f"1 to {SEATS_MOST} people at a time")
    return None


def village(ask: Ask) -> Words | None:
    where = directory.within(ask.facts.get("place", ""), "village")
    return None if where else W("选到村、社区", "Choose the village or community")


def soon_enough(ask: Ask) -> Words | None:
    today, then = _today(ask), date.fromisoformat(ask.facts["next_check"])
    if today < then <= today + timedelta(days=CHECK_MOST):
        return None
    return W("下次核验写明天到一年内的一天", "The next check is a day from tomorrow within a year")


def still_checked(ask: Ask) -> Words | None:
    if date.fromisoformat(ask.case["facts"].get("next_check", "2000-01-01")) >= _today(ask):
        return None
    return W("核验过期了，先核验执照", "The check ran out: look at the licence first")


def not_objected(ask: Ask) -> Words | None:
    return W("这次暂停已经提过一次异议", "This suspension was objected to already") if ask.case["facts"].get("objected") else None


def is_objected(ask: Ask) -> Words | None:
    return None if ask.marks.get("objection") else W("没有等决定的异议", "No objection awaits a decision")


def waits_to_be_read(ask: Ask) -> Words | None:
    known = [row["k"] for row in ask.case["facts"].get("said") or []]
    return None if ask.facts["k"] in known else W("没有这一条", "There is no such one")


def _today(ask: Ask) -> date:
    at: date = ask.at.astimezone(directory.LOCAL).date()
    return at


# ---- effects

ABOUT = ("name", "trade", "spot", "hours", "shop_phone", "licence", *WAYS, "minutes", "opens", "closes", "seats")


def enlisted(ask: Ask) -> Change:
    facts = {name: ask.facts[name] for name in ABOUT if name in ask.facts} | {"offers": lines(ask.facts["offers"])}
    place = ask.facts["place"]
    point = choosing.one(directory.POINT, directory.within(place, "village"))
    held = {post.unit for posts in directory.city().posts.values() for post in posts}
    desk = point if point in held else ask.case["desk"]
    return Change(set={"title": ask.facts["name"], "desk": desk, "place": place}, facts=facts | {"open": True, "k": 0})


def vetted(ask: Ask) -> Change:
    kept = {"checked_on": _today(ask).isoformat(), "checked_by": ask.unit, "next_check": ask.facts["next_check"], "how": ask.facts["how"]}
    end = date.fromisoformat(ask.facts["next_check"]) - _today(ask)
    return Change(facts=kept, starts=("recheck",), due={"recheck": ask.at + end})


def edited(ask: Ask) -> Change:
    """What is left empty stays; slots keep their length, else two could lie over one another."""
    facts: dict[str, Any] = {name: ask.facts[name] for name in ("hours", "shop_phone", "spot", *WAYS) if name in ask.facts}
    facts |= {"offers": lines(ask.facts["offers"])} if ask.facts.get("offers") else {}
    facts |= {"open": ask.facts["open"]} if "open" in ask.facts else {}
    return Change(facts=facts)


def suspended(ask: Ask) -> Change:
    return Change(facts={"why": ask.facts["words"], "objected": None})


def objected(ask: Ask) -> Change:
    ruler = ask.offices.above(ask.case["desk"], "block") or ask.case["desk"]
    return Change(set={"ruler": ruler}, facts={"objected": ask.facts["words"]}, marks={"objection": True})


def ruled(ask: Ask) -> Change:
    return Change(set={"ruler": ""}, marks={"objection": None}, note={"found": ask.step})


def back(ask: Ask) -> Change:
    return Change(set={"ruler": ""}, facts={"why": None, "objected": None}, marks={"objection": None})


def rated(ask: Ask) -> Change:
    """One more completed job was rated; its words wait for the desk."""
    facts, k = ask.case["facts"], ask.case["facts"].get("k", 0) + 1
    said = list(facts.get("said") or [])
    if ask.facts.get("words"):
        said.append({"k": k, "good": ask.facts["good"], "words": ask.facts["words"], "shown": False, "on": _today(ask).isoformat()})
    counted = {"k": k, "rated": facts.get("rated", 0) + 1, "good": facts.get("good", 0) + bool(ask.facts["good"])}
    return Change(facts=counted | {"said": said[-WORDS_MOST:]}, marks={"words_wait": True} if ask.facts.get("words") else {})


def _looked(ask: Ask, keep: bool) -> Change:
    rows = [row | {"shown": True} if row["k"] == ask.facts["k"] else row for row in ask.case["facts"].get("said") or []]
    left = rows if keep else [row for row in rows if row["k"] != ask.facts["k"]]
    return Change(facts={"said": left}, marks={"words_wait": True if any(not row["shown"] for row in left) else None})


def words_shown(ask: Ask) -> Change:
    return _looked(ask, True)


def words_hidden(ask: Ask) -> Change:
    return _looked(ask, False)


def gone_up(ask: Ask) -> Change:
    return Change(marks={"escalated": True})


# ---- steps


def _words(label: Words, name: str = "words", **more: Any) -> Field:
    return Field(name, label, "long", required=True, scrubbed=True, max_length=600, **more)


OFFERS = Field("offers", W("做什么、多少钱（一行一项）", "What is offered, with its price, one a line"), "long", max_length=1500)
HOURS = Field("hours", W("什么时候开门", "Opening hours"), "text", max_length=80)
SPOT = Field("spot", W("在哪儿", "Where"), "text", max_length=80)
PHONE = Field("shop_phone", W("店里的电话（公开）", "The shop's phone, public"), "phone")
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
    effect=enlisted,
    rules=(village, fits),
    starts=("vet",),
    tells=("desk",),
    fields=(
        Field("name", W("店名", "Name of the shop"), "text", required=True, max_length=40),
        Field("trade", W("做哪一行", "Trade"), "choice", required=True, options=TRADES),
        Field("place", W("哪个村、社区", "Village or community"), "place", required=True),
        Field("spot", SPOT.label, "text", required=True, max_length=80),
        Field("hours", HOURS.label, "text", required=True, max_length=80),
        Field("offers", OFFERS.label, "long", required=True, max_length=1500),
        Field("shop_phone", PHONE.label, "phone", required=True),
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
        rules=(soon_enough,),
        effect=vetted,
        stops=("vet", "recheck"),
        tells=("speaker",),
        fields=(
            Field("how", W("怎么核的", "How"), "choice", required=True, options=HOW),
            Field("next_check", W("下次核验（一年内，不晚于执照到期）", "Next check, within a year"), "date", required=True),
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
        effect=suspended,
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
        rules=(not_objected,),
        effect=objected,
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
        rules=(is_objected,),
        effect=ruled,
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
        rules=(is_objected,),
        effect=back,
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
        effect=back,
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
        rules=(fits,),
        effect=edited,
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
        tells=("desk", "speaker"),
        fields=(_words(W("为什么", "Why")),),
        done=W("撤下了", "Taken down"),
    ),
    Step("order_came", W("有新订单", "An order came in"), ("clock",), ("listed",), tells=("speaker",), done=W("有一个新订单", "A new order")),
    Step(
        "rated",
        W("有人评了", "A job was rated"),
        ("clock",),
        OPEN,
        effect=rated,
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
        rules=(waits_to_be_read,),
        effect=words_shown,
        public=False,
        fields=(Field("k", W("第几条", "Which"), "number", required=True, shown=False),),
    ),
    Step(
        "hide_words",
        W("不放", "Do not show"),
        ("desk",),
        OPEN,
        rules=(waits_to_be_read,),
        effect=words_hidden,
        public=False,
        fields=(Field("k", W("第几条", "Which"), "number", required=True, shown=False),),
    ),
    Step("remind", W("到期提醒", "Reminder"), ("clock",), folds=True, tells=("holder", "ruler"), public=False),
    Step("go_up", W("自动上提一级", "Gone up a level"), ("clock",), effect=gone_up, tells=("above",), public=False),
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
