"""Agreeing on a page: a person or guardian for themselves, the point for who sits before it."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from minan.kernel.pages import filing
from minan.kernel.procedure import Words
from minan.systems.care import watching
from minan.systems.care.agreeing import OPENING

TOO_FAST = Words("约得太快了，过几分钟再来，写的都在", "Too many at once; try again in a few minutes, nothing typed is lost")


class Asking(filing.Filing):
    """Of an agreement."""

    @classmethod
    def of(cls, request: HttpRequest, find: str = "") -> Asking:
        return cls.by(request, OPENING, find)

    def take(self) -> bool:
        """False: the form says why."""
        opened = self.opened("daily_sign", "care.ask", TOO_FAST, "daily_sign")
        if opened is not None:
            self.case, self.secret = opened.case, opened.secret
            watching.settle(opened.case, timezone.now())
        return opened is not None
