"""A system is a folder: copied and renamed it runs beside the first; with the first deleted, everything else still stands."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
TAKEN = ("minan", "city", "tools", "requirements", "conftest.py", "pyproject.toml", "LICENSE")
SECONDS = 240
SYSTEMS = sorted(path.parent.name for path in (ROOT / "minan" / "systems").glob("*/__init__.py"))


def run(where: pathlib.Path, *words: str) -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MINAN_", "DATABASE_URL", "PYTEST_"))}
    env = clean | {
        "DATA": str(where / "var"),
        "KEYS": str(where / "keys"),
        "DJANGO_SETTINGS_MODULE": "minan.settings",
        "MINAN_HTTP": "1",
        "PYTHONPATH": str(where),
    }
    (where / "var").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, *words], cwd=where, env=env, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture
def house(tmp_path: pathlib.Path) -> pathlib.Path:
    """The sources alone, in a place of their own."""
    for name in TAKEN:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", ".mypy_cache"))
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def copied(house: pathlib.Path) -> pathlib.Path:
    """systems/matters as systems/errands, "matter" renamed to "errand" inside."""
    new = house / "minan" / "systems" / "errands"
    shutil.copytree(house / "minan" / "systems" / "matters", new)
    for path in sorted(new.rglob("*.py")):
        text = path.read_text("utf-8")
        path.write_text(
            re.sub(r"\bmatter\b", "errand", text.replace("matters", "errands").replace('"matter.', '"errand.')), "utf-8"
        )
    return new


def builds(house: pathlib.Path) -> None:
    """Every module and address is found, every check is content, no migration is missing (this command runs Django's checks first)."""
    run(house, "-m", "django", "makemigrations", "--check", "--dry-run")


def lives(house: pathlib.Path, *systems: str) -> None:
    """A case of each goes its whole way, from an empty database."""
    told = [f"minan/systems/{system}/tests/test_life.py" for system in systems]
    out = run(house, "-m", "pytest", "-q", *told)  # in one process: each start costs a city
    assert re.search(r"\d+ passed", out), out


@pytest.mark.slow
def test_matters_copied_and_renamed_runs_beside_the_first(house: pathlib.Path) -> None:
    copied(house)
    builds(house)
    lives(house, "errands", "matters")


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_deleted_system_takes_nothing_else_with_it(house: pathlib.Path, system: str) -> None:
    others = [name for name in SYSTEMS if name != system]
    if system == "matters":
        copied(house)
        others.append("errands")
    shutil.rmtree(house / "minan" / "systems" / system)
    builds(house)
    if system == "matters" or os.environ.get("MINAN_DEEP"):
        lives(house, *others)
