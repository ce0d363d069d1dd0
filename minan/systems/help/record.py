"""Brings what the lane knows into the records, each thing once, and what was done in the records back to the lane.

Runs in a thread of the lane's own with a connection of its own; a database that is away or hangs stops nothing but this.
Every entry becomes at most one event, whose key is made of the press and the entry's number: written twice it is the same event.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError, close_old_connections, connection

from minan.kernel import directory, vault
from minan.kernel.access import CLOCK
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case
from minan.systems.help import gather
from minan.systems.help.lane import Lane
from minan.systems.help.procedure import OPEN
from minan.systems.help.rungs import ERROR, Call, Entry

PAUSE, AWAY = 0.25, 1.0  # seconds between looks; after one that failed
BOOK_SECONDS, LOOK_SECONDS = 5.0, 1.0
REACHED = {
    "ringing": "",
    "answered": "answer",
    "coming": "on_the_way",
    "there": "there",
    "closed": "close",
    "mistaken": "false_alarm",
}
log = logging.getLogger("minan.help")


def told(call: Call, entry: Entry, seen: set[str]) -> tuple[str, dict[str, Any]] | None:
    """(step, its facts) that an entry becomes; None where it is the lane's own business. `seen`: what was told of already."""
    kind, after = entry["k"], round(float(entry["t"]) - call.begun)
    if kind in ("go", "cant"):
        mine = entry["g"].startswith("family")
        name = "cannot" if kind == "cant" else "family_goes" if mine else "duty_goes"
        return name, who(entry["g"]) | {"after": after}
    if kind == "seen" and entry["g"] not in seen:
        seen.add(entry["g"])
        return "rang", who(entry["g"]) | {"channel": entry["h"], "after": after}
    if kind == "out" and entry["r"] == ERROR and f"{entry['g']}/{entry['h']}" not in seen:
        seen.add(f"{entry['g']}/{entry['h']}")
        return "channel_down", who(entry["g"]) | {"channel": entry["h"], "words": entry.get("w", "")}
    # Beyond the top it rings the same people again and again: every fifth minute of that stands in the records.
    if (
        kind == "rung"
        and int(entry["n"])
        and not call.drill
        and (int(entry["n"]) <= call.top() or int(entry["n"]) % 10 == 0)
    ):
        new = [who(t.id) for t in call.plan if t.level == int(entry["n"])]
        units = list(dict.fromkeys(one["at_unit"] for one in new if "at_unit" in one))
        kin = next(({"family": one["family"]} for one in new if "family" in one), {})
        return "rung", kin | {"n": int(entry["n"]), "after": after, "units": units[:8]}
    if kind == "step" and entry["s"] == "drilled":
        return "drill_over", {"well": entry.get("well", []), "dead": entry.get("dead", [])}
    plain = {"again": ("again", {"after": after}), "late": ("no_answer", {}), "false": ("said_false", {}),
             "card": ("card_seen", who(entry.get("g", "")) | {"after": after})}  # fmt: skip
    return plain.get(kind)


def who(target: str) -> dict[str, Any]:
    """Whom a target means, as the records say it: which of the family, or which unit; {} for a unit that is no more."""
    kind, _, rest = target.partition(":")
    if kind == "family":
        return {"family": f"family{rest}"}
    unit = rest.rpartition(":")[0]
    return {"at_unit": unit} if directory.office(unit) is not None else {}


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _enrolment(call: Call) -> Case | None:
    return Case.objects.filter(code=call.person, procedure="help_enrolment").first()


def opened(lane: Lane, call: Call) -> Case:
    """The case of this call, made now where it is not there. Raises DatabaseError, ValueError."""
    if call.code and (found := Case.objects.filter(code=call.code).first()) is not None:
        return found
    about, first = call.about, _enrolment(call)
    facts = {
        "how": "drill" if call.drill else about.get("how", "app"),
        "press": [call.press],
        "place": about.get("place", ""),
    }
    facts |= {"duty": about["unit"]} if directory.office(about.get("unit", "")) else {}
    facts |= {"where": about["where"]} if about.get("where") else {}
    made = open_case(
        "help", by=CLOCK, facts=facts, channel="help", key=f"help:{call.press}", at=_at(call.begun), child_of=first
    )
    if isinstance(made, Refused):
        raise ValueError(made.reason.en)
    assert isinstance(made, Opened)
    with lane.lock:
        lane.note(call, sync=False, k="code", c2=made.case.code)
    return made.case


