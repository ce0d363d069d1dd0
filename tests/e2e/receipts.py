"""Makes receipts as CONTRACTS.md writes them, true ones and mutated ones, with nothing of ours but the text of the contract.

A third implementation on purpose: neither the product's Python nor its JavaScript has a hand in what both are held against.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN, WITNESS = "minan.test/131000", "witness.example/one"
BEGUN = datetime(2026, 11, 20, 8, tzinfo=UTC)
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
WORDS = ("路灯坏了三天", '井盖"响"\n夜里睡不着', "自来水发黄 \\ 有味", "垃圾没人收😀", "Ünïcode \u2028 line")
Receipt = dict[str, Any]


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def compact(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Signing:
    """One Ed25519 key under a name; kind 1 signs notes, kind 4 cosigns."""

    def __init__(self, name: str, seed: bytes, kind: int = 1) -> None:
        self.name, self.kind, self.private = name, kind, Ed25519PrivateKey.from_private_bytes(seed)
        self.blob = bytes([kind]) + self.private.public_key().public_bytes_raw()
        self.id = sha(f"{name}\n".encode() + self.blob)[:4]
        self.vkey = f"{name}+{self.id.hex()}+{base64.b64encode(self.blob).decode()}"

    def line(self, text: str, at: int = 0) -> str:
        signature = self.private.sign(text.encode())
        if self.kind == 4:
            signature = struct.pack(">Q", at) + self.private.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
        return f"— {self.name} {base64.b64encode(self.id + signature).decode()}\n"


class Tree:
    """All hashes of a tree, by level, over leaves whose number need not be a power of two (RFC 6962 §2.1)."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.leaves = leaves
        self.known: dict[tuple[int, int], bytes] = {}

    def root(self, a: int, b: int) -> bytes:
        if b - a == 1:
            return self.leaves[a]
        if (a, b) not in self.known:
            k = 1 << (b - a - 1).bit_length() - 1
            self.known[a, b] = sha(b"\x01" + self.root(a, a + k) + self.root(a + k, b))
        return self.known[a, b]

    def path(self, m: int, a: int, b: int) -> list[bytes]:
        if b - a == 1:
            return []
        k = 1 << (b - a - 1).bit_length() - 1
        if m < a + k:
            return [*self.path(m, a, a + k), self.root(a + k, b)]
        return [*self.path(m, a + k, b), self.root(a, a + k)]

    def older(self, m: int, a: int, b: int, whole: bool = True) -> list[bytes]:
        """PROOF(m, D[a:b]) of RFC 6962 §2.1.2; `m` counted from a."""
        if m == b - a:
            return [] if whole else [self.root(a, b)]
        k = 1 << (b - a - 1).bit_length() - 1
        if m <= k:
            return [*self.older(m, a, a + k, whole), self.root(a + k, b)]
        return [*self.older(m - k, a + k, b, False), self.root(a, a + k)]


@dataclass
class Ledger:
    """A log with its keys, and the receipts of all matters in it."""

    log: Signing
    witness: Signing
    receipts: list[Receipt] = field(default_factory=list)
    tree: Tree = field(default_factory=lambda: Tree([]))
    checkpoint: str = ""

    def signed(self, size: int, more: str = "") -> str:
        root = base64.b64encode(self.tree.root(0, size)).decode()
        text = f"{ORIGIN}\n{size}\n{root}\n131022 {size} {root}\n{more}"
        return f"{text}\n{self.log.line(text)}{self.witness.line(text, 1_795_000_000)}"


def _event(rng: random.Random, code: str, n: int, prev: str, at: datetime) -> tuple[Receipt, bytes]:
    salt = rng.randbytes(32)
    body = {
        "facts": {"text": rng.choice(WORDS), "visit": bool(n % 2), "photos": []},
        "note": {"n": n, "cap": None},
        "kept": "0" * 64,
    }
    event = {
        "v": 1, "log": "131022", "case": code, "n": n, "prev": prev, "step": "say" if n == 1 else "urge",
        "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "by": "resident" if n % 2 else "131022100-station:clerk", "body": sha(salt + compact(body)).hex(),
    }  # fmt: skip
    return {"event": event, "opening": {"salt": salt.hex(), "body": body} if n % 3 else None}, sha(
        b"\0" + compact(event)
    )


def _promise(log: Signing, one: Receipt, leaf: bytes) -> str:
    text = f"{ORIGIN}\npromise\n{one['event']['case']}\n{base64.b64encode(leaf).decode()}\n{one['event']['at']}\n"
    return f"{text}\n{log.line(text)}"


def ledger(matters: int, seed: int = 7) -> Ledger:
    """A log of so many matters with one to four entries each; every sixth matter holds a promise too."""
    rng = random.Random(seed)
    made = Ledger(Signing(ORIGIN, rng.randbytes(32)), Signing(WITNESS, rng.randbytes(32), 4))
    leaves: list[bytes] = []
    for matter in range(matters):
        code, prev = "".join(rng.choices(LETTERS, k=15)), "0" * 64
        rows: list[Receipt] = []
        for n in range(1, rng.randint(1, 4) + 1):
            one, leaf = _event(rng, code, n, prev, BEGUN + timedelta(seconds=matter, microseconds=n))
            promise = _promise(made.log, one, leaf) if n == 1 and matter % 6 == 0 else None
            rows.append(one | {"index": len(leaves), "proof": None, "promise": promise})
            leaves.append(leaf)
            prev = leaf.hex()
        made.receipts.append({"code": code, "events": rows, "checkpoint": ""})
    made.tree = Tree(leaves)
    made.checkpoint = made.signed(len(leaves))
    for receipt in made.receipts:
        receipt["checkpoint"] = made.checkpoint
        for one in receipt["events"]:
            one["proof"] = [h.hex() for h in made.tree.path(one["index"], 0, len(leaves))]
    return made


