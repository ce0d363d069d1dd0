"""How wrong passwords are counted: ten in a quarter of an hour for a person, apart for a device on which they came in before."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.http import HttpRequest

from minan.kernel import callers
from minan.shell import staying


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's own counts (over all processes), by our idea of an address and of a known device."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return callers.subject(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Raises ValidationError where the door is shut. On a known device neither others' tries nor their address shut it."""
        name = str(credentials.get("username", "")).lower()
        action = "login_known" if staying.knows(request, str(credentials.get("username", ""))) else "login_failed"
        self._login_failed_rl_usage = ratelimit.consume(request, app="allauth.account", action=action, key=name)
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")
