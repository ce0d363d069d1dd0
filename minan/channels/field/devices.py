"""The key of a phone: given to who is signed in, good for four days after each contact, ended with the account, the post or the password.

A session ends after a quarter of an hour (shell/staying.py), long before a worker is back from a village without signal. The phone's
key outlives it, opens the few addresses under /field/ and nothing else, and lies on the phone sealed under the worker's PIN.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from minan.channels.field.models import Device
from minan.kernel import access, callers
from minan.kernel.models import User
from minan.lib import throttle

HOURS = 96  # after the last contact: 72 hours without network, and a day to come home
DAYS = 14  # after signing in, whatever happens: then sign in again
KEPT = timedelta(days=30)  # an ended key is remembered so long, so that its phone learns that it ended
MOST = 5  # phones of one person at a time
WRONG_KEYS = 30  # a minute and address
SALT = "minan.field"


class Unknown(Exception):
    """No such key, or its time is over: sign in again, nothing on the phone is lost. 401."""


class Ended(Exception):
    """The account, the post or the key was ended by somebody: the phone forgets everything. 410."""


class Slower(Exception):
    """Too many wrong keys from this address. 429."""


def mark_of(user: User) -> str:
    """The name of a person's store on a phone: tells nobody who it is, and is another for everybody else."""
    return salted_hmac(SALT, f"who:{user.pk}", algorithm="sha256").hexdigest()[:24]


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _password(user: User) -> str:
    return salted_hmac(SALT, f"password:{user.get_session_auth_hash()}", algorithm="sha256").hexdigest()


def issue(user: User, now: datetime | None = None) -> tuple[str, datetime]:
    """A new key for a phone of `user`, and until when it is good. The oldest of more than MOST ends."""
    now, key = now or timezone.now(), secrets.token_urlsafe(32)
    Device.objects.filter(until__lt=now - KEPT).delete()
    live = Device.objects.filter(user=user, ended_at=None, until__gte=now).order_by("-made_at")
    Device.objects.filter(mark__in=list(live.values_list("mark", flat=True)[MOST - 1 :])).update(ended_at=now)
    until = now + timedelta(hours=HOURS)
    Device.objects.create(mark=_hash(key), user=user, password=_password(user), made_at=now, until=until)
    return key, until


def of(key: str, now: datetime | None = None) -> Device:
    """The phone with this key; its `user` may act. One query. Raises Unknown or Ended."""
    now = now or timezone.now()
    row = Device.objects.select_related("user").filter(mark=_hash(key)).first()
    if row is None:
        raise Unknown
    user = row.user
    stopped = row.ended_at is not None or not user.is_active or not access.is_staff(user)
    if stopped or not constant_time_compare(row.password, _password(user)):
        raise Ended
    if row.until < now:
        raise Unknown
    return row


def asking(request: HttpRequest) -> Device:
    """The phone that asks, by its bearer key. Raises Unknown, Ended or Slower."""
    key, address = callers.bearer(request), callers.subject(request)
    if throttle.wait_seconds("field", address, callers.MINUTE, WRONG_KEYS):
        raise Slower
    try:
        return of(key)
    except Unknown:
        throttle.allow("field", address, callers.MINUTE, WRONG_KEYS)
        raise


def longer(row: Device, now: datetime | None = None) -> datetime:
    """The phone was heard of: its key is good for HOURS from now, at most DAYS after it was made."""
    now = now or timezone.now()
    row.until = min(now + timedelta(hours=HOURS), row.made_at + timedelta(days=DAYS))
    Device.objects.filter(mark=row.mark, ended_at=None).update(until=row.until)
    return row.until


def end(row: Device, now: datetime | None = None) -> None:
    """The worker signs this phone out; whoever finds a copy of its key has nothing."""
    Device.objects.filter(mark=row.mark, ended_at=None).update(ended_at=now or timezone.now())
