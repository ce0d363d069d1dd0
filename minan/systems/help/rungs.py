"""Who is rung when, and by what, after one press: the second-exact engine; pure, no clock of its own, no disk, no database.

DOMAIN.md §4: family and duty desk at once; nobody says "I am going" within 30 s → next person, next level, until a human does;
60 s → 120 is asked for and the supervisor told. A channel that is dead (error, time-out, taken but never delivered) hands over
to the next within STAGE seconds. Everything a call is follows from its entries (`apply`), so a journal brings it back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

RUNG, STAGE, LATE = 30.0, 4.0, 60.0  # seconds: to the next person; to the next channel; to 120 and the supervisor
QUICK_RUNGS, SLOW = 120, 300.0  # after an hour of rungs it goes on ringing every five minutes, until a human answers
AGAIN, AGAIN_HOUR = 20.0, 20  # seconds between two rings of one target by pressing again; and how often in an hour by one channel
TEXTS = (0, 2)  # the rounds in which a text message goes; the other channels ring in each
TAKEN, ERROR, TIMEOUT = "taken", "error", "timeout"
# What goes at once, and what follows when nothing of it was delivered.
STAGES: dict[str, tuple[tuple[str, ...], ...]] = {
    "family": (("push", "sms"), ("voice",)),
    "duty": (("screen", "push"), ("sms", "voice")),
}
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """One person or desk to ring. `ways`: channel → address; `id` names nobody: "family:1", "duty:131022100010-point:0".

    `who`: the account whose telephone it is, where one of the staff put themselves on duty; a duty room's telephone is nobody's.
    """

    id: str
    kind: str  # "family" or "duty"
    level: int
    ways: Mapping[str, str]
    unit: str = ""
    who: str = ""

    def stages(self, turn: int) -> list[tuple[str, ...]]:
        """The channels of each stage in this round; empty stages are left out."""
        found = [
            tuple(w for w in stage if w in self.ways and (w != "sms" or turn in TEXTS)) for stage in STAGES[self.kind]
        ]
        return [stage for stage in found if stage]


@dataclass(slots=True)
class Try:
    """One channel to one target in one round."""

    at: float
    result: str = ""  # TAKEN, ERROR, TIMEOUT; "" while nobody knows
    seen: bool = False  # a device said that it has it


@dataclass(frozen=True, slots=True)
class Send:
    """To be handed to a channel now."""

    call: str
    target: Target
    channel: str
    turn: int

    @property
    def key(self) -> str:
        return f"{self.call}:{self.target.id}:{self.channel}:{self.turn}"


@dataclass(slots=True)
class Ring:
    """One target in its present round."""

    turn: int
    stage: int = -1
    at: float = 0.0
    again: bool = False  # begun by a repeated press, and not by the clock


@dataclass(slots=True)
class Call:
    """One open call. `begun`, `base`: seconds since 1970; the rungs count from `base`."""

    press: str
    begun: float
    person: str = ""  # the code of the enrolment
    drill: bool = False
    plan: list[Target] = field(default_factory=list)
    about: Entry = field(default_factory=dict)  # what the journal keeps besides: place, words, how
    base: float = 0.0
    rung: int = 0
    rings: dict[str, Ring] = field(default_factory=dict)
    tries: dict[tuple[str, str, int], Try] = field(default_factory=dict)
    again: list[str] = field(default_factory=list)  # the other presses that joined
    repeats: dict[str, list[tuple[float, str]]] = field(default_factory=dict)  # target → (when, channel) of what these rang
    late: float = 0.0  # when 120 was asked for; 0: not
    going: dict[str, float] = field(default_factory=dict)  # target or unit → when it said so
    cannot: dict[str, float] = field(default_factory=dict)
    said_false: float = 0.0
    steps: dict[str, float] = field(default_factory=dict)  # answer, on_the_way, there, close …: when first
    handed: str = ""  # the unit it was handed over to
    stopped: float = 0.0  # a human has it: nobody else is rung
    closed: float = 0.0
    entries: list[Entry] = field(default_factory=list)
    kept: int = 0  # entries that stand in the records already
    code: str = ""  # the case in the records, once it is there
    number: int = 0  # of all that ever was applied

    # ---- what happened

    def apply(self, entry: Entry) -> None:
        """Take one entry of the journal; the same entries give the same call."""
        kind, at = entry["k"], float(entry["t"])
        doing = getattr(self, f"_{kind}", None)
        if doing is not None:
            doing(entry, at)
        self.number += 1
        if kind != "kept":
            self.entries.append(entry)

    def _press(self, entry: Entry, at: float) -> None:
        self.begun = self.base = at
        self.person, self.drill, self.about = entry.get("e", ""), bool(entry.get("drill")), entry.get("about", {})
        self.plan = targets(entry.get("plan", ()))

    def _again(self, entry: Entry, at: float) -> None:
        self.again.append(entry["p"])
        if not self.stopped:  # rings again, at the rung it is on
            for target, ring in self.rings.items():
                if self._rested(target, at):
                    ring.stage, ring.turn, ring.again = -1, max(ring.turn, self.rung), True

    def _rested(self, target: str, at: float) -> bool:
        """Pressing again rings nobody without pause, nor all night; the first ring and the rungs by the clock never ask this."""
        lately = [(when, channel) for when, channel in self.repeats.get(target, ()) if at - when < 3600]
        most = Counter(channel for _when, channel in lately).values()
        return all(at - when >= AGAIN for when, _channel in lately) and max(most, default=0) < AGAIN_HOUR

    def _rung(self, entry: Entry, at: float) -> None:
        self.rung = int(entry["n"]) + 1
        self.base = at - _offset(int(entry["n"]))
        for target in self.plan:
            if target.level < self.rung:
                self.rings[target.id] = Ring(self.rung - 1)

    def _sent(self, entry: Entry, at: float) -> None:
        ring = self.rings.setdefault(entry["g"], Ring(int(entry["n"])))
        ring.stage, ring.at = max(ring.stage, int(entry.get("s", 0))), max(ring.at, at)
        self.tries[(entry["g"], entry["h"], int(entry["n"]))] = Try(at)
        if ring.again:
            self.repeats.setdefault(entry["g"], []).append((at, entry["h"]))

    def _out(self, entry: Entry, at: float) -> None:
        tried = self.tries.setdefault((entry["g"], entry["h"], int(entry["n"])), Try(at))
        tried.result = entry["r"]

    def _seen(self, entry: Entry, at: float) -> None:
        mine = [one for (g, h, _), one in self.tries.items() if g == entry["g"] and h == entry["h"]]
        for tried in mine[-1:]:
            tried.seen = True

    def _go(self, entry: Entry, at: float) -> None:
        self.going.setdefault(entry["g"], at)
        self.cannot.pop(entry["g"], None)
        self.stopped = self.stopped or at

    def _cant(self, entry: Entry, at: float) -> None:
        self.cannot.setdefault(entry["g"], at)
        if self.going.pop(entry["g"], None) and not self.going and not self.steps:
            self._resume(at)

    def _late(self, entry: Entry, at: float) -> None:
        self.late = self.late or at

    def _false(self, entry: Entry, at: float) -> None:
        self.said_false = self.said_false or at

    def _step(self, entry: Entry, at: float) -> None:
        """A step that stands in the records: somebody of the staff took it."""
        name = entry["s"]
        self.steps.setdefault(name, at)
        if name in ("answer", "on_the_way", "there"):
            self.stopped = self.stopped or at
        if name == "hand_over":
            self.handed, self.steps, self.going = entry.get("u", ""), {name: at}, {}
            self.plan += targets(entry.get("plan", ()))
            self._resume(at)
        if entry.get("end"):
            self.closed = self.stopped = self.closed or at

    def _resume(self, at: float) -> None:
        """Nobody has it any more: ring on from here."""
        self.stopped, self.base = 0.0, at - _offset(self.rung)

    def _code(self, entry: Entry, at: float) -> None:
        self.code = entry["c2"]

    def _ear(self, entry: Entry, at: float) -> None:
        """A family member's device is known from now on; kept with the enrolment by record.py."""
        self.plan = [replace(t, ways={**t.ways, "push": entry["s"]}) if t.id == entry["g"] and "s" in entry else t for t in self.plan]

    def _kept(self, entry: Entry, at: float) -> None:
        self.kept = max(self.kept, int(entry["n"]))

    @property
    def over(self) -> bool:
        """Closed, and all of it stands in the records."""
        return bool(self.closed) and self.kept >= len(self.entries)

    @property
    def bare(self) -> bool:
        """Nothing is left of where it was pressed, nor of anybody's number."""
        return not self.about.get("where") and not any(target.ways for target in self.plan)

    def strip(self) -> None:
        """It is over and stands in the records: the seconds stay for the caller's screen, the position and every number go."""
        self.about = {name: value for name, value in self.about.items() if name != "where"}
        self.plan = [replace(target, ways={}) for target in self.plan]
        for n, entry in enumerate(self.entries):
            less = {name: value for name, value in entry.items() if name != "s" or entry["k"] != "ear"}
            less |= {"about": self.about} if "about" in entry else {}
            less |= {"plan": [row | {"ways": {}} for row in entry["plan"]]} if "plan" in entry else {}
            self.entries[n] = less

    def woken(self) -> None:
        """After the lane was killed: what nobody knows to have left, or to have been seen on a screen, goes out once more."""
        for target, ring in self.rings.items():
            tried = [(h, t) for (g, h, n), t in self.tries.items() if g == target and n == ring.turn]
            unsure = [h for h, t in tried if not t.result or (h == "screen" and not t.seen)]
            if unsure and not self.delivered(target):
                ring.stage = -1

    # ---- what is to be done

    def delivered(self, target: str) -> bool:
        """A device of this target said in its present round that it has it."""
        ring = self.rings.get(target)
        return ring is not None and any(t.seen for (g, _, n), t in self.tries.items() if g == target and n == ring.turn)

    def _failed(self, target: Target, ring: Ring) -> bool:
        """Everything handed out in this round's present stage came back as an error."""
        stages = target.stages(ring.turn)
        if ring.stage < 0 or ring.stage >= len(stages):
            return False
        tried = [self.tries.get((target.id, channel, ring.turn)) for channel in stages[ring.stage]]
        return all(one is not None and one.result in (ERROR, TIMEOUT) for one in tried)

    def _dead(self) -> bool:
        """Nobody who was to be rung by now could be reached at all."""
        mine = [(t, self.rings[t.id]) for t in self.plan if t.id in self.rings]
        last = [(t, r) for t, r in mine if r.stage >= len(t.stages(r.turn)) - 1]
        return (
            bool(mine) and len(last) == len(mine) and all(self._failed(t, r) or not t.stages(r.turn) for t, r in mine)
        )

    def top(self) -> int:
        return max((t.level for t in self.plan), default=0)

    def turn(self, now: float) -> tuple[list[Send], list[Entry]]:
        """(what to hand out now, what to write down of it). The entries are applied here; the caller journals them."""
        if self.stopped or self.closed:
            return [], []
        noted: list[Entry] = []

        def note(**entry: Any) -> None:
            one = {"c": self.press, "t": now} | entry
            self.apply(one)
            noted.append(one)

        opens = self.rung if not self.drill else max(self.rung, min(self.top(), 1 << 8))
        while (
            not self.drill and self.base + _offset(opens + 1) <= now
        ):  # a lane that slept rings once, at the rung it should be on
            opens += 1
        if (self.drill and not self.rings) or (
            not self.drill and (self.base + _offset(opens) <= now or (self.rung <= self.top() and self._dead()))
        ):
            note(k="rung", n=opens)
        if not self.late and now - self.begun >= LATE and not self.drill:
            note(k="late")
        sends = []
        for target in self.plan:
            ring = self.rings.get(target.id)
            if ring is None or target.id in self.cannot:
                continue
            stages = target.stages(ring.turn)
            ready = ring.stage < 0 or self.drill or self._failed(target, ring) or now - ring.at >= STAGE
            if (
                not ready
                or ring.stage + 1 >= len(stages)
                or (ring.stage >= 0 and not self.drill and self.delivered(target.id))
            ):
                continue
            stage = ring.stage + 1
            ring.stage, ring.at = stage, now
            for channel in stages[stage]:
                note(k="sent", g=target.id, h=channel, n=ring.turn, s=stage)
                sends.append(Send(self.press, target, channel, ring.turn))
        return sends, noted

    def next_at(self) -> float | None:
        """When `turn` has something to do again if nothing happens; None: not any more."""
        if self.stopped or self.closed:
            return None
        times = [self.base + _offset(self.rung)] + ([] if self.late or self.drill else [self.begun + LATE])
        for target in self.plan:
            ring = self.rings.get(target.id)
            if ring is None or target.id in self.cannot or ring.stage + 1 >= len(target.stages(ring.turn)):
                continue
            if ring.stage < 0 or not self.delivered(target.id):
                times.append(ring.at + STAGE if ring.stage >= 0 else 0.0)
        return min(times)


def pace(rung: float) -> None:
    """Another city's seconds (MINAN_HELP_RUNG_SECONDS): said once, before the first call."""
    global RUNG, LATE
    RUNG, LATE = rung, 2 * rung


def _offset(rung: int) -> float:
    """Seconds from the first rung to this one."""
    return RUNG * min(rung, QUICK_RUNGS) + SLOW * max(0, rung - QUICK_RUNGS)


def targets(rows: Any) -> list[Target]:
    """From the plan as the journal keeps it: [{"id", "kind", "level", "ways", "unit"}]."""
    return [Target(r["id"], r["kind"], int(r["level"]), dict(r["ways"]), r.get("unit", ""), r.get("who", "")) for r in rows]


def rows(plan: list[Target]) -> list[Entry]:
    """A plan as the journal keeps it."""
    return [
        {"id": t.id, "kind": t.kind, "level": t.level, "ways": dict(t.ways), "unit": t.unit, "who": t.who} for t in plan
    ]
