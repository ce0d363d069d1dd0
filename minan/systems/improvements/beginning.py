"""Beginning a project on a page: by a desk, for its own place, from a case it may see or from none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from minan.kernel import access, directory, forms
from minan.kernel.act import Opened, open_case
from minan.kernel.forms import StepForm
from minan.kernel.models import Case
from minan.kernel.pages.guard import person
from minan.systems.improvements.procedure import OPENING


@dataclass(slots=True)
class Beginning:
    request: HttpRequest
    form: StepForm
    status: int = 200
    case: Case | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> Beginning:
        unit = next(iter(access.actor(person(request)).units), "")
        form = forms.of_opening(OPENING, None, unit, data=request.POST if request.method == "POST" else None)
        form.fields.pop("history", None)
        office = directory.office(unit)
        form.initial["place"] = office.place if office else ""
        form.initial["from_case"] = request.GET.get("from", "")[:24]
        return cls(request, form)

    def take(self) -> bool:
        """False: the form says why."""
        actor = access.actor(person(self.request))
        facts: dict[str, Any] = self.form.facts() or {}
        office = directory.office(next(iter(actor.units), ""))
        facts["place"] = facts.get("place") or (office.place if office else "")
        done = open_case("improvement", by=actor, facts=facts, key=f"improvement:{actor.person}:{self.form.key}", channel="desk",
            at=timezone.now())
        if isinstance(done, Opened):
            self.case = done.case
            return True
        self.form.tell(done)
        self.status = done.status
        return False
