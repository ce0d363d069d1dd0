"""P8: whoever guesses codes or secrets finds nothing, is slowed down wherever they try, and is told the same for every wrong guess."""

from __future__ import annotations

import itertools
import os
import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from minan.kernel import access, callers, codewords, directory, speakers
from minan.kernel.act import Opened, open_case
from minan.kernel.commands.token import issue
from minan.kernel.models import User
from minan.lib import codes, throttle
from tests import house
from tests.pages import PAGES

pytest.importorskip("minan.systems.matters.procedure", reason="not run: P8 (no matters)")
pytestmark = [pytest.mark.django_db, pytest.mark.bar("P8")]

GUESSES = 1_000_000 if os.environ.get("MINAN_DEEP") else 20_000
LAMP = {"text": "东门外的路灯不亮", "place": house.VILLAGE, "kind": "order.build"}
WRONG = "7K2M9QXT4RVA8WZC3NPE5HJD6G"
COUNTER = itertools.count(1)


@pytest.fixture(autouse=True)
def unhurried() -> Any:
    throttle.forget()
    yield
    throttle.forget()


def said(**more: Any) -> Opened:
    opened = open_case("matter", by=access.SPEAKER, facts=LAMP, **more)
    assert isinstance(opened, Opened)
    return opened


def from_(ip: str) -> Client:
    return Client(REMOTE_ADDR=ip)


def tag() -> str:
    return next(spot.tag for spot in directory.city().places.values() if spot.code == "131022000000")


# Each door that opens to a code alone, or to code and secret, for somebody who has not signed in: how it is tried with one.
Door = Callable[[Client, str], Any]
DOORS: dict[str, Door] = {
    "its page": lambda client, code: client.get(f"/m/{code}/"),
    "its page, with a secret": lambda client, code: client.post(f"/m/{code}/", {"secret": WRONG}),
    "its page, with a codeword": lambda client, code: client.post(f"/m/{code}/", {"secret": "太阳" * 6}),
    "the look-up, with a secret": lambda client, code: client.post("/m/", {"code": code, "secret": WRONG}),
    "Open311": lambda client, code: client.get(f"/open311/v2/requests/{code}.json"),
    "Open311, with a secret": lambda client, code: client.get(
        f"/open311/v2/requests/{code}.json", headers={"Authorization": f"Receipt {WRONG}"}
    ),
    "the receipt": lambda client, code: client.post(f"/proof/receipt/{code}", headers={"Authorization": f"Receipt {WRONG}"}),
}


def open_doors() -> dict[str, Door]:
    """All but those whose folder was taken out."""
    return {name: door for name, door in DOORS.items() if name != "the receipt" or any("proof/receipt/" in one for one in PAGES)}


def misses_until_slowed(door: Door, client: Client, most: int = 40) -> int:
    """How many wrong guesses were answered before the first 429."""
    for n in range(most):
        if door(client, codes.new(tag())).status_code == 429:
            return n
    return most


def hits(guesses: int) -> int:
    """Guesses as good as they get: the right county, twelve letters by chance, the right check."""
    return sum(speakers.find(codes.new(tag())) is not None for _ in range(guesses))


