"""L1: the database itself refuses a case that changes without its event, whoever writes it and with whatever tool."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from conftest import without_triggers
from minan.kernel import doctor, rows
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, act, open_case
from minan.kernel.models import Case, Event

pytest.importorskip("minan.systems.matters.procedure", reason="not run: L1 on cases (no matters)")
pytestmark = [pytest.mark.django_db, pytest.mark.bar("L1")]
AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
# One change of each kind; what a DBA would like to set without a trace.
CHANGES: dict[str, Any] = {
    "state": "closed", "moves": 0, "head": "0" * 64, "n": 9, "unit": "131022-housing", "desk": "131022-centre",
    "ruler": "131022-centre",
    "kind": "rubbish.heap", "urgency": "simple", "place": "131022101000", "marks": {"x": 1}, "outcome": "solved", "public": False,
    "light": "",
    "due_at": datetime(2099, 1, 1, tzinfo=UTC), "opened_at": datetime(2020, 1, 1, tzinfo=UTC), "closed_at": AT, "code": "0" * 15,
    "walls": ["user:1"], "privacy": "sealed", "title": "别的题目", "text": "别的话", "facts": {"x": 1},
}  # fmt: skip


@pytest.fixture
def case(city: None, people: dict[str, Any]) -> Case:
    opened = open_case(
        "matter", by=SPEAKER, facts={"text": "路灯不亮", "place": "131022100010", "kind": "lamp.out"}, at=AT
    )
    assert isinstance(opened, Opened)
    assert act(opened.case, "accept", by=actor(people["clerk"]), at=AT)
    return opened.case


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_no_column_of_a_case_is_set_by_hand(case: Case, name: str) -> None:
    with pytest.raises(DatabaseError, match="only with its event"), transaction.atomic():
        Case.objects.filter(id=case.id).update(**{name: CHANGES[name]})


def test_every_column_there_is_now_stands_in_the_guard(case: Case) -> None:
    """A column that comes later and is not guarded on SQLite would be found here."""
    import importlib  # a migration's name is no word

    guard = importlib.import_module("minan.kernel.migrations.0008_case_needs_event")
    assert {f.column for f in Case._meta.concrete_fields} == {*guard.COLUMNS, *guard.WORDS}


def test_the_number_alone_does_not_pass_for_an_event(case: Case) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Case.objects.filter(id=case.id).update(n=case.n + 1, state="closed")
    last = Event.objects.get(case_id=case.id, n=case.n)
    with pytest.raises(DatabaseError), transaction.atomic():  # an event of its own number, and the head it already has
        Case.objects.filter(id=case.id).update(n=last.n, head=last.hash, state="closed")


def test_no_case_appears_or_disappears_by_hand(case: Case) -> None:
    row = {f.attname: getattr(case, f.attname) for f in Case._meta.concrete_fields} | {"id": None, "code": "1" * 15}
    with pytest.raises(DatabaseError), transaction.atomic():
        Case.objects.bulk_create([Case(**{k: v for k, v in row.items() if v is not None})])
    with pytest.raises(DatabaseError), transaction.atomic():
        Case.objects.filter(id=case.id).delete()


def test_retention_may_empty_the_words_and_nothing_else(case: Case) -> None:
    assert act(case, "withdraw", by=SPEAKER, at=AT)
    rows.forget(case.county, case.id)
    case.refresh_from_db()
    assert (case.title, case.text, case.facts, case.state) == ("", "", {}, "withdrawn")
    with pytest.raises(DatabaseError), transaction.atomic():
        Case.objects.filter(id=case.id).update(text="", state="closed")


def test_the_guard_bites_only_while_it_is_there_and_the_doctor_misses_it(case: Case) -> None:
    def said() -> str:
        return " ".join(finding.what.en for finding in doctor.look(AT))

    assert "without an event" not in said()
    with without_triggers(connection):
        assert "without an event" in said()
        Case.objects.filter(id=case.id).update(state="closed")
    case.refresh_from_db()
    assert case.state == "closed"
