"""The banner: who it is, and what must be known before speaking, as far as the reader sees it."""

from typing import Any

import pytest

from api.pages.care.banner import Banner, banner
from plan.known import Entry, Known, moment
from plan.model import AgencyId, EntryId, PersonId, Section

NOW = moment("2026-03-02T00:30:00Z") or 0
NAMED: dict[str, Any] = {"name": {"given": ["Ada"], "family": "Test"}}


def entry(kind: str, section: Section, number: int = 0, **body: Any) -> Entry:
    return Entry(
        id=EntryId(f"{kind}{number}"),
        type="Basic",
        kind=kind,
        section=section,
        agency=AgencyId("RX1"),
        version=1,
        at=NOW,
        created=NOW + number,
        body=body,
    )


def shown(*entries: Entry, **who: Any) -> Banner:
    held = {one.id: one for one in entries}
    return banner(Known(person=PersonId("ada"), now=NOW, entries=held, identity=NAMED | who))


HEALTH = entry("section", Section.HEALTH, status="active")
HOME = entry("housing", Section.HOUSING, scheme="Larch Court", household="Lives alone", tenancy={"type": "sheltered"})


@pytest.mark.parametrize(
    "born, age",
    [("1941-03-02", 85), ("1941-03-03", 84), ("1941-03", None), ("1941", None), ("", None)],
)
def test_the_age_is_of_the_day_where_they_live(born: str, age: int | None) -> None:
    assert shown(birth_date=born).age == age


@pytest.mark.parametrize("died, said", [(True, "yes"), ("2026-02-01", "2026-02-01"), (None, "")])
def test_that_somebody_died_is_said(died: Any, said: str) -> None:
    assert shown(**({"died": died} if died else {})).died == said


def test_the_nhs_number_stands_in_groups() -> None:
    assert shown(nhs_number="9000000009").nhs_number == "900 000 0009"


SPOKEN: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, ""),
    ({"language": {"text": "Polish"}, "interpreter_required": True}, "interpreter (Polish)"),
    ({"interpreter_required": True}, "interpreter"),
    ({"language": {"display": "Welsh"}, "interpreter_required": False}, "Welsh"),
    ({"needs": "Large print"}, "Large print"),
)


@pytest.mark.parametrize("communication, said", SPOKEN)
def test_how_to_speak_with_them(communication: dict[str, Any], said: str) -> None:
    assert shown(**({"communication": communication} if communication else {})).communication == said


def test_their_own_words_stand_beside_the_records() -> None:
    about = entry("about_me", Section.ABOUT_ME, communication="Speak up")
    assert shown(about, communication={"needs": "Large print"}).communication == "Large print; Speak up"


def test_a_long_text_is_cut_to_one_line() -> None:
    said = shown(communication={"needs": "Large\nprint " * 40}).communication
    assert (len(said) <= 60, "\n" in said, said[-1]) == (True, False, "…")


def test_how_they_live_says_scheme_kind_and_whether_alone() -> None:
    assert shown(HOME).place == "Larch Court, sheltered, lives alone"
    assert shown(entry("housing", Section.HOUSING, tenancy={"type": "general_needs"})).place == ""


def test_allergies_are_those_that_hold() -> None:
    rows = (("Penicillin", "active", None), ("Latex", "resolved", None), ("Nuts", "active", "refuted"))
    listed = [
        entry("allergy", Section.HEALTH, number, substance=what, status=status, **({"certainty": sure} if sure else {}))
        for number, (what, status, sure) in enumerate(rows)
    ]
    found = shown(HEALTH, *listed)
    assert (found.allergies, found.allergies_short, found.reads_allergies) == (("Penicillin",), "Penicillin", True)


def test_who_may_not_read_where_allergies_stand_is_told_nothing_of_them() -> None:
    assert not shown().reads_allergies


def test_whoever_may_not_see_the_name_is_told_so() -> None:
    nameless = banner(Known(person=PersonId("ada"), now=NOW, entries={}))
    assert nameless.name == "Somebody whose name you may not see"
