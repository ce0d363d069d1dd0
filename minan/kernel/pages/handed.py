"""Files of a case as pages show and hand them out: pictures, and recordings with the part a player asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from minan.kernel import attachments, sounds
from minan.kernel.models import Attachment
from minan.kernel.sheet import Voice

RANGE = re.compile(r"bytes=(\d{1,9})-(\d{0,9})")


def photos(pictures: Sequence[Attachment], code: str) -> list[dict[str, Any]]:
    """Pictures as a template shows them; the addresses ask access again."""
    out = []
    for n, picture in enumerate(pictures, 1):
        url = reverse("kernel:photo", args=[code, picture.id])
        out.append({"url": url, "thumb": f"{url}?small=1", "alt": _("照片 %(n)d") % {"n": n}})
    return out


def voices(found: Sequence[Voice], code: str, page: str = "kernel:photo") -> list[dict[str, Any]]:
    """Recordings as a template plays them, at the address of pictures: the same guard stands before both."""
    return [{"url": reverse(page, args=[code, one.id]), "seconds": one.seconds} for one in found]


def answer(found: Attachment, wanted: str, headers: Mapping[str, str], *, small: bool = False) -> HttpResponseBase:
    """The file to whoever was let through; `wanted` is their Range header. Http404 where it is gone, or a recording has no small one."""
    path = attachments.path_of(found.sha256, thumb=small)
    if not path.is_file():
        raise Http404
    if not sounds.is_sound(found.mime):
        return FileResponse(path.open("rb"), content_type="image/jpeg" if small else found.mime, headers=headers)
    heard = part(path.read_bytes(), found.mime, wanted)
    for name, value in headers.items():
        heard.headers[name] = value
    return heard


def part(sound: bytes, mime: str, wanted: str) -> HttpResponse:
    """The sound, or the part a player asks for (RFC 9110 §14.2); never kept, never run."""
    found = RANGE.fullmatch(wanted)
    begin = int(found[1]) if found else 0
    end = min(int(found[2]) if found and found[2] else len(sound) - 1, len(sound) - 1)
    if found and (begin >= len(sound) or end < begin):
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(sound)}"})
    answer = HttpResponse(sound[begin : end + 1], content_type=mime, status=206 if found else 200)
    answer.headers["Accept-Ranges"], answer.headers["Content-Disposition"] = "bytes", "inline"
    if found:
        answer.headers["Content-Range"] = f"bytes {begin}-{end}/{len(sound)}"
    return answer
