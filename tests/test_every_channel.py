"""Whoever speaks gets a receipt, by whatever channel: code, promise, and later the proof; checked by a stranger's own verifier."""

from __future__ import annotations

import importlib
import json
import pathlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from minan.channels.sms import receipt as sms
from minan.channels.web.tests import phone
from minan.kernel import access, imports, promises, worker
from minan.kernel.act import Opened, act, open_case
from minan.kernel.commands.token import issue
from minan.kernel.models import Case, Event
from minan.kernel.tests.desks import desk_of, key_of, text_of
from tests import house, third_verifier
from tests.third_verifier import False_

pytestmark = [pytest.mark.django_db, pytest.mark.bar("L3")]
CHANNELS = sorted(p.parent for p in pathlib.Path(house.__file__).parent.parent.glob("minan/channels/*/__init__.py"))
SAID = {"text": "广场东边第三盏路灯不亮", "place": "131022100010", "kind": "lamp.out"}
NOTE = re.compile(r"^minan\.local/131000\npromise\n.*?^— \S+ \S+\n", re.MULTILINE | re.DOTALL)


def vkey() -> str:
    return Client().get("/proof/key").content.decode().strip()


def whole(code: str, secret: str) -> dict[str, Any]:
    """The speaker's receipt a minute later."""
    worker.settle(timezone.now() + timedelta(seconds=61))
    got = Client().post(f"/proof/receipt/{code}", headers={"Authorization": f"Receipt {secret}"})
    assert got.status_code == 200, got.content
    found: dict[str, Any] = got.json()
    return found


def opened() -> Opened:
    made = open_case("matter", by=access.SPEAKER, facts=SAID)
    assert isinstance(made, Opened)
    return made


# ---- the folders


@pytest.mark.parametrize("folder", CHANNELS, ids=lambda folder: folder.name)
def test_a_channel_hands_out_a_receipt_with_code_and_promise(city: None, folder: pathlib.Path) -> None:
    assert (folder / "receipt.py").is_file(), f"{folder.name} takes people's word and gives no receipt"
    made = opened()
    written = importlib.import_module(f"minan.channels.{folder.name}.receipt").written(made)
    text = written if isinstance(written, str) else json.dumps(written, ensure_ascii=False)
    bare = text.replace("-", "")
    assert made.case.code in bare
    assert promises.short(made.event) in text or promises.of(made.event, made.case.code) in (written or {}).values()


def test_a_channel_folder_without_a_receipt_is_found_out(city: None, tmp_path: pathlib.Path) -> None:
    (tmp_path / "letterbox").mkdir()
    with pytest.raises(AssertionError, match="no receipt"):
        test_a_channel_hands_out_a_receipt_with_code_and_promise(None, tmp_path / "letterbox")


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_a_text_message_fits_seventy_characters_and_opens_nothing(city: None, lang: str) -> None:
    made = opened()
    with translation.override(lang):
        text = sms.written(made)
    assert len(text) <= sms.MOST
    assert made.secret not in text
    assert SAID["text"] not in text


# ---- the ways in


def by_web(people: dict[str, Any]) -> tuple[str, str, str]:
    browser = Client()
    case, secret = phone.said(browser, **SAID)
    text = browser.get(f"/m/{case.code}/receipt/").content.decode()
    event = Event.objects.get(case_id=case.id, n=1)
    assert promises.short(event) in text
    return case.code, secret, promises.of(event, case.code)


def by_api(people: dict[str, Any]) -> tuple[str, str, str]:
    body = {"procedure": "matter", "place": SAID["place"], "facts": {k: v for k, v in SAID.items() if k != "place"}}
    headers = {"Authorization": f"Bearer {issue(people['resident'])}", "Idempotency-Key": "k1"}
    got = Client().post("/api/v1/cases", json.dumps(body), content_type="application/json", headers=headers).json()
    return got["case"]["code"], got["secret"], got["promise"]


def by_open311(people: dict[str, Any]) -> tuple[str, str, str]:
    form = {"service_code": SAID["kind"], "description": SAID["text"], "address_id": SAID["place"]}
    (got,) = Client().post("/open311/v2/requests.json", form).json()
    more = got["extended_attributes"]
    assert more["code"] == got["service_request_id"]
    return more["code"], more["secret"], more["promise"]


