"""The receipt of what a worker found: code and the hash of its first event, told back to the phone that sent it."""

from __future__ import annotations

from django.http import HttpRequest

from minan.kernel import promises
from minan.kernel.act import Opened


def written(opened: Opened, request: HttpRequest | None = None) -> dict[str, str]:
    """Nobody spoke but the worker, who follows it in their list: no secret is handed out."""
    return {"code": opened.case.code, "mark": promises.short(opened.event)}
