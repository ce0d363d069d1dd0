"""Forgets on its day what need not be kept (PIPL art. 19 and 47): the vault's facts by class, a closed case's words by its state.

What is erased stands on a list outside the records first, so that no backup brings it back; events and their hashes stay,
and every proof still holds. A case marked "hold" (a legal hold) is left alone.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from minan.kernel import attachments, erasures, registry, rows, search, vault
from minan.kernel.directory import LOCAL
from minan.kernel.models import Attachment, Body, Case, Message, Session, Speaker, Token
from minan.kernel.procedure import Field

# Days after a case was closed, by data class (RELIABILITY.md §5); a field may ask for fewer.
CLASS_DAYS = {"P2": 730, "P3": 365, "P4": 730}
MESSAGE_DAYS = 365  # a notice on a board, without personal data
BATCH = 500  # cases a sweep
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


def _closed(limit: datetime, **more: Any) -> list[Case]:
    found = Case.objects.filter(closed_at__lt=limit, **more).order_by("closed_at")
    return [case for case in found[:BATCH] if not case.marks.get("hold")]


def vaults(now: datetime, dry: bool) -> Counter[str]:
    """Sealed facts whose day has come: each alone where others stay, the case's key with them where none does."""
    done, known = Counter[str](), _sealed_fields()
    least = min([days_of(name, known) for name in known] + [CLASS_DAYS["P2"]])
    open_ = Speaker.objects.filter(wrapped__isnull=False, county__isnull=False)
    ids = set(
        open_.filter(case_id__in=Case.objects.filter(closed_at__lt=before(now, least)).values("id")).values_list(
            "case_id", flat=True
        )[:BATCH]
    )
    for case in Case.objects.filter(id__in=ids):
        if case.marks.get("hold") or case.closed_at is None:
            continue
        row = Speaker.objects.get(county=case.county, case_id=case.id)
        try:
            facts = vault.unseal(case.code, row.wrapped or b"", row.sealed or b"")
        except vault.Sealed:
            facts = {}  # its key is gone: nobody can read it, only the row is left
        stays = {name: value for name, value in facts.items() if case.closed_at >= before(now, days_of(name, known))}
        if facts and len(stays) == len(facts):
            continue
        done["vault facts"] += len(facts) - len(stays)
        done["vaults"] += not stays
        if dry:
            continue
        if stays:
            _, sealed = vault.seal(case.code, stays, bytes(row.wrapped or b""))
            Speaker.objects.filter(id=row.id).update(sealed=sealed, phone=bool(stays.get("phone")))
        else:
            _erase([(case.code, "speaker", 0)], now)
    return done


def _erase(entries: Iterable[erasures.Entry], now: datetime) -> None:
    listed = list(entries)
    erasures.note(listed, now.astimezone(LOCAL).date().isoformat())
    erasures.erase(listed)


def words(now: datetime, dry: bool) -> Counter[str]:
    """What was said and answered in closed cases, after the days their final state keeps them: words, pictures, search."""
    done = Counter[str]()
    for procedure in registry.procedures().values():
        for state in procedure.states:
            if not state.final or state.keep_days is None:
                continue
            with_words = _closed(before(now, state.keep_days), procedure=procedure.name, state=state.name, text__gt="")
            for case in with_words:
                numbers = list(Body.objects.filter(county=case.county, case_id=case.id).values_list("n", flat=True))
                done["cases"] += 1
                done["bodies"] += len(numbers)
                if not dry:
                    _forget(case, numbers, now)
    return done


def _forget(case: Case, numbers: list[int], now: datetime) -> None:
    pictures = list(Attachment.objects.filter(county=case.county, case_id=case.id).values_list("sha256", flat=True))
    with transaction.atomic():
        _erase([(case.code, "speaker", 0), *((case.code, "body", n) for n in numbers)], now)
        Attachment.objects.filter(county=case.county, case_id=case.id).delete()
        rows.forget(case.county, case.id)
        search.forget(case)
    for sha256 in pictures:
        if not Attachment.objects.filter(sha256=sha256).exists():
            for path in (attachments.path_of(sha256), attachments.path_of(sha256, thumb=True)):
                with suppress(OSError):
                    path.unlink()


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
    """Erase what is due, at most BATCH cases of each sort; with `dry` only count it. The worker calls it hourly."""
    moment, done = now or datetime.now(UTC), Counter[str]()
    for part in (vaults, words, rest):
        done += part(moment, dry)
    if done and not dry:
        log.info("retention", extra={"erased": dict(done)})
    return done
