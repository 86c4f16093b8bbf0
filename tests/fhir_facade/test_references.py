"""Who a resource is about, what it points at, how pointers are rewritten; the identifiers of a Patient."""

from copy import deepcopy
from typing import Any

import pytest

from fhir_facade.identifiers import identifiers
from fhir_facade.references import at_home, patient_identifier_of, patient_of, relative, rewrite, walk
from fhir_facade.resources import served
from plan.problem import Problem, Trouble


def ref(text: str) -> dict[str, str]:
    return {"reference": text}


@pytest.mark.parametrize(
    "type_,resource,found",
    [
        ("CarePlan", {"subject": ref("Patient/1")}, "Patient/1"),
        ("CarePlan", {"subject": ref("Group/1")}, None),
        ("CarePlan", {"subject": ref("https://x.example/fhir/Patient/1")}, "https://x.example/fhir/Patient/1"),
        ("CarePlan", {"subject": ref("#p")}, None),
        ("CarePlan", {"subject": ref("urn:uuid:a")}, "urn:uuid:a"),
        ("CarePlan", {"subject": {"reference": "urn:uuid:a", "type": "Group"}}, None),
        ("CarePlan", {"subject": "Patient/1"}, None),
        ("CarePlan", {"subject": {"reference": 1}}, None),
        ("Task", {"for": ref("Patient/1"), "focus": ref("Patient/2")}, "Patient/1"),
        ("Task", {"focus": ref("Patient/2")}, "Patient/2"),
        ("Appointment", {"participant": [{"actor": ref("Location/1")}, {"actor": ref("Patient/1")}]}, "Patient/1"),
        ("Provenance", {"target": [ref("CarePlan/1"), ref("Patient/1")]}, "Patient/1"),
        ("Provenance", {"target": [ref("CarePlan/1"), ref("Goal/1")]}, "CarePlan/1"),
        ("Organization", {"partOf": ref("Patient/1")}, None),
    ],
)
def test_who_a_resource_is_about(type_: str, resource: dict[str, Any], found: str | None) -> None:
    assert patient_of(resource, served(type_)) == found


@pytest.mark.parametrize(
    "subject,found",
    [
        ({"identifier": {"system": "s", "value": "1"}}, ("s", "1")),
        ({"type": "Group", "identifier": {"system": "s", "value": "1"}}, None),
        ({"identifier": {"value": "1"}}, None),
        (ref("Patient/1"), None),
    ],
)
def test_a_person_may_be_named_by_an_identifier_alone(subject: Any, found: tuple[str, str] | None) -> None:
    assert patient_identifier_of({"subject": subject}, served("CarePlan")) == found


def test_every_reference_is_walked_to_and_local_ones_are_not() -> None:
    resource = {
        "subject": ref("Patient/1"),
        "author": ref("#a"),
        "contained": [{"resourceType": "Goal", "identifier": [{"value": "x"}], "subject": ref("Patient/2")}],
        "extension": [{"url": "u", "valueReference": {"identifier": {"value": "3"}}}],
    }
    assert [where for where, _ in walk(resource)] == [
        ("subject",),
        ("contained", 0, "subject"),
        ("extension", 0, "valueReference"),
    ]


def test_rewriting_reaches_addresses_and_leaves_systems_and_text_alone() -> None:
    old, new = "urn:uuid:a", "Patient/1"
    resource = {
        "subject": ref(old),
        "extension": [{"url": "u", "valueUri": old}],
        "content": [{"attachment": {"url": old, "title": old}}],
        "identifier": [{"system": old, "value": old}],
        "text": {"div": f"<div><a href=\"{old}\">{old}</a><img src='{old}'/></div>"},
        "author": ref("#a"),
    }
    before = deepcopy(resource)
    assert rewrite(resource, lambda text: new if text == old else text) == {
        "subject": ref(new),
        "extension": [{"url": "u", "valueUri": new}],
        "content": [{"attachment": {"url": new, "title": old}}],
        "identifier": [{"system": old, "value": old}],
        "text": {"div": f"<div><a href=\"{new}\">{old}</a><img src='{new}'/></div>"},
        "author": ref("#a"),
    }
    assert resource == before


@pytest.mark.parametrize("base", ["https://us.example/fhir/R4", "https://us.example/fhir/R4/"])
@pytest.mark.parametrize(
    "text,left",
    [
        ("https://us.example/fhir/R4/Patient/1", "Patient/1"),
        ("https://us.example/fhir/R4/Patient/1/_history/2", "Patient/1/_history/2"),
        ("https://us.example/fhir/R4.evil/Patient/1", "https://us.example/fhir/R4.evil/Patient/1"),
        ("https://us.example/fhir/R4/../x", "https://us.example/fhir/R4/../x"),
        ("Patient/1", "Patient/1"),
    ],
)
def test_only_our_own_address_is_taken_off(base: str, text: str, left: str) -> None:
    assert relative(text, base) == left


def test_our_own_address_is_taken_off_what_leads_somewhere_and_not_off_what_names_something() -> None:
    base = "https://us.example/fhir/R4"
    ours = f"{base}/Goal/1"
    resource = {
        "resourceType": "Questionnaire",
        "url": ours,
        "extension": [{"url": ours, "valueUrl": ours, "extension": [{"url": ours, "valueUri": ours}]}],
        "contained": [{"resourceType": "Basic", "subject": {"reference": ours}}],
        "content": [{"attachment": {"url": ours, "size": 1}}],
        "instantiatesUri": [ours],
        "text": {"div": f'<div><a href="{ours}">{ours}</a></div>'},
    }
    assert at_home(resource, base) == {
        "resourceType": "Questionnaire",
        "url": ours,
        "extension": [{"url": ours, "valueUrl": "Goal/1", "extension": [{"url": ours, "valueUri": ours}]}],
        "contained": [{"resourceType": "Basic", "subject": {"reference": "Goal/1"}}],
        "content": [{"attachment": {"url": "Goal/1", "size": 1}}],
        "instantiatesUri": [ours],
        "text": {"div": f'<div><a href="Goal/1">{ours}</a></div>'},
    }


def test_the_identifiers_of_a_patient_are_normal_and_each_stands_once() -> None:
    nhs = {"system": "http://fhir.nhs.uk/id/nhs-number", "value": "900 000 0009"}
    same = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9000000009"}
    old = {"system": "s", "value": "1", "use": "old"}
    found = identifiers({"identifier": [nhs, same, old, {"system": "s"}, {"value": "2"}, "x"]})
    assert found == [("https://fhir.nhs.uk/Id/nhs-number", "9000000009"), ("", "2")]


def test_a_wrong_nhs_number_is_refused_with_its_place() -> None:
    held = [{"system": "s", "value": "1"}, {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9000000008"}]
    with pytest.raises(Problem) as raised:
        identifiers({"identifier": held})
    (fault,) = raised.value.faults
    assert (raised.value.trouble, fault.where) == (Trouble.BAD_VALUE, ("identifier", 1, "value"))
    assert fault.mend


@pytest.mark.parametrize("listed", [None, "x", {}, []])
def test_a_patient_without_identifiers_has_none(listed: Any) -> None:
    assert identifiers({"identifier": listed}) == []
