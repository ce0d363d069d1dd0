"""S6: the server is gone. A door built from the page alone opens to what is good, refuses what is not, and opens to fire."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from minan.kernel import passes
from minan.systems.doors import homes, keys, lists, phones, registry, remote
from minan.systems.doors.models import Batch, Door, Order
from minan.systems.doors.tests import office
from minan.systems.doors.tests.office import Court, hours
from minan.systems.doors.tests.process import Running, Server

pytestmark = [pytest.mark.django_db, pytest.mark.bar("S6")]
Stand = Callable[[Door], Running]


def now() -> float:
    return timezone.now().timestamp()


def test_s6_with_the_server_gone_valid_passes_open_for_a_day_and_what_was_taken_back_before_does_not(
    court: Court, people: dict[str, Any], server: Server, stand: Stand
) -> None:
    wang, lost = office.moves_in(court, people["resident"]), office.moves_in(court, people["worker"], "401")
    card, pin = keys.card(wang.home), keys.pin(wang.home)
    homes.end(lost.home, timezone.now())  # taken back before the last sync
    door = stand(court.entrance)
    server.cut = True
    assert door.result(show=lost.shows(now())) == "revoked"
    assert door.result(show=wang.shows(now())) == "opened"
    assert door.result(card=card) == "opened"
    assert door.result(pin=pin) == "opened"
    door.say(shift=23.9 * 3600)
    assert door.result(show=wang.shows(now() + 23.9 * 3600)) == "opened"
    door.say(shift=0.3 * 3600)
    assert door.result(show=wang.shows(now() + 24.2 * 3600)) == "expired"
    assert door.result(card=card) == "opened", "cards have 72 hours"
    door.say(shift=49 * 3600)
    assert [door.result(card=card), door.result(pin=pin)] == ["stale", "stale"]


def test_s6_fire_opens_whatever_the_pass_and_nothing_is_asked(court: Court, server: Server, stand: Stand) -> None:
    door = stand(court.entrance)
    server.cut = True
    assert door.result(pin="00000000") == "unknown"
    assert door.say(fire=True) == {"open": True, "result": "fire"}
    assert door.say(show="anything") == {"open": True, "result": "fire"}
    assert door.say(contact=True)["result"] == "moved", "running out of a burning house is no forced door"
    assert door.say(fire=False)["open"] is False
    assert door.result(pin="00000000") == "unknown"


def test_s6_nobody_opens_from_afar_without_a_reason_and_an_event_and_with_them_the_door_opens_once(
    court: Court, people: dict[str, Any], server: Server, stand: Stand
) -> None:
    clerk, door = people[office.CLERK], stand(court.gate)
    for reason, words, matter in (
        ("", "门口有人", ""),
        ("asked", "", ""),
        ("danger", "有人晕倒", ""),
        ("danger", "有人晕倒", "GA00000000000"),
    ):
        assert isinstance(remote.begin(clerk, court.gate, reason, words, matter, "", timezone.now()), remote.Refused)
    assert Order.objects.count() == 0
    done = remote.begin(clerk, court.gate, "asked", "住户忘带手机，邻居认识", "", "k1", timezone.now())
    assert isinstance(done, remote.Opened)
    assert done.event.step == "open"
    server.hand_out(
        lists.signed(registry.Door.objects.select_related("compound").get(pk=court.gate.pk), timezone.now())
    )
    said = server.states(opened=[done.event.id.hex])[-1]
    assert door.say(contact=True)["result"] == "moved", "released: nobody forced it"
    client, bearer = Client(), {"Authorization": f"Bearer {court.key(court.gate)}"}
    client.post("/doors/door/state", json.dumps(said), content_type="application/json", headers=bearer)
    assert Order.objects.get().done
    door.say(contact=False)
    door.say(shift=60)
    assert door.say(contact=True)["result"] == "forced", "and it was for once"


def test_a_door_refuses_the_forged_the_expired_the_early_the_revoked_the_replayed_and_what_is_for_another(
    court: Court, people: dict[str, Any], server: Server, stand: Stand
) -> None:
    wang, at = office.moves_in(court, people["resident"]), timezone.now()
    visit = keys.visit(wang.home, at, at + hours(2), at)
    early = keys.visit(wang.home, at + hours(5), at + hours(6), at)
    next_door = office.moves_in(court, people["handler"], "101", unit="1")
    help_pass = passes.issue(court.compound.path, at, at + hours(2), "help")
    door = stand(court.entrance)
    code = wang.shows(now())
    assert door.result(show=code) == "opened"
    assert door.result(show=code) == "replayed", "the same picture a second time"
    assert door.result(show=office.forged(wang.home.path)) == "forged"
    assert door.result(show=wang.held) == "forged", "the pass without its phone"
    assert [door.result(show=visit.text), door.result(show=visit.text)] == ["opened", "replayed"]
    assert door.result(show=early.text) == "not_yet"
    assert door.result(show=next_door.shows(now())) == "other_door"
    assert door.result(show=help_pass) == "opened"
    passes.revoke(help_pass)
    server.hand_out(lists.signed(court.entrance, timezone.now()))
    door.until(n=passes.number())
    assert door.result(show=help_pass) == "revoked", "the call is closed: within seconds"
    door.say(shift=3 * 3600)
    assert door.result(show=visit.text) == "expired"


def test_a_photograph_of_the_screen_opens_nothing_after_a_minute(
    court: Court, people: dict[str, Any], stand: Stand
) -> None:
    wang, door = office.moves_in(court, people["resident"]), None
    door = stand(court.entrance)
    photograph = wang.shows(now())
    door.say(shift=61)
    assert door.result(show=photograph) == "stale"


def test_guessing_a_pin_ends_after_five_and_a_visitors_digits_open_once(
    court: Court, people: dict[str, Any], stand: Stand
) -> None:
    wang, at = office.moves_in(court, people["resident"]), timezone.now()
    visit = keys.visit(wang.home, at, at + hours(2), at)
    door = stand(court.entrance)
    assert [door.result(pin=visit.digits), door.result(pin=visit.digits)] == ["opened", "replayed"]
    assert [door.result(pin=f"{n:08}") for n in range(4)] == ["unknown"] * 4
    assert door.result(pin="12345678") == "throttled", "the used one counted too"
    door.say(shift=601)
    assert door.result(pin="12345678") == "unknown"


def test_a_barrier_knows_the_compounds_own_cars_and_forgets_every_other(
    court: Court, people: dict[str, Any], stand: Stand
) -> None:
    wang = office.moves_in(court, people["resident"])
    keys.plate(wang.home, "冀R 12345")
    barrier = stand(court.barrier)
    assert barrier.result(plate="冀R·12345") == "opened"
    assert barrier.result(plate="京A99999") == "unknown"
    kept = "".join(p.read_text("utf-8") for p in barrier.folder.iterdir())
    assert "99999" not in kept
    assert "12345" not in kept
    assert stand(court.entrance).result(plate="冀R12345") == "unknown", "a house door has no list of cars"


def test_what_a_door_sends_is_kept_once_and_read_by_the_household_alone(
    court: Court, people: dict[str, Any], server: Server, stand: Stand
) -> None:
    office.neighbours(court)
    wang = office.moves_in(court, people["resident"])
    card = keys.card(wang.home)
    door = stand(court.entrance)
    assert [door.result(show=wang.shows(now())), door.result(card=card), door.result(card="00" * 16)] == [
        "opened",
        "opened",
        "unknown",
    ]
    door.say(shift=3600)
    batch = server.batches()[0]
    assert batch["counts"] == {"opened": 2, "unknown": 1}
    assert batch["lines"] == sorted(batch["lines"])
    assert {len(line) for line in batch["lines"]} == {80}
    client, bearer = Client(), {"Authorization": f"Bearer {court.key(court.entrance)}"}
    for _ in range(2):
        assert (
            client.post(
                "/doors/door/lines", json.dumps(batch), content_type="application/json", headers=bearer
            ).status_code
            == 204
        )
    assert Batch.objects.count() == 1
    client.force_login(people["resident"])
    bag = client.get(f"/doors/{wang.home.pk}/bag/").json()
    assert sorted(way for _, _, _, way in wang.reads(bag)) == [1, 2], "by phone and by card"
    stranger = office.moves_in(court, people["stranger"], "502")
    assert stranger.reads(bag) == []
    for who in ("clerk", office.CLERK, "supervisor", "admin", "stranger"):
        assert office.browser(people[who]).get(f"/doors/{wang.home.pk}/bag/").status_code == 404, who


def test_a_door_that_was_switched_off_goes_on_with_what_it_had(
    court: Court, people: dict[str, Any], server: Server, stand: Stand
) -> None:
    wang, at = office.moves_in(court, people["resident"]), timezone.now()
    visit = keys.visit(wang.home, at, at + hours(2), at)
    first = stand(court.entrance)
    assert first.result(show=visit.text) == "opened"
    first.stop()
    server.cut = True
    again = Running(server, "00" * 32, first.folder)
    try:
        assert again.result(show=visit.text) == "replayed", "used is used, whatever the power does"
        assert again.result(show=wang.shows(now() - 30)) == "stale", "nothing from before it was switched on"
        assert again.result(show=wang.shows(now() + 2)) == "opened"
    finally:
        again.stop()


def test_a_phone_fetches_its_pass_by_its_own_signature_and_a_lost_one_is_void_at_once(
    court: Court, people: dict[str, Any]
) -> None:
    wang, client, at = office.moves_in(court, people["resident"]), Client(), int(now())
    fresh = client.post("/doors/key/daily/", office.asks(wang, at), content_type="application/json")
    assert fresh.json()["pass"].startswith("M1.")
    stale = client.post("/doors/key/daily/", office.asks(wang, at - 700), content_type="application/json")
    assert (stale.status_code, "pass" in stale.json()) == (410, False)
    assert phones.end(wang.home, wang.name, timezone.now())
    assert client.post("/doors/key/daily/", office.asks(wang, at), content_type="application/json").status_code == 410
    why = passes.verify(wang.held, None, timezone.now() + timedelta(seconds=1), court.entrance.closes)
    assert why == passes.Refused("revoked")


def test_after_a_theft_of_the_signing_keys_the_doors_take_the_new_ones_and_no_pass_of_before_opens(
    court: Court, people: dict[str, Any], server: Server, stand: Stand
) -> None:
    wang, door = office.moves_in(court, people["resident"]), stand(court.entrance)
    before = wang.held
    passes.rotate(at_once=True)
    server.hand_out(lists.signed(court.entrance, timezone.now() + timedelta(seconds=1)))
    door.until(keys=[passes.root().hex()])
    assert door.result(show=wang.shows(now())) == "forged"
    wang.fetch(timezone.now())
    assert wang.held != before
    assert door.result(show=wang.shows(now())) == "opened"
