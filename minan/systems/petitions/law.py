"""What the law on petitions asks, as pure rules and effects: 信访工作条例 (2022), articles as read for FEATURES.md part 5.

Articles marked 引用前请核对 are from memory and must be checked before they are quoted.
"""

from __future__ import annotations

from datetime import timedelta

from minan.kernel.procedure import Ask, Change, Words

W = Words
REPRESENTATIVES_MOST = 5  # art. 20
LONGER_MOST = 30  # days, art. 34
KIND = "petition.matter"
SORTS = (
    ("complaint", W("申诉求决", "Complaint or request")),
    ("suggestion", W("建议意见", "Suggestion")),
    ("report", W("检举控告", "Report against an official")),
)
# 诉访分离: what another way of the law is for is not decided by petition (art. 31, 引用前请核对).
WAYS = (
    ("petition", W("信访程序", "By petition")),
    ("administrative", W("法定行政程序", "By the administrative procedure of law")),
    ("litigation", W("诉讼", "By litigation")),
    ("arbitration", W("仲裁", "By arbitration")),
    ("reconsideration", W("行政复议", "By administrative reconsideration")),
    ("discipline", W("纪检监察", "By the discipline commission")),
)
OUTCOMES = (  # art. 32
    ("support", W("予以支持", "Supported")),
    ("explain", W("作出解释", "Explained")),
    ("not_support", W("不予支持", "Not supported")),
)
RESULTS = (
    ("uphold", W("维持", "Upheld")),
    ("change", W("变更", "Changed")),
    ("again", W("撤销，责令重新办理", "Set aside; to be handled again")),
)


def title_of(text: str) -> str:
    first = " ".join(text.split("。", maxsplit=1)[0].split())
    return first if len(first) <= 36 else first[:35] + "…"


def five_at_most(ask: Ask) -> Words | None:
    """A collective petition in person is put forward by at most five (art. 20)."""
    if int(ask.facts.get("representatives") or 0) > REPRESENTATIVES_MOST:
        return W(
            f"多人提出共同诉求，推选的代表不超过 {REPRESENTATIVES_MOST} 人（信访工作条例第二十条）",
            f"A collective petition names at most {REPRESENTATIVES_MOST} representatives (art. 20)",
        )
    if int(ask.facts.get("people") or 1) < int(ask.facts.get("representatives") or 0):
        return W("代表人数比总人数多，请核对", "There are more representatives than people")
    return None


def registered(ask: Ask) -> Change:
    text = ask.facts["text"]
    facts = {n: ask.facts[n] for n in ("people", "representatives") if ask.facts.get(n)}
    where = ask.facts.get("place_words", "")[:200]
    return Change(set={"text": text, "title": title_of(text), "kind": KIND, "size": "complex", "place_words": where}, facts=facts)


def classified(ask: Ask) -> Change:
    return Change(facts={"sort": ask.facts["sort"], "way": ask.facts["way"]})


def sorted_fits(ask: Ask) -> Words | None:
    report = ask.facts["sort"] == "report"
    if report != (ask.facts["way"] == "discipline"):
        return W("检举控告走纪检监察，别的不走", "Reports go the way of discipline, and nothing else does")
    return None


def is_petition(ask: Ask) -> Words | None:
    if ask.case["facts"].get("way") != "petition":
        return W("先甄别分类；只有走信访程序的才能受理", "Sort it first; only what goes the way of petition is accepted")
    return None


def is_elsewhere(ask: Ask) -> Words | None:
    if ask.case["facts"].get("way") in (None, "petition"):
        return W("先甄别分类；走信访程序的要受理，不能告知另循途径", "Sort it first; what goes the way of petition is accepted")
    return None


def accepted(ask: Ask) -> Change:
    return Change(set={"unit": ask.facts["unit"], "ruler": ""})


def in_five_days(ask: Ask) -> Words | None:
    """A unit may object within five working days, with reasons (art. 23), once; a ruling stands."""
    if ask.case["facts"].get("ruled"):
        return W("已经裁定过，不能再提异议", "It was ruled; no further objection")
    clock = ask.case["clocks"].get("objection", {})
    if not clock.get("running") or ask.at > clock["due_at"]:
        return W("异议要在收到后 5 个工作日内提出（信访工作条例第二十三条）", "An objection comes within 5 working days (art. 23)")
    return None


def ruled(ask: Ask) -> Change:
    return Change(set={"unit": ask.facts["unit"]}, facts={"ruled": True})


def asks_longer(ask: Ask) -> Change:
    return Change(marks={"extension_asked": True}, facts={"longer": ask.facts["days"], "longer_by": ask.person})


