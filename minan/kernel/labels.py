"""What staff pages call things: overlays, limits, lights and channels, in the page's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from minan.kernel import directory, registry
from minan.kernel.calendar import Limit, Scale
from minan.kernel.clocks import FIXED
from minan.kernel.models import Case
from minan.kernel.procedure import Words

# Overlays a list and a case's head show, in this order; a mark that is not named here is the procedure's own business.
MARKS = {
    "danger": gettext_lazy("危险"),
    "glass": gettext_lazy("破窗待复核"),
    "listed": gettext_lazy("挂牌督办"),
    "gap": gettext_lazy("保管断档"),
    "supervised": gettext_lazy("督办"),
    "ordered": gettext_lazy("督办待回复"),
    "escalated": gettext_lazy("已上提"),
    "unanswered": gettext_lazy("没人应答"),
    "top": gettext_lazy("已到最上一级"),
    "urged": gettext_lazy("催"),
    "reopened": gettext_lazy("重办"),
    "place_unknown": gettext_lazy("地点不明"),
    "refusal_asked": gettext_lazy("申请不予受理"),
    "extension_asked": gettext_lazy("申请延期"),
    "extended": gettext_lazy("延期"),
    "pause_asked": gettext_lazy("申请挂起"),
    "paused": gettext_lazy("挂起"),
    "park_asked": gettext_lazy("申请挂账"),
    "parked": gettext_lazy("挂账"),
    "photo_asked": gettext_lazy("旧照片待认可"),
    "hearing": gettext_lazy("听证中"),
    "waiting": gettext_lazy("等补充"),
    "untold": gettext_lazy("没收到通知，请打电话"),
    "together": gettext_lazy("并案"),
    "unasked": gettext_lazy("要补问"),
    "unwritten": gettext_lazy("录音待写下"),
    "joint": gettext_lazy("协办"),
    "parts": gettext_lazy("拆件"),
    "whistles": gettext_lazy("吹哨"),
    "outside": gettext_lazy("问外部"),
    "late_whistle": gettext_lazy("没有到场"),
    "visit": gettext_lazy("要回访"),
    "foreign_refused": gettext_lazy("答复被退"),
    "foreign_cancelled": gettext_lazy("来件撤销"),
}
ASIDE = ("ordered", "top", "escalated", "visit", "together", "extended", "place_unknown", "unasked")
ORDERS = ("danger", "glass", "gap", "listed", "supervised")
COUNTING = ("urged", "reopened", "together", "unasked", "joint", "parts", "whistles", "outside")
# What staff have asked of each other: told to who spoke once it is decided, not before.
AWAITED = frozenset({"refusal_asked", "extension_asked", "pause_asked", "park_asked"})
CHANNELS = {
    "web": gettext_lazy("网页"), "walkin": gettext_lazy("来访"), "station": gettext_lazy("说事站"),
    "point": gettext_lazy("说事点"), "patrol": gettext_lazy("巡查"), "hotline": gettext_lazy("热线"),
    "box": gettext_lazy("说事箱"), "exchange": gettext_lazy("外单位来件"),
    "device": gettext_lazy("设备"), "desk": gettext_lazy("工作台"),
    "board": gettext_lazy("留言板"), "open311": gettext_lazy("接口"), "api": gettext_lazy("接口"),
}  # fmt: skip


def english() -> bool:
    return (get_language() or "").startswith("en")


def into(words: Words | Mapping[str, str] | None) -> str:
    """Words or a {"zh", "en"} in the page's language."""
    if words is None:
        return ""
    if isinstance(words, Words):
        return words.into(get_language() or "zh")
    return words["en" if english() and words.get("en") else "zh"]


def name_of(thing: Any) -> str:
    """The name of an office, kind, ground or question in the page's language."""
    if thing is None:
        return ""
    label = "name" if hasattr(thing, "name") else "label"
    other = getattr(thing, f"{label}_en", "") if english() else ""
    return str(other or getattr(thing, label))


def title_of(case: Case) -> str:
    """What a case is called. What people wrote stays as they wrote it; a name that its procedure gave is said in the page's language."""
    found = registry.get(case.procedure) if english() else None
    if found is None:
        return case.title
    named, colon, rest = case.title.partition("：")
    for words in (found.label, *found.titles):
        if named == words.zh:
            return f"{words.en}{': ' if colon else ''}{rest}"
    return case.title


def office_name(unit: str) -> str:
    return name_of(directory.office(unit)) if unit else ""


def holder(case: Case) -> str:
    """The unit in whose hands a case is. Who is only asked whether it may be refused does not hold it: its desk still owes it."""
    ruler = "" if case.marks.get("refusal_asked") else case.ruler
    return ruler or case.unit or case.desk


NUMBER = re.compile(r"([^\d〔]{1,20})〔(\d{4})〕(\d{1,9})号")


def numbered(number: object) -> str:
    """A document's number as the page's language writes it: 督办〔2026〕7号, Order No. 7 of 2026. Its record keeps the first."""
    found = NUMBER.fullmatch(str(number))
    return f"{pgettext('series', found[1])} No. {found[3]} of {found[2]}" if found and english() else str(number)


def units(ids: Iterable[str]) -> str:
    """Several offices by name, in one line."""
    names = [office_name(unit) or unit for unit in ids]
    return ", ".join(names) if english() else "、".join(names)


