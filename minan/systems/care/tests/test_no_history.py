"""Nothing in any table tells a history of signs: 王秀兰 missed three mornings, 孙长河 none, 李桂芬 was away; their rows look the same."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps

from minan.kernel import worker
from minan.kernel.models import Case, Event, Speaker
from minan.systems.care import watching
from minan.systems.care.models import Watch
from minan.systems.care.tests.cast import ASKED, agreed, at, must, visits

pytestmark = pytest.mark.django_db
MISSED = {1, 3, 4}
DAYS = range(1, 7)


def dump() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table there is."""
    return {f"{m._meta.label}": list(m._base_manager.values()) for m in apps.get_models()}


def played(people: dict[str, Any]) -> tuple[list[Case], list[Case]]:
    agreements = [agreed(name=name, phone=phone)[0] for name, phone in (("王秀兰", "13800000001"), ("孙长河", "13800000002"), ("李桂芬",
        "13800000003"))]
    watches = [Watch.objects.get(case_id=case.id) for case in agreements]
    watching.pause(watches[2], 5, at(1, "00:10"))
    for day in DAYS:
        worker.settle(at(day, "00:00"))
        for n, watch in enumerate(watches):
            watch.refresh_from_db()
            if not (n == 0 and day in MISSED) and n != 2:
                watching.give(watch, "own", at(day, "08:00"))
        if day == 6:
            watches[2].refresh_from_db()
            watching.give(watches[2], "own", at(day, "08:00"))
        worker.settle(at(day, "09:00"))
        worker.settle(at(day, "09:30"))
        worker.settle(at(day, "10:00"))
        for visit in visits():
            if visit.open:
                must(visit, "call", people["worker"], at(day, "10:05"))
                must(visit, "found", people["worker"], at(day, "10:20"), found="fine")
    worker.settle(at(7, "00:00"))
    return agreements, visits()


def test_a_dump_of_every_table_cannot_tell_who_missed_which_morning(people: dict[str, Any]) -> None:
    agreements, gone = played(people)
    assert len(gone) == len(MISSED)  # the visits are on record: they are acts of the village
    rows = [{k: v for k, v in row.items() if k not in ("id", "case_id", "number")} for row in Watch.objects.values()]
    assert rows[0] == rows[1] == rows[2], "three very different weeks, one same row"
    told = dump()
    # no visit names an agreement, and no agreement a visit: not by code, id, parent, secret, owner, caller or key
    marks = {case.id: Speaker.objects.get(case_id=case.id) for case in agreements}
    for visit in gone:
        seen = Speaker.objects.get(case_id=visit.id)
        assert visit.parent is None
        assert seen.caller == "", "a keyed hash of her number would join her visits"
        assert seen.owner == ""
        its = "".join(str(row) for some in told.values() for row in some if visit.id in row.values())
        assert visit.code in its
        for case in agreements:
            for one in (case.code, case.id.hex, str(case.id), marks[case.id].secret, marks[case.id].capability):
                assert one not in its, one
    # and no two visits share anything but what every visit of the village has
    shared = [{Speaker.objects.get(case_id=v.id).secret, Speaker.objects.get(case_id=v.id).capability} for v in gone]
    assert not shared[0] & shared[1]
    assert not shared[1] & shared[2]
    for case in agreements:  # the chain of an agreement holds no sign, no pause, no miss
        assert list(Event.objects.filter(case_id=case.id).values_list("step", flat=True)) == ["ask"]
    text = str({table: some for table, some in told.items() if table not in ("kernel.User",)})  # and no name stands in clear
    for word in ("13800000001", "13800000009", ASKED["address"], "孙长河"):
        assert word not in text, word
