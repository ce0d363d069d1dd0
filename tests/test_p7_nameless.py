"""P7: two matters said without a name from one signed-in phone; nothing that is kept leads from them to it, nor from one to the other."""

from __future__ import annotations

import os
import pathlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from minan.channels.web import entered
from minan.kernel import act as door
from minan.kernel import attachments, codewords, draft, speakers, vault, worker
from minan.kernel.access import actor
from minan.kernel.act import act
from minan.kernel.models import Case, Event
from minan.lib import folders, jsonlog, throttle
from tests import house, swept

pytest.importorskip("minan.systems.matters.procedure", reason="not run: P7 (no matters)")
OWN = "5e7a" * 16  # the hash of a capability that this phone alone would send
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.bar("P7")]

IP, NET, BROWSER, NAME, PHONE = "198.51.100.77", "198.51.100.", "NamelessPhone/9.3", "端木青禾", "13911119999"
SAID = re.compile(r'<li><b>([^<]{2})</b> <span class="small quiet">(\d{4})</span></li>')
COUNTED = ("due_at", "warn_at", "legal_due_at", "next_at")  # follow from a whole hour and a rule
TOLD_BY_NOW = {"kernel_tally", "kernel_serial", "kernel_search_pending"}


@dataclass
class Said:
    """One matter, and what passed between this browser and the house while it was said."""

    case: Case
    words: list[str]
    key: str
    cookies: dict[str, str] = field(default_factory=dict)


@dataclass
class Town:
    one: Said
    two: Said
    other: Said  # of somebody else: what any two matters have in common
    before: dict[str, set[str]]
    after: dict[str, set[str]]
    log: str

    @property
    def all(self) -> list[Said]:
        return [self.one, self.two, self.other]


def photo(colour: str) -> SimpleUploadedFile:
    held, meta = BytesIO(), Image.Exif()
    meta[0x0132], meta[0x013B], meta[0x010F] = "2026:11:20 08:31:47", NAME, BROWSER
    Image.new("RGB", (64, 48), colour).save(held, "JPEG", exif=meta)
    return SimpleUploadedFile(f"{NAME}.jpg", held.getvalue(), "image/jpeg")


def say(browser: Client, text: str, colour: str) -> Said:
    """With everything a phone might send along, asked for or not; then back to it, one word more, and away."""
    key = browser.get("/say/").context["saying"].key
    form = {
        "key": key, "anonymous": "on", "text": text, "place": house.VILLAGE, "kind": "lamp.out", "name": NAME, "phone": PHONE,
        "visit": "on", "photos": [photo(colour)], "capability": OWN,
    }  # fmt: skip
    answer = browser.post("/say/", form)
    assert answer.status_code == 302, answer.content.decode()[:1500]
    page = browser.get(answer["Location"])
    case, words = page.context["case"], [word for word, _ in SAID.findall(page.content.decode())]
    assert len(words) == codewords.COUNT
    browser.get(f"/m/{case.code}/")
    more = browser.get(f"/m/{case.code}/add/").context["taking"].key
    added = {"key": more, "moves": case.moves, "words": "晚上更黑", "photos": [photo("dark" + colour)]}
    assert browser.post(f"/m/{case.code}/add/", added).status_code == 302
    back = Client(REMOTE_ADDR=IP, HTTP_USER_AGENT=BROWSER)
    assert back.post("/m/", {"code": case.code, "secret": " ".join(words)}).status_code == 302
    return Said(case, words, key, {name: cookie.value for name, cookie in browser.cookies.items()})


def kept() -> dict[str, set[str]]:
    return {table: {repr(sorted(row.items())) for row in swept.rows(table)} for table in swept.tables()}


def answered(case: Case, people: dict[str, Any]) -> None:
    clerk, handler = actor(people["clerk"]), actor(people["handler"])
    told = {"outcome": "explained", "words": "排进下周的计划", "article": "LF-DUTY-2026"}
    for step, who, facts in (
        ("accept", clerk, {}), ("assign", clerk, {"unit": house.LIGHTING}), ("sign", handler, {}), ("answer", handler, told),
    ):  # fmt: skip
        case.refresh_from_db()
        assert isinstance(act(case, step, by=who, facts=facts), Event), step


