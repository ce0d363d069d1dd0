"""The pages before any system: what a resident, a stranger and a passer-by get."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from minan.kernel import alerts
from minan.shell import errors, menu


@pytest.mark.django_db
def test_the_resident_finds_saying_following_and_calling_on_the_first_page(client: Client) -> None:
    page = client.get("/").content.decode()
    for words in ("说一件事", "凭编号查", 'href="tel:120"', 'href="tel:110"', "大字版", "English"):
        assert words in page
    assert re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=", page) is None


@pytest.mark.django_db
def test_the_clerk_with_nothing_to_do_yet_still_gets_a_page(
    client: Client, clerk: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False
    monkeypatch.setattr("minan.shell.views.menu_for", lambda *_: [])
    client.force_login(clerk)
    assert "说一件事" in client.get("/").content.decode()


@pytest.mark.django_db
def test_the_clerk_lands_on_the_first_page_of_her_post(
    client: Client, clerk: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False
    monkeypatch.setattr(
        "minan.shell.views.menu_for", lambda roles, face, path: [{"url": "/about/"}] if "clerk" in roles else []
    )
    client.force_login(clerk)
    assert client.get("/").headers["Location"] == "/about/"
    assert "说一件事" in client.get("/?stay").content.decode()


def test_a_page_that_is_missing_looks_the_same_wherever_it_is_missing(client: Client) -> None:
    one, other = client.get("/no/such/page/"), client.get("/nowhere/at-all/")
    assert one.status_code == other.status_code == 404
    assert one.content == other.content
    assert "没有这一页" in one.content.decode()


@pytest.mark.django_db
def test_the_old_reader_keeps_large_type_in_the_browser_and_with_the_account(client: Client, resident: Any) -> None:
    client.force_login(resident)
    answer = client.post("/elder/", {"elder": "1", "next": "/about/"})
    assert answer.headers["Location"] == "/about/"
    assert 'class="face-phone elder"' in client.get("/about/").content.decode()
    client.cookies.clear()
    client.force_login(resident)
    assert 'class="face-phone elder"' in client.get("/about/").content.decode()
    assert client.post("/elder/", {"elder": "0", "next": "https://evil.example/"}).headers["Location"] == "/"
    assert "elder" not in client.get("/about/").content.decode().split("data-lang")[0].split("<body")[1]


def test_the_english_reader_switches_and_stays_where_they_were(client: Client) -> None:
    answer = client.post("/language/", {"language": "en", "next": "/about/"})
    assert answer.headers["Location"] == "/about/"
    page = client.get("/about/").content.decode()
    assert '<html lang="en">' in page
    assert "What we do not do" in page
    client.get("/language/?language=zh-hans")  # a link changes nothing: only a press does
    assert '<html lang="en">' in client.get("/about/").content.decode()


def test_the_service_worker_keeps_no_page_about_a_person(client: Client) -> None:
    text = client.get("/sw.js")
    assert text.headers["Content-Type"].startswith("text/javascript")
    kept = re.findall(r'"(/[^"]*)"', text.content.decode().encode().decode("unicode_escape"))
    assert kept
    assert all(name.startswith("/static/") or name == "/offline/" for name in kept)


def test_the_phone_can_put_the_page_on_its_screen(client: Client) -> None:
    manifest = json.loads(client.get("/manifest.webmanifest").content)
    assert manifest["start_url"] == "/"
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (errors.bad_request, 400),
        (errors.forbidden, 403),
        (errors.csrf, 403),
        (errors.too_many, 429),
        (errors.unavailable, 503),
    ],
)
def test_every_failure_has_a_sentence_a_way_on_and_the_emergency_numbers(
    view: Any, status: int, rf: RequestFactory
) -> None:
    answer = view(rf.get("/x/"))
    page = answer.content.decode()
    assert answer.status_code == status
    assert "回首页" in page
    assert 'href="tel:120"' in page
    assert "data-keep" in page  # draft.js must not take it for an answer


def test_a_broken_database_still_leaves_a_page(rf: RequestFactory) -> None:
    answer = errors.server_error(rf.get("/x/"))
    assert answer.status_code == 500
    assert "您写的字还在" in answer.content.decode()


def test_the_first_page_stands_while_the_records_are_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("no route to the records")

    monkeypatch.setattr(alerts, "_sources", [away])
    door = menu.Entry("应急", "shell:home", ("everyone",), face="home", when=away)  # type: ignore[arg-type]
    monkeypatch.setattr(menu, "entries", lambda: (door,))
    page = client.get("/")
    assert page.status_code == 200
    assert "说一件事" in page.content.decode()
    assert "应急" not in page.content.decode()
