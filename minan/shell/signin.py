"""Signing in and out: our own form on Django's accounts, with allauth's counting of wrong passwords and its second factor."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django import forms
from django.conf import settings
from django.contrib import auth
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST


class SignIn(forms.Form):
    """Name and password. `too_many` is set when the door is shut for a while."""

    username = forms.CharField(
        label=_("用户名"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: Any = None
        self.too_many = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                self.user = get_adapter(self.request).authenticate(
                    self.request, username=data["username"], password=data["password"]
                )
            except ValidationError as error:  # allauth counts by person and by address, over all processes
                self.too_many = True
                raise ValidationError(_("试错太多次了。过一刻钟再来，或找本单位管理员重设密码")) from error
            if self.user is None:
                raise ValidationError(_("用户名和密码对不上。看看大小写，再试一次"))
        return data


@never_cache
@sensitive_post_parameters("password")
def login(request: HttpRequest) -> HttpResponse:
    """The sign-in page; a person with a second factor is asked for it before the session begins."""
    form = SignIn(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        # The password was typed this minute: setting up the second factor need not ask for it again.
        record_authentication(request, form.user, method="password", username=form.user.username, reauthenticated=True)
        answer: HttpResponse = perform_login(request, form.user, email_verification="none", redirect_url=_next(request))
        return answer
    if request.user.is_authenticated and request.method != "POST":
        return redirect(_next(request))
    status = 429 if form.too_many else 200
    return render(request, "shell/login.html", {"form": form, "next": _next(request)}, status=status)


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go, when that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    fits = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    fits = fits and wanted.startswith("/")  # a bare word would be looked up as the name of a page
    return wanted if fits else settings.LOGIN_REDIRECT_URL


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Ends the session and tells the browser to forget what this site kept, for the next person at the same desk."""
    auth.logout(request)
    response = redirect("shell:home")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
