"""All administration as one file: taken out, changed by people, looked at, brought in by two, and refused where it does not fit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from minan.kernel import config, directory, questions, rulebook
from minan.kernel.models import (
    Body,
    Case,
    Duty,
    Edition,
    Event,
    Kind,
    LimitRule,
    Planned,
    Proposal,
    Question,
    RestDay,
    StandardAnswer,
    User,
)
from minan.kernel.tests import office
from tests.house import browser

pytestmark = pytest.mark.django_db


def changed(change: Callable[[dict[str, Any]], None]) -> bytes:
    """The city's rulebook with a change made by hand and its hash made anew."""
    whole = json.loads(rulebook.take_out())
    change(whole["tables"])
    whole["sha256"] = hashlib.sha256(rulebook._canonical(whole["tables"])).hexdigest()
    return json.dumps(whole, ensure_ascii=False).encode()


def several(tables: dict[str, Any]) -> None:
    next(k for k in tables["kind"] if k["code"] == "lamp.out")["name"] = "路灯全灭"
    row = next(r for r in tables["limitrule"] if r["clock"] == "accept" and not r["urgency"] and not r["group"])
    row["limit"] = "3wh"
    tables["question"] = [q for q in tables["question"] if (q["kind_id"], q["code"]) != ("lamp.out", "since")]
    tables["standardanswer"].append({
        "code": "new", "step": "progress", "group": "", "kind": "lamp.out", "state": "", "title": "灯", "title_en": "L", "text": "在修",
        "text_en": "", "active": True,
    })  # fmt: skip


def test_what_is_taken_out_and_brought_back_changes_nothing(city: None) -> None:
    data = rulebook.take_out()
    assert rulebook.compare(rulebook.read(data)) == []
    with pytest.raises(config.Wrong):
        rulebook.bring(data, "admin", "原样", second="security")
    text = data.decode()
    assert all(user.name not in text for user in User.objects.exclude(name="")), "nobody's name stands in it"


def test_a_changed_file_becomes_one_edition_that_says_what_it_did(city: None) -> None:
    data, before = changed(several), Edition.objects.count()
    found = {(rulebook.name_of(d.model), d.what) for d in rulebook.compare(rulebook.read(data))}
    assert found == {("kind", "changed"), ("limitrule", "changed"), ("question", "ended"), ("standardanswer", "new")}
    made = rulebook.bring(data, "admin", "市里定的", second="security")
    assert Edition.objects.count() == before + 1
    assert made.after["limitrule changed"] == 1
    assert Kind.objects.get(code="lamp.out").name == "路灯全灭"
    assert LimitRule.objects.get(clock="accept", urgency="", size="", group="", until=None).limit == "3wh"
    assert "since" not in {q.code for q in questions.of_kind("lamp.out")}
    assert Question.objects.filter(kind_id="lamp.out", code="since").exists(), "matters asked before are still read by it"
    assert StandardAnswer.objects.get(code="new").kind == "lamp.out"
    assert rulebook.compare(rulebook.read(data)) == []
    assert Event.objects.filter(step="rule").exists()


def test_it_takes_two_people(city: None) -> None:
    for second in ("", "admin"):
        with pytest.raises(config.Wrong):
            rulebook.bring(changed(several), "admin", "一个人", second=second)
    assert Kind.objects.get(code="lamp.out").name != "路灯全灭"


def test_a_row_that_does_not_fit_stops_all_of_them_and_is_named(city: None) -> None:
    def bad(tables: dict[str, Any]) -> None:
        several(tables)
        tables["standardanswer"][-1]["text"] = "{name}在修"
        next(d for d in tables["duty"] if d["kind"] == "lamp.out")["word"] = "nobody"

    with pytest.raises(config.Wrong) as wrong:
        rulebook.bring(changed(bad), "admin", "坏的", second="security")
    assert any("standardanswer new text" in name for name in wrong.value.errors)
    assert any("duty lamp.out" in name for name in wrong.value.errors)
    directory.forget()
    assert Kind.objects.get(code="lamp.out").name != "路灯全灭"


