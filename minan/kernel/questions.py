"""The extra questions of a kind 补充问题: which are asked after which answers, whether an answer fits, which are still open.

A city writes them without code; each has its edition, so that a case is read by the questions it was asked. Nobody is kept from
speaking because a question is not answered: what is required and open is counted, and the desk or the lead asks it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from minan.kernel import directory
from minan.kernel.models import Question
from minan.kernel.procedure import Field, Words

TYPES = ("text", "long", "choice", "yesno", "number", "date")
YES_NO = (("yes", Words("是", "Yes")), ("no", Words("否", "No")))
PREFIX = "q-"  # of a question's field in a form
MOST = 400  # characters of an answer
Answers = Mapping[str, str]


def _all() -> dict[str, list[Question]]:
    city = directory.city()
    if "questions" not in city.beside:
        found: dict[str, list[Question]] = defaultdict(list)
        for question in Question.objects.order_by("rank", "id"):
            found[question.kind_id].append(question)
        city.beside["questions"] = dict(found)
    kept: dict[str, list[Question]] = city.beside["questions"]
    return kept


def of_kind(kind: str, edition: int = 0) -> list[Question]:
    """The questions of a kind in their order, as that edition has them; 0: as they are asked now. No query once read."""
    rows = _all().get(kind, [])
    if not edition:
        return [q for q in rows if q.until is None]
    return [q for q in rows if directory.holds(edition, q.since, q.until)]


def values(question: Question) -> dict[str, Words]:
    """What may be chosen, each with its words; empty where it is answered freely."""
    if question.type == "yesno":
        return dict(YES_NO)
    return {o["value"]: Words(o["zh"], o.get("en") or o["zh"]) for o in question.options} if question.type == "choice" else {}


def wanted(question: Question) -> tuple[str, frozenset[str]]:
    """(the question it hangs on, the answers after which it is asked); ("", …) where it is always asked."""
    condition = question.condition or {}
    given = condition.get("is", [])
    return condition.get("question", ""), frozenset(given if isinstance(given, list) else [given])


def asked(rows: Iterable[Question], answers: Answers, *, open_too: bool = False) -> list[Question]:
    """Those that are asked after these answers, branch by branch. `open_too`: also those whose branch is not decided yet."""
    rows = list(rows)
    there: set[str] = set()
    for _ in rows:  # as deep as the branches can be, whatever the order they are asked in
        size = len(there)
        for question in rows:
            on, after = wanted(question)
            said = answers.get(on, "")
            if not on or (on in there and (said in after or (open_too and not said))):
                there.add(question.code)
        if len(there) == size:
            break
    return [question for question in rows if question.code in there]


def wrong(rows: Iterable[Question], answers: Answers) -> Words | None:
    """What does not fit among these answers; None where all do. An answer to no question of ours is let through."""
    for question in rows:
        said = answers.get(question.code, "").strip()
        chosen = values(question)
        if said and chosen and said not in chosen:
            return Words(f"“{question.label}”：请从列出的几项里选", f"“{question.label_en}”: choose one of the listed answers")
        if said and question.type == "date" and not _is_day(said):
            return Words(f"“{question.label}”：日期写成 2026-12-15 这样", f"“{question.label_en}”: write the date like 2026-12-15")
    return None


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def missing(kind: str, edition: int, answers: Answers) -> list[Question]:
    """What must be known of a kind, is asked after these answers, and is not answered yet."""
    rows = asked(of_kind(kind, edition), answers)
    return [q for q in rows if q.required and not answers.get(q.code, "").strip()]


def text_of(question: Question, said: str, lang: str) -> str:
    """An answer as people read it."""
    chosen = values(question).get(said)
    return chosen.into(lang) if chosen else said


def fields(rows: Iterable[Question]) -> tuple[Field, ...]:
    """The questions as fields of a form; what hangs on an answer says so."""
    known = {q.code: q for q in rows}
    return tuple(_field(q, known) for q in known.values())


def _field(question: Question, known: Mapping[str, Question]) -> Field:
    on, after = wanted(question)
    hint = None
    if on in known:
        chosen = values(known[on])
        zh, en = (
            sep.join(chosen[a].into(lang) if a in chosen else a for a in sorted(after)) for lang, sep in (("zh", "、"), ("en", ", "))
        )
        hint = Words(f"“{known[on].label}”答“{zh}”时才问", f"Asked only after “{known[on].label_en}” is answered “{en}”")
    kind = {"yesno": "choice", "date": "text", "number": "text"}.get(question.type, question.type)
    options = tuple(values(question).items())
    return Field(PREFIX + question.code, Words(question.label, question.label_en), kind, options=options, hint=hint, max_length=MOST)
