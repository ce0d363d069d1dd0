"""How often the vault opens, for whom and why: by the person, by the case, by all together, and never for a list."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from minan.kernel import vault
from minan.kernel.keeper import client, limits, protocol
from minan.kernel.keeper.limits import DAY, HOUR, MINUTE, Limits
from minan.kernel.tests.keepers import KNOWN, PHONE, event, held, kill, lines, look

RULES = limits.read()
NOW = 1_795_000_000.0


@pytest.fixture(autouse=True)
def keys(tmp_path: pathlib.Path, settings: Any) -> Iterator[pathlib.Path]:
    """A folder of keys of this test's own: its keeper goes by the limits that come with it."""
    settings.KEYS = tmp_path / "keys"
    yield settings.KEYS
    client.dismiss(settings.KEYS)


def counted(rules: dict[str, limits.Rule], moments: list[float], *, why: str, who: str = "user:12") -> list[str]:
    """What becomes of looks at these moments, each at another case: "" or why not, and which raised an alarm."""
    tried, out = Limits(rules), []
    for n, at in enumerate(moments):
        refused = tried.allows(who, why, str(n), event(n), at)
        out.append(refused or ",".join(tried.had(who, why, str(n), event(n), at)))
    return out


def every(seconds: float, count: int) -> list[float]:
    return [NOW + seconds * i for i in range(count)]


def test_who_holds_the_task_reaches_six_speakers_a_minute_and_no_seventh() -> None:
    assert [held(n) for n in range(7)] == [""] * 6 + ["minute"]
    assert held(8, who="user:13") == ""  # a colleague is not held up


def test_showing_the_same_number_again_is_not_another_look() -> None:
    assert [held(n) for n in range(6)] == [""] * 6
    assert held(3) == ""
    assert held(6) == "minute"


def test_a_minute_later_the_next_may_be_called_and_after_thirty_in_an_hour_none() -> None:
    assert counted(RULES, every(MINUTE / 5, 8), why="call")[:7] == [""] * 7
    spread = counted(RULES, every(100, 31), why="call")
    assert spread[:30] == [""] * 30
    assert spread[30] == "hour"


def test_the_day_of_a_caller_is_never_stopped_only_told() -> None:
    day = counted(RULES, every(125, 200), why="call")
    assert [i for i, told in enumerate(day) if told] == [60]
    assert day[60] == "person"


@pytest.mark.bar("P9")
@pytest.mark.parametrize("why", ["unmask", "look"])
def test_p9_the_eleventh_unmasking_of_a_day_is_refused(why: str) -> None:
    day = counted(RULES, every(2 * HOUR, 11), why=why)
    assert "day" not in day[:10]
    assert day[10] == "day"
    assert "person" in day  # and the doctor heard of it before
    assert counted(RULES, [*every(HOUR, 10), NOW + DAY + 1], why=why)[10] == ""


def test_the_eleventh_life_in_danger_of_a_day_is_not_stopped_only_told() -> None:
    """Help is not hindered: every breaking of the glass is answered for by a head, and three rejected end the right."""
    day = counted(RULES, every(HOUR, 11), why="glass")
    assert [told for told in day if told] == ["person"]


@pytest.mark.bar("P9")
def test_p9_without_the_days_limit_the_eleventh_would_pass() -> None:
    open_ = {why: dataclasses.replace(rule, person_day=0, person_hour=0) for why, rule in RULES.items()}
    assert "day" not in counted(open_, every(2 * HOUR, 11), why="unmask")


def test_all_of_staff_together_have_120_looks_a_minute_whatever_their_reason() -> None:
    tried = Limits(RULES)
    for n in range(120):
        who, why = f"user:{n}", ("call", "unmask")[n % 2]
        assert tried.allows(who, why, str(n), event(n), NOW) == ""
        tried.had(who, why, str(n), event(n), NOW)
    assert tried.allows("user:500", "call", "x", event(500), NOW + 30) == "all"
    assert tried.allows("user:500", "call", "x", event(500), NOW + 61) == ""


