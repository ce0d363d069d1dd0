"""Pages under /devices/: the list, one device, what sounds, what waits, cameras and their pictures; the signs for everybody."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.kernel import directory, labels
from minan.kernel.models import Case
from minan.kernel.pages.guard import case_of, face_of, person, staff
from minan.systems.devices import cameras, pages, registry
from minan.systems.devices.forms import DeviceForm, LookForm, name_fits
from minan.systems.devices.kinds import KINDS
from minan.systems.devices.models import Device, Waiting


def _of(request: HttpRequest, name: str, *, keep: bool = False) -> Device:
    """The device where this person reads it (`keep`: may change it); Http404 alike for what is missing and what is not theirs."""
    device: Device | None = registry.seen_by(person(request)).filter(pk=name).first()
    if device is None or (keep and not (registry.may_keep(person(request)) and device.unit in registry.owners(person(request)))):
        raise Http404
    return device


def _keeper(request: HttpRequest) -> None:
    if not registry.may_keep(person(request)) or not registry.places(person(request)):
        raise Http404


@require_safe
@staff
def index(request: HttpRequest) -> HttpResponse:
    """The devices of one's places, the worst first."""
    kind, light = request.GET.get("kind", ""), request.GET.get("light", "")
    found = pages.listing(
        person(request), kind if kind in KINDS else "", light if light in ("red", "yellow", "green", "unknown") else "", timezone.now()
    )
    return render(request, "devices/index.html", found | {"base": face_of(request), "bus": pages.told_of_bus()})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@staff
def new(request: HttpRequest) -> HttpResponse:
    """Enter a device; its key is shown once. `?from=` a device that waits."""
    _keeper(request)
    waits = Waiting.objects.filter(
        pk=request.GET.get("from", "")[:40], gateway__in=registry.seen_by(person(request)).values("id")
    ).first()
    about = {"place": waits.place, "maker": waits.config.get("maker", ""), "serial": waits.config.get("serial", "")} if waits else {}
    form = DeviceForm(person(request), request.POST or None, initial=about)
    if request.method == "POST" and form.is_valid():
        device, secret = registry.enter(person(request).username, waits.id if waits and name_fits(waits.id) else "", **form.facts())
        return _key(request, device, secret)
    status = 422 if request.method == "POST" else 200
    return render(request, "devices/new.html", {"base": face_of(request), "form": form, "waits": waits}, status=status)


def _key(request: HttpRequest, device: Device, secret: str) -> HttpResponse:
    return render(request, "devices/key.html", {"base": face_of(request), "device": device, "secret": secret, "kind": KINDS[device.kind]})


@require_safe
@staff
def show(request: HttpRequest, device: str) -> HttpResponse:
    """One device."""
    found = _of(request, device)
    return render(request, "devices/show.html", pages.one(found, person(request), timezone.now()) | {"base": face_of(request)})


@require_POST
@never_cache
@staff
def key(request: HttpRequest, device: str) -> HttpResponse:
    """A new key for a device; the old one ends at once."""
    found = _of(request, device, keep=True)
    if not found.live:
        raise Http404
    return _key(request, found, registry.rotate(person(request).username, found))


@require_POST
@staff
def retire(request: HttpRequest, device: str) -> HttpResponse:
    """Take a device out of service."""
    found = _of(request, device, keep=True)
    registry.retire(person(request).username, found)
    messages.success(request, _("停用了，钥匙也作废了"))
    return redirect("devices:show", device=found.id)


@require_safe
@staff
def alarms(request: HttpRequest) -> HttpResponse:
    """What sounds in one's places."""
    rows = pages.sounding(person(request), timezone.now())
    return render(request, "devices/alarms.html", {"base": face_of(request), "rows": rows})


@require_safe
@staff
def waiting(request: HttpRequest) -> HttpResponse:
    """Devices that gateways announced and nobody registered."""
    _keeper(request)
    return render(request, "devices/waiting.html", {"base": face_of(request), "rows": pages.waiting(person(request))})


@require_POST
@staff
def drop(request: HttpRequest, device: str) -> HttpResponse:
    """It is none of ours."""
    _keeper(request)
    row = next((one for one in pages.waiting(person(request)) if one.id == device), None)
    if row is None:
        raise Http404
    row.delete()
    return redirect("devices:waiting")


@require_safe
@staff
def eyes(request: HttpRequest) -> HttpResponse:
    """The cameras of one's places: health, signs, filings, how often they were looked through."""
    return render(request, "devices/cameras.html", {"base": face_of(request), "rows": pages.cameras_of(person(request), timezone.now())})


def _asked(request: HttpRequest, case: Case, form: LookForm) -> HttpResponse | str:
    """The page of the look that was opened, or why not."""
    given = form.cleaned_data
    broken = request.POST.get("how") == "glass"
    done = cameras.ask(person(request), case, given["cameras"], given["ground"], given["words"], broken=broken, now=timezone.now())
    if isinstance(done, Case):
        return redirect("kernel:desk_case", code=done.code)
    return labels.into(done.reason if hasattr(done, "reason") else done)


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def look(request: HttpRequest, code: str) -> HttpResponse:
    """Ask to see a picture for a case this person sees."""
    case = case_of(request, code)
    found = cameras.near(case)
    form, wrong = LookForm(found, request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        answer = _asked(request, case, form)
        if isinstance(answer, HttpResponse):
            return answer
        wrong = answer
    told: dict[str, Any] = {"base": face_of(request), "case": case, "form": form, "wrong": wrong, "found": found}
    return render(
        request, "devices/look.html", told | {"danger": bool(case.marks.get("danger"))}, status=422 if request.method == "POST" else 200
    )


@require_safe
def signs(request: HttpRequest, place: str) -> HttpResponse:
    """For everybody: where the cameras of a place are, what for, who answers, how often pictures were seen."""
    if directory.level_of(place) not in ("town", "village"):
        raise Http404
    return render(
        request, "devices/signs.html", {"name": labels.place_short(place), "rows": cameras.signs(place), "month": timezone.localtime()}
    )


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """For everybody: find a place by a word of its name."""
    word = request.GET.get("find", "").strip()[:40]
    found = [p for p in directory.city().places.values() if p.level in ("town", "village") and word and word in p.name][:50]
    return render(request, "devices/places.html", {"find": word, "rows": [(p.code, labels.place_short(p.code)) for p in found]})
