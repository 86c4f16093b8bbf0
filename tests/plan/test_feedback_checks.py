"""What may be written in the feedback loop, in tables: who may take which step, whom a message may be sent to."""

from dataclasses import replace
from typing import Any

import pytest

from plan.feedback_checks import Around, ask, instruction, message
from plan.known import Agency, Contact
from plan.model import AgencyId, Role
from plan.problem import Problem, Trouble

NOW = 1_772_442_000_000
STAMP = "2026-03-02T09:00:00.000Z"


def listed(id_: str, kind: str, **phones: str) -> Agency:
    points = {word: Contact(reference=f"HealthcareService/{id_}-{word}", phone=phone) for word, phone in phones.items()}
    return Agency(id=AgencyId(id_), kind=kind, contacts=points)


TEAM = [listed("P10001", "gp_practice", team="020"), listed("HC1", "care_provider"), listed("HA1", "housing")]
HC1 = Around(
    subject="worker",
    agency=AgencyId("HC1"),
    role=Role.CARE_PROVIDER,
    now=NOW,
    owner=AgencyId("HC1"),
    team={one.id: one for one in TEAM},
    workers={"w1": AgencyId("HA1")},
)
GP = replace(
    HC1, subject="doctor", agency=AgencyId("P10001"), owner=AgencyId("P10001"), role=Role.CLINICIAN, changed=True
)
SENT: dict[str, Any] = {"text": "Ankles swollen", "status": "sent", "urgency": "soon"}


def to(*references: str) -> list[dict[str, str]]:
    return [{"reference": one} for one in references]


def refused(check, body, before, around) -> Problem:
    with pytest.raises(Problem) as found:
        check(body, before, around)
    return found.value


RINGS = [
    ("999 where nobody publishes another", TEAM, ["999"]),
    ("what the team publishes", [*TEAM, listed("X", "", emergency="01632 960001")], ["01632 960001"]),
    ("999 where what is published is empty", [*TEAM, listed("X", "", emergency="", duty="1")], ["999"]),
]


@pytest.mark.parametrize("team, ring", [row[1:] for row in RINGS], ids=[row[0] for row in RINGS])
def test_f1_an_emergency_is_refused_with_the_number_to_ring(team, ring):
    around = replace(HC1, team={one.id: one for one in team})
    problem = refused(message, SENT | {"urgency": "emergency", "status": "draft"}, {}, around)
    assert (problem.trouble, problem.extra) == (Trouble.UNPROCESSABLE, {"ring": ring})
    assert f"ring {ring[0]} now" in problem.detail


TAKEN = [
    ("nobody by name", {}),
    ("an agency of the team", {"to": to("Organization/P10001")}),
    ("a contact point of it", {"to": to("HealthcareService/P10001-team")}),
    ("the whole team", {"to": to("CareTeam/x")}),
    ("the person and a carer", {"to": to("Patient/ada", "RelatedPerson/bea")}),
    ("somebody in words", {"to": [{"name": "The duty doctor"}]}),
    ("a draft to anybody", {"to": to("Organization/RX9"), "status": "draft"}),
]


