"""Caller: who is asking, for which agency, in which role, for which purpose, with which scopes."""

from dataclasses import dataclass

from auth.scopes import Scopes
from plan.model import AgencyId, PersonId, Role, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What a verified token says of the one who asks. Made by `auth.tokens` (and by tests), believed by everybody.

    `person` is set for the role `person` alone: whose plan is their own. `client` is the app or system.
    `expires` is in seconds since 1970 UTC.
    """

    subject: Subject
    agency: AgencyId
    role: Role
    scopes: Scopes
    purpose: str = "TREAT"
    person: PersonId | None = None
    client: str = ""
    name: str = ""
    token_id: str = ""
    expires: int = 0
