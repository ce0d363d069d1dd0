"""Somebody says a matter without a name: six words are theirs alone, and nothing on our side leads from the matter to them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from minan.channels.web import entered
from minan.channels.web.tests.phone import LAMP, VILLAGE, key_on, picture, say
from minan.kernel import codewords, speakers
from minan.kernel.models import Body, Case, Event, Session, Speaker, User
from minan.lib import codes

pytestmark = pytest.mark.django_db
NUMBER = re.compile(r'<li><b>([^<]{2})</b> <span class="small quiet">(\d{4})</span></li>')


def nameless(browser: Client, **more: Any) -> tuple[Case, list[str]]:
    """The matter, and the six words on the page after it."""
    answer = say(browser, anonymous="on", name="王秀兰", phone="13812345678", visit="on", **more)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    page = browser.get(answer["Location"]).content.decode()
    return Case.objects.latest("id"), [word for word, _ in NUMBER.findall(page)]


def test_she_gets_six_words_and_no_name_number_or_wish_for_a_call_is_kept(wang: Client) -> None:
    case, words = nameless(wang)
    assert len(words) == 6
    assert case.anonymous
    assert case.marks == {"unasked": 1}
    assert speakers.known(case, who="speaker", why="own").keys() <= {"say.text"}
    row = Speaker.objects.get(case_id=case.id)
    assert (row.owner, row.phone, row.capability, row.issued) == ("", False, "", "server")


def test_with_the_words_written_down_she_comes_back_on_any_phone(wang: Client, other: Client) -> None:
    case, words = nameless(wang)
    assert other.get(f"/m/{case.code}/").context["status"]
    for typed in (" ".join(words), "".join(words), "，".join(words)):
        again = Client()
        assert again.post("/m/", {"code": case.code, "secret": typed}).status_code == 302, typed
        assert again.get(f"/m/{case.code}/").context["words"] == LAMP
    numbers = [n for _, n in codewords.groups(codewords.read("".join(words)))]
    assert other.post("/m/", {"code": case.code, "secret": "-".join(numbers)}).status_code == 302
    wrong = Client().post("/m/", {"code": case.code, "secret": " ".join(reversed(words))})
    nobody = Client().post("/m/", {"code": codes.new(case.code[:2]), "secret": " ".join(words)})
    assert wrong.status_code == nobody.status_code == 404


def test_a_second_press_of_the_same_form_shows_the_same_words(wang: Client) -> None:
    key = key_on(wang)
    first, second = (nameless(wang, key=key) for _ in range(2))
    assert first == second
    assert Case.objects.filter(anonymous=True).count() == 1


def test_the_words_are_kept_as_a_salted_slow_verifier_only(wang: Client) -> None:
    case, words = nameless(wang)
    row = Speaker.objects.get(case_id=case.id)
    assert row.secret.startswith("scrypt$16384$8$1$")
    body = Body.objects.get(case_id=case.id, n=1).text
    assert row.secret in body
    digits = codewords.read("".join(words))
    assert not any(word in body for word in (digits, "".join(words), " ".join(words)))
    assert codewords.verifier(digits) != codewords.verifier(digits), "every verifier has its own salt"


def test_the_codeword_judges_and_counts_as_issued(wang: Client) -> None:
    case, words = nameless(wang)
    assert speakers.cast(case, " ".join(words)) == "issued"
    assert speakers.cast(case, " ".join(reversed(words))) == "seen"


def test_only_a_cookie_of_this_one_page_remembers_it_for_an_hour(wang: Client) -> None:
    case, _ = nameless(wang)
    cookie = wang.cookies[entered.HERE]
    assert (cookie["path"], cookie["max-age"], cookie["httponly"]) == (f"/m/{case.code}/", 3600, True)
    assert "sessionid" not in wang.cookies
    assert not Session.objects.exists()
    assert case.code not in wang.get("/mine/").content.decode()


def test_the_cookie_of_one_matter_opens_no_other(wang: Client) -> None:
    first, _ = nameless(wang)
    held = wang.cookies[entered.HERE].value
    second, _ = nameless(wang, text="另一件事，楼道堆着杂物")
    thief = Client()
    thief.cookies[entered.HERE] = held
    assert LAMP in thief.get(f"/m/{first.code}/").content.decode()
    assert "楼道堆着杂物" not in thief.get(f"/m/{second.code}/").content.decode()


def test_signed_in_she_leaves_no_trace_of_her_account(wang: Client) -> None:
    me = User.objects.get(username="resident")
    wang.force_login(me)
    wang.get("/mine/")  # signed in since a while
    before = Session.objects.values_list("session_data", "expire_date").get()
    case, _ = nameless(wang)
    assert not speakers.owns(me, case)
    assert case not in speakers.own(me)
    assert Session.objects.values_list("session_data", "expire_date").get() == before
    assert Event.objects.get(case_id=case.id).by == "resident"


def test_her_page_forgets_on_a_borrowed_phone(wang: Client) -> None:
    case, _ = nameless(wang)
    wang.post(f"/m/{case.code}/forget/")
    assert LAMP not in wang.get(f"/m/{case.code}/").content.decode()


def test_she_adds_a_word_and_a_photo_with_her_words(wang: Client) -> None:
    case, _ = nameless(wang, photos=[picture()])
    page = wang.get(f"/m/{case.code}/add/")
    assert "data-nodraft" in page.content.decode()
    key = page.context["taking"].key
    done = wang.post(f"/m/{case.code}/add/", {"key": key, "moves": 0, "words": "楼道也黑", "photos": [picture("b.jpg", "red")]})
    assert done.status_code == 302
    assert Case.objects.get(id=case.id).place == VILLAGE
    assert all(e.at.minute == e.at.second == e.at.microsecond == 0 for e in Event.objects.filter(case_id=case.id))


def test_by_four_small_pages_without_scripts_too(wang: Client) -> None:
    page = wang.get("/say/steps/")
    key = page.context["saying"].key
    last = wang.post("/say/steps/4/", {"key": key, "from": "3", "text": LAMP, "place": VILLAGE}).content.decode()
    assert 'name="anonymous"' in last
    back = wang.post("/say/steps/3/", {"key": key, "from": "4", "text": LAMP, "place": VILLAGE, "anonymous": "on"}).content.decode()
    assert '<input type="hidden" name="anonymous" value="on">' in back
    _, words = nameless(wang, key=key)
    assert len(words) == 6


def test_the_list_has_2048_words_no_two_alike_and_six_of_them_are_66_bits() -> None:
    words = codewords.words()
    assert len(words) == len(set(words)) == 2**codewords.BITS
    assert all(len(word) == codewords.LETTERS for word in words)
    assert codewords.COUNT * codewords.BITS >= 64
    made = codewords.of(b"\x00" * 16)
    assert codewords.groups(made) == [(words[0], "0001")] * 6
    assert codewords.read("0000" * 6) == codewords.read("2049" * 6) == codewords.read("一二三") == ""
