"""Parameters of operations: the same values whichever way they come, and a clear word where they cannot be read."""

import pytest

from fhir_facade.parameters import In, of_address, of_resource, one, written
from plan.problem import Problem, Trouble

TABLE = (
    In("flag", "boolean"),
    In("count", "integer"),
    In("day", "date"),
    In("since", "instant"),
    In("kind", "code", many=True),
    In("where", "uri"),
    In("who", "Reference"),
    In("label", "Meta"),
    In("thing", "resource"),
)
DAY = (1_767_225_600_000, 1_767_311_999_999)

BOTH = [
    ("flag", "true", {"valueBoolean": True}, True),
    ("flag", "false", {"valueString": "false"}, False),
    ("count", "7", {"valueInteger": 7}, 7),
    ("count", "7", {"valuePositiveInt": 7}, 7),
    ("day", "2026-01-01", {"valueDate": "2026-01-01"}, DAY),
    ("since", "2026-01-01T01:00:00 01:00", {"valueInstant": "2026-01-01T01:00:00+01:00"}, (DAY[0], DAY[0] + 999)),
    ("kind", "Goal", {"valueCode": "Goal"}, "Goal"),
    ("where", "urn:x", {"valueUrl": "urn:x"}, "urn:x"),
    ("who", "Patient/1", {"valueReference": {"reference": "Patient/1"}}, {"reference": "Patient/1"}),
    ("who", "1", {"valueReference": {"reference": "Patient/1"}}, {"reference": "Patient/1"}),
]


@pytest.mark.parametrize("name, text, member, value", BOTH)
def test_a_value_is_the_same_in_an_address_and_in_a_body(name, text, member, value):
    assert one(of_address(TABLE, [(name, text)]), name) == value
    assert one(of_resource(TABLE, {"parameter": [{"name": name, **member}]}), name) == value


def test_what_is_complex_comes_in_a_body():
    sent = {"parameter": [{"name": "label", "valueMeta": {"tag": []}}, {"name": "thing", "resource": {"a": 1}}]}
    said = of_resource(TABLE, sent)
    assert said == {"label": [{"tag": []}], "thing": [{"a": 1}]}
    assert of_resource(TABLE, {}) == {}


def test_many_values_keep_their_order():
    said = of_address(TABLE, [("kind", "a"), ("_format", "json"), ("flag", ""), ("kind", "b")])
    assert said == {"kind": ["a", "b"]}
    assert one(said, "count", default=3) == 3


ADDRESSES = [
    ([("other", "1")], Trouble.NOT_SUPPORTED),
    ([("label", "x")], Trouble.BAD_VALUE),
    ([("thing", "x")], Trouble.BAD_VALUE),
    ([("flag", "yes")], Trouble.BAD_VALUE),
    ([("since", "2026-01-01")], Trouble.BAD_VALUE),
    ([("count", "0")], Trouble.BAD_VALUE),
    ([("count", "-1")], Trouble.BAD_VALUE),
    ([("count", "\u0661")], Trouble.BAD_VALUE),
    ([("count", "9" * 5000)], Trouble.BAD_VALUE),
    ([("day", "soon")], Trouble.BAD_VALUE),
    ([("flag", "true"), ("flag", "true")], Trouble.BAD_VALUE),
]


@pytest.mark.parametrize("pairs, trouble", ADDRESSES)
def test_an_address_that_cannot_be_read_is_refused(pairs, trouble):
    with pytest.raises(Problem) as raised:
        of_address(TABLE, pairs)
    assert raised.value.trouble is trouble


BODIES = [
    ({"name": "other", "valueString": "x"}, Trouble.NOT_SUPPORTED),
    ({}, Trouble.NOT_SUPPORTED),
    ({"name": "flag", "valueCode": "true"}, Trouble.BAD_VALUE),
    ({"name": "label", "valueString": "x"}, Trouble.BAD_VALUE),
    ({"name": "thing", "valueString": "x"}, Trouble.BAD_VALUE),
    ({"name": "day", "valueDate": "2026-13-01"}, Trouble.BAD_VALUE),
]


@pytest.mark.parametrize("part, trouble", BODIES)
def test_a_body_that_cannot_be_read_is_refused_with_its_place(part, trouble):
    with pytest.raises(Problem) as raised:
        of_resource(TABLE, {"parameter": [part]})
    assert raised.value.trouble is trouble
    assert raised.value.faults[0].where[:3] == ("Parameters", "parameter", 0)


def test_an_operation_without_parameters_says_so():
    with pytest.raises(Problem) as raised:
        of_address((), [("x", "1")])
    assert raised.value.faults[0].mend == "It takes: none."


def test_nothing_is_written_as_a_resource_that_says_nothing():
    assert written() == '{"resourceType":"Parameters"}'
    assert written(("a", "valueCode", "b")).endswith('"parameter":[{"name":"a","valueCode":"b"}]}')
