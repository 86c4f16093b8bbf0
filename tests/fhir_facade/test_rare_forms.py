"""Forms that clients rarely send, and that must be read, refused or left alone all the same."""

from decimal import Decimal
from typing import Any

import pytest

from fhir_facade import careplan, drafts, exact, references
from fhir_facade.index import _path, index
from fhir_facade.validate import MOST_FAULTS, validate
from plan.model import AgencyId, Section
from plan.problem import Problem

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


def plan(**more: Any) -> dict[str, Any]:
    subject = {"reference": "Patient/p"}
    return {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": subject, **more}


def faults(resource: dict[str, Any]) -> list[str]:
    with pytest.raises(Problem) as raised:
        validate(resource)
    return [fault.what for fault in raised.value.faults]


def test_listing_what_is_listed_changes_nothing() -> None:
    listed = careplan.listing(plan(), "Goal", "g", present=True)
    assert careplan.listing(listed, "Goal", "g", present=True) is listed
    bare = plan()
    assert careplan.listing(bare, "Task", "t", present=False) is bare


def test_a_narrative_that_a_client_wrote_is_not_written_over() -> None:
    goal: dict[str, Any] = {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "Walk"}}
    goal["text"] = {"status": "additional", "div": DIV.format("My own words")}
    body = {"goal": "Swim", "status": "active"}
    draft = drafts.from_body("goal", body, Section.HEALTH, "p", AgencyId("RX1"), goal)
    assert draft.fhir["text"] == goal["text"]
    assert draft.fhir["description"] == {"text": "Swim"}


def test_what_has_no_json_form_is_not_written() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        exact.dumps({"a": object()})


def test_a_search_path_that_cannot_be_read_stops_the_start() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        _path("subject[")


@pytest.mark.parametrize(
    "odd",
    [
        {"category": [{"coding": ["not a coding", None]}]},
        {"partOf": [{"reference": "https://elsewhere.example/" + "x" * 5000}]},
        {"identifier": [None]},
        {"instantiatesCanonical": ["", "https://elsewhere.example/" + "x" * 5000]},
    ],
)
def test_odd_values_are_not_indexed_and_break_nothing(odd: dict[str, Any]) -> None:
    known = {row for row in index(plan()) if not row.param.endswith("@5")}
    assert known <= set(index(plan(**odd))) <= set(index(plan()))


def test_a_name_of_accents_alone_is_no_word_to_search_for() -> None:
    assert not [row for row in index({"resourceType": "Patient", "name": [{"family": "\u0301"}]}) if row.code == ""]


def test_data_must_be_text() -> None:
    document = {"resourceType": "DocumentReference", "status": "current", "content": [{"attachment": {"data": 5}}]}
    assert "this must be a base64 string" in faults(document)


def test_a_resource_that_is_wrong_everywhere_ends_in_a_bounded_list() -> None:
    categories = [{"coding": [{"nothing": 1}], "text": 7} for _ in range(3 * MOST_FAULTS)]
    assert len(faults(plan(category=categories))) <= MOST_FAULTS + 1


def test_a_type_that_the_library_does_not_know_is_read_by_the_tables_alone() -> None:
    synthesis = {"resourceType": "EffectEvidenceSynthesis", "id": "e", "status": "active"}
    whom = {name: {"display": "x"} for name in ("population", "exposure", "exposureAlternative", "outcome")}
    validate(plan(contained=[synthesis | whom], instantiatesCanonical=["#e"]))
    validate(synthesis | whom)
    assert "status is missing" in faults(plan(contained=[{"resourceType": "EffectEvidenceSynthesis"} | whom]))


def test_a_narrative_of_another_language_than_xhtml_is_refused() -> None:
    other = '<p xmlns="http://www.w3.org/2000/svg">x</p>'
    assert "all of a narrative is XHTML" in faults(plan(text={"status": "generated", "div": DIV.format(other)}))


def test_a_decimal_of_python_is_written_without_an_exponent() -> None:
    assert exact.dumps([Decimal("1.50"), Decimal("1E+2")]) == b"[1.50,100]"


def test_nothing_stands_where_null_stands() -> None:
    assert list(references.values({"subject": [None, {"reference": None}]}, ["subject", "reference"])) == []
