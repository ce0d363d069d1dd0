"""What the mediator gathers: vehicles, who was hurt, what it cost, the appraisal 鉴定, further sides; then it is worked out.

民法典第1179–1183、1208、1213条；法释〔2022〕14号第6–17条（每一项的依据由 minan/lib/damages 写在结果里）.
"""

from __future__ import annotations

import re
from typing import Any

from minan.kernel.procedure import Ask, Change, Child, Field, Step, Words
from minan.lib.damages import Refused
from minan.systems.accidents import fields as f
from minan.systems.accidents import reckoning

W = Words
OPEN = ("gathering", "reckoned")
ADVANCES = (  # docs/damages.md: how what somebody advanced is set off
    ("off_debt", W("从该他赔的里面扣", "Off what they owe")),
    ("refund_by_insurer", W("多垫的由保险公司退给他", "What is over is refunded by the insurer")),
    ("refund_by_victim", W("多垫的由伤者退给他", "What is over is refunded by the injured")),
)
AMOUNTS = ("medical", "later_treatment", "transport", "lodging", "mental", "property", "meals_daily", "nutrition_daily", "nursing_daily",
           "lost_income_daily")  # fmt: skip
YEARLY = ("urban_income", "urban_consumption")  # of the statistics year before; published by the province, never guessed
LACKS = {
    "urban_income": W("居民人均可支配收入", "yearly income of residents"),
    "urban_consumption": W("居民人均消费支出", "yearly spending of residents"),
    "average_wage": W("在岗职工年平均工资", "average yearly wage"),
    ".age": W("受伤的人多大年纪", "the age of who was hurt"),
    "share": W("各方的责任比例", "the shares of responsibility"),
}
PERIODS = ("meals_days", "nutrition_days", "nursing_days", "lost_income_days")


def _put(ask: Ask, name: str, key: str, row: dict[str, Any]) -> Change:
    held = dict(ask.case["facts"].get(name) or {})
    return Change(facts={name: held | {key: {k: v for k, v in row.items() if v not in (None, "")}}})


def percent(ask: Ask) -> Words | None:
    if ask.facts.get("share") is None or 0 <= ask.facts["share"] <= 100:
        return None
    return W("责任比例写 0 到 100 的整数", "A share lies between 0 and 100 per cent")


def vehicle(ask: Ask) -> Change:
    share = ask.facts.get("share")
    row = {"who": ask.facts["who"], "kind": ask.facts["sort"], "share": None if share is None else f"{share / 100:.2f}"}
    return _put(ask, "vehicles", ask.facts["who"], row)


def victim(ask: Ask) -> Change:
    return _put(ask, "victims", ask.facts["who"], {"rode": ask.facts.get("rode") or ask.facts["who"], "age": ask.facts.get("age")})


def is_victim(ask: Ask) -> Words | None:
    if ask.facts["who"] in (ask.case["facts"].get("victims") or {}):
        return None
    return W("先登记这一方是受伤的人", "Enter first that this side was hurt")


def days_fit(ask: Ask) -> Words | None:
    if all(0 <= (ask.facts.get(name) or 0) <= 3650 for name in PERIODS):
        return None
    return W("天数写 0 到 3650 的整数", "Days lie between 0 and 3650")


def losses(ask: Ask) -> Change:
    row = {name: f.money(ask.facts[name]) for name in AMOUNTS if ask.facts.get(name)}
    return _put(ask, "losses", ask.facts["who"], row | {name: ask.facts.get(name) for name in PERIODS})


def appraised(ask: Ask) -> Change:
    row = {name: ask.facts.get(name) for name in ("grade", "lost_income_days", "nursing_days", "nutrition_days", "on")}
    return _put(ask, "appraisals", ask.facts["who"], row | {"fee": f.money(ask.facts["fee"]) if ask.facts.get("fee") else None})


