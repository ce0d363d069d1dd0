"""L1: whatever anybody sends to whatever address, nothing changes on a case without exactly its event, and every event becomes one leaf.

Requests are drawn by chance over all steps, people and pages; what changed is asked of the database, not of the program.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from minan.kernel import access, directory, registry, vault, worker
from minan.kernel.act import Opened, open_case
from minan.kernel.models import Attachment, Body, Case, Clock, Event, Inbox, Judged, Wall
from minan.kernel.procedure import Field, Step
from minan.systems.proof.models import Leaf
from tests import house as houses
from tests.house import House
from tests.pages import PAGES

pytestmark = [pytest.mark.django_db, pytest.mark.bar("L1")]
REQUESTS, SEED = 400, 20261123
HANGING = (Body, Clock, Attachment, Wall, Judged)  # what a case carries besides its row and its inbox
STAFF = ("clerk", "handler", "supervisor", "stranger", "worker", "admin", "resident")


@pytest.fixture
def house(people: dict[str, Any]) -> House:
    return houses.build(people)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every opening of the vault by a person of the staff: whose case, by whom, and which event justifies it."""
    seen, plain = list[dict[str, Any]](), vault.unseal

    def unseal(code: str, *args: Any, **kept: Any) -> Any:
        if str(kept.get("who", "")).startswith("user:"):
            seen.append({"code": code, **kept})
        return plain(code, *args, **kept)

    monkeypatch.setattr(vault, "unseal", unseal)
    return seen


def rows(model: Any) -> Counter[tuple[Any, ...]]:
    """(case, what stands there) of a table; `mine` and lights of an inbox row are the case's own."""
    columns = [column.attname for column in model._meta.concrete_fields]
    return Counter((str(case), repr(rest)) for case, *rest in model.objects.values_list("case_id", *columns))


class State:
    """All cases, what hangs on them, and how many events each has."""

    def __init__(self) -> None:
        columns = [column.attname for column in Case._meta.concrete_fields]
        self.cases = {str(pk): repr(rest) for pk, *rest in Case.objects.values_list("id", *columns)}
        self.hanging = {model: rows(model) for model in (*HANGING, Inbox)}
        self.events = Counter(str(pk) for pk in Event.objects.values_list("case_id", flat=True))
        self.n = {str(pk): n for pk, n in Case.objects.values_list("id", "n")}

    def changed(self, other: State) -> set[str]:
        """The cases on which anything is otherwise."""
        out = {pk for pk in self.cases.keys() | other.cases.keys() if self.cases.get(pk) != other.cases.get(pk)}
        for model, mine in self.hanging.items():
            theirs = other.hanging[model]
            out |= {pk for pk, _ in (mine - theirs) + (theirs - mine)}
        return out


def uneventful(before: State, after: State) -> list[str]:
    """What changed without its event, or has an event and did not change."""
    wrong = []
    for pk in before.changed(after) | {p for p in after.events if after.events[p] != before.events[p]}:
        fresh = after.events[pk] - before.events[pk]
        if fresh < 1 or after.n[pk] != before.n.get(pk, 0) + fresh or after.events[pk] != after.n[pk]:
            wrong.append(f"{pk}: {fresh} events, n {before.n.get(pk, 0)} → {after.n.get(pk)}")
    return wrong


# ---- what may be sent


def value(spec: Field, rng: random.Random) -> Any:
    """Something for a field: mostly what fits, sometimes not."""
    if rng.random() < 0.08:
        return rng.choice(("", "x" * 50, None, "131022", 7, True))
    if spec.type in ("choice",):
        return rng.choice(spec.options)[0]
    grounds = [g.code for g in directory.city().grounds.values() if g.list == spec.source] or [""]
    made = {
        "yesno": rng.random() < 0.5, "kind": rng.choice(("lamp.out", "lamp.pole", "order.build")), "number": rng.randint(1, 30),
        "place": rng.choice(("131022100010", "131022101000")), "case": "0" * 15, "answers": {}, "photos": [], "phone": "13812345678",
        "unit": rng.choice(("131022-lighting", "131022-housing", "131022100-station")), "ground": rng.choice(grounds),
        "date": (timezone.now() + timedelta(days=rng.randint(1, 40))).date().isoformat(),
    }  # fmt: skip
    return made.get(spec.type, rng.choice(("去看过了，灯泡坏了", "等材料", "说明一句")))


def steps() -> list[Step]:
    found = registry.get("matter")
    assert found is not None
    return [s for s in found.steps if s.who != ("clock",)]


