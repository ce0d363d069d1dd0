"""GET /proof/: what anyone can check, without signing in; and the downloads that belong to it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from minan.systems.proof import asked, bundle, public

ROOT_SHOWN = 16  # characters of a root, enough to compare by eye; the whole one is in the checkpoint
DOWNLOADS = 30  # of the extract, a minute and address
ENDINGS = (
    ("own", gettext_lazy("说事人自己说：解决了，满意")), ("staff", gettext_lazy("工作人员打电话问，说解决了、满意")),
    ("uphold", gettext_lazy("上一级复核，维持答复")), ("unheard", gettext_lazy("没有等到回答就办结，不算解决")),
    ("refused", gettext_lazy("不予受理，写明了去哪里办")), ("withdrawn", gettext_lazy("说事人撤回")),
    ("other", gettext_lazy("别的")),
)  # fmt: skip
RATES = (
    ("on_time", "answered", gettext_lazy("按期答复")), ("contacted", "contact_due", gettext_lazy("按时联系")),
    ("rated_solved", "rated", gettext_lazy("解决了，本人评的")), ("rated_satisfied", "rated", gettext_lazy("满意，本人评的")),
    ("visited_solved", "visited", gettext_lazy("解决了，工作人员记的")), ("visited_satisfied", "visited", gettext_lazy("满意，工作人员记的")),
    ("unheard", "answered", gettext_lazy("答复了，没等到回答")),
)  # fmt: skip


def _ending_rows(found: public.Numbers) -> list[dict[str, Any]]:
    return [{"words": words, "n": found.ended[name]} for name, words in ENDINGS if found.ended.get(name)]


def _rate_rows(found: public.Numbers) -> list[dict[str, Any]]:
    return [{"title": title, "n": found.sums[n], "d": found.sums[d]} for n, d, title in RATES]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The public page; at most nine queries, whatever the city has."""
    found = public.numbers(datetime.now(UTC))
    context = {
        "found": found, "sums": found.sums, "endings": _ending_rows(found), "rates": _rate_rows(found), "last": found.last,
        "root": found.last.root[:ROOT_SHOWN] if found.last else "", "extract": found.extract,
        "extract_at": datetime.fromisoformat(found.extract["as_of"]) if found.extract else None,
    }  # fmt: skip
    response = render(request, "proof/public.html", context)
    response.headers["Cache-Control"] = "private, max-age=30"
    return response


@require_safe
def extract(request: HttpRequest) -> HttpResponseBase:
    """The zip with lines and script; 503 and when to come back while the first one is being made."""
    try:
        asked.calmly(request, "extract", DOWNLOADS)
    except asked.Problem as problem:
        return asked.refused(problem)
    held = bundle.want(datetime.now(UTC))
    if held is None:
        said = {"title": _("公开摘录正在做"), "words": _("今天还没有人要过，做一分钟。一分钟后再来。"), "status": 503}
        response = render(request, "shell/error.html", said, status=503)
        response.headers["Retry-After"] = "60"
        return response
    path: Path = held[0]
    return FileResponse(path.open("rb"), as_attachment=True, filename=bundle.NAME, content_type="application/zip")


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The script alone, as text to be read before it is run."""
    return HttpResponse((bundle.HERE / "figures.py").read_bytes(), content_type=asked.TEXT)
