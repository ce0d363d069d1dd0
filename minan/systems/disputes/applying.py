"""Applying for mediation on a page: the form, the place looked for by a word, the one door, and the link of who applied."""

from __future__ import annotations

from django.http import HttpRequest

from minan.kernel import family
from minan.kernel.models import Case
from minan.kernel.pages import filing
from minan.kernel.procedure import Words
from minan.systems.disputes.opening import SAY

TOO_FAST = Words("申请得太快了，过几分钟再来，写的都在", "Too many at once; try again in a few minutes, nothing typed is lost")


class Applying(filing.Filing):
    """For mediation; `case` is the side of who applied."""

    @classmethod
    def of(cls, request: HttpRequest, find: str = "") -> Applying:
        return cls.by(request, SAY, find, by_staff_alone=("came",))

    def take(self) -> bool:
        """False: the form says why."""
        opened = self.opened("dispute", "disputes.apply", TOO_FAST, "apply", {} if self.staff else {"came": False})
        if opened is not None:
            sides = Case.objects.filter(county=opened.case.county, parent=opened.case.id, procedure="side")
            self.case = next(side for side in sides if side.facts["ref"] == "a")
            self.secret = family.link_of(self.case)
        return opened is not None
