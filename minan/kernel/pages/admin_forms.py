"""A table's row as a form and back: office hours, options and conditions are lines that a person can write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minan.kernel import config, directory, labels, planned
from minan.kernel.models import LimitRule, Post, Unit, User
from minan.kernel.pages import foresight
from minan.kernel.pages.admin_names import NAMES
from minan.kernel.pages.admin_tables import EXTRA, Col, Table

NIGHT = ("夜间有人", "night")
SPAN = re.compile(r"([0-2]\d:[0-5]\d)\s*[-–—]\s*([0-2]\d:[0-5]\d)")


class Unreadable(ValueError):
    """Lines that are not what the field asks for."""


def hours_text(value: Mapping[str, Any] | None) -> str:
    """Office hours as lines: 01-01 08:30-12:00 13:30-17:30."""
    rows = [f"{s['from']} " + " ".join(f"{a}-{b}" for a, b in s["spans"]) for s in (value or {}).get("seasons", [])]
    return "\n".join(rows + ([NIGHT[labels.english()]] if (value or {}).get("night") else []))


def hours_value(text: str, old: Mapping[str, Any] | None) -> dict[str, Any]:
    """The lines as office hours; what else stood beside them (the English name) stays."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    seasons = []
    for line in lines:
        if line in NIGHT:
            continue
        start, _sep, rest = line.partition(" ")
        if SPAN.sub("", rest).strip():
            raise Unreadable(line)
        seasons.append({"from": start, "spans": [list(span) for span in SPAN.findall(rest)]})
    return {**(old or {}), "seasons": seasons, "night": any(line in NIGHT for line in lines)}


def options_value(text: str) -> list[dict[str, str]]:
    """Lines of value | Chinese | English."""
    out = []
    for line in filter(None, (row.strip() for row in text.splitlines())):
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 3 or not all(parts):
            raise Unreadable(line)
        out.append({"value": parts[0], "zh": parts[1], "en": parts[2]})
    return out


def condition_value(text: str) -> dict[str, Any]:
    """question=value, question=one,other, or nothing."""
    if not text.strip():
        return {}
    question, sign, value = (part.strip() for part in text.partition("="))
    if not (question and sign and value):
        raise Unreadable(text)
    values = [one.strip() for one in value.replace("，", ",").split(",") if one.strip()]
    return {"question": question, "is": values if len(values) > 1 else value}


def shown(col: Col, value: Any) -> Any:
    """What a form's field begins with."""
    if col.type == "hours":
        return hours_text(value)
    if col.type == "options":
        return "\n".join(f"{o['value']} | {o['zh']} | {o['en']}" for o in value or [])
    if col.type == "condition":
        after = (value or {}).get("is", "")
        return f"{value['question']}={','.join(after) if isinstance(after, list) else after}" if value else ""
    if col.type == "user":
        return User.objects.filter(pk=value).values_list("username", flat=True).first() or ""
    return value


def _field(col: Col) -> forms.Field:
    told: dict[str, Any] = {"label": col.label, "help_text": col.hint, "required": col.required}
    if col.type == "bool":
        return forms.BooleanField(label=col.label, help_text=col.hint, required=False)
    if col.type == "choice":
        found = col.choices() if col.choices else []
        return forms.ChoiceField(choices=found if col.required else [("", _("任何")), *found], **told)
    if col.type == "date":
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **told)
    if col.type == "number":
        return forms.IntegerField(min_value=0, max_value=9999, **told)
    lines = {"long": 2, "hours": 4, "options": 4}.get(col.type)
    return forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": lines}) if lines else None, **told)


