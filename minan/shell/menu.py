"""The menu, gathered from the `menu.py` of every installed app: a folder that is deleted takes its entries with it.

An app says `ENTRIES = [{"label": _("收件箱"), "url": "web:inbox", "roles": ("clerk",), "order": 10}]` and imports nothing of the shell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

FACES = ("desk", "phone", "home")  # top bar, bottom bar of the phone, link on the resident's home
SHOWN = ("label", "icon", "key", "words", "tone")
BAR_MOST = 5  # entries of the phone's bottom bar: more are too narrow for a thumb
EVERYONE = "everyone"  # people who have not signed in and residents, too


@dataclass(frozen=True, slots=True)
class Entry:
    label: Any  # text, usually gettext_lazy
    url: str  # url name, with its namespace
    roles: tuple[str, ...]  # post roles of unit.Post ("clerk"), roles at a kind of unit ("clerk@centre"), or ("everyone",)
    face: str = "desk"
    order: int = 50
    icon: str = "list"
    key: str = ""  # desk: letter after G
    words: Any = ""  # home: one line under the label
    tone: str = ""  # home: "help" for the one red door, the call for help
    when: Callable[[], bool] | None = None  # asked each time: a door that is there only at times

    def __post_init__(self) -> None:
        if self.face not in FACES:
            raise ValueError(f"menu entry {self.url}: face {self.face!r} is none of {FACES}")


@cache
def entries() -> tuple[Entry, ...]:
    """Every entry of every installed app, by order; read once, a broken menu.py stops the start-up."""
    found: list[Entry] = []
    for config in apps.get_app_configs():
        if config.name.startswith("minan") and find_spec(f"{config.name}.menu") and config.label != "shell":
            module = import_module(f"{config.name}.menu")
            found += [Entry(**row) for row in getattr(module, "ENTRIES", ())]
    return tuple(sorted(found, key=lambda entry: (entry.order, entry.url)))


def menu_for(roles: Iterable[str], face: str, path: str) -> list[dict[str, Any]]:
    """The entries a person of these roles gets on this face, as {url, label, active, icon, key, words}; `path` marks where they are."""
    held = {*roles, EVERYONE}
    rows: list[dict[str, Any]] = []
    for entry in entries():
        if entry.face == face and held.intersection(entry.roles) and (entry.when is None or entry.when()):
            try:
                url = reverse(entry.url)
            except NoReverseMatch:
                continue  # the pages of a folder that is not routed here
            rows.append({"url": url, "active": False} | {name: getattr(entry, name) for name in SHOWN})
    at = max((row for row in rows if _covers(row["url"], path)), key=lambda row: len(row["url"]), default=None)
    if at is not None:
        at["active"] = True
    return rows


def _covers(url: str, path: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))


def bar_for(roles: Iterable[str], path: str) -> list[dict[str, Any]]:
    """The phone's bottom bar: all entries where they fit, else the first ones and one that leads to the rest."""
    rows = menu_for(roles, "phone", path)
    if len(rows) <= BAR_MOST:
        return rows
    url = reverse("shell:more")
    there = path == url or any(row["active"] for row in rows[BAR_MOST - 1 :])
    return [*rows[: BAR_MOST - 1], {"url": url, "label": _("更多"), "icon": "more", "active": there}]


def beyond_the_bar(roles: Iterable[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the bar has no room for, as menu_for gives it: what belongs to the person's posts, and what everybody has."""
    roles = list(roles)
    own = {row["url"] for face in ("phone", "desk") for row in menu_for([], face, "")}
    shown = {row["url"] for row in bar_for(roles, "")}
    rest: dict[str, dict[str, Any]] = {}
    for row in menu_for(roles, "desk", "") + menu_for(roles, "phone", ""):
        if row["url"] not in shown:
            rest.setdefault(row["url"], row)
    return [r for r in rest.values() if r["url"] not in own], [r for r in rest.values() if r["url"] in own]
