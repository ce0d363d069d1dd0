"""The short way through `neutral` gives what the long way gives, for every character there is."""

from __future__ import annotations

import sys

from minan.lib import text


def _long(one: str) -> str:
    return text._surrogate.sub("\ufffd", text._gone.sub("", text._breaks.sub("\n", one))).replace("\t", " ")


def test_no_character_slips_through_by_the_short_way() -> None:
    wrong = [hex(point) for point in range(sys.maxunicode + 1) if text.neutral(chr(point)) != _long(chr(point))]
    assert wrong == []
