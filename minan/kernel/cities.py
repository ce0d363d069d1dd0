"""Loads a city's folder into the tables: everything is checked first, loading twice changes nothing, nothing is deleted.

What is no longer in the files ends: a place and a unit get `until`, kinds, grounds and answers are set inactive, duties
and limits end with a new edition, so that running cases keep the rules they began under. Rest days and posts are only
added or changed: the administrator keeps both by hand between two loads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from minan.kernel import city_checks, city_files, directory
from minan.kernel.city_files import Fault, Folder, Row
from minan.kernel.models import (
    Article,
    Duty,
    Edition,
    Ground,
    Kind,
    LimitRule,
    OfficeHours,
    Place,
    Post,
    Question,
    RestDay,
    Rota,
    RoutingRule,
    StandardAnswer,
    Unit,
    User,
)
from minan.kernel.place_tree import WIDTH
from minan.lib import codes

# Versioned tables: by what their lists are kept, and what a row of a list says.
DUTY = ("kind", ("level", "word", "rule", "article"))
LIMIT = ("clock", ("urgency", "size", "group", "limit", "rule", "article", "article_en", "legal", "legal_article"))
ROUTE = ("rule", (
    "rank", "kind", "group", "place", "words", "channel", "urgency", "hours", "level", "word", "unit", "article",
))  # fmt: skip
LISTS: dict[type[models.Model], tuple[str, tuple[str, ...]]] = {Duty: DUTY, LimitRule: LIMIT, RoutingRule: ROUTE}
TAGGED = ("city", "county")


class CityError(ValueError):
    """The folder is wrong; `faults` says where and what, in both languages."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(fault.into("en") for fault in faults))
        self.faults = list(faults)


