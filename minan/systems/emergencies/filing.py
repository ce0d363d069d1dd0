"""Asking for help at home, and putting a mode forward: each a form of its own, through the one door."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone

from minan.kernel import forms, labels
from minan.kernel.models import Case
from minan.kernel.pages import filing
from minan.kernel.procedure import Words
from minan.systems.emergencies import helping, mode, modes

TOO_FAST = Words(
    "登记得太快了，过几分钟再来，写的都在", "Too many at once; try again in a few minutes, nothing typed is lost"
)


class Asking(filing.Filing):
    """For a household, by itself or by who takes it down for them (at the counter, on the phone)."""

    running: list[Case]

    @classmethod
    def of(cls, request: HttpRequest, find: str = "") -> Asking:
        """Http404 while no mode is on."""
        running = modes.running(timezone.now())
        if not running:
            raise Http404
        mine = cls.by(request, helping.OPENING, find)
        _fitted(mine.form, running, request)
        return mine

    def take(self) -> bool:
        """False: the form says why."""
        opened = self.opened(modes.HELP, "emergencies.ask", TOO_FAST, "home")
        if opened is not None:
            self.case, self.secret = opened.case, opened.secret
        return opened is not None


def _fitted(form: Any, running: list[Case], request: HttpRequest) -> None:
    """Returns only where an announcement lists them, and then only from its list; one need chosen by a link stays chosen."""
    lists = [one for one in running if one.facts.get("returns")]
    if not lists:
        form.fields["need"].choices = [row for row in form.fields["need"].choices if row[0] != helping.RETURN]
        form.fields.pop("came")
    else:
        rows = [(str(n), said) for n, said in enumerate(lists[0].facts["returns"], 1)]
        label = labels.into(Words("刚回来的：从哪里回来", "If just returned: where from"))
        form.fields["came"] = forms.select(rows, label, required=False)
    need = request.POST.get("need") or request.GET.get("need", "")
    if need in dict(helping.NEEDS):
        form.initial["need"] = need
        if need != helping.RETURN:
            form.fields.pop("came", None)
    form.initial.setdefault("people", 1)


class Proposing(filing.Filing):
    """For the head of a county's centre."""

    @classmethod
    def of(cls, request: HttpRequest, find: str = "") -> Proposing:
        return cls.by(request, mode.OPENING, find)

    def take(self) -> bool:
        opened = self.opened(modes.NAME, "emergencies.propose", TOO_FAST, "mode")
        if opened is not None:
            self.case = opened.case
        return opened is not None
