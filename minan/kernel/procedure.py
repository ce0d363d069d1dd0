"""What a procedure is: states, steps, clocks and fields as frozen data that check themselves when imported.

A system declares one `Procedure` in its `procedure.py`; the one door (`act.py`) takes its steps, pages and the API
draw their forms from its fields, the handbook draws its diagram. Pure: no Django, no database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal, NamedTuple

ROLES = frozenset({"speaker", "desk", "lead", "ruler", "above", "line", "staff", "clock", "intake", "house", "caller"})
TYPES = frozenset(
    {
        "text",
        "long",
        "choice",
        "yesno",
        "kind",
        "place",
        "unit",
        "units",
        "staff",
        "date",
        "moment",
        "phone",
        "photos",
        "voice",
        "email",
        "push",
        "openid",
        "case",
        "number",
        "digest",
        "ground",
        "answers",
        "fragments",
        "drawn",
    }
)
CLASSES = frozenset(
    {"P0", "P1", "P2", "P3", "P4", "P8"}
)  # data classes of RELIABILITY.md §5; P2 and up go to the vault
ANY = ("*",)  # every state that is not final


class Words(NamedTuple):
    """One text in both languages of the house."""

    zh: str
    en: str

    def into(self, lang: str) -> str:
        return self.en if lang.startswith("en") else self.zh


class ProcedureError(ValueError):
    """A declaration that contradicts itself; raised at import so that a wrong procedure never starts."""


@dataclass(frozen=True, slots=True)
class State:
    name: str
    label: Words
    final: bool = False
    keep_days: int | None = None  # final states: how long facts are kept after it is reached
    holder: Literal["", "desk", "lead", "ruler", "speaker"] = ""  # who must act next
    waits: Literal["", "children"] = ""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: Words
    type: str = "text"
    required: bool = False
    options: tuple[tuple[str, Words], ...] = ()
    source: str = ""  # for `ground`: which closed list; for `unit`: which units may be chosen
    hint: Words | None = None
    data: str = "P1"
    keep_days: int = 1095
    max_length: int = 4000
    scrubbed: bool = False  # phone numbers, IDs and the like are taken out; the original goes to the vault
    unless: str = ""  # with `required`: not needed where this other field was given
    shown: bool = True  # the speaker reads it on their page; False: staff only
    paper: bool = False  # goes to the vault under its event, whoever writes it; who reads it is its system's word

    @property
    def sealed(self) -> bool:
        """True: kept in the vault, never in an event's body, an index or a work order."""
        return self.data in {"P2", "P3", "P4"}


@dataclass(frozen=True, slots=True)
class Clock:
    name: str
    label: Words
    owner: Literal["desk", "lead", "ruler", "up"] = "lead"  # whose office hours count, and who is reminded; "up": to whom it went up
    above: Literal["block", "line"] = "block"  # which way it goes up when it runs out
    at_due: str = ""  # the step the clock itself takes when due
    at_escalate: str = ""  # … and at 1.5 times the limit
    ends: Words | None = None  # what happens at its end, in words (required where at_due is empty)
    while_late: bool = False  # runs only as long as another clock of the case is late, and ends by itself with it
    quiet: bool = (
        False  # no light of the case: it outlives its end, nothing pauses it, and the speaker is not told of it
    )


@dataclass(frozen=True, slots=True)
class Ask:
    """Everything a pure rule may know: the case as it stands, the facts handed in, who asks, when, and the offices."""

    step: str
    state: str
    facts: Mapping[str, Any]
    case: Mapping[
        str, Any
    ]  # Case.as_view(), and "clocks": name → {"due_at", "started_at", "running", "extended", "round"}
    roles: frozenset[str]
    unit: str  # the asker's unit, "" for speaker and clock
    person: str  # the asker, "" when not a signed-in person
    at: Any  # aware datetime
    offices: Any = None  # Offices: above(unit, way), for_kind(kind, place), desk_of(place), kind(code)
    cast: str = ""  # how a speaker's judgement came: "own", "issued" or "seen" (access.Actor)

    @property
    def marks(self) -> Mapping[str, Any]:
        marks: Mapping[str, Any] = self.case.get("marks", {})
        return marks


