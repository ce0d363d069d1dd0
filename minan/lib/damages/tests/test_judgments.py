"""Every published judgment beside the work tree comes out to the cent, each as its own test."""

from __future__ import annotations

from typing import Any

import pytest

from bench import damages as bench

CASES = bench.cases()


@pytest.mark.parametrize("case", CASES or [None], ids=[case["id"] for case in CASES] or ["missing"])
def test_the_court_and_the_calculator_agree_to_the_cent(case: dict[str, Any] | None) -> None:
    if case is None:
        pytest.skip("not run: judgments (../shared/damages.cases.json is missing)")
    found = bench.compared(case)
    assert found["wrong"] == []
    assert found["equal"], found


def test_the_comparison_bites() -> None:
    if not CASES:
        pytest.skip("not run: judgments (../shared/damages.cases.json is missing)")
    (case,) = [one for one in CASES if one["mark"] == "full"][:1]
    victim = next(iter(case["out"]["total"]))
    other = case | {"out": case["out"] | {"total": {victim: "0.01"}}}
    assert [line["line"] for line in bench.compared(other)["wrong"]] == [f"total:{victim}"]
