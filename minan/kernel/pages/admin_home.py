"""What wants an administrator's hand, the calendar of a year in words, and an edition as before and after."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from minan.kernel import articles, directory, labels
from minan.kernel.models import Clock, Delivery, Edition, Kind, RestDay, Unit
from minan.kernel.pages.admin_tables import no_duty, no_night
from minan.kernel.workdays import published

LINES_MOST, VALUE_MOST = 40, 400


def todo() -> list[dict[str, Any]]:
    """What is parked, provisional or missing, each with the way to it; only what there is. Six queries."""
    today = timezone.localdate()
    provisional = Clock.objects.filter(provisional=True, done_at=None).count()
    years = [y for y in (today.year, today.year + 1) if not directory.calendar("default").is_known(y)]
    parked = Delivery.objects.filter(next_at=None).count()
    no_unit = Kind.objects.filter(no_duty()).count()
    dark = Unit.objects.filter(no_night()).count()
    unchecked = sum(articles.stale(row, today) for row in articles.rows())
    days = reverse("kernel:admin_calendar", args=[years[0] if years else today.year])
    rows = [
        (
            parked,
            "red",
            ngettext("%(n)d 次投递停住了，等人看", "%(n)d 次投递停住了，等人看", parked),
            _("试了三次都没成，日志里有原因；minan doctor 会说怎么办。"),
            "",
        ),
        (
            provisional,
            "amber",
            ngettext("%(n)d 个时钟的到期日是暂定的", "%(n)d 个时钟的到期日是暂定的", provisional),
            _("那一年的放假安排还没公布；公布后重算，只会推后，不会提前。"),
            days,
        ),
        (
            len(years),
            "amber",
            ngettext("%(n)d 个年份的日历还没公布", "%(n)d 个年份的日历还没公布", len(years)),
            "、".join(map(str, years)),
            days,
        ),
        (
            no_unit,
            "red",
            ngettext("%(n)d 类事没有单位管", "%(n)d 类事没有单位管", no_unit),
            _("职责清单里没有乡镇、县或市一级的行。"),
            reverse("kernel:admin_table", args=["kinds"]) + "?hole=duty",
        ),
        (
            dark,
            "amber",
            ngettext("%(n)d 个单位夜间或假日没有排值班", "%(n)d 个单位夜间或假日没有排值班", dark),
            _("急事按 7×24 小时算，这些单位夜里没人接。"),
            reverse("kernel:admin_table", args=["units"]) + "?hole=night",
        ),
        (
            unchecked,
            "amber",
            ngettext("%(n)d 条法条要和公布的文本核对", "%(n)d 条法条要和公布的文本核对", unchecked),
            _("从没核对过，或者过了核对的日子；办事的人看到时都标着。"),
            reverse("kernel:admin_table", args=["articles"]) + "?hole=stale",
        ),
    ]
    return [
        {"tone": tone, "title": title % {"n": n}, "words": words, "url": url}
        for n, tone, title, words, url in rows
        if n
    ]


def year(number: int) -> dict[str, Any]:
    """A year's rest and make-up days by holiday, the city's own days, whether it is published, and the clocks that wait for it."""
    notice = published()
    known = directory.calendar("default").is_known(number)
    names: dict[str, dict[str, Any]] = {}
    for title, days in (("rest", notice.rest), ("makeup", notice.makeup)):
        for day, name in sorted(days.items()):
            if day.year == number:
                names.setdefault(name, {"name": name, "rest": [], "makeup": []})[title].append(day)
    waiting = Clock.objects.filter(provisional=True, done_at=None, due_at__year__gte=number).count() if not known else 0
    own = RestDay.objects.filter(date__range=(date(number, 1, 1), date(number, 12, 31))).order_by("date")
    return {
        "year": number,
        "known": known,
        "holidays": list(names.values()),
        "own": own,
        "waiting": waiting,
        "before": number - 1,
        "after": number + 1,
    }


def told(row: Any) -> list[tuple[str, str]]:
    """What stands above a unit's form and is not changed here."""
    if not isinstance(row, Unit):
        return []
    up = [labels.office_name(unit) for unit in (row.block, row.line)]
    return [
        (_("编号"), row.pk),
        (_("地方"), directory.place_name(row.place, full=True)),
        (_("部门"), labels.departments().get(row.word, row.word)),
        (_("块上级"), up[0] or "—"),
        (_("条上级"), up[1] or "—"),
    ]


def beside(row: Any) -> list[tuple[str, str]]:
    """The rows of other tables that belong to this one: (label, address)."""
    if isinstance(row, Kind):
        asked = (("questions", _("补充问题")), ("duties", _("职责清单")))
        return [(label, f"{reverse('kernel:admin_table', args=[name])}?kind={row.pk}") for name, label in asked]
    if isinstance(row, Unit):
        return [(_("岗位"), f"{reverse('kernel:admin_table', args=['posts'])}?unit={row.pk}")]
    return []


def compared(edition: Edition) -> list[dict[str, str]]:
    """What changed, a line each: name, before, after; long values are cut."""
    before, after = edition.before or {}, edition.after or {}
    return [
        {"name": n, "before": _cut(before.get(n)), "after": _cut(after.get(n))}
        for n in list(dict.fromkeys([*before, *after]))[:LINES_MOST]
    ]


def _cut(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= VALUE_MOST else text[:VALUE_MOST] + "…"
