"""王秀兰 cannot type: she says her matter aloud. What she recorded is kept through every error, and heard by nobody it is not for."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minan.channels.web import staging
from minan.channels.web.tests.phone import key_on, picture, said
from minan.kernel import access, attachments, sounds
from minan.kernel.act import act
from minan.kernel.models import Attachment, Case, Event
from minan.kernel.tests.desks import desk_of
from minan.lib.tests.test_audio import mp4, ogg, wav, webm

pytestmark = pytest.mark.django_db


def voice(data: bytes = b"", name: str = "voice") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data or webm(), "audio/webm")


def say_aloud(client: Client, **more: Any) -> Any:
    """She presses, speaks, and sends: nothing typed, no place chosen."""
    return client.post("/say/", {"key": key_on(client), "text": "", "voice": voice()} | more)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


@pytest.fixture
def case(wang: Client) -> Case:
    answer = say_aloud(wang)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    found: Case = wang.get(answer["Location"]).context["case"]
    return found


@pytest.mark.parametrize("data", [webm(), ogg(), mp4(), wav()], ids=["webm", "ogg", "mp4", "wav"])
def test_a_matter_is_opened_with_a_voice_and_nothing_typed(wang: Client, data: bytes) -> None:
    answer = say_aloud(wang, voice=voice(data))
    assert answer.status_code == 302
    page = wang.get(answer["Location"])
    assert "录音" in page.content.decode()
    case = page.context["case"]
    row = Attachment.objects.get(case_id=case.id)
    assert attachments.path_of(row.sha256).read_bytes() == data or row.mime in ("audio/mp4", "audio/wav")
    assert case.marks["unwritten"]
    told = wang.get(f"/m/{case.code}/")
    assert f"/m/{case.code}/photo/{row.id}" in told.content.decode()
    assert "工作人员听了会写成文字" in told.content.decode()


def test_neither_words_nor_voice_is_told_beside_the_words(wang: Client) -> None:
    answer = say_aloud(wang, voice="")
    assert answer.status_code == 422
    assert "写一句就行，或者用嘴说" in answer.content.decode()
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"MZ" + bytes(90), "这不是录音"), (b"<script>alert(1)</script>", "这不是录音"), (webm(b"\x01"), "这不是录音"),
        (b"#!AMR\n" + (b"\x3c" + bytes(31)) * 50, "放不出来"), (wav(125), "最长 120 秒"),
        (webm() + bytes(sounds.BYTES_MOST), "最多 4 兆"),
    ],
    ids=["program", "script", "film", "not played", "long", "large"],
)  # fmt: skip
def test_a_strange_file_is_refused_in_clear_words_and_nothing_else_is_lost(wang: Client, data: bytes, words: str) -> None:
    answer = say_aloud(wang, voice=voice(data), text="路灯不亮", photos=picture())
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "路灯不亮" in page
    assert "已经收好的照片" in page
    assert not Case.objects.exists()


def test_after_an_error_the_recording_is_still_there_and_goes_with_the_next_press(wang: Client) -> None:
    key = key_on(wang)
    refused = wang.post("/say/", {"key": key, "text": "", "voice": voice(), "phone": "1381234567"})
    assert refused.status_code == 422
    kept = refused.context["saying"].voice
    assert kept.token in refused.content.decode()
    heard = wang.get(kept.url, headers={"Range": "bytes=0-3"})
    assert (heard.status_code, heard.content, heard["Content-Type"]) == (206, webm()[:4], "audio/webm")
    assert wang.get(kept.url[:-5] + "xxxx/").status_code == 404
    sent = wang.post("/say/", {"key": key, "text": "", "voice_kept": kept.token, "phone": "13812345678"})
    assert sent.status_code == 302
    assert Attachment.objects.get().mime == "audio/webm"


def test_thrown_away_it_does_not_go(wang: Client) -> None:
    key = key_on(wang)
    wang.post("/say/", {"key": key, "text": "", "voice": voice(), "phone": "1381234567"})
    sent = wang.post("/say/", {"key": key, "text": "路灯不亮", "phone": "13812345678"})
    assert sent.status_code == 302
    assert not Attachment.objects.exists()


def test_pressed_twice_it_is_one_matter_and_another_recording_is_another(wang: Client) -> None:
    key = key_on(wang)
    first, second = (wang.post("/say/", {"key": key, "text": "", "voice": voice()}) for _ in range(2))
    assert first["Location"] == second["Location"]
    other = wang.post("/say/", {"key": key, "text": "", "voice": voice(webm(last=900))})
    assert other["Location"] != first["Location"]
    assert Attachment.objects.count() == 2


def test_who_wants_no_name_is_told_that_a_voice_gives_it_away(wang: Client) -> None:
    answer = say_aloud(wang, anonymous="on", text="有人乱倒垃圾")
    assert answer.status_code == 422
    assert "声音会让人听出您是谁" in answer.content.decode()
    assert not Case.objects.exists()


def test_four_small_screens_carry_it_along(wang: Client) -> None:
    key = key_on(wang, "/say/steps/1/")
    two = wang.post("/say/steps/2/", {"key": key, "from": "1", "text": "", "voice": voice()})
    assert two.status_code == 200
    token = two.context["saying"].voice.token
    four = wang.post("/say/steps/4/", {"key": key, "from": "3", "text": "", "voice_kept": token})
    assert "<audio" in four.content.decode()
    assert wang.post("/say/", {"key": key, "text": "", "voice_kept": token}).status_code == 302


def test_she_adds_aloud_on_the_page_of_her_matter(wang: Client) -> None:
    case, _secret = said(wang)
    page = wang.get(f"/m/{case.code}/add/")
    assert "microphone=(self)" in page["Permissions-Policy"]
    assert "capture" in page.content.decode()
    sent = wang.post(f"/m/{case.code}/add/", {"key": page.context["taking"].key, "moves": case.moves, "voice": voice()})
    assert sent.status_code == 302, sent.content.decode()[:2000]
    row = Attachment.objects.get(case_id=case.id)
    assert row.n == 2
    assert f"/m/{case.code}/photo/{row.id}" in wang.get(f"/m/{case.code}/").content.decode()
    empty = wang.post(f"/m/{case.code}/add/", {"key": key_on(wang), "moves": case.moves})
    assert "写几个字，或者说一段录音" in empty.content.decode()


def test_only_pages_with_a_recorder_may_ask_for_the_microphone(wang: Client, case: Case) -> None:
    for path in ("/say/", "/say/steps/1/", f"/m/{case.code}/add/"):
        assert "microphone=(self)" in wang.get(path)["Permissions-Policy"], path
    for path in ("/", "/m/", f"/m/{case.code}/", f"/m/{case.code}/withdraw/", "/mine/"):
        assert "microphone=()" in wang.get(path)["Permissions-Policy"], path


def test_without_javascript_a_file_input_does(wang: Client) -> None:
    page = wang.get("/say/").content.decode()
    assert 'type="file" id="id_voice" name="voice" accept="audio/*" capture' in page
    assert "onclick" not in page


def test_the_clerk_hears_it_where_photos_stand_and_a_handler_gets_the_same_404_as_a_stranger(
    wang: Client, other: Client, people: dict[str, Any]
) -> None:
    case, _secret = said(wang, text="", voice=voice())
    row, (clerk, handler, stranger) = Attachment.objects.get(), map(desk_of, ("clerk", "handler", "stranger"))
    mine, desk = f"/m/{case.code}/photo/{row.id}", f"/desk/{case.code}/photos/{row.id}/"
    heard = wang.get(mine)
    assert (body(heard), heard["Content-Type"], heard["Cache-Control"]) == (webm(), "audio/webm", "private, no-store")
    assert wang.get(mine, headers={"Range": "bytes=2-"}).status_code == 206
    assert wang.get(mine + "/thumb").status_code == 404, "there is no small one"
    pane = clerk.get(f"/desk/{case.code}/").content.decode()
    assert desk in pane
    assert "听一遍" in pane
    assert body(clerk.get(desk)) == webm()
    chen = access.actor(people["clerk"])
    for step, facts in (("write_down", {"words": "路灯不亮"}), ("accept", {}), ("assign", {"unit": "131022-lighting"})):
        assert isinstance(act(Case.objects.get(), step, by=chen, facts=facts), Event), step
    theirs = handler.get(f"/tasks/{case.code}/").content.decode()
    assert "路灯不亮" in theirs
    assert desk not in theirs, "who is complained about may be the lead (DOMAIN.md)"
    nothing = stranger.get(f"/desk/{case.code}/photos/{case.id}/")
    assert [one.status_code for one in (nothing, stranger.get(desk), handler.get(desk))] == [404, 404, 404]
    assert [client.get(mine).status_code for client in (stranger, other)] == [404, 404]


def test_she_takes_her_voice_along_with_all_the_rest(wang: Client, case: Case) -> None:
    page = wang.get(f"/m/{case.code}/rights/file.html")
    assert f"data:audio/webm;base64,{base64.b64encode(webm()).decode()}" in page.content.decode()
    assert "<audio controls" in page.content.decode()


@pytest.mark.parametrize("wish", ["anonymous", "confidential", "report"])
def test_the_voice_of_who_wants_not_to_be_known_waits_nowhere(wang: Client, wish: str) -> None:
    key = key_on(wang, "/say/steps/1/")
    waits = wang.post("/say/steps/2/", {"key": key, "from": "1", "text": "", "voice": voice()}).context["saying"].voice
    assert staging.held(waits.sha256)
    wang.post("/say/hints/", {"key": key, "text": "", "voice_kept": waits.token, wish: "on"}, headers={"HX-Request": "true"})
    assert staging.held(waits.sha256), "a tick alone throws nothing away"
    for sent in ({"voice_kept": waits.token}, {"voice": voice()}):
        answer = wang.post("/say/", {"key": key, "text": "有人乱收费", wish: "on"} | sent)
        assert answer.status_code == 422
        assert "声音会让人听出您是谁" in answer.content.decode()
        assert "voice_kept" not in answer.content.decode()
        assert staging.held(waits.sha256) is None
