"""The recipes of the papers are run as they stand: what a reader pastes must work."""

import gzip
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli import TRY
from api.demonstration_data import ADA
from tests.house.tree import text
from tests.support.postgres import borrowed_database
from tests.support.served import Served, environment, serving

TOUR = "## A tour of ten minutes\n"
HERE = "http://127.0.0.1:8000"
"""Where the papers say that the service is."""
CURL = (
    '#!/bin/sh\nexec {curl} --show-error --write-out "%{{stderr}}answered %{{http_code}} %{{url_effective}}\\n" "$@"\n'
)
"""A curl that says beside the answer which status it had."""
GOAL = {"resourceType": "Goal", "id": "g", "lifecycleStatus": "active", "subject": {"reference": "Patient/p"}}


def recipes(name: str, chapter: str = "") -> list[str]:
    """The shell blocks of a paper, in order; those of one chapter when its heading is given."""
    paper = text(name)
    if chapter:
        paper = paper.partition(chapter)[2].partition("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```", paper, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout as the papers know it: `.venv` is there, with our commands in it."""
    made = tmp_path_factory.mktemp("recipes")
    (made / ".venv").symlink_to(sys.prefix)
    return made


@pytest.fixture(scope="module")
def talking(folder: Path) -> None:
    """The curl of this machine, telling the status of each answer."""
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("the recipes are for curl, which is not installed here")
    (folder / "bin").mkdir()
    (folder / "bin" / "curl").write_text(CURL.format(curl=curl), "utf-8")
    (folder / "bin" / "curl").chmod(0o755)


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Served]:
    with serving(folder, "--demo", ONEPLAN_DEVELOPMENT_KEY=str(folder / "key.json")) as server:
        yield server


def pasted(folder: Path, script: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """What a shell in that folder says; the first command that fails ends it."""
    settings = {"ONEPLAN_DEVELOPMENT_KEY": str(folder / "key.json"), **settings}
    command = ["bash", "-c", f'set -eu -o pipefail\nPATH="$PWD/bin:$PATH"\n{script}']
    return subprocess.run(
        command, cwd=folder, env=environment(**settings), capture_output=True, text=True, timeout=120, check=False
    )


def statuses(said: subprocess.CompletedProcess[str]) -> list[int]:
    """How each curl of a session was answered."""
    return [int(status) for status in re.findall(r"^answered (\d+) ", said.stderr, re.MULTILINE)]


@pytest.mark.usefixtures("talking")
def test_every_command_of_the_tour_works_in_the_order_it_stands(folder: Path, served: Served):
    tour = "\n".join(recipes("README.md", TOUR))
    assert HERE in tour
    # What the reader's own server keeps is at its usual place; this one's is here.
    said = pasted(folder, tour.replace(HERE, served.base), ONEPLAN_DATABASE=f"sqlite:///{folder / 'oneplan.db'}")
    assert said.returncode == 0, said.stderr
    answered = statuses(said)
    assert len(answered) == tour.count("curl -s"), said.stderr
    assert {status // 100 for status in answered} == {2}, said.stderr
    assert answered.count(201) == 2, "the goal of the EHR and the action of the landlord"


@pytest.mark.usefixtures("talking")
def test_every_command_for_the_integrator_works_in_the_order_it_stands(folder: Path, served: Served):
    script = "\n".join(recipes("docs/fhir.md"))
    said = pasted(folder, script.replace(HERE, served.base))
    assert said.returncode == 0, said.stderr
    answered = statuses(said)
    assert len(answered) == script.count("curl -s"), said.stderr
    assert {status // 100 for status in answered} == {2}, said.stderr


@pytest.mark.usefixtures("talking")
def test_the_lines_that_a_server_prints_are_answered_as_it_says(folder: Path, served: Served):
    lines = [line for line in served.told.splitlines() if line.startswith("curl")]
    told = re.findall(r"^# (.*)$", served.told, re.MULTILINE)
    expected = [404 if "(404)" in line else 200 for line in told]
    assert len(lines) == len(told) == len(TRY)
    assert expected == [200] * (len(TRY) - 1) + [404]
    said = pasted(folder, "\n".join(lines))
    assert statuses(said) == expected, said.stderr


def test_your_own_fhir_is_brought_in_by_the_third_command(folder: Path):
    command = next(block for block in recipes("README.md") if "oneplan import" in block)
    person = {"resourceType": "Patient", "id": "p", "name": [{"family": "Import"}]}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": person}]}
    (folder / "folder").mkdir()
    (folder / "bundle.json").write_text(json.dumps(bundle), "utf-8")
    (folder / "folder" / "goal.json").write_text(json.dumps(GOAL | {"description": {"text": "One"}}), "utf-8")
    (folder / "export.ndjson.gz").write_bytes(gzip.compress(json.dumps(person | {"id": "q"}).encode()))
    said = pasted(folder, command, ONEPLAN_DATABASE=f"sqlite:///{folder / 'imported.db'}")
    assert said.returncode == 0, said.stderr
    counts = dict(re.findall(r"^ *(read|created|refused) +(\d+) *$", said.stdout, re.MULTILINE))
    assert counts == {"read": "3", "created": "3", "refused": "0"}


def test_a_plan_leaves_and_comes_back_as_the_papers_say(folder: Path, served: Served):
    paper = text("docs/operations.md")
    export, bring = (re.search(rf"`(oneplan {word} [^`]+)`", paper) for word in ("export", "import"))
    assert export
    assert bring
    other = f"sqlite:///{folder / 'other.db'}"
    script = f"""
        .venv/bin/{export[1].replace("ID", ADA)} --as ehr-rx1 >ada.json
        .venv/bin/{bring[1].replace("PATH...", "ada.json").replace("URL", other).replace("WORKER", "ehr-rx1")} --strict
    """
    said = pasted(folder, script, ONEPLAN_DATABASE=f"sqlite:///{folder / 'oneplan.db'}")
    assert said.returncode == 0, said.stderr


def test_a_postgresql_database_is_brought_up_to_date_as_the_papers_say(folder: Path, postgres_url: str):
    block = next(block for block in recipes("docs/operations.md") if "postgresql://" in block)
    *before, serve = block.strip().splitlines()
    assert serve.startswith(".venv/bin/oneplan serve")
    with borrowed_database(postgres_url) as url:
        said = pasted(folder, re.sub(r"postgresql://\S+", url, "\n".join(before)))
    assert (said.returncode, said.stdout) == (0, "The database is up to date.\n"), said.stderr
