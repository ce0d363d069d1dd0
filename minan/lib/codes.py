"""The code a person keeps for a case: 15 base-32 characters that find its county, cannot be guessed and catch a slip.

Two characters are the county's tag, twelve are random (60 bits), one is a check. Stored without dashes, shown as
``XXXXX-XXXXX-XXXXX``. The alphabet is Crockford's: no I, L, O, U.

The check character is the sum of the others, each times its own power of a generator of the field of 32 elements.
The powers differ at every place, so every single wrong character and every swap of two different characters,
neighbours or not, is caught.

A tag is the division code modulo 1,024, or the next free number where that one is taken; a tag once given stays
(store the table and hand it in as `known`). It is unique within an installation of up to 1,024 counties. A country has
some 2,850: then two or three counties share a tag, and a look-up asks these two or three.
"""

import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 15
TAGS = 1024
LONGEST_TYPED = 64

_VALUE = {letter: number for number, letter in enumerate(ALPHABET)}
_READ_AS = str.maketrans("OIL", "011")
_DASHES = dict.fromkeys(map(ord, " \t\r\n\u3000\u00a0-_./·‐‑‒–—―－−"))


def _powers() -> list[int]:
    """The powers of x in GF(2)[x] / (x⁵ + x² + 1); x generates all 31 non-zero elements."""
    powers = [1]
    for _ in range(30):
        doubled = powers[-1] << 1
        powers.append(doubled ^ 0b100101 if doubled & 32 else doubled)
    return powers


_EXP = _powers()
_LOG = {value: power for power, value in enumerate(_EXP)}
# One row a place: what each of the 32 characters adds to the sum there.
_ADDS = [
    {letter: _EXP[(_LOG[value] + place + 1) % 31] if value else 0 for letter, value in _VALUE.items()}
    for place in range(LENGTH - 1)
]


def _check(body: str) -> str:
    total = 0
    for place, letter in enumerate(body):
        total ^= _ADDS[place][letter]
    return ALPHABET[total]


def _letters(number: int) -> str:
    return ALPHABET[number >> 5] + ALPHABET[number & 31]


def new(tag: str) -> str:
    """A new code for a county's two-character tag; 60 bits from `secrets`. ValueError for a tag that is none."""
    if len(tag) != 2 or any(letter not in _VALUE for letter in tag):
        raise ValueError(f"not a county tag: {tag!r}")
    number = secrets.randbits(60)
    body = tag + "".join(ALPHABET[(number >> shift) & 31] for shift in range(55, -1, -5))
    return body + _check(body)


def parse(text: str) -> str | None:
    """The stored code behind what a person typed, or None; lower case, full width, blanks, dashes, O, I and L are taken."""
    if len(text) > LONGEST_TYPED:
        return None
    narrow = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text)
    code = narrow.translate(_DASHES).upper().translate(_READ_AS)
    if len(code) != LENGTH or any(letter not in _VALUE for letter in code):
        return None
    return code if _check(code[:-1]) == code[-1] else None


def pretty(code: str) -> str:
    """A stored code as it is shown and printed."""
    return f"{code[:5]}-{code[5:10]}-{code[10:]}"


def tag(code: str) -> str:
    """The county's tag in a stored code."""
    return code[:2]


def tag_table(counties: Iterable[str], known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Division code of each county (six digits) → its tag. Tags in `known` stay; the result does not depend on order."""
    table = dict(known or {})
    for given in table.values():
        if len(given) != 2 or any(letter not in _VALUE for letter in given):
            raise ValueError(f"not a county tag: {given!r}")
    holders = [0] * TAGS
    for given in table.values():
        holders[_VALUE[given[0]] * 32 + _VALUE[given[1]]] += 1
    for county in sorted(set(counties) - set(table)):
        fewest = min(holders)
        number = int(county) % TAGS
        while holders[number] > fewest:
            number = (number + 1) % TAGS
        holders[number] += 1
        table[county] = _letters(number)
    return table


@lru_cache(maxsize=8)
def _table_of(counties: tuple[str, ...]) -> dict[str, str]:
    return tag_table(counties)


def county_tag(county: str, counties: Iterable[str]) -> str:
    """The tag of a county among all counties of the installation. KeyError if it is not one of them."""
    return _table_of(tuple(counties))[county]


def counties_of(tag: str, table: Mapping[str, str]) -> list[str]:
    """The counties that hold a tag: one, unless the installation has more than 1,024."""
    return sorted(county for county, held in table.items() if held == tag)
