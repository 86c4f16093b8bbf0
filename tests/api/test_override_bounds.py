"""An override stands for the relationship and for nothing else: what is closed stays closed, and no mark is left."""

from dataclasses import replace

import pytest

from api.deeds import Deed
from auth.access import Verb
from plan.model import AgencyId
from plan.problem import Trouble
from tests.support.deeds import consent, contact, count, refused
from tests.support.feed import receiving, subscription
from tests.support.overriding import BTG, SHELF, asking, glass
from tests.support.r4 import JSON, R4, goal, issue, task
from tests.support.rest import problem

FHIR = {**JSON, **BTG}


@pytest.fixture
async def here(world):
    return await glass(world)


@pytest.fixture
async def by(here):
    """Somebody to whom the plan is open."""
    client = here.stranger()
    await here.opened(client)
    return client


async def test_what_is_for_named_agencies_stays_closed(here, by):
    assert await here.read(by, here.hidden) == 404
    found = (await by.get(f"{R4}/Goal?patient={here.person}&_total=accurate", headers=BTG)).json()
    assert (found["total"], here.hidden in str(found)) == (1, False)
    assert here.hidden not in (await by.get(f"{R4}/Patient/{here.person}/$everything", headers=BTG)).text


@pytest.mark.parametrize("to", [{"agency": "ED1"}, {"role": "clinician"}, {"subject": "dana"}])
async def test_what_the_person_has_closed_stays_closed(here, by, to):
    await here.world.write(here.world.visit(), consent(here.person, "deny", ["health"], to))
    assert await here.read(by, here.goal) == 404
    assert await here.read(by) == 200


async def test_the_charter_holds(here, by):
    section = f"/v1/people/{here.person}/plan/sections/benefits"
    problem(await by.get(section, headers=BTG), 404, "not_found")
    sections = (await by.get(f"/v1/people/{here.person}/access", headers=BTG)).json()["sections"]
    assert {name for name, said in sections.items() if not said["read"]} == {"benefits"}


async def test_what_is_written_is_the_writers_own(here, by):
    answer = await by.post(f"{R4}/Goal", json=goal(here.person), headers=FHIR)
    assert answer.status_code == 201, answer.text
    made = answer.json()["id"]
    rows = await here.world.database.rows("select agency, author from entry where id = ?", (made,))
    assert tuple(rows[0]) == ("ED1", "dana")
    here.world.later(minutes=61)
    assert await here.read(by, made) == 404
    assert (await by.post(f"{R4}/Goal", json=goal(here.person), headers=FHIR)).status_code != 201


async def test_the_team_and_its_versions_know_nothing_of_it(here):
    own = here.world.client()
    person = f"/v1/people/{here.person}"
    addresses = [f"{person}/team", f"{R4}/CareTeam?patient={here.person}", f"{person}/plan", f"{person}/history"]
    addresses.append(f"{R4}/Patient/{here.person}/_history")
    before = [(await own.get(address)).text for address in addresses]
    tags = [(await own.get(address)).headers.get("etag") for address in addresses]
    by = here.stranger()
    one = await here.opened(by)
    await here.read(by)
    await by.delete(f"{SHELF}/{one['id']}")
    assert [(await own.get(address)).text for address in addresses] == before
    assert [(await own.get(address)).headers.get("etag") for address in addresses] == tags
    await here.world.desk.add_member(here.world.visit(), here.person, "LA1", "", "")
    team = (await own.get(addresses[0])).json()
    assert [member["agency"] for member in team["members"]] == ["RX1", "LA1"]
    assert "override" not in str(team) + (await own.get(addresses[1])).text


async def test_it_gives_no_place_on_the_team_to_anybody(here, by):
    team = f"/v1/people/{here.person}/team"
    said = problem(await by.post(team, json={"agency": "ED1"}, headers=BTG), 403, "refused")
    assert said["question"] == "relationship"
    members = (await by.get(team, headers=BTG)).json()["members"]
    problem(await by.delete(f"{team}/{members[0]['id']}", headers=BTG), 403, "refused")
    found = (await by.get(f"{R4}/CareTeam?patient={here.person}", headers=BTG)).json()["entry"][0]["resource"]
    found["participant"].append({"member": {"reference": "Organization/ED1"}})
    issue(await by.put(f"{R4}/CareTeam/{found['id']}", json=found, headers=FHIR), 403)
    assert await count(here.world, "team_member", "basis <> 'override'") == 1


async def test_it_hands_no_leave_on(here, by):
    shelf = f"/v1/people/{here.person}"
    said = {"decision": "permit", "status": "active", "to": [{"agency": "ED1"}], "sections": ["health"]}
    problem(await by.post(f"{shelf}/consents", json=said, headers=BTG), 403, "refused")
    contacts = f"{shelf}/plan/sections/about_me/contact"
    problem(await by.post(contacts, json={"name": "Kim", "subject": "kim"}, headers=BTG), 403, "refused")
    assert (await by.post(contacts, json={"name": "Kim"}, headers=BTG)).status_code == 201
    carer = await here.world.write(here.world.visit("social_worker"), contact(here.person, subject="lee"))
    issue(await by.delete(f"{R4}/RelatedPerson/{carer.stored.id}", headers=FHIR), 403)
    assert await count(here.world, "team_member", "party = 'user:lee' and until is null") == 1


