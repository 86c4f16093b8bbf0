"""A made-up person with a plan of realistic size, as the resources that four agencies wrote about them.

The words vary with the number; the shape is what a frail person at home has: conditions, goals, tasks, services,
medicines, twenty observations, and a CarePlan of 2 kB that the practice keeps in its own system.
"""

from collections.abc import Iterator
from typing import Any, Final

from bench.world import estate, nhs_number
from fhir_facade.systems import HL7, LOINC, NHS_NUMBER, SNOMED, UCUM, own_extension
from plan.model import Section

Resource = dict[str, Any]

OBSERVATIONS: Final = 20
PLAN_CATEGORY: Final = "735985000"
"""SNOMED: diabetes self management plan; only the contributed CarePlan has it."""

_GIVEN = ("Margaret", "Arthur", "Doreen", "Mohammed", "Sheila", "Winston", "Agnieszka", "Harold")
_FAMILY = ("Hughes", "Okafor", "Lindqvist", "Iqbal", "Marshall", "Grant", "Kowalska", "Bannister")
_CONDITIONS = (
    ("44054006", "Type 2 diabetes mellitus"),
    ("13645005", "Chronic obstructive lung disease"),
    ("49436004", "Atrial fibrillation"),
    ("59621000", "Essential hypertension"),
    ("396275006", "Osteoarthritis"),
)
_GOALS = ("Walk to the shop and back without stopping", "Keep my blood sugar steady", "Cook for myself again")
_TASKS = (
    "Refer to the falls clinic and tell the daughter when the date is known",
    "Order the walking frame and have it fitted at home",
    "Review the medicines together with the pharmacist",
    "Look at the bathroom: a rail beside the bath is wanted",
)
_SERVICES = (("726007005", "Home care, mornings"), ("385767005", "Meals on wheels"), ("410155007", "Falls assessment"))
_MEDICINES = (
    ("325072002", "Metformin 500 mg tablets, one with breakfast and one with the evening meal"),
    ("319733000", "Apixaban 5 mg tablets, one in the morning and one in the evening"),
    ("318851002", "Ramipril 5 mg capsules, one in the morning"),
)
_MEASURED = (
    ("29463-7", "Body weight", 71.4, "kg"),
    ("4548-4", "Hemoglobin A1c", 58.0, "mmol/mol"),
    ("8867-4", "Heart rate", 72.0, "/min"),
    ("2339-0", "Glucose", 7.1, "mmol/L"),
    ("59408-5", "Oxygen saturation", 95.0, "%"),
)


def patient(number: int) -> Resource:
    """The person."""
    return {
        "resourceType": "Patient",
        "identifier": [{"system": NHS_NUMBER, "value": nhs_number(number)}],
        "active": True,
        "name": [{"use": "official", "family": _of(_FAMILY, number), "given": [_of(_GIVEN, number), "Anne"]}],
        "telecom": [{"system": "phone", "value": f"01632 {960000 + number}", "use": "home"}],
        "gender": ("female", "male")[number % 2],
        "birthDate": f"{1932 + number % 20}-0{1 + number % 9}-14",
        "address": [{"line": [f"{1 + number} Station Road"], "city": "Exampleton", **_estate(number)}],
        "generalPractitioner": [{"display": "The practice of the plan"}],
    }


def written(sort: str, number: int, person: str) -> Iterator[tuple[Section, Resource]]:
    """What the agency of a sort wrote about a person, by section."""
    pages = {"P": _practice, "C": _council, "H": _housing, "D": _home_care}
    yield from pages[sort](number, {"reference": f"Patient/{person}"})


def observation(number: int, subject: Resource) -> Resource:
    """One of the measurements of a person."""
    code, name, value, unit = _of(_MEASURED, number)
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [_concept(f"{HL7}/observation-category", "vital-signs", "Vital Signs")],
        "code": _concept(LOINC, code, name),
        "subject": subject,
        "effectiveDateTime": f"2026-0{1 + number % 9}-1{number % 10}T08:{10 + number % 50}:00Z",
        "performer": [{"display": "Practice nurse"}],
        "valueQuantity": {"value": round(value + number % 7, 1), "unit": unit, "system": UCUM, "code": unit},
        "note": [{"text": "Measured at home, sitting, after ten minutes of rest."}],
    }


def goal(number: int, subject: Resource, said: str = "") -> Resource:
    """One of the goals of a person; `said` makes its words differ."""
    words = _of(_GOALS, number) + said
    return {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "achievementStatus": _concept(f"{HL7}/goal-achievement", "improving", "Improving"),
        "priority": _concept(f"{HL7}/goal-priority", "high-priority", "High Priority"),
        "description": {"text": words},
        "subject": subject,
        "startDate": "2026-01-12",
        "target": [
            {
                "measure": {"text": "Walks outdoors"},
                "detailString": "Three times a week, with the stick",
                "dueDate": "2026-12-01",
            }
        ],
        "note": [{"text": "In her own words: I want to see people again, not only the four walls."}],
    }


def _practice(number: int, subject: Resource) -> Iterator[tuple[Section, Resource]]:
    for at in range(3):
        yield Section.HEALTH, _condition(number + at, subject)
    yield Section.HEALTH, goal(number, subject)
    for at in range(OBSERVATIONS):
        yield Section.HEALTH, observation(number + at, subject)
    for at in range(3):
        yield Section.HEALTH, _medicine(number + at, subject)
    yield Section.HEALTH, _service(number, subject)
    yield Section.HEALTH, _allergy(subject)
    yield Section.HEALTH, _careplan(number, subject)
    yield Section.TRANSITIONS, _stay(number, subject)


