"""What stands for the words of an event after something in them was hidden: carried by the later event that hid it. Pure.

`note["instead"]` of that event's body is {number of the event: its whole body with the fragments in brackets}. The body itself
lies in the vault as "body.N" with its salt, so that its commitment can still be opened by whom it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Body = dict[str, Any]


def named(body: Mapping[str, Any]) -> dict[int, Body]:
    """The bodies this one stands for, by number of their event."""
    found = body.get("note", {}).get("instead", {})
    return {int(n): one for n, one in found.items()}


def laid(said: Mapping[int, Body]) -> dict[int, Body]:
    """`said` (number → body as it is kept), with what stands for those that are gone; the latest word on each holds."""
    standing: dict[int, Body] = {}
    for n in sorted(said):
        standing |= named(said[n])
    return standing | dict(said)
