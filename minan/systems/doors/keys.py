"""What a household gives besides its phones: cards, a PIN, its plates, passes for visitors. A door gets hashes, staff get nothing.

A row's name is drawn from home, sort and number with KEYS, so the household finds its own and nobody else can.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from minan.kernel import passes
from minan.kernel.procedure import Words
from minan.systems.doors import homes, registry
from minan.systems.doors.models import CARD, PIN, PLATE, VISIT, Compound, Home, Key
from minan.systems.doors.registry import Unfit

MOST = {CARD: 8, PIN: 1, PLATE: 3, VISIT: 10}
PIN_DIGITS, VISIT_DIGITS = 8, 6
SCRYPT = {"n": 1 << 12, "r": 8, "p": 1}  # 4 MiB and some ten milliseconds at a door
VISIT_HOURS, VISIT_AHEAD_DAYS = 12, 7
WHEN = Words("选一天，再选几点到几点", "Choose a day, and from when to when")
PLATES_TIMES = 3  # as many plates in a compound as parking places, times three
PLATE_FORM = re.compile(
    r"[\u4e00-\u9fff][A-Z][A-Z0-9]{4,5}[A-Z0-9\u4e00-\u9fff]"
)  # GA 36-2018: 7 places, 8 for new energy


@dataclass(frozen=True, slots=True)
class Visit:
    """A pass for one visit as it is handed over. The digits are shown once: only their hash is kept."""

    row: Key
    text: str
    digits: str


def handle(home: Home, kind: str, n: int) -> str:
    return passes.drawn("key", home.pk, kind, n).hex()


def _handles(home: Home, *kinds: str) -> dict[str, tuple[str, int]]:
    return {handle(home, kind, n): (kind, n) for kind in kinds for n in range(MOST[kind])}


def all_of(home: Home, *kinds: str) -> list[Key]:
    """The household's own rows, in the order of their numbers. One query."""
    names = _handles(home, *(kinds or tuple(MOST)))
    found = {row.pk: row for row in Key.objects.filter(pk__in=list(names))}
    return [found[name] for name in names if name in found]


def _free(home: Home, kind: str) -> str:
    """The first name not taken. Raises Unfit where the household has as many as it may."""
    taken = {row.pk for row in all_of(home, kind)}
    for name in _handles(home, kind):
        if name not in taken:
            return name
    raise Unfit(Words(f"已经有 {MOST[kind]} 个了，先去掉一个", f"There are {MOST[kind]} already: take one away first"))


def pass_id(row: Key) -> bytes:
    """The id of a visit's pass."""
    return passes.drawn("visit", row.pk, row.mark)[:8]


def pin_mark(compound: Compound, digits: str) -> str:
    """scrypt with the compound's salt: what its doors compare."""
    return hashlib.scrypt(digits.encode(), salt=bytes.fromhex(compound.salt), dklen=16, **SCRYPT).hex()


def card_mark(token: bytes) -> str:
    return hashlib.sha256(b"minan-card-1\n" + token).hexdigest()[:32]


def plate_key(compound: Compound) -> bytes:
    """The key with which a compound's barriers hash what their own camera reads; it lies in KEYS and in the barrier."""
    return passes.drawn("plates", compound.pk)


def plate_mark(compound: Compound, plate: str) -> str:
    return hmac.new(plate_key(compound), plate.encode(), hashlib.sha256).hexdigest()[:32]


def _add(home: Home, kind: str, mark: str, **more: object) -> Key:
    seal = "" if kind == VISIT else homes.seal_of(home)
    row = Key.objects.create(
        handle=_free(home, kind), compound=home.compound, kind=kind, area=home.path, mark=mark, seal=seal, **more
    )
    registry.changed(home.compound)
    return row


@transaction.atomic
def card(home: Home) -> str:
    """A new card: the token to be written on it, hex, shown once. Its chip's own number opens nothing: that can be copied by anyone."""
    token = secrets.token_bytes(16)
    _add(home, CARD, card_mark(token))
    return token.hex()


@transaction.atomic
def pin(home: Home) -> str:
    """A new PIN of eight digits in place of the one before, shown once; drawn, never chosen: a birthday opens nothing."""
    digits = "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
    Key.objects.filter(pk__in=list(_handles(home, PIN))).delete()
    _add(home, PIN, pin_mark(home.compound, digits))
    return digits


def read_plate(text: str) -> str:
    """A plate as it is written. Raises Unfit."""
    plate = "".join(text.upper().split()).replace("·", "").replace("-", "").replace(".", "")
    if not PLATE_FORM.fullmatch(plate):
        raise Unfit(Words("车牌写全，如 冀R12345", "Write the whole plate, with the sign of its province in front"))
    return plate


@transaction.atomic
def plate(home: Home, text: str) -> Key:
    """One of the household's own cars. Raises Unfit: no plate, too many of the household's or the compound's."""
    mark = plate_mark(home.compound, read_plate(text))
    own = {row.mark for row in all_of(home, PLATE)}
    if mark in own:
        raise Unfit(Words("这个车牌已经登记了", "This plate is registered already"))
    most = home.compound.spaces * PLATES_TIMES
    if home.compound.keys.filter(kind=PLATE).count() >= most:
        raise Unfit(
            Words("小区登记的车已经满了，请找物业", "The compound's list of cars is full: ask the property office")
        )
    return _add(home, PLATE, mark)


@transaction.atomic
def drop(home: Home, name: str) -> bool:
    """Take away one of the household's own; False where it is none of theirs."""
    row = next((r for r in all_of(home) if r.pk == name), None)
    if row is None:
        return False
    if row.kind == VISIT:
        passes.revoke(pass_id(row), ends=datetime.fromtimestamp(row.ends, UTC))
    row.delete()
    registry.changed(home.compound)
    return True


def drop_plate(home: Home, text: str) -> bool:
    """The same by the plate itself: nobody, not the household either, reads it back."""
    mark = plate_mark(home.compound, read_plate(text))
    row = next((r for r in all_of(home, PLATE) if r.mark == mark), None)
    return row is not None and drop(home, row.pk)


@transaction.atomic
def visit(home: Home, begins: datetime, ends: datetime, now: datetime, *, once: bool = True) -> Visit:
    """A pass for one visit: this way, this window, and once where it says so. No name, no ID number. Raises Unfit."""
    if not timedelta(0) < ends - begins <= timedelta(hours=VISIT_HOURS):
        raise Unfit(
            Words("来访最长 12 个小时，完的时间要比开始晚", "A visit lasts at most 12 hours, and ends after it begins")
        )
    if ends <= now or begins > now + timedelta(days=VISIT_AHEAD_DAYS):
        raise Unfit(Words("从现在起七天以内", "Within seven days from now"))
    digits = "".join(secrets.choice("0123456789") for _ in range(VISIT_DIGITS))
    window = {"begins": int(begins.timestamp()), "ends": int(ends.timestamp())}
    row = _add(home, VISIT, pin_mark(home.compound, digits), once=once, **window)
    return Visit(row, text_of(home, row), digits)


def text_of(home: Home, row: Key) -> str:
    """The visit's pass, the same each time it is looked at."""
    seal = bytes.fromhex(homes.seal_of(home))
    window = (datetime.fromtimestamp(row.begins, UTC), datetime.fromtimestamp(row.ends, UTC))
    return passes.issue(home.path, *window, "visitor", row.once, key=seal, pass_id=pass_id(row))
