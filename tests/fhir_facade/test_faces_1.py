"""What the faces of service, instruction, equipment, action, goal and need make of what EHRs send and change."""

import pytest

from fhir_facade import common, condition, devicerequest, goal, instruction, lens, riskassessment, servicerequest, task
from fhir_facade.exact import Number
from fhir_facade.timing import FURTHER_VISIT, visits_of

BASE = {"resourceType": "ServiceRequest", "intent": "order", "status": "active"}


def seen(face, resource):
    return lens.view(face.FACE.fields, resource)


def put(face, body, resource):
    return lens.put(face.FACE.fields, body, resource)


def timing(**repeat):
    return {"repeat": {"timeOfDay": ["09:00:00"], **repeat}}


TIMINGS = [
    (timing(), [{"start": "09:00"}]),
    (
        timing(dayOfWeek=["mon", "fri"], duration=30, durationUnit="min"),
        [{"days": ["mon", "fri"], "start": "09:00", "minutes": 30}],
    ),
    (timing(duration=Number("0.5"), durationUnit="h"), [{"start": "09:00", "minutes": 30}]),
    (timing(timeOfDay=["09:00:00", "17:30:00"]), [{"start": "09:00"}, {"start": "17:30"}]),
    (timing(frequency=1, period=1, periodUnit="d"), [{"start": "09:00"}]),
    (
        timing(frequency=2, period=1, periodUnit="wk", dayOfWeek=["mon", "tue"]),
        [{"days": ["mon", "tue"], "start": "09:00"}],
    ),
    (timing(frequency=1, period=2, periodUnit="wk", dayOfWeek=["mon"]), None),
    (timing(frequency=1, period=1, periodUnit="wk"), None),
    (timing(count=3), None),
    (timing(duration=Number("0.3"), durationUnit="min"), None),
    (timing(duration=3, durationUnit="wk"), None),
    (timing(duration=3), None),
    (timing(duration=True, durationUnit="min"), None),
    (timing(timeOfDay=["09:00:30"]), None),
    (timing(timeOfDay="09:00:00"), None),
    (timing(dayOfWeek=["someday"]), None),
    (timing(dayOfWeek="mon"), None),
    ({**timing(), "code": {"text": "BID"}}, None),
    ({"event": ["2026-03-06"]}, None),
    ("daily", None),
]


@pytest.mark.parametrize("given,visits", TIMINGS)
def test_a_timing_reads_as_visits_only_when_they_say_all_of_it(given, visits):
    assert visits_of(given) == visits


def test_a_pattern_that_is_not_read_as_visits_stays_when_visits_are_added():
    fortnightly = timing(frequency=1, period=2, periodUnit="wk", dayOfWeek=["mon"])
    made = put(
        servicerequest, {"status": "active", "visits": [{"start": "10:00"}]}, {**BASE, "occurrenceTiming": fortnightly}
    )
    assert made["occurrenceTiming"] == fortnightly
    assert [one["url"] for one in made["extension"]] == [FURTHER_VISIT]
    assert seen(servicerequest, made)["visits"] == [{"start": "10:00"}]


def test_visits_added_to_a_pattern_of_several_times_leave_it_as_the_ehr_wrote_it():
    twice = timing(timeOfDay=["09:00:00", "17:30:00"])
    visits = [{"start": "09:00"}, {"start": "17:30"}, {"start": "21:00", "joint": True}]
    made = put(servicerequest, {"status": "active", "visits": visits}, {**BASE, "occurrenceTiming": twice})
    assert made["occurrenceTiming"] == twice
    assert seen(servicerequest, made)["visits"] == visits


def test_the_period_stays_when_visits_come_and_go():
    resource = {**BASE, "occurrencePeriod": {"start": "2026-03-06"}}
    body = {"status": "active", "period": {"start": "2026-03-06"}}
    with_visits = put(servicerequest, {**body, "visits": [{"start": "09:00"}]}, resource)
    assert with_visits["occurrenceTiming"]["repeat"]["boundsPeriod"] == {"start": "2026-03-06"}
    assert "occurrencePeriod" not in with_visits
    assert put(servicerequest, body, with_visits) == resource


