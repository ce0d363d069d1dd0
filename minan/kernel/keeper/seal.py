"""The city's seal: a signing key that never leaves the keeper's folder, and the certificates that say whose it is.

keeper/seal.key is the private key (PKCS 8), keeper/seal.pem the chain, its own certificate first. Where none was installed, a
certificate of the city's own making stands in: signed by an authority whose key is thrown away at once, so that it signs nothing
else ever; nobody outside trusts it, and everything that shows it says so. Run as the keeper's user, without Django.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from minan.kernel.keeper import keys, protocol
from minan.lib.folders import write_whole

KEY, CHAIN = "seal.key", "seal.pem"
OWN_UNIT = "自制证书 self-made"  # by which a certificate of our own making is known
YEARS = 5
HASHED: dict[str, hashes.HashAlgorithm] = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
DIGEST = bytes.fromhex(
    "06092a864886f70d010904"
)  # messageDigest, which every CMS signature's attributes hold (RFC 5652)
ATTRIBUTES_MOST = 8192
PEM = serialization.Encoding.PEM
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def _pem(key: Private) -> bytes:
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _put(room: Path, key: Private, chain: list[x509.Certificate]) -> None:
    write_whole(room / KEY, _pem(key))
    write_whole(room / CHAIN, b"".join(one.public_bytes(PEM) for one in chain))


def _named(common: str, city: str) -> x509.Name:
    oid = x509.NameOID
    parts = (
        (oid.COUNTRY_NAME, "CN"),
        (oid.ORGANIZATION_NAME, city),
        (oid.ORGANIZATIONAL_UNIT_NAME, OWN_UNIT),
        (oid.COMMON_NAME, common),
    )
    return x509.Name([x509.NameAttribute(kind, said) for kind, said in parts])


def _usage(**given: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign",
        "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**(dict.fromkeys(names, False) | given))


def make(folder: Path, city: str) -> None:
    """A seal of our own making; an older one is replaced. The authority's key lives as long as this function."""
    keys.owned(folder)
    city = city.strip()[:60] or "Minan"
    root, key, now = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    issuer, subject = _named(f"{city} 自制根证书", city), _named(f"{city} 电子签章", city)

    def build(name: x509.Name, public: ec.EllipticCurvePublicKey, authority: bool) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder(issuer, name, public, x509.random_serial_number())
        made = made.not_valid_before(now - timedelta(minutes=5)).not_valid_after(now + timedelta(days=365 * YEARS))
        made = made.add_extension(x509.BasicConstraints(authority, 0 if authority else None), critical=True)
        usage = (
            {"key_cert_sign": True, "crl_sign": True}
            if authority
            else {"digital_signature": True, "content_commitment": True}
        )
        made = made.add_extension(_usage(**usage), critical=True)
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        return made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), critical=False)

    chain = [build(subject, key.public_key(), False), build(issuer, root.public_key(), True)]
    _put(folder / protocol.ROOM, key, [one.sign(root, hashes.SHA256()) for one in chain])


def _fit(key: Any, chain: list[x509.Certificate]) -> Private:
    """Raises Refused where this key and these certificates are none that can seal."""
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise keys.Refused("the key must be RSA or elliptic curve (SM2 cannot be used yet)")
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < 2048:
        raise keys.Refused("an RSA key has at least 2048 bits")
    if not chain:
        raise keys.Refused("there is no certificate in it")
    shape = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if key.public_key().public_bytes(*shape) != chain[0].public_key().public_bytes(*shape):
        raise keys.Refused("the first certificate is not that of this key")
    if not chain[0].not_valid_before_utc <= datetime.now(UTC) < chain[0].not_valid_after_utc:
        raise keys.Refused("the certificate is not valid today")
    for one, above in pairwise(chain):
        try:
            one.verify_directly_issued_by(above)
        except Exception:
            raise keys.Refused(
                "the certificates do not follow one another: first the seal's own, then who issued it"
            ) from None
    return key


def install(folder: Path, file: Path, chain: Path | None, passphrase: str = "") -> x509.Certificate:
    """A real one: a .p12/.pfx file alone, or a key and its chain as PEM. What was there is replaced. Raises Refused."""
    keys.owned(folder)
    secret = passphrase.encode() or None
    try:
        if chain is None:
            bundle = pkcs12.load_pkcs12(file.read_bytes(), secret)
            found = [c.certificate for c in (bundle.cert, *bundle.additional_certs) if c is not None]
            key: Any = bundle.key
        else:
            key = serialization.load_pem_private_key(file.read_bytes(), secret)
            found = x509.load_pem_x509_certificates(chain.read_bytes())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise keys.Refused(
            "the file does not open: another form, or another passphrase (MINAN_SEAL_PASSPHRASE)"
        ) from None
    fit = _fit(key, found)
    _put(folder / protocol.ROOM, fit, found)
    return found[0]


def chain_of(folder: Path, city: str) -> list[bytes]:
    """The certificates as DER, the seal's own first. Where there never were any they are made for `city`; without one: [].
    Raises OSError, ValueError."""
    path = folder / protocol.ROOM / CHAIN
    if not path.exists():
        if not city:
            return []
        make(folder, city)
    found = x509.load_pem_x509_certificates(path.read_bytes())
    return [one.public_bytes(serialization.Encoding.DER) for one in found]


def signed(folder: Path, data: bytes, digest: str) -> bytes:
    """The signature over a CMS signature's attributes and nothing else: no certificate can be made with it. Raises Unfit."""
    if len(data) > ATTRIBUTES_MOST or data[:1] != b"\x31" or DIGEST not in data or digest not in HASHED:
        raise protocol.Unfit
    key = serialization.load_pem_private_key((folder / protocol.ROOM / KEY).read_bytes(), None)
    hashed = HASHED[digest]
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashed)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key.sign(data, ec.ECDSA(hashed))


def tool(folder: Path, rest: list[str]) -> str:
    """`install FILE [CHAIN]` or `renew CITY`, in words of what was done. Raises Refused."""
    if rest[0] == "renew":
        make(folder, rest[1])
        return "a new seal of our own making; what was sealed before keeps its certificate"
    secret = os.environ.get("MINAN_SEAL_PASSPHRASE", "")
    own = install(folder, Path(rest[1]), Path(rest[2]) if len(rest) > 2 else None, secret)
    return f"seals as {own.subject.rfc4514_string()} until {own.not_valid_after_utc:%Y-%m-%d}"
