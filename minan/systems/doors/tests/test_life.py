"""The life of a home's doors: enrolled at the counter, joined, shared, lost, left; and an opening from afar with all that follows it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from minan.kernel import access, bus, glass, passes, worker
from minan.kernel import registry as kernel_registry
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Body, Case, Strike
from minan.systems.doors import heard, homes, keeping, keys, lines, lists, phones, registry, remote
from minan.systems.doors.models import Batch, Home, Invite, Key, Member, Order
from minan.systems.doors.tests import office
from minan.systems.doors.tests.office import Court, hours

pytestmark = pytest.mark.django_db
BESIDE_MATTERS = pytest.mark.skipif(kernel_registry.get("matter") is None, reason="not run: beside a matter (no matters)")


def test_a_home_is_enrolled_with_a_code_that_works_once(court: Court, people: dict[str, Any]) -> None:
    now = timezone.now()
    home, code = homes.enrol(court.compound, "3", "2", "302", now)
    assert homes.join(people["resident"], homes.shown(code).lower(), now) == home
    assert homes.join(people["stranger"], code, now) is None
    assert homes.of(people["resident"]) == [home]
    assert homes.of(people["stranger"]) == []
    late = homes.invite(home, now)
    assert homes.join(people["worker"], late, now + timedelta(hours=25)) is None


def test_nothing_in_the_records_says_who_lives_where(court: Court, people: dict[str, Any]) -> None:
    wang = office.moves_in(court, people["resident"])
    rows = [str(row) for model in (Home, Member, Key, Invite) for row in model.objects.values_list()]
    for trace in ("302", "王秀兰", "resident"):
        assert not [row for row in rows if f"'{trace}'" in row]
    assert Member.objects.get(home=wang.home).mark == homes.mark_of(people["resident"])


def test_when_a_flat_changes_hands_everything_of_those_before_ends(court: Court, people: dict[str, Any]) -> None:
    wang, at = office.moves_in(court, people["resident"]), timezone.now()
    card, visit = keys.card(wang.home), keys.visit(wang.home, at, at + hours(2), at)
    homes.enrol(court.compound, "3", "2", "302", timezone.now())
    assert homes.of(people["resident"]) == []
    said = lists.of(court.entrance, timezone.now())
    assert said["cards"] == said["pins"] == []
    later = timezone.now() + timedelta(seconds=1)
    for text in (wang.held, visit.text):
        assert passes.verify(text, None, later, court.entrance.closes) == passes.Refused("revoked")
    assert card


def test_who_leaves_takes_nobody_along_and_the_last_one_ends_the_home(court: Court, people: dict[str, Any]) -> None:
    wang, now = office.moves_in(court, people["resident"]), timezone.now()
    homes.join(people["worker"], homes.invite(wang.home, now), now)
    homes.leave(wang.home, people["resident"], now)
    assert not wang.home.phones.exists()
    assert homes.of(people["worker"]) == [wang.home]
    homes.leave(wang.home, people["worker"], now)
    assert not Home.objects.exists()


def test_a_household_has_so_many_cars_and_no_more_and_a_compound_too(court: Court, people: dict[str, Any]) -> None:
    wang = office.moves_in(court, people["resident"])
    for plate in ("冀R11111", "冀R22222", "冀RD12345"):
        keys.plate(wang.home, plate)
    with pytest.raises(registry.Unfit):
        keys.plate(wang.home, "冀R33333")
    with pytest.raises(registry.Unfit):
        keys.read_plate("12345")
    assert keys.drop_plate(wang.home, "冀 r22222")
    with pytest.raises(registry.Unfit, match="already"):
        keys.plate(wang.home, "冀R11111")
    court.compound.spaces = 0
    wang.home.compound.spaces = 0
    with pytest.raises(registry.Unfit, match="full"):
        keys.plate(wang.home, "冀R44444")


def test_a_visit_is_for_a_window_within_a_week_and_the_household_makes_ten_at_most(
    court: Court, people: dict[str, Any]
) -> None:
    wang, now = office.moves_in(court, people["resident"]), timezone.now()
    for begins, ends in ((now, now + hours(13)), (now + hours(2), now + hours(1)),
                         (now + timedelta(days=8), now + timedelta(days=8, hours=1)),
                         (now - hours(3), now - hours(1))):  # fmt: skip
        with pytest.raises(registry.Unfit):
            keys.visit(wang.home, begins, ends, now)
    for _ in range(10):
        keys.visit(wang.home, now, now + hours(1), now)
    with pytest.raises(registry.Unfit):
        keys.visit(wang.home, now, now + hours(1), now)
    assert keeping.sweep(now + hours(2)) >= 10
    assert keys.all_of(wang.home, "visit") == []


def test_a_door_fetches_its_list_for_two_questions_where_nothing_changed(
    court: Court, people: dict[str, Any], django_assert_num_queries: Any
) -> None:
    client, bearer = office.browser(), {"Authorization": f"Bearer {court.key(court.entrance)}"}
    first = client.get("/doors/door/list", headers=bearer)
    assert first.status_code == 200
    with django_assert_num_queries(2):
        again = client.get("/doors/door/list", headers=bearer | {"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    office.moves_in(court, people["resident"])
    assert client.get("/doors/door/list", headers=bearer | {"If-None-Match": first["ETag"]}).status_code == 200
    assert client.get("/doors/door/list", headers={"Authorization": "Bearer no"}).status_code == 401


def test_a_list_with_a_key_of_another_way_is_not_handed_out(
    court: Court, people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    wang = office.moves_in(court, people["resident"])
    keys.card(wang.home)
    monkeypatch.setattr(lists, "_paths", lambda door: Q())
    assert lists.of(court.gate, timezone.now())["cards"]
    with pytest.raises(RuntimeError, match="another way"):
        lists.of(court.other, timezone.now())


def test_lines_are_gone_after_seven_days_and_few_homes_are_counted_by_the_day(
    court: Court, people: dict[str, Any]
) -> None:
    now, point = timezone.now(), "02" + office.point(office.ec.generate_private_key(office.ec.SECP256R1())).hex()[2:]
    hour = int(now.timestamp()) // 3600 * 3600
    assert court.entrance.homes == 24, "what was typed says nothing"
    assert lists.of(court.entrance, now)["every"] == "day"
    heard.batch(court.entrance, {"hour": hour, "point": point, "lines": ["00" * 40], "counts": {"opened": 1}}, now)
    assert Batch.objects.get().hour == -1, "whatever it sends"
    wang = office.moves_in(court, people["resident"])
    assert lines.bag(wang.home, now)["doors"][-1]["hours"]
    keeping.sweep(now + timedelta(days=7))
    assert not Batch.objects.exists()
    office.neighbours(court)
    assert [lists.of(door, now)["every"] for door in (court.entrance, court.gate, court.other)] == ["hour", "hour", "day"]
    homes.end(wang.home, now)
    homes.end(Home.objects.order_by("pk")[0], now)
    assert lists.of(court.entrance, now)["every"] == "day", "two moved out"


@pytest.mark.parametrize(
    "wrong",
    [
        {"hour": 1},
        {"hour": 0},
        {"point": "02"},
        {"lines": ["00"]},
        {"lines": "x"},
        {"counts": {"name": 1}},
        {"counts": {"opened": -1}},
    ],
)
def test_what_no_door_sends_is_refused(court: Court, wrong: dict[str, Any]) -> None:
    now = timezone.now()
    point = office.point(office.ec.generate_private_key(office.ec.SECP256R1())).hex()
    good = {"hour": int(now.timestamp()) // 3600 * 3600, "point": point, "lines": [], "counts": {}}
    with pytest.raises(heard.Unfit):
        heard.batch(court.entrance, good | wrong, now)


def danger(people: dict[str, Any]) -> Case:
    """A matter of 朝阳社区 in which somebody is in danger, taken down by 刘桂芬."""
    clerk = access.actor(people[office.CLERK])
    opened = open_case(
        "matter", by=clerk, facts={"text": "老人两天没出门，敲门没人应", "place": office.VILLAGE, "kind": "lamp.out"}
    )
    assert isinstance(opened, Opened)
    done = act(opened.case, "danger", by=clerk, facts={"to": "police", "words": "可能倒在屋里"})
    assert not isinstance(done, Refused), done
    worker.settle()
    return Case.objects.get(id=opened.case.id)


@BESIDE_MATTERS
def test_in_danger_one_person_opens_at_once_and_a_head_answers_for_it(court: Court, people: dict[str, Any]) -> None:
    clerk, head, now = people[office.CLERK], people["gu.super"], timezone.now()
    matter = danger(people)
    done = remote.begin(clerk, court.entrance, "danger", "老人没有应声", matter.code, "k", now)
    assert isinstance(done, Opened), done
    assert Order.objects.count() == 1
    assert remote.release(clerk, done.case, now + timedelta(minutes=30)) is None
    assert Order.objects.count() == 2
    late = remote.release(clerk, Case.objects.get(id=done.case.id), now + timedelta(hours=2, minutes=1))
    assert isinstance(late, Refused)
    worker.settle(now + timedelta(hours=2, minutes=2))
    case = Case.objects.get(id=done.case.id)
    assert case.state == "review"
    assert isinstance(act(case, "reject", by=access.actor(clerk), facts={"words": "自己"}), Refused)
    rejected = act(case, "reject", by=access.actor(head), facts={"words": "没有先敲邻居的门"})
    assert not isinstance(rejected, Refused), rejected
    worker.settle()
    assert Strike.objects.get().user == clerk
    assert remote.counts() == {"all": 1, "danger": 1, "rejected": 1}


@BESIDE_MATTERS
def test_a_matter_in_which_nobody_is_in_danger_opens_no_door_at_once(court: Court, people: dict[str, Any]) -> None:
    clerk, now = people[office.CLERK], timezone.now()
    calm = open_case("matter", by=access.actor(clerk), facts={"text": "楼道灯坏了", "place": court.compound.place, "kind": "lamp.out"})
    assert isinstance(calm, Opened)
    done = remote.begin(clerk, court.entrance, "danger", "老人没有应声", calm.case.code, "k", now)
    assert isinstance(done, Refused)
    assert done.rule == "matter"
    theirs = danger(people)
    done = remote.begin(people["stranger"], court.entrance, "danger", "老人没有应声", theirs.code, "k2", now)
    assert isinstance(done, Refused)
    assert done.rule == "matter"


@BESIDE_MATTERS
def test_the_code_of_a_closed_matter_does_not_stand_in_the_doors_case(court: Court, people: dict[str, Any]) -> None:
    clerk, now, said = people[office.CLERK], timezone.now(), {"text": "老人没有应声", "place": office.VILLAGE, "kind": "lamp.out"}
    for n, how in enumerate(({}, {"privacy": "confidential"}, {"anonymous": True})):
        matter = open_case("matter", by=access.SPEAKER, facts=said, at=now, **how)  # type: ignore[arg-type]
        assert isinstance(matter, Opened), matter
        done = remote.begin(clerk, court.entrance, "works", "送病床", matter.case.code, f"k{n}", now)
        assert isinstance(done, Opened), done
        kept = "".join(Body.objects.filter(case_id=done.case.id).values_list("text", flat=True)) + str(done.case.as_view())
        assert (matter.case.code in kept, "保密" in kept) == ((not how), bool(how)), how
    walled = Case(code="A" * 15, walls=["unit:131022-urban"])
    with patch.object(remote.Case.objects, "filter") as found:
        found.return_value.first.return_value = walled
        assert remote._may_stand(walled.code) == "保密"


def test_openings_are_counted_by_the_database(court: Court, people: dict[str, Any]) -> None:
    """However many there were: none is left out, none is read."""
    clerk, now = people[office.CLERK], timezone.now()
    assert remote.counts() == {"all": 0, "danger": 0, "rejected": 0}
    for n, days in enumerate((0, 1, 31)):
        assert isinstance(remote.begin(clerk, court.gate, "works", "搬家", "", f"k{n}", now - timedelta(days=days)), Opened)
    with CaptureQueriesContext(connection) as asked:
        assert remote.counts(now) == {"all": 2, "danger": 0, "rejected": 0}
    assert ["COUNT(" in one["sql"] and "LIMIT" not in one["sql"] for one in asked] == [True]


@BESIDE_MATTERS
def test_three_rejected_within_a_year_end_the_right_to_open_in_danger_alone(
    court: Court, people: dict[str, Any]
) -> None:
    clerk, matter, now = people[office.CLERK], danger(people), timezone.now()
    for n in range(glass.STRIKES):
        Strike.objects.create(user=clerk, county=matter.county, case_id=matter.id, n=n, at=now)
    assert isinstance(remote.begin(clerk, court.entrance, "danger", "老人没有应声", matter.code, "k", now), Refused)
    assert isinstance(remote.begin(clerk, court.entrance, "broken", "读卡器坏了", "", "k2", now), Opened)


def test_a_release_on_the_common_page_reaches_the_door_too_and_the_same_event_opens_once(
    court: Court, people: dict[str, Any]
) -> None:
    clerk, now = people[office.CLERK], timezone.now()
    done = remote.begin(clerk, court.gate, "works", "搬家公司来了", "", "k", now)
    assert isinstance(done, Opened)
    act(done.case, "release", by=access.actor(clerk))
    worker.settle()
    assert Order.objects.count() == 2
    worker.settle()
    assert Order.objects.count() == 2
    act(Case.objects.get(id=done.case.id), "finish", by=access.actor(clerk))
    assert Case.objects.get(id=done.case.id).state == "done"


def test_a_forced_door_is_told_on_the_bus_once_with_no_person_in_it(court: Court, monkeypatch: Any) -> None:
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(bus, "publish", lambda topic, payload, retain=False: said.append((topic, payload)))
    for _ in range(2):
        court.gate.refresh_from_db()
        heard.state(court.gate, {"forced": True}, timezone.now())
    assert [topic for topic, _ in said] == [f"minan/{office.VILLAGE}/door-{court.gate.pk.hex}/said"]
    assert '"what": "forced"' in said[0][1]
    court.gate.refresh_from_db()
    assert registry.health(court.gate, timezone.now()) == "forced"
    assert registry.health(court.gate, timezone.now() + timedelta(minutes=4)) == "offline", "no green light for unknown"


def test_phones_are_so_many_and_each_has_another_pass_every_day(court: Court, people: dict[str, Any]) -> None:
    wang, now = office.moves_in(court, people["resident"]), timezone.now()
    row = phones.Phone.objects.select_related("home").get(pk=wang.name)
    ids = {
        passes.passes.read(passes.passes.data_of(phones.daily(row, now + timedelta(days=n))[0]) or b"")[0].hex
        for n in range(3)
    }  # type: ignore[index]
    assert len(ids) == 3
    for _ in range(homes.PHONES_MOST - 1):
        phones.register(wang.home, people["resident"], office.point(wang.own), now)
    with pytest.raises(registry.Unfit):
        phones.register(wang.home, people["resident"], office.point(wang.own), now)


def test_a_forced_door_is_an_alarm_with_a_clock_where_there_are_alarms_and_one_while_it_stands(
    court: Court, monkeypatch: Any
) -> None:
    """By the procedure's name alone: where the devices' system is not there, nothing is opened and nothing breaks."""
    from minan.systems.doors import alarms

    opened: list[dict[str, Any]] = []

    def open_one(name: str, **more: Any) -> Any:
        opened.append({"name": name} | more["facts"])
        return Refused(registry.Unfit(keys.WHEN).words, 422)

    monkeypatch.setattr(alarms, "open_case", open_one)
    monkeypatch.setattr(alarms.registry, "get", lambda name: object() if name == "alarm" else None)
    heard.state(court.gate, {"held": True}, timezone.now())
    assert opened == [
        {
            "name": "alarm",
            "device": f"door-{court.gate.pk.hex}",
            "alarm": "forced",
            "unit": office.UNIT,
            "place": office.VILLAGE,
            "mounted": "朝阳花园 南门",
        }
    ]
    court.gate.refresh_from_db()
    assert court.gate.state == {"held": True}
    heard.state(court.gate, {"fire": True}, timezone.now())
    assert len(opened) == 1, "a fire is the panel's own alarm"
    court.gate.refresh_from_db()
    heard.state(court.gate, {}, timezone.now())
    court.gate.refresh_from_db()
    assert court.gate.state == {}


def test_who_closes_the_account_leaves_every_home(court: Court, people: dict[str, Any]) -> None:
    wang = office.moves_in(court, people["resident"])
    homes.join(people["worker"], homes.invite(wang.home, timezone.now()), timezone.now())
    people["resident"].delete()
    assert Member.objects.count() == 1
    assert not wang.home.phones.exists()
    later = timezone.now() + timedelta(seconds=1)
    assert passes.verify(wang.held, None, later, court.entrance.closes) == passes.Refused("revoked")
