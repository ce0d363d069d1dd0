"""Which days are worked and where each office minute lies: one table a year, built when first asked for.

Pure. Days are `date`, moments are naive datetimes in Beijing time, lengths are whole microseconds of office time.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final

MINUTE: Final = 60_000_000  # microseconds
DAY_MINUTES: Final = 24 * 60
SEASONS_MOST: Final = 12
SPANS_MOST: Final = 6
YEARS_MOST: Final = 150  # no search walks further than this, whatever a city writes into its table
# The notice for next year may still move these days: 2007, 2011, 2018 and 2022 had rest or make-up days here.
YEAR_END: Final = (12, 29)

_CLOCK_TEXT = re.compile(r"([0-2][0-9]):([0-5][0-9])")
_DAY_TEXT = re.compile(r"([01][0-9])-([0-3][0-9])")


@dataclass(frozen=True, slots=True)
class Season:
    """Office hours from one day of the year on: `start` is (month, day), `spans` are minutes of the day."""

    start: tuple[int, int]
    spans: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        date(2000, *self.start)  # a leap year: 02-29 may begin a season
        if not 1 <= len(self.spans) <= SPANS_MOST:
            raise ValueError(f"a season has 1 to {SPANS_MOST} spans, not {len(self.spans)}")
        last = -1
        for opens, closes in self.spans:
            if not last < opens < closes <= DAY_MINUTES:
                raise ValueError(f"office hours must rise and not overlap: {self.spans}")
            last = closes

    @property
    def close(self) -> int:
        """Minute of the day at which the office closes."""
        return self.spans[-1][1]


@dataclass(frozen=True, slots=True)
class Hours:
    """Office hours of a unit over the year; before the first season's day the last season still holds."""

    seasons: tuple[Season, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.seasons) <= SEASONS_MOST:
            raise ValueError(f"office hours have 1 to {SEASONS_MOST} seasons, not {len(self.seasons)}")
        starts = [season.start for season in self.seasons]
        if len(set(starts)) != len(starts):
            raise ValueError("two seasons begin on the same day")
        object.__setattr__(self, "seasons", tuple(sorted(self.seasons, key=lambda season: season.start)))

    def season(self, day: date) -> Season:
        """The season that holds on this day."""
        found = self.seasons[-1]
        for season in self.seasons:
            if season.start > (day.month, day.day):
                break
            found = season
        return found

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Hours:
        """Read {"seasons": [{"from": "10-01", "spans": [["08:30", "12:00"], …]}, …]}; ValueError on anything else."""
        try:
            seasons = [
                Season(_day(row["from"]), tuple((_minute(opens), _minute(closes)) for opens, closes in row["spans"]))
                for row in data["seasons"]
            ]
        except (KeyError, TypeError) as error:
            raise ValueError(f"not office hours: {data!r}") from error
        return cls(tuple(seasons))

    def to_json(self) -> dict[str, Any]:
        """The same shape that `from_json` reads."""
        return {
            "seasons": [
                {
                    "from": f"{season.start[0]:02d}-{season.start[1]:02d}",
                    "spans": [[_clock(opens), _clock(closes)] for opens, closes in season.spans],
                }
                for season in self.seasons
            ]
        }


def _minute(text: str) -> int:
    found = _CLOCK_TEXT.fullmatch(text)
    if found is None:
        raise ValueError(f"not a time of day: {text!r}")
    return int(found[1]) * 60 + int(found[2])


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _day(text: str) -> tuple[int, int]:
    found = _DAY_TEXT.fullmatch(text)
    if found is None:
        raise ValueError(f"not a day of the year: {text!r}")
    return int(found[1]), int(found[2])


DEFAULT_HOURS: Final = Hours((Season((1, 1), ((510, 720), (810, 1050))),))  # 08:30–12:00, 13:30–17:30


@dataclass(frozen=True, slots=True)
class Published:
    """The State Council's yearly notices: years covered, rest days and make-up working days with their Chinese name."""

    years: frozenset[int]
    rest: Mapping[date, str]
    makeup: Mapping[date, str]


@cache
def published() -> Published:
    """The notices as the package `chinesecalendar` carries them, read once."""
    # Imported here so that commands which count no time do not pay for the tables.
    import chinese_calendar  # type: ignore[import-untyped,unused-ignore]

    names = {holiday.value: str(holiday.chinese) for holiday in chinese_calendar.Holiday}
    rest = {day: names[name] for day, name in chinese_calendar.holidays.items()}
    makeup = {day: names[name] for day, name in chinese_calendar.workdays.items()}
    return Published(frozenset(day.year for day in rest), rest, makeup)


