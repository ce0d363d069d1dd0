"""The one key of a clear matter: a step that asks nothing, then the step that hands it to the one unit the duty list names.

Nothing here knows the names of steps: any procedure whose first step leads to an assigning one gets the key.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from minan.kernel import directory, labels, registry
from minan.kernel.forms import proposal
from minan.kernel.models import Case
from minan.kernel.procedure import Step

KEY = "G"


@dataclass(frozen=True, slots=True)
class Straight:
    """The steps to be taken one after the other, and the unit."""

    steps: tuple[Step, ...]
    unit: str
    why: str


def _hands_over(step: Step) -> bool:
    """True where all that the step must be told is a unit."""
    return bool(step.to) and [f.type for f in step.fields if f.required] == ["unit"]


def _asks_nothing(step: Step) -> bool:
    return bool(step.to) and not any(f.required for f in step.fields)


def of(case: Case, possible: list[Step]) -> Straight | None:
    """The one key of this case for somebody with these steps; None where kind, township or unit are not clear."""
    procedure = registry.get(case.procedure)
    unit, why = proposal(case)
    if procedure is None or not unit or not directory.within(case.place, "town") or case.marks.get("place_unknown"):
        return None
    direct = next((s for s in possible if _hands_over(s)), None)
    if direct:
        return Straight((direct,), unit, why)
    for first in filter(_asks_nothing, possible):
        for second in procedure.steps_from(first.to):
            if _hands_over(second) and set(first.who) & set(second.who):
                return Straight((first, second), unit, why)
    return None


def names(steps: tuple[Step, ...]) -> str:
    """受理并交办; in English the later ones small: Accept and assign."""
    said = [labels.into(s.label) for s in steps]
    return _("并").join(said[:1] + [s.lower() if labels.english() else s for s in said[1:]])


def letters(steps: list[Step]) -> dict[str, str]:
    """Step → the letter on its button: its own where free, else the first free one of its name. J, K and G are taken."""
    taken, out = {"J", "K", KEY}, {}
    for step in steps:
        if step.key and step.key not in taken:
            taken.add(step.key)
            out[step.name] = step.key
    for step in steps:
        if step.key and step.name not in out:
            free = next((c for c in step.name.upper() if c.isalpha() and c not in taken), "")
            taken.add(free)
            out[step.name] = free
    return out
