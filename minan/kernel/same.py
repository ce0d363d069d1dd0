"""Which of many open matters may be one and the same: groups for a clerk to look through. Nothing here merges anything.

Each pair near enough in place and time gets one number, the sum of what words, numbers, kind, place and days say; above one
fixed threshold it may be the same. Words that follow each other in both tellings are one thing both name, and count once: of
two things named by both, one may be where and one what; a long name alone is only where. A thing tells more the rarer it is
among matters of that kind and in that village. Another building, staircase, well or bus line is another matter. Groups grow by
the mean over all their pairs, so that A like B and B like C does not make A like C. The weights were fitted to a made-up city
(`tests/tellings.py`, seed 101) and to tellings two language models wrote for it (`tests/same_tuning.txt`,
`same_tuning_two.txt`), none by residents; neither a test nor `bench.likeness` judges by these.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from minan.kernel.likeness import CANDIDATES_MAX, Candidate, Synonyms, because
from minan.lib import geo
from minan.lib.text import folded

DAYS_MOST, METRES_MOST, PAIRS_MOST, GROUP_MOST = 60.0, 1000.0, 300_000, 30
SAME = 0.0  # at this sum or above two matters may be one
# What each sign adds. Where kinds differ, words may say more than where they agree: there kind and place have said it already.
BASE, FIRST, SECOND, LOCAL, TELLING = 1.2, 0.46, 10.8, 0.15, 1.5  # TELLING: what e⁻¹·⁵ of a kind's matters say tells nothing
WORDS_APART, WORDS_ALIKE = 2.65, 0.64  # at most, where the kinds differ and where they agree
KIND, BESIDE, UNLIKE = 0.54, 0.02, 0.0025  # BESIDE: what another kind of the same group is worth beside the same kind
FAR, LATE, LATE_DAYS = -4.8, -4.1, 30.0  # a kilometre; thirty days and more
SAME_NUMBER, OTHER_NUMBER = 2.3, -15.0
UNSCORED = -10.0  # what a pair too far apart counts for in the mean of a group
# How far a chosen kind is believed, and how far words are: a bounded naive Bayes over single characters and synonyms.
KIND_CHOSEN, KIND_TRUST, KIND_SMOOTH, LEXICON = 4.0, 0.6, 4.0, 20
PRIOR, LEAST_SHARE = 8.0, 0.001


@dataclass(frozen=True, slots=True)
class Group:
    """Matters that may be one, oldest first; the words all or most share; metres and days between the two furthest apart."""

    ids: tuple[str, ...]
    because: tuple[str, ...]
    metres: float | None
    days: float


def _beliefs(rows: Sequence[Candidate], known: Sequence[frozenset[str]], synonyms: Synonyms) -> list[dict[str, float]]:
    """For each row how probable each kind is (those above 1 %): by what was chosen and by the words that rows of a kind use."""
    sizes = Counter(row.kind for row in rows if row.kind)
    uses: dict[str, Counter[str]] = {kind: Counter() for kind in sizes}
    for row, features in zip(rows, known, strict=True):
        if row.kind:
            uses[row.kind].update(f for f in features if len(f) == 1)
    for kind in sizes:
        sizes[kind] += LEXICON
        uses[kind].update(dict.fromkeys((f for f in synonyms.kind_features(kind) if len(f) == 1), LEXICON))
    total, everywhere = sum(sizes.values()), Counter[str]()
    for used in uses.values():
        everywhere.update(used)
    none = {kind: math.log(KIND_SMOOTH / (size + KIND_SMOOTH)) for kind, size in sizes.items()}
    tells: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for kind, used in uses.items():
        for feature, count in used.items():
            tells[feature].append((kind, math.log1p(count * total / everywhere[feature] / KIND_SMOOTH)))
    return [_belief(row, features, none, tells) for row, features in zip(rows, known, strict=True)]


def _belief(
    row: Candidate, features: frozenset[str], none: Mapping[str, float], tells: Mapping[str, list[tuple[str, float]]]
) -> dict[str, float]:
    said = [tells[f] for f in features if f in tells]
    evidence = {kind: KIND_TRUST * len(said) * value for kind, value in none.items()}
    for told in said:
        for kind, value in told:
            evidence[kind] += KIND_TRUST * value
    if row.kind:
        evidence[row.kind] += KIND_CHOSEN
    most = max(evidence.values(), default=0.0)
    odds = {kind: math.exp(value - most) for kind, value in evidence.items()}
    whole = sum(odds.values())
    return {kind: value / whole for kind, value in odds.items() if value > whole / 100}


_digits = "零一二三四五六七八九"
_one = r"(?<![\d零〇一二三四五六七八九十百千])(?:\d{1,4}|[零〇一二三四五六七八九十两]{1,4})"
# Of a list or a span (5、6号楼, 1-3号楼) nobody knows which is meant: then the telling says nothing of buildings.
_counted = re.compile(
    rf"({_one}号?(?:[、,，\-–—~～至到和跟或]))?({_one})(号居民楼|号楼|栋|幢|单元|号机井|号井|路公交|路车)"
)
_WHAT = {
    "号居民楼": "building", "号楼": "building", "栋": "building", "幢": "building", "单元": "stair", "号机井": "well", "号井": "well",
    "路公交": "bus", "路车": "bus",
}  # fmt: skip


def _number(text: str) -> int:
    """三 is 3, 十二 is 12, 二〇三 is 203; −1 for what may be several, as 三四."""
    if text.isdecimal():
        return int(text)
    plain = text.replace("两", "二").replace("〇", "零")
    tens, ten, ones = plain.rpartition("十")
    if ten:
        return -1 if len(tens) > 1 or len(ones) > 1 or "零" in tens + ones else (_digits.find(tens or "一") * 10 + _digits.find(ones or "零"))
    if len(plain) > 1 and "零" not in plain[1:]:
        return -1
    return int("".join(str(_digits.index(one)) for one in plain))


def numbers(text: str) -> dict[str, frozenset[int]]:
    """Which buildings, staircases, wells and bus lines a telling names: 三号楼二单元 is building 3, stair 2."""
    found: dict[str, set[int]] = defaultdict(set)
    for listed, said, unit in _counted.findall(text):
        found[_WHAT[unit]].add(-1 if listed else _number(said))
    return {what: frozenset(ns) for what, ns in found.items() if -1 not in ns}


def _tells(feature: str) -> bool:
    """Whether a feature is two characters, a number or a synonym's sign: one character alone tells too little."""
    return len(feature) > 1 or "\ue000" <= feature <= "\uf8ff"


