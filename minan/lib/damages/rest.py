"""What compulsory insurance leaves of one victim's loss, sorted by who may bear it. Step 4 of the contract."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from minan.lib.damages.awards import Award
from minan.lib.damages.case import (
    COMMERCIAL,
    DEATH,
    LUMP,
    MEDICAL,
    OUTSIDE,
    OUTSIDE_FULL,
    PROPERTY,
    Commercial,
    Switches,
)  # fmt: skip
from minan.lib.damages.compulsory import Paid
from minan.lib.damages.rounding import half_up

ZERO = Fraction(0)


@dataclass(frozen=True)
class Rest:
    """`shared` is borne by share, own fault included; `full` by those who are liable alone, own fault or not.

    `shared_insured` and `full_insured` are what of the two commercial insurance covers at all; `excluded` what a policy may leave out, by
    name, with whether it lies in `full`.
    """

    shared: Fraction
    full: Fraction
    shared_insured: Fraction
    full_insured: Fraction
    excluded: dict[str, tuple[Fraction, bool]]

    @property
    def whole(self) -> Fraction:
        return self.shared + self.full

    def covered(self, policy: Commercial) -> tuple[Fraction, Fraction]:
        """What this policy covers of `shared` and of `full`."""
        shared, full = self.shared_insured, self.full_insured
        for name in policy.excludes:
            amount, in_full = self.excluded.get(name, (ZERO, False))
            if in_full:
                full -= amount
            else:
                shared -= amount
        return max(shared, ZERO), max(full, ZERO)


def _mental_left(award: Award, switches: Switches, heading_left: Fraction, paid: Fraction) -> Fraction:
    """Mental harm that compulsory insurance did not reach: first inside its heading, or with the rest in proportion."""
    mental = award.of("mental")
    if not mental:
        return ZERO
    if switches.mental_first:
        return max(mental - paid, ZERO)
    return min(half_up(mental * heading_left / (heading_left + paid)), heading_left)


def rest_of(award: Award, switches: Switches, paid: Paid, victim: int) -> Rest:
    """Non-medicare drugs and an appraisal fee are taken as the last that compulsory insurance reaches."""
    if switches.compulsory == LUMP:
        whole_left = sum((award.under(head) for head in (MEDICAL, DEATH, PROPERTY)), ZERO) - paid.of(victim, LUMP)
        medical_left = min(award.under(MEDICAL), whole_left)
        death_left, death_paid = whole_left, paid.of(victim, LUMP)
    else:
        medical_left = award.under(MEDICAL) - paid.of(victim, MEDICAL)
        death_paid = paid.of(victim, DEATH)
        death_left = award.under(DEATH) - death_paid
        whole_left = medical_left + death_left + award.under(PROPERTY) - paid.of(victim, PROPERTY)
    mental = _mental_left(award, switches, death_left, death_paid)
    fixed = switches.mental == "as_fixed"
    appraisal = award.of("appraisal")
    appraisal_left = {
        "commercial": appraisal, "disability": min(appraisal, max(death_left - mental, ZERO)),
    }.get(switches.appraisal, ZERO)  # fmt: skip
    full_insured = mental if fixed else ZERO
    shared_insured = whole_left - full_insured + award.under(COMMERCIAL)
    return Rest(
        shared=shared_insured + award.under(OUTSIDE),
        full=full_insured + award.under(OUTSIDE_FULL),
        shared_insured=shared_insured,
        full_insured=full_insured,
        excluded={
            "non_medicare": (min(award.victim.items.non_medicare, medical_left), False),
            "appraisal": (appraisal_left, False),
            "mental": (mental, fixed),
        },
    )
