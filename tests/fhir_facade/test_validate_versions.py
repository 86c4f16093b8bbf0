"""The validator in both versions: which types and elements are known, what references may lead to, how it is worded."""

import time
from base64 import b64encode, urlsafe_b64encode
from typing import Any

import pytest

from fhir_facade import exact
from fhir_facade.library import library
from fhir_facade.release import VersionName
from fhir_facade.validate import envelope, validate
from plan.problem import Fault, Problem
from tests.fhir_facade.broken_rules import GET, basic, bundle, extension, goal, observation, task

ENVELOPED = {"resource": {"resourceType": "Foo"}, "request": {"method": "POST", "url": "Foo"}}


def faults(resource: Any, version: VersionName = "R4") -> tuple[Fault, ...]:
    try:
        validate(resource, None, version)
    except Problem as problem:
        return problem.faults
    return ()


def told(resource: Any, version: VersionName = "R4") -> list[tuple[tuple[str | int, ...], str]]:
    return [(fault.where, fault.what) for fault in faults(resource, version)]


@pytest.mark.parametrize(
    "resource, version, mend",
    [
        ({"resourceType": "MedicinalProduct"}, "R5", "Use the name of an R5 (5.0.0) resource type"),
        ({"resourceType": "Transport"}, "R4", "Use the name of an R4 (4.0.1) resource type"),
        (goal(outcome=[{"concept": {"text": "x"}}]), "R4", "This looks like R5; this address speaks R4 (4.0.1)."),
        (goal(outcomeCode=[{"text": "x"}]), "R5", "This looks like R4; this address speaks R5 (5.0.0)."),
        (goal(colour="x"), "R5", "Names are case-sensitive"),
        (goal(start="2026"), "R4", "Say its type in its name, as in startDate."),
        (goal(subject="x"), "R5", "Look the element up in R5 (5.0.0)."),
    ],
)
def test_what_a_version_does_not_know_is_told_in_the_name_of_that_version(resource, version, mend):
    assert any(fault.mend.startswith(mend) for fault in faults(resource, version))


def test_a_type_of_one_version_only_is_valid_there_only():
    transport = {"resourceType": "Transport", "intent": "order", "requestedLocation": {"display": "x"}}
    assert told({**transport, "currentLocation": {"display": "y"}}, "R5") == []
    assert told({"resourceType": "Media", "status": "completed", "content": {"title": "x"}}) == []


@pytest.mark.parametrize(
    "value, fits",
    [
        ("0", True),
        ("-9223372036854775807", True),
        ("9223372036854775808", False),
        (1, False),
        ("1.0", False),
        ("", False),
    ],
)
def test_an_integer64_is_a_string_of_digits_and_of_r5_only(value, fits):
    resource = basic(extension=extension("valueInteger64", value))
    assert (told(resource, "R5") == []) is fits
    assert told(resource, "R4") != []


@pytest.mark.parametrize(
    "reference, places",
    [
        ({"reference": "Patient/1"}, []),
        ({"reference": "Patient/1/_history/2"}, []),
        ({"reference": "https://a.example/fhir/Observation/1"}, []),
        ({"reference": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}, []),
        ({"reference": "#p"}, []),
        ({"type": "Patient", "display": "x"}, []),
        ({"type": "http://hl7.org/fhir/StructureDefinition/Patient", "reference": "Patient/1"}, []),
        ({"type": "http://a.example/Other", "display": "x"}, []),
        ({"reference": "Observation/1"}, ["reference"]),
        ({"reference": "#d"}, ["reference"]),
        ({"type": "Observation", "display": "x"}, ["type"]),
        ({"reference": "Patient/1", "type": "Group"}, ["type"]),
        ({"reference": "#gone"}, ["reference"]),
        ({"reference": 5}, ["reference"]),
        ({"display": "x", "type": 5}, ["type"]),
    ],
)
@pytest.mark.parametrize("version", ["R4", "R5"])
def test_a_reference_leads_to_one_of_the_types_that_it_may_lead_to(reference, places, version):
    contained = [{"resourceType": type_, "id": id_} for type_, id_ in (("Patient", "p"), ("Device", "d"))]
    note = {"text": "x", "authorReference": {"reference": "#p"}}
    both = [{"url": "urn:x", "valueReference": {"reference": f"#{one['id']}"}} for one in contained]
    resource = goal(subject=reference, contained=contained, extension=both, note=[note])
    assert [where for where, _ in told(resource, version)] == [("subject", place) for place in places]


