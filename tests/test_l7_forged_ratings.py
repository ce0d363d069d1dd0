"""L7: people of the staff try in twenty ways to rate as the speaker; nothing of it counts as rated by the speaker."""

from __future__ import annotations

import hashlib
import itertools
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models import Max
from django.test import Client

from minan.kernel import access, act, speakers, vault, worker
from minan.kernel.access import SPEAKER, actor
from minan.kernel.commands.token import issue
from minan.kernel.models import Case, Event, Speaker, Tally
from minan.lib import throttle
from tests import house

pytestmark = [pytest.mark.django_db, pytest.mark.bar("L7")]

GOOD = {"solved": "true", "satisfied": "true", "contacted": "true"}
KEYS = itertools.count()
LAMP = {"text": "东门外的路灯不亮", "place": "131022100010", "kind": "lamp.out"}


@pytest.fixture(autouse=True)
def unhurried() -> Iterator[None]:
    throttle.forget()
    yield
    throttle.forget()


def hashed(letters: str) -> str:
    """As the speaker's browser makes it."""
    return hashlib.sha256(b"minan:receipt:" + letters.encode()).hexdigest()


def said(browser: Client, capability: str = "", text: str = LAMP["text"]) -> tuple[Case, str]:
    """A matter said on the page for residents, and the secret on its receipt."""
    key = browser.get("/say/").context["saying"].key
    answer = browser.post("/say/", LAMP | {"key": key, "text": text, "capability": capability})
    page = browser.get(answer["Location"])
    return page.context["case"], page.context["secret"]


def answered(case: Case, people: dict[str, Any]) -> Case:
    """Walked to the answer, by those whose work it is."""
    clerk, handler = actor(people["clerk"]), actor(people["handler"])
    told = {"outcome": "explained", "words": "已经排进下周的计划", "article": "LF-DUTY-2026"}
    for step, who, facts in (
        ("accept", clerk, {}), ("assign", clerk, {"unit": "131022-lighting"}), ("sign", handler, {}),
        ("call", handler, {}), ("answer", handler, told),
    ):  # fmt: skip
        case.refresh_from_db()
        done = act.act(case, step, by=who, facts=facts)
        assert done, (step, done)
    case.refresh_from_db()
    return case


@dataclass
class Town:
    """王秀兰's matter, answered; what she holds; and the staff who would like it rated well."""

    people: dict[str, Any]
    case: Case
    letters: str
    secret: str
    wang: Client

    def at_work(self, who: str = "clerk") -> Client:
        return house.browser(self.people[who])

    def token(self, who: str) -> str:
        return str(issue(self.people[who]))

    def api(self, who: str, path: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self.token(who)}", "Idempotency-Key": f"l7-{next(KEYS)}"}
        return Client().post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers)

    def rate(self, client: Client, case: Case | None = None, **fields: str) -> Any:
        """The speaker's own form, sent by whoever has this browser."""
        case = case or self.case
        case.refresh_from_db()
        page = client.get(f"/m/{case.code}/rate/")
        key = page.context["taking"].key if page.status_code == 200 else "none"
        return client.post(f"/m/{case.code}/rate/", GOOD | {"key": key, "moves": str(case.moves)} | fields)

    def entered(self, secret: str, case: Case | None = None, client: Client | None = None) -> Client:
        """A browser that came in by the link on the receipt."""
        client = client or Client()
        answer = client.post(f"/m/{(case or self.case).code}/", {"secret": secret})
        assert answer.status_code == 302
        return client


@pytest.fixture
def town(people: dict[str, Any], city: None) -> Town:
    wang, letters = Client(), vault.secret_of(secrets.token_bytes(16))
    wang.force_login(people["resident"])
    case, secret = said(wang, hashed(letters))
    return Town(people, answered(case, people), letters, secret, wang)


def counted() -> int:
    """How many ratings the whole city counts as cast by speakers."""
    worker.settle(datetime.now(UTC))
    return Tally.objects.filter(by="all").aggregate(n=Max("rated"))["n"] or 0  # a place and all above it count the same


# ---- the ways


def by_their_own_step(town: Town) -> None:
    for who in ("clerk", "handler", "supervisor"):
        done = act.act(town.case, "rate", by=actor(town.people[who]), facts={"solved": True, "satisfied": True})
        assert isinstance(done, act.Refused), who


def at_the_desk(town: Town) -> None:
    town.at_work().post(f"/desk/{town.case.code}/rate/", GOOD | {"moves": str(town.case.moves)})


def on_the_handlers_phone(town: Town) -> None:
    town.at_work("handler").post(f"/tasks/{town.case.code}/rate/", GOOD | {"moves": str(town.case.moves)})


