"""One row becomes one case, a supplement to it, or nothing new; planned first (for the preview), then done, by the same rules."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from minan.channels.exchange import answers
from minan.channels.exchange.mapping import Matter, Unfit, read
from minan.channels.exchange.models import Foreign
from minan.channels.exchange.partners import Partner
from minan.channels.exchange.tables import Row
from minan.kernel import access, act, registry, speakers, vault
from minan.kernel import facts as fact_checks
from minan.kernel.directory import LOCAL
from minan.kernel.models import Case, Event
from minan.kernel.procedure import Words
from minan.lib.text import neutral

OPENED, MORE, SAME, AGAIN, CANCELLED, REJECTED = "opened", "more", "same", "again", "cancelled", "rejected"
WHATS = (OPENED, MORE, AGAIN, CANCELLED, SAME, REJECTED)
SEEN_MOST = 60  # contents remembered of one number
CHANGING = ("text", "title", "deadline", "name", "phone", "address", "place_words", "place", "kind")
CHANNEL = "exchange"
NOT_YOURS = Words("不在本县，请交给市中心", "not in this county; it belongs to the city's centre")


@dataclass(slots=True)
class Plan:
    """What will happen to one row, or did."""

    row: Row
    what: str
    why: Words | None = None
    matter: Matter | None = None
    foreign: Foreign | None = None
    hints: list[Words] = field(default_factory=list)
    opened: act.Opened | None = None
    number: str = ""  # as the row says it, also where nothing else of it can be read


def key_of(partner: str, number: str, what: str = "open") -> str:
    """The door's key: one number, one case, whichever file or call brings it. Keyed, for numbers can be guessed one after another."""
    text = f"exchange\0key\0{partner}\0{number}\0{what}".encode("utf-8", "surrogatepass")
    return "foreign:" + hmac.digest(vault.reply_key(), text, "sha256").hex()[:48]


def _refused(refused: act.Refused, partner: Partner) -> Words:
    """The door's reason in the columns' own names."""
    said = [
        Words(f"{partner.fields.get(name, name)}：{w.zh}", f"{partner.fields.get(name, name)}: {w.en}")
        for name, w in refused.errors.items()
    ]
    said = said or [refused.reason]
    return Words("；".join(w.zh for w in said), "; ".join(w.en for w in said))


def _fits(partner: Partner, matter: Matter) -> Words | None:
    """What the opening step would say to these facts, without opening anything."""
    procedure = registry.get(partner.procedure)
    if procedure is None:
        return act.GONE
    errors = fact_checks.clean(procedure.opening, matter.facts).errors
    if not errors and matter.facts.get("confidential") and not matter.facts.get("place"):
        errors = {"confidential": Words("保密的要写明区划代码", "a confidential matter needs its place")}
    return _refused(act.Refused(act.UNFIT, 422, "facts", errors), partner) if errors else None


def _known(matter: Matter, foreign: Foreign) -> str:
    """What a number we have means now."""
    if matter.cancelled:
        return SAME if foreign.state in ("cancelled", "returned", "ended") else CANCELLED
    if foreign.state == "returned":  # they send it again whatever it says: they insist
        return AGAIN if not foreign.sent.filter(kind="returned", state="waiting").exists() else SAME
    return SAME if matter.mark in foreign.seen else MORE


def _elsewhere(found: Plan, county: str) -> bool:
    """A county's centre brings in what lies in its county; of a number that is known, what counts is where its matter lies."""
    if not county or found.matter is None:
        return False
    place = found.matter.facts.get("place", "")
    return found.foreign.county != county if found.foreign is not None else bool(place and not place.startswith(county))


def plan(partner: Partner, row: Row, now: datetime, known: dict[str, Foreign], county: str = "") -> Plan:
    """What would happen to this row just now; `known`: the partner's numbers that are here already.

    `county`: whose centre brings it (six digits); "" for the city's centre and for the partner itself, who bring in for all.
    """
    matter, unfit = _read(partner, row, now)
    return unfit or _meant(partner, row, matter, known.get(matter.number), county)


def _read(partner: Partner, row: Row, now: datetime) -> tuple[Matter, Plan | None]:
    """The row as a matter, or what is wrong with it."""
    number = neutral(row.get(partner.fields["number"], "")).strip()[:64]
    try:
        return read(partner, row, now), None
    except Unfit as unfit:
        return Matter(number), Plan(row, REJECTED, unfit.words, number=number)


