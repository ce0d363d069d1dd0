"""Visitors and cars of a household."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from minan.kernel import labels
from minan.kernel.directory import LOCAL
from minan.systems.doors import homes, keys, shown
from minan.systems.doors.models import PLATE, VISIT, Home, Key
from minan.systems.doors.registry import Unfit
from minan.systems.doors.views.guard import own
from minan.systems.doors.views.home import into

HOURS = range(24)


def _window(request: HttpRequest, now: datetime) -> tuple[datetime, datetime]:
    """The window that was chosen, in whole hours of Beijing; the hour that runs counts. Raises Unfit."""
    try:
        ahead, begins, ends = (int(request.POST.get(name, "")) for name in ("day", "from", "to"))
        day = datetime.combine(now.astimezone(LOCAL).date(), datetime.min.time(), LOCAL) + timedelta(days=ahead)
        window = day + timedelta(hours=begins), day + timedelta(hours=ends)
    except (ValueError, OverflowError):
        raise Unfit(keys.WHEN) from None
    if not (0 <= ahead <= keys.VISIT_AHEAD_DAYS and begins in HOURS and 0 < ends <= 24):
        raise Unfit(keys.WHEN)
    return window


def _when(row: Key) -> dict[str, Any]:
    begins, ends = (datetime.fromtimestamp(at, LOCAL) for at in (row.begins, row.ends))
    return {"row": row, "begins": begins, "ends": ends}


@require_http_methods(["GET", "HEAD", "POST"])
@own
def visits(request: HttpRequest, home: Home) -> HttpResponse:
    """The visits that are to come, and the form for one more."""
    now, wrong = timezone.now(), ""
    if request.method == "POST":
        try:
            made = keys.visit(home, *_window(request, now), now, once=not request.POST.get("often"))
            return _handed(request, home, made.row, made.digits)
        except Unfit as unfit:
            wrong = into(unfit)
    local = now.astimezone(LOCAL)
    days = [(n, local + timedelta(days=n)) for n in range(keys.VISIT_AHEAD_DAYS)]
    rows = [_when(row) for row in keys.all_of(home, VISIT) if row.ends > now.timestamp()]
    given = request.POST or {"day": "0", "from": str(local.hour), "to": str(min(local.hour + 3, 24))}
    context = {"home": home, "name": shown.way(home), "rows": rows, "days": days, "given": given, "wrong": wrong,
               "froms": [str(h) for h in HOURS], "tos": [str(h) for h in range(1, 25)]}  # fmt: skip
    return render(request, "doors/visits.html", context, status=422 if wrong else 200)


def _handed(request: HttpRequest, home: Home, row: Key, digits: str = "") -> HttpResponse:
    text, when = keys.text_of(home, row), _when(row)
    link = request.build_absolute_uri(reverse("doors:guest")) + f"#{text}"
    said = _("%(name)s，%(day)s %(begins)s 到 %(ends)s。开门码：%(link)s") % {
        "name": shown.way(home), "day": labels.day(when["begins"]), "begins": f"{when['begins']:%H:%M}", "ends": f"{when['ends']:%H:%M}",
        "link": link,
    }  # fmt: skip
    if digits:
        said += _(" 或按门上密码 %(digits)s") % {"digits": digits}
    context = when | {
        "home": home,
        "name": shown.way(home),
        "text": text,
        "digits": digits,
        "said": said,
        "sms": f"sms:?body={quote(said)}",
    }
    return render(request, "doors/visit.html", context)


@require_safe
@own
def visit(request: HttpRequest, home: Home, handle: str) -> HttpResponse:
    """One visit's pass again; its digits were shown once."""
    row = next((one for one in keys.all_of(home, VISIT) if one.pk == handle), None)
    if row is None:
        raise Http404
    return _handed(request, home, row)


@require_safe
def guest(request: HttpRequest) -> HttpResponse:
    """What a visitor opens: the pass stands behind the # and is drawn in their browser; it never reaches us."""
    return render(request, "doors/guest.html")


@require_http_methods(["GET", "HEAD", "POST"])
@own
def plates(request: HttpRequest, home: Home) -> HttpResponse:
    """The household's own cars: put on, taken off by typing the plate; nobody reads one back."""
    typed, wrong = request.POST.get("plate", "")[:20], ""
    if request.method == "POST":
        try:
            if request.POST.get("do") == "off":
                done = _("去掉了。") if keys.drop_plate(home, typed) else ""
                wrong = "" if done else _("没有登记过这个车牌。")
            else:
                keys.plate(home, typed)
                done = _("登记好了。几秒钟内道闸就认得。")
            if done:
                messages.success(request, done)
                return redirect("doors:plates", home.pk)
        except Unfit as unfit:
            wrong = into(unfit)
    count, most = len(keys.all_of(home, PLATE)), keys.MOST[PLATE]
    context = {"home": home, "name": shown.way(home), "count": count, "most": most, "typed": typed, "wrong": wrong}
    return render(request, "doors/plates.html", context | {"seal": homes.seal_of(home)}, status=422 if wrong else 200)
