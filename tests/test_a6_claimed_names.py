"""A6: who somebody is stands in their session or their token; no header says it, wherever it comes from."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests import house as houses
from tests.house import House
from tests.pages import PAGES

NAMES = (
    "REMOTE_USER", "AUTH_USER", "REMOTE_IDENT", "HTTP_REMOTE_USER", "HTTP_AUTH_USER", "HTTP_X_REMOTE_USER", "HTTP_X_FORWARDED_USER",
    "HTTP_X_FORWARDED_PREFERRED_USERNAME", "HTTP_X_FORWARDED_EMAIL", "HTTP_X_AUTH_REQUEST_USER", "HTTP_X_AUTHENTICATED_USER", "HTTP_X_USER",
    "HTTP_X_USER_ID", "HTTP_X_USERNAME", "HTTP_X_SSO_USER", "HTTP_X_WX_OPENID", "HTTP_X_WX_UNIONID", "HTTP_X_WX_SOURCE", "HTTP_X_OPENID",
    "HTTP_OPENID", "HTTP_X_ALIPAY_USER_ID", "HTTP_X_SSL_CLIENT_S_DN", "HTTP_SSL_CLIENT_CERT", "HTTP_X_CLIENT_VERIFY", "HTTP_X_WEBAUTH_USER",
    "HTTP_X_ORIGINAL_USER", "HTTP_CF_ACCESS_AUTHENTICATED_USER_EMAIL", "HTTP_X_GOOG_AUTHENTICATED_USER_EMAIL",
    "HTTP_X_MS_CLIENT_PRINCIPAL_NAME",
)  # fmt: skip
OTHERS = {"HTTP_X_HTTP_METHOD_OVERRIDE": "GET", "HTTP_X_ORIGINAL_URL": "/about/", "HTTP_X_REWRITE_URL": "/about/"}
pytestmark = [pytest.mark.bar("A6"), pytest.mark.django_db]


@pytest.fixture
def house(people: dict[str, Any]) -> House:
    return houses.build(people)


def claims(who: str) -> dict[str, str]:
    return dict.fromkeys(NAMES, who) | OTHERS


def plain(address: str) -> str:
    """Without the answers that a walk carries along, sealed anew each time."""
    return re.sub(r"(?<=[?&]a=)[^&]*", "", address)


def believed(house: House, who: str = "clerk") -> list[str]:
    """Pages that answer otherwise to whoever claims in headers to be `who`."""
    out = []
    for route, row in PAGES.items():
        path = house.path(row.path)
        for method in [m for m, on in (("get", row.get), ("post", row.post)) if on]:
            if row.who == ("loopback",) or "proof/" in route:
                continue  # the log is everybody's, and grows
            house.clients["nobody"].cookies.pop("messages", None)  # what the page before had to say is shown once
            bare, claimed = (
                house.ask(
                    "nobody",
                    path,
                    method,
                    **({} if method == "get" else {"data": "{}"} if "/api/" in path else {"data": {}}),
                    **more,
                )
                for more in ({}, claims(who))
            )
            if (bare.status, plain(bare.to)) != (claimed.status, plain(claimed.to)) or len(bare.bare()) != len(claimed.bare()):
                out.append(f"{method} {route}: {bare.status} {claimed.status}")
    return out


@pytest.mark.parametrize("who", ["clerk", "1"])
def test_nobody_who_claims_in_a_header_to_be_the_clerk_is_taken_for_her(house: House, who: str) -> None:
    assert believed(house, who) == []
    assert Client().get("/desk/", **claims(who)).headers["Location"].startswith("/login/")


def test_were_one_such_header_believed_the_check_would_name_the_pages(house: House, settings: Any) -> None:
    after = settings.MIDDLEWARE.index("minan.kernel.signin.SignedIn") + 1
    more = [*settings.MIDDLEWARE]
    more.insert(after, "django.contrib.auth.middleware.RemoteUserMiddleware")
    settings.MIDDLEWARE = more
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.RemoteUserBackend"]
    house.clients["nobody"] = Client()
    assert len(believed(house)) > 5


def test_a_wrong_token_is_not_helped_by_a_header_nor_by_somebody_else_s_session(house: House) -> None:
    got = Client().get("/api/v1/cases", headers={"Authorization": "Bearer minan_wrong"}, **claims("clerk"))
    assert got.status_code == 401
    assert house.clients["clerk"].get("/api/v1/cases").status_code == 401, "a session is no token"


def test_no_part_of_the_program_believes_such_headers() -> None:
    assert settings.AUTHENTICATION_BACKENDS == ["django.contrib.auth.backends.ModelBackend"]
    assert [name for name in settings.MIDDLEWARE if "Remote" in name or "Persistent" in name] == []
    assert not settings.USE_X_FORWARDED_HOST
    assert not settings.USE_X_FORWARDED_PORT
    assert settings.SECURE_PROXY_SSL_HEADER is None, "believed only behind a proxy of ours (MINAN_TRUSTED_PROXY)"
