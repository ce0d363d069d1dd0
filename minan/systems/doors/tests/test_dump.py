"""A full dump of database and door, without the household's key, cannot tell who passed when: tried here by everything in it."""

from __future__ import annotations

import hashlib
import itertools
import json
import pathlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.apps import apps
from django.utils import timezone

from minan.systems.doors import heard, keys, lists
from minan.systems.doors.models import Batch, Door, Home, Phone
from minan.systems.doors.tests import office
from minan.systems.doors.tests.office import Court, Wang, hours
from minan.systems.doors.tests.process import Running, Server

pytestmark = [pytest.mark.django_db, pytest.mark.bar("P6")]
SMALL = re.compile(r"\d{10}(\.\d+)?")


def cells() -> Iterator[tuple[str, str]]:
    """(table and column, value as text) of everything in the database, sessions and all."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed:
            names = [f.attname for f in model._meta.concrete_fields]
            for row in model._default_manager.values_list(*names):
                for name, value in zip(names, row, strict=True):
                    held = bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)
                    yield f"{model._meta.label}.{name}", held


def pass_by(running: Running, people: list[tuple[Wang, str]], at: float) -> None:
    """They pass one after another: by phone, by card, by a visitor's pass."""
    for wang, card in people:
        assert running.result(show=wang.shows(at)) == "opened"
        assert running.result(card=card) == "opened"


@pytest.fixture
def three(court: Court, people: dict[str, Any]) -> list[tuple[Wang, str]]:
    office.neighbours(court)
    found = []
    for who, flat in (("resident", "302"), ("worker", "401"), ("handler", "502")):
        wang = office.moves_in(court, people[who], flat)
        found.append((wang, keys.card(wang.home)))
    return found


@pytest.fixture
def dumped(
    court: Court, three: list[tuple[Wang, str]], server: Server, stand: Callable[[Door], Running]
) -> tuple[Running, list[Any]]:
    """Two hours at the entrance: all three in the first, 王秀兰's alone in the second, and a visitor of hers; sent, and kept by the city."""
    at, wang = timezone.now(), three[0][0]
    visit = keys.visit(wang.home, at, at + hours(5), at)
    door = stand(court.entrance)
    at = timezone.now()
    pass_by(door, three, at.timestamp())
    assert door.result(show=visit.text) == "opened"
    assert door.result(pin=visit.digits) == "replayed", "digits and code of one visit are one pass"
    door.say(shift=3600)
    pass_by(door, three[:1], at.timestamp() + 3600)
    server.batches(1)
    door.until(waits=0)  # acknowledged, and gone from its memory
    pending = json.loads((door.folder / "pending.json").read_text("utf-8"))
    for batch in server.batches(1):
        assert heard.batch(court.entrance, batch, timezone.now())
    return door, list({batch["point"]: batch for batch in (*pending, *server.batches(1))}.values())


def test_no_line_of_a_door_is_tied_to_a_household_by_anything_in_the_dump(
    dumped: tuple[Running, list[Any]], court: Court, three: list[tuple[Wang, str]]
) -> None:
    door, batches = dumped
    table = list(cells())
    files = {p.name: p.read_text("utf-8") for p in door.folder.iterdir()}
    strings = {value for _, value in table} | set(re.findall(r'"([^"]{8,})"', "".join(files.values())))
    lines = {bytes.fromhex(line) for batch in batches for line in batch["lines"]}
    known = {
        v for v in strings if 6 <= len(v) <= 200 and not any(line.hex() in v for line in lines)
    }  # but the lines themselves
    assert len(lines) == 3 * 2 + 1 + 2, "phones and cards, the visitor's pass, and hers alone in the second hour"
    pieces = {line[:8] for line in lines} | {line[8:24] for line in lines}

    def is_found(raw: bytes) -> bool:
        return raw[:8] in pieces or raw[:16] in pieces

    points = {batch["point"] for batch in batches}
    for value in known:  # hashes of all that is there, alone and with the door's points; the value itself
        raws = [value.encode()] + ([bytes.fromhex(value)] if re.fullmatch(r"(?:[0-9a-f]{2})+", value) else [])
        for raw, point in itertools.product(raws, ("", *points)):
            for made in (
                raw,
                hashlib.sha256(raw).digest(),
                hashlib.sha256(raw + bytes.fromhex(point)).digest(),
                hashlib.sha256(bytes.fromhex(point) + raw).digest(),
            ):
                assert not is_found(made), value
    scalars = [int(v[:64], 16) for v in known if re.fullmatch(r"[0-9a-f]{64,}", v)]
    for scalar, point in itertools.product(scalars[:400], points):  # whatever looks like a private key is tried as one
        if not 0 < scalar < 2**255:
            continue
        mine = ec.derive_private_key(scalar, ec.SECP256R1())
        other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(point))
        made = HKDF(algorithm=hashes.SHA256(), length=544, salt=bytes.fromhex(point), info=b"minan-line-1").derive(
            mine.exchange(ec.ECDH(), other)
        )
        assert not {made[32 + 8 * n : 40 + 8 * n] for n in range(64)} & {line[:8] for line in lines}
    for secret, line in itertools.product(
        [bytes.fromhex(v[:64]) for v in known if re.fullmatch(r"[0-9a-f]{64}", v)][:300], list(lines)[:2]
    ):
        with pytest.raises(InvalidTag):
            AESGCM(secret).decrypt(bytes(12), line[8:], None)


