"""In Chromium: words survive a lost line, the secret stays out of addresses, the desk obeys its keys, axe finds nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route

from minan.kernel.tests.waiting import until

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="not run: the shell in a browser (chromium missing)"),
    pytest.mark.django_db(transaction=True),
]
FORM = (
    '<form method="post" action="/x/">{}<div class="field {}"><textarea name="words"></textarea></div>'
    '<input type="password" name="pw"><button>go</button></form>'
)


@pytest.fixture
def page(chromium: Any, live_server: Any) -> Iterator[Page]:
    context = chromium.new_context(
        locale="zh-CN", viewport={"width": 390, "height": 800}, service_workers="block", base_url=live_server.url
    )
    yield context.new_page()
    context.close()


def made_up(body: str, *scripts: str, flags: str = "") -> str:
    """A page of ours with this body, for behaviours that need no server."""
    tags = "".join(f'<script src="/static/minan/{name}.js" defer></script>' for name in scripts)
    return f'<!doctype html><html lang="zh-CN"><body data-lang="zh" {flags}>{body}{tags}'


def answering(page: Page, path: str, html: str) -> None:
    page.route(path, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))


@pytest.mark.parametrize(
    ("answer", "kept"), [("lost", "路灯坏了"), ("wrong", "路灯坏了"), ("broken", "路灯坏了"), ("taken", "")]
)
def test_her_words_stay_until_the_server_has_them(page: Page, answer: str, kept: str) -> None:
    def reply(route: Route) -> None:
        html = made_up(FORM.format("", ""), "draft")
        if route.request.method == "POST":
            if answer == "lost":
                route.abort()
                return
            html = {
                "wrong": made_up(FORM.format("", "is-bad"), "draft"),
                "broken": made_up("<h1>500</h1>", "draft", flags="data-keep"),
                "taken": made_up("<h1>收到了</h1>", "draft"),
            }[answer]
        route.fulfill(body=html, content_type="text/html; charset=utf-8", headers={"Referrer-Policy": "same-origin"})

    page.route("**/x/", reply)
    page.goto("/x/")
    page.fill("textarea", "路灯坏了")
    page.fill("[name=pw]", "correct horse")
    page.click("button")
    if answer == "lost":
        page.wait_for_url("chrome-error://**")
    page.wait_for_load_state()
    page.unroute("**/x/")
    answering(page, "**/x/", made_up(FORM.format("", ""), "draft"))
    page.goto("/x/")
    assert page.input_value("textarea") == kept
    assert page.input_value("[name=pw]") == ""


def test_the_next_person_at_the_desk_does_not_find_the_first_ones_words(page: Page) -> None:
    for who, expected in (("1", ""), ("2", ""), ("1", "写到一半")):
        answering(page, "**/x/", made_up(FORM.format("", ""), "draft", flags=f'data-who="{who}"'))
        page.goto("/x/")
        assert page.input_value("textarea") == expected
        if who == "1":
            page.fill("textarea", "写到一半")
            until(page, "Object.values(localStorage).some((kept) => kept.includes('写到一半'))")
        page.unroute("**/x/")


def test_the_secret_on_paper_is_posted_once_and_leaves_the_address(page: Page) -> None:
    sent: list[tuple[str, str]] = []

    def reply(route: Route) -> None:
        html = made_up(
            '<form method="post" data-follow-form data-code="GAH4K2M7QX0TW5J"><input name="secret"></form>', "secret"
        )
        if route.request.method == "POST":
            sent.append((route.request.url, route.request.post_data or ""))
            html = "<h1>进度</h1>"
        route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page.route("**/m/GAH4K2M7QX0TW5J/", reply)
    page.goto("/m/GAH4K2M7QX0TW5J/#abc-def")
    page.wait_for_selector("h1")
    assert [data for _, data in sent] == ["secret=abc-def"]
    assert "abc-def" not in page.url + sent[0][0]
    page.goto("/")
    page.wait_for_selector("[data-mine] article")
    assert "GAH4K-2M7QX-0TW5J" in page.inner_text("[data-mine]")
    page.click("[data-mine] button")
    assert page.evaluate("localStorage.getItem('minan-matters')") == "[]"


def test_the_clerk_works_by_keyboard_and_typing_is_never_a_command(page: Page) -> None:
    rows = "".join(f'<li><a href="#{n}" data-row>{n}</a></li>' for n in range(3))
    body = (
        f'<ol>{rows}</ol><button data-key="a" type="button">交办 <kbd>A</kbd></button><input id="find" data-key="/">'
        '<dialog id="key-help"><dl data-key-list></dl></dialog>'
    )
    answering(page, "**/k/", made_up(body, "keys"))
    page.goto("/k/")
    page.evaluate(
        "document.querySelector('button').addEventListener('click', () => { window.hits = (window.hits || 0) + 1 })"
    )
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "1"
    page.keyboard.press("a")
    page.keyboard.press("/")
    page.keyboard.type("aja")
    assert page.input_value("#find") == "aja"
    assert page.evaluate("window.hits") == 1
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert "交办" in page.inner_text("#key-help")


@pytest.mark.parametrize("path", ["/", "/about/", "/login/", "/offline/", "/no-such-page/"])
@pytest.mark.parametrize(("scheme", "elder", "lang"), [("light", "0", "zh-hans"), ("dark", "1", "en")])
def test_every_first_page_passes_axe_and_fits_the_phone(
    page: Page, path: str, scheme: Any, elder: str, lang: str, live_server: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    jar = [
        {"name": "elder", "value": elder, "url": live_server.url},
        {"name": "django_language", "value": lang, "url": live_server.url},
    ]
    page.context.add_cookies(jar)  # type: ignore[arg-type]
    page.goto(path)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
