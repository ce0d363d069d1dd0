"""Many disputes out of those that were played through the door: each copy has its own ids, codes, salts, secrets, vaults and hashes.

As bench/load.py does with matters, but for a whole family (dispute, sides, court) at once. What was said lies in the originals'
vaults alone: a copy's vault holds a phone number and no papers. The tallies know the originals only.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from contextlib import nullcontext
from datetime import datetime
from typing import Any
from uuid import UUID

BATCH = 200  # families a write


def _families() -> list[dict[Any, list[Any]]]:
    """Every played dispute with its children: model → rows."""
    from minan.kernel.models import Body, Case, Clock, Event, Inbox, Speaker

    top: dict[UUID, UUID] = {}
    found: dict[UUID, dict[Any, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for case in Case.objects.filter(procedure__in=("dispute", "side", "confirmation")).order_by("id"):
        top[case.id] = case.parent or case.id
        found[top[case.id]][Case].append(case)
    for model in (Event, Body, Clock, Inbox, Speaker):
        for row in model.objects.filter(case_id__in=list(top)).order_by("case_id", "id") if len(top) < 900 else model.objects.order_by("case_id", "id"):  # type: ignore[attr-defined]
            if row.case_id in top:
                found[top[row.case_id]][model].append(row)
    return list(found.values())


def _again(row: Any, **values: Any) -> Any:
    fields = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
    return type(row)(**(fields | values))


class Copy:
    """One more of a family."""

    def __init__(self, family: dict[Any, list[Any]], rng: random.Random) -> None:
        from bench.load import _code
        from minan.kernel.models import Case

        self.family, self.rng = family, rng
        self.out: dict[Any, list[Any]] = defaultdict(list)
        self.codes = {case.code: _code(case.code[:2], rng) for case in family[Case]}
        self.ids = {case.id: self.new(case.opened_at) for case in family[Case]}
        self.case = {case.id: case for case in family[Case]}
        self.words: dict[str, str] = dict(self.codes)

    def new(self, at: datetime) -> UUID:
        from bench.load import _ids

        return UUID(hex=_ids(at.timestamp(), self.rng, 1, False)[0])

    def made(self) -> dict[Any, list[Any]]:
        from minan.kernel import vault
        from minan.kernel.models import Case, Clock, Inbox, Speaker

        for model in (Clock, Inbox):
            for row in self.family[model]:
                self.out[model].append(_again(row, id=self.new(self.case[row.case_id].opened_at), case_id=self.ids[row.case_id]))
        for row in self.family[Speaker]:
            code = self.codes[self.case[row.case_id].code]
            secret = self.words[row.secret] = self.rng.randbytes(32).hex()
            wrapped, sealed = vault.seal(code, {"phone": "13800000000"})
            mine = {"case_id": self.ids[row.case_id], "secret": secret, "capability": "", "wrapped": wrapped, "sealed": sealed, "owner": ""}
            self.out[Speaker].append(_again(row, id=self.new(self.case[row.case_id].opened_at), **mine))
        for case in self.family[Case]:
            self._chain(case)
        return self.out

    def _chain(self, case: Any) -> None:
        """The case's events anew, each bound to the one before, the last vouching for this row and these clocks."""
        import hashlib

        from minan.kernel import draft, ledger
        from minan.kernel.models import Body, Case, Clock, Event

        pk, head = self.ids[case.id], ledger.ZERO
        row = _again(case, id=pk, code=self.codes[case.code], parent=self.ids.get(case.parent) if case.parent else None)
        runs = [{f.attname: getattr(c, f.attname) for f in c._meta.concrete_fields} for c in self.out[Clock] if c.case_id == pk]
        vouched = draft.kept({name: getattr(row, name) for name in draft.READ}, runs)
        bodies = {b.n: b for b in self.family[Body] if b.case_id == case.id}
        events = sorted((e for e in self.family[Event] if e.case_id == case.id), key=lambda e: e.n)
        for event in events:
            salt, text = self.rng.randbytes(32), bodies[event.n].text
            for old, new in self.words.items():
                text = text.replace(old, new)
            if event is events[-1]:
                text = text.replace(json.loads(text)["kept"], vouched)
            body = hashlib.sha256(salt + text.encode()).hexdigest()
            link = ledger.Link(event.county, row.code, event.n, head, event.step, event.at, event.by, body)
            leaf = link.leaf()
            new_id = self.new(event.at)
            self.out[Event].append(_again(event, id=new_id, case_id=pk, body=body, prev=head, hash=leaf, key=new_id.hex))
            self.out[Body].append(_again(bodies[event.n], id=self.new(event.at), case_id=pk, salt=salt, text=text))
            head = leaf
        row.head = head
        self.out[Case].append(row)


def more(count: int, seed: int = 9, *, bare: bool = True) -> int:
    """Copy what was played until there are `count` disputes; returns how many were added. `bare`: indexes and triggers away meanwhile."""
    from django.db import transaction

    from bench.load import _without_indexes

    rng, families = random.Random(seed), _families()
    wanted = max(0, count - len(families))
    with _without_indexes() if bare else nullcontext():
        for begin in range(0, wanted, BATCH):
            out: dict[Any, list[Any]] = defaultdict(list)
            for n in range(begin, min(wanted, begin + BATCH)):
                for model, rows in Copy(families[n % len(families)], rng).made().items():
                    out[model] += rows
            with transaction.atomic():
                for model, rows in out.items():
                    model.objects.bulk_create(rows, batch_size=400)
    return wanted
