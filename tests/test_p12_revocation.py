"""P12: who is stopped in the middle of their work gets nothing more, at the next press, in every process within directory.TTL."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from minan.kernel import config, directory
from minan.kernel.models import Post, Serial, Token, User
from tests import house as houses
from tests.house import House
from tests.pages import PAGES

pytestmark = [pytest.mark.bar("P12"), pytest.mark.django_db]
LATEST = 5.0  # seconds, as the bar says
TTL = directory.TTL  # before the tests' own


@pytest.fixture
def house(people: dict[str, Any]) -> House:
    return houses.build(people)


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets so many seconds pass for the city in memory, as of another process, which hears of nothing."""
    passed = [0.0]
    real = time.monotonic
    monkeypatch.setattr(directory, "TTL", TTL)
    monkeypatch.setattr(directory, "time", type("Time", (), {"monotonic": staticmethod(lambda: real() + passed[0])}))

    def shift(by: float) -> None:
        passed[0] += by

    return shift


def elsewhere() -> None:
    """Another process changed posts: the stamp moves, and this process's memory is as it was."""
    Serial.objects.filter(unit="", series="stamp", year=0).update(last=F("last") + 1)


def gets(house: House, who: str = "clerk") -> list[str]:
    """The pages and calls of the matter and of the work on which `who` still gets something."""
    out = []
    for route, row in PAGES.items():
        if not row.get or "nobody" in row.who or "resident" in row.who or row.who == ("loopback",):
            continue  # what is everybody's own who signed in
        got = house.ask(who, house.path(row.path))
        if got.status == 200 or houses.TEXT.encode() in got.body:
            out.append(route)
    return out


def end_posts(clerk: User) -> None:
    Post.objects.filter(user=clerk).update(until=timezone.localdate() - timedelta(days=1))


def stop_account(clerk: User) -> None:
    User.objects.filter(pk=clerk.pk).update(is_active=False)


WAYS = {"the post ends": end_posts, "the account is stopped": stop_account}


@pytest.mark.parametrize("way", WAYS)
def test_the_next_press_of_who_is_stopped_is_refused_everywhere(
    house: House, people: dict[str, Any], way: str, seconds: Callable[[float], None]
) -> None:
    assert TTL <= LATEST
    second = houses.browser(people["clerk"])  # another browser of hers
    before = gets(house)
    assert len(before) > 10, "she was at work"
    WAYS[way](people["clerk"])
    elsewhere()
    seconds(TTL + 0.01)
    assert gets(house) == []
    if way == "the post ends":  # a person without a post has her own matters, and none
        assert house.ask("clerk", "/api/v1/cases").body == b'{"items":[],"next":null}'
    assert second.get(f"/desk/{house.case.code}/").status_code in (302, 404)
    posted = second.post(f"/desk/{house.case.code}/note/", {"words": "还在", "key": "k" * 32, "moves": "9"})
    assert posted.status_code in (302, 404)
    house.case.refresh_from_db()
    assert "还在" not in str(house.case.facts)
    call = house.ask(
        "clerk", f"/api/v1/cases/{house.case.code}/steps/note", "post", data='{"facts": {"words": "还在"}}'
    )
    assert call.status in (401, 404)


def test_a_stopped_account_is_out_without_waiting_for_the_city_in_memory(house: House, people: dict[str, Any]) -> None:
    stop_account(people["clerk"])
    assert house.clients["clerk"].get("/desk/").headers["Location"].startswith("/login/")
    assert house.ask("clerk", "/api/v1/cases").status == 401


@pytest.mark.parametrize("how", ["deleted", "ended"])
def test_a_token_that_is_taken_back_is_worth_nothing_at_once(house: House, people: dict[str, Any], how: str) -> None:
    assert house.ask("clerk", "/api/v1/cases").status == 200
    mine = Token.objects.filter(user=people["clerk"])
    if how == "deleted":
        mine.delete()
    else:
        mine.update(until=timezone.now() - timedelta(seconds=1))
    assert house.ask("clerk", "/api/v1/cases").status == 401
    assert house.ask("clerk", f"/api/v1/cases/{house.case.code}").status == 401


def test_a_new_password_ends_every_session_of_that_person(house: House, people: dict[str, Any]) -> None:
    sessions = [houses.browser(people["clerk"]) for _ in range(3)]
    assert all(one.get("/desk/").status_code == 200 for one in sessions)
    config.password(people["clerk"].pk, "security", "丢了")
    assert {one.get("/desk/").status_code for one in sessions} == {302}


def test_the_head_who_ends_a_role_ends_it_at_once(house: House, people: dict[str, Any]) -> None:
    post = Post.objects.filter(user=people["handler"]).first()
    assert post is not None
    config.end(Post, post.pk, "supervisor", "调走了")
    Post.objects.filter(pk=post.pk).update(until=timezone.localdate() - timedelta(days=1))
    directory.touch()
    assert house.ask("handler", f"/desk/{house.case.code}/").status in (302, 404)


def test_a_city_that_never_looked_again_would_let_her_go_on(
    house: House, people: dict[str, Any], seconds: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    gets(house)
    monkeypatch.setattr(directory, "TTL", 1e9)
    end_posts(people["clerk"])
    elsewhere()
    seconds(3600)
    assert len(gets(house)) > 10
