"""A case while steps are taken on it, in memory: what changes, which events arise, and the one write it all becomes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from minan.kernel import access, erasures, hiding, ledger, looks, reused, vault, ways
from minan.kernel.access import Actor
from minan.kernel.clocks import Clocks, owner_of
from minan.kernel.directory import PostRow
from minan.kernel.facts import Facts
from minan.kernel.models import Attachment, Body, Case, Clock, Event, Inbox, Look, Outbox, Speaker, Wall
from minan.kernel.models.case import CLOCKS
from minan.kernel.procedure import ANY, Ask, Change, Child, Procedure, Step
from minan.kernel.routing import Offices
from minan.kernel.rows import PLAIN, Write
from minan.lib.uuid7 import uuid7, uuid7_at

Row = dict[str, Any]
READ = tuple(f.attname for f in Case._meta.concrete_fields)
TIMED = tuple(f.attname for f in Clock._meta.concrete_fields if f.attname != "next_at")
COUNTED = ("place", "kind", "unit", "state")
# Of a case's row and clocks, what an event does not vouch for: its own number and hash, and when the worker looks next.
UNKEPT = ("n", "head")


def _settled(value: Any) -> Any:
    """A value as every database gives it back, in JSON's terms."""
    if value.__class__ in PLAIN:
        return value
    if isinstance(value, datetime):
        return ledger.stamp(value)
    if isinstance(value, float):
        return repr(value)
    return str(value) if isinstance(value, UUID) else value


def kept(case: Mapping[str, Any], clocks: Iterable[Mapping[str, Any]]) -> str:
    """Hex SHA-256 over a case's row and its clocks as an event leaves them; `verify` holds the rows against it."""
    row = {name: _settled(case[name]) for name in READ if name not in UNKEPT}
    runs = sorted(([_settled(c[name]) for name in TIMED] for c in clocks), key=str)
    return hashlib.sha256(ledger.canonical({"case": row, "clocks": runs})).hexdigest()


def _named(sealed: Row, n: int) -> Row:
    """Originals of later events keep their number: what is said twice by one step is two things (add.words → add@5.words)."""
    return {name.replace(".", f"@{n}.", 1) if n > 1 and "." in name else name: value for name, value in sealed.items()}


def hour(at: datetime) -> datetime:
    """The hour a moment lies in: all that is kept of the moments of an anonymous case (CONTRACTS.md "Receipts")."""
    return at.replace(minute=0, second=0, microsecond=0)


