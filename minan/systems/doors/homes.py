"""Homes: enrolled at the counter with proof on paper, joined with a code, left, ended. Nobody gets a list of who lives in one."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from minan.kernel import passes
from minan.kernel.directory import LOCAL
from minan.kernel.models import User
from minan.kernel.procedure import Words
from minan.lib import codes
from minan.systems.doors import registry
from minan.systems.doors.models import Compound, Home, Invite, Key, Member, Phone
from minan.systems.doors.registry import Unfit

INVITE_HOURS = 24
MEMBERS_MOST, HOMES_MOST, INVITES_MOST, PHONES_MOST = 20, 5, 5, 20
LETTERS = 10
PAPERS = (
    ("deed", Words("房产证或购房合同", "Title deed or purchase contract")),
    ("lease", Words("租赁合同", "Lease")),
    ("other", Words("社区或单位开的住址证明", "Proof of address by the community or an employer")),
)


def mark_of(user: User) -> str:
    """How a member's account stands in the records: another number in every city, made with KEYS."""
    return passes.drawn("member", user.pk).hex()


def _code_mark(code: str) -> str:
    return hashlib.sha256(b"minan:home:" + code.encode()).hexdigest()


def typed(code: str) -> str:
    """A code as it was copied: blanks and dashes go, O is 0, I and L are 1."""
    kept = "".join(c for c in code.upper() if c.isalnum()).translate(str.maketrans("OIL", "011"))
    return kept if len(kept) == LETTERS and all(c in codes.ALPHABET for c in kept) else ""


def shown(code: str) -> str:
    return f"{code[:5]}-{code[5:]}"


@transaction.atomic
def enrol(compound: Compound, building: str, unit: str, flat: str, now: datetime) -> tuple[Home, str]:
    """(the home, the code for its first member). Whoever was enrolled for this flat before is ended: it changed hands. Raises Unfit."""
    flat = flat.strip().lower()
    if not registry.PART.fullmatch(flat) or not building.strip():
        raise Unfit(Words("写楼号和门牌号，如 3 号楼 302", "Give building and flat, such as 3 and 302"))
    path = registry.inside(compound, building, unit)
    number = passes.drawn("flat", path, flat).hex()
    before = Home.objects.filter(flat=number).first()
    if before is not None:
        end(before, now)
    row = {"flat": number, "reader": _reader_mark(secrets.token_hex(16)), "made_on": now.astimezone(LOCAL).date()}
    home = Home.objects.create(compound=compound, path=path, **row)
    return home, invite(home, now)


def invite(home: Home, now: datetime) -> str:
    """A code with which one more person joins within a day. Raises Unfit where too many wait."""
    if home.invites.filter(until__gte=now).count() >= INVITES_MOST or home.members.count() >= MEMBERS_MOST:
        raise Unfit(
            Words(
                "已经发了好几个邀请码，等用掉或者过期再发", "Several codes wait already: let them be used or end first"
            )
        )
    code = "".join(secrets.choice(codes.ALPHABET) for _ in range(LETTERS))
    Invite.objects.create(mark=_code_mark(code), home=home, until=now + timedelta(hours=INVITE_HOURS))
    return code


@transaction.atomic
def join(user: User, code: str, now: datetime) -> Home | None:
    """The home this person belongs to from now on; None where the code is none, used or over. Raises Unfit for the sixth home."""
    mark = mark_of(user)
    found = Invite.objects.select_related("home").filter(mark=_code_mark(typed(code)), until__gte=now).first()
    if found is None:
        return None
    if Member.objects.filter(mark=mark).exclude(home=found.home).count() >= HOMES_MOST:
        raise Unfit(Words("一个账号最多登记 5 个家", "One account belongs to at most five homes"))
    if not Invite.objects.filter(mark=found.mark).delete()[0]:
        return None  # somebody was faster
    Member.objects.get_or_create(home=found.home, mark=mark)
    return found.home


