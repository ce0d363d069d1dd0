"""How long a photograph of slips lives: handwriting tells who wrote. Its hash stays in the opening's chain.

It goes on its day; and at once when a matter on it is closed to sight (confidential, sealed, passed on), when words were taken out
of one, or when its speaker or the calendar had something of it erased: the picture would still say it. A slip on the same picture
that is not typed in yet is photographed anew, by itself: the paper is still there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from minan.channels.box import photos
from minan.channels.box.models import ERASED, Plain, Seen, Sheet
from minan.kernel import erasures, rights
from minan.kernel.models import Case, Event, User

KEEP_DAYS = 180  # long enough for an objection (30 days) and a review above it; a rule of the house, not of law
A_TURN = 50
EVERY = timedelta(hours=1)
TOLD = (rights.ASK, rights.ERASED)  # steps after which the picture says more than the matter may
_next: list[datetime] = []


def turn(now: datetime) -> int:
    """Called by the worker once a turn; looks once an hour, and first of all when it begins: a backup may have been brought back."""
    if _next and now < _next[0]:
        return 0
    _next[:] = [now + EVERY]
    return sweep(now)


def sweep(now: datetime) -> int:
    """Erase what has reached its day, and what a matter on it does not allow any longer. Returns how many photographs went."""
    kept = Sheet.objects.exclude(state=ERASED)
    old = kept.filter(at__lt=now - timedelta(days=KEEP_DAYS)).order_by("at")[:A_TURN]
    return erase([*old, *_shown(kept, _shut()), *_shown(kept, Case.objects.filter(code__in=_listed()))])


def erase(sheets: Iterable[Sheet]) -> int:
    """Erase these photographs; the file stays only where another opening's photograph is the very same."""
    gone = {sheet.id: sheet.sha256 for sheet in sheets}
    Sheet.objects.filter(id__in=list(gone)).update(state=ERASED)
    for sha256 in set(gone.values()):
        if not Sheet.objects.filter(sha256=sha256).exclude(state=ERASED).exists():
            photos.erase(sha256)
    return len(gone)


def look_at(cases: Iterable[UUID]) -> int:
    """Erase the photographs of these matters, where one of them does not allow them any longer."""
    return erase(_shown(Sheet.objects.exclude(state=ERASED), _shut().filter(id__in=list(cases))))


def may_be_shown(sheet: Sheet, user: User) -> bool:
    """Every matter made from it is one this person may open, and none is closed to sight or has lost words."""
    if sheet.state == ERASED:
        return False
    made = cases_of(sheet)
    return Case.objects.visible_to(user).filter(id__in=made).count() == len(made) and not _shut().filter(id__in=made).exists()


def cases_of(sheet: Sheet) -> set[UUID]:
    """The matters made from one photograph. Two queries."""
    slips = Seen.objects.filter(sheet=sheet, slip__case_id__isnull=False).values_list("slip__case_id", flat=True)
    return {*slips, *Plain.objects.filter(sheet=sheet).values_list("case_id", flat=True)}


def _shut() -> QuerySet[Case]:
    """Matters whose handwriting nobody may see any longer."""
    told = Event.objects.filter(county=OuterRef("county"), case_id=OuterRef("id"), step__in=TOLD)
    return Case.objects.filter(Q(privacy__gt="") | Q(text="") | Q(facts__has_key="hidden") | Exists(told))


def _shown(sheets: QuerySet[Sheet], cases: QuerySet[Case]) -> list[Sheet]:
    ids = cases.values("id")
    slips, plain = Seen.objects.filter(slip__case_id__in=ids), Plain.objects.filter(case_id__in=ids)
    return list(sheets.filter(Q(id__in=slips.values("sheet")) | Q(id__in=plain.values("sheet"))))


def _listed() -> list[str]:
    """The codes of which something was erased, after the list that outlives every backup; those of photographed matters alone."""
    path = Path(settings.DATA) / erasures.LIST
    if not path.exists():
        return []
    made = set(Seen.objects.exclude(sheet__state=ERASED).values_list("slip__code", flat=True))
    plain = Plain.objects.exclude(sheet__state=ERASED).values("case_id")
    made |= set(Case.objects.filter(id__in=plain).values_list("code", flat=True))
    with path.open(encoding="ascii") as file:
        return sorted(made & {json.loads(line)["code"] for line in file}) if made else []