def another(ask: Ask) -> Change:
    """A further side of the accident (a passenger, an owner), with a link of their own."""
    held = f.parties(ask.case["facts"])
    ref = f.LETTERS[len(held)]
    case = ask.case
    child = Child(
        "road_party", {"who": ref}, ref, {"desk": case["desk"], "unit": case["desk"], "ruler": case["ruler"], "title": case["title"]},
        link="own", carries={"name": "name", "phone": "phone"},
    )  # fmt: skip
    return Change(children=(child,), facts={"parties": [*held, ref]}, note={"ref": ref})


def room_left(ask: Ask) -> Words | None:
    return None if len(f.parties(ask.case["facts"])) < len(f.LETTERS) else W("最多六方", "Six sides at most")


# ---- worked out


def _as_of(ask: Ask) -> Any:
    return ask.at.astimezone(f.LOCAL).date()


def _given(ask: Ask) -> dict[str, Any]:
    yearly = {name: f.money(ask.facts[name]) for name in YEARLY if ask.facts.get(name)}
    return reckoning.given(ask.case["facts"], ask.case["place"], _as_of(ask), {"advances": ask.facts["advances"]}, yearly)


def _run(ask: Ask) -> dict[str, Any]:
    return reckoning.run(_given(ask))


def _missing(path: str) -> Words:
    """What the calculator names by its path, in words; the path itself where none are known."""
    year = re.search(r"(\d{4})$", path)
    known = next((words for name, words in LACKS.items() if name in path), None)
    if known is None:
        return W(path, path)
    return W(known.zh + (f"（{year[1]} 年）" if year else ""), known.en + (f" ({year[1]})" if year else ""))


def can_be_worked_out(ask: Ask) -> Words | None:
    """Every fault at once, in the reader's language; nothing is guessed."""
    facts = ask.case["facts"]
    for name, zh, en in (
        ("finding", "还没有事故认定书", "There is no finding yet"),
        ("vehicles", "还没有登记车辆", "No vehicle was entered yet"),
        ("victims", "还没有登记受伤的人", "Nobody was entered as hurt yet"),
        ("losses", "还没有登记损失", "No losses were entered yet"),
    ):
        if not facts.get(name):
            return W(zh, en)
    lack = [ref for ref, row in facts["victims"].items() if row["rode"] not in facts["vehicles"]]
    if lack:
        return W("有受伤的人坐的车还没有登记（行人也要登记一行）", "The vehicle somebody rode in was not entered; a pedestrian has a line too")
    try:
        result = _run(ask)
    except Refused as refused:
        return W("；".join(refused.told("zh").values()), "; ".join(refused.told("en").values()))
    if result["missing"]:
        named = [_missing(one) for one in result["missing"]]
        return W("还缺：" + "、".join(one.zh for one in named), "Still missing: " + ", ".join(one.en for one in named))
    return None


def worked_out(ask: Ask) -> Change:
    """Each run is a version: the event keeps what was given and what came out, the case the last."""
    facts = ask.case["facts"]
    given, result = _given(ask), _run(ask)
    row = {"k": (facts.get("reckoning") or {}).get("k", 0) + 1, "given": given, "result": result, "at": ask.at.isoformat()}
    return Change(facts={"reckoning": row}, note={"reckoning": row["k"], "given": given, "result": result})


