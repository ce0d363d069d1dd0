"""Every page: each app's own urls.py is found, none is listed. An app's `prefix` stands before its addresses."""

from __future__ import annotations

import importlib
import importlib.util

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path


def found(app: str) -> list[URLPattern | URLResolver]:
    """The addresses of one app, or none. Its urls.py may say `prefix = "open311/v2/"` and `app_name`."""
    if importlib.util.find_spec(f"{app}.urls") is None:
        return []
    urls = importlib.import_module(f"{app}.urls")
    return [path(getattr(urls, "prefix", ""), include(urls))]


# In the order of INSTALLED_APPS: the shell, then systems, channels and the kernel.
urlpatterns = [pattern for app in settings.INSTALLED_APPS if app.startswith("minan.") for pattern in found(app)]
urlpatterns += [path("account/", include("minan.shell.account_urls"))]

handler400 = "minan.shell.errors.bad_request"
handler403 = "minan.shell.errors.forbidden"
handler404 = "minan.shell.errors.not_found"
handler500 = "minan.shell.errors.server_error"
