"""录音说事: a matter, or more of it, said aloud; a clerk listens and writes it down (接诉即办条例 art. 8: voice, text, picture or video).

The recording is the speaker's word and stays; what is written down is a step of who heard it, with their name on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from minan.kernel.procedure import Ask, Change, Effect, Field, Step, Words
from minan.systems.matters import fields as f

W = Words
VOICE = Field("voice", W("录音", "Recording"), "voice")
WAITING = "unwritten"  # the numbers of events whose recording nobody wrote down, oldest first; a mark of the same name for lists
MACHINE = "machine"  # number of the event → what a machine heard in its recording, until a clerk wrote it down
WRITTEN = "written"  # the matter's own words are a clerk's, taken from the recording
JUDGING = ("accept", "ask_refusal", "settle", "merge", "turn", "mediate", "accident")  # never of what is passed on or in danger
WORDS = f.words(
    W("录音里说的", "What the recording says"), hint=W("照原话写；听不清的写“听不清”", "In their own words; where nothing can be heard, say so")
)


def or_spoken(field: Field) -> Field:
    """Words that need not be typed where they were said."""
    return replace(field, unless=VOICE.name)


def title(ask: Ask) -> str:
    """What a list shows until it is written down."""
    return f"［录音 {ask.facts[VOICE.name][0]['seconds']} 秒］"


def noted(ask: Ask, change: Change, words: str) -> Change:
    """Remember that this event's recording is to be written down, where nothing was typed with it."""
    if ask.facts.get(VOICE.name) and not ask.facts.get(words):
        waiting = ask.case["facts"].get(WAITING) or []
        change.facts[WAITING] = [*waiting, ask.case["n"] + 1]
        change.marks[WAITING] = True
    return change


def added(effect: Effect | None = None) -> Effect:
    """The effect of a step by which the speaker adds something, perhaps aloud."""

    def heard(ask: Ask) -> Change:
        return noted(ask, effect(ask) if effect else Change(), "words")

    return heard


def waits(ask: Ask) -> Words | None:
    if ask.case["facts"].get(WAITING):
        return None
    return W("没有等着写下来的录音", "No recording waits to be written down")


def written(ask: Ask) -> Words | None:
    """What nobody has put into words nobody can judge, search or hand on."""
    if 1 in (ask.case["facts"].get(WAITING) or []):
        return W("先听录音，写成文字", "Listen to the recording and write it down first")
    return None


def heard_first(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps of a matter by which it is judged or goes on elsewhere: none before its recording is in words."""
    return tuple(replace(step, rules=(written, *step.rules)) if step.name in JUDGING else step for step in steps)


def taken_down(ask: Ask) -> Change:
    """The oldest recording that waits is put into words; of the first one they become the matter's own."""
    first, *rest = ask.case["facts"][WAITING]
    machine = {n: words for n, words in (ask.case["facts"].get(MACHINE) or {}).items() if n != str(first)}
    change = Change(facts={WAITING: rest or None, MACHINE: machine or None}, marks={WAITING: True if rest else None}, note={"of": first})
    if first == 1:
        change.facts[WRITTEN] = True
        change.set = {} if ask.case["privacy"] else {"text": ask.facts["words"], "title": f.title_of(ask.facts["words"])}
    return change


# ---- what a machine made of it: a proposal to the clerk, marked, and never the speaker's words


def unheard(facts: Mapping[str, Any], n: int) -> bool:
    """Whether the recording of event `n` waits for a clerk, and no machine has tried it."""
    return n in (facts.get(WAITING) or []) and str(n) not in (facts.get(MACHINE) or {})


def draft(case: Mapping[str, Any]) -> str:
    """What a machine heard in the recording that is to be written down next; "" where none did."""
    waiting = case["facts"].get(WAITING) or [0]
    return str((case["facts"].get(MACHINE) or {}).get(str(waiting[0]), ""))


def still_waits(ask: Ask) -> Words | None:
    if unheard(ask.case["facts"], ask.facts["of"]):
        return None
    return W("这段录音不用再转写", "This recording needs no transcript any more")


def transcribed(ask: Ask) -> Change:
    known = ask.case["facts"].get(MACHINE) or {}
    return Change(facts={MACHINE: known | {str(ask.facts["of"]): ask.facts["words"]}})


TRANSCRIBED = "transcribe"
TRANSCRIBE = Step(
    TRANSCRIBED, W("机器转写", "Machine transcript"), ("clock",), public=False, readers=("desk",), rules=(still_waits,), effect=transcribed,
    fields=(
        f.words(W("机器听到的", "What a machine heard"), shown=False),
        Field("of", W("第几条记录的录音", "Number of the event it came with"), "number", required=True, shown=False),
    ),
    done=W("机器转写，请核对", "Transcribed by a machine: to be checked"),
)  # fmt: skip
WRITE = Step(
    "write_down", W("写下录音", "Write down the recording"), ("desk",), key="I", ahead=True, draft=draft, rules=(waits,),
    fields=(WORDS,), effect=taken_down, done=W("听了录音，写成文字", "The recording was listened to and written down"),
)  # fmt: skip
