"""The city goes on while the vault's keeper is away, its keys turn while people work, and lost keys come back from one sealed copy."""

from __future__ import annotations

import argparse
import hashlib
import json
import pathlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from minan.kernel import doctor, keeping, outgoing, retention, speakers, vault, worker
from minan.kernel.access import SPEAKER
from minan.kernel.act import Opened, act, open_case
from minan.kernel.commands import keeper
from minan.kernel.keeper import client, limits
from minan.kernel.models import Case, Delivery, Message, Speaker
from minan.kernel.tests.desks import desk_of
from minan.kernel.tests.keepers import NAME, PHONE, event, kill, lines, lose, tool
from minan.lib.uuid7 import uuid7

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
FIRST, SECOND = "四个词 的口令 一号 纸上", "another twelve words"


@pytest.fixture(autouse=True)
def keys(tmp_path: pathlib.Path, settings: Any, city: None) -> Iterator[pathlib.Path]:
    """A folder of keys of this test's own."""
    (tmp_path / "data").mkdir()
    settings.DATA, settings.KEYS = tmp_path / "data", tmp_path / "keys"
    yield settings.KEYS
    client.dismiss(settings.KEYS)


@pytest.fixture
def away(keys: pathlib.Path, settings: Any) -> pathlib.Path:
    """A keeper that was here and is away: one with a place of its own, which nobody starts from here."""
    vault.status()
    kill(keys)
    settings.KEEPER = str(keys)
    return keys


def say(**more: Any) -> Case:
    facts = {"text": "路灯不亮", "place": "131022100010", "name": NAME, "phone": PHONE}
    opened = open_case("matter", by=SPEAKER, facts=facts, at=AT, **more)
    assert isinstance(opened, Opened), opened
    return opened.case


def known(case: Case) -> dict[str, Any]:
    return speakers.known(case, who="speaker", why="own")


def minan(*words: str) -> int:
    parser = argparse.ArgumentParser()
    keeper.add_arguments(parser)
    return keeper.run(parser.parse_args(words))


# ---- without the keeper


def test_a_matter_is_taken_in_while_the_keeper_is_away_and_opens_when_it_is_back(
    away: pathlib.Path, settings: Any
) -> None:
    case = say()
    with pytest.raises(vault.Away):
        known(case)
    settings.KEEPER = ""
    assert known(case)["phone"] == PHONE


def test_an_account_finds_what_it_said_while_the_keeper_was_away(
    away: pathlib.Path, settings: Any, people: dict[str, Any]
) -> None:
    wang = people["resident"]
    case = say(account=str(wang.pk))
    row = Speaker.objects.get(case_id=case.id)
    assert row.owner == vault.LATER
    assert keeping.link_waiting(now=1e9) == 0
    settings.KEEPER = ""
    assert known(case).keys() >= {"name", "phone"}
    assert str(wang.pk) not in [str(v) for v in known(case).values()]
    assert keeping.link_waiting(now=2e9) == 1
    assert speakers.own(wang) == [case]
    assert known(case)["phone"] == PHONE
    assert keeping.link_waiting(now=3e9) == 0


def test_the_same_account_has_the_same_mark_whenever_it_spoke(people: dict[str, Any]) -> None:
    wang = people["resident"]
    first = say(account=str(wang.pk))
    assert Speaker.objects.get(case_id=first.id).owner == vault.owner_mark(str(wang.pk))
    assert Speaker.objects.get(case_id=first.id).owner != hashlib.sha256(str(wang.pk).encode()).hexdigest()


