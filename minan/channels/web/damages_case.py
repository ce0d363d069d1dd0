"""Between the damages page and the contract's object, both ways: what the forms say as a case, and a case as what the forms would say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from minan.channels.web.damages_tree import Node, Raw
from minan.channels.web.forms_damages import Entry
from minan.lib.damages.case import HEADINGS, STANDARDS
from minan.lib.damages.reading import CHOICES
from minan.lib.text import neutral

ENTRIES = ("meals", "nutrition", "lost_income", "nursing", "family_cost")
SUMS = ("medical", "later_treatment", "transport", "lodging", "mental", "appraisal", "non_medicare", "reimbursed")
FORMS_OF = {"dd": ("days", "daily"), "dy": ("days", "yearly"), "mm": ("months", "monthly"), "my": ("months", "yearly")}
Given = Mapping[str, Any]


def _plain(value: Any) -> str | None:
    return None if value is None else f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _sum(value: Any) -> str | None:
    return None if value is None else f"{value:f}"


def _share(value: Any) -> str | None:
    return None if value is None else _plain(value / 100)


def _said(found: Given) -> dict[str, Any]:
    """Only what was said; an empty list or text says nothing."""
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def _list(text: str) -> list[str]:
    return [one.strip() for one in text.replace(",", "、").replace("，", "、").split("、") if one.strip()]


def case_of(root: Node) -> dict[str, Any]:
    """The contract's object of forms that are valid; ids that were left empty are given."""
    given = root.form.cleaned_data
    rounding = given["rounding"]
    switches = {name: given[name] for name in CHOICES} | {
        "rounding": json.loads(rounding) if rounding.startswith("{") else rounding, "day_base": int(given["day_base"]),
        "mental_first": given["mental_first"] == "yes",
    }  # fmt: skip
    victims = [_victim(node, n) for n, node in enumerate(root.rows["victims"], 1)]
    found = {
        "accident_date": given["accident_date"].isoformat(), "as_of": given["as_of"].isoformat(), "place": given["place"],
        "standards": _said({name: _plain(given[name]) for name in STANDARDS}),
        "switches": _said(switches | {"grade_extra": given["grade_extra"]}) | {"mental_first": switches["mental_first"]},
        "vehicles": [_vehicle(node, n) for n, node in enumerate(root.rows["vehicles"], 1)], "victims": victims,
    }  # fmt: skip
    for vehicle in found["vehicles"]:
        if not {"driver", "owner", "liable"} & set(vehicle):  # who drove a vehicle and was hurt is one person
            drove = [one["id"] for one in victims if one.get("driver") and one.get("with") == vehicle["id"]]
            vehicle["driver"] = drove[0] if drove else _("%(vehicle)s的司机") % {"vehicle": vehicle["id"]}
    return found if found["place"] else {name: value for name, value in found.items() if name != "place"}


def _vehicle(node: Node, n: int) -> dict[str, Any]:
    given = node.form.cleaned_data
    name = given["id"] or _("%(n)s号车") % {"n": n}
    company = given["insurer"] or _("%(vehicle)s的保险公司") % {"vehicle": name}
    found = _said(
        {
            "id": name, "kind": given["kind"], "driver": given["driver"], "owner": given["owner"], "liable": given["liable"],
            "jointly": _list(given["jointly"]), "responsibility": given["responsibility"], "share": _share(given["share"]),
            "bar": given["bar"],
            "commercial": [_policy(row, company) for row in node.rows["commercial"] if any(row.form.cleaned_data.values())],
        }
    )  # fmt: skip
    if given["insured"] == "no":
        found["compulsory"] = None
    elif given["insured"] == "yes":
        limits = {head: _sum(given[f"limit_{head}"]) for head in HEADINGS}
        used = {head: _sum(given[f"used_{head}"]) for head in HEADINGS}
        found["compulsory"] = {"insurer": company} | _said({"limits": _said(limits), "used": _said(used)})
    return found


def _policy(node: Node, company: str) -> dict[str, Any]:
    given = node.form.cleaned_data
    found = _said(
        {
            "insurer": given["insurer"] or company, "limit": _sum(given["limit"]), "used": _sum(given["used"]),
            "deductible": _share(given["deductible"]), "excludes": given["excludes"],
        }
    )  # fmt: skip
    return found | ({"limit": None} if given["unlimited"] and given["limit"] is None else {})


def _victim(node: Node, n: int) -> dict[str, Any]:
    given = node.form.cleaned_data
    claims = {row["item"]: _sum(row["amount"]) for row in _rows(node, "claims")}
    advances = [
        _said({"by": row["by"], "amount": _sum(row["amount"]), "how": row["how"], "through": row["through"]})
        for row in _rows(node, "advances")
    ]
    return _said(
        {
            "id": given["id"] or _("伤者%(n)s") % {"n": n}, "with": given["within"],
            "driver": {"yes": True, "no": False}.get(given["driver"]) if given["within"] else None,
            "own_share": _share(given["own_share"]), "age": _plain(given["age"]), "standard": given["standard"], "claims": claims,
            "advances": advances, "released": _list(given["released"]),
        }
    ) | {"items": _items(node)}  # fmt: skip


