"""The duty screen: a big board that stays open, its list asked for again and again, and one press that takes a case on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from minan.kernel import access, directory, duty_room, labels, registry
from minan.kernel.act import Refused, act
from minan.kernel.duty_room import ALARM, CALL, FAULT, URGENT, Board, Entry
from minan.kernel.models import Case, Place
from minan.kernel.pages import listing
from minan.kernel.pages.guard import case_of, face_of, person, staff
from minan.lib.uuid7 import uuid7

LANE = {  # lane → its name, the letter on the map, its icon
    CALL: (gettext_lazy("呼叫"), pgettext_lazy("map", "呼"), "help"),
    ALARM: (gettext_lazy("告警"), pgettext_lazy("map", "警"), "bell"),
    URGENT: (gettext_lazy("急件"), pgettext_lazy("map", "急"), "alert"),
    FAULT: (gettext_lazy("设备故障"), pgettext_lazy("map", "障"), "sync"),
}
RINGS_AGAIN = (CALL, ALARM)  # rings until somebody takes it on; the others ring once
KEY_MOST = 40


@require_safe
@staff
def screen(request: HttpRequest) -> HttpResponse:
    """The whole screen, its first list in it."""
    return render(request, "kernel/duty.html", _context(request) | {"face": face_of(request)})


@require_safe
@staff
def listed(request: HttpRequest) -> HttpResponse:
    """The list alone, for a screen that is open."""
    return render(request, "kernel/duty_list.html", _context(request))


@require_POST
@staff
def take(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """Take a case on with one press, through the one door; the list comes back, with what was refused on top."""
    case, now = case_of(request, code), timezone.now()
    who = access.actor(person(request))
    if step not in [s.name for s in duty_room.taking(case, who, now)]:
        said = _("有人比您快一步，看它现在的样子。")
    else:
        moves = request.POST.get("moves", "")
        key = f"{request.POST.get('key', '')[:KEY_MOST]}:{code}:{step}:{moves[:9]}"
        said = _taken(case, act(case, step, by=who, facts={}, key=key, moves=int(moves) if moves.isdecimal() else None, at=now))
    if "HX-Request" in request.headers:
        return render(request, "kernel/duty_list.html", _context(request) | {"said": said})
    messages.info(request, said)
    return redirect("kernel:duty")


def _taken(case: Case, done: Any) -> str:
    if isinstance(done, Refused):
        return labels.into(done.reason)
    step = registry.label(case.procedure, case.version, "steps", done.step)
    return _("记下了：%(step)s") % {"step": labels.into(step)}


def _context(request: HttpRequest) -> dict[str, Any]:
    """What the list shows. Two queries besides who asks."""
    now = timezone.now()
    found = duty_room.board(person(request), now)
    spots = _spots(found)
    desk = "kernel:tasks_case" if face_of(request).endswith("phone.html") else "kernel:desk_case"
    lanes: list[dict[str, Any]] = [
        {"name": lane, "label": LANE[lane][0], "icon": LANE[lane][2], "rows": [_row(e, now, spots, desk) for e in rows], "more": more}
        for (lane, rows), more in zip(found.entries.items(), found.more.values(), strict=True)
    ]
    rows = [row for lane in lanes for row in lane["rows"]]
    units = dict.fromkeys(labels.office_name(unit) for unit in access.actor(person(request)).units)
    return {
        "lanes": lanes, "open": len(rows), "waiting": found.waiting, "now": now, "now_ms": _ms(now), "key": uuid7(), "units": list(units),
        "first": next((row["code"] for row in rows if row["waits"] and row["steps"]), ""), "sealed": _("内容不上屏"),
    }  # fmt: skip


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _around(place: str) -> list[str]:
    """A place and the village and township it lies in, innermost first."""
    return [code for code in (place, directory.within(place, "village"), directory.within(place, "town")) if code]


def _spots(found: Board) -> dict[str, tuple[float, float, bool]]:
    """Where the places of these cases lie, WGS-84, and whether that is only roughly known. One query."""
    cases = [e.case for rows in found.entries.values() for e in rows if e.case.lon is None or e.case.lat is None]
    asked = {code for case in cases for code in _around(case.place)}
    columns = ("code", "lon", "lat", "slon", "slat")
    out: dict[str, tuple[float, float, bool]] = {}
    for code, lon, lat, slon, slat in Place.objects.filter(code__in=asked).values_list(*columns):
        if lon is not None and lat is not None:
            out[code] = lon, lat, directory.level_of(code) not in ("village", "grid")
        elif slon is not None and slat is not None:
            out[code] = slon, slat, True
    return out


def _spot(case: Case, spots: Mapping[str, tuple[float, float, bool]]) -> dict[str, Any]:
    if case.lon is not None and case.lat is not None:
        return {"lon": case.lon, "lat": case.lat, "rough": False}
    for code in _around(case.place):
        if code in spots:
            lon, lat, rough = spots[code]
            return {"lon": lon, "lat": lat, "rough": rough}
    return {}


def _row(entry: Entry, now: datetime, spots: Mapping[str, tuple[float, float, bool]], desk: str) -> dict[str, Any]:
    """One case as the board shows it: never who spoke; of a case that is kept from others only where it lies."""
    case, kept = entry.case, bool(entry.case.privacy)
    state = registry.label(case.procedure, case.version, "states", case.state)
    steps = [
        {"label": labels.into(step.label), "url": reverse("kernel:duty_take", args=[case.code, step.name])} for step in entry.steps
    ]
    return {
        "code": case.code, "url": reverse(desk, args=[case.code]), "lane": entry.lane, "letter": LANE[entry.lane][1],
        "what": "" if kept else labels.title_of(case), "kept": kept, "place": labels.place_short(case.place),
        "town": labels.place_short(directory.within(case.place, "town")), "where": "" if kept else case.place_words,
        "kind": labels.kind_name(case.kind), "state": state, "by": labels.office_short(labels.holder(case)),
        "since": _ms(case.opened_at), "at": case.opened_at, "clock": listing.clock(case, now), "waits": entry.waits,
        "overlays": labels.overlays(case.marks, few=True), "rings": _rings(entry), "danger": bool(case.marks.get("danger")),
        "drill": bool(case.marks.get("drill")), "moves": case.moves, "steps": steps, **_spot(case, spots),
    }  # fmt: skip


def _rings(entry: Entry) -> str:
    """How it rings: again until somebody takes it on, once when it comes, or not at all where another unit has it."""
    if entry.case.marks.get("drill"):
        return ""  # disturbs nobody
    if entry.waits and entry.lane in RINGS_AGAIN:
        return "again"
    return "once" if entry.mine or entry.waits else ""
