"""What a deployment may configure as a trusted issuer, and what it may not."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from auth.issuers import Issuer
from tests.auth.foreign_issuer import ISSUER

GIVEN: Mapping[str, Any] = {"issuer": ISSUER, "audience": "oneplan", "jwks_uri": "https://login.council.example/keys"}

REFUSED: list[Mapping[str, Any]] = [
    {"issuer": ""},
    {"audience": ""},
    {"audience": []},
    {"jwks": {"keys": []}},
    {"jwks_uri": None},
    {"algorithms": []},
    {"algorithms": ["HS256"]},
    {"algorithms": ["none"]},
    {"algorithms": ["RS512"]},
    {"claims": {"role": ""}},
    {"claims": {"role": "a..b"}},
    {"claims": {"role": []}},
    {"claims": {"rank": "role"}},
    {"roles": {"boss": "boss"}},
    {"agencies": {"E07": "not an id"}},
    {"agencies": {"E07": ".."}},
    {"secret": "x"},
    *(
        {"jwks_uri": address}
        for address in (
            "",
            "keys",
            "https://",
            "http://login.council.example/keys",
            "http://127.0.0.1.evil.example/keys",
            "https://user@login.council.example/keys",
            "https://:secret@login.council.example/keys",
            "https://login.council.example/keys#x",
            "ftp://127.0.0.1/keys",
            "file:///etc/keys",
        )
    ),
]


@pytest.mark.parametrize("otherwise", REFUSED)
def test_a_service_does_not_start_with_an_issuer_that_cannot_be_meant(otherwise: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Issuer(**{**GIVEN, **otherwise})


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "[::1]:8080", "localhost"])
def test_keys_may_be_fetched_in_the_clear_on_this_machine_only(host: str) -> None:
    assert Issuer(**{**GIVEN, "jwks_uri": f"http://{host}/keys"}).jwks_uri == f"http://{host}/keys"


def test_one_word_is_a_list_of_one_and_dots_part_the_steps_of_a_path() -> None:
    issuer = Issuer(**{**GIVEN, "claims": {"role": "realm.roles", "agency": ["https://x.example/org"]}})
    assert issuer.audience == ("oneplan",)
    assert issuer.claims.role == ("realm", "roles")
    assert issuer.claims.agency == ("https://x.example/org",)
    assert issuer.claims.name == ("name",)


def test_an_issuer_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Issuer(**GIVEN).issuer = "https://evil.example"  # type: ignore[misc]
