"""How a dispute begins: applied for, come to by the committee, or out of a matter; consent of both; a mediator without a tie.

人民调解法 art. 11, 17–20: apply or come by itself, never against one side's will, either may stop; the committee names the mediator
or the parties choose; who is a party's relative or has an interest stays away (引用前请核对).
"""

from __future__ import annotations

from minan.kernel import common
from minan.kernel.procedure import Ask, Change, Child, Field, Step, Words
from minan.systems.disputes import fields as f

W = Words
EARLY = ("applied", "asking", "choosing")
TALKING = ("mediating", "signing")
JOINING = ("asking", "choosing", *TALKING)
MINUTES = 10


# ---- effects and rules


def opened(ask: Ask) -> Change:
    """Both sides get a case of their own at once; whoever applied has consented by it (art. 17)."""
    facts, came = ask.facts, bool(ask.facts.get("came")) and "intake" in ask.roles and "clock" not in ask.roles
    sort = facts.get("sort") or f.OTHER
    label = dict(f.SORTS)[sort]
    desk = ask.case["desk"]
    set_ = {"desk": desk, "unit": desk, "ruler": ask.offices.nearest("justice", ask.case["place"])}
    kept = {"sort": sort, "consent": {} if came else {f.A: ask.at.isoformat()}, "came": came}
    sides = tuple(
        Child(
            "side",
            {"party": ref, "applied": ref == f.A and not came, "sort": sort},
            ref,
            set_ | {"title": label.zh},
            link="same" if ref == f.A and "clock" in ask.roles else "own",
            carries=carries,
        )
        for ref, carries in zip(
            f.FIRST, ({"name": "name", "phone": "phone"}, {"name": "other_name", "phone": "other_phone"}), strict=True
        )
    )
    return Change(set=set_ | {"title": label.zh, "text": ""}, facts=kept, children=sides)


def somewhere(ask: Ask) -> Words | None:
    return (
        None
        if ask.case["desk"]
        else W("这个地方还没有人民调解委员会", "There is no mediation committee for this place yet")
    )


def _all(ask: Ask, consent: dict[str, str], sides: tuple[str, ...]) -> bool:
    return set(sides) <= set(consent)


def after_consent(ask: Ask) -> str:
    """Who is brought in later consents too; the talks of the others go on meanwhile."""
    if ask.state != "asking":
        return ask.state
    return "choosing" if _all(ask, _consent(ask), f.sides(ask.case["facts"])) else "asking"


def _consent(ask: Ask) -> dict[str, str]:
    """Who has consented, with whoever does so by this step."""
    held = dict(ask.case["facts"].get("consent") or {})
    return held | ({ask.facts["ref"]: ask.at.isoformat()} if ask.step == "side_agreed" else {})


def consented(ask: Ask) -> Change:
    ready = ask.state == "asking" and after_consent(ask) == "choosing"
    return Change(
        facts={"consent": _consent(ask)}, stops=("consent",) if ready else (), starts=("mediate",) if ready else ()
    )


def _stays_out(ask: Ask) -> bool:
    """One of more than two who was asked to come and never consented: the others go on without."""
    ref = ask.facts.get("ref", "")
    return ref not in f.FIRST and ref not in (ask.case["facts"].get("consent") or {})


def _without(ask: Ask) -> tuple[str, ...]:
    return tuple(ref for ref in f.sides(ask.case["facts"]) if ref != ask.facts.get("ref"))


def after_stop(ask: Ask) -> str:
    if _stays_out(ask):
        ready = ask.state == "asking" and _all(ask, _consent(ask), _without(ask))
        return "choosing" if ready else ask.state
    return "withdrawn" if ask.state == "applied" else "ended"


def stopped(ask: Ask) -> Change:
    """Each may stop at any time, without a reason; all are told the other ways (art. 23, 26). Who never came in stays out."""
    if _stays_out(ask):
        ready = ask.state == "asking" and after_stop(ask) == "choosing"
        return Change(
            facts={"sides": list(_without(ask))},
            note={"by": ask.facts["ref"]},
            stops=("consent",) if ready else (),
            starts=("mediate",) if ready else (),
        )
    note = {"by": ask.facts.get("ref", "")} | (
        {"document": "终止调解告知书", "words": f.WAYS.zh} if ask.state != "applied" else {}
    )
    return Change(set={"outcome": "stopped"}, note=note)


