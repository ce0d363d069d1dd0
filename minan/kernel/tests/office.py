"""Hands of the tests of the supervisor's and the administrator's pages: who signs in, and matters that are late."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from minan.kernel import worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, act, open_case
from minan.kernel.models import Case, Event
from minan.kernel.pictures import Picture

VILLAGE = "131022100010"


def photo() -> Picture:
    """A photo like no other."""
    mark = secrets.token_hex(32)
    return Picture(data=b"x", mime="image/jpeg", width=8, height=8, sha256=mark, thumb=b"x", dhash=mark[:16])


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


LAMPS = "小区东门三盏路灯不亮。"


def said(days: float = 0, text: str = LAMPS, place: str = VILLAGE, kind: str = "lamp.out") -> Case:
    """A matter said some days ago."""
    at = datetime.now(UTC) - timedelta(days=days)
    opened = open_case("matter", by=SPEAKER, facts={"text": text, "place": place, "kind": kind}, at=at)
    assert isinstance(opened, Opened), opened
    return opened.case


def go(case: Case, step: str, who: Any, at: datetime | None = None, **facts: Any) -> Event:
    event = act(case, step, by=who, facts=facts, at=at)
    assert isinstance(event, Event), (step, event)
    case.refresh_from_db()
    return event


def assigned(people: dict[str, Any], days: float = 0, text: str = LAMPS) -> Case:
    """A matter in the lighting office's hands, not yet signed for."""
    case, at = said(days, text), datetime.now(UTC) - timedelta(days=days)
    clerk = actor(people["clerk"])
    go(case, "accept", clerk, at)
    go(case, "assign", clerk, at, unit="131022-lighting")
    return case


def judged(people: dict[str, Any], days: float, solved: bool = True) -> Case:
    """A matter answered and judged by her own link."""
    case, at = assigned(people, days), datetime.now(UTC) - timedelta(days=days)
    handler = actor(people["handler"])
    go(case, "sign", handler, at)
    go(case, "call", handler, at)
    go(case, "answer", handler, at, outcome="solved", words="换了灯泡", photos=[photo()])
    go(case, "rate", Actor("speaker", cast="own"), at, solved=solved, satisfied=solved)
    return case


def settled() -> None:
    worker.settle(datetime.now(UTC))
