"""Lists that leave the house: without personal data, marked with who took them, each one an event of the register.

No more than ROWS by one person; more takes a second one. What was said, where in words, and who spoke are in none of them:
identity leaves one case at a time, by two people's word (common.py), never as a list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minan.kernel import house, inbox, labels, registry, search, viewer
from minan.kernel.models import Case, Proposal, User
from minan.kernel.pages import listing
from minan.kernel.pages.guard import person, staff
from minan.lib import csvsafe

ROWS, MOST = 200, 20_000
FETCHED = timedelta(hours=24)  # how long a confirmed export waits for who asked for it
HEAD = ("code", "procedure", "kind", "place", "state", "light", "unit", "opened_at", "due_at", "closed_at")


def _cases(user: User, query: QueryDict, now: datetime, most: int) -> list[Case]:
    """The cases of a list as its filters say, confidential ones never; at most one more than `most`."""
    ask, out = replace(listing.wanted(query), cursor="", limit=inbox.PAGE_MOST), list[Case]()
    while len(out) <= most:
        found = inbox.listed(user, ask, now)
        out += [case for case in found.items if not case.privacy]
        if not found.next:
            break
        ask = replace(ask, cursor=found.next)
    return out[: most + 1]


def _row(case: Case, now: datetime) -> list[str]:
    state = labels.into(registry.label(case.procedure, case.version, "states", case.state))
    moments = [
        m.astimezone(timezone.get_current_timezone()).isoformat(" ", "minutes") if m else ""
        for m in (case.opened_at, case.due_at, case.closed_at)
    ]
    return [
        case.code, case.procedure, labels.kind_name(case.kind), labels.place_short(case.place), state, inbox.light_of(case, now),
        labels.office_name(labels.holder(case)), *moments,
    ]  # fmt: skip


def _file(user: User, cases: list[Case], now: datetime, filters: str, second: str = "") -> StreamingHttpResponse:
    own = viewer.mark(user.pk, timezone.localdate(now))
    what = {"rows": len(cases), "filters": filters, "mark": own}
    house.note("export", user.username, what, why=_("导出列表，不含个人信息"), second=second)

    def lines() -> Iterator[list[str]]:
        yield list(HEAD)
        for case in cases:
            yield _row(case, now)
        yield ["#", own, f"{now:%Y-%m-%dT%H:%MZ}"]

    response = StreamingHttpResponse(csvsafe.lines(lines()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="minan-{timezone.localdate(now):%Y%m%d}-{own}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@staff
def export(request: HttpRequest) -> HttpResponseBase:
    """The list as it is filtered, as a file. More than ROWS: put forward for a second person."""
    me, now = person(request), datetime.now(UTC)
    query = request.POST.copy()
    filters = urlencode({name: query[name] for name in listing.ASKED if query.get(name)})
    try:
        cases = _cases(me, query, now, ROWS)
    except (inbox.BadCursor, search.AboutAPerson):
        raise Http404 from None
    if len(cases) <= ROWS:
        with transaction.atomic():
            return _file(me, cases, now, filters)
    house.propose("export", me, _("导出超过 %(n)d 行") % {"n": ROWS}, values={"filters": filters})
    messages.info(request, _("超过 %(n)d 行要第二个人确认。确认以后 24 小时内在这里取。") % {"n": ROWS})
    return redirect("kernel:house_waiting")


def to_fetch(found: Proposal, user: User, now: datetime) -> bool:
    """True where this is a confirmed export of theirs that still waits for them."""
    ready = found.what == "export" and found.state == "done" and found.second_at is not None
    return bool(ready and found.by_id == user.pk and found.second_at and found.second_at >= now - FETCHED)


@require_POST
@staff
def fetch(request: HttpRequest, pk: Any) -> HttpResponse | StreamingHttpResponse:
    """A confirmed export, once, by who asked for it; what they may see now, not when they asked."""
    me, now = person(request), datetime.now(UTC)
    with transaction.atomic():
        found = Proposal.objects.select_for_update().filter(pk=pk, what="export", by=me, state="done").first()
        if found is None or found.second is None or found.second_at is None or found.second_at < now - FETCHED:
            raise Http404
        Proposal.objects.filter(pk=pk).update(state="gone")
        filters = str(found.values.get("filters", ""))
        return _file(me, _cases(me, QueryDict(filters), now, MOST)[:MOST], now, filters, found.second.username)
