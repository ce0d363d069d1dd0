"""What came of what somebody said: the one step by which a project tells the speaker of a case, by their own channel, once (DOMAIN.md §1).

A procedure adds `step(states)`, closed states too. `tell` is called by whoever runs the project; it names no other system. The words
are the project's public ones: the same for everybody who spoke, so they tell nothing about anybody.
"""

from __future__ import annotations

from datetime import datetime

from minan.kernel import registry
from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.models import Case, Event
from minan.kernel.procedure import Ask, Change, Field, Step, Words

W = Words
NAME, TOLD = "came_of", "came_of"  # the step; kept with the case: the codes of the projects that told


def not_told_yet(ask: Ask) -> Words | None:
    if ask.facts.get("project", "") in (ask.case["facts"].get(TOLD) or []):
        return W("已经告诉过了", "They were told already")
    return None


def told(ask: Ask) -> Change:
    return Change(facts={TOLD: [*(ask.case["facts"].get(TOLD) or []), ask.facts["project"]]})


def step(states: tuple[str, ...]) -> Step:
    """The step, in all of these states."""
    return Step(
        NAME, W("后来怎么样了", "What came of it"), ("clock",), states, rules=(not_told_yet,), effect=told,
        fields=(
            Field("project", W("改进项目编号", "Code of the project"), "case", required=True, shown=False),
            Field("words", W("后来怎么样了", "What came of it"), "long", required=True, scrubbed=True, max_length=600),
        ),
        tells=("speaker",), done=W("您说的事带来了改进，点开看后来怎么样了", "What you said led to a change: open it to read what came of it"),
    )  # fmt: skip


def can_be_told(case: Case) -> bool:
    """Whether the procedure of this case knows the step in the state it is in."""
    procedure = registry.get(case.procedure)
    declared = procedure.step(NAME) if procedure is not None else None
    return declared is not None and procedure is not None and declared in procedure.steps_from(case.state)


def tell(case: Case, project: str, words: str, at: datetime) -> bool:
    """Tell the speaker of `case`; the same project tells each once, however often it is asked. True where it was told just now."""
    if not can_be_told(case) or project in (case.facts.get(TOLD) or []):
        return False
    key = f"{NAME}:{project}:{case.id.hex}"
    done = act(case, NAME, by=CLOCK, facts={"project": project, "words": words}, key=key, at=max(at, case.changed_at))
    return isinstance(done, Event)
