"""A4: whom a throttle counts: a home of 2⁶⁴ addresses as one, nobody by what they claim, five hundred homes behind one address."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpRequest
from django.test import Client, RequestFactory

from minan.channels.web import address
from minan.channels.web.tests import phone
from minan.kernel import callers
from minan.lib import codes, throttle
from tests import house as houses

HOMES = 500
NAT = "203.0.113.7"
pytestmark = pytest.mark.bar("A4")


@pytest.fixture(autouse=True)
def unhurried() -> None:
    throttle.forget()
    cache.clear()


def asked(**meta: str) -> HttpRequest:
    return RequestFactory().get("/", **meta)


def test_every_address_of_one_home_is_one_caller() -> None:
    assert len({callers.subject(asked(REMOTE_ADDR=f"2001:db8:1:2::{n:x}")) for n in range(1, 200)}) == 1
    assert len({callers.subject(asked(REMOTE_ADDR=f"2001:db8:1:{n:x}::1")) for n in range(1, 200)}) == 199
    assert callers.subject(asked(REMOTE_ADDR="::ffff:192.0.2.7")) == "192.0.2.7"
    assert callers.subject(asked(REMOTE_ADDR="no address at all")) == "unknown"


def guesses(client: Client, wears: Any) -> list[int]:
    """The statuses of thirty wrong codes, each under another address as `wears` says."""
    return [client.get(f"/m/{codes.new('GA')}/", **wears(n)).status_code for n in range(30)]


@pytest.mark.django_db
def test_changing_the_address_within_a_home_wins_no_tries() -> None:
    assert guesses(Client(), lambda n: {"REMOTE_ADDR": f"2001:db8:1:2::{n + 1:x}"}).count(404) == callers.MISSES


@pytest.mark.django_db
def test_an_address_somebody_claims_to_have_wins_no_tries(settings: Any) -> None:
    def claims(n: int) -> dict[str, str]:
        return {
            "REMOTE_ADDR": NAT, "HTTP_X_FORWARDED_FOR": f"198.51.100.{n}", "HTTP_FORWARDED": f"for=198.51.100.{n}",
            "HTTP_X_REAL_IP": f"198.51.100.{n}", "HTTP_CF_CONNECTING_IP": f"198.51.100.{n}", "HTTP_TRUE_CLIENT_IP": f"198.51.100.{n}",
        }  # fmt: skip

    assert settings.TRUSTED_PROXY == 0
    assert guesses(Client(), claims).count(404) == callers.MISSES
    throttle.forget()
    settings.TRUSTED_PROXY = 1  # our proxy appends the true one; what stands before it was claimed
    behind = lambda n: {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": f"198.51.100.{n}, {NAT}"}  # noqa: E731
    assert guesses(Client(), behind).count(404) == callers.MISSES


@pytest.mark.django_db
def test_were_the_claim_believed_the_tries_would_have_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "address", lambda request: request.META.get("HTTP_X_FORWARDED_FOR", ""))
    assert guesses(Client(), lambda n: {"HTTP_X_FORWARDED_FOR": f"198.51.100.{n}"}).count(404) == 30


@pytest.mark.django_db
def test_behind_a_trusted_proxy_two_callers_are_two(settings: Any) -> None:
    settings.TRUSTED_PROXY = 1
    said = [callers.subject(asked(HTTP_X_FORWARDED_FOR=f"10.9.9.9, 198.51.100.{n}")) for n in (1, 2)]
    assert said == ["198.51.100.1", "198.51.100.2"]


@pytest.mark.django_db
def test_wrong_passwords_are_counted_by_the_same_address(people: dict[str, Any], settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # how long a try takes is A2's
    statuses = [
        Client().post(
            "/login/", {"username": f"nobody{n}", "password": "x"}, REMOTE_ADDR=f"2001:db8:7:7::{n + 1:x}",
            HTTP_X_FORWARDED_FOR=f"198.51.100.{n}",
        ).status_code
        for n in range(33)
    ]  # fmt: skip
    assert statuses.count(200) == 30
    assert set(statuses[30:]) == {429}


def shut_out() -> dict[str, int]:
    """How many of HOMES neighbours, all behind one address and all within one minute, are refused what each may do."""
    request = asked(REMOTE_ADDR=NAT)
    wanted = {"say": 1, "step": 1, "secret": 1, "look": 2, "photo": 3}
    return {
        name: refused
        for name, times in wanted.items()
        if (refused := sum(not address.allowed(request, name) for _ in range(HOMES * times)))
    }


def test_five_hundred_neighbours_behind_one_address_all_say_send_photos_and_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert shut_out() == {}
    throttle.forget()
    monkeypatch.setitem(address.LIMITS, "say", (600, 20))  # as it was once
    assert shut_out() == {"say": HOMES - 20}


@pytest.mark.django_db
def test_neighbours_who_read_their_own_matters_use_up_nobody_s_tries(people: dict[str, Any]) -> None:
    case, secret = phone.said(Client())
    for _ in range(25):
        one = Client(REMOTE_ADDR=NAT)
        assert one.get(f"/m/{case.code}/").status_code == 200
        assert one.post(f"/m/{case.code}/", {"secret": secret}).status_code == 302
    assert guesses(Client(REMOTE_ADDR=NAT), lambda n: {}).count(404) == callers.MISSES, (
        "wrong ones still have their end"
    )
    assert houses.browser().get(f"/m/{case.code}/").status_code == 200
