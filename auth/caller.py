"""Caller: who is asking, for which agency, in which role, for which purpose, with which scopes."""

from dataclasses import dataclass

from auth.scopes import Scopes, parse
from plan import known
from plan.model import AgencyId, PersonId, Role, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What a verified token says of the one who asks. Made by `auth.tokens` (and by tests), believed by everybody.

    `person` is set for the role `person` alone: whose plan is their own. `patient` is the patient of the launch: whom
    `patient/` words speak of; for a person who launched nothing, themself. Without a patient such words grant nothing.
    `client` is the app or system. `expires` is in seconds since 1970 UTC.
    """

    subject: Subject
    agency: AgencyId
    role: Role
    scopes: Scopes
    purpose: str = "TREAT"
    person: PersonId | None = None
    patient: PersonId | None = None
    client: str = ""
    name: str = ""
    token_id: str = ""
    expires: int = 0

    def __post_init__(self) -> None:
        patient = self.patient or self.person
        scopes = self.scopes.without_patient() if patient is None else self.scopes
        if self.role is Role.PERSON and patient is not None and patient == self.person:
            scopes = scopes.of_patient()
        object.__setattr__(self, "patient", patient)
        object.__setattr__(self, "scopes", scopes)


HOUSE = Caller(
    subject=Subject(known.HOUSE),
    agency=known.HOUSE,
    role=Role.COORDINATOR,
    scopes=parse("system/*.cruds"),
    purpose="COORD",
    name="Oneplan",
)
"""The service itself, which writes what the rules of coordination say: no token is ever it."""
