"""What waits and what was granted, as it is kept: every field of a request that its later steps are checked against."""

from pydantic import BaseModel, ConfigDict

from plan.model import AgencyId, EntryId, PersonId, Role, Subject


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Launch(_Kept):
    """A launch from an EHR: whose plan is open there, and who has it open. `until`: milliseconds."""

    subject: Subject
    agency: AgencyId
    patient: PersonId
    encounter: EntryId | None = None
    banner: bool = True


class Waiting(_Kept):
    """An authorization request that was found good. `issuer`: our address; `base`: of the FHIR door that it is for."""

    client: str
    client_name: str
    redirect_uri: str
    state: str
    scopes: tuple[str, ...]
    challenge: str
    nonce: str = ""
    issuer: str
    base: str
    launch: Launch | None = None
    until: int


class Granted(_Kept):
    """What an account has granted to a client: every token of it is made from this. Moments in milliseconds.

    `lasting`: offline, online, or empty for a grant without a refresh token.
    """

    id: str
    client: str
    subject: Subject
    agency: AgencyId
    role: Role
    name: str
    fhir_user: str
    person: PersonId | None
    scopes: tuple[str, ...]
    patient: PersonId | None
    encounter: EntryId | None
    banner: bool
    base: str
    lasting: str
    at: int
    until: int


class Code(_Kept):
    """What a code stands for, and what must be shown with it."""

    grant: Granted
    redirect_uri: str
    challenge: str
    nonce: str
