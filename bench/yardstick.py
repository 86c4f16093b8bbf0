"""The yardstick: what uvicorn alone costs for a constant answer of 2 kB, on the same machine in the same run."""

from starlette.types import Receive, Scope, Send

_BODY = b'{"resourceType":"CarePlan","text":"' + b"x" * 2000 + b'"}'
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/fhir+json"), (b"content-length", str(len(_BODY)).encode())],
}
_REST = {"type": "http.response.body", "body": _BODY}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer every request with the same bytes."""
    if scope["type"] == "http":
        await send(_START)
        await send(_REST)
