"""A stranger's verifier, written from docs/proof.md alone: it shares no line with Minan and needs `cryptography` for Ed25519 only.

    python third_verifier.py receipt.json 'minan.local/131000+1a2b3c4d+AQ…'

Prints what it found; exit code 0 where everything holds and stands in the log, 1 where something does not, 2 where something waits.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HEX32 = re.compile(r"[0-9a-f]{64}")
KEYS = {"v", "log", "case", "n", "prev", "step", "at", "by", "body"}


class False_(Exception):
    """Something does not hold; says what."""


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def unhex(text: Any) -> bytes:
    if not isinstance(text, str) or not HEX32.fullmatch(text):
        raise False_(f"not 32 bytes in hex: {str(text)[:20]}")
    return bytes.fromhex(text)


def unbase64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise False_("not base64") from error
    if base64.b64encode(data).decode() != text:
        raise False_("base64 with stray bits")
    return data


def canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def note(text: Any, vkey: str) -> list[str]:
    """The lines of a signed note that this key signed. False_ where it did not."""
    name, key_id, encoded = vkey.split("+", 2)
    kind_and_key = unbase64(encoded)
    if kind_and_key[0] != 1 or sha(name.encode(), b"\n", kind_and_key)[:4].hex() != key_id:
        raise False_("the verifier key is not one")
    body, gap, signatures = str(text).rpartition("\n\n")
    if not gap or not signatures.endswith("\n"):
        raise False_("not a signed note")
    body += "\n"
    for line in signatures[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        signer, _, blob = rest.partition(" ")
        if dash == "\u2014" and signer == name and unbase64(blob)[:4].hex() == key_id:
            try:
                Ed25519PublicKey.from_public_bytes(kind_and_key[1:]).verify(unbase64(blob)[4:], body.encode())
            except InvalidSignature as error:
                raise False_("the signature does not hold") from error
            return body[:-1].split("\n")
    raise False_(f"{name} did not sign this")


def checkpoint(text: Any, vkey: str) -> tuple[int, bytes]:
    lines = note(text, vkey)
    if len(lines) < 3 or lines[0] != vkey.split("+", 1)[0] or not re.fullmatch(r"0|[1-9]\d*", lines[1]):
        raise False_("not a checkpoint of this log")
    return int(lines[1]), unbase64(lines[2])


def inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root this path leads to (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        raise False_("no such leaf in a tree of this size")
    f, s, r = index, size - 1, leaf
    for p in path:
        if s == 0:
            raise False_("the path is too long")
        if f % 2 or f == s:
            r = sha(b"\x01", p, r)
            while f and not f % 2:
                f, s = f >> 1, s >> 1
        else:
            r = sha(b"\x01", r, p)
        f, s = f >> 1, s >> 1
    if s:
        raise False_("the path is too short")
    return r


def promised(text: Any, vkey: str, code: str, leaf: bytes) -> None:
    lines = note(text, vkey)
    expected = [vkey.split("+", 1)[0], "promise", code, base64.b64encode(leaf).decode()]
    if (
        len(lines) != 5
        or lines[:4] != expected
        or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", lines[4])
    ):
        raise False_("the promise is for something else")


def check(receipt: dict[str, Any], vkey: str) -> str:
    """ "true" or "waits" (something is promised and not yet in the log). False_ where anything does not hold."""
    size, root = checkpoint(receipt["checkpoint"], vkey) if receipt["checkpoint"] else (0, b"")
    prev, waits = "0" * 64, False
    for n, one in enumerate(receipt["events"], 1):
        event = one["event"]
        if event.keys() != KEYS or event["v"] != 1 or event["n"] != n or event["case"] != receipt["code"]:
            raise False_(f"event {n} is not in its place")
        if event["prev"] != prev:
            raise False_(f"event {n} does not follow the one before")
        leaf = sha(b"\x00", canonical(event))
        prev = leaf.hex()
        if one["opening"] is not None:
            salt, body = unhex(one["opening"]["salt"]), canonical(one["opening"]["body"])
            if sha(salt, body) != unhex(event["body"]):
                raise False_(f"the words of event {n} are not those it commits to")
        if one["promise"] is not None:
            promised(one["promise"], vkey, receipt["code"], leaf)
        if one["index"] is None:
            waits = True
        elif inclusion(leaf, one["index"], size, [unhex(h) for h in one["proof"]]) != root:
            raise False_(f"event {n} does not stand in the log")
    if not receipt["events"]:
        raise False_("a receipt without events")
    return "waits" if waits else "true"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        found = json.load(file)
    try:
        said = check(found, sys.argv[2])
    except False_ as what:
        sys.exit(f"FALSE: {what}")
    print(said)
    sys.exit(0 if said == "true" else 2)
