"""A camera of 固安镇派出所 that gives a drawn picture."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings


@pytest.fixture
def eye(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    from minan.systems.devices.tests.hands import POLICE, device  # only once Django is set up

    monkeypatch.setattr(settings, "DEMO", True)
    facts = {"address": "test:", "purpose": "治安", "filing": "固公视备〔2026〕11 号", "answers": "固安镇派出所", "sign_on": "2026-05-01"}
    return device("camera", mounted="3 号楼东侧路口", unit=POLICE, camera=facts)
