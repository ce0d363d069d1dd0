"""The damages of a road accident, worked out on one page for everybody; nothing is kept, and it works without JavaScript."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from minan.channels.web import damages
from minan.channels.web.address import allowed
from minan.channels.web.forms_damages import Damages
from minan.kernel import directory
from minan.lib.damages import Refused


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The questions; after a press the result above them, with everything typed still there."""
    if request.method != "POST":
        here = next(iter(directory.city().places), "")[:2]  # the city's own province
        form = Damages(initial={"as_of": timezone.localdate(), "province": here})
        return render(request, "web/damages.html", {"form": form})
    form = Damages(request.POST)
    if not allowed(request, "look"):
        return render(request, "web/damages.html", {"form": form, "too_many": True}, status=429)
    if not form.is_valid():
        return render(request, "web/damages.html", {"form": form}, status=422)
    try:
        result = damages.worked(form.cleaned_data)
    except Refused as refused:
        for said in refused.told(damages.lang()).values():
            form.add_error(None, said)
        return render(request, "web/damages.html", {"form": form}, status=422)
    case_text = json.dumps(damages.case_of(form.cleaned_data), ensure_ascii=False, default=str)
    return render(request, "web/damages.html", {"form": form, "result": result, "case_text": case_text})
