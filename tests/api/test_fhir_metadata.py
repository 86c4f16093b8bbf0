"""What /metadata promises, the FHIR door does; and the published copy says the same."""

import json

import pytest
from starlette.requests import Request

from api import fhir_description, fhir_routes
from api.fhir_asked import base_of
from api.settings import Settings
from fhir_facade import versions
from fhir_facade.offered import offered
from fhir_facade.resources import RESOURCES
from tests.house.tree import ROOT
from tests.support.r4 import R4, issue

EXAMPLE = {"token": "a", "reference": "Patient/a", "date": "2026", "string": "a"}
EXAMPLE |= {"number": "1", "quantity": "1|http://unitsofmeasure.org|mg", "uri": "http://x.org"}
WRITE = "openapi/ is not what the service says: write `published` of api.fhir_routes and api.fhir_description into it"


@pytest.mark.parametrize("version", versions.VERSIONS.values(), ids=versions.VERSIONS)
def test_what_is_published_is_what_the_service_says(version):
    name = version.name.lower()
    assert (ROOT / f"openapi/capability-{name}.json").read_text("utf-8") == fhir_routes.published(version), WRITE
    assert (ROOT / f"openapi/fhir-{name}.json").read_text("utf-8") == fhir_description.published(version), WRITE


def test_only_the_versions_that_there_are_have_a_door():
    with pytest.raises(KeyError):
        fhir_routes.app("R6")


async def test_the_statement_needs_no_token_and_names_the_address_that_was_asked(world):
    answer = await world.anonymous().get(f"{R4}/metadata")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"
    said = answer.json()
    assert said["implementation"]["url"] == f"http://127.0.0.1{R4}"
    published = fhir_routes.published().replace("http://127.0.0.1:8000", "http://127.0.0.1")
    assert said == json.loads(published)


@pytest.mark.parametrize("base_url", ["https://plans.example.org", "https://plans.example.org/"])
def test_the_address_that_is_configured_stands_above_the_host_that_was_asked_for(base_url):
    request = Request({"type": "http", "scheme": "http", "headers": [(b"host", b"inside:8000")]})
    assert base_of(request, Settings(base_url=base_url), versions.R4) == f"https://plans.example.org{R4}"


async def test_every_interaction_that_is_promised_is_done(world):
    """Each is refused for its content at most, never because the address does not know it."""
    await world.agency("RX1")
    client = world.client()
    asked = {
        "read": ("GET", "/none"),
        "vread": ("GET", "/none/_history/1"),
        "update": ("PUT", "/none"),
        "patch": ("PATCH", "/none"),
        "delete": ("DELETE", "/none"),
        "history-instance": ("GET", "/none/_history"),
        "create": ("POST", ""),
        "search-type": ("GET", ""),
        "history-type": ("GET", "/_history"),
    }
    rest = (await client.get(f"{R4}/metadata")).json()["rest"][0]
    assert [one["code"] for one in rest["interaction"]] == ["history-system", "search-system", "batch", "transaction"]
    for type_ in rest["resource"]:
        if type_["type"] not in RESOURCES:
            continue
        assert {one["code"] for one in type_["interaction"]} == set(asked)
        for method, path in asked.values():
            answer = await client.request(method, f"{R4}/{type_['type']}{path}")
            assert answer.status_code in (200, 204, 404, 415), (method, type_["type"], path)


def example(param):
    """A value that the parameter can read."""
    return "$".join(EXAMPLE[part.family] for part in (param.parts[1:] if param.parts else (param,)))


async def test_every_parameter_that_is_promised_works_and_no_other(world):
    client, strict = world.client(), {"Prefer": "handling=strict"}
    rest = (await client.get(f"{R4}/metadata")).json()["rest"][0]
    for type_ in [one for one in rest["resource"] if one["type"] in RESOURCES]:
        known = offered(RESOURCES[type_["type"]])
        params = [f"{param['name']}={example(known[param['name']])}" for param in type_["searchParam"]]
        for at in range(0, len(params), 30):
            answer = await client.get(f"{R4}/{type_['type']}?{'&'.join(params[at : at + 30])}", headers=strict)
            assert answer.status_code == 200, answer.text
        issue(await client.get(f"{R4}/{type_['type']}?nonsense=1", headers=strict), 400)


async def over_the_wire(world, query):
    """A search with bytes that no client library would send; the status of the answer."""
    heard = []
    token = world.token()

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        heard.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": "GET",
        "path": f"{R4}/Patient",
        "query_string": query,
        "headers": [(b"host", b"127.0.0.1"), (b"authorization", f"Bearer {token}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await world.app(scope, receive, send)
    return heard[0]["status"]


@pytest.mark.parametrize("query, status", [(b"family=\xff", 400), ("family=Ångström".encode(), 200)])
async def test_an_address_in_bare_bytes_is_read_as_utf8(world, query, status):
    assert await over_the_wire(world, query) == status
