"""王秀兰 cannot type: she says her matter aloud; 陈静 listens and writes it down, and nobody judges what nobody has put into words."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from minan.kernel import attachments, registry, retention, search, sheet, speakers, verify, worker
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Attachment, Body, Case, Event, Inbox
from minan.kernel.sounds import Recording
from minan.kernel.tests.desks import desk_of
from minan.systems.matters import spoken as spoken_rules
from minan.systems.matters.tests.test_life import MONDAY, VILLAGE, go

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def recorded(words: str = "我家门口的路灯不亮了", seconds: int = 37) -> Recording:
    """A recording as the one door takes it."""
    data = b"OggS" + words.encode()
    return Recording(data, "audio/ogg", seconds, hashlib.sha256(data).hexdigest())


def spoken(**more: Any) -> Case:
    facts = {"voice": recorded(), "place": VILLAGE, "phone": "13812345678"} | more.pop("facts", {})
    opened = open_case("matter", by=SPEAKER, facts=facts, at=MONDAY, **more)
    assert isinstance(opened, Opened), opened
    return opened.case


def test_a_matter_is_said_with_a_voice_and_nothing_typed_and_the_event_vouches_for_the_recording(people: dict[str, Any]) -> None:
    case, sound = spoken(), recorded()
    row = Attachment.objects.get(case_id=case.id)
    assert (row.n, row.mime, row.sha256, row.bytes, row.width, row.thumb) == (1, "audio/ogg", sound.sha256, len(sound.data), 0, "")
    assert attachments.path_of(sound.sha256).read_bytes() == sound.data
    assert not attachments.path_of(sound.sha256, thumb=True).exists()
    assert sound.sha256 in Body.objects.get(case_id=case.id, n=1).text
    assert (case.text, case.title) == ("", "［录音 37 秒］")
    assert case.marks["unwritten"] is True
    line = sheet.of(case, actor(people["clerk"]), MONDAY).lines[0]
    assert [(one.id, one.seconds) for one in line.voices] == [(row.id, 37)]
    assert line.pictures == []


def test_nothing_said_and_nothing_typed_is_no_matter(city: None) -> None:
    done = open_case("matter", by=SPEAKER, facts={"place": VILLAGE}, at=MONDAY)
    assert isinstance(done, Refused)
    assert "录音" in done.errors["text"].zh


def test_the_clerk_writes_it_down_before_anybody_judges_it(people: dict[str, Any]) -> None:
    case, clerk = spoken(), actor(people["clerk"])
    first = act(case, "accept", by=clerk, facts={"kind": "lamp.out"}, at=MONDAY + MINUTE)
    assert isinstance(first, Refused)
    assert "先听录音" in first.reason.zh
    settled = act(case, "settle", by=clerk, facts={"kind": "lamp.out", "outcome": "explained", "words": "讲清楚了"}, at=MONDAY + MINUTE)
    assert isinstance(settled, Refused)
    assert settled.rule == "written"
    event = go(case, "write_down", clerk, MONDAY + 2 * MINUTE, words="门口路灯不亮，摔了一跤。我电话13812345678。")
    assert event.by.startswith(f"{case.desk}:"), "it is known who heard it so"
    assert case.text.startswith("门口路灯不亮，摔了一跤。")
    assert "13812345678" not in case.text
    assert case.title == "门口路灯不亮，摔了一跤"
    assert "unwritten" not in case.marks
    assert case.facts["written"] is True
    go(case, "accept", clerk, MONDAY + 3 * MINUTE, kind="lamp.out")
    assert case.state == "accepted"
    assert {s.name for s in registry.procedures()["matter"].steps if spoken_rules.written in s.rules} == set(spoken_rules.JUDGING)
    again = act(case, "write_down", by=clerk, facts={"words": "再写一遍"}, at=MONDAY + 4 * MINUTE)
    assert isinstance(again, Refused)
    assert Attachment.objects.filter(case_id=case.id, n=1).exists(), "the recording stays as it was said"


@pytest.mark.parametrize("write", [False, True], ids=["heard only", "written down"])
def test_a_report_said_aloud_is_passed_on_sealed_with_its_recording(people: dict[str, Any], write: bool) -> None:
    case, clerk = spoken(), actor(people["clerk"])
    if write:
        go(case, "write_down", clerk, MONDAY + MINUTE, words="村会计拿了补贴")
    go(case, "pass_on", clerk, MONDAY + 2 * MINUTE)
    worker.settle(MONDAY + 3 * MINUTE)
    report = Case.objects.get(procedure="report", parent=case.id)
    known = speakers.known(report, who="speaker", why="own")
    assert known["say.text"] == ("村会计拿了补贴" if write else "［只有录音］")
    assert [row.mime for row in attachments.of(report, staff=True, roles=["desk"])] == ["audio/ogg"]
    assert attachments.of(Case.objects.get(id=case.id), staff=True, roles=["desk"]) == [], "nothing of it stays with the desk"


def test_what_was_written_down_is_found_by_search(people: dict[str, Any]) -> None:
    case = spoken()
    worker.settle(MONDAY + MINUTE)
    assert search.ids("井盖", [case.desk], [case.county]) == []
    go(case, "write_down", actor(people["clerk"]), MONDAY + MINUTE, words="粮站门口井盖没了")
    worker.settle(MONDAY + 2 * MINUTE)
    assert search.ids("井盖", [case.desk], [case.county]) == [case.id]


def test_more_is_added_aloud_and_written_down_in_turn(people: dict[str, Any]) -> None:
    case, clerk = spoken(), actor(people["clerk"])
    go(case, "add", SPEAKER, MONDAY + MINUTE, voice=recorded("还有一件"))
    assert case.facts["unwritten"] == [1, 2]
    line = sheet.of(case, clerk, MONDAY).lines[1]
    assert line.heard
    assert len(line.voices) == 1
    go(case, "write_down", clerk, MONDAY + 2 * MINUTE, words="路灯不亮")
    go(case, "write_down", clerk, MONDAY + 3 * MINUTE, words="还有井盖")
    assert case.text == "路灯不亮", "what was added is not laid over what was said"
    assert "unwritten" not in case.facts
    go(case, "add", SPEAKER, MONDAY + 4 * MINUTE, voice=recorded("又一件"), words="见录音")
    assert "unwritten" not in case.facts, "words of their own are enough"


def test_a_voice_tells_who_speaks_and_is_not_taken_where_nobody_may_know(city: None) -> None:
    said = {"text": "有人乱收费", "place": VILLAGE, "voice": recorded()}
    for more in ({"anonymous": True}, {"facts": {"confidential": "true"}}):
        done = open_case("matter", by=SPEAKER, at=MONDAY, **{"facts": said | more.pop("facts", {}), **more})  # type: ignore[arg-type]
        assert isinstance(done, Refused), more
        assert "声音会让人听出" in done.errors["voice"].zh
    report = open_case("report", by=SPEAKER, facts=said, at=MONDAY)
    assert isinstance(report, Refused)
    assert "voice" in report.errors, "never dropped in silence"
    assert not Attachment.objects.exists()
    nameless = open_case("matter", by=SPEAKER, facts={"text": "有人乱收费", "place": VILLAGE}, anonymous=True, at=MONDAY)
    assert isinstance(nameless, Opened)
    later = act(nameless.case, "add", by=SPEAKER, facts={"voice": recorded()}, at=MONDAY + timedelta(hours=1))
    assert isinstance(later, Refused)


def test_another_recording_in_its_place_is_told_by_verify(city: None) -> None:
    case = spoken()
    worker.settle(MONDAY + MINUTE)
    assert verify.check().wrong == 0
    attachments.path_of(recorded().sha256).write_bytes(b"OggS another voice")
    assert verify.check().wrong == 1
    Attachment.objects.filter(case_id=case.id).update(mime="audio/webm")
    assert verify.check().wrong == 2


def test_it_goes_on_its_day_with_the_words(people: dict[str, Any]) -> None:
    case, path = spoken(), attachments.path_of(recorded().sha256)
    go(case, "write_down", actor(people["clerk"]), MONDAY + MINUTE, words="路灯不亮")
    go(case, "withdraw", SPEAKER, MONDAY + 2 * MINUTE)
    worker.settle(MONDAY + 3 * MINUTE)
    assert path.exists()
    retention.daily(MONDAY + timedelta(days=1200))
    assert not path.exists()
    assert not Attachment.objects.filter(case_id=case.id).exists()
    assert verify.check().wrong == 0


def test_her_list_of_what_waits_says_that_a_recording_does(people: dict[str, Any]) -> None:
    case = spoken()
    assert Inbox.objects.filter(case_id=case.id, flags__contains=",unwritten,").exists()
    assert Event.objects.filter(case_id=case.id).count() == 1


def test_only_the_desk_hears_the_voice_and_who_handles_the_matter_reads_what_was_written(people: dict[str, Any]) -> None:
    """DOMAIN.md: never to the person complained about the speaker's voice, and the lead may be that one."""
    case, clerk, handler = spoken(), people["clerk"], people["handler"]
    go(case, "write_down", actor(clerk), MONDAY + MINUTE, words="门口路灯不亮")
    go(case, "accept", actor(clerk), MONDAY + 2 * MINUTE, kind="lamp.out")
    go(case, "assign", actor(clerk), MONDAY + 3 * MINUTE, unit=actor(handler).units[0])
    assert case.unit == actor(handler).units[0]
    assert len(sheet.of(case, actor(clerk), MONDAY + 4 * MINUTE).lines[0].voices) == 1
    theirs = sheet.of(case, actor(handler), MONDAY + 4 * MINUTE)
    assert "lead" in theirs.roles
    assert [line.voices for line in theirs.lines] == [[]] * len(theirs.lines)
    pk = Attachment.objects.get(case_id=case.id).id
    for page in (reverse("kernel:photo", args=[case.code, pk]), reverse("web:photo", args=[case.code, pk])):
        assert {name: desk_of(name).get(page).status_code for name in ("clerk", "handler", "supervisor")} == {
            "clerk": 200, "handler": 404, "supervisor": 404,
        }, page  # fmt: skip
    assert "门口路灯不亮" in desk_of("handler").get(f"/tasks/{case.code}/").content.decode()
    again = act(case, "add", by=SPEAKER, facts={"voice": recorded("还有")}, at=MONDAY + 5 * MINUTE)
    assert not isinstance(again, Refused)
    refused = act(case, "write_down", by=actor(handler), facts={"words": "还有"}, at=MONDAY + 6 * MINUTE)
    assert isinstance(refused, Refused)
