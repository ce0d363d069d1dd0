"""A pass for the doors on the way, for who goes to help: good until the call closes, then its number stands on the doors' list.

Doors are another part (kernel/passes.py); a city without them shows no button.
"""

from __future__ import annotations

import importlib
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any

from minan.kernel.models import Case

LASTS = timedelta(hours=2)


def able() -> bool:
    return find_spec("minan.kernel.passes") is not None


def _passes() -> Any:
    return importlib.import_module("minan.kernel.passes")


def issue(case: Case, now: datetime) -> tuple[str, str]:
    """(the pass as the door reads it, its number). The pass itself is kept nowhere."""
    text = str(_passes().issue(case.place, now, now + LASTS, "help"))
    return text, number_of(text)


def number_of(text: str) -> str:
    """By which it is revoked, as the pass itself bears it."""
    passes = importlib.import_module("minan.lib.passes")
    read = passes.read(passes.data_of(text) or b"")
    return str(read[0].hex) if read else ""


def revoke(case: Case) -> int:
    """Every pass of this call; returns how many were not on the doors' list yet."""
    numbers = list(case.facts.get("passes") or [])
    return int(_passes().revoke(*numbers)) if numbers and able() else 0