def by_the_supervisors_page(town: Town) -> None:
    town.at_work("supervisor").post(f"/supervise/{town.case.code}/", GOOD | {"step": "rate"})


def over_the_api(town: Town) -> None:
    body = {"facts": {"solved": True, "satisfied": True}, "moves": town.case.moves}
    assert town.api("handler", f"/cases/{town.case.code}/steps/rate", body).status_code in (403, 404)


def over_the_api_with_the_hash(town: Town) -> None:
    body = {"facts": {"solved": True, "satisfied": True}, "moves": town.case.moves, "capability": hashed(town.letters)}
    town.api("clerk", f"/cases/{town.case.code}/steps/rate", body)


def by_the_code_alone(town: Town) -> None:
    assert town.rate(Client()).status_code == 302  # to the page that asks for the secret


def by_a_photo_of_her_receipt(town: Town) -> None:
    """The link with its secret, from the clerk's own phone, with no capability."""
    town.rate(town.entered(town.secret))


def with_the_secret_as_capability(town: Town) -> None:
    browser = town.entered(town.secret)
    assert town.rate(browser, capability=town.secret).status_code == 422
    town.rate(browser)


def with_the_hash_as_capability(town: Town) -> None:
    browser = town.entered(town.secret)
    assert town.rate(browser, capability=hashed(town.letters)).status_code == 422
    assert town.rate(browser, capability=speakers_row(town.case).capability).status_code == 422


def with_the_capability_of_another_case(town: Town) -> None:
    letters = vault.secret_of(secrets.token_bytes(16))
    said(Client(), hashed(letters), "西街的路灯也不亮")
    assert town.rate(town.entered(town.secret), capability=letters).status_code == 422


def with_one_letter_guessed_wrong(town: Town) -> None:
    wrong = town.letters[:-1] + ("0" if town.letters[-1] != "0" else "1")
    assert town.rate(town.entered(town.secret), capability=wrong).status_code == 422


def with_fields_added_to_the_form(town: Town) -> None:
    town.rate(town.entered(town.secret), cast="own", issued="speaker", cap_by="speaker")


def by_impersonating_her_account(town: Town) -> None:
    """An administrator set a new password for her account and signs in as her."""
    client = Client()
    client.force_login(town.people["resident"])
    town.rate(client)


def by_a_token_of_her_account(town: Town) -> None:
    body = {"facts": {"solved": True, "satisfied": True}, "moves": town.case.moves}
    answer = town.api("resident", f"/cases/{town.case.code}/steps/rate", body)
    assert answer.status_code == 200


def in_the_clerks_browser_with_all_she_has(town: Town) -> None:
    """She hands over secret and capability at the counter, and the clerk presses."""
    town.rate(town.entered(town.secret, client=town.at_work()), capability=town.letters)


def by_the_slip_of_a_walk_in(town: Town) -> None:
    """The clerk takes a matter in, keeps a copy of the slip, and rates from a phone of their own."""
    secret = vault.secret()
    opened = act.open_case(
        "matter", by=actor(town.people["clerk"]), facts=LAMP, channel="walkin", secret=secret, capability=hashed(secret)
    )
    assert isinstance(opened, act.Opened)
    case = answered(opened.case, town.people)
    town.rate(town.entered(secret, case), case, capability=secret)


def with_a_capability_made_at_the_desk(town: Town) -> None:
    """Signed in at work, the clerk says it for her on the page for residents, with a capability of the clerk's own."""
    letters = vault.secret_of(secrets.token_bytes(16))
    case, secret = said(town.at_work(), hashed(letters), "替她说的：井盖松了")
    case = answered(case, town.people)
    browser = town.entered(secret, case)
    town.rate(browser, case, capability=letters)
    town.rate(browser, case, capability=secret)


def opened_over_the_api_with_a_capability(town: Town) -> None:
    letters = vault.secret_of(secrets.token_bytes(16))
    facts = {name: value for name, value in LAMP.items() if name != "place"}
    body = {"procedure": "matter", "place": LAMP["place"], "facts": facts, "capability": hashed(letters)}
    told = town.api("clerk", "/cases", body).json()
    case = answered(Case.objects.get(code=told["case"]["code"]), town.people)
    town.rate(town.entered(told["secret"], case), case, capability=letters)