def test_a_request_not_to_do_something_is_an_instruction_and_never_a_service():
    resource = {**BASE, "doNotPerform": True, "code": {"text": "Thin fluids"}}
    assert instruction.FACE.mine(resource)
    assert not servicerequest.FACE.mine(resource)
    assert seen(instruction, resource)["action"] == "avoid"
    assert servicerequest.FACE.mine(BASE)


def test_avoid_stands_in_do_not_perform_and_nowhere_else():
    body = {"text": "No thin fluids", "topic": "texture", "action": "encourage", "status": "active"}
    given = put(instruction, body, dict(instruction.FACE.base))
    avoided = put(instruction, {**body, "action": "avoid"}, given)
    assert avoided["doNotPerform"] is True
    assert "extension" not in avoided
    again = put(instruction, body, avoided)
    assert again == given
    assert "doNotPerform" not in again


STAGES = [
    ("requested", "active", True, "requested"),
    ("ordered", "active", True, "ordered"),
    ("installed", "completed", True, "installed"),
    ("tested", "revoked", True, "cancelled"),
    ("ordered", "completed", True, "delivered"),
    ("tested", "unknown", True, None),
    ("tested", "draft", False, "requested"),
    ("tested", "completed", False, "delivered"),
]


@pytest.mark.parametrize("stage,status,marked,expected", STAGES)
def test_a_finer_stage_counts_only_while_it_agrees_with_the_status(stage, status, marked, expected):
    made = put(devicerequest, {"item": "Bed", "status": stage}, dict(devicerequest.FACE.base))
    made["status"] = status
    if not marked:
        made.pop("extension", None)
    assert seen(devicerequest, made).get("status") == expected


def test_an_onset_of_another_type_gives_way_to_a_date():
    resource = {"onsetString": "in childhood", "_onsetString": {"id": "a"}}
    made = put(condition, {"need": "Asthma", "status": "active", "since": "1950"}, resource)
    assert made["onsetDateTime"] == "1950"
    assert not made.keys() & {"onsetString", "_onsetString"}


def test_a_code_reads_as_text_when_nobody_wrote_text_and_stays_when_somebody_does():
    snomed = {"system": "http://snomed.info/sct", "code": "129839007", "display": "At risk for falls"}
    resource = {"code": {"coding": [snomed, {"system": "urn:local", "code": "F1"}]}}
    body = seen(condition, resource)
    assert body == {"need": "At risk for falls", "code": snomed}
    made = put(condition, {**body, "need": "Falls at night"}, resource)
    assert made["code"]["coding"] == resource["code"]["coding"]
    other = put(condition, {**body, "code": {**snomed, "code": "1"}}, resource)
    assert other["code"]["coding"] == [{**snomed, "code": "1"}]
    renamed = put(condition, {**body, "code": {**snomed, "display": "Falls risk"}}, resource)
    assert [one["code"] for one in renamed["code"]["coding"]] == ["129839007", "F1"]


def test_an_amount_with_a_comparator_is_not_shown_as_the_amount():
    less = {"value": 5, "comparator": "<", "unit": "mg"}
    resource = {**instruction.FACE.base, "quantityQuantity": less}
    assert "value" not in seen(instruction, resource)
    made = put(instruction, {"value": {"value": Number("5.0"), "unit": "mL"}}, resource)
    assert made["quantityQuantity"] == {
        "value": 5,
        "unit": "mL",
        "system": "http://unitsofmeasure.org",
        "code": "mL",
    }


def test_a_number_written_otherwise_is_written_anew():
    resource = put(instruction, {"value": {"value": Number("0.4")}}, dict(instruction.FACE.base))
    made = put(instruction, {"value": {"value": Number("0.40")}}, resource)
    assert made["quantityQuantity"]["value"].text == "0.40"


