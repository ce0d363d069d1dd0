"""Standard answers with their variables filled in: a city's own sentences for a step, read once per change of the city."""

from __future__ import annotations

from typing import NamedTuple

from django.utils import timezone

from minan.kernel import directory
from minan.kernel.labels import english, kind_name, office_name
from minan.kernel.models import Case, StandardAnswer
from minan.kernel.procedure import Step
from minan.lib import codes

# A step that has an outcome is told like an answer, whatever it is called.
ANSWERING = "answer"
MOST = 30


class Answer(NamedTuple):
    code: str
    title: str
    text: str


class _Row(NamedTuple):
    code: str
    step: str
    group: str
    kind: str
    state: str
    title: str
    title_en: str
    text: str
    text_en: str


def _rows() -> list[_Row]:
    city = directory.city()
    if "answers" not in city.beside:
        found = StandardAnswer.objects.filter(active=True).order_by("code").values_list(*_Row._fields)
        city.beside["answers"] = [_Row(*row) for row in found]
    kept: list[_Row] = city.beside["answers"]
    return kept


def _filled(text: str, case: Case | None) -> str:
    """The sentence with {place}, {kind}, {due}, {unit}, {code}, {date}; before there is a case only the date is known."""
    now = timezone.localtime()
    said = {"date": f"{now:%Y-%m-%d}"}
    if case is not None:
        due = timezone.localtime(case.due_at) if case.due_at else None
        said |= {
            "place": directory.place_name(case.place, full=True), "kind": kind_name(case.kind), "code": codes.pretty(case.code),
            "unit": office_name(case.unit or case.desk), "due": f"{due:%Y-%m-%d %H:%M}" if due else "",
        }  # fmt: skip
    else:
        said |= {"place": "", "kind": "", "code": "", "unit": "", "due": ""}
    for name, value in said.items():
        text = text.replace("{" + name + "}", value)
    return text.replace("「」", "")


def for_step(step: Step, case: Case | None) -> list[Answer]:
    """The standard answers that fit a step, the case's kind and its state, the most exact first; without a case, those for any
    kind first. At most MOST."""
    names = {step.name} | ({ANSWERING} if any(f.name == "outcome" for f in step.fields) else set())
    kind = directory.city().kinds.get(case.kind) if case is not None else None
    groups = {"", kind.group if kind else ""} if case is not None else None
    rows = [r for r in _rows() if r.step in names and (groups is None or r.group in groups)]
    if case is not None:
        rows = [r for r in rows if r.kind in ("", case.kind) and r.state in ("", case.state)]
    rows.sort(key=lambda r: (case is not None and not r.kind, case is not None and not r.group, bool(r.kind), r.code))
    en = english()
    return [
        Answer(r.code, (en and r.title_en) or r.title, _filled((en and r.text_en) or r.text, case)) for r in rows[:MOST]
    ]