def _meant(partner: Partner, row: Row, matter: Matter, foreign: Foreign | None, county: str) -> Plan:
    found = Plan(row, REJECTED, matter=matter, foreign=foreign, number=matter.number)
    if _elsewhere(found, county):
        found.why, found.foreign = NOT_YOURS, None
    elif foreign is not None:
        found.what, found.hints = _known(matter, foreign), matter.hints
    elif matter.cancelled:
        found.why = Words("对方撤销了一件我们没有收到过的", "it cancels a number that never came here")
    else:
        found.why, found.hints = _fits(partner, matter), matter.hints
        found.what = REJECTED if found.why else OPENED
    return found


def held(partner: Partner, numbers: Iterable[str]) -> dict[str, Foreign]:
    """The partner's numbers that are here. One query."""
    rows = Foreign.objects.filter(partner=partner.code, number__in=list(numbers))
    return {row.number: row for row in rows}


def take(partner: Partner, row: Row, now: datetime, way: str, county: str = "") -> Plan:
    """Do what `plan` says, all or nothing. Two who bring the same number at once: the slower one finds it there."""
    matter, unfit = _read(partner, row, now)
    if unfit is not None:
        return unfit
    for _turn in range(3):
        found = _meant(partner, row, matter, held(partner, [matter.number]).get(matter.number), county)
        if found.what in (SAME, REJECTED):
            return found
        try:
            with transaction.atomic():
                return _open(partner, found, now, way) if found.what == OPENED else TAKES[found.what](partner, found, now)
        except IntegrityError:  # somebody was faster: look again
            continue
        except _Rejected as rejected:  # taken back whole
            return Plan(row, REJECTED, rejected.words, matter, number=matter.number)
    return Plan(row, REJECTED, act.FASTER, matter, number=matter.number)


class _Rejected(Exception):
    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


def case_of(foreign: Foreign) -> Case:
    return Case.objects.get(county=foreign.county, id=foreign.case_id)


def _when(matter: Matter) -> dict[str, Any]:
    """The deadline as a step takes it: the day people read, and the moment the clock needs."""
    if matter.due is None:
        return {}
    last = matter.due.astimezone(LOCAL)
    return {"due": last.date().isoformat(), "until": last.isoformat(sep=" ", timespec="minutes")}


def _step(case: Case, name: str, facts: dict[str, Any], key: str, now: datetime) -> Event:
    """A step by the clock that must be possible; it is never older than what the case already lived through."""
    done = act.act(case, name, by=access.CLOCK, facts=facts, key=key, at=max(now, case.changed_at))
    if isinstance(done, act.Refused):
        raise _Rejected(Words(f"{done.reason.zh}（{name}）", f"{done.reason.en} ({name})"))
    return done


def _open(partner: Partner, found: Plan, now: datetime, way: str) -> Plan:
    matter = found.matter
    assert matter is not None
    foreign = Foreign.objects.create(  # first: who is slower fails here, before anything is opened
        partner=partner.code, number=matter.number, received_at=now, way=way, mark=matter.mark, marks=matter.marks, seen=[matter.mark],
        echo=matter.echo, due_at=matter.due,
    )  # fmt: skip
    opened = act.open_case(
        partner.procedure, by=access.SPEAKER, facts=matter.facts, channel=CHANNEL, key=key_of(partner.code, matter.number), at=now,
        said_at=matter.said_at,
    )  # fmt: skip
    if isinstance(opened, act.Refused):
        raise _Rejected(_refused(opened, partner))
    foreign.county, found.what, found.foreign = opened.case.county, OPENED, foreign
    if opened.case.procedure != partner.procedure:
        # A report against an official: nothing here leads to it, the number is over like any other. The one word that goes back
        # needs no case; an addition finds it by the key alone (_added).
        foreign.state, foreign.due_at = "ended", None
        foreign.save()
        answers.make(partner, foreign, "passed_on", 1, now)
        return found
    foreign.case_id, found.opened = opened.case.id, opened
    facts = _when(matter) | {"sender": partner.name, "number": matter.number, "hush": not partner.tells_speaker}
    _step(opened.case, "came_in", facts, key_of(partner.code, matter.number, "came"), now)
    foreign.save()
    return found


