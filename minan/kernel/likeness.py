"""Which earlier matters may be the one just told, in other words: candidates for merging, for a clerk to decide.

Words are compared by pairs of characters, so no word list is needed; words of one meaning (a city's own table) count as
one; rare words weigh more than common ones. What kind it is, how far away and how long ago add to it or take from it.
Nothing here decides: the clerk sees the five nearest, why, and says yes or no.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from operator import add

from minan.lib import geo
from minan.lib.text import folded

TEXT_MAX = 600
CANDIDATES_MAX = 2000
CONCEPTS_MAX = 3000

# How much each sign weighs beside the likeness of the words (0 to 1). Set by a short search over made-up cities whose
# seeds no test uses (tests/tellings.py); a city with merged cases of its own can judge them again the same way.
SAME_KIND, SAME_GROUP, OTHER_GROUP = 0.38, 0.1, -0.14
# How far a chosen kind is believed, how far words are, and the strength of the city's own words for a kind.
KIND_CHOSEN, KIND_TRUST, KIND_SMOOTH, LEXICON = 6.0, 0.4, 16.0, 20
NEAR, FAR, REACH_METRES = 0.38, -0.46, 250.0
SAME_VILLAGE, SAME_TOWN = 0.20, 0.0
SOON, DECAY_DAYS = 0.15, 15.0
CONCEPT_WEIGHT, LETTER_WEIGHT = 1.6, 0.45
BECAUSE_MAX = 8

_FIRST = 0xE000  # one private character per group of synonyms; the private area is emptied of what people typed
_private = re.compile("[\ue000-\uf8ff]")
_run = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\U00020000-\U000323af]+|[a-z0-9]+")
_filler = re.compile(
    "您好|你好|请问|谢谢|麻烦|领导|反映|希望|盼|回复|尽快|处理|解决|没人管|[请求的了吗呢啊吧呀着是在也都就还又很太把被给和跟与这那我你他她它们个有]"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A matter as far as likeness goes. kind and group "" and lon, lat None when unknown; place a full division code."""

    id: str
    text: str
    kind: str
    group: str
    lon: float | None
    lat: float | None
    place: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Match:
    """How like a matter is: score (higher is liker), the words both have, metres apart if known, days apart."""

    id: str
    score: float
    because: list[str]
    metres: float | None
    days: float


class Synonyms:
    """Groups of words that mean one thing here. A word in two groups belongs to the first."""

    def __init__(self, groups: Iterable[Iterable[str]] = (), kinds: Mapping[str, str] | None = None) -> None:
        self._kinds = dict(kinds or {})
        self._sign: dict[str, str] = {}
        for number, group in enumerate(groups):
            if number >= CONCEPTS_MAX:
                raise ValueError(f"more than {CONCEPTS_MAX} groups of synonyms")
            for word in group:
                self._sign.setdefault(folded(word).strip(), chr(_FIRST + number))
        self._sign.pop("", None)
        self._sizes: dict[str, list[int]] = {}  # a regular expression of a thousand words would be slower
        for first in {word[0] for word in self._sign}:
            self._sizes[first] = sorted({len(word) for word in self._sign if word[0] == first}, reverse=True)
        self.features = lru_cache(maxsize=3_000)(self._features)

    def _known(self, text: str) -> tuple[str, dict[str, str]]:
        plain = _private.sub("", folded(text[:TEXT_MAX]))
        out, stood, at, end = [], {}, 0, len(plain)
        while at < end:
            letter = plain[at]
            for size in self._sizes.get(letter, ()):
                word = plain[at : at + size]
                if word in self._sign:
                    letter = self._sign[word]
                    stood[letter] = word
                    at += size - 1
                    break
            out.append(letter)
            at += 1
        return "".join(out), stood

    def signed(self, text: str) -> str:
        """The text with each known word as its group's one sign."""
        return self._known(text)[0]

    def _features(self, text: str) -> frozenset[str]:
        found: set[str] = set()
        for run in _run.findall(_filler.sub(" ", self.signed(text))):
            if run[0] <= "z":
                found.add(run)
                continue
            found.update(run)
            found.update(map(add, run, run[1:]))
        return frozenset(found)

    def ordered(self, text: str) -> list[tuple[int, int, str]]:
        """The features of a text as they stand in it: first and last character, the feature."""
        found: list[tuple[int, int, str]] = []
        for run in _run.finditer(_filler.sub(" ", self.signed(text))):
            at, words = run.start(), run[0]
            if words[0] <= "z":
                found.append((at, run.end() - 1, words))
                continue
            for n, letter in enumerate(words):
                found.append((at + n, at + n, letter))
                if n + 1 < len(words):
                    found.append((at + n, at + n + 1, words[n : n + 2]))
        return found

    def kind_features(self, kind: str) -> frozenset[str]:
        """What the city's words for a kind are made of; nothing for a kind without words."""
        return self.features(self._kinds.get(kind, ""))

    def surfaces(self, text: str) -> dict[str, str]:
        """Each sign in a text → the word that stood there."""
        return self._known(text)[1]


