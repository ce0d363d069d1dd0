"""P9: nobody opens who spoke, or what was said in confidence, by themselves; each opening is one event its speaker reads."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from minan import cli
from minan.channels.web.tests import phone
from minan.kernel import common, looks, sheet, speakers, worker
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Clock, Event, Look, Message, Post, User
from minan.kernel.tests.desks import desk_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.bar("P9")]
NUMBER, NAME, WORDS, SECRET = "13987654321", "王金丝雀", "小区路灯不亮", "说不得的金丝雀"
GROUND = "look_review"
WHY = {"what": "identity", "ground": GROUND, "words": "回访核实"}


def say(**facts: Any) -> Case:
    given = {"text": WORDS, "place": "131022100010", "kind": "lamp.out", "phone": NUMBER, "name": NAME} | facts
    opened = open_case("matter", by=SPEAKER, facts=given)
    assert isinstance(opened, Opened)
    return opened.case


def take(case: Case, step: str, user: User, at: datetime | None = None, key: str | None = None, **facts: Any) -> Event | Refused:
    return act(Case.objects.get(id=case.id), step, by=actor(user), facts=facts, at=at, key=key)


def rule(done: Event | Refused) -> str:
    assert isinstance(done, Refused), "it was allowed"
    return done.rule


def shown(user: User, case: Case) -> bool:
    """Whether the person's page of the case holds the number or the sealed words."""
    page = text_of(desk_of(user.username).get(f"/desk/{case.code}/"))
    return any(word in page for word in (NUMBER, NAME, SECRET))


@pytest.fixture
def case(city: None) -> Case:
    return say()


@pytest.fixture
def sealed(city: None) -> Case:
    return say(confidential="on", text=SECRET)


def asked(case: Case, user: User, **more: Any) -> None:
    assert take(case, "ask_look", user, **(WHY | more))


def test_two_people_of_two_units_open_it_for_ten_minutes_and_the_speaker_reads_who_and_why(people: dict[str, User], case: Case) -> None:
    sun, chen = people["supervisor"], people["clerk"]
    asked(case, sun)
    assert take(case, "allow_look", chen)
    assert not shown(sun, case)
    assert take(case, "look", sun)
    assert shown(sun, case)
    assert not shown(chen, case)
    assert Event.objects.filter(case_id=case.id, step="look").count() == 1
    worker.settle()
    told = Message.objects.filter(case_id=case.id, to="speaker", n=Event.objects.get(case_id=case.id, step="look").n)
    assert told.filter(channel="page").exists()
    line = next(one for one in sheet.of(Case.objects.get(id=case.id), SPEAKER).lines if one.event.step == "look")
    assert line.note == {"what": "identity", "ground": GROUND, "words": "回访核实", "second": "131022100-station"}
    later = datetime.now(UTC) + common.SHOWN_FOR + timedelta(seconds=1)
    assert common.open_look(Case.objects.get(id=case.id).facts, str(sun.pk), later) is None


def test_the_speakers_own_page_lists_the_look(people: dict[str, User]) -> None:
    browser = Client()
    case, _secret = phone.said(browser, text=WORDS, phone=NUMBER, place="131022100010")
    asked(case, people["supervisor"])
    assert take(case, "allow_look", people["clerk"])
    assert take(case, "look", people["supervisor"])
    page = text_of(browser.get(f"/m/{case.code}/"))
    assert "固安县群众服务中心" in page
    assert "回访核实" in page
    assert "《信访工作条例》第三十五条" in page


def test_nobody_looks_without_a_second_person(people: dict[str, User], case: Case) -> None:
    sun = people["supervisor"]
    assert rule(take(case, "look", sun)) == "allowed_now"
    asked(case, sun)
    assert rule(take(case, "look", sun)) == "allowed_now"
    assert rule(take(case, "allow_look", sun)) == "not_self"
    assert not shown(sun, case)


def test_a_colleague_of_the_same_unit_cannot_allow_it_whichever_post_they_act_by(people: dict[str, User], case: Case) -> None:
    chen, ma = people["clerk"], people["gu.clerk2"]
    asked(case, chen)
    assert rule(take(case, "allow_look", ma)) == "another_unit"
    sun = people["supervisor"]
    Post.objects.create(user=sun, unit_id="131022100-station", role="clerk")
    from minan.kernel import directory

    directory.touch()
    assert rule(take(case, "allow_look", sun)) == "another_unit"
    assert not shown(chen, case)


def test_what_was_allowed_a_day_ago_or_asked_a_day_ago_is_over(people: dict[str, User], case: Case) -> None:
    sun, chen, now = people["supervisor"], people["clerk"], datetime.now(UTC)
    asked(case, sun)
    assert rule(take(case, "allow_look", chen, at=now + timedelta(hours=25))) == "is_asked"
    assert take(case, "allow_look", chen)
    assert rule(take(case, "look", sun, at=now + timedelta(hours=24, minutes=1))) == "allowed_now"


