"""The error pages, in our own face; 404 is the same bytes for what is missing and for what is not this person's."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from minan.shell.words import is_english


def _error(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    return render(request, "shell/error.html", {"title": title, "words": words, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error(request, 400, _("没看懂这个请求"), _("回到上一页，再按一次。"))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error(request, 403, _("这一步您做不了"), _("这件事不由您的岗位办。回首页看归您办的。"))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error(request, 404, _("没有这一页"), _("地址可能写错了，也可能不归您看。查进度请用回执上的编号和取件码。"))


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _error(request, 403, _("这一页放得太久了"), _("字还在。回到上一页，刷新，再按一次。"))


def too_many(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error(request, 429, _("按得太快了"), _("过一分钟再来。急事请打电话。"))


def server_error(request: HttpRequest) -> HttpResponse:
    """Written without the request: the database or the session may be what is broken."""
    words = _("您写的字还在，过一会儿再按一次“发出去”。我们已经看到这个错。")
    page = {"title": _("这边出了错"), "words": words, "status": 500, "lang": "en" if is_english() else "zh"}
    return HttpResponse(render_to_string("shell/error.html", page), status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    return _error(request, 503, _("正忙，或在修"), _("您写的字还在，几分钟后再来。急事请打电话。"))
