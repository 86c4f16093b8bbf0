"""Who lives and works in the simulation: estates of forty flats, their agencies, and people who resemble nobody.

The first estate is Larch Court. Everybody is called Test and has an NHS number that begins with 999, which is never
given to anybody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from api.simulation.parameters import PARAMETERS
from plan.identity import nhs_number
from plan.model import AgencyId, PersonId, Role

_NAMES: Final = ("Ada", "Ben", "Cara", "Dev", "Ebo", "Fay", "Gil", "Hana", "Ian", "Joy", "Kit", "Lou", "Mo", "Nia")
_EIGHTY: Final = 1946
FLATS: Final = int(PARAMETERS["flats"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """What one agency of an estate is, and who of it acts."""

    kind: str
    role: Role
    prefix: str
    name: str


SEATS: Final[Mapping[str, Seat]] = {
    row.kind: row
    for row in (
        Seat(kind="hospital", role=Role.CLINICIAN, prefix="RX", name="Test Hospital"),
        Seat(kind="gp_practice", role=Role.CLINICIAN, prefix="P1000", name="Test Surgery"),
        Seat(kind="social_care", role=Role.SOCIAL_WORKER, prefix="LA", name="Test Council Adult Social Care"),
        Seat(kind="care_provider", role=Role.CARE_PROVIDER, prefix="HC", name="Test Home Care"),
        Seat(kind="housing", role=Role.HOUSING_OFFICER, prefix="HA", name="Test Housing Association"),
        Seat(kind="benefits", role=Role.BENEFITS_ADVISER, prefix="BA", name="Test Council Benefits Team"),
        Seat(kind="equipment", role=Role.CARE_PROVIDER, prefix="EQ", name="Test Equipment Store"),
        Seat(kind="discharge_hub", role=Role.COORDINATOR, prefix="HUB", name="Test Transfer of Care Hub"),
    )
}
"""The agencies of every estate, by kind (plan.known.AGENCY_KINDS)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """One estate. Its agencies have its number in their ids, so that Larch Court's are RX1, P10001, LA1 and so on."""

    number: int

    @property
    def name(self) -> str:
        """What it is called."""
        return "Larch Court" if self.number == 1 else f"Test Court {self.number}"

    @property
    def uprn(self) -> str:
        """The UPRN of the whole estate, the parent of its flats'."""
        return f"10{self.number - 1:06d}0001"

    def flat_uprn(self, flat: int) -> str:
        """The UPRN of one flat."""
        return f"10{self.number - 1:06d}{1000 + flat:04d}"

    def agency(self, kind: str) -> AgencyId:
        """The agency of one kind."""
        return AgencyId(f"{SEATS[kind].prefix}{self.number}")

    def worker(self, kind: str) -> str:
        """Who acts for it."""
        return f"{SEATS[kind].role.value.replace('_', '-')}-{self.agency(kind).lower()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """One person: who they are, and what a discharge has to know of them."""

    number: int
    estate: Estate
    flat: int
    given: str
    born: int
    nhs: str
    alone: bool
    carer: bool
    equipment: bool
    condition: bool

    @property
    def id(self) -> PersonId:
        """Their id in every run."""
        return PersonId(f"01900000-0000-8000-9000-{self.number:012d}")

    @property
    def carer_id(self) -> str:
        """The account of their carer."""
        return f"carer-{self.number}"

    @property
    def team(self) -> tuple[str, ...]:
        """The kinds of agency that work with them."""
        return tuple(kind for kind in SEATS if kind != "equipment" or self.equipment)


def residents(people: int, seed: int) -> Iterator[Resident]:
    """So many people, forty to an estate; the same ones for a seed, however many are asked for."""
    for number, nhs in zip(range(1, people + 1), _numbers(), strict=False):
        dice = Random(f"{seed}/resident/{number}")
        estate = Estate(number=(number - 1) // FLATS + 1)
        traits = {
            name: dice.random() < PARAMETERS[likely]
            for name, likely in (
                ("alone", "lives_alone"),
                ("carer", "carer"),
                ("equipment", "equipment"),
                ("condition", "long_term_condition"),
            )
        }
        given, born = dice.choice(_NAMES), _EIGHTY + dice.randint(-15, 10)
        flat = (number - 1) % FLATS + 1
        yield Resident(number=number, estate=estate, flat=flat, given=given, born=born, nhs=nhs, **traits)


def _numbers() -> Iterator[str]:
    """NHS numbers whose check digit fits, from the range that is never issued."""
    for middle in range(10**6):
        stem = f"999{middle:06d}"
        total = sum(int(digit) * weight for digit, weight in zip(stem, range(10, 1, -1), strict=True))
        check = (11 - total % 11) % 11
        if check != 10:  # noqa: PLR2004 - no digit is ten, and no such number is issued
            yield nhs_number(f"{stem}{check}")
