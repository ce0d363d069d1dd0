"""The receipt as a page: what is printed on paper and kept on the phone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from minan.channels.web import emergency, onetime, promise, story
from minan.kernel import directory
from minan.kernel.models import Attachment, Case, Clock, Event
from minan.shell_free_words import when_full  # replaced below


def page(request: HttpRequest, case: Case, secret: str) -> dict[str, Any]:
    """Everything for web/receipt.html; four queries."""
    raise NotImplementedError
