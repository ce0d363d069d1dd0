"""POST requests: the form of the standard into the facts of the procedure's opening step; the person into the vault."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.http.request import QueryDict
from django.utils.translation import gettext

from minan.channels.open311 import where
from minan.channels.open311.forms import Problem
from minan.kernel import directory, pictures
from minan.kernel.act import Refused
from minan.kernel.facts import PHOTOS_MAX
from minan.kernel.procedure import Words
from minan.lib.text import neutral

CAPABILITY = re.compile(r"[0-9a-f]{64}")
ATTRIBUTE = re.compile(r"^attribute\[([A-Za-z0-9_.\-]{1,40})\](?:\[\])?$")
HAN = re.compile(r"[\u3400-\u9fff]")
NO_SERVICE = Words("没有给出 service_code", "service_code was not given")
UNKNOWN_SERVICE = Words("没有这个 service_code", "service_code was not found")
VAULT = {"email": 120, "device_id": 120, "account_id": 120}  # what is known of the speaker besides; characters at most


@dataclass(slots=True)
class Said:
    """A request made ready for the one door."""

    facts: dict[str, Any]
    where: tuple[float, float] | None
    known: dict[str, str] = field(default_factory=dict)
    capability: str = ""  # the hash of what the speaker's own device made to judge with (docs: CONTRACTS "Open311", ours only)


def _value(form: QueryDict, name: str, most: int = 4000) -> str:
    return neutral(form.get(name, "") or "").strip()[:most]


def _name(form: QueryDict) -> str:
    """Family name first, as here; with a blank only between Latin names, and then in their order."""
    first, last = _value(form, "first_name", 40), _value(form, "last_name", 40)
    return (last + first if HAN.search(last + first) else f"{first} {last}".strip())[:40]


def _answers(form: QueryDict) -> dict[str, str]:
    out: dict[str, str] = {}
    for name in form:
        match = ATTRIBUTE.match(name)
        if match and len(out) < 39:
            out[match[1]] = ", ".join(neutral(v).strip() for v in form.getlist(name))[:400]
    if url := _value(form, "media_url", 400):
        out["media_url"] = url  # noted for the desk; nobody here opens an address somebody else chose
    return out


def _photos(request: HttpRequest) -> list[pictures.Picture]:
    """Files named `media`, as some clients send them; cleaned like any photo."""
    try:
        return [pictures.clean(file.read()) for file in request.FILES.getlist("media")[:PHOTOS_MAX]]
    except pictures.Unfit as unfit:
        words = gettext(unfit.message)
        raise Problem(503 if unfit.reason == "busy" else 400, Words(words, words)) from None


def said(request: HttpRequest) -> Said:
    """The form of a POST. Raises Problem 400 or 404 in the standard's words."""
    form = request.POST
    code = _value(form, "service_code", 40)
    kind = directory.city().kinds.get(code)
    if not code:
        raise Problem(400, NO_SERVICE)
    if kind is None or not kind.active:
        raise Problem(404, UNKNOWN_SERVICE)
    address, here = _value(form, "address_string", 400), where.point(_value(form, "lat", 40), _value(form, "long", 40))
    within = where.jurisdiction(_value(form, "jurisdiction_id", 15) or request.GET.get("jurisdiction_id", "")[:15])
    place = where.place(here, _value(form, "address_id", 40), address, within)
    answers, photos = _answers(form), _photos(request)
    facts: dict[str, Any] = {
        "text": _value(form, "description") or kind.name, "kind": code, "place": place, "place_words": address[:200], "name": _name(form),
        "phone": _value(form, "phone", 40), "answers": answers or None, "photos": photos or None,
    }  # fmt: skip
    capability = _value(form, "extended_attributes[capability]", 64)
    known = {name: _value(form, name, most) for name, most in VAULT.items()}
    return Said(facts, here, known, capability if CAPABILITY.fullmatch(capability) else "")


def refusal(refused: Refused) -> Problem:
    """The door's refusal as the standard says it: 400 with what is wrong, 403 where it may not be."""
    words = [refused.reason, *(Words(f"{name}: {w.zh}", f"{name}: {w.en}") for name, w in refused.errors.items())]
    told = Words("；".join(w.zh for w in words), "; ".join(w.en for w in words))
    return Problem(403 if refused.status == 403 else 400, told)
