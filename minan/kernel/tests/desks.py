"""The people at their desks, signed in, and matters said on the day of the test."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minan.kernel import access
from minan.kernel.act import Opened, act, open_case
from minan.kernel.models import Case, Event, User
from minan.kernel.tests.made_pictures import encoded, scene

VILLAGE, TOWN, NEXT_TOWN = "131022100010", "131022100000", "131022101000"
LIGHTING, STATION, POINT = "131022-lighting", "131022100-station", "131022100010-point"
LAMP = {"text": "小区东门外三盏路灯不亮，老人摔了一下。", "kind": "lamp.out", "place": VILLAGE, "place_words": "东门外"}


def person(name: str) -> User:
    return User.objects.get(username=name)


def desk_of(name: str) -> Client:
    """The browser of one of the people, signed in with password and second factor."""
    client = Client()
    client.force_login(person(name))
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def matter(**facts: Any) -> Case:
    """A matter that 王秀兰 said from her phone; by default the lamp at the east gate."""
    opened = open_case("matter", by=access.SPEAKER, facts=LAMP | facts)
    assert isinstance(opened, Opened), opened
    return opened.case


def done(case: Case, step: str, name: str, **facts: Any) -> Case:
    """The step taken by one of the people; the case as it then stands."""
    event = act(Case.objects.get(id=case.id), step, by=access.actor(person(name)), facts=facts)
    assert event, event
    return Case.objects.get(id=case.id)


def assigned(**facts: Any) -> Case:
    return done(done(matter(**facts), "accept", "clerk"), "assign", "clerk", unit=LIGHTING)


def handling(**facts: Any) -> Case:
    return done(done(assigned(**facts), "sign", "handler"), "handle", "handler")


def photo() -> SimpleUploadedFile:
    """A photo as a phone sends it."""
    return SimpleUploadedFile("lamp.jpg", encoded(scene(7, (160, 120))), "image/jpeg")


def key_of(page: str) -> str:
    """The key of the open step's form."""
    found = re.search(r'name="key" value="([0-9a-f]{32})" id="f-key"', page)
    assert found, "no form stands open"
    return found[1]


def text_of(response: Any) -> str:
    return str(response.content.decode())


def steps_of(case: Case) -> list[str]:
    return list(Event.objects.filter(case_id=case.id).order_by("n").values_list("step", flat=True))
