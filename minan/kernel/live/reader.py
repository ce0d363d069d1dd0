"""Who listens at the live line: the same checks as the pages make, by the session's cookie; or a kiosk screen by its token. Writes nothing.

Asked in a thread that may wait for the database; the line itself never does.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings

from minan.kernel import access, signin
from minan.kernel.live import screens
from minan.kernel.live.telling import SCREEN, mark
from minan.kernel.models import User
from minan.kernel.sessions import ABSOLUTE, SECOND_FACTOR, SINCE, SessionStore, over

SCREEN_COOKIE = "screen"


@dataclass(frozen=True, slots=True)
class Reader:
    """One who may listen: by which addresses, behind which walls, until when at most (seconds since 1970)."""

    who: str  # "user:12", "screen:131022100010-3"
    hears: frozenset[str]
    keys: frozenset[str] = frozenset()  # what a wall may name to keep this person away
    session: str = ""  # the mark of the session's key
    until: float = float("inf")


def of(cookies: Mapping[str, str], screen: str = "") -> Reader | None:
    """The reader these cookies or this screen's token make; None for a stranger. Raises DatabaseError where nobody can be asked."""
    if ids := screens.ids_of(screen or cookies.get(SCREEN_COOKIE, "")):
        return Reader(f"{SCREEN}{ids[0]}", frozenset(f"{SCREEN}{name}" for name in ids))
    key = cookies.get(settings.SESSION_COOKIE_NAME, "")
    return _person(key) if key else None


def _person(key: str) -> Reader | None:
    session = SessionStore(session_key=key)
    user = signin.of_session(session)
    if not isinstance(user, User):
        return None
    staff, now = access.is_staff(user) or user.is_staff or user.is_superuser, time.time()
    if over(session, access.is_staff(user), now):
        return None
    if settings.MFA_REQUIRED_FOR_STAFF and staff and not session.get(SECOND_FACTOR) and not is_mfa_enabled(user):
        return None
    who = f"user:{user.pk}"
    hears = frozenset([who, *access.units_of(user)])
    return Reader(who, hears, frozenset(access.keys_of(user)), mark(key), session.get(SINCE, now) + ABSOLUTE)
