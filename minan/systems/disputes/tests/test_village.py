"""A village's own rules: registered from a file, a new version beside the old, cited with its words, flagged where they are against the law."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as conf
from django.test import Client
from django.utils import translation

from minan.kernel.models import Body, Case, Event
from minan.systems.disputes import village, village_import
from minan.systems.disputes.tests.cast import HEAD, JUDICIAL, MEDIATOR, MONDAY, VILLAGE, go, mediating, refused

pytestmark = pytest.mark.django_db
FILE = pathlib.Path(conf.CITY) / village_import.FILE
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _plain(settings: Any) -> Iterator[None]:
    settings.MFA_REQUIRED_FOR_STAFF = False
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def texts(people: dict[str, Any]) -> Case:
    assert village_import.load(FILE, MONDAY) == {"texts": 2, "new": 2}
    found = village.of_place(VILLAGE)
    assert found is not None
    return found


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_loading_twice_changes_nothing_and_a_new_version_leaves_the_old(texts: Case) -> None:
    assert village_import.load(FILE, MONDAY) == {"texts": 2, "new": 0}
    assert [(row["adopted"], row["until"]) for row in texts.facts["versions"]] == [("2021-05-16", "2025-04-01"), ("2025-03-12", "")]
    assert [e.step for e in Event.objects.filter(case_id=texts.id).order_by("n")] == ["register", "amend"]
    for day, adopted in (("2021-05-31", None), ("2021-06-01", "2021-05-16"), ("2025-03-31", "2021-05-16"), ("2025-04-01", "2025-03-12")):
        row = village.standing(texts.facts, day)
        assert (row["adopted"] if row else None) == adopted, day


@pytest.mark.parametrize(("change", "word"), [
    ({"place": "131022100000"}, "不是村"), ({"adopted": "去年"}, "2025-03-12"), ({"articles": "门前三包"}, "第…条"),
    ({"articles": "第一条 甲\n第一条 乙"}, "第…条"), ({"title": ""}, "title"), ({"note": "x"}, "note"), ({"since": "2020-01-01"}, "早于"),
])  # fmt: skip
def test_a_wrong_file_loads_nothing_and_says_which_text_and_why(
    people: dict[str, Any], tmp_path: pathlib.Path, change: dict[str, str], word: str
) -> None:
    row = {"place": VILLAGE, "title": "公约", "adopted": "2025-01-01", "since": "2025-02-01", "articles": "第一条 门前三包"} | change
    (file := tmp_path / "x.toml").write_text("[[text]]\n" + "\n".join(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in row.items()), "utf-8")
    with pytest.raises(village_import.Wrong, match=word):
        village_import.load(file, MONDAY)
    assert village.of_place(VILLAGE) is None


def test_a_citation_carries_village_date_number_and_the_words_of_its_day(people: dict[str, Any], texts: Case) -> None:
    case = mediating(people)
    event = go(case, "record", people[MEDIATOR], words="说了水怎么走", cite="2025-03-12/第二条")
    note = json.loads(Body.objects.get(case_id=case.id, n=event.n).text)["note"]["cites"]
    assert (note["village"], note["adopted"], note["article"]) == (VILLAGE, "2025-03-12", "第二条")
    assert note["words"].startswith("院墙、屋檐的滴水应当落在自家地内")
    go(case, "propose", people[MEDIATOR], words="墙退四十厘米", cite="2025-03-12/第三条")
    page = signed_in(people[MEDIATOR]).get(f"/disputes/{case.code}/").content.decode()
    assert "不少于四十厘米" in page
    assert "先清沟，再说赔" in page
    assert refused(case, "propose", people[MEDIATOR], words="x", cite="2021-05-16/第二条") == "cite_holds", "a version that is no longer in force"
    assert refused(case, "propose", people[MEDIATOR], words="x", cite="2025-03-12/第九条") == "cite_holds"
    form = signed_in(people[MEDIATOR]).get(f"/disputes/{case.code}/?step=propose").content.decode()
    assert "2025-03-12/第二条" in form


def test_the_judicial_office_flags_an_article_and_nobody_cites_it_any_more(people: dict[str, Any], texts: Case) -> None:
    case, ground = mediating(people), "社会救助暂行办法（引用前请核对）：社会救助不得以此停发"
    go(case, "record", people[MEDIATOR], words="以前引用过", cite="2025-03-12/第五条")
    for name in (HEAD, MEDIATOR):
        with pytest.raises(Case.DoesNotExist):
            refused(texts, "flag", people[name], article="第五条", ground=ground)
    for name in ("clerk", "gu.super"):
        assert refused(texts, "flag", people[name], article="第五条", ground=ground) == "", name
    assert refused(texts, "flag", people[JUDICIAL], article="第九条", ground=ground) == "there_is"
    go(texts, "flag", people[JUDICIAL], article="第五条", ground=ground)
    assert Event.objects.filter(case_id=texts.id, step="flag").exists()
    assert refused(case, "propose", people[MEDIATOR], words="x", cite="2025-03-12/第五条") == "cite_holds"
    client = signed_in(people[MEDIATOR])
    assert "2025-03-12/第五条" not in client.get(f"/disputes/{case.code}/?step=propose").content.decode()
    assert "停发当年社区福利" in client.get(f"/disputes/{case.code}/").content.decode(), "what was cited stays as it was said"
    page = Client().get(f"/disputes/villages/{VILLAGE}/").content.decode()
    assert ground in page
    assert "<s>不按第一条打扫的" in page
    go(texts, "unflag", people[JUDICIAL], article="第五条", why="改正了")
    go(case, "propose", people[MEDIATOR], words="x", cite="2025-03-12/第五条")


def test_everybody_reads_them_and_only_the_judicial_office_is_led_to_the_flag(people: dict[str, Any], texts: Case) -> None:
    anybody, path = Client(), f"/disputes/villages/{VILLAGE}/"
    for query in ("", "?find=朝阳"):
        assert path in anybody.get(f"/disputes/villages/{query}").content.decode()
    assert path not in anybody.get("/disputes/villages/?find=没有这个村").content.decode()
    page = anybody.get(path).content.decode()
    assert "居民会议三分之二以上户代表通过" in page
    assert "2021-05-16" in page
    assert texts.code not in page
    assert texts.code in signed_in(people[JUDICIAL]).get(path).content.decode()
    for place in ("131022100000", "131022100020", "x"):
        assert anybody.get(f"/disputes/villages/{place}/").status_code == 404


def test_a_registered_text_is_nobodys_work_and_in_no_count(people: dict[str, Any], texts: Case) -> None:
    from minan.kernel.models import Clock, Inbox, Tally
    from minan.systems.disputes.tests.cast import settle

    settle(MONDAY + DAY)
    assert not texts.open
    assert not Inbox.objects.filter(case_id=texts.id, open=True).exists()
    assert not Clock.objects.filter(case_id=texts.id).exists()
    assert not Tally.objects.exists()
    assert texts.opened_at == datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
