"""What the house does to itself: each act of administration becomes an event of the year's register, some need two people.

Two: roles that see identity or administer (`TWO_ROLES`), rules that change the dates of open cases (rest days, office hours),
passwords of such people, exports with personal data. Everything else one person does alone, and it is written down as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models

from minan.kernel import access, registry
from minan.kernel.access import Actor
from minan.kernel.act import Opened, act, open_case
from minan.kernel.directory import APART, LOCAL, posts_of
from minan.kernel.models import Case, Event, Kind, OfficeHours, Post, Proposal, RestDay, Unit, User
from minan.kernel.opening import home_place
from minan.kernel.procedure import Words

REGISTER, PRIVACY = "register", "house"
TWO_ROLES = frozenset({*APART, "discipline"})
SECURITYS = ("people", "posts")  # tables of the security administrator; the rest is the system administrator's
ORDINARY = ("worker", "clerk", "handler", "mediator", "signer", "operator")  # roles a unit's head gives alone
STAND_IN = ("supervisor", "head")  # … and for a stand-in of at most STAND_IN_DAYS
HEADS = ("head", "supervisor")
CONFIRMING = ("admin", "security")  # who confirms what another put forward
DATED: tuple[type[models.Model], ...] = (RestDay, OfficeHours)
KEPT = timedelta(days=7)
STAND_IN_DAYS = 14
ALONE = Words("这件事要第二个人确认才生效", "This takes effect only when a second person confirms it")
SELF = Words("不能自己确认自己提的", "Nobody confirms what they put forward themselves")
OVER = Words("这一条已经办了、驳回了或过期了", "This was done, declined or is out of date")


class Declined(ValueError):
    """A confirmation that is refused; `words` say why."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


def _actor(by: str) -> Actor:
    user = User.objects.filter(username=by).first()
    return Actor("house", user.pk, access.actor(user).posts) if user is not None else Actor("house")


def register(at: datetime) -> Case | None:
    """This year's register, opened where it is missing; None where its folder was taken out."""
    if registry.get(REGISTER) is None:
        return None
    year = at.astimezone(LOCAL).year
    key = f"{REGISTER}:{year}"
    place = home_place()
    event = Event.objects.filter(county=place[:6], key=key).first()
    if event is not None:
        return Case.objects.get(county=event.county, id=event.case_id)
    before = Event.objects.filter(county=place[:6], key=f"{REGISTER}:{year - 1}").first()
    if before is not None:
        old = Case.objects.get(county=before.county, id=before.case_id)
        if old.open:
            act(old, "end_year", by=access.CLOCK, at=at, key=f"{REGISTER}:{year - 1}:ended")
    opened = open_case(
        REGISTER, by=Actor("house"), facts={"place": place}, channel="house", key=key, at=at, privacy=PRIVACY
    )
    return opened.case if isinstance(opened, Opened) else None


def books(years: int = 2) -> list[UUID]:
    """The registers of this year and the ones before it, at most so many; found by their keys."""
    place, year = home_place(), datetime.now(LOCAL).year
    keys = [f"{REGISTER}:{year - n}" for n in range(years)]
    return list(Event.objects.filter(county=place[:6], key__in=keys).values_list("case_id", flat=True))


def note(step: str, by: str, what: Any, *, at: datetime | None = None, **more: Any) -> Event | None:
    """One event of the register: `what` was done (text or JSON data) by the person who signs in as `by`, "" for the program.

    `more`: why, who (whose role or data), second (the second person), edition. Call inside the transaction that does it.
    """
    at = at or datetime.now(UTC)
    case = register(at)
    if case is None:
        return None
    text = what if isinstance(what, str) else json.dumps(what, ensure_ascii=False, sort_keys=True, default=str)
    facts = {"what": text[:2000]} | {name: value for name, value in more.items() if value not in ("", None)}
    done = act(case, step, by=_actor(by) if by else access.CLOCK, facts=facts, at=max(at, case.changed_at))
    if not isinstance(done, Event):
        raise ValueError(f"the register does not take {step}: {done.reason.en} {done.errors}")
    return done


def keepers(table: str) -> tuple[str, ...]:
    """The roles that open an administrator's table; all three read the editions."""
    return APART if table == "editions" else ("security",) if table in SECURITYS else ("admin",)


