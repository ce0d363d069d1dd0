"""From the answers of the damages page to the contract's object, and from its result to lines a lay person can follow. Nothing is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minan.lib import damages
from minan.lib.damages.said import WORDS, Said
from minan.lib.damages.working import Result, written

EXTRA = tuple(str(grade) for grade in range(1, 11))
ITEM_WORDS = {
    "medical": Said("医疗费", "medical"), "later_treatment": Said("后续治疗费", "later treatment"), "meals": Said("住院伙食补助费", "hospital meals"),
    "nutrition": Said("营养费", "nutrition"), "lost_income": Said("误工费", "lost income"), "nursing": Said("护理费", "nursing"),
    "transport": Said("交通费", "transport"), "lodging": Said("住宿费", "lodging"), "disability": Said("残疾赔偿金", "disability"),
    "death": Said("死亡赔偿金", "death"), "funeral": Said("丧葬费", "funeral"), "dependants": Said("被扶养人生活费", "dependants"),
    "aids": Said("残疾辅助器具费", "aids"), "family_cost": Said("亲属办丧事的费用", "family's cost"), "mental": Said("精神损害抚慰金", "mental harm"),
    "appraisal": Said("鉴定费", "appraisal"), "property": Said("财产损失", "property"), "other": Said("其他", "other"),
}  # fmt: skip
PAYERS = {
    "compulsory": Said("交强险", "compulsory insurance"), "commercial": Said("商业险", "commercial insurance"),
    "self": Said("自己承担", "borne by oneself"),
}  # fmt: skip


def lang() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


def _days(given: Mapping[str, Any], count: str, daily: str) -> dict[str, Any] | None:
    """Days at a rate; whichever of the two is missing is asked for by the calculator."""
    if given[count] is None and given[daily] is None:
        return None
    found = {"days": given[count] if given[count] is not None else None, "daily": _text(given[daily])}
    return {key: value for key, value in found.items() if value is not None}


def _text(amount: Any) -> str | None:
    return None if amount is None else f"{amount:f}"


def _items(given: Mapping[str, Any]) -> dict[str, Any]:
    plain = ("medical", "later_treatment", "transport", "mental", "appraisal", "property")
    found: dict[str, Any] = {name: _text(given[name]) for name in plain}
    for name, count in (
        ("meals", "stay"),
        ("nutrition", "nutrition"),
        ("lost_income", "leave"),
        ("nursing", "nursing"),
    ):
        found[name] = _days(given, count, f"{count}_daily")
    if given["grades"]:
        found["disability"] = {"grades": given["grades"]}
    if given["death"]:
        found |= {"death": True, "funeral": True}
    kept = [
        {"years": years, "supporters": by or None}
        for years, by in ((given["kept_years"], given["kept_by"]), (given["more_years"], given["more_by"]))
        if years
    ]
    if kept and (given["grades"] or given["death"]):
        found["dependants"] = kept
    return {name: value for name, value in found.items() if value is not None}


def _standards(given: Mapping[str, Any]) -> dict[str, str]:
    kind = given["standard"] or "urban"
    found = {
        f"{kind}_income": given["income"],
        f"{kind}_consumption": given["consumption"],
        "average_wage": given["wage"],
    }
    return {name: f"{amount:f}" for name, amount in found.items() if amount is not None}


def case_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The contract's object; people and things bear the names the reader knows them by."""
    car, side, driver, victim, insurer = _("对方车"), _("受伤的一方"), _("对方司机"), _("受伤的人"), _("保险公司")
    opposite = {"full": "none", "main": "secondary", "equal": "equal", "secondary": "main", "none": "full"}
    share = given["share"]
    other: dict[str, Any] = {"id": side, "kind": given["other"], "responsibility": opposite[given["responsibility"]]}
    if given["driver"] == "no":
        other["driver"] = _("同车的司机")
    if given["other"] == "motor":
        other["compulsory"] = None
    car_side = {
        "id": car, "kind": "motor", "driver": driver, "responsibility": given["responsibility"],
        "share": None if share is None else f"{share / 100:.2f}",
        "compulsory": {"insurer": insurer} if given["insured"] == "yes" else None,
        "commercial": [{"insurer": insurer, "limit": _text(given["commercial"])}] if given["commercial"] else [],
        "bar": [given["barred"]] if given["barred"] else [],
    }  # fmt: skip
    switches: dict[str, Any] = {"advances": given["advances"]}
    if given["extra"] is not None:
        switches["grade_extra"] = dict.fromkeys(EXTRA, f"{given['extra'] / 100:.2f}")
    return {
        "accident_date": given["accident_date"].isoformat(), "as_of": given["as_of"].isoformat(),
        "place": f"{given['province']}0000000000" if given["province"] else None, "standards": _standards(given), "switches": switches,
        "vehicles": [car_side, other],
        "victims": [
            {
                "id": victim, "with": side, "driver": given["driver"] == "yes", "age": given["age"], "standard": given["standard"] or None,
                "items": _items(given),
                "advances": [{"by": driver, "amount": _text(given["advance"])}] if given["advance"] else [],
            }
        ],
    }  # fmt: skip


def payer(name: str) -> str:
    """The words for a payer of the contract: compulsory:对方车 → 交强险（对方车）."""
    kind, _colon, rest = name.partition(":")
    if kind == "person":
        return rest
    said = PAYERS[kind].into(lang())
    return said if kind == "self" else said + _("（%(who)s）") % {"who": rest.partition(":")[0]}


def lacking(name: str) -> str:
    """What is missing, in words: standards.urban_income for 130000000000, 2025 → 城镇居民人均可支配收入（2025 年）."""
    figure = re.fullmatch(r"standards\.(\w+) for \S+, (\w+)", name)
    if figure:
        return _("%(what)s（%(year)s 年）") % {"what": WORDS[figure[1]].into(lang()), "year": figure[2]}
    ends = {
        "grade_extra": _("每多一处伤残加百分之几"), ".share": _("双方各承担百分之几"), ".age": _("受伤的人多大年纪"),
        ".standard": _("按城镇还是农村标准"), ".daily": _("每天多少元"), ".days": _("多少天"), ".supporters": _("几个人一起扶养"),
        ".limits": _("那一天的交强险限额"),
    }  # fmt: skip
    return next((said for end, said in ends.items() if end in name), name)


def _lines(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row | {"who": payer(row["payer"])} for row in rows]


def shown(result: Result) -> dict[str, Any]:
    """Everything the page draws of a result, in the page's language."""
    out = written(result, lang())
    (victim,) = out["victims"]
    items = [row | {"label": ITEM_WORDS[row["item"].partition(":")[0]].into(lang())} for row in victim["items"]]
    ends = [
        {"shares": end["shares"], "payments": _lines(end["payments"]), "transfers": end["transfers"]}
        for end in (out["range"] or {}).values()
    ]
    return {
        "items": items, "total": victim["total"], "payments": _lines(out["payments"]), "transfers": out["transfers"], "ends": ends,
        "warnings": out["warnings"], "missing": list(dict.fromkeys(lacking(name) for name in out["missing"])),
    }  # fmt: skip


def worked(given: Mapping[str, Any]) -> dict[str, Any]:
    """The page's result for its answers. Raises damages.Refused where they contradict each other."""
    return shown(damages.result_of(case_of(given)))
