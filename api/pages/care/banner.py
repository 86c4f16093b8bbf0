"""The banner: whose plan is open, on every page about a person, so that nobody acts on the wrong one.

Source: the NHS patient banner (identity, date of birth with age, NHS number), and what must be known before speaking:
how to communicate, whether somebody is alone, and allergies.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from plan.kinds import PERSON
from plan.known import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """Who it is. `born`: YYYY-MM-DD or less. `nhs_number` in groups of 3, 3 and 4. `allergies`: their titles."""

    name: str
    born: str = ""
    age: int | None = None
    nhs_number: str = ""
    communication: str = ""
    place: str = ""
    allergies: tuple[str, ...] = ()


def banner(known: Known) -> Banner:
    """What this reader may see of whom the plan is of."""
    who: Mapping[str, Any] = known.identity
    born, number = str(who.get("birth_date", "")), str(who.get("nhs_number", ""))
    about: Mapping[str, Any] = next((entry.body for entry in known.of("about_me")), {})
    return Banner(
        name=PERSON.title(dict(who)) if who else "Somebody whose name you may not see",
        born=born,
        age=_age(born, known.now),
        nhs_number=f"{number[:3]} {number[3:6]} {number[6:]}" if number else "",
        communication=str(about.get("communication", "")),
        place=_place(known),
        allergies=tuple(
            str(entry.body.get("substance", ""))
            for entry in known.of("allergy")
            if entry.body.get("status") == "active"
        ),
    )


def _age(born: str, now: int) -> int | None:
    try:
        day = date.fromisoformat(born)
    except ValueError:
        return None
    today = datetime.fromtimestamp(now / 1000, UTC).date()
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _place(known: Known) -> str:
    """How they live, as far as that is seen: the scheme and the household."""
    said = [
        str(home.body[name]) for home in known.of("housing") for name in ("scheme", "household") if name in home.body
    ]
    return ", ".join(said)
