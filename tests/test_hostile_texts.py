"""H4 and H8: what people type runs in no spreadsheet, turns no screen around, and a rare name stays as it is written."""

from __future__ import annotations

import csv
import io
import json
import pathlib
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from minan.channels.web.tests import phone
from minan.kernel import directory, house, imports, search
from minan.kernel.models import Case, Kind, StandardAnswer, User
from minan.kernel.pages.admin_tables import TABLES
from minan.lib import csvsafe, throttle
from tests import house as houses

pytestmark = pytest.mark.django_db

FORMULAS = (
    '=HYPERLINK("http://x","点我")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1+1)", "\t=1+1", "＝1+1", "＋86", "－1", "＠x", " =1", "%0A=1",
    '=cmd|"/C calc"!A1', "'=1", "\u200b=1+1",
)  # fmt: skip
STARTERS = "=+-@\t\r\n＝＋－＠|%"
RARE = "㛃𬭸䶮𠮷"
TURNING = "\u202e\u202d\u2066\u2067\u200f\u200e\u061c\u2069"


@pytest.fixture(autouse=True)
def unhurried() -> None:
    throttle.forget()


def cells(text: str) -> list[str]:
    """Every cell as a spreadsheet would read it, past invisible characters and blanks."""
    return [cell for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")) for cell in row]


def dangerous(cell: str) -> bool:
    bare = cell.lstrip(" \u00a0\u3000\ufeff\u200b")
    return bool(bare) and bare[0] in STARTERS and not bare.lstrip("-").replace(".", "").isdigit()


# ---- H4


@pytest.mark.bar("H4")
def test_no_cell_of_any_table_an_administrator_takes_along_is_a_formula(people: dict[str, Any]) -> None:
    kinds = list(Kind.objects.all()[: len(FORMULAS)])
    for kind, text in zip(kinds, FORMULAS, strict=True):
        Kind.objects.filter(pk=kind.pk).update(name=text[:40], name_en=text[:60], words=text)
        User.objects.create(username=f"u{kind.pk}", name=text[:40])
    StandardAnswer.objects.update(title="=1+1", text="@SUM(1)\n=2")
    directory.touch()
    seen = 0
    keepers = {name: houses.browser(people[name]) for name in ("admin", "security")}
    for name in TABLES:
        who = "security" if "security" in house.keepers(name) and name != "editions" else "admin"
        got = keepers[who].get(f"/admin/{name}/?format=csv&all=1")
        assert got.status_code == 200, name
        assert "attachment" in got["Content-Disposition"]
        text = b"".join(got).decode()  # type: ignore[arg-type]
        assert text.startswith("\ufeff")
        found = cells(text)
        seen += sum("HYPERLINK" in cell for cell in found)
        assert [cell for cell in found if dangerous(cell)] == [], name
    assert seen >= 3, "the formulas really were in these tables"


@pytest.mark.bar("H4")
def test_an_exported_cell_read_back_is_what_it_was(people: dict[str, Any]) -> None:
    kinds = list(Kind.objects.all()[: len(FORMULAS)])
    for kind, text in zip(kinds, FORMULAS, strict=True):
        Kind.objects.filter(pk=kind.pk).update(words=text)
    directory.touch()
    text = b"".join(houses.browser(people["admin"]).get("/admin/kinds/?format=csv&all=1")).decode()  # type: ignore[arg-type]
    back = {cell for row in csvsafe.read(text) for cell in row}
    assert [formula for formula in FORMULAS if formula not in back] == []


@pytest.mark.bar("H4")
def test_the_file_of_rejected_messages_holds_no_formula(city: None, tmp_path: pathlib.Path) -> None:
    board = tmp_path / "board.csv"
    with board.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "user", "title", "at", "text"])
        for n, formula in enumerate(FORMULAS):
            writer.writerow([f"b{n}", formula, formula, "no time at all", formula])
    done = imports.bring(board, "board", datetime(2026, 11, 20, tzinfo=UTC))
    assert len(done.rejected) == len(FORMULAS)
    text = imports.rejected_path(board).read_text("utf-8")
    assert [cell for cell in cells(text) if dangerous(cell)] == []
    assert sum("HYPERLINK" in cell for cell in cells(text)) >= 2


