"""Where a reader is: a place they chose themselves, kept in their own browser and nowhere else; and what is valid there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from minan.kernel import directory
from minan.systems.bulletins import showing

COOKIE = "bulletin_place"
YEAR = 365 * 86400


def place_of(request: HttpRequest) -> str:
    """The code in this browser's cookie; "" where none was chosen or it is no place of this city."""
    code = request.COOKIES.get(COOKIE, "")[:15]
    return code if code in directory.city().places else ""


def alert(request: HttpRequest) -> dict[str, Any] | None:
    """The newest emergency that is valid here."""
    place = place_of(request)
    if not place:
        return None
    found = next(iter(showing.valid(showing.above(place), timezone.now(), "bulletin", sort="emergency")), None)
    if found is None:
        return None
    return {"title": found.body["title"], "words": found.body["text"], "url": reverse("bulletins:one", args=[found.code])}
