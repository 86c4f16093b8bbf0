"""The banner: whose plan is open, on every page about a person, so that nobody acts on the wrong one.

Source: the NHS patient banner (identity, date of birth with age, NHS number), and what must be known before speaking:
how to communicate, whether somebody is alone, and allergies. It says what this reader may see, and of the rest nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from plan.discharge_facts import says_alone
from plan.kinds import PERSON
from plan.known import Known
from plan.model import Section

_SHORT: Final = 60
"""How much of a text fits beside the others."""
_TENANCIES: Final[Mapping[str, str]] = {
    "sheltered": "sheltered",
    "extra_care": "extra care",
    "supported": "supported housing",
    "temporary": "temporary home",
    "none": "no tenancy",
}
"""Kinds of home that say what kind of help is near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """Who it is. `born`: YYYY-MM-DD or less. `died`: the same, or `yes` where the date is not known.

    `nhs_number` in groups of 3, 3 and 4. `allergies`: their titles; `reads_allergies`: whether the reader sees where
    they would stand.
    """

    name: str
    born: str = ""
    age: int | None = None
    died: str = ""
    called: str = ""
    nhs_number: str = ""
    communication: str = ""
    place: str = ""
    allergies: tuple[str, ...] = ()
    reads_allergies: bool = False

    @property
    def allergies_short(self) -> str:
        """Their names, as far as there is room."""
        return _clipped(", ".join(self.allergies), _SHORT // 2)


def banner(known: Known) -> Banner:
    """What this reader may see of whom the plan is of."""
    who: Mapping[str, Any] = known.identity
    born, number = str(who.get("birth_date", "")), str(who.get("nhs_number", ""))
    died = who.get("died", "")
    return Banner(
        name=PERSON.title(dict(who)) if who else "Somebody whose name you may not see",
        born=born,
        age=_age(born, known),
        died="yes" if died is True else str(died or ""),
        called=str(who.get("preferred_name", "")),
        nhs_number=f"{number[:3]} {number[3:6]} {number[6:]}" if number else "",
        communication=_clipped("; ".join(dict.fromkeys(_communication(known))), _SHORT),
        place=_clipped(", ".join(dict.fromkeys(_place(known))), _SHORT),
        allergies=tuple(_allergies(known)),
        reads_allergies=any(entry.section is Section.HEALTH for entry in known.of("section")),
    )


def _age(born: str, known: Known) -> int | None:
    try:
        day = date.fromisoformat(born)
    except ValueError:
        return None
    today = datetime.fromtimestamp(known.now / 1000, known.zone).date()
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _communication(known: Known) -> Iterator[str]:
    """How to talk with them: an interpreter, what the record says they need, and their own words."""
    said: Mapping[str, Any] = known.identity.get("communication", {})
    language: Mapping[str, str] = said.get("language", {})
    spoken = language.get("text") or language.get("display") or ""
    if said.get("interpreter_required"):
        yield f"interpreter{f' ({spoken})' if spoken else ''}"
    elif spoken:
        yield spoken
    if said.get("needs"):
        yield str(said["needs"])
    yield from (str(about.body["communication"]) for about in known.of("about_me") if "communication" in about.body)


def _place(known: Known) -> Iterator[str]:
    """How they live, as far as that is seen: the scheme, the kind of home, and whether nobody is with them."""
    for home in known.of("housing"):
        if "scheme" in home.body:
            yield str(home.body["scheme"])
        tenancy: Mapping[str, Any] = home.body.get("tenancy", {})
        if tenancy.get("type") in _TENANCIES:
            yield _TENANCIES[tenancy["type"]]
    if says_alone(known):
        yield "lives alone"


def _allergies(known: Known) -> Iterator[str]:
    for entry in known.of("allergy"):
        if entry.body.get("status") == "active" and entry.body.get("certainty") != "refuted":
            yield _clipped(str(entry.body.get("substance", "")), _SHORT)


def _clipped(text: str, longest: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"
