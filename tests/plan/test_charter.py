"""The charter says what the agencies agreed (tests/spec/who_may.txt), and a charter that leaves a gap is no charter."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from plan.charter import ROLES_WITH_SECTIONS, ROWS, CharterError, Letter, Row, as_table, charter, from_table
from plan.model import Role, Section

SPEC = Path(__file__).parents[1] / "spec" / "who_may.txt"
LINES = [line.split() for line in SPEC.read_text().splitlines() if line and not line.startswith("#")][1:]
WRITE = {Letter.NOTHING: "no", Letter.READ: "no", Letter.CONTRIBUTE: "own", Letter.MANAGE: "any"}


def test_the_spec_has_one_line_for_every_role_and_every_section() -> None:
    pairs = [(role, section) for role, section, *_ in LINES]
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == {(role.value, section.value) for role in ROLES_WITH_SECTIONS for section in Section}


@pytest.mark.parametrize("role,section,read,write", LINES, ids="-".join)
def test_the_charter_says_what_the_spec_says(role: str, section: str, read: str, write: str) -> None:
    letter = charter().letter(Role(role), Section(section))
    by_consent = charter().by_consent(Role(role), Section(section))
    assert ("no" if letter is Letter.NOTHING else "consent" if by_consent else "yes") == read
    assert WRITE[letter] == write


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.COMMISSIONER, Role.ADMINISTRATOR])
@pytest.mark.parametrize("section", Section)
def test_a_role_that_has_no_column_has_no_section(role: Role, section: Section) -> None:
    assert charter().letter(role, section) is Letter.NOTHING
    assert not charter().by_consent(role, section)


def test_each_letter_reaches_further_than_the_one_before() -> None:
    assert [letter.height for letter in Letter] == [0, 1, 2, 3]


def test_a_charter_without_a_section_is_refused_by_name() -> None:
    with pytest.raises(CharterError, match="housing"):
        charter(tuple(row for row in ROWS if row.section is not Section.HOUSING))


def test_a_charter_that_names_a_section_twice_is_refused() -> None:
    with pytest.raises(CharterError, match="one row for each section"):
        charter((*ROWS, ROWS[0]))


@pytest.mark.parametrize("letter", ["", "x", "rw", "*", "R", "c**", "r *"])
@pytest.mark.parametrize("role", ROLES_WITH_SECTIONS)
def test_an_unknown_letter_is_refused_with_its_place(role: Role, letter: str) -> None:
    row = _with(ROWS[3], role, letter)
    with pytest.raises(CharterError, match=f"{row.section.value}, {role.value}: {re.escape(repr(letter))}"):
        charter((*ROWS[:3], row, *ROWS[4:]))


def test_every_change_of_a_letter_is_another_version() -> None:
    versions = {charter().version}
    for at, row in enumerate(ROWS):
        for role in ROLES_WITH_SECTIONS:
            other = "r" if getattr(row, role.value) != "r" else "c"
            versions.add(charter((*ROWS[:at], _with(row, role, other), *ROWS[at + 1 :])).version)
    assert len(versions) == 1 + len(ROWS) * len(ROLES_WITH_SECTIONS)
    assert charter().version == charter(from_table(as_table())).version


def test_the_table_that_people_sign_reads_back_as_it_was() -> None:
    assert from_table(as_table()) == ROWS
    assert from_table("Agreed on 1 March.\n\n" + as_table() + "\nSigned: all of us.\n") == ROWS


def test_the_columns_of_the_table_may_stand_in_another_order() -> None:
    cells = [line.strip("|").split("|") for line in as_table().splitlines()]
    turned = "\n".join("|" + "|".join([*row[:2], *reversed(row[2:])]) + "|" for row in cells)
    assert from_table(turned) == ROWS


def _with(row: Row, role: Role, letter: str) -> Row:
    return replace(row, **{role.value: letter})  # type: ignore[arg-type]


LOST = as_table().replace("| carer ", "", 1)
TABLES = {
    "nothing": ("", "columns"),
    "head only": ("\n".join(as_table().splitlines()[:2]), "columns"),
    "role left out": (LOST, "columns"),
    "unknown role": (as_table().replace("carer", "neighbour", 1), "columns"),
    "cell left out": (as_table().replace("| c* |", "|", 1), "cannot be read"),
    "unknown section": (as_table().replace("| housing |", "| garden |", 1), "garden"),
}


@pytest.mark.parametrize("text,said", TABLES.values(), ids=TABLES.keys())
def test_a_table_of_another_shape_is_refused(text: str, said: str) -> None:
    with pytest.raises(CharterError, match=said):
        charter(from_table(text))
