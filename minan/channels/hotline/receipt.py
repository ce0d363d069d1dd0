"""The receipt as it is read aloud: the code in three groups, and the short proof."""

from __future__ import annotations

from django.http import HttpRequest

from minan.kernel import callers, promises
from minan.kernel.act import Opened
from minan.kernel.procedure import Words

GROUP = 5
WORDS = Words("编号 {code}，存证 {mark}", "Code {code}, proof {mark}")


def groups(code: str) -> list[str]:
    """15 characters as three groups of five."""
    return [code[i : i + GROUP] for i in range(0, len(code), GROUP)]


def written(opened: Opened, request: HttpRequest | None = None) -> str:
    """What the operator reads aloud; nothing in it opens the matter."""
    return WORDS.into(callers.lang()).format(code="-".join(groups(opened.case.code)), mark=promises.short(opened.event))
