"""Whatever the doors do, beside one another and against one another, the audit is as it was written."""

import asyncio

from tests.support.audit import looked_at
from tests.support.r4 import created, goal, task
from tests.support.world import World


async def test_after_all_that_the_doors_do_the_audit_is_as_it_was_written(world: World) -> None:
    await world.agency("RX1")
    await world.agency("HA1", "Larch Homes")
    client, other = world.client(), world.client(agency="HA1")
    person = await world.person(client)
    one = await created(client, goal(person))
    address = f"/fhir/R4/Goal/{one['id']}"
    both = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": f"Goal/{one['id']}"}}] * 3,
    }
    done = await asyncio.gather(
        *(client.get(address) for _ in range(8)),
        *(client.put(address, json={**one, "description": {"text": f"{n} ü 🐦"}}) for n in range(6)),
        *(client.post("/fhir/R4/Task", json=task(person)) for _ in range(3)),
        client.get("/fhir/R4/Goal?_count=5"),
        client.get(f"/fhir/R4/CarePlan?subject=Patient/{person}&_include=*"),
        client.get(f"/fhir/R4/Patient/{person}/$everything"),
        client.get(f"/fhir/R5/Goal/{one['id']}/_history"),
        client.post("/fhir/R4", json=both),
        client.get(f"/v1/people/{person}/plan"),
        client.get(f"/v1/people/{person}/access"),
        client.get("/v1/agencies"),
        other.get(address),
        other.get("/fhir/R4/Goal/" + "x" * 60),
        other.delete(address),
        other.get(f"/v1/people/{person}/plan"),
        client.delete(address),
    )
    assert {answer.status_code // 100 for answer in done} == {2, 4}
    told, counts = await looked_at(world.url)
    assert told == []
    assert counts.events > 30
