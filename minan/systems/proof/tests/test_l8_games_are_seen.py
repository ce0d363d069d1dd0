"""L8: planted cheats of a simulated year are found, honest units of every size and habit are left alone; seeds were held out."""

from __future__ import annotations

import dataclasses
import json
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from minan.systems.proof import detect, games, odds, trail
from minan.systems.proof.tests import year

HELD_OUT = (401, 402, 403)  # thresholds.toml was tuned on others; docs/extract.md has the figures of 401 to 412
EACH = 2


@dataclasses.dataclass
class Outcome:
    found: Counter[str] = dataclasses.field(default_factory=Counter)
    planted: Counter[str] = dataclasses.field(default_factory=Counter)
    accused: int = 0
    honest: int = 0

    def recall(self, cheats: tuple[str, ...]) -> float:
        return sum(self.found[c] for c in cheats) / sum(self.planted[c] for c in cheats)


def played(seeds: tuple[int, ...], tables: Any = None) -> Outcome:
    out = Outcome()
    for seed in seeds:
        lines, planted, units = year.lines(seed, each=EACH)
        report = detect.judge(trail.read(lines), tables or detect.thresholds())
        families: dict[str, set[str]] = {}
        for flag in report["flags"]:
            families.setdefault(flag["unit"], set()).add(flag["family"])
        out.planted.update(planted.values())
        out.found.update(cheat for unit, cheat in planted.items() if cheat in families.get(unit, ()))
        out.accused += len(families.keys() - planted.keys())
        out.honest += units - len(planted)
    return out


@pytest.mark.slow
@pytest.mark.bar("L8")
def test_nine_of_ten_cheats_are_found_and_at_most_two_honest_units_of_a_hundred_are_accused() -> None:
    got = played(HELD_OUT)
    assert got.recall(year.OF_L8) >= 0.9, got
    assert got.recall(year.CHEATS) >= 0.85, got
    assert got.accused <= 0.02 * got.honest, got


@pytest.mark.slow
@pytest.mark.bar("L8")
def test_without_the_measured_spread_of_honest_units_many_would_be_accused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar bites: a plain binomial takes every habit for a cheat."""
    tables = {name: table | {"gap": 0.0, "ratio": 1.0, "rho": 1e-6} for name, table in detect.thresholds().items()}
    monkeypatch.setattr(odds, "_spread", lambda counts, least, **_: least)
    got = played(HELD_OUT[:1], tables)
    assert got.accused > 0.02 * got.honest


@pytest.mark.slow
@pytest.mark.bar("L8")
def test_without_the_games_nothing_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar bites the other way."""
    monkeypatch.setattr(games, "GAMES", {"short": games.short})
    assert played(HELD_OUT[:1]).recall(year.OF_L8) < 0.9


# ---- what a flag may say


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    lines, _, _ = year.lines(7, units=30)
    return detect.run(lines)


def test_a_flag_says_what_where_how_much_and_why_in_both_languages(report: dict[str, Any]) -> None:
    assert report["flags"]
    for flag in report["flags"]:
        assert flag["what"] in games.GAMES
        assert flag["what"] in games.FAMILIES[flag["family"]]
        assert flag["matters"]
        assert 0 <= flag["baseline"] <= 1
        assert flag["value"] > flag["baseline"] or flag["what"] == "ring_run"
        assert flag["hits"] <= flag["of"]
        assert re.search("[一-鿿]", flag["why"]["zh"])
        assert flag["why"]["en"].isascii() or "“" in flag["why"]["en"]


def test_no_field_of_the_report_could_hold_a_person(report: dict[str, Any]) -> None:
    fields = {"what", "family", "unit", "value", "of", "hits", "threshold", "baseline", "chance", "matters", "why"}
    for flag in report["flags"]:
        assert set(flag) == fields
    for kind in (trail.Act, trail.Matter):
        names = {f.name for f in dataclasses.fields(kind)}
        assert not names & {"who", "person", "user", "name_of", "phone"}
    assert {f.name for f in dataclasses.fields(trail.Act) if f.type == "str"} == {"step", "by", "unit", "judged"}


def test_who_acted_is_not_read_even_where_a_line_says_it() -> None:
    lines = (
        json.dumps(json.loads(text) | {"person": "赵强", "by": "staff:赵强"}) for text in year.lines(7, units=30)[0]
    )
    assert "赵强" not in json.dumps(detect.run(lines), ensure_ascii=False)


# ---- whoever wrote the file


