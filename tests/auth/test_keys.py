"""Key sets: which keys are used, how often an issuer is asked, and what stays when it does not answer (T6, T7)."""

import asyncio
import gzip
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import Any

import httpx
import pytest

from auth.answers import MAX_BYTES
from auth.issuers import Issuer
from auth.keys import FRESH_SECONDS, MAX_STALE_SECONDS, RETRY_SECONDS, Keys, algorithm_of, key_set
from plan.problem import Problem, Trouble
from tests.auth.foreign_issuer import ISSUER, ec_key, public_jwk, rsa_key

ADDRESS = "https://login.council.example/keys"
EC = public_jwk(ec_key(), "ec")
NEW = public_jwk(ec_key("new"), "new")
RSA = public_jwk(rsa_key(), "rsa")

LEFT_OUT: Mapping[str, object] = {
    "not an object": "ec",
    "for encryption": {**EC, "use": "enc"},
    "for other operations": {**EC, "key_ops": ["encrypt"]},
    "operations not a list": {**EC, "key_ops": "verify"},
    "kid not a text": {**EC, "kid": 7},
    "secret key": {"kty": "oct", "k": "c2VjcmV0", "kid": "ec"},
    "HMAC said of an RSA key": {**RSA, "alg": "HS256"},
    "RS512": {**RSA, "alg": "RS512"},
    "algorithm of another kind": {**EC, "alg": "RS256"},
    "algorithm of another curve": {**EC, "alg": "ES384"},
    "curve that is not used": public_jwk(ec_key("wide", "P-521"), "ec"),
    "kind and curve not texts": {**EC, "kty": ["EC"], "crv": {}},
    "RSA of 1024 bits": public_jwk(rsa_key("short", 1024), "ec"),
    "RSA of 2047 bits": {**RSA, "n": public_jwk(rsa_key("almost", 2047), "x")["n"]},
    "RSA exponent 1": {**RSA, "e": "AQ"},
    "number missing": {name: value for name, value in RSA.items() if name != "n"},
    "number not base64url": {**EC, "x": "a"},
    "point not on the curve": {**EC, "x": EC["y"]},
}


class Endpoint:
    """The issuer's address: answers what it is told to, and counts."""

    def __init__(self, *keys: object) -> None:
        self.keys: list[object] = list(keys)
        self.asked = 0
        self.answer: Callable[[], httpx.Response] = lambda: httpx.Response(200, json={"keys": self.keys})

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._handle))

    def _handle(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url) == ADDRESS
        self.asked += 1
        return self.answer()

    def breaks(self) -> None:
        def down() -> httpx.Response:
            raise httpx.ConnectError("down")

        self.answer = down


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def remote() -> Issuer:
    return Issuer(issuer=ISSUER, audience="oneplan", jwks_uri=ADDRESS)


def run(story: Callable[[Keys, Endpoint, Clock], Coroutine[Any, Any, None]], *keys: object) -> None:
    """Tell a story about the key set of one issuer that starts with `keys`."""

    async def told() -> None:
        endpoint, clock = Endpoint(*keys), Clock()
        async with endpoint.client() as client:
            kept = Keys([remote()], client, clock, patience=0.05)
            await story(kept, endpoint, clock)
            await kept.close()

    asyncio.run(told())


async def unavailable(keys: Keys, kid: str = "ec") -> bool:
    with pytest.raises(Problem) as raised:
        await keys.find(ISSUER, kid)
    assert raised.value.headers == {"Retry-After": "30"}
    return raised.value.trouble is Trouble.UNAVAILABLE


async def kid_found(keys: Keys, kid: str | None) -> str | None:
    found = await keys.find(ISSUER, kid)
    return None if found is None else found.kid


@pytest.mark.parametrize("jwk", LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_a_key_that_cannot_be_used_is_left_out_and_the_log_says_so(
    jwk: object, caplog: pytest.LogCaptureFixture
) -> None:
    found = key_set({"keys": [jwk, NEW]})
    assert [key.kid for key in found] == ["new"]
    assert "left out" in caplog.text


@pytest.mark.parametrize("document", [[], "keys", None, {}, {"keys": {}}, {"keys": None}])
def test_what_is_no_key_set_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match="a list of keys"):
        key_set(document)


