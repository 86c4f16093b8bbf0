"""Plans for paper, by hand: the fullest that there may be, and what a PDF says of itself and on each page."""

import io
from collections.abc import Mapping
from typing import Any

import pikepdf
from pypdf import PdfReader

from auth.server.parties import Account
from plan.known import Entry, Known, Place
from plan.model import AgencyId, EntryId, Role, Section, Subject
from tests.support.plans_known import ADA, agencies, ms

NOW = ms("2026-03-04T14:05:00Z")
NURSE = Account(subject=Subject("nurse1"), agency=AgencyId("RX1"), role=Role.CLINICIAN, name="Nurse Test")
PROSE = "Long and careful words about what is to be done, by whom, and when. " * 290
LINE = "A line that is as long as lines may be, and then some more. " * 4
TEAM = tuple(Place(party=id_, role=role) for id_, role in (("RX1", "Hospital"), ("HC1", "Home care"), ("LA1", "")))
IDENTITY: Mapping[str, Any] = {
    "name": {"given": ["Ada"], "family": "Test"},
    "birth_date": "1941-05-12",
    "nhs_number": "9000000009",
}
_SECTIONS = {
    "about_me": Section.ABOUT_ME,
    "contact": Section.ABOUT_ME,
    "housing": Section.HOUSING,
    "legal": Section.LEGAL,
    "contingency": Section.CONTINGENCY,
    "stay": Section.TRANSITIONS,
    "discharge_override": Section.TRANSITIONS,
}
_FULL: Mapping[str, Mapping[str, Any]] = {
    "about_me": dict.fromkeys(
        ("most_important", "people_important", "communication", "please_do_and_dont", "wellness"), PROSE[:19_000]
    )
    | {"how_and_when_to_support": PROSE[:19_000]},
    "allergy": {"substance": LINE, "status": "active", "reaction": PROSE[:19_000], "criticality": "high"},
    "goal": {
        "goal": PROSE[:19_000],
        "own_words": PROSE[:19_000],
        "status": "active",
        "score": 1,
        "due": "2026-05-01",
        "attainment": "improving",
    },
    "service": {
        "service": PROSE[:19_000],
        "status": "active",
        "gives_medicines": True,
        "provider": {"reference": "Organization/HC1", "name": LINE},
        "visits": [{"days": ["mon", "sun"], "start": "08:00", "minutes": 30, "carers": 2, "tasks": PROSE[:19_000]}] * 7,
    },
    "medicine": {
        "medicine": LINE,
        "status": "active",
        "dose": PROSE[:19_000],
        "time_critical": True,
        "times": ["08:00", "20:00"],
        "given_by": {"name": LINE},
    },
    "equipment": {"item": LINE, "status": "ordered", "location": PROSE[:19_000]},
    "contingency": {
        "trigger_factors": [{"text": PROSE[:19_000]}] * 20,
        "what_should_happen": [PROSE[:19_000]] * 20,
        "who_should_be_contacted": [{"name": LINE, "contact": LINE}] * 20,
        "treatment": "comfort",
        "resuscitation": "do_not_attempt",
    },
    "legal": {
        "cpr_decision": {"decision": "do_not_attempt", "date": "2026-01-01"},
        "advance_decisions": [{"decision": PROSE[:19_000], "location": LINE}] * 20,
        "attorneys": [{"name": LINE, "type": "health_and_welfare", "contact": LINE}] * 20,
    },
    "contact": {"name": LINE, "relationship": LINE, "phone": LINE, "key_holder": True, "roles": ["unpaid_carer"]},
    "housing": {"scheme": LINE, "household": PROSE[:19_000], "scheme_manager": {"name": LINE, "contact": LINE}},
    "review": {"signed": "CarePlan/x/_history/1", "outcome": "no_change", "next_review": "2026-09-01"},
}


def entry(kind: str, id_: str, body: Mapping[str, Any], **more: Any) -> Entry:
    """One entry."""
    made: dict[str, Any] = {"section": _SECTIONS.get(kind, Section.HEALTH), "type": "X", "agency": AgencyId("RX1")}
    made |= {"version": 1, "at": NOW - 1000, "created": NOW - 1000, "by_role": "clinician", "by_agency": "RX1"}
    return Entry(id=EntryId(id_), kind=kind, body=body, **(made | more))


def plan(*entries: Entry, **more: Any) -> Known:
    """Ada's plan with these entries."""
    made: dict[str, Any] = {"identity": IDENTITY, "team": TEAM, "agencies": agencies()} | more
    return Known(person=ADA, now=NOW, entries={one.id: one for one in entries}, **made)


def fullest(of_each: int = 60) -> Known:
    """More of everything, and longer, than any plan has."""
    made = [entry(kind, f"{kind}-{n}", body) for kind, body in _FULL.items() for n in range(of_each)]
    name = {"given": [LINE] * 5, "family": LINE}
    addresses = [{"lines": [LINE] * 5, "city": LINE, "postcode": LINE}]
    return plan(*made, identity={**IDENTITY, "name": name, "addresses": addresses, "phones": [LINE] * 9})


def pages(pdf: bytes) -> list[str]:
    """What each page says."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def bare(text: str) -> str:
    """A text without its spaces and the places where a line may end."""
    return "".join(text.split()).replace("\u200b", "")


def text_of(pdf: bytes) -> str:
    """All that it says, without spaces."""
    return bare("".join(pages(pdf)))


def opened(pdf: bytes) -> pikepdf.Pdf:
    """The file's own structure."""
    return pikepdf.open(io.BytesIO(pdf))
