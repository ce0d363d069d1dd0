"""What happened to a matter, told to its speaker: each event with its words, photos, unit and the rule it names."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minan.channels.web.forms import ASKED, YES_NO
from minan.kernel import directory, draws, labels, questions
from minan.kernel.labels import name_of
from minan.kernel.models import Case
from minan.kernel.pages import handed
from minan.kernel.procedure import Field, Procedure
from minan.kernel.sheet import Line

ANSWERS = draws.ANSWERS
# Whoever shows a name, a number or sealed words to staff takes one of these steps first.
LOOKED = ("call", "look", "read", "break_glass")


def _english() -> bool:
    return (get_language() or "").startswith("en")


def day(iso: str) -> str:
    """A date of an event's body in words."""
    return str(date_format(date.fromisoformat(iso), "DATE_FORMAT"))


def _say(pair: dict[str, str]) -> str:
    return pair["en"] if _english() else pair["zh"]


def photos(case: Case, lines: list[Line], n: int) -> list[dict[str, str]]:
    """The pictures of event `n`."""
    return [row for line in lines if line.event.n == n for row in _photos(case, line)]


def voices(case: Case, lines: list[Line], n: int) -> list[dict[str, Any]]:
    """The recordings of event `n`."""
    return [row for line in lines if line.event.n == n for row in handed.voices(line.voices, case.code, "web:photo")]


def _photos(case: Case, line: Line) -> list[dict[str, str]]:
    return [
        {
            "url": reverse("web:photo", args=[case.code, p.pk]),
            "thumb": reverse("web:thumb", args=[case.code, p.pk]),
            "alt": "",
            "caption": "",
        }
        for p in line.pictures
    ]


def _value(spec: Field | None, kind: str, value: Any) -> str:
    lang, city = get_language() or "zh-hans", directory.city()
    if kind in ("units", "moment"):
        return labels.units(value) if kind == "units" else labels.moment(str(value))
    if kind == "yesno":
        choices = ASKED.get(("rate", spec.name if spec else ""), YES_NO)
        return str(dict(choices)["true" if value else "false"])
    if kind == "choice" and spec is not None:
        return next((words.into(lang) for name, words in spec.options if name == value), str(value))
    if kind == "place":
        return directory.place_name(str(value), full=True)
    named = {"kind": city.kinds, "unit": city.units}.get(kind, {}).get(value)  # type: ignore[attr-defined]
    if named is not None:
        return str((named.name_en or named.name) if _english() else named.name)
    if kind == "ground" and (ground := city.grounds.get(str(value))) is not None:
        parts = (
            [ground.label_en, ground.article, ground.where_en]
            if _english()
            else [ground.label, ground.article, ground.where]
        )
        return "\n".join(part for part in parts if part)
    return str(value)


def _facts(case: Case, line: Line, specs: dict[str, Field]) -> list[str]:
    out = []
    order = list(specs)  # as they were asked; the event keeps them by name
    for label, kind, value in sorted(
        line.facts, key=lambda fact: order.index(fact[0]["zh"]) if fact[0]["zh"] in order else 99
    ):
        spec = specs.get(label["zh"])
        if line.event.n == 1 and kind != "answers":
            continue  # what was said stands on the page in full
        if kind == "answers":
            out += _answers(case.kind, case.edition, value)
        elif kind == "unit":
            out.append(_("交给%(unit)s") % {"unit": _value(spec, kind, value)})
        elif kind == "long" or (spec is not None and spec.name == "outcome"):
            out.append(_value(spec, kind, value))
        else:
            out.append(_("%(label)s：%(value)s") % {"label": _say(label), "value": _value(spec, kind, value)})
    return out


def _answers(kind: str, edition: int, value: dict[str, str]) -> list[str]:
    """Answered questions with their labels; chosen options by their words."""
    out = []
    for question in questions.of_kind(kind, edition) if kind and value else []:
        if question.code in value:
            text = questions.text_of(question, value[question.code], get_language() or "zh")
            out.append(
                _("%(label)s %(value)s") % {"label": question.label_en if _english() else question.label, "value": text}
            )
    return out


