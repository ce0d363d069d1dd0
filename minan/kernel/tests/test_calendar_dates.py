"""Dates worked out by hand from the State Council's notices; the count stands beside each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from minan.kernel.calendar import Calendar, Limit

BEIJING = timezone(timedelta(hours=8))
CALENDAR = Calendar()


def at(text: str) -> datetime:
    """Beijing time, "2026-02-13 10:00"; an hour of 24:00 is written as 00:00 of the next day, as the calendar does."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)


# 周 Mon 一 Tue 二 Wed 三 Thu 四 Fri 五 Sat 六 Sun 日; (+) is a make-up day that is worked.
DATES = [
    # Spring Festival 2020: rest 01-24 to 02-02 (lengthened for the epidemic), worked (+) Sun 01-19.
    ("2020-01-17 10:00", "1wd", "2020-01-19 17:30"),  # Fri; Sat rests, Sun 19 (+) = 1
    ("2020-01-23 16:00", "3wd", "2020-02-05 17:30"),  # Thu; Mon 3 = 1, Tue 4 = 2, Wed 5 = 3
    ("2020-01-23 17:00", "1wh", "2020-02-03 09:00"),  # 30 min to 17:30, 30 min from 08:30 on Mon 3
    ("2020-01-20 09:00", "10d", "2020-02-04 00:00"),  # 10th day Thu 30 rests → Mon 02-03, 24:00
    # National Day 2020, joined with mid-autumn: rest 10-01 to 10-08, worked (+) Sun 09-27 and Sat 10-10.
    ("2020-09-25 11:00", "5wd", "2020-10-09 17:30"),  # Fri; Sun 27 (+) 1, Mon 2, Tue 3, Wed 30 4, Fri 10-09 5
    ("2020-10-09 09:00", "1wd", "2020-10-10 17:30"),  # Fri; Sat 10 (+) = 1
    ("2020-09-30 17:29", "2wm", "2020-10-09 08:31"),  # one minute before the feast, one after it
    # Spring Festival 2021: rest 02-11 to 02-17, worked (+) Sun 02-07 and Sat 02-20.
    ("2021-02-05 15:00", "1wd", "2021-02-07 17:30"),  # Fri; Sun 7 (+) = 1
    ("2021-02-10 15:00", "3wd", "2021-02-20 17:30"),  # Wed; Thu 18 = 1, Fri 19 = 2, Sat 20 (+) = 3
    ("2021-02-05 15:00", "15d", "2021-02-21 00:00"),  # 15th day Sat 20 is worked (+): no move, 24:00
    # National Day 2021: rest 10-01 to 10-07, worked (+) Sun 09-26 and Sat 10-09.
    ("2021-09-24 10:00", "2wd", "2021-09-27 17:30"),  # Fri; Sun 26 (+) 1, Mon 27 2
    ("2021-09-30 10:00", "2wd", "2021-10-09 17:30"),  # Thu; Fri 8 = 1, Sat 9 (+) = 2
    ("2021-09-22 10:00", "10d", "2021-10-09 00:00"),  # 10th day Sat 10-02 rests → Fri 8, 24:00
    # Spring Festival 2022: rest 01-31 to 02-06, worked (+) Sat 01-29 and Sun 01-30.
    ("2022-01-28 10:00", "3wd", "2022-02-07 17:30"),  # Fri; Sat 29 (+) 1, Sun 30 (+) 2, Mon 7 3
    ("2022-01-30 17:31", "1wh", "2022-02-07 09:30"),  # Sunday that was worked, closed a minute ago
    # National Day 2022: rest 10-01 to 10-07, worked (+) Sat 10-08 and Sun 10-09.
    ("2022-09-30 10:00", "3wd", "2022-10-10 17:30"),  # Fri; Sat 8 (+) 1, Sun 9 (+) 2, Mon 10 3
    ("2022-09-24 10:00", "15d", "2022-10-10 00:00"),  # 15th day Sun 10-09 is worked (+): 24:00
    # Spring Festival 2023: rest 01-21 to 01-27, worked (+) Sat 01-28 and Sun 01-29.
    ("2023-01-20 16:30", "2wh", "2023-01-28 09:30"),  # 1 h to 17:30, 1 h from 08:30 on Sat 28 (+)
    ("2023-01-20 16:30", "3wd", "2023-01-30 17:30"),  # Fri; Sat 28 (+) 1, Sun 29 (+) 2, Mon 30 3
    # National Day 2023: rest 09-29 to 10-06, worked (+) Sat 10-07 and Sun 10-08.
    ("2023-09-28 12:30", "5wd", "2023-10-11 17:30"),  # Thu; Sat 7 (+) 1, Sun 8 (+) 2, Mon 9 3, Tue 4, Wed 11 5
    ("2023-09-20 09:00", "15d", "2023-10-08 00:00"),  # 15th day Thu 10-05 rests → Sat 7 (+), 24:00
    # Spring Festival 2024: rest 02-10 to 02-17, worked (+) Sun 02-04 and Sun 02-18. Fri 02-09 was no day of the notice.
    ("2024-02-02 10:00", "1wd", "2024-02-04 17:30"),  # Fri; Sun 4 (+) = 1
    ("2024-02-08 10:00", "2wd", "2024-02-18 17:30"),  # Thu; Fri 9 = 1, Sun 18 (+) = 2
    # National Day 2024: rest 10-01 to 10-07, worked (+) Sun 09-29 and Sat 10-12.
    ("2024-09-27 10:00", "3wd", "2024-10-08 17:30"),  # Fri; Sun 29 (+) 1, Mon 30 2, Tue 8 3
    ("2024-10-08 10:00", "4wd", "2024-10-12 17:30"),  # Tue; Wed 1, Thu 2, Fri 3, Sat 12 (+) 4
    # Spring Festival 2025: rest 01-28 to 02-04, worked (+) Sun 01-26 and Sat 02-08.
    ("2025-01-24 10:00", "2wd", "2025-01-27 17:30"),  # Fri; Sun 26 (+) 1, Mon 27 2
    ("2025-01-27 10:00", "4wd", "2025-02-08 17:30"),  # Mon; Wed 5 1, Thu 2, Fri 3, Sat 8 (+) 4
    # National Day 2025, joined with mid-autumn: rest 10-01 to 10-08, worked (+) Sun 09-28 and Sat 10-11.
    ("2025-09-26 10:00", "5wd", "2025-10-10 17:30"),  # Fri; Sun 28 (+) 1, Mon 2, Tue 3, Thu 9 4, Fri 10 5
    ("2025-09-06 10:00", "1mo", "2025-10-10 00:00"),  # 10-06 rests → Thu 9, 24:00
    # Spring Festival 2026: rest 02-15 to 02-23, worked (+) Sat 02-14 and Sat 02-28.
    ("2026-02-13 10:00", "1wd", "2026-02-14 17:30"),  # Fri; Sat 14 (+) = 1
    ("2026-02-13 10:00", "6wd", "2026-02-28 17:30"),  # Sat 14 (+) 1, Tue 24 2, Wed 3, Thu 4, Fri 27 5, Sat 28 (+) 6
    ("2026-02-14 17:00", "1wh", "2026-02-24 09:00"),  # 30 min on Sat 14 (+), 30 min on Tue 24
    ("2026-02-06 10:00", "15d", "2026-02-25 00:00"),  # 15th day Sat 21 rests → Tue 24, 24:00
    # National Day 2026: mid-autumn rest 09-25 to 27, rest 10-01 to 10-07, worked (+) Sun 09-20 and Sat 10-10.
    ("2026-09-18 10:00", "1wd", "2026-09-20 17:30"),  # Fri; Sun 20 (+) = 1
    ("2026-09-24 10:00", "5wd", "2026-10-09 17:30"),  # Thu; Mon 28 1, Tue 2, Wed 30 3, Thu 8 4, Fri 9 5
    ("2026-09-30 10:00", "3wd", "2026-10-10 17:30"),  # Wed; Thu 8 1, Fri 9 2, Sat 10 (+) 3
    # The day's own edges: Friday evening, lunch, before the office opens.
    ("2026-11-20 17:29", "30wm", "2026-11-23 08:59"),  # Fri; 1 min, then 29 on Mon
    ("2026-11-20 17:31", "30wm", "2026-11-23 09:00"),  # Fri, closed; all 30 on Mon
    ("2026-11-20 17:31", "1wd", "2026-11-23 17:30"),  # Fri evening is still Friday's event
    ("2026-11-18 11:45", "30wm", "2026-11-18 13:45"),  # 15 min to 12:00, 15 from 13:30
    ("2026-11-18 12:10", "30wm", "2026-11-18 14:00"),  # said at lunch: counted from 13:30
    ("2026-11-18 08:00", "2wh", "2026-11-18 10:30"),  # said at eight: counted from 08:30
    ("2026-11-18 09:00", "3wh", "2026-11-18 12:00"),  # used up exactly at the break: 12:00, not 13:30
    ("2026-11-18 14:30", "3wh", "2026-11-18 17:30"),  # used up exactly at the close
    ("2026-11-21 10:00", "2wh", "2026-11-23 10:30"),  # Sat: counted from Mon 08:30
    ("2026-11-21 23:50", "15m", "2026-11-22 00:05"),  # clock time runs through midnight and the weekend
    ("2026-11-20 20:00", "24h", "2026-11-21 20:00"),  # clock time knows no rest
    # The end of a year.
    ("2025-12-31 16:30", "2wh", "2026-01-04 09:30"),  # 1 h; 01-01 to 03 rest; Sun 4 (+) 1 h
    ("2025-12-30 10:00", "3wd", "2026-01-05 17:30"),  # Tue; Wed 31 1, Sun 4 (+) 2, Mon 5 3
    ("2022-12-29 10:00", "2wd", "2023-01-03 17:30"),  # Thu; Fri 30 1, Tue 01-03 2 (rest 12-31 to 01-02)
    ("2025-12-17 10:00", "15d", "2026-01-05 00:00"),  # 15th day Thu 01-01 rests → Sun 4 (+), 24:00
    # Months and years: same number, else the last of the month (art. 202), leap days.
    ("2024-01-31 10:00", "1mo", "2024-03-01 00:00"),  # 02-29, Thu, 24:00
    ("2023-01-31 10:00", "1mo", "2023-03-01 00:00"),  # 02-28, Tue, 24:00
    ("2024-02-29 10:00", "1y", "2025-03-01 00:00"),  # 2025-02-28, Fri, 24:00
    ("2020-02-29 10:00", "4y", "2024-03-01 00:00"),  # 2024-02-29, Thu, 24:00
    ("2025-10-31 10:00", "4mo", "2026-03-01 00:00"),  # 2026-02-28 is Sat (+): worked, 24:00
    ("2024-02-28 10:00", "1d", "2024-03-01 00:00"),  # 02-29, Thu, 24:00
    ("2024-12-31 10:00", "2mo", "2025-03-01 00:00"),  # 02-28, Fri, 24:00
    # Limits of law as petitions have them.
    ("2026-03-02 09:00", "60d", "2026-05-07 00:00"),  # 29 in March, 30 in April, 1 in May: 05-01 rests → Wed 6
    ("2026-03-16 09:00", "15d", "2026-04-01 00:00"),  # Tue 03-31, 24:00
]


