"""A photo or recording of a matter, for its speaker and for the staff who may see the matter; for anybody else it is not there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from minan.channels.web import entered
from minan.kernel import access, attachments, registry
from minan.kernel.models import Attachment, Case, Event
from minan.kernel.pages import handed
from minan.lib import codes

HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff", "Content-Disposition": "inline"}


def _of_staff(request: HttpRequest, code: str) -> Case | None:
    """The case as staff who may see it; None for everybody else."""
    user: Any = request.user
    found = Case.objects.visible_to(user).filter(code=codes.parse(code) or "-") if user.is_authenticated else None
    return found.first() if found is not None else None


def _told(case: Case, n: int) -> bool:
    """Whether event `n` stands on the speaker's page: not where its step is the staff's own, or no longer known."""
    name = Event.objects.filter(county=case.county, case_id=case.id, n=n).values_list("step", flat=True).first()
    procedure = registry.get(case.procedure)
    step = procedure.step(name or "") if procedure else None
    return n == 1 or (step is not None and step.public)


def _picture(request: HttpRequest, code: str, pk: UUID) -> Attachment:
    """The attachment, or 404."""
    staff = _of_staff(request, code)
    case = staff or entered.case(request, code)
    user: Any = request.user
    roles = access.roles_of(access.actor(user), staff.as_view()) if staff else ()
    theirs = attachments.of(case, staff=staff is not None, person=str(user.pk), roles=roles) if case else []
    found = next((one for one in theirs if one.id == pk), None)
    if case is None or found is None or (staff is None and not _told(case, found.n)):
        raise Http404
    return found


@require_safe
def photo(request: HttpRequest, code: str, pk: UUID, small: bool = False) -> HttpResponseBase:
    """The picture, or its small version; the recording, or the part a player asks for."""
    return handed.answer(_picture(request, code, pk), request.headers.get("Range", ""), HEADERS, small=small)