def opened_over_open311_with_a_capability(town: Town) -> None:
    letters = vault.secret_of(secrets.token_bytes(16))
    form = {
        "service_code": "lamp.out", "description": LAMP["text"], "address_id": LAMP["place"], "api_key": town.token("clerk"),
        "extended_attributes[capability]": hashed(letters),
    }  # fmt: skip
    told = Client().post("/open311/v2/requests.json", form).json()[0]
    case = answered(Case.objects.get(code=told["service_request_id"]), town.people)
    town.rate(town.entered(told["extended_attributes"]["secret"], case), case, capability=letters)


def by_pressing_her_form_again_with_another_capability(town: Town) -> None:
    """Her own press, replayed: the first one's hash stands, and cannot be written over."""
    before = speakers_row(town.case).capability
    letters = vault.secret_of(secrets.token_bytes(16))
    key = str(Event.objects.get(case_id=town.case.id, n=1).key)
    again = act.open_case("matter", by=SPEAKER, facts=LAMP, key=key, capability=hashed(letters))
    assert isinstance(again, act.Opened)
    assert again.case.id == town.case.id
    assert speakers_row(town.case).capability == before
    assert town.rate(town.entered(town.secret), capability=letters).status_code == 422


def by_a_return_visit(town: Town) -> None:
    """What staff take down of her words is counted as that."""
    visitor = actor(town.people["supervisor"])
    facts = {"reached": True, "solved": True, "satisfied": True, "contacted": True, "words": "她说好了"}
    act.act(town.case, "visit", by=visitor, facts=facts)


def by_a_press_without_the_forms_token(town: Town) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = town.wang.cookies
    assert browser.post(f"/m/{town.case.code}/rate/", GOOD | {"capability": town.letters}).status_code == 403


def speakers_row(case: Case) -> Speaker:
    return Speaker.objects.get(county=case.county, case_id=case.id)


WAYS: tuple[Callable[[Town], None], ...] = (
    by_their_own_step, at_the_desk, on_the_handlers_phone, by_the_supervisors_page, over_the_api, over_the_api_with_the_hash,
    by_the_code_alone, by_a_photo_of_her_receipt, with_the_secret_as_capability, with_the_hash_as_capability,
    with_the_capability_of_another_case, with_one_letter_guessed_wrong, with_fields_added_to_the_form, by_impersonating_her_account,
    by_a_token_of_her_account, in_the_clerks_browser_with_all_she_has, by_the_slip_of_a_walk_in, with_a_capability_made_at_the_desk,
    opened_over_the_api_with_a_capability, opened_over_open311_with_a_capability, by_pressing_her_form_again_with_another_capability,
    by_a_return_visit, by_a_press_without_the_forms_token,
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nothing_that_staff_try_counts_as_the_speakers_own_rating(town: Town, way: Callable[[Town], None]) -> None:
    way(town)
    assert counted() == 0


def test_the_speaker_herself_is_counted_and_told_so(town: Town) -> None:
    page = town.wang.get(f"/m/{town.case.code}/rate/")
    assert "算您本人评的" in page.content.decode()
    town.rate(Client())  # somebody without the secret, before her
    answer = town.rate(town.entered(town.secret), capability=town.letters.lower())
    assert answer.status_code == 302
    assert counted() == 1
    told = town.entered(town.secret, client=town.wang).get(f"/m/{town.case.code}/").content.decode()
    assert town.letters not in told


def test_without_a_script_the_servers_secret_serves_and_is_marked_so(people: dict[str, Any], city: None) -> None:
    wang = Client()
    case, secret = said(wang)
    town = Town(people, answered(case, people), "", secret, wang)
    assert "注明取件码是我们发的" in wang.get(f"/m/{case.code}/rate/").content.decode()
    answer = wang.post(
        f"/m/{case.code}/rate/", GOOD | {"key": "", "moves": str(case.moves), "capability": secret}, follow=True
    )
    assert "注明取件码（口令）是我们发的" in answer.content.decode()
    assert speakers_row(case).issued == "server"
    assert (counted(), town.secret) == (1, secret)


# ---- each defence, taken out, lets somebody through


@pytest.mark.parametrize(
    ("where", "name", "broken", "way"),
    [
        (speakers, "cast", lambda case, given: "own", by_a_photo_of_her_receipt),
        (vault, "same", lambda a, b: True, by_impersonating_her_account),
        (access, "is_staff", lambda user: False, with_a_capability_made_at_the_desk),
        (access, "is_staff", lambda user: False, in_the_clerks_browser_with_all_she_has),
    ],
)
def test_the_bar_bites(
    town: Town, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, broken: Any, way: Callable[[Town], None]
) -> None:
    monkeypatch.setattr(where, name, broken)
    try:
        way(town)
    finally:
        monkeypatch.undo()
    assert counted() > 0
