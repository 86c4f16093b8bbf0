"""What goes wrong in a session that a record system launched stands in its frame as its pages do, and in no other."""

import pytest

from db.engine import Unavailable
from tests.support.launching import FRAMED, ORIGIN, launched, person
from tests.support.sign_in import HTML, account, browser

THEIRS = f"frame-ancestors {ORIGIN} https://other.example:8443"
ERRORS = {
    "no such page": ("GET", "/care/nowhere", 404),
    "no such page of the person": ("GET", "/care/people/{ada}/nowhere", 404),
    "no such entry": ("GET", "/care/people/{ada}/referrals/none", 404),
    "somebody else": ("GET", "/care/people/another/messages", 403),
    "a method that the page has not": ("DELETE", "/care/people/{ada}/messages", 405),
    "an address with a NUL": ("GET", "/care/people/{ada}/mess%00ages", 400),
    "a query with a NUL": ("GET", "/care/people/{ada}/messages?page=%00", 400),
    "a form that is not ours": ("POST", "/care/people/{ada}/messages/new", 415),
}
NEVER_FRAMED = ("/nowhere", "/careless", "/?%00", "/auth/nowhere", "/v1/nowhere", "/fhir/R4/nowhere")


def denied(answer):
    policy = answer.headers["content-security-policy"]
    return answer.headers.get("x-frame-options") == "DENY" and "frame-ancestors 'none'" in policy


async def ask(at, method, path):
    return await at.client.request(method, path, headers=HTML)


@pytest.mark.parametrize("case", ERRORS)
async def test_an_error_is_framed_by_who_launched_and_by_nobody_else(world, ward, use, case):
    at, ada = use(**FRAMED), await person(world, ward)
    await launched(at, ward)
    await account(world)
    own = browser(world)
    await own.sign_in("nurse1")
    method, path, status = ERRORS[case]
    answer = await ask(at, method, path.format(ada=ada))
    assert (answer.status_code, "x-frame-options" in answer.headers) == (status, False)
    assert THEIRS in answer.headers["content-security-policy"]
    assert "'none'; style-src 'self'" in answer.headers["content-security-policy"], "all else of the policy stays"
    for by in (own, browser(world)):
        assert denied(await ask(by, method, path.format(ada=ada)))


@pytest.mark.parametrize("path", NEVER_FRAMED)
async def test_what_is_no_page_of_work_is_framed_by_nobody(world, ward, use, path):
    at = use(**FRAMED)
    await person(world, ward)
    await launched(at, ward)
    assert denied(await ask(at, "GET", path))


async def test_a_failure_of_ours_is_framed_as_well(world, ward, use, monkeypatch):
    at, ada = use(**FRAMED), await person(world, ward)
    await launched(at, ward)

    async def fails(*_, **__):
        raise Unavailable from OSError()

    monkeypatch.setattr(world.service.sign_in.sessions, "find", fails)
    answer = await at.get(f"/care/people/{ada}")
    assert answer.status_code == 503
    assert THEIRS in answer.headers["content-security-policy"]


async def test_a_record_system_that_shows_no_frames_or_is_listed_no_more_frames_no_error(world, ward, use):
    at = use()
    await person(world, ward)
    await launched(at, ward)
    assert denied(await at.get("/care/nowhere"))
    at = use(**FRAMED)
    await launched(at, ward)
    world.service.sign_in.launches.ehrs = {}
    assert denied(await at.get("/care/nowhere"))


@pytest.mark.parametrize("cookie", [b"", b"x", b"\xe9", b"gAAAAABm", b"x; oneplan-launched"])
async def test_a_cookie_that_is_none_of_ours_lets_nobody_frame(world, ward, use, cookie):
    given = {b"Accept": b"text/html", b"Cookie": b"oneplan-launched=" + cookie}
    answer = await use(**FRAMED).client.get("/care/nowhere", headers=given)
    assert answer.status_code == 404
    assert denied(answer)


async def test_over_https_only_the_cookie_that_no_other_host_can_set_counts(world, ward, use):
    at = use("https://oneplan.example", **FRAMED)
    await person(world, ward)
    await launched(at, ward)
    line = at.client.cookies.get("__Host-oneplan-launched")
    assert THEIRS in (await at.get("/care/nowhere")).headers["content-security-policy"]
    bare = browser(world, "https://oneplan.example")
    bare.client.cookies.set("oneplan-launched", line, domain="oneplan.example", path="/")
    assert denied(await bare.get("/care/nowhere"))


async def test_after_leaving_nothing_is_framed(world, ward, use):
    at, ada = use(**FRAMED), await person(world, ward)
    await launched(at, ward)
    await at.get(f"/care/people/{ada}/messages")
    await at.post("/care/launch/leave")
    assert denied(await at.get("/care/nowhere"))


async def test_without_a_secret_an_error_is_still_told(world, ward, use):
    at = use(**FRAMED)
    at.plant("x", "oneplan-launched")
    world.service.sign_in._seals = None
    answer = await at.get("/care/nowhere")
    assert answer.status_code == 404
    assert denied(answer)


@pytest.mark.parametrize("host", ["[::1", "a b", ""])
async def test_an_address_that_nobody_can_read_is_told_as_ever(world, ward, use, host):
    at = use(**FRAMED)
    await person(world, ward)
    await launched(at, ward)
    answer = await at.client.get("/care/nowhere", headers={**HTML, "Host": host})
    assert answer.status_code < 500
