"""The laws of the lenses (fhir_facade.lens) for messages, stays, people, consents and the section details."""

from copy import deepcopy
from types import ModuleType
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fhir_facade import (
    aboutme,
    allergyintolerance,
    ask,
    assessment,
    benefits,
    communication,
    consent,
    contingency,
    departure,
    detectedissue,
    discharge_notice,
    discharge_override,
    documentreference,
    encounter,
    exact,
    failed_discharge,
    flag,
    housing,
    legal,
    lens,
    medicationrequest,
    medicationstatement,
    observation,
    patient,
    provenance,
    readiness,
    referral,
    relatedperson,
)
from fhir_facade.face import Face
from plan.kinds import about_me, allergy, contact, document, finding, medicine, message, person, prescription, stay
from plan.kinds import ask as native_ask
from plan.kinds import assessment as native_assessment
from plan.kinds import benefits as native_benefits
from plan.kinds import consent as native_consent
from plan.kinds import contingency as native_contingency
from plan.kinds import departure as native_departure
from plan.kinds import discharge_notice as native_notice
from plan.kinds import discharge_override as native_override
from plan.kinds import failed_discharge as native_failed
from plan.kinds import flag as native_flag
from plan.kinds import housing as native_housing
from plan.kinds import legal as native_legal
from plan.kinds import observation as native_observation
from plan.kinds import readiness as native_readiness
from plan.kinds import referral as native_referral
from plan.kinds import review as native_review
from tests.support.bodies import bodies, examples, json_values, names

PAIRS: list[tuple[ModuleType, Face]] = [
    (message, communication.FACE),
    (native_ask, ask.FACE),
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
    (native_flag, flag.FACE),
    (native_review, provenance.FACE),
    (native_referral, referral.FACE),
    (allergy, allergyintolerance.FACE),
    (medicine, medicationstatement.FACE),
    (prescription, medicationrequest.FACE),
    (finding, detectedissue.FACE),
    (native_readiness, readiness.FACE),
    (native_notice, discharge_notice.FACE),
    (native_override, discharge_override.FACE),
    (native_departure, departure.FACE),
    (native_failed, failed_discharge.FACE),
]
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
    assert lens.view(face.fields, fresh(face)) == {}


ADA: dict[str, Any] = {
    "resourceType": "Patient",
    "name": [
        {"use": "maiden", "family": "Byron"},
        {"use": "usual", "given": ["Addie"]},
        {"use": "official", "given": ["Ada"], "family": "Test", "prefix": ["Mrs"]},
    ],
    "identifier": [
        {"system": "https://example.org/ward", "value": "W1", "type": {"text": "Ward number"}},
        {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "900 000 0009", "use": "official"},
        {"system": "https://example.org/tenant", "value": "T1", "use": "old"},
        {"system": "https://example.org/tenant", "value": "T2"},
    ],
    "telecom": [
        {"system": "phone", "value": "0100", "use": "old"},
        {"system": "email", "value": "ada@example.org"},
        {"system": "phone", "value": "0200", "rank": 1},
        {"system": "phone", "value": "0300", "rank": 2},
    ],
    "address": [
        {
            "use": "home",
            "line": ["Flat 12", "Larch Court"],
            "postalCode": "ZZ1 1ZZ",
            "district": "Larchshire",
            "extension": [
                {
                    "url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AddressKey",
                    "extension": [
                        {"url": "type", "valueCoding": {"code": "PAF"}},
                        {"url": "value", "valueString": "7"},
                    ],
                }
            ],
        },
        {"text": "1 High Street\n\nLarchtown"},
    ],
    "generalPractitioner": [
        {"reference": "Practitioner/1", "display": "Dr Who"},
        {"identifier": {"system": "https://fhir.nhs.uk/id/ods-organization-code", "value": "P10001"}},
    ],
}


def test_a_patient_of_an_ehr_is_read_by_what_is_in_use():
    assert lens.view(patient.FACE.fields, ADA) == {
        "name": {"title": "Mrs", "given": ["Ada"], "family": "Test"},
        "preferred_name": "Addie",
        "nhs_number": "9000000009",
        "identifiers": [
            {"system": "https://example.org/ward", "value": "W1"},
            {"system": "https://example.org/tenant", "value": "T2"},
        ],
        "addresses": [
            {"type": "home", "lines": ["Flat 12", "Larch Court"], "postcode": "ZZ1 1ZZ"},
            {"lines": ["1 High Street", "Larchtown"]},
        ],
        "phones": ["0200", "0300"],
        "emails": ["ada@example.org"],
        "gp_practice": {"ods_code": "P10001"},
    }


def changed(face: Face, resource: dict[str, Any], **change: Any) -> dict[str, Any]:
    seen = {**lens.view(face.fields, resource), **change}
    return lens.put(face.fields, seen, resource)


def test_a_phone_that_goes_leaves_the_others_as_they_are():
    made = changed(patient.FACE, ADA, phones=["0300"])
    assert made == {**ADA, "telecom": [ADA["telecom"][0], ADA["telecom"][1], ADA["telecom"][3]]}


def test_a_property_number_joins_the_keys_of_the_same_address():
    homes = [{"type": "home", "lines": ["Flat 12", "Larch Court"], "postcode": "ZZ1 1ZZ", "uprn": "100000000012"}]
    made = changed(patient.FACE, ADA, addresses=homes)
    assert made["address"][0]["extension"][0] == ADA["address"][0]["extension"][0]
    assert made["address"][0]["district"] == "Larchshire"
    assert lens.view(patient.FACE.fields, made)["addresses"] == homes


