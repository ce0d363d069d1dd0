"""A made-up year of a city in the lines of docs/extract.md: honest units of every size, skill and habit, and a few that cheat.

Honest does not mean alike: some units are always slow and answer on the last day, some write their answers up in one go before they
go home, every month's end is a rush, some never get a rating, some serve people without phones. A cheat is planted at a strength.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

BEGIN = datetime(2025, 1, 6, tzinfo=UTC) - timedelta(hours=8)  # a Monday, midnight in Beijing
DAY, OPEN, NOON, BACK, SHUT = 1440, 510, 720, 810, 1050  # minutes
DAYS = 364
CHEATS = ("heaping", "bulk", "pauses", "ratings", "laundering", "withdrawn", "short", "ping_pong")
OF_L8 = CHEATS[:5]
STRENGTHS = {  # the share of its matters a unit plays with
    "heaping": (0.2, 0.7), "bulk": (0.2, 0.8), "pauses": (0.15, 0.6), "ratings": (0.35, 0.95), "laundering": (0.12, 0.5),
    "withdrawn": (0.15, 0.5), "short": (0.3, 0.9), "ping_pong": (0.12, 0.5),
}  # fmt: skip


@dataclass
class Habits:
    """How one unit works, whether honest or not."""

    unit: str
    size: int
    chance: random.Random
    speed: float  # share of the limit an answer takes, in the middle
    late: float
    satisfied: float
    rates: float  # share of speakers who judge
    visited: float  # … who are asked by staff
    paused: float
    moved: float
    withdrawn: float
    terse: float
    batches: float  # answers written up together at the end of the day
    sent_back: float
    night: float
    cheat: str = ""
    strength: float = 0.0
    held: list[tuple[float, int]] = field(default_factory=list)


def habits(unit: str, seed: int, size: int) -> Habits:
    c = random.Random(f"{seed}:{unit}")
    return Habits(
        unit, size, c, c.betavariate(3, 3), c.betavariate(1.5, 14), c.betavariate(14, 3), c.betavariate(5, 10), c.betavariate(2, 18),
        c.betavariate(2, 28), c.betavariate(1.5, 60), c.betavariate(1.5, 60), c.betavariate(1.2, 25), c.choice((0, 0, 0.1, 0.3)),
        c.betavariate(1.5, 30), c.choice((0, 0, 0, 0.01, 0.03)),
    )  # fmt: skip


def working(minute: float) -> float:
    """The same minute, or the next one of office hours."""
    day, at = divmod(minute, DAY)
    while True:
        if day % 7 >= 5 or at >= SHUT:
            day, at = day + 1, OPEN
        elif at < OPEN:
            at = OPEN
        elif NOON <= at < BACK:
            at = BACK
        else:
            return day * DAY + at


def plus(minute: float, span: float) -> float:
    """So many office minutes later."""
    minute = working(minute)
    while span > 0:
        at = minute % DAY
        step = min(span, (NOON if at < NOON else SHUT) - at)
        minute, span = minute + step, span - step
        if span > 0:
            minute = working(minute)
    return minute


def due_of(start: float, days: int) -> float:
    day = int(start // DAY)
    while days:
        day += 1
        days -= day % 7 < 5
    return day * DAY + SHUT


def left_today(minute: float) -> float:
    """Office minutes left on that day."""
    at = minute % DAY
    return SHUT - max(at, BACK) + max(0, NOON - at) if minute == working(minute) else 0.0


def text(minute: float) -> str:
    return (BEGIN + timedelta(minutes=int(minute))).strftime("%Y-%m-%dT%H:%MZ")


class Story:
    """One matter's lines."""

    def __init__(self, name: str, who: Habits) -> None:
        self.name, self.who = name, who
        self.lines: list[dict[str, Any]] = []
        self.limit, self.span = 3, "3wd"
        self.due = 0.0

    def line(self, step: str, at: float, by: str, **more: Any) -> None:
        row = {"m": self.name, "n": len(self.lines) + 1, "step": step, "at": at, "by": by, "unit": self.who.unit}
        self.lines.append(row | more)


def said(chance: random.Random) -> float:
    """When somebody says something: by day, less on weekends."""
    while True:
        day = chance.randrange(DAYS - 25)
        if day % 7 < 5 or chance.random() < 0.4:
            return day * DAY + chance.triangular(6, 23, 10) * 60


