"""Tells speakers and units what happened: one message a receiver and channel, never with a name, a number or what was said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from minan.kernel import access, common, directory, onetime_code, outgoing, registry, routing, ways
from minan.kernel.glass import TO
from minan.kernel.listen import Told, on
from minan.kernel.models import Case, Clock, Event, Message, Speaker
from minan.kernel.procedure import Step
from minan.kernel.promises import SHORT
from minan.lib.uuid7 import uuid7, uuid7_at

SPEAKER = "speaker"
SMS_MOST = 70  # characters of one text message


def _may_hear(case: Case, to: str) -> bool:
    """No word to a unit behind a wall, nor of a confidential case to one that does not have it."""
    return to == SPEAKER or not (
        access.barred(to, case.walls) or (case.privacy and to not in access.audience(case.as_view()))
    )


def _receivers(step: Step, case: Case, at: datetime) -> list[str]:
    view = case.as_view()
    found = [f if f == SPEAKER else access.box(view, f) for f in _named(step, case) if f]
    if common.hushed(case.facts, step.name, at, at):
        found = [f for f in found if f != SPEAKER]
    return [f for f in dict.fromkeys(found) if _may_hear(case, f)]


def _named(step: Step, case: Case) -> list[str]:
    state = registry.procedures()[case.procedure].state(case.state)
    holder = {"desk": case.desk, "lead": case.unit, "ruler": case.ruler}.get(state.holder, case.desk)
    found: list[str] = []
    # What ran out is told with the day's list (reminders.py), but for what is urgent: that cannot wait until the morning.
    folded = step.folds and case.urgency == "ordinary" and case.privacy != "sealed"
    for who in step.tells:
        if folded and who != "speaker":
            continue
        if who.startswith("fact:"):
            found.append(access.free(case.facts.get(who.removeprefix("fact:"), ""), case.walls))
        elif who == "called":
            found += case.marks.get("called", [])
        elif who == "reviewer":  # of a breaking of the glass
            found.append(access.free(case.facts.get(TO, ""), case.walls))
        else:
            found.append(
                {
                    "speaker": SPEAKER, "desk": case.desk, "lead": case.unit, "ruler": case.ruler, "holder": holder,
                    "above": access.free((case.marks.get("up") or [""])[-1] or routing.above(holder or case.desk, "block"), case.walls),
                    "line": routing.above(case.unit, "line") if case.unit else "",
                }[who]
            )  # fmt: skip
    return found


def _days(cases: list[Case], events: list[Told]) -> dict[Any, str]:
    """Case → the day promised now, for cases one of whose events moved it. One query, none where nothing moved."""
    moved = {e.case_id for e in events if e.name.split(".", 1)[1] in _moving()}
    held = [c for c in cases if c.id in moved]
    rows = Clock.objects.filter(county__in={c.county for c in held}, case_id__in=[c.id for c in held], name="answer", done_at=None)
    return {row.case_id: f"{row.due_at.astimezone(directory.LOCAL):%Y-%m-%d}" for row in rows if row.paused_at is None} if held else {}


def _moving() -> frozenset[str]:
    return frozenset(s.name for p in registry.procedures().values() for s in p.steps if s.slips)


def _words(
    step: Step, case: Case, lang: str, to: str, mark: str = "", day: str = "", digits: bool = False
) -> str:  # fmt: skip
    """Speakers are told what was done for them ("您说了这件事"); units which step it was.

    With `mark`, the hash of the event, it is a text message: so the speaker holds in hand which entry of the log they were told of.
    """
    done = ((step.done if to == SPEAKER else None) or step.label).into(lang)
    unit = directory.office(case.unit or case.desk)
    name = "" if unit is None else (unit.name_en or unit.name) if lang.startswith("en") else unit.name
    code, english = f"{case.code[:5]}-{case.code[5:10]}-{case.code[10:]}", lang.startswith("en")
    if day and step.slips:
        done += f"; new date {day}" if english else f"，新的日期 {day}"
    head = f"Minan: {code}: {done}." if english else f"【民安】{code} {done}。"
    if digits:
        return head + onetime_code.told(lang)
    tail = f" #{mark[:SHORT]}" if mark else ""
    if name and (not mark or len(head) + len(name) + len(tail) < SMS_MOST):
        head += f" {name}" if english else name
    return (head + tail)[:300]


def _marks(events: list[Told], speakers: dict[Any, Speaker]) -> dict[tuple[Any, int], str]:
    """(case, n) → the event's hash, where somebody may get a text message. One query, none where nobody does."""
    cases = {told.case_id for told in events if (s := speakers.get(told.case_id)) and (s.phone or s.ways)}
    counties = {told.county for told in events}
    rows = (
        Event.objects.filter(county__in=counties, case_id__in=cases, n__in={told.n for told in events}) if cases else ()
    )
    return {(row.case_id, row.n): row.hash for row in rows}


def _ways(to: str, case: Case, speaker: Speaker | None) -> list[str]:
    """By which channels: a unit on its board; a speaker on the page, by message, or by the code posted at the place."""
    if to != SPEAKER:
        return ["board"]
    if further := outgoing.ways_of(case, speaker):
        return ["page", *further]
    return ["page", "posted"] if case.anonymous or case.channel == "box" else ["page"]


def _vaults(keys: Iterable[tuple[str, Any]]) -> Iterable[Speaker]:
    """The vault's rows of these cases, by the whole key: by the case alone it would be a look at all of them."""
    found = list(keys)
    return Speaker.objects.filter(county__in={county for county, _ in found}, case_id__in=[pk for _, pk in found])


@on("*")
def tell(events: list[Told]) -> None:
    """Make the messages of these events; a message made before is not made again."""
    by_case: dict[tuple[str, Any], list[Told]] = defaultdict(list)
    for told in events:
        by_case[(told.county, told.case_id)].append(told)
    cases = {(c.county, c.id): c for c in Case.objects.filter(id__in=[pk for _, pk in by_case])}
    speakers = {s.case_id: s for s in _vaults(by_case)}
    fresh, marks, days = [], _marks(events, speakers), _days(list(cases.values()), events)
    for key, list_of_told in by_case.items():
        case, speaker = cases.get(key), speakers.get(key[1])
        procedure = registry.get(case.procedure) if case else None
        if case is None or procedure is None:
            continue
        for told in list_of_told:
            step = procedure.step(told.name.split(".", 1)[1])
            for to in _receivers(step, case, told.at) if step else []:
                lang = speaker.lang if to == SPEAKER and speaker else "zh-hans"
                for way in _ways(to, case, speaker):
                    assert step is not None
                    leaves = way in ways.FACTS
                    fresh.append(
                        Message(
                            id=uuid7_at(told.at.timestamp()) if case.anonymous else uuid7(),
                            county=case.county, case_id=case.id, n=told.n, to=to, channel=way,
                            words=_words(
                                step, case, lang, to, marks.get((case.id, told.n), "") if leaves else "", days.get(case.id, ""),
                                step.code and way == ways.SMS,
                            ),
                            made_at=told.at,
                            sent_at=None if leaves else told.at,
                            next_at=(told.at if step.code else outgoing.due_at(case, told.at)) if leaves else None,
                        )
                    )  # fmt: skip
    Message.objects.bulk_create(fresh, ignore_conflicts=True)
