"""Pages under /accidents/: filing one, the file and its narrow cases, the papers to print, the findings of the police from a file."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.kernel import access, directory, labels, papers
from minan.kernel.pages import kin
from minan.kernel.pages.entering import ours
from minan.kernel.pages.guard import face_of, person, staff
from minan.kernel.procedure import Words
from minan.systems.accidents import importing, page, prints
from minan.systems.accidents.filing import Filing

NO_FILE = Words("选一个文件，或者把内容贴进来", "Choose a file, or paste its content")


def _drawn(request: HttpRequest, here: page.Here, status: int = 200) -> HttpResponse:
    base = "shell/face_phone.html" if here.by_link else face_of(request)
    return render(request, "accidents/file.html", page.context(here) | {"base": base}, status=status)


@require_safe
@never_cache
@ours
def file(request: HttpRequest, code: str) -> HttpResponse:
    """The accident, or the one narrow case of it that is this reader's."""
    here = page.entered(request, code)
    page.choose(here, request.GET.get("step", "")[:40])
    return _drawn(request, here)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@ours
def take(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """One act; refused, the page comes again with the reason and every word."""
    here = page.entered(request, code)
    if request.method != "POST":
        return redirect(f"{reverse('accidents:file', args=[here.own.code])}?step={step}")
    if not page.take(here, step):
        assert here.refused is not None
        return _drawn(request, here, here.refused.status)
    messages.success(request, _("记下了：%(step)s") % {"step": labels.into(here.chosen.label if here.chosen else None)})
    return redirect("accidents:file", here.own.code)


@require_safe
@never_cache
@ours
def printed(request: HttpRequest, code: str, what: str) -> HttpResponse:
    """A paper as PDF, for whoever may read what stands on it; 404 where it cannot be made here."""
    here = page.entered(request, code)
    made = prints.sheet(here, what)
    answer = papers.answer(made, f"{what}-{here.own.code}") if made is not None else None
    if answer is None:
        raise Http404
    return answer


@require_POST
@never_cache
@staff
def link(request: HttpRequest, code: str) -> HttpResponse:
    """The link of a side for whoever sits before the mediator; each time an event that the side reads."""
    return kin.handed(request, code, "road_party", "accidents:file", "accidents/link.html")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def report(request: HttpRequest) -> HttpResponse:
    """File an accident: a resident for themselves, staff for who sits before them."""
    mine = Filing.of(request)
    base = face_of(request) if mine.staff else "shell/face_phone.html"
    if request.method == "POST" and mine.take():
        assert mine.case is not None
        return render(request, "accidents/filed.html", kin.shown(request, mine.case, mine.secret) | {"base": base, "mine": mine})
    return render(request, "accidents/report.html", {"base": base, "mine": mine, "form": mine.form}, status=mine.status)


@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Look for the village by a word of its name; what was typed stays."""
    mine = Filing.of(request, find=request.POST.get("find", "")[:40])
    base = face_of(request) if mine.staff else "shell/face_phone.html"
    return render(request, "accidents/report.html", {"base": base, "mine": mine, "form": mine.form})


def _is_police(request: HttpRequest) -> bool:
    units = access.actor(person(request)).units
    return any((office := directory.office(unit)) is not None and office.word == "traffic" for unit in units)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@staff
def findings(request: HttpRequest) -> HttpResponse:
    """Findings from a file or a program of the traffic police: CSV or JSON, each by its number."""
    if not _is_police(request):
        raise Http404
    typed, lines, wrong = request.POST.get("text", ""), [], None
    if request.method == "POST":
        handed = request.FILES.get("file")
        program = request.content_type == "application/json"
        raw = request.body if program else handed.read(importing.BYTES_MOST + 1) if handed else typed.encode()
        try:
            lines = importing.take(raw, access.actor(person(request)), timezone.now()) if raw.strip() else []
            wrong = None if raw.strip() else NO_FILE
        except ValueError as fault:
            wrong = fault.args[0]
        if program:
            return _as_json(lines, wrong)
    status = 422 if wrong or any(line.what == "bad" for line in lines) else 200
    told = {"base": face_of(request), "lines": lines, "wrong": wrong, "typed": typed, "columns": importing.COLUMNS}
    return render(request, "accidents/findings.html", told, status=status)


def _as_json(lines: list[importing.Line], wrong: Words | None) -> HttpResponse:
    if wrong:
        return JsonResponse({"error": labels.into(wrong)}, status=422, json_dumps_params={"ensure_ascii": False})
    rows = [{"line": one.n, "number": one.number, "what": one.what, "words": labels.into(one.words), "code": one.code} for one in lines]
    status = 422 if any(one.what == "bad" for one in lines) else 200
    return HttpResponse(json.dumps({"lines": rows}, ensure_ascii=False), status=status, content_type="application/json")