def synonyms_from(words: Mapping[str, object], kinds: Mapping[str, str] | None = None) -> Synonyms:
    """Synonyms from a city's words.toml (`same` under [likeness], one group a string with | between the words) and the
    `words` column of its kinds, by code."""
    likeness = words.get("likeness")
    same = likeness.get("same", []) if isinstance(likeness, Mapping) else []
    return Synonyms((str(group).split("|") for group in same), kinds)


def _place_score(query: Candidate, other: Candidate) -> tuple[float, float | None]:
    """What the places say, and the metres if both points are known. Unknown or county-wide places say nothing."""
    if query.lon is not None and query.lat is not None and other.lon is not None and other.lat is not None:
        apart = geo.metres((query.lon, query.lat), (other.lon, other.lat))
        return FAR + (NEAR - FAR) / (1 + (apart / (2 * REACH_METRES)) ** 4), apart
    village, town = query.place[:12], query.place[:9]
    if village == other.place[:12] and not village.endswith("000"):
        return SAME_VILLAGE, None
    if town.endswith("000") or other.place[6:9] in ("", "000"):
        return 0.0, None
    if town != other.place[:9]:
        return FAR, None
    either_unknown = village.endswith("000") or other.place[9:12] in ("", "000")
    return (SAME_TOWN if either_unknown else FAR / 2), None


def _kind_beliefs(
    query: Candidate, others: Sequence[Candidate], shared: Sequence[frozenset[str]], city: Synonyms
) -> dict[str, float]:
    """How probable each kind is for the query, summing to 1: by what was chosen, and by the words its neighbours' kinds use.

    A bounded naive Bayes over single characters: the candidates, whose kinds a desk has set, and the city's words per kind.
    """
    sizes = Counter(other.kind for other in others if other.kind)
    uses: dict[str, Counter[str]] = {kind: Counter() for kind in sizes}
    for other, features in zip(others, shared, strict=True):
        if other.kind:
            uses[other.kind].update(feature for feature in features if len(feature) == 1)
    asked = city.features(query.text)
    for kind in sizes:
        sizes[kind] += LEXICON
        uses[kind].update(dict.fromkeys((f for f in asked & city.kind_features(kind) if len(f) == 1), LEXICON))
    total = sum(sizes.values())
    everywhere: Counter[str] = Counter()
    for used in uses.values():
        everywhere.update(used)
    evidence = {}
    for kind, size in sizes.items():
        used = uses[kind]
        evidence[kind] = KIND_TRUST * sum(
            math.log((used[feature] * total / count + KIND_SMOOTH) / (size + KIND_SMOOTH))
            for feature, count in everywhere.items()
        )
    if query.kind:
        evidence[query.kind] = evidence.get(query.kind, min(evidence.values(), default=0.0)) + KIND_CHOSEN
    most = max(evidence.values(), default=0.0)
    odds = {kind: math.exp(value - most) for kind, value in evidence.items()}
    whole = sum(odds.values()) or 1.0
    return {kind: value / whole for kind, value in odds.items()}


def _kind_score(beliefs: Mapping[str, float], groups: Mapping[str, float], other: Candidate) -> float:
    if not other.kind or not beliefs:
        return 0.0
    same, group = beliefs.get(other.kind, 0.0), groups.get(other.group, 0.0)
    return SAME_KIND * same + SAME_GROUP * (group - same) + OTHER_GROUP * (1 - group)


def _factor(feature: str) -> float:
    if len(feature) > 1:
        return 1.0
    return CONCEPT_WEIGHT if _is_sign(feature) else LETTER_WEIGHT


def _is_sign(feature: str) -> bool:
    return "\ue000" <= feature <= "\uf8ff"


