"""What goes into a box comes out as a matter: printed, opened by two, photographed, typed in, posted, followed by the stub."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import signals
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from minan.channels.box import custody, keeping, photos, shown
from minan.channels.box.models import AGAIN, ERASED, MADE, PRINTED, TAKEN, VOID, Opening, Seen, Sheet, Slip
from minan.channels.box.tests.at_the_point import KEY, Point, case_of, shot
from minan.channels.box.tests.made_slips import encoded_blank
from minan.kernel import codewords, speakers, verify, worker
from minan.kernel.models import Attachment, Body, Case, Event, Speaker
from minan.kernel.tests.desks import desk_of
from minan.lib import codes

pytestmark = pytest.mark.django_db


# ---- slips


def test_a_slip_is_printed_with_a_stub_whose_codeword_is_kept_nowhere(point: Point) -> None:
    page = point.liu.post(f"/box/{point.box.id}/slips/", {"count": "3", "key": KEY})
    text = page.content.decode()
    slips = list(Slip.objects.order_by("number"))
    assert [s.number for s in slips] == [1, 2, 3]
    printed = [slip for sheet in page.context["pages"] for slip in sheet]
    assert [len(sheet) for sheet in page.context["pages"]] == [2, 1]
    for slip, row in zip(printed, slips, strict=True):
        assert codewords.same(row.verifier, slip.codeword)
        assert slip.words[0][0] in text
        rows = " ".join(str(value) for value in Slip.objects.filter(id=row.id).values_list().first() or ())
        assert slip.codeword not in rows
        assert text.count(f'data-slip="{row.code}"') == 1
    assert "no-store" in page.headers["Cache-Control"]


def test_pressed_twice_the_same_slips_are_printed_and_a_new_book_goes_on_counting(point: Point) -> None:
    point.print(4)
    first = dict(point.codewords)
    point.print(4)
    assert point.codewords == first
    point.print(2, key="b" * 32)
    assert [s.number for s in point.slips] == [1, 2, 3, 4, 5, 6]
    assert len(point.codewords) == 6


def test_how_many_slips_is_a_number_within_bounds(point: Point) -> None:
    for count, status in (("x", 404), ("", 404), ("999999", 404)):
        assert point.liu.post(f"/box/{point.box.id}/slips/", {"count": count, "key": KEY}).status_code == status
    assert Slip.objects.count() == 0


# ---- opening, photographs, matters


def test_a_slip_becomes_a_matter_that_its_speaker_follows_by_the_stub_alone(point: Point) -> None:
    point.print()
    code = point.counted(1)
    slip = point.slips[2]
    point.send(code, shot(slip))
    slip.refresh_from_db()
    assert slip.state == TAKEN
    assert point.type(code, slip.code, "东门口路灯坏了三天").status_code == 302
    matter = case_of(slip.code)
    assert (matter.procedure, matter.channel, matter.anonymous, matter.text) == (
        "matter",
        "box",
        True,
        "东门口路灯坏了三天",
    )
    assert matter.opened_at.minute == 0, "of who speaks without a name no moment finer than the hour is kept"
    slip.refresh_from_db()
    assert (slip.state, slip.case_id) == (MADE, matter.id)
    assert case_of(code).state == "done", "one was counted, one was taken in"
    # the stub: by the page, on a phone of nobody
    wang = Client()
    got = wang.post(f"/m/{slip.code}/", {"secret": point.codewords[slip.code]}, follow=True)
    assert "东门口路灯坏了三天" in got.content.decode()
    assert speakers.cast(matter, point.codewords[slip.code]) == "seen", "staff printed it: it stands apart"
    assert speakers.enter(slip.code, point.codewords[point.slips[0].code]) is None
    worker.settle()
    report = verify.check(pages=False)
    assert report.faults == [], "every chain and every row, the speaker's too, is what its events say"


def test_what_happens_to_it_is_posted_at_the_point_by_the_code_on_the_stub(point: Point) -> None:
    point.print()
    code = point.counted(1)
    point.send(code, shot(point.slips[0]))
    point.type(code, point.slips[0].code)
    chen = desk_of("clerk")
    case = case_of(point.slips[0].code)
    assert case.desk == "131022100010-point"
    assert point.liu.post(f"/desk/{case.code}/accept/", {"key": "c" * 32, "moves": str(case.moves)}).status_code == 302
    worker.settle()
    pretty = f"{case.code[:5]}-{case.code[5:10]}-{case.code[10:]}"
    for who in (point.liu, chen):
        assert pretty in who.get("/board/posted/").content.decode()
    assert pretty not in desk_of("stranger").get("/board/posted/").content.decode()


def test_a_name_on_a_slip_goes_to_the_vault_and_its_text_is_scrubbed(point: Point) -> None:
    point.print()
    code = point.counted(1)
    slip = point.slips[0]
    point.send(code, shot(slip))
    got = point.type(code, slip.code, "我是王金丝雀，电话 13987654321，路灯坏了", name="王金丝雀", phone="13987654321")
    assert got.status_code == 302
    matter = case_of(slip.code)
    assert not matter.anonymous
    row = Speaker.objects.get(case_id=matter.id)
    assert (row.phone, row.issued, row.capability) == (True, "staff", "")
    assert "13987654321" not in matter.text
    assert not any("13987654321" in text for text in Body.objects.values_list("text", flat=True))
    assert speakers.enter(slip.code, point.codewords[slip.code]) == matter


def test_the_photograph_is_seen_by_who_types_and_by_nobody_else(point: Point) -> None:
    point.print()
    code = point.counted(2)
    point.send(code, shot(point.slips[0]))
    sheet = Sheet.objects.get()
    address = f"/box/o/{code}/photo/{sheet.id}/"
    for client in (point.liu, point.li):
        got = client.get(address)
        assert got.status_code == 200
        assert got.content.startswith(b"\xff\xd8\xff")
    point.type(code, point.slips[0].code)
    matter = case_of(point.slips[0].code)
    assert Attachment.objects.filter(case_id=matter.id).count() == 0, (
        "whoever handles the matter does not get the handwriting"
    )
    for name in ("clerk", "handler", "supervisor", "stranger", "admin", "gu.super"):
        who = desk_of(name)
        assert who.get(address).status_code == 404, name
        assert who.get(f"/box/o/{code}/type/").status_code == 404, name
    assert desk_of("clerk").get(f"/box/o/{code}/").status_code == 200, "the station above sees how the opening stands"
    for path in (f"/box/o/{code}/", f"/box/{point.box.id}/slips/", f"/box/{point.box.id}/open/"):
        assert desk_of("stranger").get(path).status_code == 404
    assert Client().get(address).status_code == 302


def test_the_same_photograph_and_the_same_slip_twice_make_one_matter(point: Point) -> None:
    point.print()
    code = point.counted(2)
    slip, photo = point.slips[0], shot(point.slips[0])
    for _ in range(2):
        point.send(code, photo)
    point.send(code, shot(slip, 5))  # the same slip from another side
    assert Sheet.objects.count() == 2
    assert Seen.objects.filter(slip=slip).count() == 2
    assert custody.standing(case_of(code), Opening.objects.get()).left == 1
    for _ in range(3):
        point.type(code, slip.code)
    assert Case.objects.filter(procedure="matter").count() == 1
    point.send(code, shot(slip, 7))  # once more after it was typed
    assert custody.standing(case_of(code), Opening.objects.get()).left == 0
    assert "gap" not in case_of(code).marks


def test_what_cannot_be_read_waits_for_a_hand_and_is_never_lost(point: Point) -> None:
    point.print()
    code = point.counted(3)
    point.send(code, encoded_blank(1), encoded_blank(2), encoded_blank(3), encoded_blank(4))
    one, two, three, four = Sheet.objects.order_by("id")
    page = point.liu.get(f"/box/o/{code}/type/?of={one.id.hex}").content.decode()
    assert "单子上的号" in page
    got = point.type(code, one.id.hex, do="number", number="没有这个")
    assert got.status_code == 422
    assert "没有印过这个号" in got.content.decode()
    got = point.type(code, one.id.hex, do="number", number="0004")
    assert got.headers["Location"].endswith(f"?of={point.slips[3].code}")
    point.type(code, point.slips[3].code, "手工认出来的")
    code_typed = f"{point.slips[1].code[:5]}-{point.slips[1].code[5:10].lower()}-{point.slips[1].code[10:]}"
    point.type(code, two.id.hex, do="number", number=code_typed)
    point.type(code, point.slips[1].code, do="void")
    point.type(code, three.id.hex, do="again")
    assert case_of(code).open
    point.type(code, four.id.hex, "白纸写的，没有号")
    assert {s.state for s in Slip.objects.filter(opening__isnull=False)} == {MADE, VOID}
    three.refresh_from_db()
    assert three.state == AGAIN
    assert Case.objects.filter(procedure="matter", channel="box").count() == 2
    assert case_of(code).state == "done", (
        "a matter, a void slip and a paper without a number are the three that were counted"
    )


def test_each_slip_is_an_event_of_the_opening_with_the_hash_of_its_photograph_and_no_word(point: Point) -> None:
    point.print()
    code = point.counted(1)
    point.send(code, shot(point.slips[0]))
    point.type(code, point.slips[0].code, "只有这件事里才有的话")
    case = case_of(code)
    bodies = Body.objects.filter(case_id=case.id).values_list("text", flat=True)
    assert any(Sheet.objects.get().sha256 in text for text in bodies)
    assert not any("只有这件事里才有的话" in text for text in bodies)
    assert list(Event.objects.filter(case_id=case.id).order_by("n").values_list("step", flat=True)) == [
        "open", "witness", "count", "typed", "finish",
    ]  # fmt: skip


# ---- custody


def marks(code: str) -> list[str]:
    return list(case_of(code).marks.get("gap", []))


def test_a_seal_that_is_not_the_one_put_on_last_time_is_a_gap_at_once(point: Point) -> None:
    first = point.counted(0, seal="S-2")
    assert case_of(first).state == "done"
    assert marks(point.open("S-2")) == []
    second = Opening.objects.order_by("-at", "-id").first()
    assert second is not None
    point.step(point.liu, Case.objects.get(id=second.case_id).code, "count", counted="0", seal="S-3")
    third = point.open("S-9")
    assert marks(third) == ["seal"]
    assert case_of(third).ruler == "131022100-station"
    assert "保管断档" in point.liu.get("/box/").content.decode()


def test_a_number_that_was_never_printed_or_was_taken_in_before_is_a_gap(point: Point) -> None:
    point.print()
    code = point.counted(2)
    stranger = Slip(code=point.slips[0].code)
    stranger.code = codes.new("GA")
    point.send(code, shot(stranger))
    assert marks(code) == ["unknown"]
    assert custody.standing(case_of(code), Opening.objects.get()).left == 1, "somebody looks at the paper all the same"
    point.send(code, shot(point.slips[0]))
    point.type(code, point.slips[0].code)
    second = point.counted(1, seal="S-3", before="S-2")
    point.send(second, shot(point.slips[0], 3))
    assert marks(second) == ["twice"]
    assert Case.objects.filter(procedure="matter").count() == 1


def test_more_counted_than_taken_in_is_a_gap_and_the_level_above_ends_it(point: Point) -> None:
    point.print()
    code = point.counted(2)
    point.send(code, shot(point.slips[0]))
    point.type(code, point.slips[0].code)
    assert case_of(code).state == "held"
    point.liu.post(f"/box/o/{code}/finish/")
    assert marks(code) == ["count"]
    head = desk_of("gu.super")
    page = head.get(f"/box/o/{code}/").content.decode()
    assert "裁定断档" in page
    got = head.post(f"/box/o/{code}/rule_gap/", {"found": "lost", "words": "少了一张，已张贴"})
    assert got.status_code == 302
    point.liu.post(f"/box/o/{code}/finish/")
    assert case_of(code).state == "done"


@pytest.mark.parametrize(("slips", "told"), [(1, ("1 slip<", "1 is not taken in yet.")), (2, ("2 slips<", "2 are not taken in yet."))])
def test_in_english_one_slip_is_no_slips(point: Point, slips: int, told: tuple[str, str]) -> None:
    point.print()
    code = point.counted(slips)
    point.send(code, *[shot(slip) for slip in point.slips[:slips]])
    point.liu.cookies["django_language"] = "en"
    page = point.liu.get(f"/box/o/{code}/").content.decode()
    after = point.liu.post(f"/box/o/{code}/finish/", follow=True).content.decode()
    assert told[0] in page
    assert told[1] in after


def test_a_documents_number_is_written_in_the_language_of_the_page() -> None:
    class Line:
        note, event, facts = {"number": "督办〔2026〕7号"}, Event(step="none"), ()

    line: Any = Line()
    with translation.override("en"):
        assert shown._told(line, None) == "Order No. 7 of 2026"
    with translation.override("zh-hans"):
        assert shown._told(line, None) == "督办〔2026〕7号"


def test_a_number_missing_between_two_others_is_a_note_and_no_alarm(point: Point) -> None:
    point.print()
    code = point.counted(2)
    point.send(code, shot(point.slips[0]), shot(point.slips[3]))
    assert custody.standing(case_of(code), Opening.objects.get()).between == [2, 3]
    assert marks(code) == []
    assert "夹在中间" in point.liu.get(f"/box/o/{code}/").content.decode()
    assert Slip.objects.filter(state=PRINTED).count() == 4


def test_a_box_that_was_not_sealed_is_not_opened_anew(point: Point) -> None:
    code = point.open()
    got = point.liu.post(f"/box/{point.box.id}/open/", {"seal": "", "key": "other"})
    assert got.status_code == 409
    assert "没封箱" in got.content.decode()
    assert Opening.objects.count() == 1
    assert case_of(code).state == "opened"


def test_photographs_are_erased_on_their_day_and_their_hashes_stay(point: Point) -> None:
    point.print()
    code = point.counted(1)
    point.send(code, shot(point.slips[0]))
    sheet = Sheet.objects.get()
    assert photos.path_of(sheet.sha256).exists()
    assert keeping.sweep(timezone.now() + timedelta(days=keeping.KEEP_DAYS - 1)) == 0
    assert keeping.sweep(timezone.now() + timedelta(days=keeping.KEEP_DAYS + 1)) == 1
    sheet.refresh_from_db()
    assert sheet.state == ERASED
    assert not photos.path_of(sheet.sha256).exists()
    assert point.liu.get(f"/box/o/{code}/photo/{sheet.id}/").status_code == 404


def test_the_pages_ask_the_database_a_fixed_number_of_times(point: Point) -> None:
    point.print(12)
    code = point.counted(12)
    paths = (
        "/box/",
        f"/box/o/{code}/",
        f"/box/o/{code}/type/",
        f"/box/{point.box.id}/slips/",
        f"/box/{point.box.id}/open/",
    )

    def costs() -> dict[str, int]:
        found: dict[str, int] = {}
        for path in paths:
            point.liu.get(path)
            with CaptureQueriesContext(connection) as asked:
                assert point.liu.get(path).status_code in (200, 302)
            found[path] = len(asked)
        return found

    for slip in point.slips[:2]:
        point.send(code, shot(slip))
    point.type(code, point.slips[0].code)  # from the first matter on, who may see it is asked as well: once for all
    few = costs()
    for slip in point.slips[2:9]:
        point.send(code, shot(slip))
    point.type(code, point.slips[1].code)
    many = costs()
    assert {path: (few[path], many[path]) for path in paths if many[path] > few[path]} == {}
    assert max(many.values()) <= 13, many


def test_a_file_that_is_no_picture_is_told_and_the_others_are_taken(point: Point) -> None:
    point.print()
    code = point.counted(1)
    page: Any = point.send(code, b"not a picture", shot(point.slips[0]))
    text = point.liu.get(page.headers["Location"]).content.decode()
    assert "这不是能用的照片" in text
    assert Sheet.objects.count() == 1


def test_the_list_shows_the_last_opening_of_a_box_and_reads_no_other(point: Point) -> None:
    codes_ = [point.counted(0, seal=f"S-{n + 2}", before=f"S-{n + 1}" if n else "") for n in range(3)]
    read: list[Any] = []
    signals.post_init.connect(seen := lambda sender, instance, **_more: read.append(instance), sender=Opening, weak=False)
    try:
        (row,) = point.liu.get("/box/").context["rows"]
    finally:
        signals.post_init.disconnect(seen, sender=Opening)
    assert row["case"].code == codes_[-1]
    assert read == []


def test_how_it_stands_is_computed_once_for_each_slip(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    point.print()
    code = point.counted(2)
    point.send(code, shot(point.slips[0]), encoded_blank(1))
    computed, standing = [], custody.standing

    def counted(case: Case, opening: Opening) -> custody.Standing:
        computed.append(1)
        return standing(case, opening)

    monkeypatch.setattr(custody, "standing", counted)
    point.type(code, point.slips[0].code)
    assert len(computed) == 1
    point.type(code, Sheet.objects.order_by("-id")[0].id.hex, "白纸写的")
    assert len(computed) == 3, "and once more for the sum at the end"
    assert case_of(code).state == "done"
