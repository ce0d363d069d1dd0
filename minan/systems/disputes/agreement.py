"""The agreement: drafted with what art. 29 asks, signed by both sides and the mediator, sealed; or by word of mouth (art. 30);
then its fulfilment (art. 31), the breach (art. 32) and the joint application for judicial confirmation (art. 33)."""

from __future__ import annotations

from minan.kernel.procedure import Ask, Change, Child, Field, Step, Words
from minan.systems.disputes import fields as f
from minan.systems.disputes import plan, talks
from minan.systems.disputes.opening import TALKING

W = Words
AFTER = talks.AFTER
TERMS = f.paper("terms", W("各方约定的内容", "What was agreed"), most=6000)


# ---- drafting and signing


def drafted(ask: Ask) -> Change:
    last = ask.case["facts"].get("draft") or {}
    return Change(facts={"draft": {"k": last.get("k", 0) + 1, "n": ask.case["n"] + 1, "signed": {}}} | plan.kept(ask))


def is_last_draft(ask: Ask) -> Words | None:
    row = ask.case["facts"].get("draft") or {}
    if row.get("k") != ask.facts.get("k"):
        return W("协议改过了，请看新的一份", "The agreement was changed; please read the new one")
    return W("您已经签过了", "You signed it already") if ask.facts["ref"] in row["signed"] else None


def signed(ask: Ask) -> Change:
    row = dict(ask.case["facts"]["draft"])
    who, how = ask.facts.get("ref", talks.MEDIATOR), "paper" if ask.facts.get("person") else ask.facts.get("how", "code")
    return Change(facts={"draft": row | {"signed": row["signed"] | {who: {"at": ask.at.isoformat(), "how": how, "n": ask.facts.get("n")}}}})


def not_countersigned(ask: Ask) -> Words | None:
    row = ask.case["facts"].get("draft") or {}
    return W("您已经签过了", "You signed it already") if talks.MEDIATOR in row.get("signed", {}) else None


def countersigned(ask: Ask) -> Change:
    row = dict(ask.case["facts"]["draft"])
    mark = {"at": ask.at.isoformat(), "how": "staff", "n": ask.case["n"] + 1}
    return Change(
        facts={"draft": row | {"signed": row["signed"] | {talks.MEDIATOR: mark}}}
    )


def all_signed(ask: Ask) -> Words | None:
    signed_by = set((ask.case["facts"].get("draft") or {}).get("signed", {}))
    if signed_by == {*f.sides(ask.case["facts"]), talks.MEDIATOR}:
        return None
    return W(
        "各方和调解员都签了才能盖章（人民调解法第二十九条）",
        "It is sealed when both sides and the mediator have signed (art. 29)",
    )


def in_force(ask: Ask) -> Change:
    """Written: the day all have signed and the committee sealed (art. 29); oral: when it was reached (art. 30)."""
    kept = plan.kept(ask) if ask.step == "oral" else {}
    rows = kept.get("plan") if kept else ask.case["facts"].get("plan")
    change = plan.watch(rows or [], ask.at)
    change.starts = change.starts or ("fulfilment",)  # nothing is promised by a day: the committee asks after a month
    change.facts = kept | {"effective": ask.at.isoformat(), "oral": ask.step == "oral"}
    if ask.step == "oral":
        change.facts |= {"draft": {"k": 1, "n": ask.case["n"] + 1, "signed": {}}}
    change.set = {"outcome": "agreed"}
    return change


def have_met(ask: Ask) -> Words | None:
    if talks.met(ask):
        return None
    return W(
        "先把方案提出来，各方都同意了，才是口头协议",
        "First a proposal to which both sides have agreed: that is the oral agreement",
    )


# ---- fulfilment


def nothing_open(ask: Ask) -> Words | None:
    if plan.open_rows(ask.case["facts"]):
        return W("还有没履行的，先登记收据", "Something is not performed yet; enter its receipt first")
    return None


def fulfilled(_ask: Ask) -> Change:
    return Change(set={"outcome": "fulfilled"})


def is_payee_of_open(ask: Ask) -> Words | None:
    rows = ask.case["facts"].get("plan") or []
    mine = [n for n in plan.open_rows(ask.case["facts"]) if plan.payee(rows[n]) == ask.facts["ref"]]
    return None if mine or not rows else W("没有对方该履行、还没履行的", "Nothing of the other side's is open")


# ---- confirmation by the court


