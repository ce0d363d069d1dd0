"""What `minan verify` checks of the log: in itself, and against what others hold (kernel.verify.also)."""

from __future__ import annotations

from minan.kernel.verify import Held, Report
from minan.kernel.verify_counts import one_moment
from minan.systems.proof import held as outside
from minan.systems.proof import log_checks

WHERE = "log"


def log(report: Report, held: Held) -> None:
    """Add all faults, and what was found of checkpoints and promises; everything is read as of one moment."""
    with one_moment():
        for what in log_checks.everything():
            report.add(WHERE, what)
        for what in outside.against(held, report.said.append):
            report.add(WHERE, what)
