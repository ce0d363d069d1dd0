"""The calls of the JSON API (CONTRACTS.md "JSON API"); each is HTTP only and asks the kernel.

Plain Django views with an OpenAPI made from the declarations, not django-ninja: the forms are the procedures' own fields,
unknown to a static schema class; and a call costs 0.13 ms less (SPEED.md).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from django.http import HttpRequest

from minan.channels.api import asked, facts, listing, problems, receipt, shapes, tallied
from minan.channels.api import damages as damages_call
from minan.channels.api import openapi as document
from minan.channels.api.asked import told
from minan.channels.api.problems import Problem
from minan.kernel import access, callers, inbox, promises, sheet, speakers
from minan.kernel import places as gazetteer
from minan.kernel.act import Refused, act, open_case
from minan.kernel.models import Case, User
from minan.kernel.procedure import Words
from minan.kernel.replies import Answer, Turn
from minan.lib import codes, throttle

NEAR_A_MINUTE = 120  # look-ups of a point from one address
OUTSIDE = Words("经纬度写成 116.29,39.43，经度在前", "Write near=lon,lat in WGS-84, such as 116.29,39.43")


def _found(user: User, code: str, *, to_act: bool = False) -> tuple[Case, access.Actor]:
    """The case as this person may see it, at work or as the one who said it. Raises Problem 404, always the same."""
    who = f"user:{user.pk}"
    if not callers.may_guess(who):
        raise Problem(429, problems.TOO_MANY, headers={"Retry-After": "60"})
    stored = codes.parse(code) or "0" * codes.LENGTH
    with suppress(Case.DoesNotExist):
        find = Case.objects.to_act if to_act else Case.objects.seen_by
        return find(user, stored), access.actor(user)
    case = speakers.own_case(user, stored)
    if case is None:
        callers.missed(who)
        raise Problem(404, problems.MISSING)
    return case, access.SPEAKER


def _list(request: HttpRequest) -> Answer:
    user, now = asked.person(request), datetime.now(UTC)
    given = asked.parameters(request, document.LIST)
    wanted = inbox.Wanted(
        given["place"], given["procedure"], given["state"], given["kind"], given["light"], given["q"],
        mine=given["held_by"] == "me", cursor=given["cursor"], limit=int(given["limit"] or inbox.PAGE),
    )  # fmt: skip
    page = listing.page(user, wanted, now)
    lang, mine = callers.lang(), page.mine
    return told({"items": [shapes.item(c, lang, now, c.id in mine) for c in page.items], "next": page.next})


def _open(request: HttpRequest, user: User, body: asked.Body, turn: Turn) -> Answer:
    procedure, ready, capability = facts.opening(body)
    staff = access.is_staff(user)
    opened = open_case(
        procedure.name, by=access.actor(user) if staff else access.SPEAKER, facts=ready, channel="api", key=turn.key, secret=turn.secret,
        lang=callers.lang(), account="" if staff else str(user.pk), capability=capability,
    )  # fmt: skip
    if isinstance(opened, Refused):
        return problems.of_refusal(opened)
    where = {"Location": f"/api/v1/cases/{opened.case.code}"}
    case = shapes.item(opened.case, callers.lang(), datetime.now(UTC))
    return told({"case": case, "secret": turn.secret, "promise": receipt.written(opened)["promise"]}, 201, where)


def _detail(request: HttpRequest, code: str) -> Answer:
    user, now = asked.person(request), datetime.now(UTC)
    asked.parameters(request, {})
    case, who = _found(user, code)
    return told(shapes.detail(sheet.of(case, who, now), callers.lang(), now))


def _step(request: HttpRequest, user: User, body: asked.Body, turn: Turn, code: str, step: str) -> Answer:
    case, who = _found(user, code, to_act=True)
    ready, moves, capability = facts.taking(body, case, step)
    if who.kind == "speaker":  # whatever somebody of the staff sends went through their hands
        who = access.Actor("speaker", cast="seen" if access.is_staff(user) else speakers.cast(case, capability))
    try:
        event = act(case, step, by=who, facts=ready, key=turn.key, moves=moves)
    except Case.DoesNotExist:
        raise Problem(404, problems.MISSING) from None
    if isinstance(event, Refused):
        return problems.of_refusal(event)
    shown = {"event": shapes.event(event), "case": shapes.item(case, callers.lang(), datetime.now(UTC), speaker=who.kind == "speaker")}
    return told(shown | {"cast": who.cast, "promise": promises.of(event, case.code) if who.kind == "speaker" else ""})


def _counts(request: HttpRequest) -> Answer:
    user = asked.person(request)
    given = asked.parameters(request, document.COUNTS)
    return told(tallied.answer(user, given["place"], given["by"] or "state", callers.lang()))


def _places(request: HttpRequest) -> Answer:
    """For programs and for the pages of whoever is signed in; it knows places only, never cases."""
    asked.person(request, session=True)
    if not throttle.allow("near", callers.subject(request), callers.MINUTE, NEAR_A_MINUTE):
        raise Problem(429, problems.TOO_MANY, headers={"Retry-After": "60"})
    given = asked.parameters(request, document.PLACES)
    try:
        lon, lat = (float(part) for part in given["near"].split(","))
    except ValueError:
        raise Problem(400, OUTSIDE, errors={"near": OUTSIDE}) from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Problem(400, OUTSIDE, errors={"near": OUTSIDE})
    return told({"items": [shapes.found(place, callers.lang()) for place in gazetteer.find(lon, lat)]})


def _openapi(request: HttpRequest) -> Answer:
    return told(document.document())


def _missing(request: HttpRequest, rest: str) -> Answer:
    raise Problem(404, problems.MISSING)


cases = asked.calls(GET=_list, POST=asked.once(_open))
case = asked.calls(GET=_detail)
step = asked.calls(POST=asked.once(_step))
counts = asked.calls(GET=_counts)
damages = asked.calls(POST=asked.once(damages_call.work))
places = asked.calls(GET=_places)
openapi = asked.calls(GET=_openapi)
missing = asked.calls(GET=_missing, POST=_missing)
