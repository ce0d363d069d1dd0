"""The receipt as a text message of at most 70 characters: one message everywhere, and nothing in it that opens the matter."""

from __future__ import annotations

from django.http import HttpRequest

from minan.kernel import callers, promises
from minan.kernel.act import Opened
from minan.kernel.procedure import Words
from minan.lib import codes

MOST = 70  # characters of one message in Chinese
WORDS = Words("【民安】已收到，编号{code}，存证{mark}", "Minan: received {code}, proof {mark}")


def written(opened: Opened, request: HttpRequest | None = None) -> str:
    """Code and the beginning of the event's hash: by it the promise and the log's entry are known. Never a secret, never a word said."""
    code, mark = codes.pretty(opened.case.code), promises.short(opened.event)
    return WORDS.into(callers.lang()).format(code=code, mark=mark)
