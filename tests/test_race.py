"""Four processes act on the same matters at once: exactly one wins each, the others are told so, no chain breaks."""

from __future__ import annotations

import multiprocessing
import os
from datetime import UTC, datetime
from typing import Any

import pytest

CASES, HANDS = 40, 4
AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)


def hand(database: dict[str, Any], ids: list[tuple[str, str, int]], person: int, results: Any, gate: Any) -> None:
    """One process: accepts every matter with the counter it saw, then adds a note to each."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connections

    settings.DATABASES["default"].update(database)
    connections.databases["default"].update(database)
    from minan.kernel.access import Actor
    from minan.kernel.act import act
    from minan.kernel.directory import PostRow
    from minan.kernel.models import Case, Event

    who = Actor("staff", person, (PostRow("131022100-station", "clerk", "", ""),))
    gate.wait(60)
    won = told = notes = 0
    for county, pk, moves in ids:
        case = Case(county=county, id=pk)
        result = act(case, "accept", by=who, facts={}, moves=moves, at=AT)
        won += isinstance(result, Event)
        told += getattr(result, "status", 0) == 409
        notes += isinstance(act(case, "note", by=who, facts={"words": f"第 {person} 人看过"}, at=AT), Event)
    results.put((won, told, notes))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_four_clerks_who_accept_the_same_matters_one_wins_each_and_the_others_are_told(city: None) -> None:
    from django.db import connection

    from minan.kernel import ledger
    from minan.kernel.access import SPEAKER
    from minan.kernel.act import Opened, open_case
    from minan.kernel.ledger import Link
    from minan.kernel.models import Case, Event

    cases = []
    for _ in range(CASES):
        opened = open_case(
            "matter", by=SPEAKER, facts={"text": "路灯不亮", "place": "131022100010", "kind": "lamp.out"}, at=AT
        )
        assert isinstance(opened, Opened)
        cases.append((opened.case.county, str(opened.case.id), opened.case.moves))
    database = {k: connection.settings_dict[k] for k in ("NAME", "HOST", "PORT", "USER", "PASSWORD")}
    here = multiprocessing.get_context("spawn")
    results, gate = here.Queue(), here.Barrier(HANDS)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minan.settings")
    hands = [here.Process(target=hand, args=(database, cases, 100 + i, results, gate)) for i in range(HANDS)]
    for process in hands:
        process.start()
    told = [results.get(timeout=120) for _ in hands]
    for process in hands:
        process.join(30)
    assert sum(won for won, _, _ in told) == CASES
    assert sum(lost for _, lost, _ in told) == CASES * (HANDS - 1)
    assert sum(notes for _, _, notes in told) == CASES * HANDS
    for county, pk, _ in cases:
        case = Case.objects.get(county=county, id=pk)
        events = list(Event.objects.filter(case_id=pk).order_by("n"))
        links = [(Link(e.county, case.code, e.n, e.prev, e.step, e.at, e.by, e.body), e.hash) for e in events]
        assert ledger.faults(links, case.head) == []
        assert [e.step for e in events].count("accept") == 1
        assert len(events) == 2 + HANDS
