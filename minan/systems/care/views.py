"""Pages under /care/: centres with free beds for everybody, the agreement and its one big button, visits, stays, the bed board."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.kernel import access, family
from minan.kernel.access import CLOCK
from minan.kernel.act import Refused, act
from minan.kernel.pages import entering, kin
from minan.kernel.pages.entering import ours
from minan.kernel.pages.guard import face_of, person, staff
from minan.lib import codes
from minan.systems.care import asking, beds, handlers, lists, page, stay_page, staying, watching

PHONE = "shell/face_phone.html"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The centres with their free beds tonight, for everybody; and the two things one may ask for."""
    lines = beds.board(staying.today(timezone.now()), 1)
    told = {"lines": lines, "beds": sum(one.beds for one in lines), "free": sum(one.free[0] for one in lines)}
    return render(request, "care/index.html", told)


# ---- the agreement


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """Agree on a daily sign: a person for themselves, a guardian, or the point for who sits before it."""
    mine = asking.Asking.of(request)
    base = face_of(request) if mine.staff else PHONE
    if request.method == "POST" and mine.take():
        assert mine.case is not None
        return render(request, "care/asked.html", kin.shown(request, mine.case, mine.secret) | {"base": base, "mine": mine})
    return render(request, "care/ask.html", {"base": base, "mine": mine, "form": mine.form}, status=mine.status)


@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Look for the village by a word of its name; what was typed stays."""
    mine = asking.Asking.of(request, find=request.POST.get("find", "")[:40])
    return render(request, "care/ask.html", {"base": face_of(request) if mine.staff else PHONE, "mine": mine, "form": mine.form})


@require_safe
@never_cache
@ours
def own(request: HttpRequest, code: str) -> HttpResponse:
    """The agreement: one big button, and who was told."""
    here = page.entered(request, code)
    base = face_of(request) if here.kind == page.STAFF else PHONE
    return render(request, "care/own.html", page.context(here) | {"base": base})


@require_POST
@never_cache
@ours
def fine(request: HttpRequest, code: str) -> HttpResponse:
    """A sign of life: today's bit, nothing else."""
    here = page.entered(request, code)
    if here.watch is None or not here.own.open:
        raise Http404
    watching.give(here.watch, page.how_of(here), here.now)
    messages.success(request, _("记下了：今天平安"))
    return redirect("care:own", here.own.code)


@require_POST
@never_cache
@ours
def pause(request: HttpRequest, code: str) -> HttpResponse:
    """No sign is awaited for some days; where the person is, nobody asks."""
    here, days = page.entered(request, code), request.POST.get("days", "")
    if here.watch is None or here.kind != page.OWN or not (days.isascii() and days.isdigit()):
        raise Http404
    watching.pause(here.watch, int(days[:3]), here.now)
    messages.success(request, _("暂停了，到日子自己恢复") if int(days[:3]) else _("恢复了"))
    return redirect("care:own", here.own.code)


@require_POST
@never_cache
@ours
def device(request: HttpRequest, code: str) -> HttpResponse:
    """Name the gateway at home that judges by itself."""
    here = page.entered(request, code)
    if here.watch is None or here.kind == page.HAND:
        raise Http404
    if watching.set_device(here.watch, request.POST.get("device", "")):
        messages.success(request, _("盒子记下了"))
    else:
        messages.error(request, _("这里没有登记这个盒子，或者别家用着。请社区先登记设备"))
    return redirect("care:own", here.own.code)


@require_POST
@never_cache
@ours
def end(request: HttpRequest, code: str) -> HttpResponse:
    """One tap ends it: at once, with everything; a helper ends their own part."""
    here = page.entered(request, code)
    done = act(here.own, "leave" if here.kind == page.HAND else "end", by=here.actor, at=max(here.now, here.own.changed_at))
    if isinstance(done, Refused):
        raise Http404
    if here.kind != page.HAND:
        watching.settle(here.own, here.now)
        handlers.erase(here.own, here.now)
    messages.success(request, _("停了，都擦掉了"))
    return redirect("care:own", here.own.code)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@ours
def hands(request: HttpRequest, code: str) -> HttpResponse:
    """The helpers' links, for the person to hand on or to take back."""
    here = page.entered(request, code)
    if here.kind == page.HAND:
        raise Http404
    there = page.hands(here.agreement)
    if request.method == "POST":
        gone = next((one for one in there if one.code == (codes.parse(request.POST.get("hand", "")) or "-")), None)
        if gone is not None:
            act(gone, "leave", by=CLOCK, at=max(here.now, gone.changed_at))
        return redirect("care:hands", here.own.code)
    shown = [kin.shown(request, one, family.link_of(one)) for one in there]
    return render(request, "care/hands.html", {"base": PHONE if here.kind == page.OWN else face_of(request), "hands": shown,
        "case": here.own})


# ---- who works


@require_safe
@never_cache
@staff
def visits(request: HttpRequest) -> HttpResponse:
    """Today's visits and the paper plan of my points."""
    return render(request, "care/visits.html", lists.visits(person(request), timezone.now()) | {"base": face_of(request)})


@require_POST
@staff
def seen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A line of the paper plan: the worker saw them."""
    line = watching.line(access.actor(person(request)).units, pk)
    if line is None:
        raise Http404
    watching.give(line, "staff", timezone.now())
    messages.success(request, _("第 %(n)d 号：今天平安") % {"n": line.number})
    return redirect("care:visits")


@require_safe
@never_cache
@staff
def board(request: HttpRequest) -> HttpResponse:
    """Free and taken beds of my street by centre and day."""
    return render(request, "care/beds.html", lists.board(person(request), timezone.now()) | {"base": face_of(request)})


# ---- stays


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def apply(request: HttpRequest) -> HttpResponse:
    """Apply for a short stay: the person, their family, or the desk for who sits before it; no account needed."""
    mine = stay_page.Applying.of(request)
    base = face_of(request) if mine.staff else PHONE
    if request.method == "POST" and mine.take():
        assert mine.case is not None
        return render(request, "care/applied.html", kin.shown(request, mine.case, mine.secret) | {"base": base, "mine": mine})
    return render(request, "care/apply.html", {"base": base, "mine": mine, "form": mine.form}, status=mine.status)


@require_safe
@never_cache
@ours
def stay(request: HttpRequest, code: str) -> HttpResponse:
    """One stay: where it stands, which bed, how manieth in the queue, what can be done now."""
    case, actor = entering.entered(request, code, ("stay",))
    base = PHONE if actor.kind == "speaker" else face_of(request)
    return render(request, "care/stay.html", stay_page.context(request, case, actor, timezone.now()) | {"base": base})
