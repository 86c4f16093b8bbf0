"""The versions of FHIR that are spoken, one row each: the same entries, each version at an address of its own.

What is stored is R4. Another version is a conversion of it, both ways; for R4 itself nothing is done and nothing costs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fhir_facade import r5
from fhir_facade.release import Resource, VersionName
from fhir_facade.resources import Resource as Row
from fhir_facade.resources import served, unserved


def _as_it_is(text: str) -> str:
    return text


def _the_same(resource: Resource) -> Resource:
    return resource


def _type(name: str) -> str | None:
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of FHIR.

    `numbers`: what the mime parameter `fhirVersion` may say of it, the full one first. `shown`: a stored face as this
    version writes it; `taken`: a valid resource of this version as R4. `stored_type`: the R4 name of a type of this
    version, None for one that is not served in it; `shown_type`: the reverse, None for what this version cannot show.
    """

    name: VersionName
    prefix: str
    numbers: tuple[str, ...]
    shown: Callable[[str], str] = _as_it_is
    taken: Callable[[Resource], Resource] = _the_same
    stored_type: Callable[[str], str | None] = _type
    shown_type: Callable[[str], str | None] = _type

    @property
    def number(self) -> str:
        """The full number, as `fhirVersion` of the CapabilityStatement."""
        return self.numbers[0]

    def served(self, name: str) -> Row:
        """The row of a type by its name in this version; raises Problem(NOT_FOUND) for one that it cannot show."""
        stored = self.stored_type(name)
        return served(stored) if stored else unserved(name)

    @property
    def door(self) -> str:
        """The name of this door in the audit."""
        return f"fhir-{self.name.lower()}"


R4 = Version(name="R4", prefix="/fhir/R4", numbers=("4.0.1", "4.0"))
R5 = Version(
    name="R5",
    prefix="/fhir/R5",
    numbers=("5.0.0", "5.0"),
    shown=r5.shown,
    taken=r5.taken,
    stored_type=r5.stored_type,
    shown_type=r5.shown_type,
)
VERSIONS: Mapping[str, Version] = {row.name: row for row in (R4, R5)}

__all__ = ["R4", "R5", "VERSIONS", "Resource", "Version", "VersionName"]
