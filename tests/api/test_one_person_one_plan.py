"""One person has one plan: however often, at however many doors and in whatever spelling they are sent at once."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence
from typing import Any

import httpx
import pytest

from plan.model import PLAN_SECTIONS
from tests.support.deeds import count, counts
from tests.support.r4 import JSON, R4, bundled, entry, goal, issue
from tests.support.rest import problem
from tests.support.world import NHS, World

SYSTEMS = (
    NHS,
    "http://fhir.nhs.uk/Id/nhs-number",
    "https://fhir.nhs.uk/id/nhs-number",
    "https://fhir.nhs.net/Id/nhs-number",
    "urn:oid:2.16.840.1.113883.2.1.4.1",
)
OURS = "https://oneplan.example/Id"
UNIQUE = (f"{OURS}/hospital-number/RX1", f"{OURS}/local-authority-number/LA1", f"{OURS}/housing-number/HA1")
REPEATED = ("urn:x-gym:members", "https://www.example.org/cards", f"{OURS}/bed")


def spelled(number: str, at: int) -> tuple[str, str]:
    """The same NHS number in one of many spellings."""
    value = (number, f"{number[:3]} {number[3:6]} {number[6:]}", f"{number[:3]}-{number[3:6]}-{number[6:]}")[at % 3]
    return SYSTEMS[at % len(SYSTEMS)], value


def known(system: str, value: str, **more: Any) -> dict[str, Any]:
    """A Patient by an identifier."""
    identifier = [{"system": system, "value": value}]
    return {"resourceType": "Patient", "name": [{"family": "Test"}], "identifier": identifier, **more}


async def by_rest(client: httpx.AsyncClient, system: str, value: str) -> httpx.Response:
    body: dict[str, Any] = {"name": {"family": "Test"}}
    body |= {"nhs_number": value} if "oneplan" not in system else {"identifiers": [{"system": system, "value": value}]}
    return await client.post("/v1/people", json=body)


async def by_fhir(client: httpx.AsyncClient, system: str, value: str) -> httpx.Response:
    return await client.post(f"{R4}/Patient", json=known(system, value), headers=JSON)


async def by_condition(client: httpx.AsyncClient, system: str, value: str) -> httpx.Response:
    headers = {**JSON, "If-None-Exist": f"identifier={system}|{value}"}
    return await client.post(f"{R4}/Patient", json=known(system, value), headers=headers)


async def by_transaction(client: httpx.AsyncClient, system: str, value: str) -> httpx.Response:
    """A person, when they are not there, with a goal of theirs."""
    sent = entry("POST", "Patient", known(system, value), "urn:uuid:p", ifNoneExist=f"identifier={system}|{value}")
    return await bundled(client, "transaction", sent, entry("POST", "Goal", goal("urn:uuid:p")))


async def by_batch(client: httpx.AsyncClient, system: str, value: str) -> httpx.Response:
    return await bundled(client, "batch", entry("POST", "Patient", known(system, value)))


WAYS = (by_rest, by_fhir, by_condition, by_transaction, by_batch)


def told(answer: httpx.Response) -> int:
    """The status of a create, of the Patient where there was more; what refuses says so in its own words."""
    body = answer.json()
    if answer.status_code == 200 and body.get("type", "").endswith("-response"):
        one = body["entry"][0]["response"]
        status = int(one["status"][:3])
        assert status in (200, 201) or one["outcome"]["issue"][0]["code"] == "duplicate", body
        return status
    if answer.status_code not in (200, 201):
        said = body["code"] if "code" in body else body["issue"][0]["code"]
        assert (answer.status_code, said) in ((409, "duplicate"), (412, "multiple-matches")), body
    return answer.status_code


async def one_of_all(world: World, people: int = 1) -> None:
    """The database holds so many people, each with one root, one team and one of each section."""
    assert await count(world, "person") == people
    assert await count(world, "identifier") == people
    slots = Counter(slot for (slot,) in await world.database.rows("select slot from entry where slot is not null"))
    wanted = ["patient", "root", "team", *(f"section:{section}" for section in PLAN_SECTIONS)]
    assert slots == dict.fromkeys(wanted, people)


async def at_once(sent: Sequence[Awaitable[httpx.Response]]) -> Counter[int]:
    """How many creates that come together were answered how."""
    return Counter(map(told, await asyncio.gather(*sent)))


async def test_fifty_creates_of_one_person_at_once_begin_one_plan(world: World):
    number = world.nhs_number()
    clients = [world.client(), world.client("social_worker", "LA1")]
    sent = [WAYS[at % 5](clients[at // 5 % 2], *spelled(number, at // 10)) for at in range(50)]
    said = await at_once(sent)
    assert said[201] == 1, said
    assert set(said) <= {200, 201, 409, 412}
    await one_of_all(world)


@pytest.mark.parametrize("system", UNIQUE)
async def test_a_number_of_ours_names_one_person_too(world: World, system: str):
    clients = [world.client(), world.client("housing_officer", "HA1")]
    said = await at_once([WAYS[at % 5](clients[at % 2], system, " 4711"[at % 2 :]) for at in range(10)])
    assert said[201] == 1, said
    await one_of_all(world)


async def test_the_same_number_of_two_hospitals_names_two_people(world: World):
    client = world.client()
    for hospital in ("RX1", "RX2"):
        assert (await by_fhir(client, f"{OURS}/hospital-number/{hospital}", "4711")).status_code == 201
    await one_of_all(world, 2)


@pytest.mark.parametrize("system", REPEATED)
async def test_an_identifier_of_a_system_that_nobody_knows_is_kept_and_may_repeat(world: World, system: str):
    client = world.client()
    for _ in range(2):
        made = await by_fhir(client, system, "4711")
        assert made.status_code == 201
        assert made.json()["identifier"] == [{"system": system, "value": "4711"}]
    assert await count(world, "person") == 2
    assert await count(world, "identifier") == 0
    found = await client.get(f"{R4}/Patient", params={"identifier": f"{system}|4711"})
    assert found.json()["total"] == 2
    conditional = await by_condition(client, system, "4711")
    assert (conditional.status_code, told(conditional)) == (412, 412)


@pytest.mark.parametrize("conditional", [False, True])
async def test_a_transaction_that_names_one_new_person_twice_is_refused_as_a_whole(world: World, conditional: bool):
    client, number, before = world.client(), world.nhs_number(), await counts(world)
    criteria = {"ifNoneExist": f"identifier={NHS}|{number}"} if conditional else {}
    twice = [entry("POST", "Patient", known(*spelled(number, at)), f"urn:uuid:{at}", **criteria) for at in range(2)]
    sent = await bundled(client, "transaction", entry("POST", "Patient", known("urn:x", "1")), *twice)
    said = issue(sent, 400 if conditional else 409)
    wanted = ("invalid", "Bundle.entry[2]") if conditional else ("duplicate", "Bundle.entry[2].resource.identifier")
    assert (said["code"], *said["expression"]) == wanted
    assert number not in str(said), "nobody is named who is not there"
    assert await counts(world) == before


async def test_a_number_that_one_person_gives_up_is_free_for_another(world: World):
    client, number = world.client(), world.nhs_number()
    first = (await by_fhir(client, *spelled(number, 0))).json()
    problem(await by_rest(client, *spelled(number, 1)), 409, "duplicate", "/identifier")
    del first["identifier"]
    changed = await client.put(f"{R4}/Patient/{first['id']}", json=first, headers=JSON)
    assert changed.status_code == 200
    second = await by_rest(client, *spelled(number, 2))
    assert second.status_code == 201
    assert second.json()["id"] != first["id"]
