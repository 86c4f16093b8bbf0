"""What is refused as R4 and how it is told (fhir_facade.validate); test_validate_report.py is about real files.

The files are public examples with a manifest; ONEPLAN_FHIR_EXAMPLES says where they are.
"""

import json
import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_facade import exact
from fhir_facade.validate import MOST_FAULTS, validate
from plan.problem import Fault, Problem, Trouble

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
PLAN: dict[str, Any] = {
    "resourceType": "CarePlan",
    "status": "active",
    "intent": "plan",
    "subject": {"reference": "Patient/1"},
}
ROOT = Path(__file__).parents[2]
EXAMPLES = Path(os.environ.get("ONEPLAN_FHIR_EXAMPLES", ROOT.parent / "shared" / "fhir-examples"))
MANIFEST = EXAMPLES / "MANIFEST.jsonl"
FILES = [json.loads(line) for line in MANIFEST.read_text("utf-8").splitlines()] if MANIFEST.exists() else []
here = pytest.mark.skipif(not FILES, reason="the FHIR example files are not here; set ONEPLAN_FHIR_EXAMPLES")

SHAPE_FAULTS = [
    "hl7-fhir-validator-cases/Encounter/synthea.json",
    "hl7-fhir-validator-cases/Encounter/xml-bad-entities.json",
    "hl7-fhir-validator-cases/Location/resource-invalid-id-3.json",
    "hl7-fhir-validator-cases/Patient/pat-security-bad-xhtml.json",
    "hl7-fhir-validator-cases/Patient/patient-id-bad-3.json",
    "hl7-fhir-validator-cases/Patient/versioned-extension.json",
]
"""Marked as wrong for a reason of shape; the other marked files break profiles, terminologies or Bundle rules."""


def files() -> list[str]:
    """The R4 files that hold JSON."""
    return [row["path"] for row in FILES if row["fhirVersion"] in ("R4", "R4B") and "malformedJson" not in row]


def read(path: str) -> Any:
    return exact.loads((EXAMPLES / path).read_bytes())


def faults(resource: Any, type_: str | None = None) -> tuple[Fault, ...]:
    """What is found; () when it is valid."""
    try:
        validate(resource, type_)
    except Problem as problem:
        return problem.faults
    return ()


@here
def test_a_real_file_is_left_as_it_was() -> None:
    for path in files():
        resource = read(path)
        before = exact.dumps(resource)
        faults(resource)
        assert exact.dumps(resource) == before, path


@here
@pytest.mark.parametrize("path", SHAPE_FAULTS)
def test_a_file_that_breaks_r4_is_refused(path: str) -> None:
    assert faults(read(path))


@here
@pytest.mark.parametrize(
    "path,version",
    [
        ("hl7-core-r5/CarePlan/careplan-example.json", "R5"),
        ("hl7-core-r5/CareTeam/careteam-example.json", "R5"),
        ("hl7-core-r5/Goal/goal-example.json", "R5"),
        ("hl7-core-stu3/CarePlan/CarePlan-example.json", "STU3"),
        ("hl7-core-stu3/CareTeam/CareTeam-example.json", "STU3"),
        ("hl7-core-dstu2/CarePlan/CarePlan-example.json", "DSTU2"),
    ],
)
def test_a_file_of_another_version_is_told_so(path: str, version: str) -> None:
    assert any(f"looks like {version}" in fault.mend for fault in faults(read(path)))


