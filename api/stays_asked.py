"""How stays are asked for: by a home or its estate, by the hospital, and by how far they have come.

Homes are found by the person's address and by the housing entry. While an address is sealed the Patient has none, and
then neither of the two finds anybody (docs/access.md).
"""

import re
from collections.abc import Iterator, Mapping

from fhir_facade.encounter import INPATIENT, STATUSES
from plan.problem import Fault, Problem, Trouble
from plan.query import Chain, Condition, Has, Point, Sort, Token

TYPE = "Encounter"
TERMS = ("uprn", "estate", "hospital", "status")
BY_ID = (Sort("_id", "token"),)
PLANNED = "planned-discharge"
BY_TIME = (Sort(PLANNED, "date"),)
STAYS = Condition("class", tuple(Token(code) for code in sorted(INPATIENT)))
"""That an Encounter is a stay at all."""
OPEN = Condition("status", tuple(Token(STATUSES[word]) for word in ("planned", "arrived", "in_hospital", "on_leave")))
"""That nobody has left, or will not come."""
_UPRN = re.compile(r"[0-9]{1,12}")
_HOMES: Mapping[str, tuple[str, str]] = {
    "uprn": ("address-uprn", "uprn"),
    "estate": ("address-parent-uprn", "parent-uprn"),
}
"""By which parameters the Patient and the answers on housing say a home."""


def conditions(terms: Mapping[str, str]) -> Iterator[Condition]:
    """What these terms ask of an Encounter. Raises BAD_VALUE."""
    yield STAYS
    for name in _HOMES:
        if name in terms:
            yield home(name, terms[name])
    if "hospital" in terms:
        yield Condition("service-provider", (Point(terms["hospital"], "Organization"),))
    if "status" in terms:
        if terms["status"] not in STATUSES:
            raise _bad("status is none that a stay has", f"Send one of: {', '.join(STATUSES)}.")
        yield Condition("status", (Token(STATUSES[terms["status"]]),))


def planned() -> Iterator[Condition]:
    """That somebody is to leave, and when is known."""
    yield OPEN
    yield Condition(PLANNED, missing=False, family="date")


def home(name: str, number: str) -> Condition:
    """That the person has this home, or one in this estate: by their address, or by their housing entry."""
    if not _UPRN.fullmatch(number):
        raise _bad(f"{name} is no UPRN", "A UPRN has 1 to 12 digits.")
    of_address, of_housing = _HOMES[name]
    value = (Token(number),)
    housing = Has("QuestionnaireResponse", "subject", (Condition(of_housing, value),))
    known = Condition("address", missing=False, family="string")
    return Condition(
        "subject",
        (
            Chain("Patient", (Condition(of_address, value),)),
            Chain("Patient", (Condition("_has", (housing,)), known)),
        ),
    )


def _bad(what: str, mend: str) -> Problem:
    return Problem(Trouble.BAD_VALUE, what, (Fault(what, mend=mend),))
