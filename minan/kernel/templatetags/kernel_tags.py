"""What the staff's templates ask for by name: one field of a form, the words of a list, an office."""

from __future__ import annotations

from django import forms, template

from minan.kernel import articles, labels
from minan.kernel.models import Case

register = template.Library()


@register.filter
def field_of(form: forms.Form, name: str) -> forms.BoundField | None:
    """The field of this name, or nothing where the step does not ask it."""
    return form[name] if name in form.fields else None


@register.filter
def words_of(text: str) -> list[str]:
    """ "name phone" → ["name", "phone"]."""
    return text.split()


@register.filter
def office(unit: str) -> str:
    """The name of a unit by its id."""
    return labels.office_name(unit) or unit


@register.inclusion_tag("kernel/articles_beside.html")
def articles_beside(case: Case) -> dict[str, object]:
    """The articles of this matter's kind, folded; nothing where there is none."""
    return {"cited": articles.of_case(case), "kind": case.kind}
