"""A second reader of signed PDFs, written from the standards (ISO 32000-1 §12.8, RFC 5652, ETSI EN 319 142): it knows nothing of the
library that signs. Strict where a forger would be lenient: one signature, over the whole file but its own bytes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import pypdfium2
from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


class Broken(Exception):
    """The signature does not hold."""


@dataclass(frozen=True)
class Found:
    subject: str
    profile: str
    whole: bool
    chained: bool  # the certificates inside follow one another
    stamped: bool  # it bears the time of an authority


def _unpadded(gap: bytes) -> bytes:
    """The DER value at the beginning, by its own length: a signature may itself end with zeros. Raises Broken."""
    more = gap[1] & 0x7F if gap[1] & 0x80 else 0
    size = 2 + more + (int.from_bytes(gap[2 : 2 + more], "big") if more else gap[1])
    if any(gap[size:]):
        raise Broken("something hides behind the signature")
    return gap[:size]


def checked(pdf: bytes) -> Found:
    """What was signed by whom. Raises Broken."""
    ranges = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf)
    if len(ranges) != 1:
        raise Broken(f"{len(ranges)} signatures")
    first, size, second, rest = map(int, ranges[0])
    if first != 0 or second + rest != len(pdf):
        raise Broken("there is more in the file than was signed")
    held = pdf[size:second]
    if held[:1] != b"<" or held[-1:] != b">":
        raise Broken("the gap is not the signature")
    signed = cms.ContentInfo.load(_unpadded(bytes.fromhex(held[1:-1].decode())))["content"]
    (info,) = signed["signer_infos"]
    name = info["digest_algorithm"]["algorithm"].native
    attributes = {one["type"].native: one["values"][0] for one in info["signed_attrs"]}
    if attributes["message_digest"].native != hashlib.new(name, pdf[:size] + pdf[second:]).digest():
        raise Broken("the file was changed")
    if "signing_certificate_v2" not in attributes:
        raise Broken("it does not say by which certificate (PAdES)")
    certificates = [x509.load_der_x509_certificate(one.chosen.dump()) for one in signed["certificates"]]
    serial = info["sid"].chosen["serial_number"].native
    own = next(one for one in certificates if one.serial_number == serial)
    _holds(own, info["signature"].native, b"\x31" + info["signed_attrs"].dump()[1:], name)
    chained = any(_issued(own, above) for above in certificates if above is not own)
    profile = re.search(rb"/SubFilter\s*(/[\w.]+)", pdf)
    return Found(own.subject.rfc4514_string(), profile[1].decode() if profile else "", True, chained, _stamped(info))


def _stamped(info: cms.SignerInfo) -> bool:
    """Whether a time stamp over this very signature lies beside it. Raises Broken where it is over another."""
    kinds = {one["type"].native: one["values"][0] for one in info["unsigned_attrs"] or []}
    token = kinds.get("signature_time_stamp_token")
    if token is None:
        return False
    imprint = token["content"]["encap_content_info"]["content"].parsed["message_imprint"]
    name = imprint["hash_algorithm"]["algorithm"].native
    if imprint["hashed_message"].native != hashlib.new(name, info["signature"].native).digest():
        raise Broken("the time stamp is not over this signature")
    return True


def _holds(own: x509.Certificate, signature: bytes, data: bytes, name: str) -> None:
    key = own.public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(HASHES[name]))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), HASHES[name])
        else:
            raise Broken("an unknown kind of key")
    except InvalidSignature:
        raise Broken("the signature is not that of the certificate") from None


def _issued(own: x509.Certificate, above: x509.Certificate) -> bool:
    try:
        own.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def fonts_inside(pdf: bytes) -> int:
    """How many fonts the text uses; raises Broken where one is not inside the file."""
    found = {}
    for page in pypdfium2.PdfDocument(pdf):
        for one in page.get_objects(max_depth=6):
            if one.type == pypdfium2.raw.FPDF_PAGEOBJ_TEXT:
                font = pypdfium2.raw.FPDFTextObj_GetFont(one.raw)
                found[bool(pypdfium2.raw.FPDFFont_GetIsEmbedded(font))] = (
                    found.get(bool(pypdfium2.raw.FPDFFont_GetIsEmbedded(font)), 0) + 1
                )
    if found.get(False):
        raise Broken(f"{found[False]} pieces of text have no font inside")
    return found.get(True, 0)
