"""The demo's story: played through the one door, the same each time, with something true on everybody's desk."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from minan.kernel import inbox, speakers, verify
from minan.kernel.models import Case, Clock, Event, Message, Outbox, User
from minan.systems.matters import demo
from minan.systems.matters.story import lives, scenes, texts

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)  # a Thursday, four in the afternoon
FEW = 70


@pytest.fixture
def story(people: dict[str, Any], settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    demo.seed(NOW, FEW)


def test_every_chain_row_and_picture_of_the_story_holds(story: None) -> None:
    report = verify.check(pages=False)
    assert report.faults == []
    assert report.cases > FEW
    assert report.pictures > 10


def test_time_runs_forward_in_every_matter_and_nothing_lies_in_the_future(story: None) -> None:
    last: dict[Any, datetime] = {}
    for case_id, at in Event.objects.order_by("case_id", "n").values_list("case_id", "at"):
        assert last.get(case_id, at) <= at <= NOW, (Case.objects.get(id=case_id).state, at)
        last[case_id] = at
    opened = list(Case.objects.order_by("id").values_list("opened_at", flat=True))
    assert opened == sorted(opened)


def test_all_six_people_find_something_on_their_desk_today(story: None) -> None:
    for name, least in (("worker", 5), ("handler", 10), ("clerk", 6), ("supervisor", 3)):
        found = inbox.counts(User.objects.get(username=name), NOW)["light"]
        assert found["mine"] >= least, (name, found)
    own = speakers.own(User.objects.get(username="resident"))
    assert len(own) == 5
    assert len({c.state for c in own}) >= 4
    lights = inbox.counts(User.objects.get(username="handler"), NOW)["light"]
    assert lights["red"]
    assert lights["green"]


def test_the_clock_itself_acted_and_everything_was_told(story: None) -> None:
    steps = Counter(Event.objects.values_list("step", flat=True))
    assert steps["remind"]
    assert steps["go_up"]
    assert steps["close_unheard"]
    assert steps["notify_again"]
    assert not Clock.objects.filter(next_at__lte=NOW, done_at=None, paused_at=None).exists()
    assert not Outbox.objects.exists()
    assert not Message.objects.filter(sent_at=None, made_at__lte=NOW).exists()


def test_the_same_hole_was_told_four_times_and_one_was_merged(story: None) -> None:
    same = Case.objects.filter(text__in=scenes.SAME_HOLE)
    assert same.filter(state="joined").count() == 1
    assert same.filter(state="said").count() == 2


def test_nobodys_number_stands_on_a_work_order(story: None) -> None:
    assert not Case.objects.filter(text__regex=r"1[3-9]\d{9}").exists()


def test_every_life_is_led_to_its_end_without_being_refused(
    people: dict[str, Any], settings: Any, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    stage = demo.seed(NOW, 150)
    other = {why: n for why, n in stage.refused.items() if not why.startswith("nobody:")}
    assert sum(other.values()) <= 3, other


@pytest.mark.slow
def test_the_same_seed_tells_the_same_story(people: dict[str, Any], settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    told = []
    for number in range(2):
        first = Case.objects.order_by("-id").first()
        demo.seed(NOW, FEW)
        rows = Case.objects.filter(id__gt=first.id) if number and first else Case.objects.all()
        told.append(Counter(rows.values_list("title", "place", "state")))
    differ = (told[0] - told[1]).total()
    assert sum(told[0].values()) == sum(told[1].values())
    assert differ <= 0.08 * sum(told[0].values())  # the return visits are drawn by the code, and codes are random


def test_every_kind_that_is_told_of_stands_in_the_citys_list(city: None) -> None:
    from minan.kernel.models import Kind  # only here

    known = set(Kind.objects.values_list("code", flat=True))
    assert {say["kind"] for say in texts.says()} <= known
    assert sum(often for _, often in lives.FATES) > 900
