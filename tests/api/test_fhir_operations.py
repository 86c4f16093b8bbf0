"""The table of operations: what is published is what is done, and what is only reserved is not there."""

import json
from pathlib import Path

import pytest

from api.operations import OPERATIONS
from fhir_facade.systems import OURS
from fhir_facade.validate import validate
from tests.house.tree import ROOT
from tests.support.r4 import JSON, R4, issue

PROFILES = Path(ROOT) / "fhir" / "profiles"
OWN = [row for row in OPERATIONS if row.definition.startswith(OURS)]


@pytest.mark.parametrize("row", OWN, ids=lambda row: row.name)
def test_an_operation_of_our_own_is_published_as_it_is_done(row):
    file = PROFILES / f"OperationDefinition-{row.definition.rpartition('/')[2]}.json"
    said = json.loads(file.read_text("utf-8"))
    validate(said, "OperationDefinition")
    assert said["url"] == row.definition
    assert said["code"] == row.name
    assert said["affectsState"] is not row.reads
    assert frozenset(level for level in ("system", "type", "instance") if said[level]) == row.levels
    assert frozenset(said["resource"]) == row.types


def test_no_level_of_a_type_has_two_operations_of_one_name():
    every = [(row.name, level, type_) for row in OPERATIONS for level in row.levels for type_ in row.types or {""}]
    assert len(every) == len(set(every))


ABSENT = ["Goal/$discharge-readiness", "$everything", "Goal/$match", "$nothing"]


@pytest.mark.parametrize("address", ABSENT)
async def test_what_is_not_done_here_is_not_there(world, address):
    client = world.client()
    assert issue(await client.get(f"{R4}/{address}"), 404)["code"] == "not-supported"
    sent = {"resourceType": "Parameters"}
    assert issue(await client.post(f"{R4}/{address}", json=sent, headers=JSON), 404)["code"] == "not-supported"


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: f"{row.name} {row.do.__name__}")
async def test_an_operation_needs_a_token_and_only_reads_by_get(world, row):
    type_ = next(iter(row.types), "Goal")
    level = min(row.levels)
    address = {"system": "", "type": f"{type_}/", "instance": f"{type_}/none/"}[level] + f"${row.name}"
    assert issue(await world.anonymous().get(f"{R4}/{address}"), 401)["code"] == "login"
    answer = await world.client().get(f"{R4}/{address}")
    assert (answer.status_code == 405) is not row.reads
