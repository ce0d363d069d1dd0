"""The receipt as a page: what is printed on paper and kept on the phone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from minan.channels.web import capability, proofs, story
from minan.kernel import codewords, emergency, keepsake, sounds, vault
from minan.kernel.models import Attachment, Case, Clock


def page(request: HttpRequest, case: Case, secret: str) -> dict[str, Any]:
    """Everything for web/receipt.html; six queries. The secret stands after the # of the link only."""
    words, _known = story.said(case)
    path = reverse("web:matter", args=[case.code])
    link = request.build_absolute_uri(path)
    accept = Clock.objects.filter(county=case.county, case_id=case.id, name="accept").order_by("-round").first()
    mark, issued = capability.made(case)
    files = list(Attachment.objects.filter(county=case.county, case_id=case.id, n=1).values_list("mime", flat=True))
    return {
        "mark": mark, "issued": issued, "promises": proofs.promised(case)[-1:],
        "keepsake": keepsake.shown(keepsake.fingerprint()),
        "case": case, "words": words, "secret": secret, "secret_shown": vault.shown(secret), "url": path,
        "codeword": codewords.groups(secret),
        "qr": f"{link}#{secret}" if secret else link, "qr_label": _("二维码：扫一扫看这件事"),
        "accept": accept if accept is not None and accept.done_at is None else None, "desk": story.unit_name(case.desk),
        "kind": story.kind_name(case), "place": story.place_name(case), "calls": emergency.numbers(f"{words} {case.place_words}"),
        "photo_count": sum(not sounds.is_sound(mime) for mime in files), "voice_count": sum(map(sounds.is_sound, files)),
    }  # fmt: skip
