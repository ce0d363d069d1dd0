"""A request to look through a camera tells nobody more than its case does, and its pictures are for who asked alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from minan.kernel.access import SPEAKER
from minan.kernel.act import Opened, open_case
from minan.kernel.models import Attachment, Case, User
from minan.systems.devices import cameras
from minan.systems.devices.models import Device
from minan.systems.devices.tests.hands import NOW, settle, took
from minan.systems.devices.tests.test_life import _alarm

pytestmark = pytest.mark.django_db


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("more", [{"confidential": True}, {"about": "131022100-police"}])
def test_who_may_not_see_the_matter_sees_no_request_made_for_it(eye: Device, people: dict[str, Any], more: dict[str, Any]) -> None:
    facts = {"text": "派出所的人来家里打人，路口有摄像机", "place": "131022100010"}
    made = open_case("matter", by=SPEAKER, facts=facts | more, at=NOW)
    assert isinstance(made, Opened), made
    mine = {name for name, user in people.items() if Case.objects.visible_to(user).filter(pk=made.case.pk).exists()}
    asker = people["clerk" if "clerk" in mine else "supervisor"]
    look = cameras.ask(asker, made.case, [eye.id], "order", "有人举报派出所打人，看路口", broken=False, now=NOW + timedelta(seconds=60))
    assert isinstance(look, Case), look
    look.refresh_from_db()
    assert (look.privacy, look.walls) == (made.case.privacy, made.case.walls)
    assert "举报" not in look.text or not look.privacy
    seers = {name for name, user in people.items() if Case.objects.visible_to(user).filter(pk=look.pk).exists()}
    if made.case.walls:
        assert "gu.police" not in seers, "whom the matter is about"
    else:
        keeper = {name for name, user in people.items() if look.unit in {p.unit for p in _posts(user)}}
        assert seers <= mine | keeper


def _posts(user: User) -> Any:
    from minan.kernel import directory  # once the city is there

    return directory.posts_of(user.pk)


def test_the_picture_is_for_who_asked_and_for_nobody_else(eye: Device, people: dict[str, Any], settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False
    alarm, clerk, police = _alarm(people), people["gu.point"], people["gu.police"]
    look = cameras.ask(clerk, alarm, [eye.id], "alarm", "看楼道外有没有明火", broken=False, now=NOW + timedelta(seconds=60))
    assert isinstance(look, Case), look
    took(look, "allow", police, 90)
    took(look, "want", clerk, 110, camera=eye.id)
    settle(120)
    picture = Attachment.objects.get(case_id=look.id)
    path = reverse("kernel:photo", args=[look.code, picture.id])
    seen = {name for name, user in people.items() if browser(user).get(path).status_code == 200}
    assert seen == {"gu.point"}
    assert str(picture.id) in browser(clerk).get(f"/desk/{look.code}/").content.decode()
    assert str(picture.id) not in browser(police).get(f"/desk/{look.code}/").content.decode()
