"""The draw for a return visit 抽取回访: by the hash of the answer's own event, so that nobody knows it before and anybody can draw again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

BELOW = 5  # of 100: DOMAIN.md §1, "a drawn 5 % of the rest"
DIGITS = 8
ANSWERS = ("answer", "settle", "follow_answer")


def number(head: str) -> int:
    """0 … 99: the first eight hex digits of the hash, modulo 100.

    The hash holds a random salt that is made when the event is written, so that nobody knows it while answering; and it
    stands on the speaker's page and in the public log.
    """
    return int(head[:DIGITS], 16) % 100


def told(events: Sequence[Any]) -> dict[str, Any] | None:
    """How the last answer among these events was drawn: {"head", "number", "below", "drawn"}; None where nothing was answered.

    `drawn` says what the rule says; who asked for a visit is visited anyway.
    """
    answer = next((e for e in reversed(events) if e.step in ANSWERS), None)
    if answer is None:
        return None
    found = number(answer.hash)
    return {"head": answer.hash[:DIGITS], "number": found, "below": BELOW, "drawn": found < BELOW}
