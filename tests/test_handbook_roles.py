"""The handbook does not rot: every role has its page, every page is found, every 「button」 stands on a screen, generated pages are named."""

from __future__ import annotations

import pathlib
import re
from functools import cache

import pytest

from minan.kernel import registry
from minan.kernel.pages.admin_tables import TABLES
from minan.shell import menu
from tools import handbook

ROOT = pathlib.Path(__file__).resolve().parent.parent
HANDBOOK = ROOT / "docs" / "handbook"
ROLES = (
    "resident", "worker", "point", "clerk", "handler", "centre", "supervisor", "operator", "petition", "discipline", "admins",
    "leader", "partner", "visitor", "mediator",
)  # fmt: skip
NAMED = [
    HANDBOOK / "README.md",
    HANDBOOK / "hands.md",
    HANDBOOK / "forms.md",
    *sorted((HANDBOOK / "roles").glob("*.md")),
]
TOLD = re.compile(r"「([^」]+)」")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
QUOTED = re.compile(r"""\{%-?\s*(?:translate|trans)\s+(?:"([^"]+)"|'([^']+)')""")


@cache
def on_screen() -> frozenset[str]:
    """What a person can press or read as a heading: labels of steps, entries of menus and tables, texts of templates."""
    texts = {
        step.label.zh
        for p in registry.procedures().values()
        for step in (p.opening, *p.steps)
        if set(step.who) != {"clock"}
    }
    texts |= {str(entry.label) for entry in menu.entries()}
    texts |= {str(table.title) for table in TABLES.values()}
    for path in (ROOT / "minan").glob("**/templates/**/*.html"):
        texts |= {one or other for one, other in QUOTED.findall(path.read_text("utf-8"))}
    return frozenset(texts)


def strange(text: str) -> list[str]:
    return [name for name in TOLD.findall(text) if name not in on_screen()]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_its_page_with_buttons_and_ways_on(role: str) -> None:
    path = HANDBOOK / "roles" / f"{role}.md"
    assert f"(roles/{role}.md)" in (HANDBOOK / "README.md").read_text("utf-8")
    text = path.read_text("utf-8")
    assert [words for words in ("看到什么", "不能做的", "晚了会怎样") if words not in text] == []
    assert len(set(TOLD.findall(text))) >= (4 if role == "partner" else 8)
    assert len(LINK.findall(text)) >= 2
    assert len(text) < 2200, "a page for one role is one page"


def test_no_page_of_the_handbook_is_missing_in_its_index() -> None:
    told = set(LINK.findall((HANDBOOK / "README.md").read_text("utf-8")))
    pages = {str(path.relative_to(HANDBOOK)) for path in HANDBOOK.glob("**/*.md")} - {"README.md"}
    assert {f"roles/{role}.md" for role in ROLES} <= pages
    assert sorted(pages - told) == []


def test_the_index_says_which_pages_the_code_writes() -> None:
    part = (HANDBOOK / "README.md").read_text("utf-8").split("由代码生成的页")[1]
    written = {path.name for path in handbook.pages() if path.parent == HANDBOOK}
    assert "matter.md" in written
    assert set(LINK.findall(part)) == written


@pytest.mark.parametrize("path", NAMED, ids=lambda path: path.name)
def test_every_button_named_stands_on_a_screen(path: pathlib.Path) -> None:
    assert TOLD.search(path.read_text("utf-8"))
    assert strange(path.read_text("utf-8")) == []


def test_a_button_that_is_nowhere_is_found() -> None:
    assert strange("按「签收」，再按「给他加分」。") == ["给他加分"]


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("worker", "worker"), ("clerk", "clerk"), ("clerk", "point"), ("clerk", "centre"), ("handler", "handler"),
        ("supervisor", "supervisor"), ("mediator", "mediator"), ("clerk", "visitor"),
        ("operator", "operator"), ("clerk", "petition"), ("discipline", "discipline"),
        ("admin", "admins"), ("security", "admins"), ("audit", "admins"), ("head", "leader"),
    ],
)  # fmt: skip
def test_a_page_names_first_what_its_reader_sees_first(role: str, page: str) -> None:
    first = menu.menu_for([role], "desk", "")[0]["label"]
    paragraph = (HANDBOOK / "roles" / f"{page}.md").read_text("utf-8").split("看到什么")[1]
    assert TOLD.findall(paragraph)[0] == str(first)
