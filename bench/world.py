"""The made-up agencies, workers and people of the benchmark: who is on whose team follows from a person's number.

Ids follow from numbers too, so that the load can name any entry of a million people without a list of them.
"""

from collections.abc import Mapping
from typing import Final

from auth.caller import Caller
from auth.scopes import parse
from plan.model import AgencyId, Role, Subject

SCOPES: Final = "user/*.cruds"
AGENCIES_OF_A_SORT: Final = 25
WORKERS_OF_AN_AGENCY: Final = 4
PEOPLE_OF_AN_ESTATE: Final = 40
SORTS: Final[Mapping[str, Role]] = {
    "P": Role.CLINICIAN,
    "C": Role.SOCIAL_WORKER,
    "H": Role.HOUSING_OFFICER,
    "D": Role.CARE_PROVIDER,
}
"""Practice, council, housing office, domiciliary care: one of each is on everybody's team."""
CALLING: Final = ("P", "C")
"""Whose workers put the load on: 2 sorts x 25 agencies x 4 workers are 200 tokens."""

_FIRST_MOMENT = 1_700_000_000_000
_BAND = 10**7


def agency(sort: str, number: int) -> AgencyId:
    """The agency of a sort that works with the person of this number; its id has a fixed width, to be replaced."""
    return AgencyId(f"{sort}Z{number % AGENCIES_OF_A_SORT:04d}")


def estate(number: int) -> str:
    """The UPRN of the estate that the person of this number lives in: forty people, whose agencies are the same."""
    block = number // (PEOPLE_OF_AN_ESTATE * AGENCIES_OF_A_SORT) * AGENCIES_OF_A_SORT
    return f"20{block + number % AGENCIES_OF_A_SORT:010d}"


def worker(of: AgencyId, number: int) -> Subject:
    """One of the workers of an agency."""
    return Subject(f"worker-{of}-{number % WORKERS_OF_AN_AGENCY}")


def caller(sort: str, number: int) -> Caller:
    """The worker of this sort who writes in the plan of the person of this number."""
    of = agency(sort, number)
    return Caller(subject=worker(of, 0), agency=of, role=SORTS[sort], scopes=parse(SCOPES))


def id_of(person: int, place: int) -> str:
    """The id that the entry at a place of a person's plan has: of the form of UUID version 7.

    The entries of one plan are not neighbours in time, as they would not be in life.
    """
    moment = _FIRST_MOMENT + place * _BAND + person
    return f"{moment >> 16:08x}-{moment & 0xFFFF:04x}-7{place & 0xFFF:03x}-8000-{person:012x}"


def nhs_number(person: int) -> str:
    """A valid NHS number, each person's own, of a range that is never issued (it begins with 99)."""
    first = 990_000_000 + 2 * person
    # Where the check digit would be 10 there is no such number; then there is one for the next.
    return _checked(first) or _checked(first + 1)


def _checked(nine: int) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(str(nine), range(10, 1, -1), strict=True))
    check = (11 - total % 11) % 11
    return f"{nine}{check}" if check < 10 else ""  # noqa: PLR2004 - a digit
