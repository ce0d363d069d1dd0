"""The tags every page uses: icon, light, when, rate, say, code and field. All output goes through format_html."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import segno
from django import forms, template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from minan.kernel import labels
from minan.kernel.models import Case
from minan.shell import words

register = template.Library()

SHAPES = {
    "green": "green",
    "yellow": "amber",
    "amber": "amber",
    "red": "red",
    "paused": "paused",
    "parked": "paused",
    "held": "paused",
    "idle": "idle",
    "off": "idle",
    "": "idle",
    "done": "done",
    "met": "done",
    "met_late": "done",
}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One line icon of the sprite; with `label` it speaks to screen readers, without it is silent."""
    href = f"{static('minan/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="i" role="img" aria-label="{}"><use href="{}"/></svg>', label, href)
    return format_html('<svg class="i" aria-hidden="true"><use href="{}"/></svg>', href)


def _get(thing: Any, key: str, default: Any = None) -> Any:
    value = thing.get(key, default) if isinstance(thing, dict) else getattr(thing, key, default)
    return default if value is None else value


def light_words(clock: Any, resident: bool) -> str:
    """The words beside a light. A clock says `words` itself, or gives `due_at` (and `now`); `used` is a timedelta, `until` a date."""
    if _get(clock, "words"):
        return str(_get(clock, "words"))
    kind = str(_get(clock, "light", ""))
    shape = SHAPES.get(kind, "idle")
    if kind == "met_late":
        return (
            _("办了，迟了 %(span)s") % {"span": words.span(_get(clock, "late"))}
            if _get(clock, "late")
            else _("办了，迟了")
        )
    if shape == "done":
        used = _get(clock, "used")
        return _("用了 %(span)s") % {"span": words.span(used)} if used is not None else _("已办结")
    if shape == "paused":
        until = _get(clock, "until")
        head = {"parked": _("挂账"), "held": _("挂起")}.get(kind) or _("暂停")
        return _("%(head)s到 %(day)s") % {"head": head, "day": words.when(until, "day")} if until else head
    due_at = _get(clock, "due_at")
    if shape == "idle" or due_at is None:
        return _("未起算")
    return words.left(due_at, _get(clock, "now") or timezone.now(), resident=resident)


@register.simple_tag
def light(clock: Any, who: str = "staff", plate: bool = False, named: bool = False) -> SafeString:
    """A light: its shape, then its words. `who` is staff or resident; `plate` once at the head; `named` puts the clock's name before it."""
    text = light_words(clock, who == "resident")
    name = words.say(_get(clock, "label") or _get(clock, "name")) if named else ""
    shape = SHAPES.get(str(_get(clock, "light", "")), "idle")
    extra = " light--plate" if plate else ""
    return format_html('<span class="light{} is-{}">{}</span>', extra, shape, f"{name} {text}".strip())


@register.simple_tag
def when(value: date | datetime | str | None, style: str = "", now: datetime | None = None) -> SafeString | str:
    """A date in words inside <time>; styles as in words.when: "", short, desk, day, full."""
    if not value:
        return ""
    moment = timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
    iso = moment if isinstance(moment, str) else moment.isoformat()
    return format_html('<time datetime="{}">{}</time>', iso, words.when(value, style, now))


@register.filter
def when_text(value: date | datetime | str | None, style: str = "") -> str:
    """The same words without the element, for sentences and attributes."""
    return words.when(value, style)


@register.simple_tag
def strip(days: Sequence[Any], minutes: bool = False) -> list[dict[str, Any]]:
    """The days of a count for parts/day_strip.html; `minutes` where the count is in office minutes."""
    return words.day_strip(days, minutes=minutes)


@register.filter
def say(thing: Any) -> str:
    """The label of a thing in the page's language; of a case, what it is called."""
    return labels.title_of(thing) if isinstance(thing, Case) else words.say(thing)


@register.filter
def count(number: int) -> str:
    """12442 → 12,442."""
    return words.count(number)


@register.simple_tag
def rate(numerator: int, denominator: int | None, of: str) -> str:
    """A rate as a sentence; it refuses to stand without its denominator and what was counted."""
    return words.rate(numerator, denominator, of)


@register.simple_tag
def percent(numerator: int, denominator: int | None) -> str:
    """The figure alone, for the stat part, which prints the division under it; "" where nothing was counted."""
    return words.percent(numerator, denominator) if denominator else ""


@register.filter
def code(value: str) -> SafeString:
    """A matter's code in three groups, never broken over a line."""
    return format_html('<span class="code">{}</span>', words.code_groups(value))


@register.filter
def code_text(value: str) -> str:
    """The same groups without the element."""
    return words.code_groups(value)


@register.simple_tag
def qr(text: str, label: str = "") -> SafeString:
    """A QR symbol drawn as one path: the text, which may hold a secret after #, goes into no address and no log."""
    rows = segno.make(text, error="m", micro=False).matrix
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    box = f"0 0 {len(rows)} {len(rows)}"
    draw = '<svg class="qr" viewBox="{}" role="img" aria-label="{}" shape-rendering="crispEdges"><path d="{}"/></svg>'
    return format_html(draw, box, label or _("二维码"), path)


@register.filter
def lines(text: str) -> SafeString:
    """What a person wrote, escaped, one paragraph a line: for the corner brackets."""
    parts = [part.strip() for part in str(text or "").replace("\r\n", "\n").split("\n")]
    return format_html_join("", "<p>{}</p>", ((part,) for part in parts if part))


@register.filter
def field_kind(field: forms.BoundField) -> str:
    """Which of the shapes in parts/field.html a form field takes: choices, check, file, hidden or line."""
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.ClearableFileInput | forms.FileInput):
        return "file"
    return "line"


@register.simple_tag
def widget(field: forms.BoundField) -> SafeString:
    """The field's own input with our class, and the ids of its hint and error for screen readers."""
    told = [f"{field.id_for_label}-hint"] if field.help_text else []
    told += [f"{field.id_for_label}-error"] if field.errors else []
    attrs: dict[str, Any] = {"class": f"input {field.field.widget.attrs.get('class', '')}".strip()}
    if told:
        attrs["aria-describedby"] = " ".join(told)
    if field.errors:
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)
