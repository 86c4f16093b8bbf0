"""The authorization request: what is good waits for the user; what is not goes back with an error, or nowhere (T10)."""

import pytest

from auth.server.parties import Decision
from plan.problem import Problem, Trouble
from tests.support.smart import BACK, NURSE, R4, App, answered, audited


@pytest.fixture
async def app(world):
    return await App.of(world)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_good_request_waits_for_the_decision(app, world, method):
    if method == "GET":
        answer = await app.asks()
    else:
        answer = await app.http.post("/auth/authorize", data=app.query())
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("http://127.0.0.1/auth/consent/")
    assert answer.headers["cache-control"] == "no-store"
    pending = await world.service.requests.pending(answer.headers["location"].rpartition("/")[2])
    assert (pending.client, pending.client_name) == (app.client.id, "An app")
    assert pending.scopes == tuple(app.scope.split())
    assert pending.patient is None
    assert pending.expires == world.clock // 1000 + 600 or pending.expires == world.clock // 1000 + 599


async def test_the_answer_carries_code_state_and_whose_answer_it_is(app):
    said = await app.granted(patient="p-1")
    assert said.keys() == {"code", "state", "iss"}
    assert (said["state"], said["iss"]) == ("a-state", "http://127.0.0.1")
    assert len(said["code"]) == 43


LOST: list[dict[str, str | None]] = [
    {"client_id": "nobody"},
    {"client_id": ""},
    {"client_id": None},
    {"redirect_uri": None},
    {"redirect_uri": ""},
    {"redirect_uri": BACK + "/"},
    {"redirect_uri": BACK + "?x=y"},
    {"redirect_uri": BACK.upper()},
    {"redirect_uri": "https://app.example.evil/back"},
    {"redirect_uri": "https://evil.example/https://app.example/back"},
    {"redirect_uri": "https://app.example/back/../evil"},
    {"redirect_uri": "javascript:alert(1)"},
]


async def test_T10_who_is_unknown_or_asks_to_be_answered_elsewhere_is_sent_nowhere(app, world):
    for wrong in LOST:
        answer = await app.asks(**wrong)
        assert answer.status_code == 400, wrong
        assert "location" not in answer.headers
        assert answer.headers["content-type"].startswith("text/plain")
        assert "evil" not in answer.text
        assert [event[3] for event in await audited(world)][-1] is False


async def test_T10_a_client_or_an_address_that_stands_twice_is_sent_nowhere(app):
    for name in ("client_id", "redirect_uri"):
        pairs = [*app.query().items(), (name, app.query()[name])]
        answer = await app.http.get("/auth/authorize", params=pairs)
        assert answer.status_code == 400
        assert "location" not in answer.headers


WRONG: list[tuple[dict[str, str | None], str]] = [
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_type": None}, "unsupported_response_type"),
    ({"aud": None}, "invalid_request"),
    ({"aud": ""}, "invalid_request"),
    ({"aud": "https://other.example/fhir/R4"}, "invalid_request"),
    ({"aud": "http://127.0.0.1/fhir"}, "invalid_request"),
    ({"scope": None}, "invalid_scope"),
    ({"scope": ""}, "invalid_scope"),
    ({"scope": "nonsense patient/goal.rs system/*.rs user/Goal.sr"}, "invalid_scope"),
    ({"state": None}, "invalid_request"),
    ({"state": "x" * 2001}, "invalid_request"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"prompt": "none"}, "interaction_required"),
    ({"request": "a.b.c"}, "request_not_supported"),
    ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
    ({"launch": "unknown"}, "invalid_request"),
]


async def test_T10_other_mistakes_go_back_to_the_app_with_a_word_of_the_standard(app, world):
    for wrong, error in WRONG:
        answer = await app.asks(**wrong)
        assert answer.status_code == 303, wrong
        said = answered(answer.headers["location"])
        assert said["error"] == error, wrong
        assert said["iss"] == "http://127.0.0.1"
        assert said.get("state") == {"state": "a-state", **wrong}["state"]
        assert "code" not in said
        assert (await audited(world))[-1] == ("authorize", app.client.id, "", False, error)


PKCE: dict[str, dict[str, str | None]] = {
    "missing": {"code_challenge": None, "code_challenge_method": None},
    "blank": {"code_challenge": ""},
    "wrong": {"code_challenge": "not+a+sha256"},
    "plain": {"code_challenge_method": "plain"},
    "plain by silence": {"code_challenge_method": None},
    "too short": {"code_challenge": "a" * 42},
    "padded": {"code_challenge": "a" * 42 + "="},
    "S512": {"code_challenge_method": "S512"},
}


async def test_inferno_smart_pkce_challenge_is_needed_and_S256_alone(app):
    for name, wrong in PKCE.items():
        assert answered((await app.asks(**wrong)).headers["location"])["error"] == "invalid_request", name


async def test_a_parameter_that_stands_twice_is_an_invalid_request(app):
    answer = await app.http.get("/auth/authorize", params=[*app.query().items(), ("scope", "openid")])
    assert answered(answer.headers["location"])["error"] == "invalid_request"


