"""The collection of articles 法条: open to everybody, looked for by words or by kind."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from minan.kernel import access, articles, choices, directory, labels
from minan.kernel.pages.guard import face_of


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """`?q=` words, `?kind=` a kind's code; an unknown kind counts as none. No query of its own once the city is read."""
    words = request.GET.get("q", "").replace("\x00", "")[:60].strip()
    kind = directory.city().kinds.get(request.GET.get("kind", ""))
    here = {
        "base": face_of(request) if access.is_staff(request.user) else "shell/face_phone.html",
        "articles": articles.found(words, kind.code if kind else ""),
        "all": len(articles.rows()),
        "words": words,
        "kind": kind.code if kind else "",
        "kind_name": labels.name_of(kind) if kind else "",
        "kinds": choices.kinds()[1:],
        "staff": access.is_staff(request.user),
    }
    return render(request, "kernel/articles.html", here)
