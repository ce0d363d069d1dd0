"""Who is kept from an accident, and what of it is whose: a mediator who left, a colleague, an insurer that has no part, the rider."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.models import Case, Event
from minan.systems.accidents import figures, importing, seen
from minan.systems.accidents.tests.cast import (
    CLAIMS,
    FINDING,
    FUND,
    HEAD,
    LOSSES,
    MEDIATOR,
    MONDAY,
    POLICE,
    SECOND,
    VILLAGE,
    child,
    gathered,
    go,
    refused,
    reported,
    settle,
    tried,
)

pytestmark = pytest.mark.django_db


def taken_on(people: dict[str, Any]) -> Case:
    """姚长顺 mediates, and the accident knows it."""
    case = gathered(people)
    dispute = child(case, "dispute")
    go(dispute, "accept", people[HEAD], summary="路口相撞")
    go(child(dispute, "side", "b"), "agree", SPEAKER)
    go(dispute, "appoint", people[HEAD], mediator=str(people[MEDIATOR].pk))
    go(dispute, "take_on", people[MEDIATOR], no_tie=True)
    settle()
    case.refresh_from_db()
    assert case.facts["mediator"] == str(people[MEDIATOR].pk)
    return case


def kind(case: Case, user: Any) -> str:
    return seen.reader_of(case, case, actor(user)).kind


def test_who_stood_aside_finds_no_accident_any_more(people: dict[str, Any]) -> None:
    case = taken_on(people)
    go(child(case, "dispute"), "stand_aside", people[MEDIATOR])
    settle()
    case.refresh_from_db()
    assert case.walls == [f"user:{people[MEDIATOR].pk}"]
    assert not Case.objects.visible_to(people[MEDIATOR]).filter(id=case.id).exists()
    assert not Case.objects.visible_to(people[MEDIATOR]).filter(parent=case.id, closed_at=None).exists(), "nor an open part of it"


def test_a_mediator_who_was_changed_reads_nothing_though_the_next_is_not_named_yet(people: dict[str, Any]) -> None:
    case = taken_on(people)
    dispute = child(case, "dispute")
    go(child(dispute, "side", "b"), "ask_change", SPEAKER, words="换一位")
    go(dispute, "change_mediator", people[HEAD], words="换一位")
    settle()
    case.refresh_from_db()
    assert case.facts.get("mediator") is None
    assert (kind(case, people[MEDIATOR]), kind(case, people[SECOND])) == ("none", "keeper")
    assert refused(case, "vehicle", people[MEDIATOR], who="b", sort="motor") == "keeps_it"


def test_a_colleague_gets_no_link_and_changes_no_phone_once_a_mediator_is_named(
    people: dict[str, Any], client: Client, settings: Any
) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False
    case = taken_on(people)
    driver = child(case, "road_party", "b")
    for step, facts in (("hand_link", {}), ("contact", {"phone": "13800000009"})):
        assert refused(driver, step, people[SECOND], **facts) == "by_its_mediator"
        go(driver, step, people[MEDIATOR], **facts)
    client.force_login(people[SECOND])
    assert client.get(f"/desk/{driver.code}/link/").status_code == 404, "no second way to the secret, without an event"


def test_an_insurer_that_has_no_part_reads_its_own_words_alone(people: dict[str, Any]) -> None:
    case = reported()
    go(case, "policy", people[MEDIATOR], who="b", insurer="1310-jian")
    cover = child(case, "cover")
    clerk = actor(people[CLAIMS])
    assert seen.reader_of(cover, case, clerk).sees("losses")
    go(cover, "not_ours", people[CLAIMS])
    reader = seen.reader_of(cover, case, clerk)
    assert (reader.kind, reader.sees("losses"), reader.sees("reckoning")) == ("left", False, False)
    assert seen.told(cover, case, Case.objects.filter(parent=case.id), reader).names == {}


def test_what_the_mediator_writes_of_another_s_injury_is_not_the_rider_s_to_read(people: dict[str, Any]) -> None:
    case = gathered(people)
    go(case, "victim", people[MEDIATOR], who="b", age=40, words="右臂骨裂，县中医院")
    children = list(Case.objects.filter(parent=case.id))

    def read(reader: seen.Reader) -> str:
        return " ".join(said.words for said in seen.told(case, case, children, reader).said)

    assert "右臂骨裂" in read(seen.Reader("keeper", person=str(people[MEDIATOR].pk)))
    rider = read(seen.Reader("party", "a"))
    assert "右臂骨裂" not in rider
    assert "六根肋骨" in rider, "but her own words are"


def test_nobody_pays_more_than_was_promised(people: dict[str, Any]) -> None:
    case = reported()
    go(case, "ask_rescue", people[MEDIATOR], way="fund", who="a", amount=9000, ground="uninsured")
    rescue = child(case, "rescue")
    go(rescue, "promise", people[FUND], amount=5000)
    assert refused(rescue, "pay", people[FUND], amount=5001, on="2026-11-16") == "as_promised"
    go(rescue, "pay", people[FUND], amount=5000, on="2026-11-16")


def _file(by: Actor, **more: str) -> importing.Line:
    row = dict.fromkeys(importing.COLUMNS, "") | FINDING | {"place": VILLAGE} | more
    head = ",".join(row)
    return importing.take(f"{head}\n{','.join(row.values())}".encode(), by, MONDAY)[0]


def test_a_finding_with_another_side_under_a_known_number_is_a_fault(people: dict[str, Any]) -> None:
    police = actor(people[POLICE])
    assert (_file(police).what, _file(police).what) == ("new", "again")
    assert _file(police, more="丙 无责任").what == "bad"


def test_a_finding_for_a_place_of_others_files_no_accident_and_a_broken_table_is_told(people: dict[str, Any]) -> None:
    assert _file(actor(people[POLICE]), place="131024100000").what == "bad"
    assert not Case.objects.filter(procedure="accident").exists()
    with pytest.raises(ValueError, match="表读不出来"):
        importing.rows(b"number,place\n" + b'"' + b"x" * 140_000 + b'",1\n')


def test_of_a_finding_another_unit_entered_nobody_learns_the_code(people: dict[str, Any]) -> None:
    assert _file(actor(people[POLICE])).code
    line = _file(actor(people[CLAIMS]))
    assert (line.what, line.code) == ("bad", "")


def test_a_damaged_car_is_named_in_words(people: dict[str, Any]) -> None:
    case = gathered(people)
    go(case, "losses", people[MEDIATOR], **(LOSSES | {"property": "800"}))
    assert isinstance(tried(case, "reckon", people[MEDIATOR], advances="off_debt"), Event)
    shown = figures.shown(case.facts, {})
    assert shown is not None
    assert [row["label"] for victim in shown["victims"] for row in victim["rows"] if row["item"].startswith("property")] == ["财产损失"]
