"""Telephone calls that speak a text: which providers are asked, in the operator's order (MINAN_VOICE). Used by calls for help alone.

`words` is JSON {"say", "told"}: the text, and the address that the provider asks (POST) when the phone was picked up, with key=1
when the person pressed 1. Until then nobody believes that anybody heard it.
"""

from __future__ import annotations

from django.conf import settings

from minan.channels.voice import file, own
from minan.kernel.outcomes import Provider

KNOWN = {"own": Provider("own", own.send, idempotent=True), "file": Provider("file", file.send)}


def providers() -> list[Provider]:
    """In the order they are asked; names that mean nothing are left out."""
    return [KNOWN[name] for name in settings.VOICE if name in KNOWN]
