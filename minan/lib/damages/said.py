"""What a person reads: words in both languages, and figures as they are written with a pencil."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

PLACES = 10  # digits behind the point of a figure that is not money


class Said(NamedTuple):
    """One text in Chinese and English."""

    zh: str
    en: str

    def into(self, lang: str) -> str:
        """`lang` is "en" or anything else for Chinese."""
        return self.en if lang == "en" else self.zh


def same(text: str) -> Said:
    """A text that is the same in both languages: figures and signs."""
    return Said(text, text)


def joined(parts: list[Said], between: str) -> Said:
    return Said(between.join(part.zh for part in parts), between.join(part.en for part in parts))


def money(amount: Fraction) -> str:
    """Yuan with two decimals: 2700.00."""
    return f"{Decimal(round(amount * 100)) / 100:.2f}"


def figure(value: Fraction) -> str:
    """A figure without zeros that say nothing: 120, 0.7, 99.2; a fraction that has no end is written as one: (1/3)."""
    scaled = value * 10**PLACES
    if scaled.denominator != 1:
        return f"({value.numerator}/{value.denominator})"
    text = f"{Decimal(scaled.numerator).scaleb(-PLACES):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# The contract's words as people say them.
WORDS = {
    "drunk": Said("醉酒驾驶", "drunk"), "unlicensed": Said("无证驾驶", "unlicensed"), "drugs": Said("服用毒品、精神药品后驾驶", "drugs"),
    "deliberate": Said("故意制造事故", "deliberate"), "fled": Said("逃逸", "fled"),
    "urban_income": Said("城镇居民人均可支配收入", "urban_income"), "rural_income": Said("农村居民人均收入", "rural_income"),
    "urban_consumption": Said("城镇居民人均消费支出", "urban_consumption"),
    "rural_consumption": Said("农村居民人均消费支出", "rural_consumption"), "average_wage": Said("职工平均工资", "average_wage"),
}  # fmt: skip


def spoken(names: Iterable[str]) -> Said:
    """Words of the contract in one line, in the order of the alphabet."""
    return Said(
        "、".join(WORDS[name].zh for name in sorted(names)), ", ".join(WORDS[name].en for name in sorted(names))
    )
