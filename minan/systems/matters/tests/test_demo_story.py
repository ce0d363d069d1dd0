"""The demo's story: played through the one door, the same each time, with something true on everybody's desk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from minan.kernel import inbox, speakers, verify
from minan.kernel.models import Case, Clock, Event, Message, Outbox, User
from minan.systems.matters import demo
from minan.systems.matters.story import scenes
from tests.standing import standing

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)  # a Thursday, four in the afternoon
FEW = 70


@pytest.fixture(scope="module")
def story(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with standing(django_db_blocker, tmp_path_factory.mktemp("story"), lambda: demo.seed(NOW, FEW)):
        yield


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
        found = inbox.counts(User.objects.get(username=name), NOW).light
        assert found["mine"] >= least, (name, found)
    own = speakers.own(User.objects.get(username="resident"))
    assert len(own) == 5
    assert len({c.state for c in own}) >= 4
    lights = inbox.counts(User.objects.get(username="handler"), NOW).light
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


def test_some_were_proposed_not_to_be_accepted_and_one_waits_for_the_county(story: None) -> None:
    steps = Counter(Event.objects.values_list("step", flat=True))
    assert steps["ask_refusal"] >= 1
    waits = [case for case in Case.objects.filter(state="said") if "refusal_asked" in case.marks]
    assert [case.text for case in waits] == [scenes.OWED]
    assert waits[0].ruler == "131022-centre"


def test_nobodys_number_stands_on_a_work_order(story: None) -> None:
    assert not Case.objects.filter(text__regex=r"1[3-9]\d{9}").exists()


def test_who_waits_for_the_demo_hears_how_far_it_is_each_quarter_once(capsys: pytest.CaptureFixture[str]) -> None:
    say = demo.Progress()
    for share in (0.0, 0.24, 0.26, 0.3, 0.8, 0.99, 1.0):
        say(share)
    assert capsys.readouterr().err.split() == ["25", "%", "50", "%", "75", "%"]
