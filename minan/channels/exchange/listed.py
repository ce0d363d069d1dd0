"""What the centre's page shows of a partner: counts that can be opened, and rows of number, deadline and state. Never a speaker."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minan.channels.exchange import known, who
from minan.channels.exchange.intake import Done
from minan.channels.exchange.models import Foreign, Hand, Intake, Sent
from minan.channels.exchange.partners import Partner
from minan.channels.exchange.taking import Plan
from minan.kernel import labels, registry
from minan.kernel.calendar import light
from minan.kernel.models import Case, Clock, User

PAGE = 50
# What a row may be asked for → its name; each is a number on the page and a list behind it.
SHOWS = {
    "waiting": gettext_lazy("在办"), "late": gettext_lazy("对方时限已过"), "refused": gettext_lazy("答复被退"), "parked": gettext_lazy("送不到"),
    "going": gettext_lazy("等着送"), "silent": gettext_lazy("送出没回执"), "accepted": gettext_lazy("对方已收"), "all": gettext_lazy("全部来件"),
}  # fmt: skip
BAD = ("late", "refused", "parked")
STATES = {
    "open": gettext_lazy("在办"), "answered": gettext_lazy("已答复"), "ended": gettext_lazy("已了结"), "returned": gettext_lazy("已退回来件单位"),
    "cancelled": gettext_lazy("来件撤销"),
}  # fmt: skip
SENT = {
    "waiting": gettext_lazy("等着送"), "sent": gettext_lazy("已送出，等回执"), "accepted": gettext_lazy("对方已收"),
    "refused": gettext_lazy("被退回"), "parked": gettext_lazy("送不到"), "replaced": gettext_lazy("已由新的代替"),
}  # fmt: skip
WHATS = {
    "opened": gettext_lazy("新开一件"), "more": gettext_lazy("并入原件作补充"), "again": gettext_lazy("再次转来，重新受理"),
    "cancelled": gettext_lazy("对方撤销"), "same": gettext_lazy("没有变化"), "rejected": gettext_lazy("收不进"),
}  # fmt: skip
WAYS = {
    "file": gettext_lazy("上传"),
    "folder": gettext_lazy("文件夹"),
    "api": gettext_lazy("接口"),
    "mail": gettext_lazy("邮箱"),
}


@dataclass(slots=True)
class Row:
    """One number of the partner's as the page shows it."""

    foreign: Foreign
    case: Case | None  # only where this person may open it
    sent: Sent | None  # the last message about it
    light: str = ""
    resend: Clock | None = None
    state: str = ""
    said: str = ""


@dataclass(slots=True)
class Total:
    """One partner with its numbers."""

    partner: Partner
    name: str
    counts: dict[str, int] = field(default_factory=dict)
    hand: int = 0


def _sent(state: str) -> Q:
    return Q(Exists(Sent.objects.filter(foreign=OuterRef("pk"), state=state)))


def chosen(rows: QuerySet[Foreign], show: str, now: datetime) -> QuerySet[Foreign]:
    """The rows behind one number."""
    by_sent = {"refused": "refused", "parked": "parked", "going": "waiting", "silent": "sent", "accepted": "accepted"}
    if show in by_sent:
        return rows.filter(_sent(by_sent[show]))
    if show == "waiting":
        return rows.filter(state="open")
    return rows.filter(state="open", due_at__lt=now) if show == "late" else rows


def totals(user: User, partners: list[Partner], now: datetime) -> list[Total]:
    """Every partner with its counts; three queries, however many partners."""
    codes, seen = [one.code for one in partners], who.within(user)
    counts: dict[str, Counter[str]] = {code: Counter() for code in codes}
    found = Foreign.objects.filter(seen, partner__in=codes, case_id__isnull=False).values_list("partner", "state")
    for code, state, n, late in found.annotate(n=Count("id"), late=Count("id", filter=Q(due_at__lt=now))):
        counts[code].update({"all": n} | ({"waiting": n, "late": late} if state == "open" else {}))
    names = {"waiting": "going", "sent": "silent", "accepted": "accepted", "refused": "refused", "parked": "parked"}
    sent = Sent.objects.filter(seen, partner__in=codes, state__in=list(names), foreign__case_id__isnull=False)
    sent = sent.values_list("partner", "state")
    for code, state, n in sent.annotate(n=Count("foreign_id", distinct=True)):
        counts[code][names[state]] += n
    hand = Counter(Hand.objects.filter(partner__in=codes, done_at=None).values_list("partner", flat=True))
    lang = "en" if labels.english() else "zh"
    return [
        Total(one, one.said(lang), {show: counts[one.code][show] for show in SHOWS}, hand[one.code]) for one in partners
    ]


def _light(row: Foreign, now: datetime) -> str:
    if row.state != "open" or row.due_at is None:
        return ""
    return light(now, row.received_at + (row.due_at - row.received_at) * 0.75, row.due_at)


