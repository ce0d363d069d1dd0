"""The live line: who sits for a unit hears what is told to it, nobody else does, nobody is waited for, and what was missed is known."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client

from minan.kernel import beside, live
from minan.kernel.live import process, reader, screens, stream, telling
from minan.kernel.live.hub import EACH_MOST, QUEUE_MOST, REMEMBERED, Hub, Listening
from minan.kernel.live.reader import Reader
from minan.kernel.tests.desks import desk_of, person
from tools import ports

STATION, LIGHTING = "131022100-station", "131022-lighting"
CHEN = Reader("user:1", frozenset({"user:1", STATION}), frozenset({"user:1", f"unit:{STATION}"}), "chen")
ZHOU = Reader("user:2", frozenset({"user:2", "131022101-station"}))
ORIGIN = "http://localhost:8000"


def joined(hub: Hub, who: Reader, last: str = "") -> Listening:
    found = hub.join(who, last, 0.0)
    assert found is not None
    return found


def heard(one: Listening) -> list[str]:
    """The topics that wait for this reader; taken."""
    lines = [line for line in b"".join(one.queue).decode().splitlines() if line.startswith("data: ")]
    one.queue.clear()
    return [json.loads(line.removeprefix("data: "))["topic"] for line in lines]


# ---- who hears what


def test_chen_jing_hears_what_is_told_to_her_station_and_zhou_min_next_door_does_not() -> None:
    hub = Hub()
    chen, zhou = joined(hub, CHEN), joined(hub, ZHOU)
    assert hub.tell([STATION], "help", {"code": "GA1"}) == 1
    assert heard(chen) == ["hello", "help"]
    assert heard(zhou) == ["hello"]


def test_who_stands_behind_a_wall_of_the_case_hears_nothing_of_it() -> None:
    hub = Hub()
    chen = joined(hub, CHEN)
    assert hub.tell([STATION], "duty", {}, walls=["user:1"]) == 0
    assert hub.tell([STATION], "duty", {}, walls=["user:9", "unit:131022-lighting"]) == 1
    assert heard(chen) == ["hello", "duty"]


def test_a_screen_that_takes_nothing_is_cut_off_and_held_in_no_memory() -> None:
    hub = Hub()
    slow, other = joined(hub, CHEN), joined(hub, ZHOU)
    for n in range(QUEUE_MOST + 5):
        hub.tell([STATION], "help", {"n": n})
    assert slow.end
    assert not slow.queue
    assert list(hub.listening) == [other]


def test_the_newest_lines_of_one_person_stay_so_that_dead_ones_keep_nobody_out() -> None:
    hub = Hub()
    lines = [joined(hub, CHEN) for _ in range(EACH_MOST + 2)]
    assert [one.end for one in lines] == [True, True, *[False] * EACH_MOST]


def test_after_a_break_the_screen_is_told_whether_something_was_for_it() -> None:
    hub = Hub()
    hub.tell([STATION], "help", {})
    last = f"{hub.epoch}-{hub.n}"
    assert heard(joined(hub, CHEN, last)) == ["hello"], "nothing happened meanwhile"
    hub.tell(["131022101-station"], "help", {})
    assert heard(joined(hub, CHEN, last)) == ["hello"], "what happened was not hers"
    hub.tell([STATION], "help", {})
    assert heard(joined(hub, CHEN, last)) == ["hello", "missed"]
    assert heard(joined(hub, CHEN, "00000000-1")) == ["hello", "missed"], "the process began anew: nobody knows"
    assert heard(joined(hub, CHEN, "nonsense")) == ["hello", "missed"]
    for _ in range(REMEMBERED + 1):
        hub.tell([LIGHTING], "help", {})
    assert heard(joined(hub, CHEN, last)) == ["hello", "missed"], "too long ago to know"


# ---- who is let in


def cookies(client: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items()}


@pytest.mark.django_db
def test_the_clerks_session_makes_a_reader_of_her_units_and_a_residents_hears_their_own_only(city: None) -> None:
    chen, wang = reader.of(cookies(desk_of("clerk"))), reader.of(cookies(desk_of("resident")))
    assert chen is not None
    assert STATION in chen.hears
    assert f"unit:{STATION}" in chen.keys
    assert wang is not None
    assert wang.hears == {f"user:{person('resident').pk}"}
    assert reader.of({}) is None
    assert reader.of({"sessionid": "x" * 32}) is None


@pytest.mark.django_db
def test_a_session_that_ended_or_has_no_second_factor_hears_nothing(city: None, settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = True
    with time_machine.travel(1_795_400_000, tick=False) as clock:
        chen = desk_of("clerk")
        chen.get("/desk/")
        assert reader.of(cookies(chen)) is not None
        clock.shift(15 * 60 + 1)
        assert reader.of(cookies(chen)) is None, "a quarter of an hour without a press"
    bare = Client()
    bare.force_login(person("clerk"))
    assert reader.of(cookies(bare)) is None, "no second factor"
    gone = desk_of("clerk")
    kept = cookies(gone)
    gone.post("/logout/")
    assert reader.of(kept) is None


@pytest.mark.django_db
def test_a_kiosk_screen_comes_in_by_its_token_as_whoever_knows_screens_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screens, "_checks", [])

    @live.screen_check
    def known(token: str) -> list[str] | None:
        return ["door-3"] if token == "right" else None

    found = reader.of({"screen": "right"})
    assert found is not None
    assert (found.who, found.hears) == ("screen:door-3", {"screen:door-3"})
    assert reader.of({}, screen="wrong") is None
    assert reader.of({}, screen="right" * 100) is None


def test_a_page_of_this_city_is_one_of_its_own_names_and_port(settings: Any) -> None:
    settings.PORT, settings.ADDRESS, settings.PLAIN_HTTP = 8000, "https://shuo.langfang.example", True
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    assert stream.ours("http://localhost:8000")
    assert stream.ours("https://shuo.langfang.example")
    wrong = ("http://localhost:8001", "https://localhost:8000", "http://evil.example", "null", "http://localhost.evil.example:8000")
    assert [origin for origin in wrong if stream.ours(origin)] == []


def test_who_lost_their_post_or_signed_out_is_told_so_and_cut_off_at_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(stream, "_asked", lambda cookies, screen: None)

    async def looked_at() -> Listening:
        hub = Hub()
        one = joined(hub, CHEN)
        heard(one)
        one.checked = float("-inf")
        with ThreadPoolExecutor(1) as executor:
            await asyncio.wait_for(stream.Stream(hub, executor)._checks(one, {"sessionid": "chen"}, ""), 20)
        assert not hub.listening
        return one

    one = asyncio.run(looked_at())
    assert (one.end, heard(one)) == (True, ["over"])


def test_while_the_database_is_away_who_was_let_in_comes_back_and_nobody_new_does(monkeypatch: pytest.MonkeyPatch) -> None:
    away = False

    def asked(cookies: dict[str, str], screen: str) -> Reader:
        if away:
            raise DatabaseError
        return CHEN

    monkeypatch.setattr(stream, "_asked", asked)

    async def both() -> None:
        nonlocal away
        with ThreadPoolExecutor(1) as executor:
            line = stream.Stream(Hub(), executor)
            assert await line.check({"sessionid": "chen"}, "") == CHEN
            away = True
            assert await line.check({"sessionid": "chen"}, "") == CHEN
            with pytest.raises(DatabaseError):
                await line.check({"sessionid": "new"}, "")
            monkeypatch.setattr(stream, "KNOWN_SECONDS", 0.0)
            with pytest.raises(DatabaseError):
                await line.check({"sessionid": "chen"}, "")

    asyncio.run(both())


# ---- telling


def test_telling_never_raises_and_never_waits_where_nobody_listens(settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path / "no" / "such"
    begun = time.monotonic()
    for _ in range(200):
        live.tell([STATION], "help", code="GA1", odd=object())
    assert time.monotonic() - begun < 2
    assert not telling._line


@pytest.mark.django_db
def test_what_is_told_inside_a_transaction_is_sent_when_it_is_through(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr(telling, "_send", sent.append)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        live.tell([STATION], "help", code="GA1")
        assert not sent
    assert json.loads(sent[0])["to"] == [STATION]


def test_what_is_too_long_is_told_as_its_topic_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr(telling, "_send", sent.append)
    live.tell([STATION], "help", words="长" * 9000)
    assert len(sent[0]) < telling.BYTES_MOST
    assert json.loads(sent[0])["data"] == {"cut": True}
    live.tell([], "help")
    assert len(sent) == 1, "for nobody"


# ---- the process


def until(true: Callable[[], Any], seconds: float = 20.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found


class Line:
    """An open page's connection."""

    def __init__(self, port: int, cookie: str, **headers: str) -> None:
        self.asking = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.asking.request("GET", "/events", headers={"Cookie": f"sessionid={cookie}", "Host": "localhost"} | headers)
        self.got = self.asking.getresponse()

    def next(self, *wanted: str) -> Any:
        """The data of the next event of one of these topics, or the topic itself where it has none; "" at the end."""
        while line := self.got.readline():
            if line.startswith(b"data: "):
                said = json.loads(line[6:])
                if said["topic"] in wanted:
                    return said["data"] or said["topic"]
        return ""

    def close(self) -> None:
        self.got.close()
        self.asking.close()


