"""Applying for mediation on a page: the form, the place looked for by a word, the one door, and the link of who applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from minan.kernel import access, callers, choices, family, forms
from minan.kernel.access import SPEAKER, Actor
from minan.kernel.act import Opened, Refused, open_case
from minan.kernel.forms import StepForm
from minan.kernel.models import Case
from minan.kernel.procedure import Words
from minan.lib import throttle
from minan.systems.disputes.opening import SAY

PACE = (600.0, 60)  # seconds, applications of one address in them
TOO_FAST = Words(
    "申请得太快了，过几分钟再来，写的都在", "Too many at once; try again in a few minutes, nothing typed is lost"
)
NO_PLACE = Words(
    "选在哪个村、社区：写名字，按“找”，再选", "Choose the village or community: write its name, press Find, then choose"
)


@dataclass(slots=True)
class Applying:
    request: HttpRequest
    form: StepForm
    staff: bool
    actor: Actor
    status: int = 200
    side: Case | None = None
    secret: str = ""

    @classmethod
    def of(cls, request: HttpRequest, find: str = "") -> Applying:
        user: Any = request.user
        staff = access.is_staff(user) and access.intake_post(access.actor(user)) is not None
        actor = access.actor(user) if staff else SPEAKER
        data: Any = request.POST.copy() if request.method == "POST" else None
        found = choices.looked_for(find)
        if data is not None and len(found) == 1:
            data["place"] = found[0]
        if data is not None and not find and data.get("place"):
            find = str(data["place"])[:15]  # what was chosen stays among the choices
        form = forms.of_opening(SAY, None, next(iter(actor.units), ""), find=find, data=data)
        for name in ("came", "history"):
            if not staff:
                form.fields.pop(name, None)
        form.fields.pop("history", None)
        form.fields["place"].required = True  # a matter out of which it comes may not know its place; who applies does
        return cls(request, form, staff, actor)

    @property
    def account(self) -> str:
        """A resident who is signed in finds it among their own."""
        user: Any = self.request.user
        return str(user.pk) if user.is_authenticated and not access.is_staff(user) else ""

    def take(self) -> bool:
        """False: the form says why."""
        facts = self.form.facts() or {}
        if not throttle.allow("disputes.apply", callers.subject(self.request), *PACE):
            return self._told(Refused(TOO_FAST, 429))
        if not facts.get("place"):
            return self._told(Refused(NO_PLACE, 422, "facts", {"place": NO_PLACE}))
        facts |= {} if self.staff else {"came": False}
        key = f"apply:{self.actor.person or 'own'}:{self.form.key}"
        opened = open_case(
            "dispute",
            by=self.actor,
            facts=facts,
            key=key,
            channel="walkin" if self.staff else "web",
            lang=get_language() or "zh-hans",
            at=timezone.now(),
            account=self.account,
        )
        if isinstance(opened, Refused):
            return self._told(opened)
        assert isinstance(opened, Opened)
        sides = Case.objects.filter(county=opened.case.county, parent=opened.case.id, procedure="side")
        self.side = next(side for side in sides if side.facts["ref"] == "a")
        self.secret = family.link_of(self.side)
        return True

    def _told(self, refused: Refused) -> bool:
        self.form.tell(refused)
        self.status = refused.status
        return False