def play(people: dict[str, Any]) -> Town:
    swept.begin()
    throttle.forget()
    mine = Client(REMOTE_ADDR=IP, HTTP_USER_AGENT=BROWSER)
    mine.force_login(people["resident"])
    mine.get("/mine/")  # signed in since a while
    before = kept()
    with swept.Log() as log:
        one, two = say(mine, "东门外的路灯不亮", "red"), say(mine, "西门外的路灯不亮", "blue")
        other = say(Client(), "南门外的路灯不亮", "green")
        for said in (one, two, other):
            answered(said.case, people)
        worker.settle()
    return Town(one, two, other, before, kept(), log.text)


def _whole(moment: datetime) -> bool:
    return moment.minute == moment.second == moment.microsecond == 0


def _born(pk: UUID) -> int:
    """The seconds into its hour that an id tells."""
    return (pk.int >> 80) // 1000 % 3600 + (pk.int >> 80) % 1000


def rows_of(case: Case) -> list[tuple[str, dict[str, Any]]]:
    """Every row of this case, whatever table it lies in."""
    out = [("kernel_case", Case.objects.filter(id=case.id).values().get())]
    for model in swept.models_of_cases():
        out += [(model._meta.db_table, row) for row in model.objects.filter(case_id=case.id).values()]
    code = [m for m in apps.get_models() if any(f.name in ("code", "leaf") for f in m._meta.concrete_fields) and m is not Case]
    for model in code:
        names = {f.name for f in model._meta.concrete_fields}
        if "code" in names:
            out += [(model._meta.db_table, row) for row in model.objects.filter(code=case.code).values()]
    return out


def moments(town: Town) -> list[str]:
    """Whatever tells more of a moment than its hour: columns, ids, files."""
    out = []
    for said in town.all:
        for table, row in rows_of(said.case):
            for name, value in row.items():
                if isinstance(value, datetime) and name not in COUNTED and not _whole(value):
                    out.append(f"{table}.{name} {value:%H:%M:%S}")
                if isinstance(value, UUID) and value.version == 7 and _born(value):
                    out.append(f"{table}.{name} an id of {_born(value)} s past the hour")
    for path in (p for name in ("attachments", "staging") for p in pathlib.Path(settings.DATA, name).rglob("*")):
        if path.stat().st_mtime % 3600:
            out.append(f"{path.name} has its minute")
    return out


def links(town: Town) -> list[str]:
    """Whatever leads to the phone, its account, its forms or the words."""
    needles = {IP, BROWSER, NAME, PHONE, OWN, vault.owner_mark(str(_account(town)))}
    for said in town.all:
        digits = codewords.read("".join(said.words))
        needles |= {said.key, said.key.split(":")[0], *said.cookies.values(), "".join(said.words), " ".join(said.words), digits}
        needles.add(vault.secret_mark(digits))
    found = swept.in_tables(n for n in needles if n not in _session_keys(town))
    found += swept.in_sessions([*needles, *(s.case.code for s in town.all), *(s.case.id.hex for s in town.all)])
    found += swept.in_files([n for n in needles if n not in _session_keys(town)], pathlib.Path(settings.DATA), pathlib.Path(settings.KEYS))
    told = [*needles, NET, *(said.case.code for said in town.all)]
    return found + [f"log: {needle}" for needle in told if needle in town.log]


def _account(town: Town) -> int:
    from minan.kernel.models import User  # read when the city stands

    return int(User.objects.get(username="resident").pk)


def _session_keys(town: Town) -> set[str]:
    """The browser's own session stands in its table, as before; `touched` says that nothing was added to it."""
    return {said.cookies.get("sessionid", "") for said in town.all}