def test_a_text_message_waits_for_the_keeper_and_uses_up_no_try(
    away: pathlib.Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(outgoing, "gateways", lambda: {"sms": lambda key, to, words: sent.append(to)})
    case = say()
    Message.objects.create(
        county=case.county, case_id=case.id, n=1, to="speaker", channel="sms", words="说了", made_at=AT, next_at=AT
    )
    assert outgoing.send_waiting(AT) == 0
    assert Message.objects.get(channel="sms").tries == 0
    settings.KEEPER = ""
    assert outgoing.send_waiting(AT) == 1
    assert sent == [PHONE]


def test_news_that_need_the_vault_wait_for_its_keeper_and_are_not_parked() -> None:
    row = Delivery.objects.create(
        county="131022",
        event=uuid7(),
        case_id=uuid7(),
        n=1,
        name="matter.say",
        at=AT,
        listener="x",
        delta={},
        next_at=AT,
    )
    for _ in range(5):
        worker._failed(row, vault.Away(), AT)
    assert row.tries == 0
    assert row.next_at is not None
    for _ in range(5):
        worker._failed(row, ValueError("x"), AT)
    assert row.next_at is None


def test_nothing_is_erased_that_the_keeper_could_not_look_at(away: pathlib.Path, settings: Any) -> None:
    case = say()
    assert act(case, "withdraw", by=SPEAKER, at=AT)
    late = AT + timedelta(days=800)
    retention.vaults(late, dry=False)
    assert Speaker.objects.get(case_id=case.id).wrapped
    settings.KEEPER = ""
    retention.vaults(late, dry=False)
    assert Speaker.objects.get(case_id=case.id).wrapped is None


def test_pages_that_need_the_keeper_say_so_in_a_sentence(away: pathlib.Path, people: dict[str, Any]) -> None:
    wang = Client()
    wang.force_login(people["resident"])
    answer = wang.get("/mine/")
    assert answer.status_code == 503
    assert "保险箱暂时打不开" in answer.content.decode()
    assert answer["Retry-After"]
    assert Client().get("/").status_code == 200


def test_a_clerk_who_called_sees_the_page_and_that_the_vault_is_shut(
    keys: pathlib.Path, settings: Any, people: dict[str, Any]
) -> None:
    case, chen = say(), desk_of("clerk")
    page = chen.post(f"/desk/{case.code}/call/", {"moves": str(case.moves)}, follow=True).content.decode()
    assert PHONE in page
    looked = [entry for entry in lines(keys) if entry["op"] == "open"]
    assert [(e["who"], e["why"], e["ok"]) for e in looked] == [(f"user:{people['clerk'].pk}", "call", True)]
    assert minan("log", "check") == 0
    kill(keys)
    settings.KEEPER = str(keys)
    page = chen.get(f"/desk/{case.code}/").content.decode()
    assert "保险箱现在打不开" in page
    assert PHONE not in page


# ---- turning the keys


def test_turned_keys_seal_anew_and_open_the_old_until_all_are_rewrapped(
    keys: pathlib.Path, capfd: pytest.CaptureFixture[str]
) -> None:
    old = say()
    first = vault.status()["current"]
    assert minan("rotate") == 0
    new = say()
    second = bytes(Speaker.objects.get(case_id=new.id).wrapped)[1:5].hex()
    assert second != first
    assert known(old)["phone"] == known(new)["phone"] == PHONE
    assert "seals now" in tool("destroy", keys, second, good=False)
    assert minan("rewrap", "--destroy") == 0
    assert "1 rewrapped" in capfd.readouterr().out
    assert keeping.still_closed_to(first) == 0
    assert [p.name for p in (keys / "keeper").glob("key-*")] == ["key-0002"]
    assert known(old)["phone"] == known(new)["phone"] == PHONE
    kill(keys)
    assert known(old)["phone"] == PHONE
    assert {"changed", "rewrap"} <= {entry["op"] for entry in lines(keys)}


def test_rewrapping_brings_back_nobody_who_was_erased_meanwhile(
    keys: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = say()
    minan("rotate")
    rewrap = vault.rewrap

    def slow(pairs: Any) -> Any:
        Speaker.objects.filter(case_id=case.id).update(wrapped=None, sealed=None)
        return rewrap(pairs)

    monkeypatch.setattr(vault, "rewrap", slow)
    assert keeping.rewrap() == (0, 0)
    assert known(case) == {}


def test_a_key_stays_as_long_as_something_is_closed_to_it(keys: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = say()
    minan("rotate")
    monkeypatch.setattr(vault, "rewrap", lambda pairs: [None for _ in pairs])
    with pytest.raises(SystemExit, match="still closed"):
        minan("rewrap", "--destroy")
    assert known(case)["phone"] == PHONE


# ---- two sealed copies


@pytest.fixture
def copied(keys: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> list[pathlib.Path]:
    """Two sealed copies in two places, of a city in which somebody has spoken."""
    monkeypatch.setenv("MINAN_KEEPER_PASSPHRASE", FIRST)
    monkeypatch.setenv("MINAN_KEEPER_PASSPHRASE_2", SECOND)
    places = [tmp_path / "safe", tmp_path / "court"]
    for place in places:
        place.mkdir()
    vault.status()
    assert minan("copies", *map(str, places)) == 0
    return [next(place.iterdir()) for place in places]


@pytest.mark.parametrize(("which", "passphrase"), [(0, FIRST), (1, SECOND)])
def test_the_drill_all_keys_are_lost_and_either_copy_alone_brings_them_back(
    keys: pathlib.Path,
    copied: list[pathlib.Path],
    monkeypatch: pytest.MonkeyPatch,
    people: dict[str, Any],
    which: int,
    passphrase: str,
) -> None:
    case = say(account=str(people["resident"].pk))
    copied[1 - which].unlink()
    lose(keys)
    with pytest.raises(vault.Lost):
        known(case)
    assert any(f.fault and "keys are lost" in f.what.en for f in doctor.look(AT))
    said_meanwhile = say()  # with the public key alone
    client._failed.clear()
    monkeypatch.setenv("MINAN_KEEPER_PASSPHRASE", passphrase)
    assert minan("restore", str(copied[which])) == 0
    client._failed.clear()
    assert known(case)["phone"] == PHONE
    assert known(said_meanwhile)["phone"] == PHONE
    assert speakers.own(people["resident"]) == [case]


def test_the_whole_folder_lost_with_the_public_key_comes_back_too(
    keys: pathlib.Path, copied: list[pathlib.Path]
) -> None:
    case = say()
    lose(keys)
    (keys / "keeper.pub").unlink()
    assert any(f.fault and "keys are lost" in f.what.en for f in doctor.look(AT))
    assert minan("restore", str(copied[0])) == 0
    assert known(case)["phone"] == PHONE


def test_a_copy_shows_nothing_and_opens_with_its_own_passphrase_only(
    keys: pathlib.Path, copied: list[pathlib.Path]
) -> None:
    raw = (keys / "keeper" / "key-0001").read_bytes().strip()
    assert all(raw not in copy.read_bytes() for copy in copied)
    assert all(copy.stat().st_mode & 0o777 == 0o600 for copy in copied)
    other = {"MINAN_KEEPER_PASSPHRASE": SECOND}
    assert "does not open" in tool("restore", keys, copied[0], good=False, **other)
    touched = json.loads(copied[0].read_bytes())
    touched["made"] = "2020-01-01T00:00:00+00:00"
    copied[0].write_text(json.dumps(touched))
    assert "does not open" in tool("restore", keys, copied[0], good=False)
    copied[0].write_text("{}")
    assert "no copy" in tool("restore", keys, copied[0], good=False)


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [(FIRST, FIRST, "passphrase of its own"), ("short", SECOND, "12 characters")],
)
def test_two_copies_are_two_secrets(
    keys: pathlib.Path, tmp_path: pathlib.Path, first: str, second: str, why: str
) -> None:
    vault.status()
    given = {"MINAN_KEEPER_PASSPHRASE": first, "MINAN_KEEPER_PASSPHRASE_2": second}
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert why in tool("copies", keys, tmp_path / "a", tmp_path / "b", good=False, **given)
    good = {"MINAN_KEEPER_PASSPHRASE": FIRST, "MINAN_KEEPER_PASSPHRASE_2": SECOND}
    assert "two places" in tool("copies", keys, tmp_path / "a", tmp_path / "a", good=False, **good)
    assert "lost with them" in tool("copies", keys, tmp_path / "a", keys / "keeper", good=False, **good)


def test_a_copy_does_not_overwrite_the_keys_of_another_city(
    keys: pathlib.Path, copied: list[pathlib.Path], tmp_path: pathlib.Path
) -> None:
    other = tmp_path / "other"
    client.ask(other, {"op": "status"})
    assert "move it away" in tool("restore", other, copied[0], good=False)
    client.dismiss(other)


# ---- what the doctor and the log say


def told() -> str:
    return "\n".join(f.into("en") for f in doctor.look(datetime.now(UTC)))


def test_the_doctor_asks_for_copies_until_there_are_two_of_todays_key(
    keys: pathlib.Path, tmp_path: pathlib.Path, request: pytest.FixtureRequest
) -> None:
    say()
    assert "no sealed copies" in told()
    request.getfixturevalue("copied")
    assert "sealed copies" not in told()
    minan("rotate")
    assert f"do not hold today's key {vault.status()['current']}" in told()


def test_the_doctor_says_when_the_keeper_is_away_its_log_was_cut_or_its_limits_are_others(keys: pathlib.Path) -> None:
    case = say()
    known(case)
    keeping.note()
    assert "log was cut" not in told()
    client.dismiss(keys)
    path = keys / "keeper" / "log.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))
    (keys / "keeper" / "limits.toml").write_bytes(limits.DEFAULT.read_bytes())
    assert "log was cut" not in told().replace("the keeper's log was cut", "")
    assert "the keeper's log was cut" in told()
    assert "limits of this city's own" in told()


def test_the_doctor_says_that_the_keeper_is_away(away: pathlib.Path) -> None:
    assert "keeper does not answer" in told()


def test_the_doctor_names_who_called_more_than_three_times_what_is_in_their_hands(
    keys: pathlib.Path, people: dict[str, Any]
) -> None:
    who = f"user:{people['stranger'].pk}"
    for n in range(5):
        code = f"GA{n:013}"
        vault.unseal(code, *vault.seal(code, {"phone": PHONE}), who=who, why="call", event=event(n))
    assert f"stranger（{who}） called 5 speakers in a day with 0 matters in hand" in told()


def test_a_look_without_an_event_of_that_case_is_found_in_the_log(
    keys: pathlib.Path, people: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = say(), say()
    who = f"user:{people['clerk'].pk}"
    speakers.known(one, who=who, why="call", event=one.head)
    assert minan("log", "check") == 0
    speakers.known(one, who=who, why="call", event=event(1))
    speakers.known(one, who=who, why="call", event=two.head)
    assert minan("log", "check") == 1
    found = capsys.readouterr().out
    assert f"line 3: a look by {who} (call) without an event" in found
    assert f"line 4: a look by {who} (call) with another case's event" in found
    path = keys / "keeper" / "log.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"why":"call"', b'"why":"own_"'))
    assert minan("log", "check") == 1
    assert "line 2: it was changed" in capsys.readouterr().out
