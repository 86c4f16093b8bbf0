"""The work list of an EHR: what it asks on its first day, on both bases, and what it finds.

Each line of the table is one request as an integrator writes it; `{...}` are ids of what the transaction made.
"""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.r4 import JSON, entry
from tests.support.world import NHS, World

US_CORE = "http://hl7.org/fhir/us/core/CodeSystem"
CATEGORY = f"{US_CORE}/careplan-category|assess-plan"
CONCERN = f"{US_CORE}/condition-category|health-concern"
SNOMED = "http://snomed.info/sct"
SECTION = "https://oneplan.example/fhir/CodeSystem/plan-section"
SOCIAL_WORKER = {"coding": [{"system": SNOMED, "code": "106328005", "display": "Social worker"}]}


@dataclass(frozen=True)
class List:
    """A plan to search in: who asks, at which base, and the ids of what is there by name."""

    by: httpx.AsyncClient
    base: str
    ids: dict[str, str]

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.by.get(f"{self.base}/{path.format(**self.ids)}", headers=headers)

    async def found(self, path: str) -> tuple[set[str], set[str]]:
        """The ids that match and those that came along."""
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        bundle = answer.json()
        assert bundle["type"] == "searchset"
        named = {id_: name for name, id_ in self.ids.items()}
        modes: dict[str, set[str]] = {"match": set(), "include": set()}
        for one in bundle.get("entry", ()):
            modes[one["search"]["mode"]].add(named.get(one["resource"]["id"], one["resource"]["resourceType"]))
        return modes["match"], modes["include"]


def concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


PLAN, PATIENT, ROLE, SERVICE, NURSE = (f"urn:uuid:6b0a6f0e-0000-4000-8000-00000000000{n}" for n in range(5))
OF = {"subject": {"reference": PATIENT}}
WORKERS: dict[str, tuple[str, dict[str, Any]]] = {
    "nurse": (NURSE, {"resourceType": "Practitioner", "name": [{"family": "Ward"}]}),
    "role": (
        ROLE,
        {
            "resourceType": "PractitionerRole",
            "practitioner": {"reference": NURSE},
            "organization": {"reference": "Organization/RX1"},
        },
    ),
}
WORK: dict[str, tuple[str, dict[str, Any]]] = {
    "team": (
        "",
        OF
        | {
            "resourceType": "CareTeam",
            "status": "active",
            "participant": [{"role": [SOCIAL_WORKER], "member": {"reference": ROLE}}],
        },
    ),
    "plan": (
        PLAN,
        OF
        | {
            "resourceType": "CarePlan",
            "status": "active",
            "intent": "plan",
            "category": [concept(f"{US_CORE}/careplan-category", "assess-plan")],
            "period": {"start": "2025-03-01"},
        },
    ),
    "service": (
        SERVICE,
        OF
        | {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "basedOn": [{"reference": PLAN}]},
    ),
    "task": (
        "",
        {
            "resourceType": "Task",
            "status": "requested",
            "intent": "order",
            "for": OF["subject"],
            "owner": {"reference": "Organization/RX1"},
            "focus": {"reference": SERVICE},
            "basedOn": [{"reference": PLAN}],
        },
    ),
    "goal": (
        "",
        OF | {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "Walk to the shop"}},
    ),
    "need": (
        "",
        OF
        | {
            "resourceType": "Condition",
            "category": [concept(f"{US_CORE}/condition-category", "health-concern")],
            "code": {"text": "Breathless"},
        },
    ),
    "provenance": (
        "",
        {
            "resourceType": "Provenance",
            "target": [{"reference": PLAN}],
            "recorded": "2026-03-02T10:00:00Z",
            "agent": [{"who": {"reference": ROLE}}],
        },
    ),
}


@pytest.fixture(params=["R4", "R5"])
async def work_list(world: World, request: pytest.FixtureRequest) -> List:
    """A plan with an EHR's own care plan, a team, goals, needs and tasks, made by one transaction in R4."""
    by, number = world.client(), world.nhs_number()
    await world.agency("RX1", "Hospital")
    person = {"resourceType": "Patient", "identifier": [{"system": NHS, "value": number}]}
    entries = {"patient": (PATIENT, person), **WORKERS, **WORK}
    sent = [entry("POST", one["resourceType"], one, link=link) for link, one in entries.values()]
    body = {"resourceType": "Bundle", "type": "transaction", "entry": sent}
    answer = await by.post("/fhir/R4", json=body, headers=JSON)
    assert answer.status_code == 200, answer.text
    made = [one["response"]["location"].split("/")[-3] for one in answer.json()["entry"]]
    ids = dict(zip(entries, made, strict=True)) | {"number": number}
    return List(by, f"/fhir/{request.param}", ids | await kept(by, ids["patient"]))


