"""AuditEvent through the FHIR door: read and searched for within a person, in R4 and R5; written by nobody."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.importing import Import
from api.report import Fate, Reason
from fhir_facade.validate import validate
from tests.support.r4 import JSON
from tests.support.rest import GOAL
from tests.support.world import World

BASES = {"R4": "/fhir/R4", "R5": "/fhir/R5"}
EVENT: dict[str, Any] = {
    "resourceType": "AuditEvent",
    "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"},
    "recorded": "2026-03-02T10:00:00Z",
    "agent": [{"requestor": True}],
    "source": {"observer": {"display": "an app"}},
}


async def used(world: World) -> tuple[str, httpx.AsyncClient]:
    """A person whose plan was begun, added to, read, searched and asked for in vain; and the person's own client."""
    gp = world.client()
    person = await world.person(gp)
    made = await gp.post(f"/v1/people/{person}/plan/sections/health/goal", json=GOAL)
    await gp.get(f"/fhir/R4/Goal/{made.json()['id']}")
    await gp.get(f"/fhir/R4/Goal?patient={person}")
    await world.client("housing_officer", "HA9").get(f"/v1/people/{person}/plan")
    return person, world.client("person", "HOME", person=person)


async def found(client: httpx.AsyncClient, base: str, query: str) -> list[dict[str, Any]]:
    answer = await client.get(f"{base}/AuditEvent?{query}")
    assert answer.status_code == 200, answer.text
    return [one["resource"] for one in answer.json().get("entry", ())]


@pytest.mark.parametrize("name", BASES)
async def test_the_log_is_there_as_valid_audit_events_and_each_is_read_by_its_id(world: World, name: str) -> None:
    person, client = await used(world)
    events = await found(client, BASES[name], f"patient={person}")
    assert [event["action"] for event in events] == ["E", "E", "R", "C", "C"]
    for event in events:
        validate(event, "AuditEvent", "R5" if name == "R5" else "R4")
        answer = await client.get(f"{BASES[name]}/AuditEvent/{event['id']}")
        assert answer.json() == event
        assert answer.headers["etag"] == 'W/"1"'


@pytest.mark.parametrize("name", BASES)
async def test_it_is_read_in_xml_too(world: World, name: str) -> None:
    person, client = await used(world)
    answer = await client.get(f"{BASES[name]}/AuditEvent?patient={person}&_format=xml")
    assert answer.status_code == 200
    assert answer.text.count("<AuditEvent>") == 5


QUERIES: Mapping[str, list[str]] = {
    "": ["E", "E", "R", "C", "C"],
    "action=C": ["C", "C"],
    "action=R,E": ["E", "E", "R"],
    "action=http://hl7.org/fhir/audit-event-action|R": ["R"],
    "outcome=0": ["E", "R", "C", "C"],
    "outcome=8": ["E"],
    "agent=Organization/RX1": ["E", "R", "C", "C"],
    "agent=HA9": ["E"],
    "agent=Organization/LA1": [],
    "date=gt2020&date=lt2020-02": [],
    "date=2020-01-01": [],
    "date=ge2020-01-01T10:00:00Z": ["E", "E", "R", "C", "C"],
    "date=le2020": [],
    "_count=2": ["E", "E"],
    "_sort=-date&_total=none": ["E", "E", "R", "C", "C"],
    "_id=nonsense": [],
}


@pytest.mark.parametrize("query", QUERIES)
async def test_it_is_searched_by_what_the_index_serves(world: World, query: str) -> None:
    person, client = await used(world)
    by_get = await found(client, "/fhir/R4", f"patient=Patient/{person}&{query}")
    assert [event["action"] for event in by_get] == QUERIES[query]


async def test_it_is_searched_by_id_and_by_post(world: World) -> None:
    person, client = await used(world)
    [event, *_] = await found(client, "/fhir/R4", f"patient={person}")
    again = await found(client, "/fhir/R4", f"patient={person}&_id={event['id']}")
    assert again == [event]
    posted = await client.post("/fhir/R5/AuditEvent/_search", data={"patient": person, "action": "R"})
    assert len(posted.json()["entry"]) == 1


async def test_pages_follow_each_other_without_a_gap(world: World) -> None:
    person, client = await used(world)
    whole = [event["id"] for event in await found(client, "/fhir/R4", f"patient={person}")]
    address, seen = f"/fhir/R4/AuditEvent?patient={person}&_count=2", []
    while address:
        page = (await client.get(address)).json()
        assert "total" not in page
        seen += [one["resource"]["id"] for one in page["entry"]]
        address = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
    assert [id_ for id_ in seen if id_ in whole] == whole


BAD: Mapping[str, int] = {
    "": 400,
    "patient=a&patient=b": 400,
    "date=yesterday&patient={p}": 400,
    "date=sa2026&patient={p}": 400,
    "_count=0&patient={p}": 400,
    "_count=many&patient={p}": 400,
    "_sort=date&patient={p}": 400,
    "agent=Practitioner/x&patient={p}": 400,
    "agent:identifier=a|b&patient={p}": 400,
    "entity=Goal/x&patient={p}": 400,
    "_include=*&patient={p}": 400,
    "_revinclude=Provenance:target&patient={p}": 400,
    "patient.name=Sam": 400,
    "_page=nonsense&patient={p}": 400,
}


