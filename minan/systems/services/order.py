"""The life of an order: asked, taken or declined, under way, done, rated. The shop acts by its own link; money is paid outside.

Nobody of the city holds it: it lies in no inbox, so that no desk reads who buys what. What is said and where to bring it lie in the vault;
name, phone and address go seven days after the end.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from minan.kernel import rights
from minan.kernel.models import Case
from minan.kernel.procedure import Ask, Change, Child, Clock, Field, Procedure, State, Step, Words
from minan.systems.services import listing

W = Words
KEEP, FORGET_DAYS = 180, 7
HOW = (
    ("delivery", W("送到家", "Deliver it")),
    ("pickup", W("我来取", "I pick it up")),
    ("visit", W("上门做", "Come to my home")),
    ("there", W("我去店里", "I come to the shop")),
)
RUNNING = ("placed", "order_taken", "under_way")
STATES = (
    State("placed", W("等店家回话", "Awaits the shop"), holder="speaker"),
    State("order_taken", W("店家接了", "Taken by the shop"), holder="speaker"),
    State("under_way", W("正在做", "Under way"), holder="speaker"),
    State("order_done", W("做完了，请您评", "Done, to be rated"), holder="speaker"),
    State("order_rated", W("评过了", "Rated"), final=True, keep_days=KEEP),
    State("unrated", W("做完了，没有评", "Done, not rated"), final=True, keep_days=KEEP),
    State("declined", W("店家没接", "Declined"), final=True, keep_days=KEEP),
    State("cancelled", W("您取消了", "Cancelled"), final=True, keep_days=KEEP),
    State("unanswered", W("店家没回话，自动取消", "No answer in time"), final=True, keep_days=KEEP),
)
ENDED = ("order_done", "order_rated", "unrated", "declined", "cancelled", "unanswered")
CLOCKS = (
    Clock("shop_answer", W("店家回话", "The shop answers"), owner="desk", at_due="expire"),
    Clock("rating", W("可以评", "Time to rate"), owner="desk", at_due="close_unrated"),
    Clock(
        "forgetting",
        W("删掉地址电话", "Address and phone are erased"),
        owner="desk",
        at_due="forget_address",
        quiet=True,
    ),
    rights.HOLD,
)
CONTACT = ("name", "phone", "address")
# What the shop reads of an order, in its own words: neither a complaint nor whether, when and how this customer rated.
DONE_FOR_SHOP = W("做完了", "Done")
LOG_FOR_SHOP = {
    "order": W("来了新单", "The order came in"),
    "shop_takes": W("接了单", "Taken"),
    "shop_declines": W("没有接", "Declined"),
    "shop_begins": W("开始做", "Begun"),
    "shop_finishes": DONE_FOR_SHOP,
    "cancel": W("顾客取消了", "The customer cancelled"),
    "expire": W("没回话，自动取消", "Not answered; cancelled"),
}
STATES_FOR_SHOP = {
    "placed": W("等您回话", "Awaits your answer"),
    "order_taken": W("接了单", "Taken"),
    "under_way": W("正在做", "Under way"),
    "order_done": DONE_FOR_SHOP,
    "order_rated": DONE_FOR_SHOP,
    "unrated": DONE_FOR_SHOP,
    "declined": W("没有接", "Declined"),
    "cancelled": W("顾客取消了", "The customer cancelled"),
    "unanswered": W("没回话，自动取消", "Not answered; cancelled"),
}


def takes_orders(ask: Ask) -> Words | None:
    """Only at a shop whose licence was checked, and which takes orders now."""
    found = listing.one(ask.facts.get("shop", ""), ask.at)
    return (
        None
        if found is not None and found.facts.get("open")
        else W("这家店现在不接单", "This shop takes no orders now")
    )


def _named(code: str) -> str:
    """The name of a shop, also of one that is hidden by now."""
    found = Case.objects.filter(code=code, procedure=listing.NAME).first()
    return str(found.facts.get("name", "")) if found is not None else ""


def ordered(ask: Ask) -> Change:
    """In nobody's inbox: no desk holds it."""
    facts = {name: ask.facts[name] for name in ("shop", "how", "slot") if name in ask.facts}
    return Change(set={"desk": "", "title": f"便民订单：{_named(ask.facts['shop'])}"[:60]}, facts=facts)


def by_the_shop(ask: Ask) -> Words | None:
    """Its page acts for a shop that came in by its link, and only on that shop's orders."""
    return (
        None
        if ask.facts.get("shop") == ask.case["facts"].get("shop")
        else W("这不是这家店的订单", "This is no order of that shop")
    )


def complained(ask: Ask) -> Change:
    """A matter of its own, confidential, under the same secret: the shop never learns who."""
    case = ask.case
    sealed = f"complain@{case['n'] + 1}.words"  # what this very step seals
    desk = ask.offices.desk_of(case["place"])
    title = f"投诉便民商户：{_named(case['facts']['shop'])}"[:60]
    child = Child(
        "matter",
        {"text": title, "place": case["place"]},
        "complaint",
        {"desk": desk},
        link="same",
        carries={"text": sealed},
    )
    return Change(children=(child,), facts={"complained": True})


