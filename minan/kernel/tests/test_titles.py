"""What a case is called: what people wrote stays as they wrote it, what the program calls it is said in the reader's language."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from minan.kernel import labels, registry
from minan.kernel.access import SPEAKER
from minan.kernel.act import Opened, open_case
from minan.kernel.models import Case
from minan.kernel.tests import office

pytest.importorskip("minan.systems.devices.procedure", reason="not run: titles (no devices)")


@pytest.mark.parametrize(
    ("procedure", "title", "english"),
    [
        ("matter", "说事", "Matter"),
        ("matter", "公园的灯不亮：晚上看不清", "公园的灯不亮：晚上看不清"),
        ("alarm", "烟雾：1 号楼 3 单元楼道", "Smoke: 1 号楼 3 单元楼道"),
        ("alarm", "不认识的：1 号楼", "不认识的：1 号楼"),
        ("alarm", "", ""),
        ("gone", "烟雾：1 号楼", "烟雾：1 号楼"),
    ],
)
def test_only_what_the_program_named_is_said_in_the_readers_language(procedure: str, title: str, english: str) -> None:
    case = Case(procedure=procedure, title=title)
    assert labels.title_of(case) == title
    with translation.override("en"):
        assert labels.title_of(case) == english


def test_every_name_a_procedure_gives_has_both_languages_and_no_colon_of_its_own() -> None:
    for procedure in registry.procedures().values():
        for words in procedure.titles:
            assert words.en, (procedure.name, words.zh)
            assert "：" not in words.zh, "a colon begins what somebody typed"


@pytest.mark.django_db
def test_his_dispute_stands_in_his_english_list_in_english(people: dict[str, Any]) -> None:
    pytest.importorskip("minan.systems.disputes.procedure", reason="not run: titles (no disputes)")
    said = {"text": "邻居的墙挡了水", "sort": "neighbour", "place": office.VILLAGE, "name": "王秀兰", "phone": "13800000001"}
    wang = people["resident"]
    facts = said | {"other_name": "孙长河", "other_phone": "13800000002"}
    opened = open_case("dispute", by=SPEAKER, facts=facts, account=str(wang.pk))
    assert isinstance(opened, Opened), opened
    client = Client()
    client.force_login(wang)
    assert "邻里纠纷" in client.get("/mine/").content.decode()
    page = client.get("/mine/", headers={"accept-language": "en"}).content.decode()
    assert ">Neighbours</a>" in page
    assert "邻里纠纷" not in page
