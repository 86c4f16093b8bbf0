"""The FHIR clients of Python drive the running service, doing what their own tutorials do."""

import pytest
from fhirclient import client as fhirclient
from fhirclient.models.goal import Goal
from fhirclient.models.patient import Patient
from fhirclient.models.task import Task
from fhirpy import AsyncFHIRClient
from fhirpy.base.exceptions import MultipleResourcesFound, OperationOutcome, ResourceNotFound

SNOMED = "http://snomed.info/sct"


@pytest.fixture(params=["R4", "R5"])
def aio(ready, request):
    return AsyncFHIRClient(f"{ready.base}/fhir/{request.param}", authorization=f"Bearer {ready.token}")


def goal(person: str, text: str = "Walk to the shop") -> dict[str, object]:
    return {
        "lifecycleStatus": "active",
        "description": {"text": text},
        "subject": {"reference": f"Patient/{person}"},
    }


async def test_fhirpy_creates_changes_and_deletes(aio, ready):
    made = aio.resource("Goal", **goal(ready.person))
    await made.save()
    assert made["meta"]["versionId"] == "1"
    made["lifecycleStatus"] = "on-hold"
    await made.save()
    again = await aio.reference("Goal", made.id).to_resource()
    assert (again["meta"]["versionId"], again["lifecycleStatus"]) == ("2", "on-hold")
    again["meta"]["versionId"] = "1"
    with pytest.raises(MultipleResourcesFound, match="You changed version 1"):
        await again.save()
    await made.delete()
    with pytest.raises(ResourceNotFound):
        await aio.reference("Goal", made.id).to_resource()


async def test_fhirpy_searches_pages_and_brings_along(aio, ready):
    made = [aio.resource("Task", status="requested", intent="order", **of(ready)) for _ in range(5)]
    for one in made:
        await one.save()
    tasks = aio.resources("Task").search(patient=ready.person).limit(2)
    assert {one.id for one in made} <= {one.id for one in await tasks.fetch_all()}
    assert len(await tasks.fetch()) == 2
    assert [one.id async for one in aio.resources("Task").search(_id=made[0].id)] == [made[0].id]
    bundle = await aio.resources("Task").search(_id=made[0].id).include("Task", "patient").fetch_raw()
    assert {one["resource"]["resourceType"] for one in bundle["entry"]} == {"Task", "Patient"}
    assert (await aio.resources("Patient").has("Task", "patient", _id=made[0].id).first()).id == ready.person
    assert await aio.resources("Task").search(patient=ready.person, status="requested").count() >= 5


def of(ready) -> dict[str, object]:
    return {"for": {"reference": f"Patient/{ready.person}"}}


async def test_fhirpy_updates_or_makes_what_it_searches_for(aio, ready):
    value = f"one-of-{aio.url[-2:]}"
    search = aio.resources("Goal").search(identifier=f"urn:example:goal|{value}")
    wanted = aio.resource("Goal", **goal(ready.person), identifier=[{"system": "urn:example:goal", "value": value}])
    first, made = await search.update(wanted)
    again, made_again = await search.update(wanted)
    assert (made, made_again, first["id"]) == (True, False, again["id"])


async def test_fhirpy_is_told_that_a_create_has_no_criteria_in_its_address(aio, ready):
    search = aio.resources("Goal").search(identifier="urn:example:goal|none")
    with pytest.raises(OperationOutcome, match="If-None-Exist"):
        await search.get_or_create(aio.resource("Goal", **goal(ready.person)))


async def test_fhirpy_patches_by_fhirpath_and_is_refused_a_merge(aio, ready):
    made = aio.resource("Goal", **goal(ready.person))
    await made.save()
    operation = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": "Goal.lifecycleStatus"},
        {"name": "value", "valueCode": "on-hold"},
    ]
    patch = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": operation}]}
    with pytest.raises(OperationOutcome):
        await aio.patch("Goal", made.id, lifecycleStatus="on-hold")
    changed = await aio._do_request("patch", f"Goal/{made.id}", data=patch, extra_headers={"If-Match": 'W/"1"'})
    assert changed["lifecycleStatus"] == "on-hold"


async def test_fhirpy_sends_a_transaction(aio, ready):
    bundle = aio.resource("Bundle", type="transaction")
    bundle["entry"] = [
        {
            "resource": {"resourceType": "Goal", **goal(ready.person, text)},
            "request": {"method": "POST", "url": "Goal"},
        }
        for text in ("first", "second")
    ]
    said = await aio.execute("", data=bundle.serialize())
    assert [one["response"]["status"] for one in said["entry"]] == ["201 Created"] * 2


@pytest.fixture
def smart(ready):
    made = fhirclient.FHIRClient(settings={"app_id": "tests", "api_base": f"{ready.base}/fhir/R4"})
    assert not made.prepare(), "the statement says that a token is needed, and where it is to be had"
    assert made.server.auth.auth_type == "oauth2"
    made.server.auth.access_token = ready.token
    assert made.ready
    return made


def test_fhirclient_reads_the_statement_and_the_person(smart, ready):
    assert smart.server.capabilityStatement.fhirVersion == "4.0.1"
    person = Patient.read(ready.person, smart.server)
    assert smart.human_name(person.name[0]) == "Ada Test"


def test_fhirclient_creates_changes_and_deletes(smart, ready):
    made = Goal({"resourceType": "Goal", **goal(ready.person)})
    answer = made.create(smart.server)
    held = Goal.read(answer["id"], smart.server)
    assert held.lifecycleStatus == "active"
    held.lifecycleStatus = "on-hold"
    assert held.update(smart.server)["meta"]["versionId"] == "2"
    held.delete(smart.server)
    with pytest.raises(Exception, match="410"):
        Goal.read(answer["id"], smart.server)


def test_fhirclient_searches_and_pages(smart, ready):
    for n in range(5):
        task = {"resourceType": "Task", "status": "draft", "intent": "order", "description": f"task {n}", **of(ready)}
        Task(task).create(smart.server)
    search = Task.where({"patient": ready.person, "status": "draft", "_count": "2"})
    found = [one.description for one in search.perform_resources_iter(smart.server)]
    assert sorted(found) == [f"task {n}" for n in range(5)]
    along = Task.where({"patient": ready.person, "status": "draft", "_include": "Task:patient"})
    types = {one.resource_type for one in along.perform_resources_iter(smart.server)}
    assert types == {"Task", "Patient"}
