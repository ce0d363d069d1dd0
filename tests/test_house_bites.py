"""The house's own checks bite: whoever breaks a rule in a copy of the house is stopped by name."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
TAKEN = (
    "minan",
    "city",
    "tools",
    "tests",
    "docs",
    "requirements",
    "bench",
    "conftest.py",
    "pyproject.toml",
    "Makefile",
    ".gitignore",
)
TIDY = "tests/test_tidy.py::test_every_file_keeps_the_house_rules"
SETTINGS, COMMANDS = (
    "tests/test_docs.py::test_every_setting_is_documented",
    "tests/test_docs.py::test_every_command_is_in_the_readme",
)
SECONDS = 180

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The house as it stands, somewhere else, with a git of its own."""
    where = tmp_path_factory.mktemp("house")
    for name in TAKEN:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, where / name, ignore=shutil.ignore_patterns("__pycache__", ".mypy_cache"))
        elif source.exists():
            shutil.copy(source, where / name)
    for page in ROOT.glob("*.md"):
        shutil.copy(page, where / page.name)
    (where / "LICENSE").write_bytes((ROOT / "LICENSE").read_bytes())
    subprocess.run(["git", "init", "-q"], cwd=where, check=True)
    return where


@pytest.fixture
def house(copy: pathlib.Path) -> Iterator[pathlib.Path]:
    """The copy; what a test broke in it is whole again afterwards."""
    names = (
        "minan/kernel/worker.py",
        "minan/settings.py",
        "minan/kernel/speakers.py",
        "minan/systems/matters/rules.py",
    )
    kept = {name: (copy / name).read_bytes() for name in names}
    before = set(copy.rglob("*.py"))
    yield copy
    for name, data in kept.items():
        (copy / name).write_bytes(data)
    for path in set(copy.rglob("*.py")) - before:
        path.unlink()


def check(house: pathlib.Path, *tests: str) -> str:
    """What the checks say; "" when they are content."""
    clean = {
        k: v for k, v in os.environ.items() if not k.startswith(("MINAN_", "DATABASE_URL", "PYTEST_", "DATA", "KEYS"))
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", *tests]
    done = subprocess.run(command, cwd=house, env=clean, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode in (0, 1), done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout if done.returncode else ""


def add(house: pathlib.Path, path: str, text: str) -> None:
    with (house / path).open("a", encoding="utf-8") as out:
        out.write(text)


def test_the_house_as_it_stands_is_let_pass(house: pathlib.Path) -> None:
    assert check(house, TIDY, SETTINGS, COMMANDS) == ""


def test_each_broken_rule_is_named_in_one_reading(house: pathlib.Path) -> None:
    add(house, "minan/kernel/speakers.py", "\nfrom minan.systems.matters import rules\n")
    add(house, "minan/systems/matters/rules.py", "\nfrom minan.channels.web import story\n")
    (house / "minan" / "kernel" / "long.py").write_text('"""A long file."""\n' + "x = 1\n" * 400, "utf-8")
    hurried = "\n\ndef hurry(case: Case) -> None:\n    case.state = 'closed'\n    case.save()\n"
    add(house, "minan/kernel/worker.py", hurried)
    told = check(house, TIDY)
    assert "kernel imports minan.systems.matters" in told
    assert "systems.matters imports minan.channels.web" in told
    assert "minan/kernel/long.py has 401 lines, at most 400" in told
    assert "writes a case: case.save" in told


def test_a_setting_nobody_wrote_down_is_stopped(house: pathlib.Path) -> None:
    add(house, "minan/settings.py", '\nHUSHED = knob("MINAN_HUSHED")\n')
    assert "MINAN_HUSHED" in check(house, SETTINGS)


def test_a_command_nobody_wrote_down_is_stopped(house: pathlib.Path) -> None:
    text = '"""A command."""\n\nNAME = "sweep"\n'
    (house / "minan" / "kernel" / "commands" / "sweep.py").write_text(text, "utf-8")
    assert "sweep" in check(house, COMMANDS)


def test_a_step_without_its_word_makes_the_pages_from_the_code_stale(house: pathlib.Path) -> None:
    path = house / "minan" / "systems" / "matters" / "endings.py"
    whole = path.read_text("utf-8")
    try:
        path.write_text(whole.replace('"withdraw", W("撤回"', '"take_back_quietly", W("撤回"', 1), "utf-8")
        assert path.read_text("utf-8") != whole
        told = check(house, "tests/test_docs.py")
        assert "take_back_quietly" in told or "run: python -m tools.handbook" in told
    finally:
        path.write_text(whole, "utf-8")
