"""What a partner gets for a matter it sent: our code and the promise; the speaker hears by text message where the partner allows it."""

from __future__ import annotations

from django.http import HttpRequest

from minan.kernel import promises
from minan.kernel.act import Opened
from minan.lib import codes


def written(opened: Opened, request: HttpRequest | None = None) -> dict[str, str]:
    """{"code", "promise"}. Never the speaker's secret: the partner is not the speaker."""
    return {"code": codes.pretty(opened.case.code), "promise": promises.of(opened.event, opened.case.code)}
