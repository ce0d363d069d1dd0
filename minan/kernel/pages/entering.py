"""A case's page that its follower and staff share: in by link or account, or by signing in; who is neither is asked to sign in."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase

from minan.kernel import access, inside
from minan.kernel.access import SPEAKER, Actor
from minan.kernel.act import Refused
from minan.kernel.forms import StepForm
from minan.kernel.models import Case
from minan.kernel.procedure import Step
from minan.lib import codes


@dataclass(slots=True)
class Here:
    """One reader before one case: what they may do now, what they chose, and why it was not done."""

    request: HttpRequest
    case: Case
    actor: Actor
    now: datetime
    steps: list[Step] = field(default_factory=list)
    chosen: Step | None = None
    form: StepForm | None = None
    refused: Refused | None = None

    @property
    def by_link(self) -> bool:
        return self.actor.kind == "speaker"


class SignIn(Exception):
    """Nobody is signed in, and this browser has no link of it: perhaps they are of the staff."""


def entered(
    request: HttpRequest, code: str, own: Collection[str], desk: Collection[str] | None = None, gone: Collection[str] = ()
) -> tuple[Case, Actor]:
    """(case, who this is to it): SPEAKER to a case of the procedures `own`, but in no state of `gone`; of the staff, who see it, to one
    of `desk` (default: of `own`). Http404 alike for what is missing and what is not theirs; SignIn where nobody is."""
    stored = codes.parse(code) or "-"
    followed = inside.case(request, stored)
    if followed is not None and followed.procedure in own and followed.state not in gone:
        return followed, SPEAKER
    user: Any = request.user
    if not user.is_authenticated:
        raise SignIn
    if not access.is_staff(user):
        raise Http404
    try:
        case = Case.objects.seen_by(user, stored)
    except Case.DoesNotExist:
        raise Http404 from None
    if case.procedure not in (own if desk is None else desk):
        raise Http404
    return case, access.actor(user)


def ours(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Who is nobody here is sent to sign in, whatever the code."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except SignIn:
            return redirect_to_login(request.get_full_path())

    return guarded
