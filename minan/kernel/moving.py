"""At start-up: a snapshot of every procedure, and open cases carried out of states that a new version no longer has."""

from __future__ import annotations

import sys

from minan.kernel import registry
from minan.kernel.access import CLOCK
from minan.kernel.draft import Draft
from minan.kernel.facts import Facts
from minan.kernel.models import Case
from minan.kernel.procedure import Procedure, Step, Words
from minan.kernel.rows import commit

BATCH = 500
LABEL = Words(
    "程序换了新版，这件事转到相应的一步", "The procedure has a new version; the matter was moved to its matching step"
)


def carry(procedure: Procedure) -> int:
    """Move open cases as `Procedure.moved` says, one event a case by the clock; returns how many."""
    done = 0
    for old, new in procedure.moved.items():
        step = Step("moved", LABEL, ("clock",), (old,), new)
        while cases := list(
            Case.objects.filter(procedure=procedure.name, state=old, closed_at=None).order_by("id")[:BATCH]
        ):
            for case in cases:
                draft = Draft.of(procedure, case)
                ask = draft.ask(step, {}, frozenset({"clock"}), None, CLOCK, case.changed_at)
                draft.take(step, ask, Facts(), "clock", f"moved:{case.code}:{procedure.version}")
                done += commit(draft.write())
    return done


def begin() -> None:
    """Exits with a sentence for every procedure whose open cases would be lost; otherwise carries them over."""
    problems = registry.settle()
    if problems:
        sys.exit("\n".join(problems))
    for procedure in registry.procedures().values():
        carry(procedure)