def rows(user: User, partner: Partner, show: str, page: int, now: datetime) -> tuple[list[Row], bool]:
    """One page of numbers, those with the nearest deadline or the newest first; five queries."""
    found = chosen(Foreign.objects.filter(who.within(user), partner=partner.code, case_id__isnull=False), show, now)
    order = ("due_at", "-received_at") if show in ("waiting", "late") else ("-received_at",)
    shown = list(found.order_by(*order, "id")[(page - 1) * PAGE : page * PAGE + 1])
    more, shown = len(shown) > PAGE, shown[:PAGE]
    ids = [row.case_id for row in shown]
    cases = {case.id: case for case in Case.objects.visible_to(user).filter(id__in=ids)}
    last = {one.foreign_id: one for one in Sent.objects.filter(foreign__in=shown).order_by("round")}
    clocks = {
        clock.case_id: clock for clock in Clock.objects.filter(case_id__in=list(cases), name="resend", done_at=None)
    }
    pairs = [(row, row.case_id) for row in shown if row.case_id]
    return [_row(row, cases.get(pk), last.get(row.id), clocks.get(pk), now) for row, pk in pairs], more


def _row(row: Foreign, case: Case | None, sent: Sent | None, resend: Clock | None, now: datetime) -> Row:
    state = (
        registry.label(case.procedure, case.version, "states", case.state)["en" if labels.english() else "zh"]
        if case
        else ""
    )
    return Row(
        row,
        case,
        sent,
        _light(row, now),
        resend,
        state or str(STATES.get(row.state, row.state)),
        str(SENT[sent.state]) if sent else "",
    )


def _codes(user: User, plans: list[Plan]) -> dict[Any, str]:
    """The codes of the rows' cases this person may open, and none that is confidential. One query."""
    ids = [plan.foreign.case_id for plan in plans if plan.foreign is not None and plan.foreign.case_id]
    return dict(Case.objects.visible_to(user).filter(id__in=ids, privacy="").values_list("id", "code")) if ids else {}


def previewed(user: User, done: Done) -> list[dict[str, Any]]:
    """The rows of a preview or an import as the page shows them: what is wrong first, then what is new; the first page of them."""
    order = {"rejected": 0, "cancelled": 1, "again": 2, "more": 3, "opened": 4, "same": 5}
    out, shown = [], sorted(enumerate(done.plans, 1), key=lambda pair: (order[pair[1].what], pair[0]))[:PAGE]
    codes = _codes(user, [plan for _, plan in shown])
    for number, plan in shown:
        facts = plan.matter.facts if plan.matter else {}
        out.append(
            {
                "line": number, "what": plan.what, "word": WHATS[plan.what], "number": plan.number,
                "code": codes.get(plan.foreign.case_id, "") if plan.foreign is not None else "",
                "kind": labels.kind_name(facts["kind"]) if facts.get("kind") else "",
                "place": labels.place_short(facts["place"]) if facts.get("place") else "", "due": plan.matter.due if plan.matter else None,
                "why": labels.into(plan.why), "hints": [labels.into(hint) for hint in plan.hints],
            }
        )  # fmt: skip
    return out


def counted(done: Done) -> list[dict[str, Any]]:
    return [{"what": what, "word": WHATS[what], "n": n} for what, n in done.counts.items()]


def intakes(user: User, partner: Partner) -> list[dict[str, Any]]:
    """The last files and mails, and what became of their rows."""
    found = (
        Intake.objects.filter(partner=partner.code, done_at__isnull=False)
        .filter(who.within(user) | Q(county=""))
        .order_by("-made_at")[:8]
    )
    return [
        {
            "one": one,
            "way": WAYS[one.way],
            "counts": [f"{WHATS[what]} {n}" for what, n in one.counts.items() if what in WHATS],
        }
        for one in found
    ]


def hands(partner: Partner) -> list[dict[str, Any]]:
    found = Hand.objects.filter(partner=partner.code, done_at=None).order_by("made_at")[:20]
    return [{"one": one, "why": labels.into({"zh": one.why, "en": one.why_en})} for one in found]


def ways(partner: Partner) -> str:
    """How it sends and takes, in one line."""
    comes = (
        "、".join(str(WAYS[way]) for way in partner.ways_in)
        if not labels.english()
        else ", ".join(str(WAYS[way]) for way in partner.ways_in)
    )
    goes = _("接口") if partner.way_out == "call" else _("文件")
    return _("来：%(comes)s；回：%(goes)s") % {"comes": comes, "goes": goes}


__all__ = [
    "PAGE",
    "SHOWS",
    "Row",
    "Total",
    "counted",
    "hands",
    "intakes",
    "known",
    "previewed",
    "rows",
    "totals",
    "ways",
]
