"""Six digits in a text message, by which somebody with a link shows that the number they gave is in their hand.

Nothing is stored: the digits follow from the event that asked for them and the server's key, and are put into the text as it is
handed to the provider. A step with `code=True` asks for them, `fits` is the rule of the step that needs them; five tries, each
miss an event (`missed`). Six digits are little: they hold for ten minutes, for one event of one case.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from minan.kernel.procedure import Ask, Change, Words

W = Words
BLANK = "{code}"  # stands in a waiting message; filled in as it leaves
VALID, TRIES = timedelta(minutes=10), 5
APART, MOST = (
    timedelta(minutes=1),
    6,
)  # between two codes; in a day and case: nobody orders texts to a number by pressing
ORDERED = "codes"  # kept with the case: when codes were asked for within the last day
FACT = "code"  # kept with the case: {"n", "until", "misses"}


def of(case_id: Any, n: int) -> str:
    """The digits that the event `n` of this case asked for."""
    text = f"minan.code:{str(case_id).replace('-', '')}:{n}".encode()
    made = hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).digest()
    return f"{int.from_bytes(made[:8]) % 1_000_000:06d}"


def filled(words: str, case_id: Any, n: int) -> str:
    """A message as it leaves."""
    return words.replace(BLANK, of(case_id, n))


def told(lang: str) -> str:
    return (
        f" Code {BLANK}, 10 minutes. Tell nobody."
        if lang.startswith("en")
        else f"验证码{BLANK}，10分钟内有效，勿告诉别人"
    )


# ---- rules and effects for the steps that ask for it and that need it


def _ordered(ask: Ask) -> list[str]:
    since = (ask.at - timedelta(days=1)).isoformat()
    return [at for at in ask.case["facts"].get(ORDERED) or [] if at > since]


def not_too_often(ask: Ask) -> Words | None:
    """Every step with `code=True` has this rule (tests/test_a3_throttles.py)."""
    before = _ordered(ask)
    if len(before) >= MOST:
        return W(
            f"一天最多发 {MOST} 次验证码，明天再来，或者当面签",
            f"At most {MOST} codes a day; come tomorrow, or sign in person",
        )
    if before and datetime.fromisoformat(before[-1]) > ask.at - APART:
        return W("刚发过，一分钟后再要", "One was just sent; ask again in a minute")
    return None


def asked(ask: Ask) -> Change:
    return Change(
        facts={
            ORDERED: [*_ordered(ask), ask.at.isoformat()],
            FACT: {"n": ask.case["n"] + 1, "until": (ask.at + VALID).isoformat(), "misses": 0},
        }
    )


def _row(ask: Ask) -> dict[str, Any]:
    row: dict[str, Any] = ask.case["facts"].get(FACT) or {}
    return row


def lives(ask: Ask) -> Words | None:
    row = _row(ask)
    if not row or datetime.fromisoformat(row["until"]) < ask.at or row["misses"] >= TRIES:
        return W(
            "先要一个验证码，发到您留的手机上，10 分钟内有效",
            "First ask for a code: it goes to your phone and holds for ten minutes",
        )
    return None


def code_fits(ask: Ask) -> Words | None:
    """Its refusal is an event of the case (act.RECORDED): the fifth miss ends the code."""
    said, row = ask.facts.get(FACT), _row(ask)  # a number: 012345 comes as 12345
    if row and isinstance(said, int) and hmac.compare_digest(of(ask.case["id"], row["n"]), f"{said:06d}"):
        return None
    return W("验证码不对，照短信再抄一次", "That is not the code; copy it again from the text message")


def missed(ask: Ask) -> Change:
    row = _row(ask)
    return Change(facts={FACT: row | {"misses": row.get("misses", 0) + 1}} if row else {})


def used() -> dict[str, None]:
    """To be laid over the facts of the step that needed it: once is all."""
    return {FACT: None}
