"""The codeword of somebody who speaks without a name: six easy words out of 2,048 (66 bits), kept only as a salted scrypt verifier.

No two words of the list sound alike, so that a codeword can be read out, and each has a number: six words are the same codeword
as six groups of four digits (for who does not read Chinese, and wherever only ASCII fits). The list is our own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import unicodedata
from functools import lru_cache
from pathlib import Path

COUNT, BITS, LETTERS, DIGITS = (
    6,
    11,
    2,
    4,
)  # words a codeword, bits a word, characters a word, digits of a word's number
N, R, P, SALT, LENGTH = 2**14, 8, 1, 16, 32  # scrypt: 16 MiB and some 50 ms a try
KIND = "scrypt"
NOBODY = b"\0" * SALT  # a try against a case that is not there takes as long


@lru_cache(maxsize=1)
def words() -> tuple[str, ...]:
    """The 2,048 words; number n of a codeword's group means the n-th, counted from 1."""
    return tuple((Path(__file__).with_name("codewords.txt")).read_text("utf-8").split())


@lru_cache(maxsize=1)
def _numbers() -> dict[str, int]:
    return {word: n for n, word in enumerate(words(), 1)}


def of(raw: bytes) -> str:
    """The codeword of (at least nine) random bytes from `secrets`, in its stored form: 24 digits."""
    number = int.from_bytes(raw, "big")
    return "".join(f"{(number >> (BITS * n) & (2**BITS - 1)) + 1:04d}" for n in range(COUNT))


def groups(codeword: str) -> list[tuple[str, str]]:
    """A codeword as it is shown: six pairs of word and number; [] for what is none."""
    return [(words()[int(n) - 1], n) for n in _split(codeword, DIGITS)] if read(codeword) == codeword else []


def _split(text: str, size: int) -> list[str]:
    return [text[i : i + size] for i in range(0, len(text), size)]


def read(typed: str) -> str:
    """What somebody typed, words or numbers, with or without blanks, as 24 digits; "" where it is no codeword."""
    text = unicodedata.normalize("NFKC", typed[:200])
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    letters = "".join(c for c in text if "\u4e00" <= c <= "\u9fff")
    if len(letters) == COUNT * LETTERS and not digits:
        found = [_numbers().get(word, 0) for word in _split(letters, LETTERS)]
        return "".join(f"{n:04d}" for n in found) if all(found) else ""
    if len(digits) == COUNT * DIGITS and not letters and not any(c.isalpha() for c in text):
        return digits if all(1 <= int(n) <= 2**BITS for n in _split(digits, DIGITS)) else ""
    return ""


def _hash(codeword: str, salt: bytes) -> bytes:
    return hashlib.scrypt(codeword.encode(), salt=salt, n=N, r=R, p=P, maxmem=2**26, dklen=LENGTH)


def verifier(codeword: str) -> str:
    """What is kept of a codeword: "scrypt$n$r$p$salt$hash", another one each time."""
    salt = os.urandom(SALT)
    told = (base64.b64encode(part).decode() for part in (salt, _hash(codeword, salt)))
    return "$".join((KIND, str(N), str(R), str(P), *told))


def same(stored: str, codeword: str) -> bool:
    """Whether this codeword made the verifier; as slow where `stored` is none."""
    kind, _, rest = stored.partition("$")
    parts = rest.split("$") if kind == KIND else []
    salt = base64.b64decode(parts[3]) if parts else NOBODY
    return (
        hmac.compare_digest(_hash(codeword, salt), base64.b64decode(parts[4])) if parts else not _hash(codeword, salt)
    )