def test_another_owner_leaves_no_identifier_of_the_one_before():
    resource = {
        "owner": {"reference": "https://elsewhere/Practitioner/1", "identifier": {"value": "9"}, "display": "Ann"}
    }
    assert seen(task, resource) == {"who": {"name": "Ann"}}
    assert put(task, {"who": {"name": "Bob"}}, resource)["owner"] == {"display": "Bob"}
    kept = put(task, {"who": {"name": "Ann", "contact": "01632 960000"}}, resource)
    assert kept["owner"]["identifier"] == {"value": "9"}


def test_a_new_note_is_not_the_words_of_the_old_notes_author():
    resource = {"note": [{"text": "Old", "authorString": "Dr A"}, {"text": "Second", "authorString": "Dr B"}]}
    assert put(task, {"note": "New"}, resource)["note"] == [{"text": "New"}, resource["note"][1]]
    without = put(task, {}, resource)
    assert seen(task, without) == {}
    assert without["note"][1] == resource["note"][1]
    assert put(task, {"note": "New"}, without)["note"][0] == {"text": "New"}


def test_a_translation_falls_with_the_text_that_it_translated():
    resource = {"description": "Fit a rail", "_description": {"extension": [{"url": "urn:translation"}]}}
    assert put(task, {"what": "Fit two rails"}, resource) == {"description": "Fit two rails"}


def test_a_list_keeps_what_each_member_held_when_one_is_taken_out():
    steps = [{"goal": "Gate", "status": "achieved"}, {"goal": "Corner"}, {"goal": "Shop"}]
    resource = put(goal, {"stage_goals": steps}, {"extension": [{"url": "urn:other"}]})
    resource["extension"][3]["id"] = "shop"
    resource["extension"].append({"url": "urn:last"})
    made = put(goal, {"stage_goals": [steps[0], steps[2]]}, resource)
    assert [one.get("id") for one in made["extension"]] == [None, None, "shop", None]
    assert made["extension"][-1] == {"url": "urn:last"}


def test_references_that_the_plan_does_not_hold_stay_in_their_place():
    resource = {
        "basis": [{"reference": "http://elsewhere/Observation/1"}, {"reference": "Observation/2", "display": "x"}]
    }
    assert seen(riskassessment, resource) == {"evidence": ["Observation/2"]}
    made = put(riskassessment, {"evidence": ["Observation/3", "Observation/2"]}, resource)
    assert made["basis"] == [
        {"reference": "http://elsewhere/Observation/1"},
        {"reference": "Observation/3"},
        {"reference": "Observation/2", "display": "x"},
    ]


def test_several_parties_are_a_list_of_references():
    lens_of_all = common.parties("restriction", "recipient")
    resource: lens.Resource = {}
    both = [{"reference": "Patient/ada"}, {"name": "Bea", "role": "daughter"}]
    lens_of_all.put(resource, both)
    assert [one.get("display") for one in resource["restriction"]["recipient"]] == [None, "Bea"]
    assert lens_of_all.view(resource) == both
    lens_of_all.put(resource, None)
    assert resource == {}


def test_a_list_of_objects_keeps_the_members_of_others_in_their_place():
    each = lens.Each("extension", (("at", lens.At("valueTime")),), {"url": "urn:ours"})
    resource = {"extension": [{"url": "urn:ours", "valueTime": "1", "id": "a"}, {"url": "urn:theirs"}]}
    assert each.view(resource) == [{"at": "1"}]
    each.put(resource, [{"at": "2"}, {"at": "1"}])
    assert resource["extension"] == [
        {"url": "urn:ours", "valueTime": "2"},
        {"url": "urn:theirs"},
        {"url": "urn:ours", "valueTime": "1", "id": "a"},
    ]


def test_an_instruction_is_due_at_times_within_a_period():
    body = {"text": "Levodopa", "times": ["07:00", "11:00"], "period": {"start": "2026-03-06", "end": "2026-04-06"}}
    made = put(instruction, body, dict(instruction.FACE.base))
    assert made["occurrenceTiming"]["repeat"]["timeOfDay"] == ["07:00:00", "11:00:00"]
    assert seen(instruction, made) == body
    without = put(instruction, {"text": "Levodopa"}, made)
    assert not without.keys() & {"occurrenceTiming", "occurrencePeriod"}
