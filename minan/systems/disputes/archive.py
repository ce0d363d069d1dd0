"""The file 卷宗: making it is a step of the committee's with its reason, and the return visit 回访 is entered for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from minan.kernel.models import Case
from minan.kernel.procedure import Ask, Change, Field, Step, Words
from minan.systems.disputes import fields as f
from minan.systems.disputes import talks

W = Words
MINUTES = 10  # in which the file that was made may be fetched
FACT = "files"


def may_make(ask: Ask) -> Words | None:
    """The mediator of the dispute, or the head of its committee; each time a line on the record."""
    if f.is_mediator(ask) is None or f.is_head(ask) is None:
        return None
    return W("由本案调解员或者调委会主任制作", "The mediator of this dispute or the committee's head makes it")


def made(ask: Ask) -> Change:
    row = {"until": (ask.at + timedelta(minutes=MINUTES)).isoformat(), "talks": bool(ask.facts.get("talks"))}
    return Change(facts={FACT: (ask.case["facts"].get(FACT) or {}) | {ask.person: row}})


def row_of(case: Case, person: str, now: datetime) -> dict[str, object] | None:
    """What this person made within the last minutes: {"until", "talks"}; None where nothing may be fetched."""
    row: dict[str, object] | None = (case.facts.get(FACT) or {}).get(person)
    return row if row and datetime.fromisoformat(str(row["until"])) > now else None


STEPS = (
    Step(
        "make_file",
        W("制作卷宗", "Make the file"),
        ("lead", "desk"),
        (*talks.OPEN, *talks.ENDED),
        key="F",
        rules=(may_make,),
        effect=made,
        public=False,
        fields=(
            f.words(W("做什么用：归档、交法院、检查", "What for: the archive, the court, an inspection")),
            Field(
                "talks",
                W(
                    "单独谈话的记录也订进去（只给调委会自己留存）",
                    "Put the talks with one side in, too (for the committee's own keeping)",
                ),
                "yesno",
                shown=False,
            ),
        ),
        done=W("制作了卷宗", "The file was made"),
    ),
    Step(
        "visit",
        W("登记回访", "Enter a return visit"),
        ("lead",),
        (*talks.AFTER, "fulfilled"),
        key="V",
        rules=(f.is_mediator,),
        public=False,
        fields=(
            f.paper(
                "words",
                W("访了谁、协议履行得怎样、还有没有矛盾", "Whom, how it is performed, what is still open"),
                most=2000,
                shown=False,
            ),
        ),
        done=W("登记了回访", "A return visit was entered"),
    ),
)
