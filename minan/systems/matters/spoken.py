"""录音说事: a matter, or more of it, said aloud; a clerk listens and writes it down (接诉即办条例 art. 8: voice, text, picture or video).

The recording is the speaker's word and stays; what is written down is a step of who heard it, with their name on it.
"""

from __future__ import annotations

from dataclasses import replace

from minan.kernel.procedure import Ask, Change, Effect, Field, Step, Words
from minan.systems.matters import fields as f

W = Words
VOICE = Field("voice", W("录音", "Recording"), "voice")
WAITING = "unwritten"  # the numbers of events whose recording nobody wrote down, oldest first; a mark of the same name for lists
WRITTEN = "written"  # the matter's own words are a clerk's, taken from the recording
TITLE = "［录音］"
WORDS = f.words(
    W("录音里说的", "What the recording says"), hint=W("照原话写；听不清的写“听不清”", "In their own words; where nothing can be heard, say so")
)


def or_spoken(field: Field) -> Field:
    """Words that need not be typed where they were said."""
    return replace(field, unless=VOICE.name)


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


def taken_down(ask: Ask) -> Change:
    """The oldest recording that waits is put into words; of the first one they become the matter's own."""
    first, *rest = ask.case["facts"][WAITING]
    change = Change(facts={WAITING: rest or None}, marks={WAITING: True if rest else None}, note={"of": first})
    if first == 1:
        change.facts[WRITTEN] = True
        change.set = {} if ask.case["privacy"] else {"text": ask.facts["words"], "title": f.title_of(ask.facts["words"])}
    return change


WRITE = Step(
    "write_down", W("写下录音", "Write down the recording"), ("desk", "lead"), key="I", rules=(waits,), fields=(WORDS,), effect=taken_down,
    done=W("听了录音，写成文字", "The recording was listened to and written down"),
)  # fmt: skip
