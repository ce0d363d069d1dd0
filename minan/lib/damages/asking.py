"""What does it come to: the first question a person asks. What if: whatif.py; what it may come to: estimate.py."""

from __future__ import annotations

from typing import Any

from minan.lib.damages.reading import read
from minan.lib.damages.working import Result, work, written


def result_of(case: Any) -> Result:
    """The case worked out, for pages that show more than the contract's JSON. Raises Refused."""
    return work(read(case))


def calculate(case: Any, lang: str = "zh") -> dict[str, Any]:
    """The contract's object for the contract's object; `lang` is "zh" or "en" for formula words, articles, warnings. Raises Refused."""
    return written(result_of(case), lang)
