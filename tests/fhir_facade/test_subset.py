"""Which part of a resource `_summary` and `_elements` leave (fhir_facade.subset)."""

import json
from typing import Any

import pytest

from fhir_facade import exact
from fhir_facade.elements import node
from fhir_facade.subset import SUBSETTED, subset, wanted
from plan.problem import Problem, Trouble

GOAL: dict[str, Any] = {
    "resourceType": "Goal",
    "id": "g1",
    "meta": {"versionId": "2", "tag": [{"code": "a"}]},
    "implicitRules": "urn:rules",
    "language": "en",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Walk</div>'},
    "contained": [{"resourceType": "Patient", "id": "p"}],
    "extension": [{"url": "urn:x", "valueBoolean": True}],
    "modifierExtension": [{"url": "urn:y", "valueString": "not so"}],
    "lifecycleStatus": "active",
    "_lifecycleStatus": {"id": "s"},
    "description": {"text": "Walk", "id": "d", "extension": [{"url": "urn:z"}]},
    "subject": {"reference": "Patient/1"},
    "startDate": "2026-03-01",
    "_startDate": {"extension": [{"url": "urn:w"}]},
    "target": [{"dueDate": "2026-04-01"}, {"measure": {"text": "steps"}, "detailInteger": 1000}],
    "statusDate": "2026-03-02",
    "note": [{"text": "a"}],
    "outcomeReference": [{"reference": "Observation/1"}],
}
MUST = {"resourceType", "id", "meta", "lifecycleStatus", "_lifecycleStatus", "description", "subject"}
MODIFIERS = {"implicitRules", "modifierExtension"}
OWN = set(GOAL) - {"text"}


def part(resource: dict[str, Any], summary: str = "", *elements: str, version: Any = "R4") -> dict[str, Any]:
    """What is left of a resource."""
    made: dict[str, Any] = json.loads(
        subset(json.dumps(resource), resource["resourceType"], version, summary, elements)
    )
    return made


PARTS = [
    ("text", (), MUST | {"text"}),
    ("data", (), OWN),
    ("true", (), MUST | MODIFIERS | {"startDate", "_startDate", "statusDate"}),
    ("", ("note",), MUST | MODIFIERS | {"note"}),
    ("", ("start",), MUST | MODIFIERS | {"startDate", "_startDate"}),
    ("", ("startDate", "text"), MUST | MODIFIERS | {"startDate", "_startDate", "text"}),
    ("", ("id",), MUST | MODIFIERS),
    ("text", ("note",), MUST | MODIFIERS | {"note"}),
]


@pytest.mark.parametrize("summary, elements, names", PARTS)
def test_what_is_asked_for_is_left_and_what_must_be_there(summary, elements, names):
    made = part(GOAL, summary, *elements)
    assert set(made) == names
    assert made["meta"] == {"versionId": "2", "tag": [{"code": "a"}, SUBSETTED]}
    assert list(made)[:3] == ["resourceType", "id", "meta"]


@pytest.mark.parametrize("summary", ["", "false", "count"])
def test_all_of_it_is_the_text_itself(summary):
    text = json.dumps(GOAL)
    assert subset(text, "Goal", "R4", summary, ()) is text


def test_a_summary_is_one_all_the_way_down():
    coded = {"coding": [{"code": "a", "extension": [{"url": "urn:x"}]}], "text": "b"}
    said = {
        "resourceType": "Observation",
        "status": "final",
        "code": coded,
        "bodySite": {"text": "arm"},
        "component": [{"code": {"text": "c"}, "valueInteger": 1, "interpretation": [{"text": "high"}], "id": "1"}],
        "referenceRange": [{"text": "d"}],
    }
    made = part(said, "true")
    assert made.keys() - {"meta"} == {"resourceType", "status", "code", "component"}
    assert made["code"] == coded
    assert made["component"] == [{"code": {"text": "c"}, "valueInteger": 1, "id": "1"}]
    assert made["meta"] == {"tag": [SUBSETTED]}


def test_a_summary_holds_no_attachment_and_nothing_empty():
    held = {"attachment": {"contentType": "text/plain", "data": "aGVsbG8="}}
    document = {"resourceType": "DocumentReference", "status": "current", "content": [held]}
    assert part(document, "true")["content"] == [{"attachment": {"contentType": "text/plain"}}]
    assert part({**document, "content": [{"attachment": {"data": "aGVsbG8="}}]}, "true").keys() == {
        "resourceType",
        "meta",
        "status",
    }


def test_each_version_has_its_own_marks():
    patient = {"resourceType": "Patient", "birthDate": "1970", "photo": [{"url": "a"}], "active": True}
    for version in ("R4", "R5"):
        assert part(patient, "true", version=version).keys() == {"resourceType", "meta", "birthDate", "active"}
    assert "continuous" in part({"resourceType": "Goal", "continuous": True}, "", "continuous", version="R5")


def test_a_part_of_a_part_is_told_once_and_numbers_keep_their_digits():
    text = '{"resourceType":"Observation","status":"final","valueQuantity":{"value":1.00}}'
    once = subset(text, "Observation", "R4", "true", ())
    assert subset(once, "Observation", "R4", "true", ()) == once
    assert exact.text(exact.loads(once.encode())["valueQuantity"]) == '{"value":1.00}'


WANTED = [
    ([], ("", ())),
    ([("_summary", "true")], ("true", ())),
    ([("_summary", "false")], ("", ())),
    ([("_summary", "")], ("", ())),
    ([("_summary", "count"), ("status", "x")], ("count", ())),
    ([("_elements", "note, start"), ("_elements", "Goal.target")], ("", ("note", "start", "target"))),
    ([("_elements", "nonsense,note,Task.status,_note,")], ("", ("note",))),
    ([("_elements", "nonsense")], ("", ())),
]


@pytest.mark.parametrize("pairs, said", WANTED)
def test_parameters_say_what_is_wanted(pairs, said):
    assert wanted(pairs, "Goal", "R4", strict=False) == said


@pytest.mark.parametrize("pairs, strict", [([("_summary", "all")], False), ([("_elements", "note,nonsense")], True)])
def test_what_cannot_be_wanted_is_refused(pairs, strict):
    with pytest.raises(Problem) as told:
        wanted(pairs, "Goal", "R4", strict=strict)
    assert told.value.trouble is Trouble.BAD_VALUE
    assert told.value.faults[0].mend


def test_the_mark_is_in_the_definitions():
    assert node("Meta").elements["tag"].summary
