"""Web push: a notice on the device where a speaker pressed "tell me here". It carries the code and that there is news, no more.

RFC 8030, encrypted for the browser's key by http_ece (RFC 8291, aes128gcm), signed for the push service with VAPID (RFC 8292).
Only the services of MINAN_PUSH_HOSTS are called. pywebpush would bring its own HTTP client and aiohttp; it checks us in the tests instead.
"""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from django.conf import settings

from minan.kernel import outward, ways
from minan.kernel.outcomes import Failed, Gone, Never, Outcome, Provider, Unsure
from minan.lib import folders

LIVES = 24 * 3600  # seconds the service keeps it for a device that is off
CALL_LIVES = 600  # … of a call for help: later it would only frighten
HELP = '{"help":'  # how the words of a call for help begin (systems/help/texts.py)
VALID = 12 * 3600  # of a VAPID token; RFC 8292: at most 24 hours
CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}")


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@cache
def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    """KEYS/push.pem, made at the first need; losing it ends every subscription."""
    if not path.exists():
        made = ec.generate_private_key(ec.SECP256R1())
        plain = serialization.NoEncryption()
        folders.write_once(
            path, made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()
        )
    held = serialization.load_pem_private_key(path.read_bytes(), None)
    assert isinstance(held, ec.EllipticCurvePrivateKey)
    return held


def key() -> ec.EllipticCurvePrivateKey:
    return _key(Path(settings.KEYS) / "push.pem")


def public() -> str:
    """The application server key that a browser subscribes with; "" while push is off."""
    if not settings.PUSH:
        return ""
    return _b64(
        key().public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )


def vapid(endpoint: str, at: float) -> str:
    """The Authorization header for this endpoint's service."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int(at) + VALID, "sub": settings.PUSH}
    head = ".".join(
        _b64(json.dumps(one, separators=(",", ":")).encode()) for one in ({"typ": "JWT", "alg": "ES256"}, claims)
    )
    r, s = decode_dss_signature(key().sign(head.encode(), ec.ECDSA(hashes.SHA256())))
    return f"vapid t={head}.{_b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))},k={public()}"


def payload(words: str) -> bytes:
    """What the device shows: the code, and that there is news; of a call for help what the lane says, with where to tell that it came."""
    if words.startswith(HELP):
        return json.dumps(json.loads(words)["help"], ensure_ascii=False).encode()
    found, english = CODE.search(words), words.startswith("Minan")
    code = found[0] if found else ""
    body = f"{code}: there is news" if english else f"{code} 有新进展"
    shown = {"title": "Minan" if english else "民安", "body": body, "url": f"/m/{code.replace('-', '')}/"}
    return json.dumps(shown, ensure_ascii=False).encode()


def sealed(words: str, p256dh: str, auth: str) -> bytes:
    """The body for the browser's key. Raises ValueError for keys that are none."""
    mine = ec.generate_private_key(ec.SECP256R1())
    body: bytes = http_ece.encrypt(
        payload(words), private_key=mine, dh=_raw(p256dh), auth_secret=_raw(auth), version="aes128gcm"
    )
    return body


def outcome(status: int) -> Outcome | None:
    if 200 <= status < 300:
        return None
    if status in (404, 410):
        return Gone("gone", str(status))
    if status in (429, 503):
        return Failed("rate", str(status))
    if status in (400, 401, 403, 413):
        return Failed("setup", str(status))
    return Failed("down", str(status)) if status >= 500 else Failed("refused", str(status))


def send(key_: str, subscription: str, words: str) -> None:
    """Raises one of outcomes.py where it was not taken."""
    said: dict[str, Any] = json.loads(subscription)
    if not ways.is_push_address(said.get("endpoint")):  # the list may have become shorter since
        raise Never("number", "no known service")
    lives, urgency = (CALL_LIVES, "high") if words.startswith(HELP) else (LIVES, "normal")
    headers = {
        "TTL": str(lives), "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream", "Urgency": urgency,
        "Topic": key_[:32], "Authorization": vapid(said["endpoint"], time()),
    }  # fmt: skip
    try:
        answer = outward.post(said["endpoint"], headers.items(), sealed(words, said["p256dh"], said["auth"]))
    except outward.Unreached as error:
        raise Failed("down", str(error)) from None
    except outward.NoAnswer as error:
        raise Unsure(str(error)) from None
    error = outcome(answer.status)
    if error is not None:
        raise error


def providers() -> list[Provider]:
    return [Provider("push", send, idempotent=True)] if settings.PUSH else []
