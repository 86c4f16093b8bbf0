"""`oneplan client` and `oneplan keys`, as an operator uses them."""

import json

import pytest
from typer.testing import CliRunner

from api import cli
from tests.auth.foreign_issuer import ec_key, public_jwk


@pytest.fixture
def oneplan(tmp_path, monkeypatch, development_key):
    monkeypatch.setenv("ONEPLAN_DEVELOPMENT_KEY", str(development_key))
    monkeypatch.delenv("ONEPLAN_PRODUCTION", raising=False)
    url = f"sqlite:///{tmp_path / 'data' / 'oneplan.db'}"

    def run(*words: str, status: int = 0) -> str:
        done = CliRunner().invoke(cli.app, [*words, "--database", url])
        assert done.exit_code == status, done.output
        return done.output if status == 0 else str(done.exception)

    return run


def test_an_app_is_added_listed_and_removed(oneplan):
    said = json.loads(
        oneplan(*("client", "add", "An app", "--redirect", "https://a.example/x", "--method", "client_secret_basic"))
    )
    assert (said["client_name"], said["redirect_uris"]) == ("An app", ["https://a.example/x"])
    assert said["grant_types"] == ["authorization_code", "refresh_token"]
    assert len(said["client_secret"]) == 43
    public = json.loads(oneplan("client", "add", "Another", "--redirect", "https://b.example/", "--scope", "openid"))
    assert (public["token_endpoint_auth_method"], public["scope"]) == ("none", "openid")
    listed = oneplan("client", "list")
    assert [json.loads(line)["name"] for line in listed.splitlines()] == ["An app", "Another"]
    assert said["client_secret"] not in listed
    assert "secret" not in json.loads(listed.splitlines()[1])
    assert oneplan("client", "remove", said["client_id"]) == f"{said['client_id']} is removed.\n"
    assert len(oneplan("client", "list").splitlines()) == 1
    assert "no client of this id" in oneplan("client", "remove", "nobody", status=1)


def test_a_backend_service_is_added_with_its_keys(oneplan, tmp_path):
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [public_jwk(ec_key("backend", "P-384"), "key")]}), "utf-8")
    words = ["client", "add", "Lab", "--jwks", str(file), "--scope", "system/Observation.c"]
    said = json.loads(oneplan(*words, "--agency", "RX1", "--role", "clinician"))
    assert said["token_endpoint_auth_method"] == "private_key_jwt"
    assert said["grant_types"] == ["client_credentials"]
    remote = ["client", "add", "Lab", "--jwks-uri", "https://lab.example/jwks", "--scope", "system/*.rs"]
    said = json.loads(oneplan(*remote, "--agency", "RX1", "--role", "clinician"))
    assert said["jwks_uri"] == "https://lab.example/jwks"
    assert "nobody has said" in oneplan(*words, status=1)
    assert "Say both" in oneplan(*words, "--agency", "RX1", status=1)
    assert "Say both" in oneplan(*words, "--agency", "RX1", "--role", "wizard", status=1)
    assert "invalid_redirect_uri" in oneplan("client", "add", "x", "--redirect", "http://a.example", status=1)


def test_an_invitation_and_new_keys_are_made(oneplan):
    assert len(oneplan("client", "invite").strip()) == 43
    assert len(oneplan("client", "invite", "--agency", "RX1", "--role", "clinician").strip()) == 43
    first = oneplan("keys", "rotate")
    assert first.startswith("New keys: ")
    assert oneplan("keys", "rotate") != first
