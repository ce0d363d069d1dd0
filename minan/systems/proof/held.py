"""The log held against what left the house: checkpoints that others cosigned, a witness's leaves, promises in somebody's hand.

Who has the database and the log's key can rewrite everything in it so that it agrees; none of this they can. The first leaf that
is not what it was is named with county, case and event.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Exists, OuterRef

from minan.kernel import merkle, notes
from minan.kernel.models import Case, Event
from minan.kernel.verify import Held
from minan.kernel.witness.state import Broken, State
from minan.systems.proof import keys, promising, store
from minan.systems.proof.log_checks import CHUNK, code_of, counties, hashes, named
from minan.systems.proof.models import CITY, Checkpoint, Leaf, Log

LATE = timedelta(minutes=5)  # what a promise says
HOUR = timedelta(hours=1)  # how exact the moments of an anonymous case are
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Seen:
    """A checkpoint somebody brought: what it says, and the last moment a witness gave for it (None: nobody independent did)."""

    said: notes.Checkpoint
    at: datetime | None
    by: tuple[str, ...]


def split(text: str) -> list[str]:
    """The signed notes in a file: one after another, or a receipt's or a list's JSON with notes in it."""
    if text.lstrip()[:1] in ("{", "["):
        found: list[str] = []
        _inside(json.loads(text), found)
        return found
    out, lines, signed = [], list[str](), False
    for line in text.splitlines():
        if signed and not line.startswith(notes.DASH):
            out.append("\n".join(lines) + "\n")
            lines, signed = [], False
        if line or lines:
            lines.append(line)
        signed = signed or line.startswith(notes.DASH)
    return out + (["\n".join(lines).rstrip("\n") + "\n"] if signed else [])


def _inside(value: Any, found: list[str]) -> None:
    if isinstance(value, str) and f"\n\n{notes.DASH}" in value:
        found.append(value)
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _inside(one, found)


def _moment(line: str) -> int:
    """The time in a cosignature's line whose key is not on our list: believed of a witness's own folder only."""
    blob = base64.b64decode(line.rsplit(" ", 1)[1])
    return int.from_bytes(blob[4:12], "big") if len(blob) == 76 else 0


def opened(note: str, *, own: bool = False) -> Seen:
    """A checkpoint of the city's log with who cosigned it; `own`: it lies in a witness's folder. Raises notes.Wrong."""
    said, found = notes.open_checkpoint(note, keys.signer().key, keys.witnesses(), origin=keys.origin())
    cosigned = [one for one in found.signed if one.key.kind == notes.COSIGNATURE]
    times = [one.at for one in cosigned] + [_moment(line) for line in found.unknown if own]
    at = datetime.fromtimestamp(max(times), UTC) if any(times) else None
    strangers = [f"{line.split(' ')[1]} (not on this city's list)" for line in found.unknown if _moment(line)]
    return Seen(said, at, (*(one.key.name for one in cosigned), *strangers))


def _told(seen: Seen) -> str:
    who = ", ".join(seen.by) or "no witness"
    if seen.at:
        who += f", last at {seen.at:%Y-%m-%d %H:%M:%S} UTC"
    return f"checkpoint of {seen.said.size} leaves, root {seen.said.root.hex()[:16]}: cosigned by {who}"


def against(held: Held, say: Say) -> Iterator[str]:
    """Every contradiction between the records and what is held outside; `say` hears what was found in order."""
    have = Log.objects.filter(name=CITY).values_list("published", flat=True).first() or 0
    seen, promised = list[Seen](), list[str]()
    for path in held.checkpoints:
        for note in split(path.read_text("utf-8")):
            try:
                seen.append(opened(note))
            except notes.Wrong as error:
                if notes.parts(note)[0].split("\n")[1:2] == [promising.WORD]:
                    continue  # a receipt holds promises too
                yield f"{path.name}: {error}"
    exactly = list(_witness(held.witness, have, seen, say)) if held.witness is not None else []
    yield from exactly
    for one in sorted(seen, key=lambda s: s.said.size):
        say(_told(one))
    if not exactly:
        yield from _roots(seen, have)
    for one in seen:
        yield from _dated(one)
    for path in held.promises:
        promised += [note for note in split(path.read_text("utf-8")) if note.split("\n")[1:2] == [promising.WORD]]
    for note in promised:
        yield from promise(note)
    if promised:
        say(f"{len(promised)} promises looked up")


def _root(size: int) -> bytes:
    """The root of the city's log at a size, from its tiles; log_checks holds these against the leaves."""
    try:
        return store.proved(CITY, lambda read: merkle.over(0, size, read))
    except LookupError:
        return b""


def _roots(seen: list[Seen], have: int) -> Iterator[str]:
    """Checkpoints whose root the records do not give any more, and between which two sizes it began."""
    good = 0
    for one in sorted(seen, key=lambda s: s.said.size):
        size = one.said.size
        if size > have:
            yield f"the log was cut off: it has {have} leaves, a checkpoint of {size} is held outside"
        elif _root(size) != one.said.root:
            yield f"the records do not give the root of the checkpoint of {size} leaves: leaf {good} to {size - 1} holds the first change"
            return
        else:
            good = size


