"""Takes what identifies somebody out of a case that is already kept: out of its row, its events' words and the search, into the vault.

A clerk says which fragments. Everything is one write with the event: the case's texts with a word in brackets, the former
wording and each body that held a fragment sealed in the vault, those bodies deleted, the search written anew. The event's own
body never holds a hidden word: it carries what stands for the bodies that went (instead.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from minan.kernel import directory, erasures, identify, instead, search
from minan.kernel.facts import Facts
from minan.kernel.labels import OFFICIAL
from minan.kernel.models import Body, Case, Event
from minan.kernel.procedure import Procedure, Step, Words

if TYPE_CHECKING:
    from minan.kernel.draft import Draft

Cut = Callable[[str], str]
COLUMNS = ("title", "text", "place_words")
SHORTEST = 2  # characters: one alone would take away half the text
PROPOSED_MOST = 40
TYPED = frozenset({"text", "long", "answers"})  # fields in which people write as they like
NONE = Words("勾一处，或者写下要隐去的字", "Tick one, or write what is to be hidden")
SHORT = Words(f"要隐去的字最少 {SHORTEST} 个，一个字会把别处也盖掉", f"At least {SHORTEST} characters: one alone would cover other words too")
UNFOUND = Words("这件事里没有这些字，请照原样写", "These words do not stand in this matter; write them exactly as they stand")


def wanted(step: Step, facts: Facts) -> list[str]:
    """The fragments handed in with the step, each once."""
    out: list[str] = []
    for name in step.hides:
        said = facts.sealed.get(name, "")
        out += said if isinstance(said, list) else [said]
    return list(dict.fromkeys(filter(None, out)))


def refused(case: Case, procedure: Procedure, step: Step, facts: Facts) -> Words | None:
    """Why this hiding cannot be done; None where it can."""
    fragments = wanted(step, facts)
    if not fragments:
        return NONE
    if any(len(fragment) < SHORTEST for fragment in fragments):
        return SHORT
    row = {name: getattr(case, name) for name in COLUMNS}
    said = [text for one in _bodies(case.county, case.id).values() for text in _strings(one["body"])]
    texts = [*row.values(), *_strings(case.facts), *said]
    whole = "\n".join(texts)
    return None if any(fragment in whole for fragment in fragments) else UNFOUND


# ---- what to hide


@lru_cache(maxsize=2)
def _place_names(stamp: int) -> frozenset[str]:
    """Every place and office of the city as people write it: 王庄村, 王庄, 固安县路灯管理所."""
    city, out = directory.city(), set[str]()
    for spot in city.places.values():
        bare = next((spot.name.removesuffix(end) for end in OFFICIAL if spot.name.endswith(end)), spot.name)
        out |= {spot.name, bare, bare + "村", bare + "社区"}
        if len(bare) > 2 and bare[-1] in "村镇乡县市区":
            out.add(bare[:-1])
    return frozenset(out | {office.name for office in city.units.values()})


def place_names() -> Collection[str]:
    """The names that are nobody's, of the city as last read."""
    return _place_names(directory.city().stamp)


def marks(text: str) -> list[identify.Mark]:
    """What a clerk should look at in a text of this city."""
    return identify.unsure(text, place_names()) if text else []


def proposed(texts: Iterable[str]) -> dict[str, str]:
    """Fragment → sort, over several texts, in order, at most PROPOSED_MOST."""
    out: dict[str, str] = {}
    for text in texts:
        for mark in marks(text):
            if len(fragment := text[mark.start : mark.end]) >= SHORTEST and len(out) < PROPOSED_MOST:
                out.setdefault(fragment, mark.sort)
    return out


def written(case: Case) -> list[str]:
    """What a case's row holds of people's words; the title only where it is no piece of the text, perhaps cut within a name."""
    title = [] if case.title.removesuffix("…") in case.text else [case.title]
    return [case.text, *title, case.place_words]


def of_case(case: Case) -> dict[str, str]:
    """Fragment → sort in everything that staff read of a case. One query."""
    said = [text for one in _bodies(case.county, case.id).values() for text in _strings(one["body"])]
    return proposed(dict.fromkeys([*written(case), *said]))


# ---- hiding


def _cut(fragments: list[str], texts: Iterable[str]) -> Cut:
    """Puts the word of its sort in place of each fragment, the longest first."""
    sorts = proposed(texts)
    words = {}
    for fragment in fragments:
        alone = identify.marks(fragment, ())
        whole = alone[0].sort if len(alone) == 1 and len(fragment) == alone[0].end - alone[0].start else "other"
        words[fragment] = identify.INSTEAD[sorts.get(fragment, whole)]
    pattern = re.compile("|".join(map(re.escape, sorted(fragments, key=len, reverse=True))))
    return lambda text: pattern.sub(lambda found: words[found.group()], text)


def _typed(value: Any, cut: Cut) -> Any:
    """A value in which people wrote: every text in it."""
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, list):
        return [_typed(one, cut) for one in value]
    return {name: _typed(one, cut) for name, one in value.items()} if isinstance(value, dict) else value


