"""Tokens that must not be believed, whatever they say of themselves (security tests T1 to T4, T8, T9; RFC 8725)."""

import asyncio
import json
import tracemalloc
import zlib
from collections.abc import Mapping
from itertools import product
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from auth.issuers import Issuer
from auth.keys import Keys
from auth.tokens import MAX_TOKEN_CHARS, Tokens
from plan.problem import Problem, Trouble
from tests.auth.foreign_issuer import (
    AUDIENCE,
    CLAIMS,
    ISSUER,
    NOW,
    P256_ORDER,
    Signer,
    b64,
    bearer,
    compact,
    ec_key,
    hmac_signer,
    public_jwk,
    rsa_key,
    signer,
    token,
)

OTHER = "https://login.trust.example"
KEYS: Mapping[str, Any] = {
    "rsa": public_jwk(rsa_key(), "rsa"),
    "ec": public_jwk(ec_key(), "ec"),
    "wide": public_jwk(ec_key("wide", "P-384"), "wide"),
}


def tokens() -> Tokens:
    """A service that trusts two issuers; the second has a key of its own under a `kid` of the first."""
    issuers = [
        Issuer(issuer=ISSUER, audience=AUDIENCE, jwks={"keys": list(KEYS.values())}),
        Issuer(issuer=OTHER, audience=AUDIENCE, jwks={"keys": [public_jwk(ec_key("other"), "ec")]}),
    ]
    return Tokens(issuers, Keys(issuers), lambda: NOW)


def refused(text: str) -> Problem:
    """The 401 that `text` gets; nothing of it stands in the answer."""
    service = tokens()
    with pytest.raises(Problem) as raised:
        asyncio.run(service.caller(bearer(text)))
    problem = raised.value
    assert problem.trouble is Trouble.BAD_TOKEN
    assert problem.headers == {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    assert service.remembered(bearer(text)) is None
    assert all(part not in str(problem) for part in text.split(".") if len(part) > 12)
    return problem


def secrets_out_of_what_is_public() -> list[bytes]:
    """What a forger may try as an HMAC secret: the public keys in every form in which they are passed around."""
    made: list[bytes] = [b"", b"secret"]
    for key, jwk in ((rsa_key(), KEYS["rsa"]), (ec_key(), KEYS["ec"])):
        public = key.public_key()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ssh = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        made += [pem, pem.strip(), pem.replace(b"\n", b""), der, b64(der).encode(), ssh, ssh + b" me", ssh.split()[1]]
        made += [json.dumps(jwk).encode(), json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()]
        made += [json.dumps({"keys": [jwk]}).encode(), jwk.get("n", jwk.get("x")).encode()]
    rsa_only = rsa_key().public_key()
    made += [rsa_only.public_bytes(form, PublicFormat.PKCS1) for form in (Encoding.PEM, Encoding.DER)]
    point = ec_key().public_key()
    return [*made, point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)]


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_T1_a_public_key_is_never_an_hmac_secret(algorithm: str) -> None:
    for secret, kid, said in product(secrets_out_of_what_is_public(), ("rsa", "ec"), (algorithm, "RS256", "ES256")):
        refused(token({"alg": said, "kid": kid}, hmac_signer(secret, algorithm)))


NO_SIGNATURE: list[Signer] = [lambda _: b"\0", lambda _: bytes(32), signer(ec_key(), "ES256")]


@pytest.mark.parametrize(
    "alg", ["none", "None", "NONE", "nOnE", "", None, 0, ["none"], ["ES256"], {"ES256": 1}, "es256"]
)
def test_T1_a_token_without_an_algorithm_of_ours_is_refused(alg: object) -> None:
    for sign in NO_SIGNATURE:
        assert "(alg)" in refused(token({"alg": alg}, sign)).detail


def test_T1_a_token_without_signature_or_without_alg_is_refused() -> None:
    header, claims, _ = token({"alg": "none"}).split(".")
    refused(f"{header}.{claims}.")
    refused(f"{header}.{claims}")
    refused(compact({"kid": "ec", "typ": "JWT"}, dict(CLAIMS), signer(ec_key(), "ES256")))


@pytest.mark.parametrize("alg", ["RS512", "ES512", "PS256", "PS384", "EdDSA", "ES256K", "RSA1_5", "dir", "A128KW"])
def test_T1_other_algorithms_are_refused_even_with_a_good_signature(alg: str) -> None:
    hashed = f"S{alg[-3:]}" if alg in ("RS512", "ES512") else "S256"
    for name, key in (("rsa", rsa_key()), ("ec", ec_key())):
        refused(token({"alg": alg, "kid": name}, signer(key, f"X{hashed}")))


