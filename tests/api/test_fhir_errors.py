"""Whatever fails below /fhir is told by an OperationOutcome, the router's own refusals as well."""

from tests.support.r4 import JSON, R4, issue

NOWHERE = [
    "/fhir",
    "/fhir/",
    "/fhir/STU3/Patient",
    "/fhir/R6/metadata",
    "/fhir/r4/Patient",
    "/fhir/R4x",
    "/fhir/Patient/1",
    "/fhir/../fhir/DSTU2",
    f"{R4}/Patient/1/2/3/4",
    f"{R4}/Patient/1/_history/1/2",
    f"{R4}/_history/1",
    f"{R4}/nonsense/",
    f"{R4}/Patient//1",
    f"{R4}/$nonsense",
    f"{R4}/Patient/$nonsense",
    f"{R4}/.well-known/nonsense/a/b",
]


async def test_an_address_that_means_nothing_is_told_by_an_outcome(client):
    for path in NOWHERE:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"):
            answer = await client.request(method, path, headers=JSON, content=b"{}")
            assert answer.status_code in (404, 405), (method, path)
            said = issue(answer, answer.status_code)
            assert said["code"] in ("not-found", "not-supported")
            assert said["details"]["text"]
            if answer.status_code == 405:
                assert answer.headers["allow"], (method, path)


async def test_an_unknown_version_is_told_which_there_are(client):
    assert R4 in issue(await client.get("/fhir/STU3/Patient"), 404)["details"]["text"]


ODD = ["PATCH", "OPTIONS", "TRACE", "PURGE"]


async def test_a_method_that_is_none_is_told_which_there_are(client):
    for method in ODD:
        for path in ("metadata", "Patient/1/_history", "Patient/_search"):
            answer = await client.request(method, f"{R4}/{path}")
            assert issue(answer, 405)["code"] == "not-supported"
            assert answer.headers["allow"] in ("GET, HEAD", "POST"), path


async def test_a_search_by_post_may_stand_in_the_address_alone(client):
    assert (await client.post(f"{R4}/Goal/_search?_count=1")).status_code == 200
    assert issue(await client.post(f"{R4}/Goal/_search", content=b"a=1"), 415)


async def test_an_outcome_has_the_id_of_its_request(client):
    answer = await client.get(f"{R4}/Goal/none", headers={"X-Request-Id": "one-2"})
    assert answer.json()["id"] == "one-2"
