"""Answers are packed for who takes it and where it is worth it, on every door."""

import gzip

import pytest

from api import wire
from tests.support.r4 import R4, created, goal

PACKED = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}
SAID = [
    (b"gzip", True),
    (b"GZIP", True),
    (b"x-gzip", True),
    (b"gzip, deflate, br", True),
    (b"br;q=1.0, gzip;q=0.8, *;q=0.1", True),
    (b"deflate,gzip ; q=0.001", True),
    (b"", False),
    (b"identity", False),
    (b"gzip;q=0", False),
    (b"gzip; q=0.000, br", False),
    (b"agzip, gzipped", False),
    (b"*", False),
]


@pytest.mark.parametrize("said, taken", SAID)
def test_gzip_is_for_who_takes_it(said, taken):
    assert wire.takes_gzip(said) is taken


async def raw(client, method, path, headers):
    """The answer's headers, and its bytes as they came."""
    async with client.stream(method, path, headers=headers) as answer:
        return answer.headers, b"".join([part async for part in answer.aiter_raw()])


async def test_large_answers_are_packed_at_every_door(client, person):
    for path in (f"{R4}/metadata", f"{R4}/CarePlan?patient={person}", f"/v1/people/{person}/plan", "/openapi.json"):
        plain, whole = await raw(client, "GET", path, PLAIN)
        packed, less = await raw(client, "GET", path, PACKED)
        assert "content-encoding" not in plain
        assert packed["content-encoding"] == "gzip"
        assert int(packed["content-length"]) == len(less) < len(whole) / 2
        assert len(gzip.decompress(less)) == len(whole)
        assert "Accept-Encoding" in packed["vary"]
        assert "Accept-Encoding" in plain["vary"]
        assert packed["content-type"] == plain["content-type"]


async def test_small_answers_are_not(client, person):
    one = await created(client, goal(person))
    for method, path in (
        ("GET", f"{R4}/Goal/{one['id']}"),
        ("GET", f"{R4}/Goal/none"),
        ("DELETE", f"{R4}/Goal/{one['id']}"),
    ):
        headers, body = await raw(client, method, path, PACKED)
        assert "content-encoding" not in headers
        assert len(body) < wire.LEAST


async def test_head_is_packed_like_get(client):
    got, body = await raw(client, "GET", f"{R4}/metadata", PACKED)
    headers, nothing = await raw(client, "HEAD", f"{R4}/metadata", PACKED)
    assert nothing == b""
    assert headers["content-length"] == str(len(body))
    assert headers["content-encoding"] == got["content-encoding"]


async def heard(*messages):
    """What comes out when these go in."""
    out = []

    async def send(message):
        out.append(message)

    packed = wire.Packed(send)
    for message in messages:
        await packed(message)
    return dict(out[0]["headers"]), b"".join(message["body"] for message in out[1:])


def start(*headers):
    return {"type": "http.response.start", "status": 200, "headers": list(headers)}


def part(body, *, more=False):
    return {"type": "http.response.body", "body": body, "more_body": more}


async def test_a_stream_is_packed_as_it_comes():
    headers, body = await heard(start(), part(b"a", more=True), part(b"b" * 2000, more=True), part(b""))
    assert headers == {b"content-encoding": b"gzip"}
    assert gzip.decompress(body) == b"a" + b"b" * 2000


async def test_what_is_packed_already_is_not_packed_again():
    done = (b"content-encoding", b"gzip")
    assert await heard(start(done), part(b"x" * 5000)) == (dict([done]), b"x" * 5000)
    assert await heard(start(done), part(b"x" * 5000, more=True), part(b"y")) == (dict([done]), b"x" * 5000 + b"y")


async def test_a_very_large_answer_is_packed_beside():
    whole = b"a plan " * 100_000
    headers, body = await heard(start((b"content-length", b"700000")), part(whole))
    assert gzip.decompress(body) == whole
    assert headers[b"content-length"] == str(len(body)).encode()