def _note(line: Line) -> list[str]:
    note, out = line.note, []
    if note.get("number"):
        out.append(labels.numbered(note["number"]))
    if isinstance(note.get("why"), dict):
        out.append(_say(note["why"]))
    if "draw" in note:
        out.append(_("怎么抽的：答复那一条记录的哈希前八位是 %(head)s，除以 100 余 %(number)s，小于 %(below)s 就抽中。") % {
            "head": str(note.get("of", ""))[: draws.DIGITS], "number": note["draw"], "below": note.get("below", draws.BELOW)})
    if note.get("rule"):
        out.append(_("归它管，依据 %(rule)s：%(article)s") % {"rule": note["rule"], "article": note.get("article", "")})
    ground = directory.city().grounds.get(str(note.get("ground", ""))) if "what" not in note else None
    if ground is not None:
        out.append(f"{name_of(ground)}（{ground.article}）" if ground.article else name_of(ground))
        out += [where] if (where := (_english() and ground.where_en) or ground.where) else []
    if note.get("words"):
        out.append(str(note["words"]))
    if note.get("review_on"):
        out.append(_("下次再看：%(day)s") % {"day": day(note["review_on"])})
    return out


def _row(case: Case, line: Line, procedure: Procedure | None) -> dict[str, Any]:
    step = procedure.step(line.event.step) if procedure else None
    specs = {spec.label.zh: spec for spec in step.fields} if step else {}
    said = [] if line.event.step == "call" else _facts(case, line, specs)
    return {
        "label": line.label, "at": line.event.at, "by": {"zh": line.by, "en": line.by_en} if line.by else "",
        "words": "\n".join([*said, *_note(line)]), "photos": _photos(case, line) if line.event.n > 1 else [], "state": "",
        "voices": handed.voices(line.voices, case.code, "web:photo") if line.event.n > 1 else [],
    }  # fmt: skip


def of(case: Case, lines: list[Line], procedure: Procedure | None) -> list[dict[str, Any]]:
    """The timeline, newest first; the newest is where it stands now."""
    rows = [_row(case, line, procedure) for line in reversed(lines)]
    if rows and case.open:
        rows[0]["state"] = "now"
    return rows


def answer(case: Case, lines: list[Line], procedure: Procedure | None) -> dict[str, Any] | None:
    """The last answer, where one was given and still stands."""
    if case.state not in ("answered", "visited", "closed", "unheard", "under_review"):
        return None
    found = next((line for line in reversed(lines) if line.event.step in ANSWERS), None)
    return _row(case, found, procedure) if found else None


def asked(case: Case, lines: list[Line]) -> str:
    """What the speaker was asked to add, while it waits for it."""
    found = (
        next((line for line in reversed(lines) if line.event.step == "ask_more"), None)
        if case.marks.get("waiting")
        else None
    )
    return "\n".join(str(value) for _label, kind, value in found.facts if kind == "long") if found else ""


def looks(lines: list[Line]) -> list[dict[str, Any]]:
    """Who opened the speaker's name, number or sealed words, when and why; while telling is deferred sheet.py leaves the line out."""
    return [
        {"by": {"zh": line.by, "en": line.by_en}, "at": line.event.at, "why": _why(line), "what": _what(line)}
        for line in lines
        if line.event.step in LOOKED
    ]


def _what(line: Line) -> str:
    return _("保密的原话") if line.note.get("what") == "text" else _("称呼和电话")


def _why(line: Line) -> str:
    """The ground from the city's closed list, its article, and what was written with it; whose word was the second."""
    ground = directory.city().grounds.get(str(line.note.get("ground", "")))
    second = directory.office(str(line.note.get("second", "")))
    named = (ground.label_en or ground.label if _english() else ground.label) if ground else ""
    out = [named, ground.article if ground else "", str(line.note.get("words", ""))]
    if second:
        out.append(_("%(unit)s同意") % {"unit": (second.name_en or second.name) if _english() else second.name})
    return "；".join(part for part in out if part)
