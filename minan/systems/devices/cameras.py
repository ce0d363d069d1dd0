"""Cameras: which may be asked for and by whom, how often they were looked through, what their signs say. No connection is opened here."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone

from minan.kernel import access, bus, glass_kept, routing
from minan.kernel.access import Actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.directory import LOCAL
from minan.kernel.glass import BREAK, REJECT
from minan.kernel.listen import Told
from minan.kernel.models import Body, Case, Event, User
from minan.kernel.procedure import Words
from minan.systems.devices import registry
from minan.systems.devices.look import CAMERAS_MOST
from minan.systems.devices.models import Camera, Device, LookCount, Wanted

W = Words
NEEDS_CASE = W("只为一件正在办的事调看。写上它的编号", "Only for a case that is open; give its code")
NEEDS_CAMERA = W(f"选 1 到 {CAMERAS_MOST} 台摄像机", f"Choose 1 to {CAMERAS_MOST} cameras")
ONE_KEEPER = W("一次只选同一个单位管的摄像机", "Only cameras of one keeper at a time")
NO_KEEPER = W("管摄像机的单位要回避这件事，也没有上级可以答复", "The keeper of the camera is kept away from this case, and nobody above can answer")
MANY = W(f"为同一件事同时最多看 {CAMERAS_MOST} 台", f"At most {CAMERAS_MOST} cameras for one case at a time")
BANNED = ("宿舍", "更衣室", "卫生间", "厕所", "浴室", "哺乳室", "客房", "母婴室", "试衣间")  # art. 8 (引用前请核对)


def of_place(place: str) -> list[Camera]:
    """The cameras in service of a place and all below it."""
    begin = registry.beginning(place)
    return list(
        Camera.objects.filter(device__live=True, device__place__startswith=begin)
        .select_related("device")
        .order_by("device__place", "device_id")
    )


def near(case: Case) -> list[Camera]:
    """Those that may be asked for: of the case's own village, or township where it names no village."""
    return of_place(case.place)


def lacks(camera: Camera) -> list[Words]:
    """What the law asks for and is missing."""
    out = []
    if not camera.filing:
        out.append(W("没有备案号", "No filing number"))
    if camera.sign_on is None:
        out.append(W("没有挂标识", "No sign"))
    if camera.keep_days < 30:
        out.append(W("留存不足 30 天", "Kept for less than 30 days"))
    if any(word in camera.device.mounted for word in BANNED):
        out.append(W("装在不许装的地方", "In a place where none may be"))
    return out


def ask(user: User, case: Case, chosen: list[str], ground: str, words: str, *, broken: bool, now: datetime) -> Case | Words | Refused:
    """Ask to see pictures for a case this person sees; `broken`: at once and alone, where that case says that a life is in danger."""
    if not case.open:
        return NEEDS_CASE
    cameras = [one for one in near(case) if one.device_id in set(chosen)]
    if not 1 <= len(cameras) <= CAMERAS_MOST:
        return NEEDS_CAMERA
    keepers = {one.device.unit for one in cameras}
    if len(keepers) > 1:
        return ONE_KEEPER
    running = Case.objects.filter(county=case.county, parent=case.id, procedure="camera_look", closed_at=None)
    if sum(len(one.facts["cameras"]) for one in running) + len(cameras) > CAMERAS_MOST:
        return MANY
    keeper = routing.free(keepers.pop(), case.walls, "line") or routing.free(case.desk, case.walls)
    if not keeper:
        return NO_KEEPER
    actor = access.actor(user)
    post = access.roles_of(actor, case.as_view())
    unit = next((p.unit for p in post.values() if p is not None), "")
    facts = {
        "of": case.code, "cameras": [one.device_id for one in cameras], "ground": ground, "words": words, "by_unit": unit,
        "keeper": keeper, "place": case.place, "danger": bool(case.marks.get("danger")),
    }  # fmt: skip
    opened = open_case("camera_look", by=Actor("house", user.pk, actor.posts), facts=facts, channel="desk", at=now, child_of=case)
    if not isinstance(opened, Opened):
        return opened
    if broken:
        done = act(opened.case, BREAK, by=actor, facts={"words": words}, at=max(now, opened.case.changed_at))
        if isinstance(done, Refused):
            return done
    return opened.case


# ---- what its cases tell


def _body(told: Told) -> dict[str, Any]:
    event = Event.objects.filter(county=told.county, case_id=told.case_id, n=told.n).values_list("id", flat=True).first()
    text = (
        Body.objects.filter(county=told.county, case_id=told.case_id, n=told.n).values_list("text", flat=True).first() if event else None
    )
    return json.loads(text) if text else {}


def wanted(events: list[Told]) -> None:
    """Somebody may see a picture: the worker fetches it outside of this transaction."""
    for told in events:
        camera = _body(told).get("facts", {}).get("camera", "")
        if camera:
            Wanted.objects.create(county=told.county, case_id=told.case_id, camera=camera, at=told.at)


def count(camera: str, at: datetime, **more: int) -> None:
    """Add to the public count of a month."""
    month = f"{at.astimezone(LOCAL):%Y-%m}"
    LookCount.objects.get_or_create(camera=camera, month=month)
    LookCount.objects.filter(camera=camera, month=month).update(**{name: F(name) + n for name, n in more.items()})


def counted(events: list[Told]) -> None:
    """A picture that was seen, a glass that was broken: into the public count of the camera."""
    for told in events:
        if told.name.endswith(BREAK):
            case = Case.objects.filter(county=told.county, id=told.case_id).first()
            for camera in case.facts.get("cameras", []) if case else []:
                count(camera, told.at, glass=1)
        else:
            camera = _body(told).get("facts", {}).get("camera", "")
            if camera:
                count(camera, told.at, looks=1)


def struck(events: list[Told]) -> None:
    """A rejected breaking counts against who did it; three in a year end the right."""
    for told in events:
        note = _body(told).get("note", {})
        if note.get("of"):
            glass_kept.strike(told.county, told.case_id, told.n, note["of"], told.at)


def retired(device: Device) -> None:
    """A fault ended with the device taken out of service: it is."""
    bus.revoke(device.id)
    Device.objects.filter(pk=device.pk).update(live=False, silent_at=None)


# ---- for everybody


def signs(place: str) -> list[dict[str, Any]]:
    """What the signs of a place say, and how often each was looked through this month and the last: three numbers, no reason to search."""
    now = timezone.now().astimezone(LOCAL)
    month = f"{now:%Y-%m}"
    cameras = of_place(place)
    looks = {row.camera: row for row in LookCount.objects.filter(camera__in=[c.device_id for c in cameras], month=month)}
    return [{"camera": one, "device": one.device, "looks": looks.get(one.device_id)} for one in cameras]


__all__ = ["BREAK", "REJECT", "ask", "count", "counted", "lacks", "near", "of_place", "retired", "signs", "struck", "wanted"]