@dataclass(slots=True)
class Draft:
    procedure: Procedure
    case: Row
    clocks: Clocks
    guard: int | None
    audience: dict[str, None]
    events: list[Row] = field(default_factory=list)
    bodies: list[Row] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    pictures: list[Row] = field(default_factory=list)
    speaker: Row | None = None  # a new vault row
    sealed: Row = field(default_factory=dict)  # facts to be added to an existing one
    erases: list[str] = field(default_factory=list)  # facts to be taken out of it for good
    walls: list[Row] = field(default_factory=list)
    looks: list[Row] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)  # cases to be opened with this write (family.py)
    ups: list[tuple[str, Row, bool]] = field(default_factory=list)  # steps to be taken on the parent, each with what it is told
    hidden: list[int] | None = None  # events whose bodies go into the vault with this write
    was: Row = field(default_factory=dict)  # the case as it was read

    @classmethod
    def of(cls, procedure: Procedure, case: Case) -> Draft:
        row = {name: getattr(case, name) for name in READ}
        read = case.__dict__.pop(CLOCKS, None)
        clocks = Clocks.of(case.county, case.id) if read is None else Clocks(read)
        draft = cls(procedure, row, clocks, case.n, access.audience(row), was=row.copy())
        draft.clocks.new_id = draft.new_id
        return draft

    def new_id(self) -> UUID:
        """A row's id; an anonymous case's tells the hour only."""
        return uuid7_at(self.case["changed_at"].timestamp()) if self.case["anonymous"] else uuid7()

    def ask(
        self, step: Step, facts: dict[str, Any], roles: frozenset[str], post: PostRow | None, who: Actor, at: datetime
    ) -> Ask:
        view = self.case | {"clocks": self.clocks.view()}
        unit = post.unit if post else ""
        return Ask(
            step.name,
            self.case["state"],
            facts,
            view,
            roles,
            unit,
            who.person,
            at,
            Offices(self.case["edition"]),
            who.cast,
        )

    def _counted(self) -> Row:
        return {name: self.case[name] for name in COUNTED} | {
            "open": self.case["closed_at"] is None, "late": bool(self.case["marks"].get("late")), "shut": access.shut(self.case),
        }  # fmt: skip

    def take(
        self, step: Step, ask: Ask, facts: Facts, by: str, key: str, extra: Row | None = None, walls: tuple[str, ...] = ()
    ) -> None:
        """One step: effect, state, clocks, event. The rules have been asked before. `walls`: those a child takes over."""
        before = self._counted()
        change = step.effect(ask) if step.effect else Change()
        source = self.case["state"]
        self._wall((*walls, *change.walls))
        target = step.decide(ask) if step.decide else step.to
        if target and target not in step.targets:
            raise AssertionError(f"{step.name} decided for {target}, which it does not declare")
        self._apply(change, target, ask.at)
        self._reroute()
        self._turn(step, change, ask.at)
        self.case["moves"] += step.moves
        note = (extra or {}) | change.note | (hiding.hide(self, step, facts) if step.hides else {})
        self._event(step, source, ask, facts, by, key, note, change.counts)
        self._look(change.opens, ask)
        self.sealed |= _named(facts.sealed, self.case["n"])
        self.erases += change.erases
        self.children += change.children
        if step.parent:
            self._up(step, facts, change)
        after = self._counted()
        fresh = self.case["n"] == 1
        delta: dict[str, Any] = {
            "b": None if fresh else before,
            "a": after,
            "c": change.counts,
            "week": f"{self.case['opened_at']:%G-W%V}",
        }
        if step.name == self.procedure.archive or self.case["privacy"] in ("house", "sealed") or not self.procedure.counted:
            delta["history"] = True
        self.outbox.append(
            {
                "id": self.new_id(), "county": self.case["county"], "case_id": self.case["id"], "n": self.case["n"],
                "name": f"{self.procedure.name}.{step.name}", "at": ask.at, "delta": delta,
            }
        )  # fmt: skip

    def _up(self, step: Step, facts: Facts, change: Change) -> None:
        """What the parent is told of a child's step: which child, whose, how it stands, and its words where they may be read."""
        case = self.case
        told = {"ref": case["facts"].get("ref", ""), "child": case["code"], "of": case["unit"], "state": case["state"]}
        told |= {"at_end": case["closed_at"] is not None}
        if facts.open.get("words") and not case["privacy"]:
            told["words"] = facts.open["words"]
        self.ups.append((step.parent, told | change.up, step.parent_must))

    def _apply(self, change: Change, target: str, at: datetime) -> None:
        self.case |= change.set
        facts = self.case["facts"] | change.facts  # never in place: `was` holds what was read
        self.case["facts"] = {k: v for k, v in facts.items() if v is not None}
        marks = self.case["marks"] | change.marks
        self.case["marks"] = {k: v for k, v in marks.items() if v is not None}
        if target:
            self.case["state"] = target
            self.case["closed_at"] = at if self.procedure.state(target).final else None
        self.case["changed_at"] = at

    def _wall(self, names: tuple[str, ...]) -> None:
        """Raise walls."""
        case, fresh = self.case, [who for who in dict.fromkeys(names) if who not in self.case["walls"]]
        if not fresh:
            return
        case["walls"] = [*case["walls"], *fresh]
        n = len(self.events) + (self.guard or 0) + 1
        self.walls += [
            {"id": self.new_id(), "county": case["county"], "case_id": case["id"], "n": n, "who": who} for who in fresh
        ]

    def _reroute(self) -> None:
        """Nobody behind a wall holds the case: the next above them by block who is free takes it; a barred lead has no successor."""
        case = self.case
        if access.shut(case):
            case["public"] = False
        if not case["walls"]:
            return
        for holder in ("desk", "ruler"):
            if case[holder]:
                case[holder] = access.free(case[holder], case["walls"])
        if case["unit"] and access.barred(case["unit"], case["walls"]):
            case["unit"] = ""
        for row in self.clocks.running():
            if access.barred(row["unit"], case["walls"]):
                self.clocks.hand(row, access.free(owner_of(self.procedure.clock(row["name"]), case), case["walls"]) or case["desk"])

    def _look(self, what: str, ask: Ask) -> None:
        """The row that counts an opening of the vault against the person's ten a day; two at once cannot take the same place."""
        if not what:
            return
        self.looks.append(
            {
                "id": self.new_id(), "county": self.case["county"], "case_id": self.case["id"], "n": self.case["n"],
                "user_id": int(ask.person), "day": looks.day(ask.at), "slot": ask.offices.looked(ask.person, ask.at) + 1, "what": what,
            }
        )  # fmt: skip

    def _loud(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The clocks a step means: "*" is all that run but the quiet ones."""
        return (
            tuple(r["name"] for r in self.clocks.running() if r["name"] not in self._quiet) if "*" in names else names
        )

    @property
    def _quiet(self) -> frozenset[str]:
        return frozenset(c.name for c in self.procedure.clocks if c.quiet)

    def _turn(self, step: Step, change: Change, at: datetime) -> None:
        clocks = self.clocks
        clocks.stop(self._loud(step.stops + change.stops), at)
        if self.case["closed_at"] is not None:
            clocks.stop(tuple(name for name in self._loud(ANY) if name not in step.starts), at)
        if step.resumes:
            clocks.resume(self._loud(step.resumes), at, law_too=step.law_too)
        if step.extends:
            clocks.extend(step.extends, at)
        if step.restates:
            clocks.stricter(self.case, at)
        if step.pauses:  # before the new ones start: what the case waits for now must run
            clocks.pause(self._loud(step.pauses), at)
        for name in (*step.starts, *change.starts):
            clocks.start(self.procedure.clock(name), self.case, at, change.due.get(name))
        clocks.ends_with_late(frozenset(c.name for c in self.procedure.clocks if c.while_late), at)
        self.lights()

    def lights(self) -> None:
        """Bring the case's own light in line with its clocks."""
        first = self.clocks.first(self._quiet)
        self.case["light"] = first["name"] if first else ""
        self.case["due_at"] = first["due_at"] if first else None
        self.case["warn_at"] = first["warn_at"] if first else None
        marks = {name: value for name, value in self.case["marks"].items() if name != "late"}
        late = self.clocks.late(self._quiet)
        self.case["marks"] = marks | {"late": late} if late else marks

    def _event(
        self, step: Step, source: str, ask: Ask, facts: Facts, by: str, key: str, note: Row, counts: Row
    ) -> None:
        case, salt = self.case, ledger.salt()
        body: Row = {"facts": facts.open, "kept": kept(case, self.clocks.rows)}
        # What the counts take from this event, so that `verify` can count everything anew: only what is not empty.
        body["after"] = {k: v for k, v in (self._counted() | {"c": counts}).items() if v}
        if note:
            body["note"] = note
        if ask.person:
            body["person"] = ask.person
        n = len(self.events) + (self.guard or 0) + 1
        link = ledger.Link(
            case["county"],
            case["code"],
            n,
            case["head"] or ledger.ZERO,
            step.name,
            ask.at,
            by,
            ledger.commit(salt, body),
        )
        leaf = link.leaf()
        self.events.append(
            {
                "id": self.new_id(), "county": case["county"], "case_id": case["id"], "n": n, "step": step.name,
                "source": source if n > 1 else "",
                "state": case["state"], "at": ask.at, "by": by, "body": link.body, "prev": link.prev, "hash": leaf, "key": key,
            }
        )  # fmt: skip
        self.bodies.append(
            {
                "id": self.new_id(),
                "county": case["county"],
                "case_id": case["id"],
                "n": n,
                "salt": salt,
                "text": ledger.canonical(body).decode(),
            }
        )
        case["n"], case["head"] = n, leaf
        for picture in facts.pictures:
            self.pictures.append(
                {
                    "id": self.new_id(), "county": case["county"], "case_id": case["id"], "n": n, "mime": picture.mime,
                    "sha256": picture.sha256, "width": picture.width, "height": picture.height, "bytes": len(picture.data), "at": ask.at,
                    "likeness": picture.dhash, **reused.parts(picture.dhash),
                }
            )  # fmt: skip

    def _holder(self) -> str:
        holder = self.procedure.state(self.case["state"]).holder
        column = {"desk": "desk", "lead": "unit", "ruler": "ruler"}.get(holder, "")
        return access.box(self.case, str(self.case[column])) if column else ""

    def write(self) -> Write:
        """Everything as one write: see rows.py."""
        case, opening = self.case, self.guard is None
        mine = self._holder()
        shared: Row = {
            "state": case["state"], "kind": case["kind"], "place": case["place"], "open": case["closed_at"] is None,
            "due_at": case["due_at"], "warn_at": case["warn_at"], "flags": f",{','.join(sorted(case['marks']))},"[:240],
        }  # fmt: skip
        now = access.audience(case)
        fresh = [u for u in now if opening or u not in self.audience]
        rows = [
            shared
            | {
                "id": self.new_id(),
                "unit": u,
                "county": case["county"],
                "case_id": case["id"],
                "procedure": case["procedure"],
                "mine": u == mine,
            }
            for u in fresh
        ]
        inserts: list[tuple[Any, list[Row]]] = [
            (Event, self.events), (Body, self.bodies), (Outbox, self.outbox), (Clock, self.clocks.fresh), (Inbox, rows),
            (Attachment, self.pictures), (Wall, self.walls), (Look, self.looks),
        ]  # fmt: skip
        updates: list[tuple[Any, Any, Row]] = [(Clock, pk, row) for pk, row in self.clocks.changed.items()]
        if self.speaker is not None:
            inserts.append((Speaker, [self.speaker]))
        elif self.sealed or self.erases or (not opening and case["privacy"] != self.was["privacy"]):
            updates += self._reseal()
        columns = case if opening else {k: v for k, v in case.items() if v != self.was[k]}
        return Write(
            case["county"], case["id"], columns, self.guard, inserts, updates,
            inbox=None if opening else shared, mine=mine, dropped=[] if opening else [u for u in self.audience if u not in now],
        )  # fmt: skip

    def _reseal(self) -> list[tuple[Any, Any, Row]]:
        """The vault's row with what is new and without what was erased or became private; a vault that was emptied gets a new key."""
        row, code = Speaker.objects.filter(county=self.case["county"], case_id=self.case["id"]).first(), self.case["code"]
        if row is None:
            return []
        phone, private = self.sealed.get("phone"), bool(self.case["privacy"])
        out: Row = {"phone": bool(phone), "caller": vault.LATER if phone else ""} if "phone" in self.sealed else {}
        out |= {"caller": ""} if private and (row.caller or "caller" in out) else {}  # no call finds it any more
        had = ways.noted(row.ways, self.sealed)
        out |= {"ways": had} if had != row.ways else {}
        wrapped, sealed = (bytes(one) if one else None for one in (row.wrapped, row.sealed))
        if self.sealed and wrapped and sealed:
            out["sealed"] = sealed = vault.add(code, wrapped, sealed, self.sealed)
        elif self.sealed:
            out["wrapped"], out["sealed"] = wrapped, sealed = vault.seal(code, self.sealed)
        if self.erases:
            out |= erasures.taken_out(code, wrapped, sealed, self.erases, had)
        return [(Speaker, row.id, out)] if out else []
