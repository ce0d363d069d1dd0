"""The board of the community: at once, without a number, by message alone; one report hides what is about somebody; thirty days."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from minan.kernel import onetime_code, speakers, vault, worker
from minan.kernel.access import CLOCK, SPEAKER
from minan.kernel.act import Refused
from minan.kernel.models import Attachment, Body, Case, Event, Message
from minan.kernel.tests.desks import desk_of
from minan.kernel.tests.made_pictures import encoded, scene
from minan.lib import throttle
from minan.systems.bulletins.models import Shown
from minan.systems.bulletins.tests.cast import LI, LIU, MONDAY, PURSE, VILLAGE, go, later, post, tried

pytestmark = pytest.mark.django_db
PHONE = "13812345678"


@pytest.fixture(autouse=True)
def unhurried() -> None:
    throttle.forget()


def wang() -> Client:
    """王秀兰's phone, on which 朝阳社区 was chosen."""
    client = Client()
    client.post("/bulletins/place/", {"place": VILLAGE})
    return client


def sent(client: Client, **more: Any) -> Any:
    return client.post("/lost/new/", PURSE | {"phone": PHONE} | more)


def test_without_an_account_the_phone_is_shown_by_six_digits_and_then_it_is_on_the_board(city: None) -> None:
    phone = wang()
    page = sent(phone, text=f"捡到钱包，联系 {PHONE}")
    case = Case.objects.get(procedure="lost")
    assert (case.state, Shown.objects.count()) == ("unproven", 0)
    assert "［电话］" in case.text
    wrong = phone.post("/lost/prove/", {"proof": page.context["proof"], "code": "000000"})
    assert wrong.status_code == 422
    slip = vault.shown(page.context["given"])
    assert slip in page.content.decode()
    again = phone.post("/lost/prove/", {"proof": page.context["proof"], "code": "000001", "given": page.context["given"]})
    assert slip in again.content.decode(), "the code that is shown once is not lost by a wrong digit"
    code = onetime_code.of(case.id, Event.objects.get(case_id=case.id, step="ask_code").n)
    done = phone.post("/lost/prove/", {"proof": page.context["proof"], "code": code}, follow=True)
    assert done.redirect_chain[-1][0] == f"/lost/{case.code}/"
    board = wang().get("/lost/").content.decode()
    assert "捡到钱包" in board
    assert PHONE not in board + done.content.decode()
    assert PHONE not in str(Body.objects.filter(case_id=case.id).values_list("text"))
    assert Client().post("/lost/prove/", {"proof": "made-up", "code": code}).status_code == 404


def test_who_never_shows_the_phone_is_forgotten_after_a_day(city: None) -> None:
    sent(wang())
    case = Case.objects.get(procedure="lost")
    worker.settle(case.opened_at.replace(year=case.opened_at.year + 1))
    case.refresh_from_db()
    assert case.state == "lapsed"
    assert "phone" not in speakers.known(case, who="speaker", why="own")


def test_somebody_signed_in_and_somebody_at_the_desk_are_on_the_board_at_once(people: dict[str, Any]) -> None:
    resident = Client()
    resident.force_login(people["resident"])
    assert sent(resident, text="找猫，橘色的", sort="pet", phone="").status_code == 200
    assert sent(desk_of(LIU), text="有人交来一把伞", phone="").status_code == 200
    assert sorted(Shown.objects.values_list("body__text", flat=True)) == sorted(["找猫，橘色的", "有人交来一把伞"])


def test_without_account_and_phone_nothing_is_posted_and_nothing_typed_is_lost(city: None) -> None:
    page = sent(wang(), phone="", text="捡到一串钥匙")
    assert page.status_code == 422
    assert "捡到一串钥匙" in page.content.decode()
    assert not Case.objects.filter(procedure="lost").exists()


def test_five_posts_an_hour_are_enough(city: None) -> None:
    phone = wang()
    assert [sent(phone, text=f"第 {n} 件").status_code for n in range(6)] == [200] * 5 + [422]