def moment(text: str) -> str:
    """A day and a time of the city's clock, kept as ISO 8601, as people write it."""
    at = datetime.fromisoformat(text).astimezone(directory.LOCAL)
    return f"{at.day} {at:%b %Y}, {at:%H:%M}" if english() else f"{at.month}月{at.day}日 {at:%H:%M}"


def day(at: date) -> str:
    """A day to come, with its weekday, as people write it: 11月30日（周一）, Mon 30 Nov."""
    return f"{at:%a} {at.day} {at:%b}" if english() else f"{at.month}月{at.day}日（周{'一二三四五六日'[at.weekday()]}）"


# What stands behind a village's name in its code: 朝阳社区居民委员会 is 朝阳社区 in every list.
OFFICIAL = ("居民委员会", "村民委员会", "居委会", "村委会")


def place_short(code: str) -> str:
    """A place as a list shows it: its own name without the committee."""
    name = directory.place_name(code)
    return next((name.removesuffix(end) for end in OFFICIAL if name.endswith(end)), name)


def departments() -> dict[str, str]:
    """What the duty list calls a department → what people call it: its widest office without the place in its name.

    "gas" is 燃气管理中心（gas）, Gas Supply Centre (gas); where several widest ones lie in one place, the word alone.
    """
    offices: dict[str, list[directory.Office]] = {}
    for office in sorted(directory.city().units.values(), key=lambda one: directory.LEVELS.get(one.level, 0)):
        offices.setdefault(office.word, []).append(office)
    return {word: _department(word, found) for word, found in offices.items()}


def _department(word: str, offices: list[directory.Office]) -> str:
    first = offices[0]
    if any(other.place == first.place for other in offices[1:]):
        return word
    if english():
        others = [set(office.name_en.split()) for office in offices[:20]]
        shared = [part for part in first.name_en.split() if all(part in other for other in others)]
        return f"{' '.join(shared) if len(offices) > 1 and shared else first.name_en} ({word})"
    place = directory.place_name(first.place)
    return f"{first.name.removeprefix(place_short(first.place)) if place not in first.name else first.name.replace(place, '', 1)}（{word}）"


def office_short(unit: str) -> str:
    """An office as a list shows it: 固安县住建局 is 县住建局 where every row is of one county."""
    office = directory.office(unit) if unit else None
    if office is None or (english() and office.name_en):
        return name_of(office)
    county = directory.place_name(directory.within(office.place, "county"))
    return office.name.replace(county, county[-1:], 1) if county and office.name.startswith(county) else office.name


def kind_name(code: str) -> str:
    return name_of(directory.city().kinds.get(code))


def overlays(marks: Mapping[str, Any], *, few: bool = False) -> list[dict[str, Any]]:
    """The outlined tags of a case: 督办, 催 2, 挂账 …; with `few` those that a list has room for."""
    out = []
    for name, label in MARKS.items():
        if (value := marks.get(name)) and not (few and name in ASIDE):
            many = name in COUNTING and isinstance(value, int) and value > 1
            out.append({"label": f"{label} {value}" if many else str(label), "order": name in ORDERS})
    return out


def marks(of: Mapping[str, Any], *, speaker: bool) -> list[str]:
    """The names of a case's overlays as an interface gives them, to staff or to who spoke."""
    return sorted(name for name in of if not (speaker and name in AWAITED))


def limit(text: str) -> str:
    """A limit as data ("2wh", "5wd") in words; a day that a person fixed has none."""
    if text == FIXED or not text:
        return ""
    it = Limit.parse(text)
    hours, minutes = divmod(it.amount, 60)
    if it.scale is Scale.CLOCK:
        return _("%(n)d 小时") % {"n": hours} if not minutes else _("%(n)d 分钟") % {"n": it.amount}
    if it.scale is Scale.WORKING:
        return (
            ngettext("%(n)d 个工作小时", "%(n)d 个工作小时", hours) % {"n": hours}
            if not minutes
            else ngettext("%(n)d 个工作分钟", "%(n)d 个工作分钟", it.amount) % {"n": it.amount}
        )
    if it.scale is Scale.WORKDAYS:
        return ngettext("%(n)d 个工作日", "%(n)d 个工作日", it.amount) % {"n": it.amount}
    if it.scale is Scale.MONTHS:
        return ngettext("%(n)d 个月", "%(n)d 个月", it.amount) % {"n": it.amount}
    if it.scale is Scale.YEARS:
        return ngettext("%(n)d 年", "%(n)d 年", it.amount) % {"n": it.amount}
    return ngettext("%(n)d 日", "%(n)d 日", it.amount) % {"n": it.amount}


def until(marks: Mapping[str, Any], mark: str) -> date | None:
    """The day a matter that was put aside (parked, paused) is looked at again."""
    until = marks.get(mark)
    return date.fromisoformat(until) if isinstance(until, str) else None


def kept_for(days: int) -> str:
    """How long after the end of a case something is kept, in years where these are whole."""
    if days % 365:
        return ngettext("办结以后 %(n)d 天", "办结以后 %(n)d 天", days) % {"n": days}
    return ngettext("办结以后 %(n)d 年", "办结以后 %(n)d 年", days // 365) % {"n": days // 365}
