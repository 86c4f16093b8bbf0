"""Every route passes the desk or says why not: driven, not read. Without a token it is 401; for somebody without a
relation it shows nothing and leaves its audit event.
"""

import json
from pathlib import Path

import pytest

from tests.access.routes import DOORS, OPEN, Route, doors, every
from tests.access.routes_of_sign_in import BEFORE, FORM, before
from tests.access.routes_of_sign_in import JSON as PLAIN
from tests.access.twins import SECRETS
from tests.support import feed, webhooks
from tests.support.quick import Quick
from tests.support.r4 import JSON, goal
from tests.support.world import World

TABLE = [line.split(maxsplit=3) for line in (Path(__file__).parent / "without_a_relation.txt").read_text().splitlines()]
PINNED = {words[3]: words[:3] for words in TABLE if words[0] != "#"}
ROLES = [("clinician", "RX9"), ("administrator", "RX9"), ("auditor", "RX1")]


def test_the_edge_has_these_doors_and_no_other():
    assert doors() == DOORS


def test_what_is_open_is_a_route_and_has_its_reason():
    names = {route.name for route in every() if route.open}
    for name, reason in OPEN.items():
        method, _, path = name.partition(" ")
        assert any(one == name or (one.endswith(f" {path}") and f" {method} " in one) for one in names), name
        assert len(reason) > 20


async def hidden(world: World) -> dict[str, str]:
    """A plan that the caller has nothing to do with, and a subscription, a webhook and an export of another's."""
    for agency in ("RX1", "RX9", "ED1"):
        await world.agency(agency)
    feed.receiving(world)
    owner = Quick(world.app, world.token())
    person = await world.person(world.visit(), world.nhs_number(), family=SECRETS[0])
    made = await owner("POST", "/fhir/R4/Goal", goal(person, SECRETS[1]), JSON)
    subscription = await owner("POST", "/fhir/R4/Subscription", feed.subscription(), JSON)
    hook = await owner("POST", webhooks.SHELF, webhooks.webhook())
    job = await owner("GET", "/fhir/R4/$export", None, {"prefer": "respond-async"})
    opened = {"person": person, "reason": "emergency", "text": "Found at home, not responding"}
    glass = await Quick(world.app, world.token("clinician", "ED1"))("POST", "/v1/overrides", opened)
    themself = Quick(world.app, world.token("person", "PERSON", "self", "patient/*.cruds", person))
    log = await themself("GET", f"/fhir/R4/AuditEvent?patient={person}")
    sql = "select id from team_member where person_id = ?"
    return {
        "person": person,
        "entry": made.json()["id"],
        "subscription": subscription.json()["id"],
        "webhook": hook.json()["id"],
        "job": job.headers["content-location"].rpartition("=")[2],
        "member": (await world.database.rows(sql, (person,)))[0][0],
        "calendar": "none",
        "override": glass.json()["id"],
        "event": log.json()["entry"][0]["resource"]["id"],
        "section": "health",
        "kind": "goal",
        "version": "1",
    }


async def sent(client: Quick, route: Route, ids: dict[str, str], request: str):
    def filled(text: str) -> str:
        for name, id_ in ids.items():
            text = text.replace(f"{{{name}}}", id_)
        return text

    body = route.body
    if isinstance(body, bytes):
        body = filled(body.decode()).encode()
    elif body is not None:
        body = json.loads(filled(json.dumps(body)))
    media = {"content-type": route.media} if route.media else {}
    matched = {"if-match": 'W/"1"'} if route.method in ("DELETE", "PUT") and "/v1" in route.url else {}
    headers = {**media, **matched, "x-request-id": request, "prefer": "respond-async"}
    return await client(route.method, filled(route.url), body, headers)


async def test_without_a_token_every_route_but_the_open_ones_is_401(world: World):
    ids = await hidden(world)
    for route in every():
        answer = await sent(Quick(world.app), route, ids, "r")
        if route.open:
            assert answer.status in (200, 404), route
        else:
            assert answer.status == 401, route
            assert "www-authenticate" in answer.headers
        for secret in SECRETS:
            assert secret not in answer.text


async def test_what_comes_before_a_token_says_nothing_of_anybody(world: World):
    ids = await hidden(world)
    assert {f"{method} {path}" for method, path in before()} == BEFORE.keys()
    for method, path in before():
        url = path.replace("{provider}", "nobody").replace("{pending}", ids["entry"])
        body, media = (b"{}", PLAIN) if path == "/auth/register" else (b"x=1", FORM)
        answer = await Quick(world.app)(method, url, *((body, media) if method == "POST" else ()))
        status, reason = BEFORE[f"{method} {path}"]
        assert answer.status == status, (method, path, answer.body)
        assert len(reason) > 20
        for secret in SECRETS:
            assert secret not in answer.text


def named(route: Route) -> str:
    """A route as the table names it, in which both versions of FHIR are one."""
    return route.name.replace("/fhir/R4", "FHIR", 1).replace("/fhir/R5", "FHIR", 1).strip()


@pytest.mark.parametrize("role, agency", ROLES)
async def test_without_a_relation_every_route_shows_nothing_and_leaves_its_event(world: World, role: str, agency: str):
    ids = await hidden(world)
    client = Quick(world.app, world.token(role, agency))
    unnoted = []
    routes = [route for route in every() if not route.open]
    # The administrator may end anybody's subscription: then there is none to ask for.
    routes.sort(
        key=lambda route: route.method == "DELETE" and bool({"Subscription", "webhooks"} & {*route.url.split("/")})
    )
    column = ROLES.index((role, agency))
    assert {named(route) for route in routes} == PINNED.keys()
    for at, route in enumerate(routes):
        request = f"route-{at}"
        answer = await sent(client, route, ids, request)
        assert answer.status == int(PINNED[named(route)][column]), (route, answer.body)
        for secret in SECRETS:
            assert secret not in answer.text, route
        noted = await world.database.rows("select count(*) from audit_event where request = ?", (request,))
        if not noted[0][0]:
            unnoted.append((route.name, answer.status, answer.body[:160]))
    assert not unnoted
