"""Filing an accident on a page: a resident for themselves, staff for who sits before them; and a file of findings of the police."""

from __future__ import annotations

from django.http import HttpRequest

from minan.kernel.pages import filing
from minan.kernel.procedure import Words
from minan.systems.accidents.opening import REPORT

TOO_FAST = Words("登记得太快了，过几分钟再来，写的都在", "Too many at once; try again in a few minutes, nothing typed is lost")


class Filing(filing.Filing):
    """Of an accident."""

    @classmethod
    def of(cls, request: HttpRequest, find: str = "") -> Filing:
        return cls.by(request, REPORT, find)

    def take(self) -> bool:
        """False: the form says why."""
        opened = self.opened("accident", "accidents.report", TOO_FAST, "accident")
        if opened is not None:
            self.case, self.secret = opened.case, opened.secret
        return opened is not None
