"""Roles apart: who gives which role, what takes two people, and that the register of the house tells of all of it."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from minan.kernel import access, config, directory, signin, viewer
from minan.kernel.act import Opened, open_case
from minan.kernel.commands import token
from minan.kernel.models import Body, Case, Event, Kind, Post, Proposal, RestDay, Unit, User
from minan.kernel.tests import office

pytestmark = pytest.mark.django_db
STATION = "131022100-station"
TABLES_TRIED = ("kinds", "people", "posts", "days", "editions")


@pytest.fixture(autouse=True)
def without_a_second_factor(settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False


@pytest.fixture
def liang(people: dict[str, Any]) -> Client:
    """徐文斌 heads the station of 固安镇."""
    return office.signed_in(people["gu.super"])


def told(step: str) -> list[dict[str, Any]]:
    """What the register says of acts of one sort, oldest first."""
    out = []
    for event in Event.objects.filter(step=step).order_by("n"):
        facts = json.loads(Body.objects.get(case_id=event.case_id, n=event.n).text)["facts"]
        out.append(facts | {"by": event.by})
    return out


def give(client: Client, **more: Any) -> Any:
    data = {"username": "gu.clerk2", "unit": STATION, "role": "mediator", "why": "老郑退休"} | more
    return client.post("/house/people/", data)


def test_a_head_gives_and_ends_an_ordinary_role_alone_and_it_is_written_down(
    liang: Client, people: dict[str, Any]
) -> None:
    assert give(liang).status_code == 302
    post = Post.objects.get(user=people["gu.clerk2"], role="mediator")
    assert access.has_role(people["gu.clerk2"], "mediator")
    assert liang.post(f"/house/people/{post.pk}/end/", {"why": "调走"}).status_code == 302
    assert not access.has_role(people["gu.clerk2"], "mediator")
    assert [t["by"] for t in told("grant") + told("end_grant")] == [f"{STATION}:supervisor"] * 2
    assert "老郑退休" in told("grant")[0]["why"]


@pytest.mark.parametrize("role", ["admin", "security", "audit", "discipline"])
def test_a_head_gives_nobody_a_role_that_administers_or_sees_identity(liang: Client, role: str) -> None:
    assert give(liang, role=role).status_code == 422
    assert not told("grant")


def test_a_head_gives_roles_in_their_own_unit_only(liang: Client, people: dict[str, Any]) -> None:
    assert give(liang, unit="131022101-station").status_code == 422
    elsewhere = Post.objects.get(user=people["stranger"])
    assert liang.post(f"/house/people/{elsewhere.pk}/end/", {"why": "x"}).status_code == 404
    assert office.signed_in(people["clerk"]).get("/house/people/").status_code == 404


def test_a_stand_in_for_the_head_ends_within_a_fortnight(liang: Client, people: dict[str, Any]) -> None:
    late = timezone.localdate() + timedelta(days=15)
    assert give(liang, role="supervisor").status_code == 422
    assert give(liang, role="supervisor", until=late.isoformat()).status_code == 422
    assert give(liang, role="supervisor", until=(late - timedelta(days=1)).isoformat()).status_code == 302


def test_the_level_above_reads_each_week_who_was_given_what(liang: Client, people: dict[str, Any]) -> None:
    give(liang)
    above = office.signed_in(people["supervisor"]).get("/house/people/").content.decode()
    assert "老郑退休" in above
    assert "老郑退休" not in office.signed_in(people["yq.super"]).get("/house/people/").content.decode()


def test_nobody_holds_two_of_the_three_administrators(people: dict[str, Any]) -> None:
    values = {"user_id": people["admin"].pk, "unit_id": "1310-centre", "role": "audit", "title": "", "seat": ""}
    with pytest.raises(config.Wrong) as wrong:
        config.change(Post, None, values, "security", "兼任", second="security2")
    assert "role" in wrong.value.errors


def test_each_administrator_opens_their_own_tables_only_and_reads_no_matter(people: dict[str, Any]) -> None:
    case = office.said()
    opened = {
        name: [t for t in TABLES_TRIED if office.signed_in(people[name]).get(f"/admin/{t}/").status_code == 200]
        for name in ("admin", "security", "audit")
    }  # fmt: skip
    assert opened == {
        "admin": ["kinds", "days", "editions"],
        "security": ["people", "posts", "editions"],
        "audit": ["editions"],
    }
    for name in ("admin", "security", "audit"):
        client = office.signed_in(people[name])
        assert access.units_of(people[name]) == []
        assert client.get(f"/desk/{case.code}/").status_code == 404
        assert client.get("/house/register/").status_code == (200 if name == "audit" else 404)


# ---- two people


def put_forward(people: dict[str, Any]) -> Proposal:
    """陆正平 wants 马志刚 to become an auditor."""
    lu = office.signed_in(people["security"])
    data = {
        "user_id": "gu.clerk2",
        "unit_id": "1310-centre",
        "role": "audit",
        "why": "审计缺人",
        "since": timezone.localdate().isoformat(),
    }
    assert lu.post("/admin/posts/new/", data)["Location"] == "/house/waiting/"
    return Proposal.objects.get(state="waits")


def test_a_role_that_administers_takes_a_second_person(people: dict[str, Any]) -> None:
    put = put_forward(people)
    assert not Post.objects.filter(user=people["gu.clerk2"], role="audit").exists()
    own = office.signed_in(people["security"])
    own.post(f"/house/waiting/{put.pk}/", {"do": "confirm"})
    assert not Post.objects.filter(user=people["gu.clerk2"], role="audit").exists(), "nobody confirms their own"
    other = office.signed_in(people["security2"])
    assert "审计缺人" in other.get("/house/waiting/").content.decode()
    other.post(f"/house/waiting/{put.pk}/", {"do": "confirm"})
    assert Post.objects.filter(user=people["gu.clerk2"], role="audit").exists()
    assert told("grant")[-1]["second"] == "security2"
    assert len(told("propose")) == 1


def test_what_was_declined_or_is_a_week_old_is_not_done(people: dict[str, Any]) -> None:
    other = office.signed_in(people["security2"])
    put = put_forward(people)
    other.post(f"/house/waiting/{put.pk}/", {"do": "decline"})
    other.post(f"/house/waiting/{put.pk}/", {"do": "confirm"})
    old = put_forward(people)
    Proposal.objects.filter(pk=old.pk).update(until=datetime.now(UTC) - timedelta(seconds=1))
    other.post(f"/house/waiting/{old.pk}/", {"do": "confirm"})
    assert not Post.objects.filter(user=people["gu.clerk2"], role="audit").exists()
    assert len(told("decline")) == 1


def test_the_program_itself_refuses_such_a_change_by_one(people: dict[str, Any]) -> None:
    """Also from a shell: there is no way around the second name."""
    values = {"user_id": people["gu.clerk2"].pk, "unit_id": "1310-centre", "role": "security", "title": "", "seat": ""}
    for second in ("", "security"):
        with pytest.raises(config.Wrong):
            config.change(Post, None, values, "security", "x", second=second)
        with pytest.raises(config.Wrong):
            config.change(
                RestDay, None, {"date": date(2026, 12, 1), "working": False, "name": ""}, "security", "x", second=second
            )
        with pytest.raises(config.Wrong):
            config.password(people["audit"].pk, "security", "x", second=second)


def test_a_password_of_who_administers_is_shown_to_the_second_person_once(people: dict[str, Any]) -> None:
    lu, other = office.signed_in(people["security"]), office.signed_in(people["security2"])
    assert lu.post(f"/admin/people/{people['audit'].pk}/password/")["Location"] == "/house/waiting/"
    put = Proposal.objects.get(state="waits")
    page = other.post(f"/house/waiting/{put.pk}/", {"do": "confirm"})
    assert "no-store" in page["Cache-Control"]
    assert User.objects.get(username="audit").check_password(page.context["text"])
    assert not Body.objects.filter(text__contains=page.context["text"]).exists()


# ---- the register


def test_the_auditor_reads_every_act_in_order(people: dict[str, Any], liang: Client) -> None:
    give(liang)
    page = office.signed_in(people["audit"]).get("/house/register/").content.decode()
    assert "给了岗位" in page
    assert "老郑退休" in page
    assert office.signed_in(people["audit"]).get("/house/register/?act=export").context["rows"] == []
    assert office.signed_in(people["audit"]).get("/house/register/?before=x").status_code == 404


# ---- what somebody would try


def test_a_head_keeps_no_investigator_away_by_giving_them_a_post_behind_the_wall(people: dict[str, Any]) -> None:
    Post.objects.create(user=people["handler"], unit_id="131022-lighting", role="head")
    directory.forget()
    facts = {"text": "路灯管理所收钱不办事", "place": office.VILLAGE, "kind": "lamp.out", "about": "131022-lighting"}
    opened = open_case("matter", by=access.SPEAKER, facts=facts)
    assert isinstance(opened, Opened)
    zhao = office.signed_in(people["handler"])
    assert give(zhao, username="clerk", unit="131022-lighting", role="worker").status_code == 422
    directory.forget()
    assert Case.objects.visible_to(people["clerk"]).filter(id=opened.case.id).exists()
    assert give(zhao, username="resident", unit="131022-lighting", role="worker").status_code == 302


def test_an_administrator_gives_themselves_no_post_by_which_they_would_read_matters(people: dict[str, Any]) -> None:
    lu = office.signed_in(people["security"])
    data = {"user_id": "security", "unit_id": STATION, "role": "clerk", "why": "帮忙", "since": "2026-01-01"}
    assert lu.post("/admin/posts/new/", data)["Location"] == "/house/waiting/"
    assert access.units_of(people["security"]) == []
    lu.post(f"/house/waiting/{Proposal.objects.get(state='waits').pk}/", {"do": "confirm"})
    directory.forget()
    assert access.units_of(people["security"]) == []


def test_a_stand_in_gives_no_role_and_nobody_ends_the_head(people: dict[str, Any]) -> None:
    until = timezone.localdate() + timedelta(days=14)
    assert give(office.signed_in(people["gu.super"]), role="supervisor", until=until.isoformat()).status_code == 302
    stand_in = office.signed_in(people["gu.clerk2"])
    assert access.has_role(people["gu.clerk2"], "supervisor")
    assert give(stand_in, username="gu.mediator", role="clerk").status_code == 422
    head = Post.objects.get(user=people["gu.super"])
    assert stand_in.post(f"/house/people/{head.pk}/end/", {"why": "x"}).status_code == 404
    Post.objects.filter(user=people["gu.clerk2"], role="supervisor").update(until=None)  # two heads of one unit
    directory.forget()
    assert stand_in.post(f"/house/people/{head.pk}/end/", {"why": "x"}).status_code == 404
    assert access.has_role(people["gu.super"], "supervisor")


def test_which_office_hours_a_unit_keeps_takes_two(people: dict[str, Any]) -> None:
    with pytest.raises(config.Wrong):
        config.change(Unit, STATION, {"hours": "hall"}, "admin", "改时间")
    config.change(Unit, STATION, {"hours": "hall"}, "admin", "改时间", second="security")
    config.change(Unit, STATION, {"hours": "hall", "lead": False}, "admin", "不自办")


def test_a_new_password_ends_the_tokens_of_a_lost_phone_and_a_token_stands_in_the_register(
    people: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    token.run(argparse.Namespace(user="handler", days=30))
    text = capsys.readouterr().out.strip()
    assert signin.user_of_token(text) == people["handler"]
    assert [json.loads(t["what"]) for t in told("account")] == [{"days": 30, "token": "handler"}]
    config.password(people["handler"].pk, "security", "手机丢了")
    assert signin.user_of_token(text) is None


def test_the_list_of_who_works_here_leaves_marked_and_written_down(people: dict[str, Any]) -> None:
    text = b"".join(office.signed_in(people["security"]).get("/admin/people/?format=csv")).decode()  # type: ignore[arg-type]
    written = json.loads(told("export")[-1]["what"])
    assert written["table"] == "people"
    assert written["mark"] in text
    assert viewer.whose(written["mark"], timezone.localdate()) == [(people["security"], timezone.localdate())]


def test_what_unseals_reports_or_shows_a_kind_to_the_world_takes_two(people: dict[str, Any]) -> None:
    report, shy = Kind.objects.get(pk="government.report"), Kind.objects.filter(public=False, turn_to="", active=True).first()
    assert shy is not None
    for kind, values in ((report, {"turn_to": ""}), (report, {"active": False}), (shy, {"public": True})):
        with pytest.raises(config.Wrong):
            config.change(Kind, kind.pk, values, "admin", "省事")
    config.change(Kind, shy.pk, {"public": True}, "admin", "公开", second="security")
    config.change(Kind, shy.pk, {"public": False}, "admin", "不再公开")
    gao = office.signed_in(people["admin"])
    form = gao.get(f"/admin/kinds/{report.pk}/").context["form"]
    sent = {name: form.initial.get(name) or "" for name in form.fields if form.initial.get(name) is not False}
    assert gao.post(f"/admin/kinds/{report.pk}/", sent | {"turn_to": "", "why": "省事"})["Location"] == "/house/waiting/"
    office.signed_in(people["security"]).post(f"/house/waiting/{Proposal.objects.get(state='waits').pk}/", {"do": "confirm"})
    assert Kind.objects.get(pk=report.pk).turn_to == ""
