"""P4: pictures, exports, receipts and what a person takes along: not a byte for anybody else, and no copy kept on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from minan.channels.web.tests import phone
from minan.kernel import access, attachments, directory
from minan.kernel.models import Attachment, Post, User
from tests import house as houses
from tests.house import House
from tests.pages import PAGES

pytestmark = [pytest.mark.bar("P4"), pytest.mark.django_db]


@pytest.fixture
def house(people: dict[str, Any]) -> House:
    return houses.build(people)


def addresses(house: House) -> list[str]:
    """Every address at which a file of the matter lies."""
    code, photo = house.case.code, house.photo
    return [
        f"/desk/{code}/photos/{photo}/", f"/desk/{code}/photos/{photo}/?small", f"/m/{code}/photo/{photo}",
        f"/m/{code}/photo/{photo}/thumb",
        f"/desk/{code}/order/{house.order}/", f"/m/{code}/receipt/", f"/m/{code}/promise/1/", f"/api/v1/cases/{code}",
    ]  # fmt: skip


def files(house: House) -> list[bytes]:
    """What must not leak: the picture and its small version, as they lie on disk."""
    row = Attachment.objects.get(pk=house.photo)
    return [attachments.path_of(row.sha256, thumb=small).read_bytes() for small in (False, True)]


def leaked(house: House, ask: Callable[[str], Any]) -> list[str]:
    out, kept = [], files(house)
    for path in addresses(house):
        got = ask(path)
        body = b"".join(got.streaming_content) if got.streaming else got.content
        if got.status_code not in (302, 401, 404) or body in kept or houses.TEXT.encode() in body:
            out.append(f"{path}: {got.status_code}, {len(body)} bytes")
    return out


def open_browser(client: Client, token: str = "") -> Callable[[str], Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return lambda path: client.get(path, headers=headers if path.startswith("/api/") else {})


def test_the_pictures_of_the_matter_are_there_for_who_may_see_them(house: House) -> None:
    kept = files(house)
    for who, paths in (("clerk", addresses(house)[:2]), ("speaker", addresses(house)[2:4])):
        assert [house.ask(who, path).body for path in paths] == kept, who


@pytest.mark.parametrize("who", ["nobody", "resident", "stranger", "keeper", "admin", "security", "audit", "worker"])
def test_others_get_not_a_byte(house: House, who: str) -> None:
    assert leaked(house, open_browser(house.clients[who], house.tokens.get(who, ""))) == []


def test_who_signed_out_gets_not_a_byte_of_what_they_had_open(house: House) -> None:
    clerk = house.clients["clerk"]
    assert clerk.get(addresses(house)[0]).status_code == 200
    clerk.post("/logout/")
    assert leaked(house, open_browser(clerk)) == []


@pytest.mark.parametrize("how", ["post", "account"])
def test_whose_right_was_taken_gets_not_a_byte_at_the_old_address(
    house: House, people: dict[str, Any], how: str
) -> None:
    clerk = house.clients["clerk"]
    assert clerk.get(addresses(house)[0]).status_code == 200
    if how == "post":
        Post.objects.filter(user=people["clerk"]).update(until=timezone.localdate() - timedelta(days=1))
        directory.touch()
    else:
        User.objects.filter(pk=people["clerk"].pk).update(is_active=False)
    assert leaked(house, open_browser(clerk, house.tokens["clerk"])) == []


def test_a_browser_that_forgot_the_matter_gets_not_a_byte(house: House) -> None:
    wang = house.clients["speaker"]
    assert wang.get(addresses(house)[2]).status_code == 200
    wang.post(f"/m/{house.case.code}/forget/")
    assert leaked(house, open_browser(wang)) == []


def test_a_picture_s_address_under_another_matter_gives_nothing(house: House) -> None:
    other, _ = phone.said(Client(), photos=phone.picture(colour="red"))
    for who, path in (
        ("clerk", f"/desk/{other.code}/photos/{house.photo}/"), ("speaker", f"/m/{other.code}/photo/{house.photo}"),
        ("clerk", f"/m/{other.code}/photo/{house.photo}/thumb"),
    ):  # fmt: skip
        assert house.ask(who, path).status in (302, 404), path


def test_nothing_answers_to_a_path_or_a_hash_and_the_folder_is_served_by_nobody(house: House) -> None:
    sha = Attachment.objects.get(pk=house.photo).sha256
    tried = (
        f"/static/{sha}",
        f"/static/../attachments/{sha[:2]}/{sha}",
        f"/attachments/{sha[:2]}/{sha}",
        f"/files/{sha}",
        f"/media/{sha}",
    )
    for path in tried:
        for who in ("nobody", "clerk"):
            assert house.clients[who].get(path).status_code in (400, 404), path


PRIVATE = {"private", "no-store"}
# The same for everybody, and of no matter.
PUBLIC = ("places/", "proof/", "static", "manifest.webmanifest", "sw.js", "field/sw.js", "doors/key/sw.js", "screen/")


def cached(house: House) -> list[str]:
    """Answers about people that something between us and them might keep."""
    out = []
    for route, row in PAGES.items():
        if not row.get or route.startswith(PUBLIC):
            continue
        for who in ("clerk", "speaker", "nobody"):
            if who in row.who or row.about:
                client, path = house.clients[who], house.path(row.path)
                headers = (
                    {"Authorization": f"Bearer {house.tokens[who]}"}
                    if who in house.tokens and path.startswith("/api/")
                    else {}
                )
                said = client.get(path, headers=headers).headers.get("Cache-Control", "")
                if not set(said.replace(" ", "").split(",")) >= PRIVATE:
                    out.append(f"{who} {route}: {said!r}")
    return out


def test_no_answer_about_a_person_or_a_matter_is_kept_by_anything_on_the_way(house: House) -> None:
    kept = cached(house)
    assert kept == [], "\n".join(kept)
    export = house.clients["clerk"].post("/house/export/", {})
    assert set(export.headers["Cache-Control"].split(", ")) >= PRIVATE
    assert export.headers["Content-Disposition"].startswith("attachment")


def test_a_cache_in_between_has_nothing_to_play_back(house: House) -> None:
    """No validator either: no 304 tells somebody else that they have the right bytes."""
    for path in addresses(house)[:2]:
        got = house.clients["clerk"].get(path)
        assert not {"ETag", "Last-Modified", "Expires"} & set(got.headers)
        again = Client().get(
            path,
            headers={"If-None-Match": "*", "If-Modified-Since": "Mon, 23 Nov 2026 00:00:00 GMT", "Range": "bytes=0-9"},
        )
        assert again.status_code == 302
        assert b"JFIF" not in again.content


def test_pictures_kept_for_ten_minutes_would_be_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minan.kernel.headers.Headers.__call__", lambda self, request: self.get_response(request))
    house.clients = {who: _same(client) for who, client in house.clients.items()}
    assert len(cached(house)) > 20


def _same(client: Client) -> Client:
    fresh = Client()
    fresh.cookies = client.cookies
    return fresh


def test_without_the_look_at_who_asks_the_check_would_name_every_picture(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = house.case
    monkeypatch.setattr("minan.kernel.pages.photos.case_of", lambda request, code: everything)
    stranger = leaked(house, open_browser(house.clients["stranger"]))
    assert len(stranger) == 2
    assert access.is_staff(User.objects.get(username="stranger"))
