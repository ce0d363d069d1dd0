"""How long somebody stays signed in: a quarter of an hour without a press for staff, twelve hours in all; and which devices are known."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac
from django.utils.http import urlencode

from minan.kernel import directory
from minan.kernel.sessions import POSTS, SEEN, SINCE, over

NOTED = 60  # seconds: the last press is written down once a minute, not at each
KNOWN, KNOWN_DAYS, KNOWN_MOST = "known", 180, 6  # the cookie of a device on which somebody came in before
SALT = "minan.known"


class Staying:
    """Middleware behind SignedIn. Who stayed too long is signed out before anything is done; who got or lost a post gets a new key."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.COOKIES.get(settings.SESSION_COOKIE_NAME) or not request.user.is_authenticated:
            return self._told(request, self.get_response(request))
        if self._over(request, time.time()):
            auth.logout(request)
            to = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
            return redirect(f"/login/{to}")
        return self._told(request, self.get_response(request))

    def _over(self, request: HttpRequest, now: float) -> bool:
        """Whether the session is over; else its marks are kept up to date."""
        kept, posts = request.session, directory.posts_of(request.user.pk)
        since, seen = kept.get(SINCE, now), kept.get(SEEN, now)
        if over(kept, bool(posts), now):
            return True
        held = sorted(f"{post.unit}:{post.role}" for post in posts)
        if POSTS in kept and kept[POSTS] != held:
            kept.cycle_key()  # other rights than when the key was given out
        if SINCE not in kept or (posts and now - seen > NOTED) or kept.get(POSTS) != held:  # of residents no last press (P7)
            kept.update({SINCE: since, SEEN: now, POSTS: held})
        return False

    def _told(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """A device on which somebody is now signed in is known from then on: there, wrong passwords typed elsewhere shut no door."""
        user: Any = request.user if getattr(request, "session", None) is not None and request.session.session_key else None
        if user is None or not user.is_authenticated or knows(request, user.username):
            return response
        marks = [mark_of(user.username), *_marks(request)][:KNOWN_MOST]
        response.set_cookie(
            KNOWN, signing.dumps(marks, salt=SALT), KNOWN_DAYS * 86400, secure=request.is_secure(), httponly=True, samesite="Lax",
        )  # fmt: skip
        return response


def mark_of(username: str) -> str:
    return salted_hmac(SALT, username, algorithm="sha256").hexdigest()[:32]


def _marks(request: HttpRequest) -> list[str]:
    try:
        said = signing.loads(request.COOKIES.get(KNOWN, ""), salt=SALT, max_age=KNOWN_DAYS * 86400)
    except signing.BadSignature:
        return []
    return [str(mark) for mark in said] if isinstance(said, list) else []


def knows(request: HttpRequest, username: str) -> bool:
    """Whether this person came in on this device before."""
    return mark_of(username) in _marks(request)
