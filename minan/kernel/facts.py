"""Checks what is handed in with a step against the step's fields, for pages and programs alike, and parts open from sealed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from minan.kernel import directory, questions, ways
from minan.kernel.pictures import Picture
from minan.kernel.procedure import Field, Step, Words
from minan.kernel.scrub import scrub
from minan.kernel.sounds import Recording
from minan.lib import codes, drawing
from minan.lib.english import many
from minan.lib.text import neutral

PHONE = re.compile(r"^(?:\+?86)?(1[3-9]\d{9}|0\d{9,11}|400\d{7}|12345)$")
PHOTOS_MAX = 9
FRAGMENTS_MAX = 60
UNITS_MAX = 8
MISSING = Words("这一项要填", "This is needed")
SEEN = Words(
    "保密的事不能在这里附照片：照片会让人认出来。办的人需要时会当面或打电话向您要",
    "A confidential matter takes no photos here: they tell who you are. Whoever handles it asks for them in person",
)
HEARD = Words(
    "声音会让人听出您是谁：不留名、保密的事和举报不能附录音，请写字，或者让说事点的人替您写",
    "A voice tells who you are: without a name, in confidence or as a report, please write, or let the speaking point write for you",
)
UNTAKEN = Words("这类事不收录音，请写字", "No recording is taken with this; please write")
SILENT = Words("写几个字，或者说一段录音", "Write a few words, or say them aloud")
SAID = frozenset({"text", "long", "answers", "drawn"})  # what of a confidential case goes to the vault
TRUE, FALSE = {True, "true", "1", "yes", "on", "是"}, {False, "false", "0", "no", "", "否"}


class Bad(Exception):
    """One field's value does not fit; `words` say why and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.words = Words(zh, en)


@dataclass(slots=True)
class Facts:
    """What a step was given, checked: open facts go in the event's body, sealed ones in the vault."""

    open: dict[str, Any] = field(default_factory=dict)
    sealed: dict[str, Any] = field(default_factory=dict)
    pictures: list[Picture | Recording] = field(default_factory=list)
    errors: dict[str, Words] = field(default_factory=dict)


