"""Following a matter: what its code shows to all, what its secret shows to its speaker, the receipt, and the speaker's own steps."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.channels.web import entered, story
from minan.channels.web import receipt as receipts
from minan.channels.web.address import allowed, may_guess, missed
from minan.channels.web.forms import Secret
from minan.channels.web.receipt_page import page as receipt_page
from minan.channels.web.saying import open_to_all
from minan.channels.web.steps import Taking, declared, known
from minan.kernel import headers, registry, sounds, speakers
from minan.kernel.models import Case
from minan.lib import codes

DONE = {
    "urge": gettext_lazy("催过了，记在经过里。明天可以再催。"),
    "withdraw": gettext_lazy("撤回了。"),
    "rate": gettext_lazy("您的话记下了。"),
    "object": gettext_lazy("记下了，交到上一级。"),
}
MOST = 40


def _enter_page(request: HttpRequest, code: str, wrong: str, status: int) -> HttpResponse:
    """The form for code and secret, saying nothing of any matter: the same for a wrong code and a wrong secret."""
    return render(request, "web/enter.html", {"form": Secret(initial={"code": code}), "wrong": wrong}, status=status)


@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Look-up by code, with the secret where it is at hand."""
    if request.method == "POST" and request.POST.get("secret", "").strip():
        return _enter(request, request.POST.get("code", ""))
    typed = (request.POST.get("code") or request.GET.get("code", "")).strip()[:64]
    if not typed:
        return _enter_page(request, "", "", 200)
    code = codes.parse(typed)
    if code is None:
        return _enter_page(request, typed, _("编号抄错了一两个字。是 15 个字母和数字，没有 I、L、O、U。"), 422)
    return redirect("web:matter", code)


def _too_fast(request: HttpRequest, code: str) -> HttpResponse:
    return _enter_page(request, code[:64], _("试得太快了。过一分钟再来，编号还在。"), 429)


def _enter(request: HttpRequest, code: str) -> HttpResponse:
    if not (allowed(request, "secret") and may_guess(request)):
        return _too_fast(request, code)
    case = speakers.enter(code[:64], request.POST.get("secret", "")[:120])
    if case is None:
        missed(request)
        return _enter_page(request, code[:64], _("编号和取件码对不上。照着回执再抄一次。"), 404)
    return entered.let_in(request, redirect("web:matter", case.code), case)


def _told(request: HttpRequest, case: Case) -> HttpResponse:
    """All of a matter for its speaker; what came of it under the same secret stands beside it and is open in this browser too."""
    procedure = registry.get(case.procedure)
    if procedure is not None and procedure.room:
        moved = redirect(procedure.room, case.code)
        for part in speakers.parts(case):
            entered.let_in(request, moved, part)
        return moved
    sealed = speakers.passed_to(case) if case.privacy == "passed" else None
    parts = [] if sealed is not None else speakers.parts(case)
    here = story.told(case) | {"passed_to": sealed, "parts": [story.card(part) for part in parts]}
    here["status"] = story.status(case)
    response = render(request, "web/guest.html" if story.is_guest(case) else "web/follow.html", here)
    for part in [sealed] if sealed is not None else parts:
        entered.let_in(request, response, part)
    return response


@require_http_methods(["GET", "POST"])
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """One matter like a parcel: all of it for its speaker, state and times for whoever has the code."""
    if request.method == "POST":
        return _enter(request, code)
    case = entered.case(request, code)
    if case is not None:
        return _told(request, case)
    if not may_guess(request):
        return _too_fast(request, code)
    case = speakers.find(code)
    if case is None:
        missed(request)
        return _enter_page(request, code[:64], _("没有查到这个编号。照着回执再抄一次。"), 404)
    return render(request, "web/status.html", {"code": case.code, "status": story.status(case), "form": Secret()})


@require_safe
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """Right after saying: code, secret, words, time and hash. The secret is there for a quarter of an hour, in this browser."""
    case = entered.case(request, code)
    if case is None:
        return redirect("web:matter", code)
    page = "web/codeword.html" if case.anonymous else "web/receipt.html"
    return render(request, page, receipt_page(request, case, receipts.secret(request, case.code)))


@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """One of the speaker's own steps. Whoever has not entered the matter is led to its code's page."""
    case = entered.case(request, code) if known(name) else None
    if case is None and known(name):
        return redirect("web:matter", code)
    declared_step = declared(case, name) if case is not None else None
    if case is None or declared_step is None:
        raise Http404
    make = Taking.fresh if request.method == "GET" else Taking.read
    taking = make(case, declared_step, request)
    if request.method == "GET":
        return _step_page(request, taking, 409 if taking.closed_because else 200)
    taking.too_many = not allowed(request, "step")
    if taking.too_many or not taking.take():
        return _step_page(request, taking, taking.status)
    counted = taking.judging.counted if taking.judging else ""
    messages.success(request, f"{DONE.get(name) or _('记下了，办的人看得到。')}{counted}")
    return redirect("web:matter", case.code)


def _step_page(request: HttpRequest, taking: Taking, status: int) -> HttpResponse:
    here: dict[str, Any] = {
        "taking": taking,
        "case": taking.case,
        "form": taking.form,
        "seconds": sounds.SECONDS_MOST,
        "back_url": reverse("web:matter", args=[taking.case.code]),
    }
    answer = render(request, "web/step.html", here, status=status)
    if "voice" in here["form"].fields:
        answer.headers["Permissions-Policy"] = headers.WITH_MICROPHONE
    return answer


@require_POST
def forget(request: HttpRequest, code: str) -> HttpResponse:
    """This browser no longer remembers the matter: for a borrowed phone."""
    return entered.forget(request, redirect("web:mine"), codes.parse(code) or "")


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """My matters: those of the account, those entered in this browser's session, and (by secret.js) those this phone keeps."""
    now = timezone.now()
    cards = [story.card(case, now) for case in entered.cases(request)[:MOST]]
    return render(request, "web/mine.html", {"cards": cards, "can_say": open_to_all()})
