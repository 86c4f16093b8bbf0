"""Every answer of every door has its event, the refused and the malformed included, and no event says what a plan says.

Random requests, by a fixed seed, are reconciled one to one with the audit by their X-Request-Id. Every personal value
that is written, searched for or sent carries a marker that may stand in no column of any event.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import httpx
import pytest

from api.rest.examples import EXAMPLES
from auth import development
from db import migrate
from db.engine import Unavailable
from plan.model import AgencyId, Role, Subject
from tests.support.rest import MERGE
from tests.support.world import World

CANARY = "Zqcanary"
HOW_MANY = {"sqlite": 5000, "postgresql": 1000}
FHIR = {"Content-Type": "application/fhir+json"}
JSON = {"Content-Type": "application/json"}
CALLERS = (
    *[("clinician", "RX1")] * 6, ("social_worker", "LA1"), ("housing_officer", "HA1"), ("coordinator", "RX1"),
    ("care_provider", "HC9"), ("benefits_adviser", "BA9"), ("auditor", "LA1"), ("auditor", "LA9"),
    ("commissioner", "LA1"), ("administrator", "RX1"),
)  # fmt: skip
SCOPES = (*["system/*.cruds"] * 6, "user/Goal.rs user/Patient.rs", "", "user/*.c")
OPEN = ("/livez", "/readyz", "/openapi.json", "/fhir/R4/metadata", "/fhir/R5/metadata", "/fhir/R4/CodeSystem")
"""What is the same for everybody, and leaves no event."""
WRITTEN = ("/v1/people/{p}/plan/sections/{s}/goal", "/fhir/{v}/Goal", "/fhir/{v}", "/fhir/{v}/Goal/{e}") * 5
"""Where most is written, more often than elsewhere."""
ADDRESSES = (
    "/v1/people", "/v1/people/{p}", "/v1/people/{p}/plan", "/v1/people/{p}/plan/sections",
    "/v1/people/{p}/plan/sections/{s}", "/v1/people/{p}/plan/sections/{s}/{k}",
    "/v1/people/{p}/plan/sections/{s}/{k}/{e}", "/v1/people/{p}/plan/sections/{s}/{k}/{e}/versions",
    "/v1/people/{p}/plan/sections/{s}/{k}/{e}/versions/1", "/v1/people/{p}/plan/diff?from=2026-01-01T00:00:00Z",
    "/v1/people/{p}/history", "/v1/people/{p}/changes", "/v1/people/{p}/access", "/v1/people/{p}/access-log",
    "/v1/people/{p}/access-log?limit=3", "/v1/people/{p}/access-log?limit=none", "/v1/people/{p}/team",
    "/v1/people/{p}/team/{e}", "/v1/people/{p}/stays", "/v1/people/{p}/messages/{e}", "/v1/people/{p}/consents",
    "/v1/people?name=Zqcanary", "/v1/people?colour=red", "/v1/agencies", "/v1/agencies/RX1", "/v1/workers",
    "/v1/nothing", "/v2/people", "/", "/fhir", "/fhir/R3/Patient", "/fhir/{v}", "/fhir/{v}/{t}", "/fhir/{v}/{t}/{e}",
    "/fhir/{v}/Patient/{p}", "/fhir/{v}/Patient/{p}/$everything", "/fhir/{v}/Patient/{p}/{t}",
    "/fhir/{v}/Patient/{p}/*",
    "/fhir/{v}/{t}?patient={p}", "/fhir/{v}/{t}?patient={p}&_include=*", "/fhir/{v}/Patient?name=Zqcanary",
    "/fhir/{v}/{t}?_count=many", "/fhir/{v}/{t}/_search", "/fhir/{v}/{t}/_history", "/fhir/{v}/{t}/{e}/_history",
    "/fhir/{v}/{t}/{e}/_history/1", "/fhir/{v}/{t}/{e}/_history/x", "/fhir/{v}/_history", "/fhir/{v}/{t}/$validate",
    "/fhir/{v}/$export", "/fhir/{v}/Patient/$match", "/fhir/{v}/{t}/$meta", "/fhir/{v}/Nothing/{e}",
    "/fhir/{v}/AuditEvent?patient={p}", "/fhir/{v}/AuditEvent", "/fhir/{v}/AuditEvent/{e}", "/fhir/{v}/Subscription",
    "/fhir/{v}/Subscription/{e}", "/fhir/{v}/{t}?_format=nonsense", *OPEN, *WRITTEN,
)  # fmt: skip
METHODS = ("GET", "GET", "GET", "HEAD", "POST", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SECTIONS = ("health", "housing", "social_care", "safeguarding", "cellar")
KINDS = ("goal", "need", "action", "record", "unicorn")
TYPES = ("Goal", "CarePlan", "CareTeam", "Condition", "Task", "Organization", "Observation")


@dataclass(slots=True)
class Run:
    """One run: the world, its chance, whom and what there is, and what came of each request."""

    world: World
    random: Random
    people: list[str] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)
    answered: dict[str, tuple[str, int]] = field(default_factory=dict)
    tokens: dict[tuple[str, str, str, str | None], str] = field(default_factory=dict)

    def address(self) -> str:
        chance = self.random
        return chance.choice(ADDRESSES).format(
            p=chance.choice([*self.people, "nobody-of-that-id", "....", "a b"]),
            e=chance.choice([*self.entries, "nothing-of-that-id", "x" * 70]),
            s=chance.choice(SECTIONS),
            k=chance.choice(KINDS),
            t=chance.choice(TYPES),
            v=chance.choice(("R4", "R5")),
        )

    def authorization(self) -> str | None:
        """Mostly somebody; at times nobody, nonsense, a token of yesterday, or one that was tampered with."""
        chance = self.random
        role, agency = chance.choice(CALLERS)
        odd = chance.random()
        if odd < 0.04:
            return None
        if odd < 0.08:
            return chance.choice(("Bearer", "Bearer x.y.z", "Basic dXNlcjpwYXNz", "Bearer " + "A" * 300, ""))
        if odd < 0.11:
            return f"Bearer {self.stale()}"
        if odd < 0.2:
            return f"Bearer {self.token('person', 'HOME', SCOPES[0], chance.choice(self.people))}"
        token = self.token(role, agency, chance.choice(SCOPES))
        return f"Bearer {token[:-6]}AAAAAA" if odd < 0.23 else f"Bearer {token}"

    def token(self, role: str, agency: str, scopes: str, person: str | None = None) -> str:
        """A token; the same one for the same caller."""
        who = (role, agency, scopes, person)
        if who not in self.tokens:
            self.tokens[who] = self.world.token(role, agency, scopes=scopes, person=person)
        return self.tokens[who]

    def stale(self) -> str:
        return development.token(
            self.world._key,
            subject=Subject("late"),
            agency=AgencyId("RX1"),
            role=Role.CLINICIAN,
            scopes="system/*.cruds",
            lifetime=timedelta(days=-1),
        )

    def body(self, address: str) -> tuple[bytes, Mapping[str, str]]:
        """Any body, and one of the door's own kind more often than others."""
        chance = self.random
        goal = {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": CANARY}}
        whose = {"subject": {"reference": f"Patient/{chance.choice(self.people)}"}}
        entry = {"request": {"method": "POST", "url": "Goal"}, "resource": goal | whose}
        listed: list[tuple[Any, Mapping[str, str]]] = [
            (b"", {}),
            (b"{", JSON),
            (b"{}", JSON),
            (b"[]", FHIR),
            (b"x" * 20, {"Content-Type": "text/plain"}),
            (b"patient=1&name=" + CANARY.encode(), {"Content-Type": "application/x-www-form-urlencoded"}),
            (dict(EXAMPLES["goal"]) | {"goal": CANARY}, JSON),
            ({"goal": CANARY, "colour": CANARY}, JSON),
            ({"goal": CANARY}, MERGE),
            (goal, FHIR),
            (goal | whose, FHIR),
            ({"resourceType": "AuditEvent", "outcomeDesc": CANARY}, FHIR),
            ({"resourceType": "Patient", "name": [{"family": CANARY}]}, FHIR),
            ({"resourceType": "Bundle", "type": "batch", "entry": [entry, {"request": {"method": "GET"}}]}, FHIR),
            ({"resourceType": "Bundle", "type": "transaction", "entry": [entry]}, FHIR),
        ]
        kind = FHIR if "/fhir" in address else JSON
        fitting = [one for one in listed if one[1] is kind and isinstance(one[0], dict)]
        said, headers = chance.choice(listed if chance.random() < 0.4 else fitting)
        return said if isinstance(said, bytes) else json.dumps(said).encode(), headers

    async def ask(self, client: httpx.AsyncClient, number: int) -> None:
        honest = self.random.random() < 0.1
        method, address, raw, headers = self.honest() if honest else self.any()
        said = {**headers, "X-Request-Id": f"q-{number}"}
        if self.random.random() < 0.2:
            said["If-Match"] = self.random.choice(('"1"', 'W/"7"', "nonsense"))
        if self.random.random() < 0.1:
            said["If-None-Match"] = self.random.choice(("*", 'W/"1"'))
        if self.random.random() < 0.1:
            said["Idempotency-Key"] = self.random.choice(("key-1", "key-2", "bad key"))
        who = f"Bearer {self.token('clinician', 'RX1', SCOPES[0])}" if honest else self.authorization()
        if who is not None:
            said["Authorization"] = who
        answer = await client.request(method, address, content=raw, headers=said)
        self.answered[f"q-{number}"] = (address, answer.status_code)
        assert answer.headers["x-request-id"] == f"q-{number}"
        assert answer.status_code < 500, (method, address, answer.text)

    def any(self) -> tuple[str, str, bytes, Mapping[str, str]]:
        """Any method of any address with any body."""
        method, address = self.random.choice(METHODS), self.address()
        raw, headers = self.body(address) if method in ("POST", "PUT", "PATCH") else (b"", {})
        return method, address, raw, headers

    def honest(self) -> tuple[str, str, bytes, Mapping[str, str]]:
        """What somebody of the team asks for who means well: a goal is written or changed, by either door."""
        person, entry = self.people[0], self.entries[0]
        native = json.dumps({"goal": f"{CANARY} {self.random.random()}", "status": "active"}).encode()
        goal = {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": CANARY}}
        goal["subject"] = {"reference": f"Patient/{person}"}
        shelf = f"/v1/people/{person}/plan/sections/health/goal"
        listed: list[tuple[str, str, bytes, Mapping[str, str]]] = [
            ("POST", shelf, native, JSON),
            ("PATCH", f"{shelf}/{entry}", native, MERGE),
            ("POST", "/fhir/R4/Goal", json.dumps(goal).encode(), FHIR),
            ("GET", f"/fhir/R4/Goal/{entry}", b"", {}),
        ]
        return self.random.choice(listed)


async def begun(world: World, seed: int) -> Run:
    """People of several agencies, each with entries; every value that is theirs carries the marker."""
    run = Run(world, Random(seed))
    for agency in ("RX1", "LA1", "HA1", "HC9"):
        await world.agency(agency)
    for role, agency in (("clinician", "RX1"), ("clinician", "RX1"), ("social_worker", "LA1"), ("clinician", "ZZ9")):
        by = world.client(role, agency)
        person = await world.person(by, family=f"{CANARY}son")
        section = "social_care" if role == "social_worker" else "health"
        made = await by.post(
            f"/v1/people/{person}/plan/sections/{section}/goal", json={"goal": CANARY, "status": "active"}
        )
        assert made.status_code == 201, made.text
        run.people.append(person)
        run.entries.append(made.json()["id"])
    await world.client("clinician", "RX1").post(f"/v1/people/{run.people[0]}/team", json={"agency": "HA1"})
    return run


async def events(world: World, where: str = "request like 'q-%'") -> list[dict[str, Any]]:
    names = "person_id, subject, agency, role, client, action, door, type, target, sections, allowed, question, request"
    rows = await world.database.rows(f"select {names} from audit_event where {where}")
    return [dict(zip(names.split(", "), row, strict=True)) for row in rows]


async def test_every_answer_of_a_random_run_has_its_event_and_every_event_its_answer(world: World) -> None:
    run = await begun(world, 20261128)
    before = len(await events(world, "1 = 1"))
    client = world.anonymous()
    for number in range(HOW_MANY[world.url.partition(":")[0]]):
        await run.ask(client, number)
    told = await events(world)
    told_of = {event["request"] for event in told}
    closed = {request for request, (address, status) in run.answered.items() if not _open(address, status)}
    assert [run.answered[request] for request in sorted(closed - told_of)] == []
    assert sorted(told_of - run.answered.keys()) == []
    assert len(await events(world, "1 = 1")) == before + len(told)
    statuses = {status for _, status in run.answered.values()}
    assert {200, 201, 304, 400, 401, 403, 404, 405, 412, 415, 422} <= statuses, statuses
    everything = await world.database.rows("select * from audit_event")
    assert not [row for row in everything if CANARY.lower() in str(row).lower()]
    for event in told:
        _, status = run.answered[event["request"]]
        if status == 401:
            assert (event["subject"], event["person_id"], event["question"]) == ("", "", "token")


def _open(address: str, status: int) -> bool:
    """What may be without an event: the descriptions, when they are asked for as they are; and the way to the pages."""
    return (address in OPEN and status in (200, 304)) or (address, status) == ("/", 303)


async def test_what_is_the_same_for_everybody_leaves_no_event(world: World) -> None:
    for address in OPEN:
        answer = await world.anonymous().get(address)
        assert answer.status_code == 200, address
    assert await events(world, "1 = 1") == []


REFUSALS: Mapping[str, tuple[str, str, dict[str, Any], int, tuple[str, str, str]]] = {
    "no token": ("GET", "/v1/people/{p}/plan", {}, 401, ("", "R", "token")),
    "a bad token": ("PUT", "/fhir/R4/Patient/{p}", {"headers": {"Authorization": "Bearer x"}}, 401, ("", "U", "token")),
    "no such address": ("GET", "/v1/nothing", {}, 404, ("", "R", "request")),
    "no such method": ("DELETE", "/v1/people/{p}", {}, 405, ("", "D", "request")),
    "no such version": ("GET", "/fhir/R3/Patient", {}, 404, ("", "R", "request")),
    "no such form": ("GET", "/fhir/R4/a/b/c/d/e", {}, 404, ("", "R", "request")),
    "a NUL": ("GET", "/v1/people?name=%00", {}, 400, ("", "R", "request")),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_request_that_comes_no_further_than_the_door_leaves_an_event_of_nobody(world: World, name: str) -> None:
    method, address, more, status, expected = REFUSALS[name]
    person = await world.person(world.visit())
    answer = await world.anonymous().request(method, address.format(p=person), **more)
    assert answer.status_code == status
    [event] = await events(world, f"request = '{answer.headers['x-request-id']}'")
    assert (event["person_id"], event["action"], event["question"]) == expected
    assert not event["allowed"]


async def test_a_malformed_request_stands_under_the_person_only_for_who_may_see_them(world: World) -> None:
    person = await world.person(world.visit())
    for agency, under in (("RX1", person), ("HA9", "")):
        answer = await world.client("clinician", agency).get(f"/v1/people/{person}/history?limit=none")
        assert answer.status_code == 400
        [event] = await events(world, f"request = '{answer.headers['x-request-id']}'")
        assert (event["person_id"], event["agency"], event["target"]) == (under, agency, person)


async def test_a_read_leaves_one_event_and_no_second_one(world: World) -> None:
    person = await world.person(world.visit())
    for address in (f"/v1/people/{person}", f"/fhir/R4/Patient/{person}", f"/fhir/R5/Goal?patient={person}"):
        answer = await world.client().get(address)
        assert len(await events(world, f"request = '{answer.headers['x-request-id']}'")) == 1, address


async def test_what_is_shown_again_under_a_used_key_is_written_down_again(world: World) -> None:
    client = world.client()
    person = await world.person(client)
    sent: dict[str, Any] = {"json": dict(EXAMPLES["goal"]), "headers": {"Idempotency-Key": "once"}}
    first, second = [await client.post(f"/v1/people/{person}/plan/sections/health/goal", **sent) for _ in range(2)]
    assert first.json() == second.json()
    [event] = await events(world, f"request = '{second.headers['x-request-id']}'")
    assert (event["person_id"], event["action"], event["sections"]) == (person, "R", "health")


ANSWERS: Mapping[str, Callable[[World, str], Any]] = {
    "a refusal": lambda world, person: world.anonymous().get(f"/v1/people/{person}"),
    "an error": lambda world, _: world.client().get("/v1/nothing"),
    "a malformed request": lambda world, person: world.client().get(f"/v1/people/{person}/history?limit=x"),
    "an answer": lambda world, person: world.client().get(f"/fhir/R4/Patient/{person}"),
    "the log itself": lambda world, person: world.client("person", "HOME", person=person).get(
        f"/v1/people/{person}/access-log"
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_without_its_event_no_answer_is_told_but_503(world: World, name: str) -> None:
    person = await world.person(world.client())
    migrate.connected(world.url, lambda connection: connection.exec_driver_sql("drop table audit_event"))
    answer = await ANSWERS[name](world, person)
    assert answer.status_code == 503, answer.text
    assert person not in answer.text


async def test_an_answer_that_nothing_noted_is_noted_at_the_edge_and_not_told_without(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty batch asks nothing of the desk."""
    client, empty = world.client(), {"resourceType": "Bundle", "type": "batch"}
    answer = await client.post("/fhir/R4", json=empty, headers=FHIR)
    assert answer.status_code == 200, answer.text
    [event] = await events(world, f"request = '{answer.headers['x-request-id']}'")
    assert (event["subject"], event["action"], bool(event["allowed"])) == ("clinician-of-RX1", "C", True)

    async def away(*_: object) -> None:
        raise Unavailable("no disk")

    monkeypatch.setattr(world.service.database, "note", away)
    answer = await client.post("/fhir/R4", json=empty, headers=FHIR)
    assert answer.status_code == 503
    assert "Bundle" not in answer.text


async def test_a_refusal_of_the_door_is_not_told_without_its_event(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.client()
    await world.person(client)

    async def away(*_: object) -> None:
        raise Unavailable("no disk")

    monkeypatch.setattr(world.service.database, "note", away)
    answer = await client.options("/fhir/R4/Goal")
    assert answer.status_code == 503
