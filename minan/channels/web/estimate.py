"""The walk of ten questions: answers that travel sealed in the address, and the result as ranges in words.

Nothing is kept on the server.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from minan.channels.web import estimate_words as words
from minan.channels.web.damages import lang, payer
from minan.channels.web.forms_estimate import Question, question
from minan.lib import damages
from minan.lib.damages.labels import ITEM_WORDS
from minan.lib.damages.questions import WALKS, Names, case_of

AGE_MOST = 90 * 24 * 3600  # seconds an address with answers stays good
TYPED_MOST, TOKEN_MOST = 40, 4000  # characters
TEN = Decimal(10)


class Lost(Exception):
    """The answers in the address are not ours, or too old."""


def _box() -> Fernet:
    """Sealed, not only signed: an address may end in a log, and what somebody earns must not."""
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"minan.estimate:" + settings.SECRET_KEY.encode()).digest()))


def sealed(typed: Mapping[str, str]) -> str:
    return _box().encrypt(json.dumps(typed, ensure_ascii=False).encode()).decode() if typed else ""


def opened(token: str) -> dict[str, str]:
    """What was typed so far. Raises Lost."""
    if not token:
        return {}
    if len(token) > TOKEN_MOST:
        raise Lost
    try:
        found = json.loads(_box().decrypt(token.encode(), ttl=AGE_MOST))
    except (InvalidToken, ValueError) as error:
        raise Lost from error
    return {str(name): str(value) for name, value in found.items()}


@dataclass
class Walk:
    """One person's way through the questions of a side. `typed` is what stands in the boxes, as it was typed."""

    side: str
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return WALKS[self.side]

    def form(self, n: int, data: QueryDict | None = None) -> Question:
        """The question on screen `n`, from 1. Bound where something was sent."""
        kind = question(self.side, self.names[n - 1])
        return kind(data, label_suffix="") if data is not None else kind(initial=self.typed, label_suffix="")

    def take(self, n: int, data: QueryDict) -> None:
        """What was typed on a screen, right or wrong: it comes back as it was."""
        for name in question(self.side, self.names[n - 1]).base_fields:
            value = data.get(name, "").strip()[:TYPED_MOST]
            self.typed.pop(name, None)
            if value or name == "barred":
                self.typed[name] = value

    def bound(self, n: int) -> Question:
        return question(self.side, self.names[n - 1])(self.typed, label_suffix="")

    def first_open(self) -> int:
        """The first screen that is not answered; 0 where all are."""
        screens = range(1, len(self.names) + 1)
        return next((n for n in screens if not self.bound(n).is_valid()), 0)

    def answers(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for n in range(1, len(self.names) + 1):
            form = self.bound(n)
            form.is_valid()
            found |= form.answers()
        return found


def _names(side: str) -> Names:
    mine = side == "driver"
    return Names(
        car=_("您的车") if mine else _("对方车"), side=_("受伤的一方"), victim=_("受伤的人"), driver=_("您") if mine else _("对方司机"),
        insurer=_("保险公司"), rider=_("同车的司机"),
    )  # fmt: skip


def span(low: str, high: str) -> str:
    """A range as it is said: outward to ten yuan; a figure that is sure to the cent."""
    if low == high:
        return _("%(sum)s 元") % {"sum": f"{Decimal(low):,.2f}".removesuffix(".00")}
    down = (Decimal(low) / TEN).to_integral_value(ROUND_FLOOR) * TEN
    up = (Decimal(high) / TEN).to_integral_value(ROUND_CEILING) * TEN
    if up - down <= TEN:
        return _("约 %(sum)s 元") % {"sum": f"{(Decimal(low) + Decimal(high)) / 2:,.0f}"}
    return _("%(low)s 到 %(high)s 元") % {"low": f"{down:,.0f}", "high": f"{up:,.0f}"}


def _payers(lines: Mapping[str, Mapping[str, str]], names: Names) -> list[dict[str, str]]:
    start = f"payment:{names.victim}:"
    order = ("compulsory", "commercial", "person", "self")
    found = sorted(
        (name.removeprefix(start) for name in lines if name.startswith(start)),
        key=lambda one: order.index(one.partition(":")[0]),
    )
    return [
        {"who": _("受伤的人自己承担") if one == "self" else payer(one), "sum": span(**lines[start + one])}
        for one in found
    ]


def _over(one: Mapping[str, str], off: str) -> str:
    """What was given beyond what is owed; "" where that is nothing."""
    least, most = (max(Decimal(off or 0) - Decimal(one[end]), Decimal(0)) for end in ("high", "low"))
    return span(f"{least:.2f}", f"{most:.2f}") if most else ""


def _recourse(lines: Mapping[str, Mapping[str, str]], names: Names, answers: Mapping[str, str]) -> str:
    """What the compulsory insurer may come back for. 法释〔2020〕18号第15条。"""
    paid = lines.get(f"payment:{names.victim}:compulsory:{names.car}")
    return span(**paid) if paid and answers.get("barred") in ("drunk", "unlicensed", "drugs") else ""


def _less(one: Mapping[str, str], off: str) -> dict[str, str]:
    return {end: f"{max(Decimal(one[end]) - Decimal(off or 0), Decimal(0)):.2f}" for end in ("low", "high")}


def result(walk: Walk) -> dict[str, Any]:
    """Everything the result page says. Raises damages.Refused where the answers contradict each other."""
    answers, names = walk.answers(), _names(walk.side)
    place = f"{answers['province']}0000000000" if answers.get("province") else ""
    asked = case_of(answers, walk.side, timezone.localdate(), names, place)
    found = damages.estimate(asked.case, asked.unknowns, lang())
    lines, victim = found["lines"], names.victim
    nothing = {"low": "0.00", "high": "0.00"}
    person = lines.get(f"payment:{victim}:person:{names.driver}", nothing)
    others = lines.get(f"others:{victim}", nothing)
    mine = walk.side == "driver"
    advanced = answers.get("advanced", "").replace("unknown", "")
    told_by = f"payment:{victim}:person:{names.driver}" if mine else f"others:{victim}"
    widths = [(one["name"], one["widths"].get(told_by, "0.00")) for one in found["unknown"]]
    head = f"item:{victim}:"
    return {
        "head": span(**(person if mine else others)), "total": span(**lines.get(f"total:{victim}", nothing)),
        "insured": span(**_less(others, "0")), "given": span(advanced, advanced) if advanced not in ("", "0") else "",
        "still": span(**_less(person if mine else others, advanced)), "over": _over(person, advanced) if mine else "",
        "recourse": _recourse(lines, names, answers) if mine else "",
        "items": [
            {"label": ITEM_WORDS[name.removeprefix(head)].into(lang()), "sum": span(**one)}
            for name, one in lines.items() if name.startswith(head)
        ],
        "payers": _payers(lines, names),
        "widths": [
            {"what": words.UNKNOWN_WORDS[name], "sum": span(wide, wide)}
            for name, wide in sorted(widths, key=lambda one: -Decimal(one[1])) if Decimal(wide)
        ],
        "left": [words.LEFT_WORDS[name] for name in asked.left_out], "never": (*words.NOT_ASKED, *words.NEVER) if mine else words.NEVER,
        "spans": words.spans(walk.side, {one["name"] for one in found["unknown"]}),
        "income": "income" in asked.left_out, "proofs": words.proofs(walk.side, answers), "order": words.ORDER, "helpers": words.HELPERS,
        "no_money": words.NO_MONEY, "sources": words.SOURCES, "warnings": found["warnings"], "counted": found["counted"],
    }  # fmt: skip