def in_window(ask: Ask) -> Words | None:
    clock = ask.case["clocks"].get("confirm_window")
    if clock is not None and (not clock.get("running") or ask.at > clock["due_at"]):
        return W(
            "协议生效已经超过三十日，不能再申请司法确认（人民调解法第三十三条）",
            "More than thirty days since it took effect (art. 33)",
        )
    if ask.case["facts"].get("oral"):
        return W(
            "口头协议先写成书面、各方签字盖章，再申请司法确认",
            "An oral agreement is first put in writing, signed and sealed",
        )
    if ask.case["facts"].get("court"):
        return W("已经申请过了", "It was applied for already")
    return None


def wants(ask: Ask) -> Change:
    return Change(facts={"confirm": sorted({*(ask.case["facts"].get("confirm") or []), ask.facts["ref"]})})


def both_want(ask: Ask) -> Words | None:
    if set(ask.case["facts"].get("confirm") or []) == set(f.sides(ask.case["facts"])):
        return None
    return W("要各方共同申请（人民调解法第三十三条），还差一方", "All sides apply together (art. 33); one has not yet")


def filed(ask: Ask) -> Change:
    court = ask.offices.nearest("court", ask.case["place"])
    desk = ask.case["desk"]
    child = Child(
        "confirmation", {}, f"court{ask.case['n']}", {"desk": desk, "unit": court, "title": ask.case["title"]}
    )
    return Change(children=(child,), facts={"court": "filed"}, stops=("confirm_window",))


def court_said(ask: Ask) -> Change:
    return Change(facts={"court": ask.facts["state"]}, note={"court": ask.facts["state"]})


def has_court(ask: Ask) -> Words | None:
    return (
        None if ask.offices.nearest("court", ask.case["place"]) else W("本市没有接上法院", "No court is connected here")
    )


SIGNING = (
    Step(
        "draft",
        W("起草调解协议书", "Draft the agreement"),
        ("lead",),
        TALKING,
        "signing",
        key="D",
        rules=(f.is_mediator, plan.reads),
        effect=drafted,
        fields=(
            f.paper("facts", W("纠纷的主要事实、争议事项", "Main facts and points in dispute")),
            f.paper("duty", W("各方的责任", "Each side's responsibility")),
            TERMS,
            f.paper("manner", W("怎么履行", "How it is performed"), most=1000),
            plan.PLAN,
            plan.PAYER,
        ),
        done=W("起草了调解协议书，请各方看", "The agreement was drafted for all to read"),
    ),
    Step(
        "side_signed",
        W("一方签了协议", "A side signed"),
        ("clock",),
        ("signing",),
        rules=(f.acts_for_side, is_last_draft),
        effect=signed,
        public=False,
        tells=("lead", "desk"),
        done=W("一方签了协议", "A side signed the agreement"),
    ),
    Step(
        "countersign",
        W("调解员签名", "Sign as mediator"),
        ("lead",),
        ("signing",),
        key="S",
        rules=(f.is_mediator, not_countersigned),
        effect=countersigned,
        fields=(f.DRAWN,),
        tells=("desk",),
        done=W("调解员签了协议", "The mediator signed"),
    ),
    Step(
        "seal",
        W("盖调委会印章", "Seal it"),
        ("desk",),
        ("signing",),
        "agreed",
        key="G",
        number="人调协",
        rules=(f.is_head, all_signed),
        effect=in_force,
        stops=("mediate",),
        starts=("confirm_window",),
        tells=("lead",),
        done=W("盖了章，调解协议今天生效", "Sealed: the agreement takes effect today"),
    ),
    Step(
        "talk_on",
        W("不签了，接着谈", "Go on talking"),
        ("lead",),
        ("signing",),
        "mediating",
        rules=(f.is_mediator,),
        done=W("协议没有签，接着调解", "Not signed; mediation goes on"),
    ),
    Step(
        "oral",
        W("口头协议登记", "Enter an oral agreement"),
        ("lead",),
        ("mediating",),
        "agreed",
        key="O",
        number="人调口",
        stops=("mediate",),
        rules=(f.is_mediator, have_met, plan.reads),
        effect=in_force,
        fields=(TERMS, plan.PLAN, plan.PAYER),
        tells=("desk",),
        done=W("达成口头协议，今天生效，调解员作了记录", "An oral agreement, in force today, noted by the mediator"),
    ),
)

