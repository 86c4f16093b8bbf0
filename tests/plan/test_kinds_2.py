"""The forms of messages, stays, documents, people, consents and the section details: what they take and refuse."""

import typing
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from plan.kinds import (
    about_me,
    allergy,
    assessment,
    benefits,
    consent,
    contact,
    contingency,
    document,
    finding,
    flag,
    housing,
    legal,
    medicine,
    message,
    observation,
    person,
    prescription,
    referral,
    review,
    stay,
)
from plan.model import PLAN_SECTIONS, Section

FALLS = {"text": "Falls risk"}
MODULES = (
    message,
    stay,
    document,
    assessment,
    observation,
    contact,
    consent,
    about_me,
    housing,
    benefits,
    contingency,
    legal,
    person,
    flag,
    review,
    referral,
    allergy,
    medicine,
    prescription,
    finding,
)
LEAST: dict[str, dict[str, Any]] = {
    "allergy": {"substance": "Penicillin", "status": "active"},
    "medicine": {"medicine": "Levodopa", "status": "active"},
    "prescription": {"medicine": "Levodopa", "status": "draft"},
    "finding": {
        "rule": "c05-fluids",
        "title": "How much to drink",
        "severity": "high",
        "status": "open",
        "sides": ["ServiceRequest/1"],
        "detail": "More than is allowed.",
    },
    "message": {"text": "Breathless, ankles swollen", "status": "sent"},
    "stay": {"status": "in_hospital"},
    "document": {"title": "Discharge letter", "status": "current"},
    "assessment": {"instrument": FALLS},
    "observation": {"code": FALLS},
    "contact": {"name": "Bea"},
    "consent": {"decision": "permit", "status": "active", "to": [{"role": "carer"}], "sections": ["about_me"]},
    "about_me": {"most_important": "My garden"},
    "housing": {"household": "Lives alone"},
    "benefits": {"benefit": "attendance_allowance", "status": "awarded"},
    "contingency": {"trigger_factors": [{"text": "The daughter is ill"}]},
    "legal": {"other": "None known"},
    "person": {"name": {"family": "Test"}},
    "flag": {"flag": "Ring before a visit", "status": "active"},
    "review": {"signed": "CarePlan/1/_history/3"},
    "referral": {"referral": "Welfare check", "status": "active"},
}
"""The least that each kind is."""
KINDS = {module.KIND.name: module.KIND for module in MODULES}


@pytest.mark.parametrize("kind", KINDS)
def test_the_least_body_is_enough(kind):
    KINDS[kind].form.model_validate(LEAST[kind])


@pytest.mark.parametrize("kind,field", [(kind, field) for kind, body in LEAST.items() for field in body])
def test_what_is_required_cannot_be_left_out(kind, field):
    body = {name: value for name, value in LEAST[kind].items() if name != field}
    with pytest.raises(ValidationError):
        KINDS[kind].form.model_validate(body)


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_that_the_form_does_not_know_is_refused(kind):
    with pytest.raises(ValidationError, match="extra_forbidden"):
        KINDS[kind].form.model_validate(LEAST[kind] | {"amount": 1})


