"""How the product says a time, a date, a span and a rate to people, in the language of the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MANY_DAYS = 7  # past this many days the hours say nothing more


def is_english() -> bool:
    """Whether the page is being written in English; everything else reads Chinese."""
    return (get_language() or "").startswith("en")


def _days(n: int) -> str:
    return ngettext("%(n)d 天", "%(n)d 天", n) % {"n": n}


def span(length: timedelta, *, plain: bool = False) -> str:
    """A length in words: “34 分”, “1 时 10 分”, “1 天 2 时”; with `plain`, for residents, one unit only: “20 分钟”, “3 小时”, “1 天”."""
    minutes = max(int(length.total_seconds() // 60), 0)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if plain:
        if days:
            return _days(days)
        if hours:
            return ngettext("%(n)d 小时", "%(n)d 小时", hours) % {"n": hours}
        return ngettext("%(n)d 分钟", "%(n)d 分钟", max(rest, 1)) % {"n": max(rest, 1)}
    if days >= MANY_DAYS or (days and not hours):
        return _days(days)
    if days:
        return _("%(d)d 天 %(h)d 时") % {"d": days, "h": hours}
    if hours:
        return _("%(h)d 时 %(m)d 分") % {"h": hours, "m": rest} if rest else _("%(h)d 时") % {"h": hours}
    return _("%(m)d 分") % {"m": rest} if rest else _("不到 1 分")


def left(due_at: datetime, now: datetime, *, resident: bool = False) -> str:
    """What is left until `due_at`, or how far past it: staff 余 34 分 / 超 1 天 2 时, residents 还有 1 天 / 已超 3 小时."""
    over = now >= due_at
    length = now - due_at if over else due_at - now
    if resident:
        return (_("已超 %(span)s") if over else _("还有 %(span)s")) % {"span": span(length, plain=True)}
    if over:
        return _("超 %(span)s") % {"span": span(length)}
    whole = timedelta(days=length.days) if length.days else length  # with days left, hours only distract
    return _("余 %(span)s") % {"span": span(whole)}


def weekday(day: date) -> str:
    return WEEKDAYS_EN[day.weekday()] if is_english() else "周" + WEEKDAYS_ZH[day.weekday()]


def day_words(day: date, this_year: int, *, week: bool = True) -> str:
    """“11 月 20 日（周五）” or “Fri 20 Nov”; the year only when it is another one than `this_year`."""
    if is_english():
        text = f"{day.day} {MONTHS_EN[day.month - 1]}" + (f" {day.year}" if day.year != this_year else "")
        return f"{weekday(day)} {text}" if week else text
    text = f"{day.month} 月 {day.day} 日" + (f"（{weekday(day)}）" if week else "")
    return f"{day.year} 年 {text}" if day.year != this_year else text


def when(value: date | datetime | str | None, style: str = "", now: datetime | None = None) -> str:
    """A date or moment in words.

    styles: "" → 11 月 20 日（周五）17:30 · "short" → 今天 08:52, 昨天 17:30, 11 月 18 日 15:20 · "desk" → 11-19 10:58 ·
    "day" → 11 月 20 日（周五） · "full" → always with its year. A day as a case's facts keep it ("2026-11-20") is one too.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        except ValueError:
            return value
    now_local = timezone.localtime(now)
    clock = ""
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        clock, day = f"{local:%H:%M}", local.date()
    else:
        day = value
    if style == "day":
        clock = ""
    if style == "desk":
        head = f"{day:%m-%d}" if day.year == now_local.year else f"{day:%Y-%m-%d}"
        return f"{head} {clock}".strip()
    if style == "short":
        head = _near(day, now_local.date()) or day_words(day, now_local.year, week=False)
        return f"{head} {clock}".strip()
    head = day_words(day, 0 if style == "full" else now_local.year)
    if is_english():
        return f"{head}, {clock}" if clock else head
    return head + clock


def _near(day: date, today: date) -> str:
    return {-1: _("昨天"), 0: _("今天"), 1: _("明天")}.get((day - today).days, "")


def count(number: int) -> str:
    """12442 → “12,442”, in both languages."""
    return f"{number:,}"


def rate(numerator: int, denominator: int | None, of: str) -> str:
    """“83.6%：5,342 ÷ 6,390 件评过的”. A rate without what it was counted from is a ValueError: the page must not say it."""
    if denominator is None or not of:
        raise ValueError("a rate needs its denominator and the words for what was counted")
    if denominator == 0:
        return _("还算不出：0 %(of)s") % {"of": of}
    return _("%(percent)s%%：%(n)s ÷ %(d)s %(of)s") % {
        "percent": percent(numerator, denominator),
        "n": count(numerator),
        "d": count(denominator),
        "of": of,
    }


def percent(numerator: int, denominator: int) -> str:
    """One decimal, without the sign: 5342, 6390 → “83.6”."""
    return f"{100 * numerator / denominator:.1f}"


def say(thing: Any) -> str:
    """The label of a thing in the page's language: {"zh", "en"}, an object with zh/en, label or name."""
    if thing is None or isinstance(thing, str):
        return thing or ""
    if isinstance(thing, dict):
        return _first(
            thing.get("en") or thing.get("name_en"), thing.get("zh") or thing.get("name") or thing.get("label")
        )
    if hasattr(thing, "label") and not isinstance(thing.label, str):
        return say(thing.label)  # a State or Step of a procedure: its name is the English word of the code
    for zh, en in (("zh", "en"), ("label", "label_en"), ("name", "name_en")):
        if hasattr(thing, zh):
            return _first(getattr(thing, en, ""), getattr(thing, zh)) or str(thing)
    return str(thing)


def _first(english: Any, chinese: Any) -> str:
    if is_english():
        return str(english or chinese or "")
    return str(chinese or english or "")


def code_groups(code: str) -> str:
    """15 characters in three groups of five, joined by hyphens; anything else as it is."""
    bare = code.replace("-", "")
    return "-".join(bare[i : i + 5] for i in range(0, 15, 5)) if len(bare) == 15 else code


STRIP_LONGEST = 9  # a phone shows no more days in one row


def day_strip(days: Sequence[Any], *, minutes: bool = False) -> list[dict[str, Any]]:
    """The days of a count (kernel.calendar.Day) as {day, week, kind, words}; a long count keeps its first three and last five."""
    shown: list[Any] = list(days)
    if len(shown) > STRIP_LONGEST:
        shown = [*shown[:3], None, *shown[-5:]]
    kinds = {"event": "", "counted": "counts", "rest": "off", "due": "due"}
    return [
        {"day": "…", "week": "", "kind": "", "words": ""}
        if day is None
        else {"day": day.date.day, "week": weekday(day.date), "kind": kinds[day.kind], "words": _told(day, minutes)}
        for day in shown
    ]


def _told(day: Any, minutes: bool) -> str:
    if day.kind == "event":
        return _("起点")
    if day.kind == "rest":
        return str(day.holiday) if day.holiday and not is_english() else _("休")
    if minutes and day.n is not None:
        return span(timedelta(minutes=day.n))
    return _("第 %(n)d 天") % {"n": day.n} if day.n is not None else _("到期")