def not_tied(ask: Ask) -> Words | None:
    """Of this committee, no party, no party's declared relative, not already sent away."""
    who, walls, facts = ask.facts["mediator"], set(ask.case["walls"]), ask.case["facts"]
    units = ask.offices.mates(who)
    if ask.case["unit"] not in units:
        return W("调解员要是本调解委员会的人", "The mediator is somebody of this committee")
    kept_away = f"user:{who}" in walls or any(f"user:{tie}" in walls for tie in ask.offices.ties("", who))
    if kept_away or ask.offices.free(ask.case["unit"], walls) != ask.case["unit"]:
        return W("这个人与一方有关系，要回避", "This person has a tie to a party and stays away")
    if who in (facts.get("gone") or []):
        return W("这个人已经回避或者被换下", "This person stood aside or was changed")
    return None


def named(ask: Ask) -> Change:
    return Change(facts={"mediator": ask.facts["mediator"]})


def declares_no_tie(ask: Ask) -> Words | None:
    if ask.facts.get("no_tie") is True:
        return None
    return W(
        "与一方是近亲属或有利害关系的，请按“我要回避”",
        "Whoever is a relative of a party or has an interest stands aside instead",
    )


def took_on(ask: Ask) -> Change:
    return Change(facts={"took_on": ask.at.isoformat()})


def _gone(ask: Ask) -> dict[str, object]:
    facts = ask.case["facts"]
    return {
        "mediator": None,
        "took_on": None,
        "change": None,
        "gone": [*(facts.get("gone") or []), facts.get("mediator")],
    }


def stood_aside(ask: Ask) -> Change:
    return Change(facts=_gone(ask), walls=(f"user:{ask.person}",))


def changed(ask: Ask) -> Change:
    return Change(facts=_gone(ask) | {"draft": None}, marks={"change": None})


def has_one(ask: Ask) -> Words | None:
    return None if ask.case["facts"].get("mediator") else W("还没有定调解员", "No mediator is named yet")


def change_asked(ask: Ask) -> Change:
    return Change(facts={"change": ask.facts["ref"]}, marks={"change": True})


def is_asked(ask: Ask) -> Words | None:
    return None if ask.case["facts"].get("change") else W("没有人申请换调解员", "Nobody asked for another mediator")


def kept(ask: Ask) -> Change:
    return Change(facts={"change": None}, marks={"change": None})


def walled(ask: Ask) -> Change:
    """A party works in a unit, or is somebody of the staff: they and their declared relatives are kept away."""
    return Change(walls=common.walls_of(ask), facts={"mediator": None})


# ---- steps

SAY = Step(
    "apply",
    W("申请人民调解", "Apply for mediation"),
    ("speaker", "intake", "clock"),
    to="applied",
    effect=opened,
    rules=(somewhere,),
    starts=("dispute_admit",),
    tells=("desk",),
    fields=(
        f.paper("text", W("什么事、想要什么结果", "What happened, and what you want"), most=8000),
        Field("place", W("在哪个村、社区", "In which village or community"), "place"),
        Field("sort", W("哪一类", "Kind"), "choice", options=f.SORTS),
        Field(
            "came",
            W("没有人申请，是调委会主动来调解的", "Nobody applied: the committee comes by itself"),
            "yesno",
            shown=False,
        ),
        Field("name", W("申请人姓名", "Your name"), "text", data="P2", max_length=40),
        Field("phone", W("申请人手机", "Your phone"), "phone", data="P2"),
        Field("other_name", W("对方姓名或单位", "The other side's name"), "text", data="P2", max_length=60),
        Field("other_phone", W("对方手机", "Their phone"), "phone", data="P2"),
        f.paper("history", W("以前办到哪一步", "How far it came before"), required=False, shown=False),
    ),
    done=W("申请了人民调解", "Mediation was applied for"),
)

