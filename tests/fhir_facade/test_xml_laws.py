"""JSON to XML and back is nothing lost, for published examples of both versions and for whatever the tables allow."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_facade import exact
from fhir_facade.elements import Element, Node, node, resource_types
from fhir_facade.release import VersionName
from fhir_facade.xml_read import attributes_of, read
from fhir_facade.xml_write import write
from plan.problem import Problem

EXAMPLES = Path(os.environ.get("ONEPLAN_FHIR_EXAMPLES") or Path(__file__).parents[3] / "shared" / "fhir-examples")
MANIFEST = EXAMPLES / "MANIFEST.jsonl"
here = pytest.mark.skipif(
    not MANIFEST.exists(),
    reason=f"no {MANIFEST}: set ONEPLAN_FHIR_EXAMPLES to a folder of FHIR examples with a manifest",
)
INTEGER64 = "an integer64 as a number, where R5 has a string"
NOT_FHIR = {
    "hl7-core-r5/Bundle/notification-query-event.json": INTEGER64,
    "hl7-core-r5/Communication/communication-example-fm-solicited-attachment.json": INTEGER64,
    "hl7-core-r5/DocumentReference/documentreference-example.json": INTEGER64,
    "hl7-fhir-test-cases-examples/Bundle/r4-caredove-bundle.json": "no array",
    "hl7-fhir-test-cases-examples/Consent/myconsent-resource.json": "an STU3 Consent",
    "hl7-fhir-test-cases-examples/Patient/patient-name-extensions.json": "arrays of two lengths",
    "hl7-fhir-validator-cases/Encounter/synthea.json": "no array",
    "hl7-fhir-validator-cases/Encounter/xml-bad-entities.json": "a narrative with an entity of HTML",
    "hl7-fhir-validator-cases/Observation/simpl-example.json": "a number in quotes",
    "inferno-ref/Bundle/d831ec91-c7a3-4a61-9312-7ff0c4a32134.json": "request.url misspelt `rul`",
    "nhs-bars/Bundle/GET-success-empty.json": "an empty array",
    "nhs-bars/ServiceRequest/POST-success.json": "an unknown member",
}
"""Files whose JSON is not that of FHIR, so that XML cannot hold it; with the reason."""


def held(version: VersionName) -> list[tuple[str, Any]]:
    """The examples of a version, by their names."""
    found = []
    for row in map(json.loads, MANIFEST.read_text("utf-8").splitlines()):
        if row["fhirVersion"] == version and not row["path"].startswith("_malformed"):
            try:
                resource = exact.loads((EXAMPLES / row["path"]).read_bytes())
            except Problem:
                continue  # it is there to be refused
            if isinstance(resource, dict) and resource.get("resourceType") in resource_types(version):
                found.append((row["path"], resource))
    return found


@here
@pytest.mark.parametrize("version", ["R4", "R5"])
def test_what_is_written_is_read_back_for_every_example(version):
    seen = held(version)
    assert len(seen) > 50
    lost = [name for name, resource in seen if paired(read(write(resource, version), version)) != paired(resource)]
    assert set(lost) <= NOT_FHIR.keys(), lost


@here
def test_a_tidy_document_says_the_same():
    for name, resource in held("R5")[::7]:
        assert read(write(resource, "R5", pretty=True), "R5") == read(write(resource, "R5"), "R5"), name


def paired(value: Any) -> str:
    """JSON text in which 1.0 and 1.00 are two, and the order of members says nothing."""
    return json.dumps(value, default=lambda number: f"number {number.text}", sort_keys=True)


texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs", "Cc", "Cn"]), min_size=1
)
spaced = st.builds(
    "{}{}{}".format, texts, st.sampled_from(["\n", "\t", "\r\n", "  ", "]]>", "&amp;", "<a>", "\"'"]), texts
)
numbers = st.sampled_from(["0", "-0.0", "1.00", "0.10", "1E3", "-1.5e-07", "100000000000000000000.01"]).map(
    lambda text: exact.loads(text.encode())
)
DIVS = st.sampled_from(
    [
        '<div xmlns="http://www.w3.org/1999/xhtml">A &amp; B<br/>C</div>',
        "<div xmlns='http://www.w3.org/1999/xhtml' ><p title=\"a > b\">x &#160; y</p >\r\n<!-- aside --></div\n>",
        '<div  xmlns="http://www.w3.org/1999/xhtml" lang="fr" xml:lang="fr"><img src="a.png"></img>é</div>',
        '<div xmlns="http://www.w3.org/1999/xhtml" title=">"/>',
    ]
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "decimal": numbers,
    "integer": st.integers(-(2**31), 2**31 - 1),
    "positiveInt": st.integers(1, 2**31 - 1),
    "unsignedInt": st.integers(0, 2**31 - 1),
    "xhtml": DIVS,
    "string": spaced | texts,
    "markdown": spaced,
}


@cache
def shape(name: str, version: VersionName) -> tuple[Node, list[tuple[str, Element]]]:
    """A kind of object, and its members in the order of their names."""
    found = node(name, version)
    return found, [(member, element) for member, element in sorted(found.elements.items()) if not element.aside]


@st.composite
def objects(draw: st.DrawFn, name: str, version: VersionName, depth: int) -> dict[str, Any]:
    """An object that JSON of FHIR could hold: true to the tables in its shape, not in its values."""
    found, members = shape(name, version)
    resource = not attributes_of(found)
    made: dict[str, Any] = {"resourceType": name} if resource else {}
    own = [pair for pair in members if (pair[0] != "resourceType" or not resource) and (depth or pair[1].primitive)]
    for member, element in draw(st.lists(st.sampled_from(own), max_size=4, unique_by=lambda pair: pair[0])):
        values = [draw(one(element, version, depth)) for _ in range(draw(st.integers(1, 3)) if element.many else 1)]
        made[member] = values if element.many else values[0]
        if element.primitive and element.type != "xhtml" and member not in attributes_of(found) and draw(st.booleans()):
            made |= draw(beside(member, made[member]))
    return made or {"id": "a"}


def one(element: Element, version: VersionName, depth: int) -> st.SearchStrategy[Any]:
    """A value of an element."""
    if element.primitive:
        return VALUES.get(element.type, texts)
    kinds = resource_types(version) if element.type == "Resource" else [element.type]
    return st.sampled_from(sorted(kinds)).flatmap(lambda kind: objects(kind, version, depth - 1))


@st.composite
def beside(draw: st.DrawFn, member: str, value: Any) -> dict[str, Any]:
    """A primitive with what stands beside it: ids and extensions, some without a value, and nulls between."""
    aside = {"id": "b", "extension": [{"url": "urn:x", "valueString": draw(texts)}]}
    if not isinstance(value, list):
        return draw(st.sampled_from([{f"_{member}": aside}, {f"_{member}": {"id": "c"}, member: value}]))
    return {member: [*value, None], f"_{member}": [*([None] * len(value)), aside]}


@pytest.mark.parametrize("version", ["R4", "R5"])
@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_what_is_written_is_read_back_for_whatever_may_stand_there(version, data):
    type_ = data.draw(st.sampled_from(sorted(resource_types(version))))
    resource = data.draw(objects(type_, version, 3))
    tidy = data.draw(st.booleans())
    assert paired(read(write(resource, version, pretty=tidy), version)) == paired(resource)
