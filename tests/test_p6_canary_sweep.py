"""P6: what names a speaker is planted through every channel and looked for everywhere: it lies in the vault, as ciphertext, alone."""

from __future__ import annotations

import json
import logging
import pathlib
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from minan.channels.open311 import taken
from minan.channels.web.saying import Saying
from minan.kernel import backup, facts, imports, procedure, speakers, worker
from minan.kernel.access import actor
from minan.kernel.act import act
from minan.kernel.commands.token import issue
from minan.kernel.models import Case, Event, Message, User
from minan.lib import throttle
from tests import house, swept

pytest.importorskip("minan.systems.matters.procedure", reason="not run: P6 (no matters)")
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.bar("P6")]

NAME, PHONE, IDENTITY = "欧阳砚秋", "13900019876", "131022197103142846"
ADDRESS, MAIL, DEVICE, HANDLE = "朝阳社区 9-7-1313", "yanqiu.oy@example.org", "dev-7f3a9c51e2b84", "秋水wx1971"
IPV4, IPV6, BROWSER = "198.51.100.23", "2001:db8:5a5a:77::23", "CanaryPhone/7.1"
CANARIES = (NAME, PHONE, IDENTITY, ADDRESS, MAIL, DEVICE, HANDLE, IPV4, IPV6, BROWSER, "139-0001-9876")
TEXT = f"路灯坏了。联系电话{PHONE}或139-0001-9876，身份证{IDENTITY}，邮箱{MAIL}"
LAMP = {"text": TEXT, "place": house.VILLAGE, "kind": "lamp.out", "name": NAME, "phone": PHONE, "address": ADDRESS}


@dataclass
class Town:
    """The matters by channel, and what was printed and answered about them."""

    folder: pathlib.Path
    cases: dict[str, Case] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    log: str = ""

    @property
    def backup(self) -> pathlib.Path:
        return self.folder / "backup"


def photo() -> SimpleUploadedFile:
    """With the owner's name in its metadata, and large enough to be spooled to a file on its way."""
    held, image = BytesIO(), Image.effect_noise((1400, 1100), 90).convert("RGB")
    meta = Image.Exif()
    meta[0x010E], meta[0x013B] = f"{NAME} {PHONE}", DEVICE
    image.save(held, "JPEG", quality=97, exif=meta)
    assert len(held.getvalue()) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    return SimpleUploadedFile(f"{NAME}-{PHONE}.jpg", held.getvalue(), "image/jpeg")


def phone(**more: Any) -> Client:
    return Client(REMOTE_ADDR=IPV4, HTTP_USER_AGENT=BROWSER, HTTP_X_FORWARDED_FOR=IPV6, **more)


def web(town: Town) -> None:
    wang = phone()
    key = wang.get("/say/").context["saying"].key
    answer = wang.post("/say/", LAMP | {"key": key, "photos": [photo()], "visit": "on"})
    assert answer.status_code == 302, answer.content.decode()[:1500]
    wang.get(answer["Location"])
    wang.post("/say/hints/", {"text": TEXT, "key": key})
    wang.get(f"/m/?code={PHONE}")  # somebody types their number where a code belongs


def walk_in(town: Town) -> None:
    liu = house.browser(User.objects.get(username="gu.point"), REMOTE_ADDR=IPV4)
    key = liu.get("/desk/new/").context["form"]["key"].value()
    assert liu.post("/desk/new/", LAMP | {"key": key, "do": "take"}).status_code == 200


def api(town: Town) -> None:
    user = User.objects.get(username="resident")
    headers = {"Authorization": f"Bearer {issue(user)}", "Idempotency-Key": f"p6-{DEVICE[:4]}"}
    body = {"procedure": "matter", "place": house.VILLAGE, "facts": {k: v for k, v in LAMP.items() if k != "place"}}
    answer = phone().post("/api/v1/cases", json.dumps(body), content_type="application/json", headers=headers)
    assert answer.status_code == 201, answer.content.decode()


