"""Proven clocks (FEATURES.md row 38, moonshot 1): 500 dates of 2020 to 2027, by hand and by a script of another make; none wrong."""

from __future__ import annotations

import ast
import pathlib
from datetime import datetime, timedelta, timezone

import pytest

from minan.kernel.calendar import Calendar, Due, Hours, Limit
from minan.kernel.tests.test_calendar_dates import DATES
from tests import independent_dates as other

BEIJING = timezone(timedelta(hours=8))
CALENDARS = {
    name: Calendar(
        hours=Hours.from_json(
            {
                "seasons": [
                    {"from": f"{m:02d}-{d:02d}", "spans": [s.split("-") for s in spans]} for (m, d), spans in seasons
                ]
            }
        )
    )
    for name, seasons in other.HOURS.items()
}
EDGES = {"Spring Festival": (1, 2), "National Day": (9, 10)}


def _at(local: datetime) -> datetime:
    return local.replace(tzinfo=BEIJING)


def _counted(case: other.Case) -> Due:
    calendar, limit = CALENDARS[case.hours], Limit.parse(f"{case.n}{case.unit}")
    due = calendar.due(_at(case.start), limit)
    if case.what == "extended":
        return calendar.extended(due.at, limit)
    if case.paused and case.back:
        return calendar.resumed(due.at, _at(case.paused), _at(case.back), limit)
    return due


def test_five_hundred_dates_are_counted_and_none_is_wrong() -> None:
    made = list(other.cases())
    assert len(DATES) + len(made) >= 500
    wrong = [
        f"{case}, but the program says {found:%Y-%m-%d %H:%M}"
        for case in made
        if (found := _counted(case).at.astimezone(BEIJING)) != _at(case.due)
    ]
    assert not wrong, "\n".join(wrong[:20])
    assert {case.start.year for case in made} == set(range(2020, 2028))
    assert {(case.what, case.unit) for case in made} >= {
        (w, u) for w in ("due", "extended", "resumed") for u in ("wd", "d", "wh", "h", "mo")
    }


def test_what_was_counted_by_hand_the_other_script_counts_alike() -> None:
    assert len(DATES) >= 60
    for start, term, due in DATES:
        at = datetime.strptime(start, "%Y-%m-%d %H:%M")
        limit = Limit.parse(term).text
        number, unit = int("".join(c for c in limit if c.isdigit())), "".join(c for c in limit if c.isalpha())
        assert f"{other.ends('default', at, at.date(), number, unit):%Y-%m-%d %H:%M}" == due, (start, term)


@pytest.mark.parametrize("year", range(2020, 2027))
@pytest.mark.parametrize("feast", EDGES)
def test_every_spring_festival_and_national_day_has_dates_counted_by_hand(year: int, feast: str) -> None:
    mine = [row for row in DATES if row[0].startswith(f"{year}-") and int(row[0][5:7]) in EDGES[feast]]
    assert len(mine) >= 2, (year, feast)


def test_the_products_own_calendar_knows_every_day_as_it_was_typed_by_hand() -> None:
    day, last = datetime(2020, 1, 1).date(), datetime(2026, 12, 31).date()
    differ = []
    while day <= last:
        if CALENDARS["default"].is_workday(day) != other.worked(day):
            differ.append(day)
        day += timedelta(days=1)
    assert differ == []


def test_a_date_in_a_year_without_a_notice_is_marked_and_none_before_it_is() -> None:
    days = [case for case in other.cases() if case.what == "due" and case.unit in ("wd", "d", "wh", "mo")]
    for case in days:
        due = CALENDARS[case.hours].due(_at(case.start), Limit.parse(f"{case.n}{case.unit}"))
        if case.due.date() < other.FIRST_UNKNOWN:
            assert not due.provisional, str(case)
        elif case.due.year > 2026:
            assert due.provisional, str(case)
    assert any(case.due.year == 2027 for case in days)


def test_the_other_script_shares_no_code_and_no_calendar_package_with_the_program() -> None:
    tree = ast.parse(pathlib.Path(other.__file__).read_text("utf-8"))
    names = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names == {"__future__", "calendar", "random", "collections.abc", "dataclasses", "datetime", "functools"}
