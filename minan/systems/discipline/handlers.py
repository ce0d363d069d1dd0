"""What a desk passed on becomes a sealed report, and nothing of it stays with the desk: its words go.

Its photos stay where they are and are shown to who holds the report alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from minan.kernel import childhood, erasures, registry, retention, search, speakers
from minan.kernel.access import CLOCK
from minan.kernel.act import Opened, act, open_case
from minan.kernel.directory import LOCAL
from minan.kernel.listen import Told, on
from minan.kernel.models import Body, Case, Event, Speaker

ALOUD = "［只有录音］"
TEXT_MOST = 8000  # what the report's own field takes
SAID = (("say.text", "text"), ("say.place_words", "place_words"), ("name", "name"), ("phone", "phone"))


@on("matter.pass_on")
def seal(events: list[Told]) -> None:
    """Open the report with the original words; then take them from the matter. Twice heard is done once."""
    for told in events:
        matter = Case.objects.filter(county=told.county, id=told.case_id).first()
        if matter is not None:
            with transaction.atomic():
                _hand_over(matter, told)
                _bare(matter, told)
            _tasks(matter, told)


def _hand_over(matter: Case, told: Told) -> None:
    if speakers.passed_to(matter) is not None:
        return
    opened = open_case(
        "report", by=CLOCK, facts=_original(matter, told), channel=matter.channel, key=speakers.passed_key(matter), at=told.at,
        said_at=matter.said_at, child_of=matter, anonymous=matter.anonymous,
    )  # fmt: skip
    if not isinstance(opened, Opened):
        raise ValueError(f"the report could not be opened: {opened.reason.en} {sorted(opened.errors)}")
    if opened.case.parent != matter.id:  # nothing may be erased for a report that is not there
        raise ValueError("the key of the report is another case's")


def _tasks(matter: Case, told: Told) -> None:
    """Who was asked to help with it read what it said: those tasks end, and their words go as well. Parts are matters of their own."""
    for task in Case.objects.filter(county=matter.county, parent=matter.id):
        procedure = registry.get(task.procedure)
        if procedure is None or procedure.counted:
            continue
        at = max(told.at, task.changed_at)
        if task.open:
            act(task, childhood.CALL_OFF, by=CLOCK, key=f"sealed:{task.id.hex[:16]}:{told.id.hex[:24]}", at=at)
        if task.title or task.text:
            numbers = Body.objects.filter(county=task.county, case_id=task.id).values_list("n", flat=True)
            retention.forget(task, list(numbers), at)


def _original(matter: Case, told: Told) -> dict[str, Any]:
    """What was said, as it was said: from the vault where something was taken out of it, else from the events."""
    by = Event.objects.filter(county=told.county, case_id=told.case_id)
    event = by.get(n=told.n)
    known = speakers.known(matter, who="system:discipline", why="pass", event=event.hash)
    bodies = Body.objects.filter(county=matter.county, case_id=matter.id)
    facts = {n: json.loads(text).get("facts", {}) for n, text in bodies.values_list("n", "text")}
    hidden = {int(name[5:]): one["text"] for name, one in known.items() if name.startswith("body.")}  # what was hidden since
    facts |= {n: json.loads(text).get("facts", {}) for n, text in hidden.items()}
    # "hidden.…": what a clerk took out of the words afterwards (the scrub of the work order)
    found = {name: known.get(key) or known.get(f"hidden.{name}") or facts.get(1, {}).get(name, "") for key, name in SAID}
    theirs = by.filter(by="resident", n__gt=1, n__lt=told.n).order_by("n").values_list("n", "step")
    more = [known.get(f"{step}@{n}.words") or facts.get(n, {}).get("words", "") for n, step in theirs]
    said = "\n".join(filter(None, [str(found["text"]), *map(str, more)])) or _written_down(by.filter(n__lt=told.n), known, facts)
    found["text"] = said[:TEXT_MOST]
    return found | {"place": matter.place}


def _written_down(events: Any, known: Mapping[str, Any], facts: Mapping[int, Mapping[str, Any]]) -> str:
    """Of what was only said aloud: what a clerk wrote down; the recording itself goes along with the photos."""
    numbers = events.filter(step="write_down").order_by("n").values_list("n", flat=True)
    heard = (known.get(f"write_down@{n}.words") or facts.get(n, {}).get("words", "") for n in numbers)
    return "\n".join(filter(None, map(str, heard))) or ALOUD


def _bare(matter: Case, told: Told) -> None:
    """Every word before the passing on is erased; hashes stay, so that the matter's chain still holds."""
    bodies = Body.objects.filter(county=matter.county, case_id=matter.id, n__lt=told.n)
    entries: list[erasures.Entry] = [(matter.code, "body", n) for n in bodies.values_list("n", flat=True)]
    if Speaker.objects.filter(county=matter.county, case_id=matter.id, wrapped__isnull=False).exists():
        entries.append((matter.code, "speaker", 0))
    erasures.note(entries, datetime.now(UTC).astimezone(LOCAL).date().isoformat())
    erasures.erase(entries)
    search.forget(matter)
