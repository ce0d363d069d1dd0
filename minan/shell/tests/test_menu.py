"""Who gets which way in: the menu is gathered from the folders, by post."""

from __future__ import annotations

import pytest
from django.urls import reverse

from minan.shell import menu
from minan.shell.menu import Entry


@pytest.fixture
def some_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (
        Entry("登录", "shell:login", ("clerk",), order=1),
        Entry("说明", "shell:about", ("everyone",), order=2),
        Entry("没有的", "nowhere:page", ("clerk",), order=3),
        Entry("首页", "shell:home", ("worker",), face="phone", icon="home"),
    )
    monkeypatch.setattr(menu, "entries", lambda: rows)


@pytest.mark.usefixtures("some_entries")
def test_the_clerk_sees_the_clerks_entries_and_the_stranger_only_the_public_ones() -> None:
    assert [row["label"] for row in menu.menu_for(["clerk"], "desk", "/")] == ["登录", "说明"]
    assert [row["label"] for row in menu.menu_for([], "desk", "/")] == ["说明"]
    assert [row["label"] for row in menu.menu_for(["worker"], "phone", "/")] == ["首页"]


@pytest.mark.usefixtures("some_entries")
def test_one_entry_at_most_says_you_are_here() -> None:
    here = menu.menu_for(["clerk"], "desk", reverse("shell:about") + "more/")
    assert [row["label"] for row in here if row["active"]] == ["说明"]


def test_li_jianmins_thumb_gets_five_wide_buttons_and_the_rest_behind_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = ("shell:login", "shell:about", "shell:offline", "shell:manifest", "shell:worker")
    rows = [Entry(name, name, ("worker",), face="phone", order=n) for n, name in enumerate(pages)]
    rows += [Entry("首页", "shell:home", ("everyone",), face="phone", order=60), Entry("说事箱", "shell:language", ("worker",))]
    monkeypatch.setattr(menu, "entries", lambda: tuple(rows))
    bar = menu.bar_for(["worker"], reverse("shell:worker"))
    assert [row["url"] for row in bar] == [reverse(name) for name in (*pages[:4], "shell:more")]
    assert [row["url"] for row in bar if row["active"]] == [reverse("shell:more")], "he is on a page behind the last button"
    work, own = menu.beyond_the_bar(["worker"])
    assert [row["label"] for row in work] == ["说事箱", "shell:worker"]
    assert [row["label"] for row in own] == ["首页"]
    assert [row["label"] for row in menu.bar_for([], "/")] == ["首页"], "a resident's bar has room"


def test_an_entry_for_no_face_stops_the_start() -> None:
    with pytest.raises(ValueError, match="none of"):
        Entry("x", "x", (), face="watch")
