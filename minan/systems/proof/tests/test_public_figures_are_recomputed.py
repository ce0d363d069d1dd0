"""L9: a stranger's script adds up the public extract and comes to the city's own figures, to the last digit; nobody stands out in it."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.db import connection

from conftest import without_triggers
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import act, open_case
from minan.kernel.models import Body, Case, Event, Speaker, Tally, User
from minan.kernel.worker import settle
from minan.systems.proof import bundle, classes, extract
from minan.systems.proof.models import Count
from tests.standing import standing

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
demo = pytest.importorskip("minan.systems.matters.demo")
NOW = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)
MATTERS = 160
HERE = Path(extract.__file__).parent


@pytest.fixture(scope="module")
def story(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with standing(django_db_blocker, tmp_path_factory.mktemp("story"), lambda: demo.seed(NOW, MATTERS)):
        yield


@pytest.fixture
def figures() -> ModuleType:
    """The script as a stranger has it: loaded from its file."""
    spec = importlib.util.spec_from_file_location("figures", HERE / "figures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def written(tmp_path: Path, **more: Any) -> tuple[Path, extract.Extract]:
    path = tmp_path / "EVENTS.jsonl"
    with path.open("w", encoding="utf-8") as file:
        found = extract.make(file.write, NOW, **more)
    return path, found


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in path.read_text("utf-8").splitlines()]


@pytest.mark.bar("L9")
def test_the_script_comes_to_the_citys_own_figures_to_the_last_digit(
    story: None, tmp_path: Path, figures: ModuleType
) -> None:
    path, found = written(tmp_path)
    got = subprocess.run(
        [sys.executable, str(HERE / "figures.py"), str(path), "--json"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={},
    )
    assert got.returncode == 0, got.stdout + got.stderr
    said = json.loads(got.stdout)
    assert said["differs"] == []
    city = Tally.objects.filter(place="131000000000", by="all").values(*figures.MEASURES)
    sums = Counter[str]()
    for row in city:
        sums.update(row)
    assert said["cells"]["city"]["recomputed"] == dict(sums)
    assert sums["opened"] > MATTERS
    assert sums["answered"] > 50
    assert sums["rated"] > 10
    ended = Counter[str]()
    for key, n in Count.objects.filter(by="end").values_list("key", "n"):
        ended[key] += n
    assert said["ended"] == {key: n for key, n in ended.items() if n}
    assert sum(ended.values()) == sums["opened"] - sums["open"]
    assert len([c for c in said["cells"].values() if c["official"] is not None]) >= 5, (
        "areas and weeks are compared too"
    )
    assert found.suppressed == 0


@pytest.mark.bar("L9")
def test_it_would_be_seen_if_one_judgement_were_turned_or_one_matter_left_out(
    story: None, tmp_path: Path, figures: ModuleType
) -> None:
    """The bar bites."""
    path, _ = written(tmp_path)
    lines = lines_of(path)
    for change in ("turn", "leave out"):
        some = [dict(line) for line in lines]
        if change == "turn":
            next(line for line in some if line.get("judged"))["satisfied"] ^= True
        else:
            gone = next(line["m"] for line in some if line.get("n") == 1)
            some = [line for line in some if line.get("m") != gone]
        path.write_text("\n".join(json.dumps(line) for line in some), "utf-8")
        assert figures.compared(figures.read(path))[1], change


def test_what_the_worker_has_not_counted_yet_and_a_matter_that_moved_make_no_difference(
    story: None, tmp_path: Path, figures: ModuleType, people: dict[str, Any]
) -> None:
    case = next(c for c in Case.objects.filter(state="answered", desk="131022100-station").order_by("id"))
    done = act(case, "locate", by=actor(people["clerk"]), facts={"place": "131003000000"}, at=NOW)
    path, found = written(tmp_path)
    assert isinstance(done, Event), done
    assert found.moved
    assert figures.compared(figures.read(path))[1] == []


# ---- nobody stands out


def combinations(lines: list[dict[str, Any]]) -> Counter[tuple[str, ...]]:
    """What anyone can tell apart: place, kind, way in and the week it was opened."""
    return Counter((f["place"], f["kind"], f["channel"], f["week"]) for f in lines if f.get("n") == 1)


def test_every_published_combination_holds_ten_matters(story: None, tmp_path: Path) -> None:
    path, found = written(tmp_path)
    lines = lines_of(path)
    seen = combinations(lines)
    assert min(seen.values()) >= 10
    assert len(seen) > 3, "or everything would be told alike"
    assert sum(seen.values()) + found.suppressed == found.matters


def test_a_unit_is_named_only_where_ten_matters_of_the_combination_are_told_with_it() -> None:
    one = classes.Exact(
        "131022100-station",
        "131022-lighting",
        "131022100010",
        "131022100000",
        "131022",
        "lamp.out",
        "lamp",
        "web",
        "2026-W40",
        "2026-10",
    )
    other = one._replace(lead="131022-works")
    for few, many in ((9, 40), (10, 40), (30, 31)):
        told = classes.tell({one: few, other: many}, "131000")
        for exact in (one, other):
            alike = sum(n for e, n in ((one, few), (other, many)) if told[e] == told[exact])
            assert alike >= (classes.MINUTES_FROM if told[exact].at == "minute" else classes.K)
        assert (told[one].lead == "131022-lighting") == (few >= 10)


def test_small_counties_are_told_together_and_never_alone() -> None:
    assert classes.areas({"131002": 400, "131003": 12, "131022": 4}, "131000") == {
        "131002": "131002",
        "131003": "131000",
        "131022": "131000",
    }
    assert classes.areas({"131002": 3}, "131000") == {"131002": "131000"}
    nine = classes.Exact("a", "b", "131002100010", "131002100000", "131000", "k", "g", "web", "2026-W40", "2026-10")
    assert classes.tell({nine: 9}, "131000") == {}, "nine in the whole city are left out"


def test_times_are_never_finer_than_the_week_that_is_told(story: None, tmp_path: Path) -> None:
    path, _ = written(tmp_path)
    lines = lines_of(path)
    weeks = {line["m"]: line["week"] for line in lines if line.get("n") == 1}
    for line in lines:
        if line.get("n") == 1 and "W" in line["week"]:
            year, week, _ = date.fromisoformat(line["at"][:10]).isocalendar()
            assert line["week"] in (f"{year}-W{week:02d}", f"{year}-W{week - 1:02d}")  # weeks are counted in UTC
        if "m" in line and "W" not in weeks[line["m"]]:
            assert len(line["at"]) <= 7


def test_no_name_number_code_word_or_person_is_in_it(story: None, tmp_path: Path) -> None:
    path, _ = written(tmp_path)
    text = path.read_text("utf-8")
    for case in Case.objects.all():
        assert case.code not in text
        assert str(case.id) not in text
        assert case.head not in text
        assert case.title[:8] not in text
    for user in User.objects.exclude(name=""):
        assert user.name not in text
    assert not re.search(r"1[3-9]\d{9}", text)
    assert not re.search(r"[0-9a-f]{32}", text)
    assert Speaker.objects.exists()
    assert not re.search(r'"(who|person|user|name|phone|text|title|words|hash)"', text)


def test_two_extracts_call_the_same_matter_by_other_names(story: None, tmp_path: Path) -> None:
    names = []
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        path, _ = written(tmp_path / str(number))
        names.append({line["m"] for line in lines_of(path) if "m" in line})
    assert not names[0] & names[1]


def test_a_confidential_matter_is_in_no_line_and_the_rest_still_adds_up(
    story: None, tmp_path: Path, figures: ModuleType
) -> None:
    before = len({line["m"] for line in lines_of(written(tmp_path)[0]) if "m" in line})
    facts = {"text": "有人违规，请保密。", "place": "131022100010"}
    open_case("matter", by=SPEAKER, facts=facts, privacy="confidential", at=NOW - timedelta(hours=1))
    settle(NOW)
    path, _ = written(tmp_path)
    assert len({line["m"] for line in lines_of(path) if "m" in line}) == before
    assert figures.compared(figures.read(path))[1] == []


def test_erased_words_leave_their_lines_without_what_they_said(story: None, tmp_path: Path) -> None:
    event = Event.objects.filter(step="rate").first()
    assert event is not None
    with without_triggers(connection):
        Body.objects.filter(county=event.county, case_id=event.case_id, n=event.n).delete()
    path, found = written(tmp_path)
    assert found.erased == 1
    assert lines_of(path)[-1]["erased"] == 1


# ---- the zip


def test_the_download_holds_lines_script_and_how_to_read_them(story: None, tmp_path: Path) -> None:
    bundle.write(tmp_path / "out.zip", NOW)
    with zipfile.ZipFile(tmp_path / "out.zip") as held:
        assert sorted(held.namelist()) == ["EVENTS.jsonl", "README.md", "figures.py"]
        held.extractall(tmp_path / "out")
    got = subprocess.run(
        [sys.executable, "-I", "figures.py", "EVENTS.jsonl"],
        cwd=tmp_path / "out",
        capture_output=True,
        text=True,
        check=False,
    )
    assert got.returncode == 0, got.stdout
    assert "÷" in got.stdout


def test_the_script_knows_nothing_of_the_citys_software() -> None:
    text = (HERE / "figures.py").read_text("utf-8")
    found = set(re.findall(r"^(?:from|import) (\S+)", text, re.M))
    assert found == {"json", "sys", "collections"}


def test_k_is_ten() -> None:
    assert classes.K == 10
