"""The interface description is what the door does: pinned, complete, and true of every kind and every problem."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.rest import app, pinned
from api.rest.openapi import document
from api.rest.routes import METHODS, Direct, router
from api.rest.shapes import TITLES
from plan.charter import ROWS, from_table
from plan.kinds import FRAME_KINDS, KINDS
from plan.problem import Trouble
from tests.access.routes import BARE
from tests.support.world import World

SHELF = pinned.SHELF
DESCRIPTION = document(app(None).routes)
OPERATIONS = [
    (path, method, said) for path, methods in DESCRIPTION["paths"].items() for method, said in methods.items()
]


def test_what_is_pinned_is_what_is_made(capsys: pytest.CaptureFixture[str]):
    assert pinned.main([]) == 0, capsys.readouterr().err


def test_a_difference_is_told_and_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert pinned.main([], tmp_path) == 1
    assert "rest.json differs" in capsys.readouterr().err
    assert pinned.main(["--update"], tmp_path) == 0
    assert pinned.main([], tmp_path) == 0


def test_the_charter_that_is_shown_is_the_one_in_force():
    assert from_table((SHELF / "charter.md").read_text(encoding="utf-8")) == ROWS


async def test_the_description_is_served(world: World):
    answer = await world.anonymous().get("/openapi.json")
    assert answer.json() == json.loads((SHELF / "rest.json").read_text(encoding="utf-8"))
    assert (await world.anonymous().get("/openapi.json")).content == answer.content


def _pointers(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (said for name, said in value.items() if name == "$ref")
        for member in value.values():
            yield from _pointers(member)
    elif isinstance(value, list):
        for member in value:
            yield from _pointers(member)


def test_whatever_is_pointed_at_is_there():
    for pointer in set(_pointers(DESCRIPTION)):
        place: Any = DESCRIPTION
        for part in pointer.removeprefix("#/").split("/"):
            assert part in place, pointer
            place = place[part]


def test_every_kind_has_its_schema_with_an_example():
    for kind in (*KINDS, *FRAME_KINDS):
        schema = DESCRIPTION["components"]["schemas"][TITLES[kind]]
        form = {**KINDS, **FRAME_KINDS}[kind].form
        assert set(form.model_fields) <= set(schema["properties"])
        assert schema["examples"]
        assert schema["additionalProperties"] is False


def test_no_schema_speaks_of_null_where_a_form_refuses_it():
    own = DESCRIPTION["components"]["schemas"]
    assert '"null"' not in json.dumps({kind: own[TITLES[kind]]["properties"] | {"restricted_to": 0} for kind in KINDS})


def test_every_problem_has_an_example():
    shown = {
        code
        for said in DESCRIPTION["components"]["responses"].values()
        for code in said["content"].popitem()[1]["examples"]
    }
    assert shown == {trouble.value.code for trouble in Trouble}


@pytest.mark.parametrize("path,method,said", OPERATIONS, ids=[f"{row[1]} {row[0]}" for row in OPERATIONS])
def test_every_operation_is_described(path: str, method: str, said: dict[str, Any]):
    assert said["summary"]
    assert said["operationId"]
    named = {one["name"] for one in said["parameters"] if one.get("in") == "path"}
    assert named == set(re.findall(r"{(\w+)}", path))
    assert ("requestBody" in said) == (method in ("post", "put", "patch") and not path.endswith(BARE))
    listed = {one.get("$ref", "").rpartition("/")[2] for one in said["parameters"]}
    unsafe = method in ("post", "put", "patch", "delete")
    assert ("Idempotency-Key" in listed) == unsafe
    # Several versions at once stand in the body.
    in_body = said["operationId"] == "sign_sections"
    assert ("412" in said["responses"]) == ("If-Match" in listed or in_body)
    # An answer to an item may name its version, and need not.
    may_only = said["operationId"] == "answer_item"
    assert ("428" in said["responses"]) == ("If-Match" in listed and not may_only)
    assert "X-Request-ID" in listed
    if path.startswith("/v1"):
        assert {"401", "404"} <= set(said["responses"])


def test_every_operation_has_a_name_of_its_own():
    names = [said["operationId"] for *_, said in OPERATIONS]
    assert len(names) == len(set(names))


def test_every_address_answers_to_every_method():
    answered: dict[str, set[str]] = {}
    for route in router().routes:
        assert isinstance(route, Direct)
        answered.setdefault(route.path, set()).update(route.methods or ())
    assert {path: set(METHODS) - methods for path, methods in answered.items() if set(METHODS) - methods} == {}
