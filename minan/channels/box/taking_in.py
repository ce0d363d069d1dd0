"""Photographs of what was in the box, and the screen on which they become matters: the photo on the left, the form on the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.channels.box import custody, keeping, typed
from minan.channels.box import photos as kept
from minan.channels.box.models import ERASED, Opening, Sheet, Slip
from minan.channels.box.pages import opening_of
from minan.kernel import access, forms, pictures, registry
from minan.kernel.act import Opened, Refused
from minan.kernel.forms import StepForm
from minan.kernel.labels import into
from minan.kernel.models import Case
from minan.kernel.pages.guard import face_of, person, staff
from minan.kernel.procedure import Procedure

PHOTOS_MOST = 12  # a request; the batch goes on with the next
ASKED = ("text", "kind", "place", "place_words", "name", "phone", "address", "visit", "confidential", "about")
SHOWN = "text kind place place_words"


def _mine(request: HttpRequest, code: str) -> tuple[Case, Opening]:
    """An opening whose slips this person types in; Http404 for who only supervises it: handwriting is not theirs to see."""
    case, row = opening_of(request, code)
    if not custody.may_read(person(request), case):
        raise Http404
    return case, row


def matter() -> Procedure:
    """The procedure of what a speaker says; Http404 where there is none."""
    said = (
        p for p in registry.procedures().values() if p.taken_down and not p.privacy
    )
    found = next(said, None)
    if found is None:
        raise Http404
    return found


@require_POST
@staff
def photos(request: HttpRequest, code: str) -> HttpResponse:
    """A batch of photographs: each is read at once; what cannot be read waits for a hand."""
    case, row = _mine(request, code)
    if case.state != "held":
        messages.warning(request, _("现在不能传照片：先清点封箱，或者等签收。"))
        return redirect("box:opening", code)
    files, told, unfit = request.FILES.getlist("photos")[:PHOTOS_MOST], [], []
    for file in files:
        try:
            told.append(custody.photographed(case, row, pictures.read(file.read())))
        except pictures.Unfit as wrong:
            unfit.append(f"{file.name[:40]}：{_(wrong.message)}")
    _tell(request, told, unfit)
    return redirect("box:opening", code)


def _tell(request: HttpRequest, told: list[custody.Told], unfit: list[str]) -> None:
    """What became of the photographs, counted."""
    fresh = [t for t in told if not t.again]
    read, hand = sum(len(t.slips) for t in fresh), sum(not t.slips for t in fresh)
    again, gaps = sum(t.again for t in told), sum(len(t.gaps) for t in told)
    if fresh:
        words = _("读出 %(read)d 张单子；%(hand)d 张照片没读出号，放在“手工认号”里。") % {"read": read, "hand": hand}
        messages.success(request, words)
    if again:
        messages.info(
            request,
            ngettext("%(n)d 张照片传过了，没有重复记。", "%(n)d 张照片传过了，没有重复记。", again) % {"n": again},
        )
    if gaps:
        messages.error(request, _("有单子的号不对，已经报给上一级：看下面的“保管断档”。"))
    if any(t.shut for t in told):
        messages.warning(request, _("照片上有保密的单子，照片已经删了：还没录的单子，请单独再拍。"))
    for one in unfit:
        messages.error(request, one)
    if not told and not unfit:
        messages.warning(request, _("没有选照片。"))


@require_safe
@staff
def photo(request: HttpRequest, code: str, sheet: UUID) -> HttpResponse:
    """One photograph, for who types it in and may open every matter that was made from it."""
    _case, row = _mine(request, code)
    found = Sheet.objects.filter(opening=row, id=sheet).first()
    data = kept.read(found.sha256) if found is not None and keeping.may_be_shown(found, person(request)) else None
    if data is None:
        raise Http404
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": "inline"}
    return HttpResponse(data, content_type="image/jpeg", headers=headers)


@dataclass(slots=True)
class Turn:
    """What lies before the typist: a slip whose number is known, or a photograph on which it is not."""

    slip: Slip | None
    sheets: list[Sheet]
    stands: custody.Standing

    @property
    def name(self) -> str:
        return self.slip.code if self.slip else self.sheets[0].id.hex


def _turn(opening: Opening, stands: custody.Standing, wanted: str) -> Turn | None:
    """The one asked for, else the first: slips by number, then what is read by hand; None when all is done."""
    slip = next((s for s in stands.slips if s.code == wanted), None)
    sheet = next((s for s in stands.hand if s.id.hex == wanted), None)
    if slip is None and sheet is None:
        slip, sheet = next(iter(stands.slips), None), next(iter(stands.hand), None)
    if slip is not None:
        seen = slip.seen.filter(sheet__opening=opening).exclude(sheet__state=ERASED).select_related("sheet").order_by("id")
        return Turn(slip, [one.sheet for one in seen], stands)
    return Turn(None, [sheet], stands) if sheet else None


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def typing(request: HttpRequest, code: str) -> HttpResponse:
    """One slip after another."""
    case, row = _mine(request, code)
    turn = _turn(row, custody.standing(case, row), (request.POST or request.GET).get("of", "")[:32])
    if turn is None or case.state != "held":
        return redirect("box:opening", code)
    if request.method == "POST" and request.POST.get("of") != turn.name:
        messages.info(request, into(typed.DONE))
        return redirect("box:type", code)
    return _typed(request, case, row, turn) if request.method == "POST" else _screen(request, case, row, turn)


def _form(request: HttpRequest, case: Case, data: Any = None) -> StepForm:
    opening, unit = matter().opening, next(iter(access.units_of(person(request))), "")
    specs = tuple(f for f in opening.fields if f.name in ASKED)
    form = forms.of_opening(opening, None, unit, find=request.GET.get("find", "")[:40], data=data)
    form.specs = specs
    form.initial["place"] = case.place
    return form


def _screen(
    request: HttpRequest,
    case: Case,
    row: Opening,
    turn: Turn,
    form: StepForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "base": face_of(request),
        "case": case,
        "box": row.box,
        "turn": turn,
        "form": form or _form(request, case),
        "shown": SHOWN,
    }
    context["place_first"] = case.place
    return render(request, "box/type.html", context | more, status=status)


def _typed(request: HttpRequest, case: Case, row: Opening, turn: Turn) -> HttpResponse:
    """What the typist decided: take it in, void, seen before, this number, or none of ours."""
    do, me, code = request.POST.get("do", "take"), person(request), case.code
    if do == "void" and turn.slip:
        typed.void(me, case, row, turn.slip)
    elif do == "again" and not turn.slip:
        custody.again(turn.sheets[0])
    elif do == "number" and not turn.slip:
        found = typed.numbered(case, row, turn.sheets[0], request.POST.get("number", "")[:64])
        if isinstance(found, Refused):
            return _screen(
                request, case, row, turn, status=422, wrong=into(found.reason), number=request.POST.get("number", "")
            )
        return redirect(f"{request.path}?of={found.code}")
    elif do == "take":
        return _taken(request, case, row, turn)
    return _next(request, code, row)


def _taken(request: HttpRequest, case: Case, row: Opening, turn: Turn) -> HttpResponse:
    """Make the matter; a refusal comes back with everything typed."""
    form, me = _form(request, case, request.POST), person(request)
    facts = {name: value for name, value in (form.facts() or {}).items() if name in ASKED}
    if turn.slip:
        done = typed.slip(me, case, row, turn.slip, matter(), facts)
    else:
        done = typed.plain(me, case, turn.sheets[0], matter(), facts)
    if isinstance(done, Opened):
        return _next(request, case.code, row)
    form.tell(done)
    return _screen(request, case, row, turn, form, done.status)


def _next(request: HttpRequest, code: str, row: Opening) -> HttpResponse:
    """On to the next; after the last one it is added up."""
    if custody.left(row):
        return redirect("box:type", code)
    case = Case.objects.get(id=row.case_id)
    stands = custody.standing(case, row)
    if stands.left == 0 and stands.accounted == stands.counted and custody.finish(case, stands.accounted) is None:
        messages.success(request, _("清点 %(n)d 张，录了 %(n)d 张，数对上了。") % {"n": stands.accounted})
    return redirect("box:opening", code)


@require_POST
@staff
def finish(request: HttpRequest, code: str) -> HttpResponse:
    """No more photographs: does it add up? If not, it is a gap, and the level above hears of it."""
    case, row = _mine(request, code)
    stands = custody.standing(case, row)
    if stands.left:
        messages.warning(request, ngettext("还有 %(n)d 张没有录完。", "还有 %(n)d 张没有录完。", stands.left) % {"n": stands.left})
        return redirect("box:opening", code)
    refused = custody.finish(case, stands.accounted) if case.state == "held" else None
    if refused is not None:
        messages.error(request, into(refused.reason))
    return redirect("box:opening", code)