def test_the_door_keeps_no_pass_no_key_of_a_phone_and_no_time_finer_than_the_hour(
    dumped: tuple[Running, list[Any]], three: list[tuple[Wang, str]]
) -> None:
    door, batches = dumped
    kept = "".join(p.read_text("utf-8") for p in door.folder.iterdir())
    for wang, card in three:
        row = Phone.objects.get(pk=wang.name)
        for trace in (row.point, row.pk, row.mark, wang.home.pk.hex, wang.home.flat, wang.held, card):
            assert trace not in kept
    used = json.loads((door.folder / "used.json").read_text("utf-8"))
    assert len(used) == 1, "the visit's pass, until it ends"
    assert not [p for p in door.folder.iterdir() if p.stat().st_mtime % 3600]
    assert door.folder.stat().st_mtime % 3600 == 0
    for batch in batches:
        assert batch["hour"] % 3600 == 0
        assert set(batch) == {"hour", "point", "lines", "counts"}
        assert batch["lines"] == sorted(batch["lines"]), "no order of time"
        assert {len(line) for line in batch["lines"]} == {80}, "one length"
    assert len({line for batch in batches for line in batch["lines"]}) == sum(len(b["lines"]) for b in batches), (
        "no line twice"
    )
    assert len({batch["point"] for batch in batches}) == len(batches), "each hour its own"


def test_the_records_look_the_same_whoever_it_was_that_passed(
    court: Court, three: list[tuple[Wang, str]], server: Server, stand: Callable[[Door], Running]
) -> None:
    """Two worlds: in one 王秀兰's household came home, in the other the one above. What is left of both differs in random bytes only."""
    worlds = []
    for (wang, card), n in ((three[0], 1), (three[1], 2)):
        door = stand(court.entrance)
        pass_by(door, [(wang, card)], timezone.now().timestamp())
        door.say(shift=3600)
        batch = server.batches(n)[-1]
        door.until(waits=0)
        assert heard.batch(court.entrance, batch, timezone.now())
        row = Batch.objects.get(point=batch["point"])
        fresh = [row.hour, row.day, len(row.lines), row.counts, len(row.pk)]
        files = {
            p.name: SMALL.sub("t", re.sub(r"[0-9a-f]{32,}", "…", p.read_text("utf-8")))
            for p in door.folder.iterdir()
            if p.name != "list.json"
        }
        worlds.append((batch["counts"], len(batch["lines"]), fresh, files))
    assert worlds[0] == worlds[1]


def test_without_the_citys_keys_no_card_visit_or_pass_of_a_day_leads_to_its_home(
    court: Court, three: list[tuple[Wang, str]], keys: pathlib.Path
) -> None:
    """The names that tie them are drawn with KEYS, which is in no dump: every name is tried against every home by all simple ways."""
    homes, found = list(Home.objects.all()), dict(cells())
    handles = {value for label, value in cells() if label == "doors.Key.handle"}
    assert len(handles) == 3
    for home in homes:
        for kind, n in itertools.product(("card", "pin", "plate", "visit"), range(10)):
            for said in (
                f"{home.pk}{kind}{n}",
                f"{home.pk.hex}:{kind}:{n}",
                json.dumps(["key", str(home.pk), kind, str(n)]),
            ):
                assert hashlib.sha256(said.encode()).hexdigest() not in handles
        assert home.pk.hex not in {
            value for label, value in cells() if label.startswith(("doors.Key", "doors.Batch", "kernel.Revoked"))
        }
    assert (keys / "secret").exists()
    assert found


def test_the_list_a_door_holds_says_nothing_of_homes_and_people(court: Court, three: list[tuple[Wang, str]]) -> None:
    said = json.dumps(lists.of(court.entrance, timezone.now()))
    for wang, card in three:
        for trace in (wang.home.pk.hex, str(wang.home.pk), wang.home.flat, wang.name, card, '"302"', "王秀兰"):
            assert trace not in said


def test_one_household_at_one_door_fills_more_than_sixty_four_lines_without_two_alike(
    court: Court, three: list[tuple[Wang, str]], server: Server, stand: Callable[[Door], Running]
) -> None:
    door, card = stand(court.gate), three[0][1]
    assert {door.result(card=card) for _ in range(70)} == {"opened"}
    door.say(shift=3600)
    batches = server.batches(2)
    for batch in batches:
        assert heard.batch(court.gate, batch, timezone.now())
    lines = [line for batch in batches for line in batch["lines"]]
    assert len(lines) == len(set(lines)) == 70
    assert len({line[:16] for line in lines}) == 70
