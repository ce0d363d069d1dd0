"""Who sits at the hotline; everybody else finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase

from minan.channels.hotline.cti import is_operator
from minan.kernel.pages.guard import person, staff


def operator(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The operator's post only; a stranger gets 404, who is not signed in is led there."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_operator(person(request).pk):
            raise Http404
        return view(request, *args, **kwargs)

    return staff(guarded)
