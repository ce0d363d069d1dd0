"""王秀兰 says a matter: one press, one matter; nothing she typed or chose is ever lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minan.channels.web import address
from minan.channels.web.tests.phone import LAMP, VILLAGE, key_on, picture, said, say
from minan.kernel import registry, speakers
from minan.kernel.models import Attachment, Case

pytestmark = pytest.mark.django_db


def test_wang_xiulan_says_a_lamp_is_broken_and_gets_her_code_and_secret(wang: Client) -> None:
    case, secret = said(wang, photos=picture(), phone="13812345678", name="王秀兰", visit="on")
    assert case.place == VILLAGE
    assert case.kind == "lamp.out"
    assert case.channel == "web"
    assert case.marks == {"visit": "asked", "unasked": 1}
    assert "13812345678" not in case.text
    assert speakers.known(case, who="speaker", why="own")["phone"] == "13812345678"
    assert speakers.enter(case.code, secret) == case
    assert Attachment.objects.filter(case_id=case.id).count() == 1


def test_the_secret_stands_in_no_address_and_not_in_her_session(wang: Client) -> None:
    answer = say(wang)
    secret = wang.get(answer["Location"]).context["secret"]
    assert secret.lower() not in answer["Location"].lower()
    assert secret not in str(dict(wang.session))


def test_a_stranger_who_opens_the_receipt_is_led_to_the_codes_page(wang: Client, other: Client) -> None:
    case, _secret = said(wang)
    answer = other.get(f"/m/{case.code}/receipt/")
    assert answer.status_code == 302
    assert answer["Location"] == f"/m/{case.code}/"


def test_the_receipt_shows_words_hash_and_by_when_and_keeps_the_secret_behind_the_hash_sign(
    wang: Client, django_assert_max_num_queries: Any
) -> None:
    answer = say(wang, photos=picture())
    with django_assert_max_num_queries(12):
        page = wang.get(answer["Location"])
    text, case, secret = page.content.decode(), page.context["case"], page.context["secret"]
    assert "我母亲摔了一下" in text
    assert case.head in text
    assert "固安镇说事站" in text
    assert page.context["qr"].endswith(f"/m/{case.code}/#{secret}")
    assert page["Cache-Control"] == "private, no-store"


def test_pressing_twice_opens_one_matter_and_both_presses_give_the_same_secret(wang: Client, other: Client) -> None:
    key = key_on(wang)
    first = wang.post("/say/", {"key": key, "text": LAMP, "place": VILLAGE})
    again = other.post("/say/", {"key": key, "text": LAMP, "place": VILLAGE})
    assert Case.objects.count() == 1
    one, two = wang.get(first["Location"]), other.get(again["Location"])
    assert one.context["secret"] == two.context["secret"] != ""


def test_going_back_and_changing_the_words_opens_another_matter(wang: Client) -> None:
    key = key_on(wang)
    wang.post("/say/", {"key": key, "text": LAMP, "place": VILLAGE})
    wang.post("/say/", {"key": key, "text": "还有一件：井盖松了。", "place": VILLAGE})
    assert Case.objects.count() == 2


def test_a_made_up_key_is_replaced(wang: Client) -> None:
    wang.post("/say/", {"key": "guessed", "text": LAMP})
    wang.post("/say/", {"key": "guessed", "text": LAMP})
    assert Case.objects.count() == 2


def test_a_wrong_photo_is_named_and_everything_else_stays(wang: Client) -> None:
    bad = SimpleUploadedFile("letter.jpg", b"not a picture", "image/jpeg")
    page = wang.post(
        "/say/",
        {
            "key": key_on(wang),
            "text": LAMP,
            "place": VILLAGE,
            "kind": "lamp.out",
            "phone": "13812345678",
            "photos": [picture(), bad],
        },
    )
    text = page.content.decode()
    assert page.status_code == 422
    assert "letter.jpg" in text
    assert "这不是能用的照片" in text
    assert LAMP in text
    assert "13812345678" in text
    assert "固安县固安镇" in text
    (kept,) = page.context["saying"].photos
    shown = wang.get(f"/say/photo/{kept.token}/")
    assert shown.status_code == 200
    assert shown["Content-Type"] == "image/jpeg"
    case, _secret = said(wang, kept=kept.token)
    assert Attachment.objects.get(case_id=case.id).sha256 == kept.sha256


def test_a_photo_that_waits_is_not_there_for_who_has_no_token(other: Client) -> None:
    assert other.get("/say/photo/abc:def/").status_code == 404


def test_the_error_about_a_photo_is_in_english_for_an_english_reader(wang: Client) -> None:
    wang.cookies["django_language"] = "en"
    bad = SimpleUploadedFile("x.jpg", b"nothing", "image/jpeg")
    page = wang.post("/say/", {"key": key_on(wang), "text": LAMP, "photos": bad}).content.decode()
    assert "这不是能用的照片" not in page
    assert "JPG" in page


def test_saying_nothing_and_a_short_phone_number_are_told_in_words(wang: Client) -> None:
    empty = wang.post("/say/", {"key": key_on(wang), "text": " ", "place_words": "东门外"})
    assert empty.status_code == 422
    assert "写一句就行" in empty.content.decode()
    assert "东门外" in empty.content.decode()
    short = wang.post("/say/", {"key": key_on(wang), "text": LAMP, "phone": "1381234567"})
    assert "少了 1 位" in short.content.decode()
    assert LAMP in short.content.decode()
    assert not Case.objects.exists()


def test_a_fire_brings_the_telephone_to_the_front_and_the_matter_is_taken_all_the_same(wang: Client) -> None:
    page = wang.post("/say/", {"key": key_on(wang), "text": "楼道着火了，有人受伤", "do": "hints"}).content.decode()
    assert page.index('href="tel:119"') < page.index('id="photo"')
    answer = say(wang, text="楼道着火了，有人受伤")
    assert answer.status_code == 302
    receipt = wang.get(answer["Location"]).content.decode()
    assert receipt.index('href="tel:119"') < receipt.index("说事回执")
    assert 'href="tel:120"' in receipt


def test_a_broken_lamp_alarms_nobody(wang: Client) -> None:
    assert say(wang).status_code == 302
    page = wang.post("/say/hints/", {"text": LAMP})
    assert "tel:" not in page.content.decode()


def test_the_kind_is_proposed_from_her_words_and_says_why(wang: Client) -> None:
    page = wang.post("/say/", {"key": key_on(wang), "text": LAMP, "do": "hints"})
    first = page.context["saying"].guesses[0]
    assert first.kind.code == "lamp.out"
    assert "“路灯”" in page.content.decode()
    assert page.status_code == 200
    assert not Case.objects.exists()


def test_the_questions_of_a_chosen_kind_are_asked_and_kept_with_the_matter(wang: Client) -> None:
    page = wang.post("/say/hints/", {"text": LAMP, "kind": "lamp.out"}).content.decode()
    assert "有几盏灯不亮" in page
    assert "灯杆编号" not in page  # asked only where one lamp is out
    one = wang.post("/say/hints/", {"text": LAMP, "kind": "lamp.out", "q_how_many": "one"}).content.decode()
    assert "灯杆编号" in one
    case, _secret = said(wang, q_how_many="some", q_nonsense="x")
    assert case.facts["answers"] == {"how_many": "some"}


def test_twenty_in_a_row_from_one_address_are_enough_and_the_next_loses_nothing(
    wang: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(address.LIMITS, "say", (600, 2))
    assert [say(wang).status_code for _ in range(2)] == [302, 302]
    page = say(wang, text="第三件：井盖松了。", photos=picture())
    assert page.status_code == 429
    assert "第三件：井盖松了。" in page.content.decode()
    assert len(page.context["saying"].photos) == 1
    assert Case.objects.count() == 2


def test_a_signed_in_resident_finds_it_under_her_account(wang: Client, other: Client, people: dict[str, Any]) -> None:
    wang.force_login(people["resident"])
    case, _secret = said(wang)
    other.force_login(people["resident"])
    assert case.title in other.get("/mine/").content.decode()
    assert other.get(f"/m/{case.code}/").context["words"] == LAMP


def test_the_page_costs_few_queries(wang: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12):
        assert wang.get("/say/").status_code == 200


def test_without_the_folder_of_matters_the_page_says_so(wang: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "get", lambda name: None)
    page = wang.get("/say/")
    assert page.status_code == 503
    assert "这里暂时不收事" in page.content.decode()
    assert wang.get("/say/steps/1/").status_code == 503
