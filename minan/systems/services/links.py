"""The link of a shop that the desk brought in: made when it is handed over, kept nowhere; the one before opens nothing from then on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from minan.kernel import vault
from minan.kernel.access import Actor
from minan.kernel.act import Refused, act
from minan.kernel.models import Case, Speaker


def ours(case: Case) -> bool:
    """Whether the desk hands this shop its link: it brought the shop in. A shop that applied by itself has its own. One query."""
    return Speaker.objects.filter(county=case.county, case_id=case.id, issued="staff").exists()


@transaction.atomic
def hand(case: Case, by: Actor, at: datetime) -> str | Refused:
    """A new secret for the shop, its mark on the event; whoever came in by the one before is out."""
    secret = vault.secret()
    mark = vault.secret_mark(secret)
    done = act(case, "hand_link", by=by, at=at, beside={"secret": mark})
    if isinstance(done, Refused):
        return done
    Speaker.objects.filter(county=case.county, case_id=case.id).update(secret=mark)
    return secret
