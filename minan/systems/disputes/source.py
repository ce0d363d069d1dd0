"""What the printed papers of a dispute are made of, gathered once for one reader: their papers, names, numbers, and who signed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from minan.kernel import directory, labels, registry, speakers
from minan.kernel.directory import LOCAL
from minan.kernel.models import Attachment, Body, Case, Event, Speaker, User
from minan.kernel.procedure import Words
from minan.lib import codes, drawing
from minan.systems.disputes import fields, papers
from minan.systems.disputes.papers import File, Paper, Reader

MEDIATOR = papers.MEDIATOR
HOW = {"code": "本人链接，短信验证码", "paper": "纸上签名，调解员登记", "staff": "本人账号"}


def moment(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def day(at: datetime | date | str) -> str:
    """2026年11月16日."""
    found = datetime.fromisoformat(at) if isinstance(at, str) else at
    local = found.astimezone(LOCAL) if isinstance(found, datetime) else found
    return f"{local.year}年{local.month}月{local.day}日"


@dataclass(slots=True)
class Source:
    """A dispute as one reader may have it on paper."""

    case: Case
    sides: list[Case]
    reader: Reader
    file: File
    at: datetime
    talks: bool = False  # words of one side to the mediator go in
    events: list[Event] = field(default_factory=list)  # of the dispute, in order
    notes: dict[int, dict[str, Any]] = field(default_factory=dict)  # by number of the event
    mediator: str = ""
    court: Case | None = None

    @property
    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = self.case.facts
        return found

    @property
    def committee(self) -> str:
        return labels.office_name(self.case.desk)

    @property
    def place(self) -> str:
        return directory.place_name(self.case.place, full=True)

    @property
    def sort(self) -> str:
        return dict(fields.SORTS)[self.facts.get("sort") or fields.OTHER].zh

    @property
    def code(self) -> str:
        return str(codes.pretty(self.case.code))

    def refs(self) -> list[str]:
        return [str(side.facts["ref"]) for side in self.sides]

    def party(self, ref: str) -> str:
        """Which party: 申请人, 对方."""
        return next((str(s.facts.get("party") or "") for s in self.sides if s.facts.get("ref") == ref), "") or "调解员"

    def name(self, ref: str) -> str:
        """Their name, else which party they are."""
        return (self.mediator if ref == MEDIATOR else self.file.names.get(ref, "")) or self.party(ref)

    def title(self) -> str:
        return "与".join(self.name(ref) for ref in self.refs()) + self.sort

    def of(self, *steps: str) -> list[Paper]:
        """The papers of these steps, oldest first."""
        return [paper for paper in self.file.papers if paper.step in steps]

    def attached(self) -> list[Attachment]:
        """Pictures of the dispute and its sides, for the committee; a side's own copy has none of them."""
        if self.reader.kind not in ("mediator", "inspector"):
            return []
        ids = [case.id for case in (self.case, *self.sides)]
        return list(Attachment.objects.filter(county=self.case.county, case_id__in=ids).order_by("id"))

    def event(self, *steps: str) -> Event | None:
        """The last event of these steps."""
        return next((event for event in reversed(self.events) if event.step in steps), None)

    def number(self, *steps: str) -> str:
        event = self.event(*steps)
        return str(self.notes.get(event.n, {}).get("number", "")) if event else ""

    def state(self) -> str:
        found = registry.label(self.case.procedure, self.case.version, "states", self.case.state)
        return found.zh if isinstance(found, Words) else labels.into(found)

    def signature(self, ref: str) -> dict[str, str]:
        """{"how", "svg"} of whoever signed the agreement that stands; "" each where they have not."""
        mark = ((self.facts.get("draft") or {}).get("signed") or {}).get(ref)
        if not mark:
            return {"how": "", "svg": ""}
        try:
            svg = drawing.read(self.file.drawn.get(ref, "")).svg()
        except drawing.Unfit:
            svg = ""
        return {"how": f"{moment(datetime.fromisoformat(mark['at']))} {HOW.get(mark['how'], '')}", "svg": svg}


def gathered(case: Case, sides: list[Case], reader: Reader, at: datetime, *, talks: bool = False) -> Source:
    """For a side, the mediator or who made the file: seven queries and a vault for each case. `court`: see `for_court`."""
    out = Source(case, sides, reader, papers.of(case, sides, reader), at, talks)
    return _with_records(out)


def for_court(case: Case, sides: list[Case], person: str, at: datetime) -> Source:
    """The agreement for the court's clerk: its words, the parties' names and signatures, nothing else. Raises Sealed."""
    reader, draft = Reader("court", person=person), case.facts.get("draft") or {}
    out, n = Source(case, sides, reader, File([], {}), at), draft.get("n", 0)
    rows = {
        row.case_id: row
        for row in Speaker.objects.filter(county=case.county, case_id__in=[s.id for s in (case, *sides)])
    }
    firsts = dict(
        Event.objects.filter(county=case.county, case_id__in=[s.id for s in sides], n=1).values_list("case_id", "hash")
    )
    words = tuple(f"draft@{n}.{name}" for name in ("facts", "duty", "terms", "manner"))
    for one in (case, *sides):
        ref = str(one.facts["ref"]) if one is not case else MEDIATOR
        mark = (draft.get("signed") or {}).get(ref) or {}
        asked = [
            f"{'countersign' if one is case else 'sign'}@{mark.get('n')}.drawn",
            *(words if one is case else ("name",)),
        ]
        event = papers.event_of(case, "file_court") if one is case else firsts.get(one.id, "")
        known = speakers.known(one, who=f"user:{person}", why="paper", event=event, fields=asked, row=rows.get(one.id))
        out.file.drawn |= papers.drawn(case, ref, known)
        if one is not case and known.get("name"):
            out.file.names[ref] = str(known["name"])
        if one is case:
            kept = [(name.rpartition(".")[2], str(known[name])) for name in words if known.get(name)]
            row = tuple(("", said) for _field, said in kept)
            out.file.papers.append(
                Paper("draft", "", papers.JOINT, "m", "", n, at, row, names=tuple(name for name, _said in kept))
            )
    return _with_records(out)


def _with_records(out: Source) -> Source:
    case = out.case
    out.events = out.file.events or list(Event.objects.filter(county=case.county, case_id=case.id).order_by("n"))
    for n, text in Body.objects.filter(county=case.county, case_id=case.id).values_list("n", "text"):
        out.notes[n] = json.loads(text).get("note", {})
    who = out.facts.get("mediator")
    user = User.objects.filter(pk=who).first() if who else None
    out.mediator = labels.name_of(user) if user else ""
    out.court = (
        Case.objects.filter(county=case.county, parent=case.id, procedure="confirmation").order_by("-id").first()
    )
    return out
