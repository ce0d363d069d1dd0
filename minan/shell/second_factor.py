"""Staff need a second factor: until a person with a post has one, every page leads to setting it up."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from minan.kernel.sessions import SECOND_FACTOR as MARK
from minan.shell.context import posts

__all__ = ["MARK", "SecondFactor"]


class SecondFactor:
    """Middleware behind AuthenticationMiddleware. MFA_REQUIRED_FOR_STAFF is off only in the demo."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.MFA_REQUIRED_FOR_STAFF and not self.allowed(request):
            return redirect("mfa_activate_totp")
        response = self.get_response(request)
        found = request.resolver_match
        if request.method == "POST" and response.status_code < 400 and found is not None and found.url_name == "mfa_deactivate_totp":
            request.session.pop(MARK, None)  # looked at anew: it may be gone
        return response

    def allowed(self, request: HttpRequest) -> bool:
        """Whether this request may go on: residents, people with a second factor, and the way to it."""
        user = request.user
        if not user.is_authenticated or request.session.get(MARK):
            return True
        if request.path.startswith(
            (reverse("account_logout").removesuffix("logout/"), "/language/", "/elder/", "/logout/")
        ):
            return True
        if is_mfa_enabled(user):
            request.session[MARK] = True
            request.session.cycle_key()  # this session may now do more than when its key was given out
            return True
        return not (posts(request) or user.is_staff or user.is_superuser)