def keep(lane: Lane, call: Call) -> int:
    """Write down what is new of one call; returns how many events. What a rule refuses is passed over: it stands there already."""
    with lane.lock:
        fresh = [(n, dict(entry)) for n, entry in enumerate(call.entries) if n >= call.kept]
        before = [dict(entry) for entry in call.entries[: call.kept]]
    if not fresh:
        return 0
    case, seen, done, upto = opened(lane, call), set[str](), 0, fresh[0][0]
    for entry in before:
        told(call, entry, seen)
    try:
        for n, entry in fresh:
            if entry["k"] == "ear":
                _keep_ear(call, n, entry)
            wanted = told(call, entry, seen)
            done += _written(case, call, n, entry, *wanted) if wanted is not None else 0
            upto = n + 1
        if call.drill and call.closed:
            _note_drill(call)
    finally:
        if upto > call.kept:
            with lane.lock:
                lane.note(call, sync=False, k="kept", n=upto)
    return done


def _written(case: Case, call: Call, n: int, entry: Entry, name: str, facts: dict[str, Any]) -> int:
    """One entry through the one door; 1 where it is an event now."""
    case.refresh_from_db()
    outcome = act(
        case, name, by=CLOCK, facts=facts, key=f"help:{call.press}:{n}", at=max(_at(float(entry["t"])), case.changed_at)
    )
    if isinstance(outcome, Refused) and outcome.rule not in ("state", "once_unanswered"):
        log.warning("not recorded", extra={"step": name, "rule": outcome.rule})
    return int(not isinstance(outcome, Refused))


def _keep_ear(call: Call, n: int, entry: Entry) -> None:
    """A family member's device into the vault of the enrolment."""
    first = _enrolment(call)
    if first is not None:
        facts = {f"family{entry['g'].partition(':')[2]}_push": entry["s"]}
        act(
            first,
            "tell_family",
            by=CLOCK,
            facts=facts,
            key=f"help:{call.press}:{n}",
            at=max(_at(float(entry["t"])), first.changed_at),
        )


def _note_drill(call: Call) -> None:
    first, last = _enrolment(call), next((e for e in reversed(call.entries) if e.get("s") == "drilled"), None)
    if first is not None and last is not None:
        facts = {"well": last.get("well", []), "dead": last.get("dead", [])}
        act(
            first,
            "drilled",
            by=CLOCK,
            facts=facts,
            key=f"help:{call.press}:drilled",
            at=max(_at(float(last["t"])), first.changed_at),
        )


def keep_all(lane: Lane) -> int:
    """Everything that waits; returns how many events were written. Raises DatabaseError where the records are away."""
    with lane.lock:
        waiting = [call for call in lane.calls.values() if call.kept < len(call.entries)]
    done = 0
    for call in sorted(waiting, key=lambda c: c.begun):
        try:
            done += keep(lane, call)
        except DatabaseError:
            raise
        except Exception as error:  # whatever it is: this one again in the next round; the others go on
            known = isinstance(error, vault.Sealed | ValueError)
            log.warning("not recorded yet", extra={"error": type(error).__name__}, exc_info=not known)
    return done


def look(lane: Lane) -> int:
    """Steps that staff took in the records, told to the lane: it stops ringing. Returns how many calls had news."""
    with lane.lock:
        open_calls = {
            call.code: call for call in lane.calls.values() if call.code and not call.closed and not call.drill
        }
    news = 0
    for code, state, unit in _states(list(open_calls)):
        call, step = open_calls[code], REACHED.get(state, "")
        if step and step not in call.steps and not (step == "answer" and call.stopped):
            lane.take({"op": "step", "press": call.press, "s": step, "unit": unit, "end": state not in OPEN})
            news += 1
        elif state == "ringing" and unit and call.steps and call.handed != unit:
            lane.take({"op": "step", "press": call.press, "s": "hand_over", "unit": unit})
            news += 1
    return news


def _states(codes: list[str]) -> Iterator[tuple[str, str, str]]:
    for at in range(0, len(codes), 400):
        yield from Case.objects.filter(code__in=codes[at : at + 400]).values_list("code", "state", "unit")


def run(lane: Lane, stop: threading.Event) -> None:
    """Turn until told to stop; a database that is away is waited for."""
    book_at = look_at = 0.0
    while not stop.is_set():
        pause = PAUSE
        try:
            keep_all(lane)
            now = lane.clock()
            if now - look_at >= LOOK_SECONDS:
                look_at = now
                look(lane)
            if lane.stale or now - book_at >= BOOK_SECONDS:
                lane.stale, book_at = False, now
                fresh = gather.fresh(lane.book)
                if fresh is not None:
                    lane.renew_book(fresh)
            lane.tidy()
        except DatabaseError as error:
            log.warning("records away", extra={"error": type(error).__name__})
            connection.close()
            pause = AWAY
        except vault.Sealed:
            pause = AWAY
        except Exception:  # whatever it is, help goes on and this is tried again
            log.exception("record failed")
            pause = AWAY
        finally:
            close_old_connections()
        stop.wait(pause)
