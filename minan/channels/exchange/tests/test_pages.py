"""邓丽萍 of the county's centre uploads a file, sees what it would do, takes it in, and sees what was refused; a stranger finds nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from minan.channels.exchange import acks, sending, taking
from minan.channels.exchange.models import Foreign, Hand, Intake, Sent
from minan.channels.exchange.partners import Partner
from minan.channels.exchange.tests.partner import as_csv, row
from minan.kernel import access, act, worker
from minan.kernel.models import Case
from minan.kernel.tests.desks import desk_of, text_of

pytestmark = pytest.mark.django_db
AT = "/exchange/at/hotline/"
CLERK = "gx.clerk"  # 邓丽萍, 固安县群众服务中心


def upload(who: Client, rows: list[dict[str, str]], name: str = "12345.csv") -> Any:
    return who.post(f"{AT}preview/", {"file": SimpleUploadedFile(name, as_csv(rows), "text/csv")})


def token_of(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_file_is_seen_first_and_then_taken_in(hotline: Partner) -> None:
    clerk = desk_of(CLERK)
    seen = text_of(upload(clerk, [row(1), row(2), row(3, 联系电话="12")]))
    assert Case.objects.count() == 0, "nothing is taken in by looking"
    assert "新开一件 2" in seen
    assert "收不进 1" in seen
    held = Intake.objects.get()
    assert b"13812345678" not in bytes(held.sealed or b"")
    done = text_of(clerk.post(f"{AT}bring/{held.id}/", {"token": token_of(seen)}))
    assert "导入好了" in done
    assert Case.objects.count() == 2
    held.refresh_from_db()
    assert held.sealed is None, "the file is forgotten"
    left = clerk.post(f"{AT}rejected/{held.id}/", {"token": token_of(done)})
    assert "联系电话" in left.content.decode("utf-8-sig").splitlines()[1]
    assert clerk.post(f"{AT}rejected/{held.id}/", {"token": "no"}).status_code == 404
    twice = clerk.post(f"{AT}bring/{held.id}/", {"token": token_of(seen)}, follow=True)
    assert "已经导入过" in text_of(twice)
    assert Case.objects.count() == 2


def test_neither_name_nor_number_of_a_speaker_stands_on_a_page(hotline: Partner) -> None:
    clerk = desk_of(CLERK)
    seen = text_of(upload(clerk, [row(1, 诉求内容="我叫王秀兰，13812345678")]))
    done = text_of(clerk.post(f"{AT}bring/{Intake.objects.get().id}/", {"token": token_of(seen)}))
    for page in (seen, done, text_of(clerk.get(AT)), text_of(clerk.get("/exchange/"))):
        assert "13812345678" not in page
        assert "王秀兰" not in page


def test_a_file_that_is_no_table_says_what_to_do(hotline: Partner) -> None:
    clerk = desk_of(CLERK)
    for data, words in (
        (b"\xd0\xcf\x11\xe0" + b"x" * 99, "另存为 xlsx"),
        (b"{", "JSON 读不出来"),
        (b"PK\x03\x04xx", "坏了"),
        (b"a,a\n1,2\n", "同名"),
    ):
        got = clerk.post(f"{AT}preview/", {"file": SimpleUploadedFile("x", data)})
        assert got.status_code == 422
        assert words in text_of(got)
    assert clerk.post(f"{AT}preview/", {}).status_code == 422
    many = upload(clerk, [row(n) for n in range(501)])
    assert "最多 500 行" in text_of(many)
    assert Intake.objects.count() == 0


def test_a_refusal_is_on_the_list_with_its_reason_and_its_clock(hotline: Partner, people: dict[str, Any]) -> None:
    now = timezone.now()
    case = taking.case_of(taking.take(hotline, row(1), now, "file").foreign)  # type: ignore[arg-type]
    assert act.act(case, "withdraw", by=access.SPEAKER, at=now)
    worker.fan_out(100)
    sending.turn(timezone.now() + timedelta(seconds=5))
    assert acks.take(hotline, Sent.objects.get(), "refused", "没有写清楚", now)
    clerk = desk_of(CLERK)
    page = text_of(clerk.get(f"{AT}?show=refused"))
    for word in ("LF-2026-000001", "没有写清楚", "补报期限", "改好再报"):
        assert word in page
    assert "答复被退" in text_of(clerk.get(f"/desk/{case.code}/"))
    assert "来件单位退回答复" in text_of(clerk.get(f"/desk/{case.code}/"))
    assert "退回答复" not in text_of(clerk.get(f"/m/{case.code}/"))
    made = desk_of("clerk").get(f"/desk/{case.code}/?step=resend")
    assert "报给来件单位的答复" in text_of(made), "陈静 at its desk may mend it, closed or not"


def test_what_could_not_be_delivered_is_tried_again_at_the_press_of_a_button(hotline: Partner) -> None:
    now = timezone.now()
    case = taking.case_of(taking.take(hotline, row(1), now, "file").foreign)  # type: ignore[arg-type]
    assert act.act(case, "withdraw", by=access.SPEAKER, at=now)
    worker.fan_out(100)
    acks.park(Sent.objects.get(), "HTTP 503", now)
    clerk = desk_of(CLERK)
    assert "再送一次" in text_of(clerk.get(f"{AT}?show=parked"))
    assert clerk.post(f"{AT}again/{Sent.objects.get().id}/").status_code == 302
    assert Sent.objects.get().state == "waiting"


def test_a_mail_by_hand_is_listed_until_somebody_has_seen_it(hotline: Partner) -> None:
    Hand.objects.create(partner="hotline", mark="ab" * 32, where="Minan-hand", why="没有附件", made_at=timezone.now())
    clerk = desk_of(CLERK)
    assert "没有附件" in text_of(clerk.get(AT))
    assert clerk.post(f"{AT}hand/{Hand.objects.get().id}/").status_code == 302
    assert "没有附件" not in text_of(clerk.get(AT))
    assert clerk.post(f"{AT}hand/{Hand.objects.get().id}/").status_code == 404


def test_each_centre_sees_its_own_county_and_a_stranger_nothing(hotline: Partner) -> None:
    now = timezone.now()
    taking.take(hotline, row(1), now, "file")
    taking.take(hotline, row(2, 区划代码="131023100000"), now, "file")
    seen = {who: text_of(desk_of(who).get(f"{AT}?show=all")) for who in (CLERK, "yq.super", "city.super")}
    assert ("000001" in seen[CLERK], "000002" in seen[CLERK]) == (True, False)
    assert ("000001" in seen["yq.super"], "000002" in seen["yq.super"]) == (False, True)
    assert ("000001" in seen["city.super"], "000002" in seen["city.super"]) == (True, True)
    for who in ("clerk", "stranger", "handler", "worker", "admin", "resident"):
        for path in ("/exchange/", AT):
            assert desk_of(who).get(path).status_code == 404, (who, path)
        assert "/exchange/" not in text_of(desk_of(who).get("/"))
    assert "/exchange/" in text_of(desk_of(CLERK).get("/desk/"))
    assert Client().get("/exchange/").status_code == 302
    elsewhere = text_of(upload(desk_of("yq.super"), [row(9)]))
    assert "不在本县" in elsewhere


def test_another_persons_upload_and_a_code_nobody_has_are_not_there(hotline: Partner) -> None:
    seen = text_of(upload(desk_of(CLERK), [row(1)]))
    other = desk_of("supervisor")
    assert other.post(f"{AT}bring/{Intake.objects.get().id}/", {"token": token_of(seen)}).status_code == 404
    assert other.get("/exchange/at/nobody/").status_code == 404
    assert Case.objects.count() == 0


def test_the_page_costs_the_same_with_sixty_matters_as_with_two(hotline: Partner) -> None:
    clerk, now = desk_of(CLERK), timezone.now()

    def cost(path: str) -> int:
        clerk.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert clerk.get(path).status_code == 200
        return len(asked)

    for n in range(2):
        taking.take(hotline, row(n), now, "file")
    few = {path: cost(path) for path in ("/exchange/", AT, f"{AT}?show=all")}
    for n in range(2, 60):
        taking.take(hotline, row(n), now, "file")
    assert Foreign.objects.count() == 60
    assert {path: cost(path) for path in few} == few
    assert max(few.values()) <= 12
