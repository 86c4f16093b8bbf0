"""Patches that grow, go on for ever or lead nowhere: refused at once, and the entry stays as it was.

FHIR R4 and R5 http.html (patch), fhirpatch.html; RFC 6901, 6902. CWE-400, 1333.
"""

import json
from typing import Any

import pytest

from fhir_facade.patching import MOST_OPERATIONS
from fhir_facade.xml_write import write
from tests.support.limits import Case, faults
from tests.support.r4 import created, goal

JSON_PATCH = {"Content-Type": "application/json-patch+json"}
FHIR_PATCH = {"Content-Type": "application/fhir+json"}
XML_PATCH = {"Content-Type": "application/fhir+xml"}
REFUSED = (400, 422)


@pytest.fixture
async def ids(world):
    await world.agency("RX1")
    client = world.client()
    person = await world.person(client)
    one = await created(client, goal(person, note=[{"text": "first"}], startDate="2026-01-01"))
    return {"PERSON": person, "GOAL": one["id"]}


def op(op, path, **more):
    return {"op": op, "path": path, **more}


NOTE = {"text": "again"}
DOUBLED = [op("copy", f"/x{n + 1}/x", **{"from": f"/x{n}"}) for n in range(20)]
DEEP: Any = "a"
for _ in range(60):
    DEEP = [DEEP]

OPERATIONS: list[tuple[str, Any, int | tuple[int, ...], str]] = [
    (
        "a list doubled 20 times",
        [op("add", "/note", value=[NOTE]), *[op("copy", "/note/-", **{"from": "/note"})] * 20],
        REFUSED,
        "",
    ),
    (
        "a text doubled 20 times",
        [
            op("add", "/a", value=["x" * 1000]),
            *(
                one
                for n in range(20)
                for one in (
                    op("copy", f"/b{n}", **{"from": "/a"}),
                    op("add", "/a/-", value=["x"]),
                    op("copy", "/a/-", **{"from": f"/b{n}"}),
                )
            ),
        ],
        REFUSED,
        "too-costly",
    ),
    ("an object within itself 20 times", [op("copy", "/note/0/text", **{"from": "/note"})] * 20, REFUSED, ""),
    ("an object within itself 64 times", [op("copy", "/note/0/a", **{"from": "/note/0"})] * 64, REFUSED, "too-costly"),
    ("10,000 operations", [op("add", "/note/-", value=NOTE)] * 10_000, 400, "too-costly"),
    ("one operation too many", [op("test", "/id", value="GOAL")] * (MOST_OPERATIONS + 1), 400, "too-costly"),
    ("as many operations as may be", [op("test", "/id", value="GOAL")] * MOST_OPERATIONS, 200, ""),
    (
        "500 kB ten times",
        [
            op("add", "/x", value="x" * 90_000),
            *[op("move", "/y", **{"from": "/x"}), op("move", "/x", **{"from": "/y"})] * 10,
        ],
        REFUSED,
        "too-costly",
    ),
    (
        "deeper than may be",
        [op("add", "/a", value=DEEP), *[op("add", "/a/0/0/0/0/0/0/0", value=DEEP)] * 3],
        REFUSED,
        "too-costly",
    ),
    ("nothing", [], 200, ""),
    ("an object", op("add", "/a", value=1), 400, "invalid"),
    ("a word", "patch", 400, ""),
    ("null", None, 400, ""),
    ("operations that are words", ["add"], 400, "invalid"),
    ("operations that are lists", [[]], 400, "invalid"),
    ("one that is none", [op("explode", "/a")], 400, "invalid"),
    ("one that is a list", [{"op": ["add"], "path": "/a", "value": 1}], 400, "invalid"),
    ("no path", [{"op": "add", "value": 1}], 400, "invalid"),
    ("a path that is a number", [op("add", 1, value=1)], 400, "invalid"),
    ("a path that is no pointer", [op("add", "note", value=1)], 400, "invalid"),
    ("a path of half an escape", [op("add", "/a~", value=1)], 400, "invalid"),
    ("a path of 100 kB", [op("add", "/a" * 50_000, value=1)], REFUSED, ""),
    ("a path of 100 kB of escapes", [op("add", "/" + "~0" * 50_000, value=1)], REFUSED, ""),
    ("an index below nought", [op("add", "/note/-1", value=NOTE)], 400, "invalid"),
    ("an index of 30 digits", [op("add", f"/note/{'9' * 30}", value=NOTE)], 400, "invalid"),
    ("an index in the digits of another script", [op("add", "/note/\u0663", value=NOTE)], 400, "invalid"),
    ("an index past the end", [op("add", "/note/7", value=NOTE)], 422, "business-rule"),
    ("past the end of what is no list", [op("add", "/description/-", value="a")], REFUSED, ""),
    ("what is not there", [op("remove", "/nothing")], 422, "business-rule"),
    ("what is there and is not that", [op("test", "/id", value="another")], 422, "business-rule"),
    ("one for true", [op("add", "/note/0/x", value=1), op("test", "/note/0/x", value=True)], 422, "business-rule"),
    ("the whole of it", [op("remove", "")], 422, ""),
    ("the whole by a word", [op("replace", "", value="Goal")], REFUSED, ""),
    ("the whole by another", [op("replace", "", value={"resourceType": "Task"})], REFUSED, ""),
    ("into itself", [op("move", "/note/0/x", **{"from": "/note/0"})], 422, "business-rule"),
    ("its id", [op("replace", "/id", value="another")], 400, "invalid"),
    ("its version", [op("add", "/meta/versionId", value="99")], 400, ""),
    ("its type", [op("replace", "/resourceType", value="Task")], 400, ""),
    ("another person", [op("replace", "/subject/reference", value="Patient/none")], REFUSED, ""),
    ("a status that is none", [op("replace", "/lifecycleStatus", value="bogus")], REFUSED, ""),
    ("an element that is none", [op("add", "/nonsense", value=1)], REFUSED, ""),
    ("the prototype of everything", [op("add", "/__proto__/x", value=1)], REFUSED, ""),
    ("a value that is half a pair", [op("add", "/note/-", value={"text": "\ud83d"})], 400, "structure"),
]


