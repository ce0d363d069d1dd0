"""Four small screens for who prefers them: what one holds travels with the others, and the last one sends."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from minan.channels.web.tests.phone import LAMP, VILLAGE, key_on, picture
from minan.kernel.models import Attachment, Case

pytestmark = pytest.mark.django_db


def carried(page: Any) -> dict[str, Any]:
    """What a browser would send again: the hidden fields of the page."""
    fields: dict[str, Any] = {}
    for piece in page.content.decode().split("<input")[1:]:
        tag = piece.split(">")[0]
        if 'type="hidden"' in tag and "csrf" not in tag and 'name="elder"' not in tag and 'name="next"' not in tag:
            name = tag.split('name="')[1].split('"')[0]
            value = tag.split('value="')[1].split('"')[0] if 'value="' in tag else ""
            if name != "language" and (value or name not in fields):
                fields[name] = value
    return fields


def test_wang_xiulan_says_it_in_four_small_screens(wang: Client) -> None:
    page = wang.get("/say/steps/1/")
    page = wang.post("/say/steps/2/", carried(page) | {"text": LAMP, "kind": "lamp.out"})
    assert page.context["n"] == 2
    page = wang.post("/say/steps/3/", carried(page) | {"place_found": VILLAGE, "place_words": "东门外"})
    assert page.context["n"] == 3
    page = wang.post("/say/steps/4/", carried(page) | {"photos": picture()})
    assert page.context["n"] == 4
    assert LAMP in page.content.decode()
    answer = wang.post("/say/", carried(page) | {"phone": "13812345678"})
    assert answer.status_code == 302
    case = Case.objects.get()
    assert (case.place, case.place_words, case.kind) == (VILLAGE, "东门外", "lamp.out")
    assert Attachment.objects.filter(case_id=case.id).count() == 1


def test_going_back_loses_nothing(wang: Client) -> None:
    page = wang.get("/say/steps/1/")
    page = wang.post("/say/steps/2/", carried(page) | {"text": LAMP})
    page = wang.post("/say/steps/1/", carried(page) | {"place_words": "东门外"})
    assert page.context["n"] == 1
    assert LAMP in page.content.decode()
    assert carried(page)["place_words"] == "东门外"


def test_without_a_word_the_first_screen_stays(wang: Client) -> None:
    page = wang.post("/say/steps/2/", carried(wang.get("/say/steps/1/")) | {"text": ""})
    assert page.status_code == 422
    assert page.context["n"] == 1
    assert "写一句就行" in page.content.decode()


def test_a_screen_in_the_middle_begins_at_the_first(wang: Client) -> None:
    assert wang.get("/say/steps/3/")["Location"] == "/say/steps/1/"
    assert wang.get("/say/steps/9/").status_code == 404


def test_looking_a_place_up_stays_on_its_screen(wang: Client) -> None:
    page = wang.post("/say/steps/2/", {"key": key_on(wang), "from": "1", "text": LAMP})
    page = wang.post("/say/steps/3/", carried(page) | {"do": "find", "place_q": "朝阳"})
    assert page.context["n"] == 2
    assert page.context["saying"].place.choices
    assert carried(page)["text"].startswith("小区东门外")


def test_an_error_at_the_end_shows_the_one_screen_with_everything(wang: Client) -> None:
    page = wang.post("/say/", {"key": key_on(wang), "text": LAMP, "place": VILLAGE, "phone": "12", "from": "4"})
    assert page.status_code == 422
    assert LAMP in page.content.decode()
    assert "固安县固安镇" in page.content.decode()
