"""Whatever lies under systems/ is whole: explained, sound, in both languages, with a limit for every clock and a hand for every step."""

from __future__ import annotations

import ast
import pathlib
import re
from dataclasses import replace
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.utils import translation

from minan.kernel import access, directory, forms, registry, routing
from minan.kernel.access import SPEAKER
from minan.kernel.act import Opened, open_case
from minan.kernel.models import Case, Post, User
from minan.kernel.procedure import Procedure, ProcedureError, Step, Words, check
from minan.lib import codes

ROOT = pathlib.Path(__file__).resolve().parent.parent
SYSTEMS = sorted(
    path for path in (ROOT / "minan" / "systems").iterdir() if path.is_dir() and not path.name.startswith("_")
)
HAN = re.compile(r"[\u3400-\u9fff]")
# a task is opened by its parent's step, which is the clock to it
OPENERS = (("speaker", SPEAKER), ("clock", access.CLOCK), ("house", access.Actor("house")))
VILLAGE, LEAD = "131022100010", "131022-lighting"
FIXED_BY_A_PERSON = ("date",)  # a step that asks a date may start a clock without a limit in the city's rules

NOT_DRAWN = ("answers", "voice")  # each question is a field of its own; a desk writes, and never speaks for who spoke

every_system = pytest.mark.parametrize("folder", SYSTEMS, ids=lambda folder: folder.name)
every_procedure = pytest.mark.parametrize("name", sorted(registry.procedures()))


def steps(p: Procedure) -> tuple[Step, ...]:
    return (p.opening, *p.steps)


def labels(p: Procedure) -> list[tuple[str, Words]]:
    """Every text a procedure shows, with where it stands."""
    out = [(p.name, p.label)]
    out += [(f"state {s.name}", s.label) for s in p.states]
    out += [(f"clock {c.name}", words) for c in p.clocks for words in (c.label, c.ends) if words is not None]
    for step in steps(p):
        out += [(f"step {step.name}", words) for words in (step.label, step.done) if words is not None]
        for field in step.fields:
            out += [
                (f"field {step.name}.{field.name}", words) for words in (field.label, field.hint) if words is not None
            ]
            out += [(f"option {step.name}.{field.name}.{value}", words) for value, words in field.options]
    return out


# ---- the folder


@every_system
def test_a_system_tells_what_it_is_how_to_change_it_and_how_to_delete_it(folder: pathlib.Path) -> None:
    text = (folder / "README.md").read_text("utf-8")
    assert 15 <= text.count("\n") <= 60, "half a page"
    for word in ("procedure.py", "test_life.py", "How to change", "delete"):
        assert word in text, word


@every_system
def test_a_system_has_its_life_as_a_test(folder: pathlib.Path) -> None:
    tree = ast.parse((folder / "tests" / "test_life.py").read_text("utf-8"))
    tests = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    assert len(tests) >= 5
    assert (folder / "__init__.py").exists()


@every_system
def test_a_system_is_found_by_its_folder_alone(folder: pathlib.Path) -> None:
    declared = [p.name for p in registry.procedures().values() if p.system == folder.name]
    listening = [
        name for name in ("handlers.py", "urls.py") if (folder / name).exists()
    ]  # a system without cases of its own
    assert declared or listening


# ---- the declaration


@every_procedure
def test_a_procedure_contradicts_itself_nowhere(name: str) -> None:
    p = registry.procedures()[name]
    assert check(p) == []
    with pytest.raises(ProcedureError):
        replace(p, first="no such state")


@every_procedure
def test_every_word_of_a_procedure_is_there_in_both_languages(name: str) -> None:
    wrong = []
    for where, words in labels(registry.procedures()[name]):
        if not words.zh.strip() or not HAN.search(words.zh):
            wrong.append(f"{where}: no Chinese: {words.zh!r}")
        if not words.en.strip() or HAN.search(words.en):
            wrong.append(f"{where}: no English: {words.en!r}")
    assert not wrong, "\n".join(wrong)


@every_procedure
def test_every_step_that_is_told_says_how(name: str) -> None:
    assert [s.name for s in steps(registry.procedures()[name]) if s.public and s.done is None] == []


# ---- against the model city


