"""Numbered papers: an order or listing on one matter, the day's list of a unit, the matters listed in the house; as page and as PDF."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from minan.kernel import access, directory, labels, papers, registry
from minan.kernel.directory import LOCAL
from minan.kernel.models import Case, Clock, Event, Inbox, Reminder
from minan.kernel.pages import listing
from minan.kernel.pages.guard import case_of, face_of, person, staff
from minan.kernel.pages.notes_of import note_of
from minan.kernel.pages.supervise_rows import case_url
from minan.kernel.papers import Sheet
from minan.lib import codes

ORDER, LISTED = "督办", "挂牌"
SHOWN = 200
WHY = {"due": gettext_lazy("新超时"), "still": gettext_lazy("还没办"), "up": gettext_lazy("下级没办，上提来的")}


def _moment(at: datetime) -> str:
    return date_format(at.astimezone(LOCAL), "Y-m-d H:i")


def _lang() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


# ---- an order, a listing


def _paper(request: HttpRequest, code: str, n: int) -> tuple[Case, Event, dict[str, Any]]:
    """A numbered paper of a case the reader sees; Http404 for what is none. Five queries."""
    case = case_of(request, code)
    event = Event.objects.filter(county=case.county, case_id=case.id, n=n).first()
    said = note_of(event) if event else {}
    number = said.get("note", {}).get("number", "")
    if event is None or not number.startswith((ORDER, LISTED)):
        raise Http404
    ran = Clock.objects.filter(county=case.county, case_id=case.id, started_at__lte=event.at).exclude(
        done_at__lt=event.at
    )
    due = ran.order_by("due_at").first()
    return case, event, {
        "case": case, "event": event, "number": labels.numbered(number), "words": said.get("facts", {}).get("words", ""),
        "until": said.get("facts", {}).get("by", ""),
        "by": labels.name_of(directory.office(event.by.split(":", 1)[0])), "to": labels.office_name(case.unit or case.desk),
        "clock": registry.label(case.procedure, case.version, "clocks", due.name) if due else None, "due_at": due.due_at if due else None,
        "place": directory.place_name(case.place, full=True), "title": _("督办单") if number.startswith(ORDER) else _("挂牌督办通知书"),
        "able": papers.able(),
    }  # fmt: skip


@require_safe
@staff
def order(request: HttpRequest, code: str, n: int) -> HttpResponse:
    """One order as a sheet of paper 督办单; seen by whoever sees the case."""
    return render(request, "kernel/order_paper.html", _paper(request, code, n)[2])


@require_safe
@staff
def order_pdf(request: HttpRequest, code: str, n: int) -> HttpResponse:
    """The same as PDF; where none can be made, the page to print."""
    case, event, said = _paper(request, code, n)
    facts = [
        (_("发给"), said["to"]),
        (_("事由"), case.title),
        (_("地点"), said["place"]),
        (_("编号"), codes.pretty(case.code)),
    ]
    if said["clock"]:
        facts.append((labels.into(said["clock"]), _moment(said["due_at"])))
    if said["until"]:
        facts.append((_("限期"), said["until"]))
    sheet = Sheet(
        said["title"], said["number"], _lang(), facts, said["words"].splitlines(), issuer=said["by"], day=_moment(event.at), foot=_("民安"),
    )  # fmt: skip
    made = papers.answer(sheet, f"{case.code}-{event.n}")
    return made or _print_instead(request, "kernel:order_paper", case.code, event.n)


def _print_instead(request: HttpRequest, name: str, *args: Any) -> HttpResponse:
    messages.info(request, _("这台机器还不能生成 PDF，请打印这一页。"))
    return redirect(name, *args)


# ---- the day's list


def _reminder(request: HttpRequest, pk: UUID) -> Reminder:
    """A list that went out, for its unit and for whoever supervises in the unit that issued it; else Http404."""
    user = person(request)
    found = Reminder.objects.filter(id=pk).exclude(sent_at=None).first()
    heads = {p.unit for p in access.actor(user).posts if p.role == "supervisor"}
    if found is None or not (found.unit in access.actor(user).units or found.issuer in heads):
        raise Http404
    return found


def _rows(request: HttpRequest, found: Reminder) -> list[dict[str, Any]]:
    """The list's matters that the reader may see, in its order, as they stand now. One query."""
    now = timezone.now()
    named = [item["code"] for item in found.items]
    cases = {c.code: c for c in Case.objects.visible_to(person(request)).filter(code__in=named)}
    out = []
    for item in found.items:
        case = cases.get(item["code"])
        if case is not None:
            clock = labels.into(registry.label(case.procedure, case.version, "clocks", item["clock"]))
            due = datetime.fromisoformat(item["due"])
            out.append(
                listing.row(case, now, case_url(case))
                | {"due_clock": clock, "due": due, "why": item["why"], "why_words": WHY[item["why"]]}
            )
    return out