def test_an_answer_is_used_up_and_a_form_sent_again_opens_nothing_anew(people: dict[str, User], case: Case) -> None:
    sun, chen = people["supervisor"], people["clerk"]
    asked(case, sun)
    assert take(case, "allow_look", chen)
    assert rule(take(case, "allow_look", chen)) == "is_asked"
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    assert take(case, "look", sun, at=long_ago, key="k" * 32)
    again = take(case, "look", sun, key="k" * 32)
    assert isinstance(again, Event)
    assert Event.objects.filter(case_id=case.id, step="look").count() == 1
    assert not shown(sun, case)


def test_a_call_sent_again_after_its_ten_minutes_shows_no_number(people: dict[str, User], case: Case) -> None:
    browser, key = desk_of("clerk"), "0" * 31 + "1"
    assert act(case, "call", by=actor(people["clerk"]), key=key, at=datetime.now(UTC) - timedelta(minutes=11))
    browser.post(f"/desk/{case.code}/call/", {"key": key, "moves": str(Case.objects.get(id=case.id).moves)})
    assert NUMBER not in text_of(browser.get(f"/desk/{case.code}/"))


def test_who_was_not_allowed_reads_nothing_by_another_persons_look(people: dict[str, User], sealed: Case) -> None:
    sun, chen = people["supervisor"], people["clerk"]
    asked(sealed, chen, what="text", ground="look_words")
    assert take(sealed, "allow_look", sun)
    assert take(sealed, "look", chen)
    assert shown(chen, sealed)
    assert not shown(sun, sealed)


def test_more_than_ten_a_day_are_stopped_and_the_level_above_is_told(people: dict[str, User]) -> None:
    sun, chen = people["supervisor"], people["clerk"]
    for n in range(11):
        case = say(text=f"{WORDS}{n}")
        asked(case, sun)
        assert take(case, "allow_look", chen)
        done = take(case, "look", sun)
        assert isinstance(done, Event) == (n < looks.MOST), n
    assert rule(done) == "within_ten"
    assert Look.objects.filter(user=sun).count() == looks.MOST
    alarm = Message.objects.get(channel="board", words__contains="已看满")
    assert alarm.to == "1310-centre"
    assert "1 件" not in alarm.words
    assert "已看满" in text_of(desk_of("city.super").get("/board/"))


def test_two_looks_at_once_do_not_take_the_same_place_of_the_ten(people: dict[str, User], monkeypatch: Any) -> None:
    sun = people["supervisor"]
    for n in range(2):
        case = say(text=f"{WORDS}{n}")
        asked(case, sun)
        assert take(case, "allow_look", people["clerk"])
        if n:
            seen = [1, 0, 0]  # the first look as others still saw it: twice none, then as it is
            monkeypatch.setattr(looks, "today", lambda _p, _at, seen=seen: seen.pop() if len(seen) > 1 else seen[0])
        assert take(case, "look", sun)
    assert sorted(Look.objects.filter(user=sun).values_list("slot", flat=True)) == [1, 2]


# ---- other ways in


def commands() -> Iterator[str]:
    for module in cli.modules():
        yield module.NAME


def test_no_command_of_the_administrator_prints_who_spoke(people: dict[str, User], case: Case, capsys: Any, tmp_path: Any) -> None:
    """Every command that only reads, run as it stands; those that write are named and refused a look by the keeper's own rule."""
    for name in ("doctor", "verify"):
        if name in set(commands()):
            with _quiet():
                cli.main([name])
    dumped = io.StringIO()
    with _quiet():
        call_command("dumpdata", "kernel.Speaker", "kernel.Case", "kernel.Body", "kernel.Message", stdout=dumped)
    told = capsys.readouterr()
    for text in (told.out, told.err, dumped.getvalue()):
        assert NUMBER not in text
        assert NAME not in text