@pytest.mark.parametrize(
    "kid, alg",
    [
        pair
        for pair in product(KEYS, ("RS256", "RS384", "ES256", "ES384"))
        if pair not in {("rsa", "RS256"), ("ec", "ES256"), ("wide", "ES384")}
    ],
)
def test_T1_a_key_is_used_with_its_own_algorithm_only(kid: str, alg: str) -> None:
    key = rsa_key() if kid == "rsa" else ec_key() if kid == "ec" else ec_key("wide", "P-384")
    assert "its key is for" in refused(token({"alg": alg, "kid": kid}, signer(key, alg))).detail


PSYCHIC = [0, 1, P256_ORDER, P256_ORDER - 1, P256_ORDER + 1, 2**256 - 1]


def test_T1_psychic_signatures_are_refused() -> None:
    for r, s in product(PSYCHIC, PSYCHIC):
        refused(token(sign=lambda _, r=r, s=s: r.to_bytes(32) + s.to_bytes(32)))  # type: ignore[misc]
        refused(token(sign=lambda _, r=r, s=s: encode_dss_signature(r, s)))  # type: ignore[misc]
    for size in (1, 63, 65, 128):
        refused(token(sign=lambda _, size=size: bytes(size)))  # type: ignore[misc]
    refused(token({"alg": "ES384", "kid": "wide"}, lambda _: bytes(96)))
    refused(token({"alg": "RS256", "kid": "rsa"}, lambda _: bytes(256)))


KIDS: list[object] = [
    *["../../dev/null", "/dev/null", "file:///dev/null", "https://evil.example/key", "http://127.0.0.1/key"],
    *["' OR 1=1 --", "ec' UNION SELECT 'secret", "ec;ls", "$(id)", "ec\n", " ec", "EC", "ec\0", "e\u0441", "\u202eec"],
    *["", None, 0, 1.5, True, [], ["ec"], {}, {"ec": "ec"}, "x" * 3000, "x" * 10_000, "rsa", "wide", "\ud800"],
    *["../../../../proc/self/environ", "..\\..\\windows\\win.ini", "....//....//dev/null", "%2e%2e%2fdev%2fnull", "."],
    *["ec'; drop table auth_key; --", "1 or 1=1", 'ec" or ""="', "*", "%", "_c", "e_", "ec) or (1=1"],
    *["ldap://127.0.0.1/ec", "gopher://127.0.0.1:11211/", "\\\\evil\\share", "https://login.council.example/keys#ec"],
    *["`id`", "|id", "&& id", "{{7*7}}", "${jndi:ldap://evil/a}", "<ec/>", "ec\r\nX-Evil: 1", "\u0435c", "ec\u200b"],
]


@pytest.mark.parametrize("kid", KIDS)
def test_T2_a_kid_is_a_name_in_the_key_set_of_the_issuer_and_nothing_else(kid: object) -> None:
    refused(token({"kid": kid}))
    refused(token({"kid": kid}, hmac_signer(b"", "HS256")))


def test_T2_a_token_without_kid_is_refused_where_there_are_several_keys() -> None:
    claims = signer(ec_key(), "ES256")
    assert "(kid)" in refused(compact({"alg": "ES256"}, dict(CLAIMS), claims)).detail


@pytest.mark.parametrize(
    "header",
    [
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"jwk": public_jwk(ec_key("evil"), "ec")},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"], "exp": NOW},
        {"crit": []},
        {"crit": None},
        {"b64": False},
        {"zip": "DEF"},
        {"enc": "A128GCM"},
    ],
)
def test_T3_headers_that_bring_keys_or_conditions_are_refused_and_nothing_is_fetched(
    header: Mapping[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetched(*_: object, **__: object) -> None:
        raise AssertionError("something was fetched")

    monkeypatch.setattr(httpx.AsyncClient, "send", fetched)
    assert "not taken" in refused(token(header)).detail
    assert "not taken" in refused(token(header, signer(ec_key("evil"), "ES256"))).detail


@pytest.mark.parametrize("type_", ["dpop+jwt", "logout+jwt", "id+jwt", "JWE", "", None, 1, ["JWT"]])
def test_T4_a_token_of_another_type_is_refused(type_: object) -> None:
    assert "(typ)" in refused(token({"typ": type_})).detail


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "exp", "iat", "jti", "agency", "role"])
def test_T4_a_token_that_lacks_what_is_needed_is_refused(name: str) -> None:
    refused(token(without=name))
    odd: list[Any] = [None, "", [], {}, True, ["x", "y"], {"x": "y"}]
    for wrong in odd:
        refused(token(**{name: wrong}))


@pytest.mark.parametrize("aud", ["other", "Oneplan", "oneplan ", ["other"], [], [["oneplan"]], {"oneplan": 1}, 7])
def test_T4_a_token_for_another_service_is_refused(aud: object) -> None:
    assert "(aud)" in refused(token(aud=aud)).detail


@pytest.mark.parametrize("iss", [ISSUER + "/", ISSUER.upper(), "https://evil.example", [ISSUER], {"iss": ISSUER}])
def test_T4_a_token_of_an_issuer_that_is_not_trusted_is_refused(iss: object) -> None:
    assert "(iss)" in refused(token(iss=iss)).detail


