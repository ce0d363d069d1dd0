"""What holds for every date: tried on random ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import chinese_calendar  # type: ignore[import-untyped,unused-ignore]
from hypothesis import given
from hypothesis import strategies as st

from minan.kernel.calendar import Calendar, Hours, Limit, Scale
from minan.kernel.tests.test_calendar_dates import BEIJING

UNITS = {
    "default": Calendar(),
    "summer hours": Calendar(
        hours=Hours.from_json(
            {
                "seasons": [
                    {"from": "05-01", "spans": [["08:00", "12:00"], ["15:00", "18:00"]]},
                    {"from": "10-01", "spans": [["09:00", "17:00"]]},
                ]
            }
        )
    ),
    "all day": Calendar(
        {date(2026, 11, 23): False}, Hours.from_json({"seasons": [{"from": "01-01", "spans": [["00:00", "24:00"]]}]})
    ),
}
MOST = {
    Scale.CLOCK: 10_000,
    Scale.WORKING: 10_000,
    Scale.WORKDAYS: 80,
    Scale.DAYS: 200,
    Scale.MONTHS: 24,
    Scale.YEARS: 3,
}
calendars = st.sampled_from(sorted(UNITS)).map(UNITS.__getitem__)
moments = st.datetimes(datetime(2019, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))
lengths = st.timedeltas(timedelta(0), timedelta(days=40))
scales = st.sampled_from(Scale)
limits = scales.flatmap(lambda scale: st.integers(1, MOST[scale]).map(lambda amount: Limit(amount, scale)))


@given(calendars, moments, lengths, limits)
def test_who_says_it_later_is_never_due_earlier(
    calendar: Calendar, start: datetime, by: timedelta, limit: Limit
) -> None:
    assert start < calendar.due(start, limit).at <= calendar.due(start + by, limit).at


@given(calendars, moments, limits)
def test_a_longer_limit_never_ends_earlier(calendar: Calendar, start: datetime, limit: Limit) -> None:
    longer = Limit(limit.amount + 1, limit.scale)
    assert calendar.due(start, limit).at <= calendar.due(start, longer).at
    assert calendar.due(start, limit).at < calendar.extended(calendar.due(start, limit).at, limit).at


@given(calendars, moments, limits)
def test_an_end_of_days_is_a_close_or_a_midnight_of_a_working_day(
    calendar: Calendar, start: datetime, limit: Limit
) -> None:
    due = calendar.due(start, limit)
    if limit.scale is not Scale.CLOCK:
        assert calendar.is_workday(due.day)
    if limit.scale in (Scale.DAYS, Scale.MONTHS, Scale.YEARS):
        assert due.at.astimezone(BEIJING).hour == due.at.astimezone(BEIJING).minute == 0


@given(calendars, moments, lengths, lengths, limits)
def test_a_pause_never_brings_the_end_nearer(
    calendar: Calendar, start: datetime, after: timedelta, length: timedelta, limit: Limit
) -> None:
    due = calendar.due(start, limit).at
    paused = start + after
    assert calendar.resumed(due, paused, paused + length, limit).at >= due


@given(calendars, moments, lengths, st.integers(1, 10_000))
def test_what_is_left_at_the_pause_is_left_after_it(
    calendar: Calendar, start: datetime, length: timedelta, amount: int
) -> None:
    start = start.replace(second=0, microsecond=0)
    length = timedelta(minutes=length // timedelta(minutes=1))
    limit = Limit(amount, Scale.WORKING)
    due = calendar.due(start, limit).at
    moved = calendar.resumed(due, start, start + length, limit).at
    assert calendar.working_minutes(start, due) == amount
    assert calendar.working_minutes(start + length, moved) == amount


@given(moments, limits)
def test_a_recount_never_takes_back_a_promise(start: datetime, limit: Limit) -> None:
    promised = Calendar(known_until=start.year - 1).due(start, limit).at
    again = UNITS["default"].recount(start, limit, promised)
    assert again.at >= promised
    assert again.at >= UNITS["default"].due(start, limit).at


@given(calendars, moments, limits)
def test_the_warning_comes_before_the_end_and_the_step_up_after_it(
    calendar: Calendar, start: datetime, limit: Limit
) -> None:
    due = calendar.due(start, limit).at
    assert start < calendar.warn(start, due, limit) < due < calendar.escalates(start, due, limit)


@given(calendars, moments, lengths, lengths)
def test_office_minutes_of_two_stretches_add_up(
    calendar: Calendar, start: datetime, first: timedelta, second: timedelta
) -> None:
    middle, end = start + first, start + first + second
    parts = calendar.working_minutes(start, middle) + calendar.working_minutes(middle, end)
    assert parts == calendar.working_minutes(start, end) == -calendar.working_minutes(end, start)
    assert parts >= 0


@given(st.dates(date(2004, 1, 1), date(2026, 12, 31)))
def test_the_default_calendar_is_the_published_one(day: date) -> None:
    assert UNITS["default"].is_workday(day) == chinese_calendar.is_workday(day)
    assert UNITS["default"].is_known(day.year)


@given(calendars, moments, st.integers(1, 80))
def test_working_days_agree_with_ticking_them_off_one_by_one(calendar: Calendar, start: datetime, amount: int) -> None:
    day, left = start.astimezone(BEIJING).date(), amount
    while left:
        day += timedelta(days=1)
        left -= calendar.is_workday(day)
    assert calendar.due(start, Limit(amount, Scale.WORKDAYS)).day == day


@given(calendars, moments, limits)
def test_every_explanation_begins_with_the_event_and_ends_with_the_end(
    calendar: Calendar, start: datetime, limit: Limit
) -> None:
    days = calendar.explain(start, limit)
    assert (days[0].kind, days[-1].kind) == ("event", "due")
    assert days[-1].date == calendar.due(start, limit).day
    assert len(days) <= 120
    assert [day.date for day in days] == sorted(day.date for day in days)
    if limit.scale is Scale.WORKDAYS:
        assert days[-1].n == limit.amount
