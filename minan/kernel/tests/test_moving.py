"""A new version of a procedure takes its open cases along, or the house does not start."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from minan.kernel import moving, registry
from minan.kernel.access import SPEAKER
from minan.kernel.act import Opened, open_case
from minan.kernel.models import Case, Event, Snapshot

PROCEDURE = registry.procedures()["matter"]
AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)


def renamed(moved: dict[str, str]) -> Any:
    """The matter's procedure, version 2, in which "said" is called "heard"."""
    old = PROCEDURE

    def named(text: str) -> str:
        return "heard" if text == "said" else text

    states = tuple(replace(s, name=named(s.name)) for s in old.states)
    steps = tuple(
        replace(s, sources=tuple(map(named, s.sources)), to=named(s.to), to_any=tuple(map(named, s.to_any)))
        for s in old.steps
    )
    return replace(
        old, version=2, states=states, steps=steps, opening=replace(old.opening, to="heard"), first="heard", moved=moved
    )


def test_open_cases_in_a_state_that_is_gone_stop_the_start_until_the_folder_says_where_they_go(
    city: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_case("matter", by=SPEAKER, facts={"text": "路灯不亮", "place": "131022100010"}, at=AT)
    assert isinstance(opened, Opened)
    monkeypatch.setattr(registry, "procedures", lambda: {"matter": renamed({})})
    with pytest.raises(SystemExit, match="open cases are in state said"):
        moving.begin()
    assert not Snapshot.objects.filter(version=2).exists()
    monkeypatch.setattr(registry, "procedures", lambda: {"matter": renamed({"said": "heard"})})
    moving.begin()
    case = Case.objects.get(id=opened.case.id)
    assert case.state == "heard"
    assert Event.objects.get(case_id=case.id, n=2).step == "moved"


def test_a_case_whose_folder_was_removed_is_read_only_with_the_labels_of_its_snapshot(
    city: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.settle()
    monkeypatch.setattr(registry, "procedures", dict)
    assert registry.label("matter", 1, "states", "said") == {"zh": "待受理", "en": "Said"}
    assert registry.label("matter", 1, "steps", "nothing") == {"zh": "nothing", "en": "nothing"}
    assert registry.was_public("matter", "answer")
    assert not registry.was_public("matter", "note")
    assert not registry.was_public("matter", "nothing")
    assert not isinstance(open_case("matter", by=SPEAKER, facts={"text": "x"}), Opened)
