"""The sender's deadline is a clock of the matter: what ends first lights, no pause of ours moves it, it reminds and it goes up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minan.channels.exchange import mapping, taking
from minan.channels.exchange.partners import Partner
from minan.channels.exchange.tests.partner import row, steps
from minan.kernel import access, act, inbox, worker
from minan.kernel.models import Case, Clock

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)  # Monday, 09:20 in Langfang


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def came(partner: Partner, **more: str) -> Case:
    plan = taking.take(partner, row(1, **more), NOW, "file")
    assert plan.foreign is not None, plan.why
    return taking.case_of(plan.foreign)


def clock(case: Case, name: str = "foreign") -> Clock:
    return Clock.objects.filter(case_id=case.id, name=name).order_by("-round")[0]


def accepted(case: Case, people: dict[str, Any]) -> Case:
    assert act.act(
        case, "accept", by=access.actor(people["clerk"]), facts={"kind": "lamp.out"}, at=NOW + timedelta(minutes=5)
    )
    assert act.act(case, "handle_myself", by=access.actor(people["clerk"]), at=NOW + timedelta(minutes=6))
    return case


@pytest.mark.parametrize(("theirs", "lights"), [("2026-11-16 15:00", "foreign"), ("2026-12-20 17:30", "contact")])
def test_what_ends_first_lights_theirs_or_ours(
    hotline: Partner, people: dict[str, Any], theirs: str, lights: str
) -> None:
    case = accepted(came(hotline, 办理时限=theirs), people)
    assert clock(case).due_at == at(theirs)
    assert clock(case).limit == "date"
    running = Clock.objects.filter(case_id=case.id, done_at=None).order_by("due_at")
    first = running[0]
    assert (case.light, case.due_at) == (first.name, first.due_at)
    assert (case.light == "foreign") == (lights == "foreign")


def test_a_pause_of_ours_does_not_pause_it(hotline: Partner, people: dict[str, Any]) -> None:
    case = accepted(came(hotline, 办理时限="2026-11-18 17:30"), people)
    assert act.act(
        case, "ask_more", by=access.actor(people["clerk"]), facts={"words": "哪一盏"}, at=NOW + timedelta(minutes=9)
    )
    assert clock(case, "answer").paused_at is not None
    assert clock(case).paused_at is None
    assert act.act(case, "supply", by=access.SPEAKER, facts={"words": "第三盏"}, at=NOW + timedelta(days=1))
    assert clock(case).due_at == at("2026-11-18 17:30")
    assert clock(case, "answer").due_at > at("2026-11-18 17:30")


def test_it_reminds_when_it_is_over_goes_up_later_and_stands_in_the_red_list(
    hotline: Partner, people: dict[str, Any]
) -> None:
    case = accepted(came(hotline, 办理时限="2026-11-17 17:30"), people)
    due = at("2026-11-17 17:30")
    worker.ring(due + timedelta(minutes=1))
    assert steps(case)[-1] == "remind"
    case.refresh_from_db()
    assert "foreign" in case.marks["late"]
    later = due + (due - NOW) / 2
    assert clock(case).next_at == later
    worker.ring(later + timedelta(minutes=1))
    assert "go_up" in steps(case)
    red = inbox.listed(people["clerk"], inbox.Wanted(light="red"), later)
    assert [one.id for one in red.items] == [case.id]


def test_an_answer_ends_it_and_a_deadline_that_had_passed_rings_at_once(
    hotline: Partner, people: dict[str, Any]
) -> None:
    case = accepted(came(hotline, 办理时限="2026-11-13 17:30"), people)
    assert clock(case).due_at == NOW + timedelta(minutes=1), "not before it came, and red within the minute"
    facts = {"outcome": "explained", "words": "写明了", "article": "第 3 条"}
    assert act.act(case, "answer", by=access.actor(people["clerk"]), facts=facts, at=NOW + timedelta(hours=1))
    assert clock(case).done_at is not None


def test_a_deadline_the_sender_moves_is_a_new_round_and_only_while_it_runs(
    hotline: Partner, people: dict[str, Any]
) -> None:
    case = came(hotline, 办理时限="2026-11-18 17:30")
    assert taking.take(hotline, row(1, 办理时限="2026-11-17 12:00"), NOW + timedelta(minutes=2), "file").what == "more"
    rounds = list(
        Clock.objects.filter(case_id=case.id, name="foreign").order_by("round").values_list("due_at", "done_at")
    )
    assert [due for due, _ in rounds] == [at("2026-11-18 17:30"), at("2026-11-17 12:00")]
    assert rounds[0][1] is not None
    case.refresh_from_db()
    accepted(case, people)
    facts = {"outcome": "explained", "words": "写明了", "article": "第 3 条"}
    assert act.act(case, "answer", by=access.actor(people["clerk"]), facts=facts, at=NOW + timedelta(hours=1))
    taking.take(hotline, row(1, 办理时限="2026-11-30 12:00"), NOW + timedelta(hours=2), "file")
    assert not Clock.objects.filter(case_id=case.id, name="foreign", done_at=None).exists()


COUNTED = [
    ("moment", "2026-12-04 17:30", "2026-12-04T17:30"),
    ("moment", "2026/12/4 17:30:00", "2026-12-04T17:30"),
    ("moment", "2026-12-04", "2026-12-04T23:59"),
    ("date", "2026-12-04", "2026-12-04T23:59"),
    ("date", "2026-12-04 09:00", "2026-12-04T23:59"),
    ("moment", "2026-12-04T17:30:00+00:00", "2026-12-05T01:30"),
    # Monday 16 November, 09:20; 5 working days after it end with the office hours of Monday the 23rd
    ("5wd", "", "2026-11-23T17:30"),
    ("5wd", "1", "2026-11-17T17:30"),
    ("24h", "2", "2026-11-16T11:20"),
    ("10d", "", "2026-11-26T23:59"),
]


@pytest.mark.parametrize(("count", "said", "due"), COUNTED)
def test_each_partner_counts_its_own_way(hotline: Partner, count: str, said: str, due: str) -> None:
    read = mapping.read(replace(hotline, count=count), row(1, 办理时限=said), NOW)
    assert read.due == at(due)
