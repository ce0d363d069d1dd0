"""Screens: paired by a number, fed with signed notes for their place alone; a scam warning is on fifty of them within one poll."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from minan.kernel import notes, worker
from minan.kernel.tests.desks import desk_of
from minan.lib import throttle
from minan.systems.bulletins import screens, signing
from minan.systems.bulletins.models import Reach, Screen
from minan.systems.bulletins.tests import cast
from minan.systems.bulletins.tests.cast import (
    LIU,
    MONDAY,
    NEXT,
    SCAM,
    VILLAGE,
    alarm,
    asked,
    event,
    go,
    later,
    published,
    screen,
    titles,
)

pytestmark = pytest.mark.django_db
POLL = timedelta(seconds=20)


@pytest.fixture(autouse=True)
def unhurried() -> None:
    throttle.forget()


def test_a_scam_warning_stands_on_fifty_screens_within_one_poll(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Time is ours: each screen asks every 20 s, each at a second of its own; nobody waits."""
    now = MONDAY
    monkeypatch.setattr(timezone, "now", lambda: now)
    there = [screen()[1] for _n in range(50)]
    due = {secret: MONDAY + POLL * n / 50 for n, secret in enumerate(there)}
    pressed = MONDAY + timedelta(seconds=30)
    shown: dict[str, float] = {}
    desk = desk_of(LIU)
    form = desk.get("/bulletins/write/emergency/?topic=fraud").context["form"]
    while len(shown) < 50:
        secret = min(due, key=lambda one: due[one])
        if now < pressed <= due[secret]:
            now = pressed
            sent = {n: form.initial.get(n, "") for n in ("key", "topic", "title", "text", "hours")} | {"place": VILLAGE}
            assert desk.post("/bulletins/write/emergency/", sent).status_code == 302
        now = due[secret]
        due[secret] += POLL
        if "小心骗子" in titles(asked(secret)[1]):
            shown.setdefault(secret, (now - pressed).total_seconds())
    assert max(shown.values()) <= 20
    assert "小心骗子" not in titles(asked(screen(NEXT)[1])[1]), "only where it is for"


def test_a_screen_shows_a_number_the_desk_types_it_and_the_screen_has_its_place(people: dict[str, Any]) -> None:
    made = Client().post("/screen/begin").json()
    assert asked(made["secret"]) == (200, {"paired": False, "code": made["code"]})
    desk, form = desk_of(LIU), {"code": f"{made['code'][:4]} {made['code'][4:]}", "place": VILLAGE, "name": "3 号楼"}
    assert desk.post("/bulletins/screens/", form | {"code": "1234 5678"}).status_code == 422
    assert desk.post("/bulletins/screens/", form | {"place": NEXT}).status_code == 422, "a place of another desk"
    assert desk.post("/bulletins/screens/", form).status_code == 302
    status, said = asked(made["secret"])
    assert (status, said["place"], said["key"]) == (200, VILLAGE, signing.public())
    assert desk.post("/bulletins/screens/", form).status_code == 422, "a number pairs one screen once"
    assert "3 号楼" in desk.get("/bulletins/screens/").content.decode()
    assert desk_of("stranger").post(f"/bulletins/screens/{Screen.objects.get().pk}/off/").status_code == 404
    desk.post(f"/bulletins/screens/{Screen.objects.get().pk}/off/")
    assert asked(made["secret"])[0] == 401


def test_a_number_nobody_typed_ends_after_a_quarter_of_an_hour(people: dict[str, Any]) -> None:
    made = screens.begin(MONDAY)
    assert made is not None
    assert not screens.pair(made[1], VILLAGE, "", later(minutes=16))
    screens.begin(later(minutes=17))
    assert screens.of(made[0]) is None


def test_what_a_screen_gets_is_signed_and_holds_for_nothing_else(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: later(minutes=1))
    published(), alarm(), event(), cast.written(title="还没复核的")
    said = asked(screen()[1])[1]
    assert titles(said) == ["小心骗子", "重阳节演出", "明天上午停水"] or titles(said)[0] == "小心骗子"
    key = notes.Key(signing.signer().name, base64.b64decode(said["key"]))
    for note in said["notes"]:
        assert notes.open_note(note, [key]).by(key)
        with pytest.raises(notes.Wrong):
            notes.open_note(note.replace('"until":1', '"until":9'), [key])
        assert set(json.loads(note.split("\n")[1])) == {
            "code", "n", "what", "sort", "topic", "places", "from", "until", "title", "text", "where", "when", "by", "case", "picture",
        }, "nothing of who wrote or checked it"  # fmt: skip


