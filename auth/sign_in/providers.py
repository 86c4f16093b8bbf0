"""Providers of sign-in: Entra ID, Keycloak, CIS2 or any other that speaks OpenID Connect, each as configuration.

Source: OpenID Connect Core 1.0 sections 3.1 and 9. How claims read in our words is told as for tokens (auth.issuers).
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from auth.issuers import ALGORITHMS, Algorithm, ClaimPath, ClaimPaths, Issuer, fetchable
from plan.model import AgencyId, Role

_REFERENCE = re.compile(r"[A-Z][A-Za-z]{1,30}/[A-Za-z0-9.-]{1,64}")


class ProviderClaims(BaseModel):
    """Where the provider says what we need to know; names are joined by dots, or a list of names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agency: ClaimPath = ("agency",)
    role: ClaimPath = ("role",)
    name: ClaimPath = ("name",)
    person: ClaimPath = ("person",)
    fhir_user: ClaimPath = ("fhirUser",)


class Provider(BaseModel):
    """One provider. `name` stands in addresses and begins the names of its accounts; `title` stands on the button.

    `issuer` is compared as it is written, and its discovery document is found below it. We prove who we are by
    `client_secret` or by `private_key` (a private JWK: `private_key_jwt`). `roles` and `agencies` translate the
    provider's words; a word that is not in the table is refused. `agency` is for a provider that serves one agency.
    With `userinfo` its claims are read too, as CIS2 tells roles only there. A list of one object reads as that object.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
    title: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    issuer: Annotated[str, AfterValidator(fetchable)]
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: SecretStr | None = None
    private_key: Mapping[str, Any] | None = Field(None, repr=False)
    scopes: tuple[str, ...] = ("openid", "profile")
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ALGORITHMS
    claims: ProviderClaims = ProviderClaims()
    roles: Mapping[str, Role] | None = None
    agencies: Mapping[str, AgencyId] | None = None
    agency: AgencyId | None = None
    userinfo: bool = False

    @model_validator(mode="after")
    def _we_prove_who_we_are(self) -> Self:
        if (self.client_secret is None) == (self.private_key is None):
            raise ValueError("a provider has either client_secret or private_key")
        if "openid" not in self.scopes:
            raise ValueError("the scopes of a provider begin with openid")
        return self

    def reading(self) -> Issuer:
        """How its claims read in our words, as the same tables say it of tokens."""
        paths = ClaimPaths(
            agency=self.claims.agency, role=self.claims.role, name=self.claims.name, person=self.claims.person
        )
        return Issuer(
            issuer=self.issuer,
            audience=(self.client_id,),
            jwks_uri=self.issuer,
            algorithms=self.algorithms,
            claims=paths,
            token_id_required=False,
            roles=self.roles,
            agencies=self.agencies,
        )


def reference(said: object) -> str:
    """A `fhirUser` as a relative reference, from that or an absolute one; empty for anything else."""
    text = said if isinstance(said, str) else ""
    relative = "/".join(text.split("/")[-2:])
    return relative if _REFERENCE.fullmatch(relative) else ""
