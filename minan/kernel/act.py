"""THE ONE DOOR: `open_case` and `act`. Check, then one guarded write, then the event; nothing else changes a case.

Order of `act`: a stranger gets `Case.DoesNotExist` before anything about the case is said; then whether this step is
possible from this state, for these roles; then the facts; then the pure rules; then the write, guarded by the number of
the last event. Who was slower looks again, and is told so where the step moves something they had not seen.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction

from minan.kernel import (
    access,
    attachments,
    codewords,
    directory,
    family,
    hiding,
    looks,
    opening,
    registry,
    reminders,
    serials,
    vault,
)
from minan.kernel import facts as fact_checks
from minan.kernel.access import CLOCK, Actor
from minan.kernel.clocks import Clocks
from minan.kernel.directory import PostRow
from minan.kernel.draft import READ, Draft, hour
from minan.kernel.facts import Facts
from minan.kernel.models import Case, Event
from minan.kernel.procedure import Step, Words
from minan.kernel.refusal import FASTER, UNFIT, Refused
from minan.lib.uuid7 import uuid7_at

__all__ = ["Opened", "Refused", "act", "open_case"]
RECORDED = {"not_pushed_down": "push_refused", "code_fits": "code_missed"}  # refusals that become an event of the case: rule → step
TRIES = 12  # how often a step looks again when somebody was faster

GONE = Words("这类事的程序已经撤下，只能查看", "This kind of procedure was removed; the case can only be read")
NOT_YOURS = Words("这一步不归您办", "This step is not yours to take")
NOT_NOW = Words("现在这一步走不了：它已经到了“{state}”", "This step is not possible now: the case is already “{state}”")
CLOSED = ("confidential", "sealed")
# Account, known, capability, by_hand and language of who speaks without a name: nothing that two cases could have in common.
NAMELESS: tuple[str, None, str, bool, str] = ("", None, "", False, "zh-hans")
BARRED = Words(
    "这个单位是被说到的，或者归它管，不能交给它",
    "This unit is the one complained about, or stands under it: it cannot be given the case",
)


@dataclass(frozen=True, slots=True)
class Opened:
    case: Case
    event: Event
    secret: str


def _now(at: datetime | None) -> datetime:
    return (at or datetime.now(UTC)).astimezone(UTC)


def _same_key(county: str, key: str | None) -> Event | None:
    return Event.objects.filter(county=county, key=key).first() if key else None




def _take(
    draft: Draft,
    step: Step,
    given: Facts,
    who: Actor,
    roles: Mapping[str, PostRow | None],
    key: str,
    at: datetime,
    extra: dict[str, Any],
    walls: tuple[str, ...] = (),
) -> None:
    """The step with those it takes along before it and those that follow by themselves, all in one draft."""
    names, post = frozenset(roles), roles[family.may(step, roles)] if family.may(step, roles) else None
    for name in step.takes:
        before = draft.procedure.step(name)
        if before is not None and draft.case["state"] in before.sources:
            ask = draft.ask(before, given.open, names, post, who, at)
            draft.take(before, ask, Facts(), access.by(who, post), f"{key}:{name}", {"with": step.name})
    ask = draft.ask(step, given.open, names, post, who, at)
    draft.take(step, ask, given, access.by(who, post), key, extra, walls)
    following = step.then(draft.ask(step, given.open, names, post, who, at)) if step.then else ""
    if following:
        after = draft.procedure.step(following)
        assert after is not None
        ask = draft.ask(after, {}, frozenset({"clock"}), None, CLOCK, at)
        draft.take(after, ask, Facts(), "clock", f"{key}:{following}")


def act(
    case: Case, name: str, *, by: Actor, facts: Mapping[str, Any] | None = None, key: str | None = None,
    moves: int | None = None, at: datetime | None = None, clock: str = "", beside: Mapping[str, str] | None = None,
) -> Event | Refused:  # fmt: skip
    """Take the step `name` on `case` as `by`; the same `key` gives the same event again.

    `moves` is the counter the caller saw: where the step moves state or clock and it differs, 409. `clock` names the due
    clock a step by the clock answers. `case` is used as read and stands afterwards as it became.
    `beside` stands in the event's note: what the taker says of it themselves, such as when it was done; no clock asks for it.
    Raises Case.DoesNotExist for a stranger, equal to a case that is not there.
    """
    at, event_key = hour(_now(at)) if case.anonymous else _now(at), key or secrets.token_hex(16)
    for turn in range(TRIES):
        seen = case if turn == 0 else Case.objects.get(county=case.county, id=case.id)
        try:
            result = _try(seen, name, by, facts or {}, event_key, moves, at, clock, beside)
        except Case.DoesNotExist:
            if turn == 0:  # what the caller read may be old: nobody is sent away without a fresh look
                continue
            raise
        if isinstance(result, Refused):
            if (first := _same_key(case.county, key)) and first.case_id == case.id:
                return first
            if turn == 0:  # as above
                continue
        if isinstance(result, Event):
            case.__dict__.update({name: getattr(seen, name) for name in READ})
        if isinstance(result, Refused) and result.rule in RECORDED:
            _record(seen, name, by, facts or {}, event_key, at, RECORDED[result.rule])
        if result is not None:
            return result
    return Refused(FASTER, 409)


def _record(case: Case, tried: str, who: Actor, facts: Mapping[str, Any], key: str, at: datetime, step: str) -> None:
    """A refusal that stands on the record: which unit tried what, by an event of the clock; the same key counts once."""
    procedure = registry.get(case.procedure)
    if procedure is None or procedure.step(step) is None or procedure.state(case.state).final:
        return
    roles, declared = access.roles_of(who, case.as_view()), procedure.step(tried)
    post = roles[family.may(declared, roles)] if declared is not None else None
    to = [facts.get("unit"), *(many if isinstance(many := facts.get("with"), list) else [])]
    low = [unit for unit in to if (office := directory.office(str(unit or ""))) is not None and office.kind == directory.POINT]
    said = {"by": post.unit if post else "", "to": low[0] if low else "", "tried": tried}
    act(case, step, by=CLOCK, facts=said, key=f"{key}:{step}"[-80:], at=max(at, case.changed_at))


def _try(
    case: Case, name: str, who: Actor, given: Mapping[str, Any], key: str, moves: int | None, at: datetime, clock: str,
    beside: Mapping[str, str] | None,
) -> Event | Refused | None:
    """One attempt on the case as read, which is brought up to date; None: somebody was faster, look again."""
    roles = access.roles_of(who, case.as_view())
    if not roles:
        raise Case.DoesNotExist("Case matching query does not exist.")
    procedure = registry.get(case.procedure)
    if procedure is None:
        return Refused(GONE, 403)
    step = procedure.step(name)
    if step is None or not family.may(step, roles):
        return Refused(NOT_YOURS, 403)
    if step.moves and moves is not None and moves != case.moves:
        return Refused(FASTER, 409)
    if step not in procedure.steps_from(case.state):
        label = procedure.state(case.state).label
        return Refused(
            Words(NOT_NOW.zh.format(state=label.zh), NOT_NOW.en.format(state=label.en)),
            409 if step.moves else 422,
            "state",
        )
    closed = bool(case.privacy) and who.kind == "speaker"
    checked = fact_checks.clean(step, given, closed=closed, kind=case.kind, edition=case.edition, nameless=case.anonymous)
    if checked.errors:
        return Refused(UNFIT, 422, "facts", checked.errors)
    if case.walls and _handed_to_barred(step, checked, case.walls):
        return Refused(BARRED, 422, "walls")
    draft = Draft.of(procedure, case)
    ask = draft.ask(step, checked.open, frozenset(roles), roles[family.may(step, roles)], who, at)
    refused = family.broken(step, ask)
    if refused is not None:
        looks.alarm(refused.rule, ask)
        return refused
    if step.hides and (words := hiding.refused(case, procedure, step, checked)):
        return Refused(words, 422, "hides", {step.hides[-1]: words})
    attachments.store(checked.pictures)
    done = _finish(draft, step, checked, who, roles, key, at, clock, beside)
    if isinstance(done, Event) and any(e["id"] == done.id for e in draft.events):
        case.__dict__.update(draft.case)
    return done


def _handed_to_barred(step: Step, checked: Facts, walls: list[str]) -> bool:
    """Whoever stands behind a wall is given the case by no step; naming them as the one complained about is another thing."""
    named = [
        checked.open[f.name] for f in step.fields if f.type == "unit" and f.source != "about" and f.name in checked.open
    ]
    named += [unit for f in step.fields if f.type == "units" for unit in checked.open.get(f.name, ())]
    return any(access.barred(unit, walls) for unit in named)


def _finish(
    draft: Draft,
    step: Step,
    checked: Facts,
    who: Actor,
    roles: Mapping[str, PostRow | None],
    key: str,
    at: datetime,
    clock: str,
    beside: Mapping[str, str] | None,
) -> Event | Refused | None:
    extra: dict[str, Any] = dict(beside or {}) | ({"clock": clock} if clock else {})
    try:
        with transaction.atomic() if step.number or step.folds else nullcontext():
            if step.number:
                post = roles[family.may(step, roles)]
                extra["number"] = serials.number(post.unit if post else draft.case["desk"], step.number, at)
            elif step.folds and clock:
                extra["number"] = reminders.number(draft.procedure, clock, draft.case, at)
            n = len(draft.events)
            if clock:
                draft.clocks.told(clock, draft.procedure.clock(clock), at)
            _take(draft, step, checked, who, roles, key, at, extra)
            taken = next(e for e in draft.events[n:] if e["step"] == step.name)
            post = roles[family.may(step, roles)]
            kin = family.kin(draft, access.by(who, post), post, who, key, at)
            if isinstance(kin, Refused) or not family.commit([draft, *kin]):
                if step.number or step.folds:
                    transaction.set_rollback(True)
                return kin if isinstance(kin, Refused) else None
    except IntegrityError:
        first = _same_key(draft.case["county"], key)
        return Refused(FASTER, 409) if first and first.case_id != draft.case["id"] else first  # the key of another case is none here
    return Event(**taken)


def open_case(
    name: str, *, by: Actor, facts: Mapping[str, Any], channel: str = "web", key: str | None = None, at: datetime | None = None,
    said_at: datetime | None = None, lang: str = "zh-hans", account: str = "", where: tuple[float, float] | None = None,
    secret: str | None = None, known: Mapping[str, str] | None = None, history: bool = False, capability: str = "",
    privacy: str = "", anonymous: bool = False, by_hand: bool = False, child_of: Case | None = None, paper: tuple[str, str] = ("", ""),
) -> Opened | Refused:  # fmt: skip
    """Open a case by the opening step of procedure `name`; the same `key` gives the same case, with an empty secret.

    `where` is (lon, lat) in WGS-84; `account` names the signed-in resident; `secret` the speaker's own, else a new one is made;
    `known` is what a channel knows of the speaker besides the step's own fields (a mail address): it goes to the vault.
    `capability` is the hash (vault.secret_mark) of what the speaker's own browser made to judge with; without it the secret
    serves, marked as issued by the server, or by staff where staff take the matter in or somebody of the staff is signed in
    on the page for residents (`by_hand`): what they bring along as a capability does not count. `privacy` is "", "confidential" or
    "sealed"; of an `anonymous` case no moment finer than the hour is kept, no account, name, phone or language, and its secret is a
    codeword (codewords.py) that judges as well.
    What is confidential or sealed is kept in the vault alone. A kind that is turned to a unit whose procedure takes such cases in
    is opened by that procedure. `child_of`: followed with the secret and account of that one, as closed, behind its walls.
    `paper`: the code and the verifier (codewords.verifier) of a slip printed before; who has its stub follows with the codeword on it.
    `history` keeps it by the procedure's archive step instead: closed at once, no clocks, nobody told, in no count.
    """
    at, procedure = _now(at), registry.get(name)
    if procedure is None:
        return Refused(GONE, 403)
    procedure = procedure if history else opening.turned(procedure, facts)
    if anonymous:
        at, said_at = hour(at), said_at and hour(said_at)
        account, known, capability, by_hand, lang = NAMELESS
        secret = codewords.read(secret or "") or codewords.of(secrets.token_bytes(16))
    step = (procedure.step(procedure.archive) if history else None) or procedure.opening
    post = access.intake_post(by) if by.kind == "staff" else None
    roles: dict[str, PostRow | None] = {"intake": post} if post else {by.kind: None} if by.kind != "staff" else {}
    if not family.may(step, roles):
        return Refused(NOT_YOURS, 403)
    ticked = "confidential" if fact_checks.ticked(step, facts, "confidential") else ""
    privacy = procedure.privacy or privacy or ticked or family.inherited(procedure, child_of)
    checked = fact_checks.clean(step, facts, closed=privacy in CLOSED, nameless=anonymous)
    if checked.errors:
        return Refused(UNFIT, 422, "facts", checked.errors)
    if anonymous:
        named = {f.name for f in step.fields if f.sealed}
        checked.sealed = {name: value for name, value in checked.sealed.items() if name not in named}
    checked.sealed |= {name: value for name, value in (known or {}).items() if value}
    case = opening.placed(procedure, checked, post, channel, at, said_at, where if privacy not in CLOSED else None)
    case |= {"privacy": privacy, "anonymous": anonymous, "parent": child_of.id if child_of else None, "code": paper[0] or case["code"]}
    if anonymous:
        case["id"] = uuid7_at(at.timestamp())
    if where is not None and privacy in CLOSED:
        checked.sealed["say.where"] = list(where)
    draft = Draft(procedure, case, Clocks([]), None, {})
    draft.clocks.new_id = draft.new_id
    refused = family.broken(step, draft.ask(step, checked.open, frozenset(roles), post, by, at))
    if refused is not None:
        return refused
    if by.kind == "staff" or by_hand:
        capability, issued = "", "staff"
    else:
        issued = "speaker" if capability else "server"
    like = opening.marks_of(child_of) if child_of is not None else {"secret": paper[1]} if paper[1] else {}
    given = (lang, account, capability, issued)
    return _open(draft, step, checked, by, roles, key, at, secret or vault.secret(), *given, like)


def _open(
    draft: Draft,
    step: Step,
    checked: Facts,
    by: Actor,
    roles: Mapping[str, PostRow | None],
    key: str | None,
    at: datetime,
    secret: str,
    lang: str,
    account: str,
    capability: str,
    issued: str,
    like: Mapping[str, Any],
) -> Opened | Refused:
    case = draft.case
    mark = like.get("secret") or opening.mark_of(case, secret)
    capability, issued = like.get("capability") or capability or mark, like.get("issued") or issued
    first = {"secret": mark, "cap": capability, "cap_by": issued, "channel": case["channel"]}
    attachments.store(checked.pictures)
    _take(draft, step, checked, by, roles, key or case["id"].hex, at, first, tuple(like.get("walls", ())))
    owner, account_too = vault.owner_or_later(account)
    opening.speaker(
        draft, mark, capability, issued, owner=like.get("owner") or owner, lang=like.get("lang") or lang, account=account_too
    )
    post = roles[family.may(step, roles)] if family.may(step, roles) else None
    kin = family.kin(draft, access.by(by, post), post, by, key or case["id"].hex, at)
    if isinstance(kin, Refused):
        return kin
    try:
        family.commit([draft, *kin])
    except IntegrityError:
        event = _same_key(case["county"], key)
        if event is None:
            raise
        return Opened(Case.objects.get(county=event.county, id=event.case_id), event, "")
    return Opened(Case(**case), Event(**draft.events[0]), secret)
