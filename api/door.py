"""What every door does with a request before the desk sees it: who is it, is the body bounded and of the right kind."""

import re
import zlib
from dataclasses import replace
from hashlib import sha256

from starlette.requests import Request

from api.deeds import Key, Visit
from api.service import Service
from api.wire import OPEN
from plan.override import PURPOSES
from plan.problem import Fault, Problem, Trouble

_WEAK = re.compile(r'(?:W/)?"([^"]*)"')
_LENGTH = re.compile(r"[0-9]{1,20}")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
SEATED = "seated"
"""Where a scope holds the Visit of somebody whom a page of ours has signed in: no request from outside has one."""
PURPOSE = "x-purpose-of-use"
"""The header that states the purpose of use of one request."""
REASON = "X-Change-Reason"
"""The header that says why an entry is changed."""
MOST_REASON = 500


def service_of(request: Request) -> Service:
    """The running service."""
    service: Service = request.scope["service"]
    return service


async def visit(request: Request, door: str) -> Visit:
    """Who asks, and for which purpose: the request's own word for it before the token's.

    Raises NO_TOKEN, BAD_TOKEN, EXPIRED, BAD_VALUE.
    """
    seated: Visit | None = request.scope.get(SEATED)
    if seated:
        return seated
    service = service_of(request)
    header = request.headers.get("authorization")
    caller = service.tokens.remembered(header) or await service.tokens.caller(header)
    made = Visit(caller=caller, door=door, request=request.scope["request_id"])
    request.scope["visit"] = made
    purpose = request.headers.get(PURPOSE)
    if purpose is not None:
        made = request.scope["visit"] = replace(made, caller=replace(caller, purpose=_known(purpose)))
    return made


def open_to_all(request: Request) -> None:
    """Say that the answer is the same for everybody: it tells of nobody, so it leaves no event."""
    request.scope[OPEN] = True


def _known(purpose: str) -> str:
    """A purpose of use by its code in HL7 v3 PurposeOfUse."""
    if purpose not in PURPOSES:
        what = "X-Purpose-Of-Use is no purpose of use that is known here"
        mend = "Send a code of v3 PurposeOfUse: TREAT, BTG, PATRQT, ...; or leave the header out."
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, mend=mend),))
    return purpose


async def body(request: Request, kinds: tuple[str, ...], limit: int) -> bytes:
    """The body, unpacked, of one of the media types `kinds`. Raises MEDIA_TYPE, TOO_LARGE, MALFORMED."""
    said = request.headers.get("content-type", "")
    kind, _, rest = said.partition(";")
    if kind.strip().lower() not in kinds:
        what = f"the body is {kind.strip() or 'of no stated kind'}"
        raise Problem(Trouble.MEDIA_TYPE, what, (Fault(what, mend=f"Send {kinds[0]}."),))
    charset = re.search(r"charset\s*=\s*\"?([\w-]+)", rest, re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "utf8"):
        raise Problem(Trouble.MEDIA_TYPE, "The body must be in UTF-8.")
    raw = await _bounded(request, limit)
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if packed in ("", "identity"):
        return raw
    if packed != "gzip":
        raise Problem(Trouble.MEDIA_TYPE, f"Content-Encoding {packed[:32]} is not taken; send gzip or none.")
    return _unpacked(raw, limit)


def version_of(header: str | None) -> int | None:
    """The version that If-Match names: `W/"3"` or `"3"`; None without the header. Raises BAD_VALUE."""
    if header is None:
        return None
    found = _WEAK.fullmatch(header.strip())
    if not found:
        what = "If-Match is no single entity tag"
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, mend='Write the version as W/"3".'),))
    return int(found[1]) if found[1].isascii() and found[1].isdigit() and len(found[1]) < 10 else -1  # noqa: PLR2004


def key_of(request: Request, raw: bytes) -> Key | None:
    """The Idempotency-Key, with the digest of what it stands for: method, address and body. Raises BAD_VALUE."""
    key = checked_key(request.headers.get("idempotency-key"))
    if key is None:
        return None
    said = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return Key(key=key, digest=sha256(said + raw).hexdigest())


def checked_key(key: str | None) -> str | None:
    """An Idempotency-Key, when it has the form of one; None without one. Raises BAD_VALUE."""
    if key is not None and not _KEY.fullmatch(key):
        what = "Idempotency-Key is not 1 to 255 visible characters"
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, mend="Send a UUID."),))
    return key


def reason_of(request: Request) -> str:
    """Why something is changed, as the header says it; empty without one. Raises BAD_VALUE."""
    header = request.headers.get(REASON)
    if header is None:
        return ""
    # A header is bytes; these are UTF-8, as JSON is.
    said = header.encode("latin-1").decode("utf-8", "replace").strip()
    if not 0 < len(said) <= MOST_REASON or not said.isprintable() or "\ufffd" in said:
        what = f"{REASON} is not 1 to {MOST_REASON} visible characters in UTF-8"
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, mend="Say why in a sentence, or leave the header out."),))
    return said


def etag(version: int) -> str:
    """A version as a weak entity tag (FHIR R4 http.html, concurrency)."""
    return f'W/"{version}"'


async def _bounded(request: Request, limit: int) -> bytes:
    said = request.headers.get("content-length", "0")
    if _LENGTH.fullmatch(said) and int(said) > limit:
        raise _too_large(limit)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
    return b"".join(parts)


def _unpacked(raw: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        text = unpacker.decompress(raw, limit + 1)
    except zlib.error as error:
        raise Problem(Trouble.MALFORMED, "The body is no gzip.") from error
    if len(text) > limit:
        raise _too_large(limit)
    if not unpacker.eof:
        raise Problem(Trouble.MALFORMED, "The gzip body ends too early.")
    return text


def _too_large(limit: int) -> Problem:
    what = f"the body is larger than {limit} bytes"
    return Problem(Trouble.TOO_LARGE, what, (Fault(what, mend="Send it in parts."),), headers={"Connection": "close"})
