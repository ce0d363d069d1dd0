"""转人民调解: a matter that is a dispute between people goes to the mediation committee, with its history and the same secret (DOMAIN.md §2)."""

from __future__ import annotations

from minan.kernel.procedure import Ask, Change, Child, Field, State, Step, Words
from minan.systems.matters import fields as f
from minan.systems.matters import hands

W = Words
DISPUTE, ACCIDENT, COMMITTEE = "dispute", "accident", "mediation"  # the procedures, and the word of the units that take its cases in
MEDIATED = State("mediated", W("已转人民调解", "Passed to mediation"), final=True, keep_days=1095)


def somebody_mediates(ask: Ask) -> Words | None:
    if ask.offices.takes(COMMITTEE) and ask.offices.taker(COMMITTEE, ask.case["place"]):
        return None
    return W("本市还没有接上人民调解，请告诉说事人去司法所窗口", "No mediation committee takes cases here yet; tell them to go to the judicial office")


def is_open(ask: Ask) -> Words | None:
    if not ask.case["privacy"]:
        return None
    return W("保密的事不能转，请说事人自己向调委会申请", "A confidential matter cannot be passed on; the speaker applies to the committee")


def mediated(ask: Ask) -> Change:
    case = ask.case
    desk = ask.offices.taker(COMMITTEE, case["place"])
    given = {"text": case["text"] or case["title"], "place": case["place"], "history": f"{case['code']}：{ask.facts['words']}"}
    return Change(children=(Child(DISPUTE, given, "dispute", {"desk": desk}),), set={"ruler": ""})


def filed(ask: Ask) -> Change:
    """道交一体化: a road accident has one file of its own, which the speaker follows with the same secret."""
    case = ask.case
    given = {"text": case["text"] or case["title"], "place": case["place"], "history": f"{case['code']}：{ask.facts['words']}"}
    given["no_money"] = bool(ask.facts.get("no_money"))
    return Change(children=(Child(ACCIDENT, given, ACCIDENT, {}, link="same"),), set={"ruler": ""})


MEDIATING = (
    Step(
        "mediate", W("转人民调解", "Pass to mediation"), ("desk",), ("said", "accepted", *f.OPEN_TASK), "mediated",
        rules=(somebody_mediates, is_open, hands.all_in), effect=mediated, stops=("*",), tells=("speaker", "lead"),
        fields=(f.words(W("是谁和谁的什么纠纷，办到哪一步了", "Whose dispute it is, and how far it has come"), shown=False),),
        done=W("转给人民调解委员会，愿不愿意调由双方定，凭同一个取件码看", "Passed to the mediation committee; both sides decide; the same secret opens it"),
    ),
    Step(
        "accident", W("转道路交通事故", "File as a road accident"), ("desk",), ("said", "accepted", *f.OPEN_TASK), "mediated",
        rules=(somebody_mediates, is_open, hands.all_in), effect=filed, stops=("*",), tells=("speaker", "lead"),
        fields=(
            f.words(W("谁和谁撞了，办到哪一步了", "Who collided with whom, and how far it has come"), shown=False),
            Field("no_money", W("医药费交不起，急着用钱", "The hospital cannot be paid, money is needed now"), "yesno"),
        ),
        done=W("转到道路交通事故一件办，交警、保险、调解都在里面，凭同一个取件码看", "Filed as a road accident; the same secret opens it"),
    ),
)  # fmt: skip
