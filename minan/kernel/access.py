"""The only file that decides who may see or do: by post, task and seat; a stranger gets nothing, not even a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from minan.kernel import directory, routing
from minan.kernel.directory import PostRow

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from minan.kernel.models import User

DESK_ROLES = frozenset({"clerk", "supervisor", "worker", "operator"})
LEAD_ROLES = frozenset({"handler", "clerk", "worker", "supervisor", "mediator"})
HEAD_ROLES = frozenset({"supervisor", "clerk"})
over, barred, free = routing.over, routing.barred, routing.free
DISCIPLINE = "discipline"  # the one role that reads a sealed case


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a member of staff with posts, the speaker of this one case, or the clock."""

    kind: Literal["staff", "speaker", "clock", "house"]  # "house": a person acting on the register (house.py)
    user_id: int | None = None
    posts: tuple[PostRow, ...] = ()
    # How a speaker judges: "own" (a capability their browser made), "issued" (one the server made and no member of staff
    # saw), "seen" (one that passed through staff's hands: it stands with what staff took down). "" otherwise.
    cast: str = ""
    # The code of the one case whose speaker is on the line with this person and agreed to be found by their number; only the
    # hotline sets it, after asking its own rows (channels/hotline). "" otherwise, and for every program.
    call: str = ""

    @property
    def person(self) -> str:
        return str(self.user_id) if self.user_id is not None else ""

    @property
    def units(self) -> list[str]:
        """Where this person works on cases; administrators do not (directory.APART)."""
        posts = [p for p in self.posts if p.role not in directory.APART]
        return list(dict.fromkeys([p.unit for p in posts] + [p.seat for p in posts if p.seat]))

    @property
    def boxes(self) -> list[str]:
        """The inboxes this person reads: their units', and what is sealed to their discipline post."""
        return [*self.units, *dict.fromkeys(sealed(p.unit) for p in self.posts if p.role == DISCIPLINE)]

    @property
    def keys(self) -> list[str]:
        """What a wall may name to keep this person away: themselves, their units of this year, and all above these (`over`)."""
        worked = [*self.units, *directory.left_by(self.user_id)]  # who moved to the desk yesterday is kept away all the same
        units = dict.fromkeys(wide for unit in worked for wide in over(unit))
        return [f"user:{self.user_id}", *(f"unit:{unit}" for unit in units)]


CLOCK = Actor("clock")
SPEAKER = Actor("speaker")


def actor(user: User | AnonymousUser) -> Actor:
    """The staff actor of a signed-in person; a person without a post acts as nobody on others' cases."""
    return Actor("staff", user.pk, directory.posts_of(user.pk))


def units_of(user: User | AnonymousUser) -> list[str]:
    """The units whose inbox this person reads: their posts' and the centre where they sit, then what is sealed to their post."""
    return actor(user).boxes


def keys_of(user: User | AnonymousUser) -> list[str]:
    """What walls may name to keep this person away from a case."""
    return actor(user).keys


def sealed(unit: str) -> str:
    """The inbox of a unit that only its discipline post reads."""
    return f"{unit}:{DISCIPLINE}"


def box(case: Mapping[str, Any], unit: str) -> str:
    """The inbox in which this case lies with a unit."""
    return sealed(unit) if unit and case.get("privacy") == "sealed" else unit


def shut(case: Mapping[str, Any]) -> bool:
    """True where only who holds a case may learn that it is there, not even from a count: confidential, sealed, or about a unit."""
    return bool(case.get("privacy")) or any(who.startswith("unit:") for who in case.get("walls") or [])


def is_staff(user: User | AnonymousUser) -> bool:
    return bool(user.is_authenticated and directory.posts_of(user.pk))


def has_role(user: User | AnonymousUser, *roles: str) -> bool:
    return any(p.role in roles for p in directory.posts_of(user.pk))


def audience(case: Mapping[str, Any]) -> dict[str, None]:
    """The units that may see a case, in order: desk, lead, ruler, the lead's own department above, the desks over the place.

    Of a confidential case only who holds it and the desk above that may allow a look; of a sealed one only who holds it.
    Nobody behind a wall.
    """
    units, walls = [case["desk"], case["unit"], case["ruler"]], case.get("walls") or []
    if case.get("privacy") == "confidential":
        units.append(free(routing.above(case["desk"], "block"), walls))
        units += case.get("marks", {}).get("called", [])  # danger comes first
    elif case.get("privacy") == "house":
        return {}  # the register: nobody's inbox
    elif case.get("privacy") == "sealed":
        return {box(case, case["desk"]): None}
    elif not case.get("privacy"):
        if case["unit"]:
            units.append(routing.above(case["unit"], "line"))
        units += case.get("marks", {}).get("called", [])  # duty posts called to a danger
        units += case.get("marks", {}).get("up", [])  # the levels it went up to by itself
        units += case.get("marks", {}).get("beside", [])  # who was asked to help with it: they read what it is about
        units += routing.desks_over(case["place"])
    return dict.fromkeys(u for u in units if u and not (walls and barred(u, walls)))


def roles_of(who: Actor, case: Mapping[str, Any]) -> dict[str, PostRow | None]:
    """What this actor is to this case: role → the post that makes them so. Empty for a stranger."""
    if who.kind == "house":
        return {"house": who.posts[0] if who.posts else None}
    if who.kind != "staff":
        return {who.kind: None}
    walls = case.get("walls") or []
    if walls and not set(walls).isdisjoint(who.keys):
        return {}
    if case.get("privacy") == "sealed":
        holds = next((p for p in who.posts if p.role == DISCIPLINE and p.unit == case["desk"]), None)
        return {"staff": holds, "desk": holds} if holds else {}
    seen = audience(case)
    higher = set(routing.desks_over(case["place"])) | set(routing.chain(case["desk"])) | set(case.get("marks", {}).get("up", []))
    line = routing.above(case["unit"], "line") if case["unit"] else ""
    roles: dict[str, PostRow | None] = {}
    for post in who.posts:
        for unit in filter(None, (post.unit, post.seat)):
            if unit not in seen or post.role in directory.APART:
                continue
            roles.setdefault("staff", post)
            if unit == case["desk"] and post.role in (LEAD_ROLES if case.get("parent") else DESK_ROLES):
                roles.setdefault("desk", post)
            if unit == case["unit"] and post.role in LEAD_ROLES:
                roles.setdefault("lead", post)
            if unit == case["ruler"] and post.role in HEAD_ROLES:
                roles.setdefault("ruler", post)
            if unit in higher and post.role == "supervisor":
                roles.setdefault("above", post)
            if unit == line and post.role in HEAD_ROLES:
                roles.setdefault("line", post)
    if who.call and "staff" in roles and who.call == case["code"] and not shut(case) and not case.get("anonymous"):
        roles["caller"] = roles["staff"]
    return roles


def intake_post(who: Actor) -> PostRow | None:
    """The post by which a member of staff may take in what somebody says (walk-in, patrol finding); None: may not."""
    return next((p for p in who.posts if p.role in DESK_ROLES | {"handler", "mediator", DISCIPLINE}), None)


def by(who: Actor, post: PostRow | None) -> str:
    """How an event names who acted: "131022100-station:clerk", "resident" or "clock"."""
    if who.kind in ("staff", "house") and post is not None:
        return f"{post.unit}:{post.role}"
    return "clock" if who.kind in ("clock", "house") else "resident"
