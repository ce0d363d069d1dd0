"""The papers of a box: slips with a stub, printed in books. What is on the stub alone opens the matter, and is kept nowhere.

A slip's code is the code its matter will have: what is posted at the point and what stands on the stub are one number. Each
symbol on a slip says the same (`mark`), four times, one at each corner: a fold, a hand or a shadow does not cover all of them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max

from minan.channels.box import marks
from minan.channels.box.models import Book, Box, Slip
from minan.kernel import codewords, directory
from minan.lib import codes
from minan.lib.uuid7 import uuid7

BOOK_MOST = 100  # a verifier takes some 50 ms to make
A_PAGE = 2


@dataclass(frozen=True, slots=True)
class Printed:
    """A slip as it goes to paper."""

    number: int
    code: str
    words: list[tuple[str, str]]  # six pairs of word and number
    codeword: str
    drawn: str  # the symbol, as the path of an SVG of `side` modules
    side: int


def _codeword(key: str, number: int) -> str:
    """The codeword on a stub: made of the form's key, which is kept nowhere, and the server's own secret."""
    text = f"slip:{key}:{number}".encode()
    return codewords.of(hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).digest()[:16])


def _tag(place: str) -> str:
    city = directory.city()
    return city.places[directory.within(place, "county") or directory.within(place, "city")].tag


def new_book(box: Box, count: int, key: str, by: str, at: datetime) -> Book:
    """Print `count` slips (1 to BOOK_MOST) for a box: numbers and verifiers; the same key gives the same book."""
    hashed = hashlib.sha256(f"book:{box.id}:{key}".encode()).hexdigest()
    if (known := Book.objects.filter(key=hashed).first()) is not None:
        return known
    count, tag = max(1, min(count, BOOK_MOST)), _tag(box.place)
    made = [(codes.new(tag), codewords.verifier(_codeword(key, n))) for n in range(count)]
    try:
        with transaction.atomic():
            Box.objects.select_for_update().get(id=box.id)  # two who print at once get numbers after one another
            first = 1 + (Slip.objects.filter(book__box=box).aggregate(Max("number"))["number__max"] or 0)
            book = Book.objects.create(box=box, key=hashed, first=first, count=count, by=by[:60], at=at)
            Slip.objects.bulk_create(
                Slip(id=uuid7(), book=book, number=first + n, code=code, verifier=verifier)
                for n, (code, verifier) in enumerate(made)
            )
    except IntegrityError:
        return Book.objects.get(key=hashed)
    return book


def printed(book: Book, key: str) -> Iterator[Printed]:
    """The slips of a book with what only paper will know, for whoever has the form's key."""
    for slip in Slip.objects.filter(book=book).order_by("number"):
        codeword = _codeword(key, slip.number - book.first)
        path, side = marks.drawn(marks.mark(slip.code))
        yield Printed(slip.number, slip.code, codewords.groups(codeword), codeword, path, side)


def pages(book: Book, key: str) -> list[list[Printed]]:
    """As they lie on sheets of A4, A_PAGE on each."""
    slips = list(printed(book, key))
    return [slips[n : n + A_PAGE] for n in range(0, len(slips), A_PAGE)]
