"""The pages of boxes: the list, printing slips, and an opening from the first hand to the last slip."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.channels.box import custody, papers, shown
from minan.channels.box.models import Box, Opening
from minan.kernel import access, forms, labels, registry
from minan.kernel.act import Opened, Refused, act
from minan.kernel.models import Case
from minan.kernel.pages.guard import case_of, face_of, person, staff

ADDING = ("clerk", "supervisor")
NAME_MOST, WHERE_MOST = 40, 120
SHEETS = (20, 40, 60, 100)


def _offices(request: HttpRequest) -> list[Any]:
    """The points and stations of this person; to everybody else these pages are not there."""
    found = custody.offices_of(person(request))
    if not found:
        raise Http404
    return found


def _box(request: HttpRequest, pk: UUID) -> Box:
    return get_object_or_404(custody.boxes_of(person(request)), id=pk)


def opening_of(request: HttpRequest, code: str) -> tuple[Case, Opening]:
    """The case of an opening this person may see, and which box it is of; Http404 alike for what is missing and what is not theirs."""
    case = case_of(request, code)
    row = Opening.objects.filter(case_id=case.id).select_related("box").first()
    if row is None:
        raise Http404
    return case, row


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def boxes(request: HttpRequest) -> HttpResponse:
    """The boxes of my point or my township; a new one is put up here."""
    offices, wrong = _offices(request), ""
    adds = access.has_role(person(request), *ADDING)
    if request.method == "POST":
        wrong = _put_up(request, offices) if adds else _("由说事点联络员或者站长登记箱子。")
        if not wrong:
            return redirect("box:boxes")
    rows = shown.boxes(person(request))
    context = {
        "base": face_of(request),
        "rows": rows,
        "adds": adds,
        "offices": offices,
        "wrong": wrong,
        "given": request.POST,
    }
    context["opens"] = custody.procedure_is_there()
    return render(request, "box/boxes.html", context, status=422 if wrong else 200)


def _put_up(request: HttpRequest, offices: list[Any]) -> str:
    """A new box at one of my units; "" or what is wrong."""
    name, where = (request.POST.get(n, "").strip() for n in ("name", "where"))
    office = next((o for o in offices if o.id == request.POST.get("unit")), offices[0])
    if not 0 < len(name) <= NAME_MOST or len(where) > WHERE_MOST:
        return _("箱子要有名字，最多 40 个字；挂在哪里最多 120 个字。")
    if custody.boxes_of(person(request)).filter(unit=office.id, name=name).exists():
        return _("这个名字的箱子已经有了。")
    Box.objects.create(
        unit=office.id, place=office.place, name=name, where=where, keys=request.POST.get("keys", "").strip()[:120]
    )
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
@staff
@never_cache
def slips(request: HttpRequest, box: UUID) -> HttpResponse:
    """Print a book of slips. The codewords on the stubs are shown here once, and kept nowhere."""
    row, me = _box(request, box), person(request)
    if request.method != "POST":
        context = {"base": face_of(request), "box": row, "key": uuid4().hex, "sheets": SHEETS, "most": papers.BOOK_MOST}
        return render(request, "box/slips_ask.html", context)
    count = request.POST.get("count", "")
    if not (count.isascii() and count.isdigit() and len(count) < 5) or len(request.POST.get("key", "")) != 32:
        raise Http404
    key = f"{me.pk}:{request.POST['key']}"
    book = papers.new_book(
        row, int(count), key, access.by(access.actor(me), access.intake_post(access.actor(me))), timezone.now()
    )
    link = request.build_absolute_uri("/m/")
    context = {"box": row, "book": book, "pages": papers.pages(book, key), "link": link}
    with translation.override("zh-hans"):  # who writes on them reads Chinese, whatever the clerk reads
        return render(request, "box/slips.html", context | {"unit": labels.office_name(row.unit)})


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def begin(request: HttpRequest, box: UUID) -> HttpResponse:
    """The first of the two opens the box: which seal is on it?"""
    row, me, refused = _box(request, box), person(request), None
    if not custody.procedure_is_there() or row.unit not in access.units_of(me):
        raise Http404
    seal = request.POST.get("seal", "").strip()[:40]
    if request.method == "POST":
        done = custody.open_box(me, row, seal, request.POST.get("key", "")[:64])
        if isinstance(done, Opened):
            return redirect("box:opening", done.case.code)
        refused = done
    before = custody.last_of(row)
    context = {
        "base": face_of(request),
        "box": row,
        "key": uuid4().hex,
        "seal": seal,
        "refused": refused,
        "before": before,
    }
    return render(request, "box/begin.html", context, status=refused.status if refused is not None else 200)


@require_safe
@staff
def opening(request: HttpRequest, code: str) -> HttpResponse:
    """How an opening stands and what is to be done next."""
    case, row = opening_of(request, code)
    return _page(request, case, row)


def _page(request: HttpRequest, case: Case, row: Opening, tried: Any = None, status: int = 200) -> HttpResponse:
    context = shown.opening(person(request), case, row, timezone.now(), tried) | {"base": face_of(request)}
    return render(request, "box/opening.html", context, status=status)


@require_POST
@staff
def step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """Take a step of the opening; what is refused is told beside the form, with everything typed."""
    case, row = opening_of(request, code)
    procedure = registry.get(case.procedure)
    wanted = procedure.step(step) if procedure and step in shown.OFFERED else None
    if wanted is None:
        raise Http404
    form = forms.of_step(wanted, case, data=request.POST, files=request.FILES)
    done = act(case, step, by=access.actor(person(request)), facts=form.facts() or {}, key=form.key, moves=form.moves)
    if isinstance(done, Refused):
        form.tell(done)
        return _page(request, Case.objects.get(id=case.id), row, (wanted, form, done), done.status)
    messages.success(request, _("记下了：%(step)s") % {"step": labels.into(wanted.label)})
    return redirect("box:opening", code)