def by_walking_in(people: dict[str, Any]) -> tuple[str, str, str]:
    liu = desk_of("gu.point")
    key = key_of(text_of(liu.get("/desk/new/?of=matter")))
    page = liu.post("/desk/new/?of=matter", {"key": key, "do": "take"} | SAID)
    printed = re.sub(r"<br ?/?>", "\n", page.content.decode()).replace("\n\n\n", "\n\n").replace("&#x27;", "'")
    promise = page.context["promise"]
    assert all(line in printed for line in promise.splitlines()), "the promise is on the paper"
    return Case.objects.get().code, page.context["secret"], promise


def by_calling(people: dict[str, Any]) -> tuple[str, str, str]:
    page = desk_of("operator").post("/hotline/", {"key": "c" * 32, "do": "send"} | SAID)
    case = Case.objects.get()
    assert promises.short(Event.objects.get(case_id=case.id, n=1)) in page.content.decode()
    return case.code, page.context["secret"], promises.of(Event.objects.get(case_id=case.id, n=1), case.code)


WAYS: dict[str, Callable[[dict[str, Any]], tuple[str, str, str]]] = {
    "web": by_web, "api": by_api, "open311": by_open311, "walkin": by_walking_in, "hotline": by_calling,
}  # fmt: skip


@pytest.mark.parametrize("way", sorted(WAYS))
def test_what_is_said_is_promised_and_proved_to_a_stranger_s_verifier(people: dict[str, Any], way: str) -> None:
    code, secret, promise = WAYS[way](people)
    key = vkey()
    third_verifier.promised(promise, key, code, bytes.fromhex(Event.objects.get(n=1).hash))
    receipt = whole(code, secret)
    assert third_verifier.check(receipt, key) == "true"
    first = receipt["events"][0]
    assert first["promise"] == promise
    assert first["opening"]["body"]["facts"]["text"] == SAID["text"], first
    assert third_verifier.checkpoint(Client().get("/proof/checkpoint").content.decode(), key)[0] >= 1


def test_every_step_of_the_speaker_is_promised_over_the_api(people: dict[str, Any]) -> None:
    code, secret, _ = by_api(people)
    headers = {"Authorization": f"Bearer {issue(people['resident'])}", "Idempotency-Key": "k2"}
    body = json.dumps({"facts": {"words": "还有一盏"}})
    got = (
        Client().post(f"/api/v1/cases/{code}/steps/add", body, content_type="application/json", headers=headers).json()
    )
    third_verifier.promised(got["promise"], vkey(), code, bytes.fromhex(got["event"]["hash"]))
    headers = {"Authorization": f"Bearer {issue(people['clerk'])}", "Idempotency-Key": "k3"}
    body = json.dumps({"facts": {"words": "内部"}})
    got = (
        Client().post(f"/api/v1/cases/{code}/steps/note", body, content_type="application/json", headers=headers).json()
    )
    assert got["promise"] == "", "what staff do is not promised to anybody"
    receipt = whole(code, secret)
    assert [bool(e["promise"]) for e in receipt["events"]] == [True, True, False]
    assert third_verifier.check(receipt, vkey()) == "true"


def test_what_was_imported_is_proved_but_was_promised_to_nobody(city: None, tmp_path: pathlib.Path) -> None:
    """There was no answer in which a promise could have been given: the receipt says null and not something made up later."""
    file = tmp_path / "old.csv"
    file.write_text("id,user,title,at,text\n1,某人,路灯,2026-10-01 08:00,南门路灯不亮\n", "utf-8")
    assert imports.bring(file, "old", timezone.now()).opened == 1
    worker.settle()
    from minan.systems.proof import receipts  # only this test looks behind the page

    receipt = receipts.of(Case.objects.get())
    assert [e["promise"] for e in receipt["events"]] == [None]
    assert third_verifier.check(receipt, vkey()) == "true"


def test_a_promise_without_inclusion_waits_and_is_not_taken_for_true(people: dict[str, Any]) -> None:
    code, secret, _ = by_web(people)
    whole(code, secret)
    assert act(Case.objects.get(), "add", by=access.SPEAKER, facts={"words": "还有一盏"})
    got = Client().post(f"/proof/receipt/{code}", headers={"Authorization": f"Receipt {secret}"}).json()
    assert third_verifier.check(got, vkey()) == "waits"


def test_the_stranger_s_verifier_shares_no_code_with_the_house() -> None:
    text = pathlib.Path(third_verifier.__file__).read_text("utf-8")
    assert "minan" not in re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE)
    assert text.count("\n") <= 150
    with pytest.raises(False_):
        third_verifier.check({"code": "x", "events": [], "checkpoint": None}, "a+b+AQ==")
