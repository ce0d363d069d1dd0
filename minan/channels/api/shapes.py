"""A case as JSON: words of the hall with their labels beside them, times with their offset, lights in three colours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from minan.kernel import directory, inbox, labels, registry, routing, sheet
from minan.kernel.calendar import Day
from minan.kernel.directory import LOCAL
from minan.kernel.models import Attachment, Case, Clock, Event
from minan.kernel.place_tree import Found
from minan.kernel.procedure import Field, Step, Words

JSON = dict[str, Any]
LIGHTS = ("green", "yellow", "red")
NOTED = ("number", "rule", "article", "done_at", "words")  # what of an event's note its readers may have
HOW = {
    "polygon": Words("在它的边界里", "inside its outline"), "outline": Words("在它的边界里", "inside its outline"),
    "centre": Words("离得最近，请确认", "nearest; please confirm"), "schematic": Words("示意位置最近，请确认", "nearest by a sketch; please confirm"),
}  # fmt: skip


def when(at: datetime | None) -> str | None:
    """RFC 3339 with the city's offset, to the second."""
    return at.astimezone(LOCAL).isoformat(timespec="seconds") if at else None


@lru_cache(maxsize=4096)
def label(procedure: str, version: int, part: str, name: str, lang: str) -> str:
    both = registry.label(procedure, version, part, name)
    return both["en" if lang == "en" else "zh"]


def kind_label(code: str, lang: str) -> str:
    kind = directory.city().kinds.get(code)
    return (kind.name_en if lang == "en" and kind.name_en else kind.name) if kind else ""


def unit_label(unit: str, lang: str) -> str:
    office = directory.office(unit)
    return (office.name_en if lang == "en" and office.name_en else office.name) if office else ""


def procedure_label(name: str, lang: str) -> str:
    procedure = registry.get(name)
    return procedure.label.into(lang) if procedure else name


def light(case: Case, now: datetime) -> str | None:
    """green, yellow or red; None where nothing runs: closed, parked or waiting for an answer."""
    shown = inbox.light_of(case, now)
    return shown if shown in LIGHTS else None


def item(case: Case, lang: str, now: datetime, mine: bool | None = None, speaker: bool = False) -> JSON:
    """A case as it stands in a list, `speaker`: for who said it. `moves` is what a step that moves it asks for."""
    out: JSON = {
        "code": case.code, "procedure": case.procedure, "procedure_label": procedure_label(case.procedure, lang),
        "state": case.state, "state_label": label(case.procedure, case.version, "states", case.state, lang),
        "kind": case.kind, "kind_label": kind_label(case.kind, lang), "title": case.title,
        "place": case.place, "place_label": directory.place_name(case.place, full=True), "place_words": case.place_words,
        "desk": case.desk, "desk_label": unit_label(case.desk, lang), "unit": case.unit, "unit_label": unit_label(case.unit, lang),
        "urgency": case.urgency, "size": case.size, "channel": case.channel, "light": light(case, now), "due_at": when(case.due_at),
        "said_at": when(case.said_at), "opened_at": when(case.opened_at), "changed_at": when(case.changed_at),
        "closed_at": when(case.closed_at), "outcome": case.outcome,
        "marks": labels.marks(case.marks, speaker=speaker), "moves": case.moves, "n": case.n,
    }  # fmt: skip
    if mine is not None:
        out["held_by_me"] = mine
    return out


@lru_cache(maxsize=4096)
def _days(started: datetime, limit: str, due: datetime, hours: str, _stamp: int) -> tuple[Day, ...]:
    row = Clock(started_at=started, limit=limit, due_at=due, hours=hours)
    return tuple(sheet.ClockLine("", {}, row, "").days())


def clock(line: sheet.ClockLine, lang: str) -> JSON:
    """One clock with its light and, while it runs, the count day by day."""
    row = line.row
    days: Sequence[Day] = ()
    if row.done_at is None:
        days = _days(row.started_at, row.limit, row.due_at, row.hours, directory.city().stamp)
    return {
        "name": line.name, "label": line.label["en" if lang == "en" else "zh"], "round": row.round,
        "light": line.light if line.light in LIGHTS else None, "status": line.light, "unit": row.unit, "limit": row.limit, "rule": row.rule,
        "article": row.article, "started_at": when(row.started_at), "due_at": when(row.due_at), "provisional": row.provisional,
        "legal_limit": row.legal, "legal_due_at": when(row.legal_due_at), "legal_article": row.legal_article,
        "paused_at": when(row.paused_at), "extended": row.extended, "done_at": when(row.done_at),
        "days": [{"date": d.date.isoformat(), "kind": d.kind, "n": d.n, "makeup": d.makeup, "holiday": d.holiday} for d in days],
    }  # fmt: skip