# ---- mutations: each changes what a true receipt says; to leave something out says less, not something else, and is no lie


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every scalar inside."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, dict | list):
        yield path
    for name, one in inner:
        yield from _places(one, (*path, name))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        value = value[name]
    return value


def _other(rng: random.Random, value: Any, near: str) -> Any:
    """Another value of the same kind, as near as possible: one letter, one digit, one more or less."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + rng.choice((-1, 1))
    if value is None:
        return "x"
    at = rng.randrange(len(value) + 1)
    if not value or rng.random() < 0.1:
        return value[:at] + "0" + value[at:]
    at = min(at, len(value) - 1)
    letters = [letter for letter in near if letter != value[at]]
    return value[:at] + rng.choice(letters) + value[at + 1 :]


def _scalar(rng: random.Random, receipt: Receipt, _made: Ledger) -> None:
    path = rng.choice([p for p in _places(receipt) if p[-1] != "checkpoint"])
    holder = _at(receipt, path[:-1])
    old = holder[path[-1]]
    holder[path[-1]] = _other(rng, old, "0123456789abcdef" if path[-1] != "text" else "路灯水")


def _checkpoint(rng: random.Random, receipt: Receipt, _made: Ledger) -> None:
    text = receipt["checkpoint"]
    at = rng.randrange(text.index("\n\n"))  # what is signed
    receipt["checkpoint"] = text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :]


def _signature(rng: random.Random, receipt: Receipt, _made: Ledger) -> None:
    lines = receipt["checkpoint"].splitlines(keepends=True)
    n = rng.choice((-1, -2))
    head, _, blob = lines[n].rpartition(" ")
    raw = bytearray(base64.b64decode(blob))
    raw[rng.randrange(4, len(raw))] ^= 1 << rng.randrange(8)
    receipt["checkpoint"] = (
        "".join(lines[:n]) + f"{head} {base64.b64encode(raw).decode()}\n" + "".join(lines[len(lines) + n + 1 :])
    )


def _proof(rng: random.Random, receipt: Receipt, _made: Ledger) -> None:
    proof = rng.choice(receipt["events"])["proof"]
    how, at = rng.randrange(3), rng.randrange(len(proof))
    if how == 0:
        del proof[at]
    elif how == 1:
        proof.insert(at, rng.randbytes(32).hex())
    else:
        other = (at + 1) % len(proof)
        proof[at], proof[other] = proof[other], proof[at]


def _swap(rng: random.Random, receipt: Receipt, made: Ledger) -> None:
    """Something of another matter in its place."""
    other = rng.choice([r for r in made.receipts[:600] if r["code"] != receipt["code"]])
    one, name = rng.choice(receipt["events"]), rng.choice(("event", "opening", "index", "proof", "promise"))
    source = rng.choice(other["events"])
    value = copy.deepcopy(source[name])
    if value is None or value == one[name]:
        name, value = "event", copy.deepcopy(source["event"])
    one[name] = value


def _borrowed(rng: random.Random, receipt: Receipt, made: Ledger) -> None:
    """A promise, genuine, that was given for something else."""
    held = [
        r["events"][0]["promise"]
        for r in made.receipts[:600]
        if r["code"] != receipt["code"] and r["events"][0]["promise"]
    ]
    rng.choice(receipt["events"])["promise"] = rng.choice(held[:50])


def _order(rng: random.Random, receipt: Receipt, _made: Ledger) -> None:
    rows = receipt["events"]
    if len(rows) < 2:
        rows.append(copy.deepcopy(rows[0]))
    elif rng.random() < 0.5:
        rows.reverse()
    else:
        del rows[rng.randrange(len(rows) - 1)]  # not the last: that only says less


def _shape(rng: random.Random, receipt: Receipt, _made: Ledger) -> None:
    holder = rng.choice([receipt, *receipt["events"], *(one["event"] for one in receipt["events"])])
    if rng.random() < 0.5:
        holder["more"] = 1
    else:
        del holder[rng.choice(list(holder))]


MUTATIONS: tuple[Callable[[random.Random, Receipt, Ledger], None], ...] = (
    _scalar, _scalar, _scalar, _checkpoint, _signature, _proof, _swap, _borrowed, _order, _shape,
)  # fmt: skip


def mutated(made: Ledger, many: int, seed: int = 11) -> Iterator[Receipt]:
    """So many receipts that each say something untrue."""
    rng = random.Random(seed)
    for n in range(many):
        receipt = copy.deepcopy(made.receipts[n % len(made.receipts)])
        MUTATIONS[n % len(MUTATIONS)](rng, receipt, made)
        yield receipt
