"""Clients: what an app or a system says of itself when it registers, and what of it is believed.

RFC 7591 (metadata; what is not understood is ignored), SMART App Launch 2.2 "Client Authentication" and "Backend
Services" (asymmetric keys with RS384 or ES384), RFC 8252 section 7.3 (loopback redirects of any port), RFC 9700 section
2.1 (redirects compared exactly). One set of rules for the command line and for those who register themselves.
"""

import re
import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from authlib.oauth2.rfc7591 import ClientMetadataClaims, InvalidClientMetadataError, InvalidRedirectURIError
from joserfc.errors import JoseError
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from auth.issuers import Algorithm, Issuer, is_id
from auth.keys import KeySetError, key_set
from auth.server import secrets, words
from plan.model import AgencyId, Role, Subject

ALGORITHMS: tuple[Algorithm, ...] = ("RS384", "ES384")
"""What a client may sign an assertion with."""
SECRET_METHODS = ("client_secret_basic", "client_secret_post")
METHODS = ("none", *SECRET_METHODS, "private_key_jwt")
GRANTS = ("authorization_code", "refresh_token", "client_credentials")
USUAL = (*words.PLAIN, "patient/*.cruds", "user/*.cruds")
"""What an app may ask for when it did not say: the charter and its user decide anyway."""

_REDIRECT = re.compile(r"[!#-\[\]-~]{1,1000}")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_JSON_LISTS = 20

