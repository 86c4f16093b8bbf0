"""One example of every kind, as a client sends it: what the interface description shows, and what the tests send."""

from collections.abc import Mapping

from plan.model import Json

EXAMPLES: Mapping[str, dict[str, Json]] = {
    "person": {
        "name": {"given": ["Mary"], "family": "Okafor"},
        "preferred_name": "May",
        "birth_date": "1941-05-17",
        "gender": "female",
        "nhs_number": "943 476 5919",
        "identifiers": [{"system": "https://oneplan.example/Id/housing-number", "value": "T-20817"}],
        "addresses": [{"type": "home", "lines": ["14 Quarry Court"], "city": "Leeds", "postcode": "LS9 7AA"}],
        "communication": {"language": {"text": "English"}, "interpreter_required": False},
    },
    "section": {"title": "Health", "summary": "Heart failure, stable since March.", "review_date": "2026-09-01"},
    "need": {"need": "Falls at night on the way to the bathroom", "status": "active", "severity": "moderate"},
    "goal": {"goal": "Walk to the shop and back", "status": "active", "importance": 8, "due": "2026-09-30"},
    "action": {"what": "Fit a rail beside the bed", "status": "planned", "due": "2026-04-10", "confidence": 7},
    "service": {
        "service": "Morning visit",
        "status": "active",
        "visits": [{"days": ["mon", "wed", "fri"], "start": "08:30", "minutes": 30}],
        "gives_medicines": False,
    },
    "instruction": {
        "text": "At most 1.5 litres a day",
        "topic": "fluids",
        "action": "restrict",
        "status": "active",
        "value": {"value": 1.5, "unit": "L"},
    },
    "referral": {"referral": "Welfare check after the stay", "status": "active", "priority": "urgent"},
    "flag": {"flag": "Dog in the flat: ring before a visit", "status": "active"},
    "review": {
        "signed": "CarePlan/0192a9f0-0000-7000-8000-000000000001/_history/3",
        "outcome": "no_change",
        "next_review": "2026-09-01",
    },
    "equipment": {"item": "Bed rail", "status": "ordered", "needed_by": "2026-04-10"},
    "risk": {"risk": "Falls", "to_whom": "self", "likelihood": "high", "status": "final"},
    "allergy": {"substance": "Penicillin", "status": "active", "nature": "allergy", "reaction": "Rash"},
    "medicine": {"medicine": "Co-careldopa", "times": ["07:00", "11:00"], "time_critical": True, "status": "active"},
    "prescription": {"medicine": "Furosemide 40 mg tablets", "dose": "One in the morning", "status": "active"},
    "finding": {
        "rule": "c05-fluids",
        "title": "How much to drink",
        "severity": "high",
        "status": "open",
        "sides": ["ServiceRequest/1", "ServiceRequest/2"],
        "detail": "One says encourage fluids 2 L/d, the other restrict fluids 1.5 L/d.",
    },
    "message": {"text": "She was short of breath this morning.", "status": "sent", "urgency": "soon"},
    "ask": {"what": "Acknowledge the message about her breathing.", "state": "sent", "urgency": "soon"},
    "stay": {"status": "in_hospital", "admitted": "2026-03-02T09:15:00Z", "planned_discharge": "2026-03-09"},
    "document": {"title": "Letter from the heart clinic", "status": "current", "date": "2026-02-20"},
    "assessment": {"instrument": {"text": "Waterlow score"}, "score": 14, "date": "2026-03-01"},
    "observation": {
        "code": {"text": "Body weight"},
        "value": {"value": 71.4, "unit": "kg"},
        "date": "2026-03-01",
    },
    "contact": {"name": "Joan Okafor", "relationship": "my sister", "roles": ["next_of_kin"], "key_holder": True},
    "sealed_address": {
        "address": {"lines": ["3 Harbour View"], "city": "Whitby", "postcode": "YO21 0AA"},
        "note": "Ring before a visit. Never tell the family.",
        "restricted_to": ["LA1"],
    },
    "consent": {
        "decision": "permit",
        "status": "active",
        "to": [{"role": "carer"}],
        "sections": ["about_me", "health"],
        "start": "2026-03-01",
    },
    "about_me": {"most_important": "Singing in the choir on Thursdays."},
    "housing": {"scheme": "Quarry Court", "access": "Key safe beside the door; ask Joan for the code."},
    "benefits": {"benefit": "attendance_allowance", "status": "awarded", "review_date": "2026-11-01"},
    "contingency": {
        "plan_name": "When breathing gets worse",
        "trigger_factors": [{"text": "Cannot finish a sentence"}],
        "what_should_happen": ["Ring the heart nurse; after eight in the evening ring 111."],
    },
    "legal": {"attorneys": [{"name": "Joan Okafor", "type": "health_and_welfare"}]},
}
"""Kind and body."""
