"""The shapes of the API's answers as JSON schemas: every member stands here, none may be added unsaid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

JSON = dict[str, Any]
STRING: JSON = {"type": "string"}
COUNT: JSON = {"type": "integer"}
MOMENT: JSON = {"type": "string", "format": "date-time"}
FLAG: JSON = {"type": "boolean"}
LIGHT: JSON = {"type": ["string", "null"], "enum": ["green", "yellow", "red", None]}


def obj(properties: JSON, needed: Iterable[str] | None = None) -> JSON:
    """An object with these members and no other; all of them are needed unless `needed` names some."""
    required = list(properties if needed is None else needed)
    return {"type": "object", "properties": properties, "additionalProperties": False} | (
        {"required": required} if required else {}
    )


def ref(name: str) -> JSON:
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(kind: str, **more: Any) -> JSON:
    return {"type": [kind, "null"], **more}


def many(schema: JSON) -> JSON:
    return {"type": "array", "items": schema}


WHEN = nullable("string", format="date-time")

NAMES = (
    "code", "procedure", "procedure_label", "state", "state_label", "kind", "kind_label", "title", "place", "place_label", "place_words",
    "desk", "desk_label", "unit", "unit_label", "urgency", "size", "channel", "outcome",
)  # fmt: skip
_item: JSON = {
    **dict.fromkeys(NAMES, STRING),
    "light": LIGHT, "due_at": WHEN, "said_at": MOMENT, "opened_at": MOMENT, "changed_at": MOMENT, "closed_at": WHEN,
    "marks": many(STRING), "moves": COUNT, "n": COUNT,
}  # fmt: skip
ITEM = obj(_item)

SCHEMAS: JSON = {
    "Problem": {
        "type": "object", "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": STRING, "title": STRING, "status": COUNT, "detail": STRING, "rule": STRING,
            "errors": {"type": "object", "additionalProperties": STRING},
        },
    },
    "ListedCase": obj(_item | {"held_by_me": FLAG}),
    "Event": obj({"n": COUNT, "step": STRING, "state": STRING, "at": MOMENT, "by": STRING, "hash": STRING}),
    "Day": obj({"date": {"type": "string", "format": "date"}, "kind": STRING, "n": nullable("integer"), "makeup": FLAG, "holiday": STRING}),
    "Clock": obj({
        "name": STRING, "label": STRING, "round": COUNT, "light": LIGHT, "status": STRING, "unit": STRING, "limit": STRING, "rule": STRING,
        "article": STRING, "started_at": MOMENT, "due_at": MOMENT, "provisional": FLAG, "legal_limit": STRING, "legal_due_at": WHEN,
        "legal_article": STRING, "paused_at": WHEN, "extended": FLAG, "done_at": WHEN, "days": many(ref("Day")),
    }),
    "Picture": obj({"id": STRING, "mime": STRING, "width": COUNT, "height": COUNT, "bytes": COUNT, "sha256": STRING}),
    "Line": obj({
        "n": COUNT, "step": STRING, "label": STRING, "at": MOMENT, "state": STRING, "by": STRING, "by_label": STRING, "hash": STRING,
        "public": FLAG, "facts": many(obj({"label": STRING, "type": STRING, "value": {}})), "note": {"type": "object"},
        "pictures": many(ref("Picture")),
    }),
    "FormField": obj({
        "name": STRING, "label": STRING, "type": STRING, "required": FLAG, "max_length": COUNT, "hint": STRING, "data": STRING,
        "source": STRING, "options": many(obj({"value": STRING, "label": STRING})),
    }),
    "Step": obj({"name": STRING, "label": STRING, "moves": FLAG, "to": many(STRING), "key": STRING, "form": many(ref("FormField"))}),
    "Detail": obj({
        "case": obj(_item | {"text": STRING}), "clocks": many(ref("Clock")), "timeline": many(ref("Line")), "steps": many(ref("Step")),
        "roles": many(STRING), "whose": {"type": ["object", "null"]},
    }),
    "Counts": obj({
        "as_of": MOMENT, "place": STRING, "place_label": STRING, "by": STRING,
        "rows": many(obj({
            "key": STRING, "label": STRING, "open": COUNT, "due": COUNT, "late": COUNT, "opened": COUNT, "answered": COUNT,
            "numerator": COUNT, "denominator": COUNT, "rate_of": STRING,
        })),
    }),
    "Place": obj({
        "code": STRING, "name": STRING, "label": STRING, "level": STRING, "how": STRING, "how_label": STRING, "certain": FLAG,
        "metres": nullable("integer"),
    }),
}  # fmt: skip
