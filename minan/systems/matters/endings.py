"""How a matter ends: answered, judged by who spoke, visited, reviewed above, closed (DOMAIN.md §1)."""

from __future__ import annotations

from minan.kernel.procedure import Step, Words
from minan.systems.matters import effects as e
from minan.systems.matters import fields as f
from minan.systems.matters import rules as r

W = Words

ANSWER_FIELDS = (f.OUTCOME, f.words(W("做了什么，谁做的", "What was done, and by whom")), f.PHOTOS, f.ARTICLE)
VISIT_FIELDS = (
    f.REACHED,
    f.CONTACTED,
    f.SOLVED,
    f.SATISFIED,
    f.words(W("说事人怎么说", "What they said"), required=False),
)
RATE_FIELDS = (
    f.CONTACTED,
    f.needed(f.SOLVED),
    f.needed(f.SATISFIED),
    f.words(W("想说的话", "Your words"), required=False),
)
JUDGED = ("visited", "reopened", "under_review")

ENDING = (
    Step(
        "answer", W("答复", "Answer"), ("lead",), ("signed", "handling"), "answered", key="T", fields=ANSWER_FIELDS, rules=(r.proof_given,),
        effect=e.answered, stops=("answer", "contact"), tells=("speaker", "desk"), done=W("答复", "Answered"),
    ),
    Step(
        "settle", W("即办", "Settle on the spot"), ("desk",), ("said", "accepted"), "answered", key="J", takes=("accept", "handle_myself"),
        fields=(f.KIND, f.PLACE, *ANSWER_FIELDS), effect=e.answered,
        rules=(r.placed, r.knows_kind, r.no_report, r.is_own_lead, r.proof_given),
        stops=("answer", "contact"), tells=("speaker",), done=W("当场办好了", "Settled on the spot"),
    ),
    Step(
        "rate", W("评价", "Judge"), ("speaker",), ("answered",), to_any=JUDGED, decide=e.judged, fields=RATE_FIELDS, effect=e.rated,
        stops=("visit", "notice", "unheard"), then=e.closes, then_any=("close",),
        tells=("ruler",), heard=True, batched=True, done=W("您评价了", "You judged it"),
    ),
    Step(
        "visit", W("回访", "Return visit"), ("desk", "above", "caller"), ("answered",), to_any=(*JUDGED, "answered"), decide=e.judged,
        fields=VISIT_FIELDS, key="V", rules=(r.another_hand, r.visit_told), effect=e.visited, stops=("visit", "notice", "unheard"),
        then=e.closes, then_any=("close",), tells=("ruler",), done=W("回访", "Return visit"),
    ),
    Step("close", W("办结", "Close"), ("clock", "desk"), ("visited",), "closed", stops=("*",), tells=("speaker",), done=W("办结", "Closed")),
    Step(
        "notify_again", W("再次通知", "Second notice"), ("clock",), ("answered",), stops=("notice",), starts=("unheard",), tells=("speaker",),
        done=W("再次请您评价", "You were asked again to judge it"),
    ),
    Step(
        "close_unheard", W("未回应办结", "Close unheard"), ("clock",), ("answered",), "unheard", effect=e.unheard, stops=("*",),
        tells=("speaker",), done=W("没有等到您的评价，按“未回应”办结", "Nothing was heard; closed as unheard"),
    ),
    Step(
        "object", W("没好，再办", "Not solved"), ("speaker",), ("closed", "unheard"), to_any=("reopened", "under_review"), decide=e.objection,
        fields=(f.needed(f.SOLVED), f.words(W("哪里没好", "What is not right"), required=False)), rules=(r.may_object,), effect=e.objected,
        tells=("ruler", "desk"), heard=True, done=W("您提出了异议", "You objected"),
    ),
    Step(
        "rule_reopen", W("裁定重办", "Order it reopened"), ("ruler",), ("reopened", "under_review"), "assigned", key="R", number="督办",
        rules=(r.works_there,), fields=(f.UNIT, f.words(W("怎么办、为什么", "What is ordered, and why"))), effect=e.reopened,
        stops=("ruling", "review"), starts=("sign", "contact", "answer"), tells=("lead", "speaker", "desk"),
        heard=True, done=W("上级裁定重办", "Ordered to be done again"),
    ),
    Step(
        "uphold", W("维持答复", "Uphold the answer"), ("ruler",), ("under_review",), "closed", key="K", effect=e.upheld, stops=("*",),
        fields=(f.words(W("维持的理由，说事人会看到", "Reasons; the speaker reads them")),), tells=("speaker",),
        done=W("上级复核，维持答复", "Reviewed above and upheld"),
    ),
    Step(
        "withdraw", W("撤回", "Withdraw"), ("speaker",), to="withdrawn", stops=("*",), tells=("desk", "lead"),
        fields=(f.words(W("为什么撤回（可以不写）", "Why (may be left empty)"), required=False),), done=W("您撤回了", "You withdrew it"),
    ),
)  # fmt: skip
