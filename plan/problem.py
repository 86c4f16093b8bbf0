"""Everything that can go wrong, one line each: HTTP status, FHIR issue code, stable REST code, title.

Both doors answer from the same line (RFC 9457 problem+json and FHIR OperationOutcome), so the two dialects
can never disagree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

Path = tuple[str | int, ...]


class Line(NamedTuple):
    """One row: HTTP status, FHIR `issue-type` code, stable `code` of the REST API, title."""

    status: int
    issue: str
    code: str
    title: str


class Trouble(Enum):
    """The registry. A new error is one new line here and nothing else."""

    MALFORMED = Line(400, "structure", "malformed", "The body cannot be read")
    INVALID = Line(400, "invalid", "invalid", "Something in the request is not as it must be")
    REQUIRED = Line(400, "required", "required", "Something that is required is missing")
    BAD_VALUE = Line(400, "value", "bad_value", "A value is not allowed here")
    NOT_SUPPORTED = Line(400, "not-supported", "not_supported", "This is not supported")
    TOO_COSTLY = Line(400, "too-costly", "too_costly", "This asks for too much at once")
    VERSION_UNSAID = Line(400, "required", "version_unsaid", "Say which version is being changed")
    NO_TOKEN = Line(401, "login", "no_token", "Sign in first")
    BAD_TOKEN = Line(401, "login", "bad_token", "The token is not good here")
    EXPIRED = Line(401, "expired", "token_expired", "The token has expired")
    REFUSED = Line(403, "forbidden", "refused", "This is not yours to do")
    NOT_FOUND = Line(404, "not-found", "not_found", "There is no such thing here")
    NO_METHOD = Line(405, "not-supported", "no_method", "This address does not do that")
    NOT_ACCEPTABLE = Line(406, "not-supported", "not_acceptable", "No answer in the form that was asked for")
    DUPLICATE = Line(409, "duplicate", "duplicate", "This exists already")
    CONFLICT = Line(409, "conflict", "conflict", "Something else changed at the same time")
    GONE = Line(410, "deleted", "gone", "This was deleted")
    STALE = Line(412, "conflict", "stale", "It has changed since you read it")
    MANY = Line(412, "multiple-matches", "many_matches", "More than one matches")
    UNMATCHED = Line(412, "not-found", "no_match", "Nothing matches")
    NOT_SENT = Line(412, "required", "prefetch_missing", "Something that has to come along was not sent")
    TOO_LARGE = Line(413, "too-long", "too_large", "The body is larger than is taken")
    MEDIA_TYPE = Line(415, "not-supported", "media_type", "This kind of body is not taken")
    UNPROCESSABLE = Line(422, "business-rule", "rule", "A rule of the plan forbids this")
    KEY_REUSED = Line(
        422, "business-rule", "idempotency_key_reused", "That Idempotency-Key was used for another action"
    )
    NO_VERSION = Line(428, "required", "version_required", "Say which version is being changed")
    THROTTLED = Line(429, "throttled", "throttled", "Too many requests")
    BROKEN = Line(500, "exception", "broken", "Something broke on our side")
    UNAVAILABLE = Line(503, "transient", "unavailable", "The service cannot answer just now")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where it is, what it is, and how to mend it.

    `where` is a path of names and indexes; a door writes it as a JSON pointer or as a FHIRPath expression.
    `trouble` is given when this fault has a finer issue code than the problem as a whole.
    """

    what: str
    where: Path = ()
    mend: str = ""
    trouble: Trouble | None = None


@dataclass(slots=True)
class Problem(Exception):  # noqa: N818 - the field's word (RFC 9457) is "problem"
    """The one exception that the doors turn into an answer.

    `headers` go out with the answer; `extra` are further members of the problem+json body. `at` says which of several
    deeds it was, when they were to be done together.
    """

    trouble: Trouble
    detail: str = ""
    faults: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)
    at: int | None = None

    def __str__(self) -> str:
        said = [self.detail or self.trouble.value.title, *(fault.what for fault in self.faults)]
        return "; ".join(dict.fromkeys(said))


def refuse_if(faults: Iterable[Fault], trouble: Trouble = Trouble.INVALID, detail: str = "") -> None:
    """Raise one problem that carries every fault found, or do nothing when there is none."""
    found = tuple(faults)
    if found:
        raise Problem(found[0].trouble or trouble if len(found) == 1 else trouble, detail, found)
