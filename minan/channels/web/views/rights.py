"""What is held of me: read, take along, correct, erase, take back a consent; for one matter, and for an account."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.channels.web import entered, leaving, onetime, rights
from minan.channels.web.address import allowed, may_guess, missed
from minan.channels.web.views.follow import _too_fast
from minan.kernel import rights as steps
from minan.kernel.access import SPEAKER
from minan.kernel.act import Refused, act
from minan.kernel.models import Case
from minan.kernel.vault import Sealed

DOES = {"correct": steps.CORRECT, "erase": steps.ASK, "consent": steps.CONSENT}
FIELDS = {
    steps.CORRECT: ("name", "phone", "address"),
    steps.ASK: ("what",),
    steps.CONSENT: (steps.SMS, steps.CALLS),
}
AWAY = {"zh": "保险柜现在打不开，什么都没有丢，过一分钟再来", "en": "The vault does not answer just now; nothing is lost, try again in a minute"}


def _shown(request: HttpRequest, case: Case, status: int = 200, **more: Any) -> HttpResponse:
    held = rights.of(case, timezone.now())
    given = {row["name"]: row["value"] for row in held["vault"]}
    here = {"case": case, "held": held, "given": given, "key": onetime.new(), "typed": request.POST, "what": steps.WHAT, "rule": steps.RULE}
    return render(request, "web/rights.html", here | more, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    """All that is held of the speaker of this matter, and what they may ask of it."""
    case = entered.case(request, code)
    if case is None:
        return redirect("web:matter", code)
    if request.method != "POST":
        return _shown(request, case)
    if not allowed(request, "step"):
        return _too_fast(request, code)
    return _ask(request, case)


def _ask(request: HttpRequest, case: Case) -> HttpResponse:
    """One of the speaker's own steps, through the one door."""
    name = DOES.get(request.POST.get("do", ""))
    if name is None:
        raise Http404
    facts = {field: request.POST[field] for field in FIELDS[name] if request.POST.get(field, "").strip()}
    if not facts:
        return _shown(request, case, 422, wrong=_("还没有填，也没有选"))
    key = onetime.event_key(onetime.own(request.POST.get("key", "")), case.code, name, *facts.values())
    try:
        done = act(case, name, by=SPEAKER, facts=facts, key=key)
    except Sealed:
        return _shown(request, case, 503, wrong=AWAY[rights.lang()])
    if isinstance(done, Refused):
        words = [*done.errors.values()] or [done.reason]
        return _shown(request, case, done.status, wrong=" ".join(w.into(rights.lang()) for w in words))
    messages.success(request, _said(case, name, facts))
    return entered.let_in(request, redirect("web:rights", case.code), case)


def _said(case: Case, name: str, facts: dict[str, str]) -> str:
    if name == steps.CORRECT:
        return _("改好了。原来的已经擦掉。")
    if name == steps.CONSENT:
        return _("记下了，马上起作用。不同意也一样办。")
    if facts["what"] == "everything":
        return _("联系方式已经擦掉。其余的按规定还要保存，已经锁住；到日子自动擦除，写在下面。")
    return _("擦掉了，备份里的到期也会消失。")


def _file(name: str, kind: str, text: str) -> HttpResponse:
    return HttpResponse(
        text, content_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )  # fmt: skip


def _written(request: HttpRequest, name: str, form: str, data: dict[str, Any]) -> HttpResponse:
    if form == "json":
        bare = {k: v for k, v in data["account"].items() if k != "shown"} if data["account"] else None
        text = json.dumps(rights.plain(data | {"account": bare}), ensure_ascii=False, indent=1)
        return _file(f"{name}.json", "application/json", text)
    page = render(request, "web/rights_file.html", data | {"lang": rights.lang()})
    return _file(f"{name}.html", "text/html", page.content.decode())


@require_safe
def take(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """The same as one file, with the photos in it."""
    case = entered.case(request, code)
    if case is None:
        return redirect("web:matter", code)
    if not allowed(request, "photo"):
        return _too_fast(request, code)
    held = rights.of(case, timezone.now(), whole=True)
    return _written(request, f"minan-{case.code}", form, {"account": None, "matters": [held], "made_at": held["made_at"]})


# ---- an account


def _account(request: HttpRequest, now: datetime) -> dict[str, Any]:
    return {"account": leaving.kept(request.user), "cases": leaving.matters(request.user), "made_at": now}  # type: ignore[arg-type]


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """What is held of the person who signed in; correct the name."""
    here = _account(request, timezone.now()) | {"staff": leaving.stays(request.user)}  # type: ignore[arg-type]
    if request.method == "POST":
        leaving.rename(request.user, request.POST)  # type: ignore[arg-type]
        messages.success(request, _("改好了。"))
        return redirect("web:mine_rights")
    return render(request, "web/mine_rights.html", here)


@login_required
@require_safe
def take_mine(request: HttpRequest, form: str) -> HttpResponse:
    """The account and every matter said with it as one file."""
    if not allowed(request, "photo"):
        return _too_fast(request, "")
    now = timezone.now()
    here = _account(request, now)
    matters = [rights.of(case, now, whole=form == "json") for case in here["cases"]]
    return _written(request, "minan-account", form, {"account": here["account"], "matters": matters, "made_at": now})


def _unsure(request: HttpRequest, user: Any) -> str:
    """Why the account is not ended just now; a session left open on a borrowed phone is no place to try passwords at."""
    if not may_guess(request):
        return _("试得太快了。过一分钟再来，编号还在。")
    if request.POST.get("sure") == "yes" and (user.check_password(request.POST.get("password", "")) or not user.has_usable_password()):
        return ""
    missed(request)
    return _("没有注销：勾上“编号和取件码都抄下了”，密码也要对。")


@login_required
@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """End the account: what it knows of the person goes, the matters stay with their codes and secrets."""
    user: Any = request.user
    if leaving.stays(user):
        messages.error(request, _("这个账号有岗位，由安全管理员办。"))
        return redirect("web:mine_rights")
    if words := _unsure(request, user):
        messages.error(request, words)
        return redirect("web:mine_rights")
    try:
        leaving.close(user)
    except Sealed:
        messages.error(request, AWAY[rights.lang()])
        return redirect("web:mine_rights")
    logout(request)
    messages.success(request, _("账号注销了。以前说的事还在办，凭编号和取件码看。"))
    return redirect("web:mine")
