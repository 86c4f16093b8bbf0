"""The interface description, OpenAPI 3.1: made of the routes, the forms and the registry of problems."""

from collections.abc import Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from api.rest.schemas import schemas
from api.rest.words import components

VERSION = "1.0.0"
_SUMMARY = "One multi-agency care plan per person, in JSON."
_TEXT = """\
Sign in with a bearer token of a trusted issuer; what it opens, the charter, the team, the person's consents and
restrictions decide together. Whatever one may not read is answered as what does not exist (404).

- An update names the version that was read, by `If-Match` or by `version` in the body: 428 without, 412 when it is
  stale; the 412 says which fields changed since.
- `Idempotency-Key` on an unsafe call makes it happen once; a repetition gets the first answer again, with
  `Idempotency-Replayed: true`. A key belongs to one action: another under the same key is 422. Joining and leaving a
  team is the same however often it is done, with a key or without.
- Lists are paged by opaque cursors: send `next` back as it was given.
- Errors are RFC 9457 problems with a stable `code` and, for each fault, a JSON pointer and how to mend it.
- Bodies are UTF-8 JSON; unknown fields, null and empty lists are refused, numbers keep the digits they were sent with.
- The same plan is served as FHIR R4 at `/fhir/R4`, under the same ids.
"""


def document(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The OpenAPI 3.1 description of these routes."""
    made = get_openapi(
        title="Oneplan",
        version=VERSION,
        summary=_SUMMARY,
        description=_TEXT,
        routes=routes,
        openapi_version="3.1.0",
    )
    made["components"] = {"schemas": schemas(), **components()}
    made["security"] = [{"token": []}]
    return made
