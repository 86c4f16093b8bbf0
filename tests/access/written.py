"""The entries of the towns as they are sent: a resource of a type that stands in a section and carries a mark."""

from typing import Any

from tests.access.oracle import Thing

TAG = "https://oneplan.example/fhir/CodeSystem/plan-section"
TYPES = ["Goal", "Condition", "Task", "Communication", "Flag", "AllergyIntolerance"]


def written_as(thing: Thing) -> dict[str, Any]:
    """An entry as it is sent."""
    made = written(thing.type, thing.person, thing.section, thing.mark, thing.focus, thing.owner)
    if thing.status:
        made["status"] = thing.status
    if thing.category:
        system, _, code = thing.category.partition("|")
        made["category"] = [{"coding": [{"system": system, "code": code}]}]
    return made


def written(type_: str, person: str, section: str, mark: str, focus: str = "", owner: str = "") -> dict[str, Any]:
    """A resource of a type that stands in a section and carries a mark."""
    on = {"reference": f"Patient/{person}"}
    by_type: dict[str, dict[str, Any]] = {
        "Goal": {"lifecycleStatus": "active", "description": {"text": mark}, "subject": on},
        "Condition": {"clinicalStatus": _active("condition-clinical"), "code": {"text": mark}, "subject": on},
        "Task": {"status": "requested", "intent": "order", "description": mark, "for": on},
        "Communication": {"status": "completed", "payload": [{"contentString": mark}], "subject": on},
        "Flag": {"status": "active", "code": {"text": mark}, "subject": on},
        "AllergyIntolerance": {
            "clinicalStatus": _active("allergyintolerance-clinical"),
            "code": {"text": mark},
            "patient": on,
        },
    }
    made = by_type[type_]
    if focus:
        made["focus"] = {"reference": f"Goal/{focus}"}
    if owner:
        made["owner"] = {"reference": f"Organization/{owner}"}
    return {"resourceType": type_, "meta": {"tag": [{"system": TAG, "code": section}]}, **made}


def _active(system: str) -> dict[str, Any]:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": "active"}]}
