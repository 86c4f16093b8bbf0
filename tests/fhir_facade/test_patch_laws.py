"""Whatever a patch says, it is applied or refused: nothing else is ever raised, and the resource stays as it was."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fhir_facade import patch
from fhir_facade.validate import validate
from plan.problem import Problem

RESOURCE: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "meta": {"versionId": "1", "tag": [{"system": "urn:x", "code": "a"}]},
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Sam</div>'},
    "name": [{"family": "Test", "given": ["Sam", "Kim"], "_given": [None, {"id": "k"}]}, {"use": "usual"}],
    "birthDate": "1950",
    "_birthDate": {"extension": [{"url": "urn:e", "valueString": "x"}]},
    "deceasedBoolean": False,
    "contact": [{"name": {"text": "Ada"}}],
    "contained": [{"resourceType": "Organization", "name": "A"}],
}
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=4)
VALUES = st.recursive(
    LEAVES,
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=4), some, max_size=3),
    max_leaves=5,
)
WORDS = ["", "name", "0", "1", "-", "given", "_given", "meta", "tag", "text", "contact", "~0", "01", "contained", "x"]
POINTERS = st.lists(st.sampled_from(WORDS), max_size=4).map(lambda parts: "".join(f"/{part}" for part in parts))
OPERATIONS = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]), "path": POINTERS},
    optional={"from": POINTERS, "value": VALUES},
)
PIECES = [
    "Patient", ".", "name", "given", "[0]", "[1]", "first()", "last()", "where(use = 'usual')", "where(given = 'Kim')",
    "birthDate", "extension", "extension('urn:e')", "deceased", "ofType(boolean)", "contact", "text", "contained", "id",
    "meta", "tag", "(", ")", "[", "]", "'", "=", " ", "\\", "@1", "-1", "value",
]  # fmt: skip
PATHS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map(
    lambda pieces: "".join(pieces) if "." in pieces else ".".join(pieces)
)
FORMS: list[dict[str, Any]] = [
    {"valueString": "x"},
    {"valueDate": "2020"},
    {"valueBoolean": True},
    {"valueHumanName": {"text": "x"}},
    {"_valueString": {"id": "a"}},
    {"resource": {"resourceType": "Organization", "name": "B"}},
    {"part": [{"name": "name", "valueHumanName": {"text": "x"}}]},
    {"part": [{"name": "url", "valueUri": "urn:y"}, {"name": "value", "valueDate": "2020"}]},
]


def simple(name: str, key: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return values.map(lambda value: {"name": name, key: value})


STEPS = st.tuples(
    simple("type", "valueCode", st.sampled_from(["add", "insert", "delete", "replace", "move"])),
    simple("path", "valueString", PATHS),
    simple(
        "name", "valueString", st.sampled_from(["name", "given", "birthDate", "deceased", "extension", "id", "use"])
    ),
    simple("index", "valueInteger", st.integers(0, 3)),
    simple("source", "valueInteger", st.integers(0, 3)),
    simple("destination", "valueInteger", st.integers(0, 3)),
    st.sampled_from(FORMS).map(lambda part: {"name": "value", **part}),
).map(lambda parts: {"name": "operation", "part": list(parts)})


def status(operations: Any) -> int:
    """What a client is told."""
    kept = copy.deepcopy(RESOURCE)
    try:
        made = patch.apply(RESOURCE, operations)
        validate(made, "Patient")
        patch.settled(RESOURCE, made)
    except Problem as problem:
        return problem.trouble.value.status
    finally:
        assert kept == RESOURCE
    return 200


@given(st.lists(OPERATIONS, max_size=5))
def test_any_json_patch_is_applied_or_refused(operations: list[Any]) -> None:
    assert status(operations) in (200, 400, 422)


@given(st.lists(STEPS, min_size=1, max_size=4))
def test_any_fhirpath_patch_is_applied_or_refused(steps: list[Any]) -> None:
    assert status({"resourceType": "Parameters", "parameter": steps}) in (200, 400, 422)
