"""What anyone reads at /proof/ without signing in: how matters ended, what is owed, who looked, who signed; and what it cannot prove."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from minan.kernel import worker
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Event
from minan.systems.proof import bundle, counts, public
from minan.systems.proof.models import CITY, Checkpoint, Cosignature, Count, Deferral

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def anew(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Nothing is kept from one test to the next."""
    settings.DATA = tmp_path
    public.forget()
    yield
    public.forget()


def say(**more: Any) -> Case:
    facts = {"text": "路灯不亮", "place": "131022100010", "kind": "lamp.out"}
    opened = open_case("matter", by=SPEAKER, facts=facts, at=NOW - timedelta(hours=2), **more)
    assert isinstance(opened, Opened), opened
    return opened.case


def take(case: Case, step: str, who: Any, **facts: Any) -> Event:
    done = act(case, step, by=who, facts=facts, at=NOW - timedelta(hours=1))
    assert not isinstance(done, Refused), done
    return done


def page(words: str = "/proof/", lang: str = "zh-hans") -> str:
    public.forget()
    worker.settle(NOW)
    return " ".join(
        re.sub(r"<[^>]+>", " ", Client(headers={"accept-language": lang}).get(words).content.decode()).split()
    )


def ended() -> dict[str, int]:
    worker.settle(NOW)
    return {key: n for key, n in Count.objects.filter(by="end").values_list("key", "n") if n}


# ---- how matters ended


def test_how_matters_ended_adds_up_to_how_many_there_are(people: dict[str, Any]) -> None:
    clerk = actor(people["clerk"])
    refused, withdrawn, _open = say(), say(), say()
    take(refused, "ask_refusal", clerk, ground="court", words="请到法院")
    take(refused, "refuse", actor(people["supervisor"]))
    take(withdrawn, "withdraw", SPEAKER)
    text = page()
    assert re.search(r"还在办 (，其中 \d 件超过了时限 )?1 ", text), "two hours old: late by day, in time by night"
    assert "不予受理，写明了去哪里办 1" in text
    assert "说事人撤回 1" in text
    assert "加起来，一件不少 3" in text
    assert ended() == {"matter.refused.refuse": 1, "matter.withdrawn.withdraw": 1}


def test_who_said_that_it_is_solved_is_told_apart_and_an_objection_takes_it_back(people: dict[str, Any]) -> None:
    case = say(secret="2" * 32)
    for step, by, facts in (
        ("settle", "clerk", {"kind": "lamp.out", "outcome": "explained", "words": "已说明", "article": "第1条"}),
    ):
        take(case, step, actor(people[by]), **facts)
    own = actor_of_speaker("own")
    take(case, "rate", own, contacted=True, solved=True, satisfied=True)
    assert ended() == {"matter.closed.own": 1}
    take(case, "object", own, solved=False)
    assert ended() == {}


def actor_of_speaker(cast: str) -> Any:
    return type(SPEAKER)("speaker", cast=cast)


def test_a_confidential_matter_is_in_no_number_of_matters(people: dict[str, Any]) -> None:
    case = say(privacy="confidential")
    assert "加起来，一件不少 0" in page()
    take(case, "withdraw", SPEAKER)
    assert "加起来，一件不少 0" in page()
    assert ended() == {}


# ---- who looked


def test_every_breaking_of_the_glass_of_the_year_is_on_the_page_with_what_became_of_it(people: dict[str, Any]) -> None:
    case = say()
    for n, step in enumerate(("break_glass", "break_glass", "break_glass", "confirm_glass", "reject_glass")):
        tell(case, step, n)
    assert "3 次：认可 1，否定 1，等复核 1" in page()


def test_deferrals_that_run_are_counted_and_no_longer_when_they_end() -> None:
    one, other = say(), say()
    for n, (case, step) in enumerate(((one, "defer"), (other, "defer"), (one, "defer"), (other, "told"))):
        tell(case, step, n)
    assert "正推迟告知的 1 件事" in page()
    assert Deferral.objects.count() == 1


def tell(case: Case, step: str, n: int) -> None:
    side = {"open": True, "place": case.place, "state": case.state, "kind": case.kind, "unit": ""}
    counts.count(
        [
            counts.Told(
                case.id, case.county, case.id, 90 + n, f"matter.{step}", NOW, {"a": side, "b": side, "week": "2026-W47"}
            )
        ]
    )


# ---- what is owed, and who signed


