"""The games a unit can play with limits, closings and ratings, each as a count: of how many acts, how many look like it. Pure.

Each counts per unit, never per person: an extract has no field for one. What a count is worth is said by odds.py and thresholds.toml.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import exp, log, sqrt

from minan.systems.proof.odds import Common
from minan.systems.proof.trail import ANSWERS, BY_SPEAKER, CLASSIFIES, CLOSES, PAUSES, RESUMES, Act, Matter

DAY = 1440
BEIJING_MINUTES = 480
Limits = Mapping[str, float]


@dataclass(slots=True)
class Count:
    """Of n acts of a unit x look like the game; `names` are the matters they belong to."""

    n: int = 0
    x: int = 0
    names: list[str] = field(default_factory=list)
    habit: tuple[int, int] = (0, 0)  # the same at other times, where a game compares a unit with itself

    def add(self, hit: bool, name: str) -> None:
        self.n += 1
        if hit:
            self.hit(name)

    def hit(self, name: str) -> None:
        """One more; of a matter in which it was done twice still one."""
        if not self.names or self.names[-1] != name:
            self.x += 1
            self.names.append(name)


Counts = dict[str, Count]
Game = Callable[[list[Matter], Limits], Counts]


def _counts() -> defaultdict[str, Count]:
    return defaultdict(Count)


def _answers(matters: Iterable[Matter]) -> Iterable[tuple[Matter, Act]]:
    return ((m, a) for m in matters for a in m.acts if a.step in ANSWERS and a.unit)


def _left(act: Act) -> float | None:
    """Minutes before the end; negative behind it."""
    return act.due - act.at if act.due is not None and act.at is not None else None


def _touched(matters: Iterable[Matter]) -> defaultdict[str, Count]:
    """Of how many matters a unit could change the category: those it led or acted on."""
    out = _counts()
    for matter in matters:
        for unit in {a.unit for a in matter.acts if a.unit and a.by_staff}:
            out[unit].n += 1
    return out


# ---- before the limit


def heap(matters: list[Matter], limits: Limits) -> Counts:
    """Answers in the last minutes before the limit, of those in the hours before it; with the unit's habit at the same hours of other days.

    A density that jumps at the limit (McCrary), measured so that who always writes up in the evening is not taken for who beats a limit.
    """
    out = _counts()
    for matter, act in _answers(matters):
        left = _left(act)
        if left is None or left < 0 or left % DAY > limits["around"] or (act.span or DAY + 1) <= DAY:
            continue  # a limit of a day or less has no other days to compare with: see edge
        if left < DAY:
            out[act.unit].add(left <= limits["minutes"], matter.name)
        else:
            of, late = out[act.unit].habit
            out[act.unit].habit = (of + 1, late + (left % DAY <= limits["minutes"]))
    return out


def edge(matters: list[Matter], limits: Limits) -> Counts:
    """Answers in the very last minutes of a limit of a day or less, of all that had such a limit."""
    out = _counts()
    for matter, act in _answers(matters):
        left = _left(act)
        if left is not None and act.span is not None and act.span <= DAY:
            out[act.unit].add(0 <= left <= limits["minutes"], matter.name)
    return out


# ---- many at once


def _bursts(times: list[tuple[float, str]], least: int, minutes: float) -> list[str]:
    """The names of what lies in a window of `minutes` with at least `least` of them."""
    times.sort()
    inside, first = [False] * len(times), 0
    for last in range(len(times)):
        while times[last][0] - times[first][0] > minutes:
            first += 1
        if last - first + 1 >= least:
            for i in range(last, first - 1, -1):
                if inside[i]:
                    break
                inside[i] = True
    return [name for (_, name), hit in zip(times, inside, strict=True) if hit]


def _in_bursts(times: Mapping[str, list[tuple[float, str]]], limits: Limits) -> Counts:
    out = _counts()
    for unit, some in times.items():
        names = _bursts(some, int(limits["burst"]), limits["minutes"])
        out[unit] = Count(len(some), len(names), names)
    return out


def _closings(matters: Iterable[Matter]) -> Iterable[tuple[Matter, Act]]:
    for matter in matters:
        for act in matter.acts:
            if act.by_staff and act.step in CLOSES and act.unit and act.at is not None:
                yield matter, act


def bulk(matters: list[Matter], limits: Limits) -> Counts:
    """Closings of one unit within a few minutes."""
    times: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    last: tuple[str, float] = ("", 0.0)
    for matter, act in _closings(matters):
        if (act.at or 0.0) - last[1] > limits["minutes"] or last[
            0
        ] != matter.name:  # answered and closed in one go is one
            times[act.unit].append((act.at or 0.0, matter.name))
        last = (matter.name, act.at or 0.0)
    return _in_bursts(times, limits)


def night(matters: list[Matter], limits: Limits) -> Counts:
    """Closings by staff at night, of matters that were not urgent."""
    out = _counts()
    for matter, act in _closings(matters):
        if matter.urgency in ("", "ordinary"):
            hour = ((act.at or 0.0) + BEIJING_MINUTES) % DAY / 60
            out[act.unit].add(hour >= limits["from_hour"] or hour < limits["to_hour"], matter.name)
    return out


# ---- pauses


def _pauses(matters: Iterable[Matter]) -> Iterable[tuple[Matter, Act, Act | None]]:
    """Each pause by staff with what ended it."""
    for matter in matters:
        begun: Act | None = None
        for act in matter.acts:
            if act.step in PAUSES and act.by != "speaker":
                begun = act
            elif act.step in RESUMES and begun is not None:
                yield matter, begun, act
                begun = None
        if begun is not None:
            yield matter, begun, None


def _near(act: Act, limits: Limits) -> bool:
    """Whether an act came when little of its limit was left."""
    left = _left(act)
    if left is None or left < 0:
        return False
    return left <= max(limits["minutes"], limits["part"] * (act.span or 0.0))


def pause_late(matters: list[Matter], limits: Limits) -> Counts:
    """Pauses begun when the limit was nearly over, of the matters the unit acted on."""
    out = _touched(matters)
    for matter, begun, _ in _pauses(matters):
        if begun.unit and _near(begun, limits):
            out[begun.unit].hit(matter.name)
    return out


def pause_often(matters: list[Matter], limits: Limits) -> Counts:
    """Matters that were paused, of the matters the unit acted on."""
    out = _touched(matters)
    for matter, begun, _ in _pauses(matters):
        if begun.unit:
            out[begun.unit].hit(matter.name)
    return out


def pause_same(matters: list[Matter], limits: Limits) -> Counts:
    """Pauses ended by staff that all last the same time, of such pauses: nobody's answer takes the same time always."""
    lengths: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for matter, begun, ended in _pauses(matters):
        if ended is not None and ended.by_staff and None not in (begun.at, ended.at):
            length = (ended.at or 0.0) - (begun.at or 0.0)
            lengths[begun.unit or matter.lead].append((round(length / limits["round"]), matter.name))
    out = _counts()
    for unit, rows in lengths.items():
        most, _ = Counter(length for length, _ in rows).most_common(1)[0]
        names = [name for length, name in rows if length == most]
        out[unit] = Count(len(rows), len(names), names)
    return out


