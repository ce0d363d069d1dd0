"""More time, pauses and parking decided up the line; reminders, orders, listing and going up: as Zhao Qiang's lamp has them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from minan.kernel import access, directory, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Refused, act
from minan.kernel.clocks import Clocks
from minan.kernel.directory import LOCAL, PostRow
from minan.kernel.models import Body, Case, Clock, Event, Inbox, Message, Reminder
from minan.systems.matters.tests.test_life import go, photo, say

pytestmark = pytest.mark.django_db
LIGHTING, URBAN, COUNTY, CITY = "131022-lighting", "131022-urban", "131022-centre", "1310-centre"


def at(text: str) -> datetime:
    """A moment in Langfang: "11-16 09:20" of 2026."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=LOCAL)


@pytest.fixture
def staff(people: dict[str, Any]) -> dict[str, Actor]:
    """The people, and the lighting office's own department above it by line, and the city's centre."""
    line = Actor("staff", 900_002, (PostRow(URBAN, "supervisor", "", ""),))
    city = Actor("staff", 900_003, (PostRow(CITY, "supervisor", "", ""),))
    return {name: actor(user) for name, user in people.items()} | {"line": line, "city": city}


def handled(staff: dict[str, Actor], **more: Any) -> Case:
    """A lamp in Zhao Qiang's hands: five working days from Monday the 16th, so until the 23rd, 17:30."""
    case = say(at=at("11-16 09:20"), **more).case
    go(case, "accept", staff["clerk"], at("11-16 09:30"), size="ordinary")
    go(case, "assign", staff["clerk"], at("11-16 09:40"), unit=LIGHTING)
    go(case, "sign", staff["handler"], at("11-16 10:00"))
    go(case, "call", staff["handler"], at("11-16 10:10"))
    return case


def refused(case: Case, step: str, who: Actor, when: datetime, **facts: Any) -> str:
    result = act(case, step, by=who, facts=facts, at=when)
    assert isinstance(result, Refused), (step, result)
    return result.rule or str(result.status)


def clock(case: Case, name: str) -> Clock:
    return Clock.objects.filter(case_id=case.id, name=name).latest("round")


def pause(case: Case, staff: dict[str, Actor], ground: str = "appraisal", until: str = "2026-11-20") -> None:
    go(case, "ask_pause", staff["handler"], at("11-17 09:00"), ground=ground, words="等路灯检测报告", until=until)
    go(case, "pause", staff["line"], at("11-17 14:00"), words="要等检测报告，周五接着办")


# ---- pause


def test_a_pause_is_asked_on_a_ground_allowed_up_the_line_and_told_to_the_speaker(staff: dict[str, Actor]) -> None:
    case = handled(staff)
    assert refused(case, "pause", staff["line"], at("11-17 08:00"), words="好") == "pause_asked"
    assert refused(case, "ask_pause", staff["handler"], at("11-17 09:00"), words="等", until="2026-11-20") == "facts"
    pause(case, staff)
    assert case.marks["paused"] == "2026-11-20"
    assert clock(case, "answer").paused_at == at("11-17 14:00")
    assert (
        refused(case, "ask_pause", staff["clerk"], at("11-17 15:00"), ground="appraisal", words="x", until="2026-11-20")
        == "403"
    )
    worker.settle(at("11-17 14:01"))
    assert Message.objects.filter(case_id=case.id, to="speaker", words__contains="挂起").exists()
    said = Body.objects.get(case_id=case.id, n=Event.objects.get(case_id=case.id, step="pause").n).text
    assert "appraisal" in said, "the ground stands on the grant, where the speaker reads it"
    assert "等路灯检测报告" in said


def test_the_pause_ends_by_itself_and_the_promise_is_later_by_what_it_took(staff: dict[str, Actor]) -> None:
    case = handled(staff)
    pause(case, staff)
    worker.settle(at("11-20 08:30"))
    case.refresh_from_db()
    assert "paused" not in case.marks
    # From Tuesday 14:00 to Friday 08:30: 3.5 h on Tuesday, 7.5 h each on Wednesday and Thursday; so much after Monday 17:30.
    assert clock(case, "answer").due_at == at("11-26 12:00")
    told = Message.objects.filter(case_id=case.id, to="speaker").order_by("n").last()
    assert told is not None
    assert "2026-11-26" in told.words, "who waits is told the new day"


def test_nobody_pauses_twice_on_one_ground_nor_longer_than_it_allows_nor_past_the_law(staff: dict[str, Actor]) -> None:
    case = handled(staff)
    handler, when = staff["handler"], at("11-17 09:00")
    assert (
        refused(case, "ask_pause", handler, when, ground="force_majeure", words="雨", until="2026-12-20")
        == "pause_fits"
    )
    pause(case, staff)
    go(case, "resume", handler, at("11-18 09:00"))
    assert (
        refused(case, "ask_pause", handler, at("11-18 10:00"), ground="appraisal", words="又等", until="2026-11-23")
        == "pause_fits"
    )
    Clock.objects.filter(case_id=case.id, name="answer").update(legal_due_at=at("11-24 00:00"))
    assert (
        refused(
            case, "ask_pause", handler, at("11-18 10:00"), ground="other_decision", words="等法院", until="2026-11-27"
        )
        == "pause_fits"
    )
    go(case, "ask_pause", handler, at("11-18 10:00"), ground="other_decision", words="等法院", until="2026-11-23")


