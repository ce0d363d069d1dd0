"""P1: a closed world. Every page stands in tests/pages.py; the right people get it; for a stranger a matter is not there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver
from django.urls import path as address

from minan.kernel import access, worker
from minan.kernel.act import Opened, act, open_case
from minan.kernel.models import Case, Event
from minan.shell.demo_signin import urls as demo_urls
from tests import house as houses
from tests.house import Answer, House
from tests.pages import ABOVE, DEMO, EVERYONE, OF_CASE, PAGES, SPEAKER, Row

pytestmark = pytest.mark.django_db
GETS = {route: row for route, row in PAGES.items() if row.get}
POSTS = {route: row for route, row in PAGES.items() if row.post}
PROGRAMS = tuple(route for route, row in PAGES.items() if row.path.startswith(("/api/", "/open311/")))
# People to whom the matter of the house must not exist: an administrator of elsewhere too, and 王秀兰 signed in without the secret.
PROGRAMS_WRITE = ("kernel.Reply", "bulletins.Screen")  # an answer kept for the same Idempotency-Key; a screen that asks for a number
STRANGERS = ("nobody", "resident", "stranger", "keeper", "worker", "admin", "security", "audit")


@pytest.fixture
def house(people: dict[str, Any]) -> House:
    return houses.build(people)


def strangers_to(row: Row) -> list[str]:
    """Who must not find this page."""
    everybody = (*EVERYONE, "speaker") if row.about and "nobody" not in row.who else EVERYONE
    return [who for who in everybody if who not in row.who]


def to_sign_in(to: str) -> bool:
    return to.startswith(("/login/", "/account/login/"))


# ---- closed world


def test_every_page_of_the_house_is_listed_and_every_listed_page_is_there() -> None:
    assert not settings.DEMO
    found = houses.routes()
    assert sorted(set(found)) == sorted(found), "one address, one page"
    assert [route for route in found if route not in PAGES] == [], (
        "new pages need a row in tests/pages.py: who may see them?"
    )
    assert [route for route in PAGES if route not in found] == [], "listed pages that are gone"


def test_the_doors_of_the_demo_are_in_no_other_house() -> None:
    assert sorted(houses.routes(demo_urls.urlpatterns)) == sorted(DEMO)
    assert not set(DEMO) & set(houses.routes())


def test_a_page_nobody_listed_would_be_seen() -> None:
    added = address("everybody/by-phone/", lambda request: None)
    assert [route for route in houses.routes([*get_resolver().url_patterns, added]) if route not in PAGES] == [
        "everybody/by-phone/"
    ]


# ---- the right people


def test_the_right_people_get_each_page_at_a_bounded_cost(house: House) -> None:
    wrong = []
    for route, row in GETS.items():
        for who in row.who:
            got = house.ask(who, house.path(row.path))
            if got.status not in (200, 302, *row.found) or to_sign_in(got.to):
                wrong.append(f"{who} {route}: {got.status} {got.to}")
            if len(got.queries) > row.queries:
                wrong.append(f"{who} {route}: {len(got.queries)} queries, at most {row.queries}")
    assert not wrong, "\n".join(wrong)


def test_the_people_of_the_matter_read_it_and_its_speaker_too(house: House) -> None:
    for who in OF_CASE:
        assert houses.TEXT in house.ask(who, f"/desk/{house.case.code}/").body.decode(), who
        assert houses.TEXT in house.ask(who, f"/api/v1/cases/{house.case.code}").body.decode(), who
    for who in SPEAKER:
        page = house.ask(who, f"/m/{house.case.code}/").body.decode()
        assert houses.TEXT in page
        assert houses.NOTE not in page, "a note is the staff's own"


# ---- strangers


def fits(route: str, row: Row, who: str, got: Answer) -> bool:
    """Whether this is how a stranger may be met: asked to sign in, or nothing there; never 403."""
    if route in PROGRAMS:
        return got.status in (401, 404) or (got.status == 403 and not row.about)  # counts of places are no matter's
    if row.about == "code":
        return got.status in (302, 404)
    signing_in = got.status == 302 and to_sign_in(got.to)
    return signing_in or (got.status == 404 and (who not in ("nobody", "speaker") or row.who == ("loopback",)))


def test_a_stranger_is_sent_to_sign_in_or_finds_nothing_never_a_refusal(house: House) -> None:
    wrong = []
    for route, row in GETS.items():
        for who in strangers_to(row):
            got = house.ask(
                who, house.path(row.path), **({"REMOTE_ADDR": "203.0.113.9"} if row.who == ("loopback",) else {})
            )
            if not fits(route, row, who, got):
                wrong.append(f"{who} {route}: {got.status} {got.to}")
    assert not wrong, "\n".join(wrong)


def test_to_a_stranger_a_matter_that_is_there_is_like_one_that_is_not(house: House) -> None:
    """Same status, same bytes, same number of questions to the database; by GET and by POST."""
    wrong = []
    for route, row in PAGES.items():
        if not row.about or (row.about == "code" and "nobody" in row.who):
            continue  # a code alone shows state and times, by contract
        for method in [m for m, on in (("get", row.get), ("post", row.post)) if on]:
            data = {} if method == "get" else {"data": "{}"} if route in PROGRAMS else {"data": {}}
            for who in strangers_to(row):
                there, gone = (
                    house.ask(who, house.path(row.path, code), method, **data)
                    for code in (house.case.code, house.nowhere)
                )
                same = (there.bare(house.case.code), there.to.replace(house.case.code, "")) == (
                    gone.bare(house.nowhere), gone.to.replace(house.nowhere, ""),
                )  # fmt: skip
                if not (there.status == gone.status != 403 and same):
                    wrong.append(
                        f"{who} {method} {route}: {there.status} {gone.status} {'same' if same else 'other'} bytes"
                    )
                if row.about == "case" and len(there.queries) != len(gone.queries):
                    wrong.append(f"{who} {method} {route}: {len(there.queries)} and {len(gone.queries)} queries")
    assert not wrong, "\n".join(wrong)


def test_the_admin_and_supervising_pages_are_not_there_for_a_clerk(house: House) -> None:
    nothing = house.ask("clerk", "/admin/no-such-table/").bare()
    for path in ("/admin/", "/admin/kinds/", "/admin/kinds/lamp.out/", "/supervise/"):
        got = house.ask("clerk", path)
        assert (got.status, got.bare()) == (404, nothing), path


SEARCHES = (
    "/desk/?q={word}", "/desk/?q={code}", "/tasks/?q={word}", "/board/?all=1", "/api/v1/cases?q={word}", "/api/v1/cases?limit=100",
    "/api/v1/counts?place=131022100000", "/open311/v2/requests.json", "/open311/v2/requests.xml", "/m/?code={code}",
    "/supervise/cases/", "/mine/",
)  # fmt: skip


def test_no_stranger_reads_a_word_of_the_matter_on_any_page(house: House) -> None:
    paths = [house.path(row.path) for row in GETS.values()]
    paths += [path.format(word=houses.TEXT[2:6], code=house.case.code) for path in SEARCHES]
    leaks = []
    for path in paths:
        for who in STRANGERS:
            got = house.ask(who, path)
            text = got.body.decode("utf-8", "replace") + got.to
            asked = path.split("q=")[-1]
            leaks += [
                f"{who} {path}: {word}"
                for word in house.canaries
                if word in text.replace(asked, "") and word not in asked
            ]
            leaks += [f"{who} {path}: its code"] if house.case.code not in path and house.case.code in text else []
    assert not leaks, "\n".join(leaks)


def test_the_speakers_number_and_name_are_on_no_page_of_staff_before_they_call(house: House) -> None:
    for path in [house.path(row.path) for row in GETS.values()]:
        for who in OF_CASE:
            text = house.ask(who, path).body.decode("utf-8", "replace")
            for word in (houses.PHONE, houses.NAME, house.secret):
                assert word not in text, (who, path, word)


# ---- POST


@pytest.mark.bar("A5")
def test_a_post_without_the_pages_own_token_is_refused_and_changes_nothing(
    house: House, people: dict[str, Any]
) -> None:
    checked = {
        name: houses.browser(people.get(name), enforce_csrf_checks=True)
        for name in ("nobody", "clerk", "supervisor", "admin")
    }
    wrong, before = [], houses.records()
    for route, row in POSTS.items():
        who = next((name for name in ("clerk", "supervisor", "admin") if name in row.who), "nobody")
        got = checked[who].post(house.path(row.path), {"words": "x", "text": "x", "key": "k"})
        if row.csrf and got.status_code != 403:
            wrong.append(f"{who} {route}: {got.status_code}")
    assert not wrong, "\n".join(wrong)
    after = houses.records()
    assert [name for name in before if before[name] != after[name] and name not in PROGRAMS_WRITE] == []


def test_a_strangers_post_changes_nothing(house: House) -> None:
    before = houses.records()
    for route, row in POSTS.items():
        for who in strangers_to(row) if row.about == "case" else ():
            data: Any = {"words": "x", "key": "a" * 32, "moves": str(house.case.moves)}
            house.ask(
                who, house.path(row.path), "post", data='{"facts": {"words": "x"}}' if route in PROGRAMS else data
            )
    after = houses.records()
    assert [name for name in before if before[name] != after[name] and name not in PROGRAMS_WRITE] == []


def test_a_page_that_only_takes_does_not_answer_a_get(house: House) -> None:
    answered = {
        route: house.ask(next(iter(row.who), "clerk"), house.path(row.path)).status
        for route, row in PAGES.items()
        if not row.get
    }
    turned_away = ("language/", "account/logout/", "logout/")  # a redirect, and nothing done
    assert {route: status for route, status in answered.items() if status != 405 and route not in turned_away} == {}


# ---- GET


@pytest.mark.bar("A5")
def test_no_get_of_anybody_changes_a_record(house: House) -> None:
    before = houses.records()
    for row in GETS.values():
        for who in (*EVERYONE, "speaker"):
            house.ask(who, house.path(row.path))
    after = houses.records()
    assert [name for name in before if before[name] != after[name]] == []


# ---- B4: what a page costs does not grow with the city


LISTS = {
    "clerk": (
        "/",
        "/desk/",
        "/desk/?q=路灯",
        "/desk/?light=red",
        "/desk/{code}/",
        "/tasks/",
        "/tasks/{code}/",
        "/board/",
        "/board/?all=1",
        "/desk/new/",
    ),
    "handler": ("/desk/", "/tasks/", "/tasks/{code}/", "/board/"),
    "supervisor": ("/supervise/", "/supervise/cases/", "/supervise/?by=unit", "/desk/", "/supervise/{code}/"),
    "admin": ("/admin/", "/admin/kinds/", "/admin/limits/"),
    "speaker": ("/mine/", "/m/{code}/"),
}
PROGRAM_LISTS = (
    ("clerk", "/api/v1/cases", 4), ("clerk", "/api/v1/cases/{code}", 6), ("clerk", "/api/v1/counts", 4),
    ("nobody", "/open311/v2/requests.json", 4),
)  # fmt: skip


def _more(people: dict[str, Any], count: int) -> None:
    """So many more matters of everybody's, with events, notices and clocks."""
    for n in range(count):
        facts = {"text": f"第 {n} 盏路灯不亮", "place": houses.VILLAGE, "kind": "lamp.out"}
        opened = open_case("matter", by=access.SPEAKER, facts=facts)
        assert isinstance(opened, Opened)
        clerk = access.actor(people["clerk"])
        act(opened.case, "accept", by=clerk)
        act(opened.case, "assign", by=clerk, facts={"unit": houses.LIGHTING})
    worker.settle()


