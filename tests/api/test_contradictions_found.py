"""The scenarios C1 to C10 through REST and FHIR: what two agencies write is found, told to both, and settled."""

import re
from typing import Any

import httpx
import pytest

from fhir_facade import drafts, exact
from plan.known import HOUSE
from plan.model import AgencyId, Section
from tests.support.larch import AGENCIES, Larch, larch

Entry = tuple[str, str, str, dict[str, Any]]
"""Agency, section, kind and body."""
FHIR = {"content-type": "application/fhir+json"}
LEVODOPA = {"medicine": "Levodopa", "times": ["07:00", "11:00"], "time_critical": True, "status": "active"}
EVERY_DAY = {"start": "09:00", "minutes": 30}


def service(agency: str, section: str = "social_care", **body: Any) -> Entry:
    return agency, section, "service", {"service": "Visits", "status": "active", **body}


def instruction(agency: str, section: str, topic: str, action: str, **body: Any) -> Entry:
    return agency, section, "instruction", {"text": topic, "topic": topic, "action": action, "status": "active", **body}


def litres(value: float) -> dict[str, Any]:
    return {"value": value, "unit": "L/d"}


STAY: Entry = (
    "RX1",
    "transitions",
    "stay",
    {"status": "in_hospital", "admitted": "2026-03-02T08:00:00Z", "planned_discharge": "2026-03-06T14:00:00Z"},
)
SCENARIOS: dict[str, tuple[str, str, list[Entry]]] = {
    "c1": (
        "c01-clash",
        "warn",
        [service("HC1", visits=[EVERY_DAY]), service("P10001", visits=[{"start": "09:15", "minutes": 20}])],
    ),
    "c2": (
        "c02-double",
        "high",
        [
            instruction("HC1", "social_care", "medicines", "give", code={"text": "Furosemide"}, times=["08:00"]),
            instruction("P10001", "health", "medicines", "give", code={"text": "furosemide"}, times=["09:00"]),
        ],
    ),
    "c3": ("c03-away", "warn", [service("HC1", visits=[EVERY_DAY]), STAY]),
    "c4": (
        "c04-gap",
        "blocking",
        [
            ("LA1", "social_care", "need", {"need": "Needs help to bed", "status": "active"}),
            service("HC1", visits=[{"start": "08:00"}], period={"start": "2026-03-07"}),
            STAY,
        ],
    ),
    "c5": (
        "c05-fluids",
        "high",
        [
            instruction("LA1", "social_care", "fluids", "encourage", value=litres(2)),
            instruction("RX1", "health", "fluids", "restrict", value=litres(1.5)),
        ],
    ),
    "c6": (
        "c06-diet",
        "high",
        [
            instruction("LA1", "social_care", "diet", "do", level={"text": "Normal diet"}),
            instruction("RX1", "health", "texture", "do", level={"text": "IDDSI level 4"}),
        ],
    ),
    "c7": (
        "c07-mobility",
        "high",
        [
            instruction("LA1", "social_care", "mobility", "do", level={"text": "Independent with frame"}),
            instruction("RX1", "health", "mobility", "do", level={"text": "Hoist, two carers"}),
        ],
    ),
    "c8": ("c08-givers", "high", [service("HC1", gives_medicines=True), service("P10001", gives_medicines=True)]),
    "c9": (
        "c09-late",
        "high",
        [("P10001", "health", "medicine", LEVODOPA), service("HC1", visits=[{"start": "08:30", "minutes": 30}])],
    ),
    "c10": (
        "c10-allergy",
        "critical",
        [
            ("P10001", "health", "allergy", {"substance": "Penicillin", "status": "active"}),
            ("RX1", "health", "medicine", {"medicine": "Amoxicillin 500 mg", "status": "active"}),
        ],
    ),
}
each = pytest.mark.parametrize("name", SCENARIOS)
doors = pytest.mark.parametrize("door", ["rest", "fhir"])


async def write(place: Larch, door: str, entry: Entry) -> str:
    """An entry through a door: its reference."""
    agency, section, kind, body = entry
    face = drafts.from_body(kind, body, Section(section), str(place.ada), AgencyId(agency), None).fhir
    if door == "rest":
        made = await place.add(agency, section, kind, **body)
        return f"{face['resourceType']}/{made['id']}"
    tag = {"system": "https://oneplan.example/fhir/CodeSystem/plan-section", "code": section}
    answer = await place.client(agency).post(
        f"/fhir/R4/{face['resourceType']}",
        content=exact.dumps({**face, "meta": {"tag": [tag]}}),
        headers=FHIR,
    )
    assert answer.status_code == 201, answer.text
    return f"{face['resourceType']}/{answer.json()['id']}"