def _council(number: int, subject: Resource) -> Iterator[tuple[Section, Resource]]:
    yield Section.SOCIAL_CARE, goal(number + 1, subject)
    yield Section.SOCIAL_CARE, _task(number, subject)
    yield Section.SOCIAL_CARE, _task(number + 1, subject)
    yield Section.SOCIAL_CARE, _service(number + 1, subject)
    yield Section.ABOUT_ME, _daughter(number, subject)


def _housing(number: int, subject: Resource) -> Iterator[tuple[Section, Resource]]:
    yield Section.HOUSING, _task(number + 3, subject)


def _home_care(number: int, subject: Resource) -> Iterator[tuple[Section, Resource]]:
    yield Section.SOCIAL_CARE, _task(number + 2, subject)


def _estate(number: int) -> Resource:
    parent = {"url": own_extension("parent-uprn"), "valueString": estate(number)}
    return {"postalCode": "ZZ99 3CZ", "extension": [parent]}


def _stay(number: int, subject: Resource) -> Resource:
    """In hospital, and to go home soon: what the discharge board shows."""
    planned = f"2026-04-0{1 + number % 9}T14:00:00Z"
    return {
        "resourceType": "Encounter",
        "status": "in-progress",
        "class": {"system": f"{HL7}/v3-ActCode", "code": "IMP"},
        "subject": subject,
        "period": {"start": "2026-03-20T10:00:00Z"},
        "extension": [{"url": own_extension("planned-discharge"), "valueDateTime": planned}],
        "location": [{"status": "active", "location": {"display": "Ward 4B"}}],
    }


def _condition(number: int, subject: Resource) -> Resource:
    code, name = _of(_CONDITIONS, number)
    return {
        "resourceType": "Condition",
        "clinicalStatus": _concept(f"{HL7}/condition-clinical", "active", "Active"),
        "verificationStatus": _concept(f"{HL7}/condition-ver-status", "confirmed", "Confirmed"),
        "category": [_concept(f"{HL7}/condition-category", "problem-list-item", "Problem List Item")],
        "code": _concept(SNOMED, code, name),
        "subject": subject,
        "onsetDateTime": "2014-05",
        "note": [{"text": "Stable under treatment; reviewed once a year at the practice."}],
    }


def _task(number: int, subject: Resource) -> Resource:
    return {
        "resourceType": "Task",
        "status": "in-progress",
        "intent": "plan",
        "priority": "routine",
        "description": _of(_TASKS, number),
        "for": subject,
        "executionPeriod": {"start": "2026-02-02", "end": "2026-03-31"},
        "note": [{"text": "She likes to be rung before ten; speak slowly, she does not hear well on the left."}],
    }


def _service(number: int, subject: Resource) -> Resource:
    code, name = _of(_SERVICES, number)
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "plan",
        "code": _concept(SNOMED, code, name),
        "subject": subject,
        "occurrenceTiming": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["08:30:00"]}},
        "note": [{"text": "The key is in the safe beside the door; the neighbour has another."}],
    }


def _medicine(number: int, subject: Resource) -> Resource:
    code, words = _of(_MEDICINES, number)
    return {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": _concept(SNOMED, code, words.split(",")[0]),
        "subject": subject,
        "effectivePeriod": {"start": "2025-03-01"},
        "dosage": [{"text": words}],
    }


def _allergy(subject: Resource) -> Resource:
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": _concept(f"{HL7}/allergyintolerance-clinical", "active", "Active"),
        "code": _concept(SNOMED, "91936005", "Allergy to penicillin"),
        "patient": subject,
        "reaction": [{"manifestation": [_concept(SNOMED, "271807003", "Rash")], "severity": "moderate"}],
    }


def _daughter(number: int, subject: Resource) -> Resource:
    return {
        "resourceType": "RelatedPerson",
        "active": True,
        "patient": subject,
        "relationship": [_concept(f"{HL7}/v3-RoleCode", "DAU", "natural daughter")],
        "name": [{"family": _of(_FAMILY, number), "given": ["Joanne"]}],
        "telecom": [{"system": "phone", "value": "07700 900123"}],
    }


def _careplan(number: int, subject: Resource) -> Resource:
    steps = (
        "Check the feet every evening, between the toes as well; call the practice on any redness that stays.",
        "Measure the sugar before breakfast on Mondays and Thursdays and write it into the blue book.",
        "Walk to the corner and back after lunch, with the stick, and sit down on the bench if short of breath.",
        "Bring the blue book, the glasses and all of the boxes of medicines to each appointment.",
    )
    return {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "category": [_concept(SNOMED, PLAN_CATEGORY, "Diabetes self management plan")],
        "title": "Living with diabetes",
        "description": " ".join(steps),
        "subject": subject,
        "period": {"start": "2026-01-12", "end": "2026-12-31"},
        "author": {"display": "Practice diabetes nurse"},
        "addresses": [{"display": _of(_CONDITIONS, number)[1]}],
        "activity": [{"detail": {"kind": "Task", "status": "in-progress", "description": step}} for step in steps],
        "note": [{"text": "Agreed with her and her daughter on the practice visit of 12 January; next look in July."}],
    }


def _concept(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _of(words: tuple[Any, ...], number: int) -> Any:
    return words[number % len(words)]
