"""Everything that is kept of one matter's speaker, as data: each with class, purpose, basis and until when (PIPL art. 17, 45).

For the speaker alone: pages and files show it, after code and secret or account let them in. Staff's own notes are not in it, nor
looks whose telling is deferred by law: they come with their day.
"""

from __future__ import annotations

import base64
from datetime import date, datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minan.channels.web import lines, story
from minan.kernel import (
    attachments,
    common,
    datamap,
    labels,
    questions,
    registry,
    retention,
    rights,
    sheet,
    sounds,
    speakers,
    vault,
)
from minan.kernel.models import Case, Message, Speaker
from minan.kernel.procedure import Field

FORM = "minan rights 1"
PHOTO_MOST = 8_000_000  # bytes of one picture in a file


def lang() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


def _purpose(table: str) -> dict[str, str]:
    kept = datamap.read()[table]
    return {"purpose": kept.purpose.into(lang()), "basis": datamap.basis(kept.basis, lang())}


def _level(level: str) -> dict[str, str]:
    return {"level": level, "class": datamap.CLASS_WORDS[level].into(lang())}


def until(case: Case, name: str, known: dict[str, Field]) -> dict[str, Any]:
    """{"until": the day it is erased or None, "until_words"}: of a fact of the vault, or with "" of the work order's words."""
    day = retention.gone_on(case, name, known)
    if day is not None:
        return {"until": day, "until_words": ""}
    days = retention.days_of(name, known) if name else _words_days(case)
    return {"until": None, "until_words": labels.kept_for(days)}


def _words_days(case: Case) -> int:
    procedure = registry.get(case.procedure)
    return max((s.keep_days or 0 for s in procedure.states if s.final), default=0) if procedure else 0


def label(case: Case, name: str) -> str:
    """What a fact of the vault is called: say.text → 原话; add@5.words → 第 5 步的原话; body.5 → 第 5 步隐去前的话."""
    step_name, dot, field = name.partition(".")
    if not dot:
        spec = _specs(case).get(name)
        return spec.label.into(lang()) if spec else name
    if step_name == "hidden":
        return _("隐去前的原话")
    if step_name == "body":
        return _("第 %(n)s 步，隐去前的话") % {"n": field}
    if field == "where":
        return _("地图上的点")
    number = step_name.partition("@")[2]
    return _("第 %(n)s 步的原话") % {"n": number} if number else _("原话")


def _specs(case: Case) -> dict[str, Field]:
    procedure = registry.get(case.procedure)
    steps = (procedure.opening, *procedure.steps) if procedure else ()
    return {f.name: f for step in steps for f in step.fields if f.sealed}


def vaulted(case: Case) -> tuple[list[dict[str, Any]], dict[str, Any], bool]:
    """(rows of the vault's facts, the facts, whether the vault answered)."""
    try:
        known = speakers.known(case, who="speaker", why="own")
    except vault.Sealed:
        return [], {}, False
    specs, sealed = _specs(case), retention._sealed_fields()
    rows = []
    for name in sorted(known, key=lambda n: ("." in n, n)):
        level = specs[name].data if name in specs else "P2"
        row = {"name": name, "label": label(case, name), "value": known[name]} | _level(level) | _purpose("kernel.Speaker")
        rows.append(row | until(case, name, sealed))
    return rows, known, True


def _answers(case: Case, facts: dict[str, Any]) -> list[dict[str, Any]]:
    given = facts.get("answers") or {}
    asked = {q.code: q for q in questions.of_kind(case.kind, case.edition)} if given and case.kind else {}
    return [{"asked": asked[code].label if code in asked else code, "answer": said} for code, said in given.items()]


def _order(case: Case) -> list[dict[str, Any]]:
    """What stands on the work order, for whoever handles it."""
    kind = story.kind_name(case)
    shown = [
        ("title", _("标题"), case.title), ("text", _("事情（隐去身份以后）"), case.text), ("place", _("地点"), story.place_name(case)),
        ("kind", _("种类"), kind[lang()] if kind else ""), ("where", _("地图上的点"), f"{case.lat}, {case.lon}" if case.lat is not None else ""),
        ("answers", _("补问的回答"), _answers(case, case.facts)),
    ]  # fmt: skip
    same = _level("P1") | _purpose("kernel.Case") | until(case, "", {})
    return [{"name": name, "label": words, "value": value} | same for name, words, value in shown if value]