def picture(row: Attachment) -> JSON:
    return {
        "id": str(row.id),
        "mime": row.mime,
        "width": row.width,
        "height": row.height,
        "bytes": row.bytes,
        "sha256": row.sha256,
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _note(note: dict[str, Any], lang: str) -> JSON:
    """What stands with an event besides its facts: a number, the rule and why, the ground and words of what was proposed before."""
    out = {name: note[name] for name in NOTED if name in note}
    if isinstance(why := note.get("why"), dict):
        out["why"] = why["en" if lang == "en" else "zh"]
    ground = directory.city().grounds.get(str(note.get("ground", ""))) if "what" not in note else None
    if ground is not None:
        out["ground"] = ground.label_en if lang == "en" and ground.label_en else ground.label
    return out


def line(shown: sheet.Line, lang: str) -> JSON:
    """One event of the timeline, as this reader may see it."""
    event, tongue = shown.event, "en" if lang == "en" else "zh"
    return {
        "n": event.n, "step": event.step, "label": shown.label[tongue], "at": when(event.at), "state": event.state, "by": event.by,
        "by_label": shown.by_en if lang == "en" else shown.by, "hash": event.hash, "public": shown.public,
        "facts": [{"label": words[tongue], "type": type_, "value": _plain(value)} for words, type_, value in shown.facts],
        "note": _note(shown.note, lang),
        "pictures": [picture(p) for p in shown.pictures],
    }  # fmt: skip


def _form(spec: Field, lang: str) -> JSON:
    options = [{"value": value, "label": words.into(lang)} for value, words in spec.options]
    if spec.type == "ground":
        grounds = [g for g in directory.city().grounds.values() if g.list == spec.source and g.active]
        options = [{"value": g.code, "label": g.label_en if lang == "en" and g.label_en else g.label} for g in grounds]
    return {
        "name": spec.name, "label": spec.label.into(lang), "type": spec.type, "required": spec.required, "max_length": spec.max_length,
        "hint": spec.hint.into(lang) if spec.hint else "", "data": spec.data, "source": spec.source, "options": options,
    }  # fmt: skip


# A step's form in a language, written out once a change of the city: (its identity, language) → the city's stamp, the step, the form.
# By identity, for to hash a step with all its fields costs as much as to write it out; the step is kept, so that it stays itself.
_offers: dict[tuple[int, str], tuple[int, Step, JSON]] = {}
OFFERS_MOST = 4096


def offered(step: Step, lang: str) -> JSON:
    """A step this person may take now, with its form; `moves` says whether the case's counter is compared. Shared: not to be changed."""
    stamp, key = directory.city().stamp, (id(step), lang)
    if (kept := _offers.get(key)) and kept[0] == stamp and kept[1] is step:
        return kept[2]
    if len(_offers) >= OFFERS_MOST:
        _offers.clear()
    form = {
        "name": step.name, "label": step.label.into(lang), "moves": step.moves, "to": list(step.targets), "key": step.key,
        "form": [_form(spec, lang) for spec in step.fields if spec.type != "voice"],
    }  # fmt: skip
    _offers[key] = (stamp, step, form)
    return form


def event(row: Event) -> JSON:
    return {"n": row.n, "step": row.step, "state": row.state, "at": when(row.at), "by": row.by, "hash": row.hash}


def whose(case: Case, lang: str) -> JSON | None:
    """The unit that routing rules and duty list name for a case, with rule, article and why in words; None where they do not say."""
    why = routing.for_case(case.as_view())
    return why and {
        "unit": why.unit, "unit_label": unit_label(why.unit, lang), "rule": why.rule, "article": why.article,
        "why": why.words.into(lang), "by": why.by,
    }  # fmt: skip


def detail(page: sheet.Sheet, lang: str, now: datetime) -> JSON:
    """All of GET /cases/{code}."""
    return {
        "case": item(page.case, lang, now, speaker="speaker" in page.roles) | {"text": page.case.text},
        "clocks": [clock(c, lang) for c in page.clocks],
        "timeline": [line(row, lang) for row in page.lines],
        "steps": [offered(step, lang) for step in page.steps],
        "roles": sorted(page.roles), "whose": whose(page.case, lang),
    }


def found(place: Found, lang: str) -> JSON:
    """A place of a point: `certain` where an outline says so, else a proposal a person confirms."""
    return {
        "code": place.code, "name": place.name, "label": directory.place_name(place.code, full=True), "level": place.level,
        "how": place.how, "how_label": HOW[place.how].into(lang), "certain": place.certain, "metres": place.metres,
    }  # fmt: skip
