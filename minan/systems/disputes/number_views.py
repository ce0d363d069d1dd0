"""The page 调解数字 and its file: for heads of committees, their judicial offices and whoever leads the place; nobody else finds it."""

from __future__ import annotations

import re
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from minan.kernel import access, labels
from minan.kernel.directory import LOCAL
from minan.kernel.pages.guard import person, staff
from minan.lib import csvsafe
from minan.systems.disputes import fields, numbers

SORTS = {words.zh: words for _name, words in fields.SORTS}
PERIOD = re.compile(r"(20\d\d)(?:Q([1-4]))?")


def period(text: str, now: datetime) -> tuple[str, datetime, datetime]:
    """("2026" or "2026Q3", from, until); this year where nothing, or nothing that is one, is asked for."""
    found = PERIOD.fullmatch(text)
    year, part = (int(found[1]), int(found[2] or 0)) if found else (now.astimezone(LOCAL).year, 0)
    first, months = (3 * part - 2, 3) if part else (1, 12)
    last = (year, first + months) if first + months <= 12 else (year + 1, 1)
    return f"{year}Q{part}" if part else str(year), datetime(year, first, 1, tzinfo=LOCAL), datetime(*last, 1, tzinfo=LOCAL)


def named(by: str, key: str) -> str:
    """How a group is called."""
    if by == "all":
        return _("合计")
    if not key:
        return _("其余，少于 {n} 件的合在一起").format(n=numbers.K)
    if by == "sort":
        return labels.into(SORTS.get(key)) or key
    return labels.office_name(key) if by == "committee" else labels.place_short(key) if by == "place" else key


def _asked(request: HttpRequest) -> tuple[numbers.Scope, list[numbers.Scope], tuple[str, datetime, datetime]]:
    """Whose numbers, all they may choose from, and the period. Http404 for who leads nothing; who leads no committee has none to read."""
    if not access.has_role(person(request), "supervisor"):
        raise Http404
    scopes = numbers.scopes(person(request)) or [numbers.Scope("", "town", ())]
    scope = next((s for s in scopes if s.unit == request.GET.get("unit")), scopes[0])
    return scope, scopes, period(request.GET.get("period", ""), timezone.now())


@require_safe
@staff
def page(request: HttpRequest) -> HttpResponse:
    """Totals first, then by kind, committee, place and quarter."""
    scope, scopes, (name, since, until) = _asked(request)
    found = numbers.of(scope, since, until)
    titles = {"sort": _("按类别"), "committee": _("按调委会"), "place": _("按地方"), "quarter": _("按季度")}
    tables = [
        {"by": by, "title": title, "rows": [(named(by, sums.key), sums) for sums in found.by[by]]}
        for by, title in titles.items()
        if len(found.by[by]) > 1 or by == "sort"
    ]
    year = int(name[:4])
    context = {
        "total": found.total, "tables": tables, "scope": scope, "place": labels.office_name(scope.unit), "period": name,
        "k": numbers.K, "few": numbers.FEW,
        "scopes": [(one.unit, labels.office_name(one.unit)) for one in scopes] if len(scopes) > 1 else [],
        "periods": [str(year - 1), *(f"{year}Q{n}" for n in range(1, 5)), str(year)], "few_at_all": found.total.n < numbers.K,
    }  # fmt: skip
    return render(request, "disputes/numbers.html", context)


@require_safe
@staff
def file(request: HttpRequest) -> HttpResponseBase:
    """The same as CSV."""
    scope, _scopes, (name, since, until) = _asked(request)
    found = numbers.of(scope, since, until)
    answer = StreamingHttpResponse(csvsafe.lines(numbers.table(found, named)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="mediation-{name}.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer
