"""A property manager is asked by a link, answers once, and sees nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from minan.kernel import family, speakers, worker
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Event

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
SAID = "三号楼电梯困人，我住五零二，孩子吓哭了"


def go(case: Case, step: str, who: Any, at: datetime, **facts: Any) -> Event:
    event = act(case, step, by=who, facts=facts, at=at)
    assert isinstance(event, Event), (step, event)
    case.refresh_from_db()
    return event


def asked(people: dict[str, Any], key: str | None = None) -> tuple[Case, Case, str]:
    """The matter, the question to the property manager, the secret of the link."""
    pytest.importorskip("minan.systems.matters.procedure", reason="no folder of matters to ask from")
    opened = open_case("matter", by=SPEAKER, facts={"text": SAID, "place": "131022100010", "kind": "lamp.out"}, at=MONDAY)
    assert isinstance(opened, Opened)
    go(opened.case, "accept", actor(people["clerk"]), MONDAY)
    go(opened.case, "assign", actor(people["clerk"]), MONDAY, unit="131022-lighting")
    event = act(
        opened.case, "ask_outside", by=actor(people["handler"]), at=MONDAY, key=key,
        facts={"party": "幸福物业", "words": "三号楼电梯什么时候修好？请附维保单照片"},
    )  # fmt: skip
    assert isinstance(event, Event)
    opened.case.refresh_from_db()
    question = Case.objects.get(parent=opened.case.id)
    return opened.case, question, family.link_of(question)


def test_the_link_opens_the_question_and_no_word_of_who_spoke(people: dict[str, Any]) -> None:
    matter, question, secret = asked(people)
    assert speakers.enter(question.code, secret) == question
    assert speakers.enter(matter.code, secret) is None
    manager = Client()
    manager.post(f"/m/{question.code}/", {"code": question.code, "secret": secret})
    page = manager.get(f"/m/{question.code}/").content.decode()
    assert "三号楼电梯什么时候修好" in page
    assert "孩子" not in page
    assert matter.code not in page
    assert "孩子" not in str(Event.objects.filter(case_id=question.id).values()) + question.text + str(question.facts)


def test_the_answer_reaches_the_lead_and_the_link_is_used_up(people: dict[str, Any]) -> None:
    matter, question, _secret = asked(people)
    go(question, "answer", SPEAKER, MONDAY + HOUR, words="明天上午换钢丝绳。")
    assert question.state == "replied"
    again = act(question, "answer", by=SPEAKER, facts={"words": "改一下"}, at=MONDAY + 2 * HOUR)
    assert isinstance(again, Refused)
    matter.refresh_from_db()
    assert [row["state"] for row in matter.facts["outside"].values()] == ["replied"]
    assert "outside" not in matter.marks
    assert Event.objects.filter(case_id=matter.id, step="outside_back").count() == 1


def test_after_fourteen_days_the_link_answers_nothing_any_more(people: dict[str, Any]) -> None:
    _matter, question, _secret = asked(people)
    worker.settle(MONDAY + timedelta(days=16))
    question.refresh_from_db()
    assert question.state == "expired"
    late = act(question, "answer", by=SPEAKER, facts={"words": "晚了"}, at=MONDAY + timedelta(days=17))
    assert isinstance(late, Refused)


def test_the_same_press_twice_gives_the_same_link_and_one_question(people: dict[str, Any]) -> None:
    matter, question, _secret = asked(people, key="press-1")
    facts = {"party": "幸福物业", "words": "三号楼电梯什么时候修好？请附维保单照片"}
    again = act(matter, "ask_outside", by=actor(people["handler"]), facts=facts, at=MONDAY, key="press-1")
    assert isinstance(again, Event)
    assert Case.objects.filter(parent=matter.id).count() == 1
    assert Case.objects.get(parent=matter.id) == question


def test_the_link_stands_on_the_page_of_who_asked_and_of_nobody_else(people: dict[str, Any]) -> None:
    _matter, question, secret = asked(people)
    path = f"/desk/{question.code}/link/"
    seen = {}
    for name in ("handler", "clerk", "stranger"):
        client = Client()
        client.force_login(people[name])
        session = client.session
        session["second_factor"] = True
        session.save()
        seen[name] = client.get(path)
    assert secret in seen["handler"].content.decode()
    assert [seen[name].status_code for name in ("handler", "clerk", "stranger")] == [200, 404, 404]
