"""Which article an item and a payment rest on, by the day of the accident and of the decision.

The articles of 法释〔2022〕14号 and of 法释〔2020〕18号 were read in their text. What stands in ASK comes from memory and says so.
"""

from __future__ import annotations

from datetime import date

from minan.lib.damages.said import Said

CIVIL_CODE = date(2021, 1, 1)  # 民法典施行
ONE_STANDARD = date(2022, 5, 1)  # 法释〔2022〕14号第24条
ASK = Said("（引用前请核对）", " (check before citing)")
# item → article of 法释〔2022〕14号 (法释〔2020〕17号 counts the same), article of 法释〔2003〕20号
ARTICLES = {
    "medical": ("6", "19"), "later_treatment": ("6", "19"), "lost_income": ("7", "20"), "nursing": ("8", "21"), "transport": ("9", "22"),
    "meals": ("10", "23"), "lodging": ("10", "23"), "nutrition": ("11", "24"), "disability": ("12", "25"), "aids": ("13", "26"),
    "funeral": ("14", "27"), "death": ("15", "29"), "dependants": ("16、17", "28"), "family_cost": ("", "17"),
}  # fmt: skip


def _one(zh: str, en: str, article: str) -> Said:
    return Said(f"{zh}第{article}条", f"{en} art. {article.replace('、', ', ')}")


def _code(item: str, accident: date | None) -> tuple[Said, bool]:
    """The article of the code and whether it was checked."""
    if accident is not None and accident < CIVIL_CODE:
        article = {"mental": "22", "property": "19"}.get(item, "16")
        return _one("侵权责任法", "Tort Liability Law", article), False
    article = {"mental": "1183", "property": "1184"}.get(item, "1179")
    return _one("民法典", "Civil Code", article), True


def of_item(item: str, accident: date | None, as_of: date | None) -> Said:
    """The articles an item rests on. `item` may be "property:vehicle" or "other:…"."""
    name = item.partition(":")[0]
    if name == "appraisal":
        return Said(f"保险法第64条{ASK.zh}", f"Insurance Law art. 64{ASK.en}")
    code, sure = _code(name, accident)
    parts = [code]
    new, old = ARTICLES.get(name, ("", ""))
    decided = as_of or accident
    if name in ("mental", "property"):
        old_text = decided is not None and decided < CIVIL_CODE
        zh, en = (
            ("法释〔2012〕19号", "Fa Shi [2012] No. 19") if old_text else ("法释〔2020〕18号", "Fa Shi [2020] No. 18")
        )
        article = {"mental": ("13", "16"), "property": ("12", "15")}[name][old_text]
        parts.append(_one(zh, en, article))
        sure = sure and name == "mental" and not old_text
    elif accident is not None and accident >= ONE_STANDARD and new:
        parts.append(_one("法释〔2022〕14号", "Fa Shi [2022] No. 14", new))
    elif decided is not None and decided >= CIVIL_CODE and new:
        parts.append(_one("法释〔2020〕17号", "Fa Shi [2020] No. 17", new))
        sure = False
    elif old and (decided is None or decided < CIVIL_CODE):
        parts.append(_one("法释〔2003〕20号", "Fa Shi [2003] No. 20", old))
        sure = False
    ask = Said("", "") if sure else ASK
    return Said("；".join(part.zh for part in parts) + ask.zh, "; ".join(part.en for part in parts) + ask.en)


def _asked(zh: str, en: str) -> Said:
    return Said(zh + ASK.zh, en + ASK.en)


# What a payment rests on, for the pages; CONTRACT's `payments` carry no law of their own. The articles of the code come from memory.
PAYMENTS = {
    "compulsory": _asked(
        "民法典第1213条；道路交通安全法第76条；法释〔2020〕18号第13、18、19条",
        "Civil Code art. 1213; Road Traffic Safety Law art. 76; Fa Shi [2020] No. 18 art. 13, 18, 19",
    ),
    "as_if": Said("法释〔2020〕18号第16条", "Fa Shi [2020] No. 18 art. 16"),
    "commercial": _asked("民法典第1213条", "Civil Code art. 1213"),
    "person": _asked(
        "民法典第1208、1213条；道路交通安全法第76条",
        "Civil Code art. 1208, 1213; Road Traffic Safety Law art. 76",
    ),
    "self": _asked("民法典第1173条；道路交通安全法第76条", "Civil Code art. 1173; Road Traffic Safety Law art. 76"),
}
