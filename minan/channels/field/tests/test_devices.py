"""The key of a phone: whose it is, how long it is good, and what ends it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from minan.channels.field import devices
from minan.channels.field.models import Device
from minan.channels.field.tests.conftest import Phone, browser
from minan.kernel import directory
from minan.kernel.models import Post, User

pytestmark = pytest.mark.django_db


def later(phone: Phone, **span: float) -> None:
    """So long ago was the phone heard of."""
    passed = timedelta(**span)
    row = Device.objects.get(user=phone.user)
    Device.objects.filter(mark=row.mark).update(made_at=row.made_at - passed, until=row.until - passed)


def test_it_is_good_for_72_hours_without_contact_and_a_day_to_come_home(worker: Phone) -> None:
    later(worker, hours=72)
    assert worker.get("pack/").status_code == 200
    later(worker, hours=25)
    assert worker.get("pack/").status_code == 401, "sign in again; nothing on the phone is touched"


def test_each_contact_renews_it_but_never_past_a_fortnight(worker: Phone) -> None:
    for _ in range(3):
        later(worker, days=3)
        assert worker.post("device/longer/").status_code == 200
    later(worker, days=3)
    assert worker.post("device/longer/").status_code == 200
    assert Device.objects.get().until <= Device.objects.get().made_at + timedelta(days=devices.DAYS)
    later(worker, days=3)
    assert worker.get("pack/").status_code == 401


def stop_account(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def end_posts(user: User) -> None:
    Post.objects.filter(user=user).update(until=timezone.localdate() - timedelta(days=1))
    directory.touch()


def new_password(user: User) -> None:
    user.set_password("another long password")
    user.save()


@pytest.mark.bar("P12")
@pytest.mark.parametrize("way", [stop_account, end_posts, new_password])
def test_who_is_stopped_gets_nothing_more_and_the_phone_is_told_to_forget(worker: Phone, lamp: Any, way: Any) -> None:
    way(worker.user)
    for got in (
        worker.get("pack/"),
        worker.get("lists/"),
        worker.get(f"cases/{lamp.code}/"),
        worker.post("device/longer/"),
    ):
        assert got.status_code == 410
    assert worker.step(lamp.code, "note", {"words": "还在"}).status_code == 410


def test_a_phone_signed_out_is_out(worker: Phone) -> None:
    assert worker.post("device/end/").status_code == 200
    assert worker.get("pack/").status_code == 410


def test_only_its_hash_is_kept(worker: Phone) -> None:
    row = Device.objects.get()
    assert worker.key not in (row.mark, row.password)
    assert row.mark == devices._hash(worker.key)


def test_a_sixth_phone_ends_the_first(people: dict[str, Any]) -> None:
    phones = [Phone(people["worker"]) for _ in range(devices.MOST + 1)]
    assert [phone.get("pack/").status_code for phone in phones] == [410] + [200] * devices.MOST


def test_a_key_is_given_to_who_is_signed_in_with_the_pages_own_token_only(people: dict[str, Any]) -> None:
    here = browser(people["worker"], enforce_csrf_checks=True)
    said = here.get("/field/who/").json()
    assert here.post("/field/device/").status_code == 403
    got = here.post("/field/device/", headers={"X-CSRFToken": said["csrf"]})
    assert got.json()["mark"] == said["mark"]
    other = browser(people["handler"])
    assert other.get("/field/who/").json()["mark"] != said["mark"], "each person has a store of their own"


def test_guessing_keys_is_slowed_down(worker: Phone) -> None:
    worker.key = "wrong"
    seen = [worker.get("pack/").status_code for _ in range(devices.WRONG_KEYS + 1)]
    assert seen[0] == 401
    assert seen[-1] == 429


def test_a_session_alone_sends_nothing(people: dict[str, Any]) -> None:
    here = browser(people["worker"])
    assert here.post("/field/records/", {"body": "{}"}, headers={"Idempotency-Key": "k"}).status_code == 401


def test_no_key_without_the_second_factor(people: dict[str, Any]) -> None:
    half = Client()
    half.force_login(people["worker"])
    assert half.post("/field/device/").status_code == 302
    assert not Device.objects.exists()
