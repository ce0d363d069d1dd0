"""Keeps `Shown` in step with the cases: what is public now, where, until when. Called at once by our own pages, and again by the worker.

Making it anew gives the same rows; whoever comes second changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from minan.kernel import directory, live
from minan.kernel.models import Case
from minan.systems.bulletins import signing
from minan.systems.bulletins.models import Hall, Shown

BOARD_DAYS = timedelta(days=31)  # the clock ends a post before; this is for the day the worker stands still


def above(code: str) -> list[str]:
    """The place and all that contain it: where something must be shown so that people here see it."""
    here, found = directory.city().places.get(code), [code]
    while here and here.parent:
        found.append(here.parent)
        here = directory.city().places.get(here.parent)
    return found


def valid(places: Iterable[str], at: datetime, *what: str, sort: str = "") -> list[Shown]:
    """What is to be seen at one of these places at this moment, each once: emergencies first, then the newest. One query.

    `sort`: of this sort alone.
    """
    only = {"sort": sort} if sort else {}
    found = Shown.objects.filter(place__in=list(places), starts_at__lte=at, ends_at__gt=at, what__in=what, **only)
    rows = found.order_by("-starts_at", "-id")
    once = {row.case_id: row for row in reversed(list(rows[:300]))}
    return sorted(once.values(), key=lambda r: (r.sort == "emergency", r.starts_at, str(r.id)), reverse=True)


def _body(case: Case) -> dict[str, Any]:
    office = directory.office(str(case.facts.get("by") or case.desk))
    return {
        "title": case.title, "text": case.text, "place_words": case.place_words, "pictures": case.facts.get("pictures") or [],
        "by": office.id if office else "", "by_name": office.name if office else "",
    }  # fmt: skip


def _moment(case: Case, name: str) -> datetime:
    return datetime.fromisoformat(case.facts[name])


def wanted(case: Case) -> list[dict[str, Any]]:
    """The rows a case ought to have just now; [] where the public sees nothing of it."""
    row: dict[str, Any] = {
        "case_id": case.id, "county": case.county, "code": case.code, "n": case.n, "what": case.procedure,
        "sort": case.facts.get("sort") or "", "topic": case.facts.get("topic") or "", "body": _body(case), "note": "",
    }  # fmt: skip
    places = [case.place]
    if case.procedure == "bulletin" and case.state == "published":
        places = case.facts.get("places") or places
        row |= {"starts_at": _moment(case, "at"), "ends_at": _moment(case, "ends")}
        row["body"] |= {"fixed": bool(case.facts.get("fixed_at"))}
    elif case.procedure == "gathering" and case.state == "bookable":
        row |= {"starts_at": case.opened_at, "ends_at": _moment(case, "ends")}
        row["body"] |= {"when": int(_moment(case, "at").timestamp()), "seats": case.facts["seats"]}
    elif case.procedure == "lost" and case.state == "posted":
        row |= {"starts_at": case.opened_at, "ends_at": case.opened_at + BOARD_DAYS}
        row["body"] |= {"day": case.facts.get("day") or "", "by": case.desk}
    else:
        return []
    if case.procedure != "lost":
        row["note"] = signing.note(row, places)
    return [row | {"place": place} for place in places]


def refresh(case: Case) -> None:
    """Bring the rows of one case, as it is stored, up to date."""
    now = Case.objects.filter(county=case.county, id=case.id).first()
    rows = wanted(now) if now is not None else []
    there = {(s.place, s.n) for s in Shown.objects.filter(case_id=case.id).only("place", "n")}
    if there == {(row["place"], row["n"]) for row in rows}:
        return
    try:
        with transaction.atomic():
            Shown.objects.filter(case_id=case.id).delete()
            Shown.objects.bulk_create([Shown(**row) for row in rows])
            if now is not None and now.procedure == "gathering" and rows:
                _hall(now)
    except IntegrityError:
        return  # the worker was faster, with the same rows
    if case.procedure != "lost":
        places = {row["place"] for row in rows} | {place for place, _n in there}
        live.tell([], "bulletin", screens=[f"bulletins:{place}" for place in sorted(places)])


def _hall(case: Case) -> None:
    Hall.objects.get_or_create(
        id=case.id, defaults={"county": case.county, "code": case.code, "seats": case.facts["seats"], "starts_at": _moment(case, "at")}
    )