def _weights(asked: frozenset[str], all_features: Sequence[frozenset[str]]) -> dict[str, float]:
    """Rarity of each feature among the candidates: ln((n+2)/(df+1)), never below a tenth."""
    known = Counter(feature for features in all_features for feature in features)
    known.update(asked)
    total = len(all_features) + 2
    return {feature: max(0.1, math.log(total / (count + 1))) * _factor(feature) for feature, count in known.items()}


def _pieces(run: str, pairs: set[str]) -> list[str]:
    """A run of Han characters cut where two neighbours are not shared as a pair."""
    cuts = [0, *(n for n in range(1, len(run)) if run[n - 1 : n + 1] not in pairs), len(run)]
    return [run[start:end] for start, end in pairwise(cuts)]


def _because(
    shared: frozenset[str], weights: Mapping[str, float], query: str, other: str, synonyms: Synonyms
) -> list[str]:
    """The shared words as the clerk reads them: pieces joined as they stand in the query, "灯≈照明" for synonyms."""
    here, there = synonyms.surfaces(query), synonyms.surfaces(other)
    pairs = {feature for feature in shared if len(feature) > 1}
    words: dict[str, float] = {}
    for run in _run.findall(_filler.sub(" ", synonyms.signed(query))):
        for piece in [run] if run[0] <= "z" else _pieces(run, pairs):
            if (piece not in shared and len(piece) < 3) or (len(piece) == 1 and not _is_sign(piece)):
                continue  # a lone character tells a clerk nothing
            shown = "".join(here.get(letter, letter) for letter in piece)
            same = "".join(there.get(letter, letter) for letter in piece)
            worth = weights.get(piece, 0.0) + sum(weights.get(a + b, 0.0) for a, b in pairwise(piece))
            words[shown if shown == same else f"{shown}≈{same}"] = worth
    return sorted(words, key=lambda word: -words[word])[:BECAUSE_MAX]


def because(query: str, others: Sequence[str], synonyms: Synonyms) -> list[str]:
    """The words a text has in common with half of the others or more, what most of them share first."""
    features, times = synonyms.features(query), Counter[str]()
    for other in others:
        shared = features & synonyms.features(other)
        times.update(_because(shared, dict.fromkeys(shared, 1.0), query, other, synonyms))
    return [word for word, count in times.most_common(BECAUSE_MAX) if count * 2 >= len(others)]


def rank(
    query: Candidate, candidates: Iterable[Candidate], synonyms: Synonyms, *, now: datetime, limit: int = 20
) -> list[Match]:
    """The likest candidates, best first; the query itself (by id) is left out. ValueError above 2,000 candidates.

    Who fetches them: the same county, open or closed within 60 days, and the same town, or within 1 km, or sharing grams.
    """
    others = [other for other in candidates if other.id != query.id]
    if len(others) > CANDIDATES_MAX:
        raise ValueError(f"more than {CANDIDATES_MAX} candidates")
    asked = synonyms.features(query.text)
    known = [synonyms.features(other.text) for other in others]
    weights = _weights(asked, known)
    squares = {feature: weight * weight for feature, weight in weights.items()}
    length = math.sqrt(sum(squares[feature] for feature in asked)) or 1.0
    moment = min(query.at, now)
    shared = [asked & features for features in known]
    beliefs = _kind_beliefs(query, others, shared, synonyms)
    group_of = {other.kind: other.group for other in others if other.kind} | {query.kind: query.group}
    groups: dict[str, float] = {}
    for kind, belief in beliefs.items():
        groups[group_of[kind]] = groups.get(group_of[kind], 0.0) + belief
    scored: list[tuple[float, int, float | None, float]] = []
    for number, (other, features) in enumerate(zip(others, known, strict=True)):
        own = math.sqrt(sum(map(squares.__getitem__, features))) or 1.0
        words = sum(map(squares.__getitem__, shared[number])) / (length * own)
        place, apart = _place_score(query, other)
        days = abs((moment - other.at).total_seconds()) / 86400
        score = words + place + _kind_score(beliefs, groups, other) + SOON * math.exp(-days / DECAY_DAYS)
        scored.append((score, number, apart, days))
    scored.sort(key=lambda row: (-row[0], row[1]))
    matches = []
    for score, number, apart, days in scored[:limit]:
        other = others[number]
        because = _because(shared[number], weights, query.text, other.text, synonyms)
        matches.append(Match(other.id, round(score, 4), because, apart, round(days, 1)))
    return matches