def test_a_limit_nobody_would_have_is_refused(city: None) -> None:
    def hole(tables: dict[str, Any]) -> None:
        tables["limitrule"] = [r for r in tables["limitrule"] if r["clock"] != "accept" or r["urgency"]]

    data = changed(hole)
    with pytest.raises(config.Wrong):
        rulebook.bring(data, "admin", "少一行", second="security")
    assert LimitRule.objects.filter(clock="accept", urgency="", until=None).exists()


NONE = (b"", b"{}", b"\xff\xfe", b"[1]", b'{"format":1,"tables":{"kind":[]}}', b'{"format":9,"tables":{}}', b"[" * 100_000)


@pytest.mark.parametrize("data", NONE)
def test_what_is_no_rulebook_is_told_so(city: None, data: bytes) -> None:
    with pytest.raises(rulebook.Unreadable):
        rulebook.read(data)


def test_a_file_changed_without_its_hash_or_with_strange_rows_is_refused(city: None) -> None:
    whole = json.loads(rulebook.take_out())
    whole["tables"]["kind"][0]["name"] = "改过"
    with pytest.raises(rulebook.Unreadable):
        rulebook.read(json.dumps(whole).encode())
    for spoil in (lambda t: t["kind"][0].update(extra=1), lambda t: t["kind"].append(t["kind"][0]), lambda t: t.update(duty={})):
        with pytest.raises(rulebook.Unreadable):
            rulebook.read(changed(spoil))


def test_gao_yuan_looks_puts_forward_and_lu_zhengping_confirms(people: dict[str, Any]) -> None:
    gao, lu = browser(people["admin"]), browser(people["security"])
    out = gao.get("/admin/rulebook/out/")
    assert out["Content-Disposition"].startswith("attachment")
    file = SimpleUploadedFile("rules.json", changed(several), "application/json")
    looked = gao.post("/admin/rulebook/", {"file": file})
    assert "路灯全灭" in looked.content.decode()
    assert Kind.objects.get(code="lamp.out").name != "路灯全灭", "a look changes nothing"
    text = looked.context["text"].replace("\n", "\r\n")  # as a browser sends it back
    seen = {"text": text, "do": "propose", "look": looked.context["look"]}
    assert gao.post("/admin/rulebook/", seen | {"why": ""}).status_code == 422
    assert gao.post("/admin/rulebook/", seen | {"why": "市里定的", "look": ""}).status_code == 200, "not put forward unseen"
    assert not Proposal.objects.filter(what="rulebook").exists()
    assert gao.post("/admin/rulebook/", seen | {"why": "市里定的"}).status_code == 302
    waits = Proposal.objects.get(what="rulebook")
    assert "路灯全灭" in lu.get(f"/admin/rulebook/{waits.pk}/").content.decode()
    gao.post(f"/house/waiting/{waits.pk}/", {"do": "confirm"})
    assert Kind.objects.get(code="lamp.out").name != "路灯全灭", "nobody confirms what they put forward"
    lu.post(f"/house/waiting/{waits.pk}/", {"do": "confirm"})
    assert Kind.objects.get(code="lamp.out").name == "路灯全灭"
    assert Duty.objects.filter(kind="lamp.out", until=None).exists()


def next_workday() -> date:
    """The first day from tomorrow on which offices work."""
    today = timezone.localdate()
    return next(d for n in range(1, 12) if directory.calendar("default").is_workday(d := today + timedelta(days=n)))


def closing(tables: dict[str, Any]) -> None:
    """A rest day that puts off what is open, and lamps that go to the works office."""
    tables["restday"].append({"date": next_workday().isoformat(), "working": False, "name": "停电"})
    for row in tables["duty"]:
        if row["kind"] == "lamp.out" and row["level"] != "village":
            row["word"] = "works"


