"""The fixed reads hand out exactly what the plain ORM hands out, and nothing to a stranger."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from minan.kernel import inbox, reads, sheet
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, act, open_case
from minan.kernel.clocks import OF_CASE
from minan.kernel.draft import kept
from minan.kernel.inbox import Wanted
from minan.kernel.models import Body, Case, Clock, Event, Inbox
from minan.kernel.models.case import CLOCKS

AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
VILLAGE, NEXT = "131022100010", "131022101000"


def say(minutes: int = 0, kind: str = "lamp.out", text: str = "小区东门路灯不亮") -> Case:
    facts = {"text": text, "place": VILLAGE, "kind": kind}
    opened = open_case("matter", by=SPEAKER, facts=facts, at=AT + timedelta(minutes=minutes), where=(116.29, 39.43))
    assert isinstance(opened, Opened)
    return opened.case


def everything(row: Any) -> dict[str, Any]:
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}


def test_chen_jing_reads_a_case_by_its_code_as_the_orm_reads_it(people: dict[str, Any]) -> None:
    case, clerk = say(), people["clerk"]
    act(case, "accept", by=actor(clerk), at=AT)
    assert everything(Case.objects.seen_by(clerk, case.code)) == everything(
        Case.objects.visible_to(clerk).get(code=case.code)
    )


def test_the_clerk_of_the_next_township_reads_nothing_by_the_code(people: dict[str, Any]) -> None:
    case = say()
    for nobody in ("stranger", "resident"):
        with pytest.raises(Case.DoesNotExist):
            Case.objects.seen_by(people[nobody], case.code)


def test_a_case_read_to_act_on_it_brings_its_clocks_once(people: dict[str, Any], django_assert_num_queries: Any) -> None:
    case, clerk = say(), people["clerk"]
    act(case, "accept", by=actor(clerk), at=AT)
    with django_assert_num_queries(1):
        read = Case.objects.to_act(clerk, case.code)
    assert everything(read) == everything(Case.objects.get(code=case.code))
    assert read.__dict__[CLOCKS] == list(Clock.objects.filter(case_id=case.id).order_by("id").values())
    assert act(read, "note", by=actor(clerk), facts={"words": "看过了"}, at=AT)
    assert CLOCKS not in read.__dict__  # the next step reads them anew
    for nobody in ("stranger", "resident"):
        with pytest.raises(Case.DoesNotExist):
            Case.objects.to_act(people[nobody], case.code)


def test_a_case_that_is_read_again_does_not_step_on_the_clocks_it_was_read_with(people: dict[str, Any]) -> None:
    case, clerk = say(), people["clerk"]
    read = Case.objects.to_act(clerk, case.code)
    assert isinstance(act(case, "accept", by=actor(clerk), at=AT), Event)  # somebody else moves its clocks meanwhile
    read.refresh_from_db()
    assert isinstance(act(read, "note", by=actor(clerk), facts={"words": "看过了"}, at=AT), Event)
    rows = Clock.objects.filter(case_id=case.id).order_by("id")
    body = json.loads(Body.objects.get(case_id=case.id, n=read.n).text)
    assert body["kept"] == kept(everything(Case.objects.get(id=case.id)), rows.values())  # as `verify` holds them


def test_clocks_and_what_happened_are_read_as_the_orm_reads_them(people: dict[str, Any]) -> None:
    case = say()
    act(case, "accept", by=actor(people["clerk"]), at=AT)
    rows = Clock.objects.filter(case_id=case.id).order_by("id")
    assert reads.dicts(Clock, OF_CASE, [case.county, reads.row_id(case.id)]) == list(rows.values())
    Body.objects.filter(case_id=case.id, n=1).delete()  # erased: the event stays
    told = sheet._told(case)
    assert [everything(event) for event, _ in told] == [
        everything(e) for e in Event.objects.filter(case_id=case.id).order_by("n")
    ]
    assert [text for _, text in told] == [None, Body.objects.get(case_id=case.id, n=2).text]


def test_her_list_holds_each_matter_once_and_turns_page_after_page(people: dict[str, Any]) -> None:
    clerk, supervisor = people["clerk"], people["supervisor"]
    made = [say(i) for i in range(7)]
    act(made[0], "accept", by=actor(clerk), at=AT + timedelta(minutes=9))
    for who, wanted in (
        (clerk, Wanted(limit=3)),
        (supervisor, Wanted(limit=2, order="due")),
        (clerk, Wanted(limit=2, place=VILLAGE)),
    ):
        seen: list[str] = []
        page = inbox.listed(who, wanted, AT)
        while True:
            seen += [c.code for c in page.items]
            if page.next is None:
                break
            page = inbox.listed(
                who, Wanted(**{f: getattr(wanted, f) for f in ("place", "order", "limit")}, cursor=page.next), AT
            )
        assert len(seen) == len(set(seen))
        assert set(seen) == {c.code for c in made}
    newest = inbox.listed(clerk, Wanted(), AT)
    assert [c.id for c in newest.items] == sorted((c.id for c in made), reverse=True)
    assert everything(newest.items[0]) == everything(Case.objects.get(id=newest.items[0].id))


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(state="said"), 2), (Wanted(state="accepted"), 1), (Wanted(kind="lamp.out"), 2), (Wanted(mine=True), 3),
        (Wanted(light="green"), 3), (Wanted(light="red"), 0), (Wanted(flag="urged"), 1), (Wanted(flag="%"), 0),
        (Wanted(open=True), 3), (Wanted(open=False), 0), (Wanted(place="131022100000"), 3), (Wanted(place=NEXT), 0),
    ],
)  # fmt: skip
def test_every_filter_of_the_list(people: dict[str, Any], wanted: Wanted, count: int) -> None:
    first, second, _ = say(), say(1), say(2, kind="lamp.hours")
    assert act(first, "accept", by=actor(people["clerk"]), at=AT + timedelta(minutes=3))
    assert act(second, "urge", by=SPEAKER, at=AT + timedelta(minutes=3))
    assert len(inbox.listed(people["clerk"], wanted, AT + timedelta(minutes=4)).items) == count


def test_a_large_desk_counts_its_most_urgent_rows_and_takes_the_rest_from_the_tallies(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from minan.kernel import worker

    for i in range(4):
        say(i)
    worker.settle(AT + timedelta(minutes=5))
    all_of_it = inbox.counts(people["clerk"], AT + timedelta(minutes=5))
    monkeypatch.setattr(inbox, "COUNTED_MOST", 2)
    assert inbox.counts(people["clerk"], AT + timedelta(minutes=5)).state == all_of_it.state == {"said": 4}
    assert (
        inbox.counts(people["clerk"], AT + timedelta(minutes=5)).light["green"] == all_of_it.light["green"] == 4
    )
    late = inbox.counts(people["clerk"], AT + timedelta(days=30)).light
    assert (late["red"], late["all"]) == (2, 4)
    assert Inbox.objects.filter(unit="131022100-station", open=True).count() == 4


def test_of_a_large_desk_the_nearest_clock_is_counted_first_and_what_has_none_last(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [say(i) for i in range(5)]
    for case in made[:2] + made[3:]:
        Inbox.objects.filter(case_id=case.id).update(due_at=None, warn_at=None)
    monkeypatch.setattr(inbox, "COUNTED_MOST", 1)
    light = inbox.counts(people["clerk"], AT + timedelta(days=30)).light
    assert (light["red"], light["paused"]) == (1, 0), "the one that is late is what must be seen"


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="not run: another planner has other words")
def test_counting_them_goes_along_the_index_of_what_is_due_and_sorts_nothing(people: dict[str, Any]) -> None:
    say()
    with CaptureQueriesContext(connection) as told:
        inbox.counts(people["clerk"], AT)
    asked = next(one["sql"] for one in told if "NULLS LAST" in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + asked)
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    assert "USING INDEX inbox_due (unit=?)" in plan
    assert "FOR ORDER BY" not in plan
