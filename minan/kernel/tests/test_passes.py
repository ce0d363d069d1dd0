"""The city issues passes, takes them back, and turns its keys, without a door having to be touched."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as conf
from django.utils import timezone

from minan.kernel import passes
from minan.kernel.models import Revoked
from minan.lib.passes import Pass, Refused

GATE, HOME = "131002001003/c1", "131002001003/c1/3/2"
NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _keys(settings: Any, tmp_path: Path) -> None:
    settings.KEYS = tmp_path


def helpers(begins: datetime = NOW, hours: int = 2) -> str:
    return passes.issue(HOME, begins, begins + timedelta(hours=hours), "help")


def why(text: str, at: datetime = NOW, keys: dict[bytes, bytes] | None = None) -> str:
    found = passes.verify(text, keys, at, GATE)
    return found.why if isinstance(found, Refused) else "open"


@pytest.mark.django_db
def test_a_pass_for_helpers_opens_until_the_call_is_closed_and_it_is_taken_back() -> None:
    text = helpers()
    assert why(text) == "open"
    before = passes.number()
    assert passes.revoke(text) == 1
    assert passes.revoke(text) == 0, "twice is once"
    assert passes.number() > before
    assert why(text) == "revoked"
    assert why(text, NOW + timedelta(hours=3)) == "expired"


@pytest.mark.django_db
def test_the_list_holds_only_what_could_still_open_and_its_number_never_falls(django_assert_num_queries: Any) -> None:
    old, newer, newest = helpers(NOW - timedelta(hours=9)), helpers(NOW - timedelta(hours=8)), helpers()
    passes.revoke(old, newer)
    number = passes.number()
    assert passes.purge(NOW) == 1
    assert passes.number() == number, "the newest row keeps the count"
    passes.revoke(newest)
    assert passes.purge(NOW) == 1
    found = passes.verify(newest, None, NOW - timedelta(days=1), GATE)
    assert isinstance(found, Refused)
    with django_assert_num_queries(2):
        said = passes.listed(NOW)
    assert len(said["void"]) == 1
    assert said["n"] > number
    assert Revoked.objects.count() == 1


def test_issuing_needs_no_database() -> None:
    text = helpers()  # this test may not touch it
    assert text.startswith("M1.")
    assert len(text) < 200


def test_keys_lie_apart_from_the_records_and_are_closed() -> None:
    helpers()
    files = list((Path(conf.KEYS) / "passes").iterdir())
    assert files
    assert {f.stat().st_mode & 0o777 for f in files} == {0o600}
    assert not (Path(conf.DATA) / "passes").exists()


@pytest.mark.django_db
def test_a_new_key_is_known_before_it_signs_and_the_old_one_is_trusted_as_long_as_its_passes(monkeypatch: Any) -> None:
    before = passes.trusted(NOW)
    passes.rotate(now=NOW)
    both = passes.trusted(NOW)
    assert len(both) == 2
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(hours=23))
    assert passes.verify(helpers(), before, NOW, GATE).kind == "help", "the old key still signs"  # type: ignore[union-attr]
    late = NOW + timedelta(hours=25)
    monkeypatch.setattr(timezone, "now", lambda: late)
    text = helpers(late)
    assert why(text, late, before) == "forged"
    assert why(text, late, both) == "open"
    assert len(passes.trusted(NOW + timedelta(days=8))) == 2
    assert len(passes.trusted(NOW + timedelta(days=10))) == 1


@pytest.mark.django_db
def test_stolen_keys_end_at_once_with_every_pass_they_signed(monkeypatch: Any) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    text = helpers()
    passes.rotate(at_once=True, now=NOW)
    assert why(text, NOW, passes.trusted(NOW)) == "forged"
    assert isinstance(passes.verify(helpers(), passes.trusted(NOW), NOW, GATE), Pass)
    marks = json.loads(passes.signed({"n": 1}, NOW))["sigs"]
    assert len(marks) == 2, "doors still know the list by the old key, and learn the new one from it"
    assert len(passes.listed(NOW)["keys"]) == 1


def test_the_list_a_door_pulls_is_signed() -> None:
    said = json.loads(passes.signed({"n": 1}, NOW))
    assert json.loads(said["list"]) == {"n": 1}
    assert {bytes.fromhex(key) for key in said["sigs"]} == set(passes.trusted(NOW))


def test_a_number_drawn_from_what_is_in_the_records_leads_back_to_nobody_without_the_key(
    tmp_path: Path, settings: Any
) -> None:
    one = passes.drawn("phone", 12, "2026-11-30")
    assert one == passes.drawn("phone", 12, "2026-11-30")
    assert one != passes.drawn("phone", 12, "2026-12-01")
    settings.KEYS = tmp_path / "another city"
    assert one != passes.drawn("phone", 12, "2026-11-30")
