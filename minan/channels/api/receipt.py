"""The receipt of a case opened over the API: its code, the hash of its first event, and the promise that it will stand in the log."""

from __future__ import annotations

from django.http import HttpRequest

from minan.kernel import promises
from minan.kernel.act import Opened


def written(opened: Opened, request: HttpRequest | None = None) -> dict[str, str]:
    """`promise` is a signed note (CONTRACTS.md "Receipts and checkpoints"), "" where nobody signs promises here."""
    code = opened.case.code
    return {"code": code, "hash": opened.event.hash, "promise": promises.of(opened.event, code)}