def path_patch(path, type_="replace", name="", value=("valueString", "a"), **more):
    part = [{"name": "type", "valueCode": type_}, {"name": "path", "valueString": path}]
    part += [{"name": "name", "valueString": name}] if name else []
    part += [{"name": "value", value[0]: value[1]}] if value else []
    return {"name": "operation", "part": [*part, *({"name": key, "valueInteger": n} for key, n in more.items())]}


PATHS = [
    "", " ", "Goal", "Task.description", "Goal.", ".description", "Goal..description", "Goal.description.",
    "Goal.nothing", "Goal.note[", "Goal.note]", "Goal.note[0", "Goal.note[-1].text", "Goal.note[x].text",
    "Goal.note[7].text", f"Goal.note[{'9' * 400}].text", "Goal.note[[0]].text", "Goal.description.text.text",
    "Goal.note.where(", "Goal.note.where()", "Goal.note.where(text='first'", "Goal.note.where(text='first').text)",
    "Goal.note.where(text='fir", "Goal.note.where(text~'(a+)+$').text", "Goal.note.where(text.matches('(a+)+$')).text",
    "Goal.descendants()", "Goal.repeat(children())", "Goal.note.select(text)", "Goal.note.all(true)",
    "Goal.note.first()", "Goal.note.trace('x')", "iif(true, Goal.note, Goal.note)", "%resource.note", "$this.note",
    "Goal.note | Goal.note", "Goal.note and true", "1 + 1", "today()", "now()", "{}", "{" * 5000, "(" * 5000,
    "[" * 5000, "Goal" + ".note" * 20_000, "Goal.note" + "[0]" * 30_000, "Goal." + "a" * 100_000,
    "Goal.note.where(" * 5000, "Goal.note.where(text='" + "a" * 100_000 + "').text",
    "Goal.note.where(text='" + "\\\\" * 40_000 + "').text", "Goal.`note.text", "Goal.note/*", "Goal.note//",
    "Goal.note\x01", "Goal.note;drop table entry", "Goal.\u0000note", "Goal.\u202enote", "Goal.id",
    "Goal.meta.versionId", "Goal.resourceType", "Goal.subject.resolve().name", "Goal.extension('urn:x').value",
    "Goal.note.ofType(Task).text", "Goal.description as string",
]  # fmt: skip
"""Paths that are none, lead nowhere, or would take for ever if they were carried out."""

