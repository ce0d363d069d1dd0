"""What is measured is real: a base filled in bulk stands before `minan verify`, and its vaults open."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_a_base_filled_for_measuring_has_whole_chains_and_vaults_that_open() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", "--db", "sqlite", "--cases", "300", "--verify"],
        cwd=ROOT, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told["verify"] == "no fault"
    assert told["vaults_opened"] == 50
    assert told["cases"] == 300
    assert 0 < told["open"] < 60  # nine in ten are closed
    assert told["events"] > 2 * told["cases"]
