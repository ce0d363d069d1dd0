"""Home, the promise page, elder mode, the manifest and the service worker: HTTP only."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST, require_safe

from minan.kernel import alerts
from minan.kernel.models import User
from minan.kernel.pages.guard import staff
from minan.shell.context import ELDER_COOKIE, held, posts
from minan.shell.menu import beyond_the_bar, menu_for

YEAR = 365 * 86400
CALLS = (
    {"label": gettext_lazy("急救"), "number": "120"},
    {"label": gettext_lazy("火警"), "number": "119"},
    {"label": gettext_lazy("报警"), "number": "110"},
)
# What the service worker keeps: only files that are the same for everybody.
KEPT = ("minan.css", "faces.css", "icons.svg", "mark.svg", "start.js", "draft.js", "photo.js", "secret.js")
SAY_PATH, FOLLOW_PATH = "/say/", "/m/"


def _url(name: str, otherwise: str) -> str:
    """The address of another app's page by name, or its agreed path while that app is not routed."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return otherwise


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The resident's phone face; a person with a post goes on to the first entry of their desk."""
    roles = [post.role for post in posts(request)]
    if roles and "stay" not in request.GET:
        places = menu_for(roles, "desk", "") + menu_for(roles, "phone", "")
        first = next((row for row in places if row["url"] != request.path), None)
        if first is not None:
            return redirect(first["url"])
    urls = {
        "say_url": _url("web:say", SAY_PATH),
        "follow_url": _url("web:follow", FOLLOW_PATH),
        "mine_url": _url("web:mine", ""),
    }
    return render(request, "shell/home.html", {**urls, "calls": CALLS, "alert": alerts.line(request)})


@require_safe
@staff
def more(request: HttpRequest) -> HttpResponse:
    """What the phone's bottom bar has no room for, for who works here."""
    work, own = beyond_the_bar(held(posts(request)))
    home_url = reverse("shell:home")
    own = [row | {"url": f"{home_url}?stay"} if row["url"] == home_url else row for row in own]  # theirs leads to their desk
    return render(request, "shell/more.html", {"work": work, "own": own})


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What we promise about a person's words, name and time."""
    return render(request, "shell/about.html")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What the service worker shows when there is no network: the same for everybody, no cookie read."""
    return render(request, "shell/offline.html")


@require_POST
def elder(request: HttpRequest) -> HttpResponse:
    """Elder mode on or off: kept in this browser, and with the account of a person who is signed in."""
    on = request.POST.get("elder") == "1"
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(elder=on)
    response = HttpResponseRedirect(back)
    response.set_cookie(
        ELDER_COOKIE, "1" if on else "0", YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
    )
    return response


@require_GET
@cache_control(max_age=3600, public=True)
def manifest(request: HttpRequest) -> JsonResponse:
    """The web app's manifest, so that the home page can be put on a phone's screen."""
    url = staticfiles_storage.url
    icons = [
        {"src": url(f"minan/mark-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"} for size in (192, 512)
    ]
    body = {
        "name": _("民安·说一件事"),
        "short_name": _("民安"),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f4f5f3",
        "theme_color": "#14506f",
        "icons": icons,
    }
    return JsonResponse(body, content_type="application/manifest+json")


def _in_worker() -> list[str]:
    """What the channels' folders add to the service worker: static/<name>/in_worker.js of each."""
    found = sorted(Path(settings.HERE).glob("*/*/static/*/in_worker.js"))
    return [staticfiles_storage.url(f"{path.parent.name}/{path.name}") for path in found]


@require_GET
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with the addresses of the files it keeps and a version made of them."""
    files = [staticfiles_storage.url(f"minan/{name}") for name in KEPT]
    version = hashlib.sha256("\n".join([*files, settings.SECRET_KEY if settings.DEBUG else ""]).encode()).hexdigest()[
        :12
    ]
    text = render(request, "shell/sw.js", {"files": files, "version": version, "more": _in_worker()}).content
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")
