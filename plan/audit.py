"""An event of the audit, as whoever shows it needs it: who did what to which part of whose plan, and if they might."""

from dataclasses import dataclass

from plan.model import PersonId

NO_LEAVE = frozenset({"token", "relationship", "charter", "consent", "ownership"})
"""The five questions of the access decision: what an event that was refused for want of leave names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. `at`: milliseconds since 1970 UTC; `action`: C, R, U, D, or E for a search.

    `person` is empty where it is nobody's; `type` and `target`: the FHIR type and the id of what was meant. `question`
    says which of the five questions refused it; another word there says that it failed for another reason than leave.
    """

    person: PersonId
    id: str
    at: int
    subject: str
    agency: str
    role: str
    purpose: str
    client: str
    action: str
    door: str
    type: str
    target: str
    sections: tuple[str, ...]
    allowed: bool
    question: str
    charter: str
    request: str

    @property
    def refused(self) -> bool:
        """Whether leave was missing, and not just something else wrong."""
        return not self.allowed and self.question in NO_LEAVE


@dataclass(frozen=True, slots=True)
class Named:
    """What the directory says of an id: the FHIR type of its entry, and its name."""

    type: str
    name: str