@dataclass(frozen=True, slots=True)
class Child:
    """A case that a step opens together with itself: both or neither. It lies in the parent's county and behind its walls."""

    procedure: str
    facts: Mapping[str, Any]  # what its opening step asks
    ref: str  # how the parent calls it; the child keeps it and brings it along when it takes a step on the parent
    set: Mapping[str, Any] = field(default_factory=dict)  # columns: desk, unit, ruler, kind, urgency, size
    link: Literal["", "same", "own"] = ""  # who follows it from outside: nobody, the parent's speaker, or whoever gets its link
    carries: Mapping[str, str] = field(default_factory=dict)  # its field → the sealed answer to the parent's step that goes to its vault


@dataclass(slots=True)
class Change:
    """What a step does besides moving: columns of the case, marks (overlays), words for the event."""

    set: dict[str, Any] = field(
        default_factory=dict
    )  # desk, unit, ruler, kind, place, urgency, size, title, text, merged_into, outcome
    marks: dict[str, Any] = field(default_factory=dict)  # name → value; None takes the mark away
    facts: dict[str, Any] = field(default_factory=dict)  # kept with the case
    starts: tuple[str, ...] = ()  # clocks started besides the declared ones
    stops: tuple[str, ...] = ()
    due: dict[str, Any] = field(default_factory=dict)  # clock → moment fixed by a person (a review date)
    note: dict[str, Any] = field(default_factory=dict)  # added to the event's body
    counts: dict[str, int] = field(default_factory=dict)  # what the tallies add (answered, on_time, rated …)
    walls: tuple[str, ...] = ()  # who must not come near the case from now on: "unit:131022-lighting", "user:12"
    erases: tuple[str, ...] = ()  # facts of the vault that go with this write for good; "account": the link to an account
    children: tuple[Child, ...] = ()
    up: dict[str, Any] = field(default_factory=dict)  # what the parent is told besides, where the step moves it
    opens: str = ""  # "identity" or "text": this step opens the vault by a second person's word; ten a person and day


Rule = Callable[[Ask], Words | None]
Effect = Callable[[Ask], Change]


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    label: Words
    who: tuple[str, ...]
    sources: tuple[str, ...] = ANY
    to: str = ""  # "" : does not move the state
    to_any: tuple[str, ...] = ()  # with `decide`: all the states it may lead to
    decide: Callable[[Ask], str] | None = None
    fields: tuple[Field, ...] = ()
    rules: tuple[Rule, ...] = ()
    effect: Effect | None = None
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()  # ("*",) = all that run
    resumes: tuple[str, ...] = ()
    law_too: bool = False  # with `resumes`: the law does not count the time in between either; its own end moves along
    extends: str = ""  # clock whose end is moved by its own term, once
    restates: bool = False  # kind, urgency or size may change: the stricter date applies from now
    takes: tuple[str, ...] = ()  # steps written as done by the same hand in the same minute, before this one
    then: Callable[[Ask], str] | None = None  # a step the clock takes right after, in the same transaction
    then_any: tuple[str, ...] = ()  # … all that `then` may name
    tells: tuple[str, ...] = ()  # speaker, desk, lead, ruler, above
    number: str = ""  # draws the next number of this series (督办, 催办) for the acting unit and year
    slips: bool = False  # moves the day promised to the speaker: what tells them names the new day
    code: bool = False  # its text message carries six digits (onetime_code.py)
    folds: bool = False  # a reminder: told once a day in one numbered list a unit, unless the case is urgent (reminders.py)
    public: bool = True  # stands on the speaker's page
    readers: tuple[str, ...] = ()  # the only roles of staff that read its events; () is everybody who may see the case
    heard: bool = False  # what it says is for whoever acts next: shown above their buttons
    draft: Callable[[Mapping[str, Any]], str] | None = None  # of a case: what a machine proposes for its long field, to be checked
    ahead: bool = False  # as long as it can be taken, it is what the case waits for
    near: bool = False  # always in sight, also on a phone: where a minute counts
    batched: bool = False  # a judgement: the unit it judges reads it only together with nine others
    hides: tuple[str, ...] = ()  # sealed fields whose words are taken out of the whole case, into the vault (hiding.py)
    parent: str = ""  # the step it takes on the case this one is a child of, in the same transaction, where that can be taken
    parent_must: bool = False  # with `parent`: where that cannot be taken, neither is this one, and the parent's reason is told
    told_why: bool = False  # where its rules refuse it whatever is handed in, the page says why instead of leaving it out in silence
    key: str = ""  # the letter on the desk's button
    done: Words | None = None  # how the timeline tells it afterwards; {unit} and facts may be named

    @property
    def targets(self) -> tuple[str, ...]:
        return self.to_any or ((self.to,) if self.to else ())

    @property
    def moves(self) -> bool:
        """True where the step moves the state or a clock: then the caller's `moves` counter is compared."""
        return bool(
            self.targets or self.starts or self.stops or self.pauses or self.resumes or self.extends or self.restates
        )


