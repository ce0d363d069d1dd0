"""What somebody with the database's password may do to it: one function an edit, each of one row or one case chosen by chance.

Each returns the case it touched, None for the log itself, "unkept" where covering up would only undo it (what is not in any
event's hash), or NOTHING where there was nothing to touch.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from minan.kernel import ledger
from minan.kernel.models import Attachment, Body, Case, Clock, Event, Inbox, Judged, Speaker, Tally, Wall
from minan.lib import codes
from minan.lib.uuid7 import uuid7
from minan.systems.proof.models import CITY, Checkpoint, Leaf, Log, Tile
from minan.systems.proof.tests.attacked import Town, pick

NOTHING = object()
Edit = Callable[[Town, random.Random], Any]
EDITS: dict[str, tuple[Edit, ...]] = {}


def of(what: str) -> Callable[[Edit], Edit]:
    def take(edit: Edit) -> Edit:
        EDITS[what] = (*EDITS.get(what, ()), edit)
        return edit

    return take


def flip(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text))
    return text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]


def event(town: Town, chance: random.Random, **more: Any) -> Any:
    return pick(chance, Event.objects.filter(case_id__in=town.old, **more))


def case(town: Town, chance: random.Random, **more: Any) -> Any:
    return pick(chance, Case.objects.filter(id__in=town.old, **more))


def rewords(body: Body, change: Callable[[dict[str, Any]], object]) -> UUID:
    words = json.loads(body.text)
    change(words)
    Body.objects.filter(id=body.id).update(text=ledger.canonical(words).decode())
    return body.case_id


# ---- events


@of("events")
def another_step(town: Town, chance: random.Random) -> Any:
    row = event(town, chance)
    Event.objects.filter(id=row.id).update(step="note" if row.step != "note" else "progress")
    return row.case_id


@of("events")
def another_hand(town: Town, chance: random.Random) -> Any:
    row = event(town, chance)
    Event.objects.filter(id=row.id).update(by="clock" if row.by != "clock" else "resident")
    return row.case_id


@of("events")
def dated_back(town: Town, chance: random.Random) -> Any:
    row = event(town, chance)
    Event.objects.filter(id=row.id).update(at=row.at - timedelta(minutes=chance.randrange(1, 99)))
    return row.case_id


@of("events")
def another_state(town: Town, chance: random.Random) -> Any:
    """Both sides of the seam, so that the events still fit each other."""
    row = event(town, chance)
    Event.objects.filter(id=row.id).update(state="accepted" if row.state != "accepted" else "said")
    Event.objects.filter(case_id=row.case_id, n=row.n + 1).update(
        source="accepted" if row.state != "accepted" else "said"
    )
    return row.case_id


@of("events")
def a_hash_flipped(town: Town, chance: random.Random) -> Any:
    row, name = event(town, chance), chance.choice(["body", "prev", "hash"])
    Event.objects.filter(id=row.id).update(**{name: flip(getattr(row, name), chance)})
    return "unkept"


@of("events")
def one_taken_out(town: Town, chance: random.Random) -> Any:
    row = event(town, chance)
    for model in (Event, Body, Attachment):
        model._default_manager.filter(case_id=row.case_id, n=row.n).delete()
    for model in (Event, Body, Attachment, Leaf):  # the rest moves up
        for later in model._default_manager.filter(case_id=row.case_id, n__gt=row.n).order_by("n"):
            if model is not Leaf or not Leaf.objects.filter(case_id=row.case_id, n=later.n - 1).exists():
                model._default_manager.filter(pk=later.pk).update(n=later.n - 1)
    return row.case_id


@of("events")
def the_tail_cut_off(town: Town, chance: random.Random) -> Any:
    row = event(town, chance)
    for model in (Event, Body, Attachment):
        model._default_manager.filter(case_id=row.case_id, n__gte=row.n).delete()
    return row.case_id


@of("events")
def one_put_in(town: Town, chance: random.Random) -> Any:
    """An event that never was, behind the last one, dated among the old ones."""
    row = event(town, chance)
    last = Event.objects.filter(case_id=row.case_id).order_by("-n").first()
    assert last is not None
    body = Body.objects.get(case_id=row.case_id, n=last.n)
    Event.objects.create(
        county=last.county, case_id=last.case_id, n=last.n + 1, step="call", source=last.state, state=last.state, at=last.at,
        by="131022-lighting:handler", body=last.body, prev=last.hash, hash=flip(last.hash, chance), key=uuid7().hex,
    )  # fmt: skip
    Body.objects.create(county=body.county, case_id=body.case_id, n=body.n + 1, salt=body.salt, text=body.text)
    return row.case_id


@of("events")
def two_swapped(town: Town, chance: random.Random) -> Any:
    row = event(town, chance, n__gt=1)
    for model in (Event, Body, Attachment):
        rows = model._default_manager.filter(case_id=row.case_id)
        for was, now in ((row.n, 9_999), (row.n - 1, row.n), (9_999, row.n - 1)):
            rows.filter(n=was).update(n=now)
    return row.case_id


# ---- bodies


@of("bodies")
def other_words(town: Town, chance: random.Random) -> Any:
    row = event(town, chance)
    body = Body.objects.get(case_id=row.case_id, n=row.n)
    return rewords(body, lambda words: words["facts"].update(words="都办好了", text="没有什么事"))


@of("bodies")
def words_of_another(town: Town, chance: random.Random) -> Any:
    row, other = event(town, chance), event(town, chance)
    if (row.case_id, row.n) == (other.case_id, other.n):
        return NOTHING
    body = Body.objects.get(case_id=other.case_id, n=other.n)
    Body.objects.filter(case_id=row.case_id, n=row.n).update(salt=body.salt, text=body.text)
    return row.case_id


@of("bodies")
def words_deleted(town: Town, chance: random.Random) -> Any:
    row = event(town, chance)
    Body.objects.filter(case_id=row.case_id, n=row.n).delete()
    return row.case_id


@of("bodies")
def another_salt(town: Town, chance: random.Random) -> Any:
    row = event(town, chance)
    Body.objects.filter(case_id=row.case_id, n=row.n).update(salt=bytes(chance.randrange(256) for _ in range(32)))
    return row.case_id


@of("bodies")
def vouching_for_nothing(town: Town, chance: random.Random) -> Any:
    row = event(town, chance)
    body = Body.objects.get(case_id=row.case_id, n=row.n)
    return rewords(body, lambda words: words.pop(chance.choice(["kept", "after"])))


# ---- the log


@of("leaves")
def a_leaf_flipped(town: Town, chance: random.Random) -> Any:
    leaf = pick(chance, Leaf.objects.filter(case_id__in=town.old))
    Leaf.objects.filter(id=leaf.id).update(hash=flip(leaf.hash, chance))
    return None


@of("leaves")
def two_leaves_swapped(town: Town, chance: random.Random) -> Any:
    leaf = pick(chance, Leaf.objects.filter(case_id__in=town.old, index__gt=0))
    other = Leaf.objects.get(log=leaf.log, index=leaf.index - 1)
    for pk, index, city in (
        (leaf.id, 10**6, None),
        (other.id, leaf.index, leaf.city_index),
        (leaf.id, other.index, other.city_index),
    ):
        Leaf.objects.filter(id=pk).update(index=index, city_index=city)
    return None


@of("leaves")
def a_leaf_taken_out(town: Town, chance: random.Random) -> Any:
    """With its event's whole case: nothing of it was ever there."""
    row = case(town, chance)
    for model in (Event, Body, Attachment, Clock, Inbox, Speaker, Judged, Wall, Leaf):
        model._default_manager.filter(case_id=row.id).delete()
    Case.objects.filter(id=row.id).delete()
    return row.id