REFUSED = [
    ("allergy", {"certainty": "entered_in_error"}),
    ("medicine", {"tolerance_minutes": 0}),
    ("finding", {"status": "resolved"}),
    ("finding", {"status": "withdrawn"}),
    ("finding", {"status": "resolved", "resolution": {"by": {"name": "Dr Test"}}}),
    ("message", {"urgency": "whenever"}),
    ("message", {"in_reply_to": "not a reference"}),
    ("stay", {"pathway": 4}),
    ("stay", {"pathway": "1"}),
    ("stay", {"planned_discharge": "Friday"}),
    ("document", {"content_type": "pdf"}),
    ("document", {"recorded": "2026-03-02"}),
    ("assessment", {"score": "12"}),
    ("assessment", {"questionnaire": "https://oneplan.example/fhir/Questionnaire/housing"}),
    ("observation", {"code": {"system": "http://snomed.info/sct"}}),
    ("observation", {"value": {"amount": 3}}),
    ("contact", {"roles": ["cousin"]}),
    ("contact", {"key_holder": "yes"}),
    ("contact", {"roles": []}),
    ("contact", {"comments": None}),
    ("message", {"to": []}),
    ("housing", {"hazards": []}),
    ("legal", {"attorneys": []}),
    ("person", {"phones": []}),
    ("consent", {"to": []}),
    ("consent", {"to": [{}]}),
    ("consent", {"to": [{"role": "carer", "agency": "HA1"}]}),
    ("consent", {"to": [{"role": "auditor"}]}),
    ("consent", {"to": [{"carer": "Practitioner/1"}]}),
    ("consent", {"sections": []}),
    ("consent", {"sections": ["frame"]}),
    ("about_me", {"most_important": " "}),
    ("housing", {"uprn": "1000000000012"}),
    ("housing", {"uprn": "12a"}),
    ("housing", {"evacuation_plan": {"updated": "2026-01-01"}}),
    ("housing", {"key_safe_code": "1234"}),
    ("benefits", {"benefit": "other"}),
    ("benefits", {"weekly_amount": 108.55}),
    ("contingency", {"trigger_factors": []}),
    ("contingency", {"advance_statement": {"date": "2026"}}),
    ("legal", {"advance_decisions": [{"decision": "No ventilation"}]}),
    ("legal", {"attorneys": [{"name": "Bea"}]}),
    ("person", {"name": {"given": ["Ada"]}}),
    ("person", {"nhs_number": "900 000 0009"}),
    ("person", {"nhs_number": "900000000"}),
    ("person", {"identifiers": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9000000009"}]}),
    ("person", {"gp_practice": {"reference": "Practitioner/1"}}),
    ("person", {"died": "yes"}),
    ("flag", {"sections": ["frame"]}),
    ("flag", {"raised_by": {"reference": "RelatedPerson/1"}}),
    ("review", {"signed": "CarePlan/1"}),
    ("review", {"signed": "Goal/1/_history/3"}),
    ("review", {"signed": "CarePlan/1/_history/0"}),
    ("review", {"outcome": "seen"}),
    ("referral", {"instead_of": "Task/1"}),
    ("referral", {"priority": "soon"}),
]


@pytest.mark.parametrize("kind,change", REFUSED)
def test_what_a_field_cannot_hold_is_refused(kind, change):
    with pytest.raises(ValidationError):
        KINDS[kind].form.model_validate(LEAST[kind] | change)


TAKEN = [
    ("allergy", {"certainty": "unconfirmed", "categories": ["food"]}),
    ("medicine", {"times": ["07:00"], "time_critical": True, "given_by": {"reference": "Organization/HC1"}}),
    ("finding", {"status": "resolved", "resolution": {"reason": "Agreed."}}),
    ("finding", {"status": "gone", "closed": "It is gone."}),
    ("message", {"urgency": "urgent", "to": [{"name": "Duty team"}], "about": ["Goal/1"]}),
    ("stay", {"planned_discharge": "2026-03-06T14:00:00Z", "pathway": 0, "hospital": {"name": "RX1"}}),
    ("document", {"content_type": "text/plain; charset=utf-8", "url": "https://example.org/a.txt"}),
    ("assessment", {"score": 12, "questionnaire": "https://example.org/Questionnaire/falls"}),
    ("observation", {"value": {"value": 72, "unit": "kg"}}),
    ("observation", {"value": {"text": "Steady"}}),
    ("observation", {"value": "Steady on her feet"}),
    ("observation", {"value": False}),
    ("contact", {"roles": ["next_of_kin", "unpaid_carer", "health_attorney"], "key_holder": True}),
    ("consent", {"to": [{"agency": "HA1"}, {"carer": "RelatedPerson/1"}, {"subject": "bea"}]}),
    ("housing", {"uprn": "100000000012", "telecare": {"working": False}, "hazards": [{"type": "damp"}]}),
    ("benefits", {"benefit": "other", "name": "Blue badge"}),
    ("legal", {"advance_decisions": [{"decision": "No ventilation", "location": "Kitchen drawer"}]}),
    ("legal", {"advance_decisions": [{"decision": "No ventilation", "document": "DocumentReference/1"}]}),
    ("person", {"nhs_number": "9000000009", "died": True}),
    ("person", {"died": "2026-03-02", "identifiers": [{"value": "12"}]}),
    ("flag", {"sections": ["housing", "health"], "period": {"start": "2026-03-02"}}),
    ("review", {"outcome": "agreed", "next_review": "2026-09-01", "seen": "2026-03-02T10:00:00Z"}),
    ("referral", {"to": {"reference": "Organization/HA1"}, "instead_of": "ServiceRequest/1"}),
]


@pytest.mark.parametrize("kind,change", TAKEN)
def test_what_a_field_can_hold_is_taken(kind, change):
    KINDS[kind].form.model_validate(LEAST[kind] | change)


def test_a_date_and_a_helper_alone_are_not_about_the_person():
    with pytest.raises(ValidationError, match="at least one of"):
        about_me.AboutMe.model_validate({"date": "2026-03-02", "supported_to_write_by": {"name": "Bea"}})


def test_no_field_of_a_benefit_can_hold_a_number():
    assert not [name for name in _types(benefits.Benefits) if name in {"int", "float", "Decimal"}]


def _types(kind):
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [name for info in kind.model_fields.values() for name in _types(info.annotation)]
    inside = [name for part in typing.get_args(kind) if not isinstance(part, str) for name in _types(part)]
    return inside or [getattr(kind, "__name__", str(kind))]


def test_consent_knows_every_section_of_the_plan_and_no_other():
    assert typing.get_args(consent.PlanSection) == tuple(section.value for section in PLAN_SECTIONS)


def test_the_parts_of_about_me_are_its_first_seven_fields():
    assert list(about_me.AboutMe.model_fields)[:7] == list(about_me.ABOUT_ME_PARTS)


@pytest.mark.parametrize(
    "kind,home",
    [
        ("message", None),
        ("document", None),
        ("assessment", None),
        ("observation", None),
        ("stay", Section.TRANSITIONS),
        ("contact", Section.ABOUT_ME),
        ("consent", Section.ABOUT_ME),
        ("about_me", Section.ABOUT_ME),
        ("housing", Section.HOUSING),
        ("benefits", Section.BENEFITS),
        ("contingency", Section.CONTINGENCY),
        ("legal", Section.LEGAL),
        ("person", Section.FRAME),
        ("flag", None),
        ("review", None),
        ("referral", None),
    ],
)
def test_a_kind_stands_where_it_belongs(kind, home):
    assert KINDS[kind].home is home
    assert KINDS[kind].sections == (frozenset(PLAN_SECTIONS) if home is None else {home})


@pytest.mark.parametrize(
    "kind,body,title",
    [
        ("allergy", {"substance": "Nuts"}, "Nuts"),
        ("medicine", {"medicine": "Senna"}, "Senna"),
        ("prescription", {}, "Prescription"),
        ("finding", {"title": "Who gives the medicines"}, "Who gives the medicines"),
        ("message", {"text": "Breathless\nThird visit"}, "Breathless"),
        ("message", {"text": "a" * 90}, "a" * 77 + "..."),
        ("stay", {"hospital": {"name": "RX1"}}, "Stay at RX1"),
        ("stay", {}, "Hospital stay"),
        ("document", {"title": "Letter"}, "Letter"),
        ("assessment", {"instrument": {"display": "Falls"}}, "Falls"),
        ("assessment", {}, "Assessment"),
        ("observation", {"code": {"text": "Weight"}}, "Weight"),
        ("observation", {}, "Observation"),
        ("contact", {"name": "Bea"}, "Bea"),
        ("consent", {"decision": "deny"}, "Sharing refused"),
        ("consent", {"decision": "permit"}, "Sharing agreed"),
        ("about_me", {}, "About me"),
        ("housing", {"scheme": "Larch Court"}, "Larch Court"),
        ("benefits", {"benefit": "pension_credit"}, "Pension credit"),
        ("benefits", {"benefit": "other", "name": "Blue badge"}, "Blue badge"),
        ("contingency", {"plan_name": "If Bea is ill"}, "If Bea is ill"),
        ("legal", {}, "Legal information"),
        ("person", {"name": {"given": ["Ada"], "family": "Test"}}, "Ada Test"),
        ("person", {"name": {"text": "Ada of Larch Court"}}, "Ada of Larch Court"),
        ("person", {}, "Person"),
        ("flag", {"flag": "Dog"}, "Dog"),
        ("review", {"outcome": "no_change"}, "Review: no change"),
        ("review", {}, "Review"),
        ("referral", {"referral": "Welfare check"}, "Welfare check"),
    ],
)
def test_a_list_shows_a_title(kind, body, title):
    assert KINDS[kind].title(body) == title


def test_an_allergy_entered_in_error_has_no_status():
    allergy.Allergy.model_validate({"substance": "Nuts", "certainty": "entered_in_error"})
