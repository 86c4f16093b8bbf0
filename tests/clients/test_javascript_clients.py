"""The FHIR clients of JavaScript drive the running service. They need Node: where it is not, the tests say so."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.house.tree import ROOT

HERE = Path(__file__).parent
NPM, NODE = shutil.which("npm"), shutil.which("node")
INSTALL = ("install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional", "--omit=peer")


@pytest.fixture(scope="module")
def clients() -> Path:
    """A folder with the clients in it, installed once from the lock."""
    if NPM is None or NODE is None:
        pytest.skip("Node and npm are not on this machine: the clients of JavaScript cannot be run")
    folder = ROOT / ".venv/clients"
    folder.mkdir(exist_ok=True)
    with FileLock(f"{folder}.lock"):
        wanted = (HERE / "package-lock.json").read_text("utf-8")
        kept = folder / "package-lock.json"
        if not (folder / "node_modules/.package-lock.json").exists() or kept.read_text("utf-8") != wanted:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder / name)
            subprocess.run([NPM, *INSTALL], cwd=folder, check=True, capture_output=True)
    for script in HERE.glob("*.?js"):
        shutil.copy(script, folder / script.name)
    return folder


def run(script: str, folder: Path, ready: Any, version: str) -> dict[str, Any]:
    """What a script says that it saw."""
    told = {"BASE": f"{ready.base}/fhir/{version}", "TOKEN": ready.token, "PERSON": ready.person}
    assert NODE
    done = subprocess.run(
        [NODE, script], cwd=folder, env={**os.environ, **told}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.mark.parametrize("version, number", [("R4", "4.0.1"), ("R5", "5.0.0")])
def test_fhir_kit_client_works_on_a_plan(clients, ready, version, number):
    said = run("kit.mjs", clients, ready, version)
    assert said.pop("pages")[:1] == [3]
    assert said.pop("posted") >= 4
    assert said == {
        "fhirVersion": number,
        "created": "1",
        "updated": ["2", "on-hold"],
        "patched": ["3", "active"],
        "stale": [412, "OperationOutcome"],
        "vread": "active",
        "history": ["3", "2", "1"],
        "compartment": [True],
        "transaction": ["201 Created", "201 Created"],
        "everything": "searchset",
        "gone": 410,
    }


# The client knows no release after R4 by its number, and calls it 0.
@pytest.mark.parametrize("version, release", [("R4", 4), ("R5", 0)])
def test_the_smart_client_works_on_a_plan(clients, ready, version, release):
    said = run("smart.cjs", clients, ready, version)
    assert said == {
        "release": release,
        "patient": True,
        "created": "Goal",
        "updated": "on-hold",
        "patched": "active",
        "found": 1,
        "plans": 9,  # the root and each section that a clinician reads
        "gone": 410,
    }
