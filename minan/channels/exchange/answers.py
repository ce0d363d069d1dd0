"""What goes back to a partner: made once for the event that says it, its words read from the case when it leaves, scrubbed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape

from django.db import transaction
from django.db.models import Max

from minan.channels.exchange.models import Foreign, Sent
from minan.channels.exchange.partners import JOINED, OTHER, Partner
from minan.kernel import directory, registry
from minan.kernel.directory import LOCAL
from minan.kernel.models import Body, Case
from minan.kernel.scrub import scrub
from minan.lib import codes, csvsafe
from minan.lib.uuid7 import uuid7

ANSWER = "answer"
# The step of a case's procedure that a partner must hear of → what it is to it. Of one that was joined to another it hears when
# that one is answered, by its own number.
TOLD = {
    "answer": ANSWER, "settle": ANSWER, "resend": ANSWER, "follow_answer": ANSWER, "refuse": "not_accepted",
    "withdraw": "withdrawn", "return_out": "returned", "pass_on": "passed_on",
    "mediate": "passed_on",
}  # fmt: skip
FIXED = {
    "withdrawn": "说事人已撤回。", "passed_on": "已按规定转有关部门办理。",
}  # fmt: skip
CODED = re.compile(r"[0-9A-Za-z]{5}[- ]?[0-9A-Za-z]{5}[- ]?[0-9A-Za-z]{5}")
WORDS_MOST = 4000
UNFIT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Erased(Exception):
    """The words are gone (their time of keeping is over): there is nothing left to send."""


def make(partner: Partner, foreign: Foreign, kind: str, n: int, now: datetime) -> Sent | None:
    """The message of event `n`, once; call inside the transaction that heard of it. None: nothing goes for it.

    A first answer that still waits is replaced by the newer one; one that left is followed only where the partner takes a second.
    """
    if Sent.objects.filter(foreign=foreign, n=n).exists():
        return None
    before = list(Sent.objects.select_for_update().filter(foreign=foreign).order_by("round"))
    said = any(one.state in ("sent", "accepted") and one.kind != "returned" for one in before)
    if (kind == "returned" and any(one.kind == "returned" for one in before)) or (said and not partner.second_answer):
        return None
    last = next((one for one in reversed(before) if one.state in ("sent", "accepted", "refused", "parked")), None)
    drop_waiting(foreign)
    Sent.objects.filter(foreign=foreign, state__in=("refused", "parked")).update(state="replaced", next_at=None)
    return Sent.objects.create(
        id=uuid7(), foreign=foreign, partner=partner.code, county=foreign.county, kind=kind, n=n, made_at=now, next_at=now,
        round=1 + (Sent.objects.filter(foreign=foreign).aggregate(m=Max("round"))["m"] or 0), replaces=last.id if last else None,
    )  # fmt: skip


def drop_waiting(foreign: Foreign) -> int:
    """What has not left yet need not leave any more. What is just leaving has tries, and stays."""
    return Sent.objects.filter(foreign=foreign, state="waiting", tries=0, batch="").update(
        state="replaced", next_at=None
    )


def _body(case: Case, n: int) -> dict[str, Any]:
    text = Body.objects.filter(county=case.county, case_id=case.id, n=n).values_list("text", flat=True).first()
    if text is None:
        raise Erased
    found: dict[str, Any] = json.loads(text)
    return found


def clean(text: str, own: str = "") -> str:
    """Words fit to leave the house: scrubbed once more, and no code of any case but this one's."""

    def hide(found: re.Match[str]) -> str:
        code = codes.parse(found[0])
        return found[0] if code is None or code == own else "［另一件］"

    return CODED.sub(hide, scrub(text))[:WORDS_MOST]


def _outcome(case: Case, facts: dict[str, Any], partner: Partner, kind: str) -> tuple[str, str]:
    """(the partner's word, ours) for what became of it."""
    name = str(facts.get("outcome") or case.outcome or OTHER) if kind == ANSWER else kind
    theirs = partner.outcomes.get(name) or partner.outcomes.get(OTHER, name)
    if kind == ANSWER and case.merged_into:
        theirs = partner.outcomes.get(JOINED) or theirs
    procedure = registry.get(case.procedure)
    step = procedure.step("answer") if procedure else None
    labels = {v: w.zh for f in (step.fields if step else ()) for v, w in f.options if f.name == "outcome"}
    return theirs, labels.get(name, theirs)


