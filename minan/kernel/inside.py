"""Which cases this browser has entered with their secret, as their follower (the web channel lets it in)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from minan.kernel import access, speakers
from minan.kernel.models import Case

NAME = "entered"  # in the session
LINKS = "entered_links"  # beside it: by the how-manieth link, for what has had more than one (its fact "links")


def codes(request: HttpRequest) -> list[str]:
    """The codes, newest first."""
    held: Any = request.session.get(NAME, [])
    return list(held)


def holds(request: HttpRequest, found: Case) -> bool:
    """Whether this browser entered it by the link that counts now: one handed over since ends all before."""
    held: Any = request.session.get(LINKS, {})
    return found.code in codes(request) and held.get(found.code, 0) == found.facts.get("links", 0)


def case(request: HttpRequest, code: str) -> Case | None:
    """The case with this stored code as its follower's, by link or by account; None for a stranger, and for a matter said without
    a name, which no session names."""
    found = speakers.find(code)
    if found is not None and not found.anonymous and holds(request, found):
        return found
    user: Any = request.user
    return None if not user.is_authenticated or access.is_staff(user) else speakers.own_case(user, code)
