"""$validate at every level: 200 and an OperationOutcome whatever it says, nothing written, leave asked, audited."""

import pytest

from fhir_facade import exact
from tests.support.deeds import count
from tests.support.r4 import JSON, R4, created, goal, issue, kept, task

OK = [{"severity": "information", "code": "informational", "details": {"text": "All OK"}}]
NARRATIVE = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">A goal</div>'}
BASE = "http://hl7.org/fhir/StructureDefinition"


@pytest.fixture
async def one(client, person):
    """A goal that is there."""
    return await created(client, goal(person) | {"text": NARRATIVE})


def parameters(resource=None, **more):
    given = [{"name": "resource", "resource": resource}] if resource else []
    given += [{"name": name, "valueCode" if name == "mode" else "valueUri": value} for name, value in more.items()]
    return {"resourceType": "Parameters", "parameter": given}


async def checked(world, client, path, body=None):
    """The issues that it answers, when nothing was written."""
    before = await kept(world)
    if body is None:
        answer = await client.get(f"{R4}/{path}")
    else:
        answer = await client.post(f"{R4}/{path}", content=exact.dumps(body), headers=JSON)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"
    assert await kept(world) == before
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    return outcome["issue"]


def told(issues):
    return [(one["severity"], one["code"], *one.get("expression", ())) for one in issues]


def narrated(person, **more):
    return goal(person) | {"text": NARRATIVE} | more


@pytest.mark.parametrize("path", ["$validate", "Goal/$validate", "Goal/any/$validate"])
async def test_a_good_resource_is_all_ok_at_every_level_alone_or_as_a_parameter(world, client, person, path):
    resource = narrated(person)
    assert await checked(world, client, path, resource) == OK
    assert await checked(world, client, path, parameters(resource)) == OK


@pytest.mark.parametrize("path", ["$validate", "Goal/$validate"])
async def test_what_is_wrong_is_an_issue_with_its_place_and_the_key_of_the_rule(world, client, person, path):
    resource = narrated(person, target=[{"detailString": "a mile"}])
    (found,) = await checked(world, client, path, resource)
    assert told([found]) == [("error", "invalid", "Goal.target[0]")]
    assert "gol-1" in found["details"]["text"]


async def test_another_type_than_the_address_names_is_an_issue(world, client, person):
    found = await checked(world, client, "Goal/$validate", task(person))
    assert told(found) == [("error", "invalid", "Task.resourceType")]


async def test_what_only_leaves_good_practice_is_a_warning_and_is_written_all_the_same(world, client, person):
    (found,) = await checked(world, client, "Goal/$validate", goal(person))
    assert told([found]) == [("warning", "invalid", "Goal")]
    assert "dom-6" in found["details"]["text"]
    assert (await created(client, goal(person)))["id"]


async def test_what_is_no_resource_is_an_issue_too(world, client):
    assert told(await checked(world, client, "$validate", [1])) == [("error", "structure", "Resource")]
    assert told(await checked(world, client, "$validate", {"resourceType": "Foo"})) == [
        ("error", "structure", "Foo.resourceType")
    ]


async def test_a_type_that_is_not_served_is_checked_all_the_same(world, client):
    code = {"resourceType": "CodeSystem", "status": "draft", "content": "complete", "text": NARRATIVE}
    assert told(await checked(world, client, "$validate", code | {"name": "A"})) == told(OK)


async def test_a_stored_resource_is_checked_by_get_and_by_an_empty_parameters(world, client, one):
    assert await checked(world, client, f"Goal/{one['id']}/$validate") == OK
    assert await checked(world, client, f"Goal/{one['id']}/$validate?mode=profile") == OK
    assert await checked(world, client, f"Goal/{one['id']}/$validate", parameters()) == OK


async def test_a_hidden_resource_is_as_one_that_never_was(world, client, one):
    other = world.client("housing_officer", "HA1")
    hidden = await other.get(f"{R4}/Goal/{one['id']}/$validate")
    absent = await other.get(f"{R4}/Goal/never/$validate")
    assert issue(hidden, 404) == issue(absent, 404)


