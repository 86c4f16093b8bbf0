"""Every valid native body gives a valid R4 face and a valid R5 one, new or written over another; and so does a native
change of what an EHR wrote, unless it is refused at the field.
"""

from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from fhir_facade import careplan, drafts, lens
from fhir_facade.elements import node, resource_types
from fhir_facade.face import Face
from fhir_facade.faces import FACES, face_of
from fhir_facade.r5 import up
from fhir_facade.validate import validate
from plan.kinds import KINDS, PERSON, SECTION
from plan.kinds.kind import Kind
from plan.kinds.refs import TYPES, LeadsTo
from plan.model import PLAN_SECTIONS, AgencyId, EntryId, PersonId, Section
from plan.problem import Path, Problem, Trouble
from tests.support.bodies import bodies, examples, field_values

ROWS: dict[str, Kind] = {**KINDS, PERSON.name: PERSON}
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
each = pytest.mark.parametrize("kind", ROWS.values(), ids=list(ROWS))
law = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
Json = dict[str, Any]


def written(kind: Kind, body: Json, before: Json | None = None) -> Json:
    return drafts.from_body(kind.name, body, Section.HEALTH, "ada", AgencyId("RX1"), before).fhir


def must_be_valid(face: Json) -> None:
    validate(face)
    validate(up(face), version="R5")


@each
@given(data=st.data())
@law
def test_every_valid_body_gives_a_face_that_is_valid_in_both_versions(kind, data):
    face = written(kind, data.draw(bodies(kind.form)))
    must_be_valid(face)
    must_be_valid(written(kind, data.draw(bodies(kind.form)), face))


@given(section=st.sampled_from(PLAN_SECTIONS), body=bodies(SECTION.form))
@law
def test_what_a_section_says_of_itself_gives_a_valid_care_plan(section, body):
    before = careplan.section(section, PersonId("ada"), EntryId("root"), "2026-03-02T10:00:00.000Z")
    must_be_valid(careplan.amended(before, lens.put(FACES["section"].fields, body, before)))


def _good(face: Face, resource: Json) -> bool:
    """A valid example of the kind, whose native view is a valid body."""
    try:
        validate(resource)
        ROWS[face.kind].form.model_validate(lens.view(face.fields, resource))
        drafts.from_fhir(resource, Section.HEALTH, AgencyId("RX1"))
    except (Problem, ValidationError):
        return False
    return face_of(resource) is face


EXAMPLES = [
    pytest.param(ROWS[name], row.values[0], id=f"{name}-{row.id}", marks=row.marks)
    for name in ROWS
    for row in [row for row in examples(FACES[name].type) if row.marks or _good(FACES[name], row.values[0])][:12]
]


@pytest.mark.parametrize("kind,example", EXAMPLES)
@given(data=st.data())
@settings(parent=law, max_examples=5)
def test_what_an_ehr_wrote_stays_valid_when_one_native_field_changes(kind, example, data):
    body = lens.view(FACES[kind.name].fields, example)
    name = data.draw(st.sampled_from(list(kind.form.model_fields)))
    info = kind.form.model_fields[name]
    wanted = data.draw(field_values(info) if info.is_required() else st.none() | field_values(info))
    changed = {key: value for key, value in {**body, name: wanted}.items() if value is not None}
    try:
        kind.form.model_validate(changed)
    except ValidationError:
        return
    made, refused = attempted(kind, changed, example)
    assert refused in ([], [(name,)])
    if made:
        must_be_valid(made)


def attempted(kind: Kind, body: Json, before: Json) -> tuple[Json, list[Path]]:
    """The face that was made, or the fields that it was refused for."""
    try:
        return written(kind, body, before), []
    except Problem as problem:
        return {}, [fault.where for fault in problem.faults]


LETTER: Json = {
    "resourceType": "DocumentReference",
    "status": "current",
    "content": [{"attachment": {"title": "Letter", "contentType": "text/plain", "data": "aGk="}}],
}


def test_a_change_that_what_an_ehr_wrote_does_not_allow_is_refused_at_its_field():
    with pytest.raises(Problem) as refused:
        written(KINDS["document"], {"title": "Note", "status": "current"}, LETTER)
    assert refused.value.trouble is Trouble.INVALID
    assert [fault.where for fault in refused.value.faults] == [("content_type",)]
    assert "att-1" in refused.value.faults[0].what


