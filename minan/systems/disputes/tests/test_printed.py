"""The printed papers: agreement with drawn signatures and the city's seal, oral form, joint application; whose they are, and that
a changed byte is found out, by a verifier that shares no code with the one that signed."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from minan.kernel import onetime_code
from minan.kernel.access import SPEAKER
from minan.kernel.models import Case
from minan.kernel.tests import pdf_reader as reader
from minan.systems.disputes.tests.cast import (
    COURT,
    ELSEWHERE,
    HEAD,
    JUDICIAL,
    MEDIATOR,
    MONDAY,
    SECOND,
    agreed,
    does,
    drafted,
    go,
    mediating,
    side,
    tried,
)  # fmt: skip
from minan.systems.disputes.tests.test_pages import by_link, signed_in

pytestmark = pytest.mark.django_db
INK = "600x260;40,200 80,60 120,210 160,70 200,190;260,80 262,90 300,200 340,90 380,210"


@pytest.fixture(autouse=True)
def _plain(settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False


def text_of(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in pypdfium2.PdfDocument(pdf)]


def flat(pdf: bytes) -> str:
    return re.sub(r"\s+", "", "".join(text_of(pdf)))


def signs_by_hand(case: Case, ref: str, ink: str = INK) -> Any:
    asked = go(side(case, ref), "ask_code", SPEAKER, MONDAY)
    return tried(
        side(case, ref),
        "sign",
        SPEAKER,
        MONDAY,
        k=case.facts["draft"]["k"],
        code=onetime_code.of(asked.case_id, asked.n),
        drawn=ink,
    )


def in_force(people: dict[str, Any]) -> Case:
    case = drafted(people)
    for ref in "ab":
        signs_by_hand(case, ref)
        case.refresh_from_db()
    go(case, "countersign", people[MEDIATOR], drawn=INK)
    go(case, "seal", people[HEAD])
    return case


def test_the_agreement_says_what_the_law_asks_with_signatures_and_seal(people: dict[str, Any]) -> None:
    case = in_force(people)
    answer = by_link(case, "a").get(f"/disputes/{side(case, 'a').code}/agreement.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Cache-Control"].startswith("private, no-store")
    said = flat(answer.content)
    for words in ("人民调解协议书", "人调协〔2026〕1号", "王秀兰", "孙长河", "滴水下垒墙，雨水倒灌", "孙长河拆墙并赔修屋钱", "拆墙，赔3000元", "转账",
                  "2026-11-26", "3000.00元", "拆掉滴水下的墙", "第二十九条", "生效日期：2026年11月16日", "电子签章"):  # fmt: skip
        assert words in said, words
    assert said.count("2026-11-1609:20") >= 3, "each signature with its time"
    drawn = [
        one
        for page in pypdfium2.PdfDocument(answer.content)
        for one in page.get_objects(max_depth=6)
        if one.type == pypdfium2.raw.FPDF_PAGEOBJ_PATH
    ]
    assert len(drawn) >= 9, "two strokes of three people, and the lines of the page"
    assert "13800000001" not in said


def test_the_seal_holds_and_a_changed_byte_breaks_it(people: dict[str, Any], tmp_path: Path) -> None:
    case = in_force(people)
    pdf = signed_in(people[MEDIATOR]).get(f"/disputes/{case.code}/agreement.pdf").content
    found = reader.checked(pdf)
    assert found.whole, "nothing stands behind what was signed"
    assert "电子签章" in found.subject
    assert found.profile == "/ETSI.CAdES.detached"
    at = pdf.index(b"/FontFile")
    with pytest.raises(reader.Broken):
        reader.checked(pdf[:at] + b"#" + pdf[at + 1 :])
    with pytest.raises(reader.Broken):
        reader.checked(pdf + b"\n% one line more")
    if shutil.which("pdfsig"):
        for name, data, words in (
            ("whole", pdf, "Signature is Valid"),
            ("changed", pdf[:at] + b"#" + pdf[at + 1 :], "Digest Mismatch"),
        ):
            (tmp_path / name).write_bytes(data)
            said = subprocess.run(
                ["pdfsig", "-nocert", str(tmp_path / name)], capture_output=True, text=True, check=False
            ).stdout
            assert words in said, said


def test_fonts_are_inside_and_every_page_can_be_drawn(people: dict[str, Any]) -> None:
    case = in_force(people)
    pdf = signed_in(people[MEDIATOR]).get(f"/disputes/{case.code}/agreement.pdf").content
    assert reader.fonts_inside(pdf) >= 1
    assert all(page.render(scale=0.3).to_pil().getextrema() != ((255, 255),) * 3 for page in pypdfium2.PdfDocument(pdf))


@pytest.mark.parametrize(
    "ink",
    [
        "<svg/>",
        "600x260;1,1",
        "600x260;9999,1 2,2",
        "0x0;1,1",
        "600x260;" + "1,1 " * 3000,
        "600x260;1,1 1,1 1,1 1,1 1,1 1,2",
    ],
)
def test_no_markup_and_no_dot_is_taken_for_a_signature(people: dict[str, Any], ink: str) -> None:
    case = drafted(people)
    done = signs_by_hand(case, "a", ink)
    assert list(done.errors) == ["drawn"]
    case.refresh_from_db()
    assert case.facts["draft"]["signed"] == {}


def test_a_signature_drawn_under_an_older_draft_is_not_shown_under_the_new_one(people: dict[str, Any]) -> None:
    case = drafted(people)
    signs_by_hand(case, "a")
    go(
        case,
        "draft",
        people[MEDIATOR],
        facts="一",
        duty="二",
        terms="赔 2000 元",
        manner="现金",
        plan="2026-11-27 2000",
        payer="b",
    )
    pdf = signed_in(people[MEDIATOR]).get(f"/disputes/{case.code}/agreement.pdf").content
    assert "没有生效" in flat(pdf)
    assert "2026-11-1609:20" not in flat(pdf)
    assert b"/ByteRange" not in pdf, "what is not in force has no seal"


def test_the_drawing_lies_in_the_sides_vault_and_in_no_event(people: dict[str, Any]) -> None:
    from minan.kernel import speakers
    from minan.kernel.models import Body

    case = in_force(people)
    mine = side(case, "a")
    assert INK in speakers.known(mine, who="speaker", why="own").values()
    assert not any("40,200" in text for text in Body.objects.values_list("text", flat=True))


@pytest.mark.parametrize("kind", ["agreement", "oral", "court", "file", "nothing"])
def test_strangers_and_colleagues_get_no_paper(people: dict[str, Any], kind: str) -> None:
    case = in_force(people)
    for name in (SECOND, HEAD, JUDICIAL, ELSEWHERE, "stranger", "resident", COURT):
        assert signed_in(people[name]).get(f"/disputes/{case.code}/{kind}.pdf").status_code == 404, name
        assert signed_in(people[name]).get(f"/disputes/{case.code}/file.zip").status_code == 404, name


def test_an_oral_agreement_has_its_form_and_no_other(people: dict[str, Any]) -> None:
    case = mediating(people)
    does(case, "b", "propose", words="我拆墙")
    does(case, "a", "propose", words="拆墙，赔一千")
    does(case, "b", "accept", k=2)
    go(case, "oral", people[MEDIATOR], terms="拆墙，赔一千", plan="2026-11-20 1000", payer="b")
    client = by_link(case, "b")
    pdf = client.get(f"/disputes/{side(case, 'b').code}/oral.pdf").content
    said = flat(pdf)
    for words in ("口头协议登记表", "人调口〔2026〕1号", "拆墙，赔一千", "1000.00元", "王秀兰", "姚长顺"):
        assert words in said, words
    assert reader.checked(pdf).whole
    assert client.get(f"/disputes/{side(case, 'b').code}/agreement.pdf").status_code == 404


def test_the_joint_application_is_filled_and_the_court_reads_it(people: dict[str, Any]) -> None:
    case = in_force(people)
    for ref in "ab":
        does(case, ref, "want_court")
    go(case, "file_court", people[MEDIATOR])
    child = Case.objects.get(procedure="confirmation")
    court = signed_in(people[COURT])
    said = flat(court.get(f"/disputes/{child.code}/court.pdf").content)
    for words in (
        "司法确认申请书",
        "申请人（申请人）王秀兰",
        "人调协〔2026〕1号",
        "拆墙，赔3000元",
        "恶意串通",
        "已经本人链接提出申请",
    ):
        assert words in said, words
    pdf = court.get(f"/disputes/{child.code}/agreement.pdf").content
    assert "孙长河" in flat(pdf)
    assert reader.checked(pdf).whole
    assert court.get(f"/disputes/{child.code}/file.pdf").status_code == 404


def test_where_there_is_no_typst_the_page_is_offered_instead(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from minan.kernel import papers

    case = agreed(people)
    monkeypatch.setattr(papers, "able", lambda: False)
    answer = signed_in(people[MEDIATOR]).get(f"/disputes/{case.code}/agreement.pdf", follow=True)
    assert "请打印这一页" in answer.content.decode()
    assert hashlib.sha256(answer.content).hexdigest()


def test_the_keeper_writes_down_each_seal(people: dict[str, Any]) -> None:
    import json

    from minan.kernel import vault
    from minan.kernel.models import Event

    case = in_force(people)
    signed_in(people[MEDIATOR]).get(f"/disputes/{case.code}/agreement.pdf")
    lines = [json.loads(line) for line in (vault.folder() / "keeper" / "log.jsonl").open()]
    seal = Event.objects.get(case_id=case.id, step="seal").hash
    assert [line["event"] for line in lines if line["op"] == "sign"][-1] == seal
