"""The life of a post on the board of a community: lost, found, a wrong parcel, a pet 失物招领、错拿快递、寻宠. Pure.

Public at once, thirty days long, without a name or a number: who has something to say writes through the platform, and the one
who posted reads it by their own link. One report hides what is about a person or a parcel until the desk has looked.
"""

from __future__ import annotations

from minan.kernel import onetime_code, rights
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words
from minan.systems.bulletins import words as w

W = Words
UP = ("posted", "hidden")
TALK_MOST = 40  # messages kept with one post
ERASED = ("phone", "account")


# ---- rules


def has_phone(ask: Ask) -> Words | None:
    if not ask.offices.reachable(ask.case["code"]):
        return W("没有留手机号，请到说事点登记", "There is no mobile number: come to the desk")
    return None


def not_too_long(ask: Ask) -> Words | None:
    if len(ask.case["facts"].get("talk") or []) >= TALK_MOST:
        return W("留言满了，请到说事点问", "No more messages fit; ask at the desk")
    return None


def not_again(ask: Ask) -> Words | None:
    """What a desk has looked at and restored is not hidden by the same reason again."""
    if ask.facts.get("why") in (ask.case["facts"].get("looked") or []):
        return W("说事点看过了，留着。再有问题请打电话给说事点", "The desk looked at this and kept it; call the desk if there is more")
    return None


def is_reported(ask: Ask) -> Words | None:
    return None if ask.case["facts"].get("reports") else W("没有人举报", "Nobody reported it")


def answers_somebody(ask: Ask) -> Words | None:
    talk = ask.case["facts"].get("talk") or []
    k = ask.facts.get("to") or len(talk)
    return None if any(row["k"] == k and row["ref"] for row in talk) else W("没有这一条留言", "There is no such message")


# ---- effects


def posted(ask: Ask) -> Change:
    facts = ask.facts
    title = f"{w.label(w.LOST_SORTS, facts['sort']).zh}：{facts['text']}"[:40]
    said = {"sort": facts["sort"], "day": facts.get("day"), "pictures": [p["sha256"] for p in facts.get("photos") or []] or None}
    row = {"title": title, "text": facts["text"], "place_words": facts.get("place_words") or ""}
    near = ask.offices.taker("point", facts["place"])
    if near and ask.offices.others(near, ""):  # the community's own desk, where somebody sits at it
        row["desk"] = near
    return Change(set=row, facts=said)


def proved(ask: Ask) -> Change:
    return Change(facts=dict(onetime_code.used()))


def told(ask: Ask) -> Change:
    """A message through the platform. `ref`: by what the writer's own browser is known, nothing of who they are."""
    talk = list(ask.case["facts"].get("talk") or [])
    row = {"k": len(talk) + 1, "ref": ask.facts.get("ref") or "", "words": ask.facts["words"], "at": ask.at.isoformat()}
    return Change(facts={"talk": [*talk, row]})


def replied(ask: Ask) -> Change:
    talk = list(ask.case["facts"].get("talk") or [])
    row = {"k": len(talk) + 1, "ref": "", "to": ask.facts.get("to") or len(talk), "words": ask.facts["words"], "at": ask.at.isoformat()}
    return Change(facts={"talk": [*talk, row]})


def falls(ask: Ask) -> str:
    """A parcel, or anything about a person, is hidden by one report; the rest by a second one."""
    personal = ask.facts["why"] == w.PERSON or ask.case["facts"].get("sort") == w.PARCEL
    return "hidden" if personal or len(ask.case["facts"].get("reports") or []) >= 1 else "posted"


def reported(ask: Ask) -> Change:
    before = list(ask.case["facts"].get("reports") or [])
    starts = () if before else ("lost_look",)
    return Change(facts={"reports": [*before, ask.facts["why"]][-20:]}, starts=starts)


def restored(ask: Ask) -> Change:
    facts = ask.case["facts"]
    return Change(facts={"looked": sorted({*(facts.get("looked") or []), *(facts.get("reports") or [])}), "reports": None})


