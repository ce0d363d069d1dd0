"""P11: nobody can ask about another person. No address, filter, table, command or search takes a name or a number and gives matters.

A speaker finds their own: by code and secret, by their account, by a live call they said yes to (DOMAIN.md, Red lines).
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import pathlib
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from minan import cli
from minan.channels.api import openapi
from minan.channels.open311 import sought
from minan.kernel import inbox, registry, search, worker
from minan.kernel.access import SPEAKER
from minan.kernel.act import Opened, open_case
from minan.kernel.commands.token import issue
from minan.kernel.inbox import Wanted
from minan.kernel.models import Attachment, Body, Case, Clock, Event, Inbox, Judged, Look, Message, Speaker, Tally, User
from minan.kernel.pages import admin_tables
from minan.kernel.tests.desks import desk_of, text_of
from tests import house

pytestmark = pytest.mark.bar("P11")
ROOT = pathlib.Path(__file__).resolve().parent.parent / "minan"
# What names a person: no parameter, filter, option or column of a list of matters is called so.
PERSON = re.compile(
    r"(?:^|_)(?:name|names|phone|phones|mobile|tel|telephone|call_?from|msisdn|id_?card|id_?number|identity|sfz|plate|car|card|"
    r"bank|account|email|mail|openid|wechat|qq|person|people|resident|speaker|owner|applicant|caller|who|birth|face|voice|"
    r"first_name|last_name)(?:_|$)"
)
OF_MATTERS: tuple[Any, ...] = (Case, Event, Body, Speaker, Message, Inbox, Attachment, Clock, Tally, Judged, Look)
PHONE, NAME, ID, PLATE, CARD = "13987654321", "王金丝雀", "11010519491231002X", "冀R12345", "6222021234567890128"
# Words of an address that look like a person's and are not: the name of a step, the key of an account of staff.
PATHS = {"m/<str:code>/<slug:name>/": "a step", "admin/<slug:name>/": "a table", "admin/<slug:name>/<str:pk>/": "a table",
         "demo/<slug:username>/": "one of the demo's people signs in"}  # fmt: skip


def parameters(document: dict[str, Any]) -> list[str]:
    """Every parameter of every call of the document, in path, query and header: call and name."""
    out = []
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            for one in [*calls.get("parameters", []), *call.get("parameters", [])] if isinstance(call, dict) else []:
                out.append(f"{method} {path} {one['name'] if 'name' in one else one['$ref']}")
    return out


def asked_for() -> dict[str, set[str]]:
    """Every word any source file takes out of an address's query: word → files."""
    found: dict[str, set[str]] = {}
    for path in ROOT.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for word in _word(node):
                found.setdefault(word, set()).add(str(path.relative_to(ROOT)))
    return found


def _word(node: ast.AST) -> list[str]:
    """The literal in request.GET["x"], request.GET.get("x"), query.get("x"), asked.get("x")."""
    if isinstance(node, ast.Subscript) and _query(node.value) and isinstance(node.slice, ast.Constant):
        return [str(node.slice.value)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "getlist", "pop") and node.args:
        first = node.args[0]
        return [str(first.value)] if _query(node.func.value) and isinstance(first, ast.Constant) else []
    return []


def _query(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "GET") or (isinstance(node, ast.Name) and node.id in ("query", "asked"))


def declared() -> list[str]:
    """What the whole house takes in order to list or show matters, as words that are held against PERSON."""
    out = [row.rsplit(" ", 1)[1] for row in parameters(openapi.document())]
    out += [*openapi.LIST, *openapi.COUNTS, *openapi.PLACES]
    out += [f.name for f in dataclasses.fields(Wanted)]
    out += asked_for()
    for route in house.routes():
        if route not in PATHS:
            out += re.findall(r"<(?:\w+:)?(\w+)>", route)
    return out


def people_asked_for() -> list[str]:
    return sorted({word for word in declared() if PERSON.search(word.lower())})


def tables_of_matters() -> list[str]:
    return [name for name, table in admin_tables.TABLES.items() if table.model in OF_MATTERS]


def options(parser: argparse.ArgumentParser, before: str = "minan") -> list[str]:
    out = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, one in action.choices.items():
                out += options(one, f"{before} {name}")
        else:
            out.append(f"{before}: {action.dest}")
    return out


def test_no_address_filter_or_parameter_names_a_person() -> None:
    assert len(declared()) > 60
    assert people_asked_for() == []


def test_no_table_of_the_administrator_shows_matters_or_speakers() -> None:
    assert tables_of_matters() == []


def test_no_command_takes_a_person_of_the_public() -> None:
    commands = options(cli.parser_of(cli.modules()))
    assert len(commands) > 10
    witnesses = "minan witness: name"  # of the witness itself, who is an institution
    assert [one for one in commands if one != witnesses and PERSON.search(one.rsplit(" ", 1)[1])] == []


def test_no_list_row_holds_a_column_for_a_person() -> None:
    for model in (Case, Inbox, Event, Message, Tally):
        assert [f.name for f in model._meta.fields if PERSON.search(f.name)] == []


def test_no_question_of_any_step_finds_a_matter_by_a_person() -> None:
    """A step is taken on one matter; the only field that names another matter names it by its code."""
    for procedure in registry.procedures().values():
        for step in procedure.steps:
            assert all(f.data == "P2" or f.type not in ("phone",) for f in step.fields), step.name


# ---- what truly happens


@pytest.fixture
def case(city: None) -> Case:
    facts = {"text": f"路灯不亮，找{NAME}，{PHONE}，身份证{ID}，车{PLATE}", "place": "131022100010", "kind": "order.build", "phone": PHONE, "name": NAME}
    opened = open_case("matter", by=SPEAKER, facts=facts)
    assert isinstance(opened, Opened)
    worker.settle()
    return opened.case


