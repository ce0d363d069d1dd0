"""What was said aloud in a form, between two tries: kept for a day beside the photos, named by a signed token that only this form holds."""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from minan.channels.web import staging
from minan.kernel import facts as fact_checks
from minan.kernel import sounds
from minan.kernel.sounds import Recording

SALT = "minan.web.voice"


@dataclass(frozen=True, slots=True)
class Aloud:
    """A recording that waits: its token and its facts."""

    token: str
    sha256: str
    mime: str
    seconds: int

    @property
    def url(self) -> str:
        return reverse("web:staged", args=[self.token])

    def recording(self) -> Recording | None:
        """The recording again; None where its day is over."""
        data = staging.held(self.sha256)
        return Recording(data, self.mime, self.seconds, self.sha256) if data is not None else None


def read(token: str) -> Aloud | None:
    """The recording behind a token; None where the token is none of ours or its day is over."""
    try:
        sha256, mime, seconds = signing.loads(token, salt=SALT, max_age=staging.KEEP_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Aloud(token, sha256, mime, seconds) if staging.held(sha256) is not None else None


def heard(request: HttpRequest, *, nobody: bool = False) -> tuple[Aloud | None, str]:
    """(the recording of this form, why a new one is not taken): put aside at once, so that no error loses it; a new one wins.

    `nobody`: who speaks wants not to be known. Then nothing waits here, and what an earlier screen put aside is let go.
    """
    before = read(request.POST.get("voice_kept", ""))
    if nobody and (before or request.FILES.get("voice")):
        if before:
            staging.let_go(before.sha256)
        return None, fact_checks.HEARD.into(get_language() or "zh-hans")
    try:
        found = sounds.recording(request.FILES.get("voice"))
    except sounds.Unfit as unfit:
        return before, unfit.words.into(get_language() or "zh-hans")
    if found is None:
        return before, ""
    staging.hold({found.sha256: found.data})
    facts = (found.sha256, found.mime, found.seconds)
    return Aloud(signing.dumps(facts, salt=SALT, compress=True), *facts), ""
