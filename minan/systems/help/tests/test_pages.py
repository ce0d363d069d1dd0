"""The pages of a call: what the caller reads is true in each state, who was rung answers, the desk has its card, strangers nothing."""

from __future__ import annotations

import base64
import json
import pathlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from minan.kernel.access import actor
from minan.kernel.act import act
from minan.kernel.models import Case, Event, Message, User
from minan.kernel.passes import listed
from minan.lib import throttle
from minan.systems.help import gather, passing, record, sealing, sends, spool, wire
from minan.systems.help.models import Ear
from minan.systems.help.tests.cast import PERSON, POINT, SECRETS, VILLAGE, browser, enrolled
from minan.systems.help.tests.virtual import Town

pytestmark = [pytest.mark.django_db]
P1 = "1" * 32
QUERIES = 12

CLOSED = {"outcome": "nothing", "words": "没事"}


@pytest.fixture(autouse=True)
def unhurried() -> Iterator[None]:
    throttle.forget()
    yield
    throttle.forget()


class Street:
    """王秀兰 with her phone, a lane behind its socket whose seconds are counted, and who works there."""

    def __init__(self, folder: pathlib.Path, people: dict[str, Any]) -> None:
        self.first, self.people = enrolled(), people
        (folder / "j").mkdir()
        self.town = Town(folder / "j", 0)
        self.refresh()
        self.secret = SECRETS[self.first.code]
        self.phone = Client()
        self.phone.cookies["help"] = self.secret
        self.server: wire.Server | None = wire.Server(self.take)
        self.server.begin()

    def refresh(self) -> None:
        fresh = gather.fresh(self.town.lane.book)
        if fresh is not None:
            self.town.book = fresh
            self.town.lane.renew_book(fresh)

    def take(self, message: dict[str, Any]) -> dict[str, Any]:
        return self.town.lane.take(message)

    def end(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            (sealing.room() / wire.NAME).unlink(missing_ok=True)
            self.server = None

    def press(self, press: str = P1) -> Any:
        return self.phone.post("/help/", {"press": press})

    def said(self) -> str:
        return self.phone.get("/help/").content.decode()

    def case(self, press: str = P1) -> Case:
        record.keep_all(self.town.lane)
        return Case.objects.get(id=Event.objects.get(key=f"help:{press}").case_id)

    def look(self) -> None:
        record.keep_all(self.town.lane)
        record.look(self.town.lane)

    def at(self, name: str) -> Client:
        return browser(self.people[name])


@pytest.fixture
def street(people: dict[str, Any], settings: Any, tmp_path: pathlib.Path) -> Iterator[Street]:
    settings.DATA = tmp_path
    made = Street(tmp_path, people)
    yield made
    made.end()


def token(target: str, press: str = P1) -> str:
    return sealing.token(press, target)


# ---- the caller


def test_the_press_page_asks_the_database_nothing_even_with_a_session(street: Street) -> None:
    street.phone.force_login(street.people["resident"])
    for path in ("/help/", "/help/state/", f"/help/f/{'x' * 22}/", "/help/keep/"):
        with CaptureQueriesContext(connection) as asked:
            street.phone.get(path)
        assert asked.captured_queries == [], path
    with CaptureQueriesContext(connection) as asked:
        street.press()
    assert asked.captured_queries == []
    assert street.phone.get("/mine/").status_code == 200
    assert street.phone.session.session_key  # the browser still has its session


def test_the_screen_says_truly_what_has_happened_in_each_state(street: Street) -> None:
    assert "要人帮忙，按下面" in street.said()
    assert street.press().status_code == 302
    assert "已经发出" in street.said()
    street.town.run(3.0)
    assert "已经叫到" in street.said()
    assert "还没有人说去" in street.said()  # the family's device and the desk's have it
    street.town.run(60.0)
    assert "一分钟没有人接，请拨 120" in street.said()
    street.town.lane.take({"op": "say", "token": token("family:1"), "what": "go"})
    assert "第 1 位家人说马上去" in street.said()
    liu = street.at("gu.point")
    code = street.case().code
    for step, words in (("on_the_way", "在路上"), ("there", "来帮您的人到了")):
        assert liu.post(f"/help/c/{code}/{step}/").status_code == 302
        assert words in street.said(), step
    liu.post(f"/help/c/{code}/close/", {"outcome": "helped", "words": "没事了"})
    assert "这次呼叫结束了" in street.said()
    assert street.said().count('href="tel:120"') == 1


def test_120_is_a_plain_link_in_every_state_and_for_who_is_not_enrolled(street: Street) -> None:
    nobody = Client().get("/help/").content.decode()
    assert 'href="tel:120"' in nobody
    assert "这部手机还不能呼叫" in nobody
    street.end()
    assert 'href="tel:120"' in street.said()


def test_a_second_press_joins_and_the_same_press_sent_twice_is_one(street: Street) -> None:
    street.press()
    street.press()
    street.press("2" * 32)
    assert len(street.town.lane.calls) == 1
    assert street.town.call(P1).again == ["2" * 32]


def test_s3_with_the_lane_away_the_page_takes_the_press_itself_and_says_so(street: Street) -> None:
    street.end()
    with CaptureQueriesContext(connection) as asked:
        got = street.press()
    assert got.status_code == 200
    assert "已经记下" in got.content.decode()
    assert asked.captured_queries == []
    assert [press for press, _m in spool.waiting()] == [P1]
    assert street.town.lane.collect() == 1
    assert street.town.call(P1).person == street.first.code


def test_s3_with_the_lane_away_and_the_disk_full_it_says_that_it_is_not_taken(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    street.end()

    def full(*_a: Any) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(spool, "put", full)
    got = street.press()
    assert got.status_code == 507
    assert "没能发出去。请拨 120" in got.content.decode()


def test_a_stranger_s_phone_rings_nobody_and_another_site_s_form_neither(street: Street) -> None:
    stranger = Client()
    stranger.cookies["help"] = "0" * 26
    assert stranger.post("/help/", {"press": P1}).status_code == 404
    assert stranger.get("/help/state/").json() == {"known": False, "away": False, "call": False}
    assert street.phone.post("/help/", {"press": P1}, headers={"Origin": "https://evil.example"}).status_code == 404
    assert street.phone.post("/help/", {"press": P1}, headers={"Origin": "http://testserver"}).status_code == 302
    assert len(street.town.lane.calls) == 1


def test_a_page_that_hides_where_it_is_puts_no_enrolment_onto_a_phone(street: Street) -> None:
    """Else whoever leads 王秀兰 onto their page decides whom her phone calls from then on."""
    other = Client()
    for site in ("cross-site", "same-site"):
        got = other.post("/help/keep/", {"secret": street.secret}, headers={"Origin": "null", "Sec-Fetch-Site": site})
        assert got.status_code == 429
        assert "help" not in got.cookies
    assert other.post("/help/keep/", {"secret": street.secret}, headers={"Origin": "null"}).status_code == 429
    assert "help" not in other.cookies
    assert "help" not in street.phone.post("/help/forget/", headers={"Origin": "null"}).cookies  # hers stays
    assert "要人帮忙" in street.said()
    hides = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}  # a page of ours under a browser's strict settings
    assert Client().post("/help/keep/", {"secret": street.secret}, headers=hides).cookies["help"].value
    own = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert other.post("/help/keep/", {"secret": street.secret}, headers=own).cookies["help"].value


def test_the_script_of_the_page_gets_the_same_words_as_json(street: Street) -> None:
    got = street.phone.post("/help/", {"press": P1}, headers={"Accept": "application/json"})
    assert got.json()["kind"] == "sent"
    street.town.run(2.0)
    assert street.phone.get("/help/state/").json()["kind"] == "reached"
    street.phone.post("/help/false/")
    assert street.phone.get("/help/state/").json()["said_false"]
    assert "name" not in got.json()


def test_another_phone_keeps_the_enrolment_by_the_slip_and_guessing_is_slow(street: Street) -> None:
    other = Client()
    assert other.post("/help/keep/", {"secret": "0" * 26}).status_code == 404
    got = other.post("/help/keep/", {"secret": street.secret.lower()})
    assert got.status_code == 302
    assert got.cookies["help"]["httponly"]
    assert got.cookies["help"]["samesite"] == "Strict"
    assert got.cookies["help"]["path"] == "/help/"
    other.post("/help/", {"press": "3" * 32})
    assert street.town.call("3" * 32).person == street.first.code
    for _n in range(12):
        last = Client().post("/help/keep/", {"secret": "1" * 26})
    assert last.status_code == 429
    other.post("/help/forget/")
    assert "这部手机还不能呼叫" in other.get("/help/").content.decode()


# ---- who was rung


def test_the_family_answers_by_their_link_and_the_desk_reads_the_card_there(street: Street) -> None:
    street.press()
    street.town.run(2.0)
    family, desk = Client(), Client()
    page = family.get(f"/help/f/{token('family:1')}/").content.decode()
    assert "王秀兰按了求助" in page
    assert "看卡片" not in page
    family.post(f"/help/f/{token('family:1')}/", {"do": "card"})
    assert PERSON["address"] not in family.post(f"/help/f/{token('family:1')}/", {"do": "card"}).content.decode()
    family.post(f"/help/f/{token('family:1')}/", {"say": "cant"})
    assert "正在叫别人" in family.get(f"/help/f/{token('family:1')}/").content.decode()
    with CaptureQueriesContext(connection) as asked:
        card = desk.post(f"/help/f/{token(f'duty:{POINT}:0')}/", {"do": "card"}).content.decode()
    assert asked.captured_queries == []  # good while the records are away
    for word in (PERSON["address"], PERSON["told"], PERSON["door"], "13800000001"):
        assert word in card, word
    desk.post(f"/help/f/{token(f'duty:{POINT}:0')}/", {"say": "go"})
    assert "马上去" in street.said()
    steps = [e.step for e in Event.objects.filter(case_id=street.case().id).order_by("n")]
    assert "card_seen" in steps
    assert steps[-1] == "duty_goes"


def test_a_link_opens_nothing_any_more_when_the_call_is_over_and_a_guessed_one_never(street: Street) -> None:
    street.press()
    street.town.run(2.0)
    street.town.lane.take({"op": "step", "press": P1, "s": "close", "end": True})
    page = Client().post(f"/help/f/{token(f'duty:{POINT}:0')}/", {"do": "card"}).content.decode()
    assert "这次呼叫结束了" in page
    for word in ("王秀兰", PERSON["address"], PERSON["told"]):
        assert word not in page
    assert Client().get(f"/help/f/{'A' * 22}/").status_code == 404
    assert Client().post(f"/help/k/{'A' * 22}/push/").status_code == 404


def test_an_hour_after_its_end_a_link_says_that_it_is_over_and_nothing_else(street: Street) -> None:
    street.press()
    street.town.run(2.0)
    links = [f"/help/f/{token(target)}/" for target in ("family:1", f"duty:{POINT}:0")]
    street.town.lane.take({"op": "say", "token": token("family:1"), "what": "go"})
    street.town.lane.take({"op": "step", "press": P1, "s": "close", "end": True})
    street.town.run(3_500.0)
    assert "说“我去”" in Client().get(links[1]).content.decode()
    street.town.run(200.0)
    for url in links:
        for got in (Client().get(url), Client().post(url, {"do": "card"}), Client().post(url, {"say": "go"}, follow=True)):
            page = got.content.decode()
            assert got.status_code == 410
            assert "这次呼叫结束了" in page
            assert 'href="tel:120"' in page
            for word in ("王秀兰", "说“我去”", "家人", "朝阳", "press__lines"):
                assert word not in page, word


def test_a_device_that_has_it_stops_the_next_channel_and_pressing_one_on_the_telephone_says_i_go(
    street: Street,
) -> None:
    street.town.how = {"screen": "silent", "push": "silent", "sms": "silent", "voice": "silent"}
    street.press()
    street.town.run(1.0)
    assert Client().post(f"/help/k/{token(f'duty:{POINT}:0')}/screen/").status_code == 204
    street.town.run(8.0)
    assert "voice" not in {s.channel for _, s in street.town.sent if s.target.id == f"duty:{POINT}:0"}
    assert Client().post(f"/help/k/{token('family:1')}/voice/", {"key": "1"}).status_code == 204
    assert street.town.call(P1).going


def test_a_daughter_puts_the_calls_onto_her_own_phone_and_the_next_one_rings_there(street: Street) -> None:
    street.press()
    street.town.run(2.0)
    keys = {
        "p256dh": base64.urlsafe_b64encode(b"\4" * 65).decode(),
        "auth": base64.urlsafe_b64encode(b"a" * 16).decode(),
    }
    made = json.dumps({"endpoint": "https://updates.push.services.mozilla.com/wpush/v2/abc", "keys": keys})
    url, daughter = f"/help/f/{token('family:1')}/", Client()
    assert daughter.post(url, {"do": "ear", "subscription": '{"endpoint": "https://evil.example/"}'}).status_code == 302
    assert daughter.post(url, {"do": "ear", "subscription": made}).status_code == 302
    assert Client().post(f"/help/f/{token(f'duty:{POINT}:0')}/", {"do": "ear", "subscription": made}).status_code == 404
    street.town.lane.take({"op": "step", "press": P1, "s": "close", "end": True})
    record.keep_all(street.town.lane)
    assert "updates.push" not in str(Case.objects.filter(id=street.first.id).values())
    street.refresh()
    street.press("2" * 32)
    rung = {
        s.channel: s.target.ways[s.channel]
        for _, s in street.town.sent
        if s.call == "2" * 32 and s.target.id == "family:1"
    }
    street.town.run(1.0)
    rung |= {
        s.channel: s.target.ways[s.channel]
        for _, s in street.town.sent
        if s.call == "2" * 32 and s.target.id == "family:1"
    }
    assert "wpush/v2/abc" in rung["push"]


# ---- the desk


def test_the_desk_sees_what_rings_takes_it_and_each_page_is_few_questions(street: Street) -> None:
    street.press()
    street.town.run(2.0)
    case, liu = street.case(), street.at("gu.point")
    for path in (
        "/help/duty/",
        "/help/duty/open/",
        f"/help/c/{case.code}/",
        f"/help/c/{case.code}/live/",
        f"/help/p/{street.first.code}/",
        "/help/enrol/",
    ):
        with CaptureQueriesContext(connection) as asked:
            got = liu.get(path)
        assert got.status_code == 200, path
        assert len(asked.captured_queries) <= QUERIES, (
            path,
            len(asked.captured_queries),
            [q["sql"][:120] for q in asked.captured_queries],
        )
        for word in ("王秀兰", PERSON["address"], PERSON["told"], "1390000"):
            assert word not in got.content.decode(), (path, word)
    rows = liu.get("/help/duty/open/").json()
    assert rows["answers"]
    assert [row["press"] for row in rows["calls"]] == [P1]
    assert liu.get(f"/help/go/{P1}/").headers["Location"] == f"/help/c/{case.code}/"
    assert liu.post(f"/help/c/{case.code}/answer/").status_code == 302
    assert street.town.call(P1).stopped  # at once, not at the next look


def test_each_look_at_the_card_is_an_event_and_shows_it_once(street: Street) -> None:
    street.press()
    case, liu = street.case(), street.at("gu.point")
    page = liu.post(f"/help/c/{case.code}/card/").content.decode()
    for word in (PERSON["address"], PERSON["told"], PERSON["name"]):
        assert word in page
    assert PERSON["address"] not in liu.get(f"/help/c/{case.code}/").content.decode()
    liu.post(f"/help/c/{case.code}/card/")
    assert [e.step for e in Event.objects.filter(case_id=case.id, step="card")] == ["card", "card"]
    liu.post(f"/help/c/{case.code}/answer/")
    liu.post(f"/help/c/{case.code}/close/", {"outcome": "nothing", "words": "没事"})
    assert liu.post(f"/help/c/{case.code}/card/").status_code == 404


def test_a_pass_for_the_doors_is_shown_once_and_void_when_the_call_is_over(street: Street) -> None:
    street.press()
    case, liu = street.case(), street.at("gu.point")
    page = liu.post(f"/help/c/{case.code}/door_pass/").content.decode()
    assert "开门码，到结束为止" in page
    drawn = Case.objects.get(id=case.id).facts["passes"]
    assert len(drawn) == 1
    assert drawn[0] not in listed()["void"]
    assert "开门码，到结束为止" not in liu.get(f"/help/c/{case.code}/").content.decode()
    liu.post(f"/help/c/{case.code}/answer/")
    liu.post(f"/help/c/{case.code}/close/", {"outcome": "nothing", "words": "没事"})
    assert drawn[0] in listed()["void"]


def test_there_are_ten_passes_to_a_call_and_the_end_takes_back_every_one(street: Street) -> None:
    street.press()
    case, liu = street.case(), street.at("gu.point")
    for _n in range(10):
        assert "开门码，到结束为止" in liu.post(f"/help/c/{case.code}/door_pass/").content.decode()
    got = liu.post(f"/help/c/{case.code}/door_pass/")
    assert got.status_code == 422
    assert "已经取了 10 张开门码" in got.content.decode()
    assert "开门码，到结束为止" not in got.content.decode()
    drawn = Case.objects.get(id=case.id).facts["passes"]
    assert len(set(drawn)) == 10
    liu.post(f"/help/c/{case.code}/answer/")
    liu.post(f"/help/c/{case.code}/close/", CLOSED)
    assert set(drawn) <= set(listed()["void"])
    assert Event.objects.filter(case_id=case.id, step="door_pass").count() == 10


def test_a_pass_that_no_event_names_is_shown_to_nobody(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody closes the call in the same moment: what nobody could take back is not handed out."""
    street.press()
    case, liu, issue = street.case(), street.at("gu.point"), passing.issue
    liu.post(f"/help/c/{case.code}/answer/")

    def closed_meanwhile(*asked: Any) -> tuple[str, str]:
        made = issue(*asked)
        done = act(Case.objects.get(id=case.id), "close", by=actor(User.objects.get(username="gu.point")), facts=CLOSED)
        assert isinstance(done, Event), done
        return made

    monkeypatch.setattr(passing, "issue", closed_meanwhile)
    got = liu.post(f"/help/c/{case.code}/door_pass/")
    assert got.status_code in (409, 422)
    assert "开门码，到结束为止" not in got.content.decode()
    assert 'class="banner banner--amber" role="alert"' in got.content.decode(), "and why not is said"
    assert not Case.objects.get(id=case.id).facts.get("passes")


def test_what_a_rule_refuses_comes_back_with_the_reason_and_every_word(street: Street) -> None:
    street.press()
    case, liu = street.case(), street.at("gu.point")
    liu.post(f"/help/c/{case.code}/answer/")
    got = liu.post(f"/help/c/{case.code}/close/", {"outcome": "", "words": "扶起来了，量了血压"})
    assert got.status_code == 422
    assert "扶起来了，量了血压" in got.content.decode()


def test_strangers_get_404_or_the_sign_in_whatever_the_code(street: Street) -> None:
    street.press()
    case = street.case()
    paths = [f"/help/c/{case.code}/", f"/help/c/{case.code}/live/", f"/help/p/{street.first.code}/"]
    for name in ("stranger", "handler", "gu.point2", "admin", "resident"):
        other = street.at(name)
        for path in paths:
            assert other.get(path).status_code == 404, (name, path)
            missing = other.get(path.replace(case.code, "GA" + "0" * 13).replace(street.first.code, "GA" + "0" * 13))
            assert missing.status_code == 404
        assert other.post(f"/help/c/{case.code}/answer/").status_code == 404
        assert other.post(f"/help/c/{case.code}/card/").status_code == 404
    for path in (*paths, "/help/duty/"):
        assert "/login/" in Client().get(path).headers["Location"]
    assert street.at("resident").get("/help/duty/").status_code == 404
    assert street.at("stranger").get("/help/duty/open/").json()["calls"] == []
    case.refresh_from_db()
    assert case.state == "ringing"


def test_who_goes_on_duty_is_rung_on_their_phone_and_the_number_is_closed(street: Street) -> None:
    liu = street.at("gu.point")
    liu.post("/help/duty/me/", {"unit": POINT, "phone": "13700000001"})
    liu.post("/help/duty/me/", {"unit": "131022101-station", "phone": "13700000001"})
    assert [ear.unit for ear in Ear.objects.all()] == [POINT]
    assert b"13700000001" not in bytes(Ear.objects.get().sealed)
    street.refresh()
    street.town.how = {"screen": "silent"}
    street.press()
    street.town.run(6.0)
    rung = {(s.channel, s.target.ways.get(s.channel)) for _, s in street.town.sent if s.target.id == f"duty:{POINT}:0"}
    assert {("sms", "13700000001"), ("voice", "13700000001")} <= rung
    liu.post("/help/duty/me/", {"unit": POINT, "do": "off"})
    assert not Ear.objects.exists()


# ---- enrolling


def test_a_resident_enrols_and_her_phone_can_call_at_once(street: Street) -> None:
    wang = street.at("resident")
    form = {name: value for name, value in PERSON.items() if name not in ("duty", "consent")} | {"key": "k" * 32}
    refused = wang.post("/help/enrol/", form)
    assert refused.status_code == 422
    assert PERSON["address"] in refused.content.decode()  # nothing typed is lost
    got = wang.post("/help/enrol/", form | {"agree": "1", "place": VILLAGE})
    assert got.status_code == 200
    page = got.content.decode()
    assert "登记好了" in page
    made = Case.objects.exclude(id=street.first.id).get(procedure="help_enrolment")
    assert made.desk == POINT
    street.refresh()
    wang.post("/help/", {"press": P1})
    assert street.town.call(P1).person == made.code
    own = wang.get(f"/help/p/{made.code}/").content.decode()
    assert PERSON["address"] in own
    assert wang.post(f"/help/p/{made.code}/end/").status_code == 302
    made.refresh_from_db()
    assert made.state == "ended"


def test_who_enrolled_can_tell_the_family_by_a_text_of_their_own_and_we_send_none(street: Street) -> None:
    wang, before = street.at("resident"), Message.objects.filter(to="speaker").count()
    form = {name: value for name, value in PERSON.items() if name not in ("duty", "consent")} | {"key": "k" * 32}
    page = wang.post("/help/enrol/", form | {"agree": "1", "place": VILLAGE}).content.decode()
    body = quote("我在社区登记了一键呼叫", safe="")
    assert f'href="sms:?&amp;body={body}' in page, "the phone's own address book asks to whom"
    assert quote("要急救，请您直接拨 120", safe="") in page, "nobody here calls an ambulance by itself"
    made = Case.objects.exclude(id=street.first.id).get(procedure="help_enrolment")
    own = wang.get(f"/help/p/{made.code}/").content.decode()
    assert f'href="sms:{PERSON["family1_phone"]}?&amp;body={body}' in own
    english = wang.get(f"/help/p/{made.code}/", headers={"accept-language": "en"}).content.decode()
    assert quote("I enrolled for help calls", safe="") in english
    desk = street.at("gu.point").get(f"/help/p/{made.code}/").content.decode()
    assert "sms:" not in desk
    assert Message.objects.filter(to="speaker").count() == before
    wang.post(f"/help/p/{made.code}/end/")
    assert "sms:" not in wang.get(f"/help/p/{made.code}/").content.decode()


def test_somebody_without_family_s_number_is_told_to_give_a_neighbour_s(street: Street) -> None:
    form = {"place": VILLAGE, "address": "3 号楼", "agree": "1", "key": "q" * 32}
    got = street.at("worker").post("/help/enrol/", form)
    assert got.status_code == 422
    assert "邻居" in got.content.decode()


def test_a_drill_from_the_desk_disturbs_nobody_and_a_late_one_is_flagged(street: Street) -> None:
    liu = street.at("gu.point")
    assert "一个月没有演练" in liu.get("/help/duty/").content.decode()
    liu.post("/help/duty/drill/", {"unit": POINT})
    street.town.run(15.0)
    assert all(street.town.call(s.call).drill for _, s in street.town.sent)
    record.keep_all(street.town.lane)
    page = liu.get("/help/duty/").content.decode()
    assert "一个月没有演练" not in page
    assert "都通" in page
    assert "要人帮忙" in street.said()  # she is shown no call


def test_what_every_screen_of_the_unit_hears_says_seen_and_opens_nothing(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A post's browser gets no link of somebody else's telephone: no card, no "I am going" in their name."""
    street.town.how = {"screen": "silent"}
    street.press()
    street.town.run(2.0)
    row = street.at("gu.point").get("/help/duty/open/").json()["calls"][0]
    heard: list[dict[str, Any]] = []
    monkeypatch.setattr(sends.live, "tell", lambda *_a, **told: heard.append(told))
    screen = next(s for _, s in street.town.sent if s.channel == "screen")
    sends.Channels({})._one(street.town.call(P1), screen)
    links = [sealing.token(P1, t.id) for t in street.town.call(P1).plan]
    for link in links:
        assert link not in json.dumps([row, heard])
    assert heard[0]["seen"] == row["seen"]
    anybody = Client()
    assert anybody.get(f"/help/f/{row['seen']}/").status_code == 404
    assert anybody.post(f"/help/f/{row['seen']}/", {"do": "card"}).status_code == 404
    assert anybody.post(f"/help/f/{row['seen']}/", {"say": "go"}).status_code == 404
    assert anybody.post(f"/help/k/{row['seen']}/voice/", {"key": "1"}).status_code == 404
    assert not street.town.call(P1).going
    assert anybody.post(f"/help/k/{row['seen']}/screen/").status_code == 204
    assert street.town.call(P1).tries[(f"duty:{POINT}:0", "screen", 0)].seen


def test_a_card_read_by_a_link_is_noted_with_whose_telephone_it_was(street: Street) -> None:
    liu = street.at("gu.point")
    liu.post("/help/duty/me/", {"unit": POINT, "phone": "13700000001"})
    street.refresh()
    street.press()
    street.town.run(2.0)
    assert PERSON["address"] in Client().post(f"/help/f/{token(f'duty:{POINT}:0')}/", {"do": "card"}).content.decode()
    Client().post(f"/help/f/{token(f'duty:{POINT}:0')}/", {"say": "go"})
    pk = str(street.people["gu.point"].pk)
    assert [(e["k"], e["by"]) for e in street.town.call(P1).entries if "by" in e] == [("card", pk), ("go", pk)]
    case, other = street.case(), street.at("worker")
    with CaptureQueriesContext(connection) as asked:
        page = other.get(f"/help/c/{case.code}/").content.decode()
    name = street.people["gu.point"].name
    assert len(asked.captured_queries) <= QUERIES
    assert page.count(name) >= 2
    assert Event.objects.filter(step__in=["card_seen", "duty_goes"]).count() == 2


def test_a_drill_opens_neither_the_card_nor_a_door_and_gives_no_name(street: Street) -> None:
    """Else whoever begins a drill reads what somebody is ill with and walks in, and nobody ever called."""
    liu, lane = street.at("gu.point"), street.town.lane
    assert lane.take({"op": "press", "person": street.first.code, "drill": True, "how": "drill", "press": P1})["ok"]
    street.town.run(2.0)
    for target in ("family:1", f"duty:{POINT}:0"):
        page = Client().post(f"/help/f/{token(target)}/", {"do": "card"}).content.decode()
        for word in ("王秀兰", PERSON["address"], PERSON["told"]):
            assert word not in page, (target, word)
    assert not [e for e in street.town.call(P1).entries if e["k"] == "card"]
    case = street.case()
    page = liu.get(f"/help/c/{case.code}/").content.decode()
    for step in ("card", "door_pass"):
        assert f"/help/c/{case.code}/{step}/" not in page
        got = liu.post(f"/help/c/{case.code}/{step}/")
        assert got.status_code == 422
        assert "演练不看卡片、不开门" in got.content.decode()
        assert PERSON["address"] not in got.content.decode()
        assert "开门码，到结束为止" not in got.content.decode()
    assert not Case.objects.get(id=case.id).facts.get("passes")
    assert not Event.objects.filter(case_id=case.id, step__in=["card", "door_pass"]).exists()


def test_the_pages_say_in_english_who_was_reached_and_the_card_s_number_can_be_rung(street: Street) -> None:
    street.press()
    street.town.run(65.0)
    english = {"Accept-Language": "en"}
    said = street.phone.get("/help/", headers=english).content.decode()
    assert "Reached: Chaoyang Community Speaking Point" in said
    case, liu = street.case(), street.at("gu.point")
    row = liu.get("/help/duty/open/").json()["calls"][0]
    assert row["urgent"]
    assert row["after"] == "1 分 5 秒"
    page = liu.post(f"/help/c/{case.code}/card/").content.decode()
    assert f'<a href="tel:{PERSON["phone"]}">' in page
    assert page.index(f"/help/c/{case.code}/card/") < page.index("?step=hand_over")  # what is needed first stands first
    assert "职责清单" not in liu.get(f"/help/c/{case.code}/?step=hand_over").content.decode()


def test_a_phone_stops_calling_only_after_a_second_press(street: Street) -> None:
    page = street.said()
    assert page.index("<details") < page.index('action="/help/forget/"') < page.index("</details>")