@pytest.mark.bar("B4")
def test_a_page_asks_the_database_as_often_with_sixty_matters_as_with_three(
    house: House, people: dict[str, Any]
) -> None:
    _more(people, 2)
    asked = [(who, house.path(path), 12) for who, paths in LISTS.items() for path in paths]
    asked += [(who, house.path(path), most) for who, path, most in PROGRAM_LISTS]

    def costs() -> dict[tuple[str, str], list[str]]:
        for who, path, _ in asked:
            house.ask(who, path)  # once to warm what is read once
        return {(who, path): house.ask(who, path).queries for who, path, _ in asked}

    few = costs()
    _more(people, 57)
    assert Case.objects.count() == 60
    many = costs()
    grown = {key: (len(few[key]), len(many[key])) for key in few if len(few[key]) < len(many[key])}
    assert grown == {}, "\n".join(f"{key}: {grown[key]}\n" + "\n".join(q[:160] for q in many[key]) for key in grown)
    assert {(who, path): len(many[who, path]) for who, path, most in asked if len(many[who, path]) > most} == {}


def test_the_matter_of_these_tests_has_what_a_leak_would_show(house: House) -> None:
    """Else every test above would pass on an empty house."""
    assert Event.objects.filter(case_id=house.case.id).count() == 6
    assert house.case.unit == houses.LIGHTING
    assert PAGES["supervise/<str:code>/"].who == ABOVE
    assert re.fullmatch(r"[0-9A-Z]{15}", house.case.code)
    assert Client().get(f"/desk/{house.case.code}/").status_code == 302
