"""Addresses that must answer while the records are away: there nobody is signed in, so that nothing asks the database.

An app names them in its urls.py: `bare = ("help/f/",)`, beginnings of addresses; "help/$" is that one address alone. Who comes there
is known by a capability of their own, never by a session.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


@cache
def beginnings() -> tuple[str, ...]:
    """Every such beginning of every app, with the slash before it."""
    apps = [
        app for app in settings.INSTALLED_APPS if app.startswith("minan.") and importlib.util.find_spec(f"{app}.urls")
    ]
    return tuple("/" + one for app in apps for one in getattr(importlib.import_module(f"{app}.urls"), "bare", ()))


def is_bare(path: str) -> bool:
    return any(path == one[:-1] if one.endswith("$") else path.startswith(one) for one in beginnings())


class Bare:
    """Middleware before the session's: takes the session's cookie away on these addresses; the browser keeps it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_bare(request.path):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return self.get_response(request)