def test_a_speaker_reads_their_own_sixty_times_a_minute_and_no_more() -> None:
    pair = vault.seal("GA1", KNOWN)
    for _ in range(60):
        assert vault.unseal("GA1", *pair, who="speaker", why="own") == KNOWN
    with pytest.raises(vault.Held) as refused:
        vault.unseal("GA1", *pair, who="speaker", why="own")
    assert refused.value.code == "case"
    assert held(2, who="speaker", why="own", event_="") == ""  # another speaker is not held up


def test_who_sends_text_messages_gets_the_number_and_nothing_else() -> None:
    assert look(1, who="system:sms", why="send", event_="") == {"phone": PHONE}
    pair = vault.seal("GA2", KNOWN)
    assert vault.unseal("GA2", *pair, who="system:sms", why="send", fields=["name", "say.text"]) == {}


@pytest.mark.bar("P9")
@pytest.mark.parametrize(
    ("who", "why", "given", "code"),
    [
        ("", "call", None, "who"),
        ("user:12", "", None, "why"),
        ("user:12", "curious", None, "why"),
        ("user:12", "mark", None, "who"),
        ("user:12", "call", "", "event"),
        ("user:12", "unmask", "", "event"),
        ("user:12", "call", "a promise", "event"),
        ("user:12", "own", None, "who"),
        ("speaker", "call", None, "who"),
        ("speaker", "send", None, "who"),
        ("system:sms", "own", None, "who"),
        ("system:report", "unmask", None, "who"),
        ("system:report", "send", None, "who"),
        ("system", "send", None, "who"),
        ("user:12\nuser:13", "call", None, "who"),
    ],
)
def test_p9_nothing_opens_without_who_why_and_the_event(who: str, why: str, given: str | None, code: str) -> None:
    assert held(1, who=who, why=why, event_=given) == code


@pytest.mark.bar("P9")
def test_p9_one_event_opens_one_case() -> None:
    assert held(1, event_=event(1)) == ""
    assert held(2, event_=event(1)) == "event"
    assert held(2, event_=event(1), who="user:13") == "event"


@pytest.mark.bar("P9")
def test_p9_a_list_of_cases_is_refused_however_it_is_asked(keys: pathlib.Path) -> None:
    pairs = {f"GA{n}": vault.seal(f"GA{n}", KNOWN) for n in range(3)}
    wrapped, sealed = ([protocol.text(pair[i]) for pair in pairs.values()] for i in (0, 1))
    ask = {"op": "open", "who": "user:12", "why": "call", "event": event(1)}
    for bulk in (
        {"code": list(pairs), "wrapped": wrapped, "sealed": sealed},
        {"code": "GA0", "wrapped": wrapped, "sealed": sealed},
        {"code": "GA0", "wrapped": wrapped[0], "sealed": {"0": sealed[0], "1": sealed[1]}},
    ):
        assert client.ask(keys, ask | bulk) == {"no": "bulk"}
    assert [entry["ok"] for entry in lines(keys) if entry["op"] == "open"] == ["bulk"] * 3


def test_a_restart_gives_nobody_a_new_minute(keys: pathlib.Path) -> None:
    assert [held(n) for n in range(6)] == [""] * 6
    kill(keys)
    assert held(7) == "minute"
    assert held(3, event_=event(3)) == ""
    assert held(8, event_=event(3)) == "event"


ANYBODY = "[dial]\nwhy = ['dial']\nwho = 'any'\npool = 'dial'\n"


