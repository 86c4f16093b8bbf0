"""What only its holder knows: made of 256 random bits, kept as a hash, compared in constant time.

The hash is plain SHA-256: what is hashed was never chosen by anybody, so there is nothing to guess (RFC 6749 10.10).
"""

import hmac
import secrets
from hashlib import sha256


def made() -> str:
    """A new secret, 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """As it is kept."""
    return sha256(secret.encode()).hexdigest()


def same(secret: str, kept: str) -> bool:
    """Whether a secret is the one whose hash was kept; takes as long when it is not."""
    return hmac.compare_digest(hashed(secret), kept)