# ---- judgements


def _judged(matters: Iterable[Matter]) -> Iterable[tuple[Matter, Act, str]]:
    for matter in matters:
        lead = matter.lead
        if lead:
            for act in matter.acts:
                if act.judged:
                    yield matter, act, lead


def ring(matters: list[Matter], limits: Limits) -> Counts:
    """The speakers' own best judgements within a few minutes, of their judgements."""
    times: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for matter, act, lead in _judged(matters):
        if act.judged in BY_SPEAKER and act.top and act.at is not None:
            times[lead].append((act.at, matter.name))
    return _in_bursts(times, limits)


def ring_often(matters: list[Matter], limits: Limits) -> Counts:
    """Matters judged best by the speaker's own link, of those answered: far more than people elsewhere care to give."""
    out = _counts()
    for matter in matters:
        if matter.lead and any(a.step in ANSWERS for a in matter.acts):
            own = [a for a in matter.acts if a.judged in BY_SPEAKER]
            out[matter.lead].add(bool(own) and own[-1].top, matter.name)
    return out


def ring_run(matters: list[Matter], limits: Limits) -> Counts:
    """The longest run of satisfied judgements without one that is not: x is its length, n all own judgements."""
    rows: defaultdict[str, list[tuple[float, bool, str]]] = defaultdict(list)
    for matter, act, lead in _judged(matters):
        if act.judged in BY_SPEAKER and act.satisfied is not None and act.at is not None:
            rows[lead].append((act.at, act.satisfied, matter.name))
    out = _counts()
    for unit, some in rows.items():
        some.sort()
        best: list[str] = []
        run: list[str] = []
        for _, satisfied, name in some:
            run = [*run, name] if satisfied else []
            best = run if len(run) > len(best) else best
        out[unit] = Count(len(some), len(best), best)
        out[unit].names = [*best]
    return out


