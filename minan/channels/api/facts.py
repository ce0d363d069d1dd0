"""The facts of a POST made ready for the door: of the right JSON type, known to the step, photos cleaned."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from minan.channels.api.asked import Body
from minan.channels.api.problems import Problem
from minan.kernel import pictures, registry
from minan.kernel.facts import PHOTOS_MAX
from minan.kernel.models import Case
from minan.kernel.procedure import Field, Procedure, Step, Words

NAME = re.compile(r"[A-Za-z0-9_.\-]{1,40}")
DATA_URL = re.compile(r"^data:[a-z]+/[a-z0-9.+-]{1,40};base64,")
CAPABILITY_HASH, CAPABILITY = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9A-Za-z\- ]{1,80}")  # on opening, and on judging
LONGEST = 20_000  # characters of one text
UNKNOWN = Words("这一步不问这一项", "This step does not ask for this")
TYPE = Words("这一项的格式不对", "This is not of the right type")
UNREADABLE = Words("照片没有读出来", "The photo could not be read")
TOO_MANY = Words(f"一次最多 {PHOTOS_MAX} 张照片", f"At most {PHOTOS_MAX} photos at a time")
UNTAKEN = Words("有几项要改一改", "Some facts need another look")


def _scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | bool) and not (isinstance(value, str) and len(value) > LONGEST)


def _fits(spec: Field, value: Any) -> bool:
    if spec.type == "yesno":
        return isinstance(value, bool | str) or value in (0, 1)
    if spec.type == "number":
        return isinstance(value, str | int)
    if spec.type == "answers":
        return isinstance(value, dict) and all(NAME.fullmatch(name) and _scalar(v) for name, v in value.items())
    if spec.type in ("photos", "fragments", "units"):
        return isinstance(value, list) and all(isinstance(v, str) for v in value)
    return isinstance(value, str) and len(value) <= LONGEST


def _decoded(text: str) -> bytes:
    return base64.b64decode(DATA_URL.sub("", text[:80]) + text[80:], validate=True)


def cleaned(files: list[bytes]) -> list[pictures.Picture]:
    """Each photo re-encoded and without metadata. Raises Problem 422, or 503 while the decoders are busy."""
    if len(files) > PHOTOS_MAX:
        raise Problem(422, UNTAKEN, errors={"photos": TOO_MANY})
    try:
        return [pictures.clean(file) for file in files]
    except pictures.Unfit as unfit:
        words = gettext(unfit.message)
        status = 503 if unfit.reason == "busy" else 422
        raise Problem(status, UNTAKEN, errors={"photos": Words(words, words)}) from None


def ready(step: Step, given: Any, files: list[bytes]) -> dict[str, Any]:
    """The facts for the door. Raises Problem 422 with every field that does not fit."""
    if not isinstance(given, Mapping):
        raise Problem(422, UNTAKEN, errors={"facts": TYPE})
    specs = {spec.name: spec for spec in step.fields if spec.type != "voice"}  # a program sends no voice
    errors, out = {}, {}
    for name, value in given.items():
        if name not in specs:
            errors[str(name)[:60]] = UNKNOWN
        elif value is not None and not _fits(specs[name], value):
            errors[name] = TYPE
        elif value is not None and specs[name].type != "photos":
            out[name] = value
    if files and not any(spec.type == "photos" for spec in step.fields):
        errors["photos"] = UNKNOWN
    try:
        sent = [_decoded(text) for text in given.get("photos") or [] if "photos" not in errors]
    except (binascii.Error, ValueError):
        errors["photos"] = UNREADABLE
    if errors:
        raise Problem(422, UNTAKEN, errors=errors)
    if sent or files:
        out["photos"] = cleaned([*sent, *files])
    return out


def opening(body: Body) -> tuple[Procedure, dict[str, Any], str]:
    """The procedure, the facts and the capability's hash of POST /cases; `place` may stand beside the facts."""
    given = body.json(("procedure", "facts", "place", "capability"))
    capability = _capability(given, CAPABILITY_HASH)
    name = given.get("procedure")
    procedure = registry.get(name) if isinstance(name, str) else None
    if procedure is None:
        raise Problem(422, UNTAKEN, errors={"procedure": Words("没有这个程序", "There is no such procedure")})
    told = given.get("facts", {})
    if given.get("place") is not None and isinstance(told, Mapping):
        told = {**told, "place": given["place"]}
    return procedure, ready(procedure.opening, told, body.files), capability


def _capability(given: Mapping[str, Any], form: re.Pattern[str]) -> str:
    """What a speaker judges with, "" where nothing is given. Raises Problem 422."""
    value = given.get("capability", "")
    if not isinstance(value, str) or (value and not form.fullmatch(value)):
        raise Problem(422, UNTAKEN, errors={"capability": TYPE})
    return value


def taking(body: Body, case: Case, name: str) -> tuple[dict[str, Any], int | None, str]:
    """The facts of a step, the counter its taker saw, the capability. A step nobody knows is left to the door to refuse."""
    given = body.json(("facts", "moves", "capability"))
    capability = _capability(given, CAPABILITY)
    moves = given.get("moves")
    if moves is not None and (isinstance(moves, bool) or not isinstance(moves, int) or moves < 0):
        raise Problem(422, UNTAKEN, errors={"moves": TYPE})
    procedure = registry.get(case.procedure)
    step = procedure.step(name) if procedure else None
    return (ready(step, given.get("facts", {}), body.files) if step else {}), moves, capability