@pytest.mark.parametrize("more", [row[1] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_f1_to_whom_a_message_goes(more):
    assert message(SENT | more, {}, HC1) == SENT | more


REFUSED = [
    (
        "an agency that is not on the team",
        to("Organization/RX9"),
        "Organization/RX9 is not on this person's team",
        "P10001",
    ),
    ("a service of nobody here", to("HealthcareService/RX9-team"), "not on this person's team", "Organization/HA1"),
    ("a worker of an agency", to("PractitionerRole/w1"), "on leave", "Send it to: Organization/HA1."),
    ("a worker whom the plan does not know", to("Practitioner/x"), "on leave", "Send it to: Organization/P10001."),
    ("a device", to("Device/x"), "on leave", "Send it to: Organization/P10001."),
]


@pytest.mark.parametrize("named, what, mend", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_f1_to_whom_no_message_goes(named, what, mend):
    problem = refused(message, SENT | {"to": named}, {}, HC1)
    [fault] = problem.faults
    assert fault.where == ("to", 0, "reference")
    assert what in fault.what
    assert mend in fault.mend


def test_f1_where_no_clinical_team_is_there_the_team_is_named_and_where_nobody_is_that_is_said():
    landlord = replace(HC1, team={AgencyId("HA1"): TEAM[2]})
    assert "Organization/HA1" in refused(message, SENT | {"to": to("Practitioner/x")}, {}, landlord).faults[0].mend
    alone = replace(HC1, team={})
    assert refused(message, SENT | {"to": to("Practitioner/x")}, {}, alone).faults[0].mend == "Nobody is on the team."


def test_f1_agencies_are_named_as_people_call_them_with_the_reference_to_send():
    called = replace(HC1, team={AgencyId("HA1"): replace(TEAM[2], name="Test Housing")})
    [fault] = refused(message, SENT | {"to": to("Practitioner/x")}, {}, called).faults
    assert fault.mend == "Send it to: Test Housing (Organization/HA1)."


def test_a_message_that_asks_nothing_may_go_to_a_worker():
    said = {"text": "Thank you", "status": "sent", "to": to("PractitionerRole/w1")}
    assert message(said, {}, HC1) == said


def test_who_is_asked_must_be_among_those_who_may_see_it():
    closed = replace(HC1, restriction=frozenset({AgencyId("HA1")}))
    assert "may see it" in refused(message, SENT | {"to": to("Organization/P10001")}, {}, closed).faults[0].what
    assert message(SENT | {"to": to("Organization/HA1")}, {}, closed)
    assert message(SENT | {"to": to("Organization/HC1")}, {}, closed)


def test_what_was_sent_once_may_be_changed_when_the_agency_has_left():
    before = SENT | {"to": to("Organization/RX9")}
    assert message(before | {"text": "More"}, before, HC1)


def test_f3_no_change_needs_a_reason():
    said = {"text": "Ok", "status": "sent", "in_reply_to": "Communication/m", "outcome": "no_change"}
    problem = refused(message, said, {}, GP)
    assert (problem.trouble, problem.faults[0].where) == (Trouble.REQUIRED, ("outcome_reason",))
    assert message(said | {"outcome_reason": "Known"}, {}, GP)
    assert message(said | {"outcome": "referred"}, {}, GP)


def test_f3_the_service_says_when_the_sender_understood():
    assert message(SENT | {"understood": "1999-01-01"}, SENT, HC1)["understood"] == STAMP
    before = SENT | {"understood": STAMP}
    assert message(before, before, replace(HC1, now=NOW + 1)) == before
    assert message(SENT, before, HC1) == SENT
    assert (
        "another agency"
        in refused(message, SENT | {"understood": STAMP}, SENT, replace(GP, owner=HC1.owner)).faults[0].what
    )
    assert "nothing has been answered" in refused(message, SENT | {"understood": STAMP}, {}, HC1).faults[0].what


ASK: dict[str, Any] = {
    "what": "Acknowledge",
    "state": "delivered",
    "to": {"reference": "Organization/P10001"},
    "steps": [{"state": "sent", "at": STAMP, "by": "worker", "agency": "HC1"}],
}
DOCTORS = {"at": STAMP, "by": "doctor", "agency": "P10001"}


@pytest.mark.parametrize("state", ["seen", "acknowledged"])
def test_f1_each_step_has_who_and_when_whatever_the_client_says(state):
    lie = [{"state": state, "at": "1999-01-01", "by": "somebody", "agency": "RX1"}]
    kept = ask(ASK | {"state": state, "steps": lie}, ASK, GP)
    assert kept == ASK | {"state": state, "steps": [*ASK["steps"], {"state": state, **DOCTORS}]}


def test_what_does_not_move_keeps_its_steps():
    assert ask(ASK | {"steps": []}, ASK, GP) == ASK
    bare = {"what": "Look", "state": "sent"}
    assert ask(bare, bare, GP) == bare


MOVES = [
    ("by another agency", {"state": "seen"}, {}, HC1, "another agency"),
    ("back", {"state": "seen"}, {"state": "acknowledged"}, GP, "acknowledged already"),
    ("acted without an answer", {"state": "acted"}, {}, GP, "needs an answer"),
    ("closed by who was asked", {"state": "closed"}, {}, GP, "sender closes"),
    ("back to sent", {"state": "sent"}, {}, GP, "no state of an ask"),
    ("to what FHIR calls rejected", {"state": None}, {}, GP, "no state of an ask"),
    ("with another owner", {"to": {"reference": "Organization/HA1"}}, {}, GP, "to is not to be changed"),
    ("with another deadline", {"due": "2027-01-01"}, {}, GP, "due is not to be changed"),
]


@pytest.mark.parametrize("change, was, around, says", [row[1:] for row in MOVES], ids=[row[0] for row in MOVES])
def test_f1_how_an_ask_does_not_move(change, was, around, says):
    before = ASK | was
    problem = refused(ask, before | change, before, around)
    assert problem.trouble is Trouble.UNPROCESSABLE
    assert says in problem.faults[0].what


def test_an_ask_that_somebody_makes_begins_as_sent_and_moves_on():
    made = ask({"what": "Look", "state": "sent"}, {}, GP)
    assert made["steps"] == [{"state": "sent", **DOCTORS}]
    assert ask(made | {"state": "acknowledged"}, made, HC1)["steps"][-1]["by"] == "worker"
    assert "begins as sent" in refused(ask, {"what": "Look", "state": "acknowledged"}, {}, GP).faults[0].what


WHOLE: dict[str, Any] = {
    "text": "At most 1.5 L",
    "status": "active",
    "changes": "Goal/g",
    "period": {"end": "2026-03-06"},
    "to": to("Organization/HC1"),
}
PARTS = [
    ("without the entry that it changes", {"changes": None}, GP, ("changes",)),
    ("with one that is not there", {}, replace(GP, changed=False), ("changes",)),
    ("without an end", {"period": {"start": "2026-03-06"}}, GP, ("period", "end")),
    ("without any period", {"period": None}, GP, ("period", "end")),
    ("to who gives no care", {"to": to("Organization/HA1")}, GP, ("to", 0, "reference")),
    ("to who is not there", {"to": to("Organization/RX9")}, GP, ("to", 0, "reference")),
]


@pytest.mark.parametrize("change, around, where", [row[1:] for row in PARTS], ids=[row[0] for row in PARTS])
def test_f4_an_instruction_to_carers_that_is_refused(change, around, where):
    body = {name: value for name, value in (WHOLE | change).items() if value is not None}
    assert [fault.where for fault in refused(instruction, body, {}, around).faults] == [where]


FREE = [
    ("whole", WHOLE, {}, GP),
    ("to nobody by name", {name: value for name, value in WHOLE.items() if name != "to"}, {}, GP),
    ("by another role", {**WHOLE, "period": {}}, {}, HC1),
    ("not in force", {**WHOLE, "status": "proposed", "period": {}}, {}, GP),
    ("that changes nothing", {"text": "Drink", "status": "active"}, {}, GP),
    ("as it was, with other words", {**WHOLE, "period": {}}, {**WHOLE, "period": {}, "text": "Less"}, GP),
]


@pytest.mark.parametrize("body, before, around", [row[1:] for row in FREE], ids=[row[0] for row in FREE])
def test_f4_an_instruction_that_is_taken(body, before, around):
    assert instruction(body, before, around) == body
