"""The index rows of a resource (fhir_facade.index)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_facade.index import HIGH, LONGEST_STRING, LOW, fold, index
from fhir_facade.resources import RESOURCES
from plan.dates import date_range
from plan.model import IndexRow

DAY = 86_400_000


def rows(param: str, **resource: Any) -> list[IndexRow]:
    """The rows of one parameter."""
    return [row for row in index(resource) if row.param.partition(":")[0] == param]


def pairs(param: str, **resource: Any) -> list[tuple[str, str]]:
    """System and code of the plain rows of one parameter."""
    return [(row.system, row.code) for row in rows(param, **resource) if row.param == param]


@pytest.mark.parametrize(
    "text,covered",
    [
        ("1970", (0, 365 * DAY - 1)),
        ("1970-02", (31 * DAY, 59 * DAY - 1)),
        ("1970-01-02", (DAY, 2 * DAY - 1)),
        ("1970-01-01T00:00Z", (0, 59_999)),
        ("1970-01-01T00:00:01Z", (1000, 1999)),
        ("1970-01-01T00:00:01", (1000, 1999)),
        ("1970-01-01T01:00:00+01:00", (0, 999)),
        ("1970-01-01T00:00:00.35Z", (350, 359)),
        ("1970-01-01T00:00:00.1234567Z", (123, 123)),
        ("1970-01-01T00:00:60Z", (60_000, 60_999)),
        ("2024-02", (1706745600000, 1709251199999)),
        ("9999", (253370764800000, 253402300799999)),
    ],
)
def test_a_date_covers_what_it_leaves_open(text: str, covered: tuple[int, int]) -> None:
    assert date_range(text) == covered


@pytest.mark.parametrize(
    "text",
    ["", "x", "2024-13", "2024-02-30", "0000", "2024-01-01T24:00:00Z", "2024-1", "2024-01-01T10", "\uff12024", "1\n"],
)
def test_what_is_no_date_covers_nothing(text: str) -> None:
    assert date_range(text) is None


@given(st.dates())
def test_a_day_lies_within_its_month_and_its_year(day: Any) -> None:
    text = f"{day.year:04}-{day.month:02}-{day.day:02}"
    (low, high), month, year = date_range(text), date_range(text[:7]), date_range(text[:4])  # type: ignore[misc]
    assert month
    assert year
    assert year[0] <= month[0] <= low < high <= month[1] <= year[1]


@pytest.mark.parametrize(
    "period,covered",
    [
        ({"start": "1970-01-02"}, (DAY, HIGH)),
        ({"end": "1970-01-02"}, (LOW, 2 * DAY - 1)),
        ({"start": "1970", "end": "1970"}, (0, 365 * DAY - 1)),
    ],
)
def test_a_period_is_open_where_nothing_is_said(period: dict[str, str], covered: tuple[int, int]) -> None:
    assert [(row.low, row.high) for row in rows("date", resourceType="CarePlan", period=period)] == [covered]


@pytest.mark.parametrize("period", [{}, {"start": "soon"}, {"start": 1}, {"start": "1971", "end": "1970"}])
def test_a_period_that_cannot_be_read_gives_no_row(period: dict[str, Any]) -> None:
    assert rows("date", resourceType="CarePlan", period=period) == []


def test_a_timing_covers_its_events_and_its_bounds() -> None:
    timing = {"event": ["1970-01-03"], "repeat": {"boundsPeriod": {"start": "1970-01-01", "end": "1970-01-02"}}}
    found = rows("occurrence", resourceType="ServiceRequest", occurrenceTiming=timing)
    assert [(row.low, row.high) for row in found] == [(0, 3 * DAY - 1)]


@pytest.mark.parametrize(
    "param,resource,found",
    [
        ("status", {"resourceType": "CarePlan", "status": "active"}, [("", "active")]),
        ("active", {"resourceType": "Patient", "active": True}, [("", "true")]),
        (
            "code",
            {"resourceType": "Condition", "code": {"coding": [{"system": "s", "code": "a"}, {"code": "b"}]}},
            [("s", "a"), ("", "b")],
        ),
        ("class", {"resourceType": "Encounter", "class": {"system": "s", "code": "IMP"}}, [("s", "IMP")]),
        ("identifier", {"resourceType": "Patient", "identifier": [{"system": "s", "value": "1"}]}, [("s", "1")]),
        (
            "identifier",
            {
                "resourceType": "Patient",
                "identifier": [{"system": "http://fhir.nhs.net/id/nhs-number", "value": "900 000 0009"}],
            },
            [("https://fhir.nhs.uk/Id/nhs-number", "9000000009")],
        ),
        (
            "phone",
            {
                "resourceType": "Patient",
                "telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "2"}],
            },
            [("phone", "1")],
        ),
        ("deceased", {"resourceType": "Patient"}, [("", "false")]),
        ("deceased", {"resourceType": "Patient", "deceasedBoolean": False}, [("", "false")]),
        ("deceased", {"resourceType": "Patient", "deceasedBoolean": True}, [("", "true")]),
        ("deceased", {"resourceType": "Patient", "deceasedDateTime": "2026"}, [("", "true")]),
        ("_tag", {"resourceType": "Flag", "meta": {"tag": [{"system": "s", "code": "t"}]}}, [("s", "t")]),
        ("subject", {"resourceType": "CarePlan", "subject": {"reference": "Patient/1"}}, [("Patient", "1")]),
        ("subject", {"resourceType": "CarePlan", "subject": {"reference": "Patient/1/_history/3"}}, [("Patient", "1")]),
        (
            "subject",
            {"resourceType": "CarePlan", "subject": {"reference": "https://x.example/Patient/1"}},
            [("", "https://x.example/Patient/1")],
        ),
        ("subject", {"resourceType": "CarePlan", "subject": {"reference": "#p"}}, []),
        ("patient", {"resourceType": "CarePlan", "subject": {"reference": "Group/1"}}, []),
        ("patient", {"resourceType": "Task", "for": {"reference": "Patient/1"}}, [("Patient", "1")]),
        (
            "participant",
            {"resourceType": "CareTeam", "participant": [{"member": {"reference": "PractitionerRole/2"}}]},
            [("PractitionerRole", "2")],
        ),
        (
            "instantiates-canonical",
            {"resourceType": "CarePlan", "instantiatesCanonical": ["http://x|1"]},
            [("", "http://x|1"), ("", "http://x")],
        ),
        (
            "name",
            {"resourceType": "Patient", "name": [{"family": "Müller", "given": ["Ann  Marie"]}]},
            [("", "muller"), ("", "ann marie")],
        ),
        (
            "address",
            {"resourceType": "Patient", "address": [{"line": ["1 High St"], "city": "Leeds"}]},
            [("", "1 high st"), ("", "leeds")],
        ),
    ],
)
def test_a_value_is_found_by_what_it_says(param: str, resource: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert pairs(param, **resource) == found


def test_a_reference_by_identifier_is_a_token_of_its_own() -> None:
    found = rows("subject", resourceType="CarePlan", subject={"identifier": {"system": "s", "value": "1"}})
    assert found == [IndexRow("subject:identifier", "token", "s", "1")]


def test_a_token_too_long_for_the_index_is_left_out_rather_than_cut() -> None:
    assert pairs("identifier", resourceType="Patient", identifier=[{"system": "s", "value": "1" * 3000}]) == []


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_case_does_not_matter(text: str) -> None:
    assert fold(text.upper().lower()) == fold(text.upper())


@given(st.text(min_size=LONGEST_STRING, max_size=3 * LONGEST_STRING))
def test_a_string_row_is_never_longer_than_the_limit(text: str) -> None:
    assert all(len(code) <= LONGEST_STRING for _, code in pairs("name", resourceType="Organization", name=text))


MEMBERS = "subject status identifier coding system code value reference start end event repeat name"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["Patient/1", "2024-02", "#a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(MEMBERS.split()),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(sorted(RESOURCES)), st.data())
def test_no_shape_of_value_stops_the_index(type_: str, data: st.DataObject) -> None:
    heads = sorted({path.partition("[")[0].split(".")[0] for param in RESOURCES[type_].params for path in param.paths})
    names = st.sampled_from([*heads, "meta"])
    resource = data.draw(st.dictionaries(names, JSON, max_size=5))
    assert all(isinstance(row, IndexRow) for row in index({"resourceType": type_, **resource}))


@pytest.mark.parametrize(
    "resource", [{}, {"resourceType": None}, {"resourceType": ["Patient"]}, {"resourceType": "Foo"}]
)
def test_what_is_not_served_has_no_rows(resource: dict[str, Any]) -> None:
    assert index(resource) == []
