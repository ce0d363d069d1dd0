"""The scripted part: what lies open on the desks of the demo's people today, so that each of them has a real morning."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from minan.kernel import directory
from minan.kernel.directory import LOCAL
from minan.kernel.models import User
from minan.systems.matters.story import lives, play, texts
from minan.systems.matters.story.drawings import drawing
from minan.systems.matters.story.lives import answer, assign, judged, words
from minan.systems.matters.story.play import Town
from minan.systems.matters.story.stage import Life, Matter, Stage

OWED = "我借给老同学三千块钱，快两年了一直不还，能不能帮我要回来？"
FAR = timedelta(days=400)  # never: the matter stays as it is
SAME_HOLE = (
    "北关桥头的井盖让车压碎了，露着半个窟窿，晚上根本看不见。",
    "就是桥北头那个下水井，盖子碎成两半了，我妈差点踩进去。",
    "桥那边路中间有个黑窟窿，井盖坏了，插了根棍子，赶紧来人吧！",
    "报一个：北关桥头窨井没盖严，过车咣咣响，边上都塌了。",
)


def workday(stage: Stage, end: datetime, back: int, hour: float) -> datetime:
    """That hour of the n-th working day before the end; 0 is today or the last working day, never after the end."""
    day, left = end.astimezone(LOCAL).date(), back
    while not stage.calendar.is_workday(day) or left:
        left -= stage.calendar.is_workday(day)
        day -= timedelta(days=1)
    at = datetime(day.year, day.month, day.day, tzinfo=LOCAL) + timedelta(hours=hour)
    return min(at, end - timedelta(minutes=3 + stage.chance.randrange(20)))


def stays(m: Matter) -> Life:
    yield m.stage.now + FAR


def until(m: Matter, unit: str, state: str, progress: bool = False) -> Life:
    """The ordinary way as far as `state`, then it stays there."""
    if state == "said":
        yield from stays(m)
    yield from _quick(m, "accept", m.case.desk, kind=m.say["kind"])
    if state == "accepted":
        yield from stays(m)
    yield from assign(m, unit)
    if state == "assigned":
        yield from stays(m)
    if m.state == "assigned":
        yield m.stage.office(10, 60)
        m.take("sign", m.pick(unit, *lives.LEAD))
    if state == "signed":
        yield from stays(m)
    yield m.stage.office(10, 60)
    m.take("call", m.pick(unit, *lives.LEAD))
    if state == "handling":
        if progress:
            yield m.stage.office(30, 120)
            m.take(
                "progress",
                m.pick(unit, *lives.LEAD),
                words=words(m, "progress"),
                photos=[drawing(m.say.get("picture", "road"), False)],
            )
        yield from stays(m)


def _quick(m: Matter, step: str, unit: str, **facts: Any) -> Life:
    yield m.stage.office(5, 25)
    m.take(step, m.pick(unit, "clerk", "worker"), **facts)


def state(name: str, *, by: str = "", progress: bool = False) -> play.Fate:
    """A fate that ends in this state; `by` names another lead unit than the duty list does."""
    return lambda m, unit: until(m, by or unit, name, progress=progress)


def answered(m: Matter, unit: str) -> Life:
    yield from until(m, unit, "done")
    yield m.stage.office(20, 200)
    m.take(
        "answer",
        m.pick(unit, *lives.LEAD),
        outcome="solved",
        words=m.stage.chance.choice(m.say["answers"]),
        **lives.proof(m),
    )
    yield from stays(m)


def sent_back(m: Matter, unit: str) -> Life:
    yield from until(m, unit, "signed_for")
    m.take(
        "send_back",
        m.pick(unit, *lives.LEAD),
        article="LF-DUTY-2026 总则第4条（示例）",
        words=m.say.get("back", ["不在名册内"])[0],
    )
    yield from stays(m)


def extension(m: Matter, unit: str) -> Life:
    yield from until(m, unit, "done")
    yield m.stage.office(20, 60)
    m.take("ask_extension", m.pick(unit, *lives.LEAD), ground="materials", words=words(m, "extend"))
    yield from stays(m)


def refusal(m: Matter, unit: str) -> Life:
    """Two people's own affair: the station proposes not to accept it, and the county has not said yet."""
    del unit
    yield m.stage.office(5, 25)
    m.take("ask_refusal", m.pick(m.case.desk, "clerk"), ground="private", words=texts.lines()["refuse"][3])
    yield from stays(m)


def not_solved(m: Matter, unit: str) -> Life:
    """Answered, and the speaker says no: it waits for the ruling one level up."""
    yield from until(m, unit, "done")
    yield from answer(m, unit, late=0)
    yield from judged(m, False, False)
    yield from stays(m)


def sent_to_do_again(m: Matter, unit: str) -> Life:
    yield from until(m, unit, "done")
    yield m.stage.office(20, 200)
    m.take("answer", m.pick(unit, *lives.LEAD), outcome="solved", words=m.say["answers"][0], **lives.proof(m))
    yield m.stage.now + timedelta(minutes=50)
    if not m.marks.get("visit"):
        m.speaker("rate", contacted=True, solved=False, satisfied=False, words="只亮了一晚上，第二天又灭了。")
        yield m.stage.office(30, 200)
        m.take("rule_reopen", m.pick(m.row().ruler, "supervisor", "clerk"), unit=unit, words=words(m, "reopen"))
    yield from stays(m)


def asked(m: Matter, unit: str) -> Life:
    yield from _quick(m, "ask_more", m.case.desk, words="请补充是哪一栋楼、从几点开始没水，最好拍一下水表。")
    yield from stays(m)