def _rows(node: Node, kind: str) -> list[dict[str, Any]]:
    return [row.form.cleaned_data for row in node.rows[kind] if not row.form.blank]


def _items(node: Node) -> dict[str, Any]:
    given = node.form.cleaned_data
    found: dict[str, Any] = {name: _sum(given[name]) for name in SUMS}
    for kind in ENTRIES:
        found[kind] = _entries(_rows(node, kind))
    way = _said(
        {
            "grades": given["grades"],
            "coefficient": _share(given["coefficient"]),
            "years": _plain(given["disability_years"]),
        }
    )
    found["disability"] = _sum(given["disability_amount"]) or way
    if given["death"] or given["death_amount"] is not None:
        years = _plain(given["death_years"])
        found["death"] = _sum(given["death_amount"]) or ({"years": years} if years else True)
    if given["funeral"] or given["funeral_amount"] is not None:
        found["funeral"] = _sum(given["funeral_amount"]) or True
    found["dependants"] = _sum(given["dependants_amount"]) or [
        _said({row["unit"]: _plain(row["span"]), "supporters": _plain(row["supporters"]), "standard": row["standard"],
               "coefficient": _share(row["coefficient"])})
        for row in _rows(node, "dependants")
    ]  # fmt: skip
    found["coefficient"] = _share(given["items_coefficient"])
    found["aids"] = _sum(given["aids_amount"]) or [
        _said(
            {name: _plain(row[name]) for name in ("price", "every_years", "years")} | {"upkeep": _share(row["upkeep"])}
        )
        for row in _rows(node, "aids")
    ]
    goods = _rows(node, "property")
    found["property"] = (
        _sum(goods[0]["amount"])
        if len(goods) == 1 and not goods[0]["what"]
        else [_named(row, _("财产")) for row in goods]
    )
    found["other"] = [_named(row, _("其他")) | {"head": row["head"]} for row in _rows(node, "other")]
    return _said(found)


def _named(row: Given, what: str) -> dict[str, Any]:
    return {"what": row["what"] or what, "amount": _sum(row["amount"]) or "0"}


def _entries(rows: list[dict[str, Any]]) -> Any:
    """One entry, a list of them, or the amount that is fixed; several fixed amounts are added."""
    fixed = [row["rate"] for row in rows if row["how"] == "fixed" and row["rate"] is not None]
    if fixed:
        return _sum(sum(fixed, Decimal(0)))
    found = []
    for row in rows:
        count, rate = FORMS_OF.get(row["how"], FORMS_OF["dd"])
        more = {"carers": _plain(row.get("carers")), "dependence": _share(row.get("dependence"))}
        found.append(_said({count: _plain(row["count"]), rate: _plain(row["rate"])} | more))
    return found[0] if len(found) == 1 else found


def checked(root: Node) -> bool:
    """Whether every form is right; says what the forms cannot know alone."""
    right = True
    for node in root.each():
        right = node.form.is_valid() and right
    for victim in root.rows["victims"]:
        for kind in ENTRIES:
            rows = [
                row.form
                for row in victim.rows[kind]
                if isinstance(row.form, Entry) and row.form.is_valid() and not row.form.blank
            ]
            hows = {form.cleaned_data["how"] for form in rows}
            if "fixed" in hows and len(hows) > 1:
                rows[0].add_error("how", _("定好的金额不能和别的算法混着写"))
                right = False
    return right


# ── a case as what would stand in the boxes ──


def _text(value: Any) -> str:
    return neutral(str(value))[:200]


def _hundred(value: Any) -> str:
    try:
        return f"{(Decimal(str(value)) * 100).normalize():f}"
    except InvalidOperation:
        return _text(value)


def tree_of(case: Given) -> Raw:
    """The case as a tree that can be drawn. What is no contract is refused by the calculator before (lib/damages)."""
    switches = dict(case.get("switches") or {})
    own = {name: case.get(name) for name in ("accident_date", "as_of", "place")} | dict(case.get("standards") or {})
    own |= {name: switches.get(name) or first for name, (first, *_rest) in CHOICES.items()} | {
        "day_base": switches.get("day_base") or 365
    }
    rounding = switches.get("rounding") or "item"
    own["rounding"] = json.dumps(rounding, sort_keys=True) if isinstance(rounding, dict) else rounding
    own["mental_first"] = "no" if switches.get("mental_first") is False else "yes"
    extra = switches.get("grade_extra") or {}
    own["grade_extra"] = " ".join(f"{grade}:{_hundred(more)}" for grade, more in extra.items())
    return Raw(
        _typed(own),
        {
            "vehicles": [_raw_vehicle(one) for one in case["vehicles"]],
            "victims": [_raw_victim(one) for one in case["victims"]],
        },
    )


def _typed(own: Given) -> dict[str, list[str]]:
    return {
        name: [_text(one) for one in value] if isinstance(value, list | tuple) else [_text(value)]
        for name, value in own.items() if value not in (None, "")
    }  # fmt: skip


