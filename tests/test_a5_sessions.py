"""A5: a session begins with a new key, ends by itself, every form needs its page's token; a GET changes nothing (test_every_page.py)."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import time
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from minan.kernel import directory, sessions
from minan.kernel.models import Post, Session
from minan.shell import second_factor
from tests import house as houses

ROOT = pathlib.Path(__file__).resolve().parent.parent
PASSWORD, START = "correct horse battery", 1_795_400_000
pytestmark = [pytest.mark.bar("A5"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def nothing_counted(settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False  # the second lock has its own tests (A2)
    cache.clear()


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def still_in(client: Client) -> bool:
    return client.get("/desk/").status_code == 200


def sign_in(person: Any, client: Client) -> Any:
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    return client.post("/login/", {"username": person.username, "password": PASSWORD})


# ---- a new key where rights change


def planted_key_lives_on(person: Any) -> bool:
    """Whether a session key that was there before signing in is worth anything afterwards."""
    client = Client()
    client.session.save()
    planted = client.session
    planted["entered"] = []
    planted.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    assert sign_in(person, client).status_code == 302
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    return bool(still_in(thief))


def test_a_key_planted_before_signing_in_opens_nothing_after(people: dict[str, Any]) -> None:
    assert not planted_key_lives_on(people["clerk"])


def test_without_the_new_key_at_signing_in_the_planted_one_would_open_the_desk(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minan.kernel.sessions.SessionStore.cycle_key", lambda self: None)
    assert planted_key_lives_on(people["clerk"])


def test_a_post_given_or_taken_and_a_second_lock_bring_a_new_key(people: dict[str, Any], settings: Any) -> None:
    clerk, client = people["clerk"], Client()
    client.force_login(clerk)
    assert still_in(client)
    keys = [key_of(client)]
    Post.objects.create(user=clerk, unit_id=houses.LIGHTING, role="worker")
    directory.touch()
    assert still_in(client)
    keys.append(key_of(client))
    settings.MFA_REQUIRED_FOR_STAFF = True
    TOTP.activate(clerk, generate_totp_secret())
    session = client.session
    session.pop(second_factor.MARK, None)
    session.save()
    assert still_in(client)
    keys.append(key_of(client))
    assert len(set(keys)) == 3
    assert Session.objects.filter(session_key__in=keys).count() == 1, "the older keys are gone"


# ---- the end comes by itself


def stays(person: Any, pauses: list[int]) -> list[bool]:
    """Whether somebody who pauses so many seconds before each press is still signed in at each."""
    client, out = Client(), []
    with time_machine.travel(START, tick=False) as clock:
        client.force_login(person)
        path = "/desk/" if directory.posts_of(person.pk) else "/account/second/"
        for pause in (0, *pauses):
            clock.shift(pause)
            out.append(client.get(path).status_code == 200)
    return out[1:]


def test_staff_who_press_nothing_for_a_quarter_of_an_hour_sign_in_again(people: dict[str, Any]) -> None:
    assert stays(people["clerk"], [800, 800, 890]) == [True, True, True]
    assert stays(people["clerk"], [30, 961]) == [True, False]
    assert stays(people["resident"], [3 * 3600]) == [True], "a resident at home may take their time"


def test_after_twelve_hours_even_the_busiest_sign_in_again(people: dict[str, Any]) -> None:
    busy = stays(people["clerk"], [840] * 52)
    assert busy[:51] == [True] * 51
    assert busy[51] is False
    assert stays(people["resident"], [6 * 3600, 6 * 3600 + 1]) == [True, False]


def test_without_the_look_at_the_clock_a_forgotten_desk_stays_open(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "IDLE", 10**9)
    assert stays(people["clerk"], [3600]) == [True]


def test_who_was_away_too_long_does_nothing_with_the_form_that_stood_open(people: dict[str, Any]) -> None:
    house = houses.build(people)
    client, before = Client(), house.case.n
    with time_machine.travel(START, tick=False) as clock:
        client.force_login(people["clerk"])
        assert still_in(client)
        clock.shift(sessions.IDLE + 1)
        got = client.post(f"/desk/{house.case.code}/note/", {"words": "晚了", "key": "k" * 32, "moves": "9"})
    assert (got.status_code, got.headers["Location"]) == (302, "/login/")
    house.case.refresh_from_db()
    assert house.case.n == before


# ---- cookies and forms


def test_the_cookies_of_a_city_are_its_own_host_s_secure_and_out_of_reach_of_scripts(tmp_path: pathlib.Path) -> None:
    asked = (
        "import django, json; django.setup()\n"
        "from django.conf import settings as s\n"
        "print(json.dumps([[s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE,\n"
        " s.SESSION_COOKIE_PATH, s.SESSION_COOKIE_DOMAIN], [s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_SECURE, s.CSRF_COOKIE_HTTPONLY,\n"
        " s.CSRF_COOKIE_SAMESITE, s.CSRF_COOKIE_PATH, s.CSRF_COOKIE_DOMAIN], s.SESSION_COOKIE_AGE]))"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MINAN_")}
    kept |= {"DATA": str(tmp_path / "d"), "KEYS": str(tmp_path / "k"), "DJANGO_SETTINGS_MODULE": "minan.settings"}
    kept.pop("DATABASE_URL", None)
    run = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=kept, capture_output=True, text=True, check=True)
    session, csrf, age = json.loads(run.stdout)
    assert session == ["__Host-sessionid", True, True, "Lax", "/", None]
    assert csrf == ["__Host-csrftoken", True, True, "Lax", "/", None]
    assert age <= 12 * 3600


def test_every_cookie_we_set_is_out_of_reach_of_scripts_and_of_other_sites(people: dict[str, Any]) -> None:
    client = Client()
    houses.phone.said(client)
    sign_in(people["resident"], client)
    client.post("/elder/", {"elder": "1"})
    client.post("/language/", {"language": "en"})
    client.get("/login/")
    assert len(client.cookies) >= 5
    loose = [
        name for name, one in client.cookies.items() if not one["httponly"] or one["samesite"] not in ("Lax", "Strict")
    ]
    assert loose == []


def test_nobody_is_signed_in_by_another_site(people: dict[str, Any]) -> None:
    """Login CSRF: the door, too, wants the token of its own page."""
    clerk = people["clerk"]
    assert sign_in(clerk, Client(enforce_csrf_checks=True)).status_code == 403
    client = Client(enforce_csrf_checks=True)
    token = client.get("/login/").context["csrf_token"]
    fields = {"username": clerk.username, "password": PASSWORD}
    other = client.post(
        "/login/", fields | {"csrfmiddlewaretoken": str(token)}, headers={"Origin": "https://evil.example"}
    )
    assert other.status_code == 403
    assert client.post("/login/", fields | {"csrfmiddlewaretoken": str(token)}).status_code == 302


def test_the_time_of_the_last_press_is_not_written_at_each(people: dict[str, Any]) -> None:
    client = Client()
    client.force_login(people["clerk"])
    client.get("/desk/")
    first = client.session[sessions.SEEN]
    client.get("/desk/")
    assert client.session[sessions.SEEN] == first
    assert abs(first - time.time()) < 60