def _witness(folder: Path, have: int, seen: list[Seen], say: Say) -> Iterator[str]:
    """The leaves of a witness one by one; its own last checkpoint joins those that were brought."""
    state = State(folder, reading=True)
    try:
        standing = state.load()
        if standing is None or not standing.note:
            yield f"{folder} holds no checkpoint"
            return
        seen.append(opened(standing.note, own=True))
        if state.root(standing.tree.size) != standing.tree.root():
            yield f"the leaves in {folder} do not give its own checkpoint"
            return
        yield from _remembered(folder)
        theirs = (leaf for piece in state.read(0, standing.tree.size) for leaf in merkle.split(piece))
        yield from _first(theirs, standing.tree.size, have, say)
    except (Broken, OSError, ValueError, KeyError) as error:
        yield f"the witness's folder cannot be read: {error}"


def _remembered(folder: Path) -> Iterator[str]:
    """Checkpoints the witness saw that this city does not know any more."""
    for path in sorted(folder.glob("checkpoints-*.jsonl")):
        with path.open(encoding="utf-8") as file:
            for line in file:
                text = notes.parts(json.loads(line)["note"])[0]
                size = notes.Checkpoint.parse(text).size
                row = Checkpoint.objects.filter(log=CITY, size=size).values_list("note", flat=True).first()
                if row is None or notes.parts(row)[0] != text:
                    yield f"the checkpoint of {size} leaves that the witness saw is not among this city's"


def _first(theirs: Iterator[bytes], size: int, have: int, say: Say) -> Iterator[str]:
    """The first leaf that is not what the witness saw, and how many there are."""
    ours, first, many = hashes(CITY, have), None, 0
    for index, witnessed in enumerate(theirs):
        if next(ours, b"") != witnessed:
            many += 1
            first = first or (index, witnessed)
    if first is None:
        say(f"all {size} leaves are those the witness saw")
    else:
        yield f"{touched(*first)}; {many} of {size} leaves are not what the witness saw"


def touched(index: int, witnessed: bytes) -> str:
    """A sentence about a leaf of the city's log: what stands there now, and where the witnessed event went."""
    leaf = Leaf.objects.filter(city_index=index).first()
    now = Event.objects.filter(hash=witnessed.hex()).first()
    where = "that event is nowhere any more: it was changed or taken out"
    if now is not None:
        where = f"that is event {now.n} of case {code_of(now.county, now.case_id)}, which was moved"
    if leaf is None:
        return f"leaf {index} of the city's log is gone; the witness saw {witnessed.hex()[:16]}: {where}"
    event = Event.objects.filter(county=leaf.log, case_id=leaf.case_id, n=leaf.n).first()
    what = f" ({event.step} by {event.by} at {event.at:%Y-%m-%d %H:%M:%S})" if event else ""
    return (
        f"the first row touched is {named(leaf, code_of(leaf.log, leaf.case_id))}{what}, leaf {index} of the city's log: "
        f"it is {leaf.hash[:16]}, the witness saw {witnessed.hex()[:16]}; {where}"
    )


def _dated(seen: Seen) -> Iterator[str]:
    """Events dated well before a witnessed checkpoint that were not in it: entered later with an old date, or kept back."""
    if seen.at is None:
        return
    before, sizes = seen.at - LATE, counties(seen.said)
    for log in Log.objects.exclude(name=CITY).order_by("name"):
        begin = sizes.get(log.name, (0, ""))[0]
        while window := list(Leaf.objects.filter(log=log.name, index__gte=begin).order_by("index")[:CHUNK]):
            begin = window[-1].index + 1
            ids = {(leaf.case_id, leaf.n) for leaf in window}
            events = Event.objects.filter(county=log.name, case_id__in={case for case, _ in ids}, at__lt=before)
            yield from (_late(e, seen.at) for e in events if (e.case_id, e.n) in ids and _old(e, before))
    leaf = Leaf.objects.filter(log=OuterRef("county"), case_id=OuterRef("case_id"), n=OuterRef("n"))
    for event in Event.objects.filter(~Exists(leaf), at__lt=before).order_by("id").iterator():
        if _old(event, before):
            yield _late(event, seen.at)


def _old(event: Event, before: datetime) -> bool:
    whole = not (event.at.minute or event.at.second or event.at.microsecond)
    return event.at < before - (HOUR if whole else timedelta())


def _late(event: Event, at: datetime) -> str:
    code = code_of(event.county, event.case_id)
    return f"event {event.n} of case {code} is dated {event.at:%Y-%m-%d %H:%M:%S}, but was not in the checkpoint of {at:%Y-%m-%d %H:%M:%S}"


def promise(note: str, now: datetime | None = None) -> Iterator[str]:
    """A promise's leaf must be in the log, or be younger than five minutes."""
    try:
        text = notes.open_note(note, [keys.signer().key])
        origin, _, code, leaf, at = text.text.removesuffix("\n").split("\n")
        wanted, moment = base64.b64decode(leaf).hex(), datetime.fromisoformat(at)
    except (notes.Wrong, ValueError) as error:
        yield f"a promise that is none: {error}"
        return
    if origin != keys.origin() or not text.by(keys.signer().key):
        yield f"a promise for {code} that this city did not sign"
        return
    whole = HOUR if not (moment.minute or moment.second or moment.microsecond) else timedelta()
    young = (now or datetime.now(UTC)) - moment < LATE + whole
    events = Event.objects.filter(county__in=Case.objects.filter(code=code).values("county"), hash=wanted)
    event = events.filter(case_id__in=Case.objects.filter(code=code).values("id")).first()
    if event is None:
        yield f"case {code}: what was promised at {at} (leaf {wanted[:16]}) is not in the records"
        return
    place = Leaf.objects.filter(log=event.county, case_id=event.case_id, n=event.n, hash=wanted).first()
    if not young and (place is None or place.city_index is None):
        yield f"case {code}: event {event.n} was promised at {at} and is in no published checkpoint"
