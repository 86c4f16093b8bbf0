"""One-time codes: from an authenticator app, each good once, and recovery codes for the day the phone is gone.

Sources: RFC 6238 (TOTP: 30 seconds, six digits, one step either way, section 5.2 on using a code once), NIST SP
800-63B-4 section 3.1.2 (look-up secrets).
"""

import hmac
import secrets
from hashlib import sha256

import pyotp

STEP_MS = 30_000
RECOVERY_CODES = 8
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter that looks like another, nor like a digit."""
_HALF = 6


def new_secret() -> str:
    """A secret for an authenticator app: 160 bits, as base32."""
    return pyotp.random_base32(32)


def address(secret: str, login: str, issuer: str) -> str:
    """What the QR code says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def step_of(secret: str, code: str, now: int) -> int | None:
    """The time step whose code this is: the current one, the one before or the one after; None for a wrong code.

    `now` in milliseconds since 1970 UTC.
    """
    totp, current, found = pyotp.TOTP(secret), now // STEP_MS, None
    for step in (current - 1, current, current + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def new_recovery() -> tuple[str, ...]:
    """Fresh recovery codes, 59 bits each."""
    halves = ["".join(secrets.choice(_ALPHABET) for _ in range(_HALF)) for _ in range(2 * RECOVERY_CODES)]
    return tuple(f"{one}-{two}" for one, two in zip(halves[::2], halves[1::2], strict=True))


def digest(login: str, code: str) -> str:
    """What is kept of a recovery code. It is random, so that one round of a plain hash is enough."""
    plain = "".join(letter for letter in code.lower() if letter in _ALPHABET)
    return sha256(f"{login}\n{plain}".encode()).hexdigest()


def spoken(code: str) -> str:
    """A code as it was typed, without the spaces that people put into it."""
    return "".join(code.split())