def _remember(foreign: Foreign, matter: Matter) -> list[str]:
    """Keep the new content's marks; returns which fields differ from the last one."""
    differs = [name for name in CHANGING if matter.marks.get(name) != foreign.marks.get(name)]
    foreign.mark, foreign.marks = matter.mark, matter.marks
    foreign.seen = [*foreign.seen, matter.mark][-SEEN_MOST:]
    foreign.echo = matter.echo
    if "deadline" in differs and foreign.case_id is not None:
        foreign.due_at = matter.due
    return differs


def _words(differs: list[str], matter: Matter) -> str:
    """What is new, in words a clerk reads; the step's field takes out what identifies a speaker."""
    said = [str(matter.facts["text"])] if {"text", "title"} & set(differs) else []
    named = {
        "deadline": "时限",
        "place_words": "地点",
        "place": "地点",
        "kind": "分类",
        "name": "称呼",
        "phone": "电话",
        "address": "住址",
    }
    other = list(dict.fromkeys(named[name] for name in differs if name in named))
    if "place_words" in differs and matter.facts.get("place_words"):
        said.append(f"地点：{matter.facts['place_words']}")
    return "\n".join([*said, *([f"改了：{'、'.join(other)}"] if other else [])])[:4000]


def _added(partner: Partner, foreign: Foreign, matter: Matter, words: str, now: datetime) -> None:
    """Hand an addition to a sealed report, as its speaker's: the words go to its vault, and to nobody else."""
    over = _Rejected(Words("这个编号已经办结，补充请用新的编号送", "this number is over; send additions under a new one"))
    event = Event.objects.filter(county=foreign.county, key=key_of(partner.code, foreign.number), n=1).first()
    case = Case.objects.filter(county=foreign.county, id=event.case_id).first() if event is not None else None
    case = speakers.passed_to(case) if case is not None and case.privacy == "passed" else case
    if case is None:
        raise over
    key = key_of(partner.code, foreign.number, matter.mark)
    done = act.act(case, "add", by=access.SPEAKER, facts={"words": words}, key=key, at=max(now, case.changed_at))
    if isinstance(done, act.Refused):
        raise over


def _more(partner: Partner, found: Plan, now: datetime) -> Plan:
    matter, foreign = found.matter, Foreign.objects.select_for_update().get(id=found.foreign.id)  # type: ignore[union-attr]
    assert matter is not None
    if matter.mark in foreign.seen:
        found.what = SAME
        return found
    differs = _remember(foreign, matter)
    personal = {
        name: matter.facts[name] for name in ("name", "phone", "address") if name in differs and matter.facts.get(name)
    }
    if foreign.case_id is None or case_of(foreign).privacy == "passed":
        _added(partner, foreign, matter, "\n".join([_words(differs, matter), *map(str, personal.values())]), now)
        foreign.save()
        return found
    facts = {"words": _words(differs, matter)} | personal | (_when(matter) if "deadline" in differs else {})
    _step(case_of(foreign), "more_in", facts, key_of(partner.code, matter.number, matter.mark), now)
    foreign.save()
    found.foreign = foreign
    return found


def _again(partner: Partner, found: Plan, now: datetime) -> Plan:
    matter, foreign = found.matter, Foreign.objects.select_for_update().get(id=found.foreign.id)  # type: ignore[union-attr]
    assert matter is not None
    if foreign.state != "returned":
        found.what = SAME
        return found
    _remember(foreign, matter)
    taken_back(partner, foreign, matter.facts["text"], _when(matter), now)
    foreign.due_at = matter.due
    foreign.save()
    found.foreign = foreign
    return found


def taken_back(partner: Partner, foreign: Foreign, words: str, when: dict[str, Any], now: datetime) -> None:
    """What was returned is here again, for good; the caller saves `foreign`."""
    _step(
        case_of(foreign), "in_again", {"words": words[:4000]} | when, key_of(partner.code, foreign.number, "again"), now
    )
    foreign.state = "open"


def _cancel(partner: Partner, found: Plan, now: datetime) -> Plan:
    matter, foreign = found.matter, Foreign.objects.select_for_update().get(id=found.foreign.id)  # type: ignore[union-attr]
    assert matter is not None
    if foreign.state in ("cancelled", "ended", "returned"):
        found.what = SAME
        return found
    case = case_of(foreign)
    if case.open and foreign.state == "open":
        _step(case, "cancelled_in", {}, key_of(partner.code, foreign.number, "cancel"), now)
    answers.drop_waiting(foreign)
    foreign.state = "cancelled"
    foreign.save()
    found.foreign = foreign
    return found


TAKES = {MORE: _more, AGAIN: _again, CANCELLED: _cancel}