GATHERING = (
    Step(
        "vehicle", W("登记车辆", "Enter a vehicle"), ("lead",), OPEN, key="V", rules=(f.keeps_it, f.is_party, percent), effect=vehicle,
        fields=(
            f.who(W("谁的", "Whose")),
            Field("sort", W("是什么", "What it is"), "choice", required=True, options=f.KINDS),
            Field("share", W("这一方的责任比例（%），没有定的不填", "Its share of responsibility in per cent, where fixed"), "number"),
            f.paper("words", W("车牌、车型（只有办案的人看得到）", "Plate and model"), required=False, most=200, shown=False),
        ),
        public=False, done=W("登记了车辆", "A vehicle was entered"),
    ),
    Step(
        "victim", W("登记受伤的人", "Enter who was hurt"), ("lead",), OPEN, key="H", rules=(f.keeps_it, f.is_party), effect=victim,
        fields=(
            f.who(W("谁受了伤", "Who was hurt")),
            Field("age", W("多大年纪", "Age"), "number"),
            Field("rode", W("坐在谁的车上（自己的不用选）", "In whose vehicle; leave empty for their own"), "choice", options=f.PARTY),
            f.paper("words", W("伤情、哪家医院", "The injury, and which hospital"), required=False, most=1000, shown=False),
        ),
        done=W("登记了受伤的人", "Who was hurt was entered"),
    ),
    Step(
        "losses", W("登记损失", "Enter the losses"), ("lead",), OPEN, key="L",
        rules=(f.keeps_it, is_victim, f.money_reads(*AMOUNTS), days_fit), effect=losses,
        fields=(
            f.who(),
            f.amount("medical", W("医疗费（元，凭票）", "Medical costs by receipt, yuan")),
            f.amount("later_treatment", W("后续治疗费", "Later treatment")),
            f.days("meals_days", W("住院几天", "Days in hospital")),
            f.amount("meals_daily", W("住院伙食补助一天多少", "Hospital meals a day")),
            f.days("nutrition_days", W("营养期几天", "Days of nutrition")),
            f.amount("nutrition_daily", W("营养费一天多少", "Nutrition a day")),
            f.days("nursing_days", W("护理期几天", "Days of nursing")),
            f.amount("nursing_daily", W("护理费一天多少", "Nursing a day")),
            f.days("lost_income_days", W("误工期几天", "Days of lost income")),
            f.amount("lost_income_daily", W("误工费一天多少", "Lost income a day")),
            f.amount("transport", W("交通费", "Transport")),
            f.amount("lodging", W("住宿费", "Lodging")),
            f.amount("mental", W("精神损害抚慰金", "Mental harm")),
            f.amount("property", W("车辆和财物损失", "Vehicle and things")),
        ),
        done=W("登记了损失", "The losses were entered"),
    ),
    Step(
        "appraisal", W("登记鉴定意见", "Enter the appraisal"), ("lead",), OPEN, key="G",
        rules=(f.keeps_it, is_victim, days_fit, f.money_reads("fee"), f.not_future("on")), effect=appraised,
        fields=(
            f.who(),
            Field("grade", W("伤残等级", "Grade of disability"), "choice", required=True, options=f.GRADES),
            f.days("lost_income_days", W("误工期几天", "Days of lost income")),
            f.days("nursing_days", W("护理期几天", "Days of nursing")),
            f.days("nutrition_days", W("营养期几天", "Days of nutrition")),
            f.amount("fee", W("鉴定费（元）", "Fee, yuan")),
            Field("on", W("哪天出的意见", "Day of the opinion"), "date", required=True),
            f.paper("words", W("哪家机构、文号", "Which office, its number"), required=False, most=300, shown=False),
        ),
        done=W("登记了鉴定意见", "The appraisal was entered"),
    ),
    Step(
        "party", W("再登记一方", "Enter a further side"), ("lead",), OPEN, rules=(f.keeps_it, room_left), effect=another,
        fields=(
            Field("name", W("姓名", "Name"), "text", data="P2", max_length=60),
            Field("phone", W("电话", "Phone"), "phone", data="P2"),
        ),
        public=False, done=W("又登记了一方", "A further side was entered"),
    ),
    Step(
        "reckon", W("算赔偿", "Work out the damages"), ("lead",), OPEN, "reckoned", key="C",
        rules=(f.keeps_it, f.money_reads(*YEARLY), can_be_worked_out), effect=worked_out, stops=("gather",), starts=("come_to_terms",),
        fields=(
            f.amount("urban_income", W("上一年度居民人均可支配收入（有伤残的才用）", "Yearly income of residents, for a disability")),
            f.amount("urban_consumption", W("上一年度居民人均消费支出（有被扶养人的才用）", "Yearly spending, for dependants")),
            Field("advances", W("垫付的钱怎么抵", "How advances are set off"), "choice", required=True, options=ADVANCES),
        ),
        done=W("赔偿算清了，每一项都能自己复核", "The damages were worked out, every line to be checked"),
    ),
)  # fmt: skip
