"""The notices of my units: what was handed to them, sent up to them or fell due; read ones stay, marked."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from minan.kernel import access, labels, registry
from minan.kernel.models import Case, Event, Message, Reminder, User, Wall
from minan.kernel.pages.guard import face_of, person, staff

SHOWN, LISTS = 50, 10


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _words(message: Message, case: Case | None, step: str | None) -> str:
    """What happened, in the reader's language, and where it lies: 答复·县住建局. As it was sent where the case is gone."""
    if case is None or step is None:
        return message.words
    if message.n == 1:
        return _("新来一件") + f"·{labels.office_name(case.unit or case.desk)}"
    done = registry.label(case.procedure, case.version, "steps", step)["en" if labels.english() else "zh"]
    return f"{done}·{labels.office_name(case.unit or case.desk)}"


def mine(user: User) -> Any:
    """The notices of this person's units, but for cases from which they are kept away since."""
    walls = Wall.objects.filter(county=OuterRef("county"), case_id=OuterRef("case_id"), who__in=access.keys_of(user))
    return Message.objects.filter(~Exists(walls), to__in=access.units_of(user))


def _rows(user: User, unread: bool, before: datetime | None) -> tuple[list[dict[str, Any]], str]:
    """One page of notices, newest first, each with its case, and the cursor of the next. Three queries."""
    found = mine(user).filter(Q(read_at=None) if unread else Q())
    if before:
        found = found.filter(made_at__lt=before)
    page = list(found.order_by("-made_at")[: SHOWN + 1])
    shown = page[:SHOWN]
    cases = {c.id: c for c in Case.objects.filter(id__in={m.case_id for m in shown})}
    taken = Event.objects.filter(case_id__in=list(cases), n__in={m.n for m in shown}).values_list(
        "case_id", "n", "step"
    )
    steps = {(case_id, n): step for case_id, n, step in taken}
    gone = {
        m.id for m in shown if (c := cases.get(m.case_id)) and c.privacy and m.to not in access.audience(c.as_view())
    }
    rows = [
        {"message": m, "case": (case := cases.get(m.case_id)), "words": _words(m, case, steps.get((m.case_id, m.n)))}
        for m in shown
        if m.id not in gone
    ]
    return rows, shown[-1].made_at.isoformat() if len(page) > SHOWN else ""


@require_safe
@staff
def board(request: HttpRequest) -> HttpResponse:
    """The unread notices, newest first; `all=1` shows the read ones too."""
    every = request.GET.get("all") == "1"
    rows, after = _rows(person(request), not every, _moment(request.GET.get("cursor", "")))
    lists = Reminder.objects.filter(unit__in=access.actor(person(request)).units).exclude(sent_at=None).order_by("-sent_at")
    lists = lists if every else lists.filter(read_at=None)
    context = {"rows": rows, "lists": lists[:LISTS], "next": after, "every": every, "face": face_of(request)}
    return render(request, "kernel/board.html", context)


@require_POST
@staff
def read(request: HttpRequest) -> HttpResponse:
    """Mark one notice, or those shown, as read."""
    ids = [found for text in request.POST.getlist("id")[:SHOWN] if (found := _id(text))]
    Message.objects.filter(
        id__in=list(mine(person(request)).filter(id__in=ids, read_at=None).values_list("id", flat=True))
    ).update(read_at=timezone.now())
    return redirect("kernel:board")