def _ground(facts: dict[str, Any]) -> str:
    ground = directory.city().grounds.get(str(facts.get("ground", "")))
    return str(ground.label) if ground is not None else ""


def _sent(sent: Sent) -> dict[str, str]:
    return {
        "message_id": sent.id.hex, "replaces": sent.replaces.hex if sent.replaces else "", "number": sent.foreign.number,
        "answered_at": sent.made_at.astimezone(LOCAL).isoformat(timespec="seconds"), "round": str(sent.round),
    }  # fmt: skip


def values(partner: Partner, sent: Sent) -> dict[str, str]:
    """Every value an answer's columns may carry. Raises Erased."""
    foreign = sent.foreign
    if sent.kind == "passed_on":  # of a report, and nothing here leads to it; or of a matter of which nothing may be said any more
        result = partner.outcomes.get(sent.kind) or partner.outcomes.get(OTHER, sent.kind)
        return _sent(sent) | dict.fromkeys(("code", "ground", "article", "unit"), "") | {
            "result": result, "result_words": result, "words": FIXED[sent.kind],
        }  # fmt: skip
    case = Case.objects.get(county=foreign.county, id=foreign.case_id)
    body = _body(case, sent.n)
    facts = body.get("note", {}) | body.get("facts", {})  # what was proposed before is noted with the decision
    result, ours = _outcome(case, facts, partner, sent.kind)
    words = FIXED.get(sent.kind) or clean(str(facts.get("words", "")), case.code)
    office = directory.office(case.unit or case.desk)
    return _sent(sent) | {
        "code": codes.pretty(case.code), "result": result, "result_words": ours, "words": words,
        "ground": _ground(facts), "article": clean(str(facts.get("article", "")), case.code), "unit": office.name if office else "",
    }  # fmt: skip


def row(partner: Partner, sent: Sent) -> dict[str, str]:
    """The answer in the partner's own columns, in their order. Raises Erased."""
    found, echo, out = values(partner, sent), sent.foreign.echo, {}
    for column, value in partner.answer:
        out[column] = (
            echo.get(value[5:], "")
            if value.startswith("echo:")
            else value[5:]
            if value.startswith("text:")
            else found[value]
        )
    return out


def written(partner: Partner, rows: Sequence[dict[str, str]]) -> bytes:
    """The rows as a file in the partner's format; the same rows give the same bytes."""
    if partner.format == "json":
        return json.dumps({"items": list(rows)}, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    if partner.format == "csv":
        names = [column for column, _ in partner.answer]
        return "".join(csvsafe.lines([names, *([one[name] for name in names] for one in rows)])).encode(
            "utf-8", "replace"
        )
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<items>"]
    for one in rows:
        cells = "".join(f"<{column}>{escape(UNFIT_XML.sub('', text))}</{column}>" for column, text in one.items())
        lines.append(f"  <item>{cells}</item>")
    return "\n".join([*lines, "</items>", ""]).encode("utf-8", "replace")


def heard(told: Sequence[Any], partners: dict[str, Partner]) -> int:
    """Make the messages of these events; the worker calls it in the transaction that hands events out. Twice heard is made once."""
    mine = [one for one in told if one.name.split(".", 1)[1] in TOLD]
    rows = (
        {row.case_id: row for row in Foreign.objects.filter(case_id__in={one.case_id for one in mine})} if mine else {}
    )
    made = 0
    for one in mine:
        foreign, step = rows.get(one.case_id), one.name.split(".", 1)[1]
        partner = partners.get(foreign.partner) if foreign is not None else None
        if foreign is None or partner is None or foreign.state == "cancelled":
            continue
        with transaction.atomic():
            made += make(partner, foreign, TOLD[step], one.n, one.at) is not None
            state = "answered" if TOLD[step] == ANSWER else "returned" if TOLD[step] == "returned" else "ended"
            if foreign.state != state and step != "resend":
                Foreign.objects.filter(id=foreign.id).update(state=state)
    return made


def find(partner: str, message: str) -> Sent | None:
    """The message of this id, as the partner names it; None where there is none."""
    try:
        return Sent.objects.select_related("foreign").filter(partner=partner, id=UUID(hex=message.strip())).first()
    except ValueError:
        return None
