"""What a pause, an extension, a new notice and a city's own table do to an end, and when lights change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from minan.kernel.calendar import Calendar, Hours, Light, Limit, Scale, light
from minan.kernel.tests.test_calendar_dates import BEIJING, CALENDAR, at

SEASONS = {
    "seasons": [
        {"from": "10-01", "spans": [["08:30", "12:00"], ["13:30", "17:30"]]},
        {"from": "05-01", "spans": [["08:00", "12:00"], ["15:00", "18:00"]]},
    ]
}


def seen(moment: datetime) -> str:
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def test_zhao_qiang_pauses_over_a_weekend_and_gets_back_only_the_office_minutes() -> None:
    # Paused Fri 16:00 to Mon 10:00: 1.5 h on Friday and 1.5 h on Monday. Wed 17:30 + 3 h → Thu 11:30.
    moved = CALENDAR.resumed(at("2026-11-25 17:30"), at("2026-11-20 16:00"), at("2026-11-23 10:00"), Limit.parse("5wd"))
    assert seen(moved.at) == "2026-11-26 11:30:00"
    assert not moved.provisional


def test_a_pause_of_whole_working_days_leaves_the_end_at_the_close() -> None:
    # Fri 10:00 to Tue 10:00: 6 + 7.5 + 1.5 h = two days of 7.5 h. Wed 17:30 → Fri 17:30.
    moved = CALENDAR.resumed(at("2026-11-25 17:30"), at("2026-11-20 10:00"), at("2026-11-24 10:00"), Limit.parse("5wd"))
    assert seen(moved.at) == "2026-11-27 17:30:00"


def test_a_pause_of_one_minute_does_not_win_a_day() -> None:
    moved = CALENDAR.resumed(at("2026-11-25 17:30"), at("2026-11-24 10:00"), at("2026-11-24 10:01"), Limit.parse("5wd"))
    assert seen(moved.at) == "2026-11-26 08:31:00"


def test_a_pause_in_clock_time_counts_nights_and_in_working_time_does_not() -> None:
    paused, back = at("2026-11-20 20:00"), at("2026-11-21 08:00")
    assert seen(CALENDAR.resumed(at("2026-11-20 21:00"), paused, back, Limit.parse("2h")).at) == "2026-11-21 09:00:00"
    assert seen(CALENDAR.resumed(at("2026-11-23 10:00"), paused, back, Limit.parse("2wh")).at) == "2026-11-23 10:00:00"


def test_a_pause_in_days_of_law_ends_on_a_working_day() -> None:
    # 24:00 of Tue 03-31 plus 4 days: Sat 04-04, Tomb-sweeping rest to Mon 06 → Tue 04-07, 24:00.
    moved = CALENDAR.resumed(at("2026-04-01 00:00"), at("2026-03-20 10:00"), at("2026-03-24 10:00"), Limit.parse("15d"))
    assert seen(moved.at) == "2026-04-08 00:00:00"


def test_a_pause_granted_after_the_end_saves_nobody() -> None:
    late = CALENDAR.resumed(at("2026-11-20 17:30"), at("2026-11-23 09:00"), at("2026-11-25 09:00"), Limit.parse("3wd"))
    assert late.at == at("2026-11-20 17:30")


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        CALENDAR.resumed(at("2026-11-25 17:30"), at("2026-11-24 10:00"), at("2026-11-24 09:00"), Limit.parse("5wd"))


@pytest.mark.parametrize(
    ("due", "limit", "extended"),
    [
        ("2026-09-28 17:30", "5wd", "2026-10-10 17:30"),  # Tue 29 1, Wed 2, Thu 10-08 3, Fri 4, Sat 10 (+) 5
        ("2026-05-07 00:00", "30d", "2026-06-06 00:00"),  # old end Wed 05-06, 24:00; Fri 06-05, 24:00: no day is lost
        ("2026-03-01 00:00", "1mo", "2026-03-31 00:00"),  # 02-28 → Sat 03-28 rests → Mon 30, 24:00
        ("2026-11-20 17:00", "1wh", "2026-11-23 09:00"),  # half an hour on Friday, half on Monday
        ("2026-11-20 17:00", "2h", "2026-11-20 19:00"),
    ],
)
def test_an_extension_adds_its_term_to_the_old_end(due: str, limit: str, extended: str) -> None:
    assert seen(CALENDAR.extended(at(due), Limit.parse(limit)).at) == f"{extended}:00"


@pytest.mark.parametrize(
    ("start", "limit", "due", "yellow", "up"),
    [
        ("2026-11-18 10:00", "2h", "12:00", "2026-11-18 11:30:00", "2026-11-18 13:00:00"),
        # 4 h from 10:00 to 15:30: 3 h are used at 14:30; 2 h more at the close.
        ("2026-11-18 10:00", "4wh", "15:30", "2026-11-18 14:30:00", "2026-11-18 17:30:00"),
        # Thu, Fri, Mon, Tue: 30 h. Three days are used at Monday's close; 15 h past the end: Thu 26.
        ("2026-11-18 10:00", "4wd", "17:30", "2026-11-23 17:30:00", "2026-11-26 17:30:00"),
        # 20 days from 0:00 of 11-03 to 24:00 of Sun 22 → Mon 23: 21 days; a quarter is 5 days 6 h, half 10 days 12 h.
        ("2026-11-02 10:00", "20d", "00:00", "2026-11-18 18:00:00", "2026-12-04 12:00:00"),
    ],
)
def test_the_light_turns_yellow_at_three_quarters_and_the_matter_goes_up_at_one_and_a_half(
    start: str, limit: str, due: str, yellow: str, up: str
) -> None:
    term = Limit.parse(limit)
    end = CALENDAR.due(at(start), term).at
    assert end.astimezone(BEIJING).strftime("%H:%M") == due
    assert seen(CALENDAR.warn(at(start), end, term)) == yellow
    assert seen(CALENDAR.escalates(at(start), end, term)) == up


def test_after_a_long_pause_zhao_qiang_still_has_three_quarters_of_his_time_in_green() -> None:
    start, limit = at("2026-11-02 10:00"), Limit.parse("4wd")
    end = CALENDAR.due(start, limit).at  # Fri 11-06 17:30
    moved = CALENDAR.resumed(end, at("2026-11-03 08:30"), at("2026-11-17 08:30"), limit).at  # ten working days
    assert seen(moved) == "2026-11-20 17:30:00"
    assert seen(CALENDAR.warn(start, moved, limit)) == "2026-11-19 17:30:00"
    assert seen(CALENDAR.escalates(start, moved, limit)) == "2026-11-24 17:30:00"


def test_a_stricter_end_than_the_limit_warns_before_that_end() -> None:
    start, end = at("2026-11-18 10:00"), at("2026-11-18 14:00")  # 5 wd made urgent: due today
    assert start < CALENDAR.warn(start, end, Limit.parse("5wd")) < end
    assert CALENDAR.escalates(start, end, Limit.parse("5wd")) == at("2026-11-18 16:00")
    assert CALENDAR.warn(start, start, Limit.parse("5wd")) == start


def test_in_a_year_without_a_notice_weekends_rest_and_the_date_says_it_is_provisional() -> None:
    found = CALENDAR.due(at("2028-09-29 10:00"), Limit.parse("1wd"))
    assert found.at == at("2028-10-02 17:30")  # Fri; Mon 2, for nobody has said yet that it is National Day
    assert found.provisional
    assert not CALENDAR.is_known(2028)
    assert CALENDAR.due(at("2028-09-29 10:00"), Limit.parse("15d")).provisional
    assert CALENDAR.due(at("2028-09-29 10:00"), Limit.parse("30wm")).provisional
    assert not CALENDAR.due(at("2028-09-29 10:00"), Limit.parse("2h")).provisional  # clock time needs no notice


def test_the_last_days_of_december_wait_for_the_next_notice() -> None:
    before = Calendar(known_until=2025)
    assert not before.due(at("2025-12-25 10:00"), Limit.parse("1wd")).provisional  # Fri 26
    assert before.due(at("2025-12-26 10:00"), Limit.parse("1wd")).provisional  # Mon 29: notices have moved such days
    assert not CALENDAR.due(at("2025-12-26 10:00"), Limit.parse("1wd")).provisional


def test_a_citys_own_table_wins_over_the_notice() -> None:
    flooded = Calendar({date(2026, 11, 23): False, date(2026, 11, 21): True})
    assert flooded.due(at("2026-11-20 10:00"), Limit.parse("2wd")).at == at("2026-11-24 17:30")  # Sat 21 1, Tue 24 2
    assert flooded.is_workday(date(2026, 11, 21))
    assert not flooded.is_workday(date(2026, 11, 23))
    assert CALENDAR.is_workday(date(2026, 11, 23))


def test_a_table_makes_a_year_known_when_it_keeps_national_day_and_not_by_one_local_day() -> None:
    table = {date(2028, 10, day): False for day in (2, 3, 4, 5, 6)}
    told = Calendar(table)
    assert told.is_known(2028)
    assert told.due(at("2028-09-29 10:00"), Limit.parse("1wd")).at == at("2028-10-09 17:30")
    assert not told.due(at("2028-09-29 10:00"), Limit.parse("1wd")).provisional
    assert not Calendar({date(2028, 3, 1): False}).is_known(2028)
    assert Calendar({date(2028, 3, 1): False}, known_until=2028).is_known(2028)  # the city vouches for it


def test_a_provisional_date_is_counted_again_and_never_comes_earlier_than_promised() -> None:
    start, limit = at("2025-12-31 10:00"), Limit.parse("2wd")
    guess = Calendar(known_until=2025).due(start, limit)
    assert guess.provisional
    assert seen(guess.at) == "2026-01-02 17:30:00"  # Thu 1, Fri 2: no notice yet
    again = CALENDAR.recount(start, limit, guess.at)
    assert seen(again.at) == "2026-01-05 17:30:00"  # Sun 4 (+) 1, Mon 5 2
    assert not again.provisional
    # Fri 02-13: the guess does not know that Sat 14 is worked, says Mon 16; the notice says Sat 14. Promised stays.
    promised = Calendar(known_until=2025).due(at("2026-02-13 10:00"), Limit.parse("1wd")).at
    assert (
        CALENDAR.recount(at("2026-02-13 10:00"), Limit.parse("1wd"), promised).at == promised == at("2026-02-16 17:30")
    )


def test_a_unit_with_summer_hours_closes_at_six_until_october() -> None:
    summer = Calendar(hours=Hours.from_json(SEASONS))
    assert summer.due(at("2026-09-28 10:00"), Limit.parse("1wd")).at == at("2026-09-29 18:00")
    assert summer.due(at("2026-09-30 10:00"), Limit.parse("1wd")).at == at("2026-10-08 17:30")
    assert summer.due(at("2026-04-30 10:00"), Limit.parse("1wd")).at == at("2026-05-06 18:00")
    assert summer.due(at("2026-02-27 10:00"), Limit.parse("1wd")).at == at("2026-02-28 17:30")  # winter wraps the year
    # 17:30 to 18:00 on the last summer day, then 08:30 to 09:00 on the first winter day.
    assert summer.due(at("2026-09-30 17:30"), Limit.parse("1wh")).at == at("2026-10-08 09:00")
    assert summer.working_minutes(at("2026-09-30 00:00"), at("2026-10-09 00:00")) == 7 * 60 + 450


def test_new_hours_hold_from_their_first_day() -> None:
    spans = [["08:30", "12:00"], ["13:30", "17:30"]], [["08:00", "12:00"], ["15:00", "18:30"]]
    rows = [{"from": day, "spans": times} for day, times in zip(("01-01", "07-01"), spans, strict=True)]
    unit = Calendar(hours=Hours.from_json({"seasons": rows}))
    assert unit.due(at("2026-06-29 10:00"), Limit.parse("1wd")).at == at("2026-06-30 17:30")
    assert unit.due(at("2026-06-30 10:00"), Limit.parse("1wd")).at == at("2026-07-01 18:30")  # Wed, the first day


def test_office_hours_are_written_and_read_back_and_nonsense_is_refused() -> None:
    hours = Hours.from_json(SEASONS)
    assert Hours.from_json(hours.to_json()) == hours
    assert [row["from"] for row in hours.to_json()["seasons"]] == ["05-01", "10-01"]
    for spans in ([], [["12:00", "08:30"]], [["08:30", "12:00"], ["11:00", "17:00"]], [["8", "12:00"]], [["08:30"]]):
        with pytest.raises(ValueError):
            Hours.from_json({"seasons": [{"from": "01-01", "spans": spans}]})
    nonsense: list[object] = [None, [], [{"spans": []}], [{"from": "13-01", "spans": [["08:30", "12:00"]]}]]
    for seasons in nonsense:
        with pytest.raises(ValueError):
            Hours.from_json({"seasons": seasons})


def test_sun_lihua_reads_why_this_date_day_by_day() -> None:
    days = CALENDAR.explain(at("2026-02-13 10:00"), Limit.parse("2wd"))
    assert [(day.date.strftime("%m-%d"), day.kind, day.n, day.makeup, day.holiday) for day in days] == [
        ("02-13", "event", None, False, ""),
        ("02-14", "counted", 1, True, "春节"),
        *[(f"02-{day}", "rest", None, False, "春节") for day in range(15, 24)],
        ("02-24", "due", 2, False, ""),
    ]


def test_days_of_law_count_rest_days_and_then_wait_for_a_working_day() -> None:
    days = CALENDAR.explain(at("2026-09-30 10:00"), Limit.parse("5d"))
    assert [(day.date.day, day.kind, day.n) for day in days] == [
        (30, "event", None),
        *[(n, "counted", n) for n in range(1, 6)],
        (6, "rest", None),
        (7, "rest", None),
        (8, "due", None),
    ]


def test_an_explanation_follows_an_extended_end_and_working_time_shows_minutes() -> None:
    limit = Limit.parse("2wd")
    start = at("2026-11-16 10:00")
    days = CALENDAR.explain(start, limit, CALENDAR.extended(CALENDAR.due(start, limit).at, limit).at)
    assert [(day.kind, day.n) for day in days] == [
        ("event", None),
        ("counted", 1),
        ("counted", 2),
        ("counted", 3),
        ("due", 4),
    ]
    hours = CALENDAR.explain(at("2026-11-20 17:00"), Limit.parse("2wh"))
    assert [(day.kind, day.n) for day in hours] == [("event", 30), ("rest", None), ("rest", None), ("due", 120)]
    assert [day.kind for day in CALENDAR.explain(at("2026-11-18 10:00"), Limit.parse("2h"))] == ["event", "due"]


def test_a_year_is_folded_to_what_fits_on_a_page() -> None:
    days = CALENDAR.explain(at("2025-03-03 10:00"), Limit.parse("1y"))
    assert len(days) == 120
    assert (days[0].kind, days[-1].kind) == ("event", "due")
    assert [day.n for day in days[57:63]] == [57, 58, 59, 306, 307, 308]  # the middle is left out, the count goes on
    assert days[-1].n == 365


@pytest.mark.parametrize(
    ("text", "amount", "scale"),
    [
        ("15m", 15, Scale.CLOCK),
        ("2h", 120, Scale.CLOCK),
        ("30wm", 30, Scale.WORKING),
        ("2wh", 120, Scale.WORKING),
        ("5wd", 5, Scale.WORKDAYS),
        ("60d", 60, Scale.DAYS),
        ("1mo", 1, Scale.MONTHS),
        ("1y", 1, Scale.YEARS),
    ],
)
def test_a_limit_is_read_from_its_text_and_written_back(text: str, amount: int, scale: Scale) -> None:
    assert Limit.parse(text) == Limit(amount, scale)
    assert Limit(amount, scale).text == text


@pytest.mark.parametrize(
    "text", ["", "5", "wd", "0d", "-1d", "1.5h", " 5wd", "5 wd", "5WD", "05d", "5wy", "٥d", "101y"]
)
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Limit.parse(text)


@pytest.mark.parametrize("amount", [0, -1, 5_001])
def test_an_amount_of_nothing_or_of_a_lifetime_is_refused(amount: int) -> None:
    with pytest.raises(ValueError, match="1 to 5000"):
        Limit(amount, Scale.WORKDAYS)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.due(datetime(2026, 11, 20, 10, 0), Limit.parse("2h"))
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.recount(at("2026-11-20 10:00"), Limit.parse("2h"), datetime(2026, 11, 20, 10, 0))


def test_a_table_in_which_nobody_ever_works_ends_in_an_error_and_not_in_a_loop() -> None:
    start = at("2026-11-20 10:00")
    never = {start.date() + timedelta(days=i): False for i in range(-400, 155 * 366)}
    for text in ("1wd", "1wh", "1d"):
        with pytest.raises(ValueError, match="150 years"):
            Calendar(never).due(start, Limit.parse(text))


@pytest.mark.parametrize(
    ("now", "paused", "done", "colour"),
    [
        (10, False, None, "green"),
        (11, False, None, "yellow"),
        (12, False, None, "yellow"),  # the very moment of the end is in time
        (13, False, None, "red"),
        (13, True, None, "paused"),
        (13, True, 12, "met"),
        (13, False, 13, "met_late"),
    ],
)
def test_li_jianmin_sees_one_light(now: int, paused: bool, done: int | None, colour: Light) -> None:
    def hour(value: int) -> datetime:
        return datetime(2026, 11, 20, value, tzinfo=UTC)

    done_at = None if done is None else hour(done)
    assert light(hour(now), hour(11), hour(12), paused=paused, done_at=done_at) == colour
