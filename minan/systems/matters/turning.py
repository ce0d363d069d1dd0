"""转信访: a matter that is a petition is turned into its own procedure, with its history and the same secret (DOMAIN.md §1)."""

from __future__ import annotations

from minan.kernel.procedure import Ask, Change, Child, State, Step, Words
from minan.systems.matters import fields as f
from minan.systems.matters import hands
from minan.systems.matters.rules import PETITIONS  # also the name of their procedure

W = Words
TURNED = State("turned", W("已转信访", "Turned into a petition"), final=True, keep_days=1095)


def somebody_takes_petitions(ask: Ask) -> Words | None:
    if ask.offices.takes(PETITIONS):
        return None
    return W("本市还没有接上信访程序，请告诉说事人去信访局接待窗口", "No petition office takes cases here yet; tell them to go to its window")


def is_open(ask: Ask) -> Words | None:
    """A confidential matter stays with those who hold it: its words lie in the vault alone and cannot be handed on."""
    if not ask.case["privacy"]:
        return None
    return W("保密的事不能转，请说事人自己向信访局提出", "A confidential matter cannot be turned; the speaker turns to the petition office")


def turned(ask: Ask) -> Change:
    case = ask.case
    desk = ask.offices.taker(PETITIONS, case["place"])
    given = {"text": case["text"] or case["title"], "place": case["place"], "history": f"{case['code']}：{ask.facts['words']}"}
    child = Child(PETITIONS, given, "petition", {"desk": desk, "place_words": case["place_words"]}, link="same")
    return Change(children=(child,), set={"ruler": ""})


TURNING = (
    Step(
        "turn", W("转信访", "Turn into a petition"), ("desk",), ("said", "accepted", *f.OPEN_TASK), "turned",
        rules=(somebody_takes_petitions, is_open, hands.all_in), effect=turned, stops=("*",), tells=("speaker", "lead"),
        fields=(f.words(W("为什么是信访件，办到哪一步了", "Why it is a petition, and how far it has come")),),
        done=W("转成信访件，按信访的程序办，凭同一个取件码看", "Turned into a petition; the same secret opens it"),
    ),
)  # fmt: skip
