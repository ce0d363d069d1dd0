"""The page with the doors, the click, and the page of all parts."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from minan.shell.demo_signin.parts_page import sample
from minan.shell.demo_signin.people import PEOPLE

MENU = [{"url": "/components/desk/", "label": "收件箱", "active": True}, {"url": "/components/", "label": "零件"}]
BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_safe
def doors(request: HttpRequest) -> HttpResponse:
    """One button a person."""
    _only_demo()
    return render(request, "demo_signin/doors.html", {"people": PEOPLE})


@require_POST
def enter(request: HttpRequest, username: str) -> HttpResponse:
    """Signs in as one of these; nobody else, whatever the address says."""
    _only_demo()
    if username not in {person.username for person in PEOPLE}:
        raise Http404
    user = get_object_or_404(get_user_model(), username=username)
    login(request, user, backend=BACKEND)
    return redirect(settings.LOGIN_REDIRECT_URL)


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Every part on one page, in the phone's face or, with ?desk, the desk's."""
    _only_demo()
    return render(request, "demo_signin/components.html", sample() | {"desk": "desk" in request.GET})


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The desk's three panes, as a page writer would put them together."""
    _only_demo()
    return render(request, "demo_signin/desk.html", sample() | {"top": {"shown": MENU, "rest": []}, "find_url": "/components/desk/"})


def _only_demo() -> None:
    """A second lock behind the app's own: a settings file that names the app in production still opens nothing."""
    if not settings.DEMO:
        raise Http404
