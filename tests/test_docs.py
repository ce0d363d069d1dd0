"""What is written about the house is true: pages made from the code are fresh, every knob, command, step and link is there."""

from __future__ import annotations

import pathlib
import re

import pytest

from minan import cli
from minan.kernel import registry
from tools import handbook

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("minan/systems/*/README.md"),
        *ROOT.glob("city/*/README.md"),
    ]
)


def read(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text("utf-8")


MADE = handbook.pages()


@pytest.mark.parametrize("path", sorted(MADE), ids=lambda path: path.name)
def test_a_page_made_from_the_code_is_as_new_as_the_code(path: pathlib.Path) -> None:
    assert path.read_text("utf-8") == MADE[path], "run: python -m tools.handbook"


def test_every_setting_is_documented() -> None:
    knobs = re.findall(r'(?:knob|words)\("([A-Z_0-9]+)"', read("minan", "settings.py"))
    assert len(knobs) > 8
    text = read("docs", "settings.md")
    assert [name for name in knobs if f"`{name}`" not in text] == []


def test_every_command_is_in_the_readme() -> None:
    names = sorted(module.NAME for module in cli.modules())
    assert "serve" in names
    assert [name for name in names if f"`minan {name}" not in read("README.md")] == []


def test_every_state_step_and_clock_has_its_word() -> None:
    words = read("docs", "words.md")
    missing = []
    for p in registry.procedures().values():
        named = [*(s.name for s in p.states), *(s.name for s in (p.opening, *p.steps)), *(c.name for c in p.clocks)]
        missing += [
            name
            for name in named
            if f"`{name}`" not in words and not re.search(rf"\b{name.replace('_', '[ _]')}\b", words)
        ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: pathlib.Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_what_the_readme_tells_to_type_exists() -> None:
    targets = re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE)
    told = re.findall(r"(?:`|^    |run; )make ([a-z]+)", read("README.md"), re.MULTILINE)
    assert {"run", "test"} <= set(told)
    assert [name for name in told if name not in targets] == []


DECISIONS = sorted(ROOT.glob("docs/adr/*.md"))


@pytest.mark.parametrize("page", DECISIONS, ids=lambda path: str(path.name))
def test_every_decision_begins_as_the_others_do(page: pathlib.Path) -> None:
    """`# 0007 · What was decided`, the number of its file; then an empty line."""
    heading, below, text = page.read_text("utf-8").split("\n", 2)
    number, _, words = heading.partition(" · ")
    assert number == f"# {page.name[:4]}"
    assert words[:1].isupper(), heading
    assert not words.endswith(".")
    assert below == ""
    assert not re.search(r"^#", text, re.MULTILINE), "one heading; what stands below begins with bold words"
    others = ("Situation", "Setting", "What for", "Decided", "Price", "What it costs", "Set aside", "Considered", "Not done")
    assert [word for word in others if f"\n**{word}.**" in text] == [], "Context, Decision, Costs, Instead of, Left out"


def test_no_two_decisions_have_one_number() -> None:
    numbers = [page.name[:4] for page in DECISIONS]
    assert len(numbers) >= 19
    assert numbers == sorted(set(numbers))