# ---- H8


@pytest.mark.bar("H8")
def test_a_rare_name_goes_from_the_phone_to_the_desk_and_back_unchanged(people: dict[str, Any]) -> None:
    wang, clerk = Client(), houses.browser(people["clerk"])
    case, _ = phone.said(wang, text=f"{RARE}家门口路灯不亮", place_words=f"{RARE}巷", name=RARE, phone="13812345678")
    search.index([case])
    assert RARE in case.text
    assert RARE in case.place_words
    desk, phones = [f"/desk/{case.code}/", "/desk/", f"/desk/?q={RARE}"], [f"/m/{case.code}/", "/mine/"]
    for page in [*map(clerk.get, desk), *map(wang.get, phones)]:
        assert RARE in page.content.decode()


@pytest.mark.bar("H8")
def test_a_rare_name_turns_up_whole_after_the_call(people: dict[str, Any]) -> None:
    """Sealed and opened again: the vault changes no character."""
    from minan.kernel import speakers  # what the call opens

    case, _ = phone.said(Client(), name=RARE, phone="13812345678")
    assert speakers.known(case, who="speaker", why="own")["name"] == RARE


@pytest.mark.bar("H8")
def test_text_that_would_turn_the_screen_around_is_shown_plain(people: dict[str, Any]) -> None:
    wang, clerk = Client(), houses.browser(people["clerk"])
    case, _ = phone.said(
        wang, text=f"路灯{TURNING}不亮\u202egpj.exe", place_words=f"东门\u202e口{TURNING}", name="王\u202e兰"
    )
    desk, phones = ["/desk/", f"/desk/{case.code}/", "/tasks/"], [f"/m/{case.code}/", "/mine/"]
    for page in [*map(clerk.get, desk), *map(wang.get, phones)]:
        text = page.content.decode()
        assert [hex(ord(letter)) for letter in TURNING if letter in text] == []
    assert case.text == "路灯不亮gpj.exe"
    assert case.place_words == "东门口"


@pytest.mark.bar("H8")
def test_a_lone_surrogate_from_a_program_is_taken_in_and_shown_as_unknown(people: dict[str, Any]) -> None:
    from minan.kernel.commands.token import issue  # the token of her phone's app

    body = (
        '{"procedure": "matter", "place": "131022100010", "facts": {"text": "路灯\\ud800不亮\\udfff，\\u0000老人摔了"}}'
    )
    headers = {"Authorization": f"Bearer {issue(people['resident'])}", "Idempotency-Key": "k1"}
    got = Client().post("/api/v1/cases", body, content_type="application/json", headers=headers)
    assert got.status_code == 201, got.content
    case = Case.objects.get(code=json.loads(got.content)["case"]["code"])
    assert case.text == "路灯\ufffd不亮\ufffd，老人摔了"
    search.index([case])
    assert "老人摔了" in houses.browser(people["clerk"]).get(f"/desk/{case.code}/").content.decode()


BROKEN = (
    "/desk/?q=%ED%A0%80", "/desk/?q=%00", "/m/?code=%E2%80%AE", "/m/%00/", "/desk/%F0%AC%AD%B8/", "/?next=%0d%0aSet-Cookie:x",
    "/places/below?code=%00",
)  # fmt: skip


@pytest.mark.bar("H9")
@pytest.mark.parametrize("path", BROKEN)
def test_broken_letters_in_an_address_break_no_page(people: dict[str, Any], path: str) -> None:
    for client in (Client(), houses.browser(people["clerk"])):
        got = client.get(path)
        assert got.status_code in (200, 302, 400, 404, 422), got.status_code
        assert "Set-Cookie:x" not in str(got.headers)
