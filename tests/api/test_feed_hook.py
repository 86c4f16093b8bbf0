"""The hook: where a notice goes and where it never goes (api.feed_hook). OWASP API7."""

import asyncio

import httpx
import pytest

from api.feed_hook import Hook, Terms, Unreachable, resolved
from plan.problem import Problem
from tests.support.feed import ENDPOINT, ORIGIN, Receiver

INSIDE = [
    "127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::", "::1",
    "::ffff:10.0.0.1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "2002:7f00:1::",
    "64:ff9b::7f00:1", "64:ff9b:1::a00:1",
]  # fmt: skip
ODD = [
    "http://ehr.example:8443/", "https://ehr.example/", "https://ehr.example:8444/", "https://ehr.example.evil:8443/",
    "https://evil/?ehr.example:8443", "https://ehr.example.:8443/", "gopher://ehr.example:8443/", "file:///etc/passwd",
    "https://2130706433/", "https://0x7f.1/", "https://017700000001/", "https://localhost/", "https:///", "//x", "",
    "https://[::1]/", "https://ehr.example:8443@evil/", "https://ehr.example:port/", "https://[bad/",
]  # fmt: skip


async def reply(receiver: Receiver):
    return await receiver.hook().post(ENDPOINT, (("authorization", "a"),), b"{}", 5)


@pytest.mark.parametrize("address", INSIDE)
async def test_no_address_inside_is_connected_to(address):
    receiver = Receiver()
    receiver.looked_up["ehr.example"] = [[address]]
    found = await reply(receiver)
    assert (found.status, receiver.sent) == (0, [])
    assert "address" in found.said


@pytest.mark.parametrize("endpoint", ODD)
async def test_no_endpoint_outside_the_allowed_origins_is_asked_for(endpoint):
    receiver = Receiver()
    hook = receiver.hook()
    assert not (await hook.post(endpoint, (), b"{}", 5)).taken
    with pytest.raises(Problem):
        await hook.must_reach(endpoint)
    assert (receiver.sent, dict(receiver.looked_up)) == ([], {}), "not even its name is looked up"


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:220:1:248:1893:25c8:1946"])
async def test_the_connection_goes_to_the_address_under_the_name(address):
    receiver = Receiver()
    receiver.looked_up["ehr.example"] = [[address]]
    assert (await reply(receiver)).taken
    (request,) = receiver.sent
    assert (request.url.host, request.url.port, request.headers["host"]) == (address, 8443, "ehr.example:8443")
    assert request.extensions["sni_hostname"] == "ehr.example"
    assert request.headers["authorization"] == "a"


async def test_by_http_and_to_this_machine_only_where_a_developer_allowed_it():
    receiver = Receiver()
    receiver.looked_up |= {"localhost": [["127.0.0.1"]], "far.example": [["93.184.215.14"]]}
    near, far = "http://localhost:9000", "http://far.example"
    assert (await receiver.hook(near, far, loopback=True).post(f"{near}/x", (), b"", 5)).taken
    assert not (await receiver.hook(near, far, loopback=True).post(f"{far}/x", (), b"", 5)).taken
    assert "https only" in (await receiver.hook(near, far).post(f"{near}/x", (), b"", 5)).said
    assert (await receiver.hook(near, ORIGIN, loopback=True).post(ENDPOINT, (), b"", 5)).taken


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 429, 500, 503])
async def test_whatever_is_no_success_is_none(status):
    receiver = Receiver(status=status)
    found = await reply(receiver)
    assert (found.taken, found.status, len(receiver.sent)) == (False, status, 1)


async def test_an_endless_answer_is_not_read_and_a_slow_one_not_waited_for():
    read = []

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self):
            while True:
                read.append(1)
                yield b"x" * 65536

    async def answers(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Endless())

    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    receiver = Receiver()
    terms = Terms(frozenset({ORIGIN}))
    hook = Hook(terms, receiver.resolve, httpx.MockTransport(answers))
    assert (await hook.post(ENDPOINT, (), b"", 5)).taken
    assert read == []
    slow = Hook(terms, receiver.resolve, httpx.MockTransport(never))
    assert "in time" in (await slow.post(ENDPOINT, (), b"", 0.01)).said
    await hook.close()
    await slow.close()


async def test_a_name_server_that_fails_or_hangs_leads_nowhere(monkeypatch):
    async def fails(host: str, port: int) -> list[str]:
        raise OSError

    async def hangs(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr("api.feed_hook.PATIENCE", 0.01)
    for resolve in (fails, hangs):
        hook = Hook(Terms(frozenset({ORIGIN})), resolve)
        assert "resolved" in (await hook.post(ENDPOINT, (), b"", 5)).said
    with pytest.raises(Unreachable):
        await hook._checked(ENDPOINT)


async def test_the_resolver_of_the_machine_knows_this_machine():
    assert set(await resolved("127.0.0.1", 80)) == {"127.0.0.1"}
