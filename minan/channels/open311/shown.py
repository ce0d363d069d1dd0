"""What the world sees of a case, and what its speaker and its desk see (CONTRACTS.md "Open311 GeoReport v2").

The world: public kinds whose text a desk accepted, scrubbed, at the village's or township's centre. All else by code only,
five fields. Never a name, a number, a photo that was not released, or the point itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from minan.kernel import directory, labels, places, questions, registry
from minan.kernel.directory import LOCAL
from minan.kernel.models import Case, Clock, Question
from minan.kernel.procedure import Words

JSON = dict[str, Any]
NOTICE = Words("收好取件码，凭它看全部进展", "Keep the secret: with it you see everything that happens")


def when(at: datetime | None) -> str | None:
    return at.astimezone(LOCAL).isoformat(timespec="seconds") if at else None


def expected(cases: Iterable[Case]) -> dict[UUID, datetime]:
    """Case → the last end of its running clocks: when it can be expected to be done. One query."""
    open_ = [case for case in cases if case.open]
    if not open_:
        return {}
    rows = Clock.objects.filter(
        county__in={c.county for c in open_}, case_id__in=[c.id for c in open_], done_at=None, paused_at=None
    )
    return dict(rows.values_list("case_id").annotate(last=Max("due_at")))


def few(case: Case, due: datetime | None) -> JSON:
    """The five fields anybody with the code may have."""
    return {
        "service_request_id": case.code, "status": "open" if case.open and not case.merged_into else "closed",
        "requested_datetime": when(case.opened_at),
        "updated_datetime": when(case.changed_at), "expected_datetime": when(due),
    }  # fmt: skip


def _service(case: Case, lang: str) -> str | None:
    kind = directory.city().kinds.get(case.kind)
    return (kind.name_en if lang == "en" and kind.name_en else kind.name) if kind else None


def _agency(case: Case, lang: str) -> str | None:
    office = directory.office(case.unit or case.desk)
    return (office.name_en if lang == "en" and office.name_en else office.name) if office else None


def _state(case: Case, lang: str) -> str:
    return registry.label(case.procedure, case.version, "states", case.state)["en" if lang == "en" else "zh"]


def _centre(code: str) -> tuple[float | None, float | None]:
    """The centre of the village or township around, where one is truly known."""
    tree = places.tree()
    for node in [tree.nodes.get(code), *tree.ancestors(code)]:
        if node is not None and node.level in ("village", "town", "grid") and node.centre:
            return node.centre
    return None, None


def world(case: Case, due: datetime | None, lang: str) -> JSON:
    """A public case as everybody sees it."""
    lon, lat = _centre(case.place)
    village = case.place[:12] if directory.level_of(case.place) == "grid" else case.place
    return few(case, due) | {
        "status_notes": _state(case, lang), "service_name": _service(case, lang), "service_code": case.kind, "description": case.text,
        "agency_responsible": _agency(case, lang), "service_notice": None, "address": directory.place_name(village, full=True),
        "address_id": village, "zipcode": None, "lat": lat, "long": lon, "media_url": None,
    }  # fmt: skip


def full(case: Case, due: datetime | None, lang: str) -> JSON:
    """The case for its speaker or for staff who see it: the point and the words of the place as given, never the vault."""
    address = " ".join(part for part in (directory.place_name(case.place, full=True), case.place_words) if part)
    ours = {
        "state": case.state,
        "state_label": _state(case, lang),
        "outcome": case.outcome,
        "marks": labels.marks(case.marks, speaker=True),
    }
    return world(case, due, lang) | {
        "address": address, "address_id": case.place, "lat": case.lat, "long": case.lon,
        "extended_attributes": ours,
    }  # fmt: skip


def services(lang: str, asking: frozenset[str]) -> list[JSON]:
    """Every kind in use; `asking` are the kinds with questions of their own."""
    english = lang == "en"
    return [
        {
            "service_code": kind.code, "service_name": kind.name_en if english and kind.name_en else kind.name,
            "description": kind.group_name_en if english and kind.group_name_en else kind.group_name, "metadata": kind.code in asking,
            "type": "realtime", "keywords": ",".join(kind.words.split()),
            "group": kind.group_name_en if english and kind.group_name_en else kind.group_name,
        }
        for kind in directory.city().kinds.values()
        if kind.active
    ]  # fmt: skip


DATATYPES = {
    "text": "string", "long": "text", "number": "number", "choice": "singlevaluelist", "yesno": "singlevaluelist", "date": "datetime",
}  # fmt: skip


def definition(code: str, asked: list[Question], lang: str) -> JSON:
    """The questions of a kind. None is required here: a matter is taken without, and the desk asks."""
    english, attributes = lang == "en", []
    for order, question in enumerate(asked, 1):
        words = question.label_en if english and question.label_en else question.label
        row: JSON = {
            "variable": True, "code": question.code, "datatype": DATATYPES.get(question.type, "string"), "required": False,
            "datatype_description": None, "order": order, "description": words,
        }  # fmt: skip
        if chosen := questions.values(question):
            row["values"] = [{"key": value, "name": name.into(lang)} for value, name in chosen.items()]
        attributes.append(row)
    return {"service_code": code, "attributes": attributes}
