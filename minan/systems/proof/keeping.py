"""The one HTML file a resident keeps: the verifier with a page around it, to be opened from disk, with no network and no server.

Built from the very scripts that the resident's page loads, by plain joining, so that the same sources and the same key give the
same bytes: its SHA-256 is printed on every receipt. The file forbids itself every connection by its own policy.
"""

from __future__ import annotations

import base64
import hashlib
import html
from functools import lru_cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from minan.systems.proof import keys

HERE = Path(__file__).resolve().parent
SCRIPTS = (
    HERE / "static" / "proof" / "verifier.js",
    HERE / "static" / "proof" / "told.js",
    HERE / "keep" / "page.js",
)
NAME = "minan-verifier.html"


def _mark(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@lru_cache(maxsize=2)
def built(key: str) -> bytes:
    """The file with this log's verifier key filled in."""
    page, style = ((HERE / "keep" / name).read_text("utf-8") for name in ("page.html", "page.css"))
    script = "\n".join(path.read_text("utf-8") for path in SCRIPTS)
    policy = (
        f"default-src 'none'; script-src {_mark(script)}; style-src {_mark(style)}; base-uri 'none'; form-action 'none'"
    )
    for name, value in (("@POLICY@", policy), ("@STYLE@", style), ("@KEY@", html.escape(key)), ("@SCRIPT@", script)):
        before, _, after = page.partition(name)
        page = before + value + after
    return page.encode()


def page() -> bytes:
    """The file as it is given out today (kernel.keepsake)."""
    return built(keys.signer().key.text())


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """GET /proof/verifier.html: to be saved, never shown on our own address."""
    headers = {
        "Content-Disposition": f'attachment; filename="{NAME}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "public, max-age=300",
    }
    return HttpResponse(page(), content_type="text/html; charset=utf-8", headers=headers)


@require_safe
def witnesses(request: HttpRequest) -> HttpResponse:
    """GET /proof/witnesses: the verifier keys of the witnesses whose word this city takes, one a line, as anybody may pin them."""
    lines = "".join(f"{key.text()}\n" for key in keys.witnesses())
    return HttpResponse(lines, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})