async def findings(place: Larch, agency: str = "P10001") -> dict[str, Any]:
    answer = await place.client(agency).get(f"{place.address}/findings")
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def issues(place: Larch, agency: str = "P10001") -> list[dict[str, Any]]:
    answer = await place.client(agency).get(f"/fhir/R4/DetectedIssue?patient=Patient/{place.ada}")
    assert answer.status_code == 200, answer.text
    return [entry["resource"] for entry in answer.json().get("entry", [])]


async def told(place: Larch, entry: Entry, reference: str) -> list[dict[str, Any]]:
    """The tasks about a finding that the author of an entry has."""
    agency, section, *_ = entry
    answer = await place.client(agency).get(f"{place.address}/plan/sections/{section}/action")
    assert answer.status_code == 200, answer.text
    return [one for one in answer.json()["items"] if one["agency"] == HOUSE and one.get("focus") == reference]


@doors
@each
async def test_c1_to_c10_are_found_told_to_both_authors_and_gone_when_a_side_goes(world, name, door):
    rule, severity, entries = SCENARIOS[name]
    place = await larch(world)
    references = [await write(place, door, entry) for entry in entries]
    await place.turn()
    [found] = [one for one in (await findings(place))["items"] if one["rule"] == rule]
    assert (found["severity"], found["status"]) == (severity, "open")
    said = [found["detail"], found["proposal"], *(one["says"] for one in found["evidence"])]
    assert not [text for text in said if re.search(rf"\b({'|'.join(AGENCIES)})\b", text)], said
    assert set(found["sides"]) == set(references)
    [issue] = [one for one in await issues(place) if one["id"] == found["id"]]
    assert issue["status"] == "preliminary"
    assert {side["reference"] for side in issue["implicated"]} == set(references)
    assert await tasks_of(world, place, found) == {entry[0] for entry in entries}
    agency, section, kind, _ = entries[0]
    shelf = f"{place.address}/plan/sections/{section}/{kind}/{references[0].partition('/')[2]}"
    gone = await place.client(agency).delete(shelf, headers={"If-Match": '"1"'})
    assert gone.status_code == 204, gone.text
    await place.turn()
    [after] = [one for one in (await findings(place))["items"] if one["rule"] == rule]
    assert after["status"] == "gone"
    assert after["closed"]
    assert await tasks_of(world, place, found) == set()


async def tasks_of(world, place, found):
    """The agencies that have an open task about a finding."""
    sides = {side.partition("/")[2] for side in found["sides"]}
    rows = await world.database.rows("select body from entry where person_id = ? and kind = 'action'", (place.ada,))
    bodies = [exact.stored(row[0]) for row in rows if row[0]]
    return {
        body["restricted_to"][0]
        for body in bodies
        if body.get("focus", "").partition("/")[2] in sides and body["status"] == "planned"
    }


async def c5(world, door: str = "rest") -> tuple[Larch, list[str]]:
    place = await larch(world)
    references = [await write(place, door, entry) for entry in SCENARIOS["c5"][2]]
    await place.turn()
    return place, references


async def one(place: Larch, agency: str = "P10001") -> dict[str, Any]:
    found: dict[str, Any]
    [found] = (await findings(place, agency))["items"]
    return found


async def put(client: httpx.AsyncClient, issue: dict[str, Any]) -> httpx.Response:
    return await client.put(f"/fhir/R4/DetectedIssue/{issue['id']}", json=issue, headers=FHIR)


async def settle(place: Larch, found: dict[str, Any], agency: str = "P10001", **body: Any) -> Any:
    return await place.client(agency).post(
        f"{place.address}/findings/{found['id']}/resolution", json=body, headers={"If-Match": f'"{found["version"]}"'}
    )