def open311(town: Town) -> None:
    said = {
        "service_code": "lamp.out", "address_id": house.VILLAGE, "description": TEXT, "first_name": NAME[2:], "last_name": NAME[:2],
        "phone": PHONE, "email": MAIL, "device_id": DEVICE, "account_id": HANDLE, "media": photo(),
    }  # fmt: skip
    assert phone().post("/open311/v2/requests.json", said).status_code in (200, 201)


def message_board(town: Town) -> None:
    path = town.folder / "in" / "board.csv"
    path.parent.mkdir()
    path.write_text(f"id,user,title,at,text\n1,{HANDLE},路灯坏了,2026-11-20 11:25:05,{TEXT}\n", "utf-8")
    assert imports.bring(path, "board", datetime.now(UTC)).opened == 1
    path.unlink()


CHANNELS = {"web": web, "walkin": walk_in, "api": api, "open311": open311, "import": message_board}


def walked(town: Town, people: dict[str, Any]) -> None:
    """Accepted, handed over, supervised and answered, with everybody's pages of it read on the way."""
    case = town.cases["web"]
    clerk, handler, above = (actor(people[name]) for name in ("clerk", "handler", "supervisor"))
    told = {"outcome": "explained", "words": f"联系过 {PHONE}，已经排进计划", "article": "LF-DUTY-2026"}
    for step, who, said in (
        ("accept", clerk, {}), ("assign", clerk, {"unit": house.LIGHTING, "words": f"打{PHONE}"}), ("supervise", above, {"words": "今晚修好"}),
        ("note", handler, {"words": f"本人电话 {PHONE}"}), ("sign", handler, {}), ("call", handler, {}), ("answer", handler, told),
    ):  # fmt: skip
        case.refresh_from_db()
        done = act(case, step, by=who, facts=said)
        assert isinstance(done, Event), (step, done)
    worker.settle()


def read(town: Town, people: dict[str, Any]) -> None:
    """Pages, papers, lists, exports and answers about these matters, as people of the staff, the world and machines get them."""
    order = Event.objects.filter(step="supervise").latest("id")
    for name in ("clerk", "handler", "supervisor", "worker", "stranger", "admin"):
        at_work = house.browser(people[name])
        for case in town.cases.values():
            for path in (f"/desk/{case.code}/", f"/tasks/{case.code}/", f"/desk/{case.code}/order/{order.n}/", f"/supervise/{case.code}/"):
                town.pages[f"{name} {path}"] = at_work.get(path).content.decode()
        for path in ("/desk/", "/board/?all=1", "/board/posted/", "/supervise/", "/supervise/cases/", "/tasks/"):
            town.pages[f"{name} {path}"] = at_work.get(path).content.decode()
        for asked in CANARIES:  # a page repeats what was asked for; a matter under it would be the leak
            page = at_work.get("/desk/", {"q": asked}).content.decode()
            town.pages[f"{name} /desk/?q="] = asked if any(case.code in page for case in town.cases.values()) else ""
        headers = {"Authorization": f"Bearer {issue(people[name])}"}
        for path in ("/api/v1/cases", *(f"/api/v1/cases/{case.code}" for case in town.cases.values())):
            town.pages[f"{name} {path}"] = Client().get(path, headers=headers).content.decode()
    for case in town.cases.values():
        for path in (f"/m/{case.code}/", f"/open311/v2/requests/{case.code}.json", f"/open311/v2/requests/{case.code}.xml"):
            town.pages[f"nobody {path}"] = Client().get(path).content.decode()
    for path in ("/open311/v2/requests.json", "/metrics", "/healthz", "/"):
        town.pages[f"nobody {path}"] = Client().get(path).content.decode()


