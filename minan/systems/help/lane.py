"""The lane: takes presses and answers, writes them to the journal, and hands out what rungs.py says is due. Knows no database.

Every message is a JSON object with "op"; what comes back is one too. All that changes a call goes through its entries.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable
from typing import Any

from minan.lib.uuid7 import uuid7
from minan.systems.help import book as books
from minan.systems.help import sealing, spool, standing
from minan.systems.help.book import Book, Person
from minan.systems.help.journal import Journal
from minan.systems.help.rungs import ERROR, TAKEN, Call, Entry, Send, Target, rows

PRESS = re.compile(r"[0-9a-f]{32}")
KEPT_HOURS = 24.0  # a call that is over and stands in the records is remembered so long, for the caller's screen
RENEW_SECONDS = 24 * 3600.0  # so often at least the journal is written anew, and what was left behind is overwritten
LINK_SECONDS = 3600.0  # after its end a call's links still say how it ended; then they say that it is over, and no more
DRILL_SECONDS = 12.0  # then a drill says what it found
CALLS_MOST, AGAIN_MOST = 20_000, 500  # calls held; presses that one of them takes
Message = dict[str, Any]
log = logging.getLogger("minan.help")


class Lane:
    """One per city. `hand(lane, call, send)` gives a send to its channel and later calls `result`; `clock` gives seconds since 1970."""

    def __init__(
        self, journal: Journal, hand: Callable[[Lane, Call, Send], None], clock: Callable[[], float] = time.time
    ) -> None:
        self.journal, self.hand, self.clock = journal, hand, clock
        self.book: Book = Book()
        self.calls: dict[str, Call] = {}
        self.open: dict[str, Call] = {}  # those of them that may still ring; a closed one leaves at the next turn
        self.due: dict[str, float] = {}  # when each has something to do; with a thousand open only few are looked at
        self.fresh: set[str] = set()  # … and those of which there is news
        self.tokens: dict[str, tuple[str, str]] = {}  # of the links: who was rung
        self.screens: dict[str, tuple[str, str]] = {}  # … and those that say "seen", and nothing else
        self.renewed = 0.0  # when the journal was last written anew
        self.stale = True  # the copy is to be brought up to date
        self.lock, self.news = threading.RLock(), threading.Event()  # news: there may be something to do

    # ---- beginning

    def load(self) -> None:
        """What was going on when the last lane ended: it rings on where that stopped."""
        with self.lock:
            for entry in self.journal.entries():
                call = self.calls.setdefault(entry["c"], Call(entry["c"], float(entry["t"])))
                call.apply(entry)
            for call in self.calls.values():
                self._know(call)
                call.woken()
                self.open[call.press] = call
        self.tidy()
        self.collect()

    def collect(self) -> int:
        """Take up the presses that found nobody here; returns how many."""
        found = spool.waiting()
        for press, message in found:
            answer = self.take(message | {"press": press})
            if answer.get("ok") or answer.get("error") == "unknown":
                spool.done(press)
        return len(found)

    def _know(self, call: Call) -> None:
        for target in call.plan:
            self.tokens[sealing.token(call.press, target.id)] = (call.press, target.id)
            self.screens[sealing.token(call.press, target.id, "seen")] = (call.press, target.id)

    # ---- writing down

    def note(self, call: Call, *, sync: bool = True, **entry: Any) -> bool:
        """One entry into the call and the journal. False: the disk did not take it, it is held in memory alone."""
        one: Entry = {"c": call.press, "t": self.clock()} | entry
        call.apply(one)
        self.fresh.add(call.press)
        return self._write([one], sync)

    def _write(self, entries: list[Entry], sync: bool) -> bool:
        try:
            self.journal.append(entries, sync=sync)
            if self.journal.nearly_full:
                self._renew()
            return True
        except OSError as error:
            log.error("journal not written", extra={"error": type(error).__name__})
            return False

    def tidy(self) -> bool:
        """Write the journal anew where it is a day old, and at once where somebody who is enrolled no more left something in it."""
        with self.lock:
            ended = any(c.over and not c.bare and c.person not in self.book.people for c in self.calls.values())
            if not ended and self.clock() - self.renewed < RENEW_SECONDS:
                return False
            try:
                self._renew()
            except OSError as error:
                log.error("journal not renewed", extra={"error": type(error).__name__})
                return False
            return True

    def _renew(self) -> None:
        """Leave behind what is over and stands in the records: after a day all of it, before that where it was, and every number."""
        self.renewed = self.clock()
        for press, call in list(self.calls.items()):
            if call.over and call.closed < self.renewed - KEPT_HOURS * 3600:
                del self.calls[press]
            elif call.over and not call.bare:
                call.strip()
        self.tokens = {token: where for token, where in self.tokens.items() if where[0] in self.calls}
        self.screens = {token: where for token, where in self.screens.items() if where[0] in self.calls}
        self.journal.renew(
            entry
            for call in self.calls.values()
            for entry in [*call.entries, {"c": call.press, "t": call.begun, "k": "kept", "n": call.kept}]
        )

    # ---- messages

    def take(self, message: Message) -> Message:
        """Answer one message; whatever is wrong with it is an answer, too."""
        doing = getattr(self, f"do_{message.get('op')}", None)
        if doing is None:
            return {"error": "what"}
        with self.lock:
            answer: Message = doing(message)
        self.news.set()
        return answer

    def do_ping(self, message: Message) -> Message:
        return {"ok": True, "people": len(self.book.people), "open": sum(not c.closed for c in self.open.values())}

    def _person(self, message: Message) -> Person | None:
        if message.get("person"):  # from our own pages behind a sign-in; the socket is nobody else's
            return self.book.people.get(message["person"])
        return self.book.by_secret(str(message.get("cap", ""))[:120]) or self.book.by_device(
            str(message.get("device", ""))[:80]
        )

    def open_of(self, person: str, drill: bool = False) -> Call | None:
        return next((c for c in self.open.values() if c.person == person and not c.closed and c.drill == drill), None)

    def do_press(self, message: Message) -> Message:
        """A press is taken once, by its id; a second one joins the open call and rings again."""
        press, drill = str(message.get("press") or ""), bool(message.get("drill"))
        press = press if PRESS.fullmatch(press) else uuid7().hex
        if (same := self.calls.get(press)) is not None:
            return {"ok": True, "call": self.state(same)}
        person = self._person(message)
        if person is None:
            return {"error": "unknown"}
        call, written = self.open_of(person["code"], drill), True
        if call is not None:
            if press not in call.again and len(call.again) < AGAIN_MOST:
                written = self.note(call, k="again", p=press)
        else:
            call = self._begin(press, person, drill, message)
            written = self._write(call.entries[-1:], True)
        return {"ok": True, "written": written, "call": self.state(call)}

    def _begin(self, press: str, person: Person, drill: bool, message: Message) -> Call:
        about = {
            "place": person["place"],
            "place_name": person.get("place_name", ""),
            "unit": person["unit"],
            "how": message.get("how", "app"),
            "lang": person.get("lang", "zh-hans"),
        }
        about |= {name: message[name] for name in ("at", "where") if message.get(name)}
        call = self.calls[press] = self.open[press] = Call(press, self.clock())
        entry = {
            "c": press,
            "t": self.clock(),
            "k": "press",
            "e": person["code"],
            "plan": rows(self.book.plan(person)),
            "about": about,
        }
        call.apply(entry | ({"drill": True} if drill else {}))
        self._know(call)
        if len(self.calls) > CALLS_MOST:
            self._renew()
        return call

    def do_state(self, message: Message) -> Message:
        """The newest call of who asks, as it truly stands."""
        person = self._person(message)
        if person is None:
            return {"error": "unknown"}
        mine = [c for c in self.calls.values() if c.person == person["code"] and not c.drill]
        return {"ok": True, "call": self.state(max(mine, key=lambda c: c.begun)) if mine else None}

    def do_false(self, message: Message) -> Message:
        """ "By mistake": written down and shown to who comes; a human closes it, for somebody else may have said so."""
        person = self._person(message)
        call = self.open_of(person["code"]) if person else None
        if call is None:
            return {"error": "unknown"}
        if not call.said_false:
            self.note(call, k="false")
        return {"ok": True, "call": self.state(call)}

    def _rung(self, message: Message) -> tuple[Call, Target] | Message:
        """Whose link it is; an error for a stranger's, for who is on duty there no more, and when the call is long over."""
        token, seen = str(message.get("token", ""))[:40], message["op"] == "seen"
        press, name = self.tokens.get(token) or (seen and self.screens.get(token)) or ("", "")
        call = self.calls.get(press)
        target = next((t for t in call.plan if t.id == name), None) if call is not None else None
        if call is None or target is None or (self.book.left(target) and not seen):
            return {"error": "unknown"}
        if call.closed and self.clock() - call.closed > LINK_SECONDS:
            return {"error": "over"}
        return call, target

    def do_seen(self, message: Message) -> Message:
        """A device has it: its ringing is heard, its notice stands."""
        found = self._rung(message)
        if not isinstance(found, tuple):
            return found
        call, target = found
        channel = str(message.get("channel", ""))[:8]
        if (target.id, channel) in {(g, h) for g, h, _ in call.tries} and not call.closed:
            self.note(call, sync=False, k="seen", g=target.id, h=channel)
        return {"ok": True}

    def do_say(self, message: Message) -> Message:
        """Who was rung says that they are going, or cannot."""
        found = self._rung(message)
        if not isinstance(found, tuple):
            return found
        call, target = found
        what = "go" if message.get("what") == "go" else "cant"
        held = call.going if what == "go" else call.cannot
        if not call.closed and target.id not in held:
            self.note(call, k=what, g=target.id, by=target.who)
        return {"ok": True, "call": self.state(call), "target": target.id}

    def do_ear(self, message: Message) -> Message:
        """A family member wants calls on this device, too: its notice address goes to the enrolment's vault."""
        found = self._rung(message)
        if not isinstance(found, tuple):
            return found
        call, target = found
        if call.closed or target.kind != "family":
            return {"error": "unknown"}
        self.note(call, k="ear", g=target.id, s=str(message.get("subscription", ""))[:2_000])
        return {"ok": True}

    def do_look(self, message: Message) -> Message:
        """What who was rung may read: the state; of an open call a duty desk reads the card as well, each look an entry."""
        found = self._rung(message)
        if not isinstance(found, tuple):
            return found
        call, target = found
        person = self.book.people.get(call.person) or {}
        answer = {
            "ok": True,
            "call": self.state(call),
            "target": target.id,
            "name": "" if call.closed or call.drill else person.get("name", ""),
        }
        if message.get("card") and not call.closed and not call.drill and target.kind == "duty":
            self.note(call, k="card", g=target.id, by=target.who)
            answer["card"] = {name: person.get(name, "") for name in ("name", "address", "door", "phone", "told")}
        return answer

    def do_step(self, message: Message) -> Message:
        """Somebody took a step in the records."""
        call = self.calls.get(str(message.get("press", "")))
        known = call is not None and (
            call.handed == message.get("unit") if message["s"] == "hand_over" else message["s"] in call.steps
        )
        if call is None or call.closed or known:
            return {"ok": call is not None}
        more: Entry = {"end": True} if message.get("end") else {}
        if message["s"] == "hand_over":
            more["plan"] = rows(
                [t for t in self.book.duty(message.get("unit", "")) if t.id not in {p.id for p in call.plan}]
            )
        self.note(call, k="step", s=message["s"], u=message.get("unit", ""), done=True, **more)
        self._know(call)
        return {"ok": True, "call": self.state(call)}

    def do_fresh(self, message: Message) -> Message:
        """Somebody was enrolled or went on duty: the copy is renewed at the next look."""
        self.stale = True
        return {"ok": True}

    def do_calls_of(self, message: Message) -> Message:
        """One call by its press, for the page of its case."""
        call = self.calls.get(str(message.get("press", "")))
        return {"ok": True, "call": self.state(call) if call is not None else None}

    def do_calls(self, message: Message) -> Message:
        """The open calls that ring at one of these units, oldest first, each with what its screen says "seen" by."""
        out, units = [], set(message.get("units", ()))
        for call in sorted(self.open.values(), key=lambda c: c.begun):
            mine = next((t for t in call.plan if t.unit in units and t.id in call.rings and "screen" in t.ways), None)
            if mine is not None and not call.closed:
                out.append(self.state(call) | {"seen": sealing.token(call.press, mine.id, "seen"), "unit": mine.unit})
        return {"ok": True, "calls": out}

    # ---- what a reader is told

    def state(self, call: Call) -> Message:
        return standing.of(call, self.clock(), self.book.names_of)

    # ---- ringing

    def turn(self) -> float | None:
        """Hand out what is due; returns when there is something to do again."""
        with self.lock:
            now, nearest = self.clock(), None
            for call in list(self.open.values()):
                if call.closed:
                    del self.open[call.press]
                    self.due.pop(call.press, None)
                    continue
                if call.press not in self.fresh and (waits := self.due.get(call.press, 0.0)) > now:
                    nearest = waits if nearest is None else min(nearest, waits)
                    continue
                self.fresh.discard(call.press)
                sends, noted = call.turn(now)
                if noted:
                    self._write(noted, sync=False)
                for send in sends:
                    if send.channel != "screen" and self.book.left(send.target):
                        self.result(send, ERROR, "off duty")
                    else:
                        self.hand(self, call, send)
                if call.drill and now - call.begun >= DRILL_SECONDS:
                    self._drilled(call)
                after = call.begun + DRILL_SECONDS if call.drill and not call.closed else call.next_at()
                self.due[call.press] = float("inf") if after is None else after
                nearest = after if nearest is None else nearest if after is None else min(nearest, after)
        return nearest

    def result(self, send: Send, result: str, why: str = "", seen: bool = False) -> None:
        """What became of a send; `seen`: the channel itself knows that a device has it."""
        with self.lock:
            call = self.calls.get(send.call)
            if call is None or call.closed:
                return
            self.note(call, sync=False, k="out", g=send.target.id, h=send.channel, n=send.turn, r=result, w=why[:60])
            if seen and result == TAKEN:
                self.note(call, sync=False, k="seen", g=send.target.id, h=send.channel)
        self.news.set()

    def _drilled(self, call: Call) -> None:
        """The drill's end: which channels of which targets answered, which did not."""
        tried = {(g, h): one.seen or (h != "screen" and one.result == TAKEN) for (g, h, _), one in call.tries.items()}
        well = [f"{g}/{h}" for (g, h), yes in tried.items() if yes]
        dead = [f"{g}/{h}" for (g, h), yes in tried.items() if not yes]
        self.note(call, k="step", s="drilled", u=call.about.get("unit", ""), end=True, well=well, dead=dead)

    def renew_book(self, fresh: Book) -> None:
        with self.lock:
            self.book = fresh
        books.save(fresh)
