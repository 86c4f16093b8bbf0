"""Who sees a subscription, and what it is told: leave is asked again when it is sent, and what is hidden has no gap."""

import httpx
import pytest

from plan.model import PersonId
from tests.support.feed import Receiver, receiving, said, standing, subscribed, subscription, told, turn
from tests.support.r4 import JSON, R4, created, goal, issue, task
from tests.support.world import World


@pytest.fixture
def receiver(world: World) -> Receiver:
    return receiving(world)


async def test_a_subscription_is_there_for_its_owner_and_for_the_administrator_alone(world, receiver):
    owner = world.client()
    header = ["Authorization: Bearer a-secret"]
    id_ = await subscribed(owner, subscription(header=header))
    assert (await owner.get(f"{R4}/Subscription/{id_}")).json()["channel"]["header"] == header
    colleague = world.client(subject="another-clinician")
    namesake = world.client(agency="LA1", subject="clinician-of-RX1")
    for other in (colleague, namesake, world.client("person", person="someone")):
        absent = (await other.get(f"{R4}/Subscription/no-such-id")).json()["issue"]
        assert (await other.get(f"{R4}/Subscription/{id_}")).json()["issue"] == absent
        for address in ("/_history", "/_history/1", "/$status", "/$events"):
            issue(await other.get(f"{R4}/Subscription/{id_}{address}"), 404)
        issue(await other.delete(f"{R4}/Subscription/{id_}"), 404)
        issue(await other.post(f"{R4}/Subscription/{id_}/$resend", json={}, headers=JSON), 404)
        resource = {**subscription(), "id": id_, "meta": {"versionId": "1"}}
        issue(await other.put(f"{R4}/Subscription/{id_}", json=resource, headers=JSON), 405)
        assert (await other.get(f"{R4}/Subscription")).json()["total"] == 0
        assert (await other.get(f"{R4}/Subscription/$status")).json()["total"] == 0
    administrator = world.client("administrator")
    seen = (await administrator.get(f"{R4}/Subscription/{id_}")).json()
    assert seen["channel"]["header"] == ["Authorization: ***"]
    for address in ("", "/_history", "/_history/1"):
        assert "a-secret" not in (await administrator.get(f"{R4}/Subscription/{id_}{address}")).text
    assert "a-secret" not in (await administrator.get(f"{R4}/Subscription")).text
    issue(await administrator.put(f"{R4}/Subscription/{id_}", json=seen, headers=JSON), 403)
    assert (await administrator.delete(f"{R4}/Subscription/{id_}")).status_code == httpx.codes.NO_CONTENT
    issue(await owner.get(f"{R4}/Subscription/{id_}"), 410)
    await turn(world)
    assert receiver.sent == []


@pytest.mark.parametrize("role", ["auditor", "commissioner", "administrator"])
async def test_a_role_without_a_section_has_nothing_to_hear_of(world, role):
    receiving(world)
    issue(await world.client(role).post(f"{R4}/Subscription", json=subscription(), headers=JSON), 403)


async def test_an_app_needs_the_scope(world):
    receiving(world)
    client = world.client(scopes="user/Task.cruds user/Subscription.rs")
    issue(await client.post(f"{R4}/Subscription", json=subscription(), headers=JSON), 403)
    assert (await client.get(f"{R4}/Subscription")).status_code == httpx.codes.OK
    rows = await world.database.rows("select allowed, question from audit_event where type = 'Subscription'")
    assert (0, "token") in [(int(allowed), question) for allowed, question in rows]


async def _joined(world: World, agency: str, role: str = "housing") -> tuple[httpx.AsyncClient, PersonId]:
    """A hospital's clinician, and a person whose team the other agency is on."""
    clinician = world.client()
    person = await world.person(clinician)
    await world.agency(agency)
    await world.desk.add_member(world.visit(), person, agency, role, "")
    return clinician, person


async def test_only_what_the_owner_may_read_is_told_and_the_rest_leaves_no_gap(world, receiver):
    clinician, person = await _joined(world, "HA1")
    housing = world.client("housing_officer", "HA1")
    await turn(world)
    await subscribed(housing, subscription())
    await turn(world)
    first = await created(housing, task(person))
    for _ in range(3):
        await created(clinician, goal(person))
    second = await created(housing, task(person))
    await turn(world)
    focuses = [focus for _, focus in receiver.events]
    assert [number for number, _ in receiver.events] == list(range(1, len(focuses) + 1))
    assert {f"Task/{first['id']}", f"Task/{second['id']}"} <= set(focuses)
    assert not [focus for focus in focuses if focus.startswith("Goal/")], "the clinician's goals stand under health"


async def test_two_worlds_that_differ_in_what_is_hidden_send_the_same(world, receiver):
    clinician, person = await _joined(world, "HA1")
    housing = world.client("housing_officer", "HA1")
    await subscribed(housing, subscription("task-changed"))
    await turn(world)
    for hidden in (0, 4):
        receiver.sent.clear()
        for _ in range(hidden):
            await created(clinician, task(person))
        await created(housing, task(person))
        await turn(world)
        assert len(receiver.events) == 1
    assert receiver.events[0][0] == 2


