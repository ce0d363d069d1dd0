"""Who works with other systems: the desks of the city's and the counties' centres, each for its place; to others nothing is there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseBase

from minan.channels.exchange import known
from minan.channels.exchange.intake import county_of
from minan.channels.exchange.partners import Partner, PartnersError
from minan.kernel import directory
from minan.kernel.models import User
from minan.kernel.pages.guard import person, staff

ROLES = ("clerk", "supervisor")
View = Callable[..., HttpResponseBase]


def scopes(user: User) -> list[str]:
    """For which counties this person works: "" means all of the city; [] nothing at all."""
    out = []
    for post in directory.posts_of(user.pk):
        office = directory.office(post.seat or post.unit)
        if (
            post.role in ROLES
            and office is not None
            and office.kind == directory.CITY_DESK
            and office.level in ("city", "county")
        ):
            out.append(county_of(office.id))
    return sorted(set(out))


def county(user: User) -> str:
    """The county for which this person brings files in; "" for the whole city."""
    return scopes(user)[0]


def within(user: User) -> Q:
    """The rows (by `county`) this person sees."""
    mine = scopes(user)
    return Q() if "" in mine else Q(county__in=[*mine])


def mine(user: User, partner: Partner) -> bool:
    """A county's partner belongs to that county's centre and the city's; the city's partners to every centre."""
    place = directory.within(partner.place, "county")[:6]
    return not place or bool({"", place} & set(scopes(user)))


def centre(view: View) -> View:
    """Only who works at a centre; who has not signed in is asked to."""

    @staff
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not scopes(person(request)):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def partners(user: User) -> tuple[list[Partner], list[str]]:
    """(the partners this person works with, what is wrong with partners.toml)."""
    try:
        return [one for one in known.partners().values() if mine(user, one)], []
    except PartnersError as error:
        return [], error.faults


def partner_of(request: HttpRequest, code: str) -> Partner:
    """The partner of the address. Raises Http404."""
    found = next((one for one in partners(person(request))[0] if one.code == code), None)
    if found is None:
        raise Http404
    return found
