"""The benchmark still runs: a tiny one, on SQLite. No time is asserted here; that is what `make bench` is for."""

import subprocess
import sys

import pytest

from bench.cpu import spent
from bench.scenarios import SCENARIOS
from bench.world import id_of, nhs_number
from plan import identity
from tests.house.tree import ROOT

LOADED = [0, 1, 7, 9_999, 999_999]


@pytest.fixture(scope="module")
def run() -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "bench",
        "--people",
        "20",
        "--seconds",
        "1",
        "--engine",
        "sqlite",
        "--examples",
        "none",
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_tiny_run_ends_well(run):
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("title", ["constant answer of bare uvicorn", *(one.title for one in SCENARIOS)])
def test_every_scenario_has_its_line_in_the_table(run, title):
    assert title in run.stdout


@pytest.mark.parametrize("number", LOADED)
def test_everybody_who_is_loaded_has_a_valid_nhs_number(number):
    assert identity.nhs_number(nhs_number(number)) == nhs_number(number)


def test_everybody_who_is_loaded_is_somebody_else():
    assert len({nhs_number(number) for number in range(5000)}) == 5000
    assert len({id_of(number, place) for number in range(100) for place in range(50)}) == 5000


def test_a_scenario_with_the_wrong_number_of_hits_is_told():
    search = next(one for one in SCENARIOS if one.hits == 1)
    assert not search.fault('{"entry": [{"resource": {}}]}')
    assert search.fault('{"entry": []}')
    assert search.fault("no JSON")


def test_processor_time_only_grows():
    before = spent(1)
    assert spent(1) >= before >= 0
    assert spent(None) == 0