@dataclass(frozen=True, slots=True)
class Procedure:
    name: str
    version: int
    label: Words
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    clocks: tuple[Clock, ...]
    opening: Step
    first: str  # the state a case begins in
    archive: str = ""  # the step by which a message of the past is kept: final at once, no clocks, in no rate
    moved: Mapping[str, str] = field(default_factory=dict)  # state of an older version → state of this one
    privacy: str = ""  # every case of it: "confidential", or "sealed" (only who has the role of `desk` reads it)
    desk: str = ""  # the word of the unit that takes its cases in; "": the desk of the place
    counted: bool = True  # False: a task inside another case, in no count of what people said
    room: str = ""  # the name of a page of its own (one code), to which its link and the desk lead; it is begun there too
    plain: bool = False  # its cases are about a thing, never about a person: open also where what they came from is confidential
    pictures_for: str = ""  # the fact that names the one member of staff who may see its pictures; "": who sees the case
    guest: bool = False  # who follows it from outside was asked by a link and said no matter
    titles: tuple[Words, ...] = ()  # what it calls its cases beside its own label, whole or before a colon: said in the reader's language
    system: str = ""  # the folder that declares it (filled by the registry)

    def __post_init__(self) -> None:
        problems = check(self)
        if problems:
            raise ProcedureError(f"{self.name} v{self.version}: " + "; ".join(problems))

    def state(self, name: str) -> State:
        return next(s for s in self.states if s.name == name)

    @property
    def taken_down(self) -> bool:
        """True where staff take down on the common page what a speaker says."""
        return {"intake", "speaker"}.issubset(self.opening.who) and not self.room

    def step(self, name: str) -> Step | None:
        if name == self.opening.name:
            return self.opening
        return next((s for s in self.steps if s.name == name), None)

    def clock(self, name: str) -> Clock:
        return next(c for c in self.clocks if c.name == name)

    def steps_from(self, state: str) -> tuple[Step, ...]:
        final = self.state(state).final
        return tuple(s for s in self.steps if state in s.sources or (s.sources == ANY and not final))


def _reachable(p: Procedure) -> set[str]:
    seen = {p.first, *p.opening.targets}  # an opening may decide between several
    todo = sorted(seen)
    finals = {s.name for s in p.states if s.final}
    while todo:
        here = todo.pop()
        for step in p.steps:
            if here in step.sources or (step.sources == ANY and here not in finals):
                fresh = [t for t in step.targets if t not in seen]
                seen.update(fresh)
                todo.extend(fresh)
    return seen


def _check_step(step: Step, states: set[str], clocks: set[str], steps: set[str]) -> list[str]:
    out = []
    named = [*step.targets, *(s for s in step.sources if s != "*")]
    out += [f"step {step.name}: unknown state {s}" for s in named if s not in states]
    touched = [*step.starts, *step.stops, *step.pauses, *step.resumes, *([step.extends] if step.extends else [])]
    out += [f"step {step.name}: unknown clock {c}" for c in touched if c != "*" and c not in clocks]
    out += [f"step {step.name}: unknown role {r}" for r in step.who if r not in ROLES]
    out += [f"step {step.name}: field {f.name} has unknown type {f.type}" for f in step.fields if f.type not in TYPES]
    out += [
        f"step {step.name}: field {f.name} has unknown data class {f.data}"
        for f in step.fields
        if f.data not in CLASSES
    ]
    out += [f"step {step.name}: takes unknown step {t}" for t in (*step.takes, *step.then_any) if t not in steps]
    if bool(step.to_any) != bool(step.decide):
        out.append(f"step {step.name}: to_any and decide go together")
    if bool(step.then_any) != bool(step.then):
        out.append(f"step {step.name}: then_any and then go together")
    if not step.who:
        out.append(f"step {step.name}: nobody may take it")
    sealed = {f.name for f in step.fields if f.sealed}
    out += [f"step {step.name}: hides {n}, which is no sealed field" for n in step.hides if n not in sealed]
    return out


