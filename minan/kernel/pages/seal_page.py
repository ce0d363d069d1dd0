"""How whoever holds a signed PDF checks it, whose seal it is, and the certificates to check it with; open to everybody."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from minan.kernel import access, seals, vault
from minan.kernel.pages.guard import face_of


def _groups(digits: str) -> str:
    """A fingerprint as it is read out: 12AB 34CD …"""
    return " ".join(digits[n : n + 4].upper() for n in range(0, len(digits), 4))


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The steps, and the seal's own facts where the keeper answers."""
    said: dict[str, Any] = {"base": face_of(request) if access.is_staff(request.user) else "shell/face_phone.html"}
    try:
        seal = seals.here()
    except vault.Sealed:
        return render(request, "kernel/seal.html", said | {"away": True})
    said |= {"seal": seal, "fingerprint": _groups(seal.fingerprint), "root": _groups(seal.root)}
    return render(request, "kernel/seal.html", said)


@require_safe
def chain(request: HttpRequest) -> HttpResponse:
    """The certificates as PEM; there is no private key in it."""
    try:
        found = seals.here().pem()
    except vault.Sealed:
        raise Http404 from None
    headers = {"Content-Disposition": 'attachment; filename="minan-seal.pem"'}
    return HttpResponse(found, content_type="application/x-pem-file", headers=headers)