@pytest.mark.parametrize(
    "jwk, allowed, algorithm",
    [
        (EC, ("RS256", "ES256", "ES384"), "ES256"),
        (public_jwk(ec_key("ec", "P-384"), "e"), ("ES256", "ES384"), "ES384"),
        (RSA, ("RS256", "RS384"), "RS256"),
        (RSA, ("RS384", "RS256"), "RS384"),
        ({**RSA, "alg": "RS384"}, ("RS256", "RS384"), "RS384"),
        ({**EC, "alg": "ES256"}, ("ES256",), "ES256"),
    ],
)
def test_a_key_has_its_own_algorithm_or_the_first_that_fits(jwk: Any, allowed: Any, algorithm: str) -> None:
    assert algorithm_of(jwk, allowed) == algorithm


def test_a_key_whose_algorithm_the_issuer_does_not_use_is_left_out() -> None:
    assert key_set({"keys": [EC, {**RSA, "alg": "RS384"}]}, ("RS256", "ES384")) == ()


def test_a_kid_that_stands_twice_names_no_key() -> None:
    twice = public_jwk(ec_key("other"), "ec")
    assert [key.kid for key in key_set({"keys": [EC, twice, NEW]})] == ["new"]


def test_keys_without_a_name_are_kept_but_named_by_nothing() -> None:
    async def story(keys: Keys, endpoint: Endpoint, clock: Clock) -> None:
        assert await kid_found(keys, None) == ""
        assert await keys.find(ISSUER, "") is None

    run(story, public_jwk(ec_key(), None))


def test_a_token_without_kid_is_served_only_while_there_is_one_key() -> None:
    async def story(keys: Keys, endpoint: Endpoint, clock: Clock) -> None:
        assert await kid_found(keys, None) == "ec"
        endpoint.keys.append(NEW)
        clock.time += RETRY_SECONDS
        assert await kid_found(keys, "new") == "new"
        assert await kid_found(keys, None) is None

    run(story, EC)


def test_inline_keys_are_never_fetched_and_never_old() -> None:
    async def story() -> None:
        keys = Keys([Issuer(issuer=ISSUER, audience="oneplan", jwks={"keys": [EC]})], now=lambda: 1e12)
        assert await kid_found(keys, "ec") == "ec"
        assert await kid_found(keys, "new") is None
        await keys.close()

    asyncio.run(story())


def test_a_service_does_not_start_with_an_inline_set_of_unusable_keys() -> None:
    short = public_jwk(rsa_key("short", 1024), "rsa")
    with pytest.raises(ValueError, match="no key that can be used"):
        Keys([Issuer(issuer=ISSUER, audience="oneplan", jwks={"keys": [short]})])


def test_a_key_set_is_fetched_once_and_kept() -> None:
    async def story(keys: Keys, endpoint: Endpoint, clock: Clock) -> None:
        for _ in range(20):
            assert await kid_found(keys, "ec") == "ec"
            clock.time += 1
        assert endpoint.asked == 1

    run(story, EC)


def test_T6_five_hundred_unknown_kids_cause_one_fetch_in_thirty_seconds() -> None:
    async def story(keys: Keys, endpoint: Endpoint, clock: Clock) -> None:
        await keys.find(ISSUER, "ec")
        clock.time += RETRY_SECONDS
        found = await asyncio.gather(*(keys.find(ISSUER, f"kid-{n % 500}") for n in range(5000)))
        assert found == [None] * 5000
        clock.time += RETRY_SECONDS - 0.001
        assert await keys.find(ISSUER, "one more") is None
        assert endpoint.asked == 2
        clock.time += 0.001
        assert await keys.find(ISSUER, "one more") is None
        assert endpoint.asked == 3
        assert await kid_found(keys, "ec") == "ec"

    run(story, EC)


def test_all_who_come_at_once_wait_for_the_same_fetch() -> None:
    async def story(keys: Keys, endpoint: Endpoint, clock: Clock) -> None:
        found = await asyncio.gather(*(kid_found(keys, "ec") for _ in range(50)))
        assert found == ["ec"] * 50
        assert endpoint.asked == 1

    run(story, EC)


def test_one_who_gives_up_waiting_does_not_take_the_answer_from_the_others() -> None:
    async def story(keys: Keys, endpoint: Endpoint, clock: Clock) -> None:
        first = asyncio.create_task(keys.find(ISSUER, "ec"))
        await asyncio.sleep(0)
        first.cancel()
        assert await kid_found(keys, "ec") == "ec"
        assert endpoint.asked == 1
        assert (await asyncio.gather(first, return_exceptions=True))[0].__class__ is asyncio.CancelledError

    run(story, EC)


