"""A small town whose log is witnessed, and somebody with the database's password and the log's key who rewrites it.

The attacker covers up as well as anybody could: `chain` makes the case agree with itself (what its last event vouches for,
commitments, hashes, head), `everything` also the leaves, tiles, checkpoints (signed anew), counts and batches.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.test import Client

from minan.kernel import draft, judged, ledger, notes, pictures, promises, verify, verify_counts, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, act, open_case
from minan.kernel.listen import Told
from minan.kernel.models import Body, Case, Clock, Delivery, Event, Inbox, Judged, Outbox, Tally
from minan.kernel.tests import made_pictures
from minan.kernel.witness import log as witness_log
from minan.kernel.witness import watch
from minan.kernel.witness.state import State
from minan.systems.proof import publication
from minan.systems.proof.models import CITY, Checkpoint, Cosignature, Leaf, Log, Tile

LIGHTING = "131022-lighting"
PLACES = ("131022100010", "131022100000", "131002000000")
UNIVERSITY = notes.Signer("university.example", bytes(range(32, 64)), notes.COSIGNATURE)
NEXT = timedelta(seconds=61)
# All within the two working hours in which nothing falls due, whatever the hour of this run.
BEGAN, APART, LASTED = timedelta(minutes=110), timedelta(seconds=20), timedelta(minutes=32)


class Inside(witness_log.Log):
    """The city's real addresses, asked without a network."""

    def __init__(self) -> None:
        super().__init__("http://testserver", pause=lambda _: None)

    def _ask(self, path: str, most: int, data: bytes | None = None) -> tuple[bytes, str]:
        asked = Client().get(path) if data is None else Client().post(path, data, content_type="text/plain")
        if asked.status_code != 200:
            raise witness_log.Away(f"{path}: {asked.status_code} {asked.content.decode()}")
        assert len(asked.content) <= most
        return asked.content, ""


def photo(seed: int = 1) -> Any:
    return pictures.clean(made_pictures.encoded(made_pictures.scene(seed, (60, 40))))


def said(number: int, at: datetime, picture: Any = None) -> Opened:
    place = PLACES[number % len(PLACES)] if picture is None else PLACES[0]
    facts = {"text": f"第 {number} 盏路灯不亮了", "place": place, "kind": "lamp.out"}
    opened = open_case("matter", by=SPEAKER, facts=facts | ({"photos": [picture]} if picture else {}), at=at)
    assert isinstance(opened, Opened)
    return opened


def lived(people: dict[str, Any], number: int, at: datetime, picture: Any) -> Case:
    """One matter; every second one to its end, judged by its speaker."""
    opened = said(number, at, picture if number % 4 == 0 else None)
    case = opened.case
    if case.county != "131022":
        return case
    clerk, handler = actor(people["clerk"]), actor(people["handler"])
    judge = Actor("speaker", cast="issued")
    steps: list[tuple[str, Any, dict[str, Any]]] = [
        ("accept", clerk, {}),
        ("assign", clerk, {"unit": LIGHTING}),
        ("sign", handler, {}),
    ]
    if number % 2 == 0:
        words = {"outcome": "explained", "words": "线路在改造", "article": "示例第一条"}
        steps += [
            ("handle", handler, {}),
            ("answer", handler, words),
            ("rate", judge, {"solved": True, "satisfied": number % 4 == 0}),
        ]
    for turn, (name, who, facts) in enumerate(steps, 1):
        if case.desk == "131022100-station" or name == "rate" or who is handler:
            done = act(case, name, by=who, facts=facts, at=at + timedelta(minutes=5 * turn))
            assert isinstance(done, Event), (name, done)
    return case


class Town:
    """`old` cases are witnessed, `young` ones only promised."""

    def __init__(self, people: dict[str, Any], folder: Path, old: int, young: int) -> None:
        self.people, self.folder = people, folder
        self.now = datetime.now(UTC)
        self.picture = photo()
        for number in range(old):
            lived(people, number, self.now - BEGAN + number * APART, self.picture)
            if number % 20 == 19:
                worker.settle(self.now - BEGAN + number * APART + LASTED)
        worker.settle(self.now - BEGAN + old * APART + LASTED)
        self.old = list(Case.objects.order_by("id").values_list("id", flat=True))
        state = State(folder / "witness")
        seen = watch.look(Inside(), state, UNIVERSITY)
        assert seen is not None
        state.close()
        self.checkpoint = folder / "checkpoint.txt"
        self.checkpoint.write_text(seen.note, "utf-8")
        self.witnessed = seen.said
        self.promised: list[str] = []
        for number in range(young):
            opened = said(number * 3, self.now - timedelta(minutes=2))
            self.promised.append(promises.of(opened.event, opened.case.code))
        worker.settle(self.now + NEXT)
        self.young = [c for c in Case.objects.order_by("id").values_list("id", flat=True) if c not in set(self.old)]
        (folder / "promises.txt").write_text("\n".join(self.promised), "utf-8")

    def held(self, *, witness: bool = True, promised: bool = False) -> verify.Held:
        return verify.Held(
            () if witness else (self.checkpoint,),
            self.folder / "witness" if witness else None,
            (self.folder / "promises.txt",) if promised else (),
        )


