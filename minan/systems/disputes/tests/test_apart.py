"""What of a dispute is not for a colleague, for a side that never came in, for a leader's table, for the applicant's own file."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from minan.kernel import registry
from minan.kernel.access import SPEAKER
from minan.systems.disputes import filing, numbers, papers, plan, sealing
from minan.systems.disputes.tests.cast import MEDIATOR, MONDAY, SECOND, agreed, go, mediating, refused, side

pytestmark = pytest.mark.django_db


def test_a_colleague_gets_no_link_and_changes_no_phone(people: dict[str, Any], client: Client, settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False
    case = mediating(people)
    hers = side(case, "a")
    assert refused(hers, "contact", people[SECOND], phone="13800000009") == "acts_for_side"
    go(hers, "contact", people[MEDIATOR], phone="13800000008")
    client.force_login(people[SECOND])
    assert client.get(f"/desk/{hers.code}/link/").status_code == 404, "the secret leaves by an event alone"


def test_what_only_staff_read_stands_in_no_side_s_own_file() -> None:
    dispute = registry.procedures()["dispute"]
    for name, scope in papers.OF_DISPUTE.items():
        step = dispute.step(name)
        if step is not None and scope in (papers.STAFF, papers.OWN):
            assert not [spec.name for spec in step.fields if spec.paper and spec.shown], name


def test_a_side_that_never_came_in_reads_nothing_of_what_the_others_agreed(people: dict[str, Any]) -> None:
    case = mediating(people)
    go(case, "bring_in", people[MEDIATOR], part="车主", name="周立", phone="13800000005")
    third = side(case, "c")
    go(third, "stop", SPEAKER)
    case = agreed(people)
    reader = papers.side_reader(case, third)
    assert reader.outside
    assert not papers.side_reader(case, side(case, "b")).outside
    here: Any = SimpleNamespace(dispute=case, reader=reader, is_side=True)
    assert not [kind for kind in ("agreement", "court", "file") if filing.may(here, kind)]


def test_a_time_that_has_passed_is_no_appointment(people: dict[str, Any]) -> None:
    case = mediating(people)
    assert refused(case, "session", people[MEDIATOR], when=(MONDAY - timedelta(days=3)).isoformat(), where="room") == "lies_ahead"
    go(case, "session", people[MEDIATOR], when=(MONDAY + timedelta(days=3)).isoformat(), where="room")


def test_of_a_quarter_with_few_disputes_the_table_says_how_many_and_nothing_else() -> None:
    few = [numbers.Dispute("x", "131022100010", "邻里纠纷", "ended", MONDAY, MONDAY, None, None, "false")] * 3
    lines = list(numbers.table(numbers.count(few, "town"), lambda _by, key: key))
    assert all(set(line[3:]) == {""} for line in lines[1:])
    assert {line[2] for line in lines[1:]} == {3}


@pytest.mark.parametrize("typed", ["5,000.00", "￥5,000", "5000 元", "5000.00元", "5000"])
def test_a_sum_is_read_as_people_write_it(typed: str) -> None:
    (row,) = plan.read(f"2026-12-15 {typed}")
    assert (row["sum"], row["what"]) == ("5000.00", "")


def test_the_rounds_of_two_others_are_not_shown_to_a_third() -> None:
    round_ = {"k": 2, "payer": "a", "claimant": "b", "open": True, "in": {}, "until": MONDAY.isoformat()}
    past = [round_ | {"k": 1, "open": False, "result": "none", "at": MONDAY.isoformat()},
            round_ | {"k": 1, "payer": "c", "claimant": "b", "open": False, "result": "over", "at": MONDAY.isoformat()}]  # fmt: skip
    dispute = SimpleNamespace(facts={"sealed": round_, "sealed_past": past}, code="x")
    here: Any = SimpleNamespace(dispute=dispute, is_side=True, reader=papers.Reader("side", "c"), now=MONDAY)
    shown = sealing.shown(here, {})
    assert shown is not None
    assert (shown["open"], shown["rows"], [one["payer"] for one in shown["past"]]) == (False, [], ["c"])