def check(p: Procedure) -> list[str]:
    """Every contradiction in the declaration, as sentences; empty when it is sound."""
    states, clocks = {s.name for s in p.states}, {c.name for c in p.clocks}
    steps = {s.name for s in p.steps}
    out = []
    for kind, names in (
        ("state", [s.name for s in p.states]),
        ("step", [s.name for s in (p.opening, *p.steps)]),
        ("clock", [c.name for c in p.clocks]),
    ):
        out += [f"{kind} {n} is declared twice" for n in sorted({n for n in names if names.count(n) > 1})]
    if p.first not in states:
        return [*out, f"unknown first state {p.first}"]
    for step in (p.opening, *p.steps):
        out += _check_step(step, states, clocks, steps)
    for clock in p.clocks:
        out += [
            f"clock {clock.name}: takes unknown step {s}"
            for s in (clock.at_due, clock.at_escalate)
            if s and s not in steps
        ]
        if not clock.at_due and clock.ends is None:
            out.append(f"clock {clock.name}: nothing is said about its end")
        if not any(clock.name in s.starts or s.effect for s in (p.opening, *p.steps)):
            out.append(f"clock {clock.name} is never started")
        if not clock.while_late and not any(clock.name in s.stops or s.stops == ANY for s in p.steps):
            out.append(f"clock {clock.name} is never stopped")
    reached = _reachable(p)
    out += [f"state {s} cannot be reached" for s in sorted(states - reached)]
    for state in p.states:
        exits = [
            s for s in p.steps if (state.name in s.sources or (s.sources == ANY and not state.final)) and s.targets
        ]
        if not state.final and not any(t != state.name for s in exits for t in s.targets):
            out.append(f"state {state.name} is a dead end")
        if state.final and state.keep_days is None:
            out.append(f"final state {state.name} does not say how long it is kept")
    if p.archive and not any(
        s.name == p.archive and not s.sources and s.to in {x.name for x in p.states if x.final} for s in p.steps
    ):
        out.append(f"archive {p.archive}: must be a step from nowhere into a final state")
    out += [f"moved: unknown new state {new}" for new in p.moved.values() if new not in states]
    return out


def plain(thing: Any) -> Any:
    """The declaration as JSON data (functions by name): what a snapshot keeps of a version."""
    if is_dataclass(thing) and not isinstance(thing, type):
        return {f.name: plain(getattr(thing, f.name)) for f in fields(thing)}
    if isinstance(thing, Words):
        return {"zh": thing.zh, "en": thing.en}
    if isinstance(thing, Mapping):
        return {str(k): plain(v) for k, v in thing.items()}
    if isinstance(thing, tuple | list):
        return [plain(v) for v in thing]
    return thing.__name__ if callable(thing) else thing


def diagram(p: Procedure, lang: str = "zh") -> str:
    """The procedure as Mermaid text: one box a state, one arrow a step that moves it."""
    finals = {s.name for s in p.states if s.final}
    lines = ["stateDiagram-v2", f"    [*] --> {p.first}: {p.opening.label.into(lang)}"]
    lines += [f"    {s.name}: {s.label.into(lang)}" for s in p.states]
    for step in p.steps:
        froms = [s.name for s in p.states if s.name not in finals] if step.sources == ANY else list(step.sources)
        for source in froms:
            lines += [f"    {source} --> {t}: {step.label.into(lang)}" for t in step.targets if t != source]
    lines += [f"    {name} --> [*]" for name in sorted(finals)]
    return "\n".join(lines)
