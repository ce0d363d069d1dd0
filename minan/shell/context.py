"""What every template gets: language, elder mode, the person's posts, the menu, the demo flag and the map tiles."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from minan.shell.menu import menu_for
from minan.shell.words import is_english

ELDER_COOKIE = "elder"


def elder(request: HttpRequest) -> bool:
    """Elder mode: the person's own setting, else this browser's cookie."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and getattr(user, "elder", False):
        return True
    return request.COOKIES.get(ELDER_COOKIE) == "1"


def posts(request: HttpRequest) -> list[Any]:
    """The posts this person holds today, with their units; [] for residents and strangers. One SELECT a request at most."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    held: list[Any] | None = getattr(request, "_posts", None)
    if held is None:
        today = timezone.localdate()
        still = Q(until__isnull=True) | Q(until__gte=today)
        held = list(user.posts.filter(still).select_related("unit").order_by("pk"))
        request._posts = held  # type: ignore[attr-defined]
    return held


def context(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""

    def menu(face: str) -> Any:
        return SimpleLazyObject(lambda: menu_for([post.role for post in posts(request)], face, request.path))

    return {
        "lang": "en" if is_english() else "zh",
        "elder": elder(request),
        "posts": SimpleLazyObject(lambda: posts(request)),
        "post": SimpleLazyObject(lambda: next(iter(posts(request)), None)),
        "menu": menu("desk"),
        "bar": menu("phone"),
        "doors": menu("home"),
        "find_url": _find_url(),
        "demo": getattr(settings, "DEMO", False),
        "tiles": getattr(settings, "TILES", ""),
        "hotline": getattr(settings, "HOTLINE", ""),
    }


def _find_url() -> str:
    try:
        return reverse(getattr(settings, "FIND_URL", "inbox"))
    except NoReverseMatch:
        return ""
