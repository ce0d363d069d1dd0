"""Addresses of the second factor (allauth.mfa) and the three names it asks for; allauth's own sign-up and sign-in stay shut.

For the root urls: path("account/", include("minan.shell.account_urls")), beside minan.shell.urls.
"""

from __future__ import annotations

from allauth.account.views import reauthenticate
from django.urls import include, path

from minan.shell import signin

urlpatterns = [
    path("login/", signin.login, name="account_login"),
    path("logout/", signin.logout, name="account_logout"),
    path("again/", reauthenticate, name="account_reauthenticate"),
    path("second/", include("allauth.mfa.urls")),
]
