#!/usr/bin/env python3
"""A reference door, written from docs/door-protocol.md alone: only the standard library and `cryptography`.

    python door.py --server https://city.example --key=CREDENTIAL --root HEX --folder /var/lib/door

What a reader, keypad, camera, contact or fire panel says comes as lines of JSON on standard input; what the relay does goes out the
same way. `{"shift": 3600}` moves its clock, for trying things out. Numbers in brackets are those of the page.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
import struct
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

WAYS = {"phone": 1, "card": 2, "pin": 3, "visitor": 4, "plate": 5, "help": 6}
KINDS = {1: "household", 2: "visitor", 3: "help"}
GRACE, RELEASE, HELD, REST, WRONG_MOST = 60, 10, 60, 600, 5
PATH = re.compile(r"[0-9]{12}(/[0-9a-z-]{1,8}){0,3}", re.ASCII)


def signed_by(public: bytes, signature: bytes, said: bytes) -> bool:
    with contextlib.suppress(InvalidSignature, ValueError):
        Ed25519PublicKey.from_public_bytes(public).verify(signature, said)
        return True
    return False


def must(so: object) -> None:
    if not so:
        raise ValueError


def inside(one: str, other: str) -> bool:
    return one == other or one.startswith(other + "/")


class Memory:
    """The door's files [8]: each replaced whole, none with a time finer than the hour."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def read(self, name: str, otherwise: Any) -> Any:
        try:
            return json.loads((self.folder / name).read_text("utf-8"))
        except (OSError, ValueError):
            return otherwise

    def write(self, name: str, what: Any) -> None:
        part = self.folder / f".{name}"
        with part.open("w", encoding="utf-8") as file:
            json.dump(what, file, ensure_ascii=False, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.folder / name)
        for path in (self.folder / name, self.folder):
            os.utime(path, (time.time() // 3600 * 3600,) * 2)


class Lines:
    """The sealed lines of the hour that runs [6]; the private key and the slots live here, in memory."""

    def __init__(self) -> None:
        self.hour = -1
        self.fresh()

    def fresh(self) -> None:
        self.secret = ec.generate_private_key(ec.SECP256R1())
        form = serialization.PublicFormat.CompressedPoint
        self.point = self.secret.public_key().public_bytes(serialization.Encoding.X962, form)
        self.slots: dict[bytes, list[int]] = {}

    def seal(self, household: str, way: str, hour: int) -> bytes:
        if hour != self.hour:
            self.fresh()
            self.hour = hour
        if not household:
            return b""
        if self.slots.get(raw := bytes.fromhex(household)) == []:
            self.fresh()
        left = self.slots.setdefault(raw, list(range(64)))
        slot = left.pop(secrets.randbelow(len(left)))
        shared = self.secret.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw))
        made = HKDF(algorithm=hashes.SHA256(), length=544, salt=self.point, info=b"minan-line-1").derive(shared)
        said = struct.pack(">BI11x", WAYS[way], hour)
        return made[32 + 8 * slot : 40 + 8 * slot] + AESGCM(made[:32]).encrypt(bytes(11) + bytes([slot]), said, None)


