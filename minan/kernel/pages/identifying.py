"""The clerk's warning: what in a matter may tell who somebody is, marked in the words themselves, with the way to hide it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.urls import reverse

from minan.kernel import hiding
from minan.kernel.models import Case
from minan.kernel.procedure import Step

SHOWN = 8


class Piece(NamedTuple):
    """A stretch of a line; `marked` where it may identify."""

    text: str
    marked: bool


def pieces(text: str, fragments: Iterable[str]) -> list[list[Piece]]:
    """The text line by line, each cut where a fragment stands: for a template to escape and mark."""
    wanted = sorted(fragments, key=len, reverse=True)
    lines = [line.strip() for line in text.replace("\r\n", "\n").split("\n")]
    if not wanted:
        return [[Piece(line, False)] for line in lines if line]
    parts = re.compile("(" + "|".join(map(re.escape, wanted)) + ")")
    return [[Piece(part, n % 2 == 1) for n, part in enumerate(parts.split(line)) if part] for line in lines if line]


def of(case: Case, steps: list[Step], words: Iterable[str], *, face: str, keep: str = "") -> dict[str, Any]:
    """For who may hide something: {"found", "found_more", "hide_url", "said_lines"}; {} for everybody else and where nothing is found.

    `words`: what else stands on the page and people wrote.
    """
    step = next((s for s in steps if s.hides), None)
    found = hiding.proposed(dict.fromkeys([*hiding.written(case), *words])) if step else {}
    if step is None or not found:
        return {}
    url = reverse(f"kernel:{face}_case", args=[case.code])
    return {
        "found": list(found)[:SHOWN], "found_more": max(0, len(found) - SHOWN), "said_lines": pieces(case.text, found),
        "hide_url": f"{url}?step={step.name}" + (f"&{keep}" if keep else "") + ("#step" if face == "tasks" else ""),
    }  # fmt: skip


def of_new(case: Case) -> dict[str, Any]:
    """The same just after somebody took a matter in at the counter."""
    found = hiding.proposed(hiding.written(case))
    url = reverse("kernel:desk_case", args=[case.code])
    return (
        {"found": list(found)[:SHOWN], "found_more": max(0, len(found) - SHOWN), "hide_url": f"{url}?step=hide"}
        if found
        else {}
    )
