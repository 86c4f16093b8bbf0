"""Tokens whose keys are away, or are not there at all: who waits, who is asked, and how often (T6, T7)."""

import asyncio
from typing import Any

import httpx
import pytest

from auth.issuers import Issuer
from auth.keys import Keys
from auth.tokens import Tokens
from plan.problem import Problem, Trouble
from tests.auth.foreign_issuer import AUDIENCE, ISSUER, NOW, bearer, ec_key, public_jwk, token


class Clock:
    """Seconds since 1970 that pass only when told to."""

    def __init__(self) -> None:
        self.time: float = NOW

    def __call__(self) -> float:
        return self.time


def test_T7_with_the_issuer_down_and_no_keys_the_answer_is_503_and_not_401() -> None:
    def down(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("down")

    async def story() -> Trouble:
        issuers = [Issuer(issuer=ISSUER, audience=AUDIENCE, jwks_uri="https://login.council.example/keys")]
        async with httpx.AsyncClient(transport=httpx.MockTransport(down)) as client:
            with pytest.raises(Problem) as raised:
                await Tokens(issuers, Keys(issuers, client), lambda: NOW).caller(bearer(token()))
        return raised.value.trouble

    assert asyncio.run(story()) is Trouble.UNAVAILABLE


def test_T6_a_token_that_can_never_be_good_causes_no_fetch() -> None:
    def fetched(_: httpx.Request) -> httpx.Response:
        raise AssertionError("the key set was fetched")

    issuers = [Issuer(issuer=ISSUER, audience=AUDIENCE, jwks_uri="https://login.council.example/keys")]
    client = httpx.AsyncClient(transport=httpx.MockTransport(fetched))
    tokens = Tokens(issuers, Keys(issuers, client), lambda: NOW)
    for text in (token({"alg": "HS256"}), token({"crit": ["x"]}), token(iss="https://evil.example"), "a.b.c"):
        with pytest.raises(Problem) as raised:
            asyncio.run(tokens.caller(bearer(text)))
        assert raised.value.trouble is Trouble.BAD_TOKEN


def test_T7_with_the_issuer_down_for_an_hour_known_keys_work_and_a_new_one_is_a_401() -> None:
    clock = Clock()
    down: list[bool] = []
    asked: list[float] = []

    def answer(_: httpx.Request) -> httpx.Response:
        asked.append(clock.time)
        if down:
            raise httpx.ConnectError("down")
        return httpx.Response(200, json={"keys": [public_jwk(ec_key(), "ec")]})

    async def story() -> None:
        issuers = [Issuer(issuer=ISSUER, audience=AUDIENCE, jwks_uri="https://login.council.example/keys")]
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            keys = Keys(issuers, client, clock)
            tokens = Tokens(issuers, keys, clock)
            assert (await tokens.caller(bearer(token()))).subject == "worker-7"
            down.append(True)
            for minute in range(1, 61):
                clock.time = NOW + 60 * minute
                times: dict[str, Any] = {"iat": clock.time - 1, "exp": clock.time + 300}
                good = await tokens.caller(bearer(token(jti=f"good-{minute}", **times)))
                assert good.subject == "worker-7"
                with pytest.raises(Problem) as raised:
                    await tokens.caller(bearer(token({"kid": "new"}, **times)))
                assert raised.value.trouble is Trouble.BAD_TOKEN
            await keys.close()

    asyncio.run(story())
    assert len(asked) <= 1 + 60 * 2


def test_T6_a_flood_of_unknown_kids_costs_one_fetch_and_good_tokens_no_wait() -> None:
    clock = Clock()
    asked: list[float] = []

    def answer(_: httpx.Request) -> httpx.Response:
        asked.append(clock.time)
        return httpx.Response(200, json={"keys": [public_jwk(ec_key(), "ec")]})

    async def story() -> None:
        issuers = [Issuer(issuer=ISSUER, audience=AUDIENCE, jwks_uri="https://login.council.example/keys")]
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            keys = Keys(issuers, client, clock)
            tokens = Tokens(issuers, keys, clock)
            assert (await tokens.caller(bearer(token()))).subject == "worker-7"
            unknown = [bearer(token({"kid": f"kid-{n}"}, lambda _: b"x" * 64)) for n in range(500)]
            for n in range(5000):
                with pytest.raises(Problem):
                    await tokens.caller(unknown[n % 500])
                if n % 500 == 0:
                    assert (await tokens.caller(bearer(token(jti=f"good-{n}")))).subject == "worker-7"
            await keys.close()

    asyncio.run(story())
    assert len(asked) == 1
