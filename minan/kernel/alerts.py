"""One line on the resident's home that must not wait: a system registers who knows it, the home page asks.

`register(fn)`: fn(request) → {"title", "words", "url"} of the newest thing that is valid where this reader is, or None. No query
where the reader chose no place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

Source = Callable[[HttpRequest], dict[str, Any] | None]
_sources: list[Source] = []


def register(source: Source) -> None:
    if source not in _sources:
        _sources.append(source)


def line(request: HttpRequest) -> dict[str, Any] | None:
    """The first that anybody has."""
    return next((found for source in _sources if (found := source(request))), None)
