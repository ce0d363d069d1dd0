"""柴永革 of 永清's centre holds a number of 固安's: he learns nothing by it, adds nothing, cancels nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from minan.channels.exchange import intake, taking
from minan.channels.exchange.models import Foreign, Intake
from minan.channels.exchange.partners import Partner
from minan.channels.exchange.tests.partner import row, steps
from minan.channels.exchange.tests.test_pages import AT, CLERK, token_of, upload
from minan.kernel.models import Case
from minan.kernel.tests.desks import desk_of, text_of

pytestmark = pytest.mark.django_db
GUAN, YONGQING = "131022", "131023"
THERE = "131023100000"  # a place in 永清: what he writes beside the number


def of_guan(partner: Partner, **more: str) -> Case:
    plan = taking.take(partner, row(1, **more), timezone.now(), "file")
    assert plan.foreign is not None
    return taking.case_of(plan.foreign)


@pytest.mark.parametrize("place", [THERE, "", "131022100010"])
@pytest.mark.parametrize("status", ["", "已撤单"])
def test_a_number_of_another_county_is_not_theirs_to_see_to_add_to_or_to_cancel(
    hotline: Partner, place: str, status: str
) -> None:
    case = of_guan(hotline)
    before = Foreign.objects.values().get()
    theirs = [row(1, 区划代码=place, 工单状态=status, 诉求内容="写进别县的件里")]
    for done in (
        intake.preview(hotline, theirs, timezone.now(), YONGQING),
        intake.bring(hotline, theirs, "file", timezone.now(), YONGQING),
    ):
        assert [(p.what, p.why, p.foreign) for p in done.plans] == [("rejected", taking.NOT_YOURS, None)]
    assert steps(case) == ["say", "came_in"]
    assert Foreign.objects.values().get() == before


def test_the_very_same_row_is_no_more_theirs(hotline: Partner) -> None:
    case = of_guan(hotline)
    yongqing = desk_of("yq.super")
    seen = text_of(upload(yongqing, [row(1, 区划代码=THERE)]))
    done = text_of(yongqing.post(f"{AT}bring/{Intake.objects.get().id}/", {"token": token_of(seen)}))
    for page in (seen, done):
        assert "不在本县" in page
        assert case.code[:5] not in page


def test_their_own_and_the_citys_are_taken_as_before(hotline: Partner) -> None:
    case = of_guan(hotline)
    more = [row(1, 诉求内容="又坏了一盏")]
    assert intake.bring(hotline, more, "file", timezone.now(), GUAN).counts == {"more": 1}
    assert intake.bring(hotline, [row(1, 工单状态="已撤单")], "file", timezone.now()).counts == {"cancelled": 1}
    assert steps(case) == ["say", "came_in", "more_in", "cancelled_in"]


def test_the_code_is_shown_to_who_may_open_the_matter_and_of_a_confidential_one_to_nobody(
    hotline: Partner, people: dict[str, Any]
) -> None:
    open_, shut = of_guan(hotline), taking.take(hotline, row(2, 是否保密="是"), timezone.now(), "file")
    assert shut.foreign is not None
    clerk = desk_of(CLERK)
    page = text_of(upload(clerk, [row(1), row(2, 是否保密="是")]))
    assert open_.code[:5] in page
    assert taking.case_of(shut.foreign).code[:10] not in page.replace("-", "")
