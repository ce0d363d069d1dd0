"""Counts limits a second time, knowing nothing of the program: no code of it, no calendar package.

The holidays are typed by hand from the State Council's yearly notices; the counting walks minutes and days, one by one, as a
clerk does with a finger on the wall calendar. `python tests/independent_dates.py` prints the table it makes.
"""

from __future__ import annotations

import calendar
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

# 国务院办公厅关于各年部分节假日安排的通知. Each year: (first rest day, last rest day) … and the weekend days that are worked.
# 2020 国办发明电〔2019〕16号, lengthened by 〔2020〕1号 · 2021 〔2020〕27号 · 2022 〔2021〕11号 · 2023 〔2022〕16号
# 2024 〔2023〕7号 · 2025 〔2024〕12号 · 2026 〔2025〕7号 (numbers from memory: 引用前请核对). 2027: no notice here, weekends only.
NOTICES = {
    2020: ("0101-0101 0124-0202 0404-0406 0501-0505 0625-0627 1001-1008", "0119 0426 0509 0628 0927 1010"),
    2021: ("0101-0103 0211-0217 0403-0405 0501-0505 0612-0614 0919-0921 1001-1007", "0207 0220 0425 0508 0918 0926 1009"),
    2022: ("0101-0103 0131-0206 0403-0405 0430-0504 0603-0605 0910-0912 1001-1007 1231-1231", "0129 0130 0402 0424 0507 1008 1009"),
    2023: ("0101-0102 0121-0127 0405-0405 0429-0503 0622-0624 0929-1006 1230-1231", "0128 0129 0423 0506 0625 1007 1008"),
    2024: ("0101-0101 0210-0217 0404-0406 0501-0505 0610-0610 0915-0917 1001-1007", "0204 0218 0407 0428 0511 0914 0929 1012"),
    2025: ("0101-0101 0128-0204 0404-0406 0501-0505 0531-0602 1001-1008", "0126 0208 0427 0928 1011"),
    2026: ("0101-0103 0215-0223 0404-0406 0501-0505 0619-0621 0925-0927 1001-1007", "0104 0214 0228 0509 0920 1010"),
}
FIRST_UNKNOWN = date(2026, 12, 29)  # from here on a notice that is not there yet may move a day
# Office hours: from (month, day) on, these hours. Before the first, the last of the list holds.
HOURS = {
    "default": [((1, 1), ("08:30-12:00", "13:30-17:30"))],
    "hall": [((1, 1), ("09:00-12:00", "13:00-17:00"))],
    "village": [((5, 1), ("08:00-12:00", "15:00-18:00")), ((10, 1), ("08:30-12:00", "14:00-17:00"))],
}
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SEED, MADE = 20261129, 460


def _day(year: int, text: str) -> date:
    return date(year, int(text[:2]), int(text[2:]))


@cache
def worked(day: date) -> bool:
    rest, makeup = NOTICES.get(day.year, ("", ""))
    if any(day == _day(day.year, one) for one in makeup.split()):
        return True
    for span in rest.split():
        first, last = span.split("-")
        if _day(day.year, first) <= day <= _day(day.year, last):
            return False
    return day.isoweekday() not in (6, 7)


def hours_of(name: str, day: date) -> tuple[str, ...]:
    found = HOURS[name][-1][1]
    for (month, first), spans in HOURS[name]:
        if (day.month, day.day) >= (month, first):
            found = spans
    return found


def _clock(day: date, text: str) -> datetime:
    return datetime(day.year, day.month, day.day, int(text[:2]), int(text[3:]))


def close(name: str, day: date) -> datetime:
    return _clock(day, hours_of(name, day)[-1].split("-")[1])


@cache
def _spans(name: str, day: date) -> tuple[tuple[datetime, datetime], ...]:
    spans = hours_of(name, day) if worked(day) else ()
    return tuple((_clock(day, a), _clock(day, b)) for a, b in (s.split("-") for s in spans))


def in_office(name: str, minute: datetime) -> bool:
    """Whether the minute that begins here is office time."""
    return any(opens <= minute < closes for opens, closes in _spans(name, minute.date()))


def walk(name: str, at: datetime, minutes: int) -> datetime:
    """The moment at which so many office minutes have passed: minute by minute, a day nobody works at one step."""
    while minutes:
        if not _spans(name, at.date()):
            at = datetime.combine(at.date() + DAY, datetime.min.time())
            continue
        if in_office(name, at):
            minutes -= 1
        at += MINUTE
    return at