def _event(row: sheet.Line, told: dict[str, Any]) -> dict[str, Any]:
    facts = {name["zh"]: value for name, kind, value in row.facts if kind != "photos"}
    by = (told["by"][lang()] if told["by"] else "") or row.event.by.partition(":")[2]
    return {
        "n": row.event.n, "at": row.event.at, "step": row.event.step, "what": told["label"][lang()], "by": by,
        "words": told["words"], "facts": facts, "hash": row.event.hash,
    }  # fmt: skip


def _photos(case: Case, shown: set[int], whole: bool) -> list[dict[str, Any]]:
    out = []
    same = _level("P1") | _purpose("kernel.Attachment") | until(case, "", {})
    for picture in attachments.of(case, staff=False):
        if picture.n not in shown:
            continue
        row: dict[str, Any] = {"id": picture.id, "n": picture.n, "sha256": picture.sha256, "bytes": picture.bytes, "mime": picture.mime}
        row["heard"] = sounds.is_sound(picture.mime)
        path = attachments.path_of(picture.sha256)
        if whole and picture.bytes <= PHOTO_MOST and path.is_file():
            row["data"] = base64.b64encode(path.read_bytes()).decode()
        out.append(row | same)
    return out


def _technical(case: Case) -> list[dict[str, Any]]:
    row = Speaker.objects.filter(county=case.county, case_id=case.id).first()
    if row is None:
        return []
    linked = bool(row.owner)
    shown = [
        ("secret", _("取件码的指纹（不是取件码）"), row.secret), ("capability", _("评价凭据的指纹"), row.capability),
        ("owner", _("跟您账号的联系（加密的指纹）"), row.owner if linked else ""), ("lang", _("用哪种文字告诉您"), row.lang),
    ]  # fmt: skip
    same = _level("P2") | _purpose("kernel.Speaker") | {"until": None, "until_words": _("有这件事的记录就在，单独看不出是谁")}
    return [{"name": name, "label": words, "value": value} | same for name, words, value in shown if value]


def consents(case: Case, known: dict[str, Any]) -> list[dict[str, Any]]:
    """What the speaker agreed to besides what the law orders: each optional, given by leaving a number, taken back at any time."""
    rows = case.facts.get(rights.CONSENTS) or {}
    out = []
    for to, words in ((rights.SMS, _("办到哪一步发短信")), (rights.CALLS, _("打电话给我"))):
        yes = bool(known.get("phone")) and rights.agreed(case.facts, to)
        said = rows.get(to, {})
        out.append({"name": to, "label": words, "yes": yes, "at": said.get("at", case.opened_at), "v": said.get("v", rights.VERSION)})
    return out


def hold(case: Case, page: list[sheet.Line], now: datetime) -> dict[str, Any] | None:
    """The legal hold that keeps it, where it may be told."""
    found = next((line for line in reversed(page) if line.event.step == rights.HOLD_STEP), None)
    if found is None or not rights.is_held(case.marks, now):
        return None
    return {"until": rights.held_until(case.marks), "words": [value for name, _kind, value in found.facts]}


def of(case: Case, now: datetime, *, whole: bool = False) -> dict[str, Any]:
    """All of it. With `whole` the pictures themselves are in it, for a file."""
    rows, known, answered = vaulted(case)
    page = sheet.lines(case, staff=False, now=now, whole=known)
    procedure = registry.get(case.procedure)
    told = [lines._row(case, line, procedure) for line in page]
    messages = Message.objects.filter(county=case.county, case_id=case.id, to="speaker").order_by("made_at")
    return {
        "form": FORM, "made_at": now, "code": case.code, "state": story.label(case)[lang()],
        "opened_at": case.opened_at, "closed_at": case.closed_at,
        "vault": rows, "vault_answered": answered, "order": _order(case), "events": [_event(a, b) for a, b in zip(page, told, strict=True)],
        "photos": _photos(case, {line.event.n for line in page} | {1}, whole),
        "looks": [look | {"by": look["by"][lang()]} for look in lines.looks(page)],
        "messages": [{"at": m.made_at, "channel": m.channel, "words": m.words, "sent_at": m.sent_at} for m in messages],
        "technical": _technical(case), "consents": consents(case, known), "locked": bool(case.marks.get(rights.LOCKED)),
        "hold": hold(case, page, now), "words_until": until(case, "", {}), "deferral": common.DEFER_DAYS,
        "events_kept": datamap.KEEPS["ever"].into(lang()),
    }  # fmt: skip


def plain(value: Any) -> Any:
    """As JSON has it: moments and days in ISO form."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)
