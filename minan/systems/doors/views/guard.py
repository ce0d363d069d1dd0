"""Who may open which page of the doors: a household its own, who looks after a compound that compound's, nobody another's."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase

from minan.kernel.models import User
from minan.systems.doors import homes, registry
from minan.systems.doors.models import Compound, Door, Home

View = Callable[..., HttpResponseBase]


def who(request: HttpRequest) -> User:
    return cast(User, request.user)


def signed_in(view: View) -> View:
    """Whoever has an account; others are led to sign in."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return asked


def own(view: View) -> View:
    """A page of one home, for its members; Http404 alike for what is missing and what is not theirs."""

    @signed_in
    @wraps(view)
    def asked(request: HttpRequest, home: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found: Home | None = next((one for one in homes.of(who(request)) if one.pk == home), None)
        if found is None:
            raise Http404
        return view(request, found, *args, **kwargs)

    return asked


def keeping(request: HttpRequest) -> list[Compound]:
    """The compounds this person looks after; a unit that may put one up has the page too. Http404 for everybody else."""
    if not registry.units(who(request)):
        raise Http404
    return registry.compounds(who(request))


def door_of(request: HttpRequest, pk: UUID) -> Door:
    found = next((d for d in Door.objects.select_related("compound").filter(pk=pk, active=True)), None)
    if found is None or found.compound.unit not in {*registry.units(who(request)), *registry.headed(who(request))}:
        raise Http404
    return found


def compound_of(request: HttpRequest, pk: UUID) -> Compound:
    found = next((one for one in keeping(request) if one.pk == pk), None)
    if found is None or found.unit not in registry.units(who(request)):
        raise Http404
    return found