def complains_once(ask: Ask) -> Words | None:
    return (
        W("这一单投诉过了，在办", "You complained about this order already")
        if ask.case["facts"].get("complained")
        else None
    )


def over(ask: Ask) -> Change:
    """The address stays seven days to the minute, for a forgotten bag or a quarrel; then it goes."""
    return Change(starts=("forgetting",), due={"forgetting": ask.at + timedelta(days=FORGET_DAYS)})


def forgot(ask: Ask) -> Change:
    return Change(erases=CONTACT, facts={"slot": None})


def _of_shop(name: str, label: Words, sources: tuple[str, ...], to: str, done: Words, **more: Any) -> Step:
    """What the shop does by its page: the house's own hand, told which shop."""
    fields = (Field("shop", W("哪家店", "Which shop"), "case", required=True, shown=False), *more.pop("fields", ()))
    return Step(
        name, label, ("clock",), sources, to, rules=(by_the_shop,), fields=fields, tells=("speaker",), done=done, **more
    )


OPENING = Step(
    "order",
    W("下单", "Order"),
    ("speaker", "intake"),
    to="placed",
    rules=(takes_orders,),
    effect=ordered,
    starts=("shop_answer",),
    fields=(
        Field("shop", W("哪家店", "Which shop"), "case", required=True, shown=False),
        Field("what", W("要什么", "What do you need"), "long", required=True, paper=True, max_length=600),
        Field("how", W("怎么办", "How"), "choice", required=True, options=HOW),
        Field("slot", W("什么时候", "When"), "moment"),
        Field("place", W("哪个村、社区", "Village or community"), "place", required=True),
        Field("address", W("送到、上门的地址", "Where to bring it or come to"), "text", data="P2", max_length=100),
        Field("name", W("怎么称呼您", "Your name"), "text", data="P2", max_length=20),
        Field("phone", W("电话", "Phone"), "phone", data="P2"),
    ),
    done=W("下了单", "Ordered"),
)
STEPS = (
    _of_shop(
        "shop_takes",
        W("接单", "Take it"),
        ("placed",),
        "order_taken",
        W("店家接了", "The shop took it"),
        stops=("shop_answer",),
    ),
    _of_shop(
        "shop_declines",
        W("不接", "Decline"),
        ("placed", "order_taken"),
        "declined",
        W("店家没接", "The shop declined"),
        stops=("*",),
        effect=over,
        fields=(Field("words", W("为什么", "Why"), "text", required=True, scrubbed=True, max_length=100),),
    ),
    _of_shop("shop_begins", W("开始做", "Begin"), ("order_taken",), "under_way", W("正在做", "Under way")),
    _of_shop(
        "shop_finishes",
        W("做完了", "Done"),
        ("order_taken", "under_way"),
        "order_done",
        W("做完了，请您评", "Done; please rate"),
        effect=over,
        starts=("rating",),
    ),
    Step(
        "cancel",
        W("取消", "Cancel"),
        ("speaker",),
        ("placed", "order_taken"),
        "cancelled",
        stops=("*",),
        effect=over,
        done=W("您取消了", "You cancelled"),
    ),
    Step(
        "rate",
        W("评一评", "Rate"),
        ("speaker",),
        ("order_done",),
        "order_rated",
        stops=("rating",),
        fields=(
            Field("good", W("好不好", "Was it good"), "yesno", required=True),
            Field(
                "words",
                W("想说的（社区看过才公开）", "In words; shown after the desk read them"),
                "long",
                paper=True,
                max_length=300,
            ),
        ),
        done=W("您评了", "You rated it"),
    ),
    Step(
        "complain",
        W("投诉", "Complain"),
        ("speaker",),
        (*RUNNING, *ENDED),
        rules=(complains_once,),
        effect=complained,
        fields=(
            Field(
                "words",
                W("怎么了、想怎么解决", "What happened, what you want"),
                "long",
                required=True,
                paper=True,
                max_length=1000,
            ),
        ),
        done=W("您投诉了，另开一件在办", "You complained; it is a matter of its own"),
    ),
    Step(
        "expire",
        W("店家没回话", "No answer in time"),
        ("clock",),
        ("placed",),
        "unanswered",
        stops=("*",),
        effect=over,
        tells=("speaker",),
        done=W("店家没回话，自动取消", "The shop did not answer; cancelled"),
    ),
    Step(
        "close_unrated",
        W("不再等评", "Not rated"),
        ("clock",),
        ("order_done",),
        "unrated",
        stops=("rating",),
        public=False,
    ),
    Step(
        "forget_address",
        W("删掉地址电话", "Erase address and phone"),
        ("clock",),
        ENDED,
        effect=forgot,
        stops=("forgetting",),
        done=W("您的地址电话已经删掉", "Your address and phone are erased"),
    ),
    *rights.steps(STATES),
)
PROCEDURE = Procedure(
    "service_order",
    1,
    W("便民订单", "Service order"),
    STATES,
    STEPS,
    CLOCKS,
    opening=OPENING,
    first="placed",
    privacy="confidential",
    counted=False,
    room="services:order",
)
