"""The administrator's pages: three views over the declared tables, the calendar of a year, and a new password shown once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.kernel import access, config, directory, house, labels, viewer
from minan.kernel.models import Duty, Edition, LimitRule, Post, Question, RoutingRule, User
from minan.kernel.pages import admin_articles, admin_home, admin_rota, foresight
from minan.kernel.pages.admin_forms import RowForm, cell, heads, names_of
from minan.kernel.pages.admin_tables import TABLES, Table
from minan.kernel.pages.guard import View, person
from minan.lib import csvsafe

OWN_FILES = (admin_articles, admin_rota)  # imported so that their tables are known

PAGE, PAGES_MOST = 50, 2000
ENDING = (LimitRule, Duty, RoutingRule, Post, Question)


def admins(view: View) -> View:
    """Administrators only; who has not signed in is asked to, everybody else finds nothing here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not access.has_role(request.user, *directory.APART):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def tables_of(request: HttpRequest) -> list[Table]:
    """The tables this administrator keeps or reads: roles apart, as GB/T 22239-2019 8.1.5 asks."""
    return [table for table in TABLES.values() if access.has_role(request.user, *house.keepers(table.name))]


def _table(request: HttpRequest, name: str) -> Table:
    found = next((table for table in tables_of(request) if table.name == name), None)
    if found is None:
        raise Http404
    return found


def _row(table: Table, pk: str) -> Any:
    """The row with this key; Http404 for none, and for a key that cannot be one."""
    try:
        row = table.rows().filter(pk=pk).first()
    except (ValueError, ValidationError):
        row = None
    if row is None:
        raise Http404
    return row


@require_safe
@admins
def home(request: HttpRequest) -> HttpResponse:
    """What wants doing, and the last changes."""
    editions = Edition.objects.order_by("-number")[:8]
    return render(
        request,
        "kernel/admin_home.html",
        {"tables": tables_of(request), "todo": admin_home.todo(), "editions": editions},
    )


def _asked(table: Table, request: HttpRequest) -> tuple[Any, dict[str, str]]:
    """The rows an address asks for, and the words of the address that say so."""
    keep = {n: request.GET[n] for n in ("q", "all", "hole", *table.narrow) if request.GET.get(n)}
    rows = table.rows()
    if table.live and keep.get("all") != "1":
        rows = rows.filter(**table.live)
    if keep.get("hole") in table.holes:
        rows = rows.filter(table.holes[keep["hole"]]())
    for word, name in table.narrow.items():
        if word in keep:
            rows = rows.filter(**{name: keep[word]})
    found = Q()
    for name in table.search if keep.get("q", "").strip() else ():
        found |= Q(**{f"{name}__icontains": keep["q"].strip()[:60]})
    return rows.filter(found), keep


@require_safe
@admins
def table(request: HttpRequest, name: str) -> HttpResponseBase:
    """One table: searched, in pages, or as a file."""
    asked = _table(request, name)
    try:
        rows, keep = _asked(asked, request)
        number = min(max(int(request.GET.get("page", "1")), 1), PAGES_MOST)
        if request.GET.get("format") == "csv":
            return _file(asked, rows, person(request))
        shown = list(rows[(number - 1) * PAGE : number * PAGE + 1])
    except ValueError:
        raise Http404 from None
    named = names_of(asked)
    lines = [
        {
            "url": reverse("kernel:admin_row", args=[name, r.pk]),
            "cells": [cell(asked, r, c, named) for c in asked.shown],
        }
        for r in shown[:PAGE]
    ]
    context = {
        "tables": tables_of(request),
        "table": asked,
        "heads": heads(asked, asked.shown),
        "rows": lines,
        "keep": urlencode(keep),
        "number": number,
        "more": len(shown) > PAGE,
        "q": keep.get("q", ""),
        "hole": keep.get("hole", ""),
        "all": keep.get("all", ""),
        "year": timezone.localdate().year,
    }
    return render(request, "kernel/admin_table.html", context)


