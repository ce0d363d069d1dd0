"""What a phone sends when it is back: one record, taken once for its key, and told in full why where it is not taken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django.utils.translation import gettext

from minan.channels.field import receipt
from minan.channels.field.lists import JSON, offline, opened_by
from minan.kernel import access, pictures, registry, replies
from minan.kernel.act import Refused, act, open_case
from minan.kernel.facts import PHOTOS_MAX
from minan.kernel.labels import into
from minan.kernel.models import Case, User
from minan.kernel.pages import intake
from minan.kernel.procedure import Procedure, Step, Words
from minan.kernel.replies import Answer, Turn
from minan.lib import codes

W = Words
BODY_MOST = 200_000  # bytes of a record without its photos
OLDEST, AHEAD = timedelta(days=30), timedelta(days=1)  # a phone's clock outside of this is not believed at all
TORN = W("照片没有传完整，再传一次", "A photo did not arrive whole; send it again")
UNREAD = W("这条记录读不出来", "This record cannot be read")
MISSING = W("这件事已经不在您手里，或者找不到了", "This matter is no longer with you, or cannot be found")
ONLINE = W("这一步要在有网时到“我的活”里办", "This step is taken online, in “My tasks”")
NO_INTAKE = W("您的岗位不能登记新的事", "Your post takes no new matters in")


class Torn(Exception):
    """The body did not arrive as it was sent: 400, and the phone sends it again with the same key."""


@dataclass(slots=True)
class Record:
    """One record as it came."""

    mark: str  # by which the same body is known
    what: str
    code: str
    step: str
    facts: dict[str, Any]
    photos: list[bytes] = field(default_factory=list)
    moves: int | None = None
    done_at: datetime | None = None
    where: tuple[float, float] | None = None
    settle: bool = False


def problem(status: int, reason: str, *, rule: str = "", errors: Mapping[str, Words] | None = None) -> Answer:
    """A refusal as the phone keeps and shows it; a failure that trying again may cure is not kept."""
    told = {"status": status, "reason": reason, "rule": rule, "errors": {k: into(v) for k, v in (errors or {}).items()}}
    return Answer(status, json.dumps(told, ensure_ascii=False).encode(), keep=status < 500 and status not in (400, 429))


def _scalar(value: Any) -> bool:
    return isinstance(value, str | bool | int)


def _moment(text: Any) -> datetime | None:
    """The phone's own time of the act, where it can be one: within a month back and a day ahead of ours."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    now = timezone.now()
    return at if at.tzinfo is not None and now - OLDEST <= at <= now + AHEAD else None


def _where(value: Any) -> tuple[float, float] | None:
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(v, int | float) for v in value):
        return None
    lon, lat = float(value[0]), float(value[1])
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


def read(request: HttpRequest) -> Record:
    """The record of a multipart body: `body` (JSON) and the files `photos`, whose SHA-256 the body names. Raises Torn."""
    try:
        raw = str(request.POST.get("body", ""))
        files = [upload.read() for upload in request.FILES.getlist("photos")]
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        raise Torn from None
    try:
        said = json.loads(raw) if len(raw) <= BODY_MOST else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("facts"), dict):
        raise Torn
    marks = [hashlib.sha256(file) for file in files]
    if said.get("photos", []) != [mark.hexdigest() for mark in marks]:
        raise Torn
    moves = said.get("moves")
    return Record(
        replies.body_of(b"field", raw.encode("utf-8", "replace"), *(mark.digest() for mark in marks)),
        str(said.get("what", "")), codes.parse(str(said.get("code", ""))) or "-", str(said.get("step", ""))[:40],
        {str(name): value for name, value in said["facts"].items() if _scalar(value)}, files,
        moves if isinstance(moves, int) and not isinstance(moves, bool) else None,
        _moment(said.get("done_at")), _where(said.get("where")), said.get("settle") is True,
    )  # fmt: skip


