"""The laws of the lenses (fhir_facade.lens) for need, goal, action, service, instruction, equipment and risk."""

from copy import deepcopy
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_facade import condition, devicerequest, exact, goal, instruction, lens, riskassessment, servicerequest, task
from fhir_facade.face import Face
from plan.kinds import action, equipment, need, risk, service
from plan.kinds import goal as native_goal
from plan.kinds import instruction as native_instruction
from plan.kinds.kind import Kind
from tests.support.bodies import bodies, examples, json_values, names, paths

FACES: dict[str, tuple[Kind, Face]] = {
    "need": (need.KIND, condition.FACE),
    "goal": (native_goal.KIND, goal.FACE),
    "action": (action.KIND, task.FACE),
    "service": (service.KIND, servicerequest.FACE),
    "instruction": (native_instruction.KIND, instruction.FACE),
    "equipment": (equipment.KIND, devicerequest.FACE),
    "risk": (risk.KIND, riskassessment.FACE),
}
each = pytest.mark.parametrize("name", FACES)
quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
EXAMPLES = [
    pytest.param(name, *row.values, id=f"{name}-{row.id}", marks=row.marks)
    for name, (_, face) in FACES.items()
    for row in examples(face.type)
]


def fresh(face: Face) -> dict[str, Any]:
    return {**deepcopy(dict(face.base)), face.person: {"reference": "Patient/ada"}}


@each
@given(data=st.data())
@quick
def test_what_a_body_says_is_read_back_to_the_letter(name, data):
    kind, face = FACES[name]
    body = data.draw(bodies(kind.form))
    made = lens.put(face.fields, body, fresh(face))
    assert lens.same(lens.view(face.fields, made), body)
    get_fhir_model_class(face.type).model_validate_json(exact.dumps(made))
    assert face.mine(made)


@each
@given(data=st.data())
@quick
def test_a_later_body_says_all_that_the_resource_then_says(name, data):
    kind, face = FACES[name]
    form = kind.form
    once = lens.put(face.fields, data.draw(bodies(form)), fresh(face))
    body = data.draw(bodies(form))
    made = lens.put(face.fields, body, once)
    assert lens.same(lens.view(face.fields, made), body)
    get_fhir_model_class(face.type).model_validate_json(exact.dumps(made))


@pytest.mark.parametrize("name,example", EXAMPLES)
def test_an_example_put_back_as_seen_is_the_same(name, example):
    face = FACES[name][1]
    assert exact.text(lens.put(face.fields, lens.view(face.fields, example), example)) == exact.text(example)


@pytest.mark.parametrize("name,example", EXAMPLES)
@given(data=st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_body_can_follow_an_example(name, example, data):
    face, form = FACES[name][1], FACES[name][0].form
    body = data.draw(bodies(form))
    assert lens.same(lens.view(face.fields, lens.put(face.fields, body, example)), body)


@each
@given(data=st.data())
@quick
def test_unknown_elements_stay(name, data):
    face, form = FACES[name][1], FACES[name][0].form
    unknown = data.draw(st.dictionaries(names.map("zz{}".format), json_values, min_size=1, max_size=3))
    resource = lens.put(face.fields, data.draw(bodies(form)), fresh(face)) | unknown
    made = lens.put(face.fields, data.draw(bodies(form)), resource)
    assert {name: made[name] for name in unknown} == unknown


@each
@given(data=st.data())
@quick
def test_no_shape_breaks_a_view_and_what_is_seen_can_be_put_back(name, data):
    face, form = FACES[name][1], FACES[name][0].form
    resource = lens.put(face.fields, data.draw(bodies(form)), fresh(face))
    bent = {name: data.draw(bend(part)) for name, part in resource.items()}
    assert exact.text(lens.put(face.fields, lens.view(face.fields, bent), bent)) == exact.text(bent)


@each
@given(data=st.data())
@quick
def test_a_body_mends_any_shape(name, data):
    face, form = FACES[name][1], FACES[name][0].form
    resource = lens.put(face.fields, data.draw(bodies(form)), fresh(face))
    bent = {name: data.draw(bend(part)) for name, part in resource.items()}
    body = data.draw(bodies(form))
    assert lens.same(lens.view(face.fields, lens.put(face.fields, body, bent)), body)


@pytest.mark.parametrize("name,example", EXAMPLES)
@pytest.mark.parametrize("field,value,touched", [("review_date", "2031-01-01", "extension"), ("note", "New.", "note")])
def test_one_changed_field_changes_its_own_element_only(name, example, field, value, touched):
    face = FACES[name][1]
    made = lens.put(face.fields, lens.view(face.fields, example) | {field: value}, example)
    changed = set(paths(made).items()) ^ set(paths(example).items())
    assert changed
    assert {path[0] for path, _ in changed} == {touched}


@st.composite
def bend(draw, value):
    """`value` with random JSON in place of some of its parts."""
    if draw(st.integers(0, 9)) == 0:
        return draw(json_values)
    if isinstance(value, dict):
        return {key: part if key == "resourceType" else draw(bend(part)) for key, part in value.items()}
    return [draw(bend(part)) for part in value] if isinstance(value, list) else value


def test_every_field_of_a_form_has_a_lens_and_in_the_same_order():
    for name, (kind, face) in FACES.items():
        assert [field for field, _ in face.fields] == list(kind.form.model_fields)
        assert face.kind == kind.name == name