def of(user: User) -> list[Home]:
    """The homes of this person. One query."""
    mine = Member.objects.filter(mark=mark_of(user)).values("home_id")
    return list(Home.objects.filter(pk__in=mine).select_related("compound").order_by("made_on", "pk"))


@transaction.atomic
def leave(home: Home, user: User, now: datetime) -> None:
    """This person goes: their phones show nothing from now on. With the last member the home ends."""
    mark = mark_of(user)
    void(list(home.phones.filter(mark=mark)), now)
    home.phones.filter(mark=mark).delete()
    home.members.filter(mark=mark).delete()
    if not home.members.exists():
        end(home, now)


@transaction.atomic
def end(home: Home, now: datetime) -> None:
    """Everything of this home ends: phones, cards, PINs, plates, visits, invitations, members."""
    from minan.systems.doors import keys  # which asks this module

    void(list(home.phones.all()), now)
    rows = keys.all_of(home)
    passes.revoke(*[keys.pass_id(row) for row in rows if row.kind == "visit"])
    Key.objects.filter(pk__in=[row.pk for row in rows]).delete()
    compound = home.compound
    home.delete()
    registry.changed(compound)


def void(phones: list[Phone], now: datetime) -> None:
    """Take back what these phones may still show: yesterday's pass, today's, and tomorrow's that is not yet made."""
    day = now.astimezone(LOCAL).date()
    ids = [phone_pass(phone.pk, str(day + timedelta(days=n))) for phone in phones for n in (-1, 0, 1)]
    passes.revoke(*ids, ends=now + timedelta(days=3))


def phone_pass(phone: str, day: str) -> bytes:
    """The id of a phone's pass of a day: for whoever has no KEYS it is as random as the next."""
    return passes.drawn("phone", phone, day)[:8]


def _reader_mark(token: str) -> str:
    return hashlib.sha256(b"minan:reader:" + token.encode()).hexdigest()


def reader(home: Home) -> str:
    """A new token by which a paper fetches the closed lines of the doors on its way; the one before ends."""
    token = secrets.token_hex(16)
    Home.objects.filter(pk=home.pk).update(reader=_reader_mark(token))
    return token


def by_reader(token: str) -> Home | None:
    return Home.objects.select_related("compound").filter(reader=_reader_mark(token)).first() if token else None


def point(text: str) -> bytes:
    """A compressed point of P-256 given in hex. Raises ValueError."""
    raw = bytes.fromhex(text)
    if len(raw) != 33:
        raise ValueError("not a compressed point")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    return raw


def _box(home: Home) -> AESGCM:
    return AESGCM(passes.drawn("seal", home.pk))


def seal_of(home: Home) -> str:
    """The public key the home's lines are sealed to, hex; "" where it has none."""
    closed = bytes(home.seal or b"")
    return _box(home).decrypt(closed[:12], closed[12:], b"seal").hex() if closed else ""


@transaction.atomic
def set_seal(home: Home, public: bytes) -> None:
    """From now on lines are sealed to this key; cards, PINs and plates get it too."""
    from minan.systems.doors import keys  # which asks this module

    nonce = secrets.token_bytes(12)
    home.seal = nonce + _box(home).encrypt(nonce, public, b"seal")
    Home.objects.filter(pk=home.pk).update(seal=home.seal)
    Key.objects.filter(pk__in=[row.pk for row in keys.all_of(home) if row.kind != "visit"]).update(seal=public.hex())
    registry.changed(home.compound)


@transaction.atomic
def new_key(home: Home, public: bytes) -> str:
    """Another key from now on, and another token for a paper: whoever held those before opens nothing that happens after. The token.

    Raises Unfit for the key it has already.
    """
    if public.hex() == seal_of(home):
        raise Unfit(Words("重新打开这一页，再按一次", "Open this page anew, and press again"))
    set_seal(home, public)
    return reader(home)
