"""From the photograph to the matter: one slip, one matter, whoever presses how often; what was said goes through the one door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F

from minan.channels.box import custody, keeping
from minan.channels.box.models import MADE, SETTLED, TAKEN, VOID, Opening, Plain, Seen, Sheet, Slip
from minan.kernel import access
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, User
from minan.kernel.procedure import Procedure, Words
from minan.lib import codes

NAMES = ("name", "phone", "address")
DONE = Words("这一张已经录过了", "This slip was taken in already")
NO_SUCH = Words("没有印过这个号，照着单子再看一遍", "No such number was printed; look at the slip again")
OTHERS = Words("这个号已经在另一次开箱里录过", "This number was taken in at another opening")


def nameless(facts: Mapping[str, Any]) -> bool:
    """Who left no name and no number speaks without a name: then nothing finer than the hour is kept."""
    return not any(str(facts.get(name) or "").strip() for name in NAMES)


def slip(
    user: User, case: Case, opening: Opening, row: Slip, procedure: Procedure, facts: Mapping[str, Any]
) -> Opened | Refused:
    """Make the matter of a slip: its code is the slip's, its speaker's way in the codeword on the stub. Twice pressed is once."""
    with transaction.atomic():
        if not Slip.objects.filter(id=row.id, opening=opening, state=TAKEN).update(state=MADE):
            return Refused(DONE, 409)
        opened = open_case(
            procedure.name, by=access.actor(user), facts=facts, channel="box", key=f"slip:{row.code}", paper=(row.code, row.verifier),
            anonymous=nameless(facts),
        )  # fmt: skip
        if isinstance(opened, Refused):
            transaction.set_rollback(True)
            return opened
        Slip.objects.filter(id=row.id).update(case_id=opened.case.id)
        _note(user, case, row.code, _sheets(opening, row), "matter")
    keeping.look_at([opened.case.id])
    return opened


def plain(
    user: User, case: Case, sheet: Sheet, procedure: Procedure, facts: Mapping[str, Any]
) -> Opened | Refused:
    """A paper without a number of ours is a matter as well; nobody has its codeword, it is posted by its code."""
    with transaction.atomic():
        key = f"plain:{sheet.id.hex}:{sheet.plain}"
        if not Sheet.objects.filter(id=sheet.id, plain=sheet.plain).update(plain=F("plain") + 1, state=SETTLED):
            return Refused(DONE, 409)
        opened = open_case(
            procedure.name, by=access.actor(user), facts=facts, channel="box", key=key, anonymous=nameless(facts)
        )
        if isinstance(opened, Refused):
            transaction.set_rollback(True)
            return opened
        Plain.objects.get_or_create(case_id=opened.case.id, defaults={"sheet": sheet})
        _note(user, case, "", [sheet], "plain")
    keeping.look_at([opened.case.id])
    return opened


def void(user: User, case: Case, opening: Opening, row: Slip) -> bool:
    """A slip with nothing on it: accounted for, and no matter."""
    with transaction.atomic():
        if not Slip.objects.filter(id=row.id, opening=opening, state=TAKEN).update(state=VOID):
            return False
        _note(user, case, row.code, _sheets(opening, row), "void")
    return True


def numbered(case: Case, opening: Opening, sheet: Sheet, typed: str) -> Slip | Refused:
    """The slip whose number somebody read off a photograph: its code, or its running number at this box."""
    code, text = codes.parse(typed), typed.strip().lstrip("0")
    rows = Slip.objects.filter(code=code) if code else Slip.objects.none()
    if code is None and text.isascii() and text.isdigit() and len(text) < 7:
        rows = Slip.objects.filter(book__box=opening.box_id, number=int(text))
    row = rows.first()
    if row is None:
        return Refused(NO_SUCH, 422)
    with transaction.atomic():
        if custody.take_out(case, opening, sheet, row, by_hand=True):
            return Refused(OTHERS, 422)
        custody.settle(sheet)
    row.refresh_from_db()
    return row


def _sheets(opening: Opening, row: Slip) -> list[Sheet]:
    return [
        seen.sheet
        for seen in Seen.objects.filter(slip=row, sheet__opening=opening).select_related("sheet").order_by("id")
    ]


def _note(user: User, case: Case, code: str, sheets: list[Sheet], how: str) -> None:
    """One event of the opening a slip: which, by which photograph, what became of it. The words stand in its matter alone."""
    for sheet in sheets:
        custody.settle(sheet)
    facts = {"slip": codes.pretty(code) if code else "", "picture": sheets[0].sha256 if sheets else "", "how": how}
    which = code or f"{sheets[0].id.hex}{sheets[0].plain}"
    done = act(case, "typed", by=access.actor(user), facts=facts, key=f"typed:{case.id.hex}:{which}")
    if isinstance(done, Refused):
        raise ValueError(f"the opening did not take it: {done.reason.en}")