Line = Annotated[str, StringConstraints(max_length=255, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
Method = Literal["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]
GrantType = Literal["authorization_code", "refresh_token", "client_credentials"]


class Client(BaseModel):
    """A registered client. `secret`: the hash of it; `agency`, `role`, `subject`: as whom a backend service acts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    method: Method
    grant_types: tuple[GrantType, ...]
    scopes: tuple[str, ...]
    redirect_uris: tuple[str, ...] = ()
    secret: str = ""
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None
    agency: AgencyId | None = None
    role: Role | None = None
    subject: Subject | None = None
    made: int

    def may(self, grant_type: str) -> bool:
        """Whether it registered for this kind of grant."""
        return grant_type in self.grant_types

    def redirects_to(self, address: str) -> bool:
        """Whether this is one of its redirect addresses, to the letter; at a loopback address the port is free."""
        return address in self.redirect_uris or any(_same_but_port(one, address) for one in self.redirect_uris)

    def signer(self) -> Issuer:
        """Whose signatures its assertions carry."""
        return Issuer(
            issuer=self.id, audience=(self.id,), jwks=self.jwks, jwks_uri=self.jwks_uri, algorithms=ALGORITHMS
        )


class Acting(BaseModel):
    """As whom the tokens of a backend service speak: a role of the charter, in an agency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agency: AgencyId
    role: Role


class _Said(BaseModel):
    """The metadata that we read, by type; RFC 7591 has what is not understood ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)

    client_name: Line = ""
    redirect_uris: Annotated[list[str], Field(max_length=_JSON_LISTS)] = []
    grant_types: Annotated[list[GrantType], Field(max_length=_JSON_LISTS)] = ["authorization_code"]
    response_types: Annotated[list[Literal["code"]], Field(max_length=1)] = ["code"]
    token_endpoint_auth_method: Method = "client_secret_basic"  # noqa: S105 - the name of a method
    scope: Annotated[str, StringConstraints(max_length=8000)] = ""
    jwks: dict[str, Any] | None = None
    jwks_uri: Annotated[str, StringConstraints(max_length=1000)] | None = None


def registered(
    said: Mapping[str, Any], now: int, acting: Acting | None, origins: frozenset[str] | None
) -> tuple[Client, str]:
    """A new client and its secret (empty without one). `now`: milliseconds; `acting`: as whom a backend service acts.

    `origins`: from where keys may be fetched; None for anywhere, when an operator says so. Raises
    InvalidClientMetadataError, InvalidRedirectURIError.
    """
    read = _read(said)
    _grants_fit(read, acting)
    for address in read.redirect_uris:
        _redirect(address)
    scopes = _scopes(read)
    _keys_fit(read, origins)
    id_ = uuid.uuid4().hex  # on a command line nothing of it looks like an option
    secret = secrets.made() if read.token_endpoint_auth_method in SECRET_METHODS else ""
    backend = acting if "client_credentials" in read.grant_types else None
    client = Client(
        id=id_,
        name=read.client_name or id_,
        method=read.token_endpoint_auth_method,
        grant_types=tuple(dict.fromkeys(read.grant_types)),
        scopes=scopes,
        redirect_uris=tuple(read.redirect_uris),
        secret=secrets.hashed(secret) if secret else "",
        jwks=read.jwks,
        jwks_uri=read.jwks_uri,
        agency=backend and backend.agency,
        role=backend and backend.role,
        subject=Subject(f"client:{id_}") if backend else None,
        made=now,
    )
    return client, secret


def told(client: Client, secret: str) -> dict[str, Any]:
    """The answer to who registered (RFC 7591 section 3.2.1)."""
    said: dict[str, Any] = {
        "client_id": client.id,
        "client_id_issued_at": client.made // 1000,
        "client_name": client.name,
        "redirect_uris": list(client.redirect_uris),
        "grant_types": list(client.grant_types),
        "response_types": ["code"] if client.may("authorization_code") else [],
        "token_endpoint_auth_method": client.method,
        "scope": " ".join(client.scopes),
    }
    if secret:
        said |= {"client_secret": secret, "client_secret_expires_at": 0}
    keys = {"jwks": client.jwks, "jwks_uri": client.jwks_uri}
    return said | {name: value for name, value in keys.items() if value is not None}


def _read(said: Mapping[str, Any]) -> _Said:
    try:
        read = _Said.model_validate(dict(said))
        # Keys are looked at by auth.keys, which is stricter.
        ClientMetadataClaims({name: value for name, value in said.items() if name != "jwks"}, {}).validate()
    except ValidationError as error:
        where = str(error.errors()[0]["loc"][0])
        raise _refused(where, f"{where} is not of a form, or not one of the words, that is taken here") from None
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        where = str(getattr(error, "claim", "") or "")
        raise _refused(where, f"{where or 'a member'} is not as RFC 7591 has it") from None
    return read


def _refused(where: str, what: str) -> InvalidClientMetadataError | InvalidRedirectURIError:
    if where == "redirect_uris":
        return InvalidRedirectURIError(what)
    return InvalidClientMetadataError(re.sub(r"[^ -!#-\[\]-~]", "?", what))


def _grants_fit(read: _Said, acting: Acting | None) -> None:
    code, backend = ("authorization_code" in read.grant_types, "client_credentials" in read.grant_types)
    if not code and not backend:
        raise InvalidClientMetadataError("grant_types has neither authorization_code nor client_credentials")
    if code and not read.redirect_uris:
        raise InvalidRedirectURIError("an app that asks its user needs redirect_uris")
    if "refresh_token" in read.grant_types and not code:
        raise InvalidClientMetadataError("refresh_token goes with authorization_code only")
    if backend and read.token_endpoint_auth_method != "private_key_jwt":  # noqa: S105 - the name of a method
        raise InvalidClientMetadataError("client_credentials needs private_key_jwt")
    if backend and acting is None:
        raise InvalidClientMetadataError("nobody has said for which agency and in which role this service acts")
    if backend and acting and (acting.role in (Role.PERSON, Role.CARER) or not is_id(acting.agency)):
        raise InvalidClientMetadataError("a service acts for an agency, in a role that is no person's own")


def _redirect(address: str) -> None:
    """https, or http on the very machine that the browser runs on; nothing that reads otherwise to somebody else."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidRedirectURIError("a redirect address cannot be read") from None
    plain = _REDIRECT.fullmatch(address) and "*" not in address and "#" not in address and "@" not in parts.netloc
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not (plain and host and secure):
        raise InvalidRedirectURIError(
            "a redirect address begins with https:// (http:// on this machine only), without user, fragment or *"
        )


def _scopes(read: _Said) -> tuple[str, ...]:
    backend = "client_credentials" in read.grant_types
    asked = words.listed(read.scope) if read.scope else () if backend else USUAL
    found = tuple(word for word in asked if words.known(word))
    if not found:
        raise InvalidClientMetadataError("scope has no word that is known here")
    if bool(words.of(found, "system")) != backend:
        raise InvalidClientMetadataError("words of system/ go with client_credentials, and that with them")
    return found


def _keys_fit(read: _Said, origins: frozenset[str] | None) -> None:
    needed = read.token_endpoint_auth_method == "private_key_jwt"  # noqa: S105 - the name of a method
    keys, address = read.jwks is not None, read.jwks_uri is not None
    if (keys and address) or needed != (keys or address):
        raise InvalidClientMetadataError("private_key_jwt needs either jwks or jwks_uri, and nothing else does")
    if read.jwks is not None:
        _usable(read.jwks)
    if read.jwks_uri is None:
        return
    parts = urlsplit(read.jwks_uri or "")
    if origins is not None and f"{parts.scheme}://{parts.netloc}" not in origins:
        raise InvalidClientMetadataError("keys are not fetched from there; send them as jwks")
    try:
        Issuer(issuer="x", audience=("x",), jwks_uri=read.jwks_uri)
    except ValidationError:
        raise InvalidClientMetadataError("jwks_uri does not begin with https://") from None


def _usable(jwks: Mapping[str, Any]) -> None:
    try:
        listed = key_set(jwks, ALGORITHMS)
    except KeySetError:
        listed = ()
    if not listed or not all(key.kid for key in listed):
        raise InvalidClientMetadataError("jwks has no key for RS384 or ES384, or one without a kid of its own")
    if any("d" in key for key in jwks["keys"] if isinstance(key, dict)):
        raise InvalidClientMetadataError("jwks holds a private key: it is no secret any more, so make another")


def _same_but_port(registered_: str, address: str) -> bool:
    one = urlsplit(registered_)
    if one.scheme != "http" or one.hostname not in _LOOPBACK[:2] or not _REDIRECT.fullmatch(address):
        return False
    try:
        other = urlsplit(address)
        same = other.port is None or other.port > 0
    except ValueError:
        return False
    host = f"[{one.hostname}]" if ":" in str(one.hostname) else one.hostname
    written = f"{host}:{other.port}" if other.port is not None else host
    return same and other.netloc == written and one._replace(netloc="") == other._replace(netloc="")
