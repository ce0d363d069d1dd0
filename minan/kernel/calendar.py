"""Counts every limit: when it is due, when to warn, what a pause or an extension moves, and why this date.

Pure. The rules are DOMAIN.md "Counting", after Civil Code art. 200–203 and Civil Procedure Law art. 85: the day of the
event is not counted; an end on a rest day moves to the first working day after. Moments come in as aware datetimes of
any zone, are counted in Beijing time and go out in UTC. "24:00" of a day is 00:00 of the next: `Due.day` names the day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Final, Literal

from minan.kernel.workdays import DEFAULT_HOURS, MINUTE, Hours, Season, Workdays

__all__ = ["DEFAULT_HOURS", "Calendar", "Day", "Due", "Hours", "Light", "Limit", "Scale", "Season", "light"]

# China keeps one time and no summer time since 1992; a fixed offset needs no zone file on the machine.
BEIJING: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
TICK: Final = timedelta(microseconds=1)
ONE_DAY: Final = timedelta(days=1)
DAYS_SHOWN: Final = 120

Light = Literal["green", "yellow", "red", "paused", "met", "met_late"]
Kind = Literal["event", "counted", "rest", "due"]


class Scale(StrEnum):
    """What a limit is counted in."""

    CLOCK = "clock"
    WORKING = "working"
    WORKDAYS = "workdays"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


OFFICE: Final = (Scale.WORKING, Scale.WORKDAYS)
BY_DAY: Final = (Scale.WORKDAYS, Scale.DAYS, Scale.MONTHS, Scale.YEARS)
MOST: Final = {
    Scale.CLOCK: 5_256_000,  # ten years of minutes
    Scale.WORKING: 1_200_000,  # about ten years of office minutes
    Scale.WORKDAYS: 5_000,
    Scale.DAYS: 36_500,
    Scale.MONTHS: 1_200,
    Scale.YEARS: 100,
}
_UNITS: Final = {
    "m": (Scale.CLOCK, 1),
    "h": (Scale.CLOCK, 60),
    "wm": (Scale.WORKING, 1),
    "wh": (Scale.WORKING, 60),
    "wd": (Scale.WORKDAYS, 1),
    "d": (Scale.DAYS, 1),
    "mo": (Scale.MONTHS, 1),
    "y": (Scale.YEARS, 1),
}
_LIMIT_TEXT: Final = re.compile(r"([1-9][0-9]{0,6})(wm|wh|wd|mo|m|h|d|y)")


@dataclass(frozen=True, slots=True)
class Limit:
    """A term: minutes for CLOCK and WORKING, else days, working days, months or years. ValueError unless 1…MOST."""

    amount: int
    scale: Scale

    def __post_init__(self) -> None:
        if not 1 <= self.amount <= MOST[self.scale]:
            raise ValueError(f"a limit of {self.scale} is 1 to {MOST[self.scale]}, not {self.amount}")

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read "15m", "2h" (clock), "30wm", "2wh" (working time), "5wd", "60d", "1mo", "1y"; else ValueError."""
        found = _LIMIT_TEXT.fullmatch(text)
        if found is None:
            raise ValueError(f"not a limit: {text!r}")
        scale, factor = _UNITS[found[2]]
        return cls(int(found[1]) * factor, scale)

    @property
    def text(self) -> str:
        """The shortest text that `parse` reads back as this limit."""
        units = [(factor, unit) for unit, (scale, factor) in _UNITS.items() if scale is self.scale]
        factor, unit = max(pair for pair in units if self.amount % pair[0] == 0)
        return f"{self.amount // factor}{unit}"


@dataclass(frozen=True, slots=True)
class Due:
    """The end of a limit (UTC); provisional while a notice not yet published can still move it."""

    at: datetime
    provisional: bool

    @property
    def day(self) -> date:
        """The last day in Beijing: an end at 24:00 belongs to the day it closes."""
        return _last_day(_local(self.at))


@dataclass(frozen=True, slots=True)
class Day:
    """One line of a count. `n` is the number of the day, or for working time the office minutes used by its end;
    `makeup` is a weekend day that is worked; `holiday` is the Chinese name of the holiday behind it, or ""."""

    date: date
    kind: Kind
    n: int | None
    makeup: bool
    holiday: str


