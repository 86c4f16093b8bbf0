"""The laws of the lenses (fhir_facade.lens) for messages, stays, documents, people, consents and the section details."""

from copy import deepcopy
from types import ModuleType
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fhir_facade import (
    aboutme,
    assessment,
    benefits,
    communication,
    consent,
    contingency,
    documentreference,
    encounter,
    exact,
    housing,
    legal,
    lens,
    observation,
    patient,
    relatedperson,
)
from fhir_facade.face import Face
from plan.kinds import about_me, contact, document, message, person, stay
from plan.kinds import assessment as native_assessment
from plan.kinds import benefits as native_benefits
from plan.kinds import consent as native_consent
from plan.kinds import contingency as native_contingency
from plan.kinds import housing as native_housing
from plan.kinds import legal as native_legal
from plan.kinds import observation as native_observation
from tests.support.bodies import SCALARS, bodies, examples, json_values, names

PAIRS: list[tuple[ModuleType, Face]] = [
    (message, communication.FACE),
    (stay, encounter.FACE),
    (document, documentreference.FACE),
    (native_assessment, assessment.FACE),
    (native_observation, observation.FACE),
    (contact, relatedperson.FACE),
    (native_consent, consent.FACE),
    (about_me, aboutme.FACE),
    (native_housing, housing.FACE),
    (native_benefits, benefits.FACE),
    (native_contingency, contingency.FACE),
    (native_legal, legal.FACE),
    (person, patient.FACE),
]
SCALARS.extend(
    [
        (native_housing.Uprn, st.integers(1, 999_999_999_999).map(str)),
        (person.NhsNumber, st.integers(10**9, 10**10 - 1).map(str)),
        (person.AgencyRef, names.map("Organization/{}".format)),
        (document.MimeType, st.sampled_from(["application/pdf", "text/plain", "image/png"])),
        (native_consent.AgencyCode, names),
        (native_consent.ContactRef, names.map("RelatedPerson/{}".format)),
    ]
)
FACES = [face for _, face in PAIRS]
both = pytest.mark.parametrize("kind,face", PAIRS, ids=[face.kind for face in FACES])
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
quick = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
EXAMPLES = [
    pytest.param(kind, face, *row.values, id=f"{face.kind}-{row.id}", marks=row.marks)
    for kind, face in PAIRS
    for row in examples(face.type)
]
each_example = pytest.mark.parametrize("kind,face,example", EXAMPLES)


def fresh(face: Face) -> dict[str, Any]:
    about = {face.person: {"reference": "Patient/ada"}} if face.person else {}
    return {**deepcopy(dict(face.base)), **about}


def valid(resource: dict[str, Any]) -> bool:
    return bool(get_fhir_model_class(resource["resourceType"]).model_validate_json(exact.dumps(resource)))


@both
@given(data=st.data())
@quick
def test_what_a_body_says_is_read_back_to_the_letter(kind, face, data):
    body = data.draw(bodies(kind.KIND.form))
    made = lens.put(face.fields, body, fresh(face))
    assert lens.same(lens.view(face.fields, made), body)
    assert valid(made)
    assert face.mine(made)


@both
@given(data=st.data())
@quick
def test_a_later_body_says_all_that_the_resource_then_says(kind, face, data):
    once = lens.put(face.fields, data.draw(bodies(kind.KIND.form)), fresh(face))
    body = data.draw(bodies(kind.KIND.form))
    made = lens.put(face.fields, body, once)
    assert lens.same(lens.view(face.fields, made), body)
    assert valid(made)


@each_example
def test_an_example_put_back_as_seen_is_the_same(kind, face, example):
    assert exact.text(lens.put(face.fields, lens.view(face.fields, example), example)) == exact.text(example)


@each_example
@given(data=st.data())
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
def test_any_body_can_follow_an_example(kind, face, example, data):
    body = data.draw(bodies(kind.KIND.form))
    made = lens.put(face.fields, body, example)
    assert lens.same(lens.view(face.fields, made), body)


@each_example
def test_what_is_seen_of_an_example_lacks_at_most_what_the_form_requires(kind, face, example):
    found = faults(kind, lens.view(face.fields, example)) if face.mine(example) else []
    assert {fault["type"] for fault in found} <= {"missing", "value_error"}


def faults(kind: ModuleType, body: dict[str, Any]) -> list[Any]:
    try:
        kind.KIND.form.model_validate(body)
    except ValueError as error:
        return error.errors()  # type: ignore[attr-defined,no-any-return]
    return []


@both
@given(data=st.data())
@quick
def test_unknown_elements_stay(kind, face, data):
    unknown = data.draw(st.dictionaries(names.map("zz{}".format), json_values, min_size=1, max_size=3))
    resource = lens.put(face.fields, data.draw(bodies(kind.KIND.form)), fresh(face)) | unknown
    made = lens.put(face.fields, data.draw(bodies(kind.KIND.form)), resource)
    assert {name: made[name] for name in unknown} == unknown


@both
@given(data=st.data())
@quick
def test_no_shape_breaks_a_view_and_what_is_seen_can_be_put_back(kind, face, data):
    resource = lens.put(face.fields, data.draw(bodies(kind.KIND.form)), fresh(face))
    bent = {name: data.draw(bend(part)) for name, part in resource.items()}
    face.mine(bent)
    assert exact.text(lens.put(face.fields, lens.view(face.fields, bent), bent)) == exact.text(bent)


@both
@given(data=st.data())
@quick
def test_a_body_mends_any_shape(kind, face, data):
    resource = lens.put(face.fields, data.draw(bodies(kind.KIND.form)), fresh(face))
    bent = {name: data.draw(bend(part)) for name, part in resource.items()}
    body = data.draw(bodies(kind.KIND.form))
    assert lens.same(lens.view(face.fields, lens.put(face.fields, body, bent)), body)


@st.composite
def bend(draw, value):
    """`value` with random JSON in place of some of its parts."""
    if draw(st.integers(0, 9)) == 0:
        return draw(json_values)
    if isinstance(value, dict):
        return {key: draw(bend(part)) for key, part in value.items()}
    return [draw(bend(part)) for part in value] if isinstance(value, list) else value


@both
def test_every_field_of_a_form_has_a_lens_in_the_same_order(kind, face):
    assert [name for name, _ in face.fields] == list(kind.KIND.form.model_fields)
    assert face.kind == kind.KIND.name
    assert lens.view(face.fields, fresh(face)) == {} or face.kind == "assessment"
