"""What a publication would do, told on the administrator's page before it is done: ends that move, matters that would go elsewhere.

Administrators read no matter: codes, kinds, units and dates are all there is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minan.kernel import config, dryrun, labels, planned, registry
from minan.kernel.models import LimitRule
from minan.kernel.pages.numbers import Rate

SHOWN = 50
SHOWS = (*config.VERSIONED, *planned.DATED)  # tables whose changes are looked at before
ALSO = (
    (planned.NONE, gettext_lazy("只管以后的事")),
    (planned.NEARER, gettext_lazy("在办的也算：只提前，不推后")),
    (planned.ALL, gettext_lazy("在办的也算，推后的也改（会一件一件告诉说事人）")),
)


def also_field() -> forms.Field:
    """Whether a changed limit holds for what is open as well."""
    return forms.ChoiceField(label=gettext_lazy("在办的事"), choices=ALSO, required=False)


def must_look(model: Any, also: str) -> bool:
    """True where nobody publishes without having seen what it does."""
    return model in config.ROUTING or (model is LimitRule and bool(also))


def _unit(unit: str) -> str:
    return labels.office_name(unit) or unit or _("没有写明")


def _clock(name: str) -> str:
    return next((labels.into(c.label) for p in registry.procedures().values() for c in p.clocks if c.name == name), name)


def moves(seen: planned.Preview) -> dict[str, Any]:
    """The ends that move, as a template takes them: all in the totals, by name only what is nobody's secret."""
    rows = [
        {"code": m.code, "clock": _clock(m.name), "unit": _unit(m.unit), "was": m.was, "due": m.due}
        for m in sorted(seen.plain, key=lambda m: (m.due, m.code))[:SHOWN]
    ]
    units = [{"name": _unit(u), "near": near, "far": far} for u, near, far in seen.units()[:SHOWN]]
    return {
        "moves": rows, "move_units": units, "ends": len(seen.moves), "cases": seen.cases, "overdue": seen.overdue, "later": seen.later,
        "as_of": seen.at, "base": seen.mark, "rest": len(seen.moves) - len(rows),
    }  # fmt: skip


def dry(seen: Any, base: str = "") -> dict[str, Any]:
    """The last 30 days tried, as a template takes them."""
    units = [{"name": _unit(u), "before": a, "after": b, "change": f"{b - a:+,d}"} for u, a, b in seen.units()[:SHOWN]]
    examples = [
        {"code": code, "kind": labels.kind_name(kind), "before": _unit(a), "after": _unit(b), "now": _unit(c)}
        for code, kind, a, b, c in seen.examples
    ]
    return {
        "dry": seen, "few": dryrun.FEW, "dry_units": units, "examples": examples, "as_of": seen.at, "base": base,
        "right_before": Rate(seen.right_before, seen.answered), "right_after": Rate(seen.right_after, seen.answered),
    }  # fmt: skip


def mark_of(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(dict(values), sort_keys=True, default=str).encode()).hexdigest()[:16]


def end_of(model: Any, pk: Any, by: str) -> dict[str, Any]:
    """What ending a row of routing would have done to the last 30 days. Raises config.Wrong where it would be refused."""
    return dry(config.dry(model, pk, None, by), mark_of({"end": str(pk)}))


def of(model: Any, pk: Any, values: Mapping[str, Any], by: str, also: str = "") -> dict[str, Any]:
    """What publishing these values would do, asked by the person who signs in as `by`. Raises config.Wrong where it would be refused."""
    if model in config.ROUTING:
        return dry(config.dry(model, pk, values, by), mark_of(values))
    return moves(config.moves(model, pk, values, also))