@pytest.mark.parametrize(("start", "limit", "due"), DATES, ids=[f"{start} +{limit}" for start, limit, _ in DATES])
def test_chen_jing_reads_the_date_she_would_count_on_the_wall_calendar(start: str, limit: str, due: str) -> None:
    found = CALENDAR.due(at(start), Limit.parse(limit))
    assert found.at.astimezone(BEIJING) == at(due)
    assert found.at.tzinfo is UTC
    assert not found.provisional


def test_wang_xiulan_may_write_from_any_time_zone_and_beijing_counts() -> None:
    """17:31 on Friday in Beijing is still Friday noon in Paris; the count must not begin with Paris' hours."""
    friday = datetime(2026, 11, 20, 10, 31, tzinfo=timezone(timedelta(hours=1)))
    assert CALENDAR.due(friday, Limit.parse("30wm")).at == at("2026-11-23 09:00")
    # 20:00 on Sunday in UTC is Monday 04:00 in Beijing: Monday is the event's day.
    sunday = datetime(2026, 11, 15, 20, 0, tzinfo=UTC)
    assert CALENDAR.due(sunday, Limit.parse("1wd")).at == at("2026-11-17 17:30")


def test_an_end_at_midnight_belongs_to_the_day_it_closes() -> None:
    assert str(CALENDAR.due(at("2026-03-16 09:00"), Limit.parse("15d")).day) == "2026-03-31"
    assert str(CALENDAR.due(at("2026-03-16 09:00"), Limit.parse("3wd")).day) == "2026-03-19"