def play(name: str, who: Habits) -> list[dict[str, Any]]:
    """One matter from its first word to its judgement."""
    c, story = who.chance, Story(name, who)
    at = said(c)
    cheats = who.cheat if c.random() < who.strength else ""
    urgent = c.random() < 0.08
    days = 1 if urgent else c.choices((3, 5, 15), (5, 4, 1))[0]
    story.limit, story.span = days, "24h" if urgent else f"{days}wd"
    story.line(
        "say",
        at,
        "speaker",
        kind=c.choice(("lamp", "road", "clean")),
        urgency="urgent" if urgent else "ordinary",
        place="131022",
    )
    at = at + c.uniform(3, 14) if urgent else plus(at, c.uniform(5, 120))
    story.due = at + DAY if urgent else due_of(at, days)
    story.line("accept", at, "staff", limit=story.span, due=story.due)
    if c.random() < who.withdrawn or (cheats == "withdrawn" and c.random() < 0.8):
        story.line("withdraw", plus(at, c.uniform(60, 900)), "speaker", due=story.due)
        return story.lines
    story.line("assign", at + c.uniform(1, 20), "staff")
    times = 1 + (c.random() < 0.05) if c.random() < who.sent_back else 0
    for _ in range(2 if cheats == "ping_pong" else times):
        story.line("send_back", plus(at, c.uniform(30, 400)), "staff", due=story.due)
    done = worked(story, at, urgent, cheats)
    if cheats == "laundering":
        launder(story, at, done, urgent)
        done = worked(story, plus(at, 900), False, "") if done > story.due else done
    elif c.random() < who.moved:
        move(story, at)
    if cheats == "pauses" or c.random() < who.paused:
        done = pause(story, at, done, cheats)
    chars = c.choice((0, 0, 5)) if cheats == "short" or c.random() < who.terse else c.choice((20, 20, 40, 40, 80, 160))
    story.line("answer", done, "staff", due=story.due, limit=story.span, length=chars, on_time=done <= story.due)
    judge(story, done, cheats)
    return story.lines


