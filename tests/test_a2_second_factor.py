"""A2: nobody chooses a password here, the house draws them; and no page of staff opens without the second factor."""

from __future__ import annotations

import ast
import math
import pathlib
import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import get_default_password_validators
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from minan import settings as declared
from minan.kernel import bare, config
from minan.kernel.models import User
from minan.shell import second_factor
from tests import house as houses
from tests.pages import PAGES

ROOT = pathlib.Path(__file__).resolve().parent.parent / "minan"
PASSWORD = re.compile(r"(?:[2-9a-hj-km-np-z]{4}-){3}[2-9a-hj-km-np-z]{4}")
SCORE_4 = 10  # zxcvbn's best score begins at 10^10 guesses; the bar asks for 3
TO_THE_LOCK = "/account/second/totp/activate/"
pytestmark = [pytest.mark.bar("A2"), pytest.mark.django_db]


def setting_places() -> list[str]:
    """Where in the program a password is set at all."""
    found = []
    for path in ROOT.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                if name in ("set_password", "make_password", "create_user", "create_superuser"):
                    found.append(str(path.relative_to(ROOT)))
    return found


def test_no_page_and_no_command_takes_a_password_that_somebody_thought_of() -> None:
    """So no list of a hundred thousand known ones and no estimator is needed: the one place that sets a password draws it."""
    assert setting_places() == ["kernel/config.py"]
    named = re.compile("password/(change|reset|set)|signup|register/$")
    assert [route for route in PAGES if named.search(route) and route != "house/register/"] == []


def test_a_drawn_password_has_more_than_any_estimator_asks_and_is_never_the_same(people: dict[str, Any]) -> None:
    drawn = {config.password(people["clerk"].pk, "security", "忘了") for _ in range(5)}
    assert len(drawn) == 5
    assert all(PASSWORD.fullmatch(text) for text in drawn)
    letters = len(set("23456789abcdefghjkmnpqrstuvwxyz"))
    assert 16 * math.log10(letters) > 2 * SCORE_4
    assert User.objects.get(pk=people["clerk"].pk).password.startswith("argon2$argon2id$")
    names = {type(one).__name__ for one in get_default_password_validators()}
    assert {"CommonPasswordValidator", "MinimumLengthValidator"} <= names, "for whoever adds such a page one day"


# Asked by a capability of its own and without a session: what a door, a kiosk, a visitor's or a caller's phone asks.
APART = ("/doors/pass/", "/doors/paper/", "/doors/key/", "/doors/door/", "/screen/")


def open_without(people: dict[str, Any], *names: str) -> list[str]:
    """Pages that a clerk or a supervisor with a password alone gets to see or to send to."""
    house, out = houses.build(people), []
    for who in names:
        for route, row in PAGES.items():
            if row.path.startswith(("/api/", "/open311/", "/account/", "/login/", "/logout/", "/language/", "/elder/")):
                continue  # programs have tokens; the rest is the way to the second factor
            if bare.is_bare(house.path(row.path)) or row.path.startswith(APART):
                continue
            client = Client()
            client.force_login(people[who])
            for method, on in (("get", row.get), ("post", row.post)):
                got = getattr(client, method)(house.path(row.path)) if on else None
                if got is not None and got.headers.get("Location", "") != TO_THE_LOCK:
                    out.append(f"{who} {method} {route}: {got.status_code}")
    return out


def test_staff_with_a_password_alone_get_to_no_page_but_the_one_that_sets_up_the_second_factor(
    people: dict[str, Any],
) -> None:
    assert settings.MFA_REQUIRED_FOR_STAFF
    assert open_without(people, "clerk", "supervisor", "admin") == []


def test_without_the_middleware_the_check_would_find_open_pages(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_factor.SecondFactor, "allowed", lambda self, request: True)
    assert len(open_without(people, "clerk")) > 50


@pytest.mark.parametrize(("status", "marked"), [(302, False), (403, True)])
def test_who_takes_the_second_factor_off_is_looked_at_anew_and_a_forged_form_changes_nothing(
    people: dict[str, Any], rf: RequestFactory, status: int, marked: bool
) -> None:
    request = rf.post(reverse("mfa_deactivate_totp"))
    request.resolver_match = resolve(request.path)
    request.user, request.session = people["clerk"], Client().session
    request.session[second_factor.MARK] = True
    second_factor.SecondFactor(lambda _: HttpResponse(status=status))(request)
    assert (second_factor.MARK in request.session) is marked


def test_only_a_demo_does_without_and_no_setting_can_say_so() -> None:
    assert declared.MFA_REQUIRED_FOR_STAFF is not declared.DEMO
    source = (ROOT / "settings.py").read_text("utf-8")
    assert re.findall(r"^MFA_REQUIRED_FOR_STAFF = (.*)$", source, re.MULTILINE) == ["not DEMO"]
    assert re.findall(r"^DEMO = (.*)$", source, re.MULTILINE) == ['(DATA / "demo").exists()']
