"""GET /cases for both kinds of people: the inbox rows of staff, and what a resident said with their account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from minan.channels.api.problems import Problem
from minan.kernel import access, inbox, search, speakers
from minan.kernel.models import Case, User
from minan.kernel.procedure import Words

NO_CURSOR = Words("翻页标记不对", "This cursor was not given out by this list")


def page(user: User, wanted: inbox.Wanted, now: datetime) -> inbox.Page:
    """One page, newest first. Raises Problem 400 for a cursor of another list and a search that names a person by a number."""
    if search.about_a_person(wanted.q):
        raise Problem(400, search.AboutAPerson.words, errors={"q": search.AboutAPerson.words})
    try:
        return inbox.listed(user, wanted, now) if access.is_staff(user) else _own(user, wanted, now)
    except inbox.BadCursor:
        raise Problem(400, NO_CURSOR, errors={"cursor": NO_CURSOR}) from None


def _wanted(case: Case, wanted: inbox.Wanted, now: datetime) -> bool:
    for name in ("procedure", "state", "kind"):
        if getattr(wanted, name) and getattr(wanted, name) != getattr(case, name):
            return False
    if wanted.place:
        lo, hi = inbox.subtree(wanted.place)
        if not lo <= case.place < hi:
            return False
    if wanted.light and inbox.light_of(case, now) != wanted.light:
        return False
    return not wanted.q or wanted.q in f"{case.title}\n{case.text}\n{case.place_words}"


def _own(user: User, wanted: inbox.Wanted, now: datetime) -> inbox.Page:
    """A resident's own matters: at most a hundred, sifted here. They hold none of them: `held_by=me` finds nothing."""
    try:
        after = UUID(wanted.cursor) if wanted.cursor else None
    except ValueError:
        raise inbox.BadCursor(wanted.cursor) from None
    rows = (
        []
        if wanted.mine
        else [c for c in speakers.own(user) if _wanted(c, wanted, now) and (after is None or c.id < after)]
    )
    items = rows[: wanted.limit]
    return inbox.Page(items, str(items[-1].id) if len(rows) > wanted.limit else None)
