"""Record systems that launch our pages, and ask for our cards: each as configuration, as providers of sign-in are.

Sources: SMART App Launch 2.2 (EHR launch), CDS Hooks 2.0 (trust between CDS clients and services), CSP level 3
(`frame-ancestors`). An `iss` that is not here never causes anything to be fetched.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from auth.issuers import Algorithm, Issuer, fetchable
from auth.sign_in.providers import Provider
from plan.model import AgencyId, Role

CDS_ALGORITHMS: Final[tuple[Algorithm, ...]] = ("RS384", "ES384")
"""What CDS Hooks 2.0 recommends a client to sign with; nothing else is taken."""
SCOPES: Final = ("launch", "openid", "fhirUser", "profile", "patient/Patient.r")
"""What is asked for: who launches, whose record is open, and that one Patient."""
_SOURCE = re.compile(r"(https?)://([A-Za-z0-9.-]{1,253})(:[0-9]{1,5})?")
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})


def _framer(origin: str) -> str:
    """An origin as a policy spells it. Raises ValueError."""
    found = _SOURCE.fullmatch(origin)
    if not found or (found[1] == "http" and found[2] not in _LOOPBACK):
        raise ValueError("a frame origin is https://host[:port] (http:// on this machine only)")
    return origin


Framer = Annotated[str, AfterValidator(_framer)]


class Cds(BaseModel):
    """The CDS client of a record system: its word for itself, its keys, and as whom it counts what is open.

    The keys stand here (`jwks`) or are fetched (`jwks_uri`). `agency`: as for the launch unless it is said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Annotated[str, Field(min_length=1, max_length=255)]
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None
    agency: AgencyId | None = None
    role: Role = Role.CLINICIAN

    def signer(self) -> Issuer:
        """Whose signatures its tokens carry. Raises ValueError for keys in no place or in two."""
        return Issuer(
            issuer=self.issuer,
            audience=(self.issuer,),
            jwks=self.jwks,
            jwks_uri=self.jwks_uri,
            algorithms=CDS_ALGORITHMS,
        )

    @model_validator(mode="after")
    def _its_keys_can_be_found(self) -> Self:
        self.signer()
        if self.role in (Role.PERSON, Role.CARER):
            raise ValueError("a record system counts in a role that is no person's own")
        return self


class Ehr(Provider):
    """A record system. `iss`: the FHIR address that it launches with, compared as it is written but for a last slash.

    `issuer`: who signs its ID tokens, when another word than its own SMART configuration says is to be refused.
    Without `client_secret` and `private_key` we are a public client there. `frame_origins`: whose pages may show ours
    in a frame. How its user becomes an account of ours is told as for providers.
    """

    iss: Annotated[str, AfterValidator(fetchable), StringConstraints(max_length=1000)]
    issuer: str = ""
    scopes: tuple[str, ...] = SCOPES
    frame_origins: tuple[Framer, ...] = ()
    cds: Cds | None = None

    @model_validator(mode="after")
    def _we_prove_who_we_are(self) -> Self:
        if self.client_secret is not None and self.private_key is not None:
            raise ValueError("a record system has client_secret or private_key, or neither")
        if not {"launch", "openid"} <= set(self.scopes):
            raise ValueError("the scopes of a record system have launch and openid")
        if self.userinfo:
            raise ValueError("a record system tells who launches in the ID token alone (userinfo)")
        if self.cds and not (self.cds.agency or self.agency):
            raise ValueError("a CDS client counts for one agency: say which (cds.agency)")
        return self

    @property
    def base(self) -> str:
        """The FHIR address without a last slash."""
        return self.iss.rstrip("/")

    @property
    def framers(self) -> str:
        """Who may frame what it launched, as a policy spells it; empty for nobody."""
        return " ".join(self.frame_origins)


def listed(ehrs: Iterable[Ehr]) -> Mapping[str, Ehr]:
    """The record systems by their names. Raises ValueError for a name, address or CDS client that stands twice."""
    every = tuple(ehrs)
    for what in (
        [one.name for one in every],
        [one.base for one in every],
        [one.cds.issuer for one in every if one.cds],
    ):
        if len(set(what)) < len(what):
            raise ValueError("a record system is configured twice (name, iss, cds.issuer)")
    return {one.name: one for one in every}


def apart(ehrs: Iterable[Ehr], providers: Iterable[Provider]) -> None:
    """Insist that accounts of two issuers never share a name. Raises ValueError.

    A record system may have the name of a provider whose issuer signs its ID tokens: then its users are the same.
    """
    issuers = {one.name: one.issuer for one in providers}
    for ehr in ehrs:
        if ehr.issuer != issuers.get(ehr.name, ehr.issuer):
            raise ValueError(f"the record system {ehr.name} has the name of a provider with another issuer")