def _told(case: Case, status: int = 200, **more: Any) -> Answer:
    label = registry.label(case.procedure, case.version, "states", case.state)
    shown: JSON = {
        "code": case.code,
        "n": case.n,
        "moves": case.moves,
        "state": case.state,
        "state_label": into(label),
        **more,
    }
    return Answer(status, json.dumps(shown, ensure_ascii=False).encode())


def _refused(refused: Refused) -> Answer:
    return problem(refused.status, into(refused.reason), rule=refused.rule, errors=refused.errors)


def _facts(record: Record) -> dict[str, Any] | Answer:
    """What goes to the door, photos cleaned; or why one of them cannot be taken."""
    if len(record.photos) > PHOTOS_MAX:
        return problem(422, gettext("一次最多 %(n)d 张照片") % {"n": PHOTOS_MAX})
    try:
        cleaned = [pictures.clean(photo) for photo in record.photos]
    except pictures.Unfit as unfit:
        return problem(503 if unfit.reason == "busy" else 422, gettext(unfit.message))
    return record.facts | ({"photos": cleaned} if cleaned else {})


def _beside(record: Record) -> dict[str, str] | None:
    return {"done_at": record.done_at.isoformat(timespec="seconds")} if record.done_at else None


def _step(user: User, record: Record, turn: Turn) -> Answer:
    try:
        case = Case.objects.seen_by(user, record.code)
    except Case.DoesNotExist:
        return problem(404, into(MISSING))
    procedure = registry.get(case.procedure)
    step = procedure.step(record.step) if procedure else None
    if step is not None and not offline(step):
        return problem(422, into(ONLINE), rule="online")
    facts = _facts(record)
    if isinstance(facts, Answer):
        return facts
    try:
        done = act(
            case,
            record.step,
            by=access.actor(user),
            facts=facts,
            key=turn.key,
            moves=record.moves,
            beside=_beside(record),
        )
    except Case.DoesNotExist:
        return problem(404, into(MISSING))
    return _refused(done) if isinstance(done, Refused) else _told(Case.objects.get(id=case.id), event=done.n)


def _taking(user: User) -> tuple[Procedure, Step | None] | None:
    procedure = opened_by(user)
    return procedure and (procedure, intake.settling(procedure, next(iter(access.units_of(user)), "")))


def _finding(user: User, record: Record, turn: Turn) -> Answer:
    """What a worker found, and with `settle` what they did about it: both or neither."""
    taking = _taking(user)
    if taking is None:
        return problem(403, into(NO_INTAKE))
    procedure, settle = taking
    facts = _facts(record)
    if isinstance(facts, Answer):
        return facts
    who, now = access.actor(user), timezone.now()
    with transaction.atomic():
        opened = open_case(
            procedure.name, by=who, facts=facts, channel="patrol", key=turn.key, secret=turn.secret, where=record.where,
            said_at=min(record.done_at or now, now),
        )  # fmt: skip
        if isinstance(opened, Refused):
            return _refused(opened)
        if record.settle and settle is not None and access.roles_of(who, opened.case.as_view()):
            done = act(opened.case, settle.name, by=who, facts=facts, key=f"{turn.key}:settled", beside=_beside(record))
            if isinstance(done, Refused):
                transaction.set_rollback(True)
                return _refused(done)
        return _told(Case.objects.get(id=opened.case.id), 201, receipt=receipt.written(opened))


def take(user: User, record: Record, turn: Turn) -> Answer:
    """The record taken, or why not; the same `turn` gives the same event."""
    if record.what == "step":
        return _step(user, record, turn)
    if record.what == "open":
        return _finding(user, record, turn)
    return problem(422, into(UNREAD))


def once(user: User, key: str, record: Record) -> Answer:
    """`take`, once for this person and key; what was answered is answered again, byte for byte."""
    try:
        return replies.once(f"field:{user.pk}", key, record.mark, lambda turn: take(user, record, turn))
    except replies.OtherBody:
        return problem(422, into(UNREAD), rule="idempotency")
    except replies.Unanswered:
        return problem(503, into(UNREAD), rule="idempotency")


__all__ = ["Record", "Torn", "once", "problem", "read", "take"]
