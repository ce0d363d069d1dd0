"""The board of a community under /lost/: what was lost and found, posting, writing to who posted, reporting. Nobody's number is seen."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.kernel import callers, directory, labels, vault
from minan.kernel.access import CLOCK, SPEAKER
from minan.kernel.act import Refused, act
from minan.kernel.models import Case
from minan.kernel.pages import kin
from minan.lib import throttle
from minan.systems.bulletins import filing, here, lost, showing
from minan.systems.bulletins import words as w
from minan.systems.bulletins.models import Shown
from minan.systems.bulletins.views import base_of, public

TALK, TALK_SECONDS, PROVE_SECONDS = "lost_talk", 40 * 86400, 900
PACE = {"message": (3600.0, 20), "report": (3600.0, 20), "prove": (600.0, 20)}  # of one address
SALT = "minan.bulletins.prove"


def _card(row: Shown) -> dict[str, Any]:
    return {"row": row, "sort": labels.into(w.label(w.LOST_SORTS, row.sort)), "place": directory.place_name(row.place, full=True)}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What is on the board of my place."""
    place = here.place_of(request)
    rows = showing.valid(showing.above(place), timezone.now(), "lost") if place else []
    return render(request, "bulletins/lost.html", base_of(request, place) | {"cards": [_card(row) for row in rows]})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """Post something; pressing "find" looks a place up, and nothing typed is lost."""
    finding = "find_place" in request.POST
    find = request.POST.get("find", "")[:40] if finding else here.place_of(request) if request.method != "POST" else ""
    form = filing.form_of(request, lost.OPENING, "", find=find, values={"place": here.place_of(request)})
    form.fields["day"].widget = forms.DateInput(attrs={"type": "date", "max": timezone.localdate().isoformat()})
    done = filing.posted(request, form) if request.method == "POST" and not finding else None
    if done is None:
        status = 422 if form.errors else 200
        return render(request, "bulletins/lost_new.html", {"form": form}, status=status)
    here_ = kin.shown(request, done.case, done.secret) if done.secret else {"case": done.case}
    proof = signing.dumps(done.case.code, salt=SALT)
    return render(request, "bulletins/lost_posted.html", here_ | {"proof": proof, "given": done.secret})


@require_POST
@never_cache
def prove(request: HttpRequest) -> HttpResponse:
    """The six digits, right after posting; `proof` says which post this browser just made."""
    if not _pace(request, "prove"):
        messages.error(request, _("试得太快了，过几分钟再来"))
        return redirect("bulletins:lost")
    try:
        code = signing.loads(request.POST.get("proof", ""), salt=SALT, max_age=PROVE_SECONDS)
    except signing.BadSignature:
        raise Http404 from None
    case = Case.objects.get(code=code, procedure="lost")
    done = act(case, "prove", by=SPEAKER, facts={"code": request.POST.get("code", "").strip()[:6]})
    if isinstance(done, Refused):
        given = request.POST.get("given", "")[: vault.SECRET_LETTERS]  # the slip it was shown once, so that a wrong digit loses it not
        shown = {"case": case, "proof": request.POST["proof"], "wrong": labels.into(next(iter(done.errors.values()), done.reason))}
        shown |= kin.shown(request, case, given) | {"given": given} if given else {}
        return render(request, "bulletins/lost_posted.html", shown, status=done.status)
    showing.refresh(case)
    messages.success(request, _("发出去了。有人留言，会发短信告诉您。"))
    return redirect("bulletins:lost_one", case.code)


def _pace(request: HttpRequest, what: str) -> bool:
    return throttle.allow(f"bulletins.{what}", callers.subject(request), *PACE[what])


def _ref(request: HttpRequest) -> str:
    """By what this browser knows its own messages again: the hash of a chance number in its cookie."""
    return hashlib.sha256(request.COOKIES[TALK].encode()).hexdigest() if request.COOKIES.get(TALK) else ""


def _talk(case: Case, ref: str) -> list[dict[str, Any]]:
    """What this browser wrote, and what was replied to it; nothing of anybody else."""
    rows = case.facts.get("talk") or []
    mine = {row["k"] for row in rows if ref and row["ref"] == ref}
    return [{"words": r["words"], "mine": r["k"] in mine} for r in rows if r["k"] in mine or r.get("to") in mine]


@require_safe
@never_cache
def one(request: HttpRequest, code: str) -> HttpResponse:
    """One post, with what this browser wrote to it."""
    row = public(code, "lost")
    case = Case.objects.get(county=row.county, id=row.case_id)
    shown = _card(row) | {"talk": _talk(case, _ref(request)), "reasons": [(n, labels.into(t)) for n, t in w.REASONS]}
    return render(request, "bulletins/lost_one.html", shown)


@require_POST
def message(request: HttpRequest, code: str) -> HttpResponse:
    """Write to who posted it."""
    row, key = public(code, "lost"), request.COOKIES.get(TALK, "")[:64] or secrets.token_urlsafe(18)
    ref = hashlib.sha256(key.encode()).hexdigest()
    response = redirect("bulletins:lost_one", row.code)
    _through(request, row, "message", {"words": request.POST.get("words", "")[:2000], "ref": ref}, _("送到了。回话就在这一页看，用同一部手机。"))
    response.set_cookie(TALK, key, TALK_SECONDS, secure=request.is_secure(), httponly=True, samesite="Lax")
    return response


@require_POST
def report(request: HttpRequest, code: str) -> HttpResponse:
    """Say that something is wrong with a post: what is about a person or a parcel is hidden at once."""
    row = public(code, "lost")
    facts = {"why": request.POST.get("why", ""), "words": request.POST.get("words", "")[:2000]}
    done = _through(request, row, "report", facts, _("收到了，说事点会看。"))
    return redirect("bulletins:lost") if done else redirect("bulletins:lost_one", row.code)


def _through(request: HttpRequest, row: Shown, step: str, facts: dict[str, Any], thanks: str) -> bool:
    if not _pace(request, step):
        messages.error(request, _("按得太快了，过一会儿再来"))
        return False
    case = Case.objects.get(county=row.county, id=row.case_id)
    done = act(case, step, by=CLOCK, facts=facts)
    if isinstance(done, Refused):
        messages.error(request, labels.into(next(iter(done.errors.values()), done.reason)))
        return False
    showing.refresh(case)
    messages.success(request, thanks)
    return True
