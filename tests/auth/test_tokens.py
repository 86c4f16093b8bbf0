"""Good tokens become callers: claims in the issuer's words, clocks that differ, and what is remembered (T5, T7, T9)."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from auth.caller import Caller
from auth.issuers import Issuer
from auth.keys import Keys
from auth.scopes import parse
from auth.tokens import Tokens, sign
from plan.model import AgencyId, PersonId, Role, Subject
from plan.problem import Problem, Trouble
from tests.auth.foreign_issuer import (
    AUDIENCE,
    CLAIMS,
    ISSUER,
    NOW,
    P256_ORDER,
    b64,
    bearer,
    compact,
    ec_key,
    public_jwk,
    rsa_key,
    signer,
    token,
)


class Clock:
    """Seconds since 1970 that pass only when told to."""

    def __init__(self) -> None:
        self.time: float = NOW

    def __call__(self) -> float:
        return self.time


def service(clock: Callable[[], float] = lambda: NOW, room: int = 4096, **configured: Any) -> Tokens:
    given = {"issuer": ISSUER, "audience": AUDIENCE, "jwks": {"keys": [public_jwk(ec_key(), "ec")]}} | configured
    issuers = [Issuer(**given)]
    return Tokens(issuers, Keys(issuers), clock, room)


def caller(text: str, **configured: Any) -> Caller:
    return asyncio.run(service(**configured).caller(bearer(text)))


def trouble(authorization: str | None, of: Tokens | None = None) -> Trouble:
    with pytest.raises(Problem) as raised:
        asyncio.run((of or service()).caller(authorization))
    return raised.value.trouble


def test_a_good_token_says_who_asks() -> None:
    assert caller(token(purpose="HOPERAT")) == Caller(
        subject=Subject("worker-7"),
        agency=AgencyId("northtown-council"),
        role=Role.SOCIAL_WORKER,
        scopes=parse("user/CarePlan.rs user/Task.cruds"),
        purpose="HOPERAT",
        client="caseload",
        name="Ada Obi",
        token_id="token-1",
        expires=NOW + 300,
    )


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Basic Zm9vOmJhcg==", "Bearerx.y.z", " Bearer x", "a.b.c"]
)
def test_without_a_bearer_token_one_is_asked_to_sign_in(authorization: str | None) -> None:
    with pytest.raises(Problem) as raised:
        asyncio.run(service().caller(authorization))
    assert raised.value.trouble is Trouble.NO_TOKEN
    assert raised.value.headers == {"WWW-Authenticate": "Bearer"}


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER  "])
def test_the_scheme_is_read_in_any_case(scheme: str) -> None:
    assert asyncio.run(service().caller(scheme + token())).subject == "worker-7"


@pytest.mark.parametrize("type_", ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"])
def test_the_type_is_read_in_any_case(type_: str) -> None:
    assert caller(token({"typ": type_})).subject == "worker-7"


def test_a_token_needs_no_type_and_with_one_key_no_kid() -> None:
    assert caller(compact({"alg": "ES256"}, dict(CLAIMS), signer(ec_key(), "ES256"))).subject == "worker-7"


@pytest.mark.parametrize(
    "algorithm, key",
    [
        ("RS256", rsa_key()),
        ("RS384", rsa_key()),
        ("ES256", ec_key()),
        ("ES384", ec_key("wide", "P-384")),
    ],
)
def test_what_another_library_signs_is_good(
    algorithm: str, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
) -> None:
    jwks = {"keys": [public_jwk(key, "k", alg=algorithm, use="sig", key_ops=["verify"])]}
    own: RSAKey | ECKey = RSAKey.import_key(key) if isinstance(key, rsa.RSAPrivateKey) else ECKey.import_key(key)
    text = jwt.encode({"alg": algorithm, "kid": "k"}, dict(CLAIMS), own, algorithms=[algorithm])
    assert caller(text, jwks=jwks).subject == "worker-7"


def test_what_we_sign_is_good_to_another_library() -> None:
    own = ECKey.generate_key("P-384", {"kid": "ours"})
    text = sign(own.as_dict(private=True), {"sub": "worker-7"})
    read = jwt.decode(text, own, algorithms=["ES384"])
    assert read.claims == {"sub": "worker-7"}
    assert read.header == {"alg": "ES384", "kid": "ours", "typ": "at+jwt"}


def test_we_sign_with_no_key_of_another_kind() -> None:
    with pytest.raises(ValueError, match="not used here"):
        sign({"kty": "oct", "k": "c2VjcmV0", "alg": "HS256", "kid": "x"}, {})


@pytest.mark.parametrize("aud", [AUDIENCE, [AUDIENCE], ["other", AUDIENCE], [7, AUDIENCE]])
def test_a_token_may_be_for_several_services(aud: object) -> None:
    assert caller(token(aud=aud)).subject == "worker-7"


TIMES: list[tuple[Mapping[str, object], Trouble | None]] = [
    ({"exp": NOW - 60}, None),
    ({"exp": NOW - 60.5}, Trouble.EXPIRED),
    ({"exp": NOW - 61}, Trouble.EXPIRED),
    ({"exp": 0}, Trouble.EXPIRED),
    ({"exp": NOW + 10.5}, None),
    ({"nbf": NOW + 60}, None),
    ({"nbf": NOW + 61}, Trouble.BAD_TOKEN),
    ({"iat": NOW + 60}, None),
    ({"iat": NOW + 61}, Trouble.BAD_TOKEN),
    ({"iat": NOW + 61, "nbf": NOW}, Trouble.BAD_TOKEN),
    *(({name: "soon"}, Trouble.BAD_TOKEN) for name in ("exp", "iat", "nbf")),
    *(({name: str(NOW)}, Trouble.BAD_TOKEN) for name in ("exp", "iat", "nbf")),
    *(({name: True}, Trouble.BAD_TOKEN) for name in ("exp", "iat", "nbf")),
    *(({name: None}, Trouble.BAD_TOKEN) for name in ("exp", "iat", "nbf")),
    *(({name: -1}, Trouble.BAD_TOKEN) for name in ("exp", "iat", "nbf")),
    *(({name: 10**400}, Trouble.BAD_TOKEN) for name in ("exp", "iat", "nbf")),
]


@pytest.mark.parametrize("claims, expected", TIMES)
def test_T5_clocks_may_differ_by_a_minute_and_not_more(claims: Mapping[str, Any], expected: Trouble | None) -> None:
    if expected is None:
        assert caller(token(**claims)).subject == "worker-7"
    else:
        assert trouble(bearer(token(**claims))) is expected


def test_an_expired_token_gets_a_challenge_too() -> None:
    with pytest.raises(Problem) as raised:
        caller(token(exp=NOW - 61))
    assert raised.value.headers == {"WWW-Authenticate": 'Bearer error="invalid_token"'}


def test_a_number_without_end_is_no_time() -> None:
    claims = json.dumps({**CLAIMS, "exp": 1}).replace('"exp": 1,', '"exp": 1e999,')
    assert "1e999" in claims
    text = compact({"alg": "ES256"}, claims, signer(ec_key(), "ES256"))
    assert trouble(bearer(text)) is Trouble.BAD_TOKEN


FORMS: list[tuple[str, Any, bool]] = [
    ("sub", "x" * 255, True),
    ("sub", "x" * 256, False),
    ("sub", "CN=Ada Obi, O=Trust", True),
    ("sub", " x", False),
    ("sub", "x ", False),
    ("sub", "x\n", False),
    ("sub", "J\u00fcrgen", False),
    ("agency", "A-1.b", True),
    ("agency", "a" * 64, True),
    ("agency", "a" * 65, False),
    ("agency", "...", False),
    ("agency", "a/b", False),
    ("agency", "a\n", False),
    ("agency", ["only-one"], True),
    ("agency", ["one", "two"], False),
    ("agency", "oneplan", False),  # the name under which the service itself writes
    ("role", "Clinician", False),
    ("role", ["clinician"], True),
    ("role", ["clinician", "offline_access"], True),
    ("role", ["clinician", "coordinator"], False),
    ("role", ["clinician", 7], False),
    ("purpose", "TREAT", True),
    ("purpose", "a b", False),
    ("name", "J\u00fcrgen \u5c71", True),
    ("name", "x\u202ey", False),
    ("name", "x" * 256, False),
    ("client_id", 7, False),
    ("jti", "x\0", False),
    ("scope", ["user/Task.r"], True),
    ("scope", 7, False),
    ("scope", [7], False),
    ("scope", {"user/Task.r": True}, False),
]


@pytest.mark.parametrize("name, value, good", FORMS)
def test_claims_have_their_form(name: str, value: Any, good: bool) -> None:
    if good:
        assert caller(token(**{name: value})).agency
    else:
        assert trouble(bearer(token(**{name: value}))) is Trouble.BAD_TOKEN


def test_no_scopes_grant_nothing() -> None:
    assert caller(token(without="scope")).scopes == parse("")


def test_a_person_says_whose_plan_is_theirs() -> None:
    assert caller(token(role="person", person="p-1")).person == PersonId("p-1")
    for wrong in (None, "", "..", "a b", ["p-1"]):
        assert trouble(bearer(token(role="person", person=wrong))) is Trouble.BAD_TOKEN


def test_without_a_launch_a_word_about_the_patient_counts_for_the_person_alone() -> None:
    said = token(scope="patient/*.cruds")
    assert not caller(said).scopes.allow("r", "CarePlan")
    assert caller(token(scope="patient/*.cruds", role="person", person="p-1")).scopes.allow("r", "CarePlan")


def test_a_word_about_the_patient_counts_with_the_patient_of_the_launch() -> None:
    launched = caller(token(scope="patient/Goal.rs user/Task.r", patient="p-2"))
    assert launched.patient == PersonId("p-2")
    assert launched.scopes.allow("r", "Goal")
    assert not launched.scopes.freely("r", "Goal")
    for wrong in ("..", "a b", "Patient/p-2", ["p-2"], {"id": "p-2"}):
        assert trouble(bearer(token(patient=wrong))) is Trouble.BAD_TOKEN


def test_a_person_who_launched_nothing_is_their_own_patient() -> None:
    own = caller(token(scope="patient/Goal.rs", role="person", person="p-1"))
    assert own.patient == own.person == PersonId("p-1")
    other = caller(token(scope="patient/Goal.rs", role="person", person="p-1", patient="p-2"))
    assert (other.person, other.patient) == (PersonId("p-1"), PersonId("p-2"))
    assert other.scopes.bound


def test_nobody_else_is_a_person_by_a_claim() -> None:
    assert caller(token(role="carer", person="p-1")).person is None


def test_an_issuer_may_speak_its_own_words() -> None:
    claims = {
        "agency": ["https://council.example/claims", "org"],
        "role": "realm.roles",
        "client": "azp",
        "scope": "scp",
        "token_id": "uti",
        "name": "profile.name",
    }
    said: dict[str, Any] = {
        "https://council.example/claims": {"org": "E07"},
        "realm": {"roles": ["offline_access", "Housing Officer"]},
        "azp": "app-1",
        "scp": ["user/Task.r", "openid"],
        "uti": "u-1",
        "profile": "not an object",
        "agency": "ignored",
        "role": "ignored",
    }
    found = caller(
        token(**said), claims=claims, roles={"Housing Officer": "housing_officer"}, agencies={"E07": "northtown"}
    )
    assert (found.agency, found.role, found.client) == ("northtown", Role.HOUSING_OFFICER, "app-1")
    assert (found.token_id, found.name, found.scopes) == ("u-1", "", parse("user/Task.r openid"))


@pytest.mark.parametrize("configured", [{"roles": {}}, {"roles": {"other": "clinician"}}, {"agencies": {}}])
def test_a_word_that_is_not_in_the_table_of_the_issuer_is_refused(configured: Mapping[str, Any]) -> None:
    assert trouble(bearer(token()), service(**configured)) is Trouble.BAD_TOKEN


def test_an_issuer_may_say_what_marks_its_access_tokens() -> None:
    marked = service(token_type={"token_use": "access"})
    assert asyncio.run(marked.caller(bearer(token(token_use="access")))).subject == "worker-7"
    assert trouble(bearer(token(token_use="id")), marked) is Trouble.BAD_TOKEN
    assert trouble(bearer(token()), marked) is Trouble.BAD_TOKEN


def test_an_issuer_may_give_tokens_without_an_id() -> None:
    assert caller(token(without="jti"), token_id_required=False).token_id == ""


def test_an_issuer_cannot_be_trusted_twice() -> None:
    issuer = Issuer(issuer=ISSUER, audience=AUDIENCE, jwks={"keys": [public_jwk(ec_key(), "ec")]})
    with pytest.raises(ValueError, match="twice"):
        Tokens([issuer, issuer], Keys([issuer]))


def test_a_caller_is_remembered_for_a_minute() -> None:
    clock, text = Clock(), bearer(token())
    tokens = service(clock)
    assert tokens.remembered(text) is None
    found = asyncio.run(tokens.caller(text))
    assert asyncio.run(tokens.caller(text)) is found
    clock.time += 60
    assert tokens.remembered(text) is found
    clock.time += 0.001
    assert tokens.remembered(text) is None
    assert asyncio.run(tokens.caller(text)) is not found
    assert tokens.remembered(text) == found


def test_a_caller_is_not_remembered_longer_than_the_token_is_good() -> None:
    clock, text = Clock(), bearer(token(exp=NOW - 20))
    tokens = service(clock)
    asyncio.run(tokens.caller(text))
    clock.time += 40
    assert tokens.remembered(text) is not None
    clock.time += 1
    assert tokens.remembered(text) is None
    assert trouble(text, tokens) is Trouble.EXPIRED


def test_a_clock_that_was_set_back_does_not_make_the_memory_longer() -> None:
    clock, text = Clock(), bearer(token())
    tokens = service(clock)
    asyncio.run(tokens.caller(text))
    clock.time -= 1
    assert tokens.remembered(text) is None


def test_nothing_is_remembered_for_those_who_send_nothing() -> None:
    assert service().remembered(None) is None


def test_a_bounded_number_is_remembered_and_the_oldest_are_let_go_first() -> None:
    tokens, texts = service(room=2), [bearer(token(jti=f"t{n}")) for n in range(3)]
    for text in texts:
        asyncio.run(tokens.caller(text))
    assert [tokens.remembered(text) is not None for text in texts] == [False, True, True]


def test_T9_what_is_forgotten_is_forgotten_in_every_form_it_was_sent_in() -> None:
    tokens, text = service(), token()
    header, claims, _ = text.split(".")
    raw = signer(ec_key(), "ES256")(f"{header}.{claims}".encode())
    second = b64(raw[:32] + (P256_ORDER - int.from_bytes(raw[32:])).to_bytes(32))
    forms = [bearer(text), f"bearer {text}", bearer(f"{header}.{claims}.{second}")]
    other = bearer(token(jti="token-2"))
    for form in [*forms, other]:
        assert asyncio.run(tokens.caller(form)).subject == "worker-7"
    tokens.forget("token-1")
    assert [tokens.remembered(form) for form in forms] == [None, None, None]
    assert tokens.remembered(other) is not None
