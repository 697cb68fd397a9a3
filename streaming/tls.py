"""Whom the project believes to be the server it asked for: certificates, for Python, for Java and for Rust."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from streaming.contract.errors import ConfigurationError

STORE = "trusted.p12"
OPENING = "changeit"  # Java wants a word; what the store holds is public
REFUSED = ("CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER", "' doesn't match ")
"""What is said of a certificate from an unknown CA, of a server that speaks no TLS, of one with another name."""
RUST_READS = "SSL_CERT_FILE"
_variable = Lock()


def trusting(authorities: Path | None) -> ssl.SSLContext:
    """What refuses a server whose certificate is not for its name, or from nobody in that file (or the system's).

    Raises:
        ConfigurationError: the file cannot be read, or holds no certificates.
    """
    try:
        return ssl.create_default_context(cafile=authorities)
    except OSError as error:
        raise ConfigurationError(f"tls_ca {authorities} is no file of certificates (PEM): {error}") from error


def is_disbelief(error: BaseException | None) -> bool:
    """True when a connection failed since the server could not prove who it is: asking again is of no use."""
    return error is not None and any(sign in str(error) for sign in REFUSED)


def java_options(authorities: Path | None, folder: Path) -> str:
    """What Java must be told to believe those CAs and no others; writes them into the folder as Java reads them."""
    if authorities is None:
        return ""
    trusting(authorities)
    certificates = x509.load_pem_x509_certificates(authorities.read_bytes())
    known = [pkcs12.PKCS12Certificate(each, str(number).encode()) for number, each in enumerate(certificates)]
    store = folder / STORE
    store.parent.mkdir(parents=True, exist_ok=True)
    store.write_bytes(pkcs12.serialize_java_truststore(known, BestAvailableEncryption(OPENING.encode())))
    return (
        f' "-Djavax.net.ssl.trustStore={store}" -Djavax.net.ssl.trustStoreType=PKCS12'
        f" -Djavax.net.ssl.trustStorePassword={OPENING}"
    )


@contextmanager
def told_to_rust(authorities: Path | None) -> Iterator[None]:
    """Have clients that delta-rs makes meanwhile believe those CAs alone: it takes them from a variable only."""
    if authorities is None:
        yield
        return
    with _variable:
        before = os.environ.get(RUST_READS)
        os.environ[RUST_READS] = str(authorities)
        try:
            yield
        finally:
            os.environ.pop(RUST_READS)
            if before is not None:
                os.environ[RUST_READS] = before
