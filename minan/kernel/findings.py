"""What a check finds: a fault must be mended now, a warning will become one; each says what to do, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from minan.kernel.procedure import Words


@dataclass(frozen=True, slots=True)
class Finding:
    fault: bool
    what: Words
    do: Words

    def into(self, lang: str) -> str:
        mark = ("✗" if self.fault else "!") + " "
        return f"{mark}{self.what.into(lang)}\n  → {self.do.into(lang)}"


Check = Callable[[datetime], Iterator[Finding]]


def fault(zh: str, en: str, do_zh: str, do_en: str) -> Finding:
    return Finding(True, Words(zh, en), Words(do_zh, do_en))


def warning(zh: str, en: str, do_zh: str, do_en: str) -> Finding:
    return Finding(False, Words(zh, en), Words(do_zh, do_en))
