"""What 王秀兰's browser does in these tests: says a matter, with a photo or without."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from minan.kernel.models import Case

VILLAGE = "131022100010"
LAMP = "小区东门外三盏路灯一个多星期不亮了，我母亲摔了一下。电话 13812345678。"


def picture(name: str = "lamp.jpg", colour: str = "navy") -> SimpleUploadedFile:
    """A small photo as a phone sends it."""
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def key_on(client: Client, path: str = "/say/") -> str:
    return str(client.get(path).context["saying"].key)


def say(client: Client, **more: Any) -> Any:
    """She fills the one screen and presses once."""
    fields = {"key": key_on(client), "text": LAMP, "place": VILLAGE, "kind": "lamp.out"} | more
    return client.post("/say/", fields)


def said(client: Client, **more: Any) -> tuple[Case, str]:
    """The matter she said, and the secret on her receipt."""
    answer = say(client, **more)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    page = client.get(answer["Location"])
    return page.context["case"], page.context["secret"]