BEGINNING = (
    Step(
        "accept",
        W("受理，问各方愿不愿意", "Accept, and ask all sides"),
        ("desk", "lead"),
        ("applied",),
        "asking",
        key="A",
        number="人调受",
        stops=("dispute_admit",),
        starts=("consent",),
        tells=("desk",),
        fields=(f.paper("summary", W("跟各方怎么说这件事（各方都看得到）", "What all sides are told it is about")),),
        done=W("受理了，征求各方意见", "Accepted; all sides are asked"),
    ),
    Step(
        "refuse",
        W("不予受理，告知途径", "Not accepted; the way is shown"),
        ("desk", "lead"),
        ("applied",),
        "refused",
        key="X",
        stops=("*",),
        number="人调告",
        fields=(f.paper("why", W("为什么不能调解，该去哪里", "Why it cannot be mediated, and where to go")),),
        done=W("不予受理，告知了该走的途径", "Not accepted; the way of law was shown"),
    ),
    Step(
        "side_agreed",
        W("一方同意调解", "A side consents"),
        ("clock",),
        JOINING,
        to_any=JOINING,
        decide=after_consent,
        effect=consented,
        rules=(f.acts_for_side,),
        tells=("desk",),
        public=False,
        done=W("一方同意调解", "A side consented"),
    ),
    Step(
        "side_stopped",
        W("一方不再调解", "A side stops"),
        ("clock",),
        (*EARLY, *TALKING),
        to_any=(*EARLY, *TALKING, "ended", "withdrawn"),
        decide=after_stop,
        effect=stopped,
        rules=(f.acts_for_side,),
        tells=("desk",),
        done=W("一方不愿调解，调解终止", "A side does not wish to go on; mediation ended"),
    ),
    Step(
        "appoint",
        W("定调解员", "Name the mediator"),
        ("desk", "lead"),
        ("choosing",),
        key="M",
        rules=(not_tied,),
        effect=named,
        tells=("lead",),
        fields=(Field("mediator", W("谁来调解", "Who mediates"), "staff", required=True, shown=False),),
        done=W("定了调解员", "A mediator was named"),
    ),
    Step(
        "take_on",
        W("我来调解", "Take it on"),
        ("lead",),
        ("choosing",),
        "mediating",
        key="S",
        rules=(f.is_mediator, declares_no_tie),
        effect=took_on,
        fields=(
            Field("no_tie", W("我与各方没有亲属或利害关系", "I have no tie to either side"), "yesno", required=True),
        ),
        done=W("调解员接手，声明与各方没有关系", "The mediator took it on and declared no tie"),
    ),
    Step(
        "stand_aside",
        W("我要回避", "Stand aside"),
        ("lead",),
        ("choosing", *TALKING),
        "choosing",
        rules=(f.is_mediator,),
        effect=stood_aside,
        fields=(f.words(W("为什么回避（可以不写）", "Why (may be left empty)"), required=False),),
        tells=("desk",),
        done=W("调解员回避了", "The mediator stood aside"),
    ),
    Step(
        "side_asks_change",
        W("一方申请换调解员", "A side asks for another mediator"),
        ("clock",),
        ("choosing", *TALKING),
        public=False,
        rules=(f.acts_for_side, has_one),
        effect=change_asked,
        tells=("desk",),
        done=W("一方申请换调解员", "A side asked for another mediator"),
    ),
    Step(
        "change_mediator",
        W("换调解员", "Change the mediator"),
        ("desk",),
        ("choosing", *TALKING),
        "choosing",
        rules=(f.is_head, has_one),
        effect=changed,
        fields=(f.words(W("理由", "Reasons")),),
        tells=("lead",),
        done=W("换了调解员，另定一位", "The mediator was changed"),
    ),
    Step(
        "keep_mediator",
        W("不换调解员", "Keep the mediator"),
        ("desk",),
        ("choosing", *TALKING),
        rules=(f.is_head, is_asked),
        effect=kept,
        fields=(f.words(W("理由，申请的一方看得到", "Reasons; who asked reads them"), shown=True),),
        done=W("调解员不换", "The mediator stays"),
    ),
    Step(
        "wall",
        W("一方是工作人员：设回避", "A party is on the staff: keep them away"),
        ("desk", "ruler"),
        EARLY,
        rules=(common.names_somebody, common.somebody_is_left),
        effect=walled,
        fields=(common.ABOUT, common.WHOM),
        public=False,
        tells=("desk",),
        done=W("设了回避", "Somebody was kept away"),
    ),
)