def _local(moment: datetime) -> datetime:
    """Beijing time without a zone, so that adding and comparing is plain arithmetic."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {moment}")
    return moment.astimezone(BEIJING).replace(tzinfo=None)


def _utc(local: datetime) -> datetime:
    return local.replace(tzinfo=BEIJING).astimezone(UTC)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _last_day(local: datetime) -> date:
    return (local - TICK).date()


def _micros(length: timedelta) -> int:
    return length // TICK


def _months_later(day: date, months: int) -> date:
    """The same day number, else the last of the month (Civil Code art. 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class Calendar:
    """The time of one city and one unit's office hours.

    `days` is the city's own table (day → worked or not) and wins over the State Council's notices. A year that is in
    neither rests on weekends and makes results provisional. `known_until` names the last year that counts as known:
    earlier than the notices, they are read only so far; later, the city vouches for its table. Keep one and reuse it:
    it builds a table for each year it meets.
    """

    def __init__(
        self, days: Mapping[date, bool] | None = None, hours: Hours = DEFAULT_HOURS, known_until: int | None = None
    ) -> None:
        self._workdays = Workdays(days or {}, hours, known_until)

    def is_workday(self, d: date) -> bool:
        """Whether people work on this day; make-up Saturdays and Sundays are working days."""
        return self._workdays.is_workday(d)

    def is_open(self, moment: datetime) -> bool:
        """Whether this moment lies within office hours."""
        local = _local(moment)
        minute = local.hour * 60 + local.minute
        return self.is_workday(local.date()) and any(a <= minute < b for a, b in self._workdays.hours.season(local.date()).spans)

    def is_known(self, year: int) -> bool:
        """Whether this year's rest days are published or in the city's table."""
        return self._workdays.year(year).known

    def due(self, start: datetime, limit: Limit) -> Due:
        """When a limit that begins with an event at `start` ends. ValueError for a start without a zone."""
        local = _local(start)
        return self._end(local, local.date(), limit)

    def extended(self, due_at: datetime, limit: Limit) -> Due:
        """The old end plus the extension's term, counted from the old last day."""
        local = _local(due_at)
        return self._end(local, _last_day(local), limit)

    def _end(self, local: datetime, day: date, limit: Limit) -> Due:
        """The end of a term after a moment whose day is not counted."""
        if limit.scale is Scale.CLOCK:
            return Due(_utc(local + timedelta(minutes=limit.amount)), False)
        if limit.scale is Scale.WORKING:
            end = self._workdays.moved(local, limit.amount * MINUTE)
            return Due(_utc(end), not self._workdays.are_known(day, end.date()))
        if limit.scale is Scale.WORKDAYS:
            last = self._workdays.after(day, limit.amount)
            end = _midnight(last) + timedelta(minutes=self._workdays.hours.season(last).close)
            return Due(_utc(end), not self._workdays.are_known(day, last))
        return self._unless_rest(_midnight(self._nominal(day, limit) + ONE_DAY))

    def _nominal(self, day: date, limit: Limit) -> date:
        """The last day by the number alone, before rest days are looked at."""
        if limit.scale is Scale.DAYS:
            return day + timedelta(days=limit.amount)
        return _months_later(day, limit.amount * (12 if limit.scale is Scale.YEARS else 1))

    def _unless_rest(self, end: datetime) -> Due:
        """An end on a rest day moves to 24:00 of the first working day after (Civil Code art. 203)."""
        last = nominal = _last_day(end)
        if not self._workdays.is_workday(nominal):
            last = self._workdays.after(nominal, 1)
            end = _midnight(last + ONE_DAY)
        return Due(_utc(end), not self._workdays.are_known(nominal, last))

    def resumed(self, due_at: datetime, paused_at: datetime, resumed_at: datetime, limit: Limit) -> Due:
        """The end after a pause: later by what the pause took, to the minute, office minutes for working time and
        working days. A pause granted after the end moves nothing. ValueError if it ends before it begins."""
        due, paused, back = _local(due_at), _local(paused_at), _local(resumed_at)
        if back < paused:
            raise ValueError(f"a pause that ends before it begins: {paused_at} to {resumed_at}")
        office = limit.scale in OFFICE
        length = self._workdays.elapsed(paused, back) if office else _micros(back - paused)
        if length and paused < due:
            due = self._moved(due, length, limit.scale)
            if limit.scale in (Scale.DAYS, Scale.MONTHS, Scale.YEARS):
                return self._unless_rest(due)
        provisional = limit.scale is not Scale.CLOCK and not self._workdays.are_known(
            min(paused, due).date() if office else _last_day(due), _last_day(due)
        )
        return Due(_utc(due), provisional)

    def recount(self, start: datetime, limit: Limit, promised: datetime) -> Due:
        """A provisional end counted again when the notice has come; never earlier than what was promised."""
        due = self.due(start, limit)
        return Due(max(due.at, _utc(_local(promised))), due.provisional)

    def warn(self, start: datetime, due_at: datetime, limit: Limit) -> datetime:
        """When the light turns yellow: a quarter of the limit, in its own scale, before the end. Counting back from
        the end keeps it right after a pause; after an extension give the sum of both terms as `limit`."""
        begin, due = _local(start), _local(due_at)
        quarter = self._term(begin, due, limit) // 4
        if quarter:
            return _utc(self._moved(due, -quarter, limit.scale))
        return _utc(due - max(due - begin, timedelta()) / 4)

    def escalates(self, start: datetime, due_at: datetime, limit: Limit) -> datetime:
        """When a limit that was missed goes up by itself: at 1.5 times the limit, half of it past the end."""
        begin, due = _local(start), _local(due_at)
        half = self._term(begin, due, limit) // 2
        if half:
            return _utc(self._moved(due, half, limit.scale))
        return _utc(due + max(due - begin, timedelta()) / 2)

    def _term(self, begin: datetime, due: datetime, limit: Limit) -> int:
        """Length of the limit in its own scale, in microseconds; no longer than what lies before a stricter end."""
        first = _midnight(begin.date() + ONE_DAY) if limit.scale in BY_DAY else begin
        last = min(due, _local(self._end(begin, begin.date(), limit).at))
        return max(0, self._workdays.elapsed(first, last) if limit.scale in OFFICE else _micros(last - first))

    def _moved(self, local: datetime, by: int, scale: Scale) -> datetime:
        if scale in OFFICE:
            return self._workdays.moved(local, by)
        return local + timedelta(microseconds=by)

    def shift(self, a: datetime, b: datetime, limit: Limit) -> int:
        """How far b lies after a in the limit's own scale, in microseconds: office time, or time as it stands."""
        first, last = _local(a), _local(b)
        return self._workdays.elapsed(first, last) if limit.scale in OFFICE else _micros(last - first)

    def shifted(self, at: datetime, by: int, limit: Limit) -> datetime:
        """A moment moved by what `shift` gave."""
        return _utc(self._moved(_local(at), by, limit.scale))

    def working_minutes(self, a: datetime, b: datetime) -> int:
        """Office minutes from a to b, each cut to its minute; negative when b is earlier."""
        first, last = (_local(moment).replace(second=0, microsecond=0) for moment in (a, b))
        return self._workdays.elapsed(first, last) // MINUTE

    def explain(self, start: datetime, limit: Limit, due_at: datetime | None = None) -> list[Day]:
        """The count day by day, from the day of the event to the last day; `due_at` is the end that holds now, if a
        pause or an extension moved it. At most DAYS_SHOWN lines: of a longer count the middle is left out."""
        begin = _local(start)
        first = begin.date()
        counted = self.due(start, limit)
        due = _local(due_at or counted.at)
        last = max(first, _last_day(due))
        # Days after the nominal last day only wait for a working day; a moved end counts them all.
        to = last
        if limit.scale in BY_DAY and limit.scale is not Scale.WORKDAYS and due == _local(counted.at):
            to = self._nominal(first, limit)
        shown = [first + timedelta(days=i) for i in range((last - first).days + 1)[:DAYS_SHOWN]]
        if last != first and shown[-1] != last:
            half = DAYS_SHOWN // 2
            shown = shown[:half] + [last - timedelta(days=half - 1 - i) for i in range(half)]
        days = [self._line(day, begin, due, to, limit.scale) for day in shown]
        # An end on the event's own day is a line of its own; on another day it is the last line.
        end = days.pop() if last != first else days[0]
        return [*days, Day(last, "due", end.n, end.makeup, end.holiday)]

    def _line(self, day: date, begin: datetime, due: datetime, to: date, scale: Scale) -> Day:
        worked = self._workdays.is_workday(day)
        n: int | None = None
        if scale is Scale.WORKING and worked:
            n = self._workdays.elapsed(begin, max(begin, min(due, _midnight(day + ONE_DAY)))) // MINUTE
        elif scale is Scale.WORKDAYS and worked and day > begin.date():
            n = self._workdays.count(begin.date(), day)
        elif scale in (Scale.DAYS, Scale.MONTHS, Scale.YEARS) and begin.date() < day <= to:
            n = (day - begin.date()).days
        kind: Kind = "counted" if n is not None or scale is Scale.CLOCK else "rest"
        if day == begin.date():
            kind = "event"
        return Day(day, kind, n, worked and day.weekday() >= 5, self._workdays.holiday(day))


def light(
    now: datetime, warn_at: datetime, due_at: datetime, *, paused: bool = False, done_at: datetime | None = None
) -> Light:
    """The light of one clock. The very moment of the end is still in time; a clock that is done keeps its result."""
    if done_at is not None:
        return "met" if done_at <= due_at else "met_late"
    if paused:
        return "paused"
    if now > due_at:
        return "red"
    return "yellow" if now >= warn_at else "green"
