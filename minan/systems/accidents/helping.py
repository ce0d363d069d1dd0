"""Who cannot pay the hospital: the driver is asked, the insurer, or the relief fund (道路交通安全法 art. 75, 引用前请核对); what was advanced
is kept with its day and set off. And the insurers asked about their policies."""

from __future__ import annotations

from minan.kernel.procedure import Ask, Change, Child, Field, Step, Words
from minan.systems.accidents import fields as f
from minan.systems.accidents import rescue
from minan.systems.accidents.gathering import OPEN

W = Words
INSURER = Field("insurer", W("哪家保险公司", "Which insurer"), "unit", source="insurer")


def is_insurer(ask: Ask) -> Words | None:
    unit = ask.facts.get("insurer", "")
    office = ask.offices.office(unit) if unit else None
    if office is not None and office.word == "insurer":
        return None
    return W("请选一家保险公司", "Choose an insurer")


def _held(ask: Ask, unit: str) -> dict[str, str]:
    case = ask.case
    return {"desk": case["desk"], "unit": unit, "ruler": case["ruler"], "title": case["title"]}


def asked_policy(ask: Ask) -> Change:
    n, insurer = ask.case["n"], ask.facts["insurer"]
    return Change(children=(Child("cover", {"who": ask.facts["who"]}, f"cover{n}", _held(ask, insurer)),))


def cover_in(ask: Ask) -> Change:
    covers = dict(ask.case["facts"].get("covers") or {})
    row = ask.facts["cover"] | {"who": ask.facts["who"], "insurer": ask.facts["insurer"]}
    return Change(facts={"covers": covers | {f"{ask.facts['who']}:{ask.facts['insurer']}": row}})


def needs_help(_ask: Ask) -> Change:
    return Change(facts={"no_money": True})


def asked_driver(ask: Ask) -> Change:
    return Change(facts={"wanted": {"who": ask.facts["who"], "amount": ask.facts["amount"]}})


def rescued(ask: Ask) -> Change:
    fund = ask.facts["way"] == "fund"
    unit = ask.offices.nearest("fund", ask.case["place"]) if fund else ask.facts["insurer"]
    given = {name: ask.facts.get(name) for name in ("way", "who", "ground")} | {"wanted": ask.facts["amount"]}
    child = Child("rescue", given, f"rescue{ask.case['n']}", _held(ask, unit), carries={"words": f"{ask.step}@{ask.case['n'] + 1}.words"})
    return Change(children=(child,))


def way_fits(ask: Ask) -> Words | None:
    if ask.facts["amount"] <= 0:
        return W("金额写元，整数", "Whole yuan, more than nothing")
    if ask.facts["way"] == "insurer":
        return is_insurer(ask)
    if not ask.facts.get("ground"):
        return W("选救助基金的，写明是哪一种情形", "Say on which ground the relief fund is asked")
    return None if ask.offices.nearest("fund", ask.case["place"]) else W("本市没有接上救助基金", "No relief fund is connected here")


def advance_in(ask: Ask) -> Change:
    rows = [*(ask.case["facts"].get("advances") or []), ask.facts["advance"]]
    return Change(facts={"advances": rows, "wanted": None, "no_money": None}, stops=("help_answer",))


def entered(ask: Ask) -> Change:
    row = {"by": ask.facts["by"], "who": ask.facts["who"], "amount": f.money(ask.facts["amount"]), "on": ask.facts["on"]}
    return Change(
        facts={"advances": [*(ask.case["facts"].get("advances") or []), row], "no_money": None}, stops=("help_answer",)
    )


def positive(ask: Ask) -> Words | None:
    return None if ask.facts["amount"] > 0 else W("金额写元，整数", "Whole yuan, more than nothing")


HELPING = (
    Step(
        "no_money", W("医药费交不起", "The hospital cannot be paid"), ("speaker", "lead"), OPEN, starts=("help_answer",),
        effect=needs_help, fields=(f.paper("words", W("哪家医院、还差多少", "Which hospital, how much is missing"), required=False, most=600),),
        tells=("lead",), done=W("说医药费交不起，调解员想办法", "The hospital cannot be paid; the mediator looks for a way"),
    ),
    Step(
        "ask_driver", W("请司机先垫付", "Ask the driver to advance it"), ("lead",), OPEN, key="D", stops=("help_answer",),
        rules=(f.keeps_it, f.is_party, positive), effect=asked_driver,
        fields=(f.who(W("请谁垫", "Whom")), Field("amount", W("多少（元）", "How much, yuan"), "number", required=True)),
        number="垫付", done=W("请对方先垫付医药费", "The other side was asked to advance the hospital's bill"),
    ),
    Step(
        "ask_rescue", W("申请抢救费用、救助基金", "Ask for rescue costs or the relief fund"), ("lead",), OPEN, key="F",
        stops=("help_answer",), rules=(f.keeps_it, f.is_party, way_fits), effect=rescued,
        fields=(
            Field("way", W("由谁", "By whom"), "choice", required=True, options=rescue.WAYS),
            INSURER,
            f.who(W("谁受伤", "Who is hurt")),
            Field("amount", W("要多少（元）", "How much, yuan"), "number", required=True),
            Field("ground", W("救助基金的情形", "Ground for the relief fund"), "choice", options=rescue.GROUNDS),
            f.paper("words", W("哪家医院、住院号、缺多少", "Which hospital, how much is missing"), required=False, shown=False),
        ),
        number="垫付", done=W("申请了抢救费用", "Rescue costs were asked for"),
    ),
    Step(
        "advance", W("登记垫付收据", "Enter a receipt of an advance"), ("lead",), OPEN, key="E",
        rules=(f.keeps_it, f.is_party, f.money_reads("amount"), f.not_future("on")), effect=entered,
        fields=(
            Field("by", W("谁垫的", "Who advanced it"), "choice", required=True, options=f.PARTY),
            f.who(W("替谁垫的", "For whom")),
            f.amount("amount", W("多少（元）", "How much, yuan"), required=True),
            Field("on", W("哪天", "When"), "date", required=True),
            f.paper("words", W("凭什么（收据号）", "What shows it"), required=False, most=300),
        ),
        done=W("登记了垫付", "An advance was entered"),
    ),
    Step(
        "policy", W("请保险公司核定", "Ask an insurer about the policy"), ("lead",), OPEN, key="I",
        rules=(f.keeps_it, f.is_party, is_insurer), effect=asked_policy,
        fields=(f.who(W("谁的车", "Whose vehicle")), INSURER),
        done=W("请保险公司核定保单", "An insurer was asked about the policy"),
    ),
    Step(
        "cover_in", W("保险公司核定了", "The insurer confirmed"), ("clock",), OPEN, effect=cover_in, tells=("lead",),
        done=W("保险公司核定了保单", "The insurer confirmed the policy"),
    ),
    Step(
        "cover_missing", W("不在这家投保", "Not insured there"), ("clock",), OPEN, tells=("lead",), public=False,
        done=W("这家保险公司说不在它那里投保", "This insurer says that it is not insured there"),
    ),
    Step(
        "advance_in", W("垫付到账", "Advanced"), ("clock",), OPEN, effect=advance_in, tells=("speaker", "lead"),
        done=W("医药费有人垫付了", "The hospital's bill was advanced"),
    ),
    Step(
        "advance_refused", W("没有垫付", "Not advanced"), ("clock",), OPEN, starts=("help_answer",), tells=("lead",),
        done=W("这一处没有垫付，调解员另想办法", "Not advanced there; the mediator looks for another way"),
    ),
)  # fmt: skip
