"""The life of a co-handler's task: asked, signed for, answered, sent back, excused, late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minan.kernel import access, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.directory import PostRow
from minan.kernel.models import Case, Clock, Event, Inbox, Message

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)  # 09:20 in Langfang, a working day
HOUR = timedelta(hours=1)
URBAN, LIGHTING = "131022-urban", "131022-lighting"


def seat(unit: str) -> Actor:
    return Actor("staff", 9001, (PostRow(unit, "handler", "", ""),))


def go(case: Case, step: str, who: Actor, at: datetime, **facts: Any) -> Event:
    event = act(case, step, by=who, facts=facts, at=at)
    assert isinstance(event, Event), (step, event)
    case.refresh_from_db()
    return event


def asked(people: dict[str, Any]) -> tuple[Case, Case]:
    """A matter with the lighting office, and the task of the urban one."""
    pytest.importorskip("minan.systems.matters.procedure", reason="no folder of matters to help with")
    said = {"text": "灯杆旁路面塌了，灯也不亮", "place": "131022100010", "kind": "lamp.out"}
    opened = open_case("matter", by=SPEAKER, facts=said, at=MONDAY)
    assert isinstance(opened, Opened)
    clerk = actor(people["clerk"])
    go(opened.case, "accept", clerk, MONDAY)
    go(opened.case, "assign", clerk, MONDAY, unit=LIGHTING, **{"with": [URBAN], "part": "先把路面补好"})
    return opened.case, Case.objects.get(parent=opened.case.id)


def test_the_task_lies_before_its_unit_with_words_and_clocks_of_its_own(people: dict[str, Any]) -> None:
    matter, task = asked(people)
    assert (task.procedure, task.desk, task.unit, task.ruler) == ("joint", LIGHTING, URBAN, matter.desk)
    assert task.text == matter.text
    assert Inbox.objects.get(case_id=task.id, unit=URBAN).mine
    assert {c.name for c in Clock.objects.filter(case_id=task.id, done_at=None)} == {"sign", "joint"}


def test_signed_and_answered_it_is_over_and_the_lead_hears_of_it(people: dict[str, Any]) -> None:
    matter, task = asked(people)
    go(task, "sign", seat(URBAN), MONDAY + HOUR)
    go(task, "answer", seat(URBAN), MONDAY + 2 * HOUR, words="路面补好了")
    worker.settle(MONDAY + 2 * HOUR)
    assert task.state == "helped"
    assert Message.objects.filter(case_id=task.id, to=LIGHTING).exists()
    matter.refresh_from_db()
    assert [row["state"] for row in matter.facts["joint"].values()] == ["helped"]


def test_it_goes_back_once_and_the_ruling_stands(people: dict[str, Any]) -> None:
    matter, task = asked(people)
    go(task, "send_back", seat(URBAN), MONDAY + HOUR, article="职责清单第 3 条", words="不归我们")
    assert (task.state, Inbox.objects.get(case_id=task.id, mine=True).unit) == ("sent_back", matter.desk)
    go(task, "keep", actor(people["clerk"]), MONDAY + 2 * HOUR, words="路面归你们")
    again = act(task, "send_back", by=seat(URBAN), facts={"article": "第 3 条", "words": "还是不归"}, at=MONDAY + 3 * HOUR)
    assert isinstance(again, Refused)
    assert again.rule == "returns_once"


def test_only_the_desk_of_the_matter_excuses(people: dict[str, Any]) -> None:
    _matter, task = asked(people)
    own = act(task, "excuse", by=actor(people["handler"]), facts={"words": "不用了"}, at=MONDAY)
    assert isinstance(own, Refused)
    assert own.status == 403
    go(task, "excuse", actor(people["clerk"]), MONDAY + HOUR, words="不涉及路面")
    assert task.state == "excused"


def test_past_its_time_it_is_reminded_and_goes_up(people: dict[str, Any]) -> None:
    _matter, task = asked(people)
    for days in (1, 7, 12):
        worker.settle(MONDAY + timedelta(days=days))
    steps = list(Event.objects.filter(case_id=task.id).values_list("step", flat=True))
    assert "remind" in steps
    assert "go_up" in steps


def test_the_next_township_neither_sees_nor_answers_it(people: dict[str, Any]) -> None:
    _matter, task = asked(people)
    assert access.roles_of(actor(people["stranger"]), task.as_view()) == {}
    with pytest.raises(Case.DoesNotExist):
        act(task, "answer", by=actor(people["stranger"]), facts={"words": "我来"})
