"""王秀兰 wrote names and her door into her matter; 陈静 hides them, and nobody but 王秀兰 reads them any more."""

from __future__ import annotations

import io
import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from minan.kernel import access, duplicates, hiding, ledger, search, speakers, verify, worker
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Body, Case, Event, Outbox, Speaker
from minan.kernel.tests.desks import VILLAGE, assigned, desk_of, done, key_of, person, text_of

pytest.importorskip("minan.systems.matters.procedure", reason="not run: hiding (no matters to hide in)")
pytestmark = pytest.mark.django_db
NAME, DOOR, ACCOUNT = "邢昱骁", "5号楼2单元401", "wx_xlan77"
SAID = f"东门外路灯不亮。我叫{NAME}，家住{DOOR}，微信{ACCOUNT}，邻居{NAME}也知道。"


def said(**facts: Any) -> Case:
    given = {"text": SAID, "kind": "lamp.out", "place": VILLAGE, "place_words": f"{DOOR}楼下"}
    opened = open_case("matter", by=access.SPEAKER, facts=given | facts)
    assert isinstance(opened, Opened), opened
    return opened.case


def hide(case: Case, *fragments: str, who: str = "clerk", **more: Any) -> Case:
    return done(case, "hide", who, fragments=list(fragments), **more)


def everything(case: Case) -> str:
    """All that the database holds of a case in the open: rows, words, news, search."""
    out = [str(Case.objects.filter(id=case.id).values())]
    for model in (Body, Event, Outbox):
        out.append(str(list(model._default_manager.filter(case_id=case.id).values())))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM kernel_search")
        out.append(str(cursor.fetchall()).replace(" ", "").replace("','", ""))
    return "\n".join(out)


def test_the_clerk_is_told_what_may_identify_and_sees_it_marked_in_the_words(city: None) -> None:
    case = said()
    page = text_of(desk_of("clerk").get(f"/desk/{case.code}/"))
    assert "这里可能认得出人" in page
    for fragment in (NAME, DOOR, ACCOUNT):
        assert f"<mark>{fragment}</mark>" in page
    assert f"/desk/{case.code}/?step=hide" in page


def test_what_a_person_typed_is_escaped_inside_and_outside_the_marks(city: None) -> None:
    case = said(text="<script>x</script>网名叫<b>甲</b>，我叫王秀兰<img src=x>")
    page = text_of(desk_of("clerk").get(f"/desk/{case.code}/"))
    assert "<mark>王秀兰</mark>&lt;img src=x&gt;" in page
    assert "<script>x" not in page
    assert "<b>甲" not in page


def test_who_may_not_hide_anything_gets_no_marks(city: None) -> None:
    case = done(said(), "accept", "clerk")
    case = done(case, "assign", "clerk", unit="131022-lighting")
    page = text_of(desk_of("handler").get(f"/desk/{case.code}/"))
    assert "<mark>" not in page
    assert not isinstance(act(case, "hide", by=access.actor(person("handler")), facts={"fragments": [NAME]}), Event)


def test_a_place_of_the_city_is_nobodys_name(city: None) -> None:
    spot = next(name for name in hiding.place_names() if name.startswith("王") and name.endswith("村") and len(name) == 3)
    assert hiding.proposed([f"邻居{spot[:2]}的路不好走，去{spot}的路灯不亮。"]) == {}
    assert list(hiding.proposed(["邻居王骁骅把路堵了。"])) == ["王骁骅"]


def test_after_hiding_nothing_in_the_open_holds_the_words(city: None) -> None:
    case = said()
    search.index([case])
    case = hide(case, NAME, DOOR, ACCOUNT)
    assert (case.text, case.place_words) == ("东门外路灯不亮。我叫［姓名］，家住［门牌］，微信［账号］，邻居［姓名］也知道。", "［门牌］楼下")
    held = everything(case)
    for word in (NAME, DOOR, ACCOUNT):
        assert word not in held
    page = text_of(desk_of("clerk").get(f"/desk/{case.code}/"))
    assert NAME not in page
    assert "邻居［姓名］也知道" in page


