"""Filing a case on a page of its own: by a resident for themselves, or by staff for who sits before them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from minan.kernel import access, callers, choices, forms
from minan.kernel.access import SPEAKER, Actor
from minan.kernel.act import Opened, Refused, open_case
from minan.kernel.forms import StepForm
from minan.kernel.models import Case
from minan.kernel.procedure import Step, Words
from minan.lib import throttle

PACE = (600.0, 60)  # seconds, cases of one address in them
NO_PLACE = Words("选在哪个村、社区：写名字，按“找”，再选", "Choose the village or community: write its name, press Find, then choose")


@dataclass(slots=True)
class Filing:
    """The form with what was typed, who files, and what came of it; `case` and `secret` for the slip that is handed out."""

    request: HttpRequest
    form: StepForm
    staff: bool
    actor: Actor
    status: int = 200
    case: Case | None = None
    secret: str = ""

    @classmethod
    def by(cls, request: HttpRequest, step: Step, find: str = "", *, by_staff_alone: Iterable[str] = ()) -> Self:
        """`step` is the opening; `find` a word of the village's name. Where it is must be said; nothing is taken as history."""
        user: Any = request.user
        staff = access.is_staff(user) and access.intake_post(access.actor(user)) is not None
        actor = access.actor(user) if staff else SPEAKER
        data: Any = request.POST.copy() if request.method == "POST" else None
        found = choices.looked_for(find)
        if data is not None and len(found) == 1:
            data["place"] = found[0]
        if data is not None and not find and data.get("place"):
            find = str(data["place"])[:15]  # what was chosen stays among the choices
        form = forms.of_opening(step, None, next(iter(actor.units), ""), find=find, data=data)
        for name in ("history", *(() if staff else by_staff_alone)):
            form.fields.pop(name, None)
        form.fields["place"].required = True  # a case out of which it comes may not know its place; who files it does
        return cls(request, form, staff, actor)

    def opened(self, procedure: str, pace: str, too_fast: Words, key: str, more: dict[str, Any] | None = None) -> Opened | None:
        """Through the one door; None: the form says why. `pace` names the count, `key` the one-time key, `more` facts besides."""
        done = self._through(procedure, pace, too_fast, key, more or {})
        if isinstance(done, Opened):
            return done
        self.form.tell(done)
        self.status = done.status
        return None

    def _through(self, procedure: str, pace: str, too_fast: Words, key: str, more: dict[str, Any]) -> Opened | Refused:
        user: Any = self.request.user
        facts = self.form.facts() or {}
        if not throttle.allow(pace, callers.subject(self.request), *PACE):
            return Refused(too_fast, 429)
        if not facts.get("place"):
            return Refused(NO_PLACE, 422, "facts", {"place": NO_PLACE})
        return open_case(
            procedure,
            by=self.actor,
            facts=facts | more,
            key=f"{key}:{self.actor.person or 'own'}:{self.form.key}",
            channel="walkin" if self.staff else "web",
            lang=get_language() or "zh-hans",
            at=timezone.now(),
            account=str(user.pk) if user.is_authenticated and not access.is_staff(user) else "",  # a resident finds it among their own
        )
