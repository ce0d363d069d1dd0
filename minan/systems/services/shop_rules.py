"""What must hold when a shop is listed, checked, suspended or rated, and what each of these changes; the steps stand in shop.py."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from minan.kernel import choosing, directory
from minan.kernel.procedure import Ask, Change, Words

W = Words
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
HOW = (
    ("seen", W("看了原件", "The original was seen")),
    ("registry", W("在国家公示系统查到", "Found in the national register")),
)
WAYS = ("delivery", "pickup", "visit")
PUBLISHED = re.compile(r"\d{3,5}-?\d{5,8}|\d{5,11}")  # a shop's number, published by itself: no number of a person
CLOCK_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def lines(text: str) -> list[str]:
    """What is offered, one thing with its price a line."""
    return [line.strip() for line in re.split(r"[\n；;]", text) if line.strip()]


# ---- rules


def fits(ask: Ask) -> Words | None:
    """Offers, hours of booking and seats are such that a page can show them."""
    facts, said = ask.facts, lines(ask.facts.get("offers", ""))
    if "offers" in facts and not 1 <= len(said) <= OFFERS_MOST:
        return W(f"写 1 到 {OFFERS_MOST} 项，一行一项", f"1 to {OFFERS_MOST} offers, one a line")
    if facts.get("shop_phone") and not PUBLISHED.fullmatch(facts["shop_phone"]):
        return W("店里的电话只写数字，如 03161234567", "The shop's phone in digits alone, such as 03161234567")
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
    return (
        W("这次暂停已经提过一次异议", "This suspension was objected to already")
        if ask.case["facts"].get("objected")
        else None
    )


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
    kept = {
        "checked_on": _today(ask).isoformat(),
        "checked_by": ask.unit,
        "next_check": ask.facts["next_check"],
        "how": ask.facts["how"],
    }
    end = date.fromisoformat(ask.facts["next_check"]) - _today(ask)
    return Change(facts=kept, starts=("recheck",), due={"recheck": ask.at + end})


def edited(ask: Ask) -> Change:
    """What is left empty stays; slots keep their length, else two could lie over one another."""
    facts: dict[str, Any] = {
        name: ask.facts[name] for name in ("hours", "shop_phone", "spot", *WAYS) if name in ask.facts
    }
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
        said.append(
            {
                "k": k,
                "good": ask.facts["good"],
                "words": ask.facts["words"],
                "shown": False,
                "on": _today(ask).isoformat(),
            }
        )
    counted = {"k": k, "rated": facts.get("rated", 0) + 1, "good": facts.get("good", 0) + bool(ask.facts["good"])}
    return Change(
        facts=counted | {"said": said[-WORDS_MOST:]}, marks={"words_wait": True} if ask.facts.get("words") else {}
    )


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


def handed(ask: Ask) -> Change:
    """One link at a time: who came in by the one before is out (kernel/inside.py)."""
    return Change(facts={"links": ask.case["facts"].get("links", 0) + 1})
