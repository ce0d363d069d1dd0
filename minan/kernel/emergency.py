"""Whether what is being said sounds like danger to life, and which telephone numbers stand in front then. Never stops a filing.

Pure: a text in, dangers out, in a few milliseconds. Two kinds of data: rules (emergency.toml beside this file, and a file of the
same name in the city's folder that adds to it) know words that tell, and what takes them back; points (`points`) know how the
first words of somebody in fear sound. The points judge what is short, and the first and last words of what is long, and count what
the rules made of it; the rules alone judge the rest of a letter, in which much is told that is no danger now.
The resident's page and the hotline ask the same engine.
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

from minan.kernel.points import points
from minan.kernel.procedure import Words
from minan.lib.text import folded

FILE = "emergency.toml"
ORDER = ("119", "120", "110", "122")
LONGEST = 2_000  # characters that are looked at; what is said later of a longer text is looked at from its end
NEAR = 14  # characters before a hit in which a word of fear or of chance takes it back
SHORT = 60  # characters: so much is said before a call is a telling; points were counted from sentences of this length
# Shares by the points: of all dangers, to be one; of one danger, to be named. Chosen on two strangers' sets.
ENOUGH, ENOUGH_IN_LETTER, NAMED, NAMES_MOST = 0.3, 0.5, 0.05, 3
# A text longer than this is a letter, in which what happened is told: danger counts at its head and its end, or where it says "now".
LETTER, HEAD, TAIL = 200, 60, 40
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
    own: re.Pattern[str]  # what the city added: it needs nobody's second word


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
    """The common rules and then a city's, together. Raises re.error or KeyError for a file with a mistake."""
    lists = _lists(tables)
    rows: dict[str, Mapping[str, Any]] = {}
    say: dict[str, list[str]] = {}
    own: dict[str, list[str]] = {}
    for turn, table in enumerate(tables):
        for row in table.get("danger", []):
            rows.setdefault(row["name"], row)
            (own if turn else say).setdefault(row["name"], []).extend(row.get("say", []))
    kinds = tuple(
        _Kind(
            name,
            Words(*row["title"]),
            tuple(row["call"]),
            row["to"],
            re.compile(_any([*say.get(name, []), *own.get(name, [])])),
            re.compile(_any(own.get(name, []))),
        )
        for name, row in rows.items()
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
        return common()


@cache
def common() -> Rules:
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


@dataclass(slots=True)
class _Ruled:
    """Dangers whose words stand in the text and are not taken back, with these words; and the signs of it for the points."""

    stand: dict[str, tuple[str, ...]]
    signs: set[str]


def _ruled(rules_: Rules, said: str) -> _Ruled:
    said = rules_.alike.sub(lambda found: "·" * len(found.group()), said.translate(_MARKS))
    sentences = [(found.start(), found.group()) for found in _sentence.finditer(said)]
    out = _Ruled({}, {f"@{name}" for name in ("unreal", "past", "now", "over") if getattr(rules_, name).search(said)})
    for kind in rules_.kinds:
        words: dict[str, None] = {}
        for at, sentence in sentences:
            for found in kind.says.finditer(sentence):
                inside = len(said) > LETTER and HEAD < at + found.start() < len(said) - TAIL
                if inside and not rules_.now.search(sentence):
                    continue
                if _taken_back(rules_, sentence, found.start(), found.end()):
                    out.signs.add("@back")
                else:
                    words[found.group().strip("，, ")] = None
        if words:
            out.stand[kind.name] = tuple(words)[:4]
            out.signs.add(f"@{kind.name}")
    return out


def signs(text: str, rules_: Rules | None = None) -> set[str]:
    """What the rules make of a text, as pieces for the points: @fire, @back (said and taken back), @past …"""
    return _ruled(rules_ or common(), folded(text)).signs


def _told(rules_: Rules, said: str) -> dict[str, tuple[str, ...]]:
    """Dangers in a text with the words that told, the likeliest first."""
    ruled, short = _ruled(rules_, said), len(said) <= SHORT
    if short:
        out = {
            kind.name: ruled.stand[kind.name]
            for kind in rules_.kinds
            if kind.name in ruled.stand and kind.own.search(said)
        }
        return out | _sounding(said, ruled, ENOUGH)
    out = dict(ruled.stand)
    for part in (said[:SHORT], said[-SHORT:]):
        out |= _sounding(part, _ruled(rules_, part), ENOUGH_IN_LETTER)
    return out


def _sounding(said: str, ruled: _Ruled, enough: float) -> dict[str, tuple[str, ...]]:
    """Dangers that a short text sounds like, the likeliest first."""
    sounds = points().heard(said, ruled.signs)
    if sounds.danger < enough:
        return {}
    likely = sorted(
        (name for name in sounds.because if sounds.shares[name] >= NAMED), key=lambda name: -sounds.shares[name]
    )
    return {name: ruled.stand.get(name) or sounds.because[name] for name in likely[:NAMES_MOST]}


def heard(text: str, rules_: Rules | None = None) -> list[Danger]:
    """The dangers in a text, each once, the likeliest first; [] where nothing sounds like one."""
    use = rules_ or rules()
    said = folded(text if len(text) <= LONGEST else text[: LONGEST // 2] + "\n" + text[-LONGEST // 2 :]).strip()
    kinds = {kind.name: kind for kind in use.kinds}
    told = _told(use, said) if said else {}
    return [Danger(name, kinds[name].title, kinds[name].call, kinds[name].to, words) for name, words in told.items()]


def calls(dangers: Iterable[Danger]) -> list[str]:
    """The numbers to call: the first one of each danger in their order, then the others of all in the usual order."""
    found = list(dangers)
    first = list(dict.fromkeys(danger.call[0] for danger in found))
    every = {number for danger in found for number in danger.call} - set(first)
    return first + sorted(every, key=lambda n: (ORDER.index(n) if n in ORDER else 9, n))


def numbers(text: str) -> list[str]:
    """The numbers to call first for this text; [] where nothing sounds like danger."""
    return calls(heard(text))
