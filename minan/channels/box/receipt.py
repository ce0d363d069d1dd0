"""The receipt of who put a slip into a box is the stub torn off before; this is the line for the board at the point, by its code alone."""

from __future__ import annotations

from django.http import HttpRequest

from minan.kernel import callers, promises
from minan.kernel.act import Opened
from minan.kernel.procedure import Words
from minan.lib import codes

WORDS = Words("{code} 已收到，存证 {mark}", "{code} received, proof {mark}")


def written(opened: Opened, request: HttpRequest | None = None) -> str:
    """Code and the beginning of the event's hash; no secret, not a word of what was said: everybody reads the board."""
    return WORDS.into(callers.lang()).format(code=codes.pretty(opened.case.code), mark=promises.short(opened.event))
