"""Waiting for something in a page. Playwright's own `wait_for_function` asks again by eval, which our content security policy forbids."""

from __future__ import annotations

import time
from typing import Any

SECONDS, EACH_MS = 60.0, 50


def until(page: Any, script: str, arg: Any = None) -> Any:
    """What `script` gives in the page, once it is something; asked from outside, as often as it takes."""
    end = time.monotonic() + SECONDS
    while not (found := page.evaluate(script, arg)):
        assert time.monotonic() < end, f"never came: {script}"
        page.wait_for_timeout(EACH_MS)
    return found