async def test_c5_a_clinician_settles_it_with_a_reason_and_it_stays_settled_until_an_input_changes(world):
    place, references = await c5(world)
    found = await one(place)
    refused = await settle(place, found)
    assert refused.status_code == 400
    assert (await settle(place, found, reason="  ")).status_code == 400
    assert (await one(place))["status"] == "open"
    done = await settle(place, found, reason="The ward's limit counts.")
    assert done.status_code == 200, done.text
    resolution = done.json()["resolution"]
    assert (resolution["reason"], resolution["by"]["role"]) == ("The ward's limit counts.", "clinician")
    assert resolution["at"]
    await place.turn()
    assert await tasks_of(world, place, found) == set()
    encourage = references[0].partition("/")[2]
    shelf = f"{place.address}/plan/sections/social_care/instruction/{encourage}"
    noted = await place.client("LA1").patch(
        shelf,
        json={"note": "Ada likes tea."},
        headers={"If-Match": '"1"', "content-type": "application/merge-patch+json"},
    )
    assert noted.status_code == 200, noted.text
    await place.turn()
    settled = await one(place)
    assert (settled["status"], settled["version"]) == ("resolved", done.json()["version"])
    more = await place.client("LA1").patch(
        shelf, json={"value": litres(3)}, headers={"If-Match": '"2"', "content-type": "application/merge-patch+json"}
    )
    assert more.status_code == 200, more.text
    await place.turn()
    again = await one(place)
    assert (again["status"], again["id"]) == ("open", found["id"])
    assert "resolution" not in again
    assert await tasks_of(world, place, found) == {"LA1", "RX1"}


async def test_c5_saving_the_same_again_raises_nothing_new(world):
    place, references = await c5(world)
    found = await one(place)
    shelf = f"{place.address}/plan/sections/social_care/instruction/{references[0].partition('/')[2]}"
    same = (await place.client("LA1").get(shelf)).json()
    for _ in range(2):
        saved = await place.client("LA1").put(shelf, json=same, headers={"If-Match": f'"{same["version"]}"'})
        assert saved.status_code == 200, saved.text
        same = saved.json()
        await place.turn()
    assert await one(place) == found


async def test_c5_the_coordinator_settles_it_and_nobody_else(world):
    place, _ = await c5(world)
    found = await one(place)
    for agency in ("LA1", "HC1"):
        refused = await settle(place, found, agency, reason="I think so.")
        assert (refused.status_code, refused.json()["question"]) == (403, "charter")
    assert (await settle(place, found, "HA1", reason="I think so.")).status_code == 404
    done = await settle(place, found, "HUB1", reason="Agreed with the ward.", outcome="withdrawn")
    assert (done.status_code, done.json()["status"]) == (200, "withdrawn")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_c5_it_is_settled_through_fhir_by_a_mitigation_and_a_status(world, method):
    place, _ = await c5(world, "fhir")
    [issue] = await issues(place)
    clinician = place.client("P10001")
    mitigation = [{"action": {"text": "The ward's limit counts."}}]
    bare = await put(clinician, {**issue, "status": "final"})
    assert bare.status_code == 422, bare.text
    other = await put(clinician, {**issue, "status": "final", "mitigation": mitigation, "detail": "No."})
    assert other.status_code == 422, other.text
    if method == "PUT":
        done = await put(clinician, {**issue, "status": "final", "mitigation": mitigation})
    else:
        steps = [
            {"op": "replace", "path": "/status", "value": "final"},
            {"op": "add", "path": "/mitigation", "value": mitigation},
        ]
        done = await clinician.patch(
            f"/fhir/R4/DetectedIssue/{issue['id']}",
            json=steps,
            headers={"If-Match": f'W/"{issue["meta"]["versionId"]}"', "content-type": "application/json-patch+json"},
        )
    assert done.status_code == 200, done.text
    settled = await one(place)
    assert settled["status"] == "resolved"
    assert settled["resolution"]["reason"] == "The ward's limit counts."
    assert done.json()["mitigation"][0]["date"] == settled["resolution"]["at"]
    await place.turn()
    assert (await one(place))["version"] == settled["version"]


