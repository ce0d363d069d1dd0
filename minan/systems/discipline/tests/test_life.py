"""A report against an official: sealed to the discipline post from its first moment, followed by code and secret alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minan.kernel import access, common, directory, duplicates, inbox, registry, search, sheet, speakers, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.inbox import Wanted
from minan.kernel.models import Body, Case, Clock, Event, Inbox, Message, Tally, User
from minan.kernel.tests import office
from minan.systems.discipline.procedure import PROCEDURE

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
POST, PLACE = "131022-discipline", "131022100010"
WORDS = "村主任金丝雀把低保给了自己的弟弟"

BESIDE_MATTERS = pytest.mark.skipif(registry.get("matter") is None, reason="not run: a report beside a matter (no matters)")


def report(**facts: Any) -> Opened:
    given = {"text": WORDS, "place": PLACE, "place_words": "金丝雀村", "name": "金丝雀", "phone": "13912345678"} | facts
    opened = open_case("report", by=SPEAKER, facts=given, at=AT)
    assert isinstance(opened, Opened), opened
    return opened


def go(case: Case, step: str, who: Any, **facts: Any) -> Case:
    event = act(case, step, by=who, facts=facts, at=AT + timedelta(minutes=case.n))
    assert isinstance(event, Event), (step, event)
    return Case.objects.get(id=case.id)


@pytest.fixture
def zheng(people: dict[str, Any]) -> User:
    """郑明 of the county's discipline post."""
    return people["discipline"]


def test_a_report_lies_with_the_discipline_post_and_its_words_in_the_vault(zheng: User) -> None:
    case = report().case
    assert (case.desk, case.title, case.text, case.place_words, case.privacy) == (POST, "［检举控告］", "", "", "sealed")
    assert set(Inbox.objects.filter(case_id=case.id).values_list("unit", flat=True)) == {f"{POST}:discipline"}
    assert Case.objects.visible_to(zheng).get(code=case.code) == case
    assert [c.id for c in inbox.listed(zheng, Wanted()).items] == [case.id]


def test_nobody_else_learns_that_it_is_there(people: dict[str, Any], city: None) -> None:
    case = report().case
    worker.settle(AT)
    others = [u for u in User.objects.filter(is_active=True) if u.username != "discipline"]
    assert len(others) > 50
    for user in others:
        assert not Case.objects.visible_to(user).filter(id=case.id).exists(), user.username
        assert access.roles_of(actor(user), case.as_view()) == {}, user.username
        assert inbox.counts(user, AT).light["all"] == 0, user.username
    everybody = sorted(directory.city().units)
    for role in ("clerk", "supervisor", "handler", "admin", "audit", "head", "discipline"):
        for unit in everybody[:40] + [POST]:
            who = Actor("staff", 900_001, (access.PostRow(unit, role, "", ""),))
            assert bool(access.roles_of(who, case.as_view())) == (unit == POST and role == "discipline")
    assert search.ids("金丝雀", everybody, ["131022"]) == []
    assert not Tally.objects.exists()
    assert set(Message.objects.filter(channel="board").values_list("to", flat=True)) == {f"{POST}:discipline"}


def test_a_report_lives_from_its_receipt_to_its_answer_and_the_reporter_reads_who_read_it(zheng: User) -> None:
    case, who = report().case, actor(zheng)
    case = go(go(case, "read", who), "take_up", who)
    case = go(case, "add", SPEAKER, words="还有一次，金丝雀在场")
    case = go(case, "answer", who, outcome="upheld", words="查实，已处理")
    assert case.state == "answered"
    case = go(case, "object", SPEAKER, words="还差一个人")
    assert case.state == "taken_up"
    case = go(case, "answer", who, outcome="unproven", words="再查，没有查实")
    refused = act(case, "object", by=SPEAKER, facts={"words": "不服"})
    assert isinstance(refused, Refused)
    steps = [line.event.step for line in sheet.of(case, SPEAKER).lines]
    assert "read" in steps
    known = speakers.known(case, who="speaker", why="own")
    assert known["say.text"] == WORDS
    due = Clock.objects.get(case_id=case.id, name="settle", done_at=None).due_at
    worker.settle(due + timedelta(minutes=1))
    assert Case.objects.get(id=case.id).state == "closed"


def test_who_reported_follows_it_by_code_and_secret_and_by_nothing_else(city: None) -> None:
    opened = report()
    assert speakers.enter(opened.case.code, opened.secret) is not None
    assert speakers.enter(opened.case.code, "0" * 26) is None


@BESIDE_MATTERS
def test_a_matter_of_the_kind_report_goes_to_the_discipline_post_and_no_desk_sees_it(people: dict[str, Any]) -> None:
    facts = {"text": WORDS, "place": PLACE, "kind": "government.report"}
    for by in (SPEAKER, actor(people["clerk"])):
        opened = open_case("matter", by=by, facts=facts, at=AT)
        assert isinstance(opened, Opened)
        assert (opened.case.procedure, opened.case.text) == ("report", "")
        assert access.roles_of(actor(people["clerk"]), opened.case.as_view()) == {}


def test_no_desk_stands_over_the_discipline_post(city: None) -> None:
    posts = [u for u in directory.city().units.values() if u.word == "discipline"]
    assert len(posts) == 12
    assert not any(unit.block for unit in posts)
    assert PROCEDURE.privacy == "sealed"


@BESIDE_MATTERS
def test_no_supervisor_makes_a_report_vanish_by_using_its_key_before(people: dict[str, Any], settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False
    about, other = office.said(text=WORDS), office.assigned(people)
    own = {"words": "快办", "key": speakers.passed_key(about)}
    assert office.signed_in(people["supervisor"]).post(f"/supervise/{other.code}/", own).status_code == 422
    # and were the key taken by whatever way: nothing is erased for a report that is not there
    assert isinstance(act(other, "note", by=actor(people["clerk"]), facts={"words": "x"}, key=speakers.passed_key(about)), Event)
    office.go(about, "pass_on", actor(people["clerk"]))
    office.settled()
    assert speakers.passed_to(about) is None
    assert WORDS in Body.objects.get(case_id=about.id, n=1).text


def test_a_report_without_a_name_is_read_at_every_minute_of_the_hour(zheng: User) -> None:
    opened = open_case("report", by=SPEAKER, facts={"text": WORDS, "place": PLACE}, at=AT, anonymous=True)
    assert isinstance(opened, Opened)
    case = go(opened.case, "read", actor(zheng))
    shown = [common.open_look(case.facts, str(zheng.pk), AT.replace(minute=minute)) is not None for minute in (20, 59)]
    assert shown == [True, True]
    assert common.open_look(case.facts, str(zheng.pk), AT + timedelta(hours=2)) is None


@BESIDE_MATTERS
def test_a_matter_with_the_same_words_is_not_likened_to_a_report(people: dict[str, Any]) -> None:
    report()
    matter = open_case("matter", by=SPEAKER, facts={"text": WORDS, "place": PLACE}, at=AT)
    assert isinstance(matter, Opened)
    assert duplicates.likely(matter.case, people["clerk"], AT) == []