class _Town:
    """The rows with what is known of each: its features, kinds, and how much each of its words tells."""

    def __init__(self, rows: Sequence[Candidate], synonyms: Synonyms) -> None:
        self.rows = rows
        every = [synonyms.features(row.text) for row in rows]
        self.kinds = _beliefs(rows, every, synonyms)
        self.groups = [self._grouped(beliefs) for beliefs in self.kinds]
        self.known = [frozenset(filter(_tells, features)) for features in every]
        self.order = [[found for found in synonyms.ordered(row.text) if _tells(found[2])] for row in rows]
        self.numbers = [numbers(folded(row.text)) for row in rows]
        self.everywhere = Counter(f for features in self.known for f in features)
        self.of_kind: dict[str, Counter[str]] = defaultdict(Counter)
        self.size: Counter[str] = Counter()
        self.here: dict[str, Counter[str]] = defaultdict(Counter)
        self.village: Counter[str] = Counter()
        self.best = [max(beliefs, key=lambda kind: beliefs[kind], default="") for beliefs in self.kinds]
        for row, kind, features in zip(rows, self.best, self.known, strict=True):
            self.of_kind[kind].update(features)
            self.size[kind] += 1
            self.here[row.place[:12]].update(features)
            self.village[row.place[:12]] += 1
        self.rare = [self._rare(kind, features) for kind, features in zip(self.best, self.known, strict=True)]

    @staticmethod
    def _grouped(beliefs: Mapping[str, float]) -> dict[str, float]:
        found: dict[str, float] = {}
        for kind, belief in beliefs.items():
            group = kind.split(".", maxsplit=1)[0]
            found[group] = found.get(group, 0.0) + belief
        return found

    def _rare(self, kind: str, features: frozenset[str]) -> dict[str, float]:
        """−ln of the share of a kind's rows that have the feature, but for the two compared, smoothed by its share of all rows."""
        used, size, whole = self.of_kind[kind], max(0, self.size[kind] - 2) + PRIOR, len(self.rows)
        found = {}
        for f in features:
            share = (max(0, used[f] - 2) + PRIOR * max(0.5, self.everywhere[f] - 2) / whole) / size
            found[f] = -math.log(min(1.0, max(LEAST_SHARE, share)))
        return found

    def cheap(self, a: int, b: int) -> tuple[float, float, float] | None:
        """How far the kinds agree (0 to 1), far, late: what needs no words. None: too far in place or time to be looked at."""
        one, two = self.rows[a], self.rows[b]
        days = abs((one.at - two.at).total_seconds()) / 86400
        if days > DAYS_MOST:
            return None
        far = 0.0
        if one.lon is not None and one.lat is not None and two.lon is not None and two.lat is not None:
            apart = geo.metres((one.lon, one.lat), (two.lon, two.lat))
            if apart > METRES_MOST:
                return None
            far = apart / METRES_MOST
        elif not _may_meet(one.place, two.place):
            return None
        mine, yours, wide, other = self.kinds[a], self.kinds[b], self.groups[a], self.groups[b]
        kind = sum(belief * yours.get(name, 0.0) for name, belief in mine.items())
        group = sum(belief * other.get(name, 0.0) for name, belief in wide.items())
        return kind + BESIDE * group, far, min(days, LATE_DAYS) / LATE_DAYS

    def words(self, a: int, b: int) -> float:
        """How much the things tell that both name: the two that tell most, and the one that is rarest in the village."""
        told, local = self._things(a, b)
        told.sort(reverse=True)
        first, second = [*told, 0.0, 0.0][:2]
        return math.sqrt(FIRST * first + SECOND * second) + LOCAL * local

    def _things(self, a: int, b: int) -> tuple[list[float], float]:
        shared = self.known[a] & self.known[b]
        mine, yours = self.rare[a], self.rare[b]
        here, size = self.here[self.rows[a].place[:12]], self.village[self.rows[a].place[:12]]
        told: list[float] = []
        local, end, seen = 0.0, -1, set[str]()
        for begin, stop, f in self.order[a] if shared else ():
            if f not in shared or f in seen:
                continue
            seen.add(f)
            if begin > end:
                told.append(0.0)
            end = max(end, stop)
            rare = min(mine[f], yours[f]) - TELLING
            if rare > 0:
                told[-1] = max(told[-1], rare)
                local = max(local, math.log((size + 2) / max(1, here[f] - 1)))
        return told, local

    def counted(self, a: int, b: int) -> float:
        """What the numbers say: another building or line is another matter, the same one more likely the same."""
        mine, yours = self.numbers[a], self.numbers[b]
        both = mine.keys() & yours.keys()
        if any(not mine[what] & yours[what] for what in both):
            return OTHER_NUMBER
        return SAME_NUMBER if both else 0.0