class Door:
    """Decides alone; `now` is a function so that its clock can be moved."""

    def __init__(self, memory: Memory, root: str) -> None:
        self.memory, self.root, self.shift = memory, root, 0.0
        self.lock, self.wake = threading.RLock(), threading.Event()
        self.list: dict[str, Any] = {}
        self.etag = ""
        self.pending: list[dict[str, Any]] = memory.read("pending.json", [])
        self.used: dict[str, int] = memory.read("used.json", {})
        self.lines, self.begun = Lines(), self.now()
        self.seen: dict[bytes, float] = {}
        self.wrong: list[float] = []
        self.resting = self.released = self.opened_at = 0.0
        self.state = {"fire": False, "forced": False, "held": False}
        self.done: list[str] = []
        self.take(memory.read("list.json", None), own=True)

    def now(self) -> float:
        return time.time() + self.shift

    # ---- the list [4]

    def take(self, said: Any, own: bool = False) -> bool:
        """A signed list, where it is one and no older than the one held. `own`: out of the door's memory, signed by one of its own keys."""
        try:
            text, held = said["list"], self.list.get("keys") or [self.root]
            found = json.loads(text)
            known = {hashlib.sha256(k).digest()[:4].hex(): k for k in map(bytes.fromhex, found["keys"] if own else held)}
            signed = [(known[name], base64.b64decode(mark)) for name, mark in said["sigs"].items() if name in known]
            good = any(signed_by(public, mark, b"minan-list-1\n" + text.encode()) for public, mark in signed)
        except (KeyError, TypeError, ValueError):
            return False
        if not good or found["made"] < self.list.get("made", 0) or found["door"] != self.list.get("door", found["door"]):
            return False
        with self.lock:
            self.list = found
            self.memory.write("list.json", said)
            for name, until in found["open"]:
                if name not in self.done and until > self.now():
                    self.done.append(name)
                    self.release("remote")
                    self.wake.set()
        return True

    # ---- what happens at the door

    def release(self, result: str, way: str = "", household: str = "") -> dict[str, Any]:
        self.released = self.now()
        self.count(result, way, household)
        tell({"relay": "open", "result": result})
        return {"open": True, "result": result}

    def refuse(self, why: str) -> dict[str, Any]:
        self.count(why)
        return {"open": False, "result": why}

    def period(self) -> int:
        at = int(self.now())
        return (at + 28800) // 86400 * 86400 - 28800 if self.list.get("every") == "day" else at // 3600 * 3600

    def count(self, result: str, way: str = "", household: str = "") -> None:
        hour, line = self.period(), b""
        with contextlib.suppress(ValueError):  # no point of the curve: the door opens all the same
            line = self.lines.seal(household, way, hour)
        point = self.lines.point.hex()
        batch = next((b for b in self.pending if b["hour"] == hour and b["point"] == point), None)
        if batch is None:
            batch = {"hour": hour, "point": point, "lines": [], "counts": {}}
            self.pending.append(batch)
        batch["counts"][result] = batch["counts"].get(result, 0) + 1
        batch["lines"] = sorted(batch["lines"] + ([line.hex()] if line else []))
        self.memory.write("pending.json", self.pending)

    def spend(self, name: str, ends: int) -> None:
        now = self.now()
        self.used = {k: v for k, v in self.used.items() if v + GRACE > now} | {name: ends}
        self.memory.write("used.json", self.used)

    def show(self, text: str) -> dict[str, Any]:
        """A code held before the reader [2, 3]."""
        try:
            data = base64.urlsafe_b64decode(text[3:] + "=" * (-len(text[3:]) % 4))
            must(text == "M1." + base64.urlsafe_b64encode(data).decode().rstrip("=") and data[0] == 1)
            mark, signer, name, begins, ends, size = struct.unpack_from(">B4s8sIIB", data, 1)
            path, end = data[23 : 23 + size].decode("ascii"), 23 + size
            key = data[end : end + 33] if mark & 0x40 else b""
            end += len(key) + 64
            kind, keys = KINDS[mark & 0x3F], [bytes.fromhex(k) for k in self.list["keys"]]
            public = next(k for k in keys if hashlib.sha256(k).digest()[:4] == signer)
            must(PATH.fullmatch(path) and len(data) >= end and 0 < ends - begins <= (86400 if key or kind != "household" else 120))
            must(signed_by(public, data[end - 64 : end], b"minan-pass-1\n" + data[: end - 64]))
            phone = kind == "household" and bool(key)
            must(phone or len(data) == end)
        except (KeyError, ValueError, IndexError, struct.error, StopIteration):
            return self.refuse("forged")
        now, closes = self.now(), self.list["closes"]
        if not (inside(path, closes) or (kind == "help" and inside(closes, path))):
            return self.refuse("other_door")
        if now < begins - GRACE or now > ends + GRACE:
            return self.refuse("not_yet" if now < begins else "expired")
        if name.hex() in self.list["void"]:
            return self.refuse("revoked")
        if phone:
            return self.shown(data, end, key, now)
        if mark & 0x80 and name.hex() in self.used:
            return self.refuse("replayed")
        if mark & 0x80:
            self.spend(name.hex(), ends)
        return self.release("opened", "help" if kind == "help" else "visitor", key.hex() if kind == "visitor" else "")

    def shown(self, data: bytes, end: int, key: bytes, now: float) -> dict[str, Any]:
        """What the phone put behind its pass [2]."""
        try:
            moment, sealed = struct.unpack_from(">IB", data, end)
            rest = end + 5 + (33 if sealed else 0)
            mark = data[rest:]
            must(sealed in (0, 1) and len(mark) == 64)
            public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
            both = encode_dss_signature(int.from_bytes(mark[:32], "big"), int.from_bytes(mark[32:], "big"))
            public.verify(both, b"minan-show-1\n" + data[:rest], ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError, struct.error):
            return self.refuse("forged")
        if not -60 <= moment - now <= 30 or moment < int(self.begun):
            return self.refuse("stale")
        if mark in self.seen:
            return self.refuse("replayed")
        self.seen = {k: v for k, v in self.seen.items() if v > now - 120} | {mark: now}
        return self.release("opened", "phone", data[end + 5 : rest].hex())

    def card(self, token: str) -> dict[str, Any]:
        mark = hashlib.sha256(b"minan-card-1\n" + bytes.fromhex(token)).hexdigest()[:32]
        return self.known("cards", mark, "card")

    def plate(self, said: str) -> dict[str, Any]:
        if "plate_key" not in self.list:
            return self.refuse("unknown")
        plain = re.sub(r"[\s·.\-]", "", said.upper()).encode()
        return self.known("plates", hmac.new(bytes.fromhex(self.list["plate_key"]), plain, hashlib.sha256).hexdigest()[:32], "plate")

    def known(self, table: str, mark: str, way: str) -> dict[str, Any]:
        if self.now() > self.list["good"]:
            return self.refuse("stale")
        row = next((r for r in self.list[table] if hmac.compare_digest(r[0], mark)), None)
        return self.release("opened", way, row[1]) if row else self.refuse("unknown")

    def pin(self, digits: str) -> dict[str, Any]:
        now = self.now()
        if now < self.resting:
            return self.refuse("throttled")
        if now > self.list["good"]:
            return self.refuse("stale")
        mark = hashlib.scrypt(digits.encode(), salt=bytes.fromhex(self.list["salt"]), n=4096, r=8, p=1, dklen=16).hex()
        why = "unknown"
        for one, begins, ends, once, household in self.list["pins"]:
            if not hmac.compare_digest(one, mark):
                continue
            why = "not_yet" if begins and now < begins - GRACE else "expired" if ends and now > ends + GRACE else ""
            why = why or ("replayed" if once and once in self.used else "")
            if not why:
                if once:
                    self.spend(once, ends)
                return self.release("opened", "pin", household)
        self.wrong = [t for t in self.wrong if t > now - REST] + [now]
        if len(self.wrong) >= WRONG_MOST:
            self.resting, self.wrong = now + REST, []
        return self.refuse(why)

    def fire(self, on: bool) -> dict[str, Any]:
        if on and not self.state["fire"]:
            self.count("fire")
            tell({"relay": "open", "result": "fire"})
        self.say("fire", on)
        return {"open": on, "result": "fire" if on else "closed"}

    def contact(self, opened: bool) -> dict[str, Any]:
        now = self.now()
        forced = opened and not self.state["fire"] and now > self.released + RELEASE
        if forced:
            self.count("forced")
        self.opened_at = now if opened else 0.0
        self.say("forced", forced)
        if not opened:
            self.say("held", False)
        return {"open": opened, "result": "forced" if forced else "moved"}

    def tick(self) -> None:
        """Held open for too long?"""
        with self.lock:
            if self.opened_at and not self.state["fire"] and self.now() > self.opened_at + HELD and not self.state["held"]:
                self.count("held")
                self.say("held", True)

    def say(self, word: str, on: bool) -> None:
        if self.state[word] != on:
            self.state[word] = on
            self.wake.set()

    def answer(self, said: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            what, value = next(iter(said.items()))
            if what == "shift":
                self.shift += value
                return {"now": int(self.now())}
            if what in ("fire", "contact"):
                return self.fire(value) if what == "fire" else self.contact(value)
            if what == "list":
                waits = sum(b["hour"] != self.period() for b in self.pending)
                return {"held": bool(self.list), "waits": waits, **{k: self.list[k] for k in ("made", "n", "void", "keys") if k in self.list}}
            if self.state["fire"]:
                return {"open": True, "result": "fire"}
            if not self.list:
                return {"open": False, "result": "no_list"}
            return {"show": self.show, "card": self.card, "pin": self.pin, "plate": self.plate}[what](value)


class Line:
    """The way to the city: fetch the list, send what is over [4, 7]. Everything else works without it."""

    def __init__(self, door: Door, server: str, key: str, every: float) -> None:
        self.door, self.server, self.key, self.every = door, server.rstrip("/"), key, every
        self.told: tuple[float, Any] = (0.0, None)

    def ask(self, path: str, what: Any = None) -> tuple[int, bytes, str]:
        head = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        if what is None:
            head["If-None-Match"] = self.door.etag
        body = None if what is None else json.dumps(what).encode()
        try:
            asked = urllib.request.Request(self.server + path, body, head)  # noqa: S310 (the address stands on the command line)
            with urllib.request.urlopen(asked, timeout=10) as got:  # noqa: S310
                return got.status, got.read(), got.headers.get("ETag", "")
        except urllib.error.HTTPError as error:
            return error.code, b"", ""
        except OSError:
            return 0, b"", ""

    def turn(self) -> None:
        door = self.door
        status, body, etag = self.ask("/doors/door/list")
        if status == 200 and door.take(json.loads(body)):
            door.etag = etag
        with door.lock:
            over, done = [b for b in door.pending if b["hour"] != door.period()], list(door.done)
            said = {**door.state, "opened": done}
        for batch in over:
            if self.ask("/doors/door/lines", batch)[0] in (200, 201, 204, 422):
                with door.lock:
                    door.pending.remove(batch)
                    door.memory.write("pending.json", door.pending)
        fresh = said != self.told[1] or time.monotonic() - self.told[0] > 60
        if fresh and self.ask("/doors/door/state", said)[0] in (200, 204):
            self.told = (time.monotonic(), said)
            with door.lock:  # what the city knows and hands out no more is forgotten
                door.done = [name for name in door.done if name not in done or name in dict(door.list.get("open", []))]

    def run(self) -> None:
        while True:
            self.door.wake.clear()
            try:
                self.door.tick()
                self.turn()
            except Exception as error:  # the way to the city may do anything: the door goes on
                print(f"line: {error!r}", file=sys.stderr, flush=True)
            self.door.wake.wait(self.every)


def tell(said: dict[str, Any]) -> None:
    print(json.dumps(said), flush=True)


def main() -> None:
    asked = argparse.ArgumentParser()
    for name in ("--server", "--key", "--root", "--folder"):
        asked.add_argument(name, required=True)
    asked.add_argument("--every", type=float, default=3.0)
    given = asked.parse_args()
    door = Door(Memory(Path(given.folder)), given.root)
    threading.Thread(target=Line(door, given.server, given.key, given.every).run, daemon=True).start()
    for line in sys.stdin:
        try:
            tell({"answer": door.answer(json.loads(line))})
        except Exception as error:  # a reader that sends nonsense stops no door
            tell({"answer": {"open": False, "result": "forged", "error": repr(error)[:80]}})


if __name__ == "__main__":
    main()
