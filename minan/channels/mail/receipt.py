"""The receipt as a letter: code and the beginning of the event's hash, and nothing in it that opens the matter."""

from __future__ import annotations

from django.http import HttpRequest

from minan.kernel import callers, promises
from minan.kernel.act import Opened
from minan.kernel.procedure import Words
from minan.lib import codes

WORDS = Words(
    "民安已收到您说的事。\n编号：{code}\n存证：{mark}", "Minan has received your matter.\nCode: {code}\nProof: {mark}"
)


def written(opened: Opened, request: HttpRequest | None = None) -> str:
    return WORDS.into(callers.lang()).format(code=codes.pretty(opened.case.code), mark=promises.short(opened.event))
