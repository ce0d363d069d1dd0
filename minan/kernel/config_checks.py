"""What must be true of a row of the city's tables before an administrator may publish it; each mistake is said at its field."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from string import Formatter
from typing import Any

from django.db import models
from django.utils import timezone

from minan.kernel import choosing, directory, questions, registry
from minan.kernel.calendar import Hours, Limit
from minan.kernel.city_checks import CLOCKS, GROUNDS, PROOFS, QUESTION_TYPES, ROLES, SIZES, URGENCIES, VARIABLES
from minan.kernel.directory import APART
from minan.kernel.models import (
    Article,
    Duty,
    Ground,
    Inbox,
    Kind,
    LimitRule,
    OfficeHours,
    Post,
    Question,
    RestDay,
    Rota,
    RoutingRule,
    StandardAnswer,
    Unit,
    User,
)  # fmt: skip
from minan.kernel.procedure import Words
from minan.lib.english import many

Row = dict[str, Any]
Errors = dict[str, Words]
LEVELS = ("village", "town", "county", "city")
_CODE, _NAME = re.compile(r"[a-z][a-z0-9_.]*"), re.compile(r"[A-Za-z][A-Za-z0-9_.-]{1,39}")

MISSING = Words("这一项要填", "This must be filled in")
TAKEN = Words("已经有了", "There is one already")
UNKNOWN = Words("没有这一个", "There is no such one")
A_CODE = Words(
    "只用小写字母、数字、点和下划线，字母开头", "Small letters, digits, dots and underscores; a letter first"
)
NO_LIMIT = Words(
    "不是期限。写法：15m、2h 自然时间，2wh 工作时间，3wd 工作日，60d 日",
    "No limit. Write 15m, 2h, 2wh (working time), 3wd (working days), 60d",
)
NO_HOLE = Words("这样会有事情没有期限：{what}", "This would leave matters without a limit: {what}")
NO_DUTY = Words("这类事就没有单位管了", "No unit would be left for this kind")
LAST_ADMIN = Words("至少留一个管理员", "One administrator must remain")


def check(model: type[models.Model], new: Row, row: models.Model | None) -> Errors:
    """Field → what is wrong with the row as it would stand; `row` is the one that stands now, None for a new one."""
    errors = _fits(model, new)
    if not errors:
        CHECKS[model](new, row, errors)
    return errors


def check_end(row: models.Model) -> Errors:
    """What ending a row would break."""
    if isinstance(row, LimitRule):
        rest = LimitRule.objects.filter(until=None, clock=row.clock).exclude(pk=row.pk)
        return _holes(row.clock, list(rest.values_list("urgency", "size", "group")))
    if isinstance(row, Question):
        hanging = [q.label for q in questions.of_kind(row.kind_id) if questions.wanted(q)[0] == row.code]
        return {"": Words(f"还有“{hanging[0]}”挂在它下面", f"“{hanging[0]}” still hangs on it")} if hanging else {}
    if isinstance(row, Duty):
        kind = directory.city().kinds.get(row.kind)
        rest_ = Duty.objects.filter(until=None, kind=row.kind).exclude(pk=row.pk).exclude(level="village")
        return {"": NO_DUTY} if kind is not None and kind.active and not rest_.exists() else {}
    if isinstance(row, Post) and row.role == "admin" and not _other_admin(row):
        return {"": LAST_ADMIN}
    return {}


def check_gone(model: type[models.Model], key: tuple[str, ...]) -> Errors:
    """What is left without a rule now that a row of limits or duties is gone."""
    if model is LimitRule:
        return _holes(key[0], list(LimitRule.objects.filter(until=None, clock=key[0]).values_list("urgency", "size", "group")))
    if model is Duty:
        kind = directory.city().kinds.get(key[0])
        rest = Duty.objects.filter(until=None, kind=key[0]).exclude(level="village")
        return {"": NO_DUTY} if kind is not None and kind.active and not rest.exists() else {}
    return {}


def _fits(model: type[models.Model], new: Row) -> Errors:
    errors: Errors = {}
    for field in model._meta.fields:
        value = new.get(field.attname)
        if isinstance(field, models.CharField) and field.max_length and len(str(value or "")) > field.max_length:
            errors[field.attname] = Words(f"最多 {field.max_length} 个字", f"At most {field.max_length} characters")
    return errors


def _needs(new: Row, errors: Errors, *names: str) -> None:
    for name in names:
        if not new.get(name):
            errors.setdefault(name, MISSING)


def _one_of(new: Row, errors: Errors, name: str, allowed: Any, *, empty: bool = False) -> None:
    value = new.get(name, "")
    if value not in allowed and not (empty and not value):
        errors.setdefault(name, UNKNOWN)


def _groups() -> set[str]:
    return {k.group for k in directory.city().kinds.values()}


def _fresh(model: type[models.Model], new: Row, row: models.Model | None, errors: Errors, *names: str) -> None:
    """No other row with the same values in these fields."""
    others = model._default_manager.filter(**{name: new.get(name, "") for name in names})
    if row is not None:
        others = others.exclude(pk=row.pk)
    if any(f.name == "until" for f in model._meta.fields) and model in (LimitRule, Duty, RoutingRule, Question):
        others = others.filter(until=None)
    if others.exists():
        errors.setdefault(names[-1], TAKEN)


def _kind(new: Row, row: models.Model | None, errors: Errors) -> None:
    _needs(new, errors, "code", "name", "name_en", "group", "group_name", "group_name_en")
    if not _CODE.fullmatch(new.get("code", "")):
        errors["code"] = A_CODE
    _one_of(new, errors, "urgency", URGENCIES)
    _one_of(new, errors, "size", SIZES)
    _one_of(new, errors, "proof", PROOFS)
    refuse = {g.code for g in directory.city().grounds.values() if g.list == "refuse"}
    _one_of(new, errors, "turn_to", refuse, empty=True)
    _fresh(Kind, new, row, errors, "code")
    others = Kind.objects.filter(group=new.get("group")).exclude(code=new.get("code"))
    named = others.values_list("group_name", "group_name_en").first()
    if named and named != (new.get("group_name"), new.get("group_name_en")):
        errors.setdefault("group_name", Words(f"这一组叫“{named[0]}”", f"This group is called “{named[1]}”"))


def _question(new: Row, row: models.Model | None, errors: Errors) -> None:
    _needs(new, errors, "code", "label", "label_en")
    _one_of(new, errors, "kind_id", directory.city().kinds)
    _one_of(new, errors, "type", QUESTION_TYPES)
    _fresh(Question, new, row, errors, "kind_id", "code")
    if new.get("type") == "choice" and len(new.get("options", [])) < 2:
        errors["options"] = Words("至少两个选项", "Two options at least")
    asked = {q.code: q for q in Question.objects.filter(kind_id=new.get("kind_id"), until=None)}
    if new.get("condition"):
        on, after = questions.wanted(Question(condition=new["condition"]))
        before = asked.get(on)
        fits = before is not None and on != new.get("code") and after and after <= questions.values(before).keys()
        seen = {new.get("code")}
        while on in asked and on not in seen:
            seen.add(on)
            on = questions.wanted(asked[on])[0]
        if not fits or on in seen:
            errors["condition"] = Words(
                "要指向这一类的另一问和它的选项，不能绕回来",
                "It must name another question of this kind and some of its options, and not lead back to itself",
            )
    hanging = [q for q in asked.values() if row is not None and questions.wanted(q)[0] == new.get("code")]
    lost = [q.label for q in hanging if not questions.wanted(q)[1] <= questions.values(Question(**_shape(new))).keys()]
    if lost:
        errors.setdefault("options", Words(f"“{lost[0]}”挂在去掉的选项上", f"“{lost[0]}” hangs on an option that is gone"))


def _shape(new: Row) -> Row:
    return {name: new.get(name) for name in ("type", "options") if new.get(name) is not None}


def _is_limit(new: Row, name: str, errors: Errors) -> None:
    try:
        Limit.parse(new.get(name, ""))
    except ValueError:
        errors[name] = NO_LIMIT


def _limit(new: Row, row: models.Model | None, errors: Errors) -> None:
    _needs(new, errors, "rule", "article", "article_en")
    known = {c.name for p in registry.procedures().values() for c in p.clocks} | set(CLOCKS)
    _one_of(new, errors, "clock", known)
    _one_of(new, errors, "urgency", URGENCIES, empty=True)
    _one_of(new, errors, "size", SIZES, empty=True)
    _one_of(new, errors, "group", _groups(), empty=True)
    _is_limit(new, "limit", errors)
    if new.get("legal"):
        _is_limit(new, "legal", errors)
        _needs(new, errors, "legal_article")
    if not errors:
        _fresh(LimitRule, new, row, errors, "clock", "urgency", "size", "group")
    if isinstance(row, LimitRule) and not errors:
        rest = list(
            LimitRule.objects.filter(until=None, clock=row.clock)
            .exclude(pk=row.pk)
            .values_list("urgency", "size", "group")
        )
        here = (
            [(new.get("urgency", ""), new.get("size", ""), new.get("group", ""))]
            if new.get("clock") == row.clock
            else []
        )
        errors |= _holes(row.clock, rest + here)


def _holes(clock: str, rows: list[tuple[str, str, str]]) -> Errors:
    """An urgency and size for which a clock would have no limit for every kind."""
    if clock not in CLOCKS:
        return {}
    for urgency in URGENCIES:
        for size in SIZES:
            if not any(u in ("", urgency) and s in ("", size) and not g for u, s, g in rows):
                what = f"{clock}, {urgency}, {size}"
                return {"": Words(NO_HOLE.zh.format(what=what), NO_HOLE.en.format(what=what))}
    return {}


def _duty(new: Row, row: models.Model | None, errors: Errors) -> None:
    _needs(new, errors, "rule")
    city = directory.city()
    _one_of(new, errors, "kind", city.kinds)
    _one_of(new, errors, "level", LEVELS)
    _one_of(new, errors, "word", {u.word for u in city.units.values()} | {u.kind for u in city.units.values()})
    _fresh(Duty, new, row, errors, "kind", "level", "word")
    if isinstance(row, Duty) and not errors and (new["kind"] != row.kind or (new["level"] == "village" != row.level)):
        errors |= check_end(row)


def _routing(new: Row, row: models.Model | None, errors: Errors) -> None:
    _needs(new, errors, "rule", "article")
    city = directory.city()
    for name, known in (("kind", city.kinds), ("group", _groups()), ("place", city.places), ("unit", city.units), ("level", LEVELS)):
        _one_of(new, errors, name, known, empty=True)
    _one_of(new, errors, "urgency", URGENCIES, empty=True)
    _one_of(new, errors, "hours", (choosing.OFFICE, choosing.OFF), empty=True)
    _one_of(new, errors, "word", {u.word for u in city.units.values()} | {u.kind for u in city.units.values()}, empty=True)
    if bool(new.get("unit")) == bool(new.get("word") and new.get("level")):
        errors.setdefault("unit", Words("写一个单位，或者写级别和部门，二选一", "Name one unit, or a level and a department; not both"))
    if not any(new.get(name) for name in ("kind", "group", "place", "words", "channel", "urgency", "hours")):
        errors.setdefault("kind", Words("至少写一个条件，不然所有的事都归这里", "One condition at least, or everything would come here"))
    office = city.units.get(new.get("unit", ""))
    to_village = new.get("level") == "village" or (office is not None and office.kind == choosing.POINT)
    if to_village and not (new.get("kind") and choosing.village_duty(new["kind"])):
        errors.setdefault("kind", Words("村里的职责清单上有的种类才能派到村里", "Only a kind on the village's duty list may be sent to a village"))
    if not errors:
        _fresh(RoutingRule, new, row, errors, "rule")


def _ground(new: Row, row: models.Model | None, errors: Errors) -> None:
    _needs(new, errors, "code", "label", "label_en")
    _one_of(new, errors, "list", GROUNDS)
    _fresh(Ground, new, row, errors, "code")
    if new.get("list") == "refuse":
        _needs(new, errors, "article", "where", "where_en")


def _of_kinds(new: Row, errors: Errors) -> None:
    """A group, a kind of it, or neither: any."""
    _one_of(new, errors, "group", _groups(), empty=True)
    _one_of(new, errors, "kind", directory.city().kinds, empty=True)
    kind = directory.city().kinds.get(new.get("kind", ""))
    if kind is not None and new.get("group") not in ("", None, kind.group):
        errors.setdefault("kind", Words("这一类不在选的组里", "This kind is not of the chosen group"))


def _answer(new: Row, row: models.Model | None, errors: Errors) -> None:
    _needs(new, errors, "code", "step", "title", "title_en", "text")
    steps = {s.name for p in registry.procedures().values() for s in (p.opening, *p.steps)}
    _one_of(new, errors, "step", steps)
    _of_kinds(new, errors)
    _one_of(new, errors, "state", {s.name for p in registry.procedures().values() for s in p.states}, empty=True)
    _fresh(StandardAnswer, new, row, errors, "code")
    for name in ("text", "text_en"):
        try:
            used = {v for _, v, _, _ in Formatter().parse(new.get(name, "")) if v is not None}
        except ValueError:
            used = {"{"}
        if strange := sorted(used - VARIABLES):
            errors[name] = Words(f"没有变量“{strange[0]}”", f"There is no variable “{strange[0]}”")


def _article(new: Row, row: models.Model | None, errors: Errors) -> None:
    _needs(new, errors, "code", "law", "article", "title", "title_en", "text", "days")
    _of_kinds(new, errors)
    _fresh(Article, new, row, errors, "code")
    if (checked := new.get("checked")) and checked > timezone.localdate():
        errors["checked"] = Words("还没到这一天", "That day is still to come")


def _user(new: Row, row: models.Model | None, errors: Errors) -> None:
    _needs(new, errors, "username", "name")
    if not _NAME.fullmatch(new.get("username", "")):
        errors["username"] = Words(
            "字母开头，字母、数字、点，2 到 40 个", "2 to 40 letters, digits, dots; a letter first"
        )
    _fresh(User, new, row, errors, "username")
    admin = isinstance(row, User) and Post.objects.filter(user=row, role="admin").first()
    if admin and not new.get("is_active", True) and not _other_admin(admin):
        errors["is_active"] = LAST_ADMIN


def _other_admin(post: Post) -> bool:
    """Whether somebody else can sign in as administrator today."""
    today = timezone.localdate()
    others = Post.objects.filter(role="admin", user__is_active=True).exclude(pk=post.pk)
    held = others.values_list("since", "until")
    return any((since is None or since <= today) and (until is None or until >= today) for since, until in held)


def _post(new: Row, row: models.Model | None, errors: Errors) -> None:
    if not User.objects.filter(pk=new.get("user_id") or 0).exists():
        errors["user_id"] = UNKNOWN
    units = directory.city().units
    _one_of(new, errors, "unit_id", units)
    _one_of(new, errors, "role", ROLES)
    _one_of(new, errors, "seat", units, empty=True)
    since, until = new.get("since"), new.get("until")
    if since and until and until < since:
        errors["until"] = Words("结束早于开始", "It ends before it begins")
    _fresh(Post, new, row, errors, "user_id", "unit_id", "role")
    if new.get("role") in APART and _holds_another(new):
        errors["role"] = Words(
            "系统、安全、审计三种管理员不能由一个人兼任", "Nobody holds two of the system, security and audit roles"
        )
    ends = until is not None and until < timezone.localdate()
    if isinstance(row, Post) and row.role == "admin" and ends and not _other_admin(row):
        errors["until"] = LAST_ADMIN


def _holds_another(new: Row) -> bool:
    """Whether this person already holds another of the roles that are kept apart (GB/T 22239-2019 8.1.5)."""
    today = timezone.localdate()
    held = Post.objects.filter(user_id=new.get("user_id") or 0, role__in=APART).exclude(role=new["role"])
    return any(until is None or until >= today for until in held.values_list("until", flat=True))


def _unit(new: Row, row: models.Model | None, errors: Errors) -> None:
    _needs(new, errors, "name")
    if new.get("hours") not in directory.city().hours:
        errors["hours"] = UNKNOWN
    if new.get("until") is None or not isinstance(row, Unit):
        return
    if new["until"] > timezone.localdate():
        errors["until"] = Words("单位当天就停：写今天或以前的日子", "A unit ends at once: today or earlier")
    held = Inbox.objects.filter(unit=row.pk, open=True, mine=True).count()
    if held:
        errors.setdefault(
            "until",
            Words(f"它手里还有 {held} 件在办，先交出去", f"It still holds {many(held, 'open matter')}; hand over first"),
        )


def _hours(new: Row, row: models.Model | None, errors: Errors) -> None:
    _needs(new, errors, "name", "label")
    if not _CODE.fullmatch(new.get("name", "")):
        errors["name"] = A_CODE
    _fresh(OfficeHours, new, row, errors, "name")
    try:
        Hours.from_json(new.get("seasons") or {})
    except (ValueError, AttributeError):
        errors["seasons"] = Words(
            "不是办公时间。每行：月-日 起 止，如 01-01 08:30-12:00 13:30-17:30",
            "Not office hours. A line each: 01-01 08:30-12:00 13:30-17:30",
        )


def _rest_day(new: Row, row: models.Model | None, errors: Errors) -> None:
    if not isinstance(new.get("date"), date):
        errors["date"] = MISSING
    else:
        _fresh(RestDay, new, row, errors, "date")


def _rota(new: Row, _row: models.Model | None, errors: Errors) -> None:
    _needs(new, errors, "unit", "when", "post", "telephone")
    _one_of(new, errors, "when", ("night", "rest", "always"))
    if set(str(new.get("weekday") or "")) - set("1234567"):
        errors["weekday"] = Words("写 1 到 7，周一是 1", "Digits from 1 to 7; Monday is 1")


CHECKS: dict[type[models.Model], Callable[[Row, models.Model | None, Errors], None]] = {
    Kind: _kind, Question: _question, LimitRule: _limit, Duty: _duty, Ground: _ground,
    StandardAnswer: _answer, Article: _article, User: _user, Post: _post,
    Unit: _unit, OfficeHours: _hours, RestDay: _rest_day, Rota: _rota, RoutingRule: _routing,
}  # fmt: skip