def longer_once(ask: Ask) -> Words | None:
    if ask.marks.get("extended") or ask.marks.get("extension_asked"):
        return W("只能延一次，已经申请或延过", "Once is all: it was asked for or given already")
    if not 1 <= ask.facts["days"] <= LONGER_MOST:
        return W(f"延长 1 到 {LONGER_MOST} 日（信访工作条例第三十四条）", f"1 to {LONGER_MOST} days longer (art. 34)")
    return None


def head_says(ask: Ask) -> Words | None:
    """The head of the handling body approves, never who asked (art. 34)."""
    if not ask.marks.get("extension_asked"):
        return W("没有待批的延期申请", "No extension is being asked for")
    if ask.person == ask.case["facts"].get("longer_by"):
        return W("不能批自己的申请", "Nobody allows their own request")
    if "line" not in ask.roles and not ask.offices.heads(ask.unit, ask.person):
        return W("由本单位负责人批准", "The head of the unit approves")
    return None


def longer(ask: Ask) -> Change:
    end = ask.case["clocks"]["decide"]["due_at"] + timedelta(days=ask.case["facts"]["longer"])
    return Change(marks={"extension_asked": None, "extended": True}, starts=("longer",), due={"longer": end})


def not_longer(ask: Ask) -> Change:
    return Change(marks={"extension_asked": None})


def above(ask: Ask, unit: str) -> str:
    """The body above by its own department, else by place (art. 35)."""
    found: str = ask.offices.above(unit, "line")
    return found


def _name(ask: Ask, unit: str) -> str:
    return str(getattr(ask.offices.office(unit), "name", "")) or "河北省有权处理的机关"


def _next(ask: Ask, higher: str, what: str, article: str) -> str:
    return f"不服本意见的，可以自收到之日起三十日内向{_name(ask, higher)}请求{what}（《信访工作条例》{article}）；逾期不提出的，本意见为终结意见。"


def decided(ask: Ask) -> Change:
    """The written decision 处理意见书 with the sentence where to turn next."""
    higher = above(ask, ask.case["unit"])
    return Change(
        set={"outcome": ask.facts["outcome"], "ruler": ""}, facts={"next": higher, "decided_by": ask.person},
        note={"document": "信访事项处理意见书", "words": _next(ask, higher, "复查", "第三十五条")},
    )  # fmt: skip


def in_thirty_days(ask: Ask) -> Words | None:
    clock = ask.case["clocks"].get(ask.step)  # not known where only the button is drawn; the door has it
    if clock is not None and (not clock.get("running") or ask.at > clock["due_at"]):
        return W("已经超过 30 日，不能再请求（信访工作条例第三十五条、第三十六条）", "More than 30 days have passed (art. 35, 36)")
    if not ask.case["facts"].get("next"):
        return W("本市没有再上一级，请向河北省有权处理的机关提出", "There is no level above in this city; turn to the province")
    return None


def goes_up(ask: Ask) -> Change:
    return Change(set={"ruler": ask.case["facts"]["next"]})


def another_reviews(ask: Ask) -> Words | None:
    if ask.person and ask.person in (ask.case["facts"].get("decided_by"), ask.case["facts"].get("reviewed_by")):
        return W("作过意见的人不能再复查、复核", "Who gave an opinion does not review it")
    return None


def leads(ask: Ask) -> str:
    if ask.facts.get("result") == "again":
        return "handling"
    return "reviewed" if ask.step == "review_opinion" else "ended"


def reviewed(ask: Ask) -> Change:
    """复查意见书: where to turn next is filled in; set aside, the unit handles it anew with a clock of its own."""
    if ask.facts["result"] == "again":
        return Change(set={"ruler": "", "outcome": ""}, starts=("decide",), marks={"extended": None}, note={"document": "信访事项复查意见书"})
    higher = above(ask, ask.case["ruler"])
    note = {"document": "信访事项复查意见书", "words": _next(ask, higher, "复核", "第三十六条")}
    return Change(facts={"next": higher, "reviewed_by": ask.person}, starts=("ask_recheck",), note=note)


def rechecked(ask: Ask) -> Change:
    """复核意见书: the last word; the same facts and reasons are not taken up again (art. 36)."""
    note = {"document": "信访事项复核意见书"}
    if ask.facts["result"] == "again":
        return Change(set={"ruler": "", "outcome": ""}, starts=("decide",), marks={"extended": None}, note=note)
    return Change(note=note | {"words": "本意见为终结意见。以同一事实和理由再提出的，不再受理（《信访工作条例》第三十六条）。"})


def hearing(ask: Ask) -> Change:
    return Change(marks={"hearing": True})


def no_hearing(ask: Ask) -> Words | None:
    return W("正在听证", "A hearing is under way") if ask.marks.get("hearing") else None


def in_hearing(ask: Ask) -> Words | None:
    return None if ask.marks.get("hearing") else W("没有在听证", "No hearing is under way")


def heard(ask: Ask) -> Change:
    return Change(marks={"hearing": None})