# ---- covering up


def texts(case: Case) -> dict[int, Body]:
    return {body.n: body for body in Body.objects.filter(county=case.county, case_id=case.id)}


def chain(case_id: UUID) -> None:
    """Make a case agree with itself again, whatever was done to its rows."""
    case = Case.objects.filter(id=case_id).first()
    events = list(Event.objects.filter(case_id=case_id).order_by("n", "id"))
    if case is None or not events:
        return
    bodies, prev = texts(case), ledger.ZERO
    Case.objects.filter(id=case.id).update(n=events[-1].n, state=events[-1].state)
    case.refresh_from_db()
    state = ""
    for event in events:
        body = bodies.get(event.n)
        if body is not None:
            words = json.loads(body.text)
            words["after"] = words.get("after", {}) | {"state": event.state}
            if event is events[-1]:
                rows = list(Clock.objects.filter(case_id=case.id).order_by("id").values())
                words["kept"] = draft.kept({name: getattr(case, name) for name in draft.READ}, rows)
            text = ledger.canonical(words).decode()
            Body.objects.filter(id=body.id).update(text=text)
            event.body = ledger.commit(bytes(body.salt), words)
        event.prev, event.source = prev, state
        event.hash = ledger.Link(
            event.county, case.code, event.n, event.prev, event.step, event.at, event.by, event.body
        ).leaf()
        Event.objects.filter(id=event.id).update(body=event.body, prev=event.prev, source=event.source, hash=event.hash)
        Leaf.objects.filter(case_id=case.id, n=event.n).update(hash=event.hash)
        prev, state = event.hash, event.state
    Case.objects.filter(id=case.id).update(head=prev)
    shown: dict[str, Any] = {
        name: getattr(case, name) for name in ("state", "kind", "place", "open", "due_at", "warn_at")
    }
    Inbox.objects.filter(case_id=case.id).update(**shown, flags=f",{','.join(sorted(case.marks))},")


def republish(now: datetime) -> None:
    """Build the whole log anew from its leaves, and sign it: no checkpoint of the past is left to contradict it."""
    for model in (Cosignature, Checkpoint, Tile):
        model.objects.all().delete()
    there = {(c, i, n): h for c, i, n, h in Event.objects.values_list("county", "case_id", "n", "hash")}
    leaves = [leaf for leaf in Leaf.objects.order_by("log", "index") if (leaf.log, leaf.case_id, leaf.n) in there]
    had = {(leaf.log, leaf.case_id, leaf.n) for leaf in leaves}
    fresh = [Leaf(log=c, case_id=i, n=n) for c, i, n in sorted(there.keys() - had, key=str)]
    Leaf.objects.all().delete()
    sizes: dict[str, int] = {}
    for leaf in [*leaves, *fresh]:
        leaf.pk, leaf.city_index, leaf.index = None, None, sizes.get(leaf.log, 0)
        leaf.hash = there[leaf.log, leaf.case_id, leaf.n]
        sizes[leaf.log] = leaf.index + 1
    Leaf.objects.bulk_create([*leaves, *fresh])
    for log in Log.objects.exclude(name=CITY):
        Log.objects.filter(name=log.name).update(size=sizes.get(log.name, 0), published=0, note="")
    Log.objects.filter(name=CITY).update(size=0, published=0, note="", at=None)
    publication._publish(Log.objects.get(name=CITY), now)


def recount() -> None:
    """Counts and batches as if it had always been so."""
    counted, report = verify_counts.Counted(), verify.Report()
    Outbox.objects.all().delete()
    Delivery.objects.all().delete()
    Judged.objects.all().delete()
    for batch in verify.batches(report):
        for case in batch.cases:
            words: dict[int, dict[str, Any]] = {}
            events = batch.events[case.id]
            list(verify.bodies(case, events, batch.bodies[case.id], words, report))
            verify_counts.of_case(counted, case, events, words)
            told = [
                Told(
                    e.case_id,
                    e.county,
                    e.case_id,
                    e.n,
                    f"matter.{e.step}",
                    e.at,
                    {"a": words.get(e.n, {}).get("after", {})},
                )
                for e in events
            ]
            judged.gather(told)
    Tally.objects.all().delete()
    rows = [Tally(county=c, place=p, by=b, key=k, **row) for (c, p, b, k), row in counted.sums.items()]
    Tally.objects.bulk_create(rows)


def everything(case_id: UUID | None, now: datetime) -> None:
    if case_id is not None:
        chain(case_id)
    republish(now)
    recount()


def pick(chance: random.Random, rows: Any) -> Any:
    """One row by chance; None where there is none."""
    found = list(rows)
    return chance.choice(found) if found else None