@dataclass
class Counts:
    """What a load did to one table."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    ended: int = 0


@dataclass
class Load:
    """A load on its way: the folder and what was done so far."""

    folder: Folder
    by: str
    today: date
    counts: dict[str, Counts] = field(default_factory=dict)
    asked: bool = False  # questions changed: that, too, makes an edition

    def ours(self, model: type[models.Model], key: Any) -> bool:
        """False for a place or unit of another city, which this folder says nothing about."""
        city = next(row["code"][: WIDTH["city"]] for row in self.folder["places"] if row["level"] == "city")
        return model not in (Place, Unit) or str(key).startswith(city)

    def table(
        self,
        model: type[models.Model],
        wanted: dict[Any, dict[str, Any]],
        end: tuple[str, Any] | None = None,
        key: str = "pk",
    ) -> None:
        """Bring a table to what is wanted (key → fields): new and changed rows in one statement each, the vanished ended."""
        count = self.counts.setdefault(model._meta.model_name or "", Counts(rows=len(wanted)))
        fields = sorted({name for row in wanted.values() for name in row} | ({end[0]} if end else set()))
        name = model._meta.pk.name if key == "pk" and model._meta.pk else key
        held = {row[name]: row for row in model._default_manager.values(name, *fields)}
        count.new = len(wanted.keys() - held.keys())
        live: dict[str, Any] = {end[0]: None if end[0] == "until" else True} if end else {}
        write = []
        for code, row in wanted.items():
            now = live | row
            if code not in held or any(held[code][f] != v for f, v in now.items()):
                write.append(model(**{name: code}, **now))
        count.changed = len(write) - count.new
        model._default_manager.bulk_create(
            write, update_conflicts=True, update_fields=fields, unique_fields=[name], batch_size=500
        )
        if end:
            gone = [
                c for c, row in held.items() if c not in wanted and row[end[0]] == live[end[0]] and self.ours(model, c)
            ]
            count.ended = len(gone)
            for start in range(0, len(gone), 500):
                model._default_manager.filter(**{f"{name}__in": gone[start : start + 500]}).update(**{end[0]: end[1]})


def load(path: Path | str, by: str = "minan city load") -> dict[str, Counts]:
    """Load the folder of a city in one transaction; counts by table. CityError, and nothing loaded, where anything is wrong."""
    folder = read(path)
    if folder.faults:
        raise CityError(folder.faults)
    load_ = Load(folder, by, timezone.localdate())
    with transaction.atomic():
        for step in (_places, _units, _hours, _kinds, _questions, _grounds, _answers, _articles, _rest_days, _posts, _rota, _rules):
            step(load_)
        directory.touch()
    return load_.counts


def read(path: Path | str) -> Folder:
    """The folder, read and checked; its `faults` are empty where it may be loaded."""
    folder = city_files.read(Path(path))
    if not folder.faults:
        city_checks.check(folder)
    if not folder.faults:
        _fits(folder)
    return folder


def _fits(folder: Folder) -> None:
    """Texts longer than their column: PostgreSQL would refuse them, SQLite would not."""
    tables: dict[str, type[models.Model]] = {
        "places": Place, "units": Unit, "kinds": Kind, "duty": Duty, "routing": RoutingRule,
        "limits": LimitRule, "grounds": Ground, "answers": StandardAnswer, "articles": Article,
        "questions": Question, "hours": OfficeHours, "calendar": RestDay, "posts": Post, "rota": Rota,
    }  # fmt: skip
    for table, model in tables.items():
        longest = {f.name: f.max_length for f in model._meta.fields if f.max_length and isinstance(f, models.CharField)}
        for row in folder[table]:
            for name, most in longest.items():
                if len(str(row.get(name, ""))) > most:
                    folder.fault(row, f"「{name}」超过 {most} 字", f"{name} is longer than {most} characters")


def _number(text: str) -> float | None:
    return float(text) if text else None


def _places(load_: Load) -> None:
    outlines = {row["code"]: row["geometry"] for row in load_.folder["outlines"]}
    rows = load_.folder["places"]
    held = Place.objects.exclude(tag="").values_list("code", "tag")
    tagged = [row["code"] for row in rows if row["level"] in TAGGED]
    tags = codes.tag_table((code[:6] for code in tagged), {code[:6]: tag for code, tag in held})
    wanted = {
        row["code"]: {
            "name": row["name"],
            "level": row["level"],
            "parent": row["parent"],
            "tag": tags[row["code"][:6]] if row["level"] in TAGGED else "",
            "outline": outlines.get(row["code"]),
            "successor": row.get("successor", ""),
            "until": date.fromisoformat(row["until"]) if row.get("until") else None,
            **{axis: _number(row[axis]) for axis in ("lon", "lat", "slon", "slat")},
        }
        for row in rows
    }
    load_.table(Place, wanted, ("until", load_.today))


def _units(load_: Load) -> None:
    same = ("name", "name_en", "kind", "level", "place", "block", "line", "word", "hours")
    wanted = {
        row["id"]: {name: row[name] for name in same} | {"ranges": row["ranges"].split(";"), "lead": row["lead"] == "1"}
        for row in load_.folder["units"]
    }
    load_.table(Unit, wanted, ("until", load_.today))


def _hours(load_: Load) -> None:
    wanted = {
        row["@name"]: {
            "label": row["label"],
            "seasons": {"seasons": row["season"], "night": bool(row.get("night")), "label_en": row.get("label_en", "")},
        }
        for row in load_.folder["hours"]
    }
    load_.table(OfficeHours, wanted)


def _kinds(load_: Load) -> None:
    same = ("group", "group_name", "group_name_en", "name", "name_en", "words", "urgency", "size", "proof", "turn_to")
    wanted = {
        row["code"]: {name: row[name] for name in same} | {"public": row["public"] == "1", "rank": rank}
        for rank, row in enumerate(load_.folder["kinds"])
    }
    load_.table(Kind, wanted, ("active", False))


def _questions(load_: Load) -> None:
    """Questions have no name of their own beyond their kind; one that changed is a new edition's, what is gone is asked no more."""
    count = load_.counts.setdefault("question", Counts(rows=len(load_.folder["questions"])))
    wanted = {}
    for rank, row in enumerate(load_.folder["questions"]):
        options = [{"value": value, "zh": zh, "en": en} for value, zh, en in row.get("options", [])]
        after = row["if"][1:] if "if" in row else []
        condition = {"question": row["if"][0], "is": after if len(after) > 1 else after[0]} if after else {}
        fields = {name: row[name] for name in ("label", "label_en", "type")}
        wanted[row["@name"], row["code"]] = fields | {
            "required": bool(row.get("required")), "options": options, "condition": condition, "rank": rank,
        }  # fmt: skip
    names = ("label", "label_en", "type", "required", "options", "condition", "rank")
    held = {(q["kind_id"], q["code"]): q for q in Question.objects.filter(until=None).values("id", "kind_id", "code", *names)}
    fresh = {key for key, row in wanted.items() if key not in held or any(held[key][n] != v for n, v in row.items())}
    gone = held.keys() - wanted.keys()
    count.new, count.ended = len(fresh - held.keys()), len(gone)
    count.changed = len(fresh) - count.new
    number = (Edition.objects.aggregate(m=models.Max("number"))["m"] or 0) + 1  # the one `_rules` makes next
    Question.objects.filter(id__in=[held[key]["id"] for key in (fresh & held.keys()) | gone]).update(until=number)
    Question.objects.bulk_create([Question(kind_id=k, code=c, since=number, **wanted[k, c]) for k, c in wanted if (k, c) in fresh])
    if fresh or gone:
        load_.asked = True


def _grounds(load_: Load) -> None:
    texts = ("label", "label_en", "article", "where", "where_en")
    wanted = {
        row["code"]: {name: row.get(name, "") for name in texts} | {"list": row["@name"], "rank": rank, "days": row.get("days", 0)}
        for rank, row in enumerate(load_.folder["grounds"])
    }
    load_.table(Ground, wanted, ("active", False))


def _answers(load_: Load) -> None:
    texts = ("step", "group", "kind", "state", "title", "title_en", "text", "text_en")
    wanted = {row["@name"]: {name: row.get(name, "") for name in texts} for row in load_.folder["answers"]}
    load_.table(StandardAnswer, wanted, ("active", False))