def test_what_has_run_out_can_be_neither_extended_nor_paused_into_green(staff: dict[str, Actor]) -> None:
    case = handled(staff)
    handler = staff["handler"]
    go(case, "ask_extension", handler, at("11-23 17:00"), ground="complex", words="复杂")
    worker.settle(at("11-23 17:31"))
    case.refresh_from_db()
    assert case.marks["late"] == ["answer"]
    assert refused(case, "extend", staff["line"], at("11-24 09:00"), words="准") == "in_time"
    go(case, "refuse_extension", staff["line"], at("11-24 09:00"), words="已经超时")
    assert refused(case, "ask_extension", handler, at("11-24 09:05"), ground="complex", words="复杂") == "in_time"
    assert (
        refused(case, "ask_pause", handler, at("11-24 09:05"), ground="appraisal", words="等", until="2026-11-30")
        == "in_time"
    )
    go(case, "ask_more", handler, at("11-24 09:10"), words="哪一盏？")
    assert (case.light, case.due_at, case.marks["late"]) == ("answer", at("11-23 17:30"), ["answer"]), (
        "waiting makes it no greener"
    )
    go(case, "supply", SPEAKER, at("11-25 09:00"), words="东门第二盏")
    assert clock(case, "answer").due_at == at("11-23 17:30")
    go(case, "answer", handler, at("11-25 10:00"), outcome="solved", words="修好了", photos=[photo()])
    worker.settle(at("11-25 10:01"))
    assert clock(case, "answer").done_at > clock(case, "answer").due_at


def test_a_parked_matter_that_was_late_stays_red_in_every_list(staff: dict[str, Actor]) -> None:
    case = handled(staff)
    worker.settle(at("11-23 17:31"))
    go(case, "ask_park", staff["handler"], at("11-24 09:00"), ground=parking(), words="等改造", review_on="2027-01-15")
    go(case, "park", staff["line"], at("11-24 10:00"))
    assert case.marks["parked"] == "2027-01-15"
    assert set(Inbox.objects.filter(case_id=case.id).values_list("due_at", flat=True)) == {at("11-23 17:30")}


def parking() -> str:
    return next(g.code for g in directory.city().grounds.values() if g.list == "park")


def test_an_extension_moves_nothing_past_the_limit_of_the_law(staff: dict[str, Actor]) -> None:
    case = handled(staff)
    Clock.objects.filter(case_id=case.id, name="answer").update(legal_due_at=at("11-26 00:00"))
    go(case, "ask_extension", staff["handler"], at("11-17 09:00"), ground="complex", words="复杂")
    go(case, "extend", staff["line"], at("11-17 10:00"), words="多给几天")
    assert clock(case, "answer").due_at == at("11-26 00:00")
    assert (
        refused(case, "ask_extension", staff["handler"], at("11-18 09:00"), ground="complex", words="再延")
        == "not_extended"
    )


def test_a_change_to_urgent_restarts_nothing_and_a_new_kind_takes_no_limit_of_the_law_away(
    staff: dict[str, Actor],
) -> None:
    case = handled(staff)
    legal = at("11-20 00:00")
    Clock.objects.filter(case_id=case.id, name="answer").update(legal="4d", legal_due_at=legal, legal_article="示例")
    go(case, "reclassify", staff["clerk"], at("11-18 09:00"), urgency="urgent")
    row = clock(case, "answer")
    assert (row.round, row.started_at, row.due_at) == (1, at("11-16 09:30"), at("11-19 09:00")), (
        "24 hours from the change; nothing begins anew"
    )
    assert row.legal_due_at == legal


# ---- reminded, told, gone up


def test_a_promise_that_slips_is_told_to_her_by_itself(staff: dict[str, Actor]) -> None:
    case = handled(staff)
    worker.settle(at("11-23 17:31"))
    slip = Event.objects.get(case_id=case.id, step="slip")
    assert slip.by == "clock"
    assert Message.objects.filter(case_id=case.id, n=slip.n, to="speaker").exists()


