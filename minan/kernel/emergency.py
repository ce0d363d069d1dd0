"""Whether what is being said sounds like danger to life, and which telephone numbers stand in front then. Never stops a filing.

Pure: a text in, dangers out, in a few milliseconds. The rules are data (emergency.toml beside this file, and a file of the same
name in the city's folder that adds to it); the resident's page and the hotline ask the same engine.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from minan.kernel.procedure import Words
from minan.lib.text import folded

FILE = "emergency.toml"
ORDER = ("119", "120", "110", "122")
LONGEST = 2_000  # characters that are looked at; what is said later of a longer text is looked at from its end
NEAR = 14  # characters before a hit in which a word of fear or of chance takes it back
# A text longer than this is a letter, in which what happened is told: danger counts at its head and its end, or where it says "now".
LETTER, HEAD, TAIL = 200, 60, 40
SHORT = 60  # characters: so much is said before a call is a telling
LISTS = ("alike", "no", "filler", "unreal", "past", "now", "over", "after")
_sentence = re.compile(r"[^。！？\n；]+")
_comma = re.compile(r"[，、：]")
_MARKS = str.maketrans(",!?;:", "，！？；：")  # folded text has the narrow ones; the rules are written with the wide


@dataclass(frozen=True, slots=True)
class Danger:
    """One danger heard: its name, what to call (most pressing first), the duty post to call, the words that told."""

    name: str
    title: Words
    call: tuple[str, ...]
    to: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    title: Words
    call: tuple[str, ...]
    to: str
    says: re.Pattern[str]
    short: re.Pattern[str]  # words that tell only where little else is said: the first words of a call


@dataclass(frozen=True, slots=True)
class Rules:
    """Compiled rules; made by `compiled`."""

    kinds: tuple[_Kind, ...]
    alike: re.Pattern[str]
    no: re.Pattern[str]
    unreal: re.Pattern[str]
    past: re.Pattern[str]
    now: re.Pattern[str]
    over: re.Pattern[str]
    after: re.Pattern[str]


def _any(patterns: Iterable[str]) -> str:
    return "|".join(f"(?:{one.replace('…', '[^，。]{0,6}')})" for one in patterns) or r"(?!)"


def _lists(tables: list[Mapping[str, Any]]) -> dict[str, list[str]]:
    return {name: [one for table in tables for one in table.get(name, [])] for name in LISTS}


def compiled(tables: list[Mapping[str, Any]]) -> Rules:
    """The rules of one or more files together. Raises re.error or KeyError for a file with a mistake."""
    lists = _lists(tables)
    rows: dict[str, dict[str, Any]] = {}
    for table in tables:
        for row in table.get("danger", []):
            before = rows.get(row["name"])
            rows[row["name"]] = (
                row
                if before is None
                else before | {name: [*before.get(name, []), *row.get(name, [])] for name in ("say", "short")}
            )
    kinds = tuple(
        _Kind(
            r["name"],
            Words(*r["title"]),
            tuple(r["call"]),
            r["to"],
            re.compile(_any(r.get("say", []))),
            re.compile(_any([*r.get("say", []), *r.get("short", [])])),
        )
        for r in rows.values()
    )
    filler = _any(lists["filler"])
    unreal, past, now, over, after = (
        re.compile(_any(lists[name])) for name in ("unreal", "past", "now", "over", "after")
    )
    no = re.compile(f"(?:{_any(lists['no'])})(?:{filler}){{0,3}}$")
    return Rules(kinds, re.compile(_any(lists["alike"])), no, unreal, past, now, over, after)


@lru_cache(maxsize=2)
def _of(city: Path, stamp: int) -> Rules:
    files = [Path(__file__).with_name(FILE), *([city] if stamp else [])]
    return compiled([tomllib.loads(path.read_text("utf-8")) for path in files])


def rules() -> Rules:
    """The rules of this city, read anew when its file changed. A mistake in the city's file leaves the common rules standing."""
    city = Path(settings.CITY) / FILE
    try:
        return _of(city, city.stat().st_mtime_ns)
    except (OSError, re.error, KeyError, TypeError, tomllib.TOMLDecodeError):
        return _common()


@cache
def _common() -> Rules:
    return _of(Path(), 0)


def _taken_back(rules_: Rules, sentence: str, start: int, end: int) -> bool:
    """Whether the sentence says of these words that it is not so, not now, or only feared."""
    before, behind = sentence[:start], sentence[end:]
    clause = _comma.split(before)[-1]
    if rules_.no.search(clause) or rules_.after.match(behind):
        return True
    near = clause[-NEAR:] + _comma.split(sentence[start:end])[0]  # a wide hit may hold the word of fear itself
    if rules_.unreal.search(near) and not rules_.now.search(clause[-NEAR:]):
        return True
    told = list(rules_.past.finditer(before))
    if told and not rules_.now.search(sentence[told[-1].end() :]):
        return True
    return bool(rules_.over.search(behind)) and not rules_.now.search(behind)


def heard(text: str, rules_: Rules | None = None) -> list[Danger]:
    """The dangers in a text, each once, in the order of the rule file; [] where nothing sounds like one."""
    use = rules_ or rules()
    said = folded(text if len(text) <= LONGEST else text[: LONGEST // 2] + "\n" + text[-LONGEST // 2 :]).translate(
        _MARKS
    )
    said = use.alike.sub(lambda found: "·" * len(found.group()), said)
    sentences = [(found.start(), found.group()) for found in _sentence.finditer(said)]
    out = []
    for kind in use.kinds:
        words: dict[str, None] = {}
        for at, sentence in sentences:
            for found in (kind.short if len(said) <= SHORT else kind.says).finditer(sentence):
                inside = len(said) > LETTER and HEAD < at + found.start() < len(said) - TAIL
                if inside and not use.now.search(sentence):
                    continue
                if not _taken_back(use, sentence, found.start(), found.end()):
                    words[found.group().strip("，, ")] = None
        if words:
            out.append(Danger(kind.name, kind.title, kind.call, kind.to, tuple(words)[:4]))
    return out


def calls(dangers: Iterable[Danger]) -> list[str]:
    """The numbers to call first, most pressing first: what the most dangers name first, then the usual order."""
    found = list(dangers)
    first = [danger.call[0] for danger in found]
    every = {number for danger in found for number in danger.call}
    return sorted(every, key=lambda n: (-first.count(n), ORDER.index(n) if n in ORDER else 9, n))


def numbers(text: str) -> list[str]:
    """The numbers to call first for this text; [] where nothing sounds like danger."""
    return calls(heard(text))