def test_a_rule_for_anybody_is_refused_in_words_and_the_doctor_says_them(keys: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """It would allow nothing at all: whoever asks is somebody, and every caller's mark would be refused in silence."""
    (tmp_path / "limits.toml").write_text(ANYBODY, "utf-8")
    with pytest.raises(ValueError, match=r"limits.toml: \[dial\] who = 'any': say user, system or speaker"):
        limits.read(tmp_path / "limits.toml")
    assert vault.status()["mistaken"] == ""
    client.dismiss(keys)
    (keys / "keeper" / "limits.toml").write_text(ANYBODY, "utf-8")
    assert "[dial] who = 'any'" in vault.status()["mistaken"]
    assert dialled(1), "the limits that came with it hold"
    with pytest.raises(KeyError):
        limits.read(_written(tmp_path, "[dial]\nwhy = ['dial']\npool = 'dial'\n"))


def _written(folder: pathlib.Path, text: str) -> pathlib.Path:
    (folder / "limits.toml").write_text(text, "utf-8")
    return folder / "limits.toml"


def test_each_mark_of_an_account_is_on_the_log_and_nobody_is_followed_from_day_to_day(keys: pathlib.Path) -> None:
    mark = vault.owner_mark("12")
    assert vault.owner_mark("12") == mark != vault.owner_mark("13")
    look(1)  # what must be on the disk takes along what was waiting
    told = [entry for entry in lines(keys) if entry["op"] == "mark"]
    assert [told[0]["whom"] == entry["whom"] for entry in told] == [True, True, False]
    assert not any(mark[:16] in str(entry) for entry in told), "not the mark by which the records find their own"


@pytest.mark.parametrize("text", ["[call", "[call]\nwhy = ['call']\nperson_minutes = 1000\n", "x = 1", ANYBODY])
def test_a_table_of_limits_with_a_mistake_loosens_nothing(keys: pathlib.Path, text: str) -> None:
    vault.status()
    client.dismiss(keys)
    (keys / "keeper" / "limits.toml").write_text(text, "utf-8")
    assert [held(n) for n in range(7)] == [""] * 6 + ["minute"]


def test_who_asks_again_and_again_does_not_fill_the_log(keys: pathlib.Path) -> None:
    assert {held(1, event_="") for _ in range(60)} == {"event"}
    assert len([entry for entry in lines(keys) if entry["ok" if "ok" in entry else "op"] == "event"]) == 20


def test_the_doctor_hears_who_was_refused() -> None:
    for n in range(8):
        held(n)
    assert {"what": "refused", "who": "user:12", "class": "minute", "looks": 2} in vault.status()["alarms"]


def test_what_no_limit_asks_for_any_more_is_forgotten() -> None:
    tried = Limits(RULES)
    for n in range(50):
        tried.had("user:12", "call", str(n), event(n), NOW + n)
    tried.forget(NOW + 2 * HOUR)
    tried.forget_day(NOW + 2 * DAY)
    left = (tried.people, tried.per_case, tried.events, tried.days)
    assert not any(left)
    assert not any(tried.cases.values())
    assert not any(tried.pools.values())


def dialled(n: int, number: str = PHONE) -> str:
    """The mark of a number sealed for a case of its own, or the code of why not."""
    try:
        return vault.dial_mark(f"GA{n:013}", *vault.seal(f"GA{n:013}", {"phone": number}))
    except vault.Held as refused:
        return refused.code


def test_who_tries_number_after_number_gets_no_more_marks_than_a_city_has_matters(keys: pathlib.Path) -> None:
    """Whoever seals could seal any number: 120 a minute, not 12,000, each on the log, and a restart is no new minute."""
    most = RULES["dial"].all_minute
    assert most == 120
    marks = [dialled(n, f"1390000{n:04}") for n in range(most)]
    assert len(set(marks)) == most
    assert dialled(most) == "all"
    kill(keys)
    assert dialled(most) == "all"
    told = [entry for entry in lines(keys) if entry.get("why") == "dial"]
    assert len(told) == most, "one line each, none for a refusal"
    assert {(entry["op"], entry["who"], entry["ok"]) for entry in told} == {("open", "system:worker", True)}
    assert not any("1390000" in str(entry) or marks[0] in str(entry) for entry in told)


def test_a_day_of_more_marks_than_any_city_has_is_told() -> None:
    most = RULES["dial"].alarm_all_day
    tried = Limits(RULES)
    raised = [tried.had("system:worker", "dial", str(n), "", NOW + n * MINUTE / 200) for n in range(most + 2)]
    assert [n for n, told in enumerate(raised) if told] == [most]
    assert {"what": "all", "who": "", "class": "dial", "looks": most + 2} in list(tried.report(NOW + HOUR))
