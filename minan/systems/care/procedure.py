"""What care is made of: the agreement and its helpers, the visit and its kin, the short stay."""

from __future__ import annotations

from minan.systems.care.agreeing import CARE, HAND
from minan.systems.care.staying import STAY
from minan.systems.care.visiting import KIN, VISIT

PROCEDURE = CARE
MORE = (HAND, VISIT, KIN, STAY)