def test_without_the_moving_of_bodies_the_words_would_still_stand(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hiding, "finish", lambda draft: True)
    case = hide(said(), NAME)
    assert NAME in everything(case)


def test_the_search_finds_the_rest_and_no_hidden_word_at_once(city: None) -> None:
    case, chen = said(), desk_of("clerk")
    search.index([case])
    assert chen.get("/desk/", {"q": NAME}).context["list"].rows
    hide(case, NAME)
    assert chen.get("/desk/", {"q": NAME}).context["list"].rows == []
    assert [r["code"] for r in chen.get("/desk/", {"q": "路灯"}).context["list"].rows] == [case.code]
    worker.settle(datetime.now(UTC))
    assert chen.get("/desk/", {"q": NAME}).context["list"].rows == []


def test_likeness_no_longer_names_a_hidden_word_as_what_two_matters_share(city: None) -> None:
    first = hide(said(), NAME)
    second = said(text=f"东门外路灯不亮，{NAME}")
    shared = duplicates.likely(second, person("clerk"), datetime.now(UTC))
    assert [one.case.code for one in shared] == [first.code]
    assert NAME[:2] not in "".join(shared[0].because)


def test_the_speaker_still_reads_the_whole(city: None) -> None:
    opened = open_case("matter", by=access.SPEAKER, facts={"text": SAID, "kind": "lamp.out", "place": VILLAGE, "place_words": f"{DOOR}楼下"})
    assert isinstance(opened, Opened)
    case = done(opened.case, "add", "clerk", words=f"{NAME}又来电话说还是不亮")
    case = hide(case, NAME, DOOR)
    wang = Client()
    wang.post("/m/", {"code": case.code, "secret": opened.secret})
    page = text_of(wang.get(f"/m/{case.code}/"))
    assert SAID in page
    assert f"{DOOR}楼下" in page
    assert f"{NAME}又来电话" in page
    assert "隐去了能认出人的字" in page


def test_the_chain_holds_and_the_moved_words_open_their_commitment(city: None) -> None:
    case = hide(said(), NAME)
    assert not verify.check(pages=False).faults
    first = Event.objects.get(case_id=case.id, n=1)
    body = speakers.known(case, who="speaker", why="own")["body.1"]
    assert ledger.commit(bytes.fromhex(body["salt"]), json.loads(body["text"])) == first.body
    assert not Body.objects.filter(case_id=case.id, n=1).exists()


def test_a_body_that_is_gone_without_a_hiding_is_a_fault(city: None) -> None:
    case = hide(said(), NAME)
    Body.objects.filter(case_id=case.id, n=2).delete()  # the hiding itself
    assert any("no erasure is on record" in what for _, what in verify.check(pages=False).faults)


def test_hidden_twice_the_words_of_both_times_are_gone_and_all_stands_in(city: None) -> None:
    case = done(said(), "note", "clerk", words=f"{NAME}说{DOOR}的人都看见了")
    case = hide(hide(case, NAME), DOOR)
    held = everything(case)
    assert NAME not in held
    assert DOOR not in held
    page = text_of(desk_of("clerk").get(f"/desk/{case.code}/"))
    assert "［姓名］说［门牌］的人都看见了" in page
    assert not verify.check(pages=False).faults
    known = speakers.known(case, who="speaker", why="own")
    assert {"body.1", "body.2", "body.3"} <= known.keys()
    assert json.loads(known["body.1"]["text"])["facts"]["text"] == SAID
    assert known["hidden.text"] == SAID


def test_the_whole_wording_is_kept_of_each_text_however_often_and_in_which_order_it_is_hidden(city: None) -> None:
    case = said(place_words="找孔昕问")
    case = hide(hide(hide(case, another="找孔昕"), NAME), DOOR)
    known = speakers.known(case, who="speaker", why="own")
    assert (known["hidden.text"], known["hidden.place_words"]) == (SAID, "找孔昕问")


