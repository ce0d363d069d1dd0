"""The centre's pages: every partner with its numbers, one partner with its rows, a file with its preview. HTTP only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from minan.channels.exchange import acks, intake, listed, sending, who
from minan.channels.exchange.forms import FileForm
from minan.channels.exchange.models import Hand, Intake, Sent
from minan.channels.exchange.partners import Partner
from minan.channels.exchange.tables import BadFile
from minan.kernel import callers, labels
from minan.kernel.pages.guard import person


@require_safe
@who.centre
def home(request: HttpRequest) -> HttpResponse:
    """Every partner of this centre with its counts."""
    partners, faults = who.partners(person(request))
    totals = listed.totals(person(request), partners, timezone.now())
    context = {"totals": totals, "faults": faults, "shows": listed.SHOWS, "bad": listed.BAD}
    return render(request, "exchange/home.html", context)


def _shown(request: HttpRequest, partner: Partner, form: FileForm | None = None) -> dict[str, Any]:
    """What stands on a partner's page: ?show= names the number that was opened."""
    user, now = person(request), timezone.now()
    show = request.GET.get("show", "waiting")
    show = show if show in listed.SHOWS else "waiting"
    asked = request.GET.get("page", "1")
    page = min(int(asked), 1000) if asked.isascii() and asked.isdigit() and len(asked) < 5 and int(asked) else 1
    rows, more = listed.rows(user, partner, show, page, now)
    return {
        "total": listed.totals(user, [partner], now)[0], "show": show, "shows": listed.SHOWS, "rows": rows, "more": more, "page": page,
        "form": form or FileForm(), "hands": listed.hands(partner), "intakes": listed.intakes(user, partner), "ways": listed.ways(partner),
        "bad": listed.BAD,
    }  # fmt: skip


@require_safe
@who.centre
def partner(request: HttpRequest, code: str) -> HttpResponse:
    """One partner: what came in, what waits, what was refused."""
    return render(request, "exchange/partner.html", _shown(request, who.partner_of(request, code)))


@require_POST
@never_cache
@who.centre
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """Hold the file sealed, and show what it would do; nothing is taken in yet."""
    found, user, now = who.partner_of(request, code), person(request), timezone.now()
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "exchange/partner.html", _shown(request, found, form), status=422)
    file = form.cleaned_data["file"]
    try:
        data = file.read()
        done = intake.preview(found, intake.paged(data, file.name), now, who.county(user))
        row, token = intake.hold(found, file.name, data, user.pk, who.county(user), now)
    except BadFile as bad:
        form.add_error("file", labels.into(bad.words))
        return render(request, "exchange/partner.html", _shown(request, found, form), status=422)
    return render(request, "exchange/preview.html", _told(request, found, row, token, done))


def _told(request: HttpRequest, found: Partner, row: Intake, token: str, done: intake.Done) -> dict[str, Any]:
    return {
        "partner": found, "name": found.said(callers.lang()), "intake": row, "token": token,
        "rows": listed.previewed(person(request), done), "counts": listed.counted(done), "left": len(done.plans) - listed.PAGE,
        "rejected": len(done.rejected), "taking": len(done.plans) - len(done.rejected) - done.counts.get("same", 0),
    }  # fmt: skip


def _mine(request: HttpRequest, found: Partner, pk: UUID) -> Intake:
    return get_object_or_404(Intake, id=pk, partner=found.code, user_id=person(request).pk)


@require_POST
@never_cache
@who.centre
def bring(request: HttpRequest, code: str, pk: UUID) -> HttpResponse:
    """Take in what was previewed."""
    found = who.partner_of(request, code)
    row, token = _mine(request, found, pk), request.POST.get("token", "")[:64]
    done = intake.bring_held(found, row, token, timezone.now())
    if done is None:
        messages.warning(request, _("这个文件已经导入过，或者放得太久。要再导，请再选一次文件"))
        return redirect("exchange:partner", code)
    return render(request, "exchange/done.html", _told(request, found, row, token, done))


@require_POST
@never_cache
@who.centre
def rejected(request: HttpRequest, code: str, pk: UUID) -> HttpResponse:
    """The rows that could not be taken, with the reason, to be mended and given again."""
    row = _mine(request, who.partner_of(request, code), pk)
    data = intake.opened(request.POST.get("token", "")[:64], row.left)
    if data is None:
        raise Http404
    headers = {"Content-Disposition": 'attachment; filename="rejected.csv"'}
    return HttpResponse(data, content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
@who.centre
def again(request: HttpRequest, code: str, pk: UUID) -> HttpResponse:
    """Let a message that could not be delivered try again, under the same id."""
    found, now = who.partner_of(request, code), timezone.now()
    mine = Sent.objects.filter(who.within(person(request)), foreign__case_id__isnull=False)
    sent = get_object_or_404(mine, id=pk, partner=found.code)
    if acks.again(sent, now):
        sending.forget()
        messages.success(request, _("重新排上了，一会儿再送"))
    return redirect(f"/exchange/at/{found.code}/?show=going")


@require_POST
@who.centre
def hand(request: HttpRequest, code: str, pk: UUID) -> HttpResponse:
    """A person has looked at a mail or a receipt that could not be read."""
    found = who.partner_of(request, code)
    rows = Hand.objects.filter(id=pk, partner=found.code, done_at=None)
    if not rows.update(done_at=timezone.now(), user_id=person(request).pk):
        raise Http404
    messages.success(request, _("记下了，这一封不再列出"))
    return redirect("exchange:partner", code)
