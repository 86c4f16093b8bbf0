"""Native bodies: what is wrong is said once, with its place and its mend; what is right is left as it is."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import cursors, forms
from api.deeds import UNSAID
from api.rest.entries import merge
from api.rest.examples import EXAMPLES
from fhir_facade import exact
from fhir_facade.drafts import ENVELOPE
from plan.diff import differences
from plan.kinds import FRAME_KINDS, KINDS
from plan.problem import Problem, Trouble
from tests.support.bodies import bodies, json_values

ALL = {**KINDS, **FRAME_KINDS}
AT = {"id": "a1", "kind": "goal", "section": "health"}
GOAL: dict[str, Any] = {"goal": "Walk", "status": "active"}


def faults(kind: str, body: dict[str, Any], **more: Any) -> Problem:
    with pytest.raises(Problem) as raised:
        forms.read(ALL[kind], exact.loads(exact.dumps(body)), AT | {"kind": kind}, **more)
    return raised.value


@pytest.mark.parametrize("kind", ALL)
def test_the_example_of_every_kind_is_taken(kind: str):
    body = exact.loads(exact.dumps(EXAMPLES[kind]))
    said = forms.read(ALL[kind], body, {"kind": kind}, new=True)
    assert (said.restriction is UNSAID) is ("restricted_to" not in body)
    assert said.fields.keys() == body.keys() - {"restricted_to"}


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind != "person"])
@settings(max_examples=20, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_what_a_form_takes_is_stored_as_it_was_written(kind: str, data: st.DataObject):
    body = data.draw(bodies(ALL[kind].form))
    assert forms.read(ALL[kind], body, {}).fields == body


WRONG = [
    ("goal", {"goal": "Walk"}, "/status", Trouble.REQUIRED, "is required"),
    ("goal", {**GOAL, "status": "begun"}, "/status", Trouble.BAD_VALUE, "none of the words"),
    ("goal", {**GOAL, "importance": "8"}, "/importance", Trouble.BAD_VALUE, "whole number"),
    ("goal", {**GOAL, "importance": 1.5}, "/importance", Trouble.BAD_VALUE, "whole number"),
    ("goal", {**GOAL, "importance": 11}, "/importance", Trouble.BAD_VALUE, "more than 10"),
    ("goal", {**GOAL, "importance": 0}, "/importance", Trouble.BAD_VALUE, "less than 1"),
    ("goal", {**GOAL, "due": "2026-02-30"}, "/due", Trouble.BAD_VALUE, "not as it must be"),
    ("goal", {**GOAL, "due": "soon"}, "/due", Trouble.BAD_VALUE, "not as it must be"),
    ("goal", {**GOAL, "goal": ""}, "/goal", Trouble.BAD_VALUE, "is empty"),
    ("goal", {**GOAL, "goal": "  "}, "/goal", Trouble.BAD_VALUE, "form"),
    ("goal", {**GOAL, "goal": "x" * 20_001}, "/goal", Trouble.BAD_VALUE, "longer than 20000"),
    ("goal", {**GOAL, "goal": 3}, "/goal", Trouble.BAD_VALUE, "is not text"),
    ("goal", {**GOAL, "needs": []}, "/needs", Trouble.BAD_VALUE, "is empty"),
    ("goal", {**GOAL, "needs": "Condition/1"}, "/needs", Trouble.BAD_VALUE, "not a list"),
    ("goal", {**GOAL, "needs": ["no reference"]}, "/needs/0", Trouble.BAD_VALUE, "form"),
    ("goal", {**GOAL, "code": {}}, "/code", Trouble.BAD_VALUE, "is empty"),
    ("goal", {**GOAL, "code": "walk"}, "/code", Trouble.BAD_VALUE, "not an object"),
    ("goal", {**GOAL, "note": None}, "/note", Trouble.BAD_VALUE, "is null"),
    ("goal", {**GOAL, "stage_goals": [None]}, "/stage_goals/0", Trouble.BAD_VALUE, "is null"),
    ("goal", {**GOAL, "stage_goals": [{"due": "2026"}]}, "/stage_goals/0/goal", Trouble.REQUIRED, "required"),
    ("goal", {**GOAL, "stage_goals": [{"goal": "x", "by": 1}]}, "/stage_goals/0/by", Trouble.INVALID, "no field"),
    ("goal", {**GOAL, "statuss": "active"}, "/statuss", Trouble.INVALID, "no field"),
    ("goal", {**GOAL, "id": "another"}, "/id", Trouble.BAD_VALUE, "address"),
    ("goal", {**GOAL, "kind": "need"}, "/kind", Trouble.BAD_VALUE, "address"),
    ("goal", {**GOAL, "section": "housing"}, "/section", Trouble.BAD_VALUE, "address"),
    ("goal", {**GOAL, "version": "3"}, "/version", Trouble.BAD_VALUE, "no version"),
    ("goal", {**GOAL, "version": True}, "/version", Trouble.BAD_VALUE, "no version"),
    ("goal", {**GOAL, "version": 0}, "/version", Trouble.BAD_VALUE, "no version"),
    ("goal", {**GOAL, "restricted_to": []}, "/restricted_to", Trouble.BAD_VALUE, "nobody"),
    ("goal", {**GOAL, "restricted_to": "RX1"}, "/restricted_to", Trouble.BAD_VALUE, "nobody"),
    ("goal", {**GOAL, "restricted_to": ["RX1", "a,b"]}, "/restricted_to/1", Trouble.BAD_VALUE, "no id"),
    ("section", {"title": "Health", "restricted_to": ["RX1"]}, "/restricted_to", Trouble.INVALID, "cannot stand"),
    ("person", {"name": {"given": ["Sam"]}}, "/name", Trouble.BAD_VALUE, "not as it must be"),
    ("person", {"name": {"text": "Sam"}, "nhs_number": "9434765918"}, "/nhs_number", Trouble.BAD_VALUE, "check digit"),
    ("person", {"name": {"text": "Sam"}, "died": "often"}, "/died", Trouble.BAD_VALUE, "true nor false; or"),
    ("assessment", {"instrument": {"text": "x"}, "score": "1"}, "/score", Trouble.BAD_VALUE, "number"),
    ("benefits", {"benefit": "other", "status": "claimed"}, "", Trouble.BAD_VALUE, "the benefits"),
    ("service", {"service": "x", "status": "active", "visits": [{"start": "8"}]}, "/visits/0/start", None, "must be"),
    ("service", {"service": "x", "status": "active", "gives_medicines": "no"}, "/gives_medicines", None, "true nor"),
]


@pytest.mark.parametrize("kind,body,pointer,trouble,words", WRONG)
def test_a_fault_is_told_with_its_place_its_mend_and_its_code(
    kind: str, body: dict[str, Any], pointer: str, trouble: Trouble | None, words: str
):
    problem = faults(kind, body)
    places = {"".join(f"/{part}" for part in fault.where): fault for fault in problem.faults}
    assert pointer in places
    assert words in places[pointer].what
    assert places[pointer].mend.endswith((".", "]", "$", "S"))
    assert places[pointer].trouble in (trouble, Trouble.BAD_VALUE)


def test_no_kind_has_a_field_of_the_name_of_what_the_service_writes():
    assert not {(row.name, name) for row in ALL.values() for name in row.form.model_fields if name in ENVELOPE}


def test_the_nhs_number_under_any_spelling_of_its_system_is_sent_to_its_own_field():
    spelled = {"system": "https://fhir.nhs.uk/id/nhs-number/", "value": "9434765919"}
    problem = faults("person", {"name": {"text": "Sam"}, "identifiers": [spelled, {"value": "7"}]})
    assert problem.faults[0].where == ("identifiers", 0, "system")


def test_an_nhs_number_is_stored_as_ten_digits():
    said = forms.read(ALL["person"], {"name": {"text": "Sam"}, "nhs_number": "943-476 5919"}, {})
    assert said.fields["nhs_number"] == "9434765919"


def test_every_fault_is_told_at_once():
    problem = faults("goal", {"status": "begun", "importance": 99, "restricted_to": [], "version": -1, "id": "x"})
    assert problem.trouble is Trouble.INVALID
    assert len(problem.faults) == 6


def test_what_the_service_writes_may_come_back_with_a_change_but_not_with_a_new_entry():
    ours = {"version": 3, "updated": "2026-03-01T10:00:00Z", "agency": "RX1", "author": "me", **AT}
    assert forms.read(ALL["goal"], GOAL | ours, AT).version == 3
    problem = faults("goal", GOAL | ours, new=True)
    assert {fault.where[0] for fault in problem.faults} == {"id", "version", "updated", "agency", "author"}


@pytest.mark.parametrize("said,restriction", [(["RX1", "LA2"], frozenset({"RX1", "LA2"})), (None, None)])
def test_a_restriction_names_agencies_or_null_takes_it_away(said: Any, restriction: Any):
    assert forms.read(ALL["goal"], GOAL | {"restricted_to": said}, AT).restriction == restriction


def test_a_mistyped_field_is_answered_with_the_one_that_was_meant():
    assert faults("goal", {**GOAL, "importence": 3}).faults[0].mend.startswith("Did you mean importance?")


@pytest.mark.parametrize("value", [[], "text", 3, None, True])
def test_only_an_object_is_a_body(value: Any):
    with pytest.raises(Problem) as raised:
        forms.an_object(value)
    assert raised.value.trouble is Trouble.INVALID


SHAPE = {"at": int, "after": str}


@given(st.integers(0, cursors.LAST_MOMENT), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=99))
def test_a_cursor_says_what_it_was_made_of(at: int, after: str):
    assert cursors.read(cursors.made(at=at, after=after), SHAPE) == {"at": at, "after": after}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!!!!",
        "a",
        "\u00e9",
        "A" * 2000,
        cursors.made(at=1),
        cursors.made(at=-1, after="x"),
        cursors.made(at=cursors.LAST_MOMENT + 1, after="x"),
        cursors.made(at=1, after="x" * 256),
        cursors.made(at="1", after="x"),
        cursors.made(at=True, after="x"),
        cursors.made(at=1, after="x", more=1),
        "W10",
    ],
)
def test_a_cursor_that_was_not_given_out_is_refused(text: str):
    with pytest.raises(Problem) as raised:
        cursors.read(text, SHAPE)
    assert raised.value.trouble is Trouble.BAD_VALUE


# RFC 7396, appendix A.
MERGES = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize("target,patch,result", MERGES)
def test_a_merge_patch_does_what_the_standard_says(target: Any, patch: Any, result: Any):
    assert merge(target, patch) == result


@given(json_values, json_values)
def test_a_merge_patch_done_twice_is_done_once(target: Any, patch: Any):
    once = merge(target, patch)
    assert not list(differences(once, merge(once, patch)))