@of("leaves")
def the_log_cut_off(town: Town, chance: random.Random) -> Any:
    log = chance.choice(list(Log.objects.exclude(name=CITY)))
    Leaf.objects.filter(log=log.name, index__gte=log.size - chance.randrange(1, 9)).delete()
    return None


@of("leaves")
def a_tile_flipped(town: Town, chance: random.Random) -> Any:
    tile = pick(chance, Tile.objects.all())
    held = bytes(tile.hashes)
    place = chance.randrange(len(held))
    Tile.objects.filter(id=tile.id).update(hashes=held[:place] + bytes([held[place] ^ 1]) + held[place + 1 :])
    return None


@of("leaves")
def the_last_checkpoints_taken_out(town: Town, chance: random.Random) -> Any:
    size = pick(chance, Checkpoint.objects.all()).size
    Checkpoint.objects.filter(size__gte=size).delete()
    return None


@of("leaves")
def another_root(town: Town, chance: random.Random) -> Any:
    row = pick(chance, Checkpoint.objects.all())
    Checkpoint.objects.filter(id=row.id).update(root=flip(row.root, chance))
    return None


# ---- clocks


def clock(town: Town, chance: random.Random, **more: Any) -> Any:
    return pick(chance, Clock.objects.filter(case_id__in=town.old, **more))