def office_minutes(name: str, first: datetime, last: datetime) -> int:
    passed = 0
    while first < last:
        passed += in_office(name, first)
        first += MINUTE
    return passed


def nth_workday(day: date, n: int) -> date:
    while n:
        day += DAY
        n -= worked(day)
    return day


def _midnight_after(day: date) -> datetime:
    """24:00 of the day, or of the first working day after it where it is a rest day."""
    while not worked(day):
        day += DAY
    return datetime.combine(day + DAY, datetime.min.time())


def _months(day: date, n: int) -> date:
    month = day.month - 1 + n
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def ends(name: str, at: datetime, day: date, n: int, unit: str) -> datetime:
    """The end of n units after a moment whose day is `day` and is not counted."""
    if unit in ("m", "h"):
        return at + MINUTE * n * (60 if unit == "h" else 1)
    if unit in ("wm", "wh"):
        return walk(name, at, n * (60 if unit == "wh" else 1))
    if unit == "wd":
        return close(name, nth_workday(day, n))
    last = day + DAY * n if unit == "d" else _months(day, n if unit == "mo" else 12 * n)
    return _midnight_after(last)


def extended(name: str, due: datetime, n: int, unit: str) -> datetime:
    """The old end and the term once more; an end at 24:00 belongs to the day it closes."""
    return ends(name, due, (due - MINUTE).date(), n, unit)


def resumed(name: str, due: datetime, paused: datetime, back: datetime, unit: str) -> datetime:
    """Later by what the pause took: office minutes for working time and working days, else as it stands."""
    if paused >= due:
        return due
    if unit in ("wm", "wh", "wd"):
        return walk(name, due, office_minutes(name, paused, back))
    if paused == back:
        return due
    due += back - paused
    if unit in ("m", "h") or worked((due - MINUTE).date()):
        return due
    return _midnight_after((due - MINUTE).date())


@dataclass(frozen=True)
class Case:
    """One row: what happened when, in whose office hours, and the end worked out here (Beijing time)."""

    what: str  # due, extended, resumed
    hours: str
    start: datetime
    n: int
    unit: str
    paused: datetime | None
    back: datetime | None
    due: datetime

    def __str__(self) -> str:
        pause = f", paused {self.paused:%Y-%m-%d %H:%M} to {self.back:%Y-%m-%d %H:%M}" if self.paused else ""
        return f"{self.what} {self.hours} {self.start:%Y-%m-%d %H:%M} +{self.n}{self.unit}{pause} = {self.due:%Y-%m-%d %H:%M}"


TERMS = (("wd", 1, 20), ("d", 1, 90), ("wh", 1, 24), ("wm", 5, 300), ("h", 1, 72), ("m", 1, 240), ("mo", 1, 7), ("wd", 15, 60))


def _near_a_feast(draw: random.Random) -> date:
    """A day within three weeks of a holiday's edge: plain weeks teach nothing."""
    year = draw.choice([*NOTICES])
    span = draw.choice(NOTICES[year][0].split())
    return _day(year, draw.choice(span.split("-"))) + DAY * draw.randint(-21, 14)


@cache
def cases(seed: int = SEED, made: int = MADE) -> tuple[Case, ...]:
    return tuple(_cases(seed, made))


def _cases(seed: int, made: int) -> Iterator[Case]:
    """The same table each time: near holidays mostly, every unit, all office hours, plain, extended and paused."""
    draw = random.Random(seed)
    for number in range(made):
        unit, least, most = TERMS[number % len(TERMS)]
        name = draw.choice([*HOURS])
        day = _near_a_feast(draw) if number % 5 else date(2020, 1, 1) + DAY * draw.randint(0, 2920)
        day = max(day, date(2020, 1, 1))
        start = datetime(day.year, day.month, day.day, draw.randint(0, 23), draw.choice((0, 1, 17, 29, 30, 31, 59)))
        n = draw.randint(least, most)
        due, what = ends(name, start, start.date(), n, unit), ("due", "due", "extended", "resumed")[number // len(TERMS) % 4]
        paused = back = None
        if what == "extended":
            due = extended(name, due, n, unit)
        elif what == "resumed":
            paused = start + MINUTE * draw.randint(0, max(1, int((due - start) / MINUTE)))
            back = paused + MINUTE * draw.choice((1, 45, 600, 1440, 4000, 14_400))
            due = resumed(name, due, paused, back, unit)
        yield Case(what, name, start, n, unit, paused, back, due)


if __name__ == "__main__":
    for case in cases():
        print(case)
