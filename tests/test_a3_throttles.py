"""A3: whoever tries too often is stopped at every door, whoever belongs there is not, and nobody's phone is made to ring all day."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from minan.channels.web import address
from minan.channels.web.tests import phone
from minan.kernel import onetime_code, outgoing, registry, sparing
from minan.kernel.models import Message
from minan.lib import codes, throttle
from minan.lib.uuid7 import uuid7
from tests import house as houses

PASSWORD = "correct horse battery"
AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
BOMBS, SPELT = 10_000 if os.environ.get("MINAN_DEEP") else 1_500, ("13812345678", "+8613812345678", "8613812345678")
pytestmark = [pytest.mark.bar("A3"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def unhurried(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # how long a try takes is A2's
    settings.MFA_REQUIRED_FOR_STAFF = False
    throttle.forget()
    cache.clear()


@pytest.fixture
def clerk(people: dict[str, Any]) -> Any:
    people["clerk"].set_password(PASSWORD)
    people["clerk"].save(update_fields=["password"])
    return people["clerk"]


# ---- doors


def sign_in(client: Client, name: str, password: str, at: str = "203.0.113.1") -> int:
    return int(client.post("/login/", {"username": name, "password": password}, REMOTE_ADDR=at).status_code)


def doors(people: dict[str, Any]) -> dict[str, tuple[int, Callable[[int], int]]]:
    """Each door: how many tries a minute it lets one address have, and one try."""
    wang, other = Client(), Client()
    case, _ = phone.said(wang)
    wrong, code = "0" * 26, case.code
    return {
        "look-up of a code": (10, lambda n: other.get(f"/m/{codes.new('GA')}/").status_code),
        "secret": (10, lambda n: other.post(f"/m/{code}/", {"secret": wrong}).status_code),
        "codeword": (10, lambda n: other.post("/m/", {"code": code, "secret": "天地玄黄宇宙洪荒日月盈昃"}).status_code),
        "receipt": (10, lambda n: other.post(f"/proof/receipt/{code}", headers={"Authorization": f"Receipt {wrong}"}).status_code),
        "Open311 code": (10, lambda n: other.get(f"/open311/v2/requests/{codes.new('GA')}.json").status_code),
        "token": (30, lambda n: other.get("/api/v1/cases", headers={"Authorization": f"Bearer x{n}"}).status_code),
        "witness": (60, lambda n: other.post("/proof/cosign", b"x", content_type="text/plain").status_code),
        "damages": (5, lambda n: other.post("/damages/", {}).status_code),
        "what if": (5, lambda n: other.post("/damages/what-if/", {"case": "{"}).status_code),
        "damages on paper": (5, lambda n: other.post("/damages/annex.pdf", {"case": "{"}).status_code),
        "rating": (5, lambda n: wang.post(f"/m/{code}/add/", {"words": "", "key": "k"}).status_code),
    }  # fmt: skip


def open_doors(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Doors where somebody got more tries than they should."""
    monkeypatch.setitem(address.LIMITS, "step", (600, 5))  # 600 in a city; as many tries would only be slow here
    for name in ("look", "paper"):  # as above
        monkeypatch.setitem(address.LIMITS, name, (600, 5))
    out = []
    for name, (most, attempt) in doors(people).items():
        throttle.forget()
        statuses = [attempt(n) for n in range(most + 4)]
        tried = sum(status != 429 for status in statuses)
        if not (1 <= tried <= most + 1 and statuses[-1] == 429):
            out.append(f"{name}: {tried} tries, {sorted(set(statuses))}")
    return out


