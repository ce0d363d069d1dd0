"""What was promised, by which day: instalments as lines a lay person writes, and which clock watches the next one. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from minan.kernel.procedure import Ask, Change, Field, Words
from minan.systems.disputes import fields as f

W = Words
LOCAL = ZoneInfo("Asia/Shanghai")
MOST, GRACE_DAYS, HOUR = 36, 3, time(9)
PAYS = re.compile(rf"(?:([{f.ORDINAL}])方?付(?:给)?([{f.ORDINAL}])方?|([A-Fa-f]) pays ([A-Fa-f]))$")
MONEY = re.compile(r"(?:￥|¥)?\s?(\d{1,9}(?:\.\d{1,2})?|\d{1,3}(?:[,，]\d{3}){1,2}(?:\.\d{1,2})?)\s?元?")
Row = dict[str, Any]
PLAN = Field(
    "plan",
    W("履行的日子和内容", "By which day what is done"),
    "long",
    max_length=2000,
    hint=W(
        "一行一期：日子、金额或要做的事，如“2026-12-15 5000.00”“2026-12-20 拆掉围墙”；三方以上写明谁付谁，"
        "如“2026-12-15 5000.00 丙付甲”。当场履行完的可以不写",
        "One a line: day, then a sum or what is done, such as “2026-12-15 5000.00”; with three sides or more who pays whom, such as "
        "“2026-12-15 5000.00 C pays A”. Empty where all was done at once",
    ),
)
PAYER = Field("payer", W("由谁履行", "Who performs"), "choice", options=f.PARTY)


def read(text: str) -> list[Row]:
    """The rows; raises ValueError with the number of the first line that is none. Sums in yuan as decimal strings."""
    rows = []
    for n, line in enumerate((one for one in text.splitlines() if one.strip()), 1):
        day, _, what = line.strip().partition(" ")
        pays = PAYS.search(what.strip())
        what, who = (what.strip()[: pays.start()].rstrip(" ，,；;由"), _named(pays)) if pays else (what, {})
        money = MONEY.fullmatch(what.strip())
        try:
            due = date.fromisoformat(day)
            sum_ = f"{Decimal(money[1].replace(',', '').replace('，', '')):.2f}" if money else ""
        except (ValueError, InvalidOperation):
            raise ValueError(str(n)) from None
        if not what.strip() or n > MOST:
            raise ValueError(str(n))
        rows.append({"due": due.isoformat(), "sum": sum_, "what": "" if sum_ else what.strip()[:200]} | who)
    return sorted(rows, key=lambda row: row["due"])


def _named(pays: re.Match[str]) -> Row:
    """{"payer", "to"} as a line says them: 丙付甲, C pays A."""
    said = [one for one in pays.groups() if one]
    payer, to = (f.LETTERS[f.ORDINAL.index(one)] if one in f.ORDINAL else one.lower() for one in said)
    return {"payer": payer, "to": to}


def payee(row: Mapping[str, Any]) -> str:
    """Who receives: as the line says; between two the other one."""
    return str(row.get("to") or (f.B if row["payer"] == f.A else f.A))


def unclear(rows: Sequence[Row], ask: Ask) -> Words | None:
    sides = f.sides(ask.case["facts"])
    for n, row in enumerate(rows, 1):
        if "payer" not in row and len(sides) > len(f.FIRST):
            return W(
                f"第 {n} 期写明谁付谁，如“2026-12-15 5000.00 丙付甲”（甲是申请人，乙是对方）",
                f"Say who pays whom in line {n}, such as “2026-12-15 5000.00 C pays A” (A applied, B is the other side)",
            )
        if "payer" in row and (row["payer"] == row["to"] or not {row["payer"], row["to"]} <= set(sides)):
            return W(f"第 {n} 期写的付款人或收款人不是本案的一方", f"Line {n} names somebody who is no side")
    if any("payer" not in row for row in rows) and not ask.facts.get("payer"):
        return W("写明由谁履行", "Say who performs")
    return None


def reads(ask: Ask) -> Words | None:
    try:
        rows = read(ask.facts.get("plan") or "")
    except ValueError as line:
        return W(
            f"第 {line} 行看不懂：写成“2026-12-15 5000.00”这样，最多 {MOST} 行",
            f"Line {line} cannot be read: write “2026-12-15 5000.00”, at most {MOST} lines",
        )
    if words := unclear(rows, ask):
        return words
    if any(row["due"] < ask.at.astimezone(LOCAL).date().isoformat() for row in rows):
        return W("履行的日子不能在今天以前", "The days must not lie in the past")
    return None


def kept(ask: Ask) -> Row:
    rows = read(ask.facts.get("plan") or "")
    return {"plan": [{"payer": ask.facts.get("payer")} | row for row in rows] or None}


def open_rows(facts: Mapping[str, Any]) -> list[int]:
    return [n for n, row in enumerate(facts.get("plan") or []) if not row.get("done")]


def _moment(day: str, hour: time, later: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day) + timedelta(days=later), hour, LOCAL)


def watch(rows: Sequence[Row], at: datetime) -> Change:
    """The clocks of the next row: on its day the sides are reminded, three days after its end it counts as not performed."""
    first = next((row for row in rows if not row.get("done")), None)
    change = Change(stops=("instalment", "overdue"))
    if first is None:
        return change
    change.stops = (*change.stops, "fulfilment")
    change.due["overdue"] = max(_moment(first["due"], time(0), GRACE_DAYS + 1), at + timedelta(days=1))
    change.starts = ("overdue",)
    if _moment(first["due"], HOUR) > at:
        change.due["instalment"], change.starts = _moment(first["due"], HOUR), ("overdue", "instalment")
    return change


# ---- rules and effects about one row; `row` is counted from 1, as it is shown


def _index(ask: Ask) -> int:
    return int(ask.facts.get("row") or 0) - 1


def is_open_row(ask: Ask) -> Words | None:
    if _index(ask) in open_rows(ask.case["facts"]):
        return None
    return W("没有这一期，或者已经履行了", "There is no such instalment, or it was performed already")


def _marked(ask: Ask, **marks: Any) -> list[Row]:
    rows = [dict(row) for row in ask.case["facts"].get("plan") or []]
    rows[_index(ask)] |= marks
    return rows


def is_payer(ask: Ask) -> Words | None:
    return (
        None
        if ask.case["facts"]["plan"][_index(ask)]["payer"] == ask.facts["ref"]
        else W("这一期不是您履行", "This one is not yours")
    )


def is_payee(ask: Ask) -> Words | None:
    if payee(ask.case["facts"]["plan"][_index(ask)]) == ask.facts["ref"]:
        return None
    return W("由收款的一方说收到了", "Whoever it is paid to says that it was received")


def paid(ask: Ask) -> Change:
    return Change(facts={"plan": _marked(ask, paid=ask.at.isoformat())})


def done(ask: Ask) -> Change:
    rows = _marked(ask, done=ask.at.isoformat(), by=ask.facts.get("ref") or "m")
    change = watch(rows, ask.at)
    change.facts = {"plan": rows}
    change.set = {"outcome": "fulfilled"} if all(row.get("done") for row in rows) else {}
    return change


def where_to(ask: Ask) -> str:
    return "agreed" if [n for n in open_rows(ask.case["facts"]) if n != _index(ask)] else "fulfilled"