def _text(spec: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise Bad("这里要写文字", "Text is expected here")
    text = neutral(value).strip()
    if len(text) > spec.max_length:
        over = len(text) - spec.max_length
        raise Bad(
            f"多了 {over} 个字，最多 {spec.max_length} 个字", f"{many(over, 'character')} too many; at most {spec.max_length}"
        )
    return text


def _phone(spec: Field, value: Any) -> str:
    digits = re.sub(r"[\s\-－()（）]", "", _text(spec, value))
    if not digits:
        return ""
    if not PHONE.match(digits):
        if digits.isdigit() and digits.startswith("1") and len(digits) != 11:
            gap = 11 - len(digits)
            short = f"少了 {gap} 位" if gap > 0 else f"多了 {-gap} 位"
            raise Bad(f"{short}。手机号是 11 位数字", f"A mobile number has 11 digits; this has {len(digits)}")
        raise Bad(
            "这不像一个电话号码。手机号是 11 位数字",
            "This does not look like a phone number; a mobile number has 11 digits",
        )
    return digits


def _choice(spec: Field, value: Any) -> str:
    if value not in {name for name, _ in spec.options}:
        raise Bad("请从列出的几项里选一项", "Choose one of the listed options")
    return str(value)


def _yesno(spec: Field, value: Any) -> bool:
    if isinstance(value, list | dict) or value not in TRUE | FALSE:
        raise Bad("请选“是”或“否”", "Choose yes or no")
    return value in TRUE


def _known(spec: Field, value: Any) -> str:
    city, text = directory.city(), _text(spec, value)
    tables: dict[str, Mapping[str, Any]] = {"kind": city.kinds, "place": city.places, "unit": city.units}
    if text not in tables[spec.type]:
        what = {"kind": ("种类", "kind"), "place": ("地点", "place"), "unit": ("单位", "unit")}[spec.type]
        raise Bad(f"没有这个{what[0]}，请从列表里选", f"There is no such {what[1]}; choose one from the list")
    return text


def _staff(spec: Field, value: Any) -> str:
    text = _text(spec, value)
    if not text.isascii() or not text.isdigit() or not directory.posts_of(int(text[:9])):
        raise Bad("没有这位工作人员，请从列表里选", "There is no such member of staff; choose one from the list")
    return text


def _ground(spec: Field, value: Any) -> str:
    ground = directory.city().grounds.get(_text(spec, value))
    if ground is None or ground.list != spec.source or not ground.active:
        raise Bad("请从列出的理由里选一条", "Choose one of the listed grounds")
    return ground.code


def _date(spec: Field, value: Any) -> str:
    try:
        return value.isoformat() if isinstance(value, date) else date.fromisoformat(_text(spec, value)).isoformat()
    except ValueError:
        raise Bad("日期写成 2026-12-15 这样", "Write the date like 2026-12-15") from None


def _moment(spec: Field, value: Any) -> str:
    """A day and a time of this city's clock; with its offset, so that nobody has to guess."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(_text(spec, value))
    except ValueError:
        raise Bad("时间写成 2026-12-15 09:30 这样", "Write the time like 2026-12-15 09:30") from None
    at = at.replace(tzinfo=directory.LOCAL) if at.tzinfo is None else at.astimezone(directory.LOCAL)
    return at.replace(second=0, microsecond=0).isoformat()


def _units(spec: Field, value: Any) -> list[str]:
    said = value if isinstance(value, list | tuple) else [value]
    if len(said) > UNITS_MAX:
        raise Bad(f"一次最多选 {UNITS_MAX} 个单位", f"At most {UNITS_MAX} units at a time")
    one = replace(spec, type="unit")
    return list(dict.fromkeys(filter(None, (_known(one, unit) for unit in said if unit not in ("", None)))))


def _case(spec: Field, value: Any) -> str:
    code = codes.parse(_text(spec, value))
    if code is None:
        raise Bad("编号是 15 个字母和数字，这个抄错了", "A code has 15 letters and digits; this one was miscopied")
    return code


def _number(spec: Field, value: Any) -> int:
    if (
        isinstance(value, bool)
        or not str(value).isascii()
        or not str(value).lstrip("-").isdigit()
        or len(str(value)) > 12
    ):
        raise Bad("这里要填整数", "A whole number is expected here")
    return int(value)


def _digest(spec: Field, value: Any) -> str:
    """A SHA-256 as 64 small hex digits: it stands in the event, also of a confidential case, for it says nothing."""
    if not isinstance(value, str) or len(value) != 64 or not set(value) <= set("0123456789abcdef"):
        raise Bad("这里要填 64 位的校验值", "A digest of 64 hex digits is expected here")
    return value


def _fragments(spec: Field, value: Any) -> list[str]:
    said = value if isinstance(value, list) else [value]
    if len(said) > FRAGMENTS_MAX:
        raise Bad("一次勾的太多了", "Too many at a time")
    return list(dict.fromkeys(filter(None, (_text(spec, one) for one in said))))


def _answers(spec: Field, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > 40:
        raise Bad("补充问题的回答读不出来", "The answers to the extra questions cannot be read")
    return {
        str(k)[:40]: _text(Field("x", spec.label, max_length=400), str(v)) for k, v in value.items() if str(v).strip()
    }


def _way(spec: Field, value: Any) -> str:
    try:
        return ways.CLEAN[spec.type](_text(spec, value))
    except ways.Unfit as unfit:
        raise Bad(unfit.words.zh, unfit.words.en) from None


def _drawn(spec: Field, value: Any) -> str:
    try:
        return drawing.read(value if isinstance(value, str) else "").text()
    except drawing.Unfit as unfit:
        if unfit.small:
            raise Bad("签得太少了，看不出是名字，请再签一次", "There is hardly any ink: please sign once more") from None
        raise Bad("手写签名没有读出来，请清掉再签一次", "The drawn signature could not be read: clear it and sign again") from None


def _photos(spec: Field, value: Any) -> list[Picture]:
    if not isinstance(value, list) or any(not isinstance(p, Picture) for p in value):
        raise Bad("照片没有读出来，请再选一次", "The photos could not be read; choose them again")
    if len(value) > PHOTOS_MAX:
        raise Bad(f"一次最多 {PHOTOS_MAX} 张照片", f"At most {PHOTOS_MAX} photos at a time")
    return value


def _voice(spec: Field, value: Any) -> list[Recording]:
    if not isinstance(value, Recording):
        raise Bad("录音没有读出来，请再录一次", "The recording could not be read; record it again")
    return [value]


def _filed(one: Picture | Recording) -> dict[str, Any]:
    """What the event says of a file: its hash, so that nobody puts another in its place."""
    row = {"sha256": one.sha256, "width": one.width, "height": one.height, "mime": one.mime, "bytes": len(one.data), "likeness": one.dhash}
    return row | ({"seconds": one.seconds} if isinstance(one, Recording) else {})


def _unheard(step: Step, given: Mapping[str, Any], closed: bool) -> Words | None:
    """Why a recording is not taken here: never in silence."""
    if not given.get("voice"):
        return None
    if closed:
        return HEARD
    return None if any(spec.type == "voice" for spec in step.fields) else UNTAKEN


CLEAN = {
    "text": _text, "long": _text, "phone": _phone, "choice": _choice, "yesno": _yesno, "kind": _known, "place": _known, "unit": _known,
    "staff": _staff, "units": _units, "moment": _moment,
    "ground": _ground, "date": _date, "case": _case, "number": _number, "digest": _digest,
    "answers": _answers, "photos": _photos, "voice": _voice, "fragments": _fragments, "drawn": _drawn,
    **dict.fromkeys(ways.CLEAN, _way),
}  # fmt: skip


def ticked(step: Step, given: Mapping[str, Any], name: str) -> bool:
    """True where a field of yes or no is there and answered with yes."""
    said = given.get(name)
    return any(f.name == name for f in step.fields) and isinstance(said, str | bool | int) and said in TRUE


def clean(step: Step, given: Mapping[str, Any], *, closed: bool = False, kind: str = "", edition: int = 0, nameless: bool = False) -> Facts:
    """Every field of the step checked; unknown names are left out; all errors at once, none raised.

    `kind`, `edition`: of the case, by whose questions answers are checked where the step itself names no kind.

    `nameless`: who speaks is asked no name, and so sends no voice.

    `closed`: what is said goes to the vault as it is, nothing of it on the work order (a confidential or sealed case).
    """
    out = Facts()
    if closed and given.get("photos"):
        out.errors["photos"] = SEEN
    if words := _unheard(step, given, closed or nameless):
        out.errors["voice"] = words
    for spec in step.fields:
        value = given.get(spec.name)
        if value is None or value in ("", []):
            if spec.required and not given.get(spec.unless or "-"):
                out.errors[spec.name] = SILENT if spec.unless == "voice" else MISSING
            continue
        if spec.name in out.errors:
            continue
        try:
            fit: Any = CLEAN[spec.type](spec, value)
        except Bad as bad:
            out.errors[spec.name] = bad.words
            continue
        if spec.type == "answers" and (words := questions.wrong(questions.of_kind(str(given.get("kind") or kind), edition), fit)):
            out.errors[spec.name] = words
            continue
        if spec.type == "photos" and closed:
            out.errors[spec.name] = SEEN
        elif spec.type in ("photos", "voice"):
            out.pictures += fit
            out.open[spec.name] = [_filed(one) for one in fit]
        elif spec.required and fit in ("", {}):
            out.errors[spec.name] = MISSING
        elif spec.sealed:
            out.sealed[spec.name] = fit
        elif (closed or spec.paper) and spec.type in SAID:
            out.sealed[f"{step.name}.{spec.name}"] = fit
        elif spec.type == "answers":
            out.open[spec.name] = {question: scrub(said) for question, said in fit.items()}
            if out.open[spec.name] != fit:
                out.sealed[f"{step.name}.{spec.name}"] = fit
        elif spec.scrubbed and (clear := scrub(fit)) != fit:
            out.open[spec.name], out.sealed[f"{step.name}.{spec.name}"] = clear, fit
        else:
            out.open[spec.name] = fit
    return out
