"""A township whistles, the departments come, and both sides write down when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minan.kernel import worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.directory import PostRow
from minan.kernel.models import Case, Event, Message

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
MEET = "2026-11-16T14:00"  # local: 06:00 UTC
FACTS = {"with": ["131022-urban", "131022-lighting"], "meet_at": MEET, "where": "小区东门", "words": "一起定怎么修"}


def seat(unit: str, person: int = 9001) -> Actor:
    return Actor("staff", person, (PostRow(unit, "handler", "", ""),))


def go(case: Case, step: str, who: Actor, at: datetime, **facts: Any) -> Event:
    event = act(case, step, by=who, facts=facts, at=at)
    assert isinstance(event, Event), (step, event)
    case.refresh_from_db()
    return event


def whistled(people: dict[str, Any]) -> tuple[Case, Case, Case]:
    pytest.importorskip("minan.systems.matters.procedure", reason="no folder of matters to whistle from")
    said = {"text": "东门外路面塌了，灯杆也歪了", "place": "131022100010", "kind": "lamp.out"}
    opened = open_case("matter", by=SPEAKER, facts=said, at=MONDAY)
    assert isinstance(opened, Opened)
    clerk = actor(people["clerk"])
    go(opened.case, "accept", clerk, MONDAY)
    go(opened.case, "whistle", clerk, MONDAY, **FACTS)
    one, two = Case.objects.filter(parent=opened.case.id).order_by("unit")
    return opened.case, one, two  # lighting, urban


def test_each_called_unit_has_its_own_case_and_answers_within_its_time(people: dict[str, Any]) -> None:
    matter, lighting, urban = whistled(people)
    assert (lighting.desk, lighting.unit, lighting.state) == (matter.desk, "131022-lighting", "called")
    go(lighting, "come", seat("131022-lighting"), MONDAY + HOUR, words="老李来")
    worker.settle(MONDAY + 3 * HOUR)
    steps = {c.unit: list(Event.objects.filter(case_id=c.id).values_list("step", flat=True)) for c in (lighting, urban)}
    assert "remind" not in steps["131022-lighting"]
    assert "remind" in steps["131022-urban"]


def test_arrival_stands_on_the_record_only_when_both_sides_wrote_it(people: dict[str, Any]) -> None:
    matter, lighting, _urban = whistled(people)
    at = datetime(2026, 11, 16, 6, 10, tzinfo=UTC)
    go(lighting, "arrive", seat("131022-lighting"), at, came_at="2026-11-16T13:55")
    assert lighting.state == "half"
    twice = act(lighting, "arrive", by=seat("131022-lighting"), facts={}, at=at)
    assert isinstance(twice, Refused)
    assert twice.rule == "not_noted"
    go(lighting, "arrive", actor(people["clerk"]), at, words="定了今天换灯杆")
    assert lighting.state == "met"
    came = lighting.facts["came"]
    assert came["lead"].startswith("2026-11-16T13:55")
    assert came["desk"] == at.isoformat()
    matter.refresh_from_db()
    assert next(r for r in matter.facts["whistles"].values() if r["unit"] == "131022-lighting")["state"] == "met"


def test_who_is_not_there_is_told_above_and_noted_as_missing(people: dict[str, Any]) -> None:
    matter, _lighting, urban = whistled(people)
    early = act(urban, "miss", by=actor(people["clerk"]), facts={"words": "没来"}, at=MONDAY + HOUR)
    assert isinstance(early, Refused)
    assert early.rule == "is_over"
    worker.settle(datetime(2026, 11, 16, 6, 31, tzinfo=UTC))
    urban.refresh_from_db()
    assert urban.marks["late_whistle"]
    go(urban, "miss", actor(people["clerk"]), datetime(2026, 11, 16, 7, 0, tzinfo=UTC), words="等到三点没有来")
    worker.settle(datetime(2026, 11, 16, 7, 1, tzinfo=UTC))
    assert Message.objects.filter(case_id=urban.id, to="131022-centre").exists()
    matter.refresh_from_db()
    assert [r["state"] for r in matter.facts["whistles"].values() if r["unit"] == "131022-urban"] == ["missed"]


def test_nobody_arrives_in_the_future_and_nobody_whistles_for_yesterday_or_for_themselves(people: dict[str, Any]) -> None:
    matter, lighting, _urban = whistled(people)
    ahead = act(lighting, "arrive", by=seat("131022-lighting"), facts={"came_at": "2026-11-16T15:00"}, at=MONDAY)
    assert isinstance(ahead, Refused)
    assert ahead.rule == "not_ahead"
    clerk = actor(people["clerk"])
    for wrong, rule in (({"meet_at": "2026-11-15T09:00"}, "soon"), ({"with": [matter.desk]}, "summoned_fit")):
        done = act(matter, "whistle", by=clerk, facts=FACTS | wrong, at=MONDAY)
        assert isinstance(done, Refused)
        assert done.rule == rule


def test_the_next_township_neither_sees_nor_answers_a_whistle(people: dict[str, Any]) -> None:
    _matter, lighting, _urban = whistled(people)
    with pytest.raises(Case.DoesNotExist):
        act(lighting, "come", by=actor(people["stranger"]), facts={})
    assert not Case.objects.visible_to(people["stranger"]).filter(id=lighting.id).exists()
