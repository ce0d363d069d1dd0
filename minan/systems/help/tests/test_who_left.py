"""Who works at a unit no more is neither rung for it nor reads a card, whatever telephone they once wrote down."""

from __future__ import annotations

import pathlib
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from minan.kernel import directory
from minan.kernel.models import Post, User
from minan.systems.help import gather, sealing
from minan.systems.help.models import Ear
from minan.systems.help.tests.cast import POINT, SECRETS, enrolled
from minan.systems.help.tests.virtual import Town

pytestmark = pytest.mark.django_db
P1, PHONE = "1" * 32, "13700000001"


@pytest.fixture
def town(people: dict[str, Any], settings: Any, tmp_path: pathlib.Path) -> Town:
    """刘桂芬 of the point put her telephone on duty."""
    settings.DATA = tmp_path
    enrolled()
    row = Ear(unit=POINT, user=people["gu.point"], made_at=timezone.now())
    row.sealed = sealing.shut({"phone": PHONE}, f"ear:{row.id}")
    row.save()
    (tmp_path / "j").mkdir()
    made = Town(tmp_path / "j", 0, {"screen": "silent"})
    renewed(made)
    return made


def renewed(town: Town) -> None:
    directory.forget()
    fresh = gather.fresh(town.lane.book)
    if fresh is not None:
        town.book = fresh
        town.lane.renew_book(fresh)


def pressed(town: Town) -> None:
    secret = next(iter(SECRETS[code] for code in town.book.people))
    assert town.lane.take({"op": "press", "cap": secret, "press": P1})["ok"]


def rung(town: Town) -> set[str]:
    return {s.target.ways.get(s.channel, "") for _, s in town.sent}


def ends_post(user: User) -> None:
    Post.objects.filter(user=user).update(until=date.today() - timedelta(days=2))


def is_disabled(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize("leaves", [ends_post, is_disabled])
def test_whose_post_is_over_is_not_rung(town: Town, people: dict[str, Any], leaves: Any) -> None:
    assert [t.who for t in town.book.duty(POINT) if t.unit == POINT] == [str(people["gu.point"].pk)]
    leaves(people["gu.point"])
    renewed(town)
    pressed(town)
    town.run(200.0)
    assert town.sent
    assert PHONE not in rung(town)


def test_who_leaves_while_a_call_is_open_is_rung_no_more_reads_no_card_and_stops_no_ringing(
    town: Town, people: dict[str, Any]
) -> None:
    pressed(town)
    town.run(10.0)
    assert PHONE in rung(town)
    link = sealing.token(P1, f"duty:{POINT}:0")
    assert town.lane.take({"op": "look", "token": link, "card": True})["card"]["phone"]
    ends_post(people["gu.point"])
    renewed(town)
    before = len(town.sent)
    assert town.lane.take({"op": "look", "token": link, "card": True}) == {"error": "unknown"}
    assert town.lane.take({"op": "say", "token": link, "what": "go"}) == {"error": "unknown"}
    town.run(120.0)
    after = town.sent[before:]
    assert f"duty:{POINT}:0" in {s.target.id for _, s in after}  # the desk's screen rings on
    assert not [s for _, s in after if s.target.ways.get(s.channel) == PHONE]
