"""How many looks a person, a case and the whole city have in a minute, an hour, a day: the rules as data, the counting in memory."""

from __future__ import annotations

import re
import tomllib
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
DEFAULT = Path(__file__).with_name("limits.toml")
WHO = re.compile(r"(user|system):[0-9a-z][0-9a-zA-Z_-]{0,40}|speaker")
WHOSE = re.compile(r"user|system|speaker|(user|system):[0-9a-z][0-9a-zA-Z_-]{0,40}")  # what a rule may say of who
EVENT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One class of looks; 0: no such limit."""

    name: str
    why: tuple[str, ...]
    who: str
    pool: str
    event: bool = False
    fields: tuple[str, ...] = ()
    case_minute: int = 0
    person_minute: int = 0
    person_hour: int = 0
    person_day: int = 0
    alarm_person_day: int = 0
    all_minute: int = 0
    alarm_all_day: int = 0


def read(path: Path = DEFAULT) -> dict[str, Rule]:
    """Reason → its rule. Raises ValueError, KeyError or TypeError for a table that is none, with what is wrong in words."""
    known = {f.name for f in fields(Rule)} - {"name"}
    found: dict[str, Rule] = {}
    for name, row in tomllib.loads(path.read_text("utf-8")).items():
        if set(row) - known:
            raise ValueError(f"{path.name}: [{name}] has words that mean nothing: {sorted(set(row) - known)}")
        lists = {key: tuple(row[key]) for key in ("why", "fields") if key in row}
        if not WHOSE.fullmatch(row["who"]) and (row["who"], list(lists["why"])) != ("any", ["mark"]):
            raise ValueError(
                f"{path.name}: [{name}] who = {row['who']!r}: say user, system or speaker, or one of them such as system:worker; "
                '"any" is for the marks of accounts alone, which nobody in particular asks for'
            )
        found |= dict.fromkeys(lists["why"], Rule(name, **(row | lists)))
    return found


@dataclass(slots=True)
class _Seen:
    """What one person looked at, by class: each look once, when it was first had."""

    looks: dict[tuple[str, str], float] = field(default_factory=dict)

    def since(self, moment: float) -> int:
        return sum(at > moment for at in self.looks.values())


class Limits:
    """Asked before every look; `now` is seconds since 1970, and everything it counted can be counted again from the log."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules = rules
        self.people: dict[tuple[str, str], _Seen] = {}  # (who, class)
        self.cases: dict[str, deque[tuple[float, str]]] = {}  # class → (when, case), one minute long
        self.per_case: Counter[tuple[str, str]] = Counter()
        self.pools: dict[str, deque[float]] = {}
        self.days: Counter[tuple[int, str]] = Counter()  # (day, class) → looks
        self.refused: Counter[tuple[int, str, str]] = Counter()  # (day, who, code)
        self.events: dict[str, tuple[str, float]] = {}  # event → the case it was used for, when

    def allows(self, who: str, why: str, case: str, event: str, now: float) -> str:
        """ "" where the look may be had, else the code of why not."""
        rule = self.rules.get(why)
        if rule is None:
            return "why"
        kind = who.partition(":")[0]
        if not WHO.fullmatch(who) or rule.who not in (kind, who):
            return "who"
        if event and not EVENT.fullmatch(event):
            return "event"
        if rule.event and (not event or self.events.get(event, (case, 0.0))[0] != case):
            return "event"
        self.forget(now)
        if rule.case_minute and self.per_case[rule.name, case] >= rule.case_minute:
            return "case"
        if rule.all_minute and len(self.pools.get(rule.pool, ())) >= rule.all_minute:
            return "all"
        return self._pace(rule, who, (case, event), now)

    def _pace(self, rule: Rule, who: str, look: tuple[str, str], now: float) -> str:
        seen = self.people.get((who, rule.name))
        if seen is None or look in seen.looks:
            return ""
        for code, most, window in (
            ("minute", rule.person_minute, MINUTE), ("hour", rule.person_hour, HOUR), ("day", rule.person_day, DAY),
        ):  # fmt: skip
            if most and seen.since(now - window) >= most:
                return code
        return ""

    def had(self, who: str, why: str, case: str, event: str, now: float) -> list[str]:
        """Count a look that was allowed. Returns the alarms that it raises, each once: "person", "all"."""
        rule = self.rules.get(why)
        if rule is None:  # from the log of another table of limits
            return []
        raised = []
        if rule.person_minute or rule.person_day or rule.alarm_person_day:
            seen = self.people.setdefault((who, rule.name), _Seen())
            if (case, event) not in seen.looks:
                seen.looks[case, event] = now
                if rule.alarm_person_day and seen.since(now - DAY) == rule.alarm_person_day + 1:
                    raised.append("person")
        if event and rule.event:
            self.events.setdefault(event, (case, now))
        if rule.case_minute:
            self.cases.setdefault(rule.name, deque()).append((now, case))
            self.per_case[rule.name, case] += 1
        self.passed(why, now)
        self.days[int(now // DAY), rule.name] += 1
        if rule.alarm_all_day and self.days[int(now // DAY), rule.name] == rule.alarm_all_day + 1:
            raised.append("all")
        return raised

    def passed(self, why: str, now: float) -> bool:
        """Count one more of a pool that has nothing but its minute; False where it is full."""
        rule = self.rules[why]
        times = self.pools.setdefault(rule.pool, deque())
        while times and not now - MINUTE < times[0]:
            times.popleft()
        if rule.all_minute and len(times) >= rule.all_minute and rule.who == "any":
            return False
        times.append(now)
        return True

    def denied(self, who: str, code: str, now: float) -> int:
        """Count a refusal; returns how many this person had today for this cause."""
        self.refused[int(now // DAY), who, code] += 1
        return self.refused[int(now // DAY), who, code]

    def forget(self, now: float) -> None:
        """Let go of what no limit asks for any more."""
        for name, times in self.cases.items():
            while times and times[0][0] <= now - MINUTE:
                _, case = times.popleft()
                self.per_case[name, case] -= 1
                if not self.per_case[name, case]:
                    del self.per_case[name, case]
        for pool in self.pools.values():
            while pool and pool[0] <= now - MINUTE:
                pool.popleft()

    def forget_day(self, now: float) -> None:
        """The same for what is a day old; asked now and then."""
        for key, seen in list(self.people.items()):
            seen.looks = {look: at for look, at in seen.looks.items() if at > now - DAY}
            if not seen.looks:
                del self.people[key]
        self.events = {event: (case, at) for event, (case, at) in self.events.items() if at > now - DAY}
        today = int(now // DAY)
        self.days = Counter({key: n for key, n in self.days.items() if key[0] >= today - 1})
        self.refused = Counter({key: n for key, n in self.refused.items() if key[0] >= today - 1})

    def report(self, now: float) -> Iterator[dict[str, Any]]:
        """What a doctor should know of the last day: who looked more than the alarm, who was refused for pace, a class too busy."""
        by_class = {rule.name: rule for rule in self.rules.values()}
        for (who, name), seen in sorted(self.people.items()):
            looks = seen.since(now - DAY)
            if name in by_class and by_class[name].alarm_person_day and looks > by_class[name].alarm_person_day:
                yield {"what": "person", "who": who, "class": name, "looks": looks}
        for (day, name), looks in sorted(self.days.items()):
            if day == int(now // DAY) and name in by_class and 0 < by_class[name].alarm_all_day < looks:
                yield {"what": "all", "who": "", "class": name, "looks": looks}
        for (day, who, code), times in sorted(self.refused.items()):
            if day == int(now // DAY) and code in ("minute", "hour", "day", "all", "case", "event", "bulk"):
                yield {"what": "refused", "who": who, "class": code, "looks": times}

    def today(self, now: float) -> dict[str, dict[str, int]]:
        """Who → class → looks in the last 24 hours."""
        out: dict[str, dict[str, int]] = {}
        for (who, name), seen in self.people.items():
            out.setdefault(who, {})[name] = seen.since(now - DAY)
        return out
