"""Systems that know each other by name alone, met in truth: what one opens the other takes, in its own words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from minan.kernel import registry
from minan.kernel.access import CLOCK, SPEAKER, actor
from minan.kernel.act import Opened, act, open_case
from minan.kernel.models import Case

pytestmark = pytest.mark.django_db
VILLAGE = "131022100010"
EVERY = {"help", "alarm", "improvement", "visit_care", "matter"}


def test_all_parts_are_here() -> None:
    assert set(registry.procedures()) >= EVERY


def test_a_forced_door_is_an_alarm_of_who_looks_after_it_and_is_over_when_it_is_shut(people: dict[str, Any]) -> None:
    from minan.systems.doors import heard
    from minan.systems.doors.tests.office import court

    place = court()
    heard.state(place.entrance, {"forced": True}, timezone.now())
    case = Case.objects.get(procedure="alarm")
    assert case.unit == place.compound.unit or case.desk == place.compound.unit
    assert "3 号楼 2 单元" in case.title
    assert Case.objects.visible_to(people["worker"]).filter(id=case.id).exists()
    assert not Case.objects.visible_to(people["stranger"]).filter(id=case.id).exists()
    place.entrance.refresh_from_db()
    heard.state(place.entrance, {"forced": True}, timezone.now())  # said again: the same alarm
    assert Case.objects.filter(procedure="alarm").count() == 1
    place.entrance.refresh_from_db()
    heard.state(place.entrance, {}, timezone.now())
    case.refresh_from_db()
    assert case.open, "a human looks before it is closed"
    place.entrance.refresh_from_db()
    heard.state(place.entrance, {"forced": True}, timezone.now() + timedelta(minutes=3))  # again, before anybody has looked
    assert Case.objects.filter(procedure="alarm").count() == 1


def test_whoever_finds_danger_at_a_visit_calls_for_help_in_one_step(people: dict[str, Any]) -> None:
    facts = {"place": VILLAGE, "name": "孙长河", "phone": "13800000066", "address": "5 号楼 1 单元 302"}
    visit = open_case("visit_care", by=CLOCK, facts=_needed("visit_care", facts), at=datetime.now(UTC))
    assert isinstance(visit, Opened), visit
    done = act(visit.case, "call_help", by=actor(people["worker"]), facts={"where": "人倒在地上，叫不醒，5 号楼 302"})
    assert done, done
    call = Case.objects.get(procedure="help")
    assert call.facts.get("how") == "care"
    assert call.urgency == "emergency"
    assert call.state == "ringing"
    assert Case.objects.visible_to(people["worker"]).filter(id=call.id).exists()


def test_a_matter_and_a_call_begin_an_improvement_of_their_own_desk(people: dict[str, Any]) -> None:
    said = open_case("matter", by=SPEAKER, facts={"text": "路灯总坏", "place": VILLAGE, "kind": "lamp.out"})
    assert isinstance(said, Opened)
    assert act(said.case, "accept", by=actor(people["clerk"]))
    step = registry.procedures()["matter"].step("improve")
    assert step is not None
    done = act(said.case, "improve", by=actor(people["clerk"]), facts={"title": "这条街的灯", "words": "一年坏了八次"})
    assert done, done
    project = Case.objects.get(procedure="improvement")
    assert project.open
    assert "王" not in project.title


def _needed(name: str, facts: dict[str, Any]) -> dict[str, Any]:
    """The given facts that its opening asks for, and what it needs besides."""
    known = {f.name: f for f in registry.procedures()[name].opening.fields}
    out = {key: value for key, value in facts.items() if key in known}
    for field in known.values():
        if field.required and field.name not in out and field.type == "choice":
            out[field.name] = field.options[0][0]
    return out