BAD_PARAMETERS: list[tuple[str, Any, int | tuple[int, ...], str]] = [
    ("no operations", [], (200, *REFUSED), ""),
    ("a part that is none", [{"name": "explode"}], REFUSED, ""),
    ("an operation of nothing", [{"name": "operation"}], REFUSED, ""),
    ("an operation there is not", [path_patch("Goal.description.text", "explode")], REFUSED, ""),
    ("an operation without a value", [path_patch("Goal.description.text", value=None)], REFUSED, ""),
    ("a value of another type", [path_patch("Goal.description.text", value=("valueBoolean", True))], REFUSED, ""),
    (
        "a value of a resource",
        [path_patch("Goal.description.text", value=("resource", {"resourceType": "Goal"}))],
        REFUSED,
        "",
    ),
    ("an index below nought", [path_patch("Goal.note", "insert", index=-1)], REFUSED, ""),
    ("an index past the end", [path_patch("Goal.note", "insert", index=2**31 - 1)], REFUSED, ""),
    ("from nowhere", [path_patch("Goal.note", "move", value=None, source=9, destination=0)], REFUSED, ""),
    ("everything away", [path_patch("Goal", "delete", value=None)], REFUSED, ""),
    ("what is required away", [path_patch("Goal.lifecycleStatus", "delete", value=None)], REFUSED, ""),
    ("the person away", [path_patch("Goal.subject", "delete", value=None)], REFUSED, ""),
    ("4,000 operations", [path_patch("Goal.description.text")] * 4000, 400, "too-costly"),
    ("one operation too many", [path_patch("Goal.description.text")] * (MOST_OPERATIONS + 1), 400, "too-costly"),
    ("500 long ways", [path_patch("Goal.note.where(text='none').text")] * MOST_OPERATIONS, REFUSED, ""),
]


def by_json(what, operations, status, code):
    return Case(f"{what} by JSON Patch", "PATCH Goal/GOAL", status, code, JSON_PATCH, json.dumps(operations).encode())


def by_path(what, parameters, status, code=""):
    sent = {"resourceType": "Parameters", "parameter": parameters} if parameters else {"resourceType": "Parameters"}
    return Case(f"{what} by FHIRPath", "PATCH Goal/GOAL", status, code, FHIR_PATCH, json.dumps(sent).encode())


ALONE = [
    Case("nothing", "PATCH Goal/GOAL", 400, "", JSON_PATCH, b""),
    Case("no JSON", "PATCH Goal/GOAL", 400, "structure", JSON_PATCH, b"["),
    Case("100,000 deep", "PATCH Goal/GOAL", 400, "structure", JSON_PATCH, b"[" * 100_000),
    Case("another kind", "PATCH Goal/GOAL", 415, "not-supported", {"Content-Type": "text/plain"}, b"x"),
    Case(
        "a merge patch",
        "PATCH Goal/GOAL",
        415,
        "not-supported",
        {"Content-Type": "application/merge-patch+json"},
        b"{}",
    ),
    Case(
        "a patch in XML of another standard",
        "PATCH Goal/GOAL",
        415,
        "",
        {"Content-Type": "application/xml-patch+xml"},
        b"<a/>",
    ),
    Case("a DOCTYPE", "PATCH Goal/GOAL", 400, "structure", XML_PATCH, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    Case("a Goal in XML", "PATCH Goal/GOAL", 400, "", XML_PATCH, b'<Goal xmlns="http://hl7.org/fhir"/>'),
    Case(
        "a path in XML that is none",
        "PATCH Goal/GOAL",
        REFUSED,
        "",
        XML_PATCH,
        write({"resourceType": "Parameters", "parameter": [path_patch("Goal.note[")]}, "R4"),
    ),
    Case("nobody's", "PATCH Goal/none", 404, "not-found", JSON_PATCH, b"[]"),
    Case("another type's", "PATCH Task/GOAL", 404, "not-found", JSON_PATCH, b"[]"),
    Case("one without criteria", "PATCH Goal", 400, "", JSON_PATCH, b"[]"),
    Case("one by criteria of nothing", "PATCH Goal?_id=none", (404, 412), "", JSON_PATCH, b"[]"),
    Case("one by 500 values", f"PATCH Goal?_id={'a,' * 500}", 400, "too-costly", JSON_PATCH, b"[]"),
    Case("one that is past", "PATCH Goal/GOAL", 412, "conflict", {**JSON_PATCH, "If-Match": 'W/"99"'}, b"[]"),
    Case("one of no version", "PATCH Goal/GOAL", 400, "value", {**JSON_PATCH, "If-Match": "*"}, b"[]"),
]


@pytest.mark.parametrize(
    "table",
    [
        [by_json(*row) for row in OPERATIONS],
        [by_path(f"{path[:40]!r}", [path_patch(path)], REFUSED) for path in PATHS],
        [by_path(f"{path[:40]!r} away", [path_patch(path, "delete", value=None)], (200, *REFUSED)) for path in PATHS],
        [by_path(f"{path[:40]!r} more", [path_patch(path, "add", "note")], REFUSED) for path in PATHS],
        [by_path(*row) for row in BAD_PARAMETERS],
        ALONE,
    ],
    ids=["operations", "paths", "paths_away", "paths_more", "parameters", "alone"],
)
async def test_a_patch_that_cannot_be_applied_is_refused_at_once_and_changes_nothing(world, ids, table):
    found = await faults(world, table, ids=ids, forms=["json"])
    assert not found, "\n".join(found)
