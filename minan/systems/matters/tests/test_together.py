"""Several people, one matter: each by their own code, judged by their own link, and a quorum of them can have it done again."""

from __future__ import annotations

import contextlib
import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from minan.kernel import access, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Refused, act
from minan.kernel.models import Case, Clock, Event
from minan.systems.matters.tests.test_life import MONDAY, go, photo, say
from minan.systems.matters.together import Voice, quorum

pytestmark = pytest.mark.django_db
OWN = Actor("speaker", cast="own")


def shared(people: dict[str, Any], many: int, attached: bool = True) -> list[Case]:
    """One that leads, in the handler's hands, and others joined to it."""
    clerk = actor(people["clerk"])
    cases = [say(at=MONDAY + timedelta(minutes=i)).case for i in range(many)]
    go(cases[0], "accept", clerk, MONDAY + timedelta(hours=1))
    for case in cases[1:]:
        go(case, "merge", clerk, MONDAY + timedelta(hours=1), into=cases[0].code)
    go(cases[0], "assign", clerk, MONDAY + timedelta(hours=1), unit="131022-lighting")
    go(cases[0], "sign", actor(people["handler"]), MONDAY + timedelta(hours=1))
    return cases


def answered(people: dict[str, Any], cases: list[Case], at: datetime) -> None:
    go(cases[0], "answer", actor(people["handler"]), at, outcome="solved", words="三盏都换了", photos=[photo()])
    worker.settle(at)
    for case in cases:
        case.refresh_from_db()


def judge(case: Case, at: datetime, solved: bool) -> None:
    go(case, "rate", OWN, at, solved=solved, satisfied=solved)
    worker.settle(at)


def test_each_is_answered_by_their_own_code_and_judges_by_their_own_link(people: dict[str, Any]) -> None:
    cases, at = shared(people, 3), MONDAY + timedelta(hours=3)
    assert {c.state for c in cases[1:]} == {"joined"}
    for case in cases[1:]:
        assert Clock.objects.filter(case_id=case.id, name="answer", done_at=None).exists()
        assert access.audience(case.as_view())
        assert case.closed_at is None
    answered(people, cases, at)
    assert [c.state for c in cases] == ["answered"] * 3
    assert cases[1].outcome == "solved"
    judge(cases[1], at, solved=True)
    cases[2].refresh_from_db()
    assert (Case.objects.get(id=cases[1].id).state, cases[2].state) == ("closed", "answered")


def test_a_third_and_two_who_say_it_is_not_solved_reopen_it_for_all_once(people: dict[str, Any]) -> None:
    cases, at = shared(people, 5), MONDAY + timedelta(hours=3)
    answered(people, cases, at)
    judge(cases[0], at, solved=True)
    judge(cases[1], at, solved=False)
    lead = Case.objects.get(id=cases[0].id)
    assert lead.state == "closed", "one of two who spoke is no quorum"
    assert Case.objects.get(id=cases[1].id).state == "under_review", "but her word goes to a review of her own"
    judge(cases[2], at, solved=False)
    lead.refresh_from_db()
    assert (lead.state, lead.ruler) == ("reopened", "131022-centre")
    assert {Case.objects.get(id=c.id).state for c in cases[1:]} == {"joined"}
    go(lead, "rule_reopen", actor(people["supervisor"]), at, unit="131022-lighting", words="重做")
    go(lead, "sign", actor(people["handler"]), at)
    cases[0] = lead
    answered(people, cases, at + timedelta(days=1))
    for case in cases[1:4]:
        judge(case, at + timedelta(days=1), solved=False)
    assert Event.objects.filter(case_id=lead.id, step="quorum").count() == 1
    assert {Case.objects.get(id=c.id).state for c in cases[1:4]} == {"under_review"}


def test_who_said_it_first_is_a_quorum_alone_also_where_another_one_leads(people: dict[str, Any]) -> None:
    clerk, at = actor(people["clerk"]), MONDAY + timedelta(hours=3)
    first, lead, third = (say(at=MONDAY + timedelta(minutes=i)).case for i in range(3))
    go(lead, "accept", clerk, MONDAY + timedelta(hours=1))
    for case in (first, third):
        go(case, "merge", clerk, MONDAY + timedelta(hours=1), into=lead.code)
    go(lead, "assign", clerk, MONDAY + timedelta(hours=1), unit="131022-lighting")
    go(lead, "sign", actor(people["handler"]), MONDAY + timedelta(hours=1))
    answered(people, [lead, first, third], at)
    judge(first, at, solved=False)
    lead.refresh_from_db()
    assert lead.state == "reopened"


@pytest.mark.parametrize(
    ("words", "reached"),
    [
        (["", "not"], False), (["good", "not", "not"], True), (["good"] * 5 + ["not"] * 2, False), (["good"] * 4 + ["not"] * 2, True),
        (["not", "good", "good"], True), (["good", "not", "", "", "", "", "not"], True), (["", "", ""], False),
    ],
)  # fmt: skip
def test_silence_neither_carries_nor_stops_it(words: list[str], reached: bool) -> None:
    found = quorum([Voice(i, word) for i, word in enumerate(words)])
    assert found["reached"] is reached
    assert found["silent"] == words.count("")


