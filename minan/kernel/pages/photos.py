"""A picture of a case, for those who may see the case; by id, never by path."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from minan.kernel import attachments
from minan.kernel.pages.guard import case_of, person, staff


@require_safe
@staff
def photo(request: HttpRequest, code: str, photo: UUID) -> HttpResponseBase:
    """The picture, or with ?small its small version."""
    case = case_of(request, code)
    found = next((one for one in attachments.of(case, staff=True, person=str(person(request).pk)) if one.id == photo), None)
    small = "small" in request.GET
    path = attachments.path_of(found.sha256, thumb=small) if found else None
    if found is None or path is None or not path.is_file():
        raise Http404
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": "inline"}
    return FileResponse(path.open("rb"), content_type="image/jpeg" if small else found.mime, headers=headers)
