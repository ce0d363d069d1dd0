"""The city in memory: the most exact limit wins, each case keeps its edition's rules, a change holds within two seconds."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from minan.kernel import access, directory, places
from minan.kernel.models import Kind, LimitRule, Post, Unit

CLOCK = "tea"


@pytest.fixture
def rules(city: None) -> None:
    """One clock with a row of every exactness, in the order in which a careless reader would take the wrong one."""
    lamp = Kind.objects.get(code="lamp.out").group
    rows = [
        ("", "", "", "1d"), ("", "large", "", "2d"), ("", "", lamp, "3d"), ("", "large", lamp, "4d"),
        ("urgent", "", "", "5d"), ("urgent", "large", "", "6d"), ("urgent", "", lamp, "7d"), ("urgent", "large", lamp, "8d"),
    ]  # fmt: skip
    for urgency, size, group, limit in rows:
        LimitRule.objects.create(clock=CLOCK, urgency=urgency, size=size, group=group, limit=limit, rule=limit)
    directory.touch()


def found(urgency: str, size: str, kind: str, edition: int = 1) -> str:
    row = directory.limit(CLOCK, urgency, size, kind, edition)
    return row.limit if row else ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("urgency", "size", "kind", "limit"),
    [
        ("ordinary", "ordinary", "", "1d"), ("ordinary", "large", "", "2d"), ("ordinary", "ordinary", "lamp.out", "3d"),
        ("ordinary", "large", "lamp.out", "4d"), ("urgent", "ordinary", "", "5d"), ("urgent", "large", "", "6d"),
        ("urgent", "ordinary", "lamp.out", "7d"), ("urgent", "large", "lamp.out", "8d"), ("ordinary", "ordinary", "no.such", "1d"),
    ],
)  # fmt: skip
def test_the_most_exact_row_wins(rules: None, urgency: str, size: str, kind: str, limit: str) -> None:
    assert found(urgency, size, kind) == limit


@pytest.mark.django_db
@pytest.mark.parametrize("urgency", ["", "urgent"])
def test_an_urgency_counts_more_than_a_group_and_a_group_more_than_a_size(rules: None, urgency: str) -> None:
    LimitRule.objects.filter(clock=CLOCK).exclude(limit__in=["2d", "3d", "5d"]).delete()
    directory.touch()
    assert found(urgency or "ordinary", "large", "lamp.out") == ("5d" if urgency else "3d")


@pytest.mark.django_db
def test_a_case_keeps_the_rules_of_the_edition_it_began_under(rules: None) -> None:
    LimitRule.objects.filter(clock=CLOCK, limit="1d").update(until=2)
    LimitRule.objects.create(clock=CLOCK, limit="9d", rule="new", since=2)
    directory.touch()
    assert found("ordinary", "ordinary", "", edition=1) == "1d"
    assert found("ordinary", "ordinary", "", edition=2) == "9d"


@pytest.mark.django_db
def test_a_clock_nobody_set_a_limit_for_has_none(city: None) -> None:
    assert directory.limit("no such clock", "ordinary", "ordinary", "", 1) is None


@pytest.mark.django_db
def test_what_another_process_changed_holds_as_soon_as_the_stamp_is_looked_at(rules: None, monkeypatch: Any) -> None:
    """Another process wrote and stamped; this one still has the city it read, until TTL seconds are over."""
    clock = [1000.0]
    monkeypatch.setattr(directory.time, "monotonic", lambda: clock[0])
    directory.forget()
    assert found("ordinary", "ordinary", "") == "1d"
    LimitRule.objects.filter(clock=CLOCK, limit="1d").update(limit="10d")
    stamp = directory.Serial.objects.filter(unit="", series="stamp", year=0)
    assert stamp.update(last=directory.F("last") + 1) == 1
    clock[0] += directory.TTL - 0.1
    assert found("ordinary", "ordinary", "") == "1d"
    clock[0] += 0.2
    assert found("ordinary", "ordinary", "") == "10d"


@pytest.mark.django_db
def test_between_two_looks_the_city_costs_no_query(
    rules: None, django_assert_num_queries: Any, monkeypatch: Any
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(directory.time, "monotonic", lambda: clock[0])
    directory.forget()
    directory.city()
    with django_assert_num_queries(0):
        assert {found("urgent", "large", "lamp.out") for _ in range(50)} == {"8d"}
    clock[0] += directory.TTL + 0.1
    with django_assert_num_queries(1):
        directory.city()


@pytest.mark.django_db
def test_a_clerk_who_leaves_sees_nothing_from_then_on(people: dict[str, Any]) -> None:
    clerk = people["clerk"]
    assert access.units_of(clerk)
    Post.objects.filter(user=clerk).update(until=timezone.localdate() - timedelta(days=1))
    directory.touch()
    assert access.units_of(clerk) == []
    assert not access.is_staff(clerk)


@pytest.mark.django_db
def test_a_post_that_begins_tomorrow_opens_nothing_today(people: dict[str, Any]) -> None:
    Post.objects.filter(user=people["clerk"]).update(since=timezone.localdate() + timedelta(days=1))
    directory.touch()
    assert access.units_of(people["clerk"]) == []


@pytest.mark.django_db
def test_a_post_ends_with_its_day_though_nobody_wrote_anything(people: dict[str, Any], monkeypatch: Any) -> None:
    """The city is in memory; at midnight the last day of a post is over."""
    Post.objects.filter(user=people["clerk"]).update(until=date(2026, 11, 22))
    clock, now = [1000.0], [datetime(2026, 11, 22, 23, 59, tzinfo=directory.LOCAL)]

    class Frozen(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return now[0].astimezone(tz)

    monkeypatch.setattr(directory.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(directory, "datetime", Frozen)
    directory.touch()
    assert access.is_staff(people["clerk"])
    before, tree = directory.city(), places.tree()
    clock[0], now[0] = clock[0] + directory.TTL + 1, now[0] + timedelta(minutes=2)
    assert not access.is_staff(people["clerk"])
    assert directory.city().places is before.places, "what does not change by the day is not read again: all processes share it"
    assert places.tree() is tree
    assert directory.left_by(people["clerk"].pk)


@pytest.mark.django_db
def test_a_unit_that_was_dissolved_is_no_unit_any_more(city: None) -> None:
    assert directory.office("131022-lighting") is not None
    Unit.objects.filter(id="131022-lighting").update(until=timezone.localdate())
    directory.touch()
    assert directory.office("131022-lighting") is None


@pytest.mark.django_db
def test_eight_readers_at_once_read_the_city_once(city: None, monkeypatch: Any) -> None:
    reads: list[int] = []
    monkeypatch.setattr(directory, "_stamp", lambda: 5)
    monkeypatch.setattr(
        directory, "_read", lambda stamp: reads.append(stamp) or directory._City(stamp=stamp, day=timezone.localdate())
    )
    directory.forget()
    readers = [threading.Thread(target=directory.city) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert reads == [5]
