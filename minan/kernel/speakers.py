"""A speaker's own way in: the code with their secret, or their account; nobody can ask about another person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from minan.kernel import codewords, directory, reads, registry, rights, vault
from minan.kernel.models import Case, Event, Speaker, User
from minan.lib import codes

DEEP = 3  # how far down what came of a case is looked for
NOBODY = UUID(int=0)  # an id that no case has


def find(code: str) -> Case | None:
    """The case with this code as typed; None where there is none. Shows nothing by itself."""
    stored = codes.parse(code)
    return _case(stored) if stored else None


def _case(stored: str) -> Case | None:
    return next(iter(reads.objects(Case, 'WHERE t."code" = %s', [stored])), None)


def _right(stored: str, given: str) -> bool:
    """Whether this is the secret, as it was copied. What is computed depends on what was typed, not on whether there is such a case."""
    codeword = codewords.read(given)
    if codeword:
        return codewords.same(stored, codeword)
    return vault.same(stored or "-" * 64, vault.secret_mark(given))


def enter(code: str, secret: str) -> Case | None:
    """The case for its speaker, by secret or codeword; a wrong code and a wrong secret take the same path, and give the same None."""
    stored = codes.parse(code) or "0" * codes.LENGTH
    case = _case(stored)
    row = Speaker.objects.filter(county=case.county if case else "", case_id=case.id if case else NOBODY).first()
    right = _right(row.secret if row else "", secret)
    return case if case is not None and row is not None and right else None


def cast(case: Case, given: str) -> str:
    """How a judgement counts that comes with this capability (as typed): "own", "issued" or "seen" (access.Actor).

    "own": the hash in the first event is that of what the speaker's browser made; "issued": of what the server made and gave
    to the speaker alone; "seen": anything else that still let somebody in as the speaker, such as a slip printed by staff, or
    the link that a speaker with a capability of their own showed at a desk.
    """
    row = Speaker.objects.filter(county=case.county, case_id=case.id).first()
    if row is None or row.issued not in ("speaker", "server"):
        return "seen"
    # Who speaks without a name has a codeword and no capability besides.
    right = vault.same(row.capability, vault.secret_mark(given)) if row.capability else _right(row.secret, given)
    return "seen" if not right else "own" if row.issued == "speaker" else "issued"


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


def passed_key(case: Case) -> str:
    """The key of the event by which what a desk passed on was opened again, sealed."""
    return f"passed:{case.id.hex}"


def passed_to(case: Case) -> Case | None:
    """The sealed report a matter became; for its speaker and for the program, never for staff."""
    county = (directory.within(case.place, "county") or directory.within(case.place, "city"))[:6]
    event = Event.objects.filter(county=county, key=passed_key(case)).first()
    # its parent too: a key alone could have been used by another case before
    return Case.objects.filter(county=county, id=event.case_id, parent=case.id).first() if event is not None else None


def parts(case: Case) -> list[Case]:
    """The matters that were split off from this one or came of it: its children, theirs, and theirs again, under the same
    secret. One query where it has none."""
    under: dict[UUID, Case] = {}
    above = [case.id]
    for _level in range(DEEP):  # a matter, its accident, the dispute over it, one side
        fresh = Case.objects.filter(county=case.county, parent__in=above).order_by("id") if above else ()
        above = [child.id for child in fresh]
        under |= {child.id: child for child in fresh}
    if not under:
        return []
    secret = Speaker.objects.filter(county=case.county, case_id=case.id).values_list("secret", flat=True).first()
    same = Speaker.objects.filter(county=case.county, case_id__in=list(under), secret=secret).values_list("case_id", flat=True)
    return [under[pk] for pk in under if pk in set(same)]


def names(case: Case) -> list[str]:
    """What the vault knows of the speaker, by name, without a value. Raises vault.Away, vault.Sealed."""
    row = Speaker.objects.filter(county=case.county, case_id=case.id).first()
    return vault.names(case.code, row.wrapped, row.sealed) if row is not None and row.wrapped and row.sealed else []


def papers_shown(case: Case, name: str) -> bool:
    """Whether the speaker is given this fact of the vault: everything but papers that staff wrote for themselves."""
    step_name, _dot, field = name.partition(".")
    procedure = registry.get(case.procedure) if field else None
    step = procedure.step(step_name.split("@")[0]) if procedure else None
    return step is None or all(f.shown or not f.paper for f in step.fields if f.name == field)


def known(
    case: Case, *, who: str, why: str, event: str = "", fields: Sequence[str] | None = None, row: Speaker | None = None
) -> dict[str, Any]:  # fmt: skip
    """What the vault knows of the speaker; {} where nothing is known or it was erased. The only door to vault.unseal.
    `row`: its row, where a page of several cases has read them together.

    `who`: "user:12", "speaker", "system:sms"; `why`: "own", "call", "unmask", "look", "glass", "send"; `event`: the hash of the
    event that justifies a look by staff, which the caller wrote before. Raises vault.Away, vault.Held, vault.Sealed: Held with
    "locked" where the speaker asked to erase and only the law still keeps it, with "declined" where they want no calls.
    """
    if case.privacy != "sealed":  # a report is read by who inquires into it: that is the law's own reason
        if case.marks.get(rights.LOCKED) and why not in rights.LAWFUL:
            raise vault.Held("locked")
        if why == "call" and not rights.agreed(case.facts, rights.CALLS):
            raise vault.Held("declined")
    row = row or Speaker.objects.filter(county=case.county, case_id=case.id).first()
    if row is None or row.wrapped is None or row.sealed is None:
        return {}
    found = vault.unseal(case.code, row.wrapped, row.sealed, who=who, why=why, event=event, fields=fields)
    return {name: value for name, value in found.items() if who != "speaker" or papers_shown(case, name)}
