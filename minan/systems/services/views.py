"""The pages of the neighbourhood's services: shops, one shop, ordering, an order, a shop's own desk, applying."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from minan.kernel import choices, directory, labels
from minan.kernel.act import Refused
from minan.kernel.models import Case
from minan.kernel.pages import kin
from minan.kernel.pages.entering import ours
from minan.kernel.pages.guard import face_of
from minan.systems.services import links, listing, ordering, own, room
from minan.systems.services.shop import TRADES

PHONE = "shell/face_phone.html"
TAKEN = ["GET", "HEAD", "POST"]  # who comes back to such an address is led to its page


@require_safe
def shops(request: HttpRequest) -> HttpResponse:
    """Where you are, which trade, then the shops: nearest first, or by name."""
    find, place, trade = (request.GET.get(name, "").strip()[:40] for name in ("find", "place", "trade"))
    found = [code for code in choices.looked_for(find) if directory.level_of(code) == "village"] if find else []
    place = found[0] if len(found) == 1 else place if directory.level_of(place) == "village" else ""
    trade = trade if trade in dict(TRADES) else ""
    rows = listing.near(place, trade, timezone.now()) if place else []
    shown = {
        "find": find, "found": [(code, directory.place_name(code, full=True)) for code in found] if not place else [], "place": place,
        "place_name": labels.place_short(place) if place else "", "trades": [(n, labels.into(w)) for n, w in TRADES],
        "trade": trade, "rows": rows,
    }  # fmt: skip
    return render(request, "services/shops.html", shown)


def _shop(code: str) -> Case:
    found = listing.one(code, timezone.now())
    if found is None:
        raise Http404
    return found


@require_safe
def shop(request: HttpRequest, code: str) -> HttpResponse:
    """One shop: telephone first, then hours, what it offers, when its licence was looked at, what was said of it."""
    found = _shop(code)
    return render(request, "services/shop.html", {"shop": listing.row(found, timezone.now()), "case": found})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """Order, one thing a screen."""
    found = _shop(code)
    if not found.facts.get("open"):
        raise Http404
    mine = ordering.Ordering.of(request, found)
    base = face_of(request) if mine.filing.staff else PHONE
    if request.method == "POST" and mine.go(request.POST.get("do", "")):
        assert mine.case is not None
        slip = kin.shown(request, mine.case, mine.secret) | {
            "base": base,
            "mine": mine,
            "staff": mine.filing.staff,
            "again": not mine.secret,
        }
        return render(request, "services/ordered.html", slip)
    shown = {"base": base, "mine": mine, "form": mine.form, "shop": listing.row(found, mine.now)}
    return render(request, "services/begin.html", shown, status=mine.filing.status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def apply(request: HttpRequest) -> HttpResponse:
    """A shop asks to be listed; free, for everybody."""
    find = request.POST.get("find", "")[:40] if "look" in request.POST else ""
    mine = own.Applying.of(request, find)
    base = face_of(request) if mine.staff else PHONE
    if request.method == "POST" and not find and mine.take():
        assert mine.case is not None
        slip = kin.shown(request, mine.case, mine.secret) | {
            "base": base,
            "staff": mine.staff,
            "again": not mine.secret,
        }
        return render(request, "services/applied.html", slip)
    return render(request, "services/apply.html", {"base": base, "form": mine.form}, status=mine.status)


# ---- who ordered


@require_safe
@never_cache
def order(request: HttpRequest, code: str) -> HttpResponse:
    mine = room.entered(request, code)
    room.choose(mine, request.GET.get("step", "")[:20])
    return render(request, "services/order.html", room.context(mine))


@require_http_methods(TAKEN)
@never_cache
def order_take(request: HttpRequest, code: str, step: str) -> HttpResponse:
    mine = room.entered(request, code)
    if request.method != "POST":
        return redirect("services:order", mine.case.code)
    if room.take(mine, step):
        messages.success(
            request, _("记下了：%(step)s") % {"step": labels.into(mine.chosen.label if mine.chosen else None)}
        )
        return redirect("services:order", mine.case.code)
    return render(
        request, "services/order.html", room.context(mine), status=mine.refused.status if mine.refused is not None else 422
    )


# ---- the shop


@require_safe
@never_cache
@ours
def own_page(request: HttpRequest, code: str) -> HttpResponse:
    mine = own.entered(request, code)
    own.choose(mine, request.GET.get("step", "")[:20])
    return _own(request, mine, 200)


def _own(request: HttpRequest, mine: own.Here, status: int) -> HttpResponse:
    base = PHONE if mine.by_link else face_of(request)
    return render(request, "services/own.html", own.context(mine) | {"base": base}, status=status)


@require_http_methods(TAKEN)
@never_cache
@ours
def own_take(request: HttpRequest, code: str, step: str) -> HttpResponse:
    mine = own.entered(request, code)
    if request.method != "POST" or own.take(mine, step):
        return redirect("services:own", mine.case.code)
    if mine.form is None and mine.refused is not None:
        messages.error(request, labels.into(mine.refused.reason))
        return redirect("services:own", mine.case.code)
    return _own(request, mine, mine.refused.status if mine.refused is not None else 422)


@require_http_methods(TAKEN)
@never_cache
@ours
def own_link(request: HttpRequest, code: str) -> HttpResponse:
    """A new link for a shop the desk brought in, to be printed or photographed: an event, and the link before ends."""
    mine = own.entered(request, code)
    if request.method != "POST":
        return redirect("services:own", mine.case.code)
    if not own.hands(mine):
        raise Http404
    secret = links.hand(mine.case, mine.actor, max(mine.now, mine.case.changed_at))
    if isinstance(secret, Refused):
        messages.error(request, labels.into(secret.reason))
        return redirect("services:own", mine.case.code)
    shown = kin.shown(request, mine.case, secret) | {"base": face_of(request), "staff": True, "again": False}
    return render(request, "services/applied.html", shown)


@require_safe
@never_cache
def job(request: HttpRequest, code: str, ordered: str) -> HttpResponse:
    mine = room.at_shop(request, code, ordered)
    room.choose(mine, request.GET.get("step", "")[:20])
    return render(request, "services/job.html", room.context(mine))


@require_http_methods(TAKEN)
@never_cache
def job_take(request: HttpRequest, code: str, ordered: str, step: str) -> HttpResponse:
    mine = room.at_shop(request, code, ordered)
    if request.method != "POST" or room.take(mine, step):
        assert mine.shop is not None
        return redirect("services:job", mine.shop.code, mine.case.code)
    return render(request, "services/job.html", room.context(mine), status=mine.refused.status if mine.refused is not None else 422)
