"""A picture or recording of a case, for those who may see the case; by id, never by path."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from minan.kernel import access, attachments
from minan.kernel.pages import handed
from minan.kernel.pages.guard import case_of, person, staff

HEADERS = {"Cache-Control": "private, no-store", "Content-Disposition": "inline"}


@require_safe
@staff
def photo(request: HttpRequest, code: str, photo: UUID) -> HttpResponseBase:
    """The picture, or with ?small its small version; the recording, or the part a player asks for."""
    case = case_of(request, code)
    user = person(request)
    roles = access.roles_of(access.actor(user), case.as_view())
    found = next((one for one in attachments.of(case, staff=True, person=str(user.pk), roles=roles) if one.id == photo), None)
    if found is None:
        raise Http404
    return handed.answer(found, request.headers.get("Range", ""), HEADERS, small="small" in request.GET)
