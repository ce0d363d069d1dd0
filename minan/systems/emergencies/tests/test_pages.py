"""The pages: nothing is there without a mode; with one, a household asks, talks and sends its voice; every look is an event."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from minan.kernel.models import Case, Event
from minan.systems.emergencies import menu
from minan.systems.emergencies.drill import recording
from minan.systems.emergencies.models import Voice
from minan.systems.emergencies.tests.cast import ADDRESS, CITY, DESK, PHONE, STRANGER, VILLAGE, WORDS, asked, declared

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _plain(settings: Any) -> Iterator[None]:
    settings.MFA_REQUIRED_FOR_STAFF = False
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def mode(people: dict[str, Any]) -> Case:
    return declared(people, timezone.now() - timedelta(hours=1))


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path, follow=True)
    assert answer.status_code == status, (path, answer.status_code)
    return str(answer.content.decode())


def household(**facts: Any) -> tuple[Client, Case]:
    """A household that asked on its phone, and opened its link."""
    client = Client()
    said = {
        "need": "medicine",
        "people": "2",
        "place": VILLAGE,
        "address": ADDRESS,
        "phone": PHONE,
        "words": WORDS,
        "key": "a" * 32,
    } | facts
    slip = client.post("/emergencies/ask/", said)
    assert slip.status_code == 200, slip.content.decode()[:3000]
    case = Case.objects.filter(procedure="home_help").latest("opened_at")
    secret = re.search(r"/m/\w{15}/#(\w{26})", slip.content.decode())
    assert secret
    assert client.post(f"/m/{case.code}/", {"secret": secret[1]}).status_code == 302
    return client, case


def sound(data: bytes | None = None, name: str = "note.wav") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, recording() if data is None else data, content_type="audio/wav")


def test_while_no_mode_is_on_there_are_no_pages(people: dict[str, Any]) -> None:
    for client in (Client(), signed_in(people["clerk"]), signed_in(people["resident"])):
        for path in ("/emergencies/", "/emergencies/ask/", "/emergencies/record/", "/emergencies/AAAAAAAAAAAAAAA/"):
            answer = client.get(path)
            assert answer.status_code in (302, 404), path
            assert answer.status_code == 404 or "/login" in answer["Location"]
        assert "/emergencies/" not in page(client, "/")
    assert Client().post("/emergencies/ask/", {"need": "food"}).status_code == 404


def test_everybody_reads_since_when_until_when_and_who_decided(mode: Case) -> None:
    text = page(Client(), "/emergencies/")
    for word in (
        "固安镇",
        "固政告〔2026〕9号",
        "固安县群众服务中心提出，廊坊市群众服务中心决定",
        "少于 5 件",
        "续过几次",
    ):
        assert word in text, word
    assert "/emergencies/" in page(Client(), "/")
    assert page(Client(), "/emergencies/record/")
    for n in range(5):
        asked(timezone.now(), phone=f"1380000000{n}")
    assert "<dd>5</dd>" in page(Client(), "/emergencies/")
    assert ADDRESS not in page(Client(), "/emergencies/record/")


def test_a_household_asks_and_talks_without_an_account(mode: Case, people: dict[str, Any]) -> None:
    client, case = household()
    text = page(client, f"/emergencies/{case.code}/")
    assert ADDRESS in text
    assert WORDS in text
    assert (
        client.post(f"/emergencies/{case.code}/say/", {"words": "门铃坏了，请打电话", "key": "b" * 32}).status_code
        == 302
    )
    assert "门铃坏了" in page(client, f"/emergencies/{case.code}/")
    empty = client.post(f"/emergencies/{case.code}/say/", {"words": " ", "key": "c" * 32})
    assert empty.status_code == 422
    assert "写几个字，或者录一段" in empty.content.decode()


def test_what_is_wrong_is_told_and_nothing_typed_is_lost(mode: Case) -> None:
    answer = Client().post(
        "/emergencies/ask/", {"need": "food", "people": "2", "words": WORDS, "address": ADDRESS, "key": "d" * 32}
    )
    assert answer.status_code == 422
    assert WORDS in answer.content.decode()
    found = Client().post(
        "/emergencies/ask/",
        {"need": "food", "people": "2", "words": WORDS, "find": "朝阳社区", "look": "1", "key": "e" * 32},
    )
    assert f'value="{VILLAGE}"' in found.content.decode()
    assert not Case.objects.filter(procedure="home_help").exists()


def test_the_desk_reads_only_after_opening_and_the_household_sees_that(mode: Case, people: dict[str, Any]) -> None:
    client, case = household()
    desk, path = signed_in(people[DESK]), f"/emergencies/{case.code}/"
    before = page(desk, path)
    assert ADDRESS not in before
    assert WORDS not in before
    assert desk.post(f"{path}open_it/").status_code == 302
    after = page(desk, path)
    assert ADDRESS in after
    assert WORDS in after
    assert f"tel:{PHONE}" in after
    assert "打开看了" in page(client, path)
    assert page(desk, f"/desk/{case.code}/"), "it stands in the village's inbox"
    for who in (STRANGER, CITY, "supervisor", "handler"):
        assert signed_in(people[who]).get(path).status_code == 404, who
    assert Client().get(path).status_code == 302
    assert signed_in(people["resident"]).get(path).status_code == 404


def test_a_voice_note_is_shut_played_once_pressed_and_each_time_an_event(mode: Case, people: dict[str, Any]) -> None:
    client, case = household()
    path = f"/emergencies/{case.code}/"
    assert client.post(f"{path}say/", {"words": "", "voice": sound(), "key": "f" * 32}).status_code == 302
    note = Voice.objects.get(case_id=case.id)
    assert b"CANARY" not in bytes(note.shut)
    assert (note.mime, note.seconds) == ("audio/wav", 2)
    own = client.get(f"{path}voice/{note.n}/")
    assert b"CANARYINTHEVOICE" in own.content
    assert own["Content-Type"] == "audio/wav"
    part = client.get(f"{path}voice/{note.n}/", headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content, part["Content-Range"].split("/")[0]) == (206, b"RIFF", "bytes 0-3")
    desk = signed_in(people[DESK])
    assert desk.get(f"{path}voice/{note.n}/").status_code == 404
    desk.post(f"{path}open_it/")
    assert desk.get(f"{path}voice/{note.n}/").status_code == 404, "opening the case is not listening"
    assert desk.post(f"{path}listen/", {"n": note.n}).status_code == 302
    assert desk.get(f"{path}voice/{note.n}/").content == own.content
    desk.post(f"{path}listen/", {"n": note.n})
    assert Event.objects.filter(case_id=case.id, step="listen").count() == 2
    assert page(client, path).count("听了录音") == 2
    answered = desk.post(f"{path}reply/", {"words": "听到了", "voice": sound(), "key": "9" * 32})
    assert answered.status_code == 302
    assert signed_in(people[STRANGER]).get(f"{path}voice/{note.n}/").status_code == 404


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<script>alert(1)</script>", "这不是录音"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 90, "这不是录音"),
        (b"RIFF" + b"0" * (1 << 20), "最多 1 兆"),
    ],
    ids=["script", "picture", "too large"],
)
def test_a_file_that_is_no_recording_is_refused_with_every_word_kept(mode: Case, data: bytes, words: str) -> None:
    client, case = household()
    answer = client.post(
        f"/emergencies/{case.code}/say/", {"words": "先写着", "voice": sound(data, "note.webm"), "key": "1" * 32}
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "先写着" in answer.content.decode()
    assert not Voice.objects.exists()


def test_a_long_recording_is_refused(mode: Case) -> None:
    client, case = household()
    seconds = recording()[:40] + (8000 * 70).to_bytes(4, "little") + b"\x80" * (8000 * 70)
    answer = client.post(f"/emergencies/{case.code}/say/", {"voice": sound(seconds), "key": "2" * 32})
    assert "录音最长 60 秒" in answer.content.decode()


def test_the_microphone_may_be_used_on_this_page_alone(mode: Case) -> None:
    client, case = household()
    assert "microphone=(self)" in client.get(f"/emergencies/{case.code}/")["Permissions-Policy"]
    for path in ("/", "/emergencies/", "/emergencies/ask/", "/mine/"):
        assert "microphone=()" in client.get(path)["Permissions-Policy"], path


def test_the_heads_put_it_forward_and_see_what_runs(mode: Case, people: dict[str, Any]) -> None:
    county = signed_in(people["supervisor"])
    assert mode.title in page(county, "/emergencies/propose/")
    said = {
        "place": "131022101000",
        "law": "disease",
        "document": "固政告〔2026〕10号",
        "words": "宫村镇也有",
        "returns": "",
        "key": "3" * 32,
    }
    assert county.post("/emergencies/propose/", said).status_code == 302
    fresh = Case.objects.get(procedure="emergency_mode", state="mode_asked")
    assert "决定实行 14 天" in page(signed_in(people[CITY]), f"/desk/{fresh.code}/")
    again = county.post("/emergencies/propose/", said | {"key": "4" * 32})
    assert again.status_code == 422
    assert "固政告〔2026〕10号" in again.content.decode()
    assert signed_in(people["clerk"]).get("/emergencies/propose/").status_code == 404
    assert signed_in(people[CITY]).post("/emergencies/propose/", said).status_code == 404


def test_a_clerk_takes_it_down_for_who_calls(mode: Case, people: dict[str, Any]) -> None:
    desk = signed_in(people[DESK])
    said = {
        "need": "food",
        "people": "1",
        "place": VILLAGE,
        "address": ADDRESS,
        "phone": PHONE,
        "words": "",
        "key": "5" * 32,
    }
    assert "bigcode" in desk.post("/emergencies/ask/", said).content.decode()
    assert Event.objects.get(step="register").by == "131022100010-point:clerk"


def test_every_page_costs_twelve_queries_at_most_and_reads_in_english(mode: Case, people: dict[str, Any]) -> None:
    client, case = household()
    desk = signed_in(people[DESK])
    desk.post(f"/emergencies/{case.code}/open_it/")
    for n in range(3):
        client.post(f"/emergencies/{case.code}/say/", {"words": f"第{n}句", "voice": sound(), "key": str(n) * 32})
    asked_ = [
        (Client(), "/"),
        (Client(), "/emergencies/"),
        (Client(), "/emergencies/record/"),
        (client, "/emergencies/ask/"),
        (client, f"/emergencies/{case.code}/"),
        (desk, f"/emergencies/{case.code}/"),
        (signed_in(people["supervisor"]), "/emergencies/propose/"),
    ]
    for who, path in asked_:
        who.get(path)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert who.get(path).status_code == 200
        assert len(seen) <= 12, (path, len(seen))
        text = who.get(path, headers={"accept-language": "en"}).content.decode()
        body = re.sub(r"<(script|style)[\s\S]*?</\1>", "", text)
        assert not re.search(r">[^<]*(在家求助|登记|谁打开过|说过的话|健康应急的记录)[^<]*<", body), path


DOOR = 'href="/emergencies/"'


def test_the_home_page_asks_once_for_all_who_come_within_seconds(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(menu, "KEPT_SECONDS", 3600.0)
    assert DOOR not in page(Client(), "/")
    with CaptureQueriesContext(connection) as seen:
        assert DOOR not in page(Client(), "/")
    assert [row["sql"] for row in seen if "kernel_" in row["sql"]] == [], "nothing of the records is asked"
    declared(people, timezone.now() - timedelta(hours=1))
    assert DOOR not in page(Client(), "/"), "what was asked just now still stands"
    monkeypatch.setitem(menu._kept, "until", 0.0)  # the seconds are over
    assert DOOR in page(Client(), "/")
    monkeypatch.setattr(menu, "KEPT_SECONDS", 0.0)
    with CaptureQueriesContext(connection) as seen:
        monkeypatch.setitem(menu._kept, "until", 0.0)
        page(Client(), "/")
    assert len([row for row in seen if "emergency_mode" in row["sql"]]) == 1, "and who asks, asks in one query"
