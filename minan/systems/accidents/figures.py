"""What the calculator said, as lines a lay person checks with a pencil: for the page and for the paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minan.kernel import directory, labels
from minan.lib import damages
from minan.lib.damages.labels import ITEM_WORDS
from minan.systems.accidents import fields as f


def english() -> bool:
    return (get_language() or "").startswith("en")


def name_of(ref: str, names: Mapping[str, str]) -> str:
    """A side, an insurer or the fund, as the reader knows them."""
    if ref in names:
        return names[ref]
    if ref == "fund":
        return _("救助基金")
    if directory.office(ref) is not None:
        return labels.office_name(ref)
    return labels.into(dict(f.PARTY).get(ref)) if ref in dict(f.PARTY) else ref


def _item(item: str) -> str:
    """property:vehicle → 财产损失."""
    said = ITEM_WORDS.get(item.partition(":")[0])
    return said.into("en" if english() else "zh") if said else item


def _payer(payer: str, names: Mapping[str, str]) -> str:
    kind, _colon, rest = payer.partition(":")
    if kind == "compulsory":
        return _("交强险")
    if kind == "commercial":
        return f"{_('商业三者险')} {name_of(rest.rpartition(':')[2], names)}"
    return _("自己承担") if kind == "self" else name_of(rest or payer, names)


def shown(facts: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any] | None:
    """The last run in the reader's language; None where nothing was worked out yet."""
    row = facts.get("reckoning")
    if not row:
        return None
    result = damages.calculate(row["given"], "en") if english() else row["result"]
    victims = [
        {
            "who": name_of(one["id"], names),
            "total": one["total"],
            "rows": [line | {"label": _item(line["item"])} for line in one["items"]],
        }
        for one in result["victims"]
    ]
    payments = [one | {"who": _payer(one["payer"], names)} for one in result["payments"]]
    transfers = [one | {"from": name_of(one["from"], names), "to": name_of(one["to"], names)} for one in result["transfers"]]
    shown_ = {"victims": victims, "payments": payments, "transfers": transfers, "warnings": result["warnings"]}
    return shown_ | {"k": row["k"], "at": row["at"]}


def advances(facts: Mapping[str, Any], names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [one | {"by": name_of(one["by"], names)} for one in facts.get("advances") or []]


def duties(facts: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str]]:
    told = dict(f.DUTIES)
    found = (facts.get("finding") or {}).get("duty") or {}
    return [(name_of(ref, names), labels.into(told[duty])) for ref, duty in sorted(found.items())]


def covers(facts: Mapping[str, Any], insurer: str = "") -> list[dict[str, Any]]:
    """The policies, or one insurer's own."""
    rows = [one for one in (facts.get("covers") or {}).values() if not insurer or one["insurer"] == insurer]
    return [one | {"name": labels.office_name(one["insurer"])} for one in rows]


def vehicles(facts: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str]]:
    kinds = dict(f.KINDS)
    return [
        (name_of(ref, names), labels.into(kinds[row["kind"]]) + (f" {float(row['share']):.0%}" if row.get("share") else ""))
        for ref, row in sorted((facts.get("vehicles") or {}).items())
    ]
