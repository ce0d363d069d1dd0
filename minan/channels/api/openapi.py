"""The OpenAPI 3.1 document, made from the declarations: steps, states and fields stand in it as the procedures declare them."""

from __future__ import annotations

from functools import cache
from typing import Any

from minan.channels.api import openapi_damages
from minan.channels.api.openapi_parts import ITEM, SCHEMAS, nullable, obj, ref
from minan.kernel import registry

JSON = dict[str, Any]
PLACE = {"type": "string", "pattern": r"^(\d{12}|\d{15})?$", "description": "a full division code; means its subtree"}
STATES = sorted({s.name for p in registry.procedures().values() for s in p.states})
STEPS = sorted({s.name for p in registry.procedures().values() for s in p.steps})

# Query parameters of each call; asked.parameters checks by these very schemas.
LIST: dict[str, JSON] = {
    "place": PLACE,
    "procedure": {"type": "string", "enum": ["", *sorted(registry.procedures())]},
    "state": {"type": "string", "enum": ["", *STATES]},
    "kind": {"type": "string", "pattern": r"^[A-Za-z0-9_.\-]{0,40}$"},
    "light": {"type": "string", "enum": ["", "green", "yellow", "red"]},
    "q": {
        "type": "string",
        "maxLength": 100,
        "description": "words in title, text or place; two characters are enough",
    },
    "held_by": {"type": "string", "enum": ["", "me"], "description": "me: what my units must act on next"},
    "cursor": {"type": "string", "pattern": r"^([0-9a-f\-]{36})?$", "description": "`next` of the page before"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 100},
}
COUNTS: dict[str, JSON] = {"place": PLACE, "by": {"type": "string", "enum": ["state", "kind", "unit", "week"]}}
PLACES: dict[str, JSON] = {"near": {"type": "string", "pattern": r"^-?\d{1,3}(\.\d{1,12})?,-?\d{1,2}(\.\d{1,12})?$"}}
CODE = {
    "name": "code",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": r"^[0-9A-Za-z\-]{1,64}$"},
}
HASHED = (
    'hex SHA-256("minan:receipt:" + 26 letters of Crockford base-32), 128 random bits made on the speaker\'s own device: only who has '
    "the letters judges as the speaker. Without it the secret serves, and is marked as made by the server. Of staff it is not taken."
)
JUDGED = (
    "the letters behind the hash (or the secret the server issued) with a judgement of the speaker; without them it stands apart, "
    "with what staff took down"
)
CAST: JSON = {
    "type": "string", "enum": ["", "own", "issued", "seen"],
    "description": "how a judgement of the speaker counts: by their own capability, by a secret we issued, or apart; empty for staff",
}
PROMISE: JSON = {
    "type": "string",
    "description": "a signed note: this event will stand in the published log; empty for what is not the speaker's own",
}
KEY = {
    "name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string", "pattern": r"^[!-~]{1,200}$"},
    "description": "the same key and body give the same bytes for seven days; another body 422. "
    "Later the same request still finds the same case.",
}  # fmt: skip

TYPES: dict[str, JSON] = {
    "yesno": {"type": "boolean"}, "number": {"type": "integer"}, "date": {"type": "string", "format": "date"},
    "photos": {"type": "array", "maxItems": 9, "items": {"type": "string", "contentEncoding": "base64"}},
    "units": {"type": "array", "maxItems": 8, "items": {"type": "string", "maxLength": 32}},
    "moment": {"type": "string", "format": "date-time"},
    "drawn": {"type": "string", "maxLength": 12000},
    "fragments": {"type": "array", "maxItems": 60, "items": {"type": "string", "maxLength": 60}},
    "answers": {
        "type": "object", "maxProperties": 40, "additionalProperties": {"type": "string", "maxLength": 400},
        "propertyNames": {"pattern": r"^[A-Za-z0-9_.\-]{1,40}$"},
    },
}  # fmt: skip


def _query(declared: dict[str, JSON], needed: frozenset[str] = frozenset()) -> list[JSON]:
    out = []
    for name, schema in declared.items():
        rest = {k: v for k, v in schema.items() if k != "description"}
        row = {"name": name, "in": "query", "required": name in needed, "schema": rest}
        out.append(row | ({"description": schema["description"]} if "description" in schema else {}))
    return out


def _field(spec: Any) -> JSON:
    schema = dict(TYPES.get(spec.type, {"type": "string", "maxLength": spec.max_length}))
    if spec.options:
        schema["enum"] = [value for value, _ in spec.options]
    return schema | {"title": spec.label.en, "description": spec.label.zh}


