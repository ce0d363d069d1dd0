"""`python -m tests.faults.sealed_round begin|code REF|state`: acts of a dispute's people in a town whose server runs, JSON out."""

from __future__ import annotations

import json
import sys
from typing import Any

import django


def begin() -> dict[str, Any]:
    """A dispute in the middle of its talks with a round open; the code and the link of each side."""
    from minan.kernel import family
    from minan.kernel.models import User
    from minan.systems.disputes.tests import cast

    people = {user.username: user for user in User.objects.all()}
    case = cast.mediating(people, _now())
    cast.go(case, "offers_begin", people[cast.MEDIATOR], _now(), payer="b")
    sides = {ref: cast.side(case, ref) for ref in "ab"}
    return {"case": case.code, **{ref: [one.code, family.link_of(one)] for ref, one in sides.items()}}


def code(ref: str) -> dict[str, Any]:
    """Six digits to this side's own phone."""
    from datetime import timedelta

    from minan.kernel import onetime_code
    from minan.kernel.access import SPEAKER
    from minan.systems.disputes.tests import cast

    onetime_code.APART = timedelta(0)
    side = cast.side(_case(), ref)
    asked = cast.go(side, "ask_offer_code", SPEAKER, _now())
    return {"code": onetime_code.of(side.id, asked.n)}


def state() -> dict[str, Any]:
    from minan.kernel.models import Event

    case = _case()
    steps = list(Event.objects.filter(case_id=case.id).order_by("n").values_list("step", flat=True))
    return {"sealed": case.facts["sealed"], "steps": steps}


def _case() -> Any:
    from minan.kernel.models import Case

    return Case.objects.get(procedure="dispute")


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


if __name__ == "__main__":
    django.setup()
    print(json.dumps({"begin": begin, "code": code, "state": state}[sys.argv[1]](*sys.argv[2:])))