def _file(asked: Table, rows: Any, taker: User) -> StreamingHttpResponse:
    """The asked rows as CSV that no spreadsheet takes for a formula; what a table has that is secret is in no column.

    Who works here leaves marked with who took it, and the register says so.
    """
    names = tuple(dict.fromkeys([*asked.shown, *(c.name for c in asked.cols)]))
    own = viewer.mark(taker.pk, timezone.localdate()) if asked.name in house.SECURITYS else ""
    if own:
        with transaction.atomic():
            what = {"table": asked.name, "rows": rows.count(), "mark": own}
            house.note("export", taker.username, what, why=_("导出列表"))

    def lines() -> Iterator[list[str]]:
        yield list(names)
        for row in rows.iterator(chunk_size=500):
            yield [cell(asked, row, name) for name in names]
        if own:
            yield ["#", own]

    response = StreamingHttpResponse(csvsafe.lines(lines()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{asked.name}-{timezone.localdate():%Y%m%d}.csv"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@admins
def row(request: HttpRequest, name: str, pk: str) -> HttpResponse:
    """One row: look, preview, publish, end. `new` is a row that is not there yet."""
    asked = _table(request, name)
    here = None if pk == "new" else _row(asked, pk)
    if (here is None and not asked.new) or (request.method == "POST" and asked.read_only):
        raise Http404
    if isinstance(here, Edition):
        return render(
            request,
            "kernel/admin_edition.html",
            {"tables": tables_of(request), "table": asked, "edition": here, "lines": admin_home.compared(here)},
        )
    if request.method == "POST" and "end" in request.POST:
        return _ended(request, asked, here)
    form = RowForm(asked, here, request.POST or None, given=request.GET.dict())
    told: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        values = form.values()
        if form.is_valid() and ("preview" in request.POST or _unseen(request, asked, values, form)):
            told = _previewed(request, asked, here, values, form)
        elif form.is_valid():
            if made := _published(request, asked, here, values, form):
                return made
            told = _previewed(request, asked, here, values, form) if form.stale else {}
    return _shown(request, asked, here, form, told)


def _unseen(request: HttpRequest, asked: Table, values: dict[str, Any], form: RowForm) -> bool:
    """Whether this must be looked at first: a routing rule or duty as it stands in the form, a limit that moves what is open."""
    if not foresight.must_look(asked.model, form.also):
        return False
    base = request.POST.get("base", "")
    return base != foresight.mark_of(values) if asked.model in config.ROUTING else not base


def _shown(request: HttpRequest, asked: Table, here: Any, form: RowForm, told: dict[str, Any]) -> HttpResponse:
    posts = Post.objects.filter(user=here).select_related("unit").order_by("id") if isinstance(here, User) else []
    versioned, ended = asked.model in config.VERSIONED, getattr(here, "until", None) is not None
    context = {
        "tables": tables_of(request),
        "table": asked,
        "row": here,
        "form": form,
        "foresee": asked.model in foresight.SHOWS,
        "routes": asked.model in config.ROUTING,
        "posts": posts,
        "versioned": versioned,
        "may_end": here is not None and asked.model in ENDING and not ended,
        "over": versioned and ended,
        "links": admin_home.beside(here),
        "fixed": admin_home.told(here)
        + [
            (c.label, cell(asked, here, c.name, names_of(asked)))
            for c in asked.cols
            if here is not None and c.name not in form.fields
        ],
    }
    return render(request, "kernel/admin_row.html", context | told, status=422 if form.errors else 200)


def _previewed(request: HttpRequest, asked: Table, here: Any, values: dict[str, Any], form: RowForm) -> dict[str, Any]:
    """What publishing would do, tried and undone; the form's errors where it would be refused."""
    try:
        ahead = foresight.of(asked.model, here.pk if here is not None else None, values, _me(request), form.also)
    except config.Wrong as wrong:
        form.refuse(wrong)
        return {}
    if form.also or asked.model not in config.VERSIONED:
        return {"ahead": ahead}
    count = config.reach(values.get("group", "") if asked.model is LimitRule else "", kind=values.get("kind", ""))
    words = ngettext(
        "此改动从下一件事起算；正在办的 %(n)s 件仍按旧版。", "此改动从下一件事起算；正在办的 %(n)s 件仍按旧版。", count
    ) % {"n": f"{count:,}"}
    return {"preview": words, "ahead": ahead if asked.model in config.ROUTING else None}


def _published(
    request: HttpRequest, asked: Table, here: Any, values: dict[str, Any], form: RowForm
) -> HttpResponse | None:
    data = form.cleaned_data
    if house.needs_second(asked.model, here, values):
        return _put_forward(request, asked, here, values, form)
    try:
        made = config.change(
            asked.model,
            here.pk if here is not None else None,
            values,
            _me(request),
            data["why"],
            seen=data.get("seen", ""),
            also=form.also,
            base=request.POST.get("base") if form.also else None,
        )
    except config.Wrong as wrong:
        form.refuse(wrong)
        return None
    messages.success(request, _("已发布第 %(n)d 版，马上生效。") % {"n": made.number})
    if asked.model is User and here is None:
        return redirect("kernel:admin_row", name=asked.name, pk=User.objects.get(username=values["username"]).pk)
    return redirect("kernel:admin_table", name=asked.name)


def _put_forward(
    request: HttpRequest, asked: Table, here: Any, values: dict[str, Any], form: RowForm
) -> HttpResponse | None:
    """A change that takes two people: tried now, done when another confirms it."""
    try:
        config.rehearse(asked.model, here.pk if here is not None else None, values)
    except config.Wrong as wrong:
        form.refuse(wrong)
        return None
    house.propose(
        "change",
        person(request),
        form.cleaned_data["why"],
        table=asked.name,
        row=str(here.pk) if here else "",
        values=values,
    )
    messages.info(request, _("已经提出，等第二个人确认才生效。"))
    return redirect("kernel:house_waiting")


def _ended(request: HttpRequest, asked: Table, here: Any) -> HttpResponse:
    try:
        if here is not None and asked.model in config.ROUTING:
            ahead = foresight.end_of(asked.model, here.pk, _me(request))
            if "preview" in request.POST or request.POST.get("base") != ahead["base"]:
                told = {"ahead": ahead, "ending": True, "end_why": request.POST.get("why", "")}
                return _shown(request, asked, here, RowForm(asked, here), told)
        made = config.end(asked.model, here.pk if here is not None else None, _me(request), request.POST.get("why", ""))
    except config.Wrong as wrong:
        for words in wrong.errors.values():
            messages.error(request, labels.into(words))
        return redirect(request.get_full_path())
    messages.success(request, _("已停，记为第 %(n)d 版。") % {"n": made.number})
    return redirect("kernel:admin_table", name=asked.name)


def _me(request: HttpRequest) -> str:
    return person(request).username


@require_POST
@never_cache
@admins
def password(request: HttpRequest, pk: int) -> HttpResponse:
    """A new first password, on this page and nowhere else, once."""
    _table(request, "people")
    someone = User.objects.filter(pk=pk).first()
    if someone is None:
        raise Http404
    try:
        text = config.password(pk, _me(request), _("发初始密码"))
    except config.Wrong as wrong:
        if wrong.errors.get("") != house.ALONE:
            raise Http404 from None
        house.propose("password", person(request), _("发初始密码"), table="people", row=str(pk))
        messages.info(request, _("这个人管着别人的权限或身份：要第二个人确认，新密码只给确认的人看一次。"))
        return redirect("kernel:house_waiting")
    return render(
        request,
        "kernel/admin_password.html",
        {"tables": tables_of(request), "table": TABLES["people"], "someone": someone, "text": text},
    )


@require_safe
@admins
def calendar(request: HttpRequest, year: int) -> HttpResponse:
    """The rest days and make-up days of a year, as published and as the city says."""
    if not 2000 <= year <= 2100 or "days" not in [table.name for table in tables_of(request)]:
        raise Http404
    return render(
        request,
        "kernel/admin_calendar.html",
        {"tables": tables_of(request), "table": TABLES["days"], **admin_home.year(year)},
    )