def _raw_vehicle(one: Given) -> Raw:
    policy = one.get("compulsory")
    insured = "yes" if policy is not None else "no" if "compulsory" in one else ""
    own = {name: one.get(name) for name in ("id", "kind", "driver", "owner", "liable", "responsibility", "bar")}
    own |= {
        "share": _hundred(one["share"]) if one.get("share") is not None else None,
        "jointly": "、".join(one.get("jointly") or []),
    }
    own |= {"insured": insured, "insurer": (policy or {}).get("insurer")}
    for word, name in (("limit", "limits"), ("used", "used")):
        own |= {f"{word}_{head}": amount for head, amount in ((policy or {}).get(name) or {}).items()}
    return Raw(_typed(own), {"commercial": [_raw_policy(row) for row in one.get("commercial") or []]})


def _raw_policy(row: Given) -> Raw:
    own = {name: row.get(name) for name in ("insurer", "limit", "used", "excludes")}
    own["deductible"] = _hundred(row["deductible"]) if row.get("deductible") is not None else None
    own["unlimited"] = "on" if "limit" in row and row["limit"] is None else None
    return Raw(_typed(own))


def _raw_victim(one: Given) -> Raw:
    items = dict(one.get("items") or {})
    own = {name: one.get(name) for name in ("id", "age", "standard")} | {"within": one.get("with")}
    own |= {
        "driver": {True: "yes", False: "no"}.get(one.get("driver")),
        "released": "、".join(one.get("released") or []),
    }
    own["own_share"] = _hundred(one["own_share"]) if one.get("own_share") is not None else None
    own |= {name: items.get(name) for name in SUMS}
    own |= _raw_life(items)
    rows = {kind: _raw_entries(items.get(kind)) for kind in ENTRIES}
    rows["dependants"] = [
        Raw(_typed({"span": row.get("years", row.get("months")), "unit": "months" if "months" in row else "years",
                    "supporters": row.get("supporters"), "standard": row.get("standard"), "coefficient": _of_hundred(row, "coefficient")}))
        for row in _listed(items.get("dependants"))
    ]  # fmt: skip
    rows["aids"] = [
        Raw(
            _typed(
                {name: row.get(name) for name in ("price", "every_years", "years")}
                | {"upkeep": _of_hundred(row, "upkeep")}
            )
        )
        for row in _listed(items.get("aids"))
    ]
    goods = items.get("property")
    rows["property"] = (
        [Raw(_typed({"amount": goods}))] if isinstance(goods, str) else [Raw(_typed(row)) for row in _listed(goods)]
    )
    rows["other"] = [Raw(_typed(row)) for row in _listed(items.get("other"))]
    rows["claims"] = [
        Raw(_typed({"item": item, "amount": amount})) for item, amount in (one.get("claims") or {}).items()
    ]
    rows["advances"] = [Raw(_typed(row)) for row in one.get("advances") or []]
    return Raw(_typed(own), rows)


def _of_hundred(row: Given, name: str) -> str | None:
    return _hundred(row[name]) if row.get(name) is not None else None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _raw_life(items: Given) -> dict[str, Any]:
    """Disability, death and what hangs on them, in any of their forms."""
    found: dict[str, Any] = {"items_coefficient": _of_hundred(items, "coefficient")}
    disability, death, funeral = items.get("disability"), items.get("death"), items.get("funeral")
    if isinstance(disability, str):
        found["disability_amount"] = disability
    elif disability:
        years = disability.get("years", _months(disability))
        found |= {"grades": " ".join(map(str, disability.get("grades") or [])), "coefficient": _of_hundred(disability, "coefficient"),
                  "disability_years": years}  # fmt: skip
    if isinstance(death, str):
        found["death_amount"] = death
    elif death:
        found |= {"death": "on", "death_years": death.get("years", _months(death)) if isinstance(death, dict) else None}
    found |= {"funeral_amount": funeral} if isinstance(funeral, str) else {"funeral": "on" if funeral else None}
    for name in ("dependants", "aids"):
        if isinstance(items.get(name), str):
            found[f"{name}_amount"] = items[name]
    return found


def _months(value: Given) -> Any:
    return f"{Decimal(str(value['months'])) / 12:.8f}" if value.get("months") is not None else None


def _raw_entries(value: Any) -> list[Raw]:
    if isinstance(value, str):
        return [Raw(_typed({"how": "fixed", "rate": value}))]
    found = []
    for row in [value] if isinstance(value, dict) else _listed(value):
        rate = next((name for name in ("daily", "monthly", "yearly") if name in row), "")
        per = "months" if "months" in row or ("days" not in row and rate == "monthly") else "days"
        how = (
            {"yearly": "my", "monthly": "mm", "": "mm"}.get(rate, "mm")
            if per == "months"
            else "dy"
            if rate == "yearly"
            else "dd"
        )
        own = {
            "how": how,
            "count": row.get(per),
            "rate": row.get(rate),
            "carers": row.get("carers"),
            "dependence": _of_hundred(row, "dependence"),
        }
        found.append(Raw(_typed(own)))
    return found
