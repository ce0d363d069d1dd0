"""Every page: each app's own urls.py is found, none is listed. An app's `prefix` stands before its addresses."""

from __future__ import annotations

import importlib
import importlib.util

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path


def found(app: str) -> URLResolver:
    """The addresses of one app. Its urls.py may say `prefix = "open311/v2/"` and `app_name`."""
    urls = importlib.import_module(f"{app}.urls")
    return path(getattr(urls, "prefix", ""), include(urls))


def order(app: str) -> tuple[bool, bool]:
    """Programs' addresses first, then all with a prefix of their own: to pass one by is a look at its first letters; the others
    are passed by at each of their addresses."""
    return not hasattr(importlib.import_module(f"{app}.urls"), "prefix"), not app.startswith("minan.channels.")


# Else in the order of INSTALLED_APPS: the shell, then systems, channels and the kernel.
apps = [app for app in settings.INSTALLED_APPS if app.startswith("minan.") and importlib.util.find_spec(f"{app}.urls")]
urlpatterns: list[URLPattern | URLResolver] = [found(app) for app in sorted(apps, key=order)]
urlpatterns += [path("account/", include("minan.shell.account_urls"))]

handler400 = "minan.shell.errors.bad_request"
handler403 = "minan.shell.errors.forbidden"
handler404 = "minan.shell.errors.not_found"
handler500 = "minan.shell.errors.server_error"
