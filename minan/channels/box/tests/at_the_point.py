"""Whoever stands at a box in the tests, and slips printed for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minan.channels.box.models import Box, Opening, Slip
from minan.channels.box.tests import made_slips
from minan.kernel.models import Case
from minan.kernel.tests.desks import desk_of
from minan.lib import throttle

KEY = "a" * 32
WORST = made_slips.Worst(tilt=6, blur=0.6, quality=70, shade=0.8, perspective=0.01)


@dataclass
class Point:
    """刘桂芬 (clerk) and 李建民 (grid worker) of 朝阳社区, their box and its slips."""

    box: Box
    liu: Client
    li: Client
    slips: list[Slip] = field(default_factory=list)
    codewords: dict[str, str] = field(default_factory=dict)

    def print(self, count: int = 6, key: str = KEY) -> None:
        page = self.liu.post(f"/box/{self.box.id}/slips/", {"count": str(count), "key": key})
        assert page.status_code == 200
        self.codewords |= {s.code: s.codeword for sheet in page.context["pages"] for s in sheet}
        self.slips = list(Slip.objects.filter(book__box=self.box).order_by("number"))

    def open(self, seal: str = "") -> str:
        """Opened and witnessed; its code."""
        got = self.liu.post(f"/box/{self.box.id}/open/", {"seal": seal, "key": f"open-{Opening.objects.count()}"})
        assert got.status_code == 302, got.content.decode()
        code = got.headers["Location"].split("/")[-2]
        assert self.step(self.li, code, "witness").status_code == 302
        return code

    def step(self, who: Client, code: str, step: str, **facts: Any) -> Any:
        return who.post(f"/box/o/{code}/{step}/", facts)

    def counted(self, slips: int, seal: str = "S-2", before: str = "") -> str:
        code = self.open(before)
        got = self.step(self.liu, code, "count", counted=str(slips), seal=seal)
        assert got.status_code == 302, got.content.decode()
        return code

    def send(self, code: str, *photos: bytes, who: Client | None = None) -> Any:
        files = [SimpleUploadedFile(f"{n}.jpg", data, "image/jpeg") for n, data in enumerate(photos)]
        return (who or self.liu).post(f"/box/o/{code}/photos/", {"photos": files})

    def type(self, code: str, of: str, text: str = "东门口路灯坏了", do: str = "take", **more: Any) -> Any:
        facts = {"of": of, "do": do, "text": text, "place": self.box.place, "kind": "lamp.out"} | more
        return self.liu.post(f"/box/o/{code}/type/", facts)


def shot(slip: Slip, seed: int = 1) -> bytes:
    """A good photograph of a slip."""
    return made_slips.photographed(slip.code, seed, WORST)


def case_of(code: str) -> Case:
    return Case.objects.get(code=code)


def point_of_the_south_gate() -> Point:
    throttle.forget()
    box = Box.objects.create(unit="131022100010-point", place="131022100010", name="朝阳社区南门", where="岗亭旁")
    return Point(box, desk_of("gu.point"), desk_of("worker"))
