"""Who may open a staff page, and how a case is fetched: through the person, so that a stranger's case is not there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase

from minan.kernel import access
from minan.kernel.models import Case, User
from minan.lib import codes

View = Callable[..., HttpResponseBase]


def staff(view: View) -> View:
    """Staff with a post only. Others are sent to sign in; a signed-in person without a post has no cases: 404."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if access.is_staff(request.user):
            return view(request, *args, **kwargs)
        if request.user.is_authenticated:  # signing in again would not help, it would only send them round
            raise Http404
        return redirect_to_login(request.get_full_path())

    return guarded


def person(request: HttpRequest) -> User:
    """The signed-in member of staff; only behind `staff`."""
    return cast(User, request.user)


def case_of(request: HttpRequest, code: str) -> Case:
    """The case with this code where the person may see it; Http404 alike for what is missing and what is not theirs."""
    find = Case.objects.to_act if request.method == "POST" else Case.objects.seen_by
    try:
        return find(person(request), codes.parse(code) or "-")
    except Case.DoesNotExist:
        raise Http404 from None


def face_of(request: HttpRequest) -> str:
    """The template of the face that fits: the phone's on a phone and for who works on foot, else the desk's. Both work at any width."""
    on_foot = access.has_role(person(request), "worker") and not access.has_role(person(request), "clerk", "supervisor")
    phone = on_foot or "Mobi" in request.headers.get("User-Agent", "")
    return "shell/face_phone.html" if phone else "shell/face_desk.html"
