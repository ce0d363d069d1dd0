"""What a resident may tick: about which office it is, in confidence, a report on an official; each leads where the page says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from minan.channels.web.tests import phone
from minan.kernel import speakers, worker
from minan.kernel.access import actor
from minan.kernel.act import act
from minan.kernel.models import Case

pytestmark = pytest.mark.django_db
WORDS = "金丝雀路灯不亮"
HERE = {"text": WORDS, "place": "131022100010"}


def sent(browser: Client, **fields: Any) -> tuple[int, str]:
    page = browser.get("/say/").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    got = browser.post("/say/", {"key": key[1], **HERE, **fields})
    return got.status_code, str(got.content.decode())


def last() -> Case:
    return Case.objects.latest("id")


def test_an_office_named_in_words_never_gets_what_is_said_about_it(city: None) -> None:
    assert sent(Client(), about_words="固安镇说事站")[0] == 302
    assert (last().desk, last().walls) == ("131022-centre", ["unit:131022100-station"])


def test_an_office_chosen_from_the_list_is_the_same(city: None) -> None:
    page = Client().post("/say/", {"key": "", **HERE, "do": "hints"}).content.decode()
    assert '<option value="131022100-station">' in page
    assert sent(Client(), about="131022100-station")[0] == 302
    assert last().desk == "131022-centre"


def test_words_that_name_no_office_are_asked_again_and_nothing_is_sent(city: None) -> None:
    before = Case.objects.count()
    status, page = sent(Client(), about_words="那个单位")
    assert status == 422
    assert "没有认出是哪个单位" in page
    assert WORDS in page
    assert Case.objects.count() == before


def test_in_confidence_she_reads_her_own_words_and_a_photo_is_not_taken(city: None) -> None:
    browser = Client()
    assert sent(browser, confidential="on")[0] == 302
    case = last()
    assert (case.privacy, case.text) == ("confidential", "")
    assert WORDS in browser.get(f"/m/{case.code}/").content.decode()
    assert WORDS not in Client().get(f"/m/{case.code}/").content.decode()
    status, page = sent(Client(), confidential="on", photos=phone.picture())
    assert status == 422
    assert "照片会让人认出来" in page


def test_in_confidence_the_township_must_be_chosen(city: None) -> None:
    status, page = sent(Client(), confidential="on", place="")
    assert status == 422
    assert "保密的事请选一下" in page


def test_a_report_goes_sealed_to_the_discipline_post_and_she_follows_it(city: None) -> None:
    browser = Client()
    assert sent(browser, report="on")[0] == 302
    case = last()
    assert (case.procedure, case.desk, case.text) == ("report", "131022-discipline", "")
    page = browser.get(f"/m/{case.code}/").content.decode()
    assert WORDS in page
    assert "固安县纪委监委" in page


def test_the_four_small_pages_carry_what_was_ticked(city: None) -> None:
    ticked = {"key": "", **HERE, "from": "4", "confidential": "on", "report": "on", "about_words": "固安镇说事站"}
    page = Client().post("/say/steps/1/", ticked).content.decode()
    for name, value in (("confidential", "on"), ("report", "on"), ("about_words", "固安镇说事站")):
        assert f'type="hidden" name="{name}" value="{value}"' in page


def test_what_a_desk_passed_on_is_found_again_from_the_first_matter(people: dict[str, Any]) -> None:
    browser = Client()
    case, _secret = phone.said(browser, **HERE)
    assert act(case, "pass_on", by=actor(people["clerk"]))
    worker.settle()
    report = speakers.passed_to(Case.objects.get(id=case.id))
    assert report is not None
    page = browser.get(f"/m/{case.code}/").content.decode()
    assert f"/m/{report.code}/" in page
    assert WORDS in browser.get(f"/m/{report.code}/").content.decode()
    assert report.code not in Client().get(f"/m/{case.code}/").content.decode()
