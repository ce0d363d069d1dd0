"""What if: which figures of a case can be tried otherwise, and each line old and new. The case travels in the page; nothing is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from minan.channels.web import damages
from minan.channels.web.damages import label, lang, payer
from minan.lib.damages import Refused, what_if

ENTRIES = ("meals", "nutrition", "lost_income", "nursing")
FIGURE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,8})?")


@dataclass
class Box:
    """One figure that can be changed: where it stands, what it is now, what is tried."""

    path: str
    said: str
    now: str
    typed: str
    kind: str  # "share" in per cent, "grades", "count", "age"
    wrong: str = ""

    @property
    def name(self) -> str:
        return f"w.{self.path}"

    @property
    def changed(self) -> bool:
        return self.typed != self.now

    def value(self) -> Any:
        """What goes into the case. Raises ValueError where it is no such figure."""
        text = self.typed
        if not text:
            return None
        if self.kind == "grades":
            words = [word for word in re.split(r"[\s,，、级]+", text) if word]
            if not words or any(not re.fullmatch(r"10|[1-9]", word) for word in words):
                raise ValueError(_("等级写 1 到 10 的数字，用空格隔开"))
            return [int(word) for word in words]
        if not FIGURE.fullmatch(text):
            raise ValueError(_("写成数字，如 27"))
        if self.kind != "share":
            return text
        if Decimal(text) > 100:
            raise ValueError(_("写成数字，如 70"))
        return f"{(Decimal(text) / 100).normalize():f}"


def _hundred(share: Any) -> str:
    try:
        return f"{(Decimal(str(share)) * 100).normalize():f}" if share is not None else ""
    except InvalidOperation:
        return ""


def boxes(case: Mapping[str, Any], typed: Mapping[str, str]) -> list[Box]:
    """Shares, ages, grades and numbers of days or months of a case that was worked out."""
    found: list[tuple[str, str, str, str]] = []
    for vehicle in case["vehicles"]:
        found.append(
            (
                f"vehicles.{vehicle['id']}.share",
                _("%(who)s承担百分之几") % {"who": vehicle["id"]},
                _hundred(vehicle.get("share")),
                "share",
            )
        )
    for victim in case["victims"]:
        head, who, items = f"victims.{victim['id']}", victim["id"], victim.get("items") or {}
        if "age" in victim:
            found.append((f"{head}.age", _("%(who)s的年纪") % {"who": who}, str(victim["age"]), "age"))
        disability = items.get("disability")
        if not isinstance(disability, str) and not (disability or {}).get("coefficient"):
            grades = " ".join(map(str, (disability or {}).get("grades") or []))
            found.append((f"{head}.items.disability.grades", _("%(who)s的伤残等级") % {"who": who}, grades, "grades"))
        for kind in ENTRIES:
            rows = items.get(kind)
            for n, row in enumerate(rows if isinstance(rows, list) else [rows] if isinstance(rows, dict) else []):
                unit = "months" if "months" in row else "days"
                path = f"{head}.items.{kind}" + (f".{n}" if isinstance(rows, list) else "") + f".{unit}"
                said = _("%(who)s的%(item)s：几个月") if unit == "months" else _("%(who)s的%(item)s：几天")
                found.append((path, said % {"who": who, "item": label(kind)}, str(row.get(unit, "")), "count"))
    return [
        Box(path, said, now, typed.get(f"w.{path}", now).strip()[:40], kind) for path, said, now, kind in found[:60]
    ]


@dataclass
class Change:
    """One try. `lines` in three tables once something was changed and could be worked out."""

    case: dict[str, Any]
    text: str
    boxes: list[Box]
    tables: list[dict[str, Any]]
    errors: list[str]
    tried: bool = False

    @property
    def status(self) -> int:
        return 422 if self.errors or any(box.wrong for box in self.boxes) else 200

    @classmethod
    def read(cls, post: Mapping[str, str]) -> Change:
        """Raises Refused or ValueError where the page's case is none."""
        text = post.get("case", "")
        case = json.loads(text, parse_float=Decimal)
        damages.worked(case)
        found = cls(case, text, boxes(case, post), [], [])
        found.run()
        return found

    def run(self) -> None:
        change: dict[str, Any] = {}
        for box in self.boxes:
            try:
                if box.changed:
                    change[box.path] = box.value()
            except ValueError as error:
                box.wrong = str(error)
        if not change or any(box.wrong for box in self.boxes):
            return
        change |= self._rest(change)
        try:
            found = what_if(self.case, change, lang())
        except Refused as refused:
            self.errors = list(refused.told(lang()).values())
            return
        self.tried = True
        self.tables = _tables(found)

    def _rest(self, change: Mapping[str, Any]) -> dict[str, Any]:
        """Of two sides the other takes what is left of the whole."""
        shares = [box for box in self.boxes if box.kind == "share"]
        moved = [box for box in shares if box.path in change]
        if len(shares) != 2 or len(moved) != 1 or any(victim.get("own_share") for victim in self.case["victims"]):
            return {}
        other = next(box for box in shares if box is not moved[0])
        other.typed = _hundred(1 - Decimal(change[moved[0].path] or 0))
        return {other.path: None}


def _tables(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    sums = {one["line"]: one for one in found["sums"]}
    titles = {"item": _("损失"), "payment": _("谁来赔"), "transfer": _("最后谁转给谁")}
    tables = []
    for kind, title in titles.items():
        rows = [
            line | {"said": _said(line["line"])}
            for line in found["lines"]
            if re.match(rf"((low|high):)?{kind}:", line["line"])
        ]
        tables.append({"title": title, "rows": rows, "sum": sums[kind]})
    return tables


def _said(name: str) -> str:
    """A line's name in words."""
    end, rest = "", name
    if name.startswith(("low:", "high:")):
        end, _colon, rest = name.partition(":")
        end = _("低头：") if end == "low" else _("高头：")
    kind, _colon, rest = rest.partition(":")
    one, _colon, other = rest.partition(":")
    if kind == "item":
        return f"{one} {label(other)}"
    return end + (
        f"{one} → {other}"
        if kind == "transfer"
        else f"{payer(other)} → {one}"
        if other != "self"
        else f"{one} {payer(other)}"
    )
