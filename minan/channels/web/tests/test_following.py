"""王秀兰 follows her matter like a parcel and judges it; nobody else learns more than where it stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from minan.channels.web import address, entered
from minan.channels.web.tests.phone import LAMP, picture, said
from minan.kernel import pictures, registry
from minan.kernel.access import actor
from minan.kernel.act import act
from minan.kernel.models import Attachment, Case, Clock, Event

pytestmark = pytest.mark.django_db


def go(case: Case, step: str, user: Any, **facts: Any) -> None:
    done = act(case, step, by=actor(user), facts=facts)
    assert isinstance(done, Event), (step, done)
    case.refresh_from_db()


def until_answered(case: Case, people: dict[str, Any]) -> None:
    go(case, "accept", people["clerk"])
    go(case, "assign", people["clerk"], unit="131022-lighting")
    go(case, "sign", people["handler"])
    go(case, "call", people["handler"])
    photo = pictures.clean(picture(colour="yellow").read())
    go(case, "answer", people["handler"], outcome="solved", words="换了三只灯泡，当晚亮了。", photos=[photo])


def post(client: Client, case: Case, step: str, **facts: Any) -> Any:
    page = client.get(f"/m/{case.code}/{step}/")
    assert page.status_code == 200, page.content.decode()[:2000]
    taking = page.context["taking"]
    return client.post(f"/m/{case.code}/{step}/", {"key": taking.key, "moves": taking.moves} | facts)


def test_a_stranger_with_the_code_sees_state_and_times_and_nothing_else(wang: Client, other: Client) -> None:
    case, _secret = said(wang, place_words="老供销社门口", photos=picture())
    page = other.get(f"/m/{case.code}/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "待受理" in text
    for hidden in ("路灯", "摔了", "老供销社", "固安", "/photo/", case.head, case.title):
        assert hidden not in text
    assert "最晚" in text


def test_a_wrong_code_and_a_wrong_secret_look_the_same(wang: Client, other: Client) -> None:
    case, _secret = said(wang)
    nobody = "00" + case.code[2:]
    one = other.post(f"/m/{case.code}/", {"secret": "x" * 16})
    two = other.post(f"/m/{nobody}/", {"secret": "x" * 16})
    assert one.status_code == two.status_code == 404

    def bare(page: Any, code: str) -> str:
        text: str = page.content.decode().replace(code, "CODE")
        tokens = {line for line in text.split('"') if len(line) == 64}
        for token in tokens:
            text = text.replace(token, "TOKEN")
        return text

    assert bare(one, case.code) == bare(two, nobody)


def test_the_secret_from_her_receipt_opens_everything_on_another_phone(wang: Client, other: Client) -> None:
    case, secret = said(wang, photos=picture(), phone="13812345678")
    typed = "-".join(secret[i : i + 4] for i in range(0, len(secret), 4)).lower()
    answer = other.post(f"/m/{case.code}/", {"secret": typed})
    assert answer["Location"] == f"/m/{case.code}/"
    text = other.get(answer["Location"]).content.decode()
    assert LAMP.split("。")[0] in text
    assert "13812345678" in text  # her own words, out of the vault
    assert "尾号 5678" in text
    assert "没有人打开过" in text


def test_ten_wrong_secrets_a_minute_are_enough(wang: Client, other: Client) -> None:
    case, secret = said(wang)
    answers = [other.post(f"/m/{case.code}/", {"secret": "wrong"}).status_code for _ in range(11)]
    assert answers == [404] * 10 + [429]
    assert other.post(f"/m/{case.code}/", {"secret": secret}).status_code == 429


def test_a_code_with_a_slip_is_told_and_a_right_one_leads_on(other: Client, wang: Client) -> None:
    case, _secret = said(wang)
    wrong = other.get("/m/", {"code": "AAAAA-AAAAA-AAAAA"})
    assert wrong.status_code == 422
    assert "AAAAA-AAAAA-AAAAA" in wrong.content.decode()
    assert other.get("/m/", {"code": case.code.lower()})["Location"] == f"/m/{case.code}/"
    assert other.get("/m/").status_code == 200


def test_she_sees_in_whose_hands_it_is_by_when_and_why_that_day(
    wang: Client, people: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    case, _secret = said(wang)
    go(case, "accept", people["clerk"])
    go(case, "assign", people["clerk"], unit="131022-lighting")
    due_at = Clock.objects.get(case_id=case.id, name="answer").due_at + timedelta(days=50)
    law = {"legal": "60d", "legal_due_at": due_at, "legal_article": "《信访工作条例》第三十四条"}
    Clock.objects.filter(case_id=case.id, name="answer").update(**law)
    wang.get("/places/below")  # the city is read into memory once a process
    with django_assert_max_num_queries(12):
        page = wang.get(f"/m/{case.code}/")
    text = page.content.decode()
    clock = Clock.objects.get(case_id=case.id, name="answer")
    assert "固安县路灯管理所" in text
    assert "由它负责到底" in text
    assert clock.rule in text
    assert clock.article in text
    assert "法定最长 60 天" in text
    assert "《信访工作条例》第三十四条" in text
    assert page.context["promise"]["due_at"] == clock.due_at
    assert "第 1 天" in text
    assert "归它管" in text


def test_a_date_that_may_still_move_is_marked_provisional(wang: Client) -> None:
    case, _secret = said(wang)
    Clock.objects.filter(case_id=case.id).update(provisional=True)
    assert "暂定" in wang.get(f"/m/{case.code}/").content.decode()


def test_who_opened_her_name_is_listed_for_her(wang: Client, people: dict[str, Any]) -> None:
    case, _secret = said(wang, phone="13812345678")
    until_answered(case, people)
    assert "固安县路灯管理所打开过您的称呼和电话" in wang.get(f"/m/{case.code}/").content.decode()


def test_she_says_it_is_good_and_it_closes(wang: Client, people: dict[str, Any]) -> None:
    case, _secret = said(wang)
    until_answered(case, people)
    page = wang.get(f"/m/{case.code}/").content.decode()
    assert "真的好了吗" in page
    assert "换了三只灯泡" in page
    answer = post(wang, case, "rate", contacted="true", solved="true", satisfied="true", words="谢谢")
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.state == "closed"
    assert "办结了" in wang.get(answer["Location"]).content.decode()


def test_she_says_it_is_not_good_and_sees_that_it_went_a_level_up(wang: Client, people: dict[str, Any]) -> None:
    case, _secret = said(wang)
    until_answered(case, people)
    answer = post(wang, case, "rate", solved="false", satisfied="false", words="还有一盏不亮")
    case.refresh_from_db()
    assert case.state == "reopened"
    text = wang.get(answer["Location"]).content.decode()
    assert "已经交到上一级：固安县群众服务中心" in text


def test_the_button_not_good_opens_the_form_with_her_answer_chosen(wang: Client, people: dict[str, Any]) -> None:
    case, _secret = said(wang)
    until_answered(case, people)
    page = wang.get(f"/m/{case.code}/rate/?solved=false").content.decode()
    chosen = [line for line in page.split("<input") if 'value="false"' in line and "checked" in line]
    assert len(chosen) == 1


def test_she_urges_once_a_day(wang: Client) -> None:
    case, _secret = said(wang)
    assert post(wang, case, "urge", words="晚上很黑").status_code == 302
    page = wang.get(f"/m/{case.code}/").content.decode()
    assert "催办〔" in page
    assert "今天已经催过了" in page
    again = wang.get(f"/m/{case.code}/urge/")
    assert again.status_code == 409
    assert "今天已经催过了" in again.content.decode()


def test_she_adds_words_and_a_photo_and_pressing_twice_adds_once(wang: Client) -> None:
    case, _secret = said(wang)
    taking = wang.get(f"/m/{case.code}/add/").context["taking"]
    fields = {"key": taking.key, "moves": taking.moves, "words": "昨晚又有人摔了"}
    wang.post(f"/m/{case.code}/add/", fields | {"photos": picture(colour="red")})
    wang.post(f"/m/{case.code}/add/", fields)
    assert Event.objects.filter(case_id=case.id, step="add").count() == 1
    assert Attachment.objects.filter(case_id=case.id, n=2).count() == 1
    assert "昨晚又有人摔了" in wang.get(f"/m/{case.code}/").content.decode()


def test_she_is_asked_for_more_and_supplies_it(wang: Client, people: dict[str, Any]) -> None:
    case, _secret = said(wang)
    go(case, "ask_more", people["clerk"], words="请说一下灯杆编号")
    page = wang.get(f"/m/{case.code}/").content.decode()
    assert "请说一下灯杆编号" in page
    assert "时限停着" in page or "等您到什么时候" in page
    assert post(wang, case, "supply", words="编号 017").status_code == 302
    case.refresh_from_db()
    assert "waiting" not in case.marks


def test_she_withdraws_only_after_being_asked_whether_she_means_it(wang: Client) -> None:
    case, _secret = said(wang)
    assert "真的要撤回吗" in wang.get(f"/m/{case.code}/withdraw/").content.decode()
    case.refresh_from_db()
    assert case.state == "said"
    post(wang, case, "withdraw")
    case.refresh_from_db()
    assert case.state == "withdrawn"


def test_she_objects_within_thirty_days_and_it_goes_a_level_up(wang: Client, people: dict[str, Any]) -> None:
    case, _secret = said(wang)
    until_answered(case, people)
    post(wang, case, "rate", solved="true", satisfied="true")
    assert f"/m/{case.code}/object/" in wang.get(f"/m/{case.code}/").content.decode()
    assert post(wang, case, "object", solved="false", words="灯又灭了").status_code == 302
    case.refresh_from_db()
    assert case.state == "reopened"


def test_who_was_slower_is_told_and_keeps_her_words(wang: Client, people: dict[str, Any]) -> None:
    case, _secret = said(wang)
    taking = wang.get(f"/m/{case.code}/withdraw/").context["taking"]
    go(case, "accept", people["clerk"])
    page = wang.post(f"/m/{case.code}/withdraw/", {"key": taking.key, "moves": taking.moves, "words": "已经自己修好了"})
    assert page.status_code == 409
    assert "有人比您快一步" in page.content.decode()
    assert "已经自己修好了" in page.content.decode()
    case.refresh_from_db()
    assert case.state == "accepted"
    taking = page.context["taking"]
    again = {"key": taking.key, "moves": page.context["case"].moves, "words": "已经自己修好了"}
    assert wang.post(f"/m/{case.code}/withdraw/", again).status_code == 302


def test_a_step_of_the_staff_is_not_there_and_a_strangers_step_leads_to_the_codes_page(
    wang: Client, other: Client
) -> None:
    case, _secret = said(wang)
    assert wang.get(f"/m/{case.code}/accept/").status_code == 404
    assert wang.get(f"/m/{case.code}/say/").status_code == 404
    for path in ("urge", "withdraw", "add"):
        assert other.get(f"/m/{case.code}/{path}/")["Location"] == f"/m/{case.code}/"
        assert other.post(f"/m/{case.code}/{path}/", {"words": "x"})["Location"] == f"/m/{case.code}/"
    assert Event.objects.filter(case_id=case.id).count() == 1


def test_her_photo_is_seen_by_her_and_by_who_handles_it_and_by_nobody_else(
    wang: Client, other: Client, people: dict[str, Any], settings: Any
) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False
    case, _secret = said(wang, photos=picture())
    path = f"/m/{case.code}/photo/{Attachment.objects.get(case_id=case.id).pk}"
    for end in ("", "/thumb"):
        answer = wang.get(path + end)
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]
        assert b"".join(answer.streaming_content).startswith(b"\xff\xd8\xff")
        assert other.get(path + end).status_code == 404
    other.force_login(people["clerk"])
    assert other.get(path).status_code == 200
    other.force_login(people["stranger"])
    assert other.get(path).status_code == 404


def test_a_photo_in_a_note_among_staff_is_not_hers_to_see(wang: Client, people: dict[str, Any]) -> None:
    case, _secret = said(wang)
    go(case, "note", people["clerk"], words="内部", photos=[pictures.clean(picture(colour="green").read())])
    path = f"/m/{case.code}/photo/{Attachment.objects.get(case_id=case.id).pk}"
    assert wang.get(path).status_code == 404
    assert "内部" not in wang.get(f"/m/{case.code}/").content.decode()


def test_a_merged_matter_says_it_is_handled_together_and_names_no_other_code(
    wang: Client, other: Client, people: dict[str, Any]
) -> None:
    case, _secret = said(wang)
    first, _other_secret = said(other, text="东门的路灯黑了好几天")
    go(case, "merge", people["clerk"], into=first.code)
    text = wang.get(f"/m/{case.code}/").content.decode()
    assert "一起办" in text
    assert first.code not in text.replace("-", "")


def test_danger_reported_about_her_matter_is_not_told_by_a_clock(wang: Client, people: dict[str, Any]) -> None:
    case, _secret = said(wang)
    go(case, "danger", people["clerk"], to="police", words="线掉在地上")
    page = wang.get(f"/m/{case.code}/")
    assert "危险" not in page.content.decode()


def test_forgetting_on_a_borrowed_phone_shuts_the_matter_again(wang: Client) -> None:
    case, _secret = said(wang)
    assert LAMP[:10] in wang.get(f"/m/{case.code}/").content.decode()
    wang.post(f"/m/{case.code}/forget/")
    assert LAMP[:10] not in wang.get(f"/m/{case.code}/").content.decode()


def test_a_browser_remembers_fifty_matters_at_most(wang: Client) -> None:
    session = wang.session
    session[entered.NAME] = [f"X{n}" for n in range(60)]
    session.save()
    case, _secret = said(wang)
    held = wang.session[entered.NAME]
    assert len(held) == entered.MOST
    assert held[0] == case.code


def test_my_matters_lists_hers_and_a_stranger_sees_none(
    wang: Client, other: Client, django_assert_max_num_queries: Any
) -> None:
    case, _secret = said(wang)
    wang.get("/places/below")
    with django_assert_max_num_queries(12):
        assert case.title in wang.get("/mine/").content.decode()
    assert case.title not in other.get("/mine/").content.decode()


def test_every_step_page_costs_few_queries(wang: Client, django_assert_max_num_queries: Any) -> None:
    case, _secret = said(wang)
    wang.get("/places/below")
    with django_assert_max_num_queries(12):
        page = wang.get(f"/m/{case.code}/urge/")
    assert "每天可以催一次" in page.content.decode()


def test_too_many_steps_from_one_address_keep_her_words(wang: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    case, _secret = said(wang)
    monkeypatch.setitem(address.LIMITS, "step", (600, 0.5))
    page = post(wang, case, "add", words="还有一句")
    assert page.status_code == 429
    assert "还有一句" in page.content.decode()


def test_when_the_folder_of_matters_is_gone_she_can_read_hers_but_no_note_among_staff(
    wang: Client, people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, _secret = said(wang)
    go(case, "note", people["clerk"], words="内部的话")
    monkeypatch.setattr(registry, "get", lambda name: None)
    text = wang.get(f"/m/{case.code}/").content.decode()
    assert "只能看" in text
    assert LAMP[:10] in text
    assert "内部的话" not in text


def test_the_next_step_names_the_lead_that_must_answer(wang: Client, people: dict[str, Any]) -> None:
    case, _secret = said(wang)
    go(case, "accept", people["clerk"])
    go(case, "assign", people["clerk"], unit="131022-lighting")
    page = wang.get(f"/m/{case.code}/")
    assert page.context["promise"]["unit"]["zh"] == "固安县路灯管理所"
    assert page.context["log"][0]["state"] == "next"


def test_who_presses_what_is_already_done_keeps_her_words_without_a_button(wang: Client) -> None:
    case, _secret = said(wang)
    taking = wang.get(f"/m/{case.code}/withdraw/").context["taking"]
    post(wang, case, "withdraw", words="先撤")
    page = wang.post(f"/m/{case.code}/withdraw/", {"key": taking.key, "moves": taking.moves, "words": "我也撤"})
    assert page.status_code == 409
    text = page.content.decode()
    assert "我也撤" in text
    assert "btn--red" not in text
    assert "已撤回" in text
