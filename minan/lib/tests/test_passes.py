"""The pass as a door reads it: 王秀兰's opens her own doors and no other, for its time, while her phone is the one that shows it."""

from __future__ import annotations

import secrets
import struct

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from minan.lib import passes
from minan.lib.passes import Pass, Refused

GATE, UNIT, OTHER = "131002001003/c1", "131002001003/c1/3/2", "131002001003/c1/3/1"
NOW = 1_790_000_000
SIGNER = Ed25519PrivateKey.generate()
KEYS = {passes.key_id(SIGNER.public_key().public_bytes_raw()): SIGNER.public_key().public_bytes_raw()}
PHONE = ec.generate_private_key(ec.SECP256R1())


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def made(
    kind: str = "household", *, hours: float = 20, begins: int = NOW - 60, area: str = UNIT, **more: object
) -> str:
    key = point(PHONE) if kind == "household" else b""
    given = {
        "kind": kind,
        "pass_id": secrets.token_bytes(8),
        "begins": begins,
        "ends": begins + int(hours * 3600),
        "area": area,
        "key": key,
    }
    return passes.sign(SIGNER, **(given | more))  # type: ignore[arg-type]


def shown(text: str, at: int = NOW, phone: ec.EllipticCurvePrivateKey = PHONE, seal: bytes = b"") -> str:
    """What the phone puts on its screen at this moment."""
    data = (passes.data_of(text) or b"") + struct.pack(">IB", at, bool(seal)) + seal
    r, s = decode_dss_signature(phone.sign(passes.SHOW + data, ec.ECDSA(hashes.SHA256())))
    return passes.text_of(data + r.to_bytes(32) + s.to_bytes(32))


def said(text: str, at: float = NOW, area: str = UNIT, **more: object) -> str:
    answer = passes.verify(text, KEYS, at, area, **more)  # type: ignore[arg-type]
    return answer.why if isinstance(answer, Refused) else "open"


def test_her_pass_opens_the_gate_and_her_own_unit_and_no_other_door() -> None:
    code = shown(made())
    assert [said(code, area=area) for area in (GATE, UNIT)] == ["open", "open"]
    assert [
        said(code, area=area) for area in (OTHER, "131002001003/c2", "131002001004/c1", "131002001003/c1/3/22")
    ] == ["other_door"] * 4


def test_a_pass_fits_a_code_that_an_old_phone_can_show() -> None:
    assert len(made()) <= 200
    assert len(shown(made(), seal=point(PHONE))) <= 330


def test_a_photograph_of_the_screen_is_dead_after_a_minute() -> None:
    code = shown(made(), NOW)
    assert [said(code, NOW + s) for s in (0, 59, 61, 3600)] == ["open", "open", "stale", "stale"]
    assert said(shown(made(), NOW + 31)) == "stale", "and none is made for later"


def test_the_pass_without_its_phone_opens_nothing() -> None:
    text = made()
    assert said(text) == "forged"
    assert said(shown(text, phone=ec.generate_private_key(ec.SECP256R1()))) == "forged"


def test_before_its_time_and_after_it_the_door_stays_shut_but_for_a_minute_of_clocks() -> None:
    visit = made("visitor", begins=NOW, hours=1)
    assert [said(visit, NOW + s) for s in (-61, -59, 0, 3659, 3661)] == ["not_yet", "open", "open", "open", "expired"]


def test_what_was_taken_back_or_used_is_refused_with_its_word() -> None:
    visit = made("visitor", once=True)
    found = passes.verify(visit, KEYS, NOW, UNIT)
    assert isinstance(found, Pass)
    assert said(visit, revoked={found.id}) == "revoked"
    assert said(visit, used={found.id}) == "replayed"
    code = shown(made())
    held = passes.verify(code, KEYS, NOW, UNIT)
    assert isinstance(held, Pass)
    assert said(code, used={held.shown}) == "replayed"


def test_nobody_else_signs_and_no_letter_can_be_changed() -> None:
    text = made("visitor")
    assert [said(text[:i] + ("A" if text[i] != "A" else "B") + text[i + 1 :]) for i in range(0, len(text), 7)] == [
        "forged"
    ] * -(-len(text) // 7)
    stranger = Ed25519PrivateKey.generate()
    forged = passes.sign(stranger, kind="visitor", pass_id=bytes(8), begins=NOW, ends=NOW + 60, area=UNIT)
    assert said(forged) == "forged"


def test_a_household_pass_without_a_phone_lasts_two_minutes_whoever_signs_it() -> None:
    assert said(made(key=b"", hours=0.03)) == "open"
    assert said(made(key=b"", hours=1)) == "forged"


def test_helpers_open_everything_on_the_way_and_inside_of_it() -> None:
    call = made("help", area=GATE)
    assert [said(call, area=area) for area in ("131002001003", GATE, UNIT, OTHER)] == ["open"] * 4
    assert said(call, area="131002001003/c2") == "other_door"


@pytest.mark.parametrize(
    "wrong",
    [{"area": "x"}, {"area": UNIT + "/a/b"}, {"hours": 25}, {"hours": -1}, {"key": b"short"}, {"kind": "guard"}],
)
def test_what_no_door_would_take_is_not_signed(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"pass|key"):
        made(**wrong)  # type: ignore[arg-type]


@given(st.text(max_size=300) | st.binary(max_size=300).map(passes.text_of))
def test_whatever_is_shown_to_a_door_is_an_answer_and_never_a_crash(text: str) -> None:
    assert said(text) == "forged"