@of("clocks")
def a_later_end(town: Town, chance: random.Random) -> Any:
    row = clock(town, chance)
    Clock.objects.filter(id=row.id).update(due_at=row.due_at + timedelta(days=chance.randrange(1, 30)))
    return row.case_id


@of("clocks")
def done_in_time(town: Town, chance: random.Random) -> Any:
    row = clock(town, chance)
    Clock.objects.filter(id=row.id).update(done_at=row.started_at if row.done_at != row.started_at else None)
    return row.case_id


@of("clocks")
def begun_later(town: Town, chance: random.Random) -> Any:
    row = clock(town, chance)
    Clock.objects.filter(id=row.id).update(started_at=row.started_at + timedelta(minutes=5))
    return row.case_id


@of("clocks")
def never_looked_at(town: Town, chance: random.Random) -> Any:
    """The worker is told nothing: the clock runs out in silence."""
    row = clock(town, chance, next_at__isnull=False, done_at=None)
    following = chance.choice([None, row.due_at + timedelta(days=90), row.due_at - timedelta(hours=1)])
    Clock.objects.filter(id=row.id).update(next_at=following)
    return "unkept"


@of("clocks")
def a_clock_taken_out(town: Town, chance: random.Random) -> Any:
    row = clock(town, chance)
    Clock.objects.filter(id=row.id).delete()
    return row.case_id


@of("clocks")
def another_limit(town: Town, chance: random.Random) -> Any:
    row, name = clock(town, chance), chance.choice(["limit", "rule", "article", "unit", "legal", "hours"])
    Clock.objects.filter(id=row.id).update(**{name: "x"})
    return row.case_id


# ---- cases


@of("cases")
def another_column(town: Town, chance: random.Random) -> Any:
    row = case(town, chance)
    values = {
        "text": "没事", "title": "没事", "unit": "131022-heat", "kind": "road.hole", "place": "131022100000", "urgency": "x", "size": "x",
        "outcome": "solved", "public": not row.public, "said_at": row.said_at - timedelta(days=1), "edition": 9, "version": 9,
        "opened_at": row.opened_at - timedelta(hours=1), "facts": {"x": 1}, "marks": {"urged": 1}, "desk": "131022101-station",
        "due_at": row.opened_at, "privacy": "sealed", "moves": row.moves + 1, "state": "withdrawn", "merged_into": "X", "lon": 1.0,
    }  # fmt: skip
    name = chance.choice(sorted(values))
    Case.objects.filter(id=row.id).update(**{name: values[name]})
    return "unkept" if name == "state" else row.id


@of("cases")
def closed_by_hand(town: Town, chance: random.Random) -> Any:
    row = case(town, chance, closed_at=None)
    Case.objects.filter(id=row.id).update(state="closed", closed_at=row.changed_at)
    Event.objects.filter(case_id=row.id, n=row.n).update(state="closed")
    return row.id


@of("cases")
def another_code(town: Town, chance: random.Random) -> Any:
    row = case(town, chance)
    Case.objects.filter(id=row.id).update(code=codes.new(row.code[:2]))
    return row.id


@of("cases")
def walled_off(town: Town, chance: random.Random) -> Any:
    row = case(town, chance)
    Wall.objects.create(county=row.county, case_id=row.id, n=1, who="unit:131022-heat")
    return "unkept"


@of("cases")
def a_case_made_up(town: Town, chance: random.Random) -> Any:
    """A copy of an old one under a new code, as if it had been said then."""
    row = case(town, chance, n=1)
    fresh = {"id": uuid7(), "code": codes.new(row.code[:2])}
    events, bodies = list(Event.objects.filter(case_id=row.id)), list(Body.objects.filter(case_id=row.id))
    rows: list[Any] = list(Clock.objects.filter(case_id=row.id)) + list(Inbox.objects.filter(case_id=row.id))
    for one in [*events, *bodies, *rows, *Speaker.objects.filter(case_id=row.id)]:
        one.pk, one.case_id = uuid7(), fresh["id"]
        if isinstance(one, Event):
            one.key = fresh["id"].hex
        one.save(force_insert=True)
    Case.objects.bulk_create([Case(**{f.attname: getattr(row, f.attname) for f in Case._meta.concrete_fields} | fresh)])
    return fresh["id"]