def over(ask: Ask) -> Change:
    return Change(facts={"how": ask.step, "talk": None})


def gone(ask: Ask) -> Change:
    return Change(facts={"talk": None}, erases=ERASED)


def gone_up(ask: Ask) -> Change:
    return Change(marks={"escalated": True})


WORDS = Field("words", W("写给对方的话", "Your words"), "long", required=True, scrubbed=True, max_length=300)
STATES = (
    State("unproven", W("等短信里的数字", "The code from the text message is awaited"), holder="speaker"),
    State("posted", W("公开着", "On the board")),
    State("hidden", W("有人举报，先藏起来", "Reported and hidden"), holder="desk"),
    State("ended", W("已下架", "Off the board")),
    State("given_back", W("找到了、还了", "Found or given back"), final=True, keep_days=30),
    State("withdrawn", W("自己撤了", "Taken down by who posted it"), final=True, keep_days=30),
    State("lapsed", W("没有核对手机", "The phone was never shown"), final=True, keep_days=1),
    State("forgotten", W("已擦除", "Erased"), final=True, keep_days=1),
)
CLOCKS = (
    Clock("lost_prove", W("核对手机", "The phone is shown"), owner="desk", at_due="lapse", quiet=True),
    Clock("lost_runs", W("公开三十天", "Thirty days on the board"), owner="desk", at_due="expire", quiet=True),
    Clock("lost_look", W("看一看被举报的", "The desk looks at a report"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("lost_forget", W("擦除联系方式", "The contact is erased"), owner="desk", at_due="forget", quiet=True),
    rights.HOLD,
)
STOPS = ("*", "lost_prove", "lost_runs")
OPENING = Step(
    "post", W("登一条", "Post it"), ("speaker",), to="unproven", effect=posted, starts=("lost_prove",),
    done=W("您登了一条", "You posted it"),
    fields=(
        Field("sort", W("哪一种", "Sort"), "choice", required=True, options=w.LOST_SORTS),
        Field(
            "text", W("什么东西，什么样", "What it is and what it looks like"), "long", required=True, scrubbed=True, max_length=300,
            hint=W("谁都看得到：不写姓名、电话、门牌号，别人给您留言", "Everybody reads it: no name, phone or door number; people write to you here"),
        ),
        Field("place", W("哪个村、社区", "Which village or community"), "place", required=True),
        Field("place_words", W("在哪儿", "Where it was"), "text", scrubbed=True, max_length=60),
        Field("day", W("哪一天", "Which day"), "text", max_length=20),
        Field(
            "photos", W("照片", "Photos"), "photos",
            hint=W("只拍东西：不要拍到人脸、快递单和门牌", "Of the thing alone: no faces, parcel labels or door numbers"),
        ),
        Field(
            "phone", W("手机", "Mobile"), "phone", data="P2",
            hint=W("谁也看不到。发一条六位数核对；有人留言时发短信", "Nobody sees it. Six digits go there; and a text when somebody writes"),
        ),
    ),
)  # fmt: skip
BY_POSTER = (
    Step(
        "ask_code", W("发验证码", "Send me the code"), ("speaker",), ("unproven",), rules=(has_phone, onetime_code.not_too_often),
        effect=onetime_code.asked, code=True, tells=("speaker",), done=W("核对手机", "To show the phone"),
    ),
    Step(
        "prove", W("填验证码，发出去", "Enter the code and post it"), ("speaker",), ("unproven",), "posted", stops=("lost_prove",),
        starts=("lost_runs",), rules=(onetime_code.lives, onetime_code.code_fits), effect=proved,
        done=W("手机核对了，发出去了", "The phone is shown: it is on the board"),
        fields=(Field("code", W("短信里的六位数", "The six digits"), "number", required=True, shown=False),),
    ),
    Step("code_missed", W("验证码不对", "A wrong code"), ("clock",), ("unproven",), effect=onetime_code.missed, public=False),
    Step(
        "known", W("登录了的人登的，或者在说事点登的", "Posted by somebody signed in, or at the desk"), ("clock", "desk"), ("unproven",),
        "posted", stops=("lost_prove",), starts=("lost_runs",), done=W("发出去了", "It is on the board"),
    ),
    Step(
        "reply", W("回话", "Reply"), ("speaker",), UP, rules=(answers_somebody,), effect=replied, done=W("您回了话", "You replied"),
        fields=(Field("to", W("回第几条（不填就是最后一条）", "Which message (empty: the last)"), "number", shown=False), WORDS),
    ),
    Step(
        "done_with", W("找到了、还了，撤下来", "Found or given back"), ("speaker", "desk"), UP, "given_back", stops=STOPS, effect=gone,
        done=W("找到了、还了", "Found or given back"),
    ),
    Step(
        "take_down", W("不登了", "Take it down"), ("speaker",), ("unproven", *UP), "withdrawn", stops=STOPS, effect=gone,
        done=W("您撤了这一条", "You took it down"),
    ),
)  # fmt: skip
BY_OTHERS = (
    Step(
        "message", W("留言", "Message"), ("clock",), ("posted",), rules=(not_too_long,), effect=told, tells=("speaker",), heard=True,
        fields=(WORDS, Field("ref", W("留言人的记号", "The writer's mark"), "text", max_length=64, shown=False)),
        done=W("有人给您留言", "Somebody wrote to you"),
    ),
    Step(
        "report", W("举报", "Report"), ("clock",), ("posted",), to_any=("posted", "hidden"), decide=falls, rules=(not_again,),
        effect=reported, tells=("desk",), done=W("有人举报，说事点会看", "Somebody reported it; the desk looks at it"),
        fields=(
            Field("why", W("什么问题", "What is wrong"), "choice", required=True, options=w.REASONS),
            Field("words", W("说明", "More"), "long", scrubbed=True, max_length=200, shown=False),
        ),
    ),
    Step(
        "restore", W("没问题，放回去", "Nothing wrong: put it back"), ("desk",), UP, "posted", key="A", rules=(is_reported,), effect=restored,
        stops=("lost_look",), tells=("speaker",), near=True, done=W("说事点看过了，放回去了", "The desk looked, and put it back"),
    ),
    Step(
        "remove", W("下架", "Remove"), ("desk",), UP, "ended", key="X", effect=over, stops=STOPS, starts=("lost_forget",), tells=("speaker",),
        fields=(Field("words", W("告诉本人为什么", "Tell them why"), "long", required=True, scrubbed=True, max_length=300),),
        near=True, done=W("说事点把它下架了", "The desk removed it"),
    ),
    Step(
        "expire", W("满三十天", "Thirty days are over"), ("clock",), UP, "ended", effect=over, stops=STOPS, starts=("lost_forget",),
        tells=("speaker",), done=W("满三十天，下架了", "Thirty days are over; it came off the board"),
    ),
    Step("lapse", W("没有核对，作废", "Lapsed"), ("clock",), ("unproven",), "lapsed", stops=STOPS, effect=gone, public=False),
    Step("forget", W("擦除", "Erase"), ("clock",), ("ended",), "forgotten", stops=("lost_forget",), effect=gone, public=False),
    Step("remind", W("到期提醒", "Reminder"), ("clock",), folds=True, tells=("holder",), public=False),
    Step("go_up", W("自动上提一级", "Gone up a level"), ("clock",), effect=gone_up, tells=("above",), public=False),
)  # fmt: skip
PROCEDURE = Procedure(
    "lost", 1, W("失物招领", "Lost and found"), STATES, (*BY_POSTER, *BY_OTHERS, *rights.steps(STATES)), CLOCKS, opening=OPENING,
    first="unproven", counted=False, titles=tuple(words for _, words in w.LOST_SORTS),
)  # fmt: skip