def test_a_record_that_waits_for_the_log_is_told_in_red(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "没有欠着的回执" in page()
    monkeypatch.setattr(public.health, "late", lambda now: 3)
    assert "3 条记录，五分钟了还没进日志" in page()


def checkpoint(size: int, ago: timedelta) -> Checkpoint:
    return Checkpoint.objects.create(log=CITY, size=size, root=f"{size:064x}", at=NOW - ago, note="x")


def cosign(row: Checkpoint, *names: str) -> None:
    for name in names:
        Cosignature.objects.create(
            log=CITY, checkpoint=row, witness=f"{name}+1a2b3c4d+AA", line="x", at=NOW, taken_at=NOW
        )


def test_nobody_from_outside_has_signed_is_said_in_red_with_who_could() -> None:
    assert "还没有检查点" in page()
    checkpoint(5, timedelta(hours=2))
    text = page()
    assert "0 个独立的见证人" in text
    assert "人大机关、大学、律师协会、报社" in text
    html = Client().get("/proof/").content.decode()
    assert 'banner--red">' in html


def test_who_signed_the_last_checkpoint_is_named() -> None:
    cosign(checkpoint(5, timedelta(hours=2)), "bar.example", "congress.example")
    text = page()
    assert "2 个独立的见证人签了最后一个检查点" in text
    assert "bar.example" in text
    assert "congress.example" in text


def test_a_checkpoint_of_this_minute_is_not_yet_held_against_the_witnesses() -> None:
    cosign(checkpoint(5, timedelta(minutes=3)), "bar.example")
    checkpoint(9, timedelta(minutes=1))
    assert "等见证人来看" in page()
    checkpoint(12, timedelta(seconds=-1))
    Checkpoint.objects.filter(size=5)
    public.forget()
    assert public.numbers(NOW + timedelta(minutes=30)).signing is False


# ---- the page itself


def test_what_it_cannot_prove_is_said_plainly_in_both_languages() -> None:
    assert "这一页证明不了什么" in page()
    assert "从来没有录进来的事" in page()
    text = page(lang="en").split("What was said, for anyone", 1)[1].split("How we treat", 1)[0]
    assert "What was never entered" in text
    assert not re.search(r"[一-鿿]", text), text


def test_it_asks_a_handful_of_questions_and_none_within_the_minute(people: dict[str, Any]) -> None:
    say()
    worker.settle(NOW)
    cosign(checkpoint(5, timedelta(hours=2)), "bar.example")
    client = Client()
    client.get("/proof/")
    public.forget()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get("/proof/").status_code == 200
    assert len(asked) <= 12, [q["sql"] for q in asked]
    with CaptureQueriesContext(connection) as again:
        client.get("/proof/")
    assert len(again) <= 2, [q["sql"] for q in again]


@pytest.mark.slow
def test_the_questions_are_as_many_with_three_times_the_matters(people: dict[str, Any]) -> None:
    def asked() -> int:
        worker.settle(NOW)
        public.forget()
        with CaptureQueriesContext(connection) as held:
            Client().get("/proof/")
        return len(held)

    say()
    few = asked()
    for _ in range(30):
        say()
    assert asked() == few


def test_numbers_are_at_most_a_minute_old(monkeypatch: pytest.MonkeyPatch) -> None:
    assert public.FOR <= 60
    first = public.numbers(NOW)
    assert public.numbers(NOW) is first
    monkeypatch.setattr(public.time, "monotonic", lambda: public._kept[0] + public.FOR + 1)
    assert public.numbers(NOW) is not first


# ---- what one takes home


def test_the_first_who_asks_has_the_extract_made_and_comes_back_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    say()
    worker.settle(NOW)
    begun: list[str] = []
    monkeypatch.setattr(bundle, "_start", lambda: begun.append("begun"))
    bundle._begun.clear()
    client = Client()
    got = client.get("/proof/extract.zip")
    assert (got.status_code, got["Retry-After"]) == (503, "60")
    client.get("/proof/extract.zip")
    assert begun == ["begun"], "one is enough"
    assert bundle.make(datetime.now(UTC))
    got = client.get("/proof/extract.zip")
    assert got.status_code == 200
    with zipfile.ZipFile(io.BytesIO(b"".join(got.streaming_content))) as held:
        assert held.testzip() is None
        assert "figures.py" in held.namelist()
    assert begun == ["begun"], "today's is given out as it is"
    later = bundle.want(datetime.now(UTC) + timedelta(hours=25))
    assert later is not None, "yesterday's while today's is made"
    assert begun == ["begun", "begun"]


def test_two_at_once_do_not_both_make_it() -> None:
    import fcntl

    with (bundle.folder() / "making").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert bundle.make(NOW) is False


def test_the_script_can_be_read_before_it_is_run() -> None:
    got = Client().get("/proof/figures.py")
    assert got["Content-Type"].startswith("text/plain")
    assert b"import" in got.content
