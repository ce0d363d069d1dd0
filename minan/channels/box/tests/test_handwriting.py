"""A photograph says who wrote: it lies closed, and goes as soon as a matter on it may not be seen in it any longer."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from PIL import Image

from minan.channels.box import keeping, photos
from minan.channels.box.models import ERASED, Opening, Plain, Sheet, Slip
from minan.channels.box.tests.at_the_point import Point, case_of, shot
from minan.channels.box.tests.made_slips import encoded_blank
from minan.kernel import access, attachments, directory, erasures, retention, worker
from minan.kernel.act import act
from minan.kernel.models import Case, Wall
from minan.kernel.tests.desks import person

pytestmark = pytest.mark.django_db


def both(*slips: Slip) -> bytes:
    """One photograph of several slips, one below the other."""
    shots = [Image.open(io.BytesIO(shot(slip, n))) for n, slip in enumerate(slips, 1)]
    sheet, y, out = Image.new("RGB", (max(s.width for s in shots), sum(s.height for s in shots))), 0, io.BytesIO()
    for one in shots:
        sheet.paste(one, (0, y))
        y += one.height
    sheet.save(out, "JPEG", quality=85)
    return out.getvalue()


def taken(point: Point, count: int = 3) -> tuple[str, Sheet]:
    """The first slip photographed, not yet typed in."""
    point.print()
    code = point.counted(count)
    point.send(code, shot(point.slips[0]))
    return code, Sheet.objects.get()


def got(who: Client, code: str, sheet: Sheet) -> int:
    return int(who.get(f"/box/o/{code}/photo/{sheet.id}/").status_code)


def gone(sheet: Sheet) -> bool:
    sheet.refresh_from_db()
    return sheet.state == ERASED and not photos.path_of(sheet.sha256).exists()


def report() -> str:
    return next(k.code for k in directory.city().kinds.values() if k.turn_to == "discipline")


def test_on_the_disk_and_in_a_backup_lies_no_picture(point: Point) -> None:
    code, sheet = taken(point)
    files = [p for p in attachments.folder().rglob("*") if p.is_file() and sheet.sha256 in p.name]
    assert files == [photos.path_of(sheet.sha256)], "closed, and no small version beside it"
    assert b"JFIF" not in files[0].read_bytes()
    assert not files[0].read_bytes().startswith(b"\xff\xd8")
    assert got(point.liu, code, sheet) == 200
    files[0].write_bytes(files[0].read_bytes()[:-1] + b"\0")
    assert got(point.liu, code, sheet) == 404, "one byte changed: it is no picture any more"


@pytest.mark.parametrize("shut", ["confidential", "report"])
def test_what_was_said_in_confidence_or_against_an_official_is_erased_as_it_is_typed_in(point: Point, shut: str) -> None:
    code, sheet = taken(point)
    more = {"confidential": "on"} if shut == "confidential" else {"kind": report()}
    assert point.type(code, point.slips[0].code, "王某收钱", **more).status_code == 302
    assert case_of(point.slips[0].code).privacy in ("confidential", "sealed")
    assert gone(sheet)
    assert got(point.liu, code, sheet) == 404


def test_a_slip_on_the_same_picture_is_photographed_by_itself(point: Point) -> None:
    point.print()
    code = point.counted(2)
    one, two = point.slips[:2]
    point.send(code, picture := both(one, two))
    assert {s.state for s in Slip.objects.filter(id__in=[one.id, two.id])} == {"taken"}
    point.type(code, one.code, "王某收钱", kind=report())
    assert gone(Sheet.objects.get())
    page = point.liu.get(f"/box/o/{code}/type/?of={two.code}").content.decode()
    assert "单独再拍一张" in page
    point.send(code, picture)
    assert gone(Sheet.objects.get()), "the very same picture does not come back"
    point.send(code, both(two, one))
    assert all(gone(sheet) for sheet in Sheet.objects.all()), "nor does another one with the sealed slip on it"
    point.send(code, shot(two, 9))
    last = Sheet.objects.order_by("-id")[0]
    assert str(last.id) in point.liu.get(f"/box/o/{code}/type/?of={two.code}").content.decode()
    assert point.type(code, two.code).status_code == 302
    assert case_of(code).state == "done"


def test_a_matter_behind_a_wall_is_not_read_off_its_picture(point: Point) -> None:
    code, sheet = taken(point)
    point.type(code, point.slips[0].code)
    assert got(point.liu, code, sheet) == got(point.li, code, sheet) == 200
    case = case_of(point.slips[0].code)
    Wall.objects.create(county=case.county, case_id=case.id, n=case.n, who=f"user:{person('worker').pk}")
    assert (got(point.liu, code, sheet), got(point.li, code, sheet)) == (200, 404)


def test_words_hidden_passed_on_or_asked_to_be_erased_take_the_picture_with_them(point: Point) -> None:
    liu = access.actor(person("gu.point"))
    for n, (step, by, facts) in enumerate((
        ("hide", liu, {"another": "路灯"}), ("pass_on", liu, {}), ("ask_erase", access.SPEAKER, {"what": "contact"}),
    )):  # fmt: skip
        point.slips or point.print()
        code = point.counted(2, seal=f"S-{n + 2}", before=f"S-{n + 1}" if n else "")
        point.send(code, shot(point.slips[n]))
        point.type(code, point.slips[n].code, "东门口路灯坏了")
        sheet = Sheet.objects.order_by("-id")[0]
        assert got(point.liu, code, sheet) == 200
        done = act(case_of(point.slips[n].code), step, by=by, facts=facts)
        assert done, done
        assert got(point.liu, code, sheet) == 404, step
        worker.settle()
        assert gone(sheet), step


def test_when_a_matter_is_erased_its_picture_is_also_of_a_paper_without_a_number(point: Point) -> None:
    point.print()
    code = point.counted(3)
    point.send(code, shot(point.slips[0]), encoded_blank(1))
    slip, blank = Sheet.objects.order_by("id")
    point.type(code, point.slips[0].code)
    point.type(code, blank.id.hex, "白纸写的")
    assert Plain.objects.get().sheet == blank
    assert keeping.sweep(timezone.now()) == 0
    for case in Case.objects.filter(procedure="matter"):
        retention.forget(case, [1], timezone.now())
    assert got(point.liu, code, slip) == got(point.liu, code, blank) == 404
    assert keeping.sweep(timezone.now()) == 2
    assert gone(slip)
    assert gone(blank)


def test_a_backup_that_comes_back_does_not_bring_back_the_picture(point: Point) -> None:
    code, sheet = taken(point)
    point.type(code, point.slips[0].code)
    list_ = Path(settings.DATA) / erasures.LIST
    before = list_.read_text("ascii") if list_.exists() else ""
    line = {"code": point.slips[0].code, "what": "fact:phone", "n": 0, "on": "2026-11-29"}
    try:
        list_.write_text(before + json.dumps(line) + "\n", "ascii")
        keeping._next.clear()
        assert keeping.turn(timezone.now()) == 1, "the worker looks as it begins"
    finally:
        list_.write_text(before, "ascii")
    assert gone(sheet)


def test_two_openings_with_the_very_same_picture_keep_it_until_both_are_erased(point: Point) -> None:
    code, sheet = taken(point)
    first = sheet.opening
    second = Opening.objects.create(box=first.box, county=first.county, case_id=uuid4(), at=first.at)
    other = Sheet.objects.create(opening=second, sha256=sheet.sha256, likeness="", width=1, height=1, at=sheet.at)
    keeping.erase([other])
    assert got(point.liu, code, sheet) == 200
    assert keeping.sweep(timezone.now() + timedelta(days=keeping.KEEP_DAYS + 1)) == 1
    assert gone(sheet)
