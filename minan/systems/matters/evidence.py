"""The proof an answer carries, and photos used before (DOMAIN.md §1, FEATURES.md row 33): what the one door asks for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from minan.kernel.directory import LOCAL
from minan.kernel.procedure import Ask, Change, Step, Words
from minan.systems.matters import fields as f
from minan.systems.matters.judging import BY_STAFF

W = Words
DONE = ("solved", "part_solved")
ASKED, ALLOWED = "photos_asked", "photos_allowed"  # facts: which old photos a lead wants to use, and may
Row = dict[str, Any]


def proof_given(ask: Ask) -> Words | None:
    """An answer carries the proof its kind asks for; "solved" on the spot as well.

    kind.proof: "photo" a photo of the work done; "both" also one of how it was before, here or earlier; "text", "none".
    """
    kind: Any = ask.offices.kind(ask.facts.get("kind") or ask.case["kind"])
    outcome, photos = ask.facts.get("outcome"), ask.facts.get("photos") or []
    if kind is not None and kind.proof in ("photo", "both") and outcome in DONE and not photos:
        return W(
            "这类事要一张现场照片才能答复“解决了”",
            "This kind needs a photo from the place before it can be answered as solved",
        )
    if kind is not None and kind.proof == "both" and outcome in DONE and len(photos) < 2 and not ask.offices.pictured(ask.case["code"]):
        return W("这类事要办之前和办之后各一张照片", "This kind needs a photo from before and one from after the work")
    if outcome in ("explained", "not_supported") and not ask.facts.get("article"):
        return W("写明依据哪条规定", "Name the rule this rests on")
    return None


def _one_act(ask: Ask) -> bool:
    """Taken in by staff and settled on the same screen: the photo came with both."""
    fresh = ask.at - ask.case["opened_at"] <= timedelta(minutes=30)
    return ask.step == "settle" and ask.case["channel"] in (*BY_STAFF, "patrol", "box") and fresh


def photos_are_new(ask: Ask) -> Words | None:
    """A photo that was used before, anywhere, proves nothing done now (reused.py); the date is told, the code only to who may see it."""
    photos = ask.facts.get("photos") or []
    if len({one["sha256"] for one in photos}) < len(photos):
        return W("同一张照片放了两次", "The same photo stands here twice")
    allowed = ask.case["facts"].get(ALLOWED) or []
    used = ask.offices.used(ask.case["code"], photos, ask.unit, ask.person, allowed, own=not _one_act(ask)) if photos else None
    if used is None:
        return None
    day = used.at.astimezone(LOCAL).date().isoformat()
    where, there = ("这件事里", "in this matter") if used.here else ("另一件事里", "in another matter")
    if used.code and not used.here:
        code = f"{used.code[:5]}-{used.code[5:10]}-{used.code[10:]}"
        where, there = f"{code} 里", f"in {code}"
    return W(
        f"有一张照片 {day} 已经在{where}用过，不能再当这次办好的凭据。请拍新的；确实该用这张的，先“请认可旧照片”",
        f"One of the photos was used {there} on {day} and proves nothing done now. Take a new one; where it is the right one, "
        "ask to have the old photo confirmed first",
    )


def asks_photos(ask: Ask) -> Change:
    return Change(marks={"photo_asked": True}, facts={ASKED: {"person": ask.person, "photos": _marks(ask.facts["photos"])}})


def _marks(photos: list[Row]) -> list[Row]:
    return [{"sha256": one["sha256"], "likeness": one["likeness"]} for one in photos]


def photos_given(ask: Ask) -> Words | None:
    return None if ask.facts.get("photos") else W("把要用的那张照片附上", "Attach the photo in question")


def photos_wait(ask: Ask) -> Words | None:
    if not ask.marks.get("photo_asked"):
        return W("没有等着认可的旧照片", "No old photo awaits a word")
    if ask.person and ask.person == (ask.case["facts"].get(ASKED) or {}).get("person"):
        return W("不能认可自己交的照片", "Nobody confirms a photo they handed in themselves")
    return None


def allows_photos(ask: Ask) -> Change:
    photos = [*(ask.case["facts"].get(ALLOWED) or []), *(ask.case["facts"][ASKED]["photos"])]
    return Change(marks={"photo_asked": None}, facts={ASKED: None, ALLOWED: photos})


def refuses_photos(ask: Ask) -> Change:
    return Change(marks={"photo_asked": None}, facts={ASKED: None})


OLD_PHOTOS = (
    Step(
        "ask_photo", W("请认可旧照片", "Ask to use an old photo"), ("lead", "desk"), ("said", "accepted", "signed", "handling"),
        rules=(photos_given,), effect=asks_photos,
        fields=(f.PHOTOS, f.words(W("为什么该用这张", "Why it is the right one"), shown=False)), tells=("above",), public=False,
        done=W("请上级认可一张用过的照片", "Asked to have an old photo confirmed"),
    ),
    Step(
        "allow_photo", W("认可旧照片", "Confirm the old photo"), ("above",), rules=(photos_wait,), effect=allows_photos,
        fields=(f.words(W("理由，说事人会看到", "Reasons; the speaker reads them")),), tells=("lead", "desk"),
        done=W("上级认可了一张用过的照片", "An old photo was confirmed by the level above"),
    ),
    Step(
        "refuse_photo", W("不认可旧照片", "Refuse the old photo"), ("above",), rules=(photos_wait,), effect=refuses_photos,
        fields=(f.words(W("理由", "Reasons"), shown=False),), tells=("lead", "desk"), public=False,
        done=W("没有认可旧照片", "The old photo was not confirmed"),
    ),
)  # fmt: skip

__all__ = ["ALLOWED", "OLD_PHOTOS", "photos_are_new", "proof_given"]
