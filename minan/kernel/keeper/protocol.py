"""What goes over the keeper's socket: one JSON object a message, its length in four bytes before it; bytes travel as base64."""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path
from typing import Any

MOST = 1 << 20  # bytes of one message
SOCKET, PUBLIC, LOCK, ROOM = "keeper.sock", "keeper.pub", "keeper.lock", "keeper"  # in the keeper's folder
ACCOUNT = "_account"  # sealed among the facts while the keeper was away; never given out
LOST = 3  # exit code: the keys are gone while their public half is there
PATH_MOST = 100  # bytes of a Unix socket's path; Linux takes 107


class Unfit(Exception):
    """A message that is none."""


def number(typed: str) -> str:
    """A telephone number's digits, the same for every way of writing it; "" for what is none (fewer than seven, more than 15)."""
    digits = "".join(letter for letter in typed if letter in "0123456789")
    digits = digits[2:] if len(digits) > 11 and digits.startswith("86") else digits
    return digits if 7 <= len(digits) <= 15 else ""


def packed(message: dict[str, Any]) -> bytes:
    """One message as bytes on the line."""
    body = json.dumps(message, ensure_ascii=False).encode()
    return len(body).to_bytes(4, "big") + body


def size(head: bytes | bytearray) -> int:
    """The length that the first four bytes announce. Raises Unfit."""
    found = int.from_bytes(head[:4], "big")
    if not 1 < found <= MOST:
        raise Unfit
    return found


def parsed(body: bytes | bytearray) -> dict[str, Any]:
    """A message's body. Raises Unfit."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise Unfit from None
    if not isinstance(message, dict):
        raise Unfit
    return message


def text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def data(text_: Any) -> bytes:
    """The bytes of `text`. Raises Unfit: a list, too, for one request opens one case."""
    if not isinstance(text_, str):
        raise Unfit
    try:
        return base64.b64decode(text_, validate=True)
    except (binascii.Error, ValueError):
        raise Unfit from None


def public_of(folder: Path) -> bytes:
    """The public key (32 bytes) that `folder` shows to who seals. Raises FileNotFoundError, Unfit."""
    found = data((folder / PUBLIC).read_text("ascii").strip())
    if len(found) != 32:
        raise Unfit
    return found
