"""A year of the register: begun by the first act, written by those who act, closed when the next year begins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from minan.kernel import house, verify, worker
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Event, Inbox, Tally

pytestmark = pytest.mark.django_db
JUNE, JULY, JANUARY = (datetime(*day, 9, tzinfo=UTC) for day in ((2026, 6, 1), (2026, 7, 1), (2027, 1, 2)))


def test_the_first_act_of_a_year_begins_its_register_and_the_others_follow(people: dict[str, Any]) -> None:
    house.note("rule", "admin", {"what": "kind lamp.out"}, why="文〔2026〕1 号", at=JUNE)
    house.note("grant", "gu.super", "给了马志刚调解员", at=JULY)
    book = Case.objects.get(procedure="register")
    told = list(Event.objects.filter(case_id=book.id).order_by("n").values_list("step", "by"))
    assert told == [
        ("begin_year", "clock"),
        ("rule", "1310-centre:admin"),
        ("grant", "131022100-station:supervisor"),
    ]


def test_a_new_year_has_a_register_of_its_own_and_the_old_one_is_closed(people: dict[str, Any]) -> None:
    house.note("rule", "admin", "x", at=JUNE)
    house.note("rule", "admin", "y", at=JANUARY)
    states = dict(Case.objects.filter(procedure="register").values_list("opened_at__year", "state"))
    assert states == {2026: "ended", 2027: "open"}


def test_nobody_writes_into_it_but_through_the_house(people: dict[str, Any]) -> None:
    house.note("rule", "admin", "x", at=JUNE)
    book = Case.objects.get(procedure="register")
    for name in ("clerk", "admin", "audit", "city.super"):
        with pytest.raises(Case.DoesNotExist):
            act(book, "rule", by=actor(people[name]), facts={"what": "我改的"})
    assert isinstance(act(book, "rule", by=SPEAKER, facts={"what": "我改的"}), Refused)
    refused = open_case("register", by=SPEAKER, facts={})
    assert not isinstance(refused, Opened)
    assert Event.objects.filter(case_id=book.id).count() == 2


def test_the_register_lies_in_no_inbox_counts_in_no_rate_and_verifies(people: dict[str, Any]) -> None:
    house.note("rule", "admin", "x")
    worker.settle()
    book = Case.objects.get(procedure="register")
    assert not Inbox.objects.filter(case_id=book.id).exists()
    assert not Tally.objects.filter(opened__gt=0).exists()
    assert not Case.objects.visible_to(people["city.super"]).exists()
    assert verify.check().faults == []
    again = house.register(datetime.now(UTC))
    assert again is not None
    assert again.id == book.id


def test_where_the_folder_was_taken_out_changes_still_work(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.registry, "get", lambda name: None)
    assert house.note("rule", "admin", "x") is None
