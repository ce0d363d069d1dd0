"""What the page "how to tell me" shows: each way with whether it is on, which address (shortened) and whether the city offers it at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from minan.channels.web import rights as held
from minan.kernel import outgoing, rights, speakers, telling, vault, ways
from minan.kernel.models import Case, Speaker
from minan.kernel.quiet import hours

DOES = ("mail", "push", "off", "on", "lang")


def short(way: str, address: str) -> str:
    """An address as its owner recognises it and who looks over a shoulder does not."""
    if way == ways.SMS:
        return f"{address[:3]}****{address[-4:]}"
    if way == ways.MAIL:
        name, _, host = address.partition("@")
        return f"{name[:2]}…@{host}"
    return ""


def shown(case: Case) -> dict[str, Any]:
    """{"ways": rows, "push_key", "lang", "answered"}; the vault is asked once."""
    row = Speaker.objects.filter(county=case.county, case_id=case.id).first()
    offered = set(outgoing.gateways())
    try:
        known, answered = speakers.known(case, who="speaker", why="own"), True
    except vault.Sealed:
        known, answered = {}, False
    rows = []
    for way, fact in ways.FACTS.items():
        address = str(known.get(fact) or "")
        if not address and (way not in offered or way == ways.WECHAT):  # WeChat is agreed to in its mini program
            continue
        rows.append({
            "name": way, "label": ways.LABELS[way].into(held.lang()), "known": bool(address), "address": short(way, address),
            "on": bool(address) and rights.agreed(case.facts, way), "offered": way in offered,
        })  # fmt: skip
    push_key = outgoing.browser_key()
    return {
        "ways": rows,
        "push_key": push_key,
        "lang": row.lang if row else "zh-hans",
        "answered": answered,
        "night": _night(),
    }


def _night() -> tuple[str, str] | None:
    span = hours(settings.QUIET)
    return (f"{span[0]:%H:%M}", f"{span[1]:%H:%M}") if span else None


def asked(post: Mapping[str, str]) -> tuple[str, dict[str, Any]] | None:
    """(step, its facts) of what was pressed; None for what is no wish at all."""
    do, way = post.get("do", ""), post.get("way", "")
    if do == "mail":
        return telling.TELL, {"way": ways.MAIL, "email": post.get("email", "")}
    if do == "push":
        return telling.TELL, {"way": ways.PUSH, "push": post.get("subscription", "")}
    if do in ("off", "on") and way in ways.FACTS and (do == "off" or way == ways.SMS):
        return rights.CONSENT, {way: do == "on"}
    return None