async def test_c5_nobody_writes_or_deletes_a_finding_of_the_rules(world):
    place, _ = await c5(world)
    found = await one(place)
    clinician = place.client("P10001")
    shelf = f"{place.address}/plan/sections/{found['section']}/finding"
    fields = drafts.fields_of(found)
    made = await clinician.post(shelf, json=fields)
    assert (made.status_code, made.json()["question"]) == (403, "ownership")
    gone = await clinician.delete(f"{shelf}/{found['id']}", headers={"If-Match": f'"{found["version"]}"'})
    assert gone.status_code == 405
    for change in ({"status": "gone", "closed": "Because."}, {"severity": "warn"}, {"resolution": {"reason": "So."}}):
        answer = await clinician.put(
            f"{shelf}/{found['id']}", json={**fields, **change}, headers={"If-Match": f'"{found["version"]}"'}
        )
        assert answer.status_code == 422, answer.text
    assert await one(place) == found


async def test_c5_a_finding_is_opened_again_by_who_may_settle_it(world):
    place, _ = await c5(world)
    found = await one(place)
    done = (await settle(place, found, reason="Settled.")).json()
    shelf = f"{place.address}/plan/sections/{found['section']}/finding/{found['id']}"
    body = {name: value for name, value in drafts.fields_of(done).items() if name != "resolution"}
    answer = await place.client("HUB1").put(
        shelf, json={**body, "status": "open"}, headers={"If-Match": f'"{done["version"]}"'}
    )
    assert answer.status_code == 200, answer.text
    await place.turn()
    assert (await one(place))["status"] == "open"


async def test_a_finding_of_another_system_is_a_record_like_others(world):
    place = await larch(world)
    issue = {
        "resourceType": "DetectedIssue",
        "status": "final",
        "patient": {"reference": f"Patient/{place.ada}"},
        "code": {"text": "Duplicate therapy"},
    }
    clinician = place.client("P10001")
    made = await clinician.post("/fhir/R4/DetectedIssue", json=issue, headers=FHIR)
    assert made.status_code == 201, made.text
    assert (await findings(place))["items"] == []
    changed = await put(clinician, {**made.json(), "status": "amended"})
    assert changed.status_code == 200, changed.text


async def test_what_no_rule_can_read_is_listed_beside_the_findings(world):
    place, _ = await c5(world)
    words = instruction("HC1", "social_care", "fluids", "encourage")
    reference = await write(place, "rest", (*words[:3], {**words[3], "text": "Plenty to drink"}))
    unread = {tuple(one["entries"]): one for one in (await findings(place))["not_machine_checked"]}
    assert unread[reference,]["kind"] == "instruction"
    assert unread[reference,]["why"]


async def test_who_may_not_see_one_side_never_learns_of_the_finding(world):
    place = await larch(world)
    secret = instruction("RX1", "health", "fluids", "restrict", value=litres(1.5))
    open_ = await write(place, "rest", SCENARIOS["c5"][2][0])
    kept = await write(place, "rest", (*secret[:3], {**secret[3], "restricted_to": ["RX1", "P10001"]}))
    await place.turn()
    assert set((await one(place))["sides"]) == {open_, kept}
    for agency in ("LA1", "HC1", "HUB1"):
        assert (await findings(place, agency))["items"] == []
        assert await issues(place, agency) == []
    [task] = await told(place, SCENARIOS["c5"][2][0], open_)
    assert kept not in exact.text(task)
    assert "1.5" not in exact.text(task)
    assert await told(place, ("HUB1", "social_care", "", {}), open_) == []


async def test_where_no_place_shows_both_sides_alike_they_are_listed_together(world):
    place = await larch(world)
    sides = [
        await write(place, "rest", (*one[:3], {**one[3], "restricted_to": [only]}))
        for one, only in zip(SCENARIOS["c5"][2], ("LA1", "RX1"), strict=True)
    ]
    await place.turn()
    for agency in ("LA1", "RX1", "P10001"):
        assert (await findings(place, agency))["items"] == []
    assert await tasks_of(world, place, {"sides": sides}) == set()


async def test_c5_it_is_settled_through_the_newer_fhir_as_well(world):
    place, _ = await c5(world)
    address = f"/fhir/R5/DetectedIssue/{(await one(place))['id']}"
    clinician = place.client("HUB1")
    issue = (await clinician.get(address)).json()
    mitigation = [{"action": {"text": "Agreed with the ward."}}]
    done = await clinician.put(address, json={**issue, "status": "final", "mitigation": mitigation}, headers=FHIR)
    assert done.status_code == 200, done.text
    settled = await one(place)
    assert (settled["status"], settled["resolution"]["by"]["role"]) == ("resolved", "coordinator")