def test_another_address_keeps_no_key_of_the_one_before():
    made = changed(patient.FACE, ADA, addresses=[{"type": "home", "lines": ["2 Elm Road"], "postcode": "ZZ2 2ZZ"}])
    assert made["address"] == [{"use": "home", "line": ["2 Elm Road"], "postalCode": "ZZ2 2ZZ"}]


def test_another_identifier_keeps_no_type_of_the_one_before():
    made = changed(patient.FACE, ADA, identifiers=[{"value": "X"}])
    assert made["identifier"] == [{"value": "X"}, ADA["identifier"][1], ADA["identifier"][2]]


CONSENT: dict[str, Any] = {
    "resourceType": "Consent",
    "status": "active",
    "provision": {
        "type": "permit",
        "actor": [{"role": {"text": "x"}, "reference": {"reference": "Organization/HA1"}}],
        "class": [{"system": "https://oneplan.example/fhir/CodeSystem/plan-section", "code": "housing"}],
    },
}


def test_a_plain_permit_is_read():
    seen = {"decision": "permit", "status": "active", "to": [{"agency": "HA1"}], "sections": ["housing"]}
    assert lens.view(consent.FACE.fields, CONSENT) == seen


NARROWING: list[dict[str, Any]] = [
    {"provision": [{"type": "deny"}]},
    {"purpose": [{"code": "HRESCH"}]},
    {"dataPeriod": {"end": "2020"}},
]


@pytest.mark.parametrize("narrowing", NARROWING)
def test_a_permit_that_its_author_narrowed_is_no_permit(narrowing):
    narrowed = {**CONSENT, "provision": {**CONSENT["provision"], **narrowing}}
    assert "decision" not in lens.view(consent.FACE.fields, narrowed)
    assert changed(consent.FACE, narrowed, decision="permit") == CONSENT


@pytest.mark.parametrize("narrowing", NARROWING)
def test_a_deny_stays_a_deny_however_it_is_narrowed(narrowing):
    denied = {**CONSENT, "provision": {**CONSENT["provision"], **narrowing, "type": "deny"}}
    assert lens.view(consent.FACE.fields, denied)["decision"] == "deny"


def test_answers_to_our_own_questionnaires_are_no_assessments():
    details = [face for face in FACES if face.type == "QuestionnaireResponse" and face.kind != "assessment"]
    mine = [[face.kind for face in (*details, assessment.FACE) if face.mine(dict(other.base))] for other in details]
    assert mine == [[face.kind] for face in details]
    versioned = {"questionnaire": f"{housing.FACE.base['questionnaire']}|2"}
    assert housing.FACE.mine(versioned)
    assert not assessment.FACE.mine(versioned)
    assert assessment.FACE.mine({"questionnaire": "https://example.org/Questionnaire/falls"})


def test_a_visit_at_home_is_no_stay():
    assert not encounter.FACE.mine({"resourceType": "Encounter", "class": {"code": "HH"}})


def test_the_ward_is_the_place_that_is_active():
    places = [{"location": {"display": "Ward 1"}, "status": "active"}, {"location": {"display": "X-ray"}}]
    moved = changed(encounter.FACE, {"resourceType": "Encounter", "location": places}, ward="Ward 2")
    assert moved["location"] == [{"location": {"display": "Ward 2"}, "status": "active"}, places[1]]


def test_a_message_in_several_parts_is_one_text():
    parts = [{"contentString": "One."}, {"contentReference": {"reference": "Goal/1"}}, {"contentString": "Two."}]
    resource = {"resourceType": "Communication", "payload": parts}
    assert lens.view(communication.FACE.fields, resource) == {"text": "One.\n\nTwo."}
    assert changed(communication.FACE, resource, text="Three.")["payload"] == [{"contentString": "Three."}, parts[1]]


def test_a_value_ends_the_reason_why_there_was_none():
    resource = {"resourceType": "Observation", "dataAbsentReason": {"text": "refused"}, "valueInteger": 3}
    assert changed(observation.FACE, resource, value=True) == {"resourceType": "Observation", "valueBoolean": True}


def test_a_contact_of_an_ehr_is_named_and_related_in_words():
    resource = {
        "resourceType": "RelatedPerson",
        "name": [{"prefix": ["Ms"], "given": ["Bea"], "family": "Test"}],
        "relationship": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "NOK"}]},
            {
                "coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "NIECE", "display": "niece"}
                ]
            },
        ],
    }
    seen = {"name": "Ms Bea Test", "relationship": "niece", "roles": ["next_of_kin"]}
    assert lens.view(relatedperson.FACE.fields, resource) == seen
    made = changed(relatedperson.FACE, resource, relationship="my sister's girl")
    assert made["relationship"] == [resource["relationship"][0], {"text": "my sister's girl"}]


def test_a_label_that_a_client_wrote_stays_and_an_item_without_an_answer_goes():
    items = [{"linkId": "scheme", "text": "Your scheme"}, {"linkId": "unknown", "answer": [{"valueString": "x"}]}]
    made = changed(housing.FACE, {"item": items}, scheme="Larch Court", uprn="12")
    assert made["item"][0] == {"linkId": "scheme", "text": "Your scheme", "answer": [{"valueString": "Larch Court"}]}
    assert made["item"][2] == {"linkId": "uprn", "text": "Uprn", "answer": [{"valueString": "12"}]}
    assert changed(housing.FACE, made, scheme=None, uprn=None)["item"] == items
