"""Forms without code: a kind's questions in branches, in both languages, by edition; what is open is asked, nobody is kept waiting."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from minan.kernel import config, forms, questions, standard
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Event, Question, StandardAnswer
from tests.house import browser

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
PLACE = "131022100010"
ROW = {"kind_id": "lamp.out", "required": False, "options": [], "condition": {}, "rank": 90}


def add(code: str, label: str, **more: Any) -> Question:
    config.change(Question, None, ROW | {"code": code, "label": label, "label_en": code, "type": "text"} | more, "admin", "试")
    return Question.objects.get(kind_id="lamp.out", code=code, until=None)


def say(**facts: Any) -> Case:
    opened = open_case("matter", by=SPEAKER, facts={"text": "路灯不亮", "place": PLACE, "kind": "lamp.out"} | facts, at=MONDAY)
    assert isinstance(opened, Opened), opened
    return opened.case


def test_a_branch_is_asked_after_its_answer_and_a_branch_of_a_branch_after_both(city: None) -> None:
    add("wet", "淋过雨吗", type="yesno")
    depths = [{"value": v, "zh": v, "en": v} for v in ("ankle", "knee")]
    add("deep", "水深多少", type="choice", options=depths, condition={"question": "wet", "is": "yes"})
    add("boat", "要船吗", type="yesno", condition={"question": "deep", "is": ["knee", "ankle"]})
    rows = questions.of_kind("lamp.out")

    def codes(answers: dict[str, str], **more: Any) -> set[str]:
        return {q.code for q in questions.asked(rows, answers, **more)} & {"wet", "deep", "boat"}

    assert codes({}) == {"wet"}
    assert codes({"wet": "no", "deep": "knee"}) == {"wet"}
    assert codes({"wet": "yes"}) == {"wet", "deep"}
    assert codes({"wet": "yes", "deep": "ankle"}) == {"wet", "deep", "boat"}
    assert codes({}, open_too=True) == {"wet", "deep", "boat"}


def test_a_question_that_leads_back_to_itself_is_refused(city: None) -> None:
    yes = {"type": "yesno"}
    one = add("one", "一", **yes)
    add("two", "二", condition={"question": "one", "is": "yes"}, **yes)
    with pytest.raises(config.Wrong) as wrong:
        config.change(Question, one.pk, {"condition": {"question": "two", "is": "yes"}}, "admin", "试")
    assert "condition" in wrong.value.errors


def test_an_option_others_hang_on_cannot_be_taken_away_nor_can_the_question(city: None) -> None:
    options = [{"value": v, "zh": v, "en": v} for v in ("a", "b", "c")]
    one = add("one", "一", type="choice", options=options)
    add("two", "二", condition={"question": "one", "is": "b"})
    with pytest.raises(config.Wrong):
        config.change(Question, one.pk, {"options": options[:1] + options[2:]}, "admin", "试")
    with pytest.raises(config.Wrong):
        config.end(Question, one.pk, "admin", "试")


def test_a_matter_is_read_by_the_questions_it_was_asked(city: None) -> None:
    colours = [{"value": "w", "zh": "白", "en": "white"}, {"value": "y", "zh": "黄", "en": "yellow"}]
    old = add("colour", "灯什么颜色", type="choice", options=colours)
    case = say(answers={"colour": "w"})
    config.change(Question, old.pk, {"label": "灯光什么颜色", "options": [*old.options, {"value": "r", "zh": "红", "en": "red"}]}, "admin", "试")
    assert Question.objects.filter(kind_id="lamp.out", code="colour").count() == 2
    then = {q.code: q for q in questions.of_kind("lamp.out", case.edition)}
    now = {q.code: q for q in questions.of_kind("lamp.out")}
    assert (then["colour"].label, now["colour"].label) == ("灯什么颜色", "灯光什么颜色")
    assert questions.text_of(then["colour"], "w", "en") == "white"


def test_what_is_required_and_open_marks_the_matter_and_the_desk_asks_it(people: dict[str, Any]) -> None:
    case = say()
    assert case.marks["unasked"] == 1  # the city's own: how many lamps
    clerk = actor(people["clerk"])
    assert isinstance(act(case, "accept", by=clerk, at=MONDAY), Event), "nobody waits for an answer"
    form = forms.of_step(directory_step("fill"), case)
    assert f"{questions.PREFIX}how_many" in form.fields
    done = act(case, "fill", by=clerk, facts={"answers": {"how_many": "some"}}, at=MONDAY)
    assert isinstance(done, Event)
    case.refresh_from_db()
    assert "unasked" not in case.marks
    assert case.facts["answers"] == {"how_many": "some"}


def directory_step(name: str) -> Any:
    from minan.kernel import registry

    return registry.procedures()["matter"].step(name)


def test_an_answer_that_is_not_on_the_list_is_refused_at_the_door_with_its_question(people: dict[str, Any]) -> None:
    facts = {"text": "路灯不亮", "place": PLACE, "kind": "lamp.out", "answers": {"how_many": "dozens"}}
    refused = open_case("matter", by=SPEAKER, facts=facts, at=MONDAY)
    assert isinstance(refused, Refused)
    assert "有几盏灯不亮" in refused.errors["answers"].zh
    case = say()
    again = act(case, "fill", by=actor(people["clerk"]), facts={"answers": {"how_many": "dozens"}}, at=MONDAY)
    assert isinstance(again, Refused)
    assert "answers" in again.errors


def test_the_clerk_asks_by_the_page_and_what_was_not_asked_is_not_kept(people: dict[str, Any]) -> None:
    case, chen = say(), browser(people["clerk"])
    page = chen.get(f"/desk/{case.code}/?step=fill").content.decode()
    assert "有几盏灯不亮" in page
    key = page.split('name="key" value="')[1].split('"')[0]
    said = {"key": key, "moves": case.moves, "q-how_many": "some", "q-pole_number": "12", "q-since": "三天"}
    assert chen.post(f"/desk/{case.code}/fill/", said).status_code == 302
    case.refresh_from_db()
    assert case.facts["answers"] == {"how_many": "some", "since": "三天"}, "the post's number hangs on another answer"
    english = browser(people["clerk"])
    english.post("/language/", {"language": "en", "next": "/"})
    assert "How many lamps are out" in english.get(f"/desk/{case.code}/?step=fill").content.decode()


def test_a_standard_answer_fits_its_kind_and_its_state(people: dict[str, Any]) -> None:
    row = {"step": "progress", "group": "", "title": "灯", "title_en": "Lamp", "text": "{place}的灯在修", "text_en": "", "active": True}
    for code, more in (("any", {}), ("one", {"kind": "lamp.out"}), ("other", {"kind": "road.hole"}), ("late", {"state": "handling"})):
        config.change(StandardAnswer, None, row | {"code": code, "kind": "", "state": ""} | more, "admin", "试")
    case = say()
    step = directory_step("progress")
    fit = [a.code for a in standard.for_step(step, case) if a.code in ("any", "one", "other", "late")]
    assert fit == ["one", "any"]
    case.state = "handling"
    assert "late" in [a.code for a in standard.for_step(step, case)]
    assert "朝阳社区" in next(a.text for a in standard.for_step(step, case) if a.code == "one")


def test_an_unknown_variable_a_foreign_kind_and_a_state_nobody_has_are_refused(city: None) -> None:
    row = {"code": "x", "step": "progress", "group": "", "kind": "", "state": "", "title": "灯", "title_en": "L", "text_en": ""}
    row["text"] = "在修"
    for more in ({"text": "{name}的灯"}, {"kind": "no.such"}, {"state": "nowhere"}, {"group": "road", "kind": "lamp.out"}):
        with pytest.raises(config.Wrong):
            config.change(StandardAnswer, None, row | more, "admin", "试")
