"""The rule of the feedback loop by itself: asked of what is known until it rests, on a clock that the test moves."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan.clocks import written
from plan.feedback_parties import may, named
from plan.known import HOUSE, Agency
from plan.model import AgencyId, Role, Section
from tests.support.loop import DAY, HOUR, MINUTE, MONDAY, PRACTICE, World, agency, concern, to

ASKED = [
    ("an agency", concern(to=PRACTICE), ["P10001"]),
    ("a contact point of it", concern(to=to("HealthcareService/P10001-duty")), ["P10001"]),
    ("nobody by name", concern(), ["P10001"]),
    ("somebody in words", concern(to=[{"name": "The doctor"}]), ["P10001"]),
    ("the whole team", concern(to=to("CareTeam/team")), ["P10001"]),
    ("a worker, as it was recorded elsewhere", concern(to=to("PractitionerRole/worker-of-RX1")), ["RX1"]),
    ("a worker whom nobody knows", concern(to=to("PractitionerRole/nobody")), ["P10001"]),
    ("two agencies", concern(to=to("Organization/P10001", "Organization/LA1")), ["P10001", "LA1"]),
    ("an agency that has left the team", concern(to=to("Organization/RX9")), ["HUB1"]),
    ("a concern without urgency", concern(urgency=None), ["P10001"]),
    ("an urgency without a concern", concern(code=None), ["P10001"]),
    ("the person alone", concern(to=to("Patient/ada")), []),
    ("nothing is asked", {"text": "Hello", "status": "sent"}, []),
    ("a draft", concern(status="draft"), []),
    ("a reply", concern(in_reply_to="Communication/x"), []),
]


@pytest.mark.parametrize("body, asked", [row[1:] for row in ASKED], ids=[row[0] for row in ASKED])
def test_f1_who_is_asked(body, asked):
    world = World()
    world.write("m", "message", body)
    world.turn()
    assert [one.body["to"]["reference"] for one in world.asks] == [f"Organization/{one}" for one in asked]


CLINICAL = [
    (("RX1", "HC1"), "RX1"),
    (("HC1", "LA1"), "LA1"),
    (("HC1", "LA1", "HUB1"), "HUB1"),
]


@pytest.mark.parametrize("team, asked", CLINICAL)
def test_f1_without_a_practice_it_goes_to_the_next_clinical_team_and_then_to_the_coordinator(team, asked):
    world = World(team)
    world.write("m", "message", concern())
    world.turn()
    assert world.asks[0].body["to"]["reference"] == f"Organization/{asked}"


def test_f1_when_there_is_nobody_at_all_it_is_shown_and_the_sender_is_told():
    world = World(("HC1",))
    world.write("m", "message", concern())
    world.turn(3 * HOUR)
    [ask] = world.asks
    assert "to" not in ask.body
    assert ask.body["unreached"] == [
        "The team publishes no duty contact.",
        "There is no coordinator on the team.",
        "There is no clinical team and no coordinator on the team.",
    ]
    assert [one.body.get("to") for one in world.notices()] == [None, None]
    assert "nobody could be told" in world.notices("sender-told")[0].body["text"]


def test_f1_what_the_team_cannot_read_goes_to_who_can_and_it_is_said():
    world = World()
    world.write("m", "message", concern(to=to("Organization/HC1")), "LA1", section=Section.SAFEGUARDING)
    world.turn()
    assert world.asks[0].body["unreached"] == ["Test HC1 cannot read what stands in safeguarding."]


def test_f1_an_ask_stands_where_who_is_asked_may_write_and_between_the_two_alone():
    world = World()
    world.write("m", "message", concern(to=to("Organization/HC1")), "P10001", section=Section.HEALTH)
    world.write("n", "message", concern(to=PRACTICE), "RX1", section=Section.HEALTH)
    closed = frozenset({AgencyId("HC1")})
    sent = concern(to=to("Organization/HC1"))
    world.write("o", "message", sent, "P10001", section=Section.HEALTH, restriction=closed)
    world.turn()
    stands = [(one.body["focus"][-1], one.section, one.restriction) for one in world.asks]
    between = frozenset({AgencyId("HC1"), AgencyId("P10001")})
    assert sorted(stands) == [
        ("m", Section.SOCIAL_CARE, between),
        ("n", Section.HEALTH, None),
        ("o", Section.SOCIAL_CARE, between),
    ]


def test_f1_where_no_shared_section_is_open_it_stays_with_its_original():
    none = dict.fromkeys(Section, frozenset({Role.CLINICIAN}))
    world = World(writers=none)
    world.write("m", "message", concern(to=to("Organization/HC1")), "P10001", section=Section.HEALTH)
    world.turn()
    assert world.asks[0].section is Section.HEALTH


def test_f1_a_restricted_message_is_followed_for_the_same_readers():
    world = World()
    closed = frozenset({AgencyId("P10001")})
    world.write("m", "message", concern(to=PRACTICE), restriction=closed)
    world.turn(4 * HOUR)
    everything = [*world.asks, *world.notices(), *world.notices("sender-told")]
    assert {one.restriction for one in everything} == {frozenset({AgencyId("P10001"), AgencyId("HC1")})}
    assert sorted(world.told()) == ["HealthcareService/P10001-duty", "HealthcareService/P10001-escalation"]
    assert "The coordinator may not see this." in world.asks[0].body["unreached"]


def test_f1_what_was_recorded_elsewhere_as_an_emergency_has_the_shortest_clock():
    world = World()
    world.write("m", "message", concern(urgency="emergency"))
    world.turn()
    assert world.asks[0].body["due"] == written(MONDAY + 2 * HOUR)


def test_f2_each_step_is_taken_once_when_its_time_has_come():
    world = World()
    world.write("m", "message", concern(to=PRACTICE))
    world.turn()
    assert (world.wake, world.told()) == (MONDAY + 2 * HOUR, [])
    world.turn(2 * HOUR)
    assert (world.wake, world.told()) == (MONDAY + 3 * HOUR, ["HealthcareService/P10001-duty"])
    world.turn(HOUR)
    assert world.told() == ["HealthcareService/P10001-duty", "HealthcareService/HUB1-duty"]
    assert world.told("sender-told") == ["Organization/HC1"] * 2
    world.turn(30 * DAY)
    assert len(world.notices()) == len(world.notices("sender-told")) == 2
    assert world.wake is None


@pytest.mark.parametrize("state", ["acknowledged", "acted"])
def test_f2_what_was_acknowledged_is_not_escalated_and_its_clock_stands(state):
    world = World()
    world.write("m", "message", concern(to=PRACTICE))
    world.turn()
    world.step(state)
    world.turn(9 * DAY)
    assert (world.told(), world.wake) == ([], None)
    assert world.asks[0].body["due"] == written(MONDAY + 2 * HOUR)


def test_f2_seen_is_not_acknowledged():
    world = World()
    world.write("m", "message", concern(to=PRACTICE))
    world.turn()
    world.step("seen")
    world.turn(2 * HOUR)
    assert len(world.told()) == 1


MISSING = [
    (("P10001-duty",), ["HealthcareService/HUB1-duty"]),
    (("P10001-duty", "HUB1-duty"), ["HealthcareService/HUB1-team"]),
    (("P10001-duty", "HUB1-duty", "HUB1-team"), ["Organization/HUB1"]),
]


@pytest.mark.parametrize("without, told", MISSING)
def test_f2_who_does_not_exist_is_replaced_by_the_coordinator_and_it_is_shown(without, told):
    world = World(without=without)
    world.write("m", "message", concern(to=PRACTICE))
    world.turn(2 * HOUR)
    assert world.told() == told
    assert world.asks[0].body["unreached"] == ["Test P10001 publishes no duty contact."]


def test_f2_after_a_death_nothing_is_sent():
    world = World(died="2026-03-01")
    world.write("m", "message", concern(to=PRACTICE))
    world.turn(30 * DAY)
    assert world.notices() == world.notices("sender-told") == []


SENDERS = [
    ({"reference": "RelatedPerson/bea", "name": "Bea"}, "RelatedPerson/bea"),
    (None, "The sender"),
]


@pytest.mark.parametrize("sender, told", SENDERS)
def test_f2_a_carer_is_told_as_an_agency_is(sender, told):
    world = World()
    world.write("m", "message", concern(to=PRACTICE) | ({"sender": sender} if sender else {}), "CARER")
    world.turn(2 * HOUR)
    assert world.told("sender-told") == [told]


BEA = to("RelatedPerson/bea")[0]
CALLED: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("the person", {"by_role": "person"}, {}, "Acknowledge a message from the person"),
    ("a carer", {"by_role": "carer"}, {}, "Acknowledge a message from a carer"),
    ("a carer by name", {"by_role": "carer"}, {"sender": {"name": "Bea"}}, "Acknowledge a message from Bea"),
    (
        "a carer without one",
        {"by_role": "carer"},
        {"sender": to("RelatedPerson/bea")[0]},
        "Acknowledge a message from a carer",
    ),
    ("who was never on the team", {"by_role": "clinician"}, {}, "Acknowledge a message from the sender"),
]


@pytest.mark.parametrize("hand, more, what", [row[1:] for row in CALLED], ids=[row[0] for row in CALLED])
def test_nobody_is_called_by_the_name_of_their_account(hand, more, what):
    world = World()
    world.write("m", "message", concern(to=PRACTICE) | more, "account-1", **hand)
    world.turn()
    assert [one.body["what"] for one in world.asks] == [what]
    world.turn(2 * HOUR)
    assert not [one for one in world.notices("sender-told") if "account-1" in str(one.body["to"])]


def test_an_agency_that_was_never_on_the_team_is_called_by_its_name():
    world = World()
    world.known = replace(world.known, names={AgencyId("ED1"): "Test Emergency Department"})
    world.write("m", "message", concern(to=PRACTICE), "ED1", by_role="clinician")
    world.turn()
    assert [one.body["what"] for one in world.asks] == ["Acknowledge a message from Test Emergency Department"]


def test_f2_a_message_that_nobody_signed_is_followed_all_the_same():
    world = World()
    world.write("m", "message", concern(to=PRACTICE), "", author="")
    world.turn(2 * HOUR)
    assert world.told("sender-told") == ["The sender"]
    assert world.asks[0].body["steps"][0]["by"] == HOUSE


def answered(world: World, by: str = "P10001", id_: str = "a", message: str = "m", **more: Any) -> None:
    body = {"text": "Seen", "status": "sent", "in_reply_to": f"Communication/{message}", "outcome": "referred"} | more
    world.write(id_, "message", body, by)


def test_f3_the_latest_answer_counts_and_the_loop_closes_five_days_after_it():
    world = World()
    world.write("m", "message", concern(to=PRACTICE))
    world.turn()
    answered(world)
    world.turn(DAY)
    answered(world, "HUB1", "b", outcome="plan_amended")
    world.turn(4 * DAY)
    assert (world.asks[0].body["state"], world.asks[0].body["outcome"]) == ("acted", "plan_amended")
    assert world.asks[0].body["answer"] == "Communication/b"
    assert world.wake == MONDAY + 6 * DAY
    world.turn(DAY)
    assert world.asks[0].body["state"] == "closed"
    assert world.asks[0].body["steps"][-1]["at"] == written(MONDAY + 6 * DAY)
    world.turn(DAY)
    assert world.wake is None


def test_f3_an_answer_counts_from_who_was_asked_with_an_outcome():
    world = World()
    world.write("m", "message", concern(to=PRACTICE))
    answered(world, "HC1")
    world.write("b", "message", {"text": "Ok", "status": "sent", "in_reply_to": "Communication/m"}, "P10001")
    world.turn()
    assert world.asks[0].body["state"] == "delivered"


def test_f3_every_sender_has_to_have_understood_after_the_answer():
    world = World()
    early = concern(to=PRACTICE, understood=written(MONDAY - DAY))
    world.write("m", "message", early)
    world.write("n", "message", concern(to=PRACTICE), "LA1")
    world.turn(HOUR)
    answered(world)
    world.turn(HOUR)
    world.write("m", "message", concern(to=PRACTICE, understood=written(world.known.now)))
    world.turn()
    assert world.asks[0].body["state"] == "acted"
    world.write("n", "message", concern(to=PRACTICE, understood=written(world.known.now + 5)), "LA1")
    world.turn()
    assert world.asks[0].body["steps"][-1] == {
        "state": "closed",
        "at": written(world.known.now + 5),
        "by": "worker-of-HC1",
        "agency": "HC1",
    }


MERGED = [
    ("the same within two hours", {}, 120, [2]),
    ("a minute later", {}, 121, [1, 1]),
    ("another concern", {"code": "2"}, 5, [1, 1]),
    ("no coded concern", {"code": None}, 5, [1, 1]),
    ("more urgent, while nobody has acknowledged", {"urgency": "urgent"}, 5, [2]),
]


@pytest.mark.parametrize("more, minutes, counts", [row[1:] for row in MERGED], ids=[row[0] for row in MERGED])
def test_f6_what_is_one_thread(more, minutes, counts):
    world = World()
    world.write("m", "message", concern(urgency="soon", to=PRACTICE))
    world.turn(minutes * MINUTE)
    world.write("n", "message", concern(**({"urgency": "soon"} | more), to=PRACTICE), "LA1")
    world.turn()
    assert [one.body["count"] for one in world.asks] == counts


@pytest.mark.parametrize(
    "state, urgency, counts",
    [
        ("acknowledged", "soon", [2]),
        ("acknowledged", "urgent", [1, 1]),
        ("acted", "soon", [1, 1]),
        ("seen", "urgent", [2]),
    ],
)
def test_f6_what_comes_after_an_answer_or_is_more_urgent_than_what_was_acknowledged_begins_anew(state, urgency, counts):
    world = World()
    world.write("m", "message", concern(urgency="soon", to=PRACTICE))
    world.turn()
    world.step(state)
    world.turn(MINUTE)
    world.write("n", "message", concern(urgency=urgency, to=PRACTICE), "LA1")
    world.turn()
    assert [one.body["count"] for one in world.asks] == counts


def test_f6_every_sender_is_told_and_the_tightest_clock_counts():
    world = World()
    world.write("m", "message", concern(urgency="routine", to=PRACTICE))
    world.turn(HOUR)
    world.write("n", "message", concern(to=PRACTICE), "LA1")
    world.turn()
    assert (world.asks[0].body["due"], world.asks[0].body["urgency"]) == (written(MONDAY + 3 * HOUR), "urgent")
    world.turn(2 * HOUR)
    assert sorted(world.told("sender-told")) == ["Organization/HC1", "Organization/LA1"]


def test_f6_others_readers_are_another_thread():
    world = World()
    world.write("m", "message", concern(to=PRACTICE))
    world.write("n", "message", concern(to=PRACTICE), section=Section.HEALTH)
    world.write("o", "message", concern(to=PRACTICE), restriction=frozenset({AgencyId("P10001")}))
    world.turn()
    assert [one.body["count"] for one in world.asks] == [1, 1, 1]


def test_what_is_withdrawn_is_not_asked_any_more_and_what_was_taken_on_stays():
    world = World()
    world.write("m", "message", concern(to=PRACTICE))
    world.write("n", "message", concern("2", to=PRACTICE))
    world.turn()
    world.step("acknowledged", next(one for one in world.asks if one.body["focus"].endswith("/n")))
    world.gone("m")
    world.write("n", "message", concern("2", to=PRACTICE, status="stopped"))
    world.write("by-hand", "ask", {"what": "Look", "state": "sent"}, "RX1")
    world.turn()
    assert sorted(one.body["state"] for one in world.asks) == ["acknowledged", "sent"]


def test_unknown_kinds_of_agency_are_not_judged_and_nobody_has_a_name():
    stranger = Agency(id=AgencyId("X"))
    assert may({Section.HEALTH: frozenset()}, stranger, Section.HEALTH)
    assert not may({Section.HEALTH: frozenset()}, agency("HC1"), Section.HEALTH)
    assert [named(stranger), named(None)] == ["X", "nobody"]


@given(
    moves=st.lists(
        st.tuples(st.sampled_from(["send", "seen", "acknowledged", "answer", "wait"]), st.integers(0, 5 * 60)),
        max_size=12,
    )
)
@settings(max_examples=60, deadline=None)
def test_states_only_move_forward_and_notices_come_once_whatever_happens(moves):
    world = World()
    order = ["sent", "delivered", "seen", "acknowledged", "acted", "closed"]
    reached: dict[str, int] = {}
    for number, (move, minutes) in enumerate(moves):
        world.turn(minutes * MINUTE)
        if move == "send":
            world.write(f"m{number}", "message", concern(to=PRACTICE))
        elif move == "answer" and world.asks:
            answered(world, id_=f"a{number}", message=world.asks[-1].body["focus"].partition("/")[2])
        elif world.asks and move in order and order.index(world.asks[-1].body["state"]) < order.index(move):
            world.step(move, world.asks[-1])
        world.turn()
        for ask in world.asks:
            now = order.index(ask.body["state"])
            assert now >= reached.get(ask.id, 0)
            reached[ask.id] = now
    assert len(world.notices()) <= 2 * len(world.asks)
