"""How a matter ends: answered, judged by who spoke, visited, reviewed above, closed (DOMAIN.md §1)."""

from __future__ import annotations

from minan.kernel import common
from minan.kernel.procedure import Field, State, Step, Words
from minan.systems.matters import evidence as v
from minan.systems.matters import fields as f
from minan.systems.matters import judging as j
from minan.systems.matters import rules as r
from minan.systems.matters import whose

W = Words

ANSWER_FIELDS = (f.OUTCOME, f.words(W("做了什么，谁做的", "What was done, and by whom")), f.PHOTOS, f.ARTICLE)
ANSWER_RULES = (j.another_does_it, v.proof_given, v.photos_are_new)
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
APPEALED = State("appealed", W("不予受理，待上级复看", "Refusal looked at above"), holder="ruler")

ENDING = (
    Step(
        "answer", W("答复", "Answer"), ("lead",), ("signed", "handling"), "answered", key="T", fields=ANSWER_FIELDS, rules=ANSWER_RULES,
        effect=j.answered, stops=("answer", "contact"), then=j.draws, then_any=("draw",), tells=("speaker", "desk"),
        done=W("答复", "Answered"),
    ),
    Step(
        "settle", W("即办", "Settle on the spot"), ("desk",), ("said", "accepted"), "answered", key="J", takes=("accept", "handle_myself"),
        fields=(f.KIND, f.PLACE, *ANSWER_FIELDS), effect=j.answered,
        rules=(r.placed, r.knows_kind, r.no_report, r.is_own_lead, *ANSWER_RULES),
        stops=("answer", "contact"), then=j.draws, then_any=("draw",), tells=("speaker",), done=W("当场办好了", "Settled on the spot"),
    ),
    Step(
        "draw", W("抽中回访", "Drawn for a return visit"), ("clock",), ("answered",), effect=j.drawn, stops=("notice",), starts=("visit",),
        done=W("抽中了回访：会有不是经办人的人来问您", "Drawn for a return visit: somebody other than the handler will ask you"),
    ),
    Step(
        "rate", W("评价", "Judge"), ("speaker",), ("answered",), to_any=JUDGED, decide=j.judged, fields=RATE_FIELDS, effect=j.rated,
        stops=("visit", "notice", "unheard"), then=j.closes, then_any=("close",),
        tells=("ruler",), heard=True, batched=True, done=W("您评价了", "You judged it"),
    ),
    Step(
        "visit", W("回访", "Return visit"), ("desk", "above", "ruler", "caller"), ("answered",), to_any=(*JUDGED, "answered"),
        decide=j.judged, fields=VISIT_FIELDS, key="V", rules=(j.another_hand, j.visit_told), effect=j.visited,
        stops=("visit", "notice", "unheard"), then=j.closes, then_any=("close",), tells=("ruler",), done=W("回访", "Return visit"),
    ),
    Step("close", W("办结", "Close"), ("clock", "desk"), ("visited",), "closed", stops=("*",), tells=("speaker",), done=W("办结", "Closed")),
    Step(
        "notify_again", W("再次通知", "Second notice"), ("clock",), ("answered",), stops=("notice",), starts=("unheard",), tells=("speaker",),
        done=W("再次请您评价", "You were asked again to judge it"),
    ),
    Step(
        "close_unheard", W("未回应办结", "Close unheard"), ("clock",), ("answered",), "unheard", effect=j.unheard, stops=("*",),
        tells=("speaker",), done=W("没有等到您的评价，按“未回应”办结", "Nothing was heard; closed as unheard"),
    ),
    Step(
        "object", W("没好，再办", "Not solved"), ("speaker",), ("closed", "unheard"), to_any=("reopened", "under_review"), decide=j.objection,
        fields=(f.needed(f.SOLVED), f.words(W("哪里没好", "What is not right"), required=False)), rules=(r.may_object,), effect=j.objected,
        tells=("ruler", "desk"), heard=True, done=W("您提出了异议", "You objected"),
    ),
    Step(
        "rule_reopen", W("裁定重办", "Order it reopened"), ("ruler",), ("reopened", "under_review"), "assigned", key="R", number="督办",
        rules=(j.not_own_answer, common.works_there, whose.not_pushed_down), effect=j.reopened,
        fields=(
            f.UNIT, f.words(W("怎么办、为什么", "What is ordered, and why")),
            Field("another", W("换一个人办", "Another person does it"), "yesno", shown=False),
        ),
        stops=("ruling", "review"), starts=("sign", "contact", "answer"), tells=("lead", "speaker", "desk"),
        heard=True, done=W("上级裁定重办", "Ordered to be done again"),
    ),
    Step(
        "uphold", W("维持答复", "Uphold the answer"), ("ruler",), ("under_review",), "closed", key="K", rules=(j.not_own_answer,),
        effect=j.upheld, stops=("*",), fields=(f.words(W("维持的理由，说事人会看到", "Reasons; the speaker reads them")),), tells=("speaker",),
        done=W("上级复核，维持答复", "Reviewed above and upheld"),
    ),
    Step(
        "appeal", W("不服，请上一级看", "Ask the level above"), ("speaker",), ("refused",), "appealed", rules=(r.may_object, j.once_appealed),
        effect=j.appealed, fields=(f.words(W("为什么应当受理", "Why it should be accepted"), required=False),), starts=("review",),
        tells=("ruler", "desk"), heard=True, done=W("您请上一级看不予受理对不对", "You asked the level above to look at the refusal"),
    ),
    Step(
        "uphold_refusal", W("维持不予受理", "Uphold the refusal"), ("ruler",), ("appealed",), "refused", effect=j.upheld, stops=("*",),
        fields=(f.words(W("理由、该去哪里，说事人会看到", "Reasons, and where to go; the speaker reads them")),), tells=("speaker", "desk"),
        done=W("上一级看过，维持不予受理", "Looked at above; the refusal stands"),
    ),
    Step(
        "order_acceptance", W("责令受理", "Order it accepted"), ("ruler",), ("appealed",), "said", effect=j.acceptance_ordered, number="督办",
        fields=(f.words(W("为什么应当受理", "Why it is to be accepted")),), stops=("review",), starts=("accept",),
        tells=("speaker", "desk"), heard=True, done=W("上一级责令受理", "The level above ordered it accepted"),
    ),
    Step(
        "withdraw", W("撤回", "Withdraw"), ("speaker",), to="withdrawn", stops=("*",), tells=("desk", "lead"),
        fields=(f.words(W("为什么撤回（可以不写）", "Why (may be left empty)"), required=False),), done=W("您撤回了", "You withdrew it"),
    ),
    *v.OLD_PHOTOS,
)  # fmt: skip
