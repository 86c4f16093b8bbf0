"""R5 is R4 in other words: going there and back is an identity, for every example and for whatever the tables allow.

Both laws are proved of made-up resources of every served type, and of the published examples where they are at hand.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_facade import exact
from fhir_facade.bundle import searchset
from fhir_facade.elements import node, resource_types
from fhir_facade.primitives import checks
from fhir_facade.r5 import TYPES_UP, down, shown, shown_type, stored_type, taken, up
from fhir_facade.release import VersionName
from fhir_facade.resources import RESOURCES
from fhir_facade.validate import validate
from fhir_facade.versions import R5
from plan.problem import Problem, Trouble
from tests.support.bodies import EXAMPLES
from tests.support.generated import Maker

Json = Any
MANIFEST = EXAMPLES / "MANIFEST.jsonl"
UNKNOWN = {"Media", "DocumentManifest"}
"""Served types that R5 has not."""
OLD = sorted(RESOURCES.keys() - UNKNOWN)
NEW = sorted(TYPES_UP.get(name, name) for name in OLD)
WAYS = {"R4": (up, down), "R5": (down, up)}
BOOK = {"R4": OLD, "R5": NEW}


GOAL = '{"resourceType":"Goal"}'


def plain(value: Json) -> str:
    """As text, the digits of numbers included."""
    return json.dumps(exact.stored(exact.text(value)), sort_keys=True, default=lambda number: f"<{number.text}>")


def faults(value: Json, name: str, version: VersionName, where: str = "") -> list[str]:
    """Where an object does not have the form that a version gives it."""
    shape = node(name, version)
    found = [f"{where} lacks {said}" for said, members in shape.required if members.isdisjoint(value)]
    chosen = Counter(shape.elements[each].choice for each in value if each in shape.elements and each[0] != "_")
    found += [f"{where} has {choice} twice" for choice, count in chosen.items() if choice and count > 1]
    for member, held in value.items():
        element = shape.elements.get(member)
        if element is None:
            found.append(f"{where} has no {member}")
            continue
        if element.many != isinstance(held, list) or held == []:
            found.append(f"{where}.{member} is one or many, or none")
            continue
        for each in held if element.many else [held]:
            if each is None:
                continue
            if element.type == "Resource":
                found += faults(each, each["resourceType"], version, f"{where}.{member}")
            elif not element.primitive:
                found += (
                    faults(each, element.type, version, f"{where}.{member}") if each else [f"{where}.{member} {{}}"]
                )
            else:
                found += _wrong(each, element, version, f"{where}.{member}")
    return found


def _wrong(value: Json, element: Any, version: VersionName, where: str) -> list[str]:
    if element.code and value not in element.code:
        return [f"{where} has the code {value}"]
    if element.type == "reference":
        type_, slash, _ = str(value).partition("/")
        other = resource_types("R5" if version == "R4" else "R4") - resource_types(version)
        return [f"{where} leads to {value}"] if slash and type_ in other else []
    if element.type == "integer64":
        return [] if isinstance(value, str) else [f"{where} is a number"]
    return [f"{where}: {value!r} {wrong}"] if (wrong := checks(version)[element.type](value)) else []


def crossed(resource: Json, version: VersionName) -> Json:
    """The resource in the other version, when it is one, comes back, and was left alone."""
    there, back = WAYS[version]
    before = plain(resource)
    made = there(resource)
    other: VersionName = "R5" if version == "R4" else "R4"
    assert faults(made, made["resourceType"], other) == []
    assert plain(back(made)) == before
    assert plain(resource) == before
    return made


@pytest.mark.parametrize("version", ["R4", "R5"])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_the_tables_allow_comes_back_as_it_was(version, data):
    type_ = data.draw(st.sampled_from(BOOK[version]))
    seed = data.draw(st.integers(0, 2**32))
    resource = Maker(Random(seed), version).resource(type_)
    assert faults(resource, type_, version) == []
    crossed(resource, version)


@pytest.mark.parametrize("version", ["R4", "R5"])
def test_every_served_type_crosses(version):
    for type_ in BOOK[version]:
        for seed in range(3):
            crossed(Maker(Random(f"{type_}{seed}"), version).resource(type_), version)


def _inside(resource: Json) -> Iterator[Json]:
    yield resource
    for entry in resource.get("entry", ()) if resource["resourceType"] == "Bundle" else ():
        if "resource" in entry:
            yield from _inside(entry["resource"])


def _examples() -> Iterator[tuple[VersionName, str, Json]]:
    """Version, path, and every resource of a good file, by itself and within its Bundle."""
    for row in map(json.loads, MANIFEST.read_text("utf-8").splitlines()):
        if row.get("fhirVersion") in WAYS and "malformedJson" not in row:
            try:
                read = exact.loads((EXAMPLES / row["path"]).read_bytes())
            except Problem:
                continue
            for one in _inside(read):
                yield row["fhirVersion"], row["path"], one


def _good(resource: Json, version: VersionName) -> bool:
    try:
        validate(resource, version=version)
    except Problem:
        return False
    name = resource["resourceType"]
    served = name in BOOK[version] or name == "Bundle"
    return served and faults(resource, name, version) == []


@pytest.mark.skipif(not MANIFEST.exists(), reason=f"no {MANIFEST}: set ONEPLAN_FHIR_EXAMPLES to a folder of examples")
def test_every_good_example_comes_back_as_it_was_and_is_valid_there():
    counted: Counter[tuple[str, str]] = Counter()
    same: Counter[tuple[str, str]] = Counter()
    for version, path, resource in _examples():
        if not _good(resource, version):
            continue
        line = (version, resource["resourceType"])
        counted[line] += 1
        made = crossed(resource, version)
        if version == "R5":
            validate(made)
        same[line] += 1
        assert path
    rows = [
        f"{version:10} {name:25} {counted[version, name]:>8} {same[version, name]:>5}"
        for version, name in sorted(counted)
    ]
    sys.stdout.write("\n".join(["written as type                    examples  same", *rows, ""]))
    assert same == counted
    assert {version for version, _ in counted} == {"R4", "R5"}


def test_what_r5_has_not_is_a_basic_where_it_stands_within_another():
    media: Json = {
        "resourceType": "Media",
        "id": "m",
        "status": "completed",
        "subject": {"display": "Ada Test"},
        "height": 2,
    }
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": {**media, "content": {"url": "u"}}}],
    }
    (entry,) = crossed(bundle, "R4")["entry"]
    assert entry["resource"]["resourceType"] == "Basic"
    assert entry["resource"]["code"]["coding"][0]["code"] == "Media"
    assert entry["resource"]["subject"] == media["subject"]
    ours = {**bundle, "entry": [{"resource": {"resourceType": "Basic", "code": {"text": "Media"}}}]}
    assert crossed(ours, "R4") == ours
    new: Json = {"resourceType": "Transport", "id": "t", "intent": "order", "requestedLocation": {"display": "a"}}
    new["currentLocation"] = {"display": "b"}
    held: Json = {"resourceType": "Goal", "contained": [new], "lifecycleStatus": "active"}
    held |= {"description": {"text": "home"}, "subject": {"display": "Ada Test"}}
    assert crossed(held, "R5")["contained"][0]["resourceType"] == "Basic"


def test_what_r5_has_not_is_in_no_bundle_of_r5():
    media = '{"resourceType":"Media"}'
    page = json.loads(searchset(None, "self", "", "base", R5, [("Media", "1", media), ("Goal", "2", GOAL)]))
    assert [entry["fullUrl"] for entry in page["entry"]] == ["base/Goal/2"]


def test_a_basic_that_stands_by_itself_stays_a_basic():
    code = {"coding": [{"system": "http://hl7.org/fhir/resource-types", "code": "Media"}]}
    basic = {"resourceType": "Basic", "code": code}
    assert up(basic) == down(basic) == basic


def test_types_that_have_another_name():
    assert shown_type("DeviceUseStatement") == "DeviceUsage"
    assert stored_type("RequestOrchestration") == "RequestGroup"
    assert [shown_type(name) for name in sorted(UNKNOWN)] == [None, None]
    assert [stored_type(name) for name in ("RequestGroup", "Transport", "nonsense")] == [None, None, None]
    assert shown_type("nonsense") is None


def test_text_is_shown_to_the_digit():
    said = shown('{"resourceType":"Observation","status":"final","valueQuantity":{"value":1.50}}')
    assert '"value":1.50' in said


def test_an_extension_that_says_otherwise_by_now_stays_an_extension():
    """Somebody changed the element in a version that does not know the extension: the element is right."""
    made = down({"resourceType": "Encounter", "status": "discharged"})
    assert (made["status"], len(made["extension"])) == ("finished", 1)
    changed = {**made, "status": "cancelled"}
    assert up(changed)["status"] == "cancelled"
    assert up(changed)["extension"] == made["extension"]
    assert up(made) == {"resourceType": "Encounter", "status": "discharged"}


URL = "http://hl7.org/fhir/5.0/StructureDefinition/extension-"
UNREADABLE = [
    {"url": f"{URL}Task.doNotPerform"},
    {"url": f"{URL}Task.doNotPerform", "valueString": "yes"},
    {"url": f"{URL}Task.doNotPerform", "valueBoolean": True, "id": "a"},
    {"url": f"{URL}Task.doNotPerform", "extension": []},
    {"url": f"{URL}Task.requestedPeriod", "valuePeriod": {"start": "2026"}, "id": "a"},
    {"url": f"{URL}Task.performer", "extension": [{"url": "nothing", "valueString": "a"}]},
    {"url": f"{URL}Task.performer", "extension": [{"url": "actor", "valueReference": {}}] * 2},
    {"url": f"{URL}Task.performer", "valueString": "a", "extension": [{"url": "actor", "valueReference": {}}]},
    {"url": f"{URL}Task.nothing", "valueString": "a"},
]


@pytest.mark.parametrize("extension", UNREADABLE, ids=str)
def test_an_extension_that_is_not_what_it_should_be_stays_as_it_is(extension):
    task = {"resourceType": "Task", "status": "requested", "intent": "order", "extension": [extension]}
    assert up(task) == task


def test_one_element_is_not_brought_home_twice():
    extension = {"url": f"{URL}Goal.continuous", "valueBoolean": True}
    goal = {"resourceType": "Goal", "lifecycleStatus": "active", "extension": [extension, extension]}
    assert up(goal) == goal
    mine = {"url": "http://example.org/mine", "valueString": "a"}
    assert up({**goal, "extension": [mine, extension]}) == {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "extension": [mine],
        "continuous": True,
    }


@pytest.mark.parametrize(
    "resource", [{"resourceType": "Goal", "target": "x"}, {}, [], {"resourceType": "Media"}], ids=str
)
def test_what_has_no_form_of_r5_is_refused(resource):
    with pytest.raises(Problem) as caught:
        taken(resource)
    assert caught.value.trouble is Trouble.INVALID
