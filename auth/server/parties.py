"""Who meets at the authorization server: the account that signed in, the app that asks, and what is decided for it.

The sign-in knows accounts, the server knows grants; this is all that they know of each other.
"""

from dataclasses import dataclass
from typing import Protocol

from plan.model import AgencyId, EntryId, PersonId, Role, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who has signed in. `fhir_user` is a relative reference, as `PractitionerRole/ID` or `Patient/ID`.

    `person` is set for the role person alone.
    """

    subject: Subject
    agency: AgencyId
    role: Role
    name: str
    fhir_user: str = ""
    person: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An app's authorization request that was found good and waits for the account's decision.

    `scopes` are the words as asked; `patient` and `encounter` are known already in a launch from an EHR.
    `expires` is in seconds since 1970 UTC. `redirect_uri`: where the browser will be sent, so that the policy of the
    screen can allow it.
    """

    id: str
    client: str
    client_name: str
    scopes: tuple[str, ...]
    patient: PersonId | None = None
    encounter: EntryId | None = None
    expires: int
    redirect_uri: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the account grants: `scopes` are among those asked; `patient` and `encounter` the launch context."""

    scopes: tuple[str, ...]
    patient: PersonId | None = None
    encounter: EntryId | None = None


class Requests(Protocol):
    """The waiting requests, as the consent screen uses them."""

    async def pending(self, id_: str) -> Pending | None:
        """A request that still waits; None for one that is unknown, decided or too old."""

    async def grant(self, id_: str, account: Account, decision: Decision) -> str:
        """Decide for the app, once; the address to send the browser to, with the code. Raises Problem(NOT_FOUND)."""

    async def deny(self, id_: str, account: Account | None) -> str:
        """Decide against it, once; the address to send the browser to, with `error=access_denied`."""
