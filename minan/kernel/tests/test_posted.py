"""Who left no name and no number reads at the point, by their code alone, how far it is."""

from __future__ import annotations

import pytest

from minan.kernel import access, worker
from minan.kernel.act import Opened, act, open_case
from minan.kernel.models import Case, Event, Message
from minan.kernel.tests.desks import LAMP, desk_of, person, text_of
from minan.lib import codes

pytest.importorskip("minan.systems.matters.procedure", reason="not run: posted notices (no matters)")
pytestmark = pytest.mark.django_db


def nameless(**more: str) -> Case:
    opened = open_case("matter", by=access.SPEAKER, facts=LAMP | more, anonymous=True)
    assert isinstance(opened, Opened)
    assert isinstance(act(opened.case, "accept", by=access.actor(person("clerk"))), Event)
    worker.settle()
    return opened.case


def test_the_desk_and_the_point_of_the_place_post_the_code_and_what_happened(city: None) -> None:
    case = nameless()
    for name in ("clerk", "gu.point"):
        page = text_of(desk_of(name).get("/board/posted/"))
        assert codes.pretty(case.code) in page
        assert "受理" in page
        assert LAMP["text"][:6] not in page
    told = Message.objects.get(case_id=case.id, channel="posted")
    assert (told.to, told.made_at.minute, told.made_at.second) == ("speaker", 0, 0)


def test_a_neighbouring_township_and_a_department_have_nothing_to_post(city: None) -> None:
    case = nameless()
    for name in ("stranger", "handler"):
        assert codes.pretty(case.code) not in text_of(desk_of(name).get("/board/posted/"))


def test_who_is_complained_about_does_not_post_it(city: None) -> None:
    case = nameless()
    walled = act(case, "wall", by=access.actor(person("clerk")), facts={"about": "131022100010-point", "words": "说的就是他们"})
    assert isinstance(walled, Event), walled
    assert codes.pretty(case.code) not in text_of(desk_of("gu.point").get("/board/posted/"))


def test_who_left_a_number_is_not_posted(city: None) -> None:
    opened = open_case("matter", by=access.SPEAKER, facts=LAMP | {"phone": "13812345678"})
    assert isinstance(opened, Opened)
    worker.settle()
    assert not Message.objects.filter(channel="posted").exists()
