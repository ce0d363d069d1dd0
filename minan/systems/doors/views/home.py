"""A household's pages: my doors, joining, the home itself, leaving, a code without JavaScript, the seven days."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.kernel import callers
from minan.lib import throttle
from minan.systems.doors import homes, keys, phones, shown
from minan.systems.doors.models import CARD, PIN, PLATE, VISIT, Home
from minan.systems.doors.registry import Unfit
from minan.systems.doors.views.guard import own, signed_in, who

WRONG_CODES = 10  # a minute and address


def into(wrong: Unfit) -> str:
    return wrong.words.into(callers.lang())


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """My doors: the code first, then what else a household does. Who is not signed in reads how one gets it."""
    found = homes.of(who(request)) if request.user.is_authenticated else []
    rows = [{"home": home, "name": shown.way(home)} for home in found]
    return render(request, "doors/mine.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def join(request: HttpRequest) -> HttpResponse:
    """Join a home with the code from the counter or from somebody of the family."""
    code, wrong = request.POST.get("code", "")[:40], ""
    if request.method == "POST":
        subject = callers.subject(request)
        if throttle.wait_seconds("doors.join", subject, 60, WRONG_CODES):
            return render(
                request, "doors/join.html", {"code": code, "wrong": _("试得太快了。过一分钟再来。")}, status=429
            )
        try:
            home = homes.join(who(request), code, timezone.now())
            if home is not None:
                return redirect("doors:home", home.pk)
            throttle.allow("doors.join", subject, 60, WRONG_CODES)
            wrong = _("这个码不对、用过了或者过期了。邀请码只用一次，24 小时有效。")
        except Unfit as unfit:
            wrong = into(unfit)
    return render(request, "doors/join.html", {"code": code, "wrong": wrong}, status=422 if wrong else 200)


@require_safe
@own
def home(request: HttpRequest, home: Home) -> HttpResponse:
    """Our home: how many belong to it, phones, cards, PIN; invite, leave, end."""
    rows = keys.all_of(home, CARD, PIN, PLATE, VISIT)
    kinds = {kind: [row for row in rows if row.kind == kind] for kind in (CARD, PIN, PLATE, VISIT)}
    context = {
        "home": home,
        "name": shown.way(home),
        "kinds": kinds,
        "members": home.members.count(),
        "mark": homes.mark_of(who(request)),
    }
    return render(
        request,
        "doors/home.html",
        context | {"phones": home.phones.order_by("made_on", "pk"), "seal": homes.seal_of(home)},
    )


@require_POST
@own
def invite(request: HttpRequest, home: Home) -> HttpResponse:
    """A code for one more of the family, shown once."""
    try:
        code = homes.shown(homes.invite(home, timezone.now()))
    except Unfit as wrong:
        messages.error(request, into(wrong))
        return redirect("doors:home", home.pk)
    return render(request, "doors/invite.html", {"home": home, "name": shown.way(home), "code": code, "seal": homes.seal_of(home)})


@require_POST
@own
def pin(request: HttpRequest, home: Home) -> HttpResponse:
    """A new PIN, shown once; the one before opens no more."""
    digits = keys.pin(home)
    return render(
        request, "doors/pin.html", {"home": home, "name": shown.way(home), "digits": f"{digits[:4]} {digits[4:]}"}
    )


@require_POST
@own
def drop(request: HttpRequest, home: Home) -> HttpResponse:
    """Take away a card, the PIN, a visit or a phone: void at the doors within seconds."""
    name = request.POST.get("name", "")[:64]
    if keys.drop(home, name) or phones.end(home, name, timezone.now()):
        messages.success(request, _("去掉了。几秒钟内门就不认了。"))
    return redirect("doors:visits" if "visits" in request.POST else "doors:home", home.pk)


@require_POST
@own
def leave(request: HttpRequest, home: Home) -> HttpResponse:
    """I leave this home; or, said in full, everything of it ends."""
    if request.POST.get("all") == "1":
        if request.POST.get("sure") != "1":
            messages.error(request, _("先勾选“都停掉”，再按一次。"))
            return redirect("doors:home", home.pk)
        homes.end(home, timezone.now())
    else:
        homes.leave(home, who(request), timezone.now())
    messages.success(request, _("办好了。原来的码、卡和密码都开不了门了。"))
    return redirect("doors:mine")


@require_safe
@own
def plain(request: HttpRequest, home: Home) -> HttpResponse:
    """A code for two minutes, drawn by us: for a browser without JavaScript."""
    text, ends = phones.plain(home, timezone.now())
    return render(request, "doors/plain.html", {"text": text, "ends": ends, "name": shown.way(home)})


@require_safe
@own
def days(request: HttpRequest, home: Home) -> HttpResponse:
    """Our seven days: the page opens the lines in the browser, with the key that is only there."""
    return render(request, "doors/days.html", {"home": home, "name": shown.way(home), "seal": homes.seal_of(home)})


@require_safe
def paper(request: HttpRequest) -> HttpResponse:
    """The same with the key from a paper, behind the # of its address: it never reaches us."""
    return render(request, "doors/paper.html")