def test_every_door_shuts_after_its_number_of_tries(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_doors(people, monkeypatch) == []


def test_without_the_buckets_every_door_would_stay_open(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "minan.kernel.callers",
        "minan.channels.web.address",
        "minan.channels.api.asked",
        "minan.systems.proof.asked",
    ):
        monkeypatch.setattr(f"{name}.throttle", Unhurried)
    assert len(open_doors(people, monkeypatch)) == len(doors(people))


class Unhurried:
    """What a throttle would be that lets everything pass."""

    subject_of = staticmethod(throttle.subject_of)

    @staticmethod
    def allow(*_: Any) -> bool:
        return True

    @staticmethod
    def wait_seconds(*_: Any) -> int:
        return 0


# ---- wrong passwords


def wrong_tries(name: str) -> int:
    """How many wrong passwords somebody who comes from ever other addresses gets to try within a quarter of an hour."""
    return sum(sign_in(Client(), name, f"wrong {n}", f"198.51.100.{n}") == 200 for n in range(25))


def test_ten_wrong_passwords_in_a_quarter_of_an_hour_from_all_addresses_together(clerk: Any) -> None:
    with time_machine.travel(AT, tick=False) as clock:
        assert wrong_tries("clerk") == 10
        assert wrong_tries("CLERK") == 0, "however the name is written"
        clock.shift(timedelta(minutes=14))
        assert wrong_tries("clerk") == 0
        clock.shift(timedelta(minutes=2))
        assert wrong_tries("clerk") == 10


def test_she_signs_in_on_her_own_device_while_a_stranger_tries_her_name(clerk: Any) -> None:
    own = Client()
    assert sign_in(own, "clerk", PASSWORD, "192.0.2.1") == 302
    assert own.get("/desk/").status_code == 200
    own.post("/logout/")
    assert wrong_tries("clerk") == 10
    for n in range(40):
        sign_in(Client(), f"somebody{n}", "wrong", "192.0.2.1")  # and her office's address is shut too
    assert sign_in(Client(), "clerk", PASSWORD, "192.0.2.1") == 429
    assert sign_in(own, "clerk", PASSWORD, "192.0.2.1") == 302


def test_without_the_mark_of_a_known_device_a_stranger_would_shut_her_out(
    clerk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Client()
    assert sign_in(own, "clerk", PASSWORD) == 302
    own.get("/desk/")
    own.post("/logout/")
    monkeypatch.setattr("minan.shell.staying.knows", lambda request, name: False)
    assert wrong_tries("clerk") == 10
    assert sign_in(own, "clerk", PASSWORD) == 429


def test_a_known_device_too_has_ten_tries_and_its_mark_cannot_be_made_up(clerk: Any, people: dict[str, Any]) -> None:
    own = Client()
    assert sign_in(own, "clerk", PASSWORD) == 302
    own.post("/logout/")
    assert [sign_in(own, "clerk", "wrong") for _ in range(12)] == [200] * 10 + [429] * 2
    forged = Client()
    forged.cookies["known"] = own.cookies["known"].value[:-3] + "abc"
    wrong_tries("clerk")
    assert sign_in(forged, "clerk", PASSWORD) == 429
    stranger = Client()
    stranger.cookies["known"] = own.cookies["known"].value
    assert wrong_tries("handler") == 10
    assert sign_in(stranger, "handler", "wrong") == 429, "the mark is of one person only"


# ---- text messages


def bomb(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch, count: int
) -> tuple[list[tuple[str, datetime]], datetime]:
    """What was sent in a day and when, where so many messages to one number wait, and one to somebody else behind them."""
    case, _ = phone.said(Client())
    sent: list[tuple[str, datetime]] = []
    now = [AT]
    monkeypatch.setattr(outgoing, "gateways", lambda: {"sms": lambda key, number, words: sent.append((number, now[0]))})
    monkeypatch.setattr(outgoing, "_address", lambda m, case: "13900000000" if m.n == count + 5 else SPELT[m.n % 3])
    monkeypatch.setattr(outgoing, "BATCH", 500)
    Message.objects.all().delete()
    rows = [
        Message(
            id=uuid7(), county=case.county, case_id=uuid7(), n=n + 5, to="speaker", channel="sms", words="x", made_at=AT, next_at=AT
        )
        for n in range(count + 1)
    ]
    Message.objects.bulk_create(rows, batch_size=500)
    while now[0] < AT + timedelta(hours=24):
        while outgoing.send_waiting(now[0], 500):
            pass
        now[0] += timedelta(seconds=30) if now[0] < AT + timedelta(minutes=20) else timedelta(minutes=30)
    other = next(at for number, at in sent if number == "13900000000")
    return [one for one in sent if one[0] != "13900000000"], other


def test_thousands_of_messages_to_one_number_ring_ten_times_a_day_and_hold_up_nobody_else(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, other = bomb(people, monkeypatch, BOMBS)
    times = [at for _, at in sent]
    assert 5 <= len(times) <= 10
    assert min(b - a for a, b in itertools.pairwise(times)) >= timedelta(minutes=1)
    assert all(sum(at <= one < at + timedelta(hours=1) for one in times) <= 5 for at in times)
    assert other == AT, "somebody else's waited behind them all, and was sent at once"


def test_without_the_count_her_phone_would_ring_for_each(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparing, "reserve", lambda number, now, *_: now)
    sent, _ = bomb(people, monkeypatch, 60)
    assert len(sent) == 60


def test_the_city_stops_sending_where_an_hour_is_no_ordinary_one(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparing, "CITY", ((3600, 3),))
    case, _ = phone.said(Client())
    sent: list[str] = []
    monkeypatch.setattr(outgoing, "gateways", lambda: {"sms": lambda key, number, words: sent.append(number)})
    monkeypatch.setattr(outgoing, "_address", lambda message, case: f"138000000{message.n:02}")
    Message.objects.all().delete()
    for n in range(8):
        Message.objects.create(
            county=case.county, case_id=uuid7(), n=n + 10, to="speaker", channel="sms", words="x", made_at=AT, next_at=AT
        )
    for _ in range(4):
        outgoing.send_waiting(AT)
    assert len(sent) == 3
    assert Message.objects.filter(sent_at=None, tries=0).count() == 5, "the others wait, none is lost"
    outgoing.send_waiting(AT + timedelta(hours=1, seconds=1))
    assert len(sent) == 6


def test_nothing_a_resident_does_sends_a_text_so_no_address_can_order_one() -> None:
    """Twenty an hour from one /64 is the bar; here it is none: only what staff and the clock do is told by text.

    The one exception is the code by which somebody signs: six a day and case, a minute apart, by its own rule."""
    told = [
        f"{procedure.name}.{step.name}"
        for procedure in registry.procedures().values()
        for step in procedure.steps
        if "speaker" in step.tells and {"speaker", "intake"} & set(step.who) and onetime_code.not_too_often not in step.rules
    ]
    assert told == []


def test_the_mark_of_a_number_is_one_for_each_way_of_writing_it_and_tells_not_a_digit() -> None:
    assert len({sparing.mark(number) for number in SPELT}) == 1
    assert "1381234" not in sparing.mark(SPELT[0])


def test_somebody_who_signed_in_leaves_no_mark_where_nobody_is_signed_in(people: dict[str, Any]) -> None:
    nameless = Client()
    phone.said(nameless)
    assert "known" not in nameless.cookies
    assert houses.browser(people["clerk"]).get("/desk/").cookies["known"]["httponly"]
