"""By when, and why that date: the clock a speaker cares about most, its days, its rule, and the limit of the law beside it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from minan.kernel import directory
from minan.kernel.calendar import Limit, Scale
from minan.kernel.clocks import FIXED
from minan.kernel.models import Case, Clock
from minan.kernel.procedure import Procedure
from minan.kernel.sheet import ClockLine

ANSWER = "answer"
THEIRS = ("notice", "supplement", "unheard")  # clocks that wait for the speaker, not for an office


def staff_only(procedure: Procedure | None) -> set[str]:
    """Clocks that only steps hidden from the speaker start: naming them would tell what is hidden."""
    steps = (procedure.opening, *procedure.steps) if procedure else ()
    shown = {name for step in steps if step.public for name in step.starts}
    return {name for step in steps if not step.public for name in step.starts} - shown


def expected(case: Case) -> datetime | None:
    """By when an answer is due, or the next end known; None for a closed case. One query."""
    if not case.open:
        return None
    rows = Clock.objects.filter(county=case.county, case_id=case.id, done_at=None, name=ANSWER)
    return rows.values_list("due_at", flat=True).first() or case.due_at


def length(limit: Limit) -> str:
    """A limit in words: 5 个工作日, 2 个工作小时, 24 小时 …"""
    n = limit.amount
    if limit.scale in (Scale.WORKING, Scale.CLOCK):
        hours, rest = divmod(n, 60)
        if limit.scale is Scale.WORKING:
            return (
                ngettext("%(n)d 个工作小时", "%(n)d 个工作小时", hours) % {"n": hours}
                if not rest
                else ngettext("%(n)d 分钟工作时间", "%(n)d 分钟工作时间", n) % {"n": n}
            )
        if rest:
            return ngettext("%(n)d 分钟", "%(n)d 分钟", n) % {"n": n}
        return ngettext("%(n)d 小时", "%(n)d 小时", hours) % {"n": hours}
    return {
        Scale.WORKDAYS: ngettext("%(n)d 个工作日", "%(n)d 个工作日", n),
        Scale.DAYS: ngettext("%(n)d 天", "%(n)d 天", n),
        Scale.MONTHS: ngettext("%(n)d 个月", "%(n)d 个月", n),
        Scale.YEARS: ngettext("%(n)d 年", "%(n)d 年", n),
    }[limit.scale] % {"n": n}


def _why(row: Clock, limit: Limit, extended: bool) -> str:
    how = {
        Scale.WORKDAYS: _("给 %(limit)s。开始那天不算，最后一个工作日下班时到期。"),
        Scale.WORKING: _("给 %(limit)s，只算上班时间。"),
        Scale.CLOCK: _("给 %(limit)s，不分昼夜。"),
        Scale.DAYS: _("给 %(limit)s。开始那天不算，最后一天 24 点到期；遇到休息日顺延。"),
        Scale.MONTHS: _("给 %(limit)s。"),
        Scale.YEARS: _("给 %(limit)s。"),
    }[limit.scale] % {"limit": length(limit)}
    return how + (_("中间批准延期过一次。") if extended else "")


def _whose(case: Case, clock: ClockLine, procedure: Procedure | None) -> str:
    """The unit that must keep it now: the clock may have begun before there was a lead."""
    owner = procedure.clock(clock.name).owner if procedure else ""
    return {"desk": case.desk, "lead": case.unit, "ruler": case.ruler}.get(owner, "") or clock.row.unit


def last_day(due_at: datetime) -> date | None:
    """The day that a due moment of 24:00 closes; None where it falls within a day."""
    local = due_at.astimezone(directory.LOCAL)
    return (local - timedelta(days=1)).date() if (local.hour, local.minute) == (0, 0) else None


def _line(case: Case, clock: ClockLine, procedure: Procedure | None, now: datetime, *, days: bool) -> dict[str, Any]:
    row = clock.row
    out: dict[str, Any] = {
        "name": clock.name, "label": clock.label, "due_at": row.due_at, "light": {"light": clock.light, "due_at": row.due_at, "now": now},
        "provisional": row.provisional, "paused": row.paused_at is not None, "fixed": row.limit == FIXED, "theirs": clock.name in THEIRS,
        "unit": _unit(_whose(case, clock, procedure)), "until": last_day(row.due_at),
    }  # fmt: skip
    if row.limit != FIXED and days:
        limit = Limit.parse(row.limit)
        out |= {
            "days": clock.days(), "minutes": limit.scale is Scale.WORKING, "why": _why(row, limit, row.extended),
            "rule": f"{row.rule} {_article(row)}", "legal": _legal(row),
        }  # fmt: skip
    return out


def _unit(unit: str) -> dict[str, str]:
    office = directory.office(unit)
    return {"zh": office.name, "en": office.name_en or office.name} if office else {"zh": "", "en": ""}


def _article(row: Clock) -> str:
    """What the rule says, in the page's language where the city wrote it in both."""
    if not (get_language() or "").startswith("en"):
        return row.article
    rows = (limit for limit, _since, _until in directory.city().limits)
    return next(
        (r.article_en for r in rows if r.rule == row.rule and r.article == row.article and r.article_en), row.article
    )


def _legal(row: Clock) -> dict[str, Any] | None:
    """The limit of the law beside the promised one."""
    if not row.legal or row.legal_due_at is None:
        return None
    return {
        "limit": length(Limit.parse(row.legal)),
        "due_at": last_day(row.legal_due_at) or row.legal_due_at,
        "article": row.legal_article,
    }


def _running(case: Case, clocks: list[ClockLine], procedure: Procedure | None) -> list[ClockLine]:
    hidden = staff_only(procedure)
    return [c for c in clocks if c.row.done_at is None and c.name not in hidden] if case.open else []


def first(case: Case, clocks: list[ClockLine], procedure: Procedure | None, now: datetime) -> dict[str, Any] | None:
    """The promise at the head of the page: the answer's date where it runs, else what ends first."""
    running = _running(case, clocks, procedure)
    best = next((c for c in running if c.name == ANSWER), None) or min(
        running, key=lambda c: c.row.due_at, default=None
    )
    return _line(case, best, procedure, now, days=True) if best else None


def other(
    case: Case, clocks: list[ClockLine], procedure: Procedure | None, shown: dict[str, Any] | None, now: datetime
) -> dict[str, Any] | None:
    """The step that runs just now, where it is another clock than the one at the head."""
    running = [
        c for c in _running(case, clocks, procedure) if shown and c.name != shown["name"] and c.row.paused_at is None
    ]
    nearest = min(running, key=lambda c: c.row.due_at, default=None)
    return _line(case, nearest, procedure, now, days=False) if nearest else None


def next_lines(case: Case, shown: dict[str, Any] | None) -> list[dict[str, Any]]:
    """What is still to come, above what happened."""
    if shown is None or shown["theirs"] or shown["paused"]:
        return []
    return [
        {
            "label": shown["label"],
            "by": shown["unit"],
            "at": None,
            "due": shown["due_at"],
            "until": shown["until"],
            "state": "next",
            "words": "",
            "photos": [],
        }
    ]