ROW = Field("row", W("第几期", "Which instalment"), "number", required=True, shown=False)
FULFILMENT = (
    Step(
        "receipt",
        W("登记履行收据", "Enter a receipt"),
        ("lead",),
        AFTER,
        to_any=("agreed", "fulfilled"),
        decide=plan.where_to,
        key="R",
        rules=(f.is_mediator, plan.is_open_row),
        effect=plan.done,
        fields=(ROW, f.paper("words", W("凭什么说履行了", "What shows it"), most=600)),
        tells=("desk",),
        done=W("登记了履行收据", "A receipt was entered"),
    ),
    Step(
        "side_paid",
        W("一方说已经履行", "A side says it performed"),
        ("clock",),
        AFTER,
        rules=(f.acts_for_side, plan.is_open_row, plan.is_payer),
        effect=plan.paid,
        public=False,
        tells=("lead",),
        done=W("一方说已经履行", "A side says that it performed"),
    ),
    Step(
        "side_received",
        W("一方说收到了", "A side received it"),
        ("clock",),
        AFTER,
        to_any=("agreed", "fulfilled"),
        decide=plan.where_to,
        rules=(f.acts_for_side, plan.is_open_row, plan.is_payee),
        effect=plan.done,
        public=False,
        tells=("lead",),
        done=W("对方确认收到", "The other side confirmed it"),
    ),
    Step(
        "fulfil",
        W("都履行了，办结", "All performed"),
        ("lead",),
        AFTER,
        "fulfilled",
        key="C",
        rules=(f.is_mediator, nothing_open),
        effect=fulfilled,
        stops=("*",),
        tells=("desk",),
        done=W("协议都履行了，办结", "All was performed; closed"),
    ),
    Step(
        "pay_day",
        W("今天是履行的日子", "Today something is due"),
        ("clock",),
        AFTER,
        stops=("instalment",),
        tells=("lead",),
        done=W("今天是约定履行的日子", "Something that was agreed is due today"),
    ),
    Step(
        "late",
        W("到期没有履行", "Not performed in time"),
        ("clock",),
        AFTER,
        "breached",
        starts=("fulfilment",),
        stops=("instalment", "overdue"),
        tells=("lead", "desk"),
        done=W(
            "过了三天没有登记履行，调解员来督促", "Three days over and no receipt: the mediator sees to it (art. 31)"
        ),
    ),
    Step(
        "side_complains",
        W("一方说没有履行", "A side says it was not performed"),
        ("clock",),
        ("agreed",),
        "breached",
        starts=("fulfilment",),
        rules=(f.acts_for_side, is_payee_of_open),
        public=False,
        tells=("lead", "desk"),
        done=W("一方说对方没有履行", "A side says the other did not perform"),
    ),
    Step(
        "urge_on",
        W("督促履行", "Urge to perform"),
        ("lead",),
        ("breached",),
        key="U",
        rules=(f.is_mediator,),
        number="人调督",
        fields=(f.paper("words", W("写给各方：还差什么、哪天补上", "To all: what is missing, by when"), most=1000),),
        done=W("调解员督促履行", "The mediator urged them to perform"),
    ),
    Step(
        "end_elsewhere",
        W("告知诉讼或强制执行", "Court or enforcement"),
        ("lead",),
        ("breached",),
        "elsewhere",
        key="X",
        number="人调告",
        stops=("*",),
        rules=(f.is_mediator,),
        effect=lambda _ask: Change(set={"outcome": "broken"}, note={"document": "未履行告知书", "words": f.BROKEN.zh}),
        fields=(f.paper("words", W("哪些没有履行", "What was not performed")),),
        done=W("没有履行，告知了诉讼和强制执行", "Not performed; court and enforcement were shown"),
    ),
)

CONFIRMING = (
    Step(
        "side_wants_court",
        W("一方申请司法确认", "A side wants confirmation"),
        ("clock",),
        AFTER,
        rules=(f.acts_for_side, in_window),
        effect=wants,
        public=False,
        tells=("lead",),
        done=W("一方申请司法确认", "A side applies for judicial confirmation"),
    ),
    Step(
        "file_court",
        W("交法院司法确认", "File with the court"),
        ("lead",),
        AFTER,
        key="J",
        rules=(f.is_mediator, in_window, both_want, has_court),
        effect=filed,
        number="人调确",
        done=W("各方共同申请，已交人民法院司法确认", "Filed with the court, by all together"),
    ),
    Step(
        "court_took",
        W("法院受理", "The court accepts"),
        ("clock",),
        AFTER,
        effect=court_said,
        tells=("lead",),
        done=W("人民法院受理了司法确认申请", "The court accepted the application"),
    ),
    Step(
        "court_ruled",
        W("法院裁定", "The court rules"),
        ("clock",),
        AFTER,
        effect=court_said,
        tells=("lead", "desk"),
        done=W("人民法院对司法确认作了裁定", "The court has ruled on the confirmation"),
    ),
    Step(
        "window_over",
        W("司法确认的三十日到了", "Thirty days are over"),
        ("clock",),
        AFTER,
        tells=("lead",),
        done=W("生效已满三十日，不能再申请司法确认", "Thirty days since it took effect: no confirmation any more"),
    ),
)
