"""What is known of 王秀兰 opens only with the keys, only for her case, and after it was erased never again."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from minan.kernel import speakers, vault
from minan.kernel.access import SPEAKER
from minan.kernel.act import Opened, open_case
from minan.kernel.keeper import client
from minan.kernel.models import Body, Case, Inbox, Message, Outbox, Speaker

AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
PHONE, NAME, MAIL = "13812345678", "王秀兰金丝雀", "canary@example.org"
KNOWN = {"name": NAME, "phone": PHONE}


@pytest.fixture
def keys(tmp_path: pathlib.Path, settings: Any) -> Iterator[pathlib.Path]:
    """A folder of keys of this test's own, and a keeper of its own."""
    settings.KEYS = tmp_path / "keys"
    yield settings.KEYS
    client.dismiss(settings.KEYS)


def read(code: str, wrapped: bytes, sealed: bytes) -> dict[str, Any]:
    return vault.unseal(code, wrapped, sealed, who="speaker", why="own")


def lose(keys: pathlib.Path) -> None:
    """The private keys are gone; what the keeper held in memory with them."""
    client.dismiss(keys)
    shutil.rmtree(keys / "keeper")


def say() -> Case:
    facts = {"text": f"路灯不亮，我的电话 {PHONE}", "place": "131022100010", "name": NAME, "phone": PHONE}
    opened = open_case("matter", by=SPEAKER, facts=facts, at=AT, known={"mail": MAIL})
    assert isinstance(opened, Opened), opened
    return opened.case


def test_what_was_sealed_opens_with_the_keys(keys: pathlib.Path) -> None:
    wrapped, sealed = vault.seal("GA1", KNOWN)
    assert read("GA1", wrapped, sealed) == KNOWN
    assert PHONE.encode() not in wrapped + sealed
    assert NAME.encode() not in wrapped + sealed


def test_the_private_keys_lie_in_a_room_that_nobody_else_reads(keys: pathlib.Path) -> None:
    vault.seal("GA1", KNOWN)
    assert (keys / "keeper").stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in (keys / "keeper").iterdir()} == {0o600}
    assert (keys / "keeper.sock").stat().st_mode & 0o777 == 0o600
    assert keys.stat().st_mode & 0o777 == 0o700


def test_with_another_key_it_stays_shut(keys: pathlib.Path) -> None:
    wrapped, sealed = vault.seal("GA1", KNOWN)
    lose(keys)
    (keys / "keeper.pub").unlink()  # as if nobody had ever kept anything here
    assert vault.status()["keys"]
    with pytest.raises(vault.Sealed):
        read("GA1", wrapped, sealed)


def test_what_was_sealed_for_one_matter_does_not_open_under_another(keys: pathlib.Path) -> None:
    wrapped, sealed = vault.seal("GA1", KNOWN)
    with pytest.raises(vault.Sealed):
        read("GA2", wrapped, sealed)


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("byte", [0, 3, 20, -1])
def test_a_touched_byte_keeps_it_shut(keys: pathlib.Path, part: int, byte: int) -> None:
    pair = [bytearray(half) for half in vault.seal("GA1", KNOWN)]
    pair[part][byte] ^= 1
    with pytest.raises(vault.Sealed):
        read("GA1", bytes(pair[0]), bytes(pair[1]))


def test_more_can_be_put_to_it_without_opening_it_here(keys: pathlib.Path) -> None:
    wrapped, first = vault.seal("GA1", KNOWN)
    second = vault.add("GA1", wrapped, first, {"address": "3号楼"})
    assert read("GA1", wrapped, second) == KNOWN | {"address": "3号楼"}
    assert vault.names("GA1", wrapped, second) == ["address", "name", "phone"]
    third = vault.trim("GA1", wrapped, second, ["name"])
    assert third is not None
    assert read("GA1", wrapped, third) == {"name": NAME}
    assert vault.trim("GA1", wrapped, third, ["phone"]) is None


def test_two_processes_that_begin_at_once_have_one_keeper(keys: pathlib.Path) -> None:
    code = (
        "import sys, pathlib; from minan.kernel.keeper import client;"
        "print(client.ask(pathlib.Path(sys.argv[1]), {'op': 'mark', 'subject': '1'})['ok']['mark'])"
    )
    asked = [sys.executable, "-c", code, str(keys)]
    both = [subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    first, second = (process.communicate(timeout=60)[0] for process in both)
    assert first.strip()
    assert first == second
    assert len(list((keys / "keeper").glob("key-*"))) == 1


@pytest.mark.django_db
def test_her_name_and_number_lie_in_the_vault_and_in_no_other_table(city: None) -> None:
    case = say()
    assert speakers.known(case, who="speaker", why="own") == {
        "name": NAME,
        "phone": PHONE,
        "mail": MAIL,
        "say.text": f"路灯不亮，我的电话 {PHONE}",
    }
    told = [str(list(model.objects.values())) for model in (Case, Body, Inbox, Message, Outbox)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM kernel_search")
        told.append(str(cursor.fetchall()))
    told.append(
        str(
            [
                {k: bytes(v) if isinstance(v, memoryview) else v for k, v in row.items()}
                for row in Speaker.objects.values()
            ]
        )
    )
    for canary in (PHONE, NAME, MAIL):
        assert [text for text in told if canary in text] == []


@pytest.mark.django_db
def test_a_lost_key_shuts_the_vault_but_not_the_matter(city: None, keys: pathlib.Path) -> None:
    case = say()
    lose(keys)
    with pytest.raises(vault.Lost):
        speakers.known(case, who="speaker", why="own")
    assert "［电话］" in Case.objects.get(id=case.id).text


@pytest.mark.django_db
def test_what_was_erased_is_gone_while_the_keys_are_still_there(city: None) -> None:
    case = say()
    Speaker.objects.filter(case_id=case.id).update(wrapped=None, sealed=None)
    assert speakers.known(case, who="speaker", why="own") == {}


@pytest.mark.django_db
def test_a_wrong_code_and_a_wrong_secret_ask_the_database_the_same(city: None, django_assert_num_queries: Any) -> None:
    facts = {"text": "路灯不亮", "place": "131022100010"}
    opened = open_case("matter", by=SPEAKER, facts=facts, at=AT)
    assert isinstance(opened, Opened)
    for code, secret, right in (
        (opened.case.code, opened.secret, True), (opened.case.code, "wrong", False),
        ("GA" + "0" * 13, opened.secret, False), ("?", "", False),
    ):  # fmt: skip
        with django_assert_num_queries(2):
            assert (speakers.enter(code, secret) is not None) == right


@pytest.mark.django_db
def test_an_account_finds_its_own_matters_and_no_others(people: dict[str, Any]) -> None:
    wang, stranger = people["resident"], people["stranger"]
    opened = open_case(
        "matter", by=SPEAKER, facts={"text": "路灯不亮", "place": "131022100010"}, at=AT, account=str(wang.pk)
    )
    assert isinstance(opened, Opened)
    assert speakers.own(wang) == [opened.case]
    assert speakers.own(stranger) == []
    assert speakers.owns(wang, opened.case)
    assert not speakers.owns(stranger, opened.case)
    assert speakers.own_case(stranger, opened.case.code) is None
    assert str(wang.pk) != Speaker.objects.get(case_id=opened.case.id).owner
