"""`oneplan account`: who can sign in, from the command line, as an administrator types it."""

import os

import pytest
from typer.testing import CliRunner

from api import account_command, cli
from api.demonstration_accounts import load
from api.demonstration_data import WORKERS
from auth.sign_in.common import DEMONSTRATION
from tests.support.sign_in import PASSWORD, account, browser

ADD = ("add", "Nurse1", "--role", "clinician", "--agency", "RX1", "--name", "Nurse One", "--password-stdin")


@pytest.fixture
def oneplan(database_url, monkeypatch, development_key):
    """The command on a database of its own: what it printed, and 0; or what it refused, and 1."""
    for name in [name for name in os.environ if name.startswith("ONEPLAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ONEPLAN_DATABASE", database_url)
    monkeypatch.setenv("ONEPLAN_DEVELOPMENT_KEY", str(development_key))

    def run(*words, said=""):
        done = CliRunner().invoke(cli.app, ["account", *words], input=said)
        if isinstance(done.exception, ValueError):
            return str(done.exception), 1
        assert done.exit_code == 0, done.output
        return done.output, 0

    return run


@pytest.fixture
def nurse(oneplan):
    assert oneplan(*ADD, said=f"{PASSWORD}\n") == ("nurse1 can sign in.\n", 0)
    return oneplan


def row(oneplan):
    return oneplan("list")[0].rstrip("\n").split("\t")


def test_an_account_is_added_listed_and_removed(nurse):
    assert row(nurse) == ["nurse1", "clinician", "RX1", "Nurse One"]
    assert nurse(*ADD, said=f"{PASSWORD}\n") == ("There is an account nurse1 already.", 1)
    assert nurse("remove", "NURSE1")[0] == "nurse1 is removed.\n"
    assert nurse("list") == ("", 0)
    assert nurse("remove", "nurse1") == (
        "There is no account nurse1. `oneplan account list` names them all.",
        1,
    )


def test_the_password_can_be_typed_and_is_never_shown(oneplan):
    output, status = oneplan(*ADD[:-1], said=f"{PASSWORD}\n{PASSWORD}\n")
    assert status == 0
    assert PASSWORD not in output
    assert oneplan(*ADD[:-1], said=f"{PASSWORD}\nanother one\n") == ("That was another password.", 1)


REFUSED = {
    "short password": (ADD, "short\n", "at least 12 characters"),
    "common password": (ADD, "password1234\n", "tried first"),
    "the user name as a password": (("add", "nurse-of-rx1", *ADD[2:]), "nurse-of-rx1\n", "tried first"),
    "user name": (("add", "nurse:1", *ADD[2:]), PASSWORD, "is no user name"),
    "agency": ((*ADD, "--agency", "a/b"), PASSWORD, "must be an id"),
    "subject": ((*ADD, "--subject", "idp:1"), PASSWORD, "form of a user name"),
    "name": ((*ADD, "--name", " "), PASSWORD, "a line of text"),
    "person without a plan": ((*ADD, "--role", "person"), PASSWORD, "--person goes with"),
    "plan without a person": ((*ADD, "--person", "p1"), PASSWORD, "--person goes with"),
    "person that is no id": ((*ADD, "--role", "person", "--person", "a/b"), PASSWORD, "must be an id"),
    "fhirUser": ((*ADD, "--fhir-user", "nurse"), PASSWORD, "Type/ID"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_an_account_is_refused_with_a_sentence(oneplan, case):
    words, said, sentence = REFUSED[case]
    told, status = oneplan(*words, said=said)
    assert status == 1
    assert sentence in told
    assert oneplan("list") == ("", 0)


def test_a_person_signs_in_as_themself(oneplan):
    words = ("add", "ada", "--role", "person", "--agency", "ada", "--name", "Ada", "--person", "p1", "--password-stdin")
    assert oneplan(*words, said=PASSWORD)[1] == 0
    assert row(oneplan) == ["ada", "person", "ada", "Ada"]
    assert oneplan("change", "ada", "--role", "carer") == ("A person's account stays a person's.", 1)
    assert oneplan("change", "ada", "--role", "person")[1] == 1


def test_an_account_is_locked_and_unlocked(nurse):
    assert nurse("lock", "nurse1")[0] == "nurse1 is locked; its sessions have ended.\n"
    assert row(nurse)[4:] == ["locked"]
    nurse("unlock", "nurse1")
    assert row(nurse)[4:] == []


def test_codes_are_asked_for_or_not(nurse):
    assert nurse("totp", "nurse1")[0] == "nurse1 needs to set up an app at the next sign-in.\n"
    assert row(nurse)[4:] == ["code due"]
    nurse("totp", "nurse1", "--off")
    assert row(nurse)[4:] == []


def test_role_agency_and_password_change(nurse):
    told = nurse("change", "nurse1", "--role", "coordinator", "--agency", "RX9", "--password-stdin", said=PASSWORD)
    assert told == ("nurse1 is changed; its sessions have ended.\n", 0)
    assert row(nurse) == ["nurse1", "coordinator", "RX9", "Nurse One"]
    assert nurse("change", "nurse1", "--agency", "a/b") == ("The agency must be an id.", 1)


async def test_the_command_and_the_pages_are_about_the_same_accounts(world):
    """In one process: what the command does is done through the functions that the pages read."""
    login = await account(world)
    at = browser(world)
    await at.sign_in("nurse1")
    assert (await at.get("/auth/you")).status_code == 200
    await account_command._put(world.service, login, "account-changed")
    assert (await at.get("/auth/you")).status_code == 303
    rows = await world.database.rows("select type, subject, target from audit_event where door = 'cli'")
    assert [tuple(one) for one in rows] == [("account-changed", "oneplan-cli", "nurse1")]


async def test_everybody_of_larch_court_can_sign_in_with_the_password_that_is_told(world):

    assert await load(world.service.sign_in)
    assert not await load(world.service.sign_in), "loading again changes nothing"
    kept = {login.login for login in await world.service.sign_in.kept.every()}
    assert kept == {worker.worker for worker in WORKERS.values() if not worker.scopes.startswith("system/")}
    at = browser(world)
    assert (await at.sign_in("ada-test", DEMONSTRATION)).status_code == 303
    assert "Ada Test" in (await at.get("/auth/you")).text
