"""Which matters this browser has entered with their secret: remembered in the session, at most 50.

Never one said without a name: for that the browser alone holds a signed cookie, of this one matter's pages, for an hour.
"""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from minan.kernel import speakers
from minan.kernel.inside import LINKS, NAME, codes, holds
from minan.kernel.models import Case

MOST = 50
HERE, HERE_SECONDS = "here", 3600  # the cookie of a matter said without a name
Response = TypeVar("Response", bound=HttpResponseBase)


def _salt(code: str) -> str:
    return f"minan.web.here.{code}"


def remember(request: HttpRequest, case: Case) -> None:
    request.session[NAME] = [case.code, *(code for code in codes(request) if code != case.code)][:MOST]
    held = request.session.get(LINKS, {}) | {case.code: case.facts.get("links", 0)}
    if any(held.values()):
        request.session[LINKS] = {code: n for code, n in held.items() if n and code in codes(request)}


def let_in(request: HttpRequest, response: Response, case: Case) -> Response:
    """The browser may read this matter from now on. Nothing is kept on our side of one said without a name."""
    if not case.anonymous:
        remember(request, case)
        return response
    response.set_signed_cookie(
        HERE, case.code, salt=_salt(case.code), max_age=HERE_SECONDS, path=reverse("web:matter", args=[case.code]),
        secure=request.is_secure(), httponly=True, samesite="Lax",
    )  # fmt: skip
    return response


def forget(request: HttpRequest, response: Response, code: str) -> Response:
    """The browser no longer knows the matter."""
    held = codes(request)
    if code in held:
        request.session[NAME] = [one for one in held if one != code]
    if code:  # else it was no code at all
        response.delete_cookie(HERE, path=reverse("web:matter", args=[code]))
    return response


def _here(request: HttpRequest, code: str) -> bool:
    return request.get_signed_cookie(HERE, "", salt=_salt(code), max_age=HERE_SECONDS) == code


def case(request: HttpRequest, code: str) -> Case | None:
    """The case as its speaker's: entered by secret in this browser, or said with this person's account. None: a stranger."""
    found = speakers.find(code)
    if found is None:
        return None
    if found.anonymous:
        return found if _here(request, found.code) else None
    return found if holds(request, found) or speakers.owns(request.user, found) else None


def cases(request: HttpRequest) -> list[Case]:
    """All this browser or account may list, newest first: two queries at most besides the session."""
    own = speakers.own(request.user) if request.user.is_authenticated else []  # type: ignore[arg-type]
    more = set(codes(request)) - {held.code for held in own}
    own += [held for held in Case.objects.filter(code__in=more) if holds(request, held)] if more else []
    return sorted(own, key=lambda held: held.id, reverse=True)