@dataclass(frozen=True, slots=True)
class Year:
    """One year: ordinals of its working days, their spans, and the office time before each (one more than days)."""

    known: bool
    days: list[int]
    spans: list[tuple[tuple[int, int], ...]]
    before: list[int]

    @property
    def total(self) -> int:
        """Office time of the whole year."""
        return self.before[-1]

    def has(self, ordinal: int) -> bool:
        """Whether this day of the year is worked."""
        at = bisect_left(self.days, ordinal)
        return at < len(self.days) and self.days[at] == ordinal

    def position(self, moment: datetime) -> int:
        """Office time from the year's beginning to this moment."""
        ordinal = moment.toordinal()
        at = bisect_left(self.days, ordinal)
        passed = self.before[at]
        if at < len(self.days) and self.days[at] == ordinal:
            now = (moment.hour * 60 + moment.minute) * MINUTE + moment.second * 1_000_000 + moment.microsecond
            for opens, closes in self.spans[at]:
                passed += min(max(now - opens, 0), closes - opens)
        return passed

    def moment(self, position: int) -> datetime:
        """The first moment at which this much office time has passed; 0 < position <= total."""
        at = bisect_left(self.before, position) - 1
        left = position - self.before[at]
        for opens, closes in self.spans[at]:
            if left <= closes - opens:
                return datetime.fromordinal(self.days[at]) + timedelta(microseconds=opens + left)
            left -= closes - opens
        raise AssertionError("spans and sums of a year disagree")


class Workdays:
    """Working days and office time. A city's own table wins over the notices; an unknown year rests on weekends."""

    def __init__(self, days: Mapping[date, bool], hours: Hours, known_until: int | None) -> None:
        self.hours = hours
        self._table = dict(days)
        self._known_until = known_until
        # A few local days alone do not make a year known: the table must keep National Day (October 1 to 3).
        self._told = {day.year for day, worked in days.items() if day.month == 10 and day.day <= 3 and not worked}
        self._years: dict[int, Year] = {}

    def year(self, year: int) -> Year:
        """The table of one year."""
        found = self._years.get(year)
        if found is None:
            found = self._years[year] = self._build(year)
        return found

    def _build(self, year: int) -> Year:
        days: list[int] = []
        spans: list[tuple[tuple[int, int], ...]] = []
        before = [0]
        day = date(year, 1, 1)
        for ordinal in range(day.toordinal(), date(year, 12, 31).toordinal() + 1):
            day = date.fromordinal(ordinal)
            if self._worked(day):
                worked = tuple((opens * MINUTE, closes * MINUTE) for opens, closes in self.hours.season(day).spans)
                days.append(ordinal)
                spans.append(worked)
                before.append(before[-1] + sum(closes - opens for opens, closes in worked))
        return Year(self._is_known(year), days, spans, before)

    def _follows_notices(self, year: int) -> bool:
        return year in published().years and (self._known_until is None or year <= self._known_until)

    def _is_known(self, year: int) -> bool:
        if year in self._told or self._follows_notices(year):
            return True
        return self._known_until is not None and max(published().years) < year <= self._known_until

    def _worked(self, day: date) -> bool:
        told = self._table.get(day)
        if told is not None:
            return told
        if self._follows_notices(day.year):
            if day in published().makeup:
                return True
            if day in published().rest:
                return False
        return day.weekday() < 5

    def holiday(self, day: date) -> str:
        """The holiday (Chinese name) that makes this day rest or be worked as a make-up; "" for any other day."""
        if not self._follows_notices(day.year):
            return ""
        names = published().makeup if self.is_workday(day) else published().rest
        return names.get(day, "")

    def is_workday(self, day: date) -> bool:
        """Whether this day is worked."""
        return self.year(day.year).has(day.toordinal())

    def are_known(self, first: date, last: date) -> bool:
        """Whether no later notice can change a day from first to last."""
        if not all(self.year(year).known for year in range(first.year, last.year + 1)):
            return False
        return (last.month, last.day) < YEAR_END or self.year(last.year + 1).known

    def after(self, day: date, nth: int) -> date:
        """The nth working day after this day (nth >= 1); ValueError if the table never works again."""
        table = self.year(day.year)
        at = bisect_right(table.days, day.toordinal()) + nth - 1
        for year in range(day.year + 1, day.year + YEARS_MOST):
            if at < len(table.days):
                return date.fromordinal(table.days[at])
            at -= len(table.days)
            table = self.year(year)
        raise ValueError(f"no working day found within {YEARS_MOST} years after {day}")

    def count(self, first: date, last: date) -> int:
        """How many working days lie after first, up to and with last; first <= last."""
        begin = bisect_right(self.year(first.year).days, first.toordinal())
        end = bisect_right(self.year(last.year).days, last.toordinal())
        return end - begin + sum(len(self.year(year).days) for year in range(first.year, last.year))

    def elapsed(self, first: datetime, last: datetime) -> int:
        """Office time from first to last; negative when last is earlier."""
        if last < first:
            return -self.elapsed(last, first)
        begin, end = self.year(first.year).position(first), self.year(last.year).position(last)
        return end - begin + sum(self.year(year).total for year in range(first.year, last.year))

    def moved(self, moment: datetime, by: int) -> datetime:
        """The moment this much office time (not 0) after, or before, another: outside hours counting goes on at the
        next opening, and a count that is used up at a close ends at that close."""
        year = moment.year
        table = self.year(year)
        position = table.position(moment) + by
        for _ in range(YEARS_MOST):
            if position > table.total:
                position -= table.total
                year += 1
                table = self.year(year)
            elif position <= 0:
                year -= 1
                table = self.year(year)
                position += table.total
            else:
                return table.moment(position)
        raise ValueError(f"no office hours found within {YEARS_MOST} years of {moment}")