def _may_meet(one: str, two: str) -> bool:
    """Whether two places may be one where no points are known: one village, or one town where a village is unknown."""
    if one[:9] != two[:9] or one[6:9] in ("", "000"):
        return one[:6] == two[:6] and "000" in (one[6:9] or "000", two[6:9] or "000")
    return one[9:12] == two[9:12] or "000" in (one[9:12] or "000", two[9:12] or "000")


def _sum(agree: float, far: float, late: float) -> float:
    return BASE + KIND * math.log(agree + UNLIKE) + FAR * far + LATE * late


def _pairs(rows: Sequence[Candidate]) -> Iterator[tuple[int, int]]:
    """Pairs that may be near: of one village, with a row whose village nobody knows, or of cells of a kilometre that touch."""
    village: dict[str, list[int]] = defaultdict(list)
    cell: dict[tuple[int, int], list[int]] = defaultdict(list)
    loose: list[int] = []
    for n, row in enumerate(rows):
        near: set[int] = set(village[row.place[:12]]) | set(loose)
        if (row.place[9:12] or "000") == "000":
            near = set(range(n))
            loose.append(n)
        if row.lon is not None and row.lat is not None:
            x, y = int(row.lon * 85), int(row.lat * 111)
            near.update(m for i in (x - 1, x, x + 1) for j in (y - 1, y, y + 1) for m in cell.get((i, j), ()))
            cell[x, y].append(n)
        village[row.place[:12]].append(n)
        yield from ((m, n) for m in near)


