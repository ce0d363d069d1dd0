"""P2, whole: every role × relation × address × method × state of a matter, in four parts for two processes."""

from __future__ import annotations

import os
import time

import pytest

from tests.matrix.cells import Matrix, Report, cells
from tests.matrix.fixture import town  # noqa: F401 a fixture
from tests.matrix.world import World

pytest.importorskip("minan.systems.matters.procedure", reason="not run: P2 (no matters)")
pytestmark = [pytest.mark.django_db, pytest.mark.bar("P2"), pytest.mark.slow]
PARTS, THIN = 4, 1 if os.environ.get("MINAN_DEEP") else 11
LEAST = 20_000


def part(world: World, number: int, thin: int = THIN, parts: int = PARTS) -> tuple[Report, float]:
    """Every so many-th person with all their cells, and the seconds of a core it took."""
    began, matrix = time.process_time(), Matrix(world)
    mine = set(list(world.people)[number::parts])
    for cell in cells(world, thin):
        if cell.person in mine:
            matrix.run(cell)
    return matrix.report, time.process_time() - began


@pytest.mark.parametrize("number", range(PARTS))
def test_nobody_reads_a_word_that_is_not_theirs(town: World, number: int) -> None:  # noqa: F811
    report, seconds = part(town, number)
    print(f"{report}\npart {number}: {seconds:.0f} s of one core")
    assert not report.leaks, f"{len(report.leaks)} leaks\n" + "\n".join(report.leaks[:60])
    assert sum(report.cells.values()) >= LEAST // PARTS
