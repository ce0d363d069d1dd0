"""Reading one JSON value after another and keeping every fault with its path, so that a person mends all of them at once."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from minan.lib.damages.said import Said
from minan.lib.text import neutral

NAME_MOST = 60
LIST_MOST = 200
PROBLEMS_MOST = 50
NUMBER_MOST = 1_000_000
MONEY = r"[0-9]{1,12}(\.[0-9]{1,2})?"  # the patterns stand in the API's document too
DECIMAL = r"[0-9]{1,12}(\.[0-9]{1,10})?"
SHARE = r"(0(\.[0-9]{1,10})?|1(\.0{1,10})?)"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Problem(NamedTuple):
    """What is wrong with the value at a path such as victims.V1.items.meals.daily."""

    path: str
    said: Said


class Refused(Exception):
    """A case that cannot be read or contradicts itself; nothing was worked out."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)[:PROBLEMS_MOST]
        super().__init__("; ".join(f"{path}: {said.en}" for path, said in self.problems))

    def told(self, lang: str) -> dict[str, str]:
        """Path → what is wrong, in one language."""
        return {path: said.into(lang) for path, said in self.problems}


NOT_OBJECT = Said("这里要是一个对象 {…}", "an object {…} is needed here")
NOT_LIST = Said(f"这里要是一个列表 […]，最多 {LIST_MOST} 项", f"a list […] of at most {LIST_MOST} is needed here")
UNKNOWN = Said("没有这一项", "there is no such key")
NOT_MONEY = Said(
    '金额写成十进制字符串，如 "1500.00"，最多两位小数，不能是负数',
    'money is a decimal string such as "1500.00", at most two decimals, not negative',
)
NOT_RATE = Said('要写成十进制字符串，如 "0.7"，不能是负数', 'a decimal string such as "0.7" is needed, not negative')
NOT_SHARE = Said('要写成 "0" 到 "1" 之间的十进制字符串', 'a decimal string between "0" and "1" is needed')
NOT_NUMBER = Said("要是一个不小于零的数", "a number that is not negative is needed")
NOT_WHOLE = Said("要是一个整数", "a whole number is needed")
NOT_DATE = Said("日期写成 2015-09-03", "a date is written 2015-09-03")
NOT_TEXT = Said(f"要是 1 到 {NAME_MOST} 个字符", f"a text of 1 to {NAME_MOST} characters is needed")
NOT_FLAG = Said("要是 true 或 false", "true or false is needed")


def _plain(value: Any) -> Fraction | None:
    """A JSON number as a figure with at most ten digits behind the point; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if not isinstance(value, int) and not math.isfinite(value):
        return None
    if not 0 <= value <= NUMBER_MOST:
        return None
    found = Fraction(str(value))
    return found if (found * 10**10).denominator == 1 else None


class Reader:
    """Keeps the problems; every method returns something usable, or None where nothing is."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, path: str, said: Said) -> None:
        self.problems.append(Problem(path[:200], said))

    def record(self, value: Any, path: str, allowed: Iterable[str], keep_null: Iterable[str] = ()) -> dict[str, Any]:
        """The members that are known and said; null is as good as left out but for the keys of `keep_null`."""
        if not isinstance(value, dict):
            self.wrong(path, NOT_OBJECT)
            return {}
        known, nulls = set(allowed), set(keep_null)
        for key in value:
            if key not in known:
                self.wrong(f"{path}.{neutral(str(key))[:NAME_MOST]}".lstrip("."), UNKNOWN)
        return {key: one for key, one in value.items() if key in known and (one is not None or key in nulls)}

    def many(self, value: Any, path: str) -> list[Any]:
        if not isinstance(value, list) or len(value) > LIST_MOST:
            self.wrong(path, NOT_LIST)
            return []
        return value

    def _decimal(self, value: Any, pattern: str = DECIMAL) -> Fraction | None:
        return Fraction(value) if isinstance(value, str) and re.fullmatch(pattern, value) else None

    def _figure(self, value: Any, path: str, pattern: str, said: Said) -> Fraction:
        found = self._decimal(value, pattern)
        if found is None:
            self.wrong(path, said)
            return Fraction(0)
        return found

    def money(self, value: Any, path: str) -> Fraction:
        """An amount in yuan, to the cent."""
        return self._figure(value, path, MONEY, NOT_MONEY)

    def rate(self, value: Any, path: str) -> Fraction:
        """A wage, income or price: may have more than two decimals."""
        return self._figure(value, path, DECIMAL, NOT_RATE)

    def share(self, value: Any, path: str) -> Fraction:
        return self._figure(value, path, SHARE, NOT_SHARE)

    def number(self, value: Any, path: str) -> Fraction:
        """Days, months, years, persons: a JSON number or a decimal string."""
        found = self._decimal(value) if isinstance(value, str) else _plain(value)
        if found is None or found > NUMBER_MOST:
            self.wrong(path, NOT_NUMBER)
            return Fraction(0)
        return found

    def whole(self, value: Any, path: str) -> int:
        """A JSON number without a part behind the point."""
        found = _plain(value)
        if found is None or found.denominator != 1 or found > NUMBER_MOST:
            self.wrong(path, NOT_WHOLE)
            return 0
        return int(found)

    def text(self, value: Any, path: str) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= NAME_MOST or neutral(value) != value:
            self.wrong(path, NOT_TEXT)
            return ""
        return value

    def flag(self, value: Any, path: str) -> bool:
        if not isinstance(value, bool):
            self.wrong(path, NOT_FLAG)
        return value is True

    def date(self, value: Any, path: str) -> date | None:
        try:
            if not isinstance(value, str) or not _DATE.fullmatch(value):
                raise ValueError
            return date.fromisoformat(value)
        except ValueError:
            self.wrong(path, NOT_DATE)
            return None

    def choice(self, value: Any, path: str, allowed: Iterable[str], default: str = "") -> str:
        known = tuple(allowed)
        if not isinstance(value, str) or value not in known:
            listed = " · ".join(known)
            self.wrong(path, Said(f"只能是 {listed}", f"one of {listed} is needed"))
            return default
        return value
