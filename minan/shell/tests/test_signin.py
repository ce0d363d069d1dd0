"""Coming in and going out: wrong passwords are counted, staff need a second lock, and the demo's doors stay in the demo."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404
from django.test import Client, RequestFactory

from minan import shell
from minan.shell.demo_signin import views as demo
from minan.shell.demo_signin.apps import DemoSigninConfig
from minan.shell.tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client: Client, username: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/login/", {"username": username, "password": password, **more})


def test_the_resident_signs_in_and_goes_where_she_wanted(client: Client, resident: Any) -> None:
    assert sign_in(client, "resident", next="/about/").headers["Location"] == "/about/"
    assert client.session["_auth_user_id"] == str(resident.pk)


def test_nobody_is_sent_to_another_site_after_signing_in(client: Client, resident: Any) -> None:
    assert sign_in(client, "resident", next="https://evil.example/").headers["Location"] == "/"
    assert str(resident) == "王秀兰"


def test_a_bare_word_as_the_wanted_page_breaks_nothing(client: Client, resident: Any) -> None:
    client.force_login(resident)
    assert client.get("/login/?next=1").headers["Location"] == "/"


def test_a_wrong_name_and_a_wrong_password_get_the_same_sentence(client: Client, resident: Any) -> None:
    pages = [sign_in(client, name, "wrong password").content.decode() for name in ("resident", "nobody-here")]
    assert all("用户名和密码对不上" in page for page in pages)
    assert "_auth_user_id" not in client.session
    assert resident.is_active


def test_the_door_shuts_for_a_while_after_many_wrong_passwords(client: Client, resident: Any) -> None:
    statuses = [sign_in(client, "resident", f"wrong {n}").status_code for n in range(11)]
    assert statuses[:10] == [200] * 10
    assert statuses[-1] == 429
    assert sign_in(client, "resident").status_code == 429  # the right one, too, until the time is over
    assert resident.is_active


def test_the_clerk_without_a_second_lock_gets_nowhere_else(client: Client, clerk: Any, settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = True
    sign_in(client, "clerk")
    assert client.get("/about/").headers["Location"] == "/account/second/totp/activate/"
    page = client.get("/account/second/totp/activate/")
    assert page.status_code == 200
    assert "加一道锁" in page.content.decode()
    assert client.post("/logout/").status_code == 302
    assert client.get("/about/").status_code == 200
    assert clerk.is_active


def test_the_clerk_with_a_second_lock_is_asked_for_it_before_the_session_begins(
    client: Client, clerk: Any, settings: Any
) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = True
    TOTP.activate(clerk, generate_totp_secret())
    answer = sign_in(client, "clerk")
    assert answer.headers["Location"].startswith("/account/second/authenticate/")
    assert "_auth_user_id" not in client.session
    assert "第二道锁" in client.get(answer.headers["Location"]).content.decode()


def test_the_resident_needs_no_second_lock(client: Client, resident: Any, settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = True
    client.force_login(resident)
    assert client.get("/about/").status_code == 200


def test_going_out_needs_a_press_and_clears_the_shared_desk(client: Client, resident: Any) -> None:
    client.force_login(resident)
    assert client.get("/logout/").status_code == 405
    answer = client.post("/logout/")
    assert "storage" in answer.headers["Clear-Site-Data"]
    assert "_auth_user_id" not in client.session


def test_the_demos_doors_do_not_exist_outside_the_demo(
    client: Client, clerk: Any, rf: RequestFactory, settings: Any
) -> None:
    settings.DEMO = False
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/clerk/").status_code == 404
    for view in (demo.doors, demo.components, demo.desk):
        with pytest.raises(Http404):
            view(rf.get("/demo/"))
    with pytest.raises(Http404):
        demo.enter(rf.post("/demo/clerk/"), "clerk")
    with pytest.raises(ImproperlyConfigured):
        DemoSigninConfig("minan.shell.demo_signin", shell).ready()
    assert clerk.is_active


def test_in_the_demo_one_press_makes_you_the_clerk_and_nobody_else(
    client: Client, clerk: Any, rf: RequestFactory, settings: Any
) -> None:
    settings.DEMO = True
    request = rf.post("/demo/clerk/")
    request.session, request.user = client.session, AnonymousUser()
    assert demo.enter(request, "clerk").status_code == 302
    assert request.user == clerk
    with pytest.raises(Http404):
        demo.enter(rf.post("/demo/root/"), "root")