async def test_what_waits_is_not_told_to_who_lost_leave_in_the_meantime(world, receiver):
    _, person = await _joined(world, "HA1")
    housing = world.client("housing_officer", "HA1")
    id_ = await subscribed(housing, subscription("task-changed"))
    await turn(world)
    receiver.fails = [503]
    told_first = await created(housing, task(person))
    await turn(world)
    await created(housing, task(person))
    await turn(world)
    team = await world.database.rows("select id from team_member where person_id = ? and party = 'HA1'", (person,))
    await world.desk.end_member(world.visit(), person, team[0][0])
    await created(world.client(), task(person))
    await turn(world, minutes=2)
    assert receiver.events == [(1, f"Task/{told_first['id']}"), (1, "")], "the number stays, the name is gone"
    rows = await world.database.rows("select count(*) from delivery where subscription_id = ?", (id_,))
    assert rows[0][0] == 1, "what was never sent is forgotten"
    assert await standing(housing, id_) == "active"


async def test_a_consent_that_closes_a_section_closes_it_for_notices(world, receiver):
    clinician, person = await _joined(world, "LA1", "social work")
    social = world.client("social_worker", "LA1")
    await subscribed(social, subscription("plan-changed", f"Goal?patient=Patient/{person}"))
    await turn(world)
    await created(clinician, goal(person))
    await turn(world)
    assert len(receiver.events) == 1
    consent = {
        "resourceType": "Consent",
        "status": "active",
        "scope": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
        },
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": {"reference": f"Patient/{person}"},
        "policyRule": {"text": "As agreed"},
        "provision": {
            "type": "deny",
            "actor": [
                {
                    "role": {
                        "coding": [
                            {"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}
                        ]
                    },
                    "reference": {"reference": "Organization/LA1"},
                }
            ],
        },
    }
    await created(clinician, consent)
    await created(clinician, goal(person))
    await turn(world)
    assert len(receiver.events) == 1


async def test_the_person_hears_of_their_own_plan(world, receiver):
    clinician, person = await _joined(world, "HA1")
    other = await world.person(clinician)
    await subscribed(world.client("person", "self", person=person), subscription())
    await turn(world)
    await created(clinician, goal(person))
    await created(clinician, goal(other))
    await turn(world)
    assert len([focus for _, focus in receiver.events if focus.startswith("Goal/")]) == 1


async def test_a_token_for_tasks_alone_hears_of_tasks_alone(world, receiver):
    clinician, person = await _joined(world, "HA1")
    narrow = world.client(subject="narrow", scopes="user/Task.rs user/Subscription.cruds")
    await subscribed(narrow, subscription())
    await turn(world)
    await created(clinician, goal(person))
    await created(clinician, task(person))
    await turn(world)
    assert [focus.partition("/")[0] for _, focus in receiver.events] == ["Task"]


async def test_every_notice_is_in_the_audit_before_it_leaves(world, receiver):
    clinician, person = await _joined(world, "HA1")
    id_ = await subscribed(clinician, subscription("task-changed"))
    await turn(world)
    receiver.fails = [503]
    await created(clinician, task(person))
    await turn(world)
    await turn(world, minutes=2)
    sql = "select person_id, subject, agency, role, sections, allowed, target from audit_event where door = 'feed'"
    rows = await world.database.rows(sql)
    wanted = [person, "clinician-of-RX1", "RX1", "clinician", "health", 1, id_]
    assert [[*row[:5], int(row[5]), row[6]] for row in rows] == [wanted, wanted]


async def test_events_that_were_sent_can_be_asked_for_under_todays_leave(world, receiver):
    _, person = await _joined(world, "HA1")
    housing = world.client("housing_officer", "HA1")
    id_ = await subscribed(housing, subscription("task-changed"))
    await turn(world)
    made = [await created(housing, task(person)) for _ in range(4)]
    await turn(world)
    asked = f"{R4}/Subscription/{id_}/$events?eventsSinceNumber=2&eventsUntilNumber=3"
    bundle = (await housing.get(asked)).json()
    assert (bundle["type"], said(bundle)["type"]) == ("history", "query-event")
    assert told(bundle) == [(2, f"Task/{made[1]['id']}"), (3, f"Task/{made[2]['id']}")]
    assert told((await housing.get(f"{asked}&content=empty")).json()) == [(2, ""), (3, "")]
    team = await world.database.rows("select id from team_member where person_id = ? and party = 'HA1'", (person,))
    await world.desk.end_member(world.visit(), person, team[0][0])
    assert told((await housing.get(asked)).json()) == [(2, ""), (3, "")]
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "eventsSinceNumber", "valueString": "4"}]}
    answer = await housing.post(f"{R4}/Subscription/{id_}/$events", json=parameters, headers=JSON)
    assert told(answer.json()) == [(4, "")]
    issue(await housing.get(f"{R4}/Subscription/{id_}/$events?eventsSinceNumber=all"), 400)


async def test_the_status_of_one_and_of_all(world, receiver):
    client = world.client()
    active = await subscribed(client, subscription())
    await turn(world)
    receiver.fails = [500]
    failed = await subscribed(client, subscription())
    await turn(world)
    one = (await client.get(f"{R4}/Subscription/{active}/$status")).json()
    assert (one["type"], one["total"]) == ("searchset", 1)
    all_ = (await client.get(f"{R4}/Subscription/$status")).json()
    assert all_["total"] == 2
    erred = (await client.get(f"{R4}/Subscription/$status?status=error")).json()
    said_of = str(erred["entry"][0]["resource"])
    assert failed in said_of
    assert "The endpoint answered 500." in said_of
    assert (await client.get(f"{R4}/Subscription/$status?id={active}&id={failed}")).json()["total"] == 2