def test_the_step_says_how_many_and_never_what(city: None) -> None:
    case = hide(said(), NAME, another=DOOR)
    body = Body.objects.get(case_id=case.id, n=case.n)
    assert json.loads(body.text)["facts"] == {}
    assert json.loads(body.text)["note"]["fragments"] == 2
    assert NAME not in body.text
    sealed = Speaker.objects.get(case_id=case.id).sealed
    assert sealed is not None
    assert NAME.encode() not in bytes(sealed)


def test_nothing_of_it_is_logged(city: None) -> None:
    heard = io.StringIO()
    hears = logging.StreamHandler(heard)
    logging.getLogger().addHandler(hears)
    try:
        case, chen = said(), desk_of("clerk")
        page = text_of(chen.get(f"/desk/{case.code}/?step=hide"))
        chen.post(f"/desk/{case.code}/hide/", {"key": key_of(page), "moves": case.moves, "fragments": [NAME, DOOR]})
    finally:
        logging.getLogger().removeHandler(hears)
    assert NAME not in Case.objects.get(id=case.id).text
    assert NAME not in heard.getvalue()


def test_chen_jing_ticks_two_of_them_and_writes_a_third(city: None) -> None:
    case, chen = said(), desk_of("clerk")
    page = text_of(chen.get(f"/desk/{case.code}/?step=hide"))
    assert f'type="checkbox" name="fragments" value="{NAME}"' in page
    answer = chen.post(
        f"/desk/{case.code}/hide/",
        {"key": key_of(page), "moves": case.moves, "fragments": [NAME, ACCOUNT], "another": "东门外"},
    )
    assert answer.status_code == 302
    assert Case.objects.get(id=case.id).text == f"［隐去］路灯不亮。我叫［姓名］，家住{DOOR}，微信［账号］，邻居［姓名］也知道。"


def test_nothing_ticked_one_character_or_words_that_do_not_stand_there_are_refused_with_the_reason(city: None) -> None:
    case, chen = said(), access.actor(person("clerk"))
    for facts, words in (({}, hiding.NONE), ({"another": "灯"}, hiding.SHORT), ({"another": "从来没写过"}, hiding.UNFOUND)):
        refused = act(Case.objects.get(id=case.id), "hide", by=chen, facts=facts)
        assert isinstance(refused, Refused)
        assert refused.reason == words
    assert Case.objects.get(id=case.id).n == 1


def test_a_name_cut_by_the_end_of_the_title_goes_too(city: None) -> None:
    case = said(text=f"{'路灯不亮，' * 6}修几回{NAME}知道，别人也知道这件事情的经过")
    assert case.title.endswith(f"{NAME[:2]}…")
    case = hide(case, NAME)
    assert NAME[:2] not in case.title
    assert not case.title.rstrip("…").endswith(NAME[0])


def test_codes_hashes_and_units_are_never_taken_for_words(city: None) -> None:
    case = assigned(text="灯杆131022上写着字", place_words="")
    case = hide(case, another="131022")
    assert case.unit == "131022-lighting"
    assert case.text == "灯杆［隐去］上写着字"
    assert not verify.check(pages=False).faults


def test_the_counter_warns_when_a_walk_in_was_taken_down(city: None) -> None:
    chen = desk_of("clerk")
    page = text_of(chen.get("/desk/new/"))
    text = f"楼道灯坏了，{DOOR}的邻居{NAME}先生说修过"
    answer = chen.post("/desk/new/", {"key": key_of(page), "text": text, "place": VILLAGE, "do": "take"})
    assert "这里可能认得出人" in text_of(answer)
    assert f'<mark lang="zh">{NAME}</mark>' in text_of(answer)


def test_a_closed_matter_can_still_be_cleaned(city: None) -> None:
    case = said()
    act(case, "withdraw", by=access.SPEAKER, facts={})
    case = hide(Case.objects.get(id=case.id), NAME, who="supervisor")
    assert NAME not in everything(case)
    assert case.state == "withdrawn"
