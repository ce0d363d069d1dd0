"""What the household reads of a call in its own list (/mine/)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from minan.kernel import inside
from minan.kernel.labels import office_name
from minan.systems.help.tests.cast import POINT, enrolled, go, pressed

pytestmark = pytest.mark.django_db


def test_in_her_own_list_a_call_says_when_by_whose_post_and_that_it_is_over(people: dict[str, Any]) -> None:
    first = enrolled()
    made, phone = pressed(first), Client()
    session = phone.session
    session[inside.NAME] = [made.code, first.code]
    session.save()

    def card(text: str) -> str:
        page = phone.get("/mine/", headers={"accept-language": text}).content.decode()
        start = page.index(f'href="/help/c/{made.code}/"')
        return " ".join(re.sub("<[^>]+>", " ", page[page.rindex("<article", 0, start) : page.index("</article>", start)]).split())

    assert "正在叫人，一个一个叫下去" in card("zh-hans")
    go(made, "answer", people["gu.point"], 12)
    told = card("zh-hans")
    assert "11月16日 09:20 的一键呼叫" in told
    assert f"{office_name(POINT)} 11月16日 09:20 接的" in told
    assert people["gu.point"].last_name not in told or not people["gu.point"].last_name, "a post, never a person"
    go(made, "on_the_way", people["gu.point"], 20)
    go(made, "there", people["gu.point"], 200)
    go(made, "close", people["gu.point"], 600, outcome="helped", words="扶起来了")
    assert f"{office_name(POINT)}接的，11月16日 09:30 结束了" in card("zh-hans")
    assert "took it on; over on 16 Nov" in card("en")
    page = phone.get("/mine/").content.decode()
    assert f'href="/help/p/{first.code}/"' in page
    assert "一键呼叫登记" in page
