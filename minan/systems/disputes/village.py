"""A village's own rules 村规民约 (a community's: 居民公约): dated, adopted texts with articles that a mediator may cite.

村民委员会组织法 art. 27: adopted by the villagers' assembly, filed with the township, nothing in it against the law; 居民委员会组织法
art. 15 for communities (引用前请核对). One village is one case of this procedure, closed from its first day, for nothing is to be
done about it: its versions stand side by side, each new one an event, and so does the judicial office's flag on an article
that is against the law. A flagged article is cited by nobody any more; what was cited before stays as it was said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from minan.kernel import directory
from minan.kernel.calendar import BEIJING
from minan.kernel.models import Case
from minan.kernel.procedure import Ask, Change, Field, Procedure, State, Step, Words

W = Words
NAME, IN_FORCE = "charter", "in_force"
LINE = re.compile(r"(第[一二三四五六七八九十百零〇0-9]{1,8}条)\s*(\S.*)")
ARTICLES_MOST, VERSIONS_MOST = 120, 40
Row = Mapping[str, Any]


def read(text: str) -> list[list[str]]:
    """[["第一条", its words], …] of lines that each begin with 第…条. Raises ValueError with the first that does not."""
    rows = []
    for line in (one.strip() for one in text.splitlines() if one.strip()):
        found = LINE.fullmatch(line)
        if found is None or found[1] in [name for name, _ in rows] or len(rows) == ARTICLES_MOST:
            raise ValueError(line[:40])
        rows.append([found[1], found[2]])
    if not rows:
        raise ValueError("")
    return rows


def today(at: datetime) -> str:
    return at.astimezone(BEIJING).date().isoformat()


def standing(facts: Row, day: str) -> dict[str, Any] | None:
    """The version in force on a day; None before the first and after an end."""
    held = [row for row in facts.get("versions") or [] if row["since"] <= day and (not row.get("until") or day < row["until"])]
    return dict(held[-1]) if held else None


def flagged(facts: Row, adopted: str, article: str) -> dict[str, Any] | None:
    """Why an article of a version may not be cited; None where it may."""
    found: dict[str, Any] | None = (facts.get("flags") or {}).get(f"{adopted}/{article}")
    return found


def of_place(place: str) -> Case | None:
    """The registered texts of the village a place lies in. One query."""
    village = directory.within(place, "village")
    if not village:
        return None
    return Case.objects.filter(county=village[:6], place=village, procedure=NAME).first()


# ---- citing


def options(case: Case | None, at: datetime) -> list[tuple[str, str]]:
    """What may be cited: (value, first words) of every article in force that is not flagged."""
    row = standing(case.facts, today(at)) if case else None
    if case is None or row is None:
        return []
    return [
        (f"{row['adopted']}/{name}", f"{name} {words[:28]}{'…' if len(words) > 28 else ''}")
        for name, words in row["articles"] if not flagged(case.facts, row["adopted"], name)
    ]  # fmt: skip


def _found(ask: Ask) -> dict[str, Any] | Words | None:
    said = str(ask.facts.get("cite") or "")
    if not said:
        return None
    case, (adopted, _, article) = of_place(ask.case["place"]), said.partition("/")
    row = standing(case.facts, today(ask.at)) if case else None
    words = dict(row["articles"]).get(article) if row and row["adopted"] == adopted else None
    if case is None or row is None or words is None:
        return W("村规民约里现在没有这一条，请重新选", "There is no such article in force; please choose again")
    if why := flagged(case.facts, adopted, article):
        return W(f"这一条被司法所指出与法律不符，不能引用：{why['ground']}", f"The judicial office flagged it as against the law: {why['ground']}")
    return {"village": case.place, "title": row["title"], "adopted": adopted, "article": article, "words": words}


def cite_holds(ask: Ask) -> Words | None:
    found = _found(ask)
    return found if isinstance(found, Words) else None


def citing(ask: Ask, change: Change) -> Change:
    """A citation stands in the event, with village, date of the version, article and its words as they are today."""
    found = _found(ask)
    if isinstance(found, dict):
        change.note |= {"cites": found}
        change.facts |= {"cites": (ask.case["facts"].get("cites") or {}) | {str(ask.case["n"] + 1): found}}
    return change


CITE = Field("cite", W("引用村规民约的哪一条", "Which article of the village's rules"), "text", max_length=40)

# ---- the register of one village


def _version(ask: Ask) -> dict[str, Any]:
    facts = ask.facts
    names = ("title", "adopted", "how", "filed", "filed_with", "since")
    return {name: facts.get(name, "") for name in names} | {"articles": read(facts["articles"]), "until": ""}


def reads(ask: Ask) -> Words | None:
    try:
        read(ask.facts.get("articles") or "")
    except ValueError as line:
        return W(f"这一行不是“第…条 内容”：{line}", f"This line does not begin with the number of an article: {line}")
    if not ask.facts["adopted"] <= ask.facts["since"]:
        return W("生效的日子不能早于通过的日子", "It cannot be in force before it was adopted")
    return None


def newer(ask: Ask) -> Words | None:
    rows = ask.case["facts"].get("versions") or []
    if rows and not (rows[-1]["adopted"] < ask.facts["adopted"] and rows[-1]["since"] < ask.facts["since"]):
        return W("新的一版要比上一版通过得晚、生效得晚", "A new version is adopted, and in force, later than the last")
    return None if len(rows) < VERSIONS_MOST else W("版次太多了", "Too many versions")


def adopted(ask: Ask) -> Change:
    """The last version ends on the day the new one begins, and stays."""
    new, rows = _version(ask), [dict(row) for row in ask.case["facts"].get("versions") or []]
    if rows and not rows[-1]["until"]:
        rows[-1]["until"] = new["since"]
    ruler = ask.offices.nearest("judicial", ask.case["place"]) or ask.offices.nearest("justice", ask.case["place"])
    return Change(set={"title": new["title"], "text": "", "ruler": ruler}, facts={"versions": [*rows, new]})


def _named(ask: Ask) -> str:
    return str(ask.facts.get("article") or "").strip()


def there_is(ask: Ask) -> Words | None:
    row = standing(ask.case["facts"], today(ask.at))
    if row and _named(ask) in [name for name, _ in row["articles"]]:
        return None
    return W("现行的一版里没有这一条，写成“第三条”这样", "The version in force has no such article; write its number as it stands there")


def flags(ask: Ask) -> Change:
    row, held = standing(ask.case["facts"], today(ask.at)), dict(ask.case["facts"].get("flags") or {})
    key = f"{row['adopted'] if row else ''}/{_named(ask)}"
    if ask.step == "unflag":
        held.pop(key, None)
    else:
        held[key] = {"ground": ask.facts["ground"], "at": ask.at.isoformat()}
    return Change(facts={"flags": held})


ARTICLE = Field("article", W("哪一条，如“第三条”", "Which article, by its number as it stands there"), "text", required=True, max_length=20)
TEXT = (
    Field("place", W("哪个村、社区", "Which village or community"), "place"),
    Field("title", W("名称", "Title"), "text", required=True, max_length=60),
    Field("adopted", W("通过的日子", "Adopted on"), "text", required=True, max_length=10),
    Field("how", W("怎么通过的", "How it was adopted"), "text", max_length=120),
    Field("filed", W("备案的日子", "Filed on"), "text", max_length=10),
    Field("filed_with", W("在哪里备案", "Filed with"), "text", max_length=60),
    Field("since", W("哪天起生效", "In force from"), "text", required=True, max_length=10),
    Field("articles", W("条文，一行一条", "Articles, one a line"), "long", required=True, max_length=40000),
)
PROCEDURE = Procedure(
    NAME,
    1,
    W("村规民约", "Village rules"),
    (State(IN_FORCE, W("登记在册", "Registered"), final=True, keep_days=36_500),),
    (
        Step("amend", W("登记新的一版", "Register a new version"), ("clock",), (IN_FORCE,), fields=TEXT[1:], rules=(reads, newer), effect=adopted,
             done=W("登记了新的一版", "A new version was registered")),
        Step("flag", W("指出与法律不符", "Flag as against the law"), ("ruler",), (IN_FORCE,), key="F", rules=(there_is,), effect=flags,
             fields=(ARTICLE, Field("ground", W("违反哪部法律的哪一条", "Against which law and article"), "text", required=True, max_length=300)),
             done=W("司法所指出这一条与法律不符，不再引用", "The judicial office flagged an article; it is cited no more")),
        Step("unflag", W("撤销指出", "Take the flag away"), ("ruler",), (IN_FORCE,), rules=(there_is,), effect=flags,
             fields=(ARTICLE, Field("why", W("为什么", "Why"), "text", required=True, max_length=300)),
             done=W("司法所撤销了指出", "The judicial office took the flag away")),
    ),
    (),
    opening=Step("register", W("登记村规民约", "Register a village's rules"), ("clock",), to=IN_FORCE, fields=TEXT, rules=(reads,), effect=adopted,
                 done=W("登记了村规民约", "The village's rules were registered")),
    first=IN_FORCE,
    counted=False,
)  # fmt: skip


def dated(text: str) -> str:
    """An ISO day, or raises ValueError."""
    return date.fromisoformat(text).isoformat()
