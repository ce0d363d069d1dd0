"""The drill of deletion: a mode from its declaration to its last day in frozen time, with words planted to be found, and a search after.

It plays on whatever records this process has open: a folder of its own (`minan emergencies drill`) or a test's database.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from minan.kernel import erasures, speakers, vault, verify, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.backup import KEEP_DAYS
from minan.kernel.models import Attachment, Body, Case, Event, Inbox, Message, Speaker, User
from minan.lib import audio
from minan.systems.emergencies import mode, modes, sweeping, voices
from minan.systems.emergencies.models import Voice

TOWN, VILLAGE = "131022100000", "131022100010"
CANARIES = ("金丝雀七号楼九零九", "13912345670", "金丝雀药只剩两片", "金丝雀药店下午送来", "金丝雀放在门口了")
HOUSEHOLDS = 6
SECONDS = 2
CHUNK = 1 << 22


@dataclass
class Report:
    """What the drill saw: lines for who reads it, and what should not have been."""

    lines: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def say(self, words: str, right: bool = True) -> None:
        self.lines.append(f"{'ok   ' if right else 'WRONG'} {words}")
        if not right:
            self.wrong.append(words)


def recording() -> bytes:
    """Two seconds of a WAV that is like no other: its bytes are looked for afterwards."""
    sound = (b"CANARYINTHEVOICE" * 1000)[: 8000 * SECONDS]
    body = (
        b"WAVE"
        + struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
        + struct.pack("<4sI", b"data", len(sound))
        + sound
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _must(done: Any) -> Any:
    if isinstance(done, Refused):
        raise ValueError(f"{done.reason.zh} {sorted(done.errors)}")
    return done


def _go(case: Case, step: str, by: Actor, at: datetime, **facts: Any) -> Event:
    case.refresh_from_db()
    done: Event = _must(act(case, step, by=by, facts=facts, at=max(at, case.changed_at)))
    return done


def household(n: int, at: datetime, clerk: Actor) -> Case:
    """One household asks, sends a voice note, is opened, answered and (every second one) helped."""
    facts = {
        "place": VILLAGE,
        "need": "medicine",
        "people": "2",
        "address": CANARIES[0],
        "phone": CANARIES[1],
        "words": CANARIES[2],
    }
    opened = _must(open_case(modes.HELP, by=SPEAKER, facts=facts, at=at, key=f"drill:{at:%Y%m%d}:{n}"))
    if not isinstance(opened, Opened):
        raise TypeError(f"the drill's household was not taken: {opened}")
    case = opened.case
    note = voices.Note(audio.read(recording()), bytes(range(n, n + 32)))
    with transaction.atomic():
        note.keep(case, _go(case, "say", SPEAKER, at))
    _go(case, "open_it", clerk, at)
    _go(case, "take_on", clerk, at)
    _go(case, "reply", clerk, at, words=CANARIES[3])
    if n % 2:
        _go(case, "help_done", clerk, at, words=CANARIES[4])
    return case


def turned(at: datetime) -> None:
    """The worker has done all that is due by then."""
    sweeping._next["at"] = 0.0
    worker.settle(at)
    sweeping._next["at"] = 0.0
    worker.settle(at)


def play(at: datetime | None = None) -> Report:
    """Declared, renewed, used, run out, waited for, deleted; then everything is searched."""
    begin, told = at or datetime(2026, 11, 16, 1, 0, tzinfo=UTC), Report()
    people = {u.username: actor(u) for u in User.objects.filter(username__in=("supervisor", "city.super", "gu.point"))}
    county, city, clerk = (people[name] for name in ("supervisor", "city.super", "gu.point"))
    facts = {
        "place": TOWN,
        "law": "health",
        "document": "演练〔2026〕1号",
        "words": "删除演练",
        "returns": "从外省回来",
    }
    made = _must(open_case(modes.NAME, by=county, facts=facts, at=begin))
    mode_case = made.case
    _go(mode_case, "decide", city, begin)
    cases = [household(n, begin + timedelta(days=1), clerk) for n in range(HOUSEHOLDS)]
    turned(begin + timedelta(days=2))
    needles = list(ciphertexts(cases))
    seen = speakers.known(cases[0], who="speaker", why="own")
    told.say(
        "planted: the vault gives address, phone and words back",
        CANARIES[0] in seen.values() and CANARIES[1] in seen.values(),
    )
    told.say(
        f"planted: {Voice.objects.count()} voice notes, {len(found(needles))} of {len(needles)} ciphertexts found on disk",
        _there(needles),
    )
    _go(mode_case, "ask_renewal", county, begin + timedelta(days=10), words="还需要")
    _go(mode_case, "renew", city, begin + timedelta(days=10))
    last = begin + 2 * mode.TERM
    turned(last - timedelta(minutes=1))
    mode_case.refresh_from_db()
    told.say("renewed once, on until its last minute", mode_case.state == mode.ON)
    turned(last)
    mode_case.refresh_from_db()
    told.say("over by itself on its date", mode_case.state == mode.ENDED)
    turned(last + mode.TERM - timedelta(minutes=1))
    told.say(
        "kept until the last minute of the 14 days",
        Speaker.objects.filter(case_id=cases[0].id, wrapped__isnull=False).exists(),
    )
    turned(last + mode.TERM)
    searched(told, mode_case, cases, needles)
    return told


# ---- the search


def ciphertexts(cases: list[Case]) -> Iterator[bytes]:
    """What must be nowhere afterwards: what was planted, and the sealed bytes of vault and voice themselves."""
    yield from (word.encode() for word in CANARIES)
    ids = [case.id for case in cases]
    for row in Speaker.objects.filter(case_id__in=ids):
        yield bytes(row.sealed or b"")[40:72]
        yield bytes(row.wrapped or b"")[-32:]
    for voice in Voice.objects.filter(case_id__in=ids):
        yield bytes(voice.shut)[200:232]


def files() -> list[Path]:
    """Every file of DATA: pictures, indexes, lists; and SQLite's own with its log, wherever they lie."""
    own = Path(str(connection.settings_dict["NAME"]))
    beside = own.parent.glob(f"{own.name}*") if connection.vendor == "sqlite" else ()
    return sorted({path for path in (*Path(settings.DATA).rglob("*"), *beside) if path.is_file()})


