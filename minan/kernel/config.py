"""The one place where a city's own tables change: each change is checked, published as an edition, and known everywhere within seconds.

Limits and duties are never overwritten: the old row ends with the new edition and a new row begins with it, so that a case
keeps the rules it began under. People, posts and units end; they are not deleted.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Max, Sum
from django.utils import timezone

from minan.kernel import config_checks, directory, dryrun, house, planned
from minan.kernel.models import (
    Article,
    Duty,
    Edition,
    Ground,
    Kind,
    LimitRule,
    OfficeHours,
    Post,
    Question,
    RestDay,
    Rota,
    RoutingRule,
    StandardAnswer,
    Tally,
    Token,
    Unit,
    User,
)  # fmt: skip
from minan.kernel.procedure import Words

TRIES = 3
Row = dict[str, Any]
# What may be changed by hand, by table; everything else comes with the city's folder.
FIELDS: dict[type[models.Model], tuple[str, ...]] = {
    Kind: (
        *(
            "code",
            "group",
            "group_name",
            "group_name_en",
            "name",
            "name_en",
            "words",
            "urgency",
            "size",
            "proof",
            "public",
        ),
        *("turn_to", "active"),
    ),
    Question: ("kind_id", "code", "label", "label_en", "type", "required", "options", "condition", "rank"),
    LimitRule: (
        "clock",
        "urgency",
        "size",
        "group",
        "limit",
        "rule",
        "article",
        "article_en",
        "legal",
        "legal_article",
    ),
    Duty: ("kind", "level", "word", "rule", "article"),
    RoutingRule: (
        *("rank", "kind", "group", "place", "words", "channel", "urgency", "hours", "level", "word", "unit", "rule", "article"),
    ),
    Ground: ("code", "list", "label", "label_en", "article", "where", "where_en", "days", "active"),
    StandardAnswer: ("code", "step", "group", "kind", "state", "title", "title_en", "text", "text_en", "active"),
    Article: (
        *("code", "group", "kind", "law", "article", "title", "title_en", "text", "text_en", "source", "checked", "days", "active"),
    ),
    User: ("username", "name", "name_en", "is_active"),
    Post: ("user_id", "unit_id", "role", "title", "seat", "since", "until"),
    Unit: ("name", "name_en", "hours", "lead", "until"),
    OfficeHours: ("name", "label", "seasons"),
    RestDay: ("date", "working", "name"),
    Rota: ("unit", "when", "weekday", "post", "telephone"),
}
VERSIONED = (LimitRule, Duty, RoutingRule, Question)
ROUTING = (Duty, RoutingRule)
FIXED = {  # decided once, when the row is made
    Kind: ("code",), Question: ("kind_id", "code"), Ground: ("code", "list"),
    StandardAnswer: ("code",), Article: ("code",), User: ("username",),
    Post: ("user_id", "unit_id", "role"), OfficeHours: ("name",), RestDay: ("date",),
}  # fmt: skip
CLOSED = (Unit,)  # no new rows by hand: a unit needs its place, ranges and parents, which the folder checks together
FASTER = Words(
    "别人刚改过这一行，请看看现在的样子再改",
    "Somebody has just changed this row; look at it again before you change it",
)
NOT_SO = Words("这一行不能这样改", "This row cannot be changed like that")
SAME = Words("没有改动", "Nothing was changed")


class Wrong(ValueError):
    """A change that is refused: field → why; "" is the whole row."""

    def __init__(self, errors: Mapping[str, Words]) -> None:
        super().__init__("; ".join(f"{name}: {words.en}" for name, words in errors.items()))
        self.errors = dict(errors)


def said(row: models.Model) -> Row:
    """A row's changeable fields as JSON can hold them."""
    return {name: _plain(getattr(row, name)) for name in FIELDS[type(row)]}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def mark(row: models.Model) -> str:
    """A short mark of how a row stands, so that a change made on an old look is refused."""
    return hashlib.sha256(json.dumps(said(row), sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def change(
    model: type[models.Model],
    pk: Any,
    values: Mapping[str, Any],
    by: str,
    why: str,
    *,
    seen: str = "",
    second: str = "",
    also: str = "",
    base: str | None = None,
) -> Edition:
    """Change the row `pk`, or with pk None make one; publishes an edition and an event of the register. Raises Wrong, and nothing changed.

    `by` is the username, `second` that of whoever confirmed it where it takes two (house.needs_second).
    `seen` is the mark the page showed: where the row has changed since, Wrong. `also`: whether a limit holds for what is open
    too (planned.NEARER, planned.ALL); `base` the mark of the preview that was looked at: where it moves something else now, Wrong.
    """
    strange = set(values) - set(FIELDS[model])
    if strange:
        raise KeyError(f"{model.__name__} has no {sorted(strange)} to change")
    row = model._default_manager.filter(pk=pk).first() if pk is not None else None
    if house.needs_second(model, row, values) and second in ("", by):
        raise Wrong({"": house.ALONE})

    def write(number: int) -> tuple[str, Row, Row]:
        moving = model in planned.DATED or (model is LimitRule and bool(also))
        old = directory.read() if moving else None
        what, before, after = _change(model, pk, dict(values), number, seen)
        if moving:
            found = _moves(model, row, values, old, directory.read(), also)
            if base is not None and base != found.mark:
                raise Wrong({"": planned.LOOK_AGAIN})
            planned.write(number, found)
            after |= {"moves": len(found.moves)} | ({"also": also} if also else {})
        return what, before, after

    return _published(write, by, why, _step(model), second)


def _moves(
    model: type[models.Model], row: Any, values: Mapping[str, Any], old: Any, new: Any, also: str
) -> planned.Preview:
    clocks = {getattr(row, "clock", ""), values.get("clock", "")} - {""}
    asked = dict(values) | {"clocks": sorted(clocks), "name": getattr(row, "name", values.get("name", ""))}
    return planned.preview(model, asked, old, new, also, timezone.now())


def _step(model: type[models.Model]) -> str:
    """Which act of the register a change of this table is."""
    return {Post: "grant", User: "account"}.get(model, "rule")


def end(model: type[models.Model], pk: Any, by: str, why: str) -> Edition:
    """End a limit, a duty, a post, or take away a question. Raises Wrong where something would be left without a rule."""
    return _published(lambda number: _end(model, pk, number), by, why, "end_grant" if model is Post else "rule")


def password(pk: Any, by: str, why: str, *, second: str = "") -> str:
    """A new first password for a person, returned once and kept only as a hash; what they were signed in with ends.

    Of who administers or sees identity it takes two (house.TWO_ROLES).
    """
    person = User.objects.filter(pk=pk, is_active=True).first()
    if person is None:
        raise Wrong({"": NOT_SO})
    if second in ("", by) and Post.objects.filter(user=person, role__in=house.TWO_ROLES).exists():
        raise Wrong({"": house.ALONE})
    text = "-".join("".join(secrets.choice("23456789abcdefghjkmnpqrstuvwxyz") for _ in range(4)) for _ in range(4))

    def write(number: int) -> tuple[str, Row, Row]:
        person.set_password(text)
        person.save(update_fields=["password"])
        Token.objects.filter(user=person).delete()
        return f"user {person.username}", {}, {"password": "…"}

    _published(write, by, why, "account", second)
    return text


def _published(write: Any, by: str, why: str, step: str, second: str = "") -> Edition:
    """Do a change, its edition and its event together; whoever publishes at the same moment gets the next number."""
    if not why.strip():
        raise Wrong({"why": Words("写一句为什么改", "Say in a few words why")})
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                number = (Edition.objects.aggregate(m=Max("number"))["m"] or 0) + 1
                what, before, after = write(number)
                made = Edition.objects.create(
                    number=number,
                    at=timezone.now(),
                    by=by[:64],
                    what=f"{what}: {why.strip()}"[:200],
                    before=before,
                    after=after,
                )
                said_ = {"what": what, "before": before, "after": after}
                house.note(step, by, said_, why=why.strip()[:400], second=second, edition=number)
                directory.touch()
            directory.forget()  # once more, now that others can read it
            return made
        except IntegrityError:
            if Edition.objects.filter(number=number).exists():
                continue
            raise
    raise Wrong({"": FASTER})


def _held(model: type[models.Model], pk: Any) -> Any:
    row: Any = model._default_manager.select_for_update().filter(pk=pk).first()
    if row is None or (model in VERSIONED and row.until is not None):
        raise Wrong({"": FASTER})
    return row


def _change(model: type[models.Model], pk: Any, values: Row, number: int, seen: str) -> tuple[str, Row, Row]:
    if pk is None:
        return _make(model, values, number)
    row = _held(model, pk)
    if seen and seen != mark(row):
        raise Wrong({"": FASTER})
    before = said(row)
    fixed = [n for n in FIXED.get(model, ()) if n in values and _plain(values[n]) != before[n]]
    if fixed:
        raise Wrong(dict.fromkeys(fixed, NOT_SO))
    new = {name: getattr(row, name) for name in FIELDS[model]} | values
    changed = [name for name in values if _plain(values[name]) != before[name]]
    if not changed:
        raise Wrong({"": SAME})
    _checked(model, new, row)
    if model in (LimitRule, RoutingRule, Question):
        _replace(model, [row], [new], number)
    elif model is Duty:
        _renew_duties(row, new, number)
    else:
        for name in changed:
            setattr(row, name, values[name])
        row.save(update_fields=changed)
    after = {name: _plain(new[name]) for name in changed}
    return f"{model._meta.model_name} {_named(row)}", {name: before[name] for name in changed}, after


def _make(model: type[models.Model], values: Row, number: int) -> tuple[str, Row, Row]:
    if model in CLOSED:
        raise Wrong({"": NOT_SO})
    _checked(model, values, None)
    row = model(**values)
    if model in VERSIONED:
        row.since = number  # type: ignore[attr-defined]
    if isinstance(row, User):
        row.set_unusable_password()
    row.save(force_insert=True)
    return f"{model._meta.model_name} {_named(row)}", {}, {name: _plain(v) for name, v in values.items()}


def _checked(model: type[models.Model], new: Row, row: models.Model | None) -> None:
    errors = config_checks.check(model, new, row)
    if errors:
        raise Wrong(errors)


def _named(row: models.Model) -> str:
    """What the log calls a row."""
    if isinstance(row, Post):
        return f"{row.user.username} {row}"
    return str(
        getattr(row, "username", "") or getattr(row, "clock", "") or (row.kind if isinstance(row, Duty) else row.pk)
    )


def _replace(model: type[models.Model], old: list[Any], new: list[Row], number: int) -> None:
    model._default_manager.filter(pk__in=[row.pk for row in old]).update(until=number)
    model._default_manager.bulk_create([model(**row, since=number) for row in new])


def _renew_duties(row: Duty, new: Row, number: int) -> None:
    """A kind's duties are read in order: the whole list begins anew with the changed row in its place."""
    held = list(Duty.objects.filter(kind=row.kind, until=None).order_by("id"))
    lines = [new if one.pk == row.pk else {name: getattr(one, name) for name in FIELDS[Duty]} for one in held]
    _replace(Duty, held, lines, number)


def _end(model: type[models.Model], pk: Any, number: int) -> tuple[str, Row, Row]:
    if model not in (*VERSIONED, Post):
        raise Wrong({"": NOT_SO})
    row = _held(model, pk)
    errors = config_checks.check_end(row)
    if errors:
        raise Wrong(errors)
    before, after = said(row), {}
    if model in VERSIONED:
        model._default_manager.filter(pk=pk).update(until=number)
    else:
        # Posts hold to the end of their last day: yesterday ends it now.
        row.until = timezone.localdate() - timedelta(days=1)
        row.save(update_fields=["until"])
        after = {"until": row.until.isoformat()}
    return f"{model._meta.model_name} {_named(row)}", before, after


class _Undone(Exception):
    """Takes a rehearsal back."""


def _as_after(act: Any) -> Any:
    """The city as it would be after a change, tried and taken back."""
    after = None
    try:
        with transaction.atomic():
            act((Edition.objects.aggregate(m=Max("number"))["m"] or 0) + 1)
            after = directory.read()
            raise _Undone
    except _Undone:
        return after


def rehearse(model: type[models.Model], pk: Any, values: Mapping[str, Any]) -> Any:
    """Try a change and take it back; the city as it would be. Raises Wrong where `change` would."""
    return _as_after(lambda number: _change(model, pk, dict(values), number, ""))


def moves(model: type[models.Model], pk: Any, values: Mapping[str, Any], also: str = "") -> planned.Preview:
    """Which open ends a change would move. Raises Wrong where `change` would."""
    row = model._default_manager.filter(pk=pk).first() if pk is not None else None
    old = directory.city()
    return _moves(model, row, values, old, rehearse(model, pk, values), also)


def dry(model: type[models.Model], pk: Any, values: Mapping[str, Any] | None, by: str) -> dryrun.Dry:
    """A new, changed or (values None) ended row of routing, tried on the last 30 days. Raises Wrong where publishing would.

    What asks for words in what people said stands in the register, with who asked, before the answer is told.
    """
    old = directory.city()
    new = rehearse(model, pk, values) if values is not None else _as_after(lambda number: _end(model, pk, number))
    if words := dryrun.by_words(old, new):
        tried(words, by, row=str(pk or ""), values=dict(values or {}))
    return dryrun.run(old, new, timezone.now())


def tried(words: list[str], by: str, **what: Any) -> None:
    """Who asked where these words would have led what people said: it stands in the register before the answer is told."""
    with transaction.atomic():
        house.note("try", by, {"words": words} | what)


def reach(group: str = "", kind: str = "") -> int:
    """How many open cases a change of rules leaves on their old edition: all of them, those of a group of kinds, or of one."""
    city = next((s.code for s in directory.city().places.values() if s.level == "city"), "")
    rows = Tally.objects.filter(place=city, by="kind")
    if group:
        rows = rows.filter(key__in=[k.code for k in directory.city().kinds.values() if k.group == group])
    if kind:
        rows = rows.filter(key=kind)
    return rows.aggregate(n=Sum("open"))["n"] or 0


__all__ = [
    "FIELDS", "FIXED", "VERSIONED", "Wrong", "change", "dry", "end", "mark", "moves", "password", "reach", "rehearse", "said", "tried",
]  # fmt: skip