def crash(monkeypatch: pytest.MonkeyPatch, town: Town) -> None:
    """A view and a listener break with all of it in their hands."""
    wang = phone(raise_request_exception=False)
    key = wang.get("/say/").context["saying"].key

    def broken(self: Saying, user: Any) -> None:
        raise RuntimeError(f"{self.words} {NAME} {PHONE} {IPV4}")

    with monkeypatch.context() as patch:
        patch.setattr(Saying, "send", broken)
        page = wang.post("/say/", LAMP | {"key": key})
    assert page.status_code == 500
    town.pages["nobody crash"] = page.content.decode()
    logging.getLogger("minan.test").warning("asked by %s for %s", IPV4, PHONE, extra={"who": IPV6})


def play(people: dict[str, Any], folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    town = Town(folder)
    swept.begin()
    (folder / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "tmp"))
    throttle.forget()
    with swept.Log() as log:
        for name, say in CHANNELS.items():
            known = set(Case.objects.values_list("id", flat=True))
            say(town)
            town.cases[name] = Case.objects.exclude(id__in=known).get()
        worker.settle()
        walked(town, people)
        crash(monkeypatch, town)
        throttle.forget()
        read(town, people)
        backup.make(town.backup)
    town.log = log.text
    return town


def leaks(town: Town) -> list[str]:
    """Where any of it is found. The folder of the keys is looked through as well: the vault's keeper logs nobody's name."""
    places = (pathlib.Path(settings.DATA), pathlib.Path(settings.KEYS), town.folder)
    found = [*swept.in_tables(CANARIES), *swept.in_sessions(CANARIES), *swept.in_caches(CANARIES), *swept.in_files(CANARIES, *places)]
    found += [f"log: {needle}" for needle in CANARIES if needle in town.log]
    return found + [f"{page}: {needle}" for page, text in town.pages.items() for needle in CANARIES if needle in text]


@pytest.fixture
def town(people: dict[str, Any], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    return play(people, tmp_path, monkeypatch)


def test_what_names_a_speaker_lies_in_the_vault_alone(town: Town) -> None:
    assert leaks(town) == []
    for channel in ("web", "walkin", "api", "open311"):
        known = speakers.known(town.cases[channel], who="speaker", why="own")
        assert (known["name"], known["phone"]) == (NAME, PHONE), channel
    known = speakers.known(town.cases["open311"], who="speaker", why="own")
    assert (known["email"], known["device_id"], known["account_id"]) == (MAIL, DEVICE, HANDLE)
    assert speakers.known(town.cases["import"], who="speaker", why="own")["name"] == HANDLE
    assert Message.objects.filter(to="speaker", channel="sms").exists(), "text messages were sent, and their file was looked through"
    assert (town.backup / "manifest.json").exists()


def test_it_bites_where_a_text_is_no_longer_scrubbed(people: Any, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "scrub", lambda text: text)
    found = leaks(play(people, tmp_path, monkeypatch))
    assert any(one.startswith("kernel_case.text") for one in found)
    assert any(one.startswith("kernel_body.text") for one in found)


def test_it_bites_where_a_name_is_no_longer_sealed(people: Any, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procedure.Field, "sealed", property(lambda self: False))
    assert f"kernel_body.text: {NAME}" in leaks(play(people, tmp_path, monkeypatch))


def test_it_bites_where_the_log_tells_what_was_raised(people: Any, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swept.jsonlog, "Line", logging.Formatter)
    assert f"log: {PHONE}" in leaks(play(people, tmp_path, monkeypatch))


def test_it_bites_where_a_picture_keeps_its_metadata(people: Any, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A channel that stored a file as it came would be found by what is written in the file."""
    clean = taken.pictures.clean

    def as_it_came(data: bytes, *rest: Any) -> Any:
        picture = clean(data, *rest)
        return type(picture)(data, picture.mime, picture.width, picture.height, picture.sha256, picture.thumb, picture.dhash)

    monkeypatch.setattr(taken.pictures, "clean", as_it_came)
    assert any(one.startswith("attachments/") and PHONE in one for one in leaks(play(people, tmp_path, monkeypatch)))
