"""The lives a matter can lead in the demo: each a generator of steps by people, with the time they take in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from minan.kernel import directory, routing
from minan.kernel.access import Actor
from minan.kernel.directory import LOCAL
from minan.systems.matters.story import texts
from minan.systems.matters.story.drawings import drawing, taken
from minan.systems.matters.story.stage import Life, Matter, Over

DESK, LEAD, HEAD = ("clerk", "supervisor", "worker"), ("handler", "clerk", "worker"), ("supervisor", "clerk")


def words(m: Matter, name: str, **parts: str) -> str:
    return texts.line(m.stage.chance, name, **parts)


def chance(m: Matter, share: float) -> bool:
    return m.stage.chance.random() < share


def proof(m: Matter) -> dict[str, Any]:
    """The photo an answer of this kind needs."""
    kind = directory.city().kinds[m.say["kind"]]
    return {"photos": [taken(m.say.get("picture", "road"))]} if kind.proof == "photo" else {}


def accept(m: Matter, slow: float = 0.02) -> Life:
    """The desk takes it up: mostly within the hour, now and then too late."""
    yield m.soon(130, 330) if chance(m, slow) else m.soon(4, 90)
    m.take("accept", m.pick(m.case.desk, "clerk", "worker"), kind=m.say["kind"])


def assign(m: Matter, unit: str) -> Life:
    yield m.soon(3, 120)
    if unit == m.case.desk:
        m.take("handle_myself", m.pick(m.case.desk, "clerk"))
        return
    m.take("assign", m.pick(m.case.desk, "clerk"), unit=unit, words=words(m, "assign"))


def sign(m: Matter, unit: str) -> Life:
    yield m.soon(240, 420) if chance(m, 0.03) else m.soon(8, 150)
    m.take("sign", m.pick(unit, *LEAD))


def contact(m: Matter, unit: str) -> Life:
    """First contact, then sometimes a word on how far it is."""
    yield m.soon(500, 760) if chance(m, 0.06) else m.soon(15, 200)
    who = m.pick(unit, *LEAD)
    if m.state in ("signed", "handling"):
        m.take("call", who)
    if chance(m, 0.3):
        yield m.soon(60, 500)
        m.take("progress", who, words=words(m, "progress"))
    if chance(m, 0.08):
        m.take("note", who, words=words(m, "note"))


def answer(m: Matter, unit: str, outcome: str = "solved", late: float = 0.07) -> Life:
    """The answer, with the proof its kind asks for; a share of them after their time."""
    size = directory.city().kinds[m.say["kind"]].size
    span = {"simple": 1100, "ordinary": 1900, "complex": 5200}[size]
    if m.urgent:
        yield m.stage.now + m.stage.minutes(1500, 4200) if chance(m, late) else m.stage.now + m.stage.minutes(40, 1000)
    else:
        yield m.stage.office(span * 1.35, span * 2.4) if chance(m, late) else m.stage.office(60, span)
    facts: dict[str, Any] = {"outcome": outcome, "words": m.stage.chance.choice(m.say["answers"])} | proof(m)
    if outcome in ("explained", "not_supported"):
        facts = {
            "outcome": outcome, "words": words(m, "explained", why=words(m, "why")),
            "article": m.say.get("article", "LF-DUTY-2026 第3条（示例）"),
        }  # fmt: skip
    m.take("answer", m.pick(unit, *LEAD), **facts)


def judged(m: Matter, solved: bool, satisfied: bool) -> Life:
    """The speaker's own judgement, or the desk's visit where one is due; nobody there: it stays unheard."""
    by_visit = bool(m.marks.get("visit"))
    if by_visit:
        yield m.stage.office(60, 900)
        person = m.row().facts.get("answered_by")
        but = Actor("staff", int(person)) if person else None
        who = m.caller(but)
        m.take(
            "visit",
            who,
            reached=True,
            contacted=True,
            solved=solved,
            satisfied=satisfied,
            words=words(m, "visit") if satisfied else "",
        )
        return
    yield m.stage.waking(0.5, 60)
    text = words(m, "happy" if solved and satisfied else "unhappy")
    m.speaker("rate", contacted=chance(m, 0.93), solved=solved, satisfied=satisfied, words=text)


def unheard(m: Matter) -> Life:
    """Nothing is said: the clock asks again and closes it; a visit that is due finds nobody at home."""
    if m.marks.get("visit"):
        yield m.stage.office(60, 900)
        person = m.row().facts.get("answered_by")
        who = m.caller(Actor("staff", int(person)) if person else None)
        m.take("visit", who, reached=False)
    return


def through(m: Matter, unit: str, *, outcome: str = "solved", late: float = 0.07) -> Life:
    """From said to answered by the ordinary way."""
    yield from accept(m)
    yield from assign(m, unit)
    if m.state == "assigned":
        yield from sign(m, unit)
    yield from contact(m, unit)
    yield from answer(m, unit, outcome, late)


def ordinary(m: Matter, unit: str) -> Life:
    yield from through(m, unit)
    yield from judged(m, True, True)


def silent(m: Matter, unit: str) -> Life:
    yield from through(m, unit)
    yield from unheard(m)


def settled(m: Matter, unit: str) -> Life:
    """Settled on the spot by the desk that took it in."""
    del unit
    yield m.stage.now + m.stage.minutes(0.4, 12)
    office = directory.office(m.case.desk)
    if office is None or not office.lead:
        raise Over("settle:no lead")
    facts = {"outcome": "solved", "kind": m.say["kind"], "words": m.stage.chance.choice(m.say["answers"])} | proof(m)
    m.take("settle", m.pick(m.case.desk, "clerk", "worker"), **facts)
    if chance(m, 0.6):
        yield from judged(m, True, True)
    else:
        yield from unheard(m)


def explained(m: Matter, unit: str) -> Life:
    """Explained with its rule; some are not content, and the level above reviews it."""
    yield from through(m, unit, outcome="explained" if chance(m, 0.7) else "not_supported")
    if chance(m, 0.5):
        yield from judged(m, True, True)
        return
    yield from judged(m, chance(m, 0.5), False)
    yield from ruled_above(m, unit, uphold=0.75)


def unhappy(m: Matter, unit: str) -> Life:
    """Solved, but how: a review above."""
    yield from through(m, unit)
    yield from judged(m, True, False)
    yield from ruled_above(m, unit, uphold=0.7)


def ruled_above(m: Matter, unit: str, uphold: float, again: bool = True) -> Life:
    """The ruling one level up the block: uphold, or send the work back with an order; then the second answer."""
    ruler = m.row().ruler
    yield m.stage.office(540, 1300) if chance(m, 0.12) else m.stage.office(30, 430)
    who = m.pick(ruler, *HEAD)
    if m.state == "under_review" and chance(m, uphold):
        m.take("uphold", who, words=words(m, "uphold"))
        return
    m.take("rule_reopen", who, unit=unit, words=words(m, "reopen"))
    yield from sign(m, unit)
    yield from contact(m, unit)
    yield from answer(m, unit)
    if again:
        yield from judged(m, True, True)


def reopened(m: Matter, unit: str) -> Life:
    """Not solved: reopened at once, ruled above, done again."""
    yield from through(m, unit)
    yield from judged(m, False, False)
    yield from ruled_above(m, unit, uphold=0)


def objected(m: Matter, unit: str) -> Life:
    """Closed, and within thirty days one tap says that it is broken again."""
    yield from through(m, unit)
    yield from judged(m, True, True)
    yield m.stage.waking(48, 400)
    m.speaker("object", solved=False, words=words(m, "unhappy"))
    yield from ruled_above(m, unit, uphold=0.3)


def refused(m: Matter, unit: str) -> Life:
    """Not accepted: the desk proposes it, the unit above decides; now and then it says no, and the matter goes its way."""
    if not m.stage.people.of(routing.above(m.case.desk, "line"), *HEAD):
        yield from ordinary(m, unit)
        return
    yield m.soon(5, 50)
    grounds = ["court", "repeated", "elsewhere", "private"]
    number = m.stage.chance.randrange(len(grounds))
    m.take("ask_refusal", m.pick(m.case.desk, "clerk"), ground=grounds[number], words=texts.lines()["refuse"][number])
    yield m.stage.office(10, 70)
    head = m.pick(m.row().ruler, *HEAD)
    if chance(m, 0.85):
        m.take("refuse", head)
        return
    m.take("deny_refusal", head, words=words(m, "refusal_denied"))
    yield from ordinary(m, unit)


def withdrawn(m: Matter, unit: str) -> Life:
    yield from accept(m)
    if chance(m, 0.5):
        yield from assign(m, unit)
    yield m.stage.waking(1, 30)
    m.speaker("withdraw", words=words(m, "withdraw"))


def asked_more(m: Matter, unit: str) -> Life:
    """The desk asks for more; it comes, or the clock goes on without."""
    yield m.soon(5, 80)
    m.take("ask_more", m.pick(m.case.desk, "clerk"), words=words(m, "more"))
    if chance(m, 0.7):
        yield m.stage.waking(1, 50)
        m.speaker("supply", words=words(m, "supply"))
    else:
        yield m.stage.now + timedelta(days=8, minutes=m.stage.chance.randrange(400))
    yield from ordinary(m, unit)


def merged(m: Matter, unit: str) -> Life:
    """Somebody else said the same before: handled together with it, where that one is still open."""
    other = m.stage.last.get((m.case.desk, m.say["kind"]))
    if other is None or other.row().closed_at is not None:
        yield from ordinary(m, unit)
        return
    yield m.soon(5, 60)
    m.take("merge", m.pick(m.case.desk, "clerk"), into=other.case.code)
    m.stage.tell()  # the other matter hears of it at this moment, not days later


def sent_back(m: Matter, unit: str, twice: bool = False) -> Life:
    """Back to the desk with the rule it rests on; a second return goes a level up, and that ruling stands."""
    yield from accept(m)
    yield from assign(m, unit)
    yield m.soon(60, 400)
    back = m.say.get("back", ["现场核对，不在本单位的管理名册内"])
    m.take(
        "send_back", m.pick(unit, *LEAD), article="LF-DUTY-2026 总则第4条（示例）", words=m.stage.chance.choice(back)
    )
    yield m.stage.office(30, 420)
    other = routing.above(unit, "line") if twice else unit
    other = other if other and m.stage.people.of(other, *LEAD) else unit
    m.take("rule_return", m.pick(m.row().ruler, *HEAD), unit=other, words=words(m, "ruling"))
    if twice and other != unit:
        yield m.soon(60, 400)
        m.take(
            "send_back", m.pick(other, *LEAD), article="LF-DUTY-2026 总则第6条（示例）", words="日常养护由下属单位承担"
        )
        yield m.stage.office(60, 460)
        m.take("rule_return", m.pick(m.row().ruler, *HEAD), unit=unit, words=words(m, "ruling"))
    yield from sign(m, unit)
    yield from contact(m, unit)
    yield from answer(m, unit)
    yield from judged(m, True, chance(m, 0.8))


def sent_back_twice(m: Matter, unit: str) -> Life:
    yield from sent_back(m, unit, twice=True)


def extended(m: Matter, unit: str) -> Life:
    """More time, asked of the line above, once."""
    if not m.stage.people.of(routing.above(unit, "line"), *HEAD):
        yield from ordinary(m, unit)
        return
    yield from accept(m)
    yield from assign(m, unit)
    if m.state == "assigned":
        yield from sign(m, unit)
    yield from contact(m, unit)
    yield m.soon(100, 700)
    m.take(
        "ask_extension",
        m.pick(unit, *LEAD),
        ground=m.stage.chance.choice(["works", "materials", "complex"]),
        words=words(m, "extend"),
    )
    yield m.stage.office(40, 380)
    boss = m.pick(routing.above(unit, "line"), *HEAD)
    if chance(m, 0.8):
        m.take("extend", boss, words=words(m, "extended"))
    else:
        m.take("refuse_extension", boss, words=words(m, "extension_refused"))
    yield from answer(m, unit)
    yield from judged(m, True, True)


def parked(m: Matter, unit: str) -> Life:
    """Cannot be done now: a day is fixed to look again; when it comes the clock resumes it."""
    if not m.stage.people.of(routing.above(unit, "line"), *HEAD):
        yield from ordinary(m, unit)
        return
    yield from accept(m)
    yield from assign(m, unit)
    if m.state == "assigned":
        yield from sign(m, unit)
    yield from contact(m, unit)
    yield m.soon(100, 900)
    on = (m.stage.now.astimezone(LOCAL) + timedelta(days=m.stage.chance.choice([12, 20, 30, 60, 85]))).date()
    m.take("ask_park", m.pick(unit, *LEAD), ground=m.say.get("park", "budget"), words=words(m, "park"), review_on=on)
    yield m.stage.office(60, 420)
    m.take("park", m.pick(routing.above(unit, "line"), *HEAD))
    yield m.stage.now + timedelta(days=(on - m.stage.now.astimezone(LOCAL).date()).days + 1)
    yield from answer(m, unit)
    yield from judged(m, True, True)


def urged(m: Matter, unit: str) -> Life:
    """Late, urged by the speaker, ordered by the level above, then done."""
    yield from accept(m)
    yield from assign(m, unit)
    if m.state == "assigned":
        yield from sign(m, unit)
    yield m.stage.waking(20, 60)
    m.speaker("urge", words=words(m, "urge"))
    if chance(m, 0.5):
        yield m.stage.waking(26, 50)
        m.speaker("urge", words=words(m, "urge"))
    if chance(m, 0.6):
        yield m.stage.office(60, 900)
        boss = routing.above(m.case.desk, "block")
        m.take("supervise", m.pick(boss, "supervisor"), words=words(m, "order"))
    yield from answer(m, unit, late=0.5)
    yield from judged(m, True, chance(m, 0.75))


def added(m: Matter, unit: str) -> Life:
    """The speaker adds a photo while it is on its way."""
    yield from accept(m)
    yield m.stage.waking(0.5, 12)
    m.speaker("add", words=words(m, "add"), photos=[drawing(m.say.get("picture", "road"), False)])
    yield from assign(m, unit)
    if m.state == "assigned":
        yield from sign(m, unit)
    yield from contact(m, unit)
    yield from answer(m, unit)
    yield from judged(m, True, True)


def dangerous(m: Matter, unit: str) -> Life:
    """A worker sees danger: a duty post is called at once, another person reviews it."""
    yield from accept(m)
    first = m.pick(m.case.desk, "clerk", "worker")
    number = m.stage.chance.randrange(2)
    m.take("danger", first, to=["police", "ambulance"][number], words=texts.lines()["danger"][number])
    yield m.stage.now + m.stage.minutes(60, 900)
    m.take("review_danger", m.caller(first), words=words(m, "danger_review"))
    yield from assign(m, unit)
    if m.state == "assigned":
        yield from sign(m, unit)
    yield from contact(m, unit)
    yield from answer(m, unit)
    yield from judged(m, True, True)


# How often each life is led, of a thousand.
FATES = (
    (ordinary, 380), (silent, 150), (settled, 120), (added, 45), (explained, 70),
    (unhappy, 30), (reopened, 30), (objected, 14), (refused, 35),
    (withdrawn, 28), (asked_more, 30), (sent_back, 26), (sent_back_twice, 8),
    (extended, 24), (parked, 18), (merged, 36), (urged, 45), (dangerous, 4),
)  # fmt: skip
