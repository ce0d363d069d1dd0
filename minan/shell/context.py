"""What every template gets: language, elder mode, the person's posts, the menu, the demo flag and the map tiles."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from minan.kernel import directory
from minan.shell.menu import bar_for, menu_for, top_for
from minan.shell.words import is_english

ELDER_COOKIE = "elder"


def elder(request: HttpRequest) -> bool:
    """Elder mode: the person's own setting, else this browser's cookie."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and getattr(user, "elder", False):
        return True
    return request.COOKIES.get(ELDER_COOKIE) == "1"


def posts(request: HttpRequest) -> list[Any]:
    """The posts this person holds today, each with its unit as `unit`; [] for residents and strangers. No query: the city is in memory."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    return [
        SimpleNamespace(role=p.role, title=p.title, unit=directory.office(p.unit)) for p in directory.posts_of(user.pk)
    ]


def held(found: list[Any]) -> list[str]:
    """What a menu entry may ask for: a role ("clerk"), or a role at a kind of unit ("clerk@centre")."""
    return [role for post in found for role in (post.role, f"{post.role}@{post.unit.kind}" if post.unit else "")]


def context(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""

    def menu(face: str) -> Any:
        return SimpleLazyObject(lambda: menu_for(held(posts(request)), face, request.path))

    return {
        "lang": "en" if is_english() else "zh",
        "elder": elder(request),
        "posts": SimpleLazyObject(lambda: posts(request)),
        "post": SimpleLazyObject(lambda: next(iter(posts(request)), None)),
        "top": SimpleLazyObject(lambda: top_for(held(posts(request)), request.path)),
        "bar": SimpleLazyObject(lambda: bar_for(held(posts(request)), request.path)),
        "doors": menu("home"),
        "find_url": _find_url(request),
        "demo": getattr(settings, "DEMO", False),
        "tiles": getattr(settings, "TILES", ""),
        "live_url": live_url(),
        "hotline": getattr(settings, "HOTLINE", ""),
    }


def live_url() -> str:
    """What stands in <body data-live>: an address, or ":8001/events" for this host and another port; "" where there is no live line."""
    return (settings.LIVE_URL or f":{settings.LIVE_PORT}/events") if settings.LIVE_PORT else ""


def _find_url(request: HttpRequest) -> str:
    """Where the top bar's search leads; "" for who has no such page: an administrator sees no matters."""
    try:
        url = reverse(getattr(settings, "FIND_URL", "kernel:desk"))
    except NoReverseMatch:
        return ""
    theirs = request.path == url or any(row["url"] == url for row in menu_for(held(posts(request)), "desk", ""))
    return url if theirs else ""
