"""`make bar ID=R2`: runs the tests of one bar of RELIABILITY.md and prints {id, pass, numbers, seed, commit} as JSON.

Numbers are what its tests say with pytest's `record_property(name, value)`.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest

HERE = pathlib.Path(__file__).resolve().parent.parent


class Notes:
    """A plugin that keeps what the tests of the bar record."""

    def __init__(self) -> None:
        self.numbers: dict[str, Any] = {}
        self.tests: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            self.tests[report.nodeid] = report.outcome
            self.numbers |= dict(report.user_properties)


def main() -> int:
    """Returns 0 if the bar's tests ran and passed."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if not name:
        print("say which: make bar ID=R2", file=sys.stderr)
        return 2
    os.environ.setdefault("MINAN_DEEP", "1")
    notes = Notes()
    with contextlib.redirect_stdout(sys.stderr):
        code = pytest.main(
            ["-q", f"--bar={name}", f"--rootdir={HERE}", str(HERE / "minan"), str(HERE / "tests")], [notes]
        )
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False)
    passed = code == 0 and bool(notes.tests) and "skipped" not in notes.tests.values()
    said = {"id": name, "pass": passed, "numbers": notes.numbers, "tests": notes.tests}
    said |= {"seed": notes.numbers.get("seed"), "commit": commit.stdout.strip() or None}
    print(json.dumps(said, ensure_ascii=False, indent=1))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
