"""The published invariants: all are evaluated but a closed list; what breaks one is told with its key and its place."""

from typing import Any

import pytest

from fhir_facade.elements import node_names
from fhir_facade.exact import Number
from fhir_facade.invariants import NOT_COMPILED, rules
from fhir_facade.invariants_parse import UnreadableError, parse
from fhir_facade.invariants_scope import MOST_STEPS, Root, Scope
from fhir_facade.invariants_terms import UnknownError, compiled
from fhir_facade.params import definitions
from fhir_facade.release import VersionName
from fhir_facade.resources import RESOURCES
from fhir_facade.validate import advice, validate
from plan.problem import Fault, Problem, Trouble
from tests.fhir_facade.broken_rules import BROKEN_R4, BROKEN_R5, KEPT_R4, KEPT_R5

VERSIONS: tuple[VersionName, ...] = ("R4", "R5")
ELSEWHERE = {"ele-1", "txt-1", "txt-2"}
"""Checked by the walk and by xhtml.py."""


def published(version: VersionName) -> dict[str, list[dict[str, str]]]:
    table: dict[str, list[dict[str, str]]] = definitions(f"invariants_{version.lower()}.json")
    return table


def faults(resource: Any, version: VersionName) -> tuple[Fault, ...]:
    try:
        validate(resource, None, version)
    except Problem as problem:
        return problem.faults
    return ()


@pytest.mark.parametrize("version", VERSIONS)
def test_every_published_rule_is_evaluated_but_the_closed_list(version):
    said = {row["key"] for rows in published(version).values() for row in rows}
    evaluated = {rule.key for name in node_names(version) for rule in rules(name, version)}
    assert said - evaluated <= NOT_COMPILED.keys()
    assert not evaluated & NOT_COMPILED.keys()
    assert len(evaluated) > 150


def test_the_closed_list_has_a_reason_each_and_is_of_no_type_that_is_served():
    assert all(NOT_COMPILED.values())
    for version in VERSIONS:
        for path, rows in published(version).items():
            left_out = {row["key"] for row in rows} & NOT_COMPILED.keys() - ELSEWHERE
            assert not left_out or path.split(".")[0] not in RESOURCES, (path, left_out)


@pytest.mark.parametrize("key, resource, where", BROKEN_R4)
def test_a_broken_rule_of_r4_is_told_with_its_key_and_its_place(key, resource, where):
    assert (where, key) in [(fault.where, fault.what.split()[2]) for fault in faults(resource, "R4")]


@pytest.mark.parametrize("key, resource, where", BROKEN_R5)
def test_a_broken_rule_of_r5_is_told_with_its_key_and_its_place(key, resource, where):
    found = faults(resource, "R5")
    assert (where, key) in [(fault.where, fault.what.split()[2]) for fault in found]
    assert all("R5" in fault.what for fault in found)


@pytest.mark.parametrize("resource", KEPT_R4)
def test_what_r4_allows_breaks_no_rule(resource):
    assert faults(resource, "R4") == ()


@pytest.mark.parametrize("resource", KEPT_R5)
def test_what_r5_allows_breaks_no_rule(resource):
    assert faults(resource, "R5") == ()


def test_good_practice_is_advised_and_never_asked_for():
    resource = {"resourceType": "Basic", "code": {"text": "a"}}
    assert [fault.what.split()[2] for fault in advice(resource)] == ["dom-6"]
    assert faults(resource, "R4") == ()


@pytest.mark.parametrize("text", ["a.", "a b", "(a", "(a b)", "a[1", "", "a.exists(b", "a and", "'a", 'a = "b"', "a.1"])
def test_what_is_no_fhirpath_of_ours_is_not_read(text):
    with pytest.raises(UnreadableError):
        parse(text)


@pytest.mark.parametrize("text", ["colour", "%colour", "lifecycleStatus.paint()", "lifecycleStatus.memberOf('x')"])
def test_what_no_table_and_no_function_knows_is_refused_when_a_rule_is_compiled(text):
    with pytest.raises(UnknownError):
        compiled(parse(text), frozenset({"Goal"}), "R4")


def asked(expression: str, name: str, value: dict[str, Any], version: VersionName = "R4") -> list[Any]:
    run = compiled(parse(expression), frozenset({name}), version)
    return run([value], Scope(value, Root(value), context=value))


QUANTITY = {"value": Number("1.0"), "code": "kg"}
OBSERVATION = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"code": "a"}, {"code": "b"}, {"code": "a"}], "text": "abc"},
    "subject": {"reference": "#p"},
    "valueQuantity": QUANTITY,
    "issued": "2026-03-01T10:00:00Z",
    "effectivePeriod": {"start": "2026-03-01", "end": "2026-03-02"},
    "_language": {"extension": [{"url": "u", "valueCode": "x"}]},
    "contained": [{"resourceType": "Patient", "id": "p", "active": True}],
}


