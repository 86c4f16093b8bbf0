"""An issuer that is not ours: keys and signatures made without the code under test, good tokens and forged ones."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ISSUER = "https://login.council.example"
AUDIENCE = "oneplan"
NOW = 1_800_000_000
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order n of the curve: with (r, s), (r, n - s) too is a signature of the same key over the same text."""

Signer = Callable[[bytes], bytes]

CLAIMS: Mapping[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "worker-7",
    "iat": NOW - 10,
    "exp": NOW + 300,
    "jti": "token-1",
    "agency": "northtown-council",
    "role": "social_worker",
    "scope": "user/CarePlan.rs user/Task.cruds",
    "client_id": "caseload",
    "name": "Ada Obi",
}

HASHES: Mapping[str, hashes.HashAlgorithm] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


@cache
def rsa_key(name: str = "rsa", bits: int = 2048) -> rsa.RSAPrivateKey:
    """One RSA key a name, made once."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(name: str = "ec", curve: str = "P-256") -> ec.EllipticCurvePrivateKey:
    """One EC key a name and curve, made once."""
    return ec.generate_private_key({"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}[curve])


def public_jwk(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, kid: str | None, **further: object
) -> dict[str, Any]:
    """The public JWK (RFC 7518 section 6)."""
    if isinstance(key, rsa.RSAPrivateKey):
        of = key.public_key().public_numbers()
        made = {"kty": "RSA", "n": b64(of.n.to_bytes((of.n.bit_length() + 7) // 8)), "e": b64(of.e.to_bytes(3))}
    else:
        point, size = key.public_key().public_numbers(), (key.curve.key_size + 7) // 8
        made = {"kty": "EC", "crv": f"P-{key.curve.key_size}", "x": b64(point.x.to_bytes(size))}
        made["y"] = b64(point.y.to_bytes(size))
    return {**made, **({} if kid is None else {"kid": kid}), **further}


def signer(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, algorithm: str) -> Signer:
    """RSASSA-PKCS1-v1_5 or ECDSA with raw r and s, with the hash that `algorithm` names (RFC 7518 section 3)."""
    chosen = HASHES[algorithm[2:]]
    if isinstance(key, rsa.RSAPrivateKey):
        return lambda message: key.sign(message, padding.PKCS1v15(), chosen)
    size = (key.curve.key_size + 7) // 8

    def ecdsa(message: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(chosen)))
        return r.to_bytes(size) + s.to_bytes(size)

    return ecdsa


def hmac_signer(secret: bytes, algorithm: str) -> Signer:
    """HMAC with `secret`, which a forger takes from what is public."""
    return lambda message: hmac.digest(secret, message, f"sha{algorithm[2:]}")


def b64(raw: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def compact(header: object, claims: object, sign: Signer) -> str:
    """A compact JWS over any header and claims, however wrong; text and bytes go in as they are."""
    front = f"{b64(_raw(header))}.{b64(_raw(claims))}"
    return f"{front}.{b64(sign(front.encode()))}"


def token(
    header: Mapping[str, object] | None = None, sign: Signer | None = None, without: str = "", **claims: object
) -> str:
    """A good ES256 token of this issuer, but for what is asked to be otherwise."""
    said = {name: value for name, value in {**CLAIMS, **claims}.items() if name != without}
    head = {"alg": "ES256", "typ": "at+jwt", "kid": "ec", **(header or {})}
    return compact(head, said, sign or signer(ec_key(), "ES256"))


def bearer(text: str) -> str:
    """The Authorization header."""
    return f"Bearer {text}"


def _raw(part: object) -> bytes:
    if isinstance(part, bytes):
        return part
    return part.encode() if isinstance(part, str) else json.dumps(part).encode()