def found(needles: list[bytes]) -> set[bytes]:
    """Which of these bytes stand in a file of DATA."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    out: set[bytes] = set()
    for path in files():
        tail = b""
        try:
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    out |= {needle for needle in needles if needle not in out and needle in tail + chunk}
                    tail = chunk[-64:]
        except OSError:  # a file that went meanwhile
            continue
    return out


def _there(needles: list[bytes]) -> bool:
    """Before: the ciphertexts lie in the file (SQLite), so that finding none later means something."""
    return connection.vendor != "sqlite" or len(found(needles[len(CANARIES) :])) == len(needles) - len(CANARIES)


def searched(told: Report, mode_case: Case, cases: list[Case], needles: list[bytes]) -> None:
    """Everything is looked for where it lay, and the books must still add up."""
    mode_case.refresh_from_db()
    ids = [case.id for case in cases]
    told.say(
        f"the mode says all is deleted, {mode_case.facts.get('registered')} were registered",
        mode_case.state == mode.ERASED,
    )
    told.say("the count is the number of households", mode_case.facts.get("registered") == len(cases))
    left = {
        "keys and vaults": Speaker.objects.filter(case_id__in=ids)
        .exclude(wrapped=None, sealed=None, owner="", caller="")
        .count(),
        "voice notes": Voice.objects.filter(case_id__in=ids).count(),
        "pictures": Attachment.objects.filter(case_id__in=ids).count(),
        "lists of a desk": Inbox.objects.filter(case_id__in=ids).count(),
        "messages": Message.objects.filter(case_id__in=ids).count(),
        "words of events": Body.objects.filter(case_id__in=ids).count() - len(ids),
        "rows with words": Case.objects.filter(id__in=ids).exclude(title="", text="", facts={}, desk="").count(),
        "the search index": indexed(ids),
    }
    for what, count in left.items():
        told.say(f"left of {what}: {count}", count == 0)
    opened = 0
    for case in Case.objects.filter(id__in=ids):
        try:
            opened += bool(speakers.known(case, who="speaker", why="own"))
        except vault.Sealed:
            continue
    told.say(f"vaults that still open: {opened}", opened == 0)
    words = found(needles[: len(CANARIES)])
    told.say(f"planted words in {len(files())} files of DATA: {len(words)}", not words)
    if (
        connection.vendor == "sqlite"
    ):  # PostgreSQL overwrites freed blocks as they are used again: ciphertext without a key
        sealed = found(needles[len(CANARIES) :])
        told.say(f"sealed bytes of vault and voice in these files: {len(sealed)}", not sealed)
    path = Path(settings.DATA) / erasures.LIST
    listed = path.read_text("ascii") if path.exists() else ""
    told.say(
        "every case stands on the list that a restored backup is held against",
        all(case.code in listed for case in cases),
    )
    told.say(f"a backup is kept {KEEP_DAYS} days at most; what is brought back is erased again by that list")
    events = Event.objects.filter(case_id__in=ids).count()
    report = verify.check(pages=False)
    told.say(
        f"{events} events keep their hashes; the books of {report.cases} cases verify", not report.faults and events > 0
    )
    told.lines += [f"      {one}" for one in report.faults][:5]


def indexed(ids: list[Any]) -> int:
    """Of how many of these cases the search index still knows a word."""
    kept = {
        "postgresql": "SELECT case_id, grams FROM kernel_search",
        "sqlite": "SELECT case_id, words FROM kernel_search",
    }
    with connection.cursor() as cursor:
        cursor.execute(kept[connection.vendor])
        rows = cursor.fetchall()
    wanted = {str(pk).replace("-", "") for pk in ids}
    return sum(bool(words) and str(case_id).replace("-", "") in wanted for case_id, words in rows)