def test_she_withdraws_hers_and_the_others_go_on(people: dict[str, Any]) -> None:
    cases = shared(people, 3)
    go(cases[1], "withdraw", SPEAKER, MONDAY + timedelta(hours=2))
    worker.settle(MONDAY + timedelta(hours=2))
    answered(people, cases, MONDAY + timedelta(hours=3))
    assert [c.state for c in cases] == ["answered", "withdrawn", "answered"]


def test_the_one_that_leads_is_withdrawn_and_the_next_one_leads(people: dict[str, Any]) -> None:
    cases = shared(people, 3)
    go(cases[0], "withdraw", SPEAKER, MONDAY + timedelta(hours=2))
    worker.settle(MONDAY + timedelta(hours=2))
    second, third = (Case.objects.get(id=c.id) for c in cases[1:])
    assert (second.state, second.merged_into) == ("said", "")
    assert (third.state, third.merged_into) == ("joined", second.code)
    assert second.light


def test_it_was_not_the_same_and_the_desk_splits_it_again(people: dict[str, Any]) -> None:
    cases = shared(people, 2)
    stranger = actor(people["stranger"])
    with pytest.raises(Case.DoesNotExist):
        act(cases[1], "unmerge", by=stranger, at=MONDAY + timedelta(hours=2))
    go(cases[1], "unmerge", actor(people["clerk"]), MONDAY + timedelta(hours=2), words="是另一条路")
    assert (cases[1].state, cases[1].merged_into) == ("said", "")


def test_joined_to_a_joined_one_or_an_answered_one_is_refused_and_a_leader_merged_takes_its_own_along(people: dict[str, Any]) -> None:
    clerk, cases = actor(people["clerk"]), shared(people, 2)
    late, other = say(at=MONDAY).case, say(at=MONDAY).case
    refused = act(late, "merge", by=clerk, facts={"into": cases[1].code}, at=MONDAY + timedelta(hours=2))
    assert isinstance(refused, Refused)
    go(cases[0], "merge", clerk, MONDAY + timedelta(hours=2), into=other.code)
    worker.settle(MONDAY + timedelta(hours=2))
    assert Case.objects.get(id=cases[1].id).merged_into == other.code


def test_told_twice_nothing_happens_twice(people: dict[str, Any]) -> None:
    from minan.kernel.listen import Told
    from minan.systems.matters import handlers

    cases, at = shared(people, 3), MONDAY + timedelta(hours=3)
    answered(people, cases, at)
    event = Event.objects.get(case_id=cases[0].id, step="answer")
    before = Event.objects.count()
    handlers.follow([Told(event.id, event.county, event.case_id, event.n, "matter.answer", event.at)] * 3)
    assert Event.objects.count() == before


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_shared_matters_walked_at_random_are_never_lost_nor_closed_unanswered(people: dict[str, Any], seed: int) -> None:
    chance = random.Random(seed)
    cases, at = shared(people, 4), MONDAY + timedelta(hours=2)
    hands = [actor(people[n]) for n in ("clerk", "handler", "supervisor")]
    for _ in range(40):
        at += timedelta(hours=chance.randrange(1, 30))
        case = Case.objects.get(id=chance.choice(cases).id)
        name, who, facts = chance.choice([
            ("rate", OWN, {"solved": chance.random() < 0.5, "satisfied": True}), ("withdraw", SPEAKER, {}), ("unmerge", hands[0], {}),
            ("answer", hands[1], {"outcome": "solved", "words": "好了", "photos": [photo()]}), ("sign", hands[1], {}),
            ("rule_reopen", hands[2], {"unit": "131022-lighting", "words": "重办"}), ("uphold", hands[2], {"words": "维持"}),
            ("object", SPEAKER, {"solved": False}), ("answer", hands[1], {"outcome": "solved", "words": "好了", "photos": [photo()]}),
            ("merge", hands[0], {"into": chance.choice(cases).code}), ("sign", hands[1], {}), ("accept", hands[0], {}),
            ("assign", hands[0], {"unit": "131022-lighting"}),
        ])  # fmt: skip
        with contextlib.suppress(Case.DoesNotExist):  # not theirs just now
            act(case, name, by=who, facts=facts, at=at)
        worker.settle(at)
        for one in Case.objects.filter(id__in=[c.id for c in cases]):
            steps = list(Event.objects.filter(case_id=one.id).order_by("n").values_list("step", flat=True))
            if one.state in ("closed", "unheard", "answered"):
                assert {"answer", "follow_answer"} & set(steps)
            if one.state == "joined":
                leader = Case.objects.get(code=one.merged_into)
                assert leader.closed_at is None, (one.state, leader.state)
                assert leader.state != "joined"
                assert one.light
            assert one.closed_at is not None or Clock.objects.filter(case_id=one.id, done_at=None).exists() or one.state == "visited"
