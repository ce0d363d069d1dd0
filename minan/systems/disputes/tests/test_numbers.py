"""Mediation in numbers: every rate with its denominator, nobody's own number, the few told together; who reads it, what it costs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from minan.systems.disputes import numbers
from minan.systems.disputes.numbers import Cell, Dispute, Sums, count, grouped
from minan.systems.disputes.tests.cast import ELSEWHERE, HEAD, JUDICIAL, MEDIATOR, MONDAY, agreed, does, mediating

DAY = timedelta(days=1)


def one(desk: str = "x-mediation", days: float = 10, state: str = "fulfilled", **more: Any) -> Dispute:
    end = (MONDAY + days * DAY).isoformat() if state in ("fulfilled", "agreed", "breached", "elsewhere") else None
    row = {"desk": desk, "place": "131022100010", "title": "邻里纠纷", "state": state, "opened_at": MONDAY,
           "closed_at": MONDAY + days * DAY if state in ("fulfilled", "ended", "elsewhere", "refused") else None,
           "effective": end, "court": None, "oral": "false"}  # fmt: skip
    return Dispute(**(row | more))


@pytest.mark.django_db
def test_every_rate_says_what_it_is_counted_of(city: None) -> None:
    rows = [*(one() for _ in range(20)), *(one(state="ended") for _ in range(12)), *(one(state="refused") for _ in range(6)),
            *(one(state="mediating") for _ in range(5)), *(one(court="confirmed") for _ in range(10)),
            *(one(court="filed") for _ in range(6)),
            *(one(state="elsewhere") for _ in range(7)), *(one(oral="true") for _ in range(8))]  # fmt: skip
    total = count(rows, "town").total
    cells = total.cells
    assert (total.n, total.refused, total.accepted, total.open) == (74, 6, 68, 5)
    assert cells["agreed"] == Cell(51, 63), "of what was decided"
    assert cells["ended"] == Cell(12, 63)
    assert (cells["fulfilled"], cells["broken"], cells["oral"]) == (Cell(44, 51), Cell(7, 51), Cell(8, 51))
    assert (cells["asked"], cells["confirmed"]) == (Cell(16, 43), Cell(10, 16)), "of the written ones; of those asked for"
    assert cells["agreed"].percent == 81


def test_the_days_are_the_nearest_rank_and_none_of_fewer_than_ten() -> None:
    sums = Sums("all")
    for n in range(1, 101):
        sums.add(one(days=n))
    assert (sums.median, sums.ninetieth) == (50.0, 90.0)
    few = Sums("all")
    for n in range(9):
        few.add(one(days=n))
    assert (few.median, few.ninetieth) == (None, None)


def test_the_few_are_told_together_and_cannot_be_had_by_taking_away() -> None:
    rows = [*(one("a-mediation") for _ in range(40)), *(one("b-mediation") for _ in range(12)), *(one("c-mediation") for _ in range(3))]
    found = grouped(rows, lambda row: row.desk)
    assert [(s.key, s.n) for s in found] == [("a-mediation", 40), (numbers.REST, 15)], "three alone would be the whole less the others"
    assert [s.n for s in grouped(rows[:40], lambda row: row.desk)] == [40]
    spread = [one(f"{n}-mediation") for n in range(30)]
    assert [(s.key, s.n) for s in grouped(spread, lambda row: row.desk)] == [(numbers.REST, 30)]


def test_a_cell_of_fewer_than_five_is_told_as_that_on_both_ends() -> None:
    assert [Cell(n, 100).told for n in (0, 1, 4, 5, 95, 96, 99, 100)] == ["0", "<5", "<5", "5", "95", ">95", ">95", "100"]
    assert Cell(3, 9).told == ""


@pytest.fixture
def plain(settings: Any) -> Iterator[None]:
    settings.MFA_REQUIRED_FOR_STAFF = False
    with translation.override("zh-hans"):
        yield


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.django_db
def test_heads_and_leaders_read_it_and_nobody_else(people: dict[str, Any], plain: None) -> None:
    for name in (HEAD, JUDICIAL, "gu.super", "supervisor", "city.super", "gu.medhead"):
        assert signed_in(people[name]).get("/disputes/numbers/").status_code == 200, name
    for name in (MEDIATOR, ELSEWHERE, "clerk", "handler", "worker", "resident", "stranger"):
        for path in ("/disputes/numbers/", "/disputes/numbers/numbers.csv"):
            assert signed_in(people[name]).get(path).status_code == 404, name
    assert "没有调解委员会" in signed_in(people["city.light"]).get("/disputes/numbers/").content.decode()
    assert Client().get("/disputes/numbers/").status_code == 302


@pytest.mark.django_db
def test_the_page_and_the_file_say_the_same_in_a_fixed_number_of_queries(
    people: dict[str, Any], plain: None, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
    monkeypatch.setattr(numbers, "K", 2)
    agreed(people, at, plan="")
    does(mediating(people, at), "b", "stop", at)
    mediating(people, at)
    client = signed_in(people[HEAD])
    client.get("/disputes/numbers/")
    with django_assert_max_num_queries(12):
        page = client.get("/disputes/numbers/?period=2026").content.decode()
    assert "邻里纠纷" in page
    assert people[MEDIATOR].name not in page, "no number of any person"
    lines = b"".join(client.get("/disputes/numbers/numbers.csv?period=2026Q4")).decode()  # type: ignore[call-overload]
    rows = {row["by"]: row for row in csv.DictReader(io.StringIO(lines.removeprefix("\ufeff")))}
    assert (rows["all"]["disputes"], rows["all"]["decided"]) == ("3", "2")
    assert rows["sort"]["group"] == "邻里纠纷"
    empty = client.get("/disputes/numbers/?period=2025").content.decode()
    assert "0 件" in empty
    assert signed_in(people["gong.medhead"]).get("/disputes/numbers/?unit=131022100010-mediation").content.decode().count("邻里纠纷") == 0


@pytest.mark.django_db
def test_many_disputes_are_counted_once_a_minute_and_few_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def rows(*_asked: Any) -> list[Dispute]:
        read.append(1)
        return [one()] * most

    monkeypatch.setattr(numbers, "_kept", {})
    monkeypatch.setattr(numbers, "read", rows)
    for most, times in ((numbers.MANY - 1, 2), (numbers.MANY, 1)):
        read.clear()
        asked = numbers.Scope("131022-centre", "county", (f"x-{most}",)), MONDAY, MONDAY + 365 * DAY
        assert [numbers.of(*asked).total.n for _ in range(2)] == [most, most]
        assert len(read) == times
    for key, (_at, found) in list(numbers._kept.items()):
        numbers._kept[key] = (-numbers.FOR, found)
    numbers.of(*asked)
    assert len(read) == 2, "after a minute anew"