def test_where_there_is_a_live_line_the_screens_of_the_place_are_told_at_once(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from minan.kernel.live import screens as known

    told: list[list[str]] = []
    monkeypatch.setattr("minan.systems.bulletins.showing.live.tell", lambda units, topic, screens=(), **more: told.append(list(screens)))
    _screen, secret = screen()
    alarm()
    assert set(known.ids_of(secret)) & set(told[-1])
    assert not set(known.ids_of(screen(NEXT)[1])) & set(told[-1])
    assert known.ids_of("made-up-token-of-nobody-at-all") == []


def test_what_is_withdrawn_or_over_is_gone_at_the_next_call(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    now = later(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: now)
    case, secret = alarm(), screen()[1]
    assert titles(asked(secret)[1]) == ["小心骗子"]
    go(case, "withdraw", LIU, now, words="弄错了")
    assert titles(asked(secret)[1]) == []
    alarm(hours=1)
    now = later(hours=1, minutes=1)
    assert titles(asked(secret)[1]) == [], "over by the moment written, whether or not the worker is there"


def test_reach_is_screens_times_hours_and_openings_and_nothing_of_who(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    now = later(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: now)
    case, one, two = published(sort="campaign", topic="fire", until="2030-11-22"), screen()[1], screen()[1]
    for _hour in range(3):
        for _call in range(3):
            asked(one), asked(two)
        now += timedelta(hours=1)
    page = Client()
    assert [page.get(f"/bulletins/{case.code}/").status_code for _n in range(4)] == [200] * 4
    assert Reach.objects.values_list("hours", "opened").get(case_id=case.id) == (6, 4)
    assert set(page.cookies) <= {"csrftoken"}, "no cookie counts anybody"
    assert "屏上放了 6 小时，打开 4 次" in desk_of(LIU).get("/bulletins/desk/").content.decode()
    worker.settle(later(days=5))
    case.refresh_from_db()
    assert (case.state, case.facts["reached"]) == ("expired", {"hours": 6, "opened": 4}), "written down when it is over"


def test_a_call_costs_few_questions(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any) -> None:
    monkeypatch.setattr(timezone, "now", lambda: later(minutes=1))
    for n in range(5):
        published(title=f"第 {n} 条")
    secret = screen()[1]
    asked(secret)
    with django_assert_max_num_queries(2):
        status, said = asked(secret)
    assert (status, len(said["notes"])) == (200, 5)


def test_the_newest_emergency_stands_on_the_home_of_who_chose_the_place_and_of_nobody_else(people: dict[str, Any]) -> None:
    alarm(at=timezone.now())
    phone = Client()
    assert SCAM["text"][:10] not in phone.get("/").content.decode()
    phone.post("/bulletins/place/", {"place": VILLAGE})
    assert SCAM["text"][:10] in phone.get("/").content.decode()
    other = Client()
    other.post("/bulletins/place/", {"place": NEXT})
    assert SCAM["text"][:10] not in other.get("/").content.decode()
    assert other.post("/bulletins/place/", {"place": "nowhere"}).status_code == 404


def test_hostile_words_stay_words_on_the_kiosk_and_on_every_page(people: dict[str, Any]) -> None:
    evil = "<img src=x onerror=alert(1)>"
    case = alarm(at=timezone.now(), title=evil, text=f"</script><script>alert(2)</script>{chr(0x202E)}\n\n— x y")
    said = asked(screen(at=timezone.now())[1])[1]
    key = notes.Key(signing.signer().name, base64.b64decode(said["key"]))
    assert notes.open_note(said["notes"][0], [key]).by(key), "no text breaks the form of a note"
    for path in ("/bulletins/", f"/bulletins/{case.code}/"):
        page = Client()
        page.post("/bulletins/place/", {"place": VILLAGE})
        html = page.get(path).content.decode()
        assert evil not in html
        assert "<script>alert" not in html
        assert chr(0x202E) not in html
