"""Whom we believe: every trusted issuer, and how its claims read in our words.

Sources: RFC 9068 section 2 (JWT access tokens), OpenID Connect Core 1.0 section 2 (the form of `sub`), RFC 6750
section 3 (the answer to a bad token), FHIR R4 `datatypes.html#id`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from auth.caller import Caller
from auth.scopes import parse
from plan.known import HOUSE
from plan.model import AgencyId, PersonId, Role, Subject
from plan.problem import Problem, Trouble

AUDIENCE = "oneplan"
"""What a token's `aud` says when it is meant for this service, unless a deployment chooses its own word."""

Algorithm = Literal["RS256", "RS384", "ES256", "ES384"]
ALGORITHMS: tuple[Algorithm, ...] = ("RS256", "RS384", "ES256", "ES384")
"""All that is ever believed. No HMAC: who can check such a token can also make one."""

Found = TypeVar("Found")

_ID = re.compile(r"(?=.*[^.])[A-Za-z0-9.-]{1,64}")
_SUBJECT = re.compile(r"(?! )[ -~]{1,255}(?<! )")
_PURPOSE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_OWN_ROLES: Mapping[str, Role] = {role.value: role for role in Role}
_MAX_LINE = 255
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _steps(value: object) -> object:
    return tuple(value.split(".")) if isinstance(value, str) else value


