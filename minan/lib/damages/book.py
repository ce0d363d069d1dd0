"""What is noted while a case is worked out: warnings, and figures that are needed and missing; and where yearly figures come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from minan.lib.damages import tables
from minan.lib.damages.case import Case, Victim
from minan.lib.damages.said import WORDS, Said, figure

SURE = {"high": "高", "medium": "中"}


@dataclass
class Book:
    """One case's notes. `missing` and `warnings` keep their order, each once; `asked` counts every figure found missing."""

    case: Case
    asked: int = 0
    missing: dict[str, None] = field(default_factory=dict)
    warnings: dict[Said, None] = field(default_factory=dict)

    def need(self, name: str) -> None:
        self.asked += 1
        self.missing[name] = None

    def warn(self, zh: str, en: str) -> None:
        self.warnings[Said(zh, en)] = None

    def standard(self, name: str) -> Fraction | None:
        """A yearly figure: as given, else of the statistics year before `as_of`; else it is missing."""
        case = self.case
        if name in case.standards:
            return case.standards[name]
        if case.as_of is None:
            self.need(f"standards.{name} for {case.place or '?'}, as_of")
            return None
        year = case.as_of.year - 1
        found = tables.standard(name, case.place, year)
        if found is None:
            self.need(f"standards.{name} for {case.place or '?'}, {year}")
            return None
        self.warn(
            f"{year} 年度{WORDS[name].zh}取 {figure(found.amount)}，出处：{found.source}；可靠程度：{SURE[found.how_sure]}，引用前请核对",
            f"{name} of {year}: {figure(found.amount)}, from: {found.source}; how sure: {found.how_sure}; check before citing",
        )
        return found.amount

    def standard_of(self, victim: Victim, own: str = "") -> str:
        """ "urban", "rural" or "" (missing). `own`: what a dependant's line says; one standard for all where the law says so."""
        said, accident = own or victim.standard, self.case.accident
        if accident is not None and accident >= tables.ONE_STANDARD:
            if said == "rural":
                self.warn(
                    "2022 年 5 月 1 日起发生的事故不分城乡，一律按城镇标准（法释〔2022〕14号）",
                    "Accidents from 2022-05-01 on: urban figures for everybody (Fa Shi [2022] No. 14)",
                )
            return "urban"
        hebei = tables.province(self.case.place) == tables.HEBEI
        if hebei and accident is not None and accident >= tables.ONE_STANDARD_HEBEI:
            if not said:
                self.warn(
                    "河北法院对 2020 年 1 月 1 日起的机动车事故统一按城镇标准（引用前请核对）",
                    "Hebei courts: urban figures for everybody in motor accidents from 2020-01-01 (check before citing)",
                )
                return "urban"
            if said == "rural":
                self.warn(
                    "按所给的农村标准计算；河北法院对 2020 年 1 月 1 日起的机动车事故统一按城镇标准（引用前请核对）",
                    "Worked out by the rural standard as given; Hebei courts use urban figures for everybody in motor "
                    "accidents from 2020-01-01 (check before citing)",
                )
        if not said:
            self.need(f"victims.{victim.id}.standard")
        return said
