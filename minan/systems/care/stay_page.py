"""Applying for a stay, and the page of one: for the person or family by their link, for the desk of the street."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minan.kernel import forms, labels, possible, registry, sheet, speakers, vault
from minan.kernel.access import Actor
from minan.kernel.act import Refused
from minan.kernel.models import Body, Case, Event
from minan.kernel.pages import listing, pane
from minan.kernel.pages.filing import Filing
from minan.kernel.procedure import Words
from minan.systems.care import beds, staying
from minan.systems.care import fields as f
from minan.systems.care.models import Centre

TOO_FAST = Words("申请得太快了，过几分钟再来，写的都在", "Too many at once; try again in a few minutes, nothing typed is lost")
WHICH = Words("选一个中心，或者选街道", "Choose a centre, or the street")
SHOWN = ("name", "phone", "kin_name", "need", "night")
HIDDEN = frozenset({"defer", "hold", "lift", "release", "correct", "ask_erase", "consent", "tell_me", "untold", "reached", "ask_look",
"look", "go_up"})
MAIN = {"applied": "accept", "booked": "arrive", "in": "hand_over", "leaving": "confirm"}


def centres() -> list[tuple[str, str]]:
    """What may be wished: any bed of a street, or one centre."""
    rows = list(Centre.objects.filter(active=True).order_by("street", "number"))
    out: list[tuple[str, str]] = []
    for street in dict.fromkeys(row.street for row in rows):
        out.append((f"{street}/0", _("%(street)s：哪里有床去哪里") % {"street": labels.place_short(street)}))
        out += [(f"{row.place}/{row.number}", labels.name_of(row)) for row in rows if row.street == street]
    return out


class Applying(Filing):
    """Somebody asks for a bed: for themselves, or by the desk for who sits before it. The wish says where."""

    @classmethod
    def of(cls, request: HttpRequest) -> Applying:
        mine = cls.by(request, staying.OPENING)
        mine.form.fields["centre"] = forms.select(centres(), labels.into(staying.CENTRE.label))
        mine.form.fields["start"].widget.attrs["min"] = staying.today(timezone.now()).isoformat()
        mine.form.initial.setdefault("centre", request.GET.get("centre", "")[:24])
        return mine

    def take(self) -> bool:
        """False: the form says why."""
        said = self.request.POST.get("centre", "")
        if said not in {value for value, _label in centres()}:
            self.form.tell(Refused(WHICH, 422, "facts", {"centre": WHICH}))
            self.status = 422
            return False
        self.form.data["place"], number = said.split("/")
        opened = self.opened("stay", "care.apply", TOO_FAST, "stay", {"centre": int(number)})
        if opened is not None:
            self.case, self.secret = opened.case, opened.secret
        return opened is not None


# ---- the page of one


def context(request: HttpRequest, case: Case, actor: Actor, now: datetime) -> dict[str, Any]:
    """Everything for care/stay.html; at most twelve queries."""
    facts, by_link = case.facts, actor.kind == "speaker"
    place, waiting = beds.position(case) if case.state == "waiting" else (0, 0)
    number = int(facts.get("at") or facts.get("centre") or 0)
    centre = Centre.objects.filter(number=number).first() if number else None
    route = "web:step" if by_link else "kernel:desk_step"
    found = [s for s in possible.steps(sheet.of(case, actor, now), actor, now) if s.name not in HIDDEN]
    return {
        "case": case, "by_link": by_link, "facts": facts, "centre": centre, "position": place, "waiting": waiting,
        "street": labels.place_short(beds.street_of(case.place)),
        "rule": labels.into(staying.RULE), "state": registry.label(case.procedure, case.version, "states", case.state),
        "clock": listing.clock(case, now), "held": case.state in staying.HELD, "office": labels.office_name(case.desk),
        "steps": [(labels.into(s.label), reverse(route, args=[case.code, s.name]), MAIN.get(case.state) == s.name) for s in found],
        "known": known(request, case, by_link, now), "why": why(case), "where": labels.place_short(centre.place) if centre else "",
    }  # fmt: skip


def known(request: HttpRequest, case: Case, by_link: bool, now: datetime) -> dict[str, Any]:
    """Name, phone and the care needed: to who said it, and for ten minutes to who took the step that shows it."""
    try:
        if by_link:
            said = speakers.known(case, who="speaker", why="own")
        elif pane.number_until(request, case, now) is not None:
            event = request.session.get(pane.OPENED_BY, {}).get(case.id.hex, "")
            said = speakers.known(case, who=f"user:{request.user.pk}", why="call", event=event, fields=SHOWN)
        else:
            return {}
    except vault.Sealed:
        return {"shut": True}
    needs = dict(f.NEEDS)
    return said | {"need": labels.into(needs.get(str(said.get("need")))), "night": said.get("night") is True}


def why(case: Case) -> str:
    """The desk's reason where it could not take them in: words for who applied. No query elsewhere."""
    if case.state != "refused":
        return ""
    last = Event.objects.filter(county=case.county, case_id=case.id, step="refuse").order_by("-n").values_list("n", flat=True).first()
    text = Body.objects.filter(county=case.county, case_id=case.id, n=last).values_list("text", flat=True).first()
    return str(json.loads(text)["facts"].get("words", "")) if text else ""
