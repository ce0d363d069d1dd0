"""The receipt inside an answer's `extended_attributes`: what CONTRACTS.md "Open311" adds to the standard, and the promise."""

from __future__ import annotations

from django.http import HttpRequest

from minan.kernel import promises
from minan.kernel.act import Opened
from minan.lib import codes


def written(opened: Opened, request: HttpRequest | None = None, secret: str = "") -> dict[str, str]:
    """{"secret", "receipt_url", "code", "promise"}; the secret stands behind the # of the link: no server log ever sees it."""
    code, own = opened.case.code, opened.secret or secret
    path = f"/m/{codes.pretty(code)}/"  # the follow page's address, as printed on paper
    link = request.build_absolute_uri(path) if request is not None else path
    return {"secret": own, "receipt_url": f"{link}#{own}", "code": code, "promise": promises.of(opened.event, code)}
