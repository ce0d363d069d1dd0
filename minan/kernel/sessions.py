"""Sessions in the database, read together with their user in one SELECT (SPEED.md: the look-up cost more than the write)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from minan.kernel import reads
from minan.kernel.live.telling import ended
from minan.kernel.models import Session, User

IDLE, ABSOLUTE = 15 * 60, 12 * 3600  # seconds: staff without a press; anybody in all
SINCE, SEEN, POSTS = "since", "seen", "posts"  # in the session: begun, last press, the posts held at the last press
SECOND_FACTOR = "second_factor"  # in the session: has been looked at and is there


def over(kept: Mapping[str, Any], staff: bool, now: float) -> bool:
    """Whether a session has ended by itself; `now` in seconds since 1970."""
    since, seen = kept.get(SINCE, now), kept.get(SEEN, now)
    return bool(now - since > ABSOLUTE or (staff and now - seen > IDLE))


class SessionStore(DatabaseStore):
    """Keeps the user of the session beside it; `user` is None before the session is read or when nobody is signed in."""

    user: User | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        where = 't."session_key" = %s AND t."expire_date" > %s'
        found = reads.with_user(Session, User, where, [self.session_key, reads.moment(timezone.now())])
        if found is None:
            self._session_key = None
            return None
        row, self.user = found
        return row

    def delete(self, session_key: str | None = None) -> None:
        """End it; pages with a live line hear so at once."""
        key = session_key or self.session_key
        super().delete(session_key)
        if key:
            ended(key)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast(Session, super().create_model_instance(data))
        row.user_id = int(data[SESSION_KEY]) if data.get(SESSION_KEY) else None
        return row


__all__ = ["SessionStore", "UpdateError"]