async def test_a_form_that_cannot_be_read_is_sent_nowhere(app):
    for body in (b"\xff\xfe=1", b"&".join(b"a=1" for _ in range(60)), b"client_id=%00"):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await app.http.post("/auth/authorize", content=body, headers=kind)
        assert answer.status_code == 400, body
    answer = await app.http.post("/auth/authorize", data={"client_id": "x" * 70_000})
    assert answer.status_code == 413
    assert (await app.http.post("/auth/authorize", json={})).status_code == 415
    assert (await app.http.put("/auth/authorize")).headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("aud", [R4, R4 + "/", "http://127.0.0.1/fhir/R5"])
async def test_the_request_is_for_one_of_our_fhir_doors(app, aud):
    assert await app.waits(aud=aud)


async def test_words_without_meaning_or_use_are_left_out(world):
    scope = "openid user/Goal.rs nonsense user/Goal.cruds patient/Goal.read launch offline_access system/*.rs"
    app = await App.of(world, scope, grant_types=["authorization_code"])
    pending = await world.service.requests.pending(await app.waits())
    assert pending.scopes == ("openid", "user/Goal.rs", "user/Goal.cruds", "patient/Goal.read")


async def test_a_client_that_registered_fewer_scopes_gets_no_more(world):
    scope = "openid user/Goal.rs user/Goal.cruds user/Goal.s?category=a|b user/Task.r user/Goal.read"
    app = await App.of(world, scope, only="openid user/Goal.rs")
    pending = await world.service.requests.pending(await app.waits())
    assert pending.scopes == ("openid", "user/Goal.rs", "user/Goal.s?category=a|b", "user/Goal.read")


async def test_a_native_app_may_use_any_port_of_the_loopback_address(world):
    app = await App.of(world, redirect_uris=["http://127.0.0.1/cb", "http://[::1]:1/cb", "http://localhost:4000/cb"])
    good = ["http://127.0.0.1/cb", "http://127.0.0.1:5123/cb", "http://[::1]:77/cb", "http://localhost:4000/cb"]
    bad = [
        *("http://127.0.0.1:5123/other", "http://127.0.0.2/cb", "http://127.0.0.1:0/cb", "http://127.0.0.1:x/cb"),
        *("http://u@127.0.0.1:1/cb", "https://127.0.0.1/cb", "http://127.0.0.1:5123/cb?x=y", "http://localhost:1/cb"),
    ]
    for address in good:
        assert (await app.asks(redirect_uri=address)).status_code == 303, address
    for address in bad:
        assert (await app.asks(redirect_uri=address)).status_code == 400, address


# the decision


async def test_a_request_is_decided_once(app, world):
    id_, requests = await app.waits(), world.service.requests
    await requests.grant(id_, NURSE, Decision(scopes=("openid",)))
    assert await requests.pending(id_) is None
    for late in (requests.grant(id_, NURSE, Decision(scopes=("openid",))), requests.deny(id_, NURSE)):
        with pytest.raises(Problem) as raised:
            await late
        assert raised.value.trouble is Trouble.NOT_FOUND


async def test_a_request_waits_ten_minutes(app, world):
    id_ = await app.waits()
    world.later(minutes=9, seconds=59)
    assert await world.service.requests.pending(id_)
    world.later(seconds=2)
    assert await world.service.requests.pending(id_) is None
    with pytest.raises(Problem):
        await world.service.requests.grant(id_, NURSE, Decision(scopes=("openid",)))


@pytest.mark.parametrize("account", [NURSE, None])
async def test_a_no_goes_back_as_access_denied(app, world, account):
    said = answered(await world.service.requests.deny(await app.waits(), account))
    assert (said["error"], said["state"]) == ("access_denied", "a-state")
    assert (await audited(world))[-1][3:] == (False, "access_denied")


async def test_nothing_granted_is_a_no(app):
    assert (await app.granted(scopes=""))["error"] == "access_denied"


@pytest.mark.parametrize(
    "more",
    [
        "user/*.cruds system/*.cruds",
        "profile",
        "user/*.cruds patient/Goal.rs",
        "openid nonsense",
        "user/Goal.*?category=a",
    ],
)
async def test_no_more_is_granted_than_was_asked(app, more):
    with pytest.raises(Problem) as raised:
        await app.granted(scopes=more, patient="p-1")
    assert raised.value.trouble is Trouble.BAD_VALUE


async def test_less_may_be_granted_down_to_a_part_of_a_word(app):
    said = await app.granted(scopes="user/Goal.rs user/Condition.r?category=a|b openid")
    answer = (await app.exchanges(said["code"])).json()
    assert answer["scope"] == "user/Goal.rs user/Condition.r?category=a|b openid"


async def test_an_app_that_asks_about_one_person_is_told_whose_plan_it_is(app):
    with pytest.raises(Problem) as raised:
        await app.granted()
    assert raised.value.trouble is Trouble.REQUIRED
