"""One press, one matter: a form's one-time key, and the secret that the same press always gives again.

The key is never stored: the event carries a hash of it, and the secret is made from it with SECRET_KEY, so that a second
press whose first answer was lost still gets its secret, and nobody who reads the records can make it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings
from django.core import signing

from minan.kernel import codewords, vault

SALT = "minan.web.onetime"


def new() -> str:
    """A key for one form, signed so that nobody brings a guessed one."""
    return signing.Signer(salt=SALT).sign(secrets.token_hex(16))


def own(key: str) -> str:
    """The key itself where it is one of ours, else a new one."""
    try:
        signing.Signer(salt=SALT).unsign(key)
    except signing.BadSignature:
        return new()
    return key


def event_key(key: str, *content: str) -> str:
    """What the event carries: the same for the same key and the same words, another when the words were changed meanwhile."""
    return "web:" + hashlib.sha256("\x00".join((key, *content)).encode()).hexdigest()[:48]


def _made(event: str, key: str) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), f"{SALT}:{event}:{key}".encode(), hashlib.sha256).digest()


def secret(event: str, key: str) -> str:
    """The speaker's secret of the matter opened with this key: 26 letters, 128 bits."""
    return vault.secret_of(_made(event, key))


def codeword(event: str, key: str) -> str:
    """The codeword of a matter said without a name: 66 bits of the same, and so of the key's own chance."""
    return codewords.of(_made(event, key))
