"""李建民's phone with its key, and the lamp that lies with his village."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from minan.lib import throttle

VILLAGE = "131022100010"
Send = Callable[..., Any]


@pytest.fixture(autouse=True)
def unhurried() -> Iterator[None]:
    """What one test tried does not slow down the next."""
    throttle.forget()
    yield
    throttle.forget()


class Phone:
    """A phone as its app speaks: reads with its key, and sends records, each with a key of its own."""

    def __init__(self, user: Any) -> None:
        from minan.channels.field import devices  # not before the settings are there

        self.user, self.keys = user, itertools.count()
        self.key, self.until = devices.issue(user)
        self.client = Client()

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Accept-Language": "zh-hans"} | more

    def get(self, path: str, lang: str = "zh-hans") -> Any:
        return self.client.get(f"/field/{path}", headers=self.headers(**{"Accept-Language": lang}))

    def post(self, path: str) -> Any:
        return self.client.post(f"/field/{path}", headers=self.headers())

    def send(
        self, body: dict[str, Any], *, key: str = "", photos: tuple[bytes, ...] = (), told: list[str] | None = None
    ) -> Any:
        """`told`: the hashes the body names, where they shall not be the photos' own."""
        marks = [hashlib.sha256(photo).hexdigest() for photo in photos] if told is None else told
        files = [_file(photo, n) for n, photo in enumerate(photos)]
        data = {"body": json.dumps({"facts": {}, "photos": marks} | body, ensure_ascii=False), "photos": files}
        headers = self.headers(**{"Idempotency-Key": key or f"{self.user.pk}-{next(self.keys)}"})
        return self.client.post("/field/records/", data, headers=headers)

    def step(self, code: str, step: str, facts: dict[str, Any] | None = None, **more: Any) -> Any:
        sent = {name: more.pop(name) for name in ("key", "photos", "told") if name in more}
        return self.send({"what": "step", "code": code, "step": step, "facts": facts or {}} | more, **sent)

    def find(self, text: str, **more: Any) -> Any:
        sent = {name: more.pop(name) for name in ("key", "photos", "told") if name in more}
        facts = {"text": text, "place": VILLAGE, "kind": "lamp.out"} | more.pop("facts", {})
        return self.send({"what": "open", "facts": facts} | more, **sent)


def browser(user: Any, **more: Any) -> Client:
    """Signed in with password and second factor."""
    client = Client(**more)
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def _file(photo: bytes, n: int) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile  # as above

    return SimpleUploadedFile(f"p{n}.jpg", photo, "image/jpeg")


@pytest.fixture
def worker(people: dict[str, Any]) -> Phone:
    return Phone(people["worker"])


@pytest.fixture
def lamp(people: dict[str, Any]) -> Any:
    """王秀兰 says at her village's point that a lamp is out: it waits for the village's desk, where 李建民 works."""
    from minan.kernel.access import actor  # as above
    from minan.kernel.act import Opened, open_case

    facts = {"text": "广场东边第三盏路灯不亮，电话 13800000001", "place": VILLAGE, "kind": "lamp.out"}
    made = open_case("matter", by=actor(people["worker"]), facts=facts, channel="walkin")
    assert isinstance(made, Opened)
    return made.case
