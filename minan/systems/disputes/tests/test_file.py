"""The file 卷宗: in archive order, every page numbered, the index exact, only what its maker may read; and as a ZIP whose sums add up."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import time_machine
from django.utils import timezone

from minan.kernel import attachments
from minan.kernel.models import Attachment, Case, Event
from minan.kernel.tests import pdf_reader as reader
from minan.systems.disputes.tests.cast import COURT, HEAD, JUDICIAL, MEDIATOR, SECOND, does, go, mediating, side, signs
from minan.systems.disputes.tests.test_pages import SECRETS, by_link, signed_in, spoken
from minan.systems.disputes.tests.test_printed import flat, text_of

pytestmark = pytest.mark.django_db
ORDER = [
    "人民调解申请书", "受理通知书", "同意调解和调解员确认", "调解笔录", "调解方案", "人民调解协议书", "司法确认申请书", "司法确认结果",
    "履行情况和收据", "回访记录",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _plain(settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False


def lived(people: dict[str, Any]) -> Case:
    """From the application to the return visit; every kind of paper is there."""
    case = spoken(people)
    does(case, "b", "propose", words="墙我拆，地面一人一半")
    said = {"facts": "墙的事" * 400, "duty": "各半", "terms": "拆墙，赔三千" * 200, "manner": "转账"}
    go(case, "draft", people[MEDIATOR], **said, plan="2026-11-26 3000.00", payer="b")
    signs(case, "a")
    signs(case, "b")
    go(case, "countersign", people[MEDIATOR])
    go(case, "seal", people[HEAD])
    for ref in "ab":
        does(case, ref, "want_court")
    go(case, "file_court", people[MEDIATOR])
    go(case, "receipt", people[MEDIATOR], row=1, words="看过转账记录")
    go(case, "visit", people[MEDIATOR], words="两家都说没事了")
    return case


def made(people: dict[str, Any], case: Case, who: str = MEDIATOR, **facts: Any) -> Any:
    """A browser of whoever has just made the file by the page."""
    client = signed_in(people[who])
    answer = client.post(f"/disputes/{case.code}/make_file/", {"words": "归档"} | facts)
    assert answer.status_code == 302, answer.content.decode()[:500]
    return client


def indexed(pages: list[str]) -> list[tuple[str, int]]:
    """(title, page) as the index says."""
    index = next(page for page in pages if "卷内目录" in re.sub(r"\s", "", page))
    rows = re.findall(r"^\d+ (\S+) (?:\d{4}年\d+月\d+日 )?(\d+)(?: \S+)?$", index, re.MULTILINE)
    return [(title, int(n)) for title, n in rows]


def test_the_file_is_in_archive_order_with_exact_pages(people: dict[str, Any]) -> None:
    case = lived(people)
    pdf = made(people, case).get(f"/disputes/{case.code}/file.pdf").content
    pages = text_of(pdf)
    found = indexed(pages)
    assert [title for title, _n in found] == ORDER
    for title, n in found:
        assert title in re.sub(r"\s", "", pages[1 + n])[:60], (title, n)
    last = len(pages) - 3
    for n in range(1, last + 1):
        words = re.sub(r"\s", "", pages[1 + n])
        assert f"第{n}页共{last}页" in words, "continuously numbered"
    assert "人民调解卷宗" in re.sub(r"\s", "", pages[0])
    assert f"本卷共{last}页" in re.sub(r"\s", "", pages[-1])
    assert found[5][1] + 1 < found[6][1], "an agreement of several pages moves what stands behind it"


def test_it_is_sealed_has_its_fonts_inside_and_each_page_can_be_drawn(people: dict[str, Any]) -> None:
    case = lived(people)
    pdf = made(people, case).get(f"/disputes/{case.code}/file.pdf").content
    assert reader.checked(pdf).whole
    assert reader.fonts_inside(pdf) > 10
    assert all(page.render(scale=0.2).to_pil().getextrema()[0][0] < 128 for page in pypdfium2.PdfDocument(pdf))
    assert b"pdfaid" in pdf, "PDF/A, as archives keep it"


def test_the_mediators_own_note_never_and_talks_only_where_asked_for(people: dict[str, Any]) -> None:
    case = lived(people)
    plain = flat(made(people, case).get(f"/disputes/{case.code}/file.pdf").content)
    full = flat(made(people, case, HEAD, talks="true").get(f"/disputes/{case.code}/file.pdf").content)
    assert {name: words in plain for name, words in SECRETS.items()} == {"own": False, "talk": False, "whisper": False}
    assert {name: words in full for name, words in SECRETS.items()} == {"own": False, "talk": True, "whisper": True}
    assert "另存" in plain
    assert "另存" not in full


def test_each_making_is_an_event_and_a_line_of_the_keepers_log(people: dict[str, Any]) -> None:
    from minan.kernel import vault

    case = lived(people)
    client = made(people, case, HEAD)
    client.get(f"/disputes/{case.code}/file.pdf")
    event = Event.objects.get(case_id=case.id, step="make_file")
    lines = [json.loads(line) for line in (vault.folder() / "keeper" / "log.jsonl").open()]
    assert {line["op"] for line in lines if line.get("event") == event.hash} == {"open", "sign"}
    who = {line["who"] for line in lines if line.get("event") == event.hash and line["op"] == "open"}
    assert who == {f"user:{people[HEAD].pk}"}


@pytest.mark.parametrize("name", [SECOND, JUDICIAL, COURT, "stranger", "clerk"])
def test_nobody_else_makes_or_fetches_it(people: dict[str, Any], name: str) -> None:
    case = mediating(people)
    made(people, case)
    client = signed_in(people[name])
    assert client.post(f"/disputes/{case.code}/make_file/", {"words": "看看"}).status_code in (404, 422)
    for kind in ("file.pdf", "file.zip"):
        assert client.get(f"/disputes/{case.code}/{kind}").status_code == 404
    assert not Event.objects.filter(case_id=case.id, step="make_file", by__contains=f":{people[name].pk}").exists()


def test_after_ten_minutes_it_is_made_again(people: dict[str, Any]) -> None:
    case = mediating(people)
    client = made(people, case)
    assert client.get(f"/disputes/{case.code}/file.pdf").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert client.get(f"/disputes/{case.code}/file.pdf").status_code == 404
        assert client.get(f"/disputes/{case.code}/file.zip").status_code == 404


def test_a_side_has_a_copy_of_what_it_may_read(people: dict[str, Any]) -> None:
    case = lived(people)
    mine = by_link(case, "a").get(f"/disputes/{side(case, 'a').code}/file.pdf").content
    said = flat(mine)
    assert "调解材料复印件" in said
    assert {name: words in said for name, words in SECRETS.items()} == {"own": False, "talk": False, "whisper": True}
    assert "两家都说没事了" not in said, "the return visit is the committee's"
    assert b"/ByteRange" not in mine
    theirs = flat(by_link(case, "b").get(f"/disputes/{side(case, 'b').code}/file.pdf").content)
    assert "邻居在滴水下面垒了墙" not in theirs
    assert by_link(case, "a").get(f"/disputes/{side(case, 'a').code}/file.zip").status_code == 404


def jpeg(tone: int) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (640, 480), (tone, 90, 60)).save(out, "JPEG")
    return out.getvalue()


def attach(case: Case, name: str, data: bytes, mime: str = "image/jpeg") -> None:
    digest = hashlib.sha256(data).hexdigest()
    attachments._put(attachments.path_of(digest), data)
    Attachment.objects.create(
        county=case.county, case_id=case.id, n=1, name=name, mime=mime, sha256=digest, width=640, height=480,
        bytes=len(data), at=timezone.now()
    )  # fmt: skip


def test_pictures_become_pages_and_other_files_are_named_with_their_hash(people: dict[str, Any]) -> None:
    case = mediating(people)
    attach(case, "墙的照片", jpeg(200))
    attach(case, "录音", b"no picture at all", "audio/mp4")
    pdf = made(people, case).get(f"/disputes/{case.code}/file.pdf").content
    said = flat(pdf)
    for words in ("证据材料", "墙的照片", "录音", hashlib.sha256(b"no picture at all").hexdigest(), "另存"):
        assert words in said, words
    images = [
        one
        for page in pypdfium2.PdfDocument(pdf)
        for one in page.get_objects(max_depth=6)
        if one.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE
    ]
    assert len(images) == 1


def test_the_zip_holds_what_its_manifest_says_and_sha256sum_agrees(people: dict[str, Any], tmp_path: Path) -> None:
    case = lived(people)
    attach(case, "墙的照片", jpeg(200))
    answer = made(people, case).get(f"/disputes/{case.code}/file.zip")
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:
        packed.extractall(tmp_path)
        names = packed.namelist()
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert [row["path"] for row in manifest["files"]] == [
        "file.pdf",
        "agreement.pdf",
        "court.pdf",
        "attachments/001.jpg",
    ]
    assert set(names) == {row["path"] for row in manifest["files"]} | {"manifest.json", "INDEX.txt", "SHA256SUMS"}
    for row in manifest["files"]:
        data = (tmp_path / row["path"]).read_bytes()
        assert (row["sha256"], row["bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert [part["title"] for part in manifest["parts"]] == [*ORDER[:3], "证据材料", *ORDER[3:]]
    assert manifest["event"] == Event.objects.get(case_id=case.id, step="make_file").hash
    assert (
        subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, check=False).returncode
        == 0
    )
    (tmp_path / "INDEX.txt").write_text("something else", "utf-8")
    assert (
        subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, check=False).returncode
        == 1
    )
    assert reader.checked((tmp_path / "file.pdf").read_bytes()).whole


def test_papers_cost_at_most_twelve_queries(people: dict[str, Any], django_assert_max_num_queries: Any) -> None:
    case = lived(people)
    client = made(people, case)
    mine = by_link(case, "a")
    for one, path in (
        (client, f"{case.code}/file.pdf"),
        (client, f"{case.code}/agreement.pdf"),
        (client, case.code + "/"),
        (mine, f"{side(case, 'a').code}/agreement.pdf"),
    ):
        one.get(f"/disputes/{path}")
        with django_assert_max_num_queries(12):
            assert one.get(f"/disputes/{path}").status_code == 200


def test_nobody_prints_faster_than_anybody_reads(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from minan.systems.disputes import filing_views

    monkeypatch.setattr(filing_views, "MOST", 2)
    case = mediating(people)
    client = made(people, case)
    assert [client.get(f"/disputes/{case.code}/court.pdf").status_code for _ in range(3)] == [404, 404, 429]


def test_the_page_offers_what_there_is(people: dict[str, Any]) -> None:
    case = lived(people)
    page = signed_in(people[MEDIATOR]).get(f"/disputes/{case.code}/").content.decode()
    assert "agreement.pdf" in page
    assert "file.pdf" not in page
    assert "file.zip" in made(people, case).get(f"/disputes/{case.code}/").content.decode()
    assert "file.pdf" in by_link(case, "a").get(f"/disputes/{side(case, 'a').code}/").content.decode()