def touched(town: Town) -> list[str]:
    """Tables that changed though none of their rows is of a case: an account, a session, a log of logins."""
    own = {m._meta.db_table for m in swept.models_of_cases()} | {"kernel_case"} | TOLD_BY_NOW
    changed = [table for table in town.after if town.after[table] != town.before.get(table, set())]
    return [t for t in changed if t not in own and not t.startswith(("kernel_search", "proof_", "sqlite_"))]


def shared(a: Said, b: Said) -> set[str]:
    """Long values that stand in rows of both: hashes, marks, ids, sealed bytes."""

    def values(said: Said) -> set[str]:
        found: set[str] = set()
        for table, row in rows_of(said.case):
            found |= {f"{table}.{name}={swept.raw(v)!r}" for name, v in row.items() if v not in (None, "") and len(swept.raw(v)) >= 12}
        return found

    return values(a) & values(b)


def traces(town: Town) -> list[str]:
    more = shared(town.one, town.two) - shared(town.one, town.other) - shared(town.two, town.other)
    return [*moments(town), *links(town), *touched(town), *(f"in common: {one}" for one in sorted(more))]


def test_nothing_leads_from_a_nameless_matter_to_a_phone_nor_to_another(people: dict[str, Any]) -> None:
    town = play(people)
    assert traces(town) == []
    for said in town.all:
        assert speakers.enter(said.case.code, "".join(said.words)) is not None
        assert speakers.known(said.case, who="speaker", why="own").keys() <= {"say.text"}


def test_the_codewords_verifier_is_slow_salted_and_its_words_are_random(people: dict[str, Any]) -> None:
    town = play(people)
    marks = [next(row for table, row in rows_of(said.case) if table == "kernel_speaker")["secret"] for said in town.all]
    assert all(mark.startswith("scrypt$16384$8$1$") for mark in marks)
    assert len({mark.split("$")[4] for mark in marks}) == 3
    assert codewords.BITS * codewords.COUNT >= 64


def test_it_bites_where_the_session_remembers_the_matter(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def remembered(request: Any, response: Any, case: Case) -> Any:
        entered.remember(request, case)
        return response

    monkeypatch.setattr(entered, "let_in", remembered)
    monkeypatch.setattr(entered, "_here", lambda request, code: code in entered.codes(request))
    town = play(people)
    assert any(one.startswith("session: ") for one in links(town))
    assert "kernel_session" in touched(town)


def test_it_bites_where_moments_are_kept(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    keep: Any = lambda at: at + timedelta(seconds=1)  # noqa: E731
    monkeypatch.setattr(draft, "hour", keep)
    monkeypatch.setattr(door, "hour", keep)
    assert any(one.startswith("kernel_event.at") for one in moments(play(people)))


def test_it_bites_where_an_id_tells_its_millisecond(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft.Draft, "new_id", lambda self: draft.uuid7())
    assert any("kernel_event.id an id of" in one for one in moments(play(people)))


def test_it_bites_where_a_file_tells_its_minute(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "hour_only", lambda *paths: [os.utime(path, (7, 7)) for path in paths])
    assert any("has its minute" in one for one in moments(play(people)))


def test_it_bites_where_two_verifiers_of_one_phone_share_a_salt(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an account, a device mark or a key of the browser would: one value in the rows of both, and not of the third."""
    texts = iter((b"\1" * 32, b"\1" * 32, b"\2" * 32))
    made = codewords.verifier
    monkeypatch.setattr(codewords, "verifier", lambda codeword: f"scrypt$16384$8$1$AAAA${next(texts, b'').hex()}" if made else "")
    monkeypatch.setattr(codewords, "same", lambda stored, codeword: True)
    town = play(people)
    assert any(one.startswith("in common: kernel_speaker.secret") for one in traces(town))


def test_it_bites_where_the_log_tells_a_code_or_an_address(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonlog, "clean", lambda text: text)
    case_of = attachments.store

    def noisy(pictures: Any) -> None:
        swept.logging.getLogger("minan.test").warning("asked by %s: /m/…", IP)
        case_of(pictures)

    monkeypatch.setattr(attachments, "store", noisy)
    assert f"log: {IP}" in links(play(people))