def test_a_code_has_60_bits_of_chance_and_a_check(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    real = secrets.randbits
    monkeypatch.setattr(codes.secrets, "randbits", lambda k: drawn.append(k) or real(k))
    case = said().case
    assert drawn == [60]
    assert len(case.code) == codes.LENGTH == 15
    spoiled = [case.code[:n] + other + case.code[n + 1 :] for n in range(15) for other in "0Z" if other != case.code[n]]
    assert all(codes.parse(one) is None for one in spoiled)


def test_guesses_find_nothing(city: None) -> None:
    known = {said().case.code for _ in range(30)}
    assert hits(GUESSES // 20) == 0
    assert not any(codes.new(tag()) in known for _ in range(GUESSES))


@pytest.mark.parametrize("name", list(DOORS))
def test_after_ten_misses_a_minute_an_address_is_slowed_down(city: None, name: str) -> None:
    if name not in open_doors():
        pytest.skip("not run: the receipt's door (no systems/proof)")
    door = DOORS[name]
    assert misses_until_slowed(door, from_("198.51.100.7")) <= callers.MISSES
    assert door(from_("198.51.100.8"), codes.new(tag())).status_code == 404, "the neighbour is not"
    known = said().case.code
    assert door(from_("198.51.100.7"), known).status_code == 429, "nor is a right guess answered any more"


def test_who_goes_from_door_to_door_is_counted_once(city: None) -> None:
    guesser, answers = from_("198.51.100.9"), []
    for door, _ in zip(itertools.cycle(open_doors().values()), range(2 * callers.MISSES), strict=False):
        answers.append(door(guesser, codes.new(tag())).status_code)
    assert answers[: callers.MISSES].count(404) >= callers.MISSES - 1
    assert set(answers[callers.MISSES + 1 :]) == {429}


def test_a_whole_64_counts_as_one_address(city: None) -> None:
    door = DOORS["its page"]
    for n in range(callers.MISSES):
        assert door(from_(f"2001:db8:1:1::{n + 1:x}"), codes.new(tag())).status_code == 404
    assert door(from_("2001:db8:1:1:ffff::1"), codes.new(tag())).status_code == 429
    assert door(from_("2001:db8:1:2::1"), codes.new(tag())).status_code == 404


def test_when_very_many_guess_together_each_gets_one_a_minute(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle._here, "_clock", lambda: 7.0)  # the minute stands still
    for n in range(callers.MISSES_OF_ALL):
        callers.missed(f"10.{n // 250}.{n % 250}.1")
    assert misses_until_slowed(DOORS["its page"], from_("198.51.100.10")) == 1


def asked(door: Door, code: str) -> tuple[int, bytes, int]:
    """Status, page without what was asked for, and how many questions it cost."""
    throttle.forget()
    client = from_("198.51.100.11")
    with house.CaptureQueriesContext(house.connection) as cost:
        got = door(client, code)
    body = house.CHANGING.sub(b"", got.content).replace(code.encode(), b"").replace(codes.pretty(code).encode(), b"")
    return got.status_code, body, len([q for q in cost.captured_queries if house.STAMP not in q["sql"]])


def unlike(code: str) -> list[str]:
    """Doors at which a wrong secret of a known code is answered otherwise than a code that is none."""
    wrong = {name: door for name, door in open_doors().items() if "secret" in name or "codeword" in name or name == "the receipt"}
    asked(DOORS["its page"], code)  # what is read once a process is read
    return [name for name, door in wrong.items() if asked(door, code) != asked(door, codes.new(tag()))]


def test_a_wrong_secret_is_answered_like_a_code_that_is_none(city: None) -> None:
    assert unlike(said().case.code) == []
    assert unlike(said(anonymous=True).case.code) == []


def scrypts(monkeypatch: pytest.MonkeyPatch, code: str, given: str) -> int:
    """How often the slow hash was made for one try."""
    made: list[int] = []
    real = codewords._hash
    with monkeypatch.context() as patch:
        patch.setattr(codewords, "_hash", lambda *a: made.append(1) or real(*a))
        speakers.enter(code, given)
    return len(made)


def test_how_long_a_try_takes_does_not_tell_whether_a_code_is_one(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the work done, not by a watch: the same number of questions (above) and of slow hashes."""
    known = [said().case.code, said(anonymous=True).case.code, codes.new(tag())]
    assert {scrypts(monkeypatch, code, WRONG) for code in known} == {0}
    assert {scrypts(monkeypatch, code, "太阳" * 6) for code in known} == {1}


def outside_numbers() -> list[str]:
    """Addresses without a desk behind them in which a row's own number could stand."""
    open_to_all = [pattern for pattern, row in PAGES.items() if {"nobody", "speaker"} & set(row.who)]
    counted = re.compile(r"<int:(\w+)>")
    steps = ("say/steps/<int:n>/", "damages/estimate/<slug:side>/<int:n>/")  # which screen of a walk it is
    return [p for p in open_to_all if counted.search(p) and p not in steps and not p.startswith("m/<str:code>/")]


def test_no_number_of_a_row_is_seen_outside(city: None) -> None:
    assert outside_numbers() == []
    throttle.forget()
    answers = [open311() for _ in range(3)]
    for answer in answers:
        whole = [value for value in flat(answer) if isinstance(value, int) and not isinstance(value, bool)]
        assert whole == [], answer
    made = [answer["service_request_id"] for answer in answers]
    assert len({code[2:5] for code in made}) == 3, "nothing in a code counts"


def open311() -> dict[str, Any]:
    form = {"service_code": "lamp.out", "address_id": house.VILLAGE, "description": f"路灯不亮 {next(COUNTER)}"}
    got: dict[str, Any] = Client().post("/open311/v2/requests.json", form).json()[0]
    return got


def flat(thing: Any) -> list[Any]:
    if isinstance(thing, dict):
        return [one for value in thing.values() for one in flat(value)]
    return [one for value in thing for one in flat(value)] if isinstance(thing, list) else [thing]


def test_an_api_key_opens_no_faster_door_to_secrets(city: None) -> None:
    case, key = said().case, issue(User.objects.get(username="handler"))
    path, wrong = f"/open311/v2/requests/{case.code}.json?api_key={key}", {"Authorization": "Receipt AAAA-BBBB"}
    answers = [from_("198.51.100.9").get(path, headers=wrong).status_code for _ in range(callers.MISSES + 1)]
    assert answers == [404] * callers.MISSES + [429]


# ---- taken away, each is missed


def test_it_bites_where_misses_are_not_counted(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "missed", lambda who: None)
    assert misses_until_slowed(DOORS["its page"], from_("198.51.100.7"), 20) == 20


def test_it_bites_where_a_64_is_many_addresses(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "subject_of", str)
    door = DOORS["its page"]
    answers = {door(from_(f"2001:db8:1:1::{n + 1:x}"), codes.new(tag())).status_code for n in range(3 * callers.MISSES)}
    assert answers == {404}


def test_it_bites_where_codes_are_counted_up(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = itertools.count(7_000_000)
    monkeypatch.setattr(codes.secrets, "randbits", lambda k: next(numbers))
    said()
    again = itertools.count(6_999_990)
    monkeypatch.setattr(codes.secrets, "randbits", lambda k: next(again))
    assert hits(40) == 1


def test_it_bites_where_a_wrong_secret_takes_another_path(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    real = speakers.enter
    monkeypatch.setattr(speakers, "enter", lambda code, secret: real(code, secret) if speakers.find(code) else None)
    assert unlike(said().case.code)


def test_it_bites_where_the_slow_hash_is_made_for_known_codes_only(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speakers, "_right", lambda stored, given: bool(stored) and codewords.same(stored, codewords.read(given)))
    known = [said(anonymous=True).case.code, codes.new(tag())]
    assert len({scrypts(monkeypatch, code, "太阳" * 6) for code in known}) == 2
