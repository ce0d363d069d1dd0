"""How an accident is filed, and who is asked at once: the police for the finding, the other side by a link, and the dispute.

The dispute is opened as a child by its name; where no system of this city takes disputes in, the file stands alone.
"""

from __future__ import annotations

from minan.kernel.procedure import Ask, Change, Child, Field, Step, Words
from minan.systems.accidents import fields as f

W = Words
DISPUTE, COMMITTEE = "dispute", "mediation"  # the procedure, and the word of the units that take its cases in
CARRIED = ("name", "phone", "other_name", "other_phone")


def somewhere(ask: Ask) -> Words | None:
    if ask.offices.taker(COMMITTEE, ask.case["place"]):
        return None
    return W("这个地方还没有人民调解委员会", "There is no mediation committee for this place yet")


def opened(ask: Ask) -> Change:
    case = ask.case
    desk = ask.offices.taker(COMMITTEE, case["place"])
    set_ = {"desk": desk, "unit": desk, "ruler": ask.offices.nearest("justice", case["place"]), "title": "道路交通事故", "text": ""}
    held = {"desk": desk, "unit": desk, "ruler": set_["ruler"], "title": set_["title"]}
    names = {"name": "other_name", "phone": "other_phone"}
    children = [Child("road_party", {"who": "b"}, "b", held, link="own", carries=names)]
    if police := ask.offices.nearest("traffic", case["place"]):
        children.append(Child("finding", {}, "finding", held | {"unit": police}))
    if ask.offices.takes(COMMITTEE):
        said = {name: name for name in CARRIED} | {"text": f"{ask.step}.text", "history": f"{ask.step}.history"}
        given = {"place": case["place"], "sort": "road"}
        children.append(Child(DISPUTE, given, DISPUTE, {"desk": desk}, carries=said))
    kept = {"parties": ["a", "b"], "dispute": "asked" if ask.offices.takes(COMMITTEE) else None}
    help_ = ("help_answer",) if ask.facts.get("no_money") else ()
    return Change(set=set_, facts=kept | {"no_money": bool(ask.facts.get("no_money")) or None}, children=tuple(children), starts=help_)


REPORT = Step(
    "report",
    W("道路交通事故登记", "File a road accident"),
    ("speaker", "intake", "clock"),
    to="gathering",
    effect=opened,
    rules=(somewhere,),
    starts=("gather",),
    tells=("desk",),
    fields=(
        f.paper("text", W("在哪里、怎么撞的、谁受了伤", "Where and how it happened, and who was hurt"), most=8000),
        Field("place", W("在哪个村、社区", "In which village or community"), "place"),
        Field("no_money", W("医药费交不起，急着用钱", "The hospital cannot be paid, money is needed now"), "yesno"),
        Field("name", W("您的姓名", "Your name"), "text", data="P2", max_length=40),
        Field("phone", W("您的手机", "Your phone"), "phone", data="P2"),
        Field("other_name", W("对方姓名", "The other side's name"), "text", data="P2", max_length=60),
        Field("other_phone", W("对方手机", "Their phone"), "phone", data="P2"),
        f.paper("history", W("以前办到哪一步", "How far it came before"), required=False, shown=False),
    ),
    done=W("登记了道路交通事故", "The accident was filed"),
)
