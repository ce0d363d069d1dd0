"""A photo of a matter, for its speaker and for the staff who may see the matter; for anybody else it is not there."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from minan.channels.web import entered
from minan.kernel import attachments, registry
from minan.kernel.models import Attachment, Case, Event
from minan.lib import codes

HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff", "Content-Disposition": "inline"}


def _picture(request: HttpRequest, code: str, pk: UUID) -> Attachment:
    """The attachment, or 404. A speaker does not get the pictures of steps that are the staff's own."""
    staff = Case.objects.visible_to(request.user).filter(code=codes.parse(code) or "-").first() if request.user.is_authenticated else None  # type: ignore[arg-type]
    case = staff or entered.case(request, code)
    found = Attachment.objects.filter(county=case.county, case_id=case.id, pk=pk).first() if case else None
    if case is None or found is None:
        raise Http404
    if staff is None:
        name = Event.objects.filter(county=case.county, case_id=case.id, n=found.n).values_list("step", flat=True).first() or ""
        procedure = registry.get(case.procedure)
        step = procedure.step(name) if procedure else None
        if step is not None and not step.public:
            raise Http404
    return found


@require_safe
def photo(request: HttpRequest, code: str, pk: UUID, small: bool = False) -> HttpResponseBase:
    """The picture, or its small version."""
    found = _picture(request, code, pk)
    path = attachments.path_of(found.sha256, thumb=small)
    if not path.exists():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/jpeg" if small else found.mime, headers=HEADERS)
