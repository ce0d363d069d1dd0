"""Which matters this browser has entered with their secret: remembered in the session, at most 50."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from minan.kernel import speakers
from minan.kernel.models import Case

NAME, MOST = "entered", 50


def codes(request: HttpRequest) -> list[str]:
    """The codes, newest first."""
    held: Any = request.session.get(NAME, [])
    return list(held)


def remember(request: HttpRequest, case: Case) -> None:
    request.session[NAME] = [case.code, *(code for code in codes(request) if code != case.code)][:MOST]


def forget(request: HttpRequest, code: str) -> None:
    request.session[NAME] = [held for held in codes(request) if held != code]


def case(request: HttpRequest, code: str) -> Case | None:
    """The case as its speaker's: entered by secret in this browser, or said with this person's account. None: a stranger."""
    found = speakers.find(code)
    if found is None:
        return None
    return found if found.code in codes(request) or speakers.owns(request.user, found) else None


def cases(request: HttpRequest) -> list[Case]:
    """All this browser or account may list, newest first: two queries at most besides the session."""
    own = speakers.own(request.user) if request.user.is_authenticated else []  # type: ignore[arg-type]
    more = set(codes(request)) - {held.code for held in own}
    own += Case.objects.filter(code__in=more) if more else []
    return sorted(own, key=lambda held: held.id, reverse=True)