@pytest.mark.parametrize(
    "expression, gives",
    [
        ("status = 'final'", [True]),
        ("status != 'final'", [False]),
        ("status = bodySite.text", []),
        ("status != bodySite.text", []),
        ("language.exists()", [True]),
        ("language.hasValue()", [False]),
        ("status.hasValue()", [True]),
        ("language = 'x'", []),
        ("language.toString()", []),
        ("(status & language & method.text) = 'final'", [True]),
        ("value is Quantity", [True]),
        ("value is string", [False]),
        ("bodySite is Quantity", []),
        ("(value as Quantity).code", ["kg"]),
        ("value.ofType(string)", []),
        ("status is code", [True]),
        ("status is boolean", [False]),
        ("status is integer", [False]),
        ("code.coding.count() is integer", [True]),
        ("code is Patient", [True]),
        ("code is string", [False]),
        ("code.coding.code.distinct().count()", [2]),
        ("code.coding.code.isDistinct()", [False]),
        ("code.coding.code.first()", ["a"]),
        ("code.coding.code.tail()", ["b", "a"]),
        ("code.coding[1].code", ["b"]),
        ("code.coding.code contains 'b'", [True]),
        ("'b' in code.coding.code", [True]),
        ("bodySite.text in code.coding.code", []),
        ("code.coding.intersect(code.coding).count()", [2]),
        ("code.coding.combine(code.coding).intersect(code.coding).count()", [2]),
        ("code.coding.code.combine(status).count()", [4]),
        ("(code.coding | code.coding).count()", [2]),
        ("code.coding.select(code).count()", [3]),
        ("code.coding.all(code.exists())", [True]),
        ("code.coding.all(code = 'a')", [False]),
        ("code.coding.exists(code = 'b')", [True]),
        ("code.coding.select(code = 'a').allTrue()", [False]),
        ("code.coding.select(code = 'c').allFalse()", [True]),
        ("code.text.contains('b') and code.text.startsWith('a') and code.text.endsWith('c')", [True]),
        ("code.text.matches('^a.c$') and code.text.length() = 3", [True]),
        ("code.text.replaceMatches('b', 'x') = 'axc'", [True]),
        ("code.text.substring(1) = 'bc' and code.text.substring(1, 1) = 'b'", [True]),
        ("code.coding.code.length()", []),
        ("code.text.startsWith(bodySite.text)", []),
        ("code.coding.count() + 1", [4]),
        ("code.coding.count() - 1", [2]),
        ("bodySite.text + status", []),
        ("method.coding.count() - bodySite", []),
        ("'12'.toInteger() = 12 and 3.toInteger() = 3", [True]),
        ("status.toInteger()", []),
        ("3.toString() = '3'", [True]),
        ("status and true", [True]),
        ("false and bodySite", [False]),
        ("bodySite and false", [False]),
        ("bodySite and true", []),
        ("bodySite or true", [True]),
        ("bodySite or false", []),
        ("false or false", [False]),
        ("true xor false", [True]),
        ("true xor true", [False]),
        ("bodySite xor true", []),
        ("false implies bodySite", [True]),
        ("bodySite implies true", [True]),
        ("true implies bodySite", []),
        ("true implies false", [False]),
        ("bodySite.exists().not()", [True]),
        ("bodySite.text.not()", []),
        ("iif(status = 'final', 1, 2)", [1]),
        ("iif(status = 'x', 1)", []),
        ("iif(status = 'x', 1, 2)", [2]),
        ("subject.resolve().active", [True]),
        ("subject.reference.resolve() is Patient", [True]),
        ("issued.resolve()", []),
        ("code.coding.resolve()", []),
        ("%resource.status = %context.status and %rootResource.status = 'final'", [True]),
        ("%ucum", ["http://unitsofmeasure.org"]),
        ("Observation.status", ["final"]),
        ("code.children().count()", [4]),
        ("value.descendants().count()", [2]),
        ("contained.meta.empty()", [True]),
        ("status.coding.empty()", None),
        ("issued > effective.start", []),
        ("issued < effective.end", []),
        ("effective.start < effective.end", [True]),
        ("effective.start <= effective.start and effective.start >= effective.start", [True]),
        ("issued <= issued", [True]),
        ("status < code.text", [False]),
        ("value < value", [False]),
        ("value <= value", [True]),
        ("value < 3", []),
        ("(value as Quantity).value < 3", [True]),
        ("code.coding.code < 3", []),
        ("value.lowBoundary() <= value.highBoundary()", [True]),
        ("value.value.highBoundary() > 1", [True]),
        ("3.lowBoundary() < 3", [True]),
        ("effective.start.lowBoundary() < issued.lowBoundary()", [True]),
        ("status.lowBoundary()", []),
        ("code.coding.lowBoundary()", []),
        ("bodySite.lowBoundary()", []),
        ("code.lowBoundary()", []),
        ("language.lowBoundary()", []),
        ("value.comparable(value)", [True]),
        ("value.comparable(code)", [False]),
        ("value.comparable(bodySite)", []),
        ("$this.status.trace('x')", ["final"]),
    ],
)
def test_an_expression_gives_what_fhirpath_says(expression, gives):
    if gives is None:
        with pytest.raises(UnknownError):
            asked(expression, "Observation", OBSERVATION)
        return
    assert asked(expression, "Observation", OBSERVATION) == gives


def test_a_repeated_step_goes_all_the_way_down():
    item = {"linkId": "1", "answer": [{"valueString": "x", "item": [{"linkId": "2", "item": [{"linkId": "3"}]}]}]}
    assert asked("repeat(answer | item).linkId", "QuestionnaireResponse.item", item) == ["2", "3"]


def test_nulls_of_a_list_are_there_without_a_value():
    assert asked("given.count()", "HumanName", {"given": [None, "a"], "_given": [{"id": "x"}, None]}) == [2]


def test_rules_that_would_take_too_long_are_too_costly():
    many = [{"code": {"coding": [{"code": "x"}]}}] * 3000
    wide = {
        "resourceType": "Observation",
        "code": {"coding": [{"code": str(at)} for at in range(3000)]},
        "component": many,
        "valueString": "x",
    }
    scope = Scope(wide, Root(wide))
    (same_code,) = (rule for rule in rules("Observation", "R4") if rule.key == "obs-7")
    with pytest.raises(Problem) as caught:
        same_code.broken(wide, scope)
    assert caught.value.trouble is Trouble.TOO_COSTLY
    assert scope.steps[0] > MOST_STEPS
