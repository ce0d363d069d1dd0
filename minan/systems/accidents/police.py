"""The traffic police's narrow view: one finding 道路交通事故认定书, typed or imported, and nothing of the dispute.

道路交通安全法 (2021) art. 73; 道路交通事故处理程序规定（公安部令第146号，2018）第60–64条认定、第62条十日内制作、第71条三日内申请复核（引用前请核对）。
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minan.kernel import childhood, common, rights
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words
from minan.systems.accidents import fields as f

W = Words
OPEN = ("asked", "reviewing")
STATES = (
    State("asked", W("等认定书", "Awaiting the finding"), holder="lead"),
    State("reviewing", W("复核中", "Under review"), holder="lead"),
    State("issued", W("认定书已出", "Issued"), final=True, keep_days=f.KEEP),
    State("called_off", W("不用了", "Called off"), final=True, keep_days=f.KEEP),
)
CLOCKS = (
    Clock("finding_made", W("制作事故认定书", "Make the finding"), at_due="remind", above="line"),
    common.DEFERRAL,
    rights.HOLD,
)
OPENING = Step(
    "ask_finding",
    W("要事故认定书", "Ask for the finding"),
    ("clock",),
    to="asked",
    starts=("finding_made",),
    tells=("lead",),
    done=W("请交警把事故认定书录进来", "The police were asked for the finding"),
)


def duties(facts: Mapping[str, Any]) -> dict[str, str]:
    """{"a": "secondary", "b": "main"}; more sides as lines "丙 无责任". Raises ValueError with the line."""
    found = {"a": facts["duty_a"], "b": facts["duty_b"]}
    known = {words.zh.removesuffix("责任"): name for name, words in f.DUTIES} | {"无": "none"}
    for line in filter(None, (one.strip() for one in (facts.get("more") or "").splitlines())):
        letter, rest = line[0], line[1:].removeprefix("方").strip(" ：:").removesuffix("责任").removesuffix("责")
        if letter not in f.ORDINAL[2:] or rest not in known:
            raise ValueError(line)
        found[f.LETTERS[f.ORDINAL.index(letter)]] = known[rest]
    return found


def reads(ask: Ask) -> Words | None:
    try:
        found = list(duties(ask.facts).values())
    except ValueError as line:
        return W(f"看不懂“{line}”：一行一方，如“丙 无责任”", f"“{line}” cannot be read: one side a line, as the finding says it")
    pairs = {"main": "secondary", "secondary": "main", "full": "none", "equal": "equal", "none": "full"}
    if any(pairs[one] not in found for one in found):
        return W(
            "各方的责任对不上：主要对次要，全部对无责任，同等对同等",
            "The responsibilities do not fit: main with secondary, full with none, equal with equal",
        )
    if ask.facts["made_on"] < ask.facts["happened_on"]:
        return W("认定书的日子不能在事故以前", "The finding cannot be older than the accident")
    return None


def issued(ask: Ask) -> Change:
    facts = ask.facts
    row = {name: facts[name] for name in ("number", "happened_on", "made_on")} | {"duty": duties(facts)}
    return Change(facts={"finding": row}, up={"finding": row})


ISSUE = Step(
    "issue",
    W("录入事故认定书", "Enter the finding"),
    ("lead",),
    OPEN,
    "issued",
    key="A",
    rules=(f.not_future("made_on"), f.not_future("happened_on"), reads),
    effect=issued,
    stops=("*",),
    parent="finding_in",
    parent_must=True,
    tells=("desk",),
    fields=(
        Field("number", W("认定书编号", "Number of the finding"), "text", required=True, max_length=60),
        Field("happened_on", W("哪天出的事故", "Day of the accident"), "date", required=True),
        Field("made_on", W("认定书哪天做的", "Day of the finding"), "date", required=True),
        Field("duty_a", W("甲方（报的一方）", "A, who reported it"), "choice", required=True, options=f.DUTIES),
        Field("duty_b", W("乙方（对方）", "B, the other side"), "choice", required=True, options=f.DUTIES),
        Field("more", W("还有别的方：一行一方，如“丙 无责任”", "Others, one a line, as the finding says it"), "long", max_length=200),
        f.paper("words", W("事故基本事实（各方都看得到）", "The facts of the accident; all sides read them"), required=False),
    ),
    done=W("事故认定书出了", "The finding was issued"),
)
STEPS = (
    ISSUE,
    Step(
        "review",
        W("有人申请复核", "A review was asked for"),
        ("lead",),
        ("asked",),
        "reviewing",
        key="R",
        fields=(f.words(W("谁在哪天申请复核", "Who asked, and when"), required=False),),
        done=W("认定在复核", "The finding is under review"),
    ),
    *childhood.narrow(STATES, OPEN, "called_off"),
)
PROCEDURE = Procedure(
    "finding",
    1,
    W("事故认定", "Police finding"),
    STATES,
    STEPS,
    CLOCKS,
    opening=OPENING,
    titles=(W("道路交通事故", "Road accident"),),
    first="asked",
    privacy="confidential",
    counted=False,
    room="accidents:file",
)