def _articles(load_: Load) -> None:
    texts = ("group", "kind", "law", "article", "title", "title_en", "text", "text_en", "source")
    wanted = {
        row["@name"]: {name: row.get(name, "") for name in texts} | {"checked": row.get("checked"), "days": row.get("days", 365)}
        for row in load_.folder["articles"]
    }
    load_.table(Article, wanted, ("active", False))


def _rest_days(load_: Load) -> None:
    wanted = {
        date.fromisoformat(row["date"]): {"working": row["working"] == "1", "name": row["name"]}
        for row in load_.folder["calendar"]
    }
    load_.table(RestDay, wanted)


def _posts(load_: Load) -> None:
    """People and their posts. Nobody gets a password here: who has none cannot sign in until the administrator sets one."""
    rows = load_.folder["posts"]
    known = set(User.objects.values_list("username", flat=True))
    users = {row["user"]: row for row in rows}
    people = [
        User(username=name, name=row["name"], name_en=row["name_en"])
        for name, row in users.items()
        if name not in known
    ]
    for person in people:
        person.set_unusable_password()
    User.objects.bulk_create(people)
    load_.counts["user"] = Counts(rows=len(users), new=len(people))
    ids = dict(User.objects.filter(username__in=users).values_list("username", "pk"))
    held = {
        (u, unit, role): title
        for u, unit, role, title in Post.objects.values_list("user_id", "unit_id", "role", "title")
    }
    count = load_.counts.setdefault("post", Counts(rows=sum(bool(row["unit"]) for row in rows)))
    write = []
    for row in rows:
        key = (ids[row["user"]], row["unit"], row["role"])
        if row["unit"] and held.get(key) != row["title"]:
            write.append(Post(user_id=key[0], unit_id=key[1], role=key[2], title=row["title"]))
            count.new += key not in held
    count.changed = len(write) - count.new
    Post.objects.bulk_create(
        write, update_conflicts=True, update_fields=["title"], unique_fields=["user", "unit", "role"]
    )


def _rota(load_: Load) -> None:
    """Who is on duty outside office hours, as the file says: it replaces what was there, where there is a file."""
    names = ("unit", "when", "weekday", "post", "telephone")
    wanted = {tuple(row[name] for name in names) for row in load_.folder["rota"]}
    held = set(Rota.objects.values_list(*names)) if wanted else set()
    for gone in held - wanted:
        Rota.objects.filter(**dict(zip(names, gone, strict=True))).delete()
    fresh = sorted(wanted - held)
    Rota.objects.bulk_create([Rota(**dict(zip(names, row, strict=True))) for row in fresh], batch_size=500)
    load_.counts["rota"] = Counts(rows=len(wanted), new=len(fresh), ended=len(held - wanted))


# ---- rules with editions


def _rules(load_: Load) -> None:
    """Duties by kind and limits by clock: where a list differs from the one that holds, a new edition replaces it whole."""
    first = not Edition.objects.exists()
    number = 1 if first else (Edition.objects.aggregate(m=models.Max("number"))["m"] or 0) + 1
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    duties = _renew(load_, Duty, load_.folder["duty"], number)
    limits = _renew(load_, LimitRule, load_.folder["limits"], number)
    routes = _renew(load_, RoutingRule, load_.folder["routing"], number)
    for name, (was, is_) in (("duty", duties), ("limit", limits), ("routing", routes)):
        if was or is_:
            before[name], after[name] = was, {} if first else is_
    if first or before or after or load_.asked:
        Edition.objects.create(
            number=number, at=timezone.now(), by=load_.by[:64], what=load_.folder.path.name, before=before, after=after
        )


def _renew(
    load_: Load, model: type[models.Model], rows: list[Row], number: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """End the lists that changed with this edition, begin the new ones; (what was, what is) of the changed lists."""
    key, names = LISTS[model]
    wanted: dict[str, list[list[Any]]] = {}
    for row in rows:
        wanted.setdefault(row[key], []).append([int(row[name]) if name == "rank" else row.get(name, "") for name in names])
    manager: models.Manager[Any] = model._default_manager
    held: dict[str, list[list[Any]]] = {}
    for name, *values in manager.filter(until=None).order_by("pk").values_list(key, *names):
        held.setdefault(name, []).append(list(values))
    differ = sorted(name for name in held.keys() | wanted.keys() if held.get(name, []) != wanted.get(name, []))
    ended = manager.filter(until=None, **{f"{key}__in": differ}).update(until=number) if differ else 0
    order = [name for name in wanted if name in set(differ)]
    new = [model(**{key: n}, **dict(zip(names, row, strict=True)), since=number) for n in order for row in wanted[n]]
    manager.bulk_create(new, batch_size=500)
    load_.counts[model._meta.model_name or key] = Counts(len(rows), len(new), 0, ended)
    return {n: held.get(n, []) for n in differ}, {n: wanted.get(n, []) for n in differ}


def report(counts: dict[str, Counts], say: Callable[[str], Any]) -> None:
    """One line a table."""
    for name, count in counts.items():
        say(f"{name:<16}{count.rows:>7} rows {count.new:>7} new {count.changed:>7} changed {count.ended:>7} ended")