class RowForm(forms.Form):
    """One row of a table; its fields are the table's columns, then why, then the mark of the row as it was seen."""

    why = forms.CharField(
        label=gettext_lazy("为什么改"), max_length=120, help_text=gettext_lazy("记在改动记录里，如文号或谁定的")
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, table: Table, row: Any, *args: Any, given: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        self.table, self.row, self.stale = table, row, False
        first = {c.name: shown(c, getattr(row, c.name)) for c in table.cols} if row is not None else dict(given or {})
        if row is None:
            first |= {c.name: True for c in table.cols if c.name in ("active", "is_active")}
        kwargs["initial"] = first | {"seen": config.mark(row) if row is not None else ""}
        super().__init__(*args, **kwargs)
        fixed = config.FIXED.get(table.model, ()) if row is not None else ()
        kept = {name: self.fields.pop(name) for name in ("why", "seen")}
        for col in table.cols:
            if col.name not in fixed:
                self.fields[col.name] = _field(col)
        self.fields |= kept
        if table.model is LimitRule and row is not None:
            self.fields["also"] = foresight.also_field()

    @property
    def also(self) -> str:
        """Whether a limit holds for what is open too (planned.py)."""
        chosen = str(self.data.get("also", "")) if "also" in self.fields else ""
        return chosen if chosen in (planned.NEARER, planned.ALL) else ""

    def values(self) -> dict[str, Any]:
        """The form's facts as the model keeps them. Adds errors to the form for lines that cannot be read."""
        out = {}
        for col in self.table.cols:
            if col.name not in self.fields:
                continue
            value = self.cleaned_data.get(col.name)
            try:
                out[col.name] = self._value(col, value)
            except Unreadable as error:
                self.add_error(col.name, _("看不懂这一行：%(line)s") % {"line": str(error)})
        return out

    def _value(self, col: Col, value: Any) -> Any:
        if col.type == "hours":
            return hours_value(value or "", getattr(self.row, col.name, None))
        if col.type == "options":
            return options_value(value or "")
        if col.type == "condition":
            return condition_value(value or "")
        if col.type == "user":
            return User.objects.filter(username=value).values_list("pk", flat=True).first() or 0
        if col.type == "number":
            return value or 0
        return value if col.type in ("bool", "date") else (value or "")

    def refuse(self, wrong: config.Wrong) -> None:
        """What config.change refused, said at its fields."""
        self.stale = planned.LOOK_AGAIN in wrong.errors.values()
        for name, words in wrong.errors.items():
            self.add_error(name if name in self.fields else None, labels.into(words))


def names_of(table: Table) -> dict[str, dict[str, str]]:
    """Column → value → what people call it, for the columns that choose from a list."""
    return {c.name: {value: str(label) for value, label in c.choices()} for c in table.cols if c.choices is not None}


def cell(table: Table, row: Any, name: str, named: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """A value as a list shows it; without `named` as the record holds it, for a file."""
    value = getattr(row, name)
    if named is not None and isinstance(value, str) and value in named.get(name, {}):
        return named[name][value]
    if named is not None and name in ("limit", "legal") and value and isinstance(row, LimitRule):
        return f"{labels.limit(value)}（{value}）"
    if named is not None and name == "place" and value:
        return f"{directory.place_name(value)}（{value}）"
    if name == "user_id" and isinstance(row, Post):
        return f"{labels.name_of(row.user)}（{row.user.username}）"
    if name == "unit_id" and isinstance(row, Post):
        return labels.name_of(row.unit)
    if isinstance(row, Unit) and name == "name":
        return labels.name_of(row)
    col = next((c for c in table.cols if c.name == name), None)
    if col is not None and col.type == "hours":
        return "；".join(hours_text(value).splitlines())
    if col is not None and col.type in ("options", "condition"):
        return str(shown(col, value)).replace("\n", "；")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return str(NAMES.get(value, value)) if named is not None and name in EXTRA else value  # a code stays a code
    return "" if value is None else str(value)


def heads(table: Table, names: tuple[str, ...]) -> list[str]:
    """The titles of columns."""
    known = {c.name: c.label for c in table.cols}
    return [str(known.get(name) or EXTRA.get(name, name)) for name in names]