def worked(story: Story, at: float, urgent: bool, cheats: str) -> float:
    """When the answer comes."""
    who, c = story.who, story.who.chance
    if cheats == "heaping":
        return story.due - c.triangular(1, 110, 25)
    if urgent:
        return at + (c.triangular(60, 1400, 300) if c.random() >= who.late else c.uniform(1450, 4000))
    if c.random() < who.late:
        return plus(story.due + 1, c.expovariate(1 / 600))
    room = 480 * story.limit + left_today(at)
    used = min(0.999, max(0.01, c.betavariate(1 + 5 * who.speed, 1 + 5 * (1 - who.speed))))
    done = max(plus(at, used * room), at + 30)
    if (int(done // DAY) % 30) >= 27:  # the rush at a month's end: what is open is closed some hours earlier
        done = working(max(at + 30, done - c.uniform(0, 200)))
    if c.random() < who.batches:  # written up before going home, a few at a time
        done = (done // DAY) * DAY + SHUT - 30 + c.uniform(0, 29) if done % DAY < SHUT else done
    if c.random() < who.night:
        done = (done // DAY) * DAY + c.uniform(1290, 1400)
    return max(done, at + 20)


def launder(story: Story, at: float, done: float, urgent: bool) -> None:
    c = story.who.chance
    when = max(at + 10, story.due - c.uniform(20, 420)) if c.random() < 0.7 else plus(at, c.uniform(60, 500))
    was = story.span
    story.limit, story.span = 15, "15wd"
    more = {"urgency_was": "urgent", "urgency": "ordinary"} if urgent else {}
    before = story.due
    story.due = due_of(at, 15)
    story.line("reclassify", when, "staff", due=before, limit_was=was, limit="15wd", **more)


def move(story: Story, at: float) -> None:
    """An honest correction, soon after the acceptance, as often to a shorter limit as to a longer one."""
    c = story.who.chance
    new = c.choice((3, 5, 15))
    story.line(
        "reclassify", plus(at, c.expovariate(1 / 200)), "staff", due=story.due, limit_was=story.span, limit=f"{new}wd"
    )


def pause(story: Story, at: float, done: float, cheats: str) -> float:
    """More was asked for, and came; the end moves by as much."""
    c = story.who.chance
    if cheats == "pauses":
        when = max(at + 5, story.due - c.uniform(5, 300))
        length: float = DAY * 7 if c.random() < 0.7 else c.choice((3, 5, 10)) * DAY
        by, answered = "staff", when + length + c.uniform(0, 5)
    else:
        when = min(plus(at, c.expovariate(1 / 500)), max(at + 5, story.due - 10))
        by = c.choice(("speaker", "speaker", "clock", "staff"))
        length = 7 * DAY if by == "clock" else min(6 * DAY, c.expovariate(1 / 2000) + 30)
        answered = when + length if by == "clock" else working(when + length)
    story.line("ask_more", when, "staff", due=story.due, limit=story.span)
    story.due += answered - when
    story.line("supply" if by == "speaker" else "lapse", answered, by, due=story.due)
    return max(plus(answered, c.uniform(30, 900)), done)


def judge(story: Story, done: float, cheats: str) -> None:
    who, c = story.who, story.who.chance
    solved = c.random() < 0.5 + who.satisfied / 2
    satisfied = solved and c.random() < who.satisfied
    if cheats == "ratings":
        return  # kept for the ring, which comes in bursts
    if c.random() < who.visited:
        if c.random() < 0.8:
            story.line(
                "visit", plus(done, c.uniform(100, 1400)), "staff", judged="staff", solved=solved, satisfied=satisfied
            )
    elif c.random() < who.rates:
        # many judge when the notice comes, in the morning of the next day
        late = (
            done + c.expovariate(1 / 1500) + 20
            if c.random() < 0.8
            else (done // DAY + 1) * DAY + 540 + c.expovariate(1 / 90)
        )
        story.line(
            "rate",
            late,
            "speaker",
            judged=c.choice(("own", "own", "own", "issued")),
            solved=solved,
            satisfied=satisfied,
        )


def ring(who: Habits, stories: list[list[dict[str, Any]]]) -> None:
    """Best judgements for what nobody judged, a handful at a time; or taken down by staff."""
    waiting = [s for s in stories if s[-1]["step"] == "answer" and who.chance.random() < who.strength]
    waiting.sort(key=lambda s: s[-1]["at"])
    c, taken = who.chance, who.chance.random() < 0.35
    while waiting:
        some, waiting = waiting[: (n := c.randrange(5, 13))], waiting[n:]
        at = max(s[-1]["at"] for s in some) + c.uniform(100, 4000)
        for story in some:
            at += c.uniform(0.3, 1.2)
            by, judged = ("staff", "seen") if taken else ("speaker", "own")
            row = {
                "m": story[0]["m"],
                "n": len(story) + 1,
                "step": "visit" if taken else "rate",
                "at": at,
                "by": by,
                "unit": who.unit,
            }
            story.append(row | {"judged": judged, "solved": True, "satisfied": True})


def bulk(who: Habits, stories: list[list[dict[str, Any]]]) -> None:
    """Answers saved up and closed in a few minutes, sometimes at night."""
    mine = [s for s in stories if any(r["step"] == "answer" for r in s) and who.chance.random() < who.strength]
    c = who.chance
    mine.sort(key=lambda s: next(r["at"] for r in s if r["step"] == "answer"))
    while mine:
        some, mine = mine[: (n := c.randrange(7, 26))], mine[n:]
        at = max(next(r["at"] for r in s if r["step"] == "answer") for s in some)
        at = working(at) + c.uniform(0, 60) if c.random() < 0.6 else (at // DAY) * DAY + c.uniform(1300, 1430)
        for story in some:
            at += c.uniform(0.1, 0.9)
            for row in story:
                if row["step"] == "answer":
                    shift = at - row["at"]
                    row["at"] = at
                    row["on_time"] = row["at"] <= row["due"]
                elif row["step"] in ("rate", "visit"):
                    row["at"] += max(0.0, shift)


def city(
    seed: int, units: int = 70, cheats: tuple[str, ...] = CHEATS, each: int = 1
) -> tuple[list[Habits], dict[str, str]]:
    """The units of a city and which of them cheat: `each` of every kind, among those with enough matters to be counted."""
    c = random.Random(seed)
    sizes = [int(min(2500, max(12, c.lognormvariate(5.3, 1.0)))) for _ in range(units)]
    found = [habits(f"131022-u{i:03d}", seed, size) for i, size in enumerate(sizes)]
    able = [h for h in found if h.size >= 120]
    c.shuffle(able)
    planted = {}
    for cheat in cheats:
        for who in [able.pop() for _ in range(each)]:
            who.cheat, who.strength = cheat, c.uniform(*STRENGTHS[cheat])
            planted[who.unit] = cheat
    return found, planted


def lines(seed: int, **more: Any) -> tuple[Iterator[str], dict[str, str], int]:
    """The year as lines of an extract; which units cheat, and how; how many units there are."""
    who, planted = city(seed, **more)

    def all_of() -> Iterator[str]:
        yield json.dumps({"what": "header", "v": 1, "as_of": "2026-01-05T00:00Z", "k": 10})
        for h in who:
            stories = [play(f"{h.unit[-4:]}{i:05d}", h) for i in range(h.size)]
            if h.cheat == "ratings":
                ring(h, stories)
            if h.cheat == "bulk":
                bulk(h, stories)
            for row in (row for story in stories for row in story):
                yield json.dumps({k: text(v) if k in ("at", "due") else v for k, v in row.items()})

    return all_of(), planted, len(who)
