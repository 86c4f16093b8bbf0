"""Tokens for trying things out on one's own machine, from an issuer that no production service believes.

The key is made on first use and stays on this machine, so that a token made by the command line is good at the
service beside it. RFC 7638 gives the key its name.
"""

import json
import os
import secrets
import sys
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from auth import tokens
from auth.issuers import AUDIENCE, Issuer
from plan.model import AgencyId, PersonId, Role, Subject

ISSUER = "https://oneplan.example/development"
LIFETIME = timedelta(hours=8)

_PUBLIC = ("kty", "crv", "x", "y", "kid", "alg", "use")


def default_path() -> Path:
    """Where the key is kept unless told otherwise: inside the environment that runs the service."""
    return Path(sys.prefix) / "var" / "oneplan-development-key.json"


def issuer(path: Path | None = None) -> Issuer:
    """The development issuer, as the service shall trust it: its public key only."""
    key = _key(path or default_path())
    public = {name: key[name] for name in _PUBLIC}
    return Issuer(issuer=ISSUER, audience=(AUDIENCE,), jwks={"keys": [public]}, algorithms=("ES256",))


def token(  # noqa: PLR0913 - one keyword a claim
    path: Path | None = None,
    *,
    subject: Subject,
    agency: AgencyId,
    role: Role,
    scopes: str,
    name: str = "",
    person: PersonId | None = None,
    patient: PersonId | None = None,
    client: str = "oneplan-development",
    lifetime: timedelta = LIFETIME,
    now: Callable[[], float] = time.time,
) -> str:
    """A token of the development issuer. `scopes` are SMART words parted by spaces; `person` goes with the role person,
    `patient` with words of `patient/`.

    `now` is the time in seconds since 1970 UTC.
    """
    issued = int(now())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "iat": issued,
        "exp": issued + int(lifetime.total_seconds()),
        "jti": uuid.uuid4().hex,
        "agency": agency,
        "role": role.value,
        "scope": scopes,
        "client_id": client,
    }
    further = {"name": name, "person": person, "patient": patient}
    return tokens.sign(_key(path or default_path()), claims | {word: said for word, said in further.items() if said})


def secret(path: Path | None = None) -> str:
    """A secret beside the key, made on first use, for what a service in production is told by its settings."""
    beside = (path or default_path()).with_suffix(".secret")
    if not beside.exists():
        _keep(beside, {"secret": secrets.token_urlsafe(32)})
    return str(json.loads(beside.read_text(encoding="utf-8"))["secret"])


def refuse_in_production(production: bool) -> None:  # noqa: FBT001 - the name says what it is asked
    """Raise ValueError when a service in production is about to believe the development issuer."""
    if production:
        raise ValueError(
            f"The development issuer {ISSUER} cannot be trusted in production: anybody on this machine can sign its"
            " tokens. Configure the issuers of your agencies instead."
        )


def _key(path: Path) -> dict[str, str]:
    if not path.exists():
        _keep(path, _made())
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return {name: str(kept[name]) for name in (*_PUBLIC, "d")}
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path} is not a development key. Remove it, and a new one will be made.") from None


def _keep(path: Path, key: dict[str, str]) -> None:
    """Write the key where no other process can see half of it, then give it its name: the first to do so wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            json.dump(key, file)
            file.flush()
            os.fsync(file.fileno())
        # A link and not a rename: a rename would take the place of the key that another process has just made.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _made() -> dict[str, str]:
    private = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    point = private.public_numbers
    key = {"crv": "P-256", "kty": "EC", "x": _written(point.x), "y": _written(point.y)}
    name = sha256(json.dumps(key, sort_keys=True, separators=(",", ":")).encode()).digest()
    return key | {"d": _written(private.private_value), "kid": _base64url(name), "alg": "ES256", "use": "sig"}


def _written(number: int) -> str:
    return _base64url(number.to_bytes(32))


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
