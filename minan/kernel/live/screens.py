"""Kiosk screens that nobody signs in at: whoever knows such screens registers how their token is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from minan.kernel import registry

TOKEN_MOST = 200  # characters
Check = Callable[[str], Iterable[str] | None]
_checks: list[Check] = []


def screen_check(fn: Check) -> Check:
    """Declare who knows screens: fn(token) → the ids this screen is told by (`tell(screens=[…])`), None for a token that is none.

    Asked when a screen connects and once a minute; it may ask the database. The token comes as the cookie or the parameter "screen".
    """
    if fn not in _checks:
        _checks.append(fn)
    return fn


def ids_of(token: str) -> list[str]:
    """The ids of the screen with this token, by whichever check knows it; [] for nobody's."""
    if not token or len(token) > TOKEN_MOST:
        return []
    registry.procedures()  # with them the checks of the systems are known, in a process that runs alone too
    for check in _checks:
        found = check(token)
        if found is not None:
            return [str(name) for name in found]
    return []
