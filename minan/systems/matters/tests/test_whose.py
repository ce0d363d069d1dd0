"""Whose is it: nothing is pushed down to a village and every attempt stands on the record; a second return ends in a ruling."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from minan.kernel import verify, worker
from minan.kernel.access import actor
from minan.kernel.act import Refused, act
from minan.kernel.models import Body, Case, Event, Pushed, Tally
from minan.systems.matters.tests.test_life import MONDAY, go, photo, say, until_answered

pytestmark = pytest.mark.django_db
POINT, LIGHTING, URBAN = "131022100010-point", "131022-lighting", "131022-urban"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def accepted(people: dict[str, Any]) -> Case:
    case = say().case
    go(case, "accept", actor(people["clerk"]), MONDAY + MINUTE)
    return case


def tried(case: Case, step: str, who: Any, at: Any, **facts: Any) -> Refused:
    done = act(case, step, by=who, facts=facts, at=at)
    assert isinstance(done, Refused), done
    return done


def test_a_lamp_is_not_pushed_down_to_the_village_and_the_attempt_is_an_event(people: dict[str, Any]) -> None:
    case = accepted(people)
    assert tried(case, "assign", actor(people["clerk"]), MONDAY + 2 * MINUTE, unit=POINT).rule == "not_pushed_down"
    case = Case.objects.get(id=case.id)
    assert (case.state, case.unit) == ("accepted", "")
    event = Event.objects.get(case_id=case.id, step="push_refused")
    body = Body.objects.get(case_id=case.id, n=event.n).text
    assert '"by":"131022100-station"' in body
    assert '"person"' not in body, "the unit, no person"
    worker.settle(MONDAY + HOUR)
    assert list(Pushed.objects.values_list("by", "place")) == [("131022100-station", case.place)]
    assert verify.check(pages=False).faults == []


def test_neither_as_co_handler_nor_by_a_ruling_nor_by_an_order_to_do_it_again(people: dict[str, Any]) -> None:
    clerk, handler, head = actor(people["clerk"]), actor(people["handler"]), actor(people["supervisor"])
    case = accepted(people)
    assert tried(case, "assign", clerk, MONDAY + 2 * MINUTE, **{"unit": LIGHTING, "with": [POINT]}).rule == "not_pushed_down"
    case.refresh_from_db()
    go(case, "assign", clerk, MONDAY + 3 * MINUTE, unit=LIGHTING)
    go(case, "send_back", handler, MONDAY + 4 * MINUTE, article="第 3 条", words="不归")
    assert tried(case, "rule_return", clerk, MONDAY + 5 * MINUTE, unit=POINT, words="村里办").rule == "not_pushed_down"
    other = until_answered(people)
    from minan.kernel.access import SPEAKER  # only this test judges

    go(other, "rate", SPEAKER, MONDAY + 5 * HOUR, solved=False, satisfied=False)
    assert tried(other, "rule_reopen", head, MONDAY + 6 * HOUR, unit=POINT, words="村里办").rule == "not_pushed_down"
    assert Event.objects.filter(step="push_refused").count() == 3


def test_the_same_try_by_the_same_key_counts_once(people: dict[str, Any]) -> None:
    case, clerk = accepted(people), actor(people["clerk"])
    for _ in range(3):
        act(case, "assign", by=clerk, facts={"unit": POINT}, key="once-and-only", at=MONDAY + HOUR)
    assert Event.objects.filter(step="push_refused").count() == 1


def test_the_supervisor_reads_the_months_count_by_unit(people: dict[str, Any], settings: Any) -> None:
    from datetime import UTC, datetime  # the page counts this month

    settings.MFA_REQUIRED_FOR_STAFF = False
    now = datetime.now(UTC)
    case = say(at=now).case
    go(case, "accept", actor(people["clerk"]), now)
    tried(case, "assign", actor(people["clerk"]), now, unit=POINT)
    worker.settle(now)
    client = Client()
    client.force_login(people["supervisor"])
    page = client.get("/supervise/").content.decode()
    assert "本月 1 次" in page
    assert "首派准确率" in page


def test_a_second_return_by_whomever_ends_in_a_ruling_that_stands(people: dict[str, Any]) -> None:
    clerk, handler, head = actor(people["clerk"]), actor(people["handler"]), actor(people["supervisor"])
    case = accepted(people)
    go(case, "assign", clerk, MONDAY + 2 * MINUTE, unit=LIGHTING)
    go(case, "send_back", handler, MONDAY + 3 * MINUTE, article="第 3 条", words="不归")
    assert case.ruler == case.desk, "the first return is the desk's to decide"
    go(case, "rule_return", clerk, MONDAY + 4 * MINUTE, unit="131022100-station", words="站里办")
    go(case, "send_back", clerk, MONDAY + 5 * MINUTE, article="第 4 条", words="不归")
    assert case.ruler == "131022-centre", "the second goes up"
    go(case, "rule_return", head, MONDAY + 6 * MINUTE, unit=LIGHTING, words="归路灯所")
    assert case.facts["ruled"] is True
    assert tried(case, "send_back", handler, MONDAY + 7 * MINUTE, article="第 3 条", words="还是不归").rule == "returns_once"


def test_first_dispatch_accuracy_is_a_number_with_its_denominator(people: dict[str, Any]) -> None:
    until_answered(people)
    clerk, handler = actor(people["clerk"]), actor(people["handler"])
    case = accepted(people)
    go(case, "assign", clerk, MONDAY + 2 * MINUTE, unit="131022100-station")
    go(case, "send_back", clerk, MONDAY + 3 * MINUTE, article="第 3 条", words="不归")
    go(case, "rule_return", clerk, MONDAY + 4 * MINUTE, unit=LIGHTING, words="归路灯所")
    go(case, "sign", handler, MONDAY + 5 * MINUTE)
    go(case, "call", handler, MONDAY + 6 * MINUTE)
    go(case, "answer", handler, MONDAY + 7 * MINUTE, outcome="solved", words="换了", photos=[photo()])
    worker.settle(MONDAY + HOUR)
    unit = Tally.objects.get(place="131022000000", by="unit", key=LIGHTING)
    assert (unit.routed_right, unit.routed) == (1, 2)
    whole = Tally.objects.get(place="131022000000", by="all")
    assert (whole.routed_right, whole.routed) == (1, 2)
    assert [fault for fault in verify.check(pages=False).faults if "picture" not in str(fault)] == []


def test_why_this_unit_stands_with_the_hand_over(people: dict[str, Any]) -> None:
    from minan.kernel import sheet  # only this test reads as the speaker

    case = until_answered(people)
    note = next(line.note for line in sheet.lines(case, staff=False) if line.event.step == "assign")
    assert note["why"]["zh"] == "职责清单：“路灯不亮”归这个部门"
    assert note["rule"].startswith("LF-DUTY-2026 第1.1条")