def run_odds(count: Count, satisfied: int, usual: Common) -> float:
    """How improbable the longest run is for a unit as well liked as it is outside it, or as the better units of the city are."""
    outside = (satisfied - count.x + 9 * usual.share) / max(1, count.n - count.x + 10)
    liked = usual.share + 2 * sqrt(usual.share * (1 - usual.share) * usual.rho)
    return min(1.0, count.n * exp(count.x * log(min(0.995, max(outside, liked)))))


def taken_down(matters: list[Matter], limits: Limits) -> Counts:
    """Best judgements that staff took down, of all judgements: they stand in for the speakers' own."""
    out = _counts()
    for matter, act, lead in _judged(matters):
        out[lead].add(act.judged not in BY_SPEAKER and act.top, matter.name)
    return out


def taken_burst(matters: list[Matter], limits: Limits) -> Counts:
    """Best judgements taken down by staff within a few minutes: a return visit is a talk, and takes longer."""
    times: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for matter, act, lead in _judged(matters):
        if act.judged not in BY_SPEAKER and act.top and act.at is not None:
            times[lead].append((act.at, matter.name))
    return _in_bursts(times, limits)


# ---- categories


def _changed(matters: list[Matter], hit: Callable[[Act], bool]) -> Counts:
    out = _touched(matters)
    for matter in matters:
        for act in matter.acts:
            if act.step in CLASSIFIES and act.unit and hit(act):
                out[act.unit].hit(matter.name)
    return out


def longer(matters: list[Matter], limits: Limits) -> Counts:
    """Matters moved into a category with a longer limit."""
    return _changed(matters, lambda act: act.longer)


def longer_late(matters: list[Matter], limits: Limits) -> Counts:
    """… when the shorter limit was nearly over."""
    return _changed(matters, lambda act: act.longer and _near(act, limits))


def milder(matters: list[Matter], limits: Limits) -> Counts:
    """Matters made less urgent."""
    return _changed(matters, lambda act: act.milder)


def moved(matters: list[Matter], limits: Limits) -> Counts:
    """Matters whose kind, size or urgency was changed after they had been accepted."""
    return _changed(matters, lambda act: act.step == "reclassify")


# ---- ways out


def withdrawn(matters: list[Matter], limits: Limits) -> Counts:
    """Matters withdrawn "by the resident", of the matters led."""
    out = _counts()
    for matter in matters:
        if matter.lead:
            out[matter.lead].add(any(a.step == "withdraw" for a in matter.acts), matter.name)
    return out


def short(matters: list[Matter], limits: Limits) -> Counts:
    """Answers of very few words, of all answers."""
    out = _counts()
    for matter, act in _answers(matters):
        if act.length is not None:
            out[act.unit].add(act.length < limits["chars"], matter.name)
    return out


def ping_pong(matters: list[Matter], limits: Limits) -> Counts:
    """Matters sent back that had been sent back before, or were by the next, of those the unit acted on."""
    out = _touched(matters)
    for matter in matters:
        back = [a for a in matter.acts if a.step == "send_back" and a.unit]
        if len(back) >= int(limits["times"]):
            for unit in {a.unit for a in back}:
                out[unit].hit(matter.name)
    return out


GAMES: dict[str, Game] = {
    "heap": heap, "brink": heap, "edge": edge, "bulk": bulk, "night": night, "pause_late": pause_late, "pause_often": pause_often,
    "pause_same": pause_same, "ring": ring, "ring_often": ring_often, "ring_run": ring_run, "taken_down": taken_down,
    "taken_burst": taken_burst, "longer": longer, "longer_late": longer_late, "milder": milder, "moved": moved,
    "withdrawn": withdrawn, "short": short, "ping_pong": ping_pong,
}  # fmt: skip
FAMILIES = {
    "heaping": ("heap", "brink", "edge"), "bulk": ("bulk", "night"), "pauses": ("pause_late", "pause_often", "pause_same"),
    "ratings": ("ring", "ring_often", "ring_run", "taken_down", "taken_burst"), "laundering": ("longer", "longer_late", "milder", "moved"),
    "withdrawn": ("withdrawn",), "short": ("short",), "ping_pong": ("ping_pong",),
}  # fmt: skip


def satisfied(matters: list[Matter]) -> dict[str, tuple[int, int]]:
    """Unit → (own judgements, satisfied ones)."""
    out: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for _, act, lead in _judged(matters):
        if act.judged in BY_SPEAKER and act.satisfied is not None and act.at is not None:
            out[lead][0] += 1
            out[lead][1] += act.satisfied
    return {unit: (n, x) for unit, (n, x) in out.items()}
