"""What tests send through the FHIR door, and how they read what comes back."""

from typing import Any

import httpx

from tests.support.world import NHS, World

R4 = "/fhir/R4"
JSON = {"Content-Type": "application/fhir+json"}


def patient(nhs_number: str | None = None, **more: Any) -> dict[str, Any]:
    """A Patient."""
    made: dict[str, Any] = {"resourceType": "Patient", "name": [{"family": "Test", "given": ["Sam"]}], **more}
    if nhs_number:
        made["identifier"] = [{"system": NHS, "value": nhs_number}]
    return made


def goal(person: str, text: str = "Walk to the shop", **more: Any) -> dict[str, Any]:
    """A Goal of a person; `person` may be any reference with a colon in it."""
    subject = person if ":" in person else f"Patient/{person}"
    return {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "description": {"text": text},
        "subject": {"reference": subject},
        **more,
    }


def task(person: str, **more: Any) -> dict[str, Any]:
    """A Task for a person."""
    subject = person if ":" in person else f"Patient/{person}"
    return {"resourceType": "Task", "status": "requested", "intent": "order", "for": {"reference": subject}, **more}


def at(resource: dict[str, Any]) -> str:
    """Where a resource is."""
    return f"{R4}/{resource['resourceType']}/{resource['id']}"


async def created(client: httpx.AsyncClient, resource: dict[str, Any]) -> dict[str, Any]:
    """The resource as it was stored."""
    answer = await client.post(f"{R4}/{resource['resourceType']}", json=resource, headers=JSON)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def found(client: httpx.AsyncClient, search: str, **headers: str) -> dict[str, Any]:
    """The searchset of a search, as `Goal?patient=1`."""
    answer = await client.get(f"{R4}/{search}", headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text
    made: dict[str, Any] = answer.json()
    return made


def ids(bundle: dict[str, Any]) -> list[str]:
    """The ids of the resources of a Bundle, in order."""
    return [entry["resource"]["id"] for entry in bundle.get("entry", ())]


def entry(
    method: str, url: str, resource: dict[str, Any] | None = None, link: str = "", **request: str
) -> dict[str, Any]:
    """An entry of a batch or a transaction."""
    made: dict[str, Any] = {"request": {"method": method, "url": url, **request}}
    if resource is not None:
        made["resource"] = resource
    return {"fullUrl": link, **made} if link else made


async def bundled(client: httpx.AsyncClient, kind: str, *entries: dict[str, Any], **headers: str) -> httpx.Response:
    """The answer to a Bundle."""
    sent = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    return await client.post(R4, json=sent, headers={**JSON, **headers})


def issue(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The first issue of a failure, when it is an OperationOutcome with this status in the FHIR media type."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert all(one["severity"] == "error" for one in outcome["issue"])
    first: dict[str, Any] = outcome["issue"][0]
    return first


async def kept(world: World) -> list[int]:
    """How much there is in the database: what a refused write must leave as it was."""
    tables = ("entry", "entry_version", "directory_entry_version", "person", "identifier", "change")
    return [(await world.database.rows(f"select count(*) from {table}"))[0][0] for table in tables]
