"""How the fields of people, homes, wishes and consents are written in the tables of contradictions."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.support import contradiction_fields as plain
from tests.support.contradiction_fields import coding, party, span, when, yes


def parties(text: str) -> list[dict[str, str]]:
    """Parties, with commas between."""
    return [party(part.strip()) for part in text.split(",")]


def steps(text: str) -> list[str]:
    """Steps, with ` / ` between."""
    return [part.strip() for part in text.split(" / ")]


def grantees(text: str) -> list[dict[str, str]]:
    """Whom a consent is about: agencies by their id, `role:social_worker`, `carer:RelatedPerson/1`."""
    parts = [part.partition(":") for part in text.split()]
    return [{head: rest} if mark else {"agency": head} for head, mark, rest in parts]


def works(text: str) -> list[dict[str, str]]:
    """`heating planned 2026-03-05 .. 2026-03-06 [New boiler], decant`; the status and the days may be left out."""
    return [_work(part.strip()) for part in text.split(",")]


def _work(text: str) -> dict[str, str]:
    plain, _, detail = text.partition("[")
    type_, _, rest = plain.strip().partition(" ")
    status, _, days = rest.partition(" ")
    if status not in ("planned", "under_way", "done", "cancelled"):
        status, days = "", rest
    said = span(days) if ".." in days else {"start": when(days.strip())} if days.strip() else {}
    made = {"type": type_, "status": status, "detail": detail.rstrip("]")} | said
    return {name: value for name, value in made.items() if value}


def attorneys(text: str) -> list[dict[str, str]]:
    """`Bea Test health_and_welfare 01632 960001, Cy Test property_and_affairs`."""
    return [_attorney(part.strip()) for part in text.split(",")]


def _attorney(text: str) -> dict[str, str]:
    found = re.fullmatch(
        r"(?P<name>.+?) (?P<type>(?:deputy_)?(?:health_and_welfare|property_and_affairs))(?: (?P<contact>.+))?", text
    )
    assert found, "an attorney is `name type number`"
    return {name: value for name, value in found.groupdict().items() if value}


def refusals(text: str) -> list[dict[str, str]]:
    """`Ventilation 2024-05-01 withdrawn 2026-01-01, Dialysis`: what is refused, when, and until when."""
    found = [
        re.fullmatch(r"(?P<decision>.+?)(?: (?P<date>\d{4}-\d\d-\d\d))?(?: withdrawn (?P<withdrawn>\S+))?", p.strip())
        for p in text.split(",")
    ]
    return [
        {"location": "In the hall drawer"} | {name: value for name, value in one.groupdict().items() if value}
        for one in found
        if one
    ]


def answer(text: str) -> Any:
    """What was found: yes, no, `sct#123 words`, or words."""
    return {"yes": True, "no": False}.get(text) if text in ("yes", "no") else coding(text) if "#" in text else text


DEFAULTS: Mapping[str, dict[str, Any]] = {
    **plain.DEFAULTS,
    "benefits": {"status": "awarded"},
    "consent": {"status": "active"},
    "contingency": {"trigger_factors": [{"text": "It gets worse"}]},
    "readiness": {"what": "Awards checked", "who": {"name": "Advice"}},
    "message": {"text": "A message", "status": "sent"},
}
"""What a reader of the table may take for granted."""
TYPES: Mapping[str, str] = {
    **plain.TYPES,
    **dict.fromkeys(
        ("housing", "benefits", "contingency", "legal", "about_me", "assessment"),
        "QuestionnaireResponse",
    ),
    "contact": "RelatedPerson",
    "consent": "Consent",
    "message": "Communication",
    "observation": "Observation",
    "readiness": "Task",
    "flag": "Flag",
    "record": "Procedure",
}
FIELDS: Mapping[str, Callable[[str], Any]] = {
    **plain.FIELDS,
    "telecare.working": yes,
    "telecare.relied_on": yes,
    "telecare.switched_off": when,
    "telecare.switched_on": when,
    "communication.interpreter_required": yes,
    "works": works,
    "attorneys": attorneys,
    "advance_decisions": refusals,
    "what_should_happen": steps,
    "who": party,
    "message.to": parties,
    "consent.to": grantees,
    "sections": str.split,
    "roles": str.split,
    "goals": str.split,
    "needs": str.split,
    "based_on": str.split,
    "instrument": coding,
    "observation.code": coding,
    "observation.value": answer,
    "destination": coding,
    **dict.fromkeys(("delivery_booked", "installation_booked", "test_booked", "assessment.date"), when),
}
"""How the value of a field is read, some by the kind that they stand in; a field that is not here is text."""
