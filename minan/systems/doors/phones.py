"""A phone that opens doors: it registers its own public key and fetches a pass a day; nothing says when it was used."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.db import transaction

from minan.kernel import passes
from minan.kernel.directory import LOCAL
from minan.kernel.models import User
from minan.kernel.procedure import Words
from minan.systems.doors import homes
from minan.systems.doors.models import Home, Phone
from minan.systems.doors.registry import Unfit

ASK = b"minan-phone-1\n"
ASK_SECONDS = 600  # between a phone's clock and ours
HOURS = 24


@transaction.atomic
def register(home: Home, user: User, point: bytes, now: datetime, seal: bytes = b"") -> Phone:
    """A phone of this member. The first one sets the home's key (`seal`): what the counter made for a paper ends with that.

    Raises Unfit where the home has too many, or the first brings the key of the paper.
    """
    there = Home.objects.select_for_update().get(pk=home.pk).phones.count()
    if seal and (not there or not home.seal):
        homes.new_key(home, seal)
    if there >= homes.PHONES_MOST:
        raise Unfit(
            Words("这个家登记的手机已经有 20 部，先去掉一部", "This home has 20 phones already: take one away first")
        )
    day = now.astimezone(LOCAL).date()
    return Phone.objects.create(
        id=secrets.token_hex(16), home=home, mark=homes.mark_of(user), point=point.hex(), made_on=day
    )


def asking(name: str, at: int, signature: str, now: datetime) -> Phone | None:
    """The phone that asks for its pass, by its own signature over name and time; None where it is none."""
    row = Phone.objects.select_related("home").filter(pk=name[:32]).first()
    if row is None or abs(at - now.timestamp()) > ASK_SECONDS:
        return None
    try:
        raw = base64.b64decode(signature, validate=True)
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(row.point))
        mark = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        public.verify(mark, ASK + f"{row.pk} {at}".encode(), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return None
    return row


def daily(phone: Phone, now: datetime) -> tuple[str, datetime]:
    """(the pass of this day, its end): good for 24 hours from now without any network, under an id that is another tomorrow."""
    day, ends = str(now.astimezone(LOCAL).date()), now + timedelta(hours=HOURS)
    text = passes.issue(
        phone.home.path, now, ends, "household", key=bytes.fromhex(phone.point), pass_id=homes.phone_pass(phone.pk, day)
    )
    return text, ends


def plain(home: Home, now: datetime) -> tuple[str, datetime]:
    """A pass for a browser without JavaScript: two minutes, and a photograph of it dies with them."""
    ends = now + timedelta(seconds=120)
    return passes.issue(home.path, now, ends, "household"), ends


@transaction.atomic
def end(home: Home, name: str, now: datetime) -> bool:
    """A lost phone: what it still shows is void within seconds."""
    row = home.phones.filter(pk=name[:32]).first()
    if row is None:
        return False
    homes.void([row], now)
    row.delete()
    return True
