"""What the phone takes along is enough to work: lists, pages, steps now and after; and no more than its worker may see."""

from __future__ import annotations

import pathlib
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from minan.channels.field import lists, words
from minan.channels.field.tests.conftest import Phone, browser
from minan.kernel import registry

pytestmark = pytest.mark.django_db
HERE = pathlib.Path(lists.__file__).parent
SCRIPTS = sorted((HERE / "static/field").glob("*.js"))


def test_the_lamp_is_in_his_list_with_its_page_and_what_he_can_do(worker: Phone, lamp: Any) -> None:
    assert [row["code"] for row in worker.get("pack/").json()["cases"]] == [lamp.code]
    page = worker.get(f"cases/{lamp.code}/").json()
    assert "不亮" in page["text"]
    assert "13800000001" not in str(page), "scrubbed as everywhere"
    assert {"accept", "settle", "progress", "note"} <= set(page["steps"])
    assert "danger" not in page["steps"]
    assert page["clocks"][0]["due_at"]
    assert page["at"], "so that the day's visits can be put in order"


def test_he_can_go_on_after_a_step_without_network(worker: Phone, lamp: Any) -> None:
    page = worker.get(f"cases/{lamp.code}/").json()
    assert "handle_myself" in page["after"]["accepted"]
    assert {"call", "progress"} <= set(page["after"]["handling"])


def test_every_step_of_a_page_has_its_form_in_the_lists(worker: Phone, lamp: Any) -> None:
    forms, page = worker.get("lists/").json(), worker.get(f"cases/{lamp.code}/").json()
    known = forms["procedures"]["matter"]["steps"]
    assert set(page["steps"]) | {step for steps in page["after"].values() for step in steps} <= set(known)
    assert {f["name"] for f in known["settle"]["form"]} == {"kind", "place", "outcome", "words", "photos", "article"}
    assert forms["taking"]["settle"]["form"]
    assert any(row["code"] == lamp.place and row["at"] for row in forms["places"])


def test_no_form_on_a_phone_asks_for_what_belongs_into_the_vault() -> None:
    own = [p for p in registry.procedures().values() if p.name != "shop"]  # a shop's name stands on its sign
    steps = [s for p in own for s in (p.opening, *p.steps)]
    asked = {f.name for s in steps for f in s.fields if lists.asks(f)}
    assert not asked & {"phone", "name", "address"}
    assert not [s.name for s in steps if lists.offline(s) and s.near]


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_the_lists_speak_the_readers_language(worker: Phone, lamp: Any, lang: str) -> None:
    forms, page = worker.get("lists/", lang).json(), worker.get(f"cases/{lamp.code}/", lang).json()
    label = forms["procedures"]["matter"]["steps"]["accept"]["label"]
    assert (label, page["state_label"]) == (("Accept", "Said") if lang == "en" else ("受理", "待受理"))
    assert worker.get("pack/", lang).json()["stamp"] == forms["stamp"]


def test_a_page_costs_as_many_questions_as_it_needs(worker: Phone, lamp: Any) -> None:
    for path, most in (("pack/", 4), ("lists/", 4), (f"cases/{lamp.code}/", 7)):
        worker.get(path)
        with CaptureQueriesContext(connection) as asked:
            worker.get(path)
        assert len(asked) <= most, (path, [q["sql"][:90] for q in asked.captured_queries])


def test_the_page_the_phone_keeps_knows_nobody(people: dict[str, Any], lamp: Any) -> None:
    signed_in = browser(people["worker"])
    pages = [re.sub(rb"v=\w+", b"", client.get("/field/").content) for client in (signed_in, Client())]
    assert pages[0] == pages[1]
    assert "李建民" not in pages[0].decode()


def test_the_service_worker_keeps_every_script_and_no_address_with_data(city: None) -> None:
    text = Client().get("/field/sw.js").content.decode()
    kept = re.search(r"const FILES = \[(.*?)\];", text, re.DOTALL)
    assert kept
    files = re.findall(r'"([^"]+)"', kept[1])
    assert all(name.startswith("/static/") for name in files)
    assert {path.name for path in SCRIPTS} <= {name.split("/")[-1].split("?")[0] for name in files}
    assert not re.search(r"pack|cases|lists|records", text)


def test_where_a_worker_stands_is_asked_at_a_press_and_never_followed() -> None:
    texts = {path.name: path.read_text("utf-8") for path in SCRIPTS}
    assert not [name for name, text in texts.items() if "watchPosition" in text]
    asking = {name: text.count("getCurrentPosition(") for name, text in texts.items() if "geolocation" in text}
    assert asking == {"finding.js": 1, "screens.js": 1}
    for name, count in asking.items():  # each behind a press
        before = texts[name].split("getCurrentPosition(")[0]
        assert count == 1
        assert "onclick" in before[-400:] or "const stand = function" in before[-400:], name


def test_every_word_the_scripts_say_is_there_in_both_languages() -> None:
    said = {name for path in SCRIPTS for name in re.findall(r'F\.t\("([a-z_0-9]+)"', path.read_text("utf-8"))} - {
        "call_"
    }
    assert said <= set(words.WORDS)


def test_no_script_writes_what_was_typed_where_the_browser_reads_it() -> None:
    """Everything goes through the vault; forms are told not to be remembered."""
    texts = {path.name: path.read_text("utf-8") for path in SCRIPTS}
    assert [
        name
        for name, text in texts.items()
        if re.search(r"localStorage|sessionStorage|caches\.|document\.cookie|document\.title", text)
    ] == []
    assert 'autocomplete: "off"' in texts["forms.js"]
    iterations = re.search(r"ITERATIONS = (\d+)", texts["vault.js"])
    assert iterations
    assert int(iterations[1]) >= 310_000