@pytest.mark.parametrize("query", BAD)
async def test_what_it_cannot_be_searched_by_is_refused_and_never_passed_over(world: World, query: str) -> None:
    person, client = await used(world)
    answer = await client.get(f"/fhir/R4/AuditEvent?{query.format(p=person)}")
    assert answer.status_code == BAD[query], answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_an_event_of_another_person_and_none_at_all_are_the_same(world: World) -> None:
    person, client = await used(world)
    other = world.client("person", "HOME", person="somebody-else")
    [event, *_] = await found(client, "/fhir/R4", f"patient={person}")
    unknown = "0" * 25 + f".{person}"
    for asks, id_ in ((other, event["id"]), (client, unknown), (client, "nonsense"), (other, unknown)):
        answer = await asks.get(f"/fhir/R4/AuditEvent/{id_}")
        assert answer.status_code == 404


WRITES: Mapping[str, tuple[str, str]] = {
    "create": ("POST", "/AuditEvent"),
    "update": ("PUT", "/AuditEvent/{id}"),
    "patch": ("PATCH", "/AuditEvent/{id}"),
    "delete": ("DELETE", "/AuditEvent/{id}"),
    "conditional delete": ("DELETE", "/AuditEvent?patient={p}"),
    "conditional update": ("PUT", "/AuditEvent?patient={p}"),
}


@pytest.mark.parametrize("base", BASES.values())
@pytest.mark.parametrize("name", WRITES)
async def test_nobody_writes_in_the_audit(world: World, name: str, base: str) -> None:
    person, client = await used(world)
    [event, *_] = await found(client, "/fhir/R4", f"patient={person}")
    before = await world.database.rows("select count(*) from entry_version")
    method, address = WRITES[name]
    for writer in (client, world.client(), world.client("administrator", "RX1")):
        body = None if method == "DELETE" else EVENT
        answer = await writer.request(method, base + address.format(id=event["id"], p=person), json=body, headers=JSON)
        assert answer.status_code == 405, answer.text
        assert "the service writes it, and nobody else" in answer.text
        assert "GET" in answer.headers["allow"]
    assert await world.database.rows("select count(*) from entry_version") == before


@pytest.mark.parametrize("kind", ["batch", "transaction"])
async def test_it_stands_in_no_bundle(world: World, kind: str) -> None:
    person, client = await used(world)
    entry = {"request": {"method": "POST", "url": "AuditEvent"}, "resource": EVENT}
    bundle = {"resourceType": "Bundle", "type": kind, "entry": [entry]}
    answer = await client.post("/fhir/R4", json=bundle, headers=JSON)
    assert "AuditEvent is no entry of a plan" in answer.text
    assert answer.status_code == (200 if kind == "batch" else 404)
    assert (await world.database.rows("select count(*) from entry where type = 'AuditEvent'"))[0][0] == 0
    assert person


@pytest.mark.parametrize(
    "address",
    ["Patient/{p}/AuditEvent", "?_type=AuditEvent,Goal", "AuditEvent/_history", "AuditEvent/{e}/_history",
     "Patient?_has:AuditEvent:patient:action=C"],
)  # fmt: skip
async def test_it_is_reached_by_no_other_way(world: World, address: str) -> None:
    person, client = await used(world)
    [event, *_] = await found(client, "/fhir/R4", f"patient={person}")
    answer = await client.get(
        f"/fhir/R4/{address.format(p=person, e=event['id'])}", headers={"Prefer": "handling=strict"}
    )
    assert answer.status_code in (400, 404), answer.text


async def test_it_comes_along_with_nothing(world: World) -> None:
    person, client = await used(world)
    for address in (f"Patient/{person}/$everything", f"Goal?patient={person}&_revinclude=*", f"Patient/{person}/*"):
        answer = await client.get(f"/fhir/R4/{address}")
        assert answer.status_code == 200, answer.text
        assert '"AuditEvent"' not in answer.text


async def test_it_is_validated_all_the_same(world: World) -> None:
    _, client = await used(world)
    for body, good in ((EVENT, True), ({**EVENT, "recorded": "yesterday"}, False)):
        answer = await client.post("/fhir/R4/AuditEvent/$validate", json=body, headers=JSON)
        assert answer.status_code == 200, answer.text
        severities = {issue["severity"] for issue in answer.json()["issue"]}
        assert ("error" not in severities) is good, answer.text


async def test_an_import_does_not_take_it_and_says_so(world: World, tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(json.dumps(EVENT), "utf-8")
    fates: list[Fate] = []
    await Import(world.desk, world.visit(), told=fates.append).run([file])
    assert [fate.did for fate in fates] == [Reason.UNSERVED]