def _facts(steps: list[Any]) -> JSON:
    """What these steps ask, by name; which of it a step needs stands in its form in GET /cases/{code}."""
    return obj({spec.name: _field(spec) for step in steps for spec in step.fields if spec.type != "voice"}, needed=())


def _ok(schema: JSON, status: str = "200") -> JSON:
    return {status: {"description": "done", "content": {"application/json": {"schema": schema}}}}


def _problems(*statuses: int) -> JSON:
    content = {"application/problem+json": {"schema": ref("Problem")}}
    return {str(status): {"description": "RFC 9457", "content": content} for status in statuses}


def _post(schema: JSON) -> JSON:
    multipart = obj(
        {"body": {"type": "string", "contentMediaType": "application/json"}, "photos": TYPES["photos"]},
        needed=("body",),
    )
    return {
        "required": True,
        "content": {"application/json": {"schema": schema}, "multipart/form-data": {"schema": multipart}},
    }


def _call(
    name: str, summary: str, ok: JSON, refusals: tuple[int, ...], parameters: list[JSON], body: JSON | None = None
) -> JSON:
    """One operation. `ok` is the schema of success; a POST is 201 where it opens something."""
    out: JSON = {"operationId": name, "summary": summary, "parameters": parameters}
    if body is not None:
        out["requestBody"] = _post(body)
    return out | {"responses": _ok(ok, "201" if name == "openCase" else "200") | _problems(*refusals)}


POSTED = (400, 401, 403, 409, 413, 415, 422, 429, 503)


def _cases() -> JSON:
    names = {"type": "string", "enum": sorted(registry.procedures())}
    facts = _facts([p.opening for p in registry.procedures().values()])
    new = obj(
        {
            "procedure": names, "facts": facts, "place": {**PLACE, "pattern": r"^(\d{12}|\d{15})$"},
            "capability": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": HASHED},
        },
        ("procedure", "facts"),
    )
    taken = obj(
        {
            "facts": _facts([s for p in registry.procedures().values() for s in p.steps]),
            "moves": {"type": "integer", "minimum": 0},
            "capability": {"type": "string", "pattern": r"^[0-9A-Za-z\- ]{1,80}$", "description": JUDGED},
        },
        (),
    )
    step = {"name": "step", "in": "path", "required": True, "schema": {"type": "string", "enum": STEPS}}
    listed = obj({"items": {"type": "array", "items": ref("ListedCase")}, "next": nullable("string")})
    opened = obj({"case": ref("Case"), "secret": {"type": "string"}, "promise": PROMISE})
    moved = obj({"event": ref("Event"), "case": ref("Case"), "cast": CAST, "promise": PROMISE})
    return {
        "/cases": {
            "get": _call("listCases", "What this person may see, newest first", listed, (400, 401, 429), _query(LIST)),
            "post": _call("openCase", "Open a case", opened, POSTED, [KEY], new),
        },
        "/cases/{code}": {
            "get": _call(
                "showCase",
                "Case, clocks, timeline, and the steps I may take now",
                ref("Detail"),
                (400, 401, 404, 429),
                [CODE],
            )
        },
        "/cases/{code}/steps/{step}": {
            "post": _call("takeStep", "Take a step", moved, (*POSTED, 404), [CODE, step, KEY], taken)
        },
    }


def _damages() -> JSON:
    summary = "Damages of a road accident: every item with its formula and article, who pays, what moves; nothing is kept"
    call = _call("damages", summary, openapi_damages.RESULT, POSTED, [KEY], {})
    body = {"required": True, "content": {"application/json": {"schema": openapi_damages.CASE}}}
    return {"/damages": {"post": call | {"requestBody": body}}}


def _others() -> JSON:
    found = obj({"items": {"type": "array", "items": ref("Place")}})
    counts = "Counts of a place by state, kind, unit or week"
    near = _query(PLACES, frozenset({"near"}))
    return {
        "/counts": {"get": _call("counts", counts, ref("Counts"), (400, 401, 403, 404, 429), _query(COUNTS))},
        "/places": {"get": _call("places", "The places of a point, innermost first", found, (400, 401, 429), near)},
        "/openapi.json": {"get": _call("openapi", "This document", {"type": "object"}, (), []) | {"security": [{}]}},
    }


@cache
def document() -> JSON:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "民安 Minan",
            "version": "1",
            "description": "Cases of a city: open, read, move. Errors are RFC 9457 problem JSON in the language of Accept-Language.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"bearer": []}],
        "paths": _cases() | _damages() | _others(),
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": SCHEMAS | {"Case": ITEM},
        },
    }
