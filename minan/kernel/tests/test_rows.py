"""The fast forms write exactly what the plain ORM writes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from minan.kernel import act as door
from minan.kernel import rows
from minan.kernel.access import SPEAKER, actor
from minan.kernel.models import Attachment, Body, Case, Clock, Event, Inbox, Outbox, Speaker
from minan.kernel.rows import Write

AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
OWN = {
    "id",
    "case_id",
    "code",
    "hash",
    "prev",
    "head",
    "salt",
    "body",
    "secret",
    "capability",
    "wrapped",
    "sealed",
    "key",
    "event",
}


def plain(model: type[Any], case: Case) -> list[dict[str, Any]]:
    found = (
        model.objects.filter(id=case.id) if model is Case else model.objects.filter(county=case.county, case_id=case.id)
    )
    out = [
        {k: (bytes(v) if isinstance(v, memoryview) else v) for k, v in row.items() if k not in OWN}
        for row in found.values()
    ]
    for row in out:
        row.pop("text", None) if model is Body else None
    return sorted(out, key=lambda row: str(sorted(row.items(), key=lambda item: item[0])))


def live(monkeypatch: pytest.MonkeyPatch, people: dict[str, Any], how: Any) -> Case:
    monkeypatch.setattr(rows, "commit", how)
    opened = door.open_case(
        "matter", by=SPEAKER, facts={"text": "路灯不亮", "place": "131022100010", "kind": "lamp.out"}, at=AT
    )
    assert isinstance(opened, door.Opened)
    case, clerk, handler = opened.case, actor(people["clerk"]), actor(people["handler"])
    for who, step, facts in (
        (clerk, "accept", {}),
        (clerk, "ask_more", {"words": "哪一盏"}),
        (SPEAKER, "supply", {"words": "东边三盏，电话 13812345678"}),
        (clerk, "assign", {"unit": "131022-lighting"}),
        (SPEAKER, "urge", {}),
        (handler, "send_back", {"article": "第 3 条", "words": "是小区的灯"}),
        (clerk, "rule_return", {"unit": "131022-housing", "words": "归住建"}),
    ):
        assert door.act(case, step, by=who, facts=facts, at=AT), step
    return Case.objects.get(id=case.id)


@pytest.mark.parametrize("model", [Case, Event, Body, Clock, Inbox, Outbox, Speaker, Attachment])
def test_the_fast_rows_equal_the_orm_rows(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch, model: type[Any]
) -> None:
    fast = live(monkeypatch, people, rows.commit)
    slow = live(monkeypatch, people, rows.orm)
    assert plain(model, fast) == plain(model, slow)
    assert plain(model, fast) or model is Attachment


@pytest.mark.parametrize("how", [rows.commit, rows.orm])
def test_who_read_an_older_event_number_writes_nothing_at_all(people: dict[str, Any], how: Any) -> None:
    opened = door.open_case("matter", by=SPEAKER, facts={"text": "路灯不亮", "place": "131022100010"}, at=AT)
    assert isinstance(opened, door.Opened)
    case = opened.case
    write = Write(
        case.county,
        case.id,
        {"state": "closed", "n": 9},
        guard=7,
        inserts=[(Outbox, [])],
        inbox={"state": "closed"},
        mine="",
    )
    assert how(write) is False
    case.refresh_from_db()
    assert (case.state, case.n) == ("said", 1)
    assert set(Inbox.objects.filter(case_id=case.id).values_list("state", flat=True)) == {"said"}
