"""Secrets and signatures of webhooks by Standard Webhooks 1.0.0: symmetric, `whsec_`, `v1`.

A secret is shown to its owner once; it lies sealed with a key made from the server's secret, for its webhook alone.
"""

import secrets
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

from auth.sign_in.seals import Seals
from db.feed import FeedRows
from db.webhooks import Secret
from db.webhooks import secrets as kept
from plan.problem import Problem, Trouble

_BYTES = 32
UNSEALABLE = "Webhooks cannot be signed here: the service has no secret (ONEPLAN_AUTH_SECRET)."
SEALED_OTHERWISE = "The webhook's secret was sealed with another ONEPLAN_AUTH_SECRET than this one."


def made() -> str:
    """A new secret as it is shown."""
    return f"whsec_{b64encode(secrets.token_bytes(_BYTES)).decode()}"


def sealed(seals: Seals | None, id_: str, secret: str) -> str:
    """A secret as it is kept. Raises UNAVAILABLE where nothing can be sealed."""
    if seals is None:
        raise Problem(Trouble.UNAVAILABLE, UNSEALABLE)
    return seals.closed(_purpose(id_), {"secret": secret})


def opened(seals: Seals | None, id_: str, kept_: Iterable[Secret]) -> list[str]:
    """Secrets as their owner knows them. Raises UNAVAILABLE where they cannot be opened: nothing goes out unsigned."""
    if seals is None:
        raise Problem(Trouble.UNAVAILABLE, UNSEALABLE)
    found = [seals.opened(_purpose(id_), one.sealed) for one in kept_]
    if not found or not all(found):
        raise Problem(Trouble.UNAVAILABLE, SEALED_OTHERWISE)
    return [str(one["secret"]) for one in found if one]


async def signed(rows: FeedRows, seals: Seals | None, id_: str, message: str, body: bytes) -> list[tuple[str, str]]:
    """The headers of one message, with a signature for each secret that signs now."""
    return headers(opened(seals, id_, await kept(rows, id_)), message, rows.now, body)


def headers(with_: Sequence[str], message: str, at: int, body: bytes) -> list[tuple[str, str]]:
    """The headers of one message. `at`: the moment of the attempt, milliseconds since 1970 UTC."""
    when = datetime.fromtimestamp(at // 1000, UTC)
    signatures = [Webhook(secret).sign(message, when, body.decode()) for secret in with_]
    return [
        ("webhook-id", message),
        ("webhook-timestamp", str(at // 1000)),
        ("webhook-signature", " ".join(signatures)),
    ]


def _purpose(id_: str) -> str:
    return f"webhook {id_}"
