"""Why this unit: the clerk, the speaker and another program read the same rule, its article and the reason in words."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from minan.channels.api import shapes
from minan.channels.web import story
from minan.kernel import config, sheet
from minan.kernel.access import actor
from minan.kernel.models import RoutingRule
from minan.kernel.tests import office

pytestmark = pytest.mark.django_db
RULE = {
    "rank": 5, "kind": "lamp.out", "words": "小区", "level": "county", "word": "works", "rule": "固办〔2026〕9 号", "article": "小区里的路灯归市政",
}  # fmt: skip


def test_clerk_speaker_and_program_read_the_same_rule(people: dict[str, Any], settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False
    config.change(RoutingRule, None, RULE, "admin", "定的")
    case, clerk = office.said(), actor(people["clerk"])
    office.go(case, "accept", clerk)
    page: Client = office.signed_in(people["clerk"])
    shown = page.get(f"/desk/{case.code}/").content.decode()
    assert "派单规则：种类是“路灯不亮”，写了“小区”" in shown
    assert RULE["rule"] in shown
    office.go(case, "assign", clerk, unit="131022-works")
    told = "\n".join(str(row["words"]) for row in story.told(case)["log"] if isinstance(row, dict))
    assert "派单规则：种类是“路灯不亮”，写了“小区”" in told
    assert RULE["article"] in told
    whose = shapes.detail(sheet.of(case, clerk), "en", case.changed_at)["whose"]
    assert whose["unit"] == "131022-works"
    assert (whose["rule"], whose["article"], whose["by"]) == (RULE["rule"], RULE["article"], "rule")
    assert "Routing rule: its kind is" in whose["why"]
