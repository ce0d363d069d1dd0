"""The damages page as a tree of small forms: what was posted, rows added and taken away, and what a file brings. No JavaScript is needed.

A field is named by its place: vehicles.0.commercial.1.limit; every row sends its place as `row` too, so that an empty one stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minan.channels.web import damages
from minan.channels.web import forms_damages as forms
from minan.channels.web.forms_damages import Piece
from minan.channels.web.forms_victim import Victim
from minan.lib.damages.case import ITEMS

ROWS_MOST, FIELDS_MOST = 300, 900  # all together: of more than settings.DATA_UPLOAD_MAX_NUMBER_FIELDS nothing would arrive
PLACE = re.compile(r"(?:[a-z_]{1,20}\.\d{1,2})(?:\.[a-z_]{1,20}\.\d{1,2})?")
KINDS: dict[str, type[Piece]] = {
    "vehicles": forms.Vehicle, "commercial": forms.Policy, "victims": Victim, "meals": forms.Entry, "nutrition": forms.Entry,
    "lost_income": forms.Entry, "nursing": forms.Nursing, "family_cost": forms.Entry, "dependants": forms.Dependant, "aids": forms.Aid,
    "property": forms.Goods, "other": forms.Other, "claims": forms.Claim, "advances": forms.Advance,
}  # fmt: skip
WITHIN = {"": ("vehicles", "victims"), "vehicles": ("commercial",), "victims": tuple(list(KINDS)[3:])}
TITLES: dict[str, Any] = {
    "vehicles": gettext_lazy("车和走路的人"), "victims": gettext_lazy("受伤的人"), "commercial": gettext_lazy("商业险"),
    "meals": gettext_lazy("住院伙食补助费"), "nutrition": gettext_lazy("营养费"), "lost_income": gettext_lazy("误工费"),
    "nursing": gettext_lazy("护理费"), "family_cost": gettext_lazy("亲属办丧事的费用"), "dependants": gettext_lazy("要扶养的人"),
    "aids": gettext_lazy("辅助器具"), "property": gettext_lazy("财产损失"), "other": gettext_lazy("别的损失"), "claims": gettext_lazy("诉请"),
    "advances": gettext_lazy("垫付"),
}  # fmt: skip
FIRST = {"victims": ("meals", "nutrition", "lost_income", "nursing")}  # an empty row of these stands there at once


@dataclass
class Raw:
    """What was typed, by name, and the rows below, by kind. Nothing of it is checked yet."""

    own: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, list[Raw]] = field(default_factory=dict)

    def size(self, kind: str = "") -> int:
        """Fields that a form of this sends: its own, its place, and those of all its rows."""
        own = len(KINDS.get(kind, forms.Frame).base_fields) + 1
        return own + sum(row.size(below) for below, rows in self.rows.items() for row in rows)

    def flat(self, prefix: str = "") -> Iterator[tuple[str, list[str]]]:
        """Names and values again, numbered anew."""
        for key, values in self.own.items():
            yield f"{prefix}{key}", values
        for kind, rows in self.rows.items():
            for n, row in enumerate(rows):
                yield from row.flat(f"{prefix}{kind}.{n}.")


def posted(post: QueryDict) -> Raw:
    """The tree of what a form sent; places that cannot be are passed over."""
    tree, at = Raw(), {}
    at[""] = tree
    for place in post.getlist("row")[:ROWS_MOST]:
        if not PLACE.fullmatch(place) or place in at:
            continue
        above, _point, kind = place.rpartition(".")[0].rpartition(".")
        if above in at and kind in WITHIN.get(above.partition(".")[0], ()):
            at[place] = Raw()
            at[above].rows.setdefault(kind, []).append(at[place])
    for key in post:
        place, _point, name = key.rpartition(".")
        if place in at:
            at[place].own[name] = [value[:200] for value in post.getlist(key)]
    return tree


def _find(tree: Raw, place: str) -> tuple[list[Raw], int] | None:
    """The list a row stands in, and its number there."""
    here, rows, n = tree, [], -1
    for kind, number in re.findall(r"([a-z_]{1,20})\.(\d{1,2})", place):
        rows, n = here.rows.get(kind, []), int(number)
        if n >= len(rows):
            return None
        here = rows[n]
    return (rows, n) if n >= 0 else None


def add(tree: Raw, where: str) -> None:
    """One more empty row: `where` is "vehicles" or "victims.0.advances"."""
    above, _point, kind = where.rpartition(".")
    found = _find(tree, above) if above else None
    here = found[0][found[1]] if found else tree
    if (above and not found) or kind not in WITHIN.get(above.partition(".")[0], ()):
        return
    rows = here.rows.setdefault(kind, [])
    new = fresh(kind, len(rows) + 1)
    if tree.size() + new.size(kind) <= FIELDS_MOST:
        rows.append(new)


def remove(tree: Raw, place: str) -> None:
    if found := _find(tree, place):
        found[0].pop(found[1])


def fresh(kind: str, n: int) -> Raw:
    """An empty row as it first stands there."""
    own = {
        "vehicles": {"id": [_("%(n)s号车") % {"n": n}], "kind": ["motor"]},
        "victims": {"id": [_("伤者%(n)s") % {"n": n}]},
    }.get(kind, {})
    return Raw(dict(own), {below: [Raw()] for below in FIRST.get(kind, ())})


@dataclass
class Node:
    """One form with the rows below it, ready to be drawn."""

    kind: str
    place: str
    form: Piece
    rows: dict[str, list[Node]] = field(default_factory=dict)

    @property
    def title(self) -> Any:
        return TITLES.get(self.kind, "")

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Under each heading the fields and the kinds of rows; open where something stands in it or is wrong."""
        found = []
        for title, names, kinds in self.form.GROUPS:
            rows = [Several(self.place, kind, self.rows.get(kind, [])) for kind in kinds]
            said = any(self._said(name) for name in names) or any(one.begun for one in rows)
            found.append({"title": title, "fields": [self.form[name] for name in names], "rows": rows, "open": said})
        return found

    def _said(self, name: str) -> bool:
        bound = self.form[name]
        choices = getattr(bound.field, "choices", None)
        first = str(next(iter(choices))[0]) if choices else ""
        value = bound.value()
        return bool(bound.errors) or value not in (None, "", [], False, first)

    @property
    def told(self) -> bool:
        return any(self._said(name) for _title, names, _kinds in self.form.GROUPS for name in names)

    def each(self) -> Iterator[Node]:
        yield self
        for rows in self.rows.values():
            for row in rows:
                yield from row.each()