def test_both_see_what_a_rulebook_moves_before_it_does(people: dict[str, Any]) -> None:
    case = office.assigned(people)
    gao, lu = browser(people["admin"]), browser(people["security"])
    text = changed(closing).decode()
    looked = gao.post("/admin/rulebook/", {"text": text})
    for words in ("会移动 1 件在办的事", "有 1 件会换一个单位"):
        assert words in looked.content.decode()
    assert case.text not in looked.content.decode(), "administrators read no matter"
    assert not RestDay.objects.exists(), "a look changes nothing"
    assert directory.city().rest == {}, "and nobody else meets what was only tried"
    gao.post("/admin/rulebook/", {"text": text, "do": "propose", "look": looked.context["look"], "why": "停电"})
    waits = Proposal.objects.get(what="rulebook")
    assert "会移动 1 件在办的事" in lu.get(f"/admin/rulebook/{waits.pk}/").content.decode()
    path = f"/house/waiting/{waits.pk}/"
    first = lu.post(path, {"do": "confirm"})
    assert (first.status_code, RestDay.objects.count()) == (200, 0), "the second person looks first, too"
    assert "有 1 件会换一个单位" in first.content.decode()
    office.assigned(people)
    lu.post(path, {"do": "confirm", "base": first.context["base"]})
    assert not RestDay.objects.exists(), "something else moves by now: look again"
    again = lu.post(path, {"do": "confirm"})
    assert "会移动 2 件在办的事" in again.content.decode()
    shown = {(m["code"], m["due"]) for m in again.context["ahead"]["moves"]}
    lu.post(path, {"do": "confirm", "base": again.context["base"]})
    assert RestDay.objects.count() == 1
    codes = dict(Case.objects.values_list("id", "code"))
    assert {(codes[p.case_id], p.due) for p in Planned.objects.all()} == shown, "what happens is what was shown"


def by_words(tables: dict[str, Any]) -> None:
    tables["routingrule"].append(tables["routingrule"][0] | {
        "rank": 3, "kind": "lamp.out", "place": "", "words": "高玉梅", "level": "county", "word": "works", "unit": "", "rule": "廊办 9",
    })  # fmt: skip


def test_a_rulebook_tries_no_words_on_peoples_matters_unless_it_is_written_down_who_asked(people: dict[str, Any]) -> None:
    """As with one rule at a time: a name in a file would else ask the last 30 days whether somebody is named in a matter."""
    office.assigned(people)
    gao, lu = browser(people["admin"]), browser(people["security"])
    text = changed(by_words).decode()

    def tried() -> list[tuple[str, list[str]]]:
        told = [(e.by, Body.objects.get(case_id=e.case_id, n=e.n)) for e in Event.objects.filter(step="try").order_by("n")]
        return [(by.split(":")[-1], json.loads(json.loads(body.text)["facts"]["what"])["words"]) for by, body in told]

    looked = gao.post("/admin/rulebook/", {"text": text})
    assert "dry" in looked.context
    assert tried() == [("admin", ["高玉梅"])]
    gao.post("/admin/rulebook/", {"text": text, "do": "propose", "look": looked.context["look"], "why": "试"})
    waits, before = Proposal.objects.get(what="rulebook"), len(tried())
    for who in (gao, lu):
        page = who.get(f"/admin/rulebook/{waits.pk}/")
        assert page.status_code == 200
        assert "dry" not in page.context, "what is only looked at is not written down, and tells nothing"
        assert "谁看了记入登记簿" in page.content.decode()
    assert len(tried()) == before
    lu.post(f"/house/waiting/{waits.pk}/", {"do": "confirm"})
    assert tried()[before:] == [("security", ["高玉梅"])]


def test_a_file_that_does_not_fit_is_told_at_the_first_look(people: dict[str, Any]) -> None:
    def bad(tables: dict[str, Any]) -> None:
        next(d for d in tables["duty"] if d["kind"] == "lamp.out")["word"] = "nobody"

    answer = browser(people["admin"]).post("/admin/rulebook/", {"text": changed(bad).decode()})
    assert answer.status_code == 422
    assert "duty lamp.out" in answer.content.decode()


def test_a_clerk_and_a_stranger_find_no_rulebook(people: dict[str, Any]) -> None:
    for name in ("clerk", "stranger", "supervisor", "audit"):
        assert browser(people[name]).get("/admin/rulebook/").status_code == 404
        assert browser(people[name]).get("/admin/rulebook/out/").status_code == 404