def test_what_was_not_valid_before_may_be_changed_as_far_as_the_form_goes():
    old = {**LETTER, "content": [{"attachment": {"title": "Letter", "data": "aGk="}}]}
    assert written(KINDS["document"], {"title": "Note", "status": "current"}, old)["content"][0]["attachment"] == {
        "title": "Note",
        "data": "aGk=",
    }


def test_where_no_field_alone_is_to_blame_all_that_changed_are_named():
    old = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"code": "a", "system": "urn:s"}]},
        "component": [{"code": {"coding": [{"code": "b", "system": "urn:s"}]}, "valueString": "x"}],
    }
    # obs-7: a value and a component with the code of the whole
    body = {"code": {"code": "b", "system": "urn:s"}, "value": "y"}
    with pytest.raises(Problem) as refused:
        written(KINDS["observation"], body, old)
    assert [fault.where for fault in refused.value.faults] == [("code",), ("value",)]


def test_the_types_that_a_native_reference_may_name_are_those_of_r4():
    assert resource_types("R4") == TYPES


LED = [
    ("need", "raised_by", "Condition", "asserter"),
    ("need", "identified_by", "Condition", "recorder"),
    ("goal", "expressed_by", "Goal", "expressedBy"),
    ("goal", "needs", "Goal", "addresses"),
    ("action", "who", "Task", "owner"),
    ("action", "asked_by", "Task", "requester"),
    ("service", "provider", "ServiceRequest", "performer"),
    ("service", "asked_by", "ServiceRequest", "requester"),
    ("service", "needs", "ServiceRequest", "reasonReference"),
    ("instruction", "source", "ServiceRequest", "requester"),
    ("instruction", "to", "ServiceRequest", "performer"),
    ("equipment", "supplier", "DeviceRequest", "performer"),
    ("equipment", "asked_by", "DeviceRequest", "requester"),
    ("equipment", "needs", "DeviceRequest", "reasonReference"),
    ("risk", "assessed_by", "RiskAssessment", "performer"),
    ("message", "sender", "Communication", "sender"),
    ("message", "to", "Communication", "recipient"),
    ("message", "in_reply_to", "Communication", "inResponseTo"),
    ("stay", "hospital", "Encounter", "serviceProvider"),
    ("document", "written_by", "DocumentReference", "author"),
    ("assessment", "assessed_by", "QuestionnaireResponse", "author"),
    ("observation", "performer", "Observation", "performer"),
    ("consent", "given_by", "Consent", "performer"),
    ("consent", "evidence", "Consent", "sourceReference"),
]


def marks(annotation: Any) -> list[LeadsTo]:
    found = [part for part in get_args(annotation) if isinstance(part, LeadsTo)]
    return found + [mark for part in get_args(annotation) if get_args(part) for mark in marks(part)]


@pytest.mark.parametrize("kind,field,type_,element", LED)
def test_a_native_reference_may_lead_where_its_element_may(kind, field, type_, element):
    info = KINDS[kind].form.model_fields[field]
    (mark,) = [*(part for part in info.metadata if isinstance(part, LeadsTo)), *marks(info.annotation)]
    assert set(mark.types) == node(type_, "R4").elements[element].targets


TASK: Json = {"resourceType": "Task", "status": "requested", "intent": "plan"}


@pytest.mark.parametrize("restriction", [{"period": {"end": "2026-03"}}, {"repetitions": 2}])
def test_a_task_that_is_wanted_by_a_day_and_fulfils_nothing_is_valid_in_r5(restriction):
    face = up({**TASK, "restriction": restriction})
    validate(face, version="R5")
    assert face.get("requestedPeriod") == restriction.get("period")


@pytest.mark.parametrize("owner", [{"reference": "HealthcareService/1"}, {"type": "Device", "display": "Robot"}])
def test_a_reference_to_where_r5_lets_it_not_lead_is_carried_along(owner):
    face = up({**TASK, "owner": owner})
    validate(face, version="R5")
    assert "owner" not in face
