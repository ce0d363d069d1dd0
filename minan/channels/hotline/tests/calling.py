"""Calls that the exchange tells of, and matters their speakers said before."""

from __future__ import annotations

import secrets
from typing import Any

from django.utils import timezone

from minan.channels.hotline import cti
from minan.channels.hotline.models import Call
from minan.kernel import access, worker
from minan.kernel.act import Opened, open_case
from minan.kernel.models import Case, User

NUMBER, OTHERS = "13900001234", "13900009999"
VILLAGE = "131022100010"


class Line:
    """What the exchange tells, signed."""

    def __init__(self) -> None:
        self.name = secrets.token_hex(6)

    def tell(self, kind: str, **more: Any) -> int:
        return cti.take(*cti.event(kind, self.name, **more), timezone.now())

    def rings(self, number: str = NUMBER, agent: str = "operator") -> Line:
        assert self.tell("ringing", number=number, agent=agent) == 200
        return self

    def is_taken(self, agent: str = "operator") -> Call:
        assert self.tell("answered", agent=agent) == 200
        return Call.objects.get(state="taken", agent=User.objects.get(username=agent).pk)

    def hangs_up(self) -> None:
        assert self.tell("hangup") == 200


def said(number: str = NUMBER, text: str = "东门外三盏路灯不亮", **more: Any) -> Case:
    """A matter somebody said from their phone and left this number with; the worker has been round."""
    facts = {"text": text, "place": VILLAGE, "kind": "lamp.out", "phone": number, "name": "王秀兰"} | more.pop(
        "facts", {}
    )
    opened = open_case(more.pop("name", "matter"), by=access.SPEAKER, facts=facts, **more)
    assert isinstance(opened, Opened), opened
    worker.settle()
    return opened.case
