"""What the steps of an accident share: sides, duties, money as people write it, who may. Figures stand open in the case, because the
calculator and the clocks need them; names, telephones, plates and what people tell go to the vault."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from minan.kernel.procedure import Ask, Field, Words

W = Words
KEEP = 1825
LOCAL = ZoneInfo("Asia/Shanghai")
LETTERS, ORDINAL = "abcdef", "甲乙丙丁戊己"
PARTY = (
    ("a", W("甲方（报的一方）", "A, who reported it")),
    ("b", W("乙方（对方）", "B, the other side")),
    *((ref, W(f"{name}方", f"Side {ref.upper()}")) for ref, name in zip(LETTERS[2:], ORDINAL[2:], strict=True)),
)
# 道路交通事故处理程序规定（公安部令第146号）第60条（引用前请核对）
DUTIES = (
    ("full", W("全部责任", "Full responsibility")),
    ("main", W("主要责任", "Main responsibility")),
    ("equal", W("同等责任", "Equal responsibility")),
    ("secondary", W("次要责任", "Secondary responsibility")),
    ("none", W("无责任", "No responsibility")),
)
KINDS = (
    ("motor", W("机动车", "Motor vehicle")),
    ("non_motor", W("非机动车（含合标电动自行车）", "Non-motor vehicle, e-bikes within the standard too")),
    ("pedestrian", W("行人", "Pedestrian")),
)
GRADES = (
    ("0", W("没有达到伤残等级", "No grade")),
    *((str(n), W(f"{n} 级伤残", f"Grade {n}")) for n in range(1, 11)),
)
MONEY = re.compile(r"(?:￥|¥)?(\d{1,9}(?:\.\d{1,2})?)元?")
AMOUNTS_MOST = Decimal(50_000_000)


def paper(name: str, label: Words, *, required: bool = True, most: int = 4000, shown: bool = True) -> Field:
    """Words that go to the vault, whoever writes them."""
    return Field(name, label, "long", required=required, paper=True, shown=shown, max_length=most)


def words(label: Words, *, required: bool = True) -> Field:
    """Words on the record: reasons, never what was told."""
    return Field("words", label, "long", required=required, scrubbed=True, max_length=600)


def who(label: Words | None = None, *, required: bool = True) -> Field:
    """`required` False: on an opening, which its parent fills."""
    return Field("who", label or W("哪一方", "Which side"), "choice", required=required, options=PARTY)


def amount(name: str, label: Words, *, required: bool = False, hint: Words | None = None) -> Field:
    return Field(name, label, "text", required=required, max_length=14, hint=hint)


def days(name: str, label: Words) -> Field:
    return Field(name, label, "number")


def money(text: Any) -> str:
    """"46,000元" → "46000.00"; raises ValueError."""
    found = MONEY.fullmatch(str(text).replace(",", "").replace("，", "").strip())
    if found is None or Decimal(found[1]) > AMOUNTS_MOST:
        raise ValueError(text)
    return f"{Decimal(found[1]):.2f}"


def parties(facts: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(facts.get("parties") or ("a", "b"))


def is_party(ask: Ask) -> Words | None:
    if ask.facts.get("who", "a") in parties(ask.case["facts"]):
        return None
    return W("这件事故里没有这一方，先登记这一方", "This accident has no such side; enter it first")


def money_reads(*names: str) -> Any:
    """A rule: each of these fields that is filled is an amount in yuan."""

    def is_money(ask: Ask) -> Words | None:
        for name in names:
            try:
                if ask.facts.get(name):
                    money(ask.facts[name])
            except ValueError:
                return W(
                    f"“{ask.facts[name]}”不是金额，写成 46000 或 46000.50 这样",
                    f"“{ask.facts[name]}” is no amount; write 46000 or 46000.50",
                )
        return None

    return is_money


ONLY = W("只有本案的调解员能办这一步", "Only the mediator of this accident may do this")


def keeps_it(ask: Ask) -> Words | None:
    """The mediator named in the dispute; before one is, whoever of the committee gathers the papers."""
    return None if is_its_mediator(ask.case["facts"], ask.person) else ONLY


def is_its_mediator(facts: Mapping[str, Any], person: str) -> bool:
    """Nobody who stood aside, or was changed, comes back as "whoever gathers the papers"."""
    mediator = facts.get("mediator")
    return mediator == person if mediator else person not in (facts.get("gone") or ())


def by_its_mediator(ask: Ask) -> Words | None:
    """For what is done on a side's own case: `person` is who did it."""
    return None if is_its_mediator(ask.case["facts"], str(ask.facts.get("person") or "")) else ONLY


def not_future(name: str) -> Any:
    """A rule: this day does not lie ahead."""

    def is_past(ask: Ask) -> Words | None:
        day = ask.facts.get(name)
        if day and day > f"{ask.at.astimezone(LOCAL):%Y-%m-%d}":
            return W("日子不能在今天以后", "The day cannot lie ahead")
        return None

    return is_past
