"""举一反三: from a matter that is said again and again its desk begins an improvement project, as its child by name (DOMAIN.md §1)."""

from __future__ import annotations

from minan.kernel.procedure import Ask, Change, Child, Field, Step, Words
from minan.systems.matters import fields as f

W = Words
IMPROVEMENT = "improvement"  # the procedure


def somebody_improves(ask: Ask) -> Words | None:
    return None if ask.offices.has(IMPROVEMENT) else W("本市没有装改进项目", "The city has not installed improvement projects")


def not_begun_yet(ask: Ask) -> Words | None:
    return W("已经立过一个改进项目", "There is a project already") if ask.case["facts"].get(IMPROVEMENT) else None


def is_open(ask: Ask) -> Words | None:
    """A project is published and its speakers are told: what is confidential or kept from somebody stays out of it."""
    if not ask.case["privacy"] and not ask.case["walls"]:
        return None
    return W("保密的、设了回避的事不能立改进项目", "What is confidential, or kept from somebody, begins no project")


def begun(ask: Ask) -> Change:
    given = {"title": ask.facts["title"], "text": ask.facts["words"]}
    return Change(children=(Child(IMPROVEMENT, given, IMPROVEMENT, {"desk": ask.unit}),), facts={IMPROVEMENT: True})


def step(states: tuple[str, ...]) -> Step:
    """In every state: what hurts is often seen when the matter itself has long ended."""
    return Step(
        "improve", W("立一个改进项目", "Begin an improvement"), ("desk", "above"), states, rules=(somebody_improves, is_open, not_begun_yet),
        effect=begun,
        fields=(
            Field("title", W("改什么", "What is to be improved"), "text", required=True, max_length=60, scrubbed=True, shown=False),
            f.words(W("什么事总让人难受", "What hurts, again and again"), shown=False),
        ),
        public=False, done=W("由这件事立了改进项目", "An improvement began with this matter"),
    )  # fmt: skip
