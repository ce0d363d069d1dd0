"""Somebody who reads English gets every page in English; what a person said stays as it was said."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from minan.channels.web.tests.phone import said

pytestmark = pytest.mark.django_db

HAN = re.compile("[\u4e00-\u9fff]+")
OURS = {"中文"}  # the switch back
RULE = {"第", "条", "示例"}  # the number of a Chinese rule is quoted as it is


@pytest.fixture
def reader(city: None) -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    return client


@pytest.mark.parametrize("path", ["/say/steps/1/", "/m/", "/mine/", "/m/AAAAA-AAAAA-AAAAA/"])
def test_no_chinese_is_left_on_a_page_without_names(reader: Client, path: str) -> None:
    assert set(HAN.findall(reader.get(path).content.decode())) - OURS == set()


def test_the_steps_of_a_matter_are_english_too(reader: Client) -> None:
    case, _secret = said(reader, text="The lamp at the east gate is out.", place="", kind="lamp.out")
    for step in ("", "urge/", "withdraw/", "add/", "receipt/"):
        page = reader.get(f"/m/{case.code}/{step}").content.decode()
        assert "The lamp at the east gate is out" in page
        left = set(HAN.findall(page)) - OURS - RULE
        assert left == set(), step