class _quiet:
    """A command may end as it likes: what it printed is what counts."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, *rest: Any) -> bool:
        return kind is not None and issubclass(kind, SystemExit | CommandError | Exception)


@pytest.mark.parametrize(("why", "event"), [("unmask", ""), ("look", ""), ("glass", ""), ("export", "ab" * 32), ("", "ab" * 32)])
def test_the_keeper_opens_nothing_without_an_event_and_a_reason_it_knows(people: dict[str, User], case: Case, why: str, event: str) -> None:
    from minan.kernel import vault

    with pytest.raises(vault.Sealed):
        speakers.known(case, who=f"user:{people['admin'].pk}", why=why, event=event)


def test_who_reads_the_tables_as_the_report_role_finds_no_number(case: Case) -> None:
    """What a read-only role of the database sees: every column of every table of the kernel, as text."""
    from django.apps import apps

    found = []
    for model in apps.get_app_config("kernel").get_models():
        for row in model._default_manager.values_list():
            text = " ".join(bytes(v).decode("latin1") if isinstance(v, bytes | memoryview) else str(v) for v in row)
            if re.search(f"{NUMBER}|{NAME}", text):
                found.append(model.__name__)
    assert found == []


# ---- a deferral in writing

PAPER = {"article": "刑事诉讼法第一百五十四条", "document": "固公刑〔2026〕7号", "days": 30}


def test_while_telling_is_deferred_the_page_and_the_notices_are_silent_and_then_tell_all(people: dict[str, User], case: Case) -> None:
    sun, chen, city_super = people["supervisor"], people["clerk"], people["city.super"]
    asked(case, sun, ground="look_criminal")
    assert take(case, "defer", chen, **PAPER)
    assert take(case, "allow_look", chen)
    assert take(case, "look", sun)
    worker.settle()
    fresh = Case.objects.get(id=case.id)
    assert "look" not in [one.event.step for one in sheet.of(fresh, SPEAKER).lines]
    assert "deferral" not in [one.name for one in sheet.of(fresh, SPEAKER).clocks]
    assert fresh.light != "deferral"
    hidden = Event.objects.get(case_id=case.id, step="look").n
    assert not Message.objects.filter(case_id=case.id, n=hidden, to="speaker").exists()
    assert rule(take(case, "defer", chen, **PAPER)) == "only_above_renews"
    assert rule(take(case, "defer", city_super, **(PAPER | {"days": 31}))) == "days_fit"
    end = Clock.objects.get(case_id=case.id, name="deferral", done_at=None).due_at
    worker.settle(end + timedelta(minutes=1))
    fresh = Case.objects.get(id=case.id)
    lines = {one.event.step: one for one in sheet.of(fresh, SPEAKER, end + timedelta(hours=1)).lines}
    assert {"look", "told"} <= lines.keys()
    assert lines["told"].note["document"] == PAPER["document"]
    assert Message.objects.filter(case_id=case.id, n=lines["told"].event.n, to="speaker").exists()


def test_a_deferral_outlives_the_matters_end(people: dict[str, User], case: Case) -> None:
    assert take(case, "defer", people["clerk"], **PAPER)
    assert act(Case.objects.get(id=case.id), "withdraw", by=SPEAKER)
    running = Clock.objects.get(case_id=case.id, name="deferral")
    assert running.done_at is None
    assert Case.objects.get(id=case.id).due_at is None
    worker.settle(running.due_at + timedelta(minutes=1))
    assert Event.objects.filter(case_id=case.id, step="told").exists()


def test_the_level_above_may_renew_it(people: dict[str, User], case: Case) -> None:
    assert take(case, "defer", people["clerk"], **PAPER)
    assert take(case, "defer", people["supervisor"], **PAPER)
    assert Case.objects.get(id=case.id).facts["deferred"]["times"] == 2
    assert Clock.objects.filter(case_id=case.id, name="deferral", done_at=None).count() == 1


# ---- each defence bites

BITES = {
    "not_self": test_nobody_looks_without_a_second_person,
    "another_unit": test_a_colleague_of_the_same_unit_cannot_allow_it_whichever_post_they_act_by,
    "allowed_now": test_what_was_allowed_a_day_ago_or_asked_a_day_ago_is_over,
    "is_asked": test_an_answer_is_used_up_and_a_form_sent_again_opens_nothing_anew,
}


@pytest.mark.parametrize("name", sorted(BITES))
def test_the_check_bites_where_a_rule_is_taken_out(people: dict[str, User], case: Case, monkeypatch: Any, name: str) -> None:
    from dataclasses import replace

    from minan.kernel import registry

    matter = registry.procedures()["matter"]
    steps = tuple(replace(s, rules=tuple(r for r in s.rules if r.__name__ != name)) for s in matter.steps)
    monkeypatch.setitem(registry.procedures(), "matter", replace(matter, steps=steps))
    with pytest.raises((AssertionError, TypeError)):
        BITES[name](people, case)


def test_the_check_bites_where_the_budget_is_taken_out(people: dict[str, User], monkeypatch: Any) -> None:
    monkeypatch.setattr(common, "MOST", 1000)
    with pytest.raises(AssertionError):
        test_more_than_ten_a_day_are_stopped_and_the_level_above_is_told(people)


def test_the_check_bites_where_a_deferral_keeps_nothing_back(people: dict[str, User], case: Case, monkeypatch: Any) -> None:
    monkeypatch.setattr(common, "hushed", lambda *_: False)
    with pytest.raises(AssertionError):
        test_while_telling_is_deferred_the_page_and_the_notices_are_silent_and_then_tell_all(people, case)