def stands_in(post: Post) -> bool:
    """Whether a head's post is a stand-in's: given for no longer than one lasts."""
    begins = post.since or post.until
    return bool(
        post.role in STAND_IN and post.until and begins and post.until - begins <= timedelta(days=STAND_IN_DAYS)
    )


def units_headed(user: User) -> list[str]:
    """The units this person heads: whose people they may give ordinary roles. A stand-in gives and ends none."""
    held = {(p.unit, p.role) for p in access.actor(user).posts if p.role in HEADS}
    found = Post.objects.filter(user=user, role__in=HEADS).order_by("id") if held else []
    return list(dict.fromkeys(p.unit_id for p in found if (p.unit_id, p.role) in held and not stands_in(p)))


def works_elsewhere(user: User, units: list[str]) -> bool:
    """Whether this person holds a post outside these units: one more post would put them behind every wall these stand behind."""
    return any(post.unit not in units for post in posts_of(user.pk))


def _opens(row: Kind, values: Mapping[str, Any]) -> bool:
    """Whether a change would show the world what people say of this kind, or bring before a desk what goes sealed elsewhere."""
    sealed = any(p.privacy and p.desk == row.turn_to for p in registry.procedures().values() if row.turn_to)
    unsealed = values.get("turn_to", row.turn_to) != row.turn_to or not values.get("active", True)
    return (sealed and unsealed) or bool(values.get("public") and not row.public)


def needs_second(model: type[models.Model], row: models.Model | None, values: Mapping[str, Any]) -> bool:
    """True where this change takes two people."""
    if model is Post:
        role = values.get("role") or getattr(row, "role", "")
        ends = values.get("until")
        shorter = isinstance(row, Post) and ends is not None and (row.until is None or ends <= row.until)
        # an administrator with an ordinary post besides would read matters: nobody gives that, least of all to themselves, alone
        administers = any(p.role in APART for p in posts_of(values.get("user_id") or getattr(row, "user_id", None)))
        return (role in TWO_ROLES or administers) and not shorter
    if isinstance(row, Kind):
        return _opens(row, values)
    if model is Unit:  # which office hours a unit keeps moves the dates of what it has in hand
        return row is not None and values.get("hours", row.hours) != row.hours  # type: ignore[attr-defined]
    return model in DATED and not (model is OfficeHours and row is None)


def propose(
    what: str, by: User, why: str, *, table: str = "", row: str = "", values: Mapping[str, Any] | None = None
) -> Proposal:
    """Put a change forward; it waits a week for a second person."""
    now = datetime.now(UTC)
    posts = access.actor(by).posts
    made = Proposal.objects.create(
        what=what, table=table, row=row, values=json.loads(json.dumps(dict(values or {}), default=str)), why=why[:200], by=by,
        unit=posts[0].unit if posts else "", at=now, until=now + KEPT,
    )  # fmt: skip
    said = made.values if what != "rulebook" else {"rows": made.values.get("rows")}  # the file itself stays with the proposal
    note("propose", by.username, {"what": what, "table": table, "row": row, "values": said}, why=why, at=now)
    return made


def take(pk: Any, second: User) -> Proposal:
    """The proposal, held for this second person inside a transaction; raises Declined where they may not confirm it."""
    found = Proposal.objects.select_for_update().filter(pk=pk).first()
    if found is None or found.state != "waits" or found.until < datetime.now(UTC):
        raise Declined(OVER)
    if found.by_id == second.pk:
        raise Declined(SELF)
    return found


def waits(pk: Any, what: str) -> Proposal | None:
    """A proposal of this sort that still waits."""
    now = datetime.now(UTC)
    return Proposal.objects.select_related("by").filter(pk=pk, what=what, state="waits", until__gte=now).first()


def settle(found: Proposal, second: User, state: str) -> None:
    """Say how a proposal ended."""
    found.state, found.second, found.second_at = state, second, datetime.now(UTC)
    found.save(update_fields=["state", "second", "second_at"])
    if state == "refused":
        note(
            "decline",
            second.username,
            {"what": found.what, "table": found.table, "row": found.row},
            who=found.by.username,
        )