TYPED = (
    PHONE, "139-8765-4321", "139 8765 4321", "+86 13987654321", "１３９８７６５４３２１", "0316-6123456", ID, ID[:17], "110105 19491231 002X",
    PLATE, "冀R·12345", CARD, "6222 0212 3456 7890 128",
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("typed", TYPED)
def test_a_search_for_a_persons_number_is_answered_with_a_plain_sentence(people: dict[str, User], case: Case, typed: str) -> None:
    assert search.about_a_person(typed)
    page = text_of(desk_of("clerk").get("/desk/", {"q": typed}))
    assert "这里不能查人" in page
    assert case.code not in page.replace("-", "")
    told = Client().get("/api/v1/cases", {"q": typed}, headers={"Authorization": f"Bearer {issue(people['clerk'])}"})
    assert told.status_code == 400
    assert "q" in told.json()["errors"]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["路灯不亮", "路灯 2026", "3-2-401", "小区东门 12 号楼", "12345", "110"])
def test_words_codes_and_house_numbers_are_looked_for_as_ever(people: dict[str, User], case: Case, typed: str) -> None:
    assert not search.about_a_person(typed)
    assert not search.about_a_person(case.code)
    assert desk_of("clerk").get("/desk/", {"q": typed}).status_code == 200


@pytest.mark.django_db
def test_filters_nobody_declared_change_nothing(people: dict[str, User], case: Case) -> None:
    """phone=, name= and their like in every address that lists: refused by the API, without effect elsewhere."""
    token = {"Authorization": f"Bearer {issue(people['clerk'])}"}
    desk = desk_of("supervisor")
    tried = {"phone": PHONE, "name": NAME, "id_card": ID, "plate": PLATE, "card": CARD, "speaker": "1", "owner": "1"}
    for name, value in tried.items():
        assert Client().get("/api/v1/cases", {name: value}, headers=token).status_code == 400
        assert Client().get("/api/v1/counts", {name: value}, headers=token).status_code == 400
        for path in ("/desk/", "/tasks/", "/board/", "/supervise/", "/supervise/cases/"):
            bare = house.CHANGING.sub(b"", desk.get(path).content)
            got = house.CHANGING.sub(b"", desk.get(path, {name: value}).content)
            # the page may repeat its own address, never find by it
            assert _codes(got) == _codes(bare), (path, name)
        listed = Client().get("/open311/v2/requests.json", {name: value}).json()
        assert listed == Client().get("/open311/v2/requests.json").json()


def _codes(page: bytes) -> set[str]:
    return set(re.findall(r"/(?:desk|tasks|m)/([0-9A-Z]{15})/", page.decode()))


@pytest.mark.django_db
def test_the_index_holds_no_number_and_no_stranger_finds_an_account(people: dict[str, User], case: Case) -> None:
    for typed in (PHONE, ID, PLATE):
        assert search.ids(typed, ["131022100-station"], ["131022"]) == []
    got = Client().get("/api/v1/cases", headers={"Authorization": f"Bearer {issue(people['resident'])}"})
    assert got.json()["items"] == []


# ---- each check bites


def test_it_bites_where_somebody_adds_a_filter_to_the_api(monkeypatch: Any) -> None:
    openapi.document()  # it is kept once it is made: what is added below is not to be in it for whoever comes next
    monkeypatch.setitem(openapi.LIST, "phone", {"type": "string"})
    assert people_asked_for() == ["phone"]


def test_it_bites_where_somebody_adds_a_filter_to_the_list(monkeypatch: Any) -> None:
    wider = dataclasses.make_dataclass("Wanted", [("speaker_phone", str, "")], bases=(Wanted,), frozen=True)
    monkeypatch.setattr(inbox, "Wanted", wider)
    monkeypatch.setitem(globals(), "Wanted", wider)
    assert people_asked_for() == ["speaker_phone"]


READS = ('request.GET.get("phone")', 'request.GET["id_card"]', 'asked.get("name", "")', 'query.getlist("plate")')


@pytest.mark.parametrize("source", READS)
def test_it_bites_where_a_view_reads_a_person_from_the_address(source: str) -> None:
    (word,) = [word for node in ast.walk(ast.parse(source)) for word in _word(node)]
    assert PERSON.search(word)


def test_it_bites_where_somebody_adds_a_table_of_speakers(monkeypatch: Any) -> None:
    table = dataclasses.replace(next(iter(admin_tables.TABLES.values())), model=Speaker)
    monkeypatch.setitem(admin_tables.TABLES, "speakers", table)
    assert tables_of_matters() == ["speakers"]


def test_it_bites_where_a_command_takes_a_phone() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--phone")
    assert [one for one in options(parser) if PERSON.search(one.rsplit(" ", 1)[1])] == ["minan: phone"]


@pytest.mark.django_db
def test_it_bites_where_the_search_no_longer_refuses(people: dict[str, User], case: Case, monkeypatch: Any) -> None:
    monkeypatch.setattr(search, "about_a_person", lambda _query: False)
    with pytest.raises(AssertionError):
        test_a_search_for_a_persons_number_is_answered_with_a_plain_sentence(people, case, PHONE)


def test_open311_asks_for_nothing_else_than_the_standard() -> None:
    words = {word for word, files in asked_for().items() if "channels/open311/sought.py" in files}
    assert words == {"page", "page_size", "service_request_id", "start_date", "end_date", "service_code", "status", "jurisdiction_id"}
    assert sought.page.__name__ == "page"
    assert get_resolver()
