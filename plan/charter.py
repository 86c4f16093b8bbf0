"""What the agencies agreed: one row a section, one letter a role.

`-` nothing, `r` read, `c` contribute (read; add entries; change the agency's own), `m` manage (change any entry).
A trailing `*` says: only in the sections that the person has consented to. Roles are fields without defaults, so a new
role makes the type checker ask every row what it may do; a deployment's own file must answer for every role as well.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from plan.model import Role, Section


class Letter(StrEnum):
    """How far a role may go in a section. Each letter includes the ones before it."""

    NOTHING = "-"
    READ = "r"
    CONTRIBUTE = "c"
    MANAGE = "m"

    @property
    def height(self) -> int:
        """0 for nothing, up to 3 for manage."""
        return "-rcm".index(self.value)


class CharterError(ValueError):
    """The charter's file leaves something unanswered; the service does not start with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The agreement on one section."""

    section: Section
    title: str
    person: str
    carer: str
    clinician: str
    social_worker: str
    housing_officer: str
    benefits_adviser: str
    care_provider: str
    coordinator: str


ROLES_WITH_SECTIONS: tuple[Role, ...] = tuple(Role(f.name) for f in fields(Row)[2:])

# A table is read across.
# fmt: off
ROWS: tuple[Row, ...] = (
    Row(section=Section.FRAME, title="Who this is, and the team",
        person="c", carer="r", clinician="m", social_worker="m",
        housing_officer="c", benefits_adviser="r", care_provider="c", coordinator="m"),
    Row(section=Section.ABOUT_ME, title="What matters to me, how to support me",
        person="m", carer="c*", clinician="c", social_worker="c",
        housing_officer="c", benefits_adviser="r", care_provider="c", coordinator="c"),
    Row(section=Section.HEALTH, title="Health",
        person="c", carer="r*", clinician="m", social_worker="r",
        housing_officer="-", benefits_adviser="-", care_provider="r", coordinator="r"),
    Row(section=Section.SOCIAL_CARE, title="Social care",
        person="c", carer="r*", clinician="c", social_worker="m",
        housing_officer="r", benefits_adviser="r", care_provider="c", coordinator="c"),
    Row(section=Section.HOUSING, title="Home and housing",
        person="c", carer="r*", clinician="c", social_worker="c",
        housing_officer="m", benefits_adviser="r", care_provider="r", coordinator="c"),
    Row(section=Section.BENEFITS, title="Benefits",
        person="c", carer="r*", clinician="-", social_worker="r",
        housing_officer="r", benefits_adviser="m", care_provider="-", coordinator="r"),
    Row(section=Section.CONTINGENCY, title="What to do if things go wrong",
        person="c", carer="r*", clinician="m", social_worker="c",
        housing_officer="r", benefits_adviser="-", care_provider="r", coordinator="c"),
    Row(section=Section.TRANSITIONS, title="Stays, discharges, readiness",
        person="r", carer="r*", clinician="c", social_worker="c",
        housing_officer="c", benefits_adviser="c", care_provider="c", coordinator="m"),
    Row(section=Section.LEGAL, title="Capacity, attorneys, advance decisions",
        person="c", carer="r*", clinician="m", social_worker="m",
        housing_officer="-", benefits_adviser="-", care_provider="r", coordinator="r"),
    Row(section=Section.SAFEGUARDING, title="Safeguarding",
        person="-", carer="-", clinician="c", social_worker="m",
        housing_officer="-", benefits_adviser="-", care_provider="-", coordinator="-"),
)
# fmt: on

_ANSWERS = frozenset(letter + star for letter in Letter for star in ("", "*"))


@dataclass(frozen=True, slots=True, eq=False)
class Charter:
    """A charter in force: its letters, and the version that every decision records."""

    rows: Mapping[Section, Row]
    version: str

    def letter(self, role: Role, section: Section) -> Letter:
        """How far `role` may go in `section` at most; nothing for a role that has no sections."""
        answer: str = getattr(self.rows[section], role.value, Letter.NOTHING.value)
        return Letter(answer.rstrip("*"))

    def by_consent(self, role: Role, section: Section) -> bool:
        """Whether the letter holds only where the person has consented (`*`)."""
        answer: str = getattr(self.rows[section], role.value, "")
        return answer.endswith("*")


def charter(rows: tuple[Row, ...] = ROWS) -> Charter:
    """The charter of `rows`. Raises CharterError when a section is missing or named twice, or a letter is unknown."""
    by_section = {row.section: row for row in rows}
    missing = [section.value for section in Section if section not in by_section]
    if missing or len(by_section) != len(rows):
        raise CharterError(f"the charter must have one row for each section; missing or doubled: {missing or 'a row'}")
    for row in rows:
        for role in ROLES_WITH_SECTIONS:
            if getattr(row, role.value) not in _ANSWERS:
                raise CharterError(f"{row.section.value}, {role.value}: {getattr(row, role.value)!r} is no letter")
    return Charter(by_section, hashlib.sha256(as_table(rows).encode()).hexdigest()[:12])


def as_table(rows: tuple[Row, ...] = ROWS) -> str:
    """The charter as the Markdown table that people sign; `from_table` reads it back."""
    heads = ["section", "title", *(role.value for role in ROLES_WITH_SECTIONS)]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(str(getattr(row, head)) for head in heads) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def from_table(text: str) -> tuple[Row, ...]:
    """The rows of a Markdown table in the shape of `as_table`. Raises CharterError for any other shape."""
    lines = [line.strip().strip("|") for line in text.splitlines() if line.strip().startswith("|")]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    wanted = ["section", "title", *(role.value for role in ROLES_WITH_SECTIONS)]
    if len(cells) < 3 or sorted(cells[0]) != sorted(wanted):  # noqa: PLR2004 - head, rule and at least one row
        raise CharterError(f"the charter's head must name exactly these columns: {', '.join(wanted)}")
    try:
        named = [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]
        return tuple(Row(**{**row, "section": Section(row["section"])}) for row in named)  # type: ignore[arg-type]
    except ValueError as error:
        raise CharterError(f"a row of the charter cannot be read: {error}") from error
