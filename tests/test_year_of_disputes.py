"""A simulated year of disputes, each act through the one door and each clock at its own day: none is left without a clock, an owner, a way on."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from bench import disputes, disputes_stamp
from minan.kernel import ledger
from minan.kernel.models import Body, Case, Event

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PLAYED, COPIES = 40, 20


@pytest.fixture
def year(city: None) -> disputes.Year:
    played = disputes.Year(PLAYED, most=6)
    played.run()
    return played


def whole(case: Case) -> None:
    """Every event hashes what it says and what came before."""
    head = ledger.ZERO
    for event in Event.objects.filter(case_id=case.id).order_by("n"):
        body = Body.objects.get(case_id=case.id, n=event.n)
        assert ledger.commit(bytes(body.salt), json.loads(body.text)) == event.body
        link = ledger.Link(case.county, case.code, event.n, head, event.step, event.at, event.by, event.body)
        assert (event.prev, event.hash) == (head, link.leaf())
        head = event.hash
    assert case.head == head


def test_every_dispute_of_a_year_has_a_clock_an_owner_and_a_lawful_next_step(year: disputes.Year) -> None:
    states = Counter(Case.objects.filter(procedure="dispute").values_list("state", flat=True))
    assert sum(states.values()) == PLAYED
    assert len(states) >= 5, states
    assert year.refused == Counter(), "nothing was tried that the law does not allow"
    none: dict[str, Any] = {"clock": {}, "owner": {}, "step": {}, "closed": {}}
    assert {name: found for name, found in disputes.faults(year).items() if name in none} == none
    assert disputes_stamp.more(PLAYED + COPIES, bare=False) == COPIES
    assert Case.objects.filter(procedure="dispute").count() == PLAYED + COPIES
    assert {name: found for name, found in disputes.faults(year).items() if name in none} == none
    for case in Case.objects.order_by("-id")[:12]:
        whole(case)
