"""What a phone sends is taken once, told in full where it is not, and never lies about when."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from minan.channels.field.tests.conftest import Phone
from minan.kernel.access import actor
from minan.kernel.act import act
from minan.kernel.models import Attachment, Body, Case, Clock, Event, Reply

pytestmark = [pytest.mark.django_db, pytest.mark.bar("S4")]


def picture(colour: str = "#345") -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(held, "JPEG")
    return held.getvalue()


def settle(phone: Phone, case: Any) -> Any:
    facts = {"outcome": "solved", "words": "换了灯泡，亮了", "kind": "lamp.out", "place": case.place}
    return phone.step(case.code, "settle", facts, photos=(picture(),), moves=case.moves)


def test_what_he_did_in_the_village_is_taken_when_he_is_back(worker: Phone, lamp: Any) -> None:
    got = settle(worker, lamp)
    assert (got.status_code, got.json()["state"]) == (200, "answered"), got.content.decode()
    assert Attachment.objects.filter(case_id=lamp.id).count() == 1


def test_the_same_record_twice_is_one_event_and_the_same_answer(worker: Phone, lamp: Any) -> None:
    first = worker.step(lamp.code, "note", {"words": "看过了"}, key="k1", photos=(picture(),))
    again = worker.step(lamp.code, "note", {"words": "看过了"}, key="k1", photos=(picture(),))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.headers["X-Record"] == "k1", "the phone knows its own answer by its key"
    assert Event.objects.filter(case_id=lamp.id, step="note").count() == 1


def test_killed_between_commit_and_answer_the_same_key_finds_the_same_event(worker: Phone, lamp: Any) -> None:
    worker.step(lamp.code, "note", {"words": "看过了"}, key="k1")
    found = worker.find("路口有个坑", key="k2", facts={"kind": "road.hole"})
    Reply.objects.all().delete()  # the answers were never written down
    assert worker.step(lamp.code, "note", {"words": "看过了"}, key="k1").status_code == 200
    assert worker.find("路口有个坑", key="k2", facts={"kind": "road.hole"}).json()["code"] == found.json()["code"]
    assert Event.objects.filter(case_id=lamp.id, step="note").count() == 1
    assert Case.objects.filter(title__contains="坑").count() == 1


def test_a_key_used_for_something_else_is_refused(worker: Phone, lamp: Any) -> None:
    worker.step(lamp.code, "note", {"words": "一"}, key="k1")
    other = worker.step(lamp.code, "note", {"words": "二"}, key="k1")
    assert (other.status_code, other.json()["rule"]) == (422, "idempotency")


def test_a_photo_torn_on_the_way_is_sent_again_with_the_same_key(worker: Phone, lamp: Any) -> None:
    whole, marks = picture(), []
    torn = worker.step(lamp.code, "note", {"words": "x"}, key="k1", photos=(whole[:200],), told=["0" * 64])
    assert torn.status_code == 400
    assert Event.objects.filter(case_id=lamp.id, step="note").count() == 0
    assert worker.step(lamp.code, "note", {"words": "x"}, key="k1", photos=(whole,)).status_code == 200
    assert not marks


@pytest.mark.parametrize("body", ["", "[]", "{", '{"facts": 1}', "null"])
def test_what_cannot_be_read_changes_nothing(worker: Phone, lamp: Any, body: str) -> None:
    got = worker.client.post("/field/records/", {"body": body}, headers=worker.headers(**{"Idempotency-Key": "k"}))
    assert got.status_code == 400
    assert Event.objects.filter(case_id=lamp.id).count() == 1


def test_somebody_was_faster_is_told_and_nothing_overwritten(worker: Phone, lamp: Any, people: dict[str, Any]) -> None:
    act(Case.objects.get(id=lamp.id), "accept", by=actor(people["worker"]), facts={"kind": "lamp.out"})
    late = settle(worker, lamp)
    assert late.status_code == 409
    assert late.json()["reason"].startswith("有人比您快一步")
    assert Case.objects.get(id=lamp.id).state == "accepted"


def test_a_rule_that_refuses_says_which_and_why(worker: Phone, lamp: Any) -> None:
    facts = {"outcome": "solved", "words": "好了", "kind": "lamp.out", "place": lamp.place}
    got = worker.step(lamp.code, "settle", facts, moves=lamp.moves)  # no photo, though a lamp needs one
    assert got.status_code == 422
    assert got.json()["reason"] or got.json()["errors"]
    assert worker.step(lamp.code, "note", {}).json()["errors"] == {"words": "这一项要填"}


def test_what_needs_the_network_does_not_wait_in_a_phone(worker: Phone, lamp: Any) -> None:
    got = worker.step(lamp.code, "danger", {"to": "police", "words": "有人受伤"})
    assert (got.status_code, got.json()["rule"]) == (422, "online")


def test_a_matter_of_others_is_not_there(worker: Phone, people: dict[str, Any], lamp: Any) -> None:
    stranger = Phone(people["stranger"])
    got, none = stranger.step(lamp.code, "note", {"words": "x"}), stranger.step("GA" + "0" * 13, "note", {"words": "x"})
    assert (got.status_code, got.content) == (none.status_code, none.content) == (404, none.content)
    assert stranger.get(f"cases/{lamp.code}/").status_code == 404


def test_when_it_was_done_stands_beside_our_time_and_no_clock_goes_by_it(worker: Phone, lamp: Any) -> None:
    done = timezone.now() - timedelta(hours=20)
    worker.step(
        lamp.code, "accept", {"kind": "lamp.out", "place": lamp.place}, moves=lamp.moves, done_at=done.isoformat()
    )
    event = Event.objects.get(case_id=lamp.id, step="accept")
    assert timezone.now() - event.at < timedelta(minutes=1)
    assert Clock.objects.get(case_id=lamp.id, name="assign").started_at == event.at
    assert done.isoformat(timespec="seconds") in Body.objects.get(case_id=lamp.id, n=event.n).text
    lines = worker.get(f"cases/{lamp.code}/").json()["lines"]
    assert any("手机上记的时间" in line["by"] for line in lines)


@pytest.mark.parametrize(
    "said", ["yesterday", "2020-01-01T00:00:00+08:00", "2099-01-01T00:00:00+08:00", "2026-11-29T10:00:00", 5]
)
def test_a_phone_whose_clock_cannot_be_right_is_not_believed(worker: Phone, lamp: Any, said: Any) -> None:
    assert worker.step(lamp.code, "note", {"words": "x"}, done_at=said).status_code == 200
    assert "done_at" not in Body.objects.get(case_id=lamp.id, n=2).text


def test_a_finding_carries_the_point_he_pressed_for_and_no_other(worker: Phone) -> None:
    there = worker.find("路灯不亮", where=[116.3012345, 39.4401234]).json()["code"]
    bare = worker.find("路灯又不亮").json()["code"]
    odd = worker.find("第三盏路灯", where=[916, "x"]).json()["code"]
    assert Case.objects.get(code=there).lon == pytest.approx(116.3012345)
    assert [Case.objects.get(code=code).lon for code in (bare, odd)] == [None, None]
    assert Case.objects.get(code=there).channel == "patrol"


def test_a_finding_settled_on_the_spot_is_both_or_neither(worker: Phone) -> None:
    done = {"outcome": "solved", "words": "清走了"}
    got = worker.find("垃圾成堆", facts={"kind": "clean.rubbish", **done}, settle=True, photos=(picture("#763"),))
    assert (got.status_code, got.json()["state"]) == (201, "answered"), got.content.decode()
    before = Case.objects.count()
    bare = worker.find(
        "垃圾成堆", facts={"kind": "clean.rubbish", **done}, settle=True
    )  # without the photo the kind asks for
    assert bare.status_code == 422
    assert Case.objects.count() == before


def test_facts_that_are_no_facts_are_left_out_and_break_nothing(worker: Phone, lamp: Any) -> None:
    got = worker.step(
        lamp.code, "reclassify", {"urgency": ["urgent"], "size": {"a": 1}, "kind": "lamp.out", "x" * 90: "y"}
    )
    assert got.status_code in (200, 403, 422)
    assert Case.objects.get(id=lamp.id).urgency == "ordinary"
