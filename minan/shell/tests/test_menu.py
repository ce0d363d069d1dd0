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


def test_an_entry_for_no_face_stops_the_start() -> None:
    with pytest.raises(ValueError, match="none of"):
        Entry("x", "x", (), face="watch")