async def kept(by: httpx.AsyncClient, person: str) -> dict[str, str]:
    """The ids of what the service itself keeps of a plan: its root, its sections, its team."""
    ids = {}
    for one in (await by.get(f"/fhir/R4/CarePlan?patient={person}&_count=50")).json()["entry"]:
        plan = one["resource"]
        if "careTeam" in plan:
            ids["root"] = plan["id"]
        elif "partOf" in plan:
            ids[plan["category"][0]["coding"][0]["code"]] = plan["id"]
    (own,) = (await by.get(f"/fhir/R4/CareTeam?patient={person}&category=LA28865-6")).json()["entry"]
    return ids | {"own_team": own["resource"]["id"]}


DEEPER = "_include:iterate=PractitionerRole:practitioner&_include:iterate=PractitionerRole:organization"
SEARCHES: list[tuple[str, set[str], set[str]]] = [
    (
        f"CarePlan?patient={{patient}}&category={CATEGORY}&_revinclude=Provenance:target",
        {"root", "plan"},
        {"provenance"},
    ),
    (
        f"CarePlan?patient.identifier={NHS}|{{number}}&status=active,on-hold&category={CATEGORY}",
        {"root", "plan"},
        set(),
    ),
    (f"CarePlan?part-of=CarePlan/{{root}}&category={SECTION}|health", {"health"}, set()),
    ("CarePlan?patient={patient}&date=le2025-06-01&date=ge2025-01-01&status=active", {"plan"}, set()),
    (
        f"CareTeam?patient={{patient}}&status=active&_include=CareTeam:participant:PractitionerRole&{DEEPER}",
        {"team", "own_team"},
        {"role", "nurse", "Organization"},
    ),
    ("CareTeam?participant=PractitionerRole/{role}", {"team"}, set()),
    (f"CareTeam?patient={{patient}}&role={SNOMED}|106328005", {"team"}, set()),
    (
        "Task?patient={patient}&status=requested,accepted,in-progress&owner=Organization/RX1&_sort=-modified",
        {"task"},
        set(),
    ),
    ("Task?based-on=CarePlan/{plan}", {"task"}, set()),
    ("Task?focus=ServiceRequest/{service}", {"task"}, set()),
    ("ServiceRequest?based-on=CarePlan/{plan}", {"service"}, set()),
    ("Goal?patient={patient}&lifecycle-status=active,accepted", {"goal"}, set()),
    (f"Condition?patient={{patient}}&category={CONCERN}", {"need"}, set()),
]


@pytest.mark.parametrize("path, matches, includes", SEARCHES, ids=[path.split("&_inc")[0] for path, *_ in SEARCHES])
async def test_the_searches_of_the_first_day(work_list: List, path: str, matches: set[str], includes: set[str]):
    assert await work_list.found(path) == (matches, includes)


async def test_a_search_by_post_finds_what_the_search_by_get_finds(work_list: List):
    form = {"patient": work_list.ids["patient"], "category": CATEGORY}
    posted = await work_list.by.post(f"{work_list.base}/CarePlan/_search", data=form)
    assert posted.status_code == 200
    got = await work_list.get(f"CarePlan?patient={{patient}}&category={CATEGORY}")
    assert [one["resource"]["id"] for one in posted.json()["entry"]] == [
        one["resource"]["id"] for one in got.json()["entry"]
    ]


async def test_everything_of_a_patient(work_list: List):
    answer = await work_list.get("Patient/{patient}/$everything?_type=CarePlan,CareTeam,Goal,Condition,Task&_count=100")
    assert answer.status_code == 200, answer.text
    types = {one["resource"]["resourceType"] for one in answer.json()["entry"] if one["search"]["mode"] == "match"}
    assert types == {"CarePlan", "CareTeam", "Goal", "Condition", "Task"}


async def test_history_of_one_and_of_all(work_list: List):
    instance = (await work_list.get("CarePlan/{plan}/_history")).json()
    assert [one["resource"]["id"] for one in instance["entry"]] == [work_list.ids["plan"]]
    assert (await work_list.get("CarePlan/{plan}/_history/1")).json()["meta"]["versionId"] == "1"
    assert (await work_list.get("CarePlan/{plan}/_history/3")).status_code == 404
    whole = (await work_list.get("_history?_since=2020-01-01T00:00:00Z&_count=200")).json()
    assert whole["type"] == "history"
    there = {one["resource"]["id"] for one in whole["entry"] if "resource" in one}
    assert set(work_list.ids.values()) - {work_list.ids["number"]} <= there


async def test_a_patch_says_which_version_it_changes(work_list: List):
    patch = [{"op": "replace", "path": "/status", "value": "on-hold"}]
    path = f"{work_list.base}/CarePlan/{work_list.ids['plan']}"
    headers = {"Content-Type": "application/json-patch+json", "If-Match": 'W/"1"'}
    answer = await work_list.by.patch(path, json=patch, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "on-hold"
    assert (await work_list.by.patch(path, json=patch, headers=headers)).status_code == 412
