"""Certificates for one test: a CA, and servers' certificates that it signed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509.oid import NameOID

VALID = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its key."""

    public: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def write(self, file: Path) -> Path:
        """The certificate as PEM."""
        file.write_bytes(self.public.public_bytes(Encoding.PEM))
        return file

    def write_key(self, file: Path) -> Path:
        """Its key as PEM."""
        file.write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return file

    def write_store(self, file: Path, password: str) -> Path:
        """Both as a Java server reads them."""
        encryption = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(10_000).build(password.encode())
        file.write_bytes(pkcs12.serialize_key_and_certificates(b"server", self.key, self.public, None, encryption))
        return file


def authority(name: str) -> Certificate:
    """A CA of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(name, name, key).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return Certificate(builder.sign(key, hashes.SHA256()), key)


def certificate_of(address: str, signer: Certificate) -> Certificate:
    """What a server at this IP address shows; it is for no name, so `localhost` is another server to it."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = signer.public.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))])
    builder = _builder(address, str(issuer), key).add_extension(names, critical=False)
    return Certificate(builder.sign(signer.key, hashes.SHA256()), key)


def _builder(subject: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - VALID)
        .not_valid_after(now + VALID)
    )
