"""What a device reads, on a topic of its own, when what it said became a case: code and the beginning of the event's hash, as JSON."""

from __future__ import annotations

import json

from django.http import HttpRequest

from minan.kernel import promises
from minan.kernel.act import Opened
from minan.lib import codes


def written(opened: Opened, request: HttpRequest | None = None) -> str:
    """{"code", "mark"}: a few bytes for a small device. Never a secret, never a word said."""
    return json.dumps({"code": codes.pretty(opened.case.code), "mark": promises.short(opened.event)}, separators=(",", ":"))
