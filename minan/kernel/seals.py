"""A PDF signed with the city's seal (PAdES-B-B, ETSI EN 319 142): pyHanko writes the signature, the keeper's process makes it.

The web process never has the private key: it asks the keeper for one signature at a time, each for one event of one case, each
on the keeper's log (keeper/seal.py). Nothing is stored: a paper is made and signed when it is fetched, from what stands in the
vault; so a stolen disk holds no agreement, and what is erased is gone from every paper.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from minan.kernel import directory, vault
from minan.kernel.keeper import protocol
from minan.kernel.models import Case

DIGEST = "sha256"


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
    """The city's seal. Raises vault.Away, vault.Sealed."""
    from cryptography import x509  # as pyHanko: only where something is sealed

    from minan.kernel.keeper import seal as made

    chain = tuple(protocol.data(one) for one in vault.sealing("seal", city=city_name())["chain"])
    own, root = (x509.load_der_x509_certificate(chain[n]) for n in (0, -1))
    units = [str(part.value) for part in own.issuer.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)]
    return Seal(
        own.subject.rfc4514_string(), own.issuer.rfc4514_string(), hashlib.sha256(chain[0]).hexdigest(),
        hashlib.sha256(root.public_bytes(made.serialization.Encoding.DER)).hexdigest(),
        own.not_valid_before_utc, own.not_valid_after_utc, made.OWN_UNIT in units, chain,
    )  # fmt: skip


@cache
def _signer_class() -> Any:
    from asn1crypto import x509  # comes with pyHanko
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class KeepersSigner(signers.Signer):  # type: ignore[misc]
        """pyHanko's signer, whose one act is a question to the keeper."""

        def __init__(self, seal: Seal, code: str, event: str) -> None:
            chain = [x509.Certificate.load(one) for one in seal.chain]
            store = SimpleCertificateStore.from_certs(chain)
            super().__init__(signing_cert=chain[0], cert_registry=store)
            self.code, self.event = code, event

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            if dry_run:
                return bytes(512)
            asked = {"code": self.code, "event": self.event, "data": protocol.text(data), "digest": digest_algorithm}
            return protocol.data(vault.sealing("sign", **asked)["signature"])

    return KeepersSigner


def signed(pdf: bytes, case: Case, event: str, *, name: str, reason: str) -> bytes:
    """The PDF with an invisible signature over all of it. `event`: hash of the event of this case that justifies it; `name`:
    in whose name; `reason`: what it is. Raises vault.Away, vault.Held, vault.Sealed."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigSeedSubFilter

    meta = signers.PdfSignatureMetadata(
        field_name="Seal", md_algorithm=DIGEST, subfilter=SigSeedSubFilter.PADES, name=name, reason=reason, location=city_name()
    )  # fmt: skip
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    made = signers.sign_pdf(writer, meta, signer=_signer_class()(here(), case.code, event))
    return bytes(made.getbuffer())