def _words_in(value: Any, cut: Cut) -> Any:
    """Data of the program's, in which people's words may stand: only texts that are no codes, hashes or dates."""
    if isinstance(value, str):
        return value if value.isascii() else cut(value)
    if isinstance(value, list):
        return [_words_in(one, cut) for one in value]
    return {name: _words_in(one, cut) for name, one in value.items()} if isinstance(value, dict) else value


def _strings(value: Any) -> list[str]:
    """Every text in a piece of JSON."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _strings(one)]


def _cut_body(body: dict[str, Any], step: Step | None, cut: Cut) -> dict[str, Any]:
    """A body with the fragments gone from what people wrote; what the program noted for itself stays as it is."""
    typed = {f.name for f in step.fields if f.type in TYPED} if step else set()
    out = _without(body)
    out["facts"] = {k: (_typed if k in typed else _words_in)(v, cut) for k, v in body.get("facts", {}).items()}
    return out | {"note": _words_in(out["note"], cut)}


def _without(body: dict[str, Any]) -> dict[str, Any]:
    """A body without the bodies it stands for."""
    note = {k: v for k, v in body.get("note", {}).items() if k != "instead"}
    return body | {"facts": body.get("facts", {}), "note": note}


def _cut_title(title: str, text: str, fragments: list[str], cut: Cut) -> str:
    """The title, also where it was cut in the middle of a fragment."""
    bare, at = title.removesuffix("…"), -1
    if bare != title and (at := text.find(bare)) >= 0:
        end = at + len(bare)
        for fragment in fragments:
            begin = text.find(fragment, max(0, end - len(fragment) + 1))
            if 0 <= begin < end < begin + len(fragment):
                return cut(bare[: begin - at] + fragment) + "…"
    return cut(title)


def _bodies(county: str, case_id: UUID) -> dict[int, dict[str, Any]]:
    """Number → {"body", "salt", "text"} of every body of the case that is still kept. One query."""
    rows = Body.objects.filter(county=county, case_id=case_id).order_by("n").values_list("n", "salt", "text")
    return {n: {"body": json.loads(text), "salt": bytes(salt), "text": text} for n, salt, text in rows}


def hide(draft: Draft, step: Step, facts: Facts) -> dict[str, Any]:
    """Take the fragments out of the draft; returns what the event notes. `facts` loses them: they are kept nowhere as such."""
    erasures.thoroughly()  # before anything is written: what the rows held is overwritten, not only let go
    case, fragments = draft.case, wanted(step, facts)
    held = _bodies(case["county"], case["id"])
    steps = dict(Event.objects.filter(county=case["county"], case_id=case["id"]).values_list("n", "step"))
    texts = [case["text"], case["title"], case["place_words"], *(t for one in held.values() for t in _strings(one["body"]))]
    cut = _cut(fragments, dict.fromkeys(texts))
    former = {name: case[name] for name in COLUMNS}
    case["title"] = _cut_title(case["title"], case["text"], fragments, cut)[:200]
    case["text"], case["place_words"] = cut(case["text"]), cut(case["place_words"])[:200]
    case["facts"] = {k: (_typed if k == "answers" else _words_in)(v, cut) for k, v in case["facts"].items()}
    facts.sealed = {name: value for name, value in facts.sealed.items() if name not in step.hides}
    standing, moved = dict[str, Any](), list[int]()
    for n, one in held.items():
        older = instead.named(one["body"])
        cleaned = {k: _cut_body(b, draft.procedure.step(steps.get(k, "")), cut) for k, b in (older | {n: one["body"]}).items()}
        if cleaned == older | {n: _without(one["body"])}:
            continue
        moved.append(n)
        standing |= {str(k): body for k, body in cleaned.items()}
        draft.sealed[f"body.{n}"] = {"salt": one["salt"].hex(), "text": one["text"]}
    first = [name for name in COLUMNS if former[name] != case[name] and name not in case["facts"].get("hidden", [])]
    draft.sealed |= {f"hidden.{name}": former[name] for name in first}  # the wording before the first hiding is the whole one
    case["facts"] |= {"hidden": [*case["facts"].get("hidden", []), *first]}
    draft.hidden = moved
    return {"fragments": len(fragments)} | ({"instead": standing} if standing else {})


def finish(draft: Draft) -> bool:
    """Inside the draft's own transaction, after its write: the moved bodies go, and the search is written anew."""
    case = draft.case
    Body.objects.filter(county=case["county"], case_id=case["id"], n__in=draft.hidden or []).delete()
    if not case["privacy"]:
        search.index([Case(**case)])
    return True


def stand_in(county: str, case_id: UUID, n: int) -> dict[str, Any]:
    """What stands for the body of one event that is no longer kept; {} where it was erased. One query."""
    rows = Body.objects.filter(county=county, case_id=case_id, n__gt=n, text__contains='"instead":').order_by("n")
    return instead.laid({at: json.loads(text) for at, text in rows.values_list("n", "text")}).get(n, {})
