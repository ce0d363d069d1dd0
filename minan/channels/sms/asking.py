"""How one provider's HTTP answer becomes one of our outcomes; the table of each vendor's codes stands with its adapter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from minan.kernel import outward
from minan.kernel.outcomes import Failed, Later, Never, Outcome, Unsure

BUSY = (429, 503)


def code_of(meaning: dict[str, str], code: str) -> str:
    """The reason that a vendor's code stands for: the longest beginning that is in the table; "refused" where none is."""
    fits = [name for name in meaning if code == name or code.startswith(name)]
    return meaning[max(fits, key=len)] if fits else "refused"


def outcome_of(reason: str, code: str) -> Outcome:
    """ "limit" is about the number: later, and by no other provider; "number" is about it for good; the rest is the provider's."""
    kinds: dict[str, type[Outcome]] = {"limit": Later, "number": Never}
    return kinds.get(reason, Failed)(reason, code)


def ask(
    url: str,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    read: Callable[[Any], str | None],
    meaning: dict[str, str],
) -> None:
    """Ask, and raise what became of it. `read` gives the vendor's code of a JSON answer: "" for taken, None where it says nothing."""
    try:
        answer = outward.post(url, headers, body)
    except outward.Unreached as error:
        raise Failed("down", str(error)) from None
    except outward.NoAnswer as error:
        raise Unsure(str(error)) from None
    said = answer.json()
    code = read(said) if isinstance(said, dict) else None
    if code == "" and answer.status == 200:
        return
    if code:
        raise outcome_of("rate" if answer.status == 429 else code_of(meaning, code), code)
    if answer.status in BUSY:  # said before anything was taken
        raise Failed("rate" if answer.status == 429 else "down", str(answer.status))
    if 400 <= answer.status < 500:
        raise Failed("refused", str(answer.status))
    raise Unsure(f"unreadable {answer.status}")  # a proxy's page, half an answer: it may have been taken