@dataclass
class Several:
    """The rows of one kind, and where one more would go."""

    above: str
    kind: str
    nodes: list[Node]

    @property
    def title(self) -> Any:
        return TITLES[self.kind]

    @property
    def begun(self) -> bool:
        """Something stands in a row, or there are more of them than stand there at first."""
        at_first = sum(1 for kinds in FIRST.values() if self.kind in kinds)
        return len(self.nodes) > at_first or any(node.told for node in self.nodes)

    @property
    def where(self) -> str:
        return f"{self.above}.{self.kind}" if self.above else self.kind


def _choices(node: Piece, name: str, more: list[str]) -> None:
    """Let a choice have what this case has beside what every case has."""
    bound = node.fields[name]
    known = {str(value) for value, _label in bound.choices}
    bound.choices = [*bound.choices, *((value, value) for value in dict.fromkeys(more) if value and value not in known)]


def drawn(tree: Raw, *, bound: bool) -> Node:
    """The tree as forms. Unbound where nothing is to be checked yet: what was typed stands there as it is."""
    data: MultiValueDict[str, str] = MultiValueDict(dict(tree.flat()))
    vehicles = [row.own.get("id", [""])[0] for row in tree.rows.get("vehicles", [])]
    return _node("", "", tree, forms.Frame, data, vehicles, bound)


def _node(kind: str, place: str, raw: Raw, made: type[Piece], data: Any, vehicles: list[str], bound: bool) -> Node:
    prefix = place or None
    if bound:
        form = made(data, prefix=prefix, label_suffix="")
    else:
        many = {name for name, one in made.base_fields.items() if isinstance(one, forms.forms.MultipleChoiceField)}
        initial = {name: values if name in many else values[-1] for name, values in raw.own.items() if values}
        form = made(initial=initial, prefix=prefix, label_suffix="")
    typed = {name: values[-1] for name, values in raw.own.items() if values}
    if kind == "victims":
        _choices(form, "within", vehicles)
    elif kind == "claims":
        form.fields["item"].choices = [(item, damages.label(item)) for item in ITEMS]
        _choices(form, "item", [typed.get("item", "")] if ":" in typed.get("item", "") else [])
    elif not kind:
        _choices(form, "place", [typed.get("place", "")] if re.fullmatch(r"\d{12}", typed.get("place", "")) else [])
        _choices(form, "rounding", [typed.get("rounding", "")] if typed.get("rounding", "").startswith("{") else [])
    node = Node(kind, place, form)
    for below in WITHIN.get(kind, ()):
        node.rows[below] = [
            _node(below, f"{place}.{below}.{n}".lstrip("."), row, KINDS[below], data, vehicles, bound)
            for n, row in enumerate(raw.rows.get(below, []))
        ]
    return node
