"""Filing an accident on a page: a resident for themselves, staff for who sits before them; and a file of findings of the police."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from minan.kernel import access, callers, choices, forms
from minan.kernel.access import SPEAKER, Actor
from minan.kernel.act import Opened, Refused, open_case
from minan.kernel.forms import StepForm
from minan.kernel.models import Case
from minan.kernel.procedure import Words
from minan.lib import throttle
from minan.systems.accidents.opening import REPORT

PACE = (600.0, 60)  # seconds, reports of one address in them
TOO_FAST = Words("登记得太快了，过几分钟再来，写的都在", "Too many at once; try again in a few minutes, nothing typed is lost")
NO_PLACE = Words("选在哪个村、社区：写名字，按“找”，再选", "Choose the village or community: write its name, press Find, then choose")


@dataclass(slots=True)
class Filing:
    request: HttpRequest
    form: StepForm
    staff: bool
    actor: Actor
    status: int = 200
    case: Case | None = None
    secret: str = ""

    @classmethod
    def of(cls, request: HttpRequest, find: str = "") -> Filing:
        user: Any = request.user
        staff = access.is_staff(user) and access.intake_post(access.actor(user)) is not None
        actor = access.actor(user) if staff else SPEAKER
        data: Any = request.POST.copy() if request.method == "POST" else None
        found = choices.looked_for(find)
        if data is not None and len(found) == 1:
            data["place"] = found[0]
        if data is not None and not find and data.get("place"):
            find = str(data["place"])[:15]
        form = forms.of_opening(REPORT, None, next(iter(actor.units), ""), find=find, data=data)
        form.fields.pop("history", None)
        form.fields["place"].required = True
        return cls(request, form, staff, actor)

    def take(self) -> bool:
        """False: the form says why."""
        user: Any = self.request.user
        facts = self.form.facts() or {}
        if not throttle.allow("accidents.report", callers.subject(self.request), *PACE):
            return self._told(Refused(TOO_FAST, 429))
        if not facts.get("place"):
            return self._told(Refused(NO_PLACE, 422, "facts", {"place": NO_PLACE}))
        account = str(user.pk) if user.is_authenticated and not access.is_staff(user) else ""
        key = f"accident:{self.actor.person or 'own'}:{self.form.key}"
        channel, lang = "walkin" if self.staff else "web", get_language() or "zh-hans"
        opened = open_case("accident", by=self.actor, facts=facts, key=key, channel=channel, lang=lang, at=timezone.now(), account=account)
        if isinstance(opened, Refused):
            return self._told(opened)
        assert isinstance(opened, Opened)
        self.case, self.secret = opened.case, opened.secret
        return True

    def _told(self, refused: Refused) -> bool:
        self.form.tell(refused)
        self.status = refused.status
        return False
