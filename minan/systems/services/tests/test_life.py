"""A shop's life and an order's: checked, hidden when the check runs out, suspended and objected to; taken, done, rated once, forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from minan.kernel import access, registry, speakers
from minan.kernel.access import CLOCK, SPEAKER, actor
from minan.kernel.models import Case, Inbox, Speaker
from minan.systems.services import listing
from minan.systems.services.models import Job
from minan.systems.services.tests.cast import (
    ABOVE,
    ADDRESS,
    DAY,
    DESK,
    MONDAY,
    STRANGER,
    VILLAGE,
    applied,
    by_shop,
    done,
    go,
    listed,
    ordered,
    refused,
    tried,
    turned,
)

pytestmark = pytest.mark.django_db
BESIDE_MATTERS = pytest.mark.skipif(registry.get("matter") is None, reason="not run: beside a matter (no matters)")


def test_a_shop_is_not_shown_before_its_licence_was_looked_at(people: dict[str, Any]) -> None:
    case = applied()
    assert case.desk == "131022100010-point"
    assert listing.near(VILLAGE, "", MONDAY) == []
    go(case, "check_licence", people[DESK], how="registry", next_check="2027-06-01")
    (row,) = listing.near(VILLAGE, "", MONDAY)
    assert (row["name"], row["checked_by"]) == ("老街理发店", "朝阳社区说事点")
    assert str(row["next_check"]) == "2027-06-01"


def test_a_check_lasts_a_year_at_most_and_then_the_shop_is_hidden_by_itself(people: dict[str, Any]) -> None:
    case = applied()
    assert refused(case, "check_licence", people[DESK], how="seen", next_check="2028-01-01") == "soon_enough"
    go(case, "check_licence", people[DESK], how="seen", next_check="2026-12-01")
    last = MONDAY + 15 * DAY
    assert listing.near(VILLAGE, "", last)
    assert listing.near(VILLAGE, "", last + DAY) == [], "hidden though no clock has turned"
    turned(last + DAY)
    case.refresh_from_db()
    assert case.state == "lapsed"
    go(case, "check_licence", people[DESK], last + DAY, how="seen", next_check="2027-06-01")
    assert listing.near(VILLAGE, "", last + DAY)


def test_shops_stand_by_distance_then_name_and_nothing_else(people: dict[str, Any]) -> None:
    for name in ("乙店", "甲店"):
        listed(people, name=name, licence=name)
    listed(people, name="远店", licence="f", place="131022100025")
    names = [row["name"] for row in listing.near(VILLAGE, "", MONDAY)]
    assert names == [*sorted(names[:2]), "远店"]
    fields = {field.name for field in Case._meta.get_fields()} | set(
        Case.objects.filter(procedure="shop").first().facts
    )  # type: ignore[union-attr]
    assert not fields & {"rank", "paid", "fee", "promoted", "weight"}


def test_a_suspension_has_a_reason_one_objection_and_a_ruling_from_above(people: dict[str, Any]) -> None:
    case = listed(people)
    assert refused(case, "suspend", people[DESK]) == "facts", "never without a reason"
    go(case, "suspend", people[DESK], words="换了店主，没有报")
    assert listing.one(case.code, MONDAY) is None
    assert refused(case, "uphold", people[ABOVE], words="x") in ("", "is_objected")
    go(case, "object", SPEAKER, words="店主是我儿子，上月报过")
    assert case.ruler == "131022100-station"
    assert refused(case, "object", SPEAKER, words="再说一次") == "not_objected"
    assert refused(case, "overturn", people[DESK], words="x") == "", "not by who suspended it"
    go(case, "overturn", people[ABOVE], words="确实报过")
    assert (case.state, case.facts.get("why")) == ("lapsed", None)
    go(case, "check_licence", people[DESK], how="seen", next_check="2027-06-01")
    assert listing.one(case.code, MONDAY) is not None


def test_an_order_lies_in_nobodys_inbox_and_no_desk_reads_it(people: dict[str, Any]) -> None:
    order = ordered(listed(people))
    assert not Inbox.objects.filter(case_id=order.id).exists()
    for name in (DESK, ABOVE, "supervisor", "city.super", STRANGER):
        assert access.roles_of(actor(people[name]), order.as_view()) == {}, name
        with pytest.raises(Case.DoesNotExist):
            tried(order, "rate", people[name], good="true")
    assert ADDRESS not in str(order.as_view())


def test_only_the_shop_itself_takes_its_orders(people: dict[str, Any]) -> None:
    shop, other = listed(people), listed(people, name="别家", licence="2")
    order = ordered(shop)
    assert refused(order, "shop_takes", CLOCK, shop=other.code) == "by_the_shop"
    assert refused(order, "shop_takes", SPEAKER, shop=shop.code) == "", "who orders does not take it"
    by_shop(order, "shop_takes")
    assert order.state == "order_taken"


def test_only_a_completed_job_is_rated_and_only_once(people: dict[str, Any]) -> None:
    order = ordered(listed(people))
    assert refused(order, "rate", SPEAKER, good="true") == "state"
    by_shop(order, "shop_takes")
    assert refused(order, "rate", SPEAKER, good="true") == "state"
    by_shop(order, "shop_begins")
    by_shop(order, "shop_finishes")
    go(order, "rate", SPEAKER, good="true")
    assert refused(order, "rate", SPEAKER, good="false") == "state"
    late = done(ordered(Case.objects.get(code=order.facts["shop"])))
    turned(MONDAY + 15 * DAY)
    assert refused(late, "rate", SPEAKER, MONDAY + 15 * DAY, good="true") == "state", "14 days, then it closes unrated"


@BESIDE_MATTERS
def test_a_complaint_becomes_a_confidential_matter_that_the_shop_never_sees(people: dict[str, Any]) -> None:
    order = done(ordered(listed(people)))
    go(order, "complain", SPEAKER, words="剪坏了还骂人，要退钱")
    matter = Case.objects.get(parent=order.id, procedure="matter")
    assert (matter.privacy, matter.desk) == ("confidential", "131022100-station")
    assert "剪坏了" in str(speakers.known(matter, who="speaker", why="own").values())
    assert "剪坏了" not in f"{matter.text}{matter.title}"
    secrets = set(Speaker.objects.filter(case_id__in=[order.id, matter.id]).values_list("secret", flat=True))
    assert len(secrets) == 1, "under the same secret"
    assert refused(order, "complain", SPEAKER, words="再投一次") == "complains_once"


def test_address_and_phone_go_seven_days_after_the_end(people: dict[str, Any]) -> None:
    order = done(ordered(listed(people)))
    turned(MONDAY + 6 * DAY)
    assert ADDRESS in speakers.known(order, who="speaker", why="own").values()
    turned(MONDAY + 7 * DAY)
    known = speakers.known(order, who="speaker", why="own")
    assert not {"address", "phone", "name"} & known.keys()
    other = ordered(Case.objects.get(code=order.facts["shop"]), MONDAY + 8 * DAY)
    go(other, "cancel", SPEAKER, MONDAY + 8 * DAY)
    turned(MONDAY + 15 * DAY)
    assert "address" not in speakers.known(other, who="speaker", why="own"), "of a cancelled one too"


def test_an_order_nobody_answers_is_cancelled_and_its_slot_is_free_again(people: dict[str, Any]) -> None:
    shop = listed(people)
    order = ordered(shop, slot=MONDAY + DAY)
    turned(MONDAY + DAY)
    order.refresh_from_db()
    assert order.state == "unanswered"
    assert (Job.objects.get().held, Job.objects.get().running) == (False, False)
    ordered(shop, MONDAY + DAY, slot=MONDAY + DAY)
