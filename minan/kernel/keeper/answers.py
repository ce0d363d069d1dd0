"""What the keeper answers to each request: {"ok": …} or {"no": code}; nothing of what it opened is in any error, log or file."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from minan.kernel.keeper import envelope, keys, limits, offers, protocol
from minan.kernel.keeper.log import Broken, Log, lines_backwards

REWRAP_MOST = 200  # wrapped keys in one request; they go in and out closed
TOLD_REFUSALS = 20  # of one person and cause a day stand in the log, then every hundredth
CODE_MOST, NAMES_MOST = 40, 200
LOGGED = ("open", "caller", "dial", "sign")  # what is not answered before it stands on the disk
SEALS = "system:seal"  # who asks for a signature; who may have the paper is decided before
CALL_SECONDS = 3 * 3600  # no call is on the line for longer: an old row finds nobody

Answer = dict[str, Any]


class No(Exception):
    """Refused, with a code that says why and nothing else."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _iso(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")


class Keeper:
    """Keys, limits and log of one folder. `answer` may leave lines in the log that `settle` must write before anything is sent."""

    def __init__(self, folder: Path, now: float, public_mode: int = 0o600, *, served: bool = False) -> None:
        self.folder, self.room, self.public_mode = folder, folder / protocol.ROOM, public_mode
        self.served, self.begun = served, now
        self.keys = keys.begin(folder, public_mode)
        self.log = self._log(now)
        self.limits = limits.Limits(self._rules())
        self._recall(now)
        self.stamp = self._stamp()
        self._write(now, {"op": "begin", "torn": self.log.torn, **self._which()})
        self.log.settle()
        self.ops: dict[str, Callable[[dict[str, Any], float], Answer]] = {
            "open": self.open, "add": self.add, "trim": self.trim, "names": self.names, "mark": self.mark,
            "link": self.link, "case": self.case, "rewrap": self.rewrap, "status": self.status,
            "dial": self.dial, "caller": self.caller, "seal": self.seal, "sign": self.sign, "offer": self.offer,
        }  # fmt: skip
        self.offers = offers.Offers()

    def _log(self, now: float) -> Log:
        path = self.room / keys.LOG
        try:
            return Log(path)
        except Broken:  # looks must stay possible, and what is left of the old one stays to be looked at
            path.rename(path.with_name(f"log-broken-{int(now)}.jsonl"))
            return Log(path)

    def _rules(self) -> dict[str, limits.Rule]:
        own = self.room / keys.LIMITS
        self.mistaken = ""
        try:
            return limits.read(own) if own.exists() else limits.read()
        except (ValueError, KeyError, TypeError, OSError) as error:
            self.mistaken = str(error)[:300]
            return limits.read()  # a table with a mistake loosens nothing

    def _recall(self, now: float) -> None:
        """Count the last day's looks again: a restart gives nobody a new day. Of who has no limit a day, the minute is enough."""
        since, minute, today = (_iso(now - back).encode() for back in (limits.DAY, limits.MINUTE, 0.0))
        found: list[bytes] = []
        for line in lines_backwards(self.room / keys.LOG):
            at = line[(begin := line.find(b'"at":"') + 6) : begin + len(since)]
            if at < since:
                break
            if at < minute and b'"who":"user:' not in line and b'"ok":true' in line:
                why = line.partition(b'"why":"')[2].partition(b'"')[0].decode()
                if at[:10] == today[:10] and why in self.limits.rules:
                    self.limits.days[int(now // limits.DAY), self.limits.rules[why].name] += 1
            elif b'"op":"open"' in line:
                found.append(line)
        for line in reversed(found):
            with contextlib.suppress(
                ValueError, KeyError, TypeError
            ):  # `minan keeper log check` names a line that is none
                self._count(json.loads(line))

    def _count(self, entry: Answer) -> None:
        moment = datetime.fromisoformat(entry["at"]).timestamp()
        if entry["ok"] is True:
            self.limits.had(entry["who"], entry["why"], entry["case"], entry["event"], moment)
        else:
            self.limits.denied(entry["who"], str(entry["ok"]), moment)

    def _which(self) -> Answer:
        own = self.room / keys.LIMITS
        return {
            "keys": sorted(mark.hex() for mark in self.keys.numbers), "current": self.keys.current.hex(),
            "limits": hashlib.sha256(own.read_bytes()).hexdigest()[:16] if own.exists() else "",
        }  # fmt: skip

    def _write(self, now: float, entry: Answer) -> None:
        self.log.add({"at": _iso(now), **entry})

    def settle(self) -> None:
        """What was answered stands in the log. OSError: then it must not be sent."""
        self.log.settle()

    # ---- the house-keeping of every second

    def _stamp(self) -> tuple[int, list[str]]:
        return self.room.stat().st_mtime_ns, sorted(os.listdir(self.room))

    def _anew(self, now: float) -> None:
        """Read keys and limits again where the folder changed; what changed is written down."""
        stamp = self._stamp()
        if stamp == self.stamp:
            return
        self.stamp = stamp
        before = self._which()
        self.keys, self.limits.rules = keys.load(self.folder), self._rules()
        if self._which() != before:
            self._write(now, {"op": "changed", **self._which()})

    def look_round(self, now: float) -> None:
        """New keys, other limits, a public key that somebody exchanged: seen within a second and written down."""
        self._anew(now)
        self.offers.purge(now)
        if keys.show(self.folder, self.keys, self.public_mode):
            self._write(now, {"op": "foreign"})
        self.log.settle()

    # ---- requests

    def answer(self, message: Answer, now: float) -> tuple[Answer, bool]:
        """(the answer, whether it must wait for `settle`)."""
        try:
            op = message.get("op")
            if not isinstance(op, str) or op not in self.ops:
                raise No("op")
            if self.room.stat().st_mtime_ns != self.stamp[0]:
                self._anew(now)  # a key that seals must open at once
            return {"ok": self.ops[op](message, now)}, op in LOGGED
        except No as refused:
            return {"no": refused.code}, False
        except protocol.Unfit:
            return {"no": "unfit"}, False
        except envelope.Shut:
            return {"no": "shut"}, False
        except Exception:  # whatever it was, its words may hold what was in the vault: nobody hears them
            return {"no": "fault"}, False

    def mark_of(self, use: bytes, what: str) -> str:
        return hmac.new(self.keys.marks, use + b":" + what.encode(), hashlib.sha256).hexdigest()

    def case_mark(self, code: str) -> str:
        """How a case is named in the log: to be recognised by who knows its code and asks, by nobody else."""
        return self.mark_of(b"case", code)[:32]

    @staticmethod
    def _word(message: Answer, name: str, most: int) -> str:
        found = message.get(name, "")
        if isinstance(found, list | dict):
            raise No("bulk")  # one request opens one case
        if not isinstance(found, str) or len(found) > most:
            raise No("unfit")
        return found

    def _opened(self, message: Answer) -> tuple[str, bytes, dict[str, Any]]:
        """(code, the case's key, its facts). Raises Shut."""
        code = self._word(message, "code", CODE_MOST)
        key = self._key(code, protocol.data(message.get("wrapped")))
        return code, key, envelope.opened(key, code, protocol.data(message.get("sealed")))

    def _key(self, code: str, wrapped: bytes) -> bytes:
        private = self.keys.private.get(envelope.whose(wrapped))
        if private is None:
            raise envelope.Shut
        return envelope.unwrap(private, code, wrapped)

    def open(self, message: Answer, now: float) -> Answer:
        """The facts of one case, or some of them; who, why and the event go on the log before."""
        who, why, event = (self._word(message, name, 64) for name in ("who", "why", "event"))
        if any(isinstance(message.get(name), list | dict) for name in ("code", "wrapped", "sealed")):
            self._deny(who, why, "", event, "bulk", now)
        case = self.case_mark(self._word(message, "code", CODE_MOST))
        code = self.limits.allows(who, why, case, event, now)
        if code:
            self._deny(who, why, case, event, code, now)
        wanted = self._wanted(message, why)
        try:
            facts = self._opened(message)[2]
        except (envelope.Shut, protocol.Unfit):
            self._deny(who, why, case, event, "shut", now)
        entry = {"op": "open", "who": who, "why": why, "case": case, "event": event, "fields": wanted, "ok": True}
        self._write(now, entry)
        for alarm in self.limits.had(who, why, case, event, now):
            self._write(now, {"op": "alarm", "what": alarm, "who": who, "why": why})
        facts.pop(protocol.ACCOUNT, None)
        return facts if wanted is None else {name: facts[name] for name in wanted if name in facts}

    def _wanted(self, message: Answer, why: str) -> list[str] | None:
        """The names asked for that this reason may have; None: all of them."""
        given, allowed = message.get("fields"), self.limits.rules[why].fields
        if given is not None and not (isinstance(given, list) and all(isinstance(n, str) for n in given[:NAMES_MOST])):
            raise No("unfit")
        if given is None:
            return list(allowed) or None
        return [name[:80] for name in given[:NAMES_MOST] if not allowed or name in allowed]

    def _deny(self, who: str, why: str, case: str, event: str, code: str, now: float) -> None:
        """Refuse a look; the log has it, but nobody fills the disk by asking."""
        known = who if limits.WHO.fullmatch(who) else "?"
        times = self.limits.denied(known, code, now)
        if times <= TOLD_REFUSALS or times % 100 == 0:
            named = {
                "why": why if why in self.limits.rules else "?",
                "event": event if limits.EVENT.fullmatch(event) else "",
            }
            self._write(now, {"op": "open", "who": known, "case": case, **named, "ok": code})
        raise No(code)

    def add(self, message: Answer, now: float) -> Answer:
        """{"sealed"} with `facts` put to what is there."""
        more = message.get("facts")
        if not isinstance(more, dict):
            raise No("unfit")
        code, key, facts = self._opened(message)
        more.pop(protocol.ACCOUNT, None)
        return {"sealed": protocol.text(envelope.shut(key, code, facts | more))}

    def trim(self, message: Answer, now: float) -> Answer:
        """{"sealed"} of the facts in `keep` alone; null where none is left."""
        keep = message.get("keep")
        if not isinstance(keep, list):
            raise No("unfit")
        code, key, facts = self._opened(message)
        stays = {name: value for name, value in facts.items() if name in keep}
        if not stays:
            return {"sealed": None}
        if protocol.ACCOUNT in facts:
            stays[protocol.ACCOUNT] = facts[protocol.ACCOUNT]
        return {"sealed": protocol.text(envelope.shut(key, code, stays))}

    def names(self, message: Answer, now: float) -> Answer:
        """{"names"} of what is known of a speaker, without a value."""
        return {"names": sorted(name for name in self._opened(message)[2] if name != protocol.ACCOUNT)}

    def mark(self, message: Answer, now: float) -> Answer:
        """{"mark"}: the keyed hash by which an account finds its own matters.

        In the log each account has another name every day: a list of people that somebody goes through is seen, who came when is not.
        """
        subject = self._word(message, "subject", 200)
        if not self.limits.passed("mark", now):
            raise No("all")
        self._write(now, {"op": "mark", "why": "mark", "whom": self.mark_of(b"today", f"{_iso(now)[:10]}:{subject}")[:16]})
        return {"mark": self.mark_of(b"owner", subject)}

    def dial(self, message: Answer, now: float) -> Answer:
        """{"mark"} of the number in a case's vault, by which a live call finds its own; "" where there is none. Nothing is shown.

        Who seals could seal any number and ask for its mark: so it is as slow as a city's matters come, and each stands in the log.
        """
        who, case = "system:worker", self.case_mark(self._word(message, "code", CODE_MOST))
        code = self.limits.allows(who, "dial", case, "", now)
        if code:
            raise No(code)
        facts = self._opened(message)[2]
        self._write(now, {"op": "open", "who": who, "why": "dial", "case": case, "event": "", "fields": [], "ok": True})
        for alarm in self.limits.had(who, "dial", case, "", now):
            self._write(now, {"op": "alarm", "what": alarm, "who": who, "why": "dial"})
        return {"mark": self._dialled(facts)}

    def _dialled(self, facts: dict[str, Any]) -> str:
        number = protocol.number(str(facts.get("phone", "")))
        return self.mark_of(b"caller", number) if number else ""

    def caller(self, message: Answer, now: float) -> Answer:
        """{"mark"} of the number on the line: for one person, one call still young and one event, counted and on the log like a look.

        It takes no number: only what was sealed when the exchange delivered it.
        """
        who, event = (self._word(message, name, 64) for name in ("who", "event"))
        call = self.case_mark(self._word(message, "code", CODE_MOST))
        code = self.limits.allows(who, "caller", call, event, now)
        if code:
            self._deny(who, "caller", call, event, code, now)
        try:
            facts = self._opened(message)[2]
        except (envelope.Shut, protocol.Unfit):
            self._deny(who, "caller", call, event, "shut", now)
        if not 0 <= now - float(facts.get("at", 0)) < CALL_SECONDS:
            self._deny(who, "caller", call, event, "shut", now)
        self._write(
            now, {"op": "open", "who": who, "why": "caller", "case": call, "event": event, "fields": [], "ok": True}
        )
        for alarm in self.limits.had(who, "caller", call, event, now):
            self._write(now, {"op": "alarm", "what": alarm, "who": who, "why": "caller"})
        return {"mark": self._dialled(facts)}

    def seal(self, message: Answer, now: float) -> Answer:
        """{"chain"}: the certificates of the city's seal, its own first; `city` names one that must be made, without it none is."""
        from minan.kernel.keeper import seal  # certificates: a keeper that seals nothing does without

        return {"chain": [protocol.text(one) for one in seal.chain_of(self.folder, self._word(message, "city", 200))]}

    def sign(self, message: Answer, now: float) -> Answer:
        """{"signature"} over the attributes of one signature; for one case and the event that justifies it, on the log before it leaves."""
        from minan.kernel.keeper import seal  # as above

        event, case = self._word(message, "event", 64), self.case_mark(self._word(message, "code", CODE_MOST))
        code = self.limits.allows(SEALS, "seal", case, event, now)
        if code:
            self._deny(SEALS, "seal", case, event, code, now)
        data = protocol.data(message.get("data"))
        made = seal.signed(self.folder, data, self._word(message, "digest", 10))
        said = {"case": case, "event": event, "over": hashlib.sha256(data).hexdigest(), "ok": True}
        self._write(now, {"op": "sign", "who": SEALS, "why": "seal", **said})
        for alarm in self.limits.had(SEALS, "seal", case, event, now):
            self._write(now, {"op": "alarm", "what": alarm, "who": SEALS, "why": "seal"})
        return {"signature": protocol.text(made)}

    def link(self, message: Answer, now: float) -> Answer:
        """{"mark", "sealed"}: the mark of the account that was sealed in while the keeper was away, and the facts without it."""
        code, key, facts = self._opened(message)
        account = facts.pop(protocol.ACCOUNT, "")
        mark = self.mark_of(b"owner", str(account)) if account else ""
        return {"mark": mark, "sealed": protocol.text(envelope.shut(key, code, facts))}

    def case(self, message: Answer, now: float) -> Answer:
        """{"mark"} of a case in the log."""
        return {"mark": self.case_mark(self._word(message, "code", CODE_MOST))}

    def rewrap(self, message: Answer, now: float) -> Answer:
        """{"wrapped"}: the same case keys closed to today's key; null for one that does not open."""
        pairs = message.get("pairs")
        if not isinstance(pairs, list) or len(pairs) > REWRAP_MOST:
            raise No("bulk")
        out: list[str | None] = []
        for code, wrapped in pairs:
            try:
                key = self._key(str(code)[:CODE_MOST], protocol.data(wrapped))
            except (envelope.Shut, protocol.Unfit):
                out.append(None)
                continue
            out.append(protocol.text(envelope.wrap(self.keys.public, str(code)[:CODE_MOST], key)))
        self._write(now, {"op": "rewrap", "n": len(out), "ok": sum(w is not None for w in out)})
        return {"wrapped": out}

    def offer(self, message: Answer, now: float) -> Answer:
        """Sealed offers (keeper/offers.py) by `what`: key, put, meet, held, forget. The log has that it was, never a sum or a result."""
        what, code = self._word(message, "what", 12), self._word(message, "code", CODE_MOST)
        self.offers.purge(now)
        if what == "key":
            return {"public": protocol.text(self.offers.public)}
        names = message.get("names", [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names[: offers.ASKED_MOST]):
            raise No("unfit")
        if what == "held":
            return {"held": self.offers.here(names)}
        if what == "put":
            given = (protocol.data(message.get("wrapped")), protocol.data(message.get("sealed")))
            out: Answer = {"commitment": self.offers.put(code, *given, float(message.get("until", 0)), now)}
        elif what == "meet" and len(names) == len(offers.ROLES) and isinstance(message.get("k"), int):
            out = self.offers.meet(code, message["k"], *names)
        elif what == "forget":
            out = {"forgot": self.offers.forget(names)}
        else:
            raise No("unfit")
        self._write(now, {"op": "offer", "what": what, "case": self.case_mark(code)})
        return out

    def status(self, message: Answer, now: float) -> Answer:
        """What the doctor asks: keys, copies, the log's end, the last day's looks and alarms."""
        self.limits.forget_day(now)
        return self._which() | {
            "served": self.served, "since": self.begun, "copies": keys.copied(self.folder), "log": [self.log.n, self.log.head],
            "broken": sorted(p.name for p in self.room.glob("log-broken-*")), "today": self.limits.today(now),
            "alarms": list(self.limits.report(now)), "mistaken": self.mistaken,
        }  # fmt: skip
