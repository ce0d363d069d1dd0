"""The link of a shop that the desk brought in: made from the key of its first event, so that the desk can hand it over later; nothing
stored tells it."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

from minan.kernel import vault
from minan.kernel.models import Case, Event, Speaker


def secret_of(key: str) -> str:
    """128 bits from the key of the event that listed it and the server's own."""
    made = hmac.new(settings.SECRET_KEY.encode(), f"minan.shop:{key}".encode(), hashlib.sha256)
    return vault.secret_of(made.digest()[:16])


def of(case: Case) -> str:
    """The secret of a shop's link; "" where the shop applied itself and has its own, or the server's key was changed since."""
    first = Event.objects.filter(county=case.county, case_id=case.id, n=1).values_list("key", flat=True).first()
    known = Speaker.objects.filter(county=case.county, case_id=case.id).values_list("secret", flat=True).first()
    secret = secret_of(first or "")
    return secret if known == vault.secret_mark(secret) else ""
