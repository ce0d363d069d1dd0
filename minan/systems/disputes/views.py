"""Pages under /disputes/: applying, the room and its acts, the link to hand over. No secret stands in an address."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.kernel import access, labels
from minan.kernel.pages import kin
from minan.kernel.pages.entering import ours
from minan.kernel.pages.guard import face_of, staff
from minan.systems.disputes import applying, page, sealing


def _base(request: HttpRequest, here: page.Here) -> str:
    return "shell/face_phone.html" if here.by_link else face_of(request)


@require_safe
@never_cache
@ours
def room(request: HttpRequest, code: str) -> HttpResponse:
    """The dispute as this reader may see it, with what they may do."""
    here = page.entered(request, code)
    page.choose(here, request.GET.get("step", "")[:40])
    return render(request, "disputes/room.html", page.context(here) | {"base": _base(request, here)})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@ours
def take(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """One act; refused, the page comes again with the reason and every word."""
    here = page.entered(request, code)
    if request.method != "POST":
        return redirect(f"{reverse('disputes:room', args=[here.own.code])}?step={step}")
    if not page.take(here, step):
        assert here.refused is not None
        return render(
            request,
            "disputes/room.html",
            page.context(here) | {"base": _base(request, here)},
            status=here.refused.status,
        )
    messages.success(request, _("记下了：%(step)s") % {"step": labels.into(here.chosen.label if here.chosen else None)})
    again = access.is_staff(request.user) and not here.is_side and not page.sees(here)
    return redirect("kernel:desk") if again else redirect("disputes:room", here.own.code)


@sensitive_post_parameters("amount", "code")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@ours
def seal(request: HttpRequest, code: str) -> HttpResponse:
    """A side hands in a sealed offer; the answer is the receipt, shown this once."""
    here = page.entered(request, code)
    if request.method != "POST":
        return redirect(f"{reverse('disputes:room', args=[here.own.code])}?step=seal_offer")
    page.choose(here, "seal_offer", request.POST)
    if here.chosen is None or not here.is_side:
        raise Http404
    receipt = sealing.hand_in(here)
    if receipt is None:
        assert here.refused is not None
        here.dispute, here.sides = page.family_of(here.own)
        shown = page.context(here) | {"base": _base(request, here)}
        return render(request, "disputes/room.html", shown, status=here.refused.status)
    if not receipt.nonce:
        messages.success(request, _("这一份已经收到了"))
        return redirect("disputes:room", here.own.code)
    return render(request, "disputes/sealed_receipt.html", {"base": _base(request, here), "here": here, "receipt": receipt})


@require_POST
@never_cache
@staff
def link(request: HttpRequest, code: str) -> HttpResponse:
    """A side's link for whoever sits with them, to be copied, printed or photographed; each time an event that the side reads."""
    return kin.handed(request, code, "side", "disputes:room", "disputes/link.html")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def apply(request: HttpRequest) -> HttpResponse:
    """Apply for mediation: a resident for themselves, staff for who sits before them or because the committee comes by itself."""
    mine = applying.Applying.of(request)
    base = face_of(request) if mine.staff else "shell/face_phone.html"
    if request.method == "POST" and mine.take():
        assert mine.case is not None
        return render(
            request, "disputes/applied.html", kin.shown(request, mine.case, mine.secret) | {"base": base, "mine": mine}
        )
    return render(request, "disputes/apply.html", {"base": base, "mine": mine, "form": mine.form}, status=mine.status)


@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Look for the village by a word of its name; what was typed stays."""
    mine = applying.Applying.of(request, find=request.POST.get("find", "")[:40])
    base = face_of(request) if mine.staff else "shell/face_phone.html"
    return render(request, "disputes/apply.html", {"base": base, "mine": mine, "form": mine.form})
