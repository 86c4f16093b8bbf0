"""Tokens for one's own machine: good at the service beside, and never in production."""

import asyncio
import json
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from auth import development
from auth.keys import Keys
from auth.tokens import Tokens
from plan.model import AgencyId, PersonId, Role, Subject
from plan.problem import Problem, Trouble
from tests.auth.foreign_issuer import NOW

WORKER: dict[str, Any] = {
    "subject": Subject("ada"),
    "agency": AgencyId("northtown"),
    "role": Role.HOUSING_OFFICER,
    "scopes": "user/*.cruds",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "key.json"


def service(path: Path, now: float) -> Tokens:
    issuers = [development.issuer(path)]
    return Tokens(issuers, Keys(issuers), lambda: now)


def test_a_development_token_is_good_at_a_service_that_trusts_the_development_issuer(path: Path) -> None:
    text = development.token(path, **WORKER, name="Ada Obi", now=lambda: NOW + 0.7)
    found = asyncio.run(service(path, NOW).caller(f"Bearer {text}"))
    assert (found.subject, found.agency, found.role) == ("ada", "northtown", Role.HOUSING_OFFICER)
    assert (found.name, found.person, found.client) == ("Ada Obi", None, "oneplan-development")
    assert found.expires == NOW + 8 * 3600
    assert found.scopes.allow("u", "CarePlan")


def test_a_development_token_of_a_person_says_whose_plan_is_theirs(path: Path) -> None:
    person = {**WORKER, "role": Role.PERSON}
    text = development.token(path, **person, person=PersonId("p-1"), client="phone", now=lambda: NOW)
    found = asyncio.run(service(path, NOW).caller(f"Bearer {text}"))
    assert (found.person, found.client) == ("p-1", "phone")


def test_a_development_token_lives_as_long_as_it_is_told_to(path: Path) -> None:
    text = development.token(path, **WORKER, lifetime=timedelta(minutes=5), now=lambda: NOW)
    with pytest.raises(Problem) as raised:
        asyncio.run(service(path, NOW + 361).caller(f"Bearer {text}"))
    assert raised.value.trouble is Trouble.EXPIRED


def test_each_development_token_has_an_id_of_its_own(path: Path) -> None:
    tokens = service(path, NOW)
    texts = [development.token(path, **WORKER, now=lambda: NOW) for _ in range(2)]
    assert len({asyncio.run(tokens.caller(f"Bearer {text}")).token_id for text in texts}) == 2


def test_the_service_is_given_the_public_key_only(path: Path) -> None:
    jwks = development.issuer(path).jwks
    assert jwks is not None
    assert [set(key) for key in jwks["keys"]] == [{"kty", "crv", "x", "y", "kid", "alg", "use"}]


def test_the_key_is_kept_and_only_its_owner_may_read_it(path: Path) -> None:
    first = development.issuer(path)
    assert development.issuer(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_all_who_start_at_once_agree_on_one_key(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: development.issuer(path), range(16)))
    assert all(issuer == found[0] for issuer in found)
    assert list(path.parent.iterdir()) == [path]


def test_who_comes_second_takes_the_key_of_the_first(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = development.issuer(path)
    exists = Path.exists
    monkeypatch.setattr(Path, "exists", lambda at, **how: at != path and exists(at, **how))
    assert development.issuer(path) == first
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("broken", ["", "{", "[]", "{}", json.dumps({"kty": "EC"}), "7"])
def test_a_file_that_is_no_key_is_named_and_left_alone(path: Path, broken: str) -> None:
    path.parent.mkdir()
    path.write_text(broken)
    with pytest.raises(ValueError, match=r"key\.json is not a development key"):
        development.issuer(path)
    assert path.read_text() == broken


def test_the_key_is_kept_in_the_environment_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    text = development.token(**WORKER, now=lambda: NOW)
    assert (tmp_path / "var" / "oneplan-development-key.json").is_file()
    issuers = [development.issuer()]
    tokens = Tokens(issuers, Keys(issuers), lambda: NOW)
    assert asyncio.run(tokens.caller(f"Bearer {text}")).subject == "ada"


def test_production_does_not_trust_the_development_issuer() -> None:
    development.refuse_in_production(production=False)
    with pytest.raises(ValueError, match="cannot be trusted in production"):
        development.refuse_in_production(production=True)