@require_safe
@staff
def reminder(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The day's list 催办单 of a unit. Four queries."""
    found = _reminder(request, pk)
    rows = _rows(request, found)
    context = {
        "face": face_of(request), "list": found, "number": labels.numbered(found.number),
        "rows": rows[:SHOWN], "more": max(0, len(rows) - SHOWN) + found.more, "to": labels.office_name(found.unit),
        "by": labels.office_name(found.issuer), "mine": found.unit in access.actor(person(request)).units, "able": papers.able(),
    }  # fmt: skip
    return render(request, "kernel/reminder.html", context)


@require_safe
@staff
def reminder_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _reminder(request, pk)
    rows = _rows(request, found)
    base = Sheet(
        _("催办单"), labels.numbered(found.number), _lang(),
        [(_("发给"), labels.office_name(found.unit)), (_("件数"), f"{len(rows) + found.more:,}")],
    )
    told = [_("下列各件已超过办理时限，请今天之内逐件办理、写明进展，并告诉说事人。")]
    if found.more:
        told.append(_("另有 %(n)s 件未列出，见收件箱里的红灯。") % {"n": f"{found.more:,}"})
    sheet = replace(
        base, words=told, head=[_("编号"), _("哪一步"), _("事由"), _("应办完")],
        rows=[[codes.pretty(r["code"]), r["due_clock"], r["title"], _moment(r["due"])] for r in rows],
        issuer=labels.office_name(found.issuer), day=_moment(found.sent_at or timezone.now()), foot=_("民安"),
    )  # fmt: skip
    return papers.answer(sheet, f"{found.day}-{found.unit}") or _print_instead(request, "kernel:reminder", found.id)


@require_POST
@staff
def reminder_read(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The unit says it has the list."""
    found = _reminder(request, pk)
    if found.unit not in access.actor(person(request)).units:
        raise Http404
    Reminder.objects.filter(id=found.id, read_at=None).update(read_at=timezone.now())
    return redirect("kernel:board")


# ---- what is listed in the house


@require_safe
@staff
def listed(request: HttpRequest) -> HttpResponse:
    """The matters listed for supervision 挂牌 in the reader's county, for all staff there; words and link only for who sees the matter."""
    user = person(request)
    desks = dict.fromkeys(desk for unit in access.actor(user).units if (desk := _centre(unit)))
    keys = (
        Inbox.objects.filter(unit__in=desks, open=True, flags__contains=",listed,")
        .order_by("due_at")
        .values_list("county", "case_id")
    )
    pairs = list(dict.fromkeys(keys[:SHOWN]))
    cases = list(Case.objects.filter(county__in={c for c, _i in pairs}, id__in=[i for _c, i in pairs]))
    mine = {c.id for c in Case.objects.visible_to(user).filter(id__in=[c.id for c in cases])}
    rows = [_listed(case, case.id in mine) for case in cases if not case.walls and not case.privacy]
    return render(
        request,
        "kernel/listed.html",
        {"rows": sorted(rows, key=lambda row: str(row["until"])), "face": face_of(request)},
    )


def _centre(unit: str) -> str:
    """The centre over a unit's county, or the city's for a unit of the city."""
    office = directory.office(unit)
    if office is None:
        return ""
    place = directory.within(office.place, "county") or directory.within(office.place, "city")
    return next(iter(directory.city().at.get((directory.CITY_DESK, place), [])), "")


def _listed(case: Case, mine: bool) -> dict[str, Any]:
    return {
        "title": case.title if mine else "", "url": case_url(case) if mine else "", "code": case.code if mine else "",
        "kind": labels.kind_name(case.kind), "town": directory.place_name(directory.within(case.place, "town") or case.place),
        "unit": labels.office_name(case.unit or case.desk), "by": labels.office_name(case.facts.get("listed_by", "")),
        "on": case.facts.get("listed_on", ""), "until": case.marks.get("listed", ""), "reports": case.facts.get("reports", 0),
        "late": str(case.marks.get("listed", "9")) < timezone.localdate().isoformat(),
    }  # fmt: skip
