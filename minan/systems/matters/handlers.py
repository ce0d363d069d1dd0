"""What follows an event by itself: joined matters follow the one that leads; who broke the glass without need gets a strike."""

from __future__ import annotations

import json
from typing import Any

from minan.kernel import attachments, glass_kept, pushed
from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.listen import Told, on
from minan.kernel.models import Attachment, Body, Case, Event
from minan.kernel.pictures import Picture
from minan.systems.matters import together

ANSWERS = ("answer", "settle")
LEADING = ("answer", "settle", "rate", "visit", "object", "rule_reopen", "quorum", "withdraw", "refuse", "pass_on", "turn", "mediate",
           "accident")  # fmt: skip


@on("matter.merge")
def join(events: list[Told]) -> None:
    """Tell the matter another one was merged into; once, by the event's own key. Whoever had joined the merged one goes along."""
    for told in events:
        merged = Case.objects.filter(county=told.county, id=told.case_id).first()
        into = Case.objects.filter(code=merged.merged_into).first() if merged and merged.merged_into else None
        if merged is None or into is None:
            continue
        if into.open:
            act(into, "absorb", by=CLOCK, key=f"joined:{told.id.hex}", at=max(told.at, into.changed_at))
        settle(merged, told)
        settle(into, told)


def follow(events: list[Told]) -> None:
    """What the leading one or one of those who joined it did may move the others."""
    for told in events:
        case = Case.objects.filter(county=told.county, id=told.case_id).first()
        if case is None:
            continue
        leader = Case.objects.filter(code=case.merged_into).first() if case.merged_into else case
        if leader is not None:
            settle(leader, told)


for _name in LEADING:
    on(f"matter.{_name}")(follow)


def settle(leader: Case, told: Told) -> None:
    """Bring those who joined this matter in line with how it stands; safe to be called again."""
    joined = Case.objects.filter(merged_into=leader.code).exclude(merged_into="")  # said twice, so that the small index serves
    own = list(joined.exclude(state="withdrawn").order_by("opened_at", "id"))
    if not own:
        return
    if leader.state == "joined":
        for case in own:
            _step(case, "relead", told, into=leader.merged_into)
    elif leader.state in together.ANSWERED:
        _answer(leader, [c for c in own if c.state == "joined"], told)
        _quorum(leader, own, told)
    elif leader.closed_at is not None:
        _orphaned([c for c in own if c.state == "joined"], told)
    else:
        for case in own:
            if case.state in ("answered", "under_review"):
                _step(case, "rejoin", told)


def _step(case: Case, name: str, told: Told, **facts: Any) -> None:
    """A step by the clock, once for this event; where it is not possible any more, somebody was faster and nothing is lost."""
    act(case, name, by=CLOCK, facts=facts, key=f"{name}:{told.id.hex}:{case.code}", at=max(told.at, case.changed_at))


def _answer(leader: Case, waiting: list[Case], told: Told) -> None:
    """Each is answered by its own code, with the words and photos of the answer to the one that leads."""
    event = Event.objects.filter(county=leader.county, case_id=leader.id, step__in=ANSWERS).order_by("-n").first()
    if event is None or not waiting:
        return
    text = Body.objects.filter(county=leader.county, case_id=leader.id, n=event.n).values_list("text", flat=True).first()
    facts = json.loads(text).get("facts", {}) if text else {}
    given = {name: facts[name] for name in ("words", "article") if facts.get(name)}
    given |= {"outcome": leader.outcome, "unit": leader.unit or leader.desk, "handler": leader.facts.get("answered_by", "")}
    given.setdefault("words", "与一起办的那一件同样答复")
    photos = [_picture(row) for row in Attachment.objects.filter(county=leader.county, case_id=leader.id, n=event.n)]
    for case in waiting:
        _step(case, "follow_answer", told, **given, photos=[p for p in photos if p is not None])


def _picture(row: Attachment) -> Picture | None:
    """A kept picture as it was handed in; None where its file is gone."""
    try:
        data, thumb = attachments.path_of(row.sha256).read_bytes(), attachments.path_of(row.sha256, thumb=True).read_bytes()
    except OSError:
        return None
    return Picture(data, row.mime, row.width, row.height, row.sha256, thumb, row.likeness)


def _orphaned(waiting: list[Case], told: Told) -> None:
    """The one that led ended without an answer: the first of those left leads, and goes on by itself; the others follow it."""
    for number, case in enumerate(waiting):
        if number == 0:
            _step(case, "unmerge", told)
        else:
            _step(case, "relead", told, into=waiting[0].code)


def _quorum(leader: Case, own: list[Case], told: Told) -> None:
    voices = [together.Voice(case.opened_at, str(case.facts.get("word") or "")) for case in (leader, *own) if case.state != "joined"]
    count = together.quorum(voices)
    against = any(case.facts.get("word") == "not" for case in own)  # the leading one alone is reopened by its own judgement
    if count["reached"] and against and not leader.facts.get("quorum"):
        _step(leader, "quorum", told, **{name: count[name] for name in ("spoke", "not_solved", "silent")})


@on("matter.push_refused")
def pushed_down(events: list[Told]) -> None:
    """Count the refused attempts to push a matter down to a village."""
    pushed.keep(events)


@on("matter.reject_glass")
def strike(events: list[Told]) -> None:
    """Remember it against the person whose breaking of the glass was rejected; once an event."""
    for told in events:
        body = Body.objects.filter(county=told.county, case_id=told.case_id, n=told.n).values_list("text", flat=True)
        for text in body:
            glass_kept.strike(told.county, told.case_id, told.n, json.loads(text)["note"]["of"], told.at)