def test_a_new_key_of_the_issuer_is_found_and_a_withdrawn_one_is_believed_no_more() -> None:
    async def story(keys: Keys, endpoint: Endpoint, clock: Clock) -> None:
        await keys.find(ISSUER, "ec")
        endpoint.keys[:] = [NEW]
        clock.time += FRESH_SECONDS + 1
        assert await kid_found(keys, "ec") == "ec", "nobody with a known key waits for the renewal"
        renewal = keys._kept[ISSUER].flight
        assert renewal is not None
        await renewal
        assert await kid_found(keys, "ec") is None
        assert await kid_found(keys, "new") == "new"
        assert endpoint.asked == 2

    run(story, EC)


def test_T7_known_keys_outlive_an_issuer_that_is_down_for_a_day_and_not_longer() -> None:
    async def story(keys: Keys, endpoint: Endpoint, clock: Clock) -> None:
        await keys.find(ISSUER, "ec")
        endpoint.breaks()
        for _ in range(MAX_STALE_SECONDS // 3600):
            clock.time += 3600
            assert await kid_found(keys, "ec") == "ec"
            assert await keys.find(ISSUER, "new") is None
        clock.time += 1
        assert await unavailable(keys)

    run(story, EC)


def test_T7_with_no_keys_at_all_the_service_says_that_it_cannot_answer_just_now() -> None:
    async def story(keys: Keys, endpoint: Endpoint, clock: Clock) -> None:
        endpoint.breaks()
        assert await unavailable(keys)
        assert await unavailable(keys)
        assert endpoint.asked == 1

    run(story)


async def _endless() -> AsyncIterator[bytes]:
    await asyncio.Event().wait()
    yield b""


BAD_ANSWERS: Mapping[str, Callable[[], httpx.Response]] = {
    "500": lambda: httpx.Response(500, json={"keys": [NEW]}),
    "redirect": lambda: httpx.Response(302, headers={"Location": ADDRESS}, json={"keys": [NEW]}),
    "not JSON": lambda: httpx.Response(200, text="<html>"),
    "not a key set": lambda: httpx.Response(200, json=[NEW]),
    "no key": lambda: httpx.Response(200, json={"keys": []}),
    "no usable key": lambda: httpx.Response(200, json={"keys": [{**NEW, "use": "enc"}]}),
    "nested without end": lambda: httpx.Response(200, text="[" * 60_000),
    "too long": lambda: httpx.Response(200, text=json.dumps({"keys": [NEW]}) + " " * MAX_BYTES),
    "compressed": lambda: httpx.Response(
        200, headers={"Content-Encoding": "gzip"}, content=gzip.compress(json.dumps({"keys": [NEW]}).encode())
    ),
    "never ending": lambda: httpx.Response(200, content=_endless()),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_a_bad_answer_changes_nothing_and_is_logged(
    answer: Callable[[], httpx.Response], caplog: pytest.LogCaptureFixture
) -> None:
    async def story(keys: Keys, endpoint: Endpoint, clock: Clock) -> None:
        await keys.find(ISSUER, "ec")
        endpoint.answer = answer
        clock.time += RETRY_SECONDS
        assert await keys.find(ISSUER, "new") is None
        assert endpoint.asked == 2
        assert await kid_found(keys, "ec") == "ec"

    with caplog.at_level(logging.WARNING):
        run(story, EC)
    assert "was not renewed" in caplog.text


def test_an_answer_of_exactly_the_largest_size_is_taken() -> None:
    async def story(keys: Keys, endpoint: Endpoint, clock: Clock) -> None:
        endpoint.answer = lambda: httpx.Response(200, text=json.dumps({"keys": [EC]}).ljust(MAX_BYTES))
        assert await kid_found(keys, "ec") == "ec"

    run(story)


def test_closing_gives_up_what_is_under_way_and_closes_the_client_that_is_our_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> None:
        endpoint, begun = Endpoint(), asyncio.Event()

        async def never(request: httpx.Request) -> httpx.Response:
            begun.set()
            await asyncio.Event().wait()
            return endpoint.answer()

        client = httpx.AsyncClient(transport=httpx.MockTransport(never))
        monkeypatch.setattr(httpx, "AsyncClient", lambda: client)
        keys = Keys([remote()])
        waiting = asyncio.create_task(unavailable(keys))
        await begun.wait()
        await keys.close()
        assert await waiting
        assert client.is_closed

    asyncio.run(story())


def test_a_client_that_was_lent_is_not_closed() -> None:
    async def story(keys: Keys, endpoint: Endpoint, clock: Clock) -> None:
        await keys.close()
        assert await kid_found(keys, "ec") == "ec"

    run(story, EC)