def likenesses(rows: Sequence[Candidate], synonyms: Synonyms) -> tuple[dict[tuple[int, int], float], bool]:
    """The pairs (numbers of rows, lower first) that may come to SAME, and whether there were too many to look at.

    ValueError above 2,000 rows.
    """
    if len(rows) > CANDIDATES_MAX:
        raise ValueError(f"more than {CANDIDATES_MAX} rows")
    town, looked = _Town(rows, synonyms), 0
    found: dict[tuple[int, int], float] = {}
    for a, b in _pairs(rows):
        looked += 1
        if looked > PAIRS_MOST:
            return found, True
        cheap = town.cheap(a, b)
        if cheap is None:
            continue
        most = WORDS_APART + (WORDS_ALIKE - WORDS_APART) * min(1.0, cheap[0])
        base = _sum(*cheap) + town.counted(a, b)
        if base + most >= SAME:
            found[a, b] = base + min(most, town.words(a, b))
    return found, False


def clusters(
    size: int, scores: Mapping[tuple[int, int], float], apart: Collection[frozenset[int]] = ()
) -> list[list[int]]:
    """Rows joined as long as the mean over all pairs of two clusters is at SAME or above; never two that are held apart."""
    of = list(range(size))
    members: dict[int, list[int]] = {n: [n] for n in range(size)}
    held: dict[int, set[int]] = defaultdict(set)
    for a, b in map(tuple, apart):
        held[a].add(b)
        held[b].add(a)
    order = sorted((pair for pair, score in scores.items() if score >= SAME), key=lambda pair: (-scores[pair], pair))
    for a, b in order:
        one, two = of[a], of[b]
        if one == two or len(members[one]) + len(members[two]) > GROUP_MOST:
            continue
        across = [(min(x, y), max(x, y)) for x in members[one] for y in members[two]]
        if any(y in held[x] for x, y in across if x in held):
            continue
        if sum(scores.get(pair, UNSCORED) for pair in across) / len(across) < SAME:
            continue
        members[one] += members.pop(two)
        for n in members[one]:
            of[n] = one
    return [sorted(ns) for ns in members.values()]


def groups(
    rows: Sequence[Candidate],
    synonyms: Synonyms,
    scores: Mapping[tuple[int, int], float],
    apart: Collection[frozenset[str]] = (),
) -> list[Group]:
    """Groups of two and more of these rows that may be one matter, newest first. `apart`: pairs of ids a person said are two."""
    number, when = {row.id: n for n, row in enumerate(rows)}, {row.id: row.at for row in rows}
    held = [frozenset(number[i] for i in pair) for pair in apart if len(pair) == 2 and pair <= number.keys()]
    found = [_told([rows[n] for n in ns], synonyms) for ns in clusters(len(rows), scores, held) if len(ns) > 1]
    return sorted(found, key=lambda group: when[group.ids[-1]], reverse=True)


def _told(rows: list[Candidate], synonyms: Synonyms) -> Group:
    rows = sorted(rows, key=lambda row: (row.at, row.id))
    points = [(row.lon, row.lat) for row in rows if row.lon is not None and row.lat is not None]
    words = because(rows[-1].text, [row.text for row in rows[:-1]], synonyms)
    return Group(
        tuple(row.id for row in rows),
        tuple(words),
        max((geo.metres(a, b) for a, b in combinations(points, 2)), default=None),
        (rows[-1].at - rows[0].at).total_seconds() / 86400,
    )
