"""The command line, as people and the build use it: what it prints, where it prints it, and how it ends."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from api import cli
from api.demonstration_data import ADA, WORKERS
from api.settings import Settings
from auth import development
from auth.keys import Keys
from auth.tokens import Tokens
from db import migrate
from plan.model import Role

ONEPLAN = [sys.executable, "-m", "api.cli"]
HEALTH = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"}, "code": {"text": "Gout"}}


class Said:
    """What a command printed, and how it ended."""

    def __init__(self, status: int, out: str, error: str) -> None:
        self.status, self.out, self.error = status, out, error


Oneplan = Callable[..., Said]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, development_key: Path) -> Path:
    """A folder of data that is not there yet, and the environment that names it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONEPLAN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ONEPLAN_DEVELOPMENT_KEY", str(development_key))
    for name in ("ONEPLAN_DATABASE", "ONEPLAN_PRODUCTION"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "data"


@pytest.fixture
def oneplan(data: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Oneplan:
    """Run a command in this process."""

    def run(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["oneplan", *map(str, words)])
        capfdbinary.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, error = capfdbinary.readouterr()
        return Said(int(ended.value.code or 0), out.decode(), error.decode())

    return run


async def test_a_token_is_all_that_is_printed_and_it_is_good(oneplan: Oneplan, development_key: Path) -> None:
    said = oneplan("token", "--as", "bea-test")
    assert (said.status, said.error, said.out.count("\n")) == (0, "", 1)
    issuers = [development.issuer(development_key)]
    caller = await Tokens(issuers, Keys(issuers)).caller(f"Bearer {said.out.strip()}")
    assert (caller.subject, caller.role, caller.agency) == ("bea-test", Role.CARER, "bea-test")
    assert caller.scopes.allow("c", "Goal")


@pytest.mark.parametrize("worker", WORKERS)
async def test_every_worker_of_the_list_has_a_token_that_says_who_they_are(worker: str, development_key: Path) -> None:
    row = WORKERS[worker]
    token = cli.token_of(row, Settings(development_key=development_key))
    issuers = [development.issuer(development_key)]
    caller = await Tokens(issuers, Keys(issuers)).caller(f"Bearer {token}")
    assert (caller.subject, caller.agency, caller.role, caller.person) == (worker, row.agency, row.role, row.person)
    assert caller.scopes.allow("s", "Patient")


def test_the_list_of_workers_is_one_json_object_a_line(oneplan: Oneplan) -> None:
    rows = [json.loads(line) for line in oneplan("token", "--list").out.splitlines()]
    assert {tuple(row) for row in rows} == {("worker", "role", "agency", "name")}
    assert [row["worker"] for row in rows] == list(WORKERS)
    assert {row["name"] for row in rows if row["agency"] == "HA1"} == {"Test Housing Association"}


REFUSED = [
    (["token"], "--as WORKER"),
    (["token", "--as", "nobody"], "nobody is none of the made-up workers"),
    (["import", "nowhere.json", "--as", "ehr-rx1"], "nowhere.json"),
    (["import", "nowhere.json", "--as", "nobody"], "nobody is no worker in the directory"),
    (["export", "--person", "nobody"], "no such thing"),
    (["demo", "--database", "mysql://127.0.0.1/x"], "no database of ours"),
]


@pytest.mark.parametrize("words, why", REFUSED)
def test_what_cannot_be_done_is_said_in_a_sentence(oneplan: Oneplan, words: list[str], why: str) -> None:
    oneplan("db", "upgrade")
    said = oneplan(*words)
    assert (said.status, said.out) == (1, "")
    assert why in said.error
    assert "Traceback" not in said.error


@pytest.mark.parametrize("words", [["token", "--as", "ehr-rx1"], ["demo"], ["serve", "--demo"]])
def test_made_up_people_stay_out_of_production(
    oneplan: Oneplan, monkeypatch: pytest.MonkeyPatch, words: list[str], data: Path
) -> None:
    monkeypatch.setenv("ONEPLAN_PRODUCTION", "true")
    said = oneplan(*words)
    assert said.status == 1
    assert "production" in said.error
    assert not data.exists()


def test_a_database_is_made_with_its_folder_and_upgraded(oneplan: Oneplan, data: Path) -> None:
    assert oneplan("db", "upgrade").out == "The database is up to date.\n"
    assert migrate.is_current(f"sqlite:///{data / 'oneplan.db'}")


def test_the_demonstration_is_loaded_once(oneplan: Oneplan, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'down' / 'x.db'}"
    assert oneplan("demo", "--database", url).out == "Larch Court is loaded.\n"
    assert oneplan("demo", "--database", url).out == "Larch Court was there already.\n"


def test_an_import_ends_with_what_became_of_everything(oneplan: Oneplan, tmp_path: Path) -> None:
    (tmp_path / "clinic").mkdir()
    (tmp_path / "clinic" / "c.json").write_text(json.dumps(HEALTH))
    (tmp_path / "clinic" / "bad.json").write_text("{")
    said = oneplan("import", tmp_path / "clinic", "--as", "ehr-rx1")
    counts = {key: int(value) for key, value in re.findall(r"^ *([a-z ]+?) +(\d+) *$", said.out, re.MULTILINE)}
    assert said.status == 0
    assert counts["read"] == counts["created"] == counts["people begun"] == counts["refused"] == 1
    assert re.search(r"1 refused: it is not JSON.*\n.*bad\.json: Not JSON", said.out)
    assert "importing" in said.error
    assert oneplan("import", tmp_path / "clinic", "--as", "ehr-rx1", "--strict").status == 1
    assert oneplan("import", tmp_path / "clinic" / "bad.json", "--as", "ehr-rx1").status == 1
    assert oneplan("import", tmp_path / "clinic" / "c.json", "--as", "ehr-rx1", "--strict").status == 0


def test_an_export_is_a_bundle_on_stdout_and_says_beside_it_what_is_left_out(oneplan: Oneplan, tmp_path: Path) -> None:
    oneplan("demo")
    own = oneplan("export", "--person", ADA)
    assert json.loads(own.out)["resourceType"] == "Bundle"
    assert own.error.endswith("sections left out: safeguarding\n")
    theirs = oneplan("export", "--person", ADA, "--as", "ehr-rx1")
    assert theirs.error.endswith("sections left out: benefits\n")
    (tmp_path / "ada.json").write_text(theirs.out)
    other = f"sqlite:///{tmp_path / 'other.db'}"
    assert oneplan("import", tmp_path / "ada.json", "--database", other, "--as", "ehr-rx1", "--strict").status == 0
    again = oneplan("export", "--person", ADA, "--as", "ehr-rx1", "--database", other)
    assert again.error == theirs.error


def test_a_worker_of_the_directory_can_import_where_nobody_is_made_up(
    oneplan: Oneplan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    oneplan("demo")
    monkeypatch.setenv("ONEPLAN_PRODUCTION", "true")
    (tmp_path / "c.json").write_text(json.dumps(HEALTH))
    assert oneplan("import", tmp_path / "c.json", "--as", "clinician-rx1").status == 0
    assert oneplan("import", tmp_path / "c.json", "--as", "ada-test").status == 1


@pytest.fixture
def served(data: Path) -> Iterator[list[str]]:
    """The lines that a server of the demonstration prints before it serves; it is told to stop afterwards."""
    url = f"sqlite:///{data / 'oneplan.db'}"
    command = [*ONEPLAN, "serve", "--port", "0", "--demo", "--database", url]
    root = Path(cli.__file__).parents[1]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=root)
    told: list[str] = []
    try:
        assert server.stdout is not None
        while sum(line.startswith("curl") for line in told) < len(cli.TRY) and server.poll() is None:
            told.append(server.stdout.readline().strip())
        yield told
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) in (0, -signal.SIGTERM)
    finally:
        server.kill()
        server.communicate()


def test_the_lines_that_a_server_prints_work_when_they_are_pasted(served: list[str]) -> None:
    lines = [line for line in served if line.startswith("curl")]
    statuses = []
    for line in lines:
        header, address = re.fullmatch(r"curl -s -H \"(Authorization: Bearer [^\"]+)\" '([^']+)'", line).groups()  # type: ignore[union-attr]
        name, _, value = header.partition(": ")
        answer = httpx.get(address, headers={name: value}, timeout=60)
        statuses.append(answer.status_code)
    assert statuses == [200] * (len(lines) - 1) + [404]


def test_a_port_that_is_taken_is_told_before_anything_is_loaded(oneplan: Oneplan, data: Path) -> None:
    with cli.listen("127.0.0.1", 0) as taken:
        said = oneplan("serve", "--port", taken.getsockname()[1], "--demo")
    assert said.status == 1
    assert "cannot listen on 127.0.0.1" in said.error
    assert not data.exists()
