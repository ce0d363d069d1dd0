"""The receipt as it would be spoken: code and the beginning of the event's hash, digit by digit, and nothing that opens the matter."""

from __future__ import annotations

from django.http import HttpRequest

from minan.kernel import callers, promises
from minan.kernel.act import Opened
from minan.kernel.procedure import Words
from minan.lib import codes

WORDS = Words("已收到，编号{code}，存证{mark}", "Received {code}, proof {mark}")


def written(opened: Opened, request: HttpRequest | None = None) -> str:
    return WORDS.into(callers.lang()).format(code=codes.pretty(opened.case.code), mark=promises.short(opened.event))