def test_a_codeable_reference_of_r5_is_asked_the_same():
    made = {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": {"reference": "Patient/1"}}
    for reference, place in (({"reference": "Condition/1"}, []), ({"reference": "Patient/1"}, ["reference"])):
        found = told({**made, "addresses": [{"reference": reference}]}, "R5")
        assert [where[-1:] for where, _ in found] == [(one,) for one in place]
    assert told({**made, "addresses": [{"concept": {"text": "x"}}]}, "R5") == []
    assert told({**made, "addresses": [{"reference": "Condition/1"}]}, "R5") != []


def test_an_object_that_says_nothing_but_its_id_is_refused():
    assert told(goal(note=[{"id": "a"}]))[0][0] == ("note", 0)


@pytest.mark.parametrize("text", ["<script>x</script>", "<SCRIPT src=x>", "<iframe/>", "a <object data=x>"])
def test_a_string_that_a_browser_would_run_is_refused(text):
    assert told(goal(description={"text": text}))[0][0] == ("description", "text")


@pytest.mark.parametrize("text", ["a < b > c", "<b>bold</b>", "<scripture>", "1<2"])
def test_other_angles_in_a_string_are_text(text):
    assert told(goal(description={"text": text})) == []


@pytest.mark.parametrize(
    "data, fits", [("AAAA", True), ("AA\nAA", True), ("AAA=", True), ("AAAAA", False), ("AA=", False)]
)
def test_base64_comes_in_groups_of_four(data, fits):
    attachment = {"contentType": "a/b", "data": data, "size": 3 - data.count("=")}
    assert (told(basic(extension=extension("valueAttachment", attachment))) == []) is fits


def test_a_bundle_is_judged_without_its_resources_where_these_are_judged_one_by_one():
    assert envelope(bundle("transaction", ENVELOPED)) == []
    assert [fault.what.split()[2] for fault in envelope(bundle("batch", {"resource": basic()}))] == ["bdl-3"]
    assert envelope(bundle("batch")) == []
    with pytest.raises(Problem):
        envelope(bundle("batch", {"request": {"method": "GET"}}))
    with pytest.raises(Problem):
        envelope(goal())


def test_entries_of_a_bundle_find_each_other():
    person = {"fullUrl": "http://a/Patient/p", "resource": {"resourceType": "Patient", "id": "p"}}
    team = {
        "resourceType": "CareTeam",
        "participant": [{"member": {"reference": "Patient/p"}, "onBehalfOf": {"display": "x"}}],
    }
    found = told(bundle("collection", person, {"resource": team}))
    assert [(where[-2:], what.split()[2]) for where, what in found] == [(("participant", 0), "ctm-1")]


def test_a_bundle_with_a_type_that_the_library_has_no_model_of_is_read_by_the_tables():
    product = {"resourceType": "MedicinalProduct", "name": [{"productName": "x"}]}
    assert told(bundle("collection", {"resource": product})) == []
    assert library(product, "R4") == []
    assert library({"resourceType": "Evidence"}, "R4") == []


@pytest.mark.parametrize("version", ["R4", "R5"])
def test_a_date_that_no_calendar_has_is_refused(version):
    assert [where for where, _ in told(goal(startDate="2026-02-30"), version)] == [("startDate",)]


ELSEWHERE = {"url": "urn:x", "valueReference": {"reference": "Goal/9"}}
EMPTY = {"status": "empty", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}


def document(**more: Any) -> dict[str, Any]:
    """A document of one Composition and what it refers to."""
    composition: dict[str, Any] = {
        "resourceType": "Composition", "status": "final", "type": {"text": "x"}, "date": "2026", "title": "x",
        "author": [{"reference": "Practitioner/1"}], "subject": {"reference": "Patient/1"}, **more,
    }  # fmt: skip
    others: list[dict[str, Any]] = [
        {"resourceType": "Practitioner", "id": "1"},
        {"resourceType": "Patient", "id": "1", "meta": {"versionId": "2"}},
    ]
    entries = [{"fullUrl": f"http://a/{one['resourceType']}/1", "resource": one} for one in (composition, *others)]
    return bundle("document", *entries, identifier={"system": "urn:x", "value": "1"}, timestamp="2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "more, places",
    [
        ({}, []),
        ({"subject": {"reference": "http://a/Patient/1"}}, []),
        ({"subject": {"reference": "Patient/1/_history/2"}}, []),
        ({"subject": {"display": "x"}, "section": [{"entry": [{"reference": "Patient/1"}]}]}, []),
        ({"relatesTo": [{"code": "appends", "targetReference": {"reference": "Composition/9"}}]}, []),
        ({"section": [{"extension": [ELSEWHERE], "text": EMPTY}]}, []),
        ({"subject": {"reference": "Patient/2"}}, [("subject", "reference")]),
        (
            {"section": [{"section": [{"entry": [{"reference": "Goal/1"}]}]}]},
            [("section", 0, "section", 0, "entry", 0, "reference")],
        ),
    ],
)
def test_what_a_composition_refers_to_stands_in_its_document(more, places):
    found = told(document(**more))
    assert [(where, what.split()[2]) for where, what in found] == [
        (("entry", 0, "resource", *place), "doc-refs") for place in places
    ]


def signed(form: str, payload: bytes) -> dict[str, Any]:
    """A Bundle with a signature that carries a payload."""
    jws = b".".join([b"h", urlsafe_b64encode(payload).rstrip(b"="), b"s"])
    signature = {
        "type": [{"code": "x"}], "when": "2026-01-01T00:00:00Z", "who": {"display": "x"},
        "targetFormat": f"application/fhir+json;canonicalization={form}", "data": b64encode(jws).decode(),
    }  # fmt: skip
    return bundle("collection", {"resource": basic()}, signature=signature)


CANONICAL = "http://hl7.org/fhir/canonicalization/json"
SAME = exact.dumps(bundle("collection", {"resource": basic()}))


@pytest.mark.parametrize(
    "form, payload, good",
    [
        (CANONICAL, SAME, True),
        (f"{CANONICAL}#document", SAME, True),
        (CANONICAL, b"{}", False),
        (CANONICAL, b"[]", False),
        (CANONICAL, b"no json", True),
        (CANONICAL, b"", True),
        (f"{CANONICAL}#data", b"{}", True),
    ],
)
def test_a_signature_that_carries_what_it_signs_signs_this_bundle(form, payload, good):
    assert (told(signed(form, payload)) == []) is good


@pytest.mark.parametrize("htmlid, fits", [("a", True), ("b", False)])
def test_a_text_link_names_an_element_of_the_narrative(htmlid, fits):
    link = {"url": "http://hl7.org/fhir/StructureDefinition/textLink", "extension": [
        {"url": "data", "valueUri": "#x"}, {"url": "htmlid", "valueString": htmlid}]}  # fmt: skip
    other = {"url": "urn:x", "valueBoolean": True}
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p id="a">x</p></div>'
    assert (told(basic(text={"status": "extensions", "div": div, "extension": [other, link]})) == []) is fits


def test_a_hash_that_is_not_of_the_data_is_refused():
    good = {"contentType": "a/b", "data": "AAAA", "hash": "Kf6lG8oSwmwRuw4UAQGl1jA0T+g="}
    where = ("extension", 0, "valueAttachment", "hash")
    assert [place for place, _ in told(basic(extension=extension("valueAttachment", {**good, "hash": "AAAA"})))] == [
        where
    ]


_NAMES = "Uri Url Canonical Oid Uuid Code Id String Markdown Base64Binary Date DateTime Instant Time"
NAMES = _NAMES.split()


@pytest.mark.parametrize(
    "text",
    [part * (200_000 // len(part)) for part in ("a", "a ", "<", "=", "AAA", "Patient/", "#", ".", "1.", "A-", " ")],
)
def test_no_text_takes_more_than_linear_time(text):
    begun = time.process_time()
    for name in NAMES:
        faults(basic(extension=extension(f"value{name}", text)))
    faults(basic(subject={"reference": text}))
    for div in (
        text,
        f'<div xmlns="http://www.w3.org/1999/xhtml">{text}',
        f'<div style="{text}"/>',
        f'<div id="{text}',
    ):
        faults(basic(text={"status": "generated", "div": div}))
    faults(task(description=text), "R5")
    assert time.process_time() - begun < 60  # a quadratic one takes hours


def test_a_wide_and_a_deep_body_end_soon():
    begun = time.process_time()
    code = {"coding": [{"code": str(at)} for at in range(4000)]}
    component = [{"code": {"coding": [{"code": "x"}]}, "valueBoolean": True}] * 4000
    assert "too long" in str(faults(observation(code=code, component=component, valueBoolean=True))[0].what)
    with pytest.raises(Problem, match="nested deeper"):
        exact.loads(b'{"a":' * 100 + b"1" + b"}" * 100)
    assert time.process_time() - begun < 60


def test_a_get_is_an_entry():
    assert told(bundle("batch", GET)) == []
