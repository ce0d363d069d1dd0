"""A PDF signed with the city's seal (PAdES-B-B, with MINAN_TSA B-T; ETSI EN 319 142): pyHanko writes it, the keeper's process signs.

The web process never has the private key: it asks the keeper for one signature at a time, each for one event of one case, each
on the keeper's log (keeper/seal.py). Nothing is stored: a paper is made and signed when it is fetched, from what stands in the
vault; so a stolen disk holds no agreement, and what is erased is gone from every paper.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from django.conf import settings

from minan.kernel import directory, outward, vault
from minan.kernel.keeper import protocol
from minan.kernel.models import Case

DIGEST = "sha256"
log = logging.getLogger("minan.seals")


@dataclass(frozen=True, slots=True)
class Seal:
    """What the city's seal is, for who wants to check it."""

    subject: str
    issuer: str
    fingerprint: str  # SHA-256 of the certificate, hex
    root: str  # … of the last certificate of the chain
    begins: datetime
    ends: datetime
    own_making: bool  # nobody outside trusts it
    chain: tuple[bytes, ...]  # DER, its own first

    def pem(self) -> str:
        """The chain as it is imported into a reader."""
        from ssl import DER_cert_to_PEM_cert  # for one page

        return "".join(DER_cert_to_PEM_cert(one) for one in self.chain)


def city_name() -> str:
    """The city's own name, as it stands on a certificate of our making."""
    return next((row.name for code, row in directory.city().places.items() if len(code.rstrip("0")) <= 4), "民安")


@cache
def able() -> bool:
    """True where PDFs can be signed here."""
    return find_spec("pyhanko") is not None


def here() -> Seal:
    """The city's seal, made where there is none. Raises vault.Away, vault.Sealed."""
    found = installed(city_name())
    assert found is not None, "the keeper makes one"
    return found


def installed(city: str = "") -> Seal | None:
    """The seal that is there; where none is, one made for `city`, or None. Raises vault.Away, vault.Sealed."""
    from cryptography import x509  # as pyHanko: only where something is sealed

    from minan.kernel.keeper.seal import OWN_UNIT  # as above

    chain = tuple(protocol.data(one) for one in vault.sealing("seal", city=city)["chain"])
    if not chain:
        return None
    own = x509.load_der_x509_certificate(chain[0])
    units = [str(part.value) for part in own.issuer.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)]
    return Seal(
        own.subject.rfc4514_string(), own.issuer.rfc4514_string(), hashlib.sha256(chain[0]).hexdigest(),
        hashlib.sha256(chain[-1]).hexdigest(),
        own.not_valid_before_utc, own.not_valid_after_utc, OWN_UNIT in units, chain,
    )  # fmt: skip


@cache
def _signer_class() -> Any:
    from asn1crypto import (
        x509,  # all of these come with pyHanko: 30 MB and half a second, only where something is sealed
    )
    from pyhanko.sign import signers  # as above
    from pyhanko_certvalidator.registry import SimpleCertificateStore  # as above

    class KeepersSigner(signers.Signer):  # type: ignore[misc]
        """pyHanko's signer, whose one act is a question to the keeper."""

        def __init__(self, seal: Seal, code: str, event: str) -> None:
            chain = [x509.Certificate.load(one) for one in seal.chain]
            store = SimpleCertificateStore.from_certs(chain)  # type: ignore[no-untyped-call]
            super().__init__(signing_cert=chain[0], cert_registry=store)
            self.code, self.event = code, event

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            if dry_run:
                return bytes(512)
            asked = {"code": self.code, "event": self.event, "data": protocol.text(data), "digest": digest_algorithm}
            return protocol.data(vault.sealing("sign", **asked)["signature"])

    return KeepersSigner


def _stamper() -> Any:
    """Who gives the time (RFC 3161), where the operator named one; None else."""
    if not settings.TSA:
        return None
    from asn1crypto import tsp  # comes with pyHanko
    from pyhanko.sign import timestamps  # only where something is sealed

    class Stamper(timestamps.TimeStamper):
        async def async_request_tsa_response(self, req: Any) -> Any:
            answer = outward.post(settings.TSA, [("Content-Type", "application/timestamp-query")], req.dump())
            if answer.status != 200:
                raise outward.NoAnswer(str(answer.status))
            return tsp.TimeStampResp.load(answer.body)

    return Stamper()  # type: ignore[no-untyped-call]


def signed(pdf: bytes, case: Case, event: str, *, name: str, reason: str) -> bytes:
    """The PDF with an invisible signature over all of it. `event`: hash of the event of this case that justifies it; `name`:
    in whose name; `reason`: what it is. Raises vault.Away, vault.Held, vault.Sealed."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # 30 MB: only where something is sealed
    from pyhanko.sign import signers  # as above
    from pyhanko.sign.fields import SigSeedSubFilter  # as above

    meta = signers.PdfSignatureMetadata(
        field_name="Seal", md_algorithm=DIGEST, subfilter=SigSeedSubFilter.PADES, name=name, reason=reason, location=city_name()
    )  # fmt: skip
    signer, stamper = _signer_class()(here(), case.code, event), _stamper()
    for clock in [stamper, None] if stamper else [None]:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        try:
            return bytes(signers.sign_pdf(writer, meta, signer=signer, timestamper=clock).getbuffer())
        except (outward.Unreached, outward.NoAnswer):
            log.warning("the time-stamping authority does not answer: a paper is sealed with our own time")
    raise AssertionError("without an authority nothing is asked")
