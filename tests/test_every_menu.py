"""Whatever a menu offers somebody opens: each of the model city's people, on each face, a resident and a stranger too."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from minan.kernel import directory
from minan.kernel.models import User
from minan.kernel.tests.desks import desk_of
from minan.shell import context, menu

pytestmark = pytest.mark.django_db
FACES = ("desk", "phone", "home")


def offered(user: User | None) -> set[str]:
    """Every address in the menus of this person; nobody signed in: None."""

    class Request:
        pass

    request: Any = Request()
    request.user = user
    roles = context.held(context.posts(request)) if user is not None else []
    return {row["url"] for face in FACES for row in menu.menu_for(roles, face, "/")} | {
        row["url"] for row in menu.bar_for(roles, "/")
    }


def test_every_entry_of_a_menu_opens_for_whom_it_is_shown(people: dict[str, User]) -> None:
    seen, shut, kinds = dict[tuple[str, ...], str](), [], set[str]()
    for name, user in sorted(people.items()):
        held = {f"{p.role}@{o.kind}" for p in directory.posts_of(user.pk) if (o := directory.office(p.unit))}
        level = {str(o.level) for p in directory.posts_of(user.pk) if (o := directory.office(p.unit))}
        if (key := (*sorted(held), *sorted(level))) in seen:
            continue  # one of each sort
        seen[key], kinds = name, kinds | {one.split("@")[0] for one in held}
        browser = desk_of(name)
        for url in sorted(offered(user)):
            page = browser.get(url, follow=True)  # the first page leads who works on to their desk
            if page.status_code != 200 or "login" in page.request["PATH_INFO"]:
                shut.append((name, sorted(held), url, page.status_code))
    assert not shut, "\n".join(map(str, shut))
    assert kinds >= {"clerk", "worker", "handler", "supervisor", "mediator", "signer", "operator", "discipline", "admin", "audit"}


@pytest.mark.parametrize(("name", "there"), [("operator", True), ("gx.clerk", True), ("clerk", False), ("city.super", False)])
def test_the_hotline_is_offered_to_whom_it_opens(people: dict[str, User], name: str, there: bool) -> None:
    """An operator, and a clerk of a centre, who takes calls as well (hotline.cti.is_operator)."""
    assert ("/hotline/" in offered(people[name])) is there
    assert (desk_of(name).get("/hotline/").status_code == 200) is there


def test_a_stranger_opens_all_that_is_offered() -> None:
    assert {url: Client().get(url).status_code for url in offered(None)} == dict.fromkeys(offered(None), 200)


@pytest.mark.parametrize(
    ("name", "there"),
    [("gu.point", True), ("worker", True), ("clerk", True), ("gx.clerk", False), ("city.super", False)],
)
def test_the_boxes_are_offered_at_points_and_stations_alone(people: dict[str, User], name: str, there: bool) -> None:
    assert ("/box/" in offered(people[name])) is there
    assert (desk_of(name).get("/box/").status_code == 200) is there
