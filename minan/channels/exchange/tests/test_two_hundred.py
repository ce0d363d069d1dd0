"""A 12345 platform sends two hundred matters with repeats, changes and bad rows, and takes their answers in every bad mood; workers die.

In the end: every number is exactly one case, every answered number has exactly one accepted answer there, every refusal was seen.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from minan.channels.exchange import acks, calling, intake, sending, signing, taking
from minan.channels.exchange.models import Foreign, Sent
from minan.channels.exchange.partners import Partner
from minan.channels.exchange.tables import rows_of
from minan.channels.exchange.tests.partner import IN_KEY, as_csv, row
from minan.channels.exchange.tests.simulator import Platform
from minan.kernel import access, act, worker
from minan.kernel.models import Case, Event

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
MATTERS, BAD, MOODS = 200, 12, ("refuse", "slow", "odd", "down", "cut", "mixed")


class Killed(BaseException):
    """As kill -9 looks to what was in the middle of it: nothing after this line runs, what was not committed is gone."""


def dying(monkeypatch: pytest.MonkeyPatch, luck: random.Random) -> None:
    """The worker dies now and then: before a call, after the answer came, and within the transaction that would keep it."""
    deliver, note = calling.deliver, acks.note

    def before_or_after(*args: Any) -> Any:
        if luck.random() < 0.1:
            raise Killed
        said = deliver(*args)
        if luck.random() < 0.1:
            raise Killed
        return said

    def within(*args: Any, **more: Any) -> Any:
        done = note(*args, **more)
        if luck.random() < 0.1:
            raise Killed
        return done

    monkeypatch.setattr(calling, "deliver", before_or_after)
    monkeypatch.setattr(acks, "note", within)


def turn(now: datetime) -> None:
    try:
        sending.turn(now)
    except Killed:
        sending.forget()


def sent_rows(luck: random.Random) -> list[dict[str, str]]:
    """Two hundred matters; every fifth again as it was, every seventh changed later, and rows nobody can take."""
    rows = [row(n, 诉求内容=f"固安镇第 {n} 盏路灯不亮") for n in range(MATTERS)]
    rows += [row(n, 诉求内容=f"固安镇第 {n} 盏路灯不亮") for n in range(0, MATTERS, 5)]
    rows += [row(n, 诉求内容=f"固安镇第 {n} 盏路灯还是不亮") for n in range(0, MATTERS, 7)]
    bad = [{"联系电话": "12"}, {"办理时限": "明天"}, {"区划代码": "110000"}, {"标题": "", "诉求内容": ""}]
    rows += [row(9000 + n, **bad[n % len(bad)]) for n in range(BAD)]
    head, tail = rows[: MATTERS // 2], rows[MATTERS // 2 :]
    luck.shuffle(tail)
    return head + tail


@pytest.mark.slow
def test_two_hundred_matters_come_once_and_are_answered_once(
    platform: tuple[Platform, Partner], people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    running, partner = platform
    luck, rows = random.Random(12345), sent_rows(random.Random(7))
    halves = rows[:130], rows[100:]  # the second file begins before the first ended, as after a cut transfer
    for half in halves:
        intake.bring(partner, rows_of(as_csv(list(half))), "file", NOW)
    api(rows[-20:])
    assert Foreign.objects.count() == Case.objects.count() == MATTERS
    assert Event.objects.filter(step="came_in").values("case_id").distinct().count() == MATTERS
    assert not Foreign.objects.filter(number__startswith="LF-2026-009").exists()
    seven = {f"LF-2026-{n:06d}" for n in range(0, MATTERS, 7)}
    added = Event.objects.filter(step="more_in").values_list("case_id", flat=True)
    assert set(Foreign.objects.filter(case_id__in=list(added)).values_list("number", flat=True)) <= seven
    assert max(Counter(added).values()) == 1

    answer_all(people)
    moods = {f"LF-2026-{n:06d}": MOODS[n % len(MOODS)] for n in range(0, MATTERS, 4)}
    for number, mood in moods.items():
        running.moods[number] = [mood]
    dying(monkeypatch, luck)
    now = NOW + timedelta(hours=3)
    for _ in range(200):
        turn(now)
        resend(people, now)
        worker.fan_out(1000)
        now += timedelta(minutes=20)
        if not Sent.objects.filter(state__in=("waiting", "refused")).exists():
            break
    numbers = set(Foreign.objects.values_list("number", flat=True))
    assert running.accepted() == Counter(dict.fromkeys(numbers, 1)), (
        "one answer in effect for each number, none doubled, none missing"
    )
    assert Sent.objects.filter(state="accepted").count() == MATTERS
    assert running.unsigned == 0
    refused = {number for number, mood in moods.items() if mood == "refuse"}
    seen = Event.objects.filter(step="refused_out").values_list("case_id", flat=True)
    assert set(Foreign.objects.filter(case_id__in=list(seen)).values_list("number", flat=True)) == refused, (
        "every refusal is an event"
    )
    assert max(Counter(Event.objects.filter(step="taken_out").values_list("case_id", flat=True)).values()) == 1
    assert not any("foreign_refused" in marks for marks in Case.objects.values_list("marks", flat=True))


def api(rows: list[dict[str, str]]) -> None:
    body = json.dumps({"items": rows}).encode()
    signed = signing.headers(IN_KEY, "POST", "/exchange/hotline/", body)
    got = Client().post("/exchange/hotline/", body, content_type="application/json", headers=signed)
    assert {item["result"] for item in got.json()["items"]} <= {"same", "rejected"}


def answer_all(people: dict[str, Any]) -> None:
    clerk, facts = (
        access.actor(people["clerk"]),
        {"outcome": "explained", "words": "已去看过，今晚修。", "article": "第 3 条"},
    )
    for foreign in Foreign.objects.all():
        case = taking.case_of(foreign)
        for step, given in (("accept", {"kind": "lamp.out"}), ("handle_myself", {}), ("answer", facts)):
            done = act.act(case, step, by=clerk, facts=given, at=NOW + timedelta(hours=1))
            assert done, (step, done)
    worker.fan_out(5000)
    assert Sent.objects.count() == MATTERS


def resend(people: dict[str, Any], now: datetime) -> None:
    """陈静 mends what was refused as she comes to it."""
    for sent in Sent.objects.filter(state="refused").select_related("foreign"):
        case = taking.case_of(sent.foreign)
        assert case.marks.get("foreign_refused"), "she sees it on the case"
        assert act.act(
            case, "resend", by=access.actor(people["clerk"]), facts={"words": "陈静 16 日去看过，当晚修好。"}, at=now
        )
