"""One form of staff, one matter: what its event carries of the form's key, and the secret the same press always gives again.

The key itself is never stored: from it and SECRET_KEY the speaker's secret is made, so that nobody who reads the records, even
with SECRET_KEY, can make it.
"""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

from minan.kernel import vault


def event_key(who: int, key: str) -> str:
    """What the event carries: of this person, so that somebody else's form gives nobody their case."""
    return "form:" + hashlib.sha256(f"{who}:{key}".encode()).hexdigest()[:48]


def secret(use: str, who: int, key: str) -> str:
    """The speaker's secret of the matter opened with this form, 128 bits: pressing twice gives the same receipt."""
    made = hmac.new(settings.SECRET_KEY.encode(), f"{use}:{who}:{key}".encode(), hashlib.sha256).digest()[:16]
    return vault.secret_of(made)