async def test_it_copies_no_plan_into_another(here, by):
    own = await here.world.person(by)
    sent = [
        {"name": f"{which}-patient", "valueReference": {"reference": f"Patient/{person}"}}
        for which, person in (("source", here.person), ("target", own))
    ]
    body = {"resourceType": "Parameters", "parameter": sent}
    issue(await by.post(f"{R4}/Patient/$merge", json=body, headers=FHIR), 403)


async def test_a_subscription_and_an_export_are_not_asked_for_under_it(here, by):
    receiving(here.world)
    said = issue(await by.post(f"{R4}/Subscription", json=subscription(), headers=FHIR), 403)
    assert "outlives an override" in str(said)
    issue(await by.get(f"{R4}/$export", headers={**BTG, "Prefer": "respond-async"}), 403)
    plain = await by.get(f"{R4}/$export", headers={"Prefer": "respond-async"})
    assert plain.status_code == 202
    issue(await by.get(plain.headers["content-location"], headers=BTG), 403)
    output = (await by.get(plain.headers["content-location"])).json()["output"]
    assert [one["type"] for one in output] == ["Organization"], "the directory is open to all"
    assert await count(here.world, "subscription") == 0


async def test_whoever_joins_the_team_needs_it_no_more(here, by):
    await here.world.desk.add_member(here.world.visit(), here.person, "ED1", "", "")
    assert await here.read(by, **{"X-Purpose-Of-Use": "TREAT"}) == 200
    access = (await by.get(f"/v1/people/{here.person}/access", headers=BTG)).json()
    assert access["basis"] == "added"
    problem(await here.stranger(subject="other").post(SHELF, json=asking(here.person)), 409, "duplicate")
    assert (await by.post(f"/v1/people/{here.person}/team", json={"agency": "LA1"}, headers=BTG)).status_code == 201


async def test_everything_of_everybody_holds_the_open_plan_as_long_as_it_is_open(here, by):
    address = f"{R4}/Patient/$everything"
    assert here.goal in (await by.get(address, headers=BTG)).text
    assert here.goal not in (await by.get(address)).text
    here.world.later(minutes=60)
    assert here.goal not in (await by.get(address, headers=BTG)).text


async def test_it_takes_nobody_on_by_a_task(here, by):
    for owner in ("ED1", "LA1"):
        for status in ("requested", "accepted"):
            sent = task(here.person, status=status, owner={"reference": f"Organization/{owner}"})
            issue(await by.post(f"{R4}/Task", json=sent, headers=FHIR), 403)
    assert await count(here.world, "team_member", "basis <> 'override'") == 1


async def test_it_brings_nobody_in_secret(here, by):
    team = {
        "resourceType": "CareTeam",
        "subject": {"reference": f"Patient/{here.person}"},
        "participant": [{"member": {"reference": "Organization/ED1"}}],
    }
    deed = Deed(verb=Verb.CREATE, type="CareTeam", resource=team, restriction=frozenset({AgencyId("ED1")}))
    visit = here.world.visit("clinician", "ED1", "dana")
    stated = replace(visit, caller=replace(visit.caller, purpose="BTG"))
    said = await refused(here.world.desk.write(stated, [deed]), Trouble.REFUSED)
    assert said.extra["question"] == "relationship"
    body = {"agency": "ED1", "restricted_to": ["ED1"]}
    problem(await by.post(f"/v1/people/{here.person}/team", json=body, headers=BTG), 403, "refused")
    assert await count(here.world, "team_member", "basis <> 'override'") == 1


async def test_who_is_only_asked_by_a_task_may_need_it(here):
    sent = task(here.person, owner={"reference": "Organization/ED1"})
    made = await here.world.client().post(f"{R4}/Task", json=sent, headers=JSON)
    assert made.status_code == 201, made.text
    by = here.stranger()
    assert await here.read(by, here.goal) == 404
    await here.opened(by)
    assert await here.read(by, here.goal) == 200
    assert await here.queue(here.auditor("ED1"))
    problem(await here.auditor("ED1").get(f"/v1/people/{here.person}/consent-history"), 404, "not_found")


async def test_a_sealed_address_stays_sealed(here, by):
    body = {"address": {"lines": ["7 Quiet Row"], "postcode": "LS1 9ZZ"}, "restricted_to": ["RX1", "LA1"]}
    shelf = f"/v1/people/{here.person}/plan/sections/about_me/sealed_address"
    made = await here.world.client().post(shelf, json=body)
    assert made.status_code == 201, made.text
    addresses = (shelf, f"{shelf}/{made.json()['id']}", f"/v1/people/{here.person}/plan", f"/v1/people/{here.person}")
    everything = f"{R4}/Patient/{here.person}/$everything"
    for address in (*addresses, everything, f"{R4}/Basic?patient={here.person}", f"{R4}/_history"):
        answer = await by.get(address, headers=BTG)
        assert "Quiet Row" not in answer.text, address
        assert made.json()["id"] not in answer.text.replace(f"{shelf}/{made.json()['id']}", ""), address
    assert (await by.get(addresses[1], headers=BTG)).status_code == 404
