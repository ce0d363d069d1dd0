"""`minan damages FILE.json` prints the contract's object, says what is wrong by its path, and asks no database."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any

import pytest

from minan.kernel.commands import damages
from minan.lib.damages import calculate
from minan.lib.damages.tests.cases import accident


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    damages.add_arguments(parser)
    return damages.run(parser.parse_args(words))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(accident()), "utf-8")
    return path


def test_the_mediator_reads_who_pays_in_either_language(file: Path, capsys: Any) -> None:
    assert run(str(file)) == 0
    assert json.loads(capsys.readouterr().out) == calculate(accident())
    assert run(str(file), "--lang", "en") == 0
    assert json.loads(capsys.readouterr().out) == calculate(accident(), "en")


def test_half_a_day_written_as_a_number_stays_exact(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(accident({"meals": {"days": 2.3, "daily": "100"}})), "utf-8")
    assert run(str(path)) == 0
    assert json.loads(capsys.readouterr().out)["victims"][0]["total"] == "230.00"


def test_standard_input_is_read_too(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(accident()).encode())))
    assert run("-") == 0
    assert json.loads(capsys.readouterr().out)["victims"][0]["total"] == "20000.00"


def test_what_if_prints_the_lines_that_move(file: Path, tmp_path: Path, capsys: Any) -> None:
    change = tmp_path / "change.json"
    change.write_text('{"victims.wang.items.medical": "30000"}', "utf-8")
    assert run(str(file), "--what-if", str(change)) == 0
    lines = {line["line"]: line["difference"] for line in json.loads(capsys.readouterr().out)["lines"]}
    assert lines["item:wang:medical"] == "10000.00"


def test_every_fault_is_told_by_its_path_and_the_code_is_2(file: Path, capsys: Any) -> None:
    case = accident()
    case["colour"], case["vehicles"][0]["share"] = "red", 0.7
    file.write_text(json.dumps(case), "utf-8")
    assert run(str(file)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "colour: 没有这一项" in said.err
    assert "vehicles.car.share: 要写成" in said.err
    assert run(str(file), "--lang", "en") == 2
    assert "colour: there is no such key" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"a": ' + "1" * 5_000 + "}"])
def test_a_file_that_is_no_json_is_said_to_be_none(file: Path, capsys: Any, text: str) -> None:
    file.write_text(text, "utf-8")
    assert run(str(file)) in (1, 2)
    assert capsys.readouterr().err.strip()


def test_a_file_that_is_not_there_or_too_large_is_named(file: Path, capsys: Any) -> None:
    assert run(str(file.with_name("none.json"))) == 1
    file.write_bytes(b" " * (1024 * 1024 + 1))
    assert run(str(file)) == 1
    assert "more than 1048576 bytes" in capsys.readouterr().err