@pytest.fixture
def running(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The process in a thread, in a DATA whose name is too long for a socket's; its readers are known by their cookie."""
    settings.DATA = tmp_path / ("data" * 30)
    settings.DATA.mkdir()
    settings.LIVE_PORT, settings.BIND, settings.PORT = ports.free(), "127.0.0.1", 8000
    known = {"chen": CHEN, "zhou": ZHOU, "known": CHEN}

    def asked(cookies: dict[str, str], screen: str) -> Reader | None:
        if cookies.get("sessionid") == "away":
            raise DatabaseError
        return known.get(cookies.get("sessionid", ""))

    monkeypatch.setattr(stream, "_asked", asked)
    monkeypatch.setattr(telling, "_line", None)
    monkeypatch.setattr(beside, "_beaten", {})
    monkeypatch.setattr(process.Process, "_posts", lambda self: setattr(self, "asking", False))
    monkeypatch.setattr(process, "BEAT_SECONDS", 0.5)
    stop = threading.Event()
    thread = threading.Thread(target=process.run, args=(stop,))
    thread.start()
    until(lambda: (settings.DATA / telling.SOCKET).exists() and _listens(settings.LIVE_PORT))
    yield settings.LIVE_PORT
    stop.set()
    thread.join(20)
    assert not thread.is_alive(), "it ends when it is told to"
    telling._hang_up()


def _listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def test_the_process_says_to_the_open_page_what_was_told_and_lets_nobody_else_in(running: int, settings: Any) -> None:
    chen = Line(running, "chen", Origin=ORIGIN)
    assert (chen.got.status, chen.got.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    assert chen.got.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert chen.next("hello")
    live.tell([STATION], "help", code="GA1")
    assert chen.next("help") == {"code": "GA1"}
    assert chen.next("beat")
    assert until(lambda: beside._state("live")) == "ok"
    for cookie, origin, status in (("stranger", ORIGIN, 401), ("chen", "http://evil.example", 403), ("away", ORIGIN, 503)):
        other = Line(running, cookie, Origin=origin)
        assert other.got.status == status
        assert status != 403 or "Access-Control-Allow-Origin" not in other.got.headers
        other.close()
    telling._send(json.dumps({"ended": CHEN.session}).encode())
    assert chen.next("over") == "over", "signed out"
    assert chen.next("beat") == "", "and cut off"
    chen.close()


def test_a_page_that_goes_away_is_forgotten_and_what_found_no_room_makes_every_page_read_anew(running: int, settings: Any) -> None:
    gone, stays = Line(running, "chen"), Line(running, "zhou")
    assert gone.next("hello")
    assert stays.next("hello")
    gone.close()
    (settings.DATA / telling.MISSED).touch()
    assert stays.next("missed") == "missed"
    for n in range(400):  # a press on 400 buttons in one moment
        live.tell(["131022101-station"], "help", n=n)
        if n % 100 == 99:
            assert {"n": n} == next(said for said in iter(lambda: stays.next("help"), "") if said == {"n": n})
    stays.close()