def test_going_up_puts_it_on_the_county_s_desk_with_a_time_of_its_own_then_on_the_city_s(
    staff: dict[str, Actor],
) -> None:
    case = handled(staff)
    worker.settle(at("11-23 17:31"))
    worker.settle(at("11-26 13:46"))  # one and a half times five working days: 18.75 office hours later
    case.refresh_from_db()
    assert case.marks["up"] == [COUNTY]
    assert "above" in access.roles_of(staff["supervisor"], case.as_view())
    raised = clock(case, "raised")
    assert (raised.unit, raised.done_at) == (COUNTY, None)
    assert Inbox.objects.filter(case_id=case.id, unit=COUNTY).exists()
    worker.settle(raised.due_at + timedelta(minutes=1))
    case.refresh_from_db()
    assert case.marks["up"] == [COUNTY, CITY]
    assert clock(case, "raised").unit == CITY
    for days in range(1, 8):
        worker.settle(raised.due_at + timedelta(days=days))
    case.refresh_from_db()
    assert case.marks["top"]
    ups = Event.objects.filter(case_id=case.id, step="go_up").count()
    assert ups == 2, "at the top it rests on that level's list"
    item = [
        i for r in Reminder.objects.filter(unit=CITY).exclude(sent_at=None) for i in r.items if i["code"] == case.code
    ]
    assert {i["why"] for i in item} == {"up"}
    go(
        case,
        "answer",
        staff["handler"],
        raised.due_at + timedelta(days=8),
        outcome="solved",
        words="修好了",
        photos=[photo()],
    )
    assert clock(case, "raised").done_at is not None, "with the last late clock the time above ends as well"


def test_each_unit_gets_one_numbered_list_a_day_and_each_case_names_it(staff: dict[str, Actor]) -> None:
    cases = [handled(staff) for _ in range(3)]
    worker.settle(at("11-23 09:00"))
    worker.settle(at("11-23 17:31"))
    worker.settle(at("11-24 08:29"))
    numbers = {c.code: note(c, "slip")["number"] for c in cases}
    assert len(set(numbers.values())) == 1
    assert (
        not Reminder.objects.filter(unit=LIGHTING).exclude(sent_at=None).filter(number__in=numbers.values()).exists()
    ), "not before the hour"
    worker.settle(at("11-24 08:31"))
    worker.settle(at("11-24 08:40"))
    one = Reminder.objects.get(unit=LIGHTING, day="2026-11-24")
    assert one.number == numbers[cases[0].code]
    assert one.number.startswith("催办单〔2026〕")
    assert [(i["code"], i["why"]) for i in one.items] == [(c.code, "due") for c in cases]
    assert not Message.objects.filter(
        to=LIGHTING, case_id__in=[c.id for c in cases], words__contains="没有按期"
    ).exists()
    worker.settle(at("11-25 08:31"))
    again = Reminder.objects.get(unit=LIGHTING, day="2026-11-25")
    assert {i["why"] for i in again.items} == {"still"}


def note(case: Case, step: str) -> dict[str, Any]:
    event = Event.objects.filter(case_id=case.id, step=step).order_by("-n")[0]
    found: dict[str, Any] = json.loads(Body.objects.get(case_id=case.id, n=event.n).text)["note"]
    return found


def test_an_urgent_matter_is_told_at_once_and_not_only_in_the_morning(staff: dict[str, Actor]) -> None:
    case = say(at=at("11-16 22:00"), facts={"kind": "lamp.pole", "text": "灯杆漏电"}).case
    worker.settle(at("11-16 22:16"))
    remind = Event.objects.get(case_id=case.id, step="remind")
    assert Message.objects.filter(case_id=case.id, n=remind.n, to="131022100-station").exists()


# ---- orders, listing


def test_an_order_wants_a_reply_by_its_day_and_is_counted_until_it_comes(staff: dict[str, Actor]) -> None:
    case = handled(staff)
    go(case, "supervise", staff["supervisor"], at("11-17 09:00"), words="周四前回复", by="2026-11-19")
    assert (clock(case, "order").due_at, case.marks["ordered"]) == (at("11-19 17:30"), True)
    worker.settle(at("11-19 17:31"))
    assert Event.objects.filter(case_id=case.id, step="remind").count() == 1
    go(case, "reply_order", staff["handler"], at("11-20 09:00"), words="周五换灯")
    assert "ordered" not in case.marks
    worker.settle(at("11-20 09:01"))
    assert Message.objects.filter(case_id=case.id, to=COUNTY, words__contains="回复督办").exists()
    assert refused(case, "reply_order", staff["handler"], at("11-20 09:30"), words="再回") == "order_open"


def test_a_listed_matter_is_reported_on_weekly_and_taken_off_only_by_who_listed_it(staff: dict[str, Actor]) -> None:
    case = handled(staff)
    assert refused(case, "list_it", staff["clerk"], at("11-17 09:00"), words="挂", by="2026-12-17") == "403"
    go(case, "list_it", staff["city"], at("11-17 09:00"), words="刘副市长包案", by="2026-12-17")
    assert note(case, "list_it")["number"] == "挂牌〔2026〕1号"
    week = clock(case, "weekly")
    assert week.due_at == at("11-25 00:00")
    go(case, "report_listed", staff["handler"], at("11-23 09:00"), words="电缆已到货")
    assert (clock(case, "weekly").round, case.facts["reports"]) == (2, 1)
    assert refused(case, "unlist", staff["supervisor"], at("11-24 09:00"), words="可以了") == "by_who_listed"
    go(case, "unlist", staff["city"], at("11-24 09:00"), words="修好了")
    assert "listed" not in case.marks
    assert not [c for c in Clocks.of(case.county, case.id).running() if c["name"] in ("weekly", "listed")]