def drawn(house: House, cases: list[Case], rng: random.Random) -> tuple[str, str, Step]:
    """One step by one person on one case, over the API or the desk's page."""
    case, step = rng.choice(cases), rng.choice(steps())
    likely = {
        "desk": "clerk",
        "lead": "handler",
        "ruler": "supervisor",
        "above": "supervisor",
        "line": "supervisor",
        "speaker": "speaker",
    }
    who = likely.get(rng.choice(step.who), "clerk") if rng.random() < 0.75 else rng.choice(STAFF)
    facts = {f.name: value(f, rng) for f in step.fields if f.required or rng.random() < 0.5}
    if who == "speaker":
        house.ask(
            who,
            f"/m/{case.code}/{step.name}/",
            "post",
            data={k: str(v) for k, v in facts.items()} | {"key": "k", "moves": "0"},
        )
        return who, step.name, step
    body = {"facts": {k: v for k, v in facts.items() if v is not None}}
    if rng.random() < 0.3:
        body["moves"] = rng.randint(0, 9)
    key = f"{rng.getrandbits(64):x}"
    house.ask(
        who,
        f"/api/v1/cases/{case.code}/steps/{step.name}",
        "post",
        data=json.dumps(body),
        headers={"Idempotency-Key": key},
    )
    return who, step.name, step


# ---- the tests


def test_four_hundred_requests_by_chance_change_nothing_without_its_event(
    house: House, looks: list[dict[str, Any]], record_property: Any
) -> None:
    rng, cases = random.Random(SEED), [house.case]
    for n in range(8):
        made = open_case(
            "matter",
            by=access.SPEAKER,
            facts={"text": f"第 {n} 盏", "place": "131022100010", "kind": "lamp.out", "phone": "13812345678"},
        )
        assert isinstance(made, Opened)
        cases.append(made.case)
    taken, before, wrong = Counter[str](), State(), list[str]()
    for _ in range(REQUESTS):
        who, name, step = drawn(house, cases, rng)
        after = State()
        wrong += [f"{who} {name} {what}" for what in uneventful(before, after)]
        fresh = list(Event.objects.order_by("id").values_list("step", flat=True)[sum(before.events.values()) :])
        declared = {name, *step.takes, *step.then_any}
        declared |= {p.opening.name for p in registry.procedures().values()}  # of the children a step opens with itself
        declared |= {"push_refused"}  # a refusal that stands on the record
        if fresh and ((fresh.count(name) != 1 and fresh != ["push_refused"]) or not set(fresh) <= declared):
            wrong.append(f"{who} {name}: {fresh}")
        taken.update(fresh)
        before = after
    worker.settle(timezone.now() + timedelta(minutes=2))
    record_property("requests", REQUESTS)
    record_property("events", sum(taken.values()))
    assert wrong == []
    assert len(taken) >= 12, f"the walk met too little: {taken}"
    assert Leaf.objects.count() == Event.objects.count(), "one event, one leaf"
    assert set(Leaf.objects.values_list("hash", flat=True)) == set(Event.objects.values_list("hash", flat=True))
    unjustified = [look for look in looks if not Event.objects.filter(hash=look.get("event") or "-").exists()]
    assert unjustified == [], "an identity was read without an event"


def test_every_page_that_takes_something_changes_no_case_without_its_event(house: House) -> None:
    wrong, before = list[str](), State()
    for route, row in PAGES.items():
        for who in (*(row.who or ("nobody",)), "stranger") if row.post else ():
            data: Any = {
                "words": "一句话",
                "text": "路灯不亮",
                "key": "k" * 32,
                "moves": str(house.case.moves),
                "place": "131022100010",
            }
            if row.path.startswith("/api/"):
                data = json.dumps({"facts": {"words": "一句话"}})
            house.ask(who, house.path(row.path), "post", data=data)
            after = State()
            wrong += [f"{who} {route}: {what}" for what in uneventful(before, after)]
            before = after
    assert wrong == []


def test_a_look_at_the_speaker_s_number_is_one_event(house: House, looks: list[dict[str, Any]]) -> None:
    events = Event.objects.filter(case_id=house.case.id).count()
    for who in ("clerk", "handler", "supervisor", "stranger", "admin"):
        for path in ("/desk/{code}/", "/tasks/{code}/", "/api/v1/cases/{code}"):
            house.ask(who, house.path(path))
    assert looks == [], "no page shows who spoke by itself"
    assert Event.objects.filter(case_id=house.case.id).count() == events
    got = house.ask(
        "handler", f"/desk/{house.case.code}/call/", "post", data={"key": "k" * 32, "moves": str(house.case.moves)}
    )
    assert got.status in (200, 302), got.body.decode()[:500]
    if got.to:
        house.ask("handler", got.to)
    called = Event.objects.filter(case_id=house.case.id, n__gt=events, step="call")
    assert called.count() == 1
    assert looks
    assert {look["event"] for look in looks} == {called.get().hash}


def _bitten() -> Iterator[str]:
    yield from ("row", "clock", "inbox")


@pytest.mark.parametrize("what", list(_bitten()))
def test_a_change_behind_the_door_would_be_seen(house: House, what: str) -> None:
    """The measure itself bites: each kind of change without an event is named by it."""
    from django.db import connection  # only where the guard is taken out

    from conftest import without_triggers

    before = State()
    with without_triggers(connection):
        if what == "row":
            Case.objects.filter(id=house.case.id).update(state="closed")
        elif what == "clock":
            Clock.objects.filter(case_id=house.case.id).update(due_at=timezone.now() + timedelta(days=99))
        else:
            Inbox.objects.filter(case_id=house.case.id).delete()
    assert len(uneventful(before, State())) == 1
