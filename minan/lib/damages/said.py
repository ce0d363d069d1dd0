"""What a person reads: words in both languages, and figures as they are written with a pencil."""

from __future__ import annotations

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
