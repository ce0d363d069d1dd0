"""A live caller's own matters: by the delivered number and their yes, and by nothing else (DOMAIN.md, Red lines; P11)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from minan.channels.hotline import line as lines
from minan.channels.hotline.cti import is_operator
from minan.channels.hotline.models import Call
from minan.channels.hotline.tests.calling import NUMBER, OTHERS, Line, said
from minan.kernel import access, directory, erasures, keeping, live_call, registry, vault
from minan.kernel.act import Refused, act
from minan.kernel.commands.token import issue
from minan.kernel.models import Body, Case, Event, Speaker, User
from minan.kernel.tests.desks import desk_of, done, text_of
from minan.lib import codes

pytestmark = [pytest.mark.django_db, pytest.mark.bar("P11")]


def pressed(browser: Client, call: Call, follow: bool = True) -> Any:
    return browser.post("/hotline/agree/", {"call": call.id.hex}, follow=follow)


def shows(page: Any, case: Case) -> bool:
    return case.code in text_of(page).replace("-", "") or codes.pretty(case.code) in text_of(page)


def test_with_the_callers_yes_the_operator_sees_their_own_open_matter(operator: Client, line: Line) -> None:
    hers, his = said(), said(OTHERS, "西墙外垃圾没人收")
    call = line.rings().is_taken()
    before = operator.get("/hotline/")
    assert not shows(before, hers), "nothing before the yes"
    page = pressed(operator, call)
    assert shows(page, hers)
    assert "路灯" in text_of(page)
    assert not shows(page, his), "nobody else's"


def test_the_yes_is_one_event_of_the_register_and_one_the_speaker_reads(
    operator: Client, line: Line, people: dict[str, User]
) -> None:
    hers = said()
    call = line.rings().is_taken()
    pressed(operator, call)
    pressed(operator, call)
    assert Event.objects.filter(step=live_call.NOTE).count() == 1, "one yes, one event"
    event = Event.objects.get(case_id=hers.id, step=live_call.SHOWN)
    assert event.by == "1310-centre:operator"
    told = json.loads(Body.objects.get(case_id=hers.id, n=event.n).text)["facts"]
    assert told["call"] == call.id.hex[:8]
    assert told["shown"] in (1, "1")
    assert NUMBER not in json.dumps(told)


def test_the_speaker_finds_the_look_on_their_own_page(operator: Client, line: Line, people: dict[str, User]) -> None:
    hers = said(account=str(people["resident"].pk))
    pressed(operator, line.rings().is_taken())
    page = text_of(desk_of("resident").get(f"/m/{hers.code}/"))
    assert "您来电并同意后" in page


def test_at_hang_up_it_is_gone_and_the_server_refuses(operator: Client, line: Line) -> None:
    hers = said()
    call = line.rings().is_taken()
    pressed(operator, call)
    line.hangs_up()
    assert not shows(operator.get("/hotline/"), hers)
    assert not shows(operator.get("/hotline/line/"), hers)
    assert pressed(operator, call).status_code == 404
    assert operator.post(f"/hotline/own/{hers.code}/urge/", {"call": call.id.hex}).status_code == 404
    assert operator.post("/hotline/number/", {"call": call.id.hex}).status_code == 404
    row = Call.objects.get(id=call.id)
    assert (row.sealed, row.wrapped, row.shown, row.agreed) == (None, None, [], False)


def test_another_operator_gets_nothing_of_this_call(operator: Client, line: Line, people: dict[str, User]) -> None:
    hers = said()
    call = line.rings().is_taken()
    pressed(operator, call)
    other = desk_of("city.clerk")
    assert other.get("/hotline/").status_code == 200
    assert not shows(other.get("/hotline/"), hers)
    assert pressed(other, call).status_code == 404
    assert other.post("/hotline/number/", {"call": call.id.hex}).status_code == 404
    assert other.post(f"/hotline/own/{hers.code}/add/", {"call": call.id.hex, "words": "x"}).status_code == 404


@pytest.mark.parametrize("name", ["clerk", "handler", "supervisor", "gu.super", "stranger", "worker", "resident", "admin"])
def test_who_does_not_sit_at_the_hotline_finds_no_such_page(people: dict[str, User], line: Line, name: str) -> None:
    call = line.rings().is_taken()
    browser = desk_of(name)
    assert browser.get("/hotline/").status_code == 404
    assert pressed(browser, call).status_code == 404
    assert browser.post("/hotline/number/", {"call": call.id.hex}).status_code == 404


def test_a_typed_number_finds_nothing_whatever_it_is_called(operator: Client, line: Line) -> None:
    hers = said(OTHERS)
    call = line.rings().is_taken()  # the caller's own number is another one
    tried = {
        "phone": OTHERS,
        "number": OTHERS,
        "q": OTHERS,
        "find": OTHERS,
        "text": OTHERS,
        "call": call.id.hex,
        "mark": OTHERS,
    }
    assert not shows(operator.post("/hotline/agree/", tried, follow=True), hers)
    assert not shows(operator.post("/hotline/hints/", tried), hers)
    assert not shows(operator.get("/hotline/", tried), hers)
    assert not shows(operator.post("/hotline/", tried | {"do": "look"}), hers)


def test_a_ringing_call_a_made_up_one_and_an_old_one_find_nothing(operator: Client, line: Line) -> None:
    hers = said()
    line.rings()
    ringing = Call.objects.get()
    assert pressed(operator, ringing).status_code == 404
    assert operator.post("/hotline/agree/", {"call": "f" * 32}).status_code == 404
    call = line.is_taken()
    Call.objects.filter(id=call.id).update(rang_at=timezone.now() - lines.LONGEST)
    assert pressed(operator, call).status_code == 404
    assert not Event.objects.filter(case_id=hers.id, step=live_call.SHOWN).exists()


def test_what_is_confidential_nameless_closed_or_a_report_is_never_shown(
    operator: Client, line: Line, people: dict[str, User]
) -> None:
    shut = said(facts={"confidential": "true"})
    nameless = said(anonymous=True)
    ended = done(said(), "ask_refusal", "clerk", ground=next(g for g in _grounds("refuse")), words="不归这里")
    ended = done(ended, "refuse", "supervisor")
    report = said(name="report", facts={"text": "有人收钱"}) if _reports() else shut
    assert set(
        Speaker.objects.filter(case_id__in=[shut.id, nameless.id, report.id]).values_list("caller", flat=True)
    ) == {""}
    page = pressed(operator, line.rings().is_taken())
    for case in (shut, nameless, ended, report):
        assert not shows(page, case), case.code
    assert "没有没办完的事" in text_of(page)


def _grounds(name: str) -> list[str]:
    return [g.code for g in directory.city().grounds.values() if g.list == name and g.active]


def _reports() -> bool:
    return registry.get("report") is not None


def test_a_wall_before_the_operator_hides_the_matter_from_them(operator: Client, line: Line) -> None:
    hers = said()
    done(hers, "recuse", "operator", words="说的是我家亲戚")
    assert not shows(pressed(operator, line.rings().is_taken()), hers)


def test_the_keeper_takes_no_number_no_old_call_and_no_event_twice(people: dict[str, User]) -> None:
    said()
    now, who, event = timezone.now().timestamp(), f"user:{people['operator'].pk}", "a" * 64
    fresh = vault.seal("c" * 32, {"phone": NUMBER, "at": now})
    assert vault.caller_mark("c" * 32, *fresh, who=who, event=event) == Speaker.objects.get().caller
    for call, pair, e in (
        ("d" * 32, vault.seal("d" * 32, {"phone": NUMBER, "at": now - 4 * 3600}), "b" * 64),  # old
        ("e" * 32, vault.seal("e" * 32, {"phone": NUMBER, "at": now}), event),  # the event of another call
        ("f" * 32, fresh, "d" * 64),  # sealed for another call
        ("1" * 32, vault.seal("1" * 32, {"phone": NUMBER, "at": now}), ""),  # no event
    ):
        with pytest.raises(vault.Sealed):
            vault.caller_mark(call, *pair, who=who, event=e)
    with pytest.raises(vault.Sealed):
        vault.caller_mark(
            "2" * 32, *vault.seal("2" * 32, {"phone": NUMBER, "at": now}), who="system:sms", event="e" * 64
        )


def test_the_index_is_a_keyed_hash_and_goes_with_the_number(people: dict[str, User]) -> None:
    hers = said("+86 139-0000-1234")
    other = said(NUMBER)
    marks = list(Speaker.objects.values_list("caller", flat=True))
    assert len(set(marks)) == 1, "the same for every way of writing it"
    assert len(marks[0]) == 64
    assert keeping.dial_waiting() == 0
    erasures.erase([(hers.code, "fact:phone", 0), (other.code, "speaker", 0)])
    assert set(Speaker.objects.values_list("caller", flat=True)) == {""}


def test_the_operator_urges_and_adds_for_the_caller(operator: Client, line: Line) -> None:
    hers = said()
    call = line.rings().is_taken()
    pressed(operator, call)
    for step in ("urge", "add"):
        got = operator.post(f"/hotline/own/{hers.code}/{step}/", {"call": call.id.hex, "words": "老人又摔了一跤"})
        assert got.status_code == 302, step
        assert Event.objects.get(case_id=hers.id, step=step).by == "1310-centre:operator"
    assert operator.post(f"/hotline/own/{hers.code}/refuse/", {"call": call.id.hex, "words": "x"}).status_code == 404


def test_what_is_not_taken_comes_back_with_the_reason(operator: Client, line: Line) -> None:
    hers = said()
    call = line.rings().is_taken()
    pressed(operator, call)
    got = operator.post(f"/hotline/own/{hers.code}/add/", {"call": call.id.hex, "words": ""})
    assert got.status_code == 422
    assert '<p class="error" role="alert">' in got.content.decode()


def test_the_judgement_by_phone_stands_as_taken_by_staff(operator: Client, line: Line, people: dict[str, User]) -> None:
    hers = said()
    for step, who, facts in (
        ("accept", "clerk", {}), ("assign", "clerk", {"unit": "131022-lighting"}), ("sign", "handler", {}), ("handle", "handler", {}),
    ):  # fmt: skip
        hers = done(hers, step, who, **facts)
    case = Case.objects.get(id=hers.id)
    case = done(case, "answer", "handler", outcome="explained", article="城市道路照明管理规定", words="换好了")
    assert case.state == "answered"
    call = line.rings().is_taken()
    assert shows(pressed(operator, call), case)
    got = operator.post(
        f"/hotline/own/{case.code}/visit/",
        {"call": call.id.hex, "solved": "true", "satisfied": "true", "words": "亮了"},
    )
    assert got.status_code == 302, got.content
    events = list(Event.objects.filter(case_id=case.id).values_list("step", "by"))
    assert ("visit", "1310-centre:operator") in events
    assert "rate" not in [step for step, _ in events], "never the speaker's own"


def test_no_program_and_no_other_call_takes_a_step_as_the_caller(
    operator: Client, people: dict[str, User], line: Line
) -> None:
    hers, his = said(), said(OTHERS)
    call = line.rings().is_taken()
    pressed(operator, call)
    assert operator.post(f"/hotline/own/{his.code}/urge/", {"call": call.id.hex}).status_code == 404
    token = {"Authorization": f"Bearer {issue(people['operator'])}", "Idempotency-Key": "k1"}
    got = Client().post(
        f"/api/v1/cases/{hers.code}/steps/urge", '{"facts": {}}', content_type="application/json", headers=token
    )
    assert got.status_code in (403, 404)
    done = act(hers, live_call.SHOWN, by=access.actor(people["operator"]), facts={"call": "x", "shown": 1})
    assert isinstance(done, Refused)


def test_the_look_costs_few_queries(operator: Client, line: Line) -> None:
    for n in range(6):
        said(text=f"第 {n} 盏路灯不亮")
    call = line.rings().is_taken()
    pressed(operator, call)
    operator.get("/hotline/line/")
    with CaptureQueriesContext(connection) as asked:
        page = operator.get("/hotline/line/")
    assert text_of(page).count("第 ") >= 6
    assert len(asked) <= 12


def test_who_takes_the_call_over_must_ask_the_caller_again(operator: Client, line: Line, people: dict[str, User]) -> None:
    hers, colleague = said(), User.objects.exclude(username="operator").filter(is_active=True)
    other = next(one for one in colleague if is_operator(one.pk))
    pressed(operator, line.rings().is_taken())
    call = line.is_taken(other.username)
    assert not lines.shown(other, call), "the yes was given to 许静怡"
    lines.agree(other, call)
    call.refresh_from_db()
    assert [case.id for case in lines.shown(other, call)] == [hers.id]
    seen = Event.objects.filter(case_id=hers.id, step=live_call.SHOWN).order_by("n").values_list("by", flat=True)
    assert [who.split(":")[1] for who in seen] == ["operator", "clerk"], "each look is an event the speaker reads"