@pytest.mark.parametrize(
    "change,where",
    [
        ({"status": None}, ("status",)),
        ({"status": "banana"}, ("status",)),
        ({"status": " active"}, ("status",)),
        ({"title": ""}, ("title",)),
        ({"title": 5}, ("title",)),
        ({"title": "x" * 1_048_577}, ("title",)),
        ({"created": 1700000000}, ("created",)),
        ({"created": "2026-01-01T10:00:00"}, ("created",)),
        ({"created": "2026-02-30"}, ("created",)),
        ({"id": "a" * 65}, ("id",)),
        ({"id": "a_b"}, ("id",)),
        ({"id": "a\n"}, ("id",)),
        ({"id": ".."}, ("id",)),
        ({"goal": []}, ("goal",)),
        ({"goal": [None]}, ("goal", 0)),
        ({"goal": {"reference": "Goal/1"}}, ("goal",)),
        ({"goal": [{}]}, ("goal", 0)),
        ({"period": {}}, ("period",)),
        ({"period": "2026"}, ("period",)),
        ({"period": {"start": "2026-02", "end": "2026-01"}}, ("period",)),
        ({"subject": {"reference": "Jane"}}, ("subject", "reference")),
        ({"subject": {"reference": "Foo/1"}}, ("subject", "reference")),
        ({"subject": {"reference": "Patient?identifier=1"}}, ("subject", "reference")),
        ({"addresses": [{"reference": {"reference": "Condition/1"}}]}, ("addresses", 0, "reference")),
        ({"instantiatesUri": [None]}, ("instantiatesUri", 0)),
        ({"colour": "red"}, ("colour",)),
        ({"fhir_comments": ["x"]}, ("fhir_comments",)),
        ({"activity": [{"reference": {"display": "x"}, "detail": {"status": "unknown"}}]}, ("activity", 0)),
        ({"activity": [{"detail": {}}]}, ("activity", 0, "detail", "status")),
        (
            {"activity": [{"detail": {"status": "unknown", "doNotPerform": "true"}}]},
            ("activity", 0, "detail", "doNotPerform"),
        ),
        (
            {"activity": [{"detail": {"status": "unknown", "doNotPerform": 1}}]},
            ("activity", 0, "detail", "doNotPerform"),
        ),
        ({"extension": [{"url": "u", "valueInteger": "2"}]}, ("extension", 0, "valueInteger")),
        ({"extension": [{"url": "u", "valueInteger": True}]}, ("extension", 0, "valueInteger")),
        ({"extension": [{"url": "u", "valueDecimal": "1.5"}]}, ("extension", 0, "valueDecimal")),
        ({"extension": [{"url": "u", "valueString": "a", "valueCode": "b"}]}, ("extension", 0, "valueCode")),
        ({"extension": [{"url": "u"}]}, ("extension", 0)),
        ({"contained": [{"resourceType": "Foo"}]}, ("contained", 0, "resourceType")),
        ({"contained": [{"resourceType": "Goal", "id": "..", "contained": []}]}, ("contained", 0, "contained")),
    ],
)
def test_what_is_wrong_is_told_with_its_place(change: dict[str, Any], where: tuple[str | int, ...]) -> None:
    found = faults({**PLAN, **change})
    assert where in [fault.where for fault in found]
    assert all(fault.what for fault in found)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "a-1.B"},
        {"instantiatesUri": [None, "urn:x"], "_instantiatesUri": [{"id": "a"}, None]},
        {"title": "T", "_title": {"extension": [{"url": "u", "valueString": "x"}]}},
        {"extension": [{"url": "u", "_valueString": {"extension": [{"url": "v", "valueCode": "masked"}]}}]},
        {"extension": [{"url": "u", "valueDecimal": exact.Number("0.40")}]},
        {"subject": {"reference": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}},
        {"subject": {"identifier": {"system": "s", "value": "1"}}},
        {"period": {"start": "2026", "end": "2026-01"}},
        {
            "contained": [{"resourceType": "Questionnaire", "id": "q", "status": "draft"}],
            "instantiatesCanonical": ["#q"],
        },
    ],
)
def test_what_r4_allows_is_allowed(change: dict[str, Any]) -> None:
    assert faults({**PLAN, **change}) == ()


def test_a_required_element_may_be_there_by_its_extension() -> None:
    without = {name: value for name, value in PLAN.items() if name != "status"}
    assert [fault.where for fault in faults(without)] == [("status",)]
    assert faults({**without, "_status": {"extension": [{"url": "u", "valueCode": "unknown"}]}}) == ()