def test_the_order_of_the_lines_and_their_time_zone_make_no_difference(report: dict[str, Any]) -> None:
    lines = list(year.lines(7, units=30)[0])
    random.Random(1).shuffle(lines)
    moved = [re.sub(r"T(\d\d):(\d\d)Z", lambda m: f"T{m[1]}:{m[2]}+00:00", line) for line in lines]
    assert detect.run(moved)["flags"] == report["flags"]
    local = [re.sub(r'"(\d{4}-\d\d-\d\dT\d\d:\d\d)Z"', lambda m: f'"{beijing(m[1])}"', line) for line in lines]
    assert detect.run(local)["flags"] == report["flags"]


def beijing(text: str) -> str:
    """The same moment as a time without a zone, which is Beijing's."""
    moment = trail.moment(f"{text}Z")
    assert moment is not None
    return year.datetime.fromtimestamp(moment * 60, trail.BEIJING).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    "field", ["unit", "by", "at", "due", "limit", "length", "urgency", "kind", "judged", "on_time", "clocks", "n"]
)
def test_a_field_that_is_missing_everywhere_costs_its_games_only(field: str) -> None:
    lines, _, _ = year.lines(8, units=24)
    bare = (json.dumps({k: v for k, v in json.loads(text).items() if k != field}) for text in lines)
    assert detect.run(bare)["matters"] > 1000


def test_rubbish_between_the_lines_is_counted_and_passed_over() -> None:
    rubbish = [
        "",
        "{",
        "[]",
        "null",
        "7",
        '{"m":1}',
        '{"m":"a","n":"x","step":"say"}',
        '{"m":"a","step":"answer","at":"yesterday","due":5}',
        "\x00",
    ]
    report = detect.run(
        [*rubbish, '{"what":"totals"}', '{"m":"b","n":1,"step":"say","clocks":[7,{"clock":"answer","due":null}]}']
    )
    assert report["unreadable_lines"] == 7
    assert report["flags"] == []
    assert detect.run([])["honest_share"] is None


def test_days_without_a_minute_are_in_no_game_of_minutes() -> None:
    lines = (re.sub(r'"at": "(\d{4}-\d\d-\d\d)T[^"]*"', r'"at": "\1"', text) for text in year.lines(7, units=30)[0])
    assert not {f["what"] for f in detect.run(lines)["flags"]} & {
        "heap",
        "brink",
        "edge",
        "bulk",
        "night",
        "ring",
        "pause_late",
    }


def test_a_city_of_a_few_units_is_measured_against_what_is_usual_elsewhere() -> None:
    lines = [text for text in year.lines(7, units=30)[0] if '"131022-u00' in text or "header" in text]
    assert detect.run(lines)["units"] <= 10


# ---- the command


def test_the_command_takes_thresholds_of_ones_own_and_names_what_it_does_not_know(tmp_path: Path) -> None:
    path, own = tmp_path / "EVENTS.jsonl", tmp_path / "own.toml"
    path.write_text("\n".join(year.lines(7, units=24)[0]), "utf-8")
    own.write_text("[short]\nleast = 1000000\n[heap]\nalpha = 1e-300\n", "utf-8")
    assert not {f["what"] for f in detect.main(str(path), own)["flags"]} & {"short", "heap"}
    own.write_text("[short]\nmost = 3\n", "utf-8")
    with pytest.raises(ValueError, match=r"short\.most"):
        detect.main(str(path), own)


def test_it_runs_without_the_rest_of_minan() -> None:
    code = "import sys; from minan.systems.proof import detect; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_threshold_has_its_reason_and_every_game_its_threshold() -> None:
    tables = detect.thresholds()
    assert set(tables) == set(games.GAMES) == {name for names in games.FAMILIES.values() for name in names}
    for table in tables.values():
        assert {"least", "ratio", "gap", "alpha", "prior", "weight", "rho", "why_zh", "why_en"} <= table.keys()


# ---- the arithmetic


def test_the_tail_is_the_sum_of_its_parts_and_one_from_the_start() -> None:
    for rho in (0.0, 0.02, 0.3):
        assert odds.tail(20, 0, 0.3, rho) == 1.0
        assert odds.tail(20, 1, 0.3, rho) == pytest.approx(1 - odds._first(20, 0, 0.3, rho))
        parts = [odds.tail(20, k, 0.3, rho) for k in range(22)]
        assert parts == sorted(parts, reverse=True)
    assert odds.tail(10, 5, 0.5, 0.0) == pytest.approx(0.623046875)
    assert odds.tail(100, 40, 0.2, 0.05) > odds.tail(100, 40, 0.2, 0.0)
