"""Nothing that was written can be changed without being seen, and erasing what was said breaks no proof."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from minan.kernel import ledger
from minan.kernel.access import SPEAKER
from minan.kernel.act import Opened, open_case
from minan.kernel.ledger import Link
from minan.kernel.models import Body, Case, Event

AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)


def chain(n: int) -> list[tuple[Link, str]]:
    out: list[tuple[Link, str]] = []
    for i in range(1, n + 1):
        link = Link(
            "131022",
            "A" * 15,
            i,
            out[-1][1] if out else ledger.ZERO,
            "note",
            AT,
            "clock",
            ledger.commit(b"s" * 32, {"i": i}),
        )
        out.append((link, link.leaf()))
    return out


def test_a_canonical_event_has_the_bytes_of_the_contract() -> None:
    link = chain(1)[0][0]
    assert json.loads(link.canonical()) == {
        "v": 1, "log": "131022", "case": "A" * 15, "n": 1, "prev": "0" * 64, "step": "note", "at": "2026-11-16T01:20:00.000000Z",
        "by": "clock", "body": link.body,
    }  # fmt: skip
    assert link.canonical().startswith(b'{"at":"2026-11-16T01:20:00.000000Z","body":"')


def test_a_whole_chain_verifies_and_every_touch_is_named() -> None:
    whole = chain(5)
    assert ledger.faults(whole, whole[-1][1]) == []
    changed = [
        *whole[:2],
        (Link(**{**{f: getattr(whole[2][0], f) for f in Link.__slots__}, "by": "resident"}), whole[2][1]),
        *whole[3:],
    ]
    assert any("event 3 was changed" in fault for fault in ledger.faults(changed))
    assert any("event 2 is missing" in fault for fault in ledger.faults([whole[0], *whole[2:]]))
    assert ledger.faults(whole[:-1], whole[-1][1])


def opened() -> Case:
    result = open_case("matter", by=SPEAKER, facts={"text": "路灯不亮", "place": "131022100010"}, at=AT)
    assert isinstance(result, Opened)
    return result.case


INSERT = (
    "INSERT {how} INTO kernel_event (id, county, case_id, n, step, source, state, at, by, body, prev, hash, key) "
    "SELECT id, county, case_id, n, 'forged', source, state, at, by, body, prev, hash, key FROM kernel_event"
)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE kernel_event SET step = 'forged'",
        "DELETE FROM kernel_event",
        "UPDATE kernel_body SET text = '{}'",
        "REPLACE",
        "TRUNCATE kernel_event",
    ],
)
def test_the_database_itself_refuses_to_rewrite_an_event(city: None, attack: str) -> None:
    case = opened()
    if attack == "REPLACE":
        attack = (
            INSERT.format(how="OR REPLACE")
            if connection.vendor == "sqlite"
            else INSERT.format(how="") + " ON CONFLICT (id) DO UPDATE SET step = 'x'"
        )
    if attack.startswith("TRUNCATE") and connection.vendor == "sqlite":
        attack = "DELETE FROM kernel_event WHERE 1"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert Event.objects.get(case_id=case.id).step == "say"


def test_erasing_the_words_leaves_the_proof_standing(city: None) -> None:
    case = opened()
    Body.objects.filter(case_id=case.id).delete()
    event = Event.objects.get(case_id=case.id)
    link = Link(event.county, case.code, event.n, event.prev, event.step, event.at, event.by, event.body)
    assert ledger.faults([(link, event.hash)], case.head) == []