@pytest.mark.parametrize("resource", [None, [], "x", 1, {}, {"resourceType": 1}, {"resourceType": "careplan"}])
def test_what_is_no_resource_is_refused(resource: Any) -> None:
    assert faults(resource)


def test_another_type_than_the_address_says_is_refused() -> None:
    assert [fault.where for fault in faults(PLAN, "Goal")] == [("resourceType",)]


def test_all_faults_are_told_at_once_but_not_without_end() -> None:
    assert len(faults({**PLAN, "status": "x", "intent": "y", "title": ""})) == 3
    assert len(faults({**PLAN, "goal": [None] * 500})) == MOST_FAULTS


def test_a_code_that_a_concept_is_bound_to_must_be_there() -> None:
    need = {"resourceType": "Condition", "subject": {"reference": "Patient/1"}}
    system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    assert faults({**need, "clinicalStatus": {"coding": [{"system": system, "code": "active"}]}}) == ()
    assert [f.where for f in faults({**need, "clinicalStatus": {"text": "active"}})] == [("clinicalStatus",)]


def test_in_a_bundle_a_reference_may_be_a_search_however_many_there_are() -> None:
    entry = {"resource": {**PLAN, "subject": {"reference": "Patient?identifier=1"}}}
    entries = [{**entry, "request": {"method": "POST", "url": "CarePlan"}}] * (MOST_FAULTS + 10)
    assert faults({"resourceType": "Bundle", "type": "transaction", "entry": entries}) == ()
    entries[-1] = {**entry, "request": {"method": "POST"}}
    assert [f.where[-1] for f in faults({"resourceType": "Bundle", "type": "transaction", "entry": entries})] == ["url"]


@pytest.mark.parametrize(
    "div",
    [
        DIV.format("<script>x()</script>"),
        DIV.format('<p onclick="x()">a</p>'),
        DIV.format('<a href="javascript:x()">a</a>'),
        DIV.format('<a href=" JaVaScript:x()">a</a>'),
        DIV.format('<a href="java&#10;script:x()">a</a>'),
        DIV.format('<img src="data:image/svg+xml;base64,AA"/>'),
        DIV.format('<p style="width: expression(x())">a</p>'),
        DIV.format("<iframe>a</iframe>"),
        DIV.format("<form>a</form>"),
        DIV.format("<p>a"),
        DIV.format("&reg;"),
        DIV.format("  "),
        "<div>a</div>",
        "<p>a</p>",
        '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + DIV.format("&e;"),
        '<?xml-stylesheet href="x"?>' + DIV.format("a"),
        DIV.format('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    ],
)
def test_a_narrative_that_acts_or_is_no_xhtml_is_refused(div: str) -> None:
    found = faults({**PLAN, "text": {"status": "generated", "div": div}})
    assert [fault.where for fault in found] == [("text", "div")]


@pytest.mark.parametrize(
    "inner",
    [
        "a",
        '<img src="data:image/png;base64,AA" alt="a"/>',
        '<a href="#x">a</a>',
        '<table><tr><td style="color: red">a</td></tr></table>',
    ],
)
def test_a_plain_narrative_is_taken(inner: str) -> None:
    assert faults({**PLAN, "text": {"status": "generated", "div": DIV.format(inner)}}) == ()


MEMBERS = "resourceType status extension url valueString reference coding code id text div _status"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(MEMBERS.split()),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(
    st.sampled_from(["status", "subject", "activity", "contained", "extension", "text", "meta", "_title", "id"]), JSON
)
def test_any_value_anywhere_is_a_problem_or_nothing_but_never_a_crash(name: str, value: Any) -> None:
    resource = {**PLAN, name: value}
    before = deepcopy(resource)
    for fault in faults(resource):
        assert fault.what
        assert isinstance(fault.trouble, Trouble)
    assert resource == before
