"""Pages under /improvements/: what everybody may read, a desk's own projects, beginning one, the project and its steps."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from minan.kernel import labels
from minan.kernel.pages.guard import face_of, person, staff
from minan.systems.improvements import beginning, page


@require_safe
def public(request: HttpRequest) -> HttpResponse:
    """Published projects: what, in which township, before and after. Nobody's name."""
    return render(request, "improvements/public.html", {"rows": page.public()})


@require_safe
@never_cache
@staff
def mine(request: HttpRequest) -> HttpResponse:
    """The projects before this person."""
    return render(request, "improvements/mine.html", {"base": face_of(request), "rows": page.mine(person(request), timezone.now())})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@staff
def begin(request: HttpRequest) -> HttpResponse:
    """Begin one: by itself, or from a case whose code stands in the address."""
    new = beginning.Beginning.of(request)
    if request.method == "POST" and new.take():
        assert new.case is not None
        messages.success(request, _("立项了"))
        return redirect("improvements:project", new.case.code)
    return render(request, "improvements/begin.html", {"base": face_of(request), "form": new.form}, status=new.status)


@require_safe
@never_cache
@staff
def project(request: HttpRequest, code: str) -> HttpResponse:
    """One project with what its reader may do."""
    here = page.entered(request, person(request), code)
    page.choose(here, request.GET.get("step", "")[:40])
    return render(request, "improvements/project.html", page.context(here, person(request)) | {"base": face_of(request)})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@staff
def take(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """One act; refused, the page comes again with the reason and every word."""
    here = page.entered(request, person(request), code)
    if request.method != "POST":
        return redirect(f"{request.path.rsplit('/', 2)[0]}/?step={step}")
    if not page.take(here, step):
        assert here.refused is not None
        told = page.context(here, person(request)) | {"base": face_of(request)}
        return render(request, "improvements/project.html", told, status=here.refused.status)
    messages.success(request, _("记下了：%(step)s") % {"step": labels.into(here.chosen.label if here.chosen else None)})
    return redirect("improvements:project", here.case.code)