# ---- judgements


def rating(town: Town, chance: random.Random) -> Any:
    return event(town, chance, step="rate")


@of("ratings")
def satisfied_after_all(town: Town, chance: random.Random) -> Any:
    row = rating(town, chance)
    body = Body.objects.get(case_id=row.case_id, n=row.n)

    def turn(words: dict[str, Any]) -> None:
        name = chance.choice(["solved", "satisfied"])
        words["facts"][name] = not words["facts"][name]

    return rewords(body, turn)


@of("ratings")
def cast_by_the_speaker(town: Town, chance: random.Random) -> Any:
    row = rating(town, chance)
    return rewords(Body.objects.get(case_id=row.case_id, n=row.n), lambda words: words["note"].update(cast="own"))


@of("ratings")
def counted_otherwise(town: Town, chance: random.Random) -> Any:
    row = pick(chance, Tally.objects.filter(rated__gt=0))
    name = chance.choice(
        ["rated", "rated_solved", "rated_satisfied", "visited_satisfied", "late", "answered", "on_time", "opened"]
    )
    Tally.objects.filter(id=row.id).update(**{name: getattr(row, name) + chance.choice([-1, 1])})
    return "unkept"


@of("ratings")
def a_count_taken_out(town: Town, chance: random.Random) -> Any:
    Tally.objects.filter(id=pick(chance, Tally.objects.filter(opened__gt=0)).id).delete()
    return "unkept"


@of("ratings")
def not_noted(town: Town, chance: random.Random) -> Any:
    Judged.objects.filter(id=pick(chance, Judged.objects.all()).id).delete()
    return "unkept"


@of("ratings")
def released_early(town: Town, chance: random.Random) -> Any:
    row = pick(chance, Judged.objects.all())
    Judged.objects.filter(id=row.id).update(batch=(row.batch or 0) + 50)
    return "unkept"


@of("ratings")
def another_unit_judged(town: Town, chance: random.Random) -> Any:
    Judged.objects.filter(id=pick(chance, Judged.objects.all()).id).update(unit="131022-heat")
    return "unkept"


@of("ratings")
def another_capability(town: Town, chance: random.Random) -> Any:
    row = pick(chance, Speaker.objects.filter(case_id__in=town.old))
    name = chance.choice(["capability", "issued", "secret"])
    Speaker.objects.filter(id=row.id).update(**{name: "speaker" if name == "issued" else "ab" * 32})
    return "unkept"


# ---- pictures


def pictured(town: Town, chance: random.Random) -> Any:
    return pick(chance, Attachment.objects.filter(case_id__in=town.old))


@of("attachments")
def another_picture(town: Town, chance: random.Random) -> Any:
    row = pictured(town, chance)
    values = {
        "mime": "image/png", "bytes": row.bytes + 1, "width": 1, "height": 1, "likeness": flip(row.likeness, chance),
        "sha256": flip(row.sha256, chance), "at": row.at - timedelta(days=1), "released": True, "name": "x", "n": row.n + 1,
    }  # fmt: skip
    name = chance.choice(sorted(values))
    Attachment.objects.filter(id=row.id).update(**{name: values[name]})
    return "unkept"


@of("attachments")
def a_picture_taken_out(town: Town, chance: random.Random) -> Any:
    Attachment.objects.filter(id=pictured(town, chance).id).delete()
    return "unkept"


@of("attachments")
def a_picture_put_in(town: Town, chance: random.Random) -> Any:
    row, other = pictured(town, chance), case(town, chance)
    row.pk, row.case_id, row.county = uuid7(), other.id, other.county
    row.save(force_insert=True)
    return "unkept"


@of("attachments")
def another_photo_in_the_words(town: Town, chance: random.Random) -> Any:
    """Row and words changed together."""
    row = pictured(town, chance)
    Attachment.objects.filter(id=row.id).update(width=row.width + 1)
    body = Body.objects.get(case_id=row.case_id, n=row.n)
    return rewords(body, lambda words: words["facts"]["photos"][0].update(width=row.width + 1))
