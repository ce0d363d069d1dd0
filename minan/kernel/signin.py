"""Who is asking: the session's user without a second look-up, or the person of a bearer token."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from minan.kernel import reads
from minan.kernel.models import Token, User


def of_session(session: Any) -> User | AnonymousUser:
    """The active person signed in by this session; nobody where it has ended or the password was changed since."""
    if not session.get(SESSION_KEY) or BACKEND_SESSION_KEY not in session:
        return AnonymousUser()
    user: User | None = (
        session.user if session.user is not None else User.objects.filter(pk=session[SESSION_KEY]).first()
    )
    if user is None or not user.is_active or str(user.pk) != str(session[SESSION_KEY]):
        return AnonymousUser()
    if not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return AnonymousUser()
    return user


class SignedIn:
    """Sets `request.user`; replaces Django's AuthenticationMiddleware, which would ask the database once more."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: of_session(request.session))  # type: ignore[assignment]
        return self.get_response(request)


def token_mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def user_of_token(text: str) -> User | None:
    """The active person a bearer token belongs to; None where it is wrong, ended or the person is gone."""
    found = reads.with_user(Token, User, 't."mark" = %s', [token_mark(text)])
    if found is None:
        return None
    row, person = found
    return (
        person
        if person is not None and person.is_active and (row.until is None or row.until >= timezone.now())
        else None
    )
