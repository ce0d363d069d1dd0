"""A speaker's own way in: the code with their secret, or their account; nobody can ask about another person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from minan.kernel import vault
from minan.kernel.models import Case, Speaker, User
from minan.lib import codes

NOBODY = UUID(int=0)  # an id that no case has


def find(code: str) -> Case | None:
    """The case with this code as typed; None where there is none. Shows nothing by itself."""
    stored = codes.parse(code)
    return Case.objects.filter(code=stored).first() if stored else None


def enter(code: str, secret: str) -> Case | None:
    """The case for its speaker; a wrong code and a wrong secret take the same path and queries, and give the same None."""
    stored = codes.parse(code) or "0" * codes.LENGTH
    case = Case.objects.filter(code=stored).first()
    row = Speaker.objects.filter(county=case.county if case else "", case_id=case.id if case else NOBODY).first()
    right = vault.same(row.secret if row else "-" * 64, vault.secret_mark(secret))
    return case if case is not None and row is not None and right else None


def cast(case: Case, given: str) -> str:
    """How a judgement counts that comes with this capability (as typed): "own", "issued" or "seen" (access.Actor).

    "own": the hash in the first event is that of what the speaker's browser made; "issued": of what the server made and gave
    to the speaker alone; "seen": anything else that still let somebody in as the speaker, such as a slip printed by staff.
    """
    row = Speaker.objects.filter(county=case.county, case_id=case.id).first()
    if row is None or row.issued == "staff":
        return "seen"
    mark = vault.secret_mark(given)
    if vault.same(row.capability, mark):
        return "own" if row.issued == "speaker" else "issued"
    return "issued" if vault.same(row.secret, mark) else "seen"


def own(user: User) -> list[Case]:
    """The matters a signed-in resident said with this account, newest first; at most 100."""
    ids = (
        Speaker.objects.filter(owner=vault.owner_mark(str(user.pk)))
        .order_by("-case_id")
        .values_list("case_id", flat=True)[:100]
    )
    return list(Case.objects.filter(id__in=list(ids)).order_by("-id"))


def owns(user: Any, case: Case) -> bool:
    """True where this signed-in person said it with their account."""
    if not getattr(user, "is_authenticated", False):
        return False
    mark = vault.owner_mark(str(user.pk))
    return Speaker.objects.filter(county=case.county, case_id=case.id, owner=mark).exists()


def own_case(user: User, code: str) -> Case | None:
    """The case with this stored code that this person said with their account; one query whether it is there or not."""
    mine = Speaker.objects.filter(
        county=OuterRef("county"), case_id=OuterRef("id"), owner=vault.owner_mark(str(user.pk))
    )
    return Case.objects.filter(Exists(mine), code=code).first()


def known(case: Case) -> dict[str, Any]:
    """What the vault knows of the speaker; {} where nothing is known or it was erased. Opening it is an event the caller writes."""
    row = Speaker.objects.filter(county=case.county, case_id=case.id).first()
    if row is None or row.wrapped is None or row.sealed is None:
        return {}
    return vault.unseal(case.code, row.wrapped, row.sealed)
