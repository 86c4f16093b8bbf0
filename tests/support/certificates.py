"""A certificate for this machine that nobody has signed but itself, for tests of what browsers do over https alone."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.auth.foreign_issuer import ec_key


def certificate(folder: Path) -> dict[str, str]:
    """A key and its certificate for 127.0.0.1, good today, as uvicorn names them."""
    key = ec_key("this machine")
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    files = {"ssl_keyfile": folder / "tls.key", "ssl_certfile": folder / "tls.crt"}
    files["ssl_keyfile"].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    files["ssl_certfile"].write_bytes(made.public_bytes(Encoding.PEM))
    return {word: str(file) for word, file in files.items()}