def test_a_photo_keeps_nothing_of_the_phone_that_took_it_and_goes_with_the_post(people: dict[str, Any]) -> None:
    resident = Client()
    resident.force_login(people["resident"])
    photo = SimpleUploadedFile("cat.jpg", encoded(scene(3, (160, 120))) + b"GPS 39.43,116.29", "image/jpeg")
    assert sent(resident, photos=photo).status_code == 200
    row, kept = Shown.objects.get(), Attachment.objects.get()
    got = Client().get(f"/bulletins/picture/{row.case_id}/{kept.sha256}.jpg")
    assert got.status_code == 200
    assert b"GPS" not in b"".join(got)  # type: ignore[arg-type]
    case = Case.objects.get(id=row.case_id)
    go(case, "report", CLOCK, max(MONDAY, case.changed_at), why="person")
    assert Client().get(f"/bulletins/picture/{row.case_id}/{kept.sha256}.jpg").status_code == 404


def test_a_neighbour_writes_through_the_platform_and_reads_the_reply_on_the_same_phone_alone(city: None) -> None:
    case = post(timezone.now())
    neighbour = Client()
    neighbour.post(f"/lost/{case.code}/message/", {"words": f"是我的，打 {PHONE}"})
    case.refresh_from_db()
    assert [row["words"] for row in case.facts["talk"]] == ["是我的，打 ［电话］"]
    worker.settle(case.changed_at)
    assert Message.objects.filter(case_id=case.id).exists(), "who posted it is told"
    go(case, "reply", SPEAKER, case.changed_at, words="下午三点在说事点")
    assert "下午三点在说事点" in neighbour.get(f"/lost/{case.code}/").content.decode()
    assert "下午三点在说事点" not in Client().get(f"/lost/{case.code}/").content.decode()


@pytest.mark.parametrize(
    ("sort", "why", "state"), [("parcel", "other", "hidden"), ("found", "person", "hidden"), ("found", "ad", "posted")]
)
def test_one_report_hides_what_is_about_a_person_or_a_parcel(city: None, sort: str, why: str, state: str) -> None:
    case = post(timezone.now(), sort=sort)
    Client().post(f"/lost/{case.code}/report/", {"why": why})
    case.refresh_from_db()
    assert (case.state, Shown.objects.filter(case_id=case.id).count()) == (state, int(state == "posted"))
    assert case.desk == "131022100010-point"


def test_two_reports_hide_anything_and_the_desk_puts_back_or_removes_and_tells_why(people: dict[str, Any]) -> None:
    case = go(go(post(), "report", CLOCK, why="ad"), "report", CLOCK, why="ad")
    assert case.state == "hidden"
    case = go(case, "restore", LIU)
    assert (case.state, Shown.objects.filter(case_id=case.id).count()) == ("posted", 1)
    refused = tried(case, "report", CLOCK, why="ad")
    assert isinstance(refused, Refused), "what was looked at is not hidden by the same reason again"
    case = go(go(case, "report", CLOCK, why="person"), "remove", LI, words="照片里有快递单")
    assert (case.state, Shown.objects.count()) == ("ended", 0)
    worker.settle(later(minutes=1))
    assert Message.objects.filter(case_id=case.id).exists(), "who posted it is told"


def test_after_thirty_days_it_comes_off_and_after_thirty_more_the_number_is_gone(city: None) -> None:
    case = post()
    worker.settle(later(days=31))
    case.refresh_from_db()
    assert (case.state, Shown.objects.count()) == ("ended", 0)
    assert speakers.known(case, who="speaker", why="own")["phone"] == PHONE
    worker.settle(later(days=75))
    case.refresh_from_db()
    assert case.state == "forgotten"
    assert "phone" not in speakers.known(case, who="speaker", why="own")


def test_who_found_it_takes_it_down_and_their_number_goes_at_once(city: None) -> None:
    case = go(post(), "done_with", SPEAKER)
    assert (case.state, Shown.objects.count(), case.facts.get("talk")) == ("given_back", 0, None)
    assert "phone" not in speakers.known(case, who="speaker", why="own")
