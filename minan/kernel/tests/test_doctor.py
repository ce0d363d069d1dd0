"""The doctor names what is wrong and what to do, in both languages, and is silent about what is well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from conftest import without_triggers
from minan.kernel import access, act, directory, doctor, health
from minan.kernel.models import Delivery, Duty, LimitRule, Post
from minan.lib.uuid7 import uuid7

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def well(city: None, settings: Any, tmp_path: Path) -> None:
    """A city whose folders are in order and whose worker just turned."""
    data, keys = tmp_path / "data", tmp_path / "keys"
    data.mkdir()
    keys.mkdir(mode=0o700)
    settings.DATA, settings.KEYS = data, keys
    (data / "worker.beat").touch()


def said(lang: str = "en") -> str:
    return "\n".join(f.into(lang) for f in doctor.look(NOW))


def faults() -> list[doctor.Finding]:
    return [f for f in doctor.look(NOW) if f.fault]


def test_a_city_in_order_has_no_faults(well: None) -> None:
    powerless = "a power cut loses"  # the PostgreSQL of the tests runs without fsync, and the doctor says so
    assert [f.into("en") for f in faults() if powerless not in f.what.en] == []


def test_a_database_that_a_power_cut_would_rob_is_named(well: None, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "postgresql":
        assert "fsync=off: a power cut loses what was acknowledged" in said()
        return
    assert "a power cut" not in said()
    asked = doctor._asked
    monkeypatch.setattr(doctor, "_asked", lambda sql: 1 if "synchronous" in sql else asked(sql))
    assert "synchronous=1: a power cut loses what was acknowledged" in said()


def test_every_finding_says_what_to_do_in_both_languages(well: None) -> None:
    found = doctor.look(NOW)
    assert found
    for finding in found:
        assert all([finding.what.zh, finding.what.en, finding.do.zh, finding.do.en])


def test_a_dead_worker_is_named(well: None, settings: Any) -> None:
    (settings.DATA / "worker.beat").unlink()
    assert health.worker() == "down"
    assert "the worker does not turn" in said()
    assert "后台进程没有动静" in said("zh")


def test_a_database_that_lets_events_be_changed_is_named(well: None) -> None:
    assert act.open_case("matter", by=access.SPEAKER, facts={"text": "路灯不亮", "place": "131022100010"}, at=NOW)
    assert "its trigger is gone" not in said()
    with without_triggers(connection):
        assert said().count("its trigger is gone") == 2  # UPDATE and DELETE


def test_deliveries_that_were_given_up_are_named_with_their_error(well: None) -> None:
    Delivery.objects.create(
        county="131022",
        event=uuid7(),
        listener="kernel.notices.tell",
        case_id=uuid7(),
        n=1,
        name="matter.say",
        at=NOW,
        tries=3,
        error="ValueError: no",
    )
    assert "1 delivery failed three times, parked since; the oldest: kernel.notices.tell: ValueError: no" in said()


def test_kinds_without_a_duty_and_clocks_without_a_limit_are_faults(well: None) -> None:
    Duty.objects.filter(kind="lamp.out").delete()
    LimitRule.objects.filter(clock="sign").delete()
    directory.touch()
    text = said()
    assert "1 kind is on nobody's duty list: 路灯不亮" in text
    assert "clocks of matter without a limit: sign" in text


def test_a_desk_that_lost_its_people_is_named(well: None) -> None:
    def desks() -> int:
        return next(int(f.what.en.split()[0]) for f in doctor.posts(NOW) if "desks have nobody" in f.what.en)

    before = desks()
    Post.objects.filter(unit="131022100-station").delete()
    assert desks() == before + 1


def test_keys_inside_the_data_or_open_to_others_are_faults(well: None, settings: Any) -> None:
    (settings.KEYS / "replies.key").write_bytes(b"x")
    (settings.KEYS / "replies.key").chmod(0o644)
    assert "others can read" in said()
    settings.KEYS = settings.DATA / "keys"
    assert "the keys lie inside DATA" in said()


def test_news_that_waits_too_long_is_a_warning_only(well: None) -> None:
    assert act.open_case(
        "matter", by=access.SPEAKER, facts={"text": "路灯不亮", "place": "131022100010"}, at=NOW - timedelta(hours=1)
    )
    found = [f for f in doctor.look(NOW) if "waits" in f.what.en]
    assert [f.fault for f in found] == [False]
