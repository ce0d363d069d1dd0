"""The damages annex 赔偿计算书 to an agreement: the result of the damages contract (docs/damages.md) as a paper to check with a pencil.

Every item with its formula, inputs and article, then who pays in which order, then who transfers what to whom after advances. It
takes the contract's own JSON and keeps nothing; what stands in it is only what the result says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from minan.kernel import book
from minan.kernel.book import Block, Book, Part
from minan.lib.damages.labels import HEADS, ITEM_WORDS, PAYERS
from minan.lib.damages.said import WORDS, Said

W = Said
STANDARD = re.compile(r"standards\.(\w+) for \S+, (\w+)")
TITLE = W("赔偿计算书", "Calculation of damages")
DUTY = {
    "full": W("全部", "full"),
    "main": W("主要", "main"),
    "equal": W("同等", "equal"),
    "secondary": W("次要", "secondary"),
    "none": W("无责任", "none"),
}
KINDS = {
    "motor": W("机动车", "motor vehicle"),
    "non_motor": W("非机动车", "non-motor vehicle"),
    "pedestrian": W("行人", "pedestrian"),
}
ORDER = W(
    "顺序：交强险先在各分项限额内赔，不看责任；余下的按责任比例分，责任方的部分先由商业三者险赔，再由责任人自己赔；受害人自己承担的最后列出。"
    "各人合计等于损失总额。（民法典第1213条；法释〔2020〕18号第13条，引用前请核对）",
    "Order: compulsory insurance first, within its limits, whatever the share of responsibility; what is left by shares, the liable "
    "side's part first from commercial insurance, then from the person; last what the victim bears. The lines add up to the total. "
    "(Civil Code art. 1213)",
)
NOT_FINAL = W(
    "这是计算书，不是判决。加“引用前请核对”的条文在使用前核对原文。",
    "This is a calculation and no judgment. Check articles so marked before you cite them.",
)


class _Words:
    """The words of one paper: its language, and what people and things are called."""

    def __init__(self, lang: str, names: Mapping[str, str]) -> None:
        self.lang, self.names = lang, names

    def __call__(self, zh: str, en: str) -> str:
        return en if self.lang == "en" else zh

    def name(self, one: str) -> str:
        return self.names.get(one, one)

    def item(self, name: str) -> str:
        base, _colon, rest = name.partition(":")
        said = ITEM_WORDS[base].into(self.lang) if base in ITEM_WORDS else base
        return f"{said} {rest}".rstrip()

    def head(self, name: str) -> str:
        return HEADS[name].into(self.lang) if name in HEADS else name

    def lacking(self, path: str) -> str:
        """standards.urban_income for 131022000000, 2018 → 城镇居民人均可支配收入（2018）; another path as it stands."""
        found = STANDARD.fullmatch(path)
        return f"{WORDS[found[1]].into(self.lang)}（{found[2]}）" if found and found[1] in WORDS else path

    def payer(self, name: str) -> str:
        kind, _colon, rest = name.partition(":")
        if kind == "person":
            return self.name(rest)
        said = PAYERS[kind].into(self.lang) if kind in PAYERS else kind
        whose = "，".join(self.name(one) for one in rest.split(":") if one)
        return f"{said}（{whose}）" if whose else said


def _inputs(case: Mapping[str, Any] | None, say: _Words) -> list[Block]:
    """The accident, who was there with which share and cover; the figures that were used."""
    if not case:
        return []
    rows = [
        (say("事故日期", "Accident"), str(case.get("accident_date") or "")),
        (say("计算截止日", "As of"), str(case.get("as_of") or "")),
    ]
    lines = []
    for one in case.get("vehicles") or []:
        duty, kind = str(one.get("responsibility") or ""), str(one.get("kind") or "")
        cover = [say("交强险", "compulsory")] if one.get("compulsory") else []
        cover += [
            f"{say('商业险', 'commercial')} {row.get('limit') or ''}".strip() for row in one.get("commercial") or []
        ]
        who = one.get("driver") or one.get("owner") or ""
        lines.append(
            [say.name(str(one["id"])), KINDS[kind].into(say.lang) if kind in KINDS else kind, say.name(str(who)),
             DUTY[duty].into(say.lang) if duty in DUTY else duty, str(one.get("share") or say("按当地比例", "by local table")), "，".join(cover)]
        )  # fmt: skip
    titles = [
        say("车、人", "Vehicle"),
        say("类型", "Kind"),
        say("驾驶人", "Driver"),
        say("责任", "Responsibility"),
        say("比例", "Share"),
        say("保险", "Insurance"),
    ]
    return [book.facts(rows), book.table(titles, lines, [1, 0, 1, 0, 0, 1])] if lines else [book.facts(rows)]


def _victim(row: Mapping[str, Any], say: _Words) -> list[Block]:
    titles = [
        say("项目", "Item"),
        say("分项", "Heading"),
        say("算式", "Formula"),
        say("金额（元）", "Yuan"),
        say("依据", "Article"),
    ]
    lines = [
        [say.item(one["item"]), say.head(one["head"]), one["formula"], one["amount"], one["law"]]
        for one in row["items"]
    ]
    total = row.get("total")
    lines.append(
        [say("合计", "Total"), "", "", total if total is not None else say("缺数，没有算出", "a figure is missing"), ""]
    )
    name = say.name(str(row["id"]))
    return [book.head(say(f"{name}的损失", f"What {name} lost")), book.table(titles, lines, [3, 2, 5, 0, 5], [3])]


def _payments(rows: Sequence[Mapping[str, Any]], say: _Words, title: str) -> list[Block]:
    if not rows:
        return []
    titles = ["", say("赔给", "To"), say("由谁赔", "Payer"), say("算式", "Formula"), say("金额（元）", "Yuan")]
    lines = [
        [str(n), say.name(str(one["victim"])), say.payer(one["payer"]), one["formula"], one["amount"]]
        for n, one in enumerate(rows, 1)
    ]
    return [book.head(title), book.table(titles, lines, [0, 2, 3, 6, 0], [4])]


def _transfers(rows: Sequence[Mapping[str, Any]], say: _Words) -> list[Block]:
    if not rows:
        return []
    titles = ["", say("付款人", "From"), say("收款人", "To"), say("金额（元）", "Yuan"), say("说明", "Why")]
    lines = [
        [str(n), say.name(str(one["from"])), say.name(str(one["to"])), one["amount"], one.get("why", "")]
        for n, one in enumerate(rows, 1)
    ]
    return [
        book.head(say("扣掉垫付以后，谁付给谁", "After advances: who pays whom")),
        book.table(titles, lines, [0, 3, 3, 0, 3], [3]),
    ]


def blocks(
    result: Mapping[str, Any],
    case: Mapping[str, Any] | None = None,
    *,
    lang: str = "zh",
    names: Mapping[str, str] | None = None,
) -> list[Block]:
    """The annex as blocks, to be one part of a file (book.Part)."""
    say = _Words(lang, names or {})
    out = _inputs(case, say)
    for row in result["victims"]:
        out += _victim(row, say)
    out += _payments(result["payments"], say, say("由谁赔（扣垫付以前）", "Who pays (before advances)"))
    for end, row in (result.get("range") or {}).items():
        shares = "，".join(f"{say.name(name)} {share}" for name, share in row["shares"].items())
        title = (
            say("责任比例取低时", "At the lower share")
            if end == "low"
            else say("责任比例取高时", "At the higher share")
        )
        out += _payments(row["payments"], say, f"{title}（{shares}）") + _transfers(row["transfers"], say)
    if result["payments"] or result.get("range"):
        out.append(book.note(ORDER.into(lang)))
    out += _transfers(result["transfers"], say)
    if result["missing"]:
        out += [
            book.head(say("还缺的数，靠它的没有算", "Missing figures: what needs them was left out")),
            book.words(*(say.lacking(str(one)) for one in result["missing"])),
        ]
    if result["warnings"]:
        out += [book.head(say("说明", "Notes")), book.words(*result["warnings"])]
    return [*out, book.note(NOT_FINAL.into(lang))]


def annex(
    result: Mapping[str, Any], case: Mapping[str, Any] | None = None, *, lang: str = "zh", names: Mapping[str, str] | None = None,
    number: str = "", foot: str = "", day: date | None = None,
) -> bytes | None:  # fmt: skip
    """The annex as PDF; None where none can be made here. `result` is the contract's answer, `case` what was asked (for the table
    of inputs), `names` what ids are called ({"V1": "王秀兰"}), `number` of the agreement it belongs to."""
    part = Part(TITLE.into(lang), blocks(result, case, lang=lang, names=names), number)
    return book.pdf(Book(part.title, [part], day or timezone.localdate(), lang, foot or "民安 Minan"))
