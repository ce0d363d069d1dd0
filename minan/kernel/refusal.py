"""Why a step was not taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from minan.kernel.procedure import Words

FASTER = Words("有人比您快一步，请看看最新情况", "Somebody was faster; look at how it stands now")
UNFIT = Words("有几项要改一改", "Some answers need another look")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a step was not taken. status: 403 not offered, 409 somebody was faster, 422 facts or a rule."""

    reason: Words
    status: int
    rule: str = ""
    errors: Mapping[str, Words] = field(default_factory=dict)

    def __bool__(self) -> NoReturn:
        """Neither true nor false: `if done:` and `if refused:` would each be read by somebody the other way round."""
        raise TypeError(f"ask isinstance(…, Refused), not whether a refusal is true: {self.rule or self.status} {self.reason.en}")
