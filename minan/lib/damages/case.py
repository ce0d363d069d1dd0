"""A case as it was read: frozen, every figure an exact fraction, every name checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

MEDICAL, DEATH, PROPERTY = "medical", "death_disability", "property"
HEADINGS = (MEDICAL, DEATH, PROPERTY)  # what compulsory insurance has a limit for
OUTSIDE, OUTSIDE_FULL, COMMERCIAL = "outside", "outside_full", "commercial"
HEADS = (*HEADINGS, OUTSIDE, OUTSIDE_FULL, COMMERCIAL)
LUMP = "lump"

ROUNDINGS = ("item", "daily_wage_cents", "daily_wage_yuan", "jiao", "yuan", "cut")
ADVANCES = ("off_debt", "refund_by_insurer", "refund_by_victim", "separate")
STANDARDS = ("urban_income", "urban_consumption", "rural_income", "rural_consumption", "average_wage")
BARS = ("drunk", "unlicensed", "drugs", "deliberate", "fled")
ITEMS = (
    "medical", "later_treatment", "meals", "nutrition", "lost_income", "nursing", "transport", "lodging", "disability", "death", "funeral",
    "dependants", "aids", "family_cost", "mental", "appraisal", "other", "property",
)  # fmt: skip


@dataclass(frozen=True)
class Compulsory:
    """`limits` and `used` by heading, as far as given."""

    insurer: str
    limits: dict[str, Fraction]
    used: dict[str, Fraction]


@dataclass(frozen=True)
class Commercial:
    """`limit` None: none is known to bind (given as null) when `limit_given`, else it was not said."""

    insurer: str
    limit: Fraction | None
    limit_given: bool
    used: Fraction
    deductible: Fraction
    excludes: frozenset[str]


@dataclass(frozen=True)
class Vehicle:
    """A vehicle or pedestrian. `insured`: "yes", "no" (a motor vehicle without compulsory insurance) or "unsaid"."""

    id: str
    kind: str
    driver: str
    owner: str
    liable: str
    jointly: tuple[str, ...]
    responsibility: str
    share: Fraction | None
    insured: Literal["yes", "no", "unsaid"]
    compulsory: Compulsory | None
    commercial: tuple[Commercial, ...]
    bar: frozenset[str]

    @property
    def barred(self) -> bool:
        """Compulsory insurance may come back on the driver. A hit-and-run alone leaves it as it is."""
        return bool(self.bar - {"fled"})


@dataclass(frozen=True)
class Entry:
    """One line of days or months × a rate. `rate` is "daily", "monthly" or "yearly"; None where the figure is missing."""

    count: Fraction | None
    per: str
    rate: str
    amount: Fraction | None
    carers: Fraction = Fraction(1)
    dependence: Fraction = Fraction(1)


@dataclass(frozen=True)
class Disability:
    grades: tuple[int, ...]
    coefficient: Fraction | None
    years: Fraction | None


@dataclass(frozen=True)
class Dependant:
    years: Fraction | None
    supporters: Fraction | None
    standard: str
    coefficient: Fraction | None


@dataclass(frozen=True)
class Aid:
    price: Fraction
    every: Fraction | None
    years: Fraction | None
    upkeep: Fraction


@dataclass(frozen=True)
class Named:
    """An entry of `other` or `property`."""

    what: str
    head: str
    amount: Fraction


@dataclass(frozen=True)
class Items:
    """What was claimed. `plain` holds amounts already awarded, by item; the rest is worked out."""

    plain: dict[str, Fraction] = field(default_factory=dict)
    entries: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    disability: Disability | None = None
    death: bool = False
    death_years: Fraction | None = None
    funeral: bool = False
    dependants: tuple[Dependant, ...] = ()
    aids: tuple[Aid, ...] = ()
    other: tuple[Named, ...] = ()
    goods: tuple[Named, ...] = ()
    non_medicare: Fraction = Fraction(0)
    reimbursed: Fraction = Fraction(0)
    coefficient: Fraction | None = None

    @property
    def died(self) -> bool:
        return self.death or "death" in self.plain


@dataclass(frozen=True)
class Advance:
    by: str
    amount: Fraction
    how: str
    through: str


@dataclass(frozen=True)
class Victim:
    id: str
    within: str
    driver: bool | None
    own_share: Fraction | None
    age: Fraction | None
    standard: str
    items: Items
    claims: dict[str, Fraction]
    advances: tuple[Advance, ...]
    released: frozenset[str]


@dataclass(frozen=True)
class Switches:
    rounding: dict[str, str]
    day_base: int
    bar_property: str
    appraisal: str
    compulsory: str
    grade_extra: dict[int, Fraction] | None
    advances: str
    mental: str
    mental_first: bool
    reimbursed: str


@dataclass(frozen=True)
class Case:
    accident: date | None
    as_of: date | None
    place: str
    standards: dict[str, Fraction]
    switches: Switches
    vehicles: tuple[Vehicle, ...]
    victims: tuple[Victim, ...]

    def vehicle(self, name: str) -> Vehicle | None:
        return next((vehicle for vehicle in self.vehicles if vehicle.id == name), None)
