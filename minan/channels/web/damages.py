"""From a result of the calculator to lines a lay person can follow, in the page's language. Nothing is kept."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minan.lib import damages
from minan.lib.damages.labels import ITEM_WORDS, PAYERS
from minan.lib.damages.reader import Problem
from minan.lib.damages.said import WORDS, Said
from minan.lib.damages.working import Result, written

PAIRS_MOST = 400  # vehicles × injured persons
TOO_LARGE = Said("这个案子太大，这一页放不下，请用 minan damages", "This case is too large for a page; use minan damages")


def lang() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


def payer(name: str) -> str:
    """The words for a payer of the contract: compulsory:对方车 → 交强险（对方车）."""
    kind, _colon, rest = name.partition(":")
    if kind == "person":
        return rest
    said = PAYERS[kind].into(lang())
    return said if kind == "self" else said + _("（%(who)s）") % {"who": rest.replace(":", "，")}


def lacking(name: str) -> str:
    """What is missing, in words: standards.urban_income for 130000000000, 2025 → 城镇居民人均可支配收入（2025 年）."""
    figure = re.fullmatch(r"standards\.(\w+) for \S+, (\w+)", name)
    if figure:
        year = "" if figure[2] == "as_of" else figure[2]
        what = WORDS[figure[1]].into(lang())
        return _("%(what)s（%(year)s 年）") % {"what": what, "year": year} if year else what
    ends = {
        "grade_extra": _("每多一处伤残加百分之几"), ".share": _("承担百分之几"), ".age": _("多大年纪"), ".standard": _("按城镇还是农村标准"),
        ".daily": _("每天多少元"), ".monthly": _("每月多少元"), ".days": _("多少天"), ".months": _("几个月"),
        ".supporters": _("几个人一起扶养"), ".limits": _("那一天的交强险限额"), ".limit": _("商业险的保额"),
        ".compulsory": _("有没有交强险"), ".responsibility": _("交警认定的责任"), ".driver": _("是不是自己骑、开、走的"),
        ".every_years": _("几年换一次"), ".grades": _("伤残等级"), ".coefficient": _("伤残系数"), ".years": _("多少年"),
        "accident_date": _("哪天出的事故"),
    }  # fmt: skip
    said = next((said for end, said in ends.items() if end in name), "")
    owner = re.match(r"(?:vehicles|victims)\.([^.]+)\.", name)
    if not said:
        return name
    return _("%(who)s：%(what)s") % {"who": owner[1], "what": said} if owner else said


def _lines(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row | {"who": payer(row["payer"])} for row in rows]


def _end(victim: str, end: Mapping[str, Any]) -> list[dict[str, str]]:
    return _lines([row for row in end["payments"] if row["victim"] == victim])


def shown(result: Result) -> dict[str, Any]:
    """Everything the page draws of a result, in the page's language."""
    out = written(result, lang())
    victims = [
        {
            "id": one["id"], "total": one["total"],
            "items": [row | {"label": label(row["item"])} for row in one["items"]], "payments": _end(one["id"], out),
        }
        for one in out["victims"]
    ]  # fmt: skip
    ends = [
        {
            "shares": end["shares"], "transfers": end["transfers"],
            "victims": [{"id": one["id"], "payments": _end(one["id"], end)} for one in out["victims"]],
        }
        for end in (out["range"] or {}).values()
    ]  # fmt: skip
    return {
        "victims": victims, "several": len(victims) > 1, "settled": bool(out["payments"]), "transfers": out["transfers"], "ends": ends,
        "warnings": out["warnings"], "missing": list(dict.fromkeys(lacking(name) for name in out["missing"])),
    }  # fmt: skip


def label(item: str) -> str:
    """An item in words; with what it is where the contract names it: property:手机 → 财产损失（手机）."""
    kind, _colon, what = item.partition(":")
    said = ITEM_WORDS[kind].into(lang())
    return said + _("（%(who)s）") % {"who": what} if what else said


def fits(case: Any) -> None:
    """Raises damages.Refused for a case whose every vehicle with every injured person would keep a core busy for half a minute."""
    given = [case.get(name) for name in ("vehicles", "victims")] if isinstance(case, dict) else []
    if math.prod(len(rows) if isinstance(rows, list) else 0 for rows in given) > PAIRS_MOST:
        raise damages.Refused([Problem("", TOO_LARGE)])


def worked(case: Any) -> dict[str, Any]:
    """The page's result for a case of the contract. Raises damages.Refused where it contradicts itself, or is too large for a page."""
    fits(case)
    return shown(damages.result_of(case))