async def test_a_profile_is_told_to_be_unknown_and_the_definition_of_the_type_is_known(world, client, person):
    resource = narrated(person)
    assert await checked(world, client, "$validate", parameters(resource, profile=f"{BASE}/Goal|4.0.1")) == OK
    found = await checked(world, client, "Goal/$validate", parameters(resource, profile="urn:other"))
    assert told(found) == [("error", "not-supported")]
    assert "urn:other" in found[0]["details"]["text"]
    assert await checked(world, client, "Goal/$validate?profile=urn:other", resource) == found


async def test_a_create_is_rehearsed(world, client, person):
    resource = narrated(person)
    assert await checked(world, client, "Goal/$validate", parameters(resource, mode="create")) == OK
    nobody = narrated("nobody-here")
    assert told(await checked(world, client, "Goal/$validate", parameters(nobody, mode="create")))[0][0] == "error"
    wrong = narrated(person, lifecycleStatus="banana")
    assert told(await checked(world, client, "Goal/$validate", parameters(wrong, mode="create"))) == [
        ("error", "value", "Goal.lifecycleStatus")
    ]


async def test_an_update_is_rehearsed_and_a_stale_one_is_told(world, client, one):
    path = f"Goal/{one['id']}/$validate"
    assert await checked(world, client, path, parameters(one, mode="update")) == OK
    stale = one | {"meta": {**one["meta"], "versionId": "7"}}
    assert told(await checked(world, client, path, parameters(stale, mode="update")))[0][:2] == ("error", "conflict")
    unsaid = {name: value for name, value in one.items() if name != "meta"}
    assert told(await checked(world, client, "$validate", parameters(unsaid, mode="update"))) == [
        ("error", "required", "Goal.meta.versionId")
    ]


async def test_a_delete_is_rehearsed_without_a_resource(world, client, one):
    path = f"Goal/{one['id']}/$validate"
    assert await checked(world, client, path, parameters(mode="delete")) == OK
    assert (await client.get(f"{R4}/Goal/{one['id']}")).status_code == 200
    assert told(await checked(world, client, "Goal/never/$validate?mode=delete")) == [("error", "not-found")]


async def test_who_may_not_see_it_is_told_the_same_of_a_rehearsal_as_of_nothing(world, client, one):
    other = world.client("housing_officer", "HA1")
    for mode in ("update", "delete"):
        sent = {**one, "id": "never"}
        hidden = await checked(world, other, f"Goal/{one['id']}/$validate", parameters(one, mode=mode))
        absent = await checked(world, other, "Goal/never/$validate", parameters(sent, mode=mode))
        assert hidden == absent
        assert told(hidden)[0][:2] == ("error", "not-found")


async def test_an_app_whose_scopes_allow_nothing_on_the_type_is_refused(world, client, person):
    app = world.client(scopes="system/Task.cruds")
    before = await count(world, "audit_event")
    for path in ("$validate", "Goal/$validate"):
        answer = await app.post(f"{R4}/{path}", json=goal(person), headers=JSON)
        assert issue(answer, 403)["code"] == "forbidden"
    assert await count(world, "audit_event") == before + 2
    assert (await world.anonymous().post(f"{R4}/$validate", json=goal(person), headers=JSON)).status_code == 401


async def test_a_check_is_audited(world, client, person):
    before = await count(world, "audit_event")
    await checked(world, client, "Goal/$validate", goal(person))
    assert await count(world, "audit_event") == before + 1


@pytest.mark.parametrize(
    "path, body, code",
    [
        ("$validate", {"resourceType": "Parameters"}, "required"),
        ("$validate", {"resourceType": "Parameters", "parameter": "x"}, "required"),
        ("Goal/$validate", parameters(profile="urn:x"), "required"),
        ("Goal/$validate", parameters(mode="banana"), "value"),
        ("Goal/$validate?mode=banana", {"resourceType": "Goal"}, "value"),
    ],
)
async def test_what_cannot_be_asked_is_refused(world, client, path, body, code):
    answer = await client.post(f"{R4}/{path}", json=body, headers=JSON)
    assert issue(answer, 400)["code"] == code


async def test_a_type_that_is_not_served_has_no_address(world, client):
    assert issue(await client.post(f"{R4}/CodeSystem/$validate", json={}, headers=JSON), 404)
