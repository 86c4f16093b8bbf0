"""What agencies and authors are called: by name, inside a sentence and at its beginning; of whom names are read."""

from typing import Any

import pytest

from plan.known import HOUSE, Agency, Entry, Known
from plan.model import AgencyId, EntryId, PersonId, Section
from plan.names import MOST, author, mentioned, opening, within
from plan.rules.said import each_says, who


def entry(agency: str = "HC1", **more: Any) -> Entry:
    return Entry(
        id=EntryId("e"),
        type="ServiceRequest",
        kind="instruction",
        section=Section.HEALTH,
        agency=AgencyId(agency),
        version=1,
        at=0,
        created=0,
        **more,
    )


RX1, GP = AgencyId("RX1"), AgencyId("P10001")
KNOWN = Known(
    person=PersonId("ada"),
    now=0,
    entries={},
    agencies={RX1: Agency(id=RX1, name="Test Hospital"), GP: Agency(id=GP)},
    names={AgencyId("HC1"): "Test Home Care", RX1: "Somebody Else", AgencyId("X"): ""},
)
CALLED = [("RX1", "Test Hospital"), ("HC1", "Test Home Care"), ("P10001", "P10001"), ("X", "X"), (HOUSE, "Oneplan")]


@pytest.mark.parametrize("id_, name", CALLED)
def test_an_agency_is_called_by_its_name_and_by_its_id_where_none_is_known(id_: str, name: str) -> None:
    assert KNOWN.called(id_) == name


MENTIONED: list[tuple[str, Entry, set[str]]] = [
    ("whose it is", entry(), {"HC1"}),
    ("who wrote it", entry(by_agency="LA1"), {"HC1", "LA1"}),
    ("for whom alone it is", entry(restriction=frozenset({RX1})), {"HC1", "RX1"}),
    ("to whom it refers", entry(body={"provider": {"reference": "Organization/RX1"}}), {"HC1", "RX1"}),
    ("to whom, in a list", entry(body={"to": [{"agency": "HA1"}, {"role": "clinician"}]}), {"HC1", "HA1"}),
    ("a cause by reference", entry(body={"causes": [{"agency": "Organization/HA1"}]}), {"HC1", "HA1"}),
    ("deep inside", entry(body={"a": {"b": [{"c": "Organization/BA1"}]}}), {"HC1", "BA1"}),
    ("the service itself", entry(HOUSE), set()),
    ("nobody", entry(""), set()),
    ("what is no id", entry(body={"a": "Organization/ and more", "agency": 7, "b": "See Organization/RX1"}), {"HC1"}),
    ("others than agencies", entry(body={"who": {"reference": "Patient/ada"}}), {"HC1"}),
]


@pytest.mark.parametrize("one, found", [row[1:] for row in MENTIONED], ids=[row[0] for row in MENTIONED])
def test_the_agencies_that_an_entry_mentions(one: Entry, found: set[str]) -> None:
    assert set(mentioned([one])) == found


def test_a_plan_that_mentions_a_great_many_reads_the_names_of_some() -> None:
    many = entry(body={"to": [{"agency": f"A{number}"} for number in range(5 * MOST)]})
    assert len(mentioned([many])) == MOST
    assert mentioned([many]) == mentioned([many, many])


AUTHORS = [("", "HC1", "Test Home Care"), ("clinician", "RX1", "Test Hospital"), ("person", "ada-test", "the person"),
           ("carer", "bea-test", "a carer")]  # fmt: skip


@pytest.mark.parametrize("role, agency, name", AUTHORS)
def test_who_writes_for_themself_has_no_agency_that_people_know(role: str, agency: str, name: str) -> None:
    assert author(KNOWN, entry(agency, by_role=role)) == name


WHOSE: list[tuple[str, dict[str, Any], str]] = [
    ("as its author says", {"source": {"reference": "Organization/RX1", "name": "Dr Test"}}, "Dr Test"),
    ("the agency that its author names", {"source": {"reference": "Organization/RX1"}}, "Test Hospital"),
    ("the provider that its author names", {"provider": {"reference": "Organization/RX1"}}, "Test Hospital"),
    ("a worker without a name", {"source": {"reference": "PractitionerRole/w1"}}, "Test Home Care"),
    ("nobody named", {}, "Test Home Care"),
]


@pytest.mark.parametrize("body, name", [row[1:] for row in WHOSE], ids=[row[0] for row in WHOSE])
def test_whose_words_an_entry_is(body: dict[str, Any], name: str) -> None:
    assert who(entry(body=body), KNOWN) == name


def test_our_own_words_are_small_inside_a_sentence_and_names_are_as_they_are() -> None:
    assert opening("the person says so.") == "The person says so."
    assert [within(name) for name in ("The person", "A carer", "The sender", "The Larches", "")] == [
        "the person", "a carer", "the sender", "The Larches", "",
    ]  # fmt: skip
    own = entry("ada-test", by_role="person")
    assert each_says(own, "drink", entry(), "wait", KNOWN) == "The person says drink, and Test Home Care says wait."
    assert each_says(entry(), "drink", own, "wait", KNOWN) == "Test Home Care says drink, and the person says wait."
