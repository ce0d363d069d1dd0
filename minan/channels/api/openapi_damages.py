"""The damages contract as JSON schemas, for openapi.py. What only the whole can tell (shares that make one, ids) is said by 422."""

from __future__ import annotations

from typing import Any

from minan.channels.api.openapi_parts import STRING, many, nullable, obj
from minan.lib.damages.case import ADVANCES, BARS, HEADINGS, HEADS, ITEMS, ROUNDINGS, STANDARDS
from minan.lib.damages.reader import DECIMAL, LIST_MOST, MONEY, NAME_MOST, NUMBER_MOST, SHARE
from minan.lib.damages.reading import CHOICES, EXCLUDABLE, RESPONSIBILITIES
from minan.lib.damages.reading_items import ENTRIES, MOST_YEARS

JSON = dict[str, Any]


def _any(*schemas: JSON) -> JSON:
    return {"anyOf": list(schemas)}


def _opt(schema: JSON) -> JSON:
    """May be null, which is as good as left out."""
    return _any(schema, {"type": "null"})


def _opts(properties: JSON, needed: tuple[str, ...] = ()) -> JSON:
    return obj({name: one if name in needed else _opt(one) for name, one in properties.items()}, needed)


def _decimals(pattern: str, said: str) -> JSON:
    return {"type": "string", "pattern": f"^{pattern}$", "description": said}


def _most(schema: JSON, fewest: int = 0) -> JSON:
    return {"type": "array", "items": schema, "maxItems": LIST_MOST} | ({"minItems": fewest} if fewest else {})


YUAN = _decimals(MONEY, "yuan")
RATE = _decimals(DECIMAL, "yuan, or yuan a day, month or year")
PART = _decimals(SHARE, "0 to 1")
NUMBER = _any({"type": "number", "minimum": 0, "maximum": NUMBER_MOST}, _decimals(DECIMAL, "a number"))
YEARS = _any({"type": "number", "minimum": 0, "maximum": MOST_YEARS}, _decimals(DECIMAL, "years"))
NAME: JSON = {"type": "string", "minLength": 1, "maxLength": NAME_MOST}
DAY: JSON = {"type": "string", "format": "date"}
FLAG: JSON = {"type": "boolean"}


def _one_of(*words: str) -> JSON:
    return {"type": "string", "enum": list(words)}


SUMS = _opts(dict.fromkeys(HEADINGS, YUAN))
GRADES = _opts({str(grade): PART for grade in range(1, 11)})
ROUNDING = _any(_one_of(*ROUNDINGS), _opts(dict.fromkeys(("default", *ITEMS), _one_of(*ROUNDINGS))))
SWITCHES = _opts(
    {name: _one_of(*words) for name, words in CHOICES.items()}
    | {
        "rounding": ROUNDING,
        "day_base": {"type": "integer", "enum": [365, 360, 366]},
        "grade_extra": GRADES,
        "mental_first": FLAG,
    }
)
POLICY = _opts(
    {"insurer": NAME, "limit": YUAN, "used": YUAN, "deductible": PART, "excludes": _most(_one_of(*EXCLUDABLE))},
    ("insurer",),
)
VEHICLE = _opts(
    {
        "id": NAME, "kind": _one_of("motor", "non_motor", "pedestrian"), "driver": NAME, "owner": NAME, "liable": NAME,
        "jointly": _most(NAME), "responsibility": _one_of(*RESPONSIBILITIES), "share": PART,
        "compulsory": _opts({"insurer": NAME, "limits": SUMS, "used": SUMS}, ("insurer",)), "commercial": _most(POLICY),
        "bar": _most(_one_of(*BARS)),
    },
    ("id", "kind"),
)  # fmt: skip
_entry: JSON = {"days": NUMBER, "months": NUMBER, "daily": RATE, "monthly": RATE, "yearly": RATE}
ENTRY = _opts(_entry)
CARE = _opts(_entry | {"carers": NUMBER, "dependence": PART})
SPAN: JSON = {"years": YEARS, "months": NUMBER}
DEPENDANT = _opts({**SPAN, "supporters": NUMBER, "standard": _one_of("urban", "rural"), "coefficient": PART})
AID = _opts({"price": RATE, "every_years": NUMBER, "years": YEARS, "upkeep": PART}, ("price",))
GRADE: JSON = {"type": "integer", "minimum": 1, "maximum": 10}
FORMS: JSON = {
    **{
        name: _any(YUAN, CARE if name == "nursing" else ENTRY, _most(CARE if name == "nursing" else ENTRY))
        for name in ENTRIES
    },
    "disability": _any(YUAN, _opts({"grades": _most(GRADE), "coefficient": PART, **SPAN})),
    "death": _any(FLAG, YUAN, _opts({"years": YEARS})),
    "funeral": _any(FLAG, YUAN),
    "dependants": _any(YUAN, _most(DEPENDANT)),
    "aids": _any(YUAN, _most(AID)),
    "other": _most(obj({"what": NAME, "head": _one_of(*HEADS), "amount": YUAN})),
    "property": _any(YUAN, _most(obj({"what": NAME, "amount": YUAN}))),
}
LOSSES = _opts(
    {name: FORMS.get(name, YUAN) for name in ITEMS} | {"non_medicare": YUAN, "reimbursed": YUAN, "coefficient": PART}
)
CLAIMS: JSON = {
    "type": "object", "additionalProperties": _opt(YUAN),
    "propertyNames": {"pattern": f"^({'|'.join(ITEMS)}|(other|property):(.|\\n)*)$"},
}  # fmt: skip
ADVANCE = _opts({"by": NAME, "amount": YUAN, "how": _one_of(*ADVANCES), "through": NAME}, ("by", "amount"))
VICTIM = _opts(
    {
        "id": NAME, "with": NAME, "driver": FLAG, "own_share": PART, "age": _any({"type": "number", "minimum": 0, "maximum": 130}, NUMBER),
        "standard": _one_of("urban", "rural"), "items": LOSSES, "claims": CLAIMS, "advances": _most(ADVANCE), "released": _most(NAME),
    },
    ("id",),
)  # fmt: skip
CASE = _opts(
    {
        "accident_date": DAY, "as_of": DAY, "place": {"type": "string", "pattern": r"^([0-9]{12})?$"},
        "standards": _opts(dict.fromkeys(STANDARDS, RATE)), "switches": SWITCHES, "vehicles": _most(VEHICLE, 1),
        "victims": _most(VICTIM, 1),
    },
    ("vehicles", "victims"),
)  # fmt: skip

ITEM = obj({"item": STRING, "head": _one_of(*HEADS), "amount": STRING, "formula": STRING, "law": STRING})
PAYMENTS = many(obj({"victim": STRING, "payer": STRING, "amount": STRING, "formula": STRING}))
TRANSFERS = many(obj({"from": STRING, "to": STRING, "amount": STRING, "why": STRING}, ("from", "to", "amount")))
END = obj({"shares": {"type": "object", "additionalProperties": STRING}, "payments": PAYMENTS, "transfers": TRANSFERS})
RESULT = obj(
    {
        "victims": many(obj({"id": STRING, "total": nullable("string"), "items": many(ITEM)})),
        "payments": PAYMENTS, "transfers": TRANSFERS, "range": _opt(obj({"low": END, "high": END})),
        "warnings": many(STRING), "missing": many(STRING),
    }
)  # fmt: skip