def again_and_again(m: Matter, unit: str) -> Life:
    """Done badly, reopened, done well: the story the resident can tell."""
    yield from lives.through(m, unit, late=0)
    yield from judged(m, False, False)
    yield from lives.ruled_above(m, unit, uphold=0)


def same_hole(stage: Stage, town: Town, end: datetime) -> None:
    """Four people, one hole: the second is merged into the first, two wait for the clerk to see it."""
    village = next((v for v in town.villages if "北关" in v[1]), town.villages[0])
    first: list[Matter] = []

    def merged(m: Matter, unit: str) -> Life:
        yield m.stage.office(10, 40)
        if first:
            m.take("merge", m.pick(m.case.desk, "clerk"), into=first[0].case.code)
        m.stage.tell()
        yield from stays(m)

    fates = (state("handling"), merged, state("said"), state("said"))
    for number, (text, fate) in enumerate(zip(SAME_HOLE, fates, strict=True)):
        at = workday(stage, end, 1 if number < 2 else 0, 9.2 + number * 1.1)
        stage.enter(
            at,
            play.life(
                stage,
                town,
                fate,
                kind="road.manhole",
                village=village,
                text=text,
                channel="web",
                seen=first if not number else [],
            ),
        )


def resident(stage: Stage, town: Town, end: datetime) -> None:
    """What 王秀兰 sees behind "my matters": closed, reopened and done, in hand, answered, asked for more."""
    user = User.objects.filter(username="resident").first()
    if user is None:
        return
    plan: tuple[tuple[str, play.Fate, int, float], ...] = (
        ("lamp.out", lives.ordinary, 52, 19.0), ("clean.bin", again_and_again, 24, 8.1), ("road.pavement", answered, 5, 9.4),
        ("road.hole", state("handling", progress=True), 2, 8.9), ("supply.water_out", asked, 0, 9.6),
    )  # fmt: skip
    for kind, fate, back, hour in plan:
        more = {"kind": kind, "channel": "web", "account": str(user.pk), "village": town.villages[0]}
        stage.enter(workday(stage, end, back, hour), play.life(stage, town, fate, **more))


def worker(stage: Stage, town: Town, end: datetime) -> None:
    """What 李建民 carries on his phone: found on patrol, handed down by the station, one of them late."""
    point = f"{town.villages[0][0]}-point"
    if directory.office(point) is None or not stage.people.of(point, "worker"):
        return
    plan: tuple[tuple[str, play.Fate, int, float, str], ...] = (
        ("clean.rubbish", state("handling", by=point), 1, 9.1, "patrol"),
        ("order.park", state("handling", by=point, progress=True), 5, 10.2, "patrol"),
        ("order.poster", state("said"), 0, 15.1, "patrol"), ("clean.pests", state("signed", by=point), 1, 14.2, "web"),
        ("road.village", state("assigned", by=point), 0, 10.4, "web"), ("clean.rubbish", answered, 2, 9.0, "patrol"),
    )  # fmt: skip
    for kind, fate, back, hour, channel in plan:
        stage.enter(
            workday(stage, end, back, hour),
            play.life(stage, town, fate, kind=kind, channel=channel, village=town.villages[0]),
        )


def handler(stage: Stage, town: Town, end: datetime) -> None:
    """What 赵强 has before him at the lighting office, in every light."""
    plan: tuple[tuple[str, play.Fate, int, float], ...] = (
        ("lamp.out", state("assigned"), 0, 9.0), ("lamp.out", state("assigned"), 1, 15.2), ("lamp.pole", state("assigned"), 0, 11.3),
        ("lamp.out", state("signed"), 1, 10.1),
        ("lamp.dark", state("signed"), 4, 9.3),
        ("lamp.out", state("handling", progress=True), 2, 9.2),
        ("lamp.out", state("handling"), 4, 9.4),
        ("lamp.dark", state("handling", progress=True), 11, 10.0),
        ("lamp.out", extension, 2, 10.3),
        ("lamp.out", sent_to_do_again, 5, 9.1),
        ("lamp.out", answered, 3, 9.5),
        ("lamp.out", sent_back, 1, 9.6),
        ("lamp.dark", lives.parked, 20, 9.0),
    )  # fmt: skip
    for kind, fate, back, hour in plan:
        stage.enter(workday(stage, end, back, hour), play.life(stage, town, fate, kind=kind, channel="web"))


def supervisor(stage: Stage, town: Town, end: datetime) -> None:
    """What waits for 孙丽华's word: not solved, one sent back for the second time, and one that the station would not accept."""
    for kind, back in (("road.hole", 6), ("clean.sewage", 3), ("order.stall", 7)):
        stage.enter(workday(stage, end, back, 9.3), play.life(stage, town, not_solved, kind=kind, channel="web"))
    more = {"kind": "government.ask", "channel": "web", "text": OWED}
    stage.enter(workday(stage, end, 0, 15.0), play.life(stage, town, refusal, **more))


def nowhere(stage: Stage, town: Town, end: datetime) -> None:
    """Said without a place: they lie in the city desk's list until somebody asks where it is."""

    def lost(text: str) -> Life:
        matter = play.opened(
            stage,
            town,
            {"kind": "government.other", "texts": [text], "answers": [""]},
            ("", "", 0.0, 0.0),
            text=text,
            channel="web",
        )
        yield from stays(matter)

    for number, where in enumerate(texts.lines()["place_words"]):
        stage.enter(
            workday(stage, end, number // 2, 10 + number), lost(f"{where}有一段路灯不亮，来往的车又快，挺危险的。")
        )


def enter(stage: Stage, end: datetime) -> None:
    """Put every scene on the stage; a city without these people plays none of them."""
    found = play.towns(stage)
    if not found:
        return
    for scene in (resident, worker, handler, supervisor, same_hole, nowhere):
        scene(stage, found[0], end)
