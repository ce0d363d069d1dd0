"""A question to somebody outside 外部单位 (a company, a property manager), who answers once by a link, without an account.

A child of the matter whose "speaker" is the outside party: the link is its only key, shown once to who asked. They read what was
asked and nothing of the matter; after the answer, or after its days, the link shows only that it is over.
"""

from __future__ import annotations

from minan.kernel import childhood, common, rights
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words

W = Words
KEEP = 1095
OPEN = ("waiting",)
STATES = (
    State("waiting", W("等对方答复", "Waiting for their answer"), holder="speaker"),
    State("replied", W("对方答复了", "They answered"), final=True, keep_days=KEEP),
    State("expired", W("过期没有答复", "No answer in time"), final=True, keep_days=KEEP),
    State("called_off", W("不用答复了", "Called off"), final=True, keep_days=KEEP),
)
CLOCKS = (Clock("outside", W("对方答复", "Their answer"), at_due="expire"), common.DEFERRAL, rights.HOLD)
WORDS = Field("words", W("怎么办的、什么时候办好", "What was done, and when"), "long", required=True, scrubbed=True)
PHOTOS = Field("photos", W("照片", "Photos"), "photos")


def asked(ask: Ask) -> Change:
    facts = ask.facts
    return Change(set={"title": facts["party"], "text": facts["words"]}, facts={"led": True, "party": facts["party"]})


OPENING = Step(
    "ask", W("请外部单位答复", "Ask somebody outside"), ("clock",), to="waiting", effect=asked, starts=("outside",),
    fields=(
        Field("party", W("问谁", "Who is asked"), "text", required=True, max_length=60),
        Field("words", W("请他们答复什么", "What they are asked"), "long", required=True, scrubbed=True, max_length=2000),
    ),
    done=W("请您答复", "You are asked for an answer"),
)  # fmt: skip
STEPS = (
    Step(
        "answer", W("答复", "Answer"), ("speaker",), ("waiting",), "replied", stops=("*",), parent="outside_back", fields=(WORDS, PHOTOS),
        tells=("desk",), done=W("您答复了", "You answered"),
    ),
    Step(
        "expire", W("过期", "Out of time"), ("clock",), ("waiting",), "expired", stops=("*",), parent="outside_back", tells=("desk",),
        done=W("过了答复的期限", "The time for an answer is over"),
    ),
    Step(
        "drop", W("不等了", "Do not wait"), ("desk",), ("waiting",), "called_off", key="X", stops=("*",), parent="outside_back",
        fields=(Field("words", W("为什么", "Why"), "long", required=True, scrubbed=True, shown=False),), done=W("不用答复了", "No longer needed"),
    ),
    *childhood.steps(OPEN, "called_off"),
    *(s for s in common.looking(tuple(s.name for s in STATES)) if s.name in ("defer", common.TOLD)),
    *rights.steps(STATES),
)  # fmt: skip

PROCEDURE = Procedure(
    "outside", 1, W("外部答复", "Outside answer"), STATES, STEPS, CLOCKS, opening=OPENING, first="waiting", counted=False, guest=True
)
