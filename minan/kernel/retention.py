"""Forgets on its day what need not be kept (PIPL art. 19 and 47): the vault's facts by class, a closed case's words by its state.

What is erased stands on a list outside the records first, so that no backup brings it back. The case's own chain has an event
of it by the clock, in the same transaction, so that its last event still vouches for its row; events and their hashes stay, and
every proof holds. The register has a line a day with the counts and the list's hash. A case under a legal hold is left alone.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from minan.kernel import erasures, house, keeping, registry, rights, vault, ways
from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.directory import LOCAL
from minan.kernel.models import Body, Case, Event, Message, Session, Speaker, Token
from minan.kernel.procedure import Field
from minan.lib.folders import write_whole

# Days after a case was closed, by data class (RELIABILITY.md §5); a field may ask for fewer.
CLASS_DAYS = {"P2": 730, "P3": 365, "P4": 730}
MESSAGE_DAYS = 365  # a notice on a board, without personal data
BATCH = 500  # cases a sweep
SWEEPS_MOST = 10_000  # one after another on a day
NOTED = "retention.json"  # in DATA: {"day", "counts"} of what the register has not been told yet
log = logging.getLogger("minan.retention")


def _sealed_fields() -> dict[str, Field]:
    """Every field that goes to the vault, by name, over all procedures."""
    return {
        f.name: f for p in registry.procedures().values() for s in (p.opening, *p.steps) for f in s.fields if f.sealed
    }


def days_of(name: str, known: dict[str, Field]) -> int:
    """How long a fact of the vault is kept; what was scrubbed out of a text is of class P2."""
    spec = known.get(name)
    return min(spec.keep_days, CLASS_DAYS[spec.data]) if spec else CLASS_DAYS["P2"]


def before(now: datetime, days: int) -> datetime:
    """Who was closed before this moment has been kept for so many whole days of Beijing."""
    midnight = now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - timedelta(days=days)).astimezone(UTC)


def gone_on(case: Case, name: str, known: dict[str, Field] | None = None) -> date | None:
    """The day on which a fact of the vault (its name), or "" for what stands on the work order, goes; None while the case is open."""
    if case.closed_at is None:
        return None
    days = days_of(name, _sealed_fields() if known is None else known) if name else words_days(case)
    day = rights.gone_on(case.closed_at, days) if days is not None else None
    held = rights.held_until(case.marks)
    return max(day, held + timedelta(days=1)) if day and held else day


def words_days(case: Case) -> int | None:
    """How many days after its end a case's words are kept, by its final state."""
    procedure = registry.get(case.procedure)
    state = next((s for s in procedure.states if s.name == case.state), None) if procedure else None
    return state.keep_days if state and state.final else None


def _closed(now: datetime, limit: datetime, *where: Q, **more: Any) -> list[Case]:
    found = Case.objects.filter(*where, closed_at__lt=limit, **more).order_by("closed_at").iterator(chunk_size=BATCH)
    out: list[Case] = []
    for case in found:
        if not rights.is_held(case.marks, now):
            out.append(case)
        if len(out) >= BATCH:
            break
    return out


def vaults(now: datetime, dry: bool) -> Counter[str]:
    """Sealed facts whose day has come: each alone where others stay, the case's key with them where none does."""
    done, known = Counter[str](), _sealed_fields()
    least = min([days_of(name, known) for name in known] + [CLASS_DAYS["P2"]])
    kept = Speaker.objects.filter(wrapped__isnull=False, case_id=OuterRef("id"), county=OuterRef("county"))
    for case in _closed(now, before(now, least), Q(Exists(kept))):
        try:
            _vault(case, now, known, done, dry)
        except (vault.Away, vault.Held):
            log.warning("retention waits for the vault's keeper")
            break
    return done


def _vault(case: Case, now: datetime, known: dict[str, Field], done: Counter[str], dry: bool) -> None:
    row = Speaker.objects.get(county=case.county, case_id=case.id)
    wrapped, sealed = bytes(row.wrapped or b""), bytes(row.sealed or b"")
    assert case.closed_at is not None  # only ended cases are asked for
    try:
        facts = vault.names(case.code, wrapped, sealed)
        stays = [name for name in facts if case.closed_at >= before(now, days_of(name, known))]
    except (vault.Away, vault.Held):
        raise
    except vault.Sealed:
        # Its key is gone, perhaps to come back from a copy: the row waits for the longest of its days.
        facts, stays = [], []
        if case.closed_at >= before(now, max(CLASS_DAYS.values())):
            return
    if facts and len(stays) == len(facts):
        return
    gone = [name for name in facts if name not in stays]
    done["vault facts"] += len(gone)
    done["vaults"] += not stays
    if dry:
        return
    with transaction.atomic():
        entries = [(case.code, erasures.FACT + name, 0) for name in gone] if stays else [(case.code, "speaker", 0)]
        _listed(entries, now)
        _tell(case, "vault", gone, now)
        if stays:
            left = vault.trim(case.code, wrapped, sealed, stays)
            held = Speaker.objects.filter(id=row.id, sealed=sealed)
            fresh = {"phone": "phone" in stays and row.phone, "ways": ways.without(row.ways, gone)}
            if not held.update(sealed=left, **fresh, **({} if "phone" in stays else {"caller": ""})):
                transaction.set_rollback(True)  # something was added meanwhile: the next sweep looks again
        else:
            erasures.erase(entries)


