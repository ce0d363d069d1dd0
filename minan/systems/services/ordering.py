"""Ordering at a shop, one thing a screen: what, how, when, how to reach you. By oneself, or by who takes it down at the counter."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from minan.kernel import directory, forms, labels
from minan.kernel.access import CLOCK
from minan.kernel.act import Refused, act
from minan.kernel.models import Case
from minan.kernel.pages.filing import Filing
from minan.kernel.procedure import Words
from minan.kernel.refusal import UNFIT
from minan.systems.services import order, slots

TOO_FAST = Words(
    "下单太快了，过几分钟再来，写的都在", "Too many at once; try again in a few minutes, nothing typed is lost"
)
FULL = Words("这个时段刚被别人订了，换一个", "Somebody just took that slot; choose another")
PAST = Words("这个时段订不了了，换一个", "That slot cannot be booked any more; choose another")
NEEDED = Words("这一项要填", "This is needed")
TO_HOME = ("delivery", "visit")
BOOKED = ("visit", "there")


@dataclass(slots=True)
class Ordering:
    """The form with what was typed, at which screen it is, and what came of it."""

    filing: Filing
    shop: Case
    now: datetime
    at: int = 0
    free: list[datetime] = field(default_factory=list)
    case: Case | None = None
    secret: str = ""

    @classmethod
    def of(cls, request: HttpRequest, shop: Case) -> Ordering:
        now = timezone.now()
        mine = cls(Filing.by(request, order.OPENING), shop, now, free=slots.free(shop, now))
        if request.method == "POST":
            mine.form.data["place"] = shop.place
            said = request.POST.get("at", "")
            mine.at = (
                min(int(said), len(mine.screens) - 1) if said.isascii() and said.isdigit() and len(said) < 3 else 0
            )
        mine._fitted()
        return mine

    @property
    def form(self) -> Any:
        return self.filing.form

    @property
    def how(self) -> str:
        return str(self.form.data.get("how", ""))

    @property
    def ways(self) -> list[tuple[str, str]]:
        """How this shop does it: what it says, and coming to it."""
        facts = self.shop.facts
        return [(name, labels.into(words)) for name, words in order.HOW if name == "there" or facts.get(name)]

    @property
    def screens(self) -> list[tuple[str, ...]]:
        books = bool(self.shop.facts.get("minutes")) and (not self.how or self.how in BOOKED)
        return [
            ("what",),
            ("how",),
            *([("slot",)] if books else []),
            ("address", "name", "phone") if self.how in TO_HOME else ("name", "phone"),
        ]

    @property
    def asked(self) -> list[Any]:
        return [self.form[name] for name in self.screens[self.at]]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What other screens said, carried along."""
        here = self.screens[self.at]
        names = ("what", "how", "slot", "address", "name", "phone")
        return [(name, str(self.form.data[name])) for name in names if name not in here and self.form.data.get(name)]

    @property
    def last(self) -> bool:
        return self.at == len(self.screens) - 1

    def _fitted(self) -> None:
        made = self.form.fields
        for name in ("how", "slot"):
            made[name].shape, made[name].wide = "", False
        made["how"].choices = self.ways
        made["how"].widget.choices = self.ways
        options: list[Any] = []
        for at in self.free:
            day = labels.day(at)
            if not options or options[-1][0] != day:
                options.append((day, []))
            options[-1][1].append((at.isoformat(), f"{day} {at:%H:%M}"))
        made["slot"] = forms.select(options, made["slot"].label)
        made["address"].required = self.how in TO_HOME

    def _lacks(self, screen: tuple[str, ...]) -> bool:
        """Tells what the screen still needs."""
        needed = [
            name for name in screen if name in ("what", "how", "slot") or (name == "address" and self.how in TO_HOME)
        ]
        bad = [name for name in needed if not str(self.form.data.get(name, "")).strip()]
        for name in bad:
            self.form.add_error(name, labels.into(NEEDED))
        return bool(bad)

    def go(self, do: str) -> bool:
        """One press: back, on to the next screen, or sent; True once it is an order."""
        if do == "back":
            self.at = max(0, self.at - 1)
            return False
        if self._lacks(self.screens[self.at]):
            self.filing.status = 422
            return False
        if not self.last:
            self.at += 1
            self.form._errors = {}
            return False
        for n, screen in enumerate(self.screens):
            if self._lacks(screen):
                self.at, self.filing.status = n, 422
                return False
        return self._sent()

    def _slot(self) -> datetime | None:
        """The chosen slot. Raises slots.Taken where it is none that can be booked."""
        if ("slot",) not in self.screens:
            return None
        try:
            at = datetime.fromisoformat(str(self.form.data.get("slot", ""))).astimezone(directory.LOCAL)
        except ValueError:
            raise slots.Taken from None
        if at not in slots.grid(self.shop, self.now):
            raise slots.Taken
        return at

    def _sent(self) -> bool:
        """Order, slot and the shop's notice: all or nothing."""
        try:
            at = self._slot()
            with transaction.atomic():
                return self._through(at)
        except slots.Taken:
            where = next((n for n, screen in enumerate(self.screens) if screen == ("slot",)), 0)
            self.at, self.filing.status, self.free = where, 409, slots.free(self.shop, self.now)
            self._fitted()
            self.form.tell(Refused(UNFIT, 409, "facts", {"slot": FULL}))
            return False

    def _through(self, at: datetime | None) -> bool:
        more = {"shop": self.shop.code, "slot": at.isoformat() if at else ""}
        opened = self.filing.opened("service_order", "services.order", TOO_FAST, "order", more)
        if opened is None:
            self.at = next((n for n, screen in enumerate(self.screens) if set(screen) & set(self.form.errors)), self.at)
            return False
        if opened.secret:  # else it is the same press again
            slots.keep(self.shop, opened.case, at)
            act(
                self.shop,
                "order_came",
                by=CLOCK,
                key=f"came:{opened.case.code}",
                at=max(self.now, self.shop.changed_at),
            )
        self.case, self.secret = opened.case, opened.secret
        return True
