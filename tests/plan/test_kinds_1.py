"""What the forms of need, goal, action, service, instruction, equipment and risk take, and what they refuse."""

import pytest
from pydantic import ValidationError

from plan.kinds import action, equipment, goal, instruction, need, risk, service
from plan.model import PLAN_SECTIONS, Section

GOOD = [
    (need, {"need": "Falls at night", "status": "active"}),
    (need, {"need": "Wrong person", "certainty": "entered_in_error"}),
    (need, {"need": "Broken hip", "status": "resolved", "since": "2025-11", "until": "2026-02-03"}),
    (goal, {"goal": "Walk to the shop", "status": "active", "importance": 9, "own_words": "I miss the bench."}),
    (goal, {"goal": "Walk", "status": "active", "stage_goals": [{"goal": "To the gate", "status": "achieved"}]}),
    (action, {"what": "Fit a rail", "status": "planned", "who": {"name": "Bea"}, "confidence": 7}),
    (service, {"service": "Home care", "status": "active", "visits": [{"days": ["mon"], "start": "09:00"}]}),
    (
        instruction,
        {
            "text": "At most 1.5 L a day",
            "topic": "fluids",
            "action": "restrict",
            "status": "active",
            "range": {"high": {"value": 1500, "unit": "mL/d"}},
        },
    ),
    (equipment, {"item": "Profiling bed", "status": "delivered", "needed_by": "2026-03-06T14:00:00Z"}),
    (risk, {"risk": "Falls", "status": "final", "to_whom": "self", "likelihood": "high"}),
]

BAD = [
    (need, {"need": "Falls"}, "has a status"),
    (
        need,
        {"need": "Falls", "status": "active", "certainty": "entered_in_error"},
        "(?s)status.*has no place in a need",
    ),
    (need, {"need": "Falls", "status": "active", "until": "2026-02-03"}, "(?s)until.*stands only where"),
    (need, {"need": "Falls", "certainty": "entered_in_error", "until": "2026"}, "(?s)until.*has no place in a need"),
    (need, {"need": "Falls", "status": "active", "raised_by": {"reference": "Goal/1"}}, "raised_by.reference"),
    (need, {"need": "<script>", "status": "active"}, "plain text"),
    (need, {"need": " ", "status": "active"}, "pattern"),
    (goal, {"goal": "Walk", "status": "active", "needs": ["Goal/1"]}, "refers to one of: Condition"),
    (action, {"what": "Fit", "status": "planned", "focus": "Rail/1"}, "a type that FHIR R4 has not"),
    (action, {"what": "Fit", "status": "done", "start": "2026-03", "end": "2026-02-28"}, "(?s)end.*is not before"),
    (service, {"service": "Care", "status": "active", "period": {"start": "2026", "end": "2025"}}, "period.end"),
    (goal, {"goal": "Walk", "status": "active", "importance": 11}, "less than or equal to 10"),
    (goal, {"goal": "Walk", "status": "active", "needs": []}, "at least 1 item"),
    (goal, {"goal": "Walk", "status": "begun"}, "Input should be"),
    (action, {"what": "Fit a rail", "status": "planned", "confidence": "7"}, "valid integer"),
    (action, {"what": "Fit a rail", "status": "planned", "by": "Bea"}, "Extra inputs"),
    (service, {"service": "Care", "status": "active", "visits": [{"start": "09:00:30"}]}, "time of day"),
    (service, {"service": "Care", "status": "active", "visits": [{"start": "24:00"}]}, "time of day"),
    (service, {"service": "Care", "status": "active", "visits": [{"start": "09:00", "minutes": 0}]}, "greater than"),
    (service, {"service": "Care", "status": "active", "visits": [{"days": ["monday"], "start": "09:00"}]}, "mon"),
    (
        instruction,
        {
            "text": "Drink",
            "topic": "fluids",
            "action": "do",
            "status": "active",
            "value": {"value": 2},
            "range": {"low": {"value": 1}},
        },
        "a value or a range",
    ),
    (
        instruction,
        {
            "text": "Drink",
            "topic": "fluids",
            "action": "do",
            "status": "active",
            "range": {"low": {"value": 2, "unit": "L"}, "high": {"value": 1, "unit": "L"}},
        },
        "range.high",
    ),
    (instruction, {"text": "Drink", "topic": "water", "action": "do", "status": "active"}, "Input should be"),
    (equipment, {"item": "Bed", "status": "active"}, "Input should be"),
    (risk, {"risk": "Falls", "status": "final", "likelihood": "very"}, "Input should be"),
]


@pytest.mark.parametrize("kind,body", GOOD)
def test_a_body_as_people_write_it_is_taken(kind, body):
    kind.KIND.form.model_validate(body)
    assert kind.KIND.title(body) == next(iter(body.values()))


@pytest.mark.parametrize("kind,body,why", BAD)
def test_a_body_that_says_what_cannot_be_is_refused_with_the_reason(kind, body, why):
    with pytest.raises(ValidationError, match=why):
        kind.KIND.form.model_validate(body)


@pytest.mark.parametrize("kind", [need, goal, action, service, instruction, equipment, risk])
def test_a_kind_without_words_is_titled_by_its_name(kind):
    assert kind.KIND.title({}) == kind.KIND.name.capitalize()
    assert kind.KIND.home is None


def test_equipment_stands_where_somebody_supplies_or_waits_for_it():
    assert equipment.KIND.sections == {Section.HEALTH, Section.SOCIAL_CARE, Section.HOUSING, Section.TRANSITIONS}
    assert need.KIND.sections == set(PLAN_SECTIONS)
