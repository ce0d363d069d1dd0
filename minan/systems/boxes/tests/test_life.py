"""An opening of a speaking box: 刘桂芬 of the point opens, the grid worker 李建民 bears witness, 孙丽华 above rules on gaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minan.kernel import access, worker
from minan.kernel.access import CLOCK, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Clock, Event, Message, User
from minan.systems.boxes.procedure import PROCEDURE

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 17, 1, 20, tzinfo=UTC)  # a Tuesday, 09:20 in Langfang
PLACE, POINT, STATION, CENTRE = "131022100010", "131022100010-point", "131022100-station", "131022-centre"


@pytest.fixture
def begun(people: dict[str, User]) -> Case:
    facts = {"place": PLACE, "box": "朝阳社区南门", "seal": "A-001"}
    opened = open_case("opening", by=actor(people["gu.point"]), facts=facts, channel="box", at=AT)
    assert isinstance(opened, Opened), opened
    return opened.case


def go(case: Case, step: str, who: Any, minutes: int = 1, **facts: Any) -> Event | Refused:
    by = who if isinstance(who, access.Actor) else actor(who)
    return act(case, step, by=by, facts=facts, at=AT + timedelta(minutes=minutes))


def counted(case: Case, people: dict[str, User], slips: int = 3) -> Case:
    assert go(case, "witness", people["worker"])
    assert go(case, "count", people["gu.point"], 2, counted=slips, seal="A-002")
    return case


def test_two_people_open_count_and_seal_and_it_ends_when_the_slips_add_up(begun: Case, people: dict[str, User]) -> None:
    assert (begun.state, begun.desk, begun.title) == ("begun", POINT, "开箱：朝阳社区南门")
    case = counted(begun, people)
    assert case.state == "held"
    assert (case.facts["opened_by"], case.facts["seen_by"]) == (str(people["gu.point"].pk), str(people["worker"].pk))
    assert go(case, "finish", CLOCK, 30, accounted=3)
    assert case.state == "done"
    assert not case.open
    assert Clock.objects.filter(case_id=case.id, done_at=None).count() == 0
    assert list(Event.objects.filter(case_id=case.id).order_by("n").values_list("by", flat=True)) == [
        f"{POINT}:clerk", f"{POINT}:worker", f"{POINT}:clerk", "clock",
    ]  # fmt: skip


def test_nobody_bears_witness_to_themselves_and_a_stranger_finds_nothing(begun: Case, people: dict[str, User]) -> None:
    refused = go(begun, "witness", people["gu.point"])
    assert isinstance(refused, Refused)
    assert refused.rule == "another_person"
    with pytest.raises(Case.DoesNotExist):
        go(begun, "witness", people["stranger"])
    assert isinstance(go(begun, "witness", people["clerk"]), Refused), "the station above is not the unit that opens"
    assert Case.objects.get(id=begun.id).state == "begun"


def test_without_a_second_person_in_ten_minutes_it_is_a_gap_that_lies_red_above(
    begun: Case, people: dict[str, User]
) -> None:
    worker.settle(AT + timedelta(minutes=9))
    assert "gap" not in Case.objects.get(id=begun.id).marks
    worker.settle(AT + timedelta(minutes=11))
    case = Case.objects.get(id=begun.id)
    assert (case.marks["gap"], case.ruler) == (["alone"], STATION)
    red = Clock.objects.get(case_id=case.id, name="gap")
    assert red.due_at <= AT + timedelta(minutes=11)
    assert Message.objects.filter(case_id=case.id, to=STATION, channel="board").exists()
    worker.settle(AT + timedelta(minutes=12))
    assert "gap" in Case.objects.get(id=begun.id).marks["late"]
    assert go(Case.objects.get(id=begun.id), "witness", people["worker"], 13), "who comes late still comes"


def test_only_who_stood_there_counts_and_the_new_seal_is_a_new_one(begun: Case, people: dict[str, User]) -> None:
    assert go(begun, "witness", people["worker"])
    for facts, rule in (
        ({"counted": 3, "seal": "A-001"}, "fresh_seal"), ({"counted": -1, "seal": "A-2"}, "can_be_counted"),
        ({"counted": 9999, "seal": "A-2"}, "can_be_counted"),
    ):  # fmt: skip
        refused = go(begun, "count", people["gu.point"], 2, **facts)
        assert isinstance(refused, Refused)
        assert refused.rule == rule
    assert go(begun, "count", people["worker"], 3, counted=0, seal="A-002")
    assert begun.state == "done", "an empty box is done at once"


def test_fewer_slips_than_were_counted_do_not_end_it_and_a_gap_is_ruled_on_by_somebody_above(
    begun: Case, people: dict[str, User]
) -> None:
    case = counted(begun, people)
    refused = go(case, "finish", CLOCK, 20, accounted=2)
    assert isinstance(refused, Refused)
    assert refused.rule == "adds_up"
    assert go(case, "missing", CLOCK, 21, what="count", words="3 → 2")
    assert case.ruler == STATION
    assert isinstance(go(case, "finish", CLOCK, 22, accounted=3), Refused), "not while the gap stands"
    assert isinstance(go(case, "rule_gap", people["gu.point"], 23, found="explained", words="没事"), Refused)
    assert go(case, "rule_gap", people["gu.super"], 24, found="lost", words="少了一张，已张贴")
    assert "gap" not in case.marks
    assert go(case, "finish", CLOCK, 25, accounted=2)
    assert case.state == "done"


def test_the_batch_goes_from_hand_to_hand_and_is_missed_when_nobody_signs(begun: Case, people: dict[str, User]) -> None:
    case = counted(begun, people)
    clerk = people["clerk"]
    assert isinstance(go(case, "hand", people["worker"], 3, to=str(clerk.pk)), Refused), (
        "who does not have it cannot hand it on"
    )
    assert go(case, "hand", people["gu.point"], 4, to=str(clerk.pk))
    assert isinstance(go(case, "receive", people["worker"], 5), Refused)
    worker.settle(AT + timedelta(hours=30))
    case = Case.objects.get(id=case.id)
    assert "way" in case.marks["gap"]
    assert act(case, "receive", by=actor(clerk), at=AT + timedelta(hours=30, minutes=5))
    assert (case.state, case.facts["holder"]) == ("held", str(clerk.pk))


def test_slips_that_are_not_taken_in_in_a_working_day_are_a_gap(begun: Case, people: dict[str, User]) -> None:
    case = counted(begun, people)
    worker.settle(AT + timedelta(days=3))
    assert "late" in Case.objects.get(id=case.id).marks["gap"]


def test_what_a_program_may_take_no_hand_takes(begun: Case, people: dict[str, User]) -> None:
    case = counted(begun, people)
    for step in ("finish", "missing", "overdue", "strayed"):
        assert isinstance(go(case, step, people["gu.point"], 9, accounted=3, what="seal"), Refused)
    assert PROCEDURE.step("finish") is not None
    assert case.state == "held"
