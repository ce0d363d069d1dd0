"""Honest endings: a used photo proves nothing, the draw cannot be known before, a refusal is looked at above, another hand asks."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from minan.kernel import draws, reused
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.directory import PostRow
from minan.kernel.models import Attachment, Body, Case, Event, Kind, Message, Tally
from minan.kernel.pictures import Picture
from minan.systems.matters.tests.test_life import MONDAY, VILLAGE, go, photo, say, until_answered

pytestmark = pytest.mark.django_db
CENTRE = Actor("staff", 9001, (PostRow("131022-centre", "clerk", "", ""),))


def near(picture: Picture, bits: int) -> Picture:
    """The same picture saved again: another file, a few bits of likeness away."""
    flipped = int(picture.dhash, 16) ^ sum(1 << (i * 9) for i in range(bits))
    return Picture(b"y", picture.mime, 8, 8, photo().sha256, b"y", f"{flipped:016x}")


def in_hand(people: dict[str, Any], **more: Any) -> Case:
    case = say(**more).case
    clerk, handler = actor(people["clerk"]), actor(people["handler"])
    go(case, "accept", clerk, MONDAY)
    go(case, "assign", clerk, MONDAY, unit="131022-lighting")
    go(case, "sign", handler, MONDAY)
    return case


def answers(case: Case, who: Any, *photos: Picture, outcome: str = "solved") -> Any:
    at = MONDAY + timedelta(days=1)
    return act(case, "answer", by=who, facts={"outcome": outcome, "words": "修好了", "article": "第 1 条", "photos": list(photos)}, at=at)


@pytest.mark.parametrize("bits", [0, 1, 2, 3])
def test_zhao_qiang_hands_in_last_weeks_photo_and_is_refused_with_its_date(people: dict[str, Any], bits: int) -> None:
    old, handler = photo(), actor(people["handler"])
    first, second = in_hand(people), in_hand(people)
    assert isinstance(answers(first, handler, old), Event)
    refused = answers(second, handler, near(old, bits))
    assert isinstance(refused, Refused)
    assert refused.rule == "photos_are_new"
    assert "2026-11-17" in refused.reason.zh
    assert first.code[:5] in refused.reason.zh  # it was his own: he may know which
    assert isinstance(answers(second, handler, photo()), Event)


def test_a_photo_of_a_case_he_may_not_see_is_refused_by_its_date_alone(people: dict[str, Any]) -> None:
    other, at = open_case("matter", by=SPEAKER, facts={"text": "灯", "place": "131002100000", "photos": [old := photo()]}, at=MONDAY), MONDAY
    assert isinstance(other, Opened)
    refused = answers(in_hand(people), actor(people["handler"]), old)
    assert isinstance(refused, Refused)
    assert f"{at:%Y-%m-%d}" in refused.reason.zh
    assert other.case.code[:5] not in refused.reason.zh


def test_the_speakers_own_photo_is_no_proof_that_it_was_mended(people: dict[str, Any]) -> None:
    hers = photo()
    refused = answers(in_hand(people, facts={"photos": [hers]}), actor(people["handler"]), hers)
    assert isinstance(refused, Refused)
    assert "这件事里" in refused.reason.zh


def test_sent_again_after_a_time_out_it_is_no_reuse(people: dict[str, Any]) -> None:
    case, handler, mine = in_hand(people), actor(people["handler"]), photo()
    given = {"outcome": "solved", "words": "好了", "photos": [mine]}
    short = act(case, "answer", by=handler, facts=given | {"words": ""}, key="a", at=MONDAY)
    assert isinstance(short, Refused)
    one, two = (act(case, "answer", by=handler, facts=given, key="a", at=MONDAY) for _ in range(2))
    assert isinstance(one, Event)
    assert isinstance(two, Event)
    assert one.id == two.id


def test_an_old_photo_counts_where_the_level_above_confirms_it_and_nobody_confirms_their_own(people: dict[str, Any]) -> None:
    old, handler, head = photo(), actor(people["handler"]), actor(people["supervisor"])
    assert isinstance(answers(in_hand(people), handler, old), Event)
    case = in_hand(people)
    assert isinstance(answers(case, handler, old), Refused)
    go(case, "ask_photo", handler, MONDAY, photos=[old], words="同一根灯杆，一次修了两件")
    assert isinstance(act(case, "allow_photo", by=handler, facts={"words": "好"}, at=MONDAY), Refused)
    go(case, "allow_photo", head, MONDAY, words="核对过，是同一根杆")
    assert isinstance(answers(case, handler, photo(), photo()), Event)
    again = in_hand(people)
    assert isinstance(answers(again, handler, old), Refused), "confirmed for that matter alone"


def test_a_kind_that_asks_for_before_and_after_takes_no_single_photo(people: dict[str, Any]) -> None:
    from minan.kernel import directory

    Kind.objects.filter(code="lamp.out").update(proof="both")
    directory.forget()
    case, handler = in_hand(people), actor(people["handler"])
    assert isinstance(answers(case, handler, photo()), Refused)
    assert isinstance(answers(case, handler, photo(), photo()), Event)


def test_a_night_without_light_is_compared_as_a_file_only(people: dict[str, Any]) -> None:
    dark = Picture(b"x", "image/jpeg", 8, 8, "aa" * 32, b"x", "0" * 16)
    other = Picture(b"x", "image/jpeg", 8, 8, "bb" * 32, b"x", "0" * 16)
    handler = actor(people["handler"])
    assert isinstance(answers(in_hand(people), handler, dark), Event)
    assert isinstance(answers(in_hand(people), handler, other), Event)
    assert isinstance(answers(in_hand(people), handler, dark), Refused)


def test_every_part_of_a_hash_has_its_index_and_nothing_within_three_bits_is_missed() -> None:
    import itertools

    one = "93c1f05a7e24b86d"
    for bits in itertools.combinations(range(0, 64, 7), 3):
        other = f"{int(one, 16) ^ sum(1 << b for b in bits):016x}"
        assert any(reused.parts(one)[p] == reused.parts(other)[p] for p in reused.PARTS)
    named = {tuple(i.fields) for i in Attachment._meta.indexes}
    assert {(p,) for p in (*reused.PARTS, "sha256")} <= named


def test_the_draw_is_by_the_hash_of_the_answer_that_nobody_knew_and_anybody_can_draw_again(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draws, "BELOW", 100)
    case = until_answered(people)
    answer, draw = Event.objects.get(case_id=case.id, step="answer"), Event.objects.get(case_id=case.id, step="draw")
    note = json.loads(Body.objects.get(case_id=case.id, n=draw.n).text)["note"]
    assert (note["of"], note["draw"]) == (answer.hash, int(answer.hash[:8], 16) % 100)
    assert case.marks["visit"] == "drawn"
    heads = {until_answered(people).head for _ in range(3)}
    assert len(heads) == 3


def test_a_walk_in_without_a_phone_is_visited_and_her_neighbour_with_one_gets_a_notice(people: dict[str, Any]) -> None:
    clerk = actor(people["clerk"])
    for phone, mark in (("", "no_phone"), ("13812345678", None)):
        facts = {"text": "灯不亮", "place": VILLAGE, "kind": "lamp.hours", "phone": phone}
        opened = open_case("matter", by=clerk, facts=facts, channel="walkin", at=MONDAY)
        assert isinstance(opened, Opened)
        go(opened.case, "settle", clerk, MONDAY, outcome="explained", words="按规定", article="第 1 条")
        assert opened.case.marks.get("visit") == mark


def test_who_handled_it_does_not_ask_nor_a_colleague_while_there_is_a_desk_above(people: dict[str, Any]) -> None:
    clerk, colleague = actor(people["clerk"]), Actor("staff", 9002, (PostRow("131022100-station", "clerk", "", ""),))
    case = say(facts={"kind": "lamp.hours", "visit": True}).case
    go(case, "settle", clerk, MONDAY, outcome="explained", words="按规定", article="第 1 条")
    told = {"reached": True, "solved": True, "satisfied": True}
    for who in (clerk, colleague):
        assert isinstance(act(case, "visit", by=who, facts=told, at=MONDAY), Refused)
    go(case, "visit", CENTRE, MONDAY, **told)
    assert case.state == "closed"


def test_explained_and_found_good_is_not_counted_as_solved(people: dict[str, Any]) -> None:
    from minan.kernel import worker

    case, at = in_hand(people), MONDAY + timedelta(days=2)
    assert isinstance(answers(case, actor(people["handler"]), outcome="explained"), Event)
    case.refresh_from_db()
    go(case, "rate", Actor("speaker", cast="own"), at, solved=True, satisfied=True)
    worker.settle(at)
    row = Tally.objects.get(place="131022000000", by="all", key="", county="131022")
    assert (row.rated, row.rated_solved, row.rated_satisfied) == (1, 0, 1)


def test_ordered_to_be_done_by_another_person_the_same_one_is_refused(people: dict[str, Any]) -> None:
    case, handler = until_answered(people), actor(people["handler"])
    at = MONDAY + timedelta(days=1)
    go(case, "rate", SPEAKER, at, solved=False, satisfied=False)
    go(case, "rule_reopen", actor(people["supervisor"]), at, unit="131022-lighting", words="换人", another=True)
    go(case, "sign", handler, at)
    refused = answers(case, handler, photo())
    assert isinstance(refused, Refused)
    assert refused.rule == "another_does_it"
    assert isinstance(answers(case, actor(people["gx.light2"]), photo()), Event)


def test_solved_but_unhappy_is_reviewed_within_three_working_days_and_she_reads_why(people: dict[str, Any]) -> None:
    from minan.kernel import worker
    from minan.kernel.models import Clock

    case, at = until_answered(people), MONDAY + timedelta(days=1)
    go(case, "rate", SPEAKER, at, solved=True, satisfied=False)
    clock = Clock.objects.get(case_id=case.id, name="review")
    assert (case.state, clock.limit, clock.unit) == ("under_review", "3wd", "131022-centre")
    go(case, "uphold", actor(people["supervisor"]), at, words="三盏都亮，查过两次")
    worker.settle(at)
    assert case.state == "closed"
    assert Message.objects.filter(case_id=case.id, to="speaker", n=case.n).exists()
