"""A change of routing rules or duties tried on the last 30 days: what would have gone elsewhere, unit by unit.

Read once, row by row, and folded at once into groups of equal questions; no text is kept, only which lines' words stand in it.

Where the change touches a line with words, the answer would tell who asks in which matters a word stands, a name for instance.
Then only the large is told: no codes, and differences in full fives, fewer than five as none (config.py writes each into the register).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from minan.kernel import choosing, directory
from minan.kernel.choosing import Asked
from minan.kernel.directory import RuleRow
from minan.kernel.models import Case

DAYS, EXAMPLES, CHUNK, FEW = 30, 20, 2_000, 5
COLUMNS = ("code", "kind", "place", "channel", "urgency", "unit", "outcome", "opened_at")


@dataclass
class Dry:
    """The result: how many were looked at, how many would go elsewhere, and how often each way was right."""

    at: datetime
    seen: int = 0
    elsewhere: int = 0
    answered: int = 0
    right_before: int = 0
    right_after: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    examples: list[tuple[str, str, str, str, str]] = field(default_factory=list)  # code, kind, before, after, who has it
    coarse: bool = False  # by words: what differs is told in full fives

    def blur(self) -> None:
        """Leave of what differs the full fives, towards none, and no code."""
        self.coarse, self.examples, self.elsewhere = True, [], _fives(self.elsewhere)
        self.right_after = self.right_before + _fives(self.right_after - self.right_before)
        self.after = Counter({u: self.before[u] + _fives(self.after[u] - self.before[u]) for u in self.before | self.after})

    def units(self) -> list[tuple[str, int, int]]:
        """(unit, before, after) of the units for which the number changes, the largest change first."""
        rows = [(u, self.before[u], self.after[u]) for u in self.before | self.after if self.before[u] != self.after[u]]
        return sorted(rows, key=lambda row: (-abs(row[2] - row[1]), row[0]))


def _fives(n: int) -> int:
    return (abs(n) // FEW * FEW) * (1 if n > 0 else -1)


def by_words(old: Any, new: Any) -> list[str]:
    """The words of the lines that the change adds, alters or ends; empty where none of these asks for words."""
    lines = [
        {row[1:-2] for row in city.rules if row.words and choosing.holds(row, edition)} for city, edition in _editions(old, new)
    ]
    place = RuleRow._fields.index("words") - 1
    return sorted({line[place] for line in lines[0] ^ lines[1]})


def _editions(old: Any, new: Any) -> tuple[tuple[Any, int], tuple[Any, int]]:
    return (old, old.edition), (new, new.edition + (new.edition == old.edition))


class _City:
    """Answers by one city and its newest edition, each question once."""

    def __init__(self, city: Any, edition: int) -> None:
        self.city, self.edition = city, edition
        self.lines = sorted({row.words for row in city.rules if row.words and choosing.holds(row, edition)})
        self.timed = any(row.hours and choosing.holds(row, edition) for row in city.rules)
        self.known: dict[tuple[Any, ...], str] = {}

    def words(self, text: str) -> tuple[str, ...]:
        """Those of the lines' words that stand in a text."""
        return tuple(word for line in self.lines for word in line.split() if word in text)

    def unit(self, row: dict[str, Any], text: str) -> str:
        words = self.words(text)
        with directory.as_if(self.city):
            late = choosing.office_time(row["opened_at"]) if self.timed else None
            key = (row["kind"], row["place"], row["channel"], row["urgency"], late, words)
            if key not in self.known:
                ask = Asked(row["kind"], row["place"], self.edition, " ".join(words), row["channel"], row["urgency"], row["opened_at"])
                why = choosing.whose(ask)
                self.known[key] = why.unit if why else ""
        return self.known[key]


def _since(at: datetime) -> UUID:
    """The smallest row id of a moment: ids sort by time, so the last days are one range of the key."""
    return UUID(int=int((at - timedelta(days=DAYS)).timestamp() * 1000) << 80)


def run(old: Any, new: Any, at: datetime) -> Dry:
    """Hold both cities against every matter of the last 30 days that was handed to a unit, by kind and place."""
    out = Dry(at)
    before, after = (_City(city, edition) for city, edition in _editions(old, new))
    texts = ("title", "text") if before.lines or after.lines else ()
    rows = Case.objects.filter(id__gte=_since(at), opened_at__gte=at - timedelta(days=DAYS), privacy="")
    for one in rows.exclude(kind="").exclude(unit="").order_by("id").values(*COLUMNS, *texts).iterator(chunk_size=CHUNK):
        text = f"{one['title']}\n{one['text']}" if texts else ""
        was, is_ = before.unit(one, text), after.unit(one, text)
        out.seen += 1
        out.before[was] += 1
        out.after[is_] += 1
        if one["outcome"]:
            out.answered += 1
            out.right_before += was == one["unit"]
            out.right_after += is_ == one["unit"]
        if was != is_:
            out.elsewhere += 1
            if len(out.examples) < EXAMPLES and not before.words(text) and not after.words(text):
                out.examples.append((one["code"], one["kind"], was, is_, one["unit"]))
    if by_words(old, new):
        out.blur()
    return out