def fetchable(address: str, what: str = "an address of a provider") -> str:
    """An address that we may fetch or send a browser to. Raises ValueError."""
    parts = urlsplit(address)
    if parts.username is not None or parts.fragment or not parts.hostname:
        raise ValueError(f"{what} has a host, no user and no fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError(f"{what} starts with https:// (http:// on this machine only)")
    return address


def _key_set(address: str) -> str:
    return fetchable(address, "the address of a key set")


def _agency_id(value: str) -> str:
    if not is_id(value):
        raise ValueError("an agency is an id: 1 to 64 of A-Z, a-z, 0-9, - and ., not dots alone")
    return value


Word = Annotated[str, Field(min_length=1)]
ClaimPath = Annotated[tuple[Word, ...], BeforeValidator(_steps), Field(min_length=1)]
"""Where a claim stands: names joined by dots, or a list of names when a name itself has dots, as an address has."""


class ClaimPaths(BaseModel):
    """Where the issuer's tokens say what we need to know; what is not set has our own name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agency: ClaimPath = ("agency",)
    role: ClaimPath = ("role",)
    person: ClaimPath = ("person",)
    patient: ClaimPath = ("patient",)
    purpose: ClaimPath = ("purpose",)
    client: ClaimPath = ("client_id",)
    name: ClaimPath = ("name",)
    scope: ClaimPath = ("scope",)
    token_id: ClaimPath = ("jti",)


class Issuer(BaseModel):
    """One trusted issuer. `issuer` is compared as it is written; a token must be for one of `audience`.

    The keys stand here (`jwks`) or are fetched (`jwks_uri`). An RSA key that does not name its algorithm has the first
    RSA one in `algorithms`. `token_type` are claims that tell an access token from others, with the value they must
    have (`{"token_use": "access"}`, `{"typ": "Bearer"}`). `roles` and `agencies` translate the issuer's words; a word
    that is not in the table is refused. Without `token_id_required` a token needs no id, and can then not be revoked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Word
    audience: Annotated[tuple[Word, ...], BeforeValidator(_listed), Field(min_length=1)]
    jwks: Mapping[str, Any] | None = None
    jwks_uri: Annotated[str, AfterValidator(_key_set)] | None = None
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ALGORITHMS
    claims: ClaimPaths = ClaimPaths()
    token_type: Mapping[str, str] = {}
    token_id_required: bool = True
    roles: Mapping[str, Role] | None = None
    agencies: Mapping[str, Annotated[AgencyId, AfterValidator(_agency_id)]] | None = None

    @model_validator(mode="after")
    def _keys_stand_in_one_place(self) -> Self:
        if (self.jwks is None) == (self.jwks_uri is None):
            raise ValueError("an issuer has either jwks or jwks_uri")
        return self


def bad_token(what: str, trouble: Trouble = Trouble.BAD_TOKEN) -> Problem:
    """The 401 for a token that is there and not good. `what` never quotes the token."""
    return Problem(trouble, what, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


def is_id(value: str) -> bool:
    """Whether `value` has the form of a FHIR id, and is more than dots."""
    return _ID.fullmatch(value) is not None


def caller(issuer: Issuer, claims: Mapping[str, Any], expires: int) -> Caller:
    """Who asks, from verified claims in the issuer's words. `expires` is in seconds since 1970 UTC.

    Raises Problem(BAD_TOKEN) when something needed is missing, unknown, said twice or not of its form.
    """
    paths = issuer.claims
    role = _one(said_at(claims, paths.role), _OWN_ROLES if issuer.roles is None else issuer.roles)
    if role is None:
        raise bad_token("The token does not name exactly one role that is known here.")
    person = _text(claims, paths.person, is_id) if role is Role.PERSON else ""
    if role is Role.PERSON and not person:
        raise bad_token("The token says the role is person, but not which person.")
    patient = _text(claims, paths.patient, is_id)
    subject = _text(claims, ("sub",), _is_subject)
    if not subject:
        raise bad_token("The token does not say who asks (sub).")
    return Caller(
        subject=Subject(subject),
        agency=_agency(issuer, claims),
        role=role,
        scopes=parse(" ".join(_words(said_at(claims, paths.scope)))),
        purpose=_text(claims, paths.purpose, _is_purpose) or "TREAT",
        person=PersonId(person) if person else None,
        patient=PersonId(patient) if patient else None,
        client=_text(claims, paths.client, _is_subject),
        name=_text(claims, paths.name, _is_line),
        token_id=_token_id(issuer, claims),
        expires=expires,
    )


def _agency(issuer: Issuer, claims: Mapping[str, Any]) -> AgencyId:
    said = said_at(claims, issuer.claims.agency)
    known = issuer.agencies
    found = _one(said, {word: AgencyId(word) for word in _words(said)} if known is None else known)
    if found is None or not is_id(found) or found == HOUSE:
        raise bad_token("The token does not name exactly one agency that is known here.")
    return found


def _token_id(issuer: Issuer, claims: Mapping[str, Any]) -> str:
    found = _text(claims, issuer.claims.token_id, _is_subject)
    if issuer.token_id_required and not found:
        raise bad_token("The token has no id of its own.")
    return found


def said_at(claims: Mapping[str, Any], path: tuple[str, ...]) -> object:
    """What stands at the end of a path of names; None where it ends before."""
    found: object = claims
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _words(said: object) -> tuple[str, ...]:
    if said is None:
        return ()
    if isinstance(said, str):
        return (said,)
    if isinstance(said, list) and all(isinstance(word, str) for word in said):
        return tuple(said)
    raise bad_token("A claim of the token is neither a text nor a list of texts.")


def _one(said: object, known: Mapping[str, Found]) -> Found | None:
    found = {known[word] for word in _words(said) if word in known}
    return found.pop() if len(found) == 1 else None


def _text(claims: Mapping[str, Any], path: tuple[str, ...], form: Callable[[str], bool]) -> str:
    said = said_at(claims, path)
    if said is None:
        return ""
    if not isinstance(said, str) or not form(said):
        raise bad_token(f"The claim {'.'.join(path)} of the token is not of the form that it must have.")
    return said


def _is_subject(value: str) -> bool:
    return _SUBJECT.fullmatch(value) is not None


def _is_purpose(value: str) -> bool:
    return _PURPOSE.fullmatch(value) is not None


def _is_line(value: str) -> bool:
    return len(value) <= _MAX_LINE and value.isprintable()