def test_T4_a_key_of_one_issuer_signs_nothing_for_another_though_the_kid_is_the_same() -> None:
    refused(token(iss=OTHER))
    refused(token(sign=signer(ec_key("other"), "ES256")))
    good = token(iss=OTHER, sign=signer(ec_key("other"), "ES256"))
    assert asyncio.run(tokens().caller(bearer(good))).subject == "worker-7"


@pytest.mark.parametrize("claim", [{"nonce": "n"}, {"at_hash": "h"}, {"c_hash": "h"}, {"nonce": None}])
def test_T4_an_id_token_is_no_access_token(claim: Mapping[str, Any]) -> None:
    assert "ID token" in refused(token(**claim)).detail


def test_T8_oversized_and_five_part_tokens_are_refused_before_anything_is_read() -> None:
    bomb = b64(zlib.compress(bytes(3_000_000)))
    long = ["a" * (MAX_TOKEN_CHARS + 1), "x" * 1_000_000, token(name="x" * MAX_TOKEN_CHARS)]
    parts = [f"{bomb}.{bomb}", "a.b.c.d.e", f"{b64(b'{}')}..{bomb}..", ".".join("a" * 4000), "...", ".", ""]
    tracemalloc.start()
    try:
        found = [refused(text).detail for text in (*long, *parts)]
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert ["longer" in detail for detail in found] == [True] * len(long) + [False] * len(parts)


def test_a_token_of_exactly_the_largest_size_is_read() -> None:
    text = token(padding="x" * 5000)
    filler = 5000 + (MAX_TOKEN_CHARS - len(text)) * 3 // 4
    sized = next(made for n in range(filler - 4, filler + 5) if len(made := token(padding="x" * n)) == MAX_TOKEN_CHARS)
    assert asyncio.run(tokens().caller(bearer(sized))).subject == "worker-7"


BROKEN_JSON = [
    *[b"", b"{", b"[]", b"null", b'"ec"', b"\xff\xfe", b"[" * 4000, b'{"a":' * 800, b"\xef\xbb\xbf{}"],
    *[b'{"exp":NaN}', b'{"exp":Infinity}', b'{"exp":' + b"9" * 5000 + b"}", '{"alg":"ES256"}'.encode("utf-16")],
]


@pytest.mark.parametrize("broken", BROKEN_JSON)
def test_parts_that_are_no_json_object_are_refused(broken: bytes) -> None:
    sign = signer(ec_key(), "ES256")
    refused(compact(broken, dict(CLAIMS), sign))
    refused(compact({"alg": "ES256", "kid": "ec"}, broken, sign))


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_a_signed_token_with_what_is_not_json_is_refused(constant: str) -> None:
    claims = json.dumps({**CLAIMS, "further": 0}).replace(": 0}", f": {constant}}}")
    assert constant in claims
    refused(compact({"alg": "ES256", "kid": "ec"}, claims, signer(ec_key(), "ES256")))


def test_a_name_that_stands_twice_is_refused() -> None:
    sign = signer(ec_key(), "ES256")
    refused(compact('{"alg":"none","kid":"ec","alg":"ES256"}', dict(CLAIMS), sign))
    refused(compact({"alg": "ES256", "kid": "ec"}, json.dumps(dict(CLAIMS))[:-1] + ', "sub": "another"}', sign))


def rewritten(text: str) -> list[str]:
    """Other ways to write the same three byte strings, and texts that lax decoders take for the same."""
    header, claims, signature = text.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    loose = [signature[:-1] + alphabet[alphabet.index(signature[-1]) ^ bit] for bit in (1, 2, 3)]
    return [
        *(f"{header}.{claims}.{other}" for other in loose),
        *(f"{header}.{claims}.{signature}{tail}" for tail in ("=", "==", "A", "\n", " ", "\0", ".", "%3D", "\u00e9")),
        *(f"{header}{mark}.{claims}.{signature}" for mark in ("=", "\n", " ", "!")),
        *(f"{header}.{claims}{mark}.{signature}" for mark in ("=", "==", "\n", "!")),
        *(f"{mark}{text}" for mark in ("\n", "\0", "=", ".")),
        text.replace("-", "+").replace("_", "/") + "=",
    ]


def test_T9_a_token_cannot_be_written_otherwise() -> None:
    for other in rewritten(token()):
        refused(other)


@given(st.integers(min_value=0), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.="))
def test_T9_a_token_with_one_character_changed_is_refused(place: int, other: str) -> None:
    at = place % len(GOOD)
    if GOOD[at] != other:
        refused(GOOD[:at] + other + GOOD[at + 1 :])


GOOD = token()


@given(st.text(max_size=200))
def test_any_text_gets_a_401_and_nothing_worse(text: str) -> None:
    with pytest.raises(Problem) as raised:
        asyncio.run(tokens().caller(text))
    assert raised.value.trouble in (Trouble.NO_TOKEN, Trouble.BAD_TOKEN)