@every_procedure
@pytest.mark.django_db
def test_every_clock_has_a_limit_for_every_urgency_and_size_of_every_kind(city: None, name: str) -> None:
    p, now = registry.procedures()[name], directory.city()
    options = {
        f.name: [value for value, _ in f.options] for s in steps(p) for f in s.fields if f.name in ("urgency", "size")
    }
    by_date = {s.name for s in steps(p) if any(f.type == "date" for f in s.fields)}
    missing = []
    for clock in p.clocks:
        declared = any(clock.name in s.starts for s in steps(p))
        for urgency in options.get("urgency", ["ordinary"]):
            for size in options.get("size", ["ordinary"]):
                found = [directory.limit(clock.name, urgency, size, kind, now.edition) for kind in ("", *now.kinds)]
                if None in found and (declared or not by_date):
                    missing.append(f"{clock.name} {urgency} {size}")
                elif None in found and any(found):
                    missing.append(f"{clock.name} {urgency} {size}: for some kinds only")
    assert missing == []
    without = [c.name for c in p.clocks if directory.limit(c.name, "ordinary", "ordinary", "", now.edition) is None]
    assert len(without) <= len(by_date), f"{without}: only clocks whose end a person fixes may have no limit"


@every_procedure
@pytest.mark.django_db
def test_every_list_of_grounds_a_step_asks_for_has_grounds_in_it(city: None, name: str) -> None:
    there = {g.list for g in directory.city().grounds.values() if g.active}
    asked = {f.source for s in steps(registry.procedures()[name]) for f in s.fields if f.type == "ground"}
    assert asked <= there
    assert all(g.label and g.label_en and not HAN.search(g.label_en) for g in directory.city().grounds.values())


@every_procedure
@pytest.mark.django_db
def test_every_step_can_be_taken_by_some_post_of_the_model_city(city: None, name: str) -> None:
    """For a matter of one village in the hands of one office: is there a person for each role a step names?"""
    p = registry.procedures()[name]
    desk = routing.desk_of(VILLAGE)
    view = {"desk": desk, "unit": LEAD, "ruler": routing.above(desk, "block"), "place": VILLAGE, "marks": {}}
    roles: set[str] = {"speaker", "clock", "house", "caller"}  # "caller": an operator with the speaker on the line
    for user in set(Post.objects.values_list("user_id", flat=True)):
        who = access.Actor("staff", user, directory.posts_of(user))
        roles |= set(access.roles_of(who, view))
        roles |= {"intake"} if access.intake_post(who) else set()
    nobody = [s.name for s in steps(p) if not set(s.who) & roles]
    assert nobody == [], f"nobody in the model city is {set(access.roles_of.__doc__ or '') and roles}"


def made_ready(p: Procedure) -> Opened | None:
    """A case of a procedure that only exists under another's decision: its system says in tests/ready.py how it comes to be."""
    there = (ROOT / "minan" / "systems" / p.system / "tests" / "ready.py").exists()
    found: Opened | None = import_module(f"minan.systems.{p.system}.tests.ready").opened(p.name) if there else None
    return found


@every_procedure
@pytest.mark.django_db
@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_the_form_of_every_step_can_be_drawn_in_both_languages(city: None, name: str, lang: str) -> None:
    p = registry.procedures()[name]
    facts: dict[str, Any] = {"text": "路灯不亮", "place": VILLAGE, "kind": "lamp.out"}
    soon = (date.today() + timedelta(days=2)).isoformat()
    made: dict[str, Any] = {"moment": "2030-01-04T09:00", "long": "第一条 说明", "text": "东门", "yesno": True, "number": 1, "date": soon}
    made |= {"unit": LEAD, "fragments": ["东门"], "case": codes.new("GA")}
    asked = [f for f in p.opening.fields if f.required]
    facts = {f.name: f.options[0][0] if f.type == "choice" else made[f.type] for f in asked if f.type in (*made, "choice")} | facts
    known = {f.name for f in p.opening.fields}
    opened = made_ready(p)
    if opened is None:
        point = User.objects.get(username="gu.point")  # by a desk alone: the community's own
        who = next((actor for role, actor in OPENERS if role in p.opening.who), access.actor(point))
        opened = open_case(p.name, by=who, facts={k: v for k, v in facts.items() if k in known})
    assert isinstance(opened, Opened), opened
    case = Case.objects.get(id=opened.case.id)
    with translation.override(lang):
        for step in steps(p):
            form = forms.of_step(step, case, unit=case.desk)
            drawn = str(form)
            for spec in step.fields:
                assert spec.name in form.fields or spec.type in NOT_DRAWN, (step.name, spec.name)
                if spec.name in form.fields:
                    label = str(form.fields[spec.name].label)
                    assert label == spec.label.into(lang), (step.name, spec.name)
                    assert spec.name in drawn