def _listed(entries: Iterable[erasures.Entry], now: datetime) -> None:
    erasures.note(entries, now.astimezone(LOCAL).date().isoformat())


def _tell(case: Case, what: str, names: Iterable[str], now: datetime) -> None:
    """The event of an erasure on the case's own chain. Of a procedure that has no such step only the list tells."""
    procedure = registry.get(case.procedure)
    if procedure is None or procedure.step(rights.ERASED) is None:
        return
    facts = {"what": what, "names": " ".join(names)[:1000]}
    erasures.thoroughly()  # the row is written anew without its words
    done = act(case, rights.ERASED, by=CLOCK, facts=facts, at=max(now, case.changed_at))
    if not isinstance(done, Event):
        raise ValueError(f"the case does not take its erasure: {done.reason.en} {sorted(done.errors)}")


def words(now: datetime, dry: bool) -> Counter[str]:
    """What was said and answered in closed cases, after the days their final state keeps them: words, pictures, search."""
    done = Counter[str]()
    for procedure in registry.procedures().values():
        for state in procedure.states:
            if not state.final or state.keep_days is None:
                continue
            there = Q(text__gt="") | Q(title__gt="")  # of a sealed case only the title stands on the work order
            for case in _closed(now, before(now, state.keep_days), there, procedure=procedure.name, state=state.name):
                numbers = list(Body.objects.filter(county=case.county, case_id=case.id).values_list("n", flat=True))
                done["cases"] += 1
                done["bodies"] += len(numbers)
                if not dry:
                    forget(case, numbers, now)
    return done


def forget(case: Case, numbers: list[int], now: datetime) -> None:
    """Erase all words, pictures and the vault of an ended case; its own chain says so."""
    pictures = erasures.pictures_of(case.county, case.id)
    with transaction.atomic():
        entries = [(case.code, "speaker", 0), *((case.code, "body", n) for n in numbers), (case.code, "words", 0)]
        _listed(entries, now)
        _tell(case, "words", (), now)
        erasures.erase(entries)
    erasures.unlink(pictures)


def rest(now: datetime, dry: bool) -> Counter[str]:
    """Notices, sessions and tokens whose time is over."""
    some: dict[str, Any] = {
        "messages": Message.objects.filter(made_at__lt=before(now, MESSAGE_DAYS)),
        "sessions": Session.objects.filter(expire_date__lt=now),
        "tokens": Token.objects.filter(until__lt=now),
    }
    done = Counter[str]()
    for name, found in some.items():
        ids = list(found.values_list("pk", flat=True)[: BATCH * 10])
        done[name] = len(ids)
        if not dry and ids:
            found.model._default_manager.filter(pk__in=ids).delete()
    return done


def sweep(now: datetime | None = None, *, dry: bool = False) -> Counter[str]:
    """Erase what is due, at most BATCH cases of each sort; with `dry` only count it."""
    moment, done = now or datetime.now(UTC), Counter[str]()
    for part in (vaults, words, rest):
        done += part(moment, dry)
    if done and not dry:
        log.info("retention", extra={"erased": dict(done)})
    return done


def _noted() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((Path(settings.DATA) / NOTED).read_bytes())
    except (OSError, ValueError):
        return {"day": "", "counts": {}}
    return found


def daily(now: datetime | None = None) -> Counter[str]:
    """Everything that is due, and once a day a line in the register: counts by sort, and the hash of the list of what was erased.

    The worker calls it hourly: what waited for the keeper is caught up with, and told with the next day's line.
    """
    moment, done = now or datetime.now(UTC), Counter[str]()
    for _ in range(SWEEPS_MOST):
        found = sweep(moment)
        done += found
        if found["cases"] < BATCH and found["vaults"] + found["vault facts"] < BATCH and not found["sessions"]:
            break
    if done["cases"] or done["vault facts"] or done["vaults"]:
        erasures.compact()
    noted, today = _noted(), moment.astimezone(LOCAL).date().isoformat()
    if noted["day"] != today:
        done += Counter({"caller marks": keeping.unmark()})
    counts = Counter(noted["counts"]) + done
    if noted["day"] != today:
        lines, fingerprint = erasures.fingerprint()
        house.note("erase", "", {"counts": dict(counts), "list": fingerprint, "lines": lines}, at=moment)
        counts, noted["day"] = Counter[str](), today
    write_whole(Path(settings.DATA) / NOTED, json.dumps({"day": noted["day"], "counts": dict(counts)}))
    return done
