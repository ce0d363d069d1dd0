"""Tells speakers and units what happened: one message a receiver and channel, never with a name, a number or what was said."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from minan.kernel import directory, registry, routing
from minan.kernel.listen import Told, on
from minan.kernel.models import Case, Message, Speaker
from minan.kernel.procedure import Step

SPEAKER = "speaker"


def _receivers(step: Step, case: Case) -> list[str]:
    state = registry.procedures()[case.procedure].state(case.state)
    holder = {"desk": case.desk, "lead": case.unit, "ruler": case.ruler}.get(state.holder, case.desk)
    found: list[str] = []
    for who in step.tells:
        if who == "called":
            found += case.marks.get("called", [])
        else:
            found.append(
                {
                    "speaker": SPEAKER, "desk": case.desk, "lead": case.unit, "ruler": case.ruler, "holder": holder,
                    "above": routing.above(holder or case.desk, "block"), "line": routing.above(case.unit, "line") if case.unit else "",
                }[who]
            )  # fmt: skip
    return list(dict.fromkeys(f for f in found if f))


def _words(step: Step, case: Case, lang: str, to: str) -> str:
    """Speakers are told what was done for them ("您说了这件事"); units which step it was."""
    done = ((step.done if to == SPEAKER else None) or step.label).into(lang)
    unit = directory.office(case.unit or case.desk)
    name = "" if unit is None else (unit.name_en or unit.name) if lang.startswith("en") else unit.name
    code = f"{case.code[:5]}-{case.code[5:10]}-{case.code[10:]}"
    return (f"Minan: {code}: {done}. {name}" if lang.startswith("en") else f"【民安】{code} {done}。{name}")[:300]


@on("*")
def tell(events: list[Told]) -> None:
    """Make the messages of these events; a message made before is not made again."""
    by_case: dict[tuple[str, Any], list[Told]] = defaultdict(list)
    for told in events:
        by_case[(told.county, told.case_id)].append(told)
    cases = {(c.county, c.id): c for c in Case.objects.filter(id__in=[pk for _, pk in by_case])}
    speakers = {s.case_id: s for s in Speaker.objects.filter(case_id__in=[pk for _, pk in by_case])}
    fresh = []
    for key, list_of_told in by_case.items():
        case, speaker = cases.get(key), speakers.get(key[1])
        procedure = registry.get(case.procedure) if case else None
        if case is None or procedure is None:
            continue
        for told in list_of_told:
            step = procedure.step(told.name.split(".", 1)[1])
            for to in _receivers(step, case) if step else []:
                lang = speaker.lang if to == SPEAKER and speaker else "zh-hans"
                ways = (
                    ["page", "sms"]
                    if to == SPEAKER and speaker and speaker.phone
                    else ["page"]
                    if to == SPEAKER
                    else ["board"]
                )
                for way in ways:
                    assert step is not None
                    fresh.append(
                        Message(
                            county=case.county, case_id=case.id, n=told.n, to=to, channel=way, words=_words(step, case, lang, to),
                            made_at=told.at,
                            sent_at=None if way == "sms" else told.at,
                        )
                    )  # fmt: skip
    Message.objects.bulk_create(fresh, ignore_conflicts=True)
