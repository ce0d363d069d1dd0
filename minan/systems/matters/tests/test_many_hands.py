"""Several units on one matter: who is asked, who answers, who waits for whom, and that no race gets past it."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from minan.kernel import access, directory, speakers, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Refused, act
from minan.kernel.directory import PostRow
from minan.kernel.models import Body, Case, Clock, Event, Inbox, Message, Tally
from minan.systems.matters.tests.test_life import MONDAY, go, photo, say

pytestmark = pytest.mark.django_db
URBAN, HOUSING, LIGHTING = "131022-urban", "131022-housing", "131022-lighting"
HOUR = timedelta(hours=1)


def seat(unit: str, role: str = "handler", person: int = 9001) -> Actor:
    return Actor("staff", person, (PostRow(unit, role, "", ""),))


def child(case: Case, unit: str = "", procedure: str = "joint") -> Case:
    rows = Case.objects.filter(parent=case.id, procedure=procedure)
    return (rows.filter(unit=unit) if unit else rows).latest("id")


def refused(case: Case, step: str, who: Actor, at: Any, **facts: Any) -> Refused:
    done = act(case, step, by=who, facts=facts, at=at)
    assert isinstance(done, Refused), done
    return done


def assigned(people: dict[str, Any], *helpers: str) -> Case:
    case = say().case
    clerk = actor(people["clerk"])
    go(case, "accept", clerk, MONDAY + timedelta(minutes=5))
    go(case, "assign", clerk, MONDAY + timedelta(minutes=10), unit=LIGHTING, **{"with": list(helpers)})
    go(case, "sign", actor(people["handler"]), MONDAY + timedelta(minutes=20))
    return case


def answer(case: Case, people: dict[str, Any], at: Any) -> Any:
    facts = {"outcome": "solved", "words": "三盏都亮了", "photos": [photo()]}
    return act(case, "answer", by=actor(people["handler"]), facts=facts, at=at)


def test_the_lead_waits_for_both_co_handlers_and_one_may_be_excused_by_the_desk(people: dict[str, Any]) -> None:
    case = assigned(people, URBAN, HOUSING)
    one, two = child(case, URBAN), child(case, HOUSING)
    assert (one.state, one.desk, one.ruler, one.title) == ("asked", LIGHTING, case.desk, case.title)
    assert case.marks["joint"] == 2
    due = Clock.objects.get(case_id=one.id, name="joint").due_at
    assert due < Clock.objects.get(case_id=case.id, name="answer").due_at
    blocked = answer(case, people, MONDAY + HOUR)
    assert isinstance(blocked, Refused)
    assert blocked.rule == "all_in"
    assert "城" in blocked.reason.zh
    go(one, "sign", seat(URBAN), MONDAY + HOUR)
    go(one, "answer", seat(URBAN), MONDAY + 2 * HOUR, words="路面补好了，灯杆可以进场")
    case.refresh_from_db()
    assert case.marks["joint"] == 1
    assert Event.objects.filter(case_id=case.id, step="joint_back").count() == 1
    assert isinstance(answer(case, people, MONDAY + 3 * HOUR), Refused)
    # the lead may not excuse it, the desk may
    assert refused(two, "excuse", seat(LIGHTING), MONDAY + 3 * HOUR, words="不用了").status == 403
    go(two, "excuse", actor(people["clerk"]), MONDAY + 3 * HOUR, words="不涉及房屋")
    assert two.state == "excused"
    assert isinstance(answer(case, people, MONDAY + 4 * HOUR), Event)
    case.refresh_from_db()
    assert case.state == "answered"
    assert "joint" not in case.marks


def test_a_co_handler_reads_the_matter_and_the_next_township_reads_neither(people: dict[str, Any]) -> None:
    case = assigned(people, URBAN)
    helper, task = seat(URBAN), child(case, URBAN)
    assert access.roles_of(helper, case.as_view()).keys() == {"staff"}
    assert Inbox.objects.get(case_id=task.id, unit=URBAN).mine
    assert access.roles_of(actor(people["stranger"]), task.as_view()) == {}
    with pytest.raises(Case.DoesNotExist):
        act(task, "answer", by=actor(people["stranger"]), facts={"words": "我来"})
    with pytest.raises(Case.DoesNotExist):
        act(task, "answer", by=seat(HOUSING, person=9002), facts={"words": "我来"})


def test_the_lead_asks_one_more_and_nobody_is_asked_twice_at_once(people: dict[str, Any]) -> None:
    case = assigned(people, URBAN)
    lead = actor(people["handler"])
    assert refused(case, "ask_help", lead, MONDAY + HOUR, **{"with": [URBAN], "part": "一起"}).rule == "helpers_fit"
    assert refused(case, "ask_help", lead, MONDAY + HOUR, **{"with": [LIGHTING], "part": "一起"}).rule == "helpers_fit"
    assert refused(case, "ask_help", lead, MONDAY + HOUR, **{"with": ["131022100010-point"], "part": "修"}).rule == "not_pushed_down"
    go(case, "ask_help", lead, MONDAY + HOUR, **{"with": [HOUSING], "part": "查楼道线路"})
    assert {row["unit"] for row in case.facts["joint"].values()} == {URBAN, HOUSING}


def test_when_the_matter_is_withdrawn_its_tasks_are_called_off(people: dict[str, Any]) -> None:
    case = assigned(people, URBAN)
    go(case, "withdraw", SPEAKER, MONDAY + HOUR)
    worker.settle(MONDAY + HOUR)
    task = child(case, URBAN)
    assert task.state == "called_off"
    assert Message.objects.filter(case_id=task.id, to=URBAN).exists()
    assert not Clock.objects.filter(case_id=task.id, done_at=None).exists()


def test_another_lead_gets_the_answers_and_a_wall_stands_before_the_task_too(people: dict[str, Any]) -> None:
    case = assigned(people, URBAN)
    go(case, "send_back", actor(people["handler"]), MONDAY + HOUR, article="第 1 条", words="不归我们")
    go(case, "rule_return", actor(people["clerk"]), MONDAY + 2 * HOUR, unit=HOUSING, words="归住建")
    worker.settle(MONDAY + 2 * HOUR)
    assert child(case, URBAN).desk == HOUSING
    go(case, "wall", actor(people["clerk"]), MONDAY + 3 * HOUR, about=URBAN, words="说的就是他们")
    worker.settle(MONDAY + 3 * HOUR)
    task = child(case)
    assert f"unit:{URBAN}" in task.walls
    assert access.roles_of(seat(URBAN), task.as_view()) == {}


def test_tasks_stand_in_no_count_of_what_people_said(people: dict[str, Any]) -> None:
    assigned(people, URBAN, HOUSING)
    worker.settle(MONDAY + HOUR)
    assert Tally.objects.get(place="131022000000", by="all", key="", county="131022").opened == 1


def test_a_part_split_off_has_its_own_code_and_the_same_speaker_and_the_whole_waits_for_it(people: dict[str, Any]) -> None:
    opened = say()
    case, clerk = opened.case, actor(people["clerk"])
    go(case, "accept", clerk, MONDAY)
    go(case, "split", clerk, MONDAY, text="垃圾桶也满了没人清", part_kind="lamp.pole")
    part = child(case, procedure="matter")
    assert speakers.enter(part.code, opened.secret) is not None
    assert part.code != case.code
    assert (part.state, part.desk, case.marks["parts"]) == ("said", case.desk, 1)
    go(case, "assign", clerk, MONDAY, unit=LIGHTING)
    go(case, "sign", actor(people["handler"]), MONDAY)
    blocked = answer(case, people, MONDAY + HOUR)
    assert isinstance(blocked, Refused)
    assert blocked.rule == "all_in"
    go(part, "accept", clerk, MONDAY + HOUR)
    assert refused(part, "split", clerk, MONDAY + HOUR, text="再拆").rule == "is_whole"
    go(part, "withdraw", SPEAKER, MONDAY + HOUR)
    case.refresh_from_db()
    assert "parts" not in case.marks
    assert isinstance(answer(case, people, MONDAY + 2 * HOUR), Event)


def test_a_confidential_matter_gives_its_helper_no_word(people: dict[str, Any]) -> None:
    case = say(privacy="confidential").case
    clerk = actor(people["clerk"])
    go(case, "accept", clerk, MONDAY)
    go(case, "assign", clerk, MONDAY, unit=LIGHTING, **{"with": [URBAN]})
    task = child(case, URBAN)
    assert (task.privacy, task.text) == ("confidential", "")
    assert "路灯" not in str(Event.objects.filter(case_id=task.id).values()) + task.title


@pytest.mark.django_db(transaction=True)
def test_the_lead_that_answers_while_another_is_being_asked_finds_that_somebody_was_faster(people: dict[str, Any]) -> None:
    """Both at once, ten times: whoever was first, never an answer beside an open task."""
    for turn in range(10):
        case = assigned(people)
        start, done = threading.Barrier(2), {}

        def both(name: str, work: Any, start: threading.Barrier = start, done: dict[str, Any] = done) -> None:
            start.wait()
            done[name] = work()
            connection.close()

        clerk = actor(people["clerk"])
        jobs = {
            "answer": lambda case=case: answer(Case.objects.get(id=case.id), people, MONDAY + HOUR),
            "ask": lambda case=case, clerk=clerk: act(
                Case.objects.get(id=case.id), "ask_help", by=clerk, facts={"with": [URBAN], "part": "一起"}, at=MONDAY + HOUR
            ),
        }
        threads = [threading.Thread(target=both, args=(name, job)) for name, job in jobs.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        case.refresh_from_db()
        tasks = Case.objects.filter(parent=case.id, closed_at=None).count()
        assert (case.state == "answered") != (tasks == 1), (turn, done)
    directory.forget()


def test_what_is_passed_on_sealed_stays_with_no_helper_either(people: dict[str, Any]) -> None:
    pytest.importorskip("minan.systems.discipline.procedure", reason="no folder of reports")
    case = assigned(people, URBAN)
    task = child(case, URBAN)
    assert "路灯" in task.text
    go(case, "pass_on", actor(people["clerk"]), MONDAY + HOUR)
    worker.settle(MONDAY + HOUR)
    task.refresh_from_db()
    assert (task.state, task.title, task.text) == ("called_off", "", "")
    assert not Body.objects.filter(case_id=task.id, text__contains="路灯").exists()
