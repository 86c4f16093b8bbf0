"""Every route passes the desk or says why not: driven, not read. Without a token it is 401; for somebody without a
relation it shows nothing and leaves its audit event.
"""

import json

import pytest

from tests.access.routes import DOORS, OPEN, Route, doors, every
from tests.access.twins import SECRETS
from tests.support import feed
from tests.support.quick import Quick
from tests.support.r4 import JSON, goal
from tests.support.world import World


def test_the_edge_has_these_doors_and_no_other():
    assert doors() == DOORS


def test_what_is_open_is_a_route_and_has_its_reason():
    names = {route.name for route in every() if route.open}
    for name, reason in OPEN.items():
        method, _, path = name.partition(" ")
        assert any(one == name or (one.endswith(f" {path}") and f" {method} " in one) for one in names), name
        assert len(reason) > 20


async def hidden(world: World) -> dict[str, str]:
    """A plan that the caller has nothing to do with, and a subscription and an export of somebody else's."""
    for agency in ("RX1", "RX9"):
        await world.agency(agency)
    feed.receiving(world)
    owner = Quick(world.app, world.token())
    person = await world.person(world.visit(), world.nhs_number(), family=SECRETS[0])
    made = await owner("POST", "/fhir/R4/Goal", goal(person, SECRETS[1]), JSON)
    subscription = await owner("POST", "/fhir/R4/Subscription", feed.subscription(), JSON)
    job = await owner("GET", "/fhir/R4/$export", None, {"prefer": "respond-async"})
    sql = "select id from team_member where person_id = ?"
    return {
        "person": person,
        "entry": made.json()["id"],
        "subscription": subscription.json()["id"],
        "job": job.headers["content-location"].rpartition("=")[2],
        "member": (await world.database.rows(sql, (person,)))[0][0],
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
    if body is not None and not isinstance(body, bytes):
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


@pytest.mark.parametrize("role, agency", [("clinician", "RX9"), ("administrator", "RX9"), ("auditor", "RX1")])
async def test_without_a_relation_every_route_shows_nothing_and_leaves_its_event(world: World, role: str, agency: str):
    ids = await hidden(world)
    client = Quick(world.app, world.token(role, agency))
    unnoted = []
    routes = [route for route in every() if not route.open]
    # The administrator may end anybody's subscription: then there is none to ask for.
    routes.sort(key=lambda route: route.method == "DELETE" and "Subscription" in route.url)
    for at, route in enumerate(routes[:-1] if role == "administrator" else routes):
        request = f"route-{at}"
        answer = await sent(client, route, ids, request)
        assert answer.status < 500, (route, answer.body)
        for secret in SECRETS:
            assert secret not in answer.text, route
        noted = await world.database.rows("select count(*) from audit_event where request = ?", (request,))
        if not noted[0][0]:
            unnoted.append((route.name, answer.status, answer.body[:160]))
    assert not unnoted
