"""JSON Patch on a resource (fhir_facade.json_patch): RFC 6902, and that none of it runs away."""

from typing import Any

import pytest

from fhir_facade import exact, json_patch, patch
from fhir_facade.patching import LARGEST, MOST_OPERATIONS
from plan.problem import Problem, Trouble


def op(name, path, **more):
    return {"op": name, "path": path, **({"from": more.pop("source")} if "source" in more else {}), **more}


BEFORE = {"a": 1, "list": [1, 2, 3], "deep": {"b~/c": "x"}, "empty": "", "truth": True}
MADE = [
    ([], {}),
    ([op("add", "/new", value="x")], {"new": "x"}),
    ([op("add", "/a", value=2)], {"a": 2}),
    ([op("add", "/a", value=None)], {"a": None}),
    ([op("add", "/list/0", value=0)], {"list": [0, 1, 2, 3]}),
    ([op("add", "/list/3", value=4)], {"list": [1, 2, 3, 4]}),
    ([op("add", "/list/-", value=4)], {"list": [1, 2, 3, 4]}),
    ([op("remove", "/list/1")], {"list": [1, 3]}),
    ([op("replace", "/list/1", value="x")], {"list": [1, "x", 3]}),
    ([op("replace", "/deep/b~0~1c", value="y")], {"deep": {"b~/c": "y"}}),
    ([op("move", "/list/0", source="/list/2")], {"list": [3, 1, 2]}),
    ([op("move", "/a", source="/a")], {}),
    ([op("move", "/new", source="/empty"), op("move", "/empty", source="/new")], {}),
    ([op("copy", "/new", source="/list"), op("add", "/new/-", value=9)], {"new": [1, 2, 3, 9]}),
    ([op("test", "/a", value=1), op("test", "/list", value=[1, 2, 3]), op("test", "/deep", value={"b~/c": "x"})], {}),
    ([op("test", "", value=BEFORE)], {}),
    ([op("test", "/a", value=exact.Number("1.0"))], {}),
    ([op("remove", "/list/0")] * 3, {"list": None}),
    ([op("add", "/more", value={"x": {"y": []}})], {}),
]  # fmt: skip


@pytest.mark.parametrize("operations, after", MADE)
def test_row_25_a_patch_does_what_it_says(operations, after):
    before = exact.stored(exact.text(BEFORE))
    made = json_patch.apply(before, operations)
    wanted = {**BEFORE, **after}
    if wanted["list"] is None:
        del wanted["list"]  # FHIR knows no empty arrays
    assert made == wanted
    assert before == BEFORE


def test_the_whole_may_be_replaced():
    assert json_patch.apply(BEFORE, [op("add", "", value={"b": 1}), op("replace", "", value={"c": 1})]) == {"c": 1}


REFUSED = [
    (422, op("test", "/a", value=2)),
    (422, op("test", "/a", value="1")),
    (422, op("test", "/truth", value=1)),
    (422, op("test", "/list", value=[1, 2])),
    (422, op("test", "/deep", value={"b~/c": "x", "d": 1})),
    (422, op("test", "/none", value=1)),
    (422, op("remove", "/none")),
    (422, op("remove", "")),
    (422, op("remove", "/list/3")),
    (422, op("remove", "/list/-")),
    (422, op("replace", "/none", value=1)),
    (422, op("replace", "/a/b", value=1)),
    (422, op("add", "/none/b", value=1)),
    (422, op("add", "/list/4", value=1)),
    (422, op("add", "/a/b", value=1)),
    (422, op("move", "/deep/x", source="/deep")),
    (422, op("move", "/x", source="/none")),
    (422, op("copy", "/x", source="/none")),
    (400, op("add", "/list/01", value=1)),
    (400, op("add", "/list/x", value=1)),
    (400, op("add", "/list/9999999999", value=1)),
    (400, op("add", "/list/\u0661", value=1)),
    (400, op("add", "a", value=1)),
    (400, op("add", "/a~2", value=1)),
    (400, op("add", "/a")),
    (400, op("test", "/a")),
    (400, op("move", "/a")),
    (400, op("steal", "/a")),
    (400, {"op": "add", "value": 1}),
    (400, {"path": "/a"}),
    (400, "add"),
]  # fmt: skip


@pytest.mark.parametrize("status, bad", REFUSED)
def test_row_25_what_fails_says_which_operation_it_was(status, bad):
    said = problem([op("test", "/a", value=1), bad])
    assert (said.trouble.value.status, said.faults[0].where[0]) == (status, 1)


def problem(sent, before=None):
    with pytest.raises(Problem) as caught:
        json_patch.apply(BEFORE if before is None else before, sent)
    return caught.value


def test_row_25_a_patch_is_an_array():
    assert problem({"op": "add"}).trouble is Trouble.INVALID


RUNAWAYS = [
    [op("add", "/list/-", value="x" * 100), *[op("copy", "/list/-", source="/list")] * 20],
    [op("copy", "/deep/x", source="")] * 40,
    [op("add", "/list/-", value="x")] * (MOST_OPERATIONS + 1),
    [op("add", "/x", value="x" * (LARGEST + 1))],
    [op("add", "/0", value="x" * 300_000), *[op("move", f"/{at + 1}", source=f"/{at}") for at in range(9)]],
    [op("add", "/d" * at, value={"d": 1}) for at in range(1, 80)],
]  # fmt: skip


@pytest.mark.parametrize("runaway", RUNAWAYS)
def test_a_patch_that_doubles_a_list_twenty_times_ends_early(runaway):
    assert problem(runaway).trouble is Trouble.TOO_COSTLY


def test_what_is_nested_too_deep_is_not_put_anywhere():
    deep: list[Any] = []
    for _ in range(80):
        deep = [deep]
    assert problem([op("add", "/b", value=deep)]).trouble is Trouble.TOO_COSTLY


def test_what_comes_of_a_patch_has_a_limit():
    said = problem([op("add", "/b", value="x" * (LARGEST // 2))], {"a": "x" * (LARGEST // 2)})
    assert said.trouble is Trouble.TOO_COSTLY


NARRATIVE = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Walk</div>'}
GOAL = {
    "resourceType": "Goal",
    "lifecycleStatus": "active",
    "description": {"text": "Walk"},
    "subject": {"reference": "Patient/1"},
    "text": NARRATIVE,
}
PLAN = {"resourceType": "Procedure", "status": "completed", "subject": {"reference": "Patient/1"}, "text": NARRATIVE}


def test_row_25_a_narrative_that_was_generated_does_not_stay_behind():
    swim = {**GOAL, "description": {"text": "Swim"}}
    assert "Swim" in patch.settled(GOAL, swim)["text"]["div"]
    assert patch.settled(GOAL, dict(GOAL))["text"] == NARRATIVE
    told = {**swim, "text": {**NARRATIVE, "div": NARRATIVE["div"].replace("Walk", "Swim")}}
    assert patch.settled(GOAL, told) is told
    other = patch.settled(PLAN, {**PLAN, "code": {"text": "Hip replacement"}})
    assert "Hip replacement" in other["text"]["div"]
    bare = {name: value for name, value in swim.items() if name != "text"}
    assert patch.settled(GOAL, bare) is bare


def test_row_25_a_narrative_that_says_more_must_be_patched_too():
    more = {**GOAL, "text": {**NARRATIVE, "status": "additional"}}
    with pytest.raises(Problem) as caught:
        patch.settled(more, {**more, "lifecycleStatus": "completed"})
    assert caught.value.trouble is Trouble.UNPROCESSABLE


def test_row_27_a_label_is_not_patched_away():
    label = {"system": "urn:labels", "code": "R"}
    before = {**GOAL, "meta": {"security": [label], "tag": [{"display": "just words"}]}}
    for meta in ({"security": [label]}, {"tag": [{"display": "just words"}]}, {}):
        with pytest.raises(Problem) as caught:
            patch.settled(before, {**GOAL, "meta": meta})
        assert caught.value.trouble is Trouble.UNPROCESSABLE
    again = {**before, "meta": {"security": [{**label, "display": "restricted"}], "tag": [{"display": "just words"}]}}
    assert patch.settled(before, again) is again


def test_what_is_patched_into_something_else_is_no_resource():
    wrong: tuple[Any, ...] = ([], "x", 1)
    for value in wrong:
        with pytest.raises(Problem) as caught:
            patch.apply(GOAL, [op("replace", "", value=value)])
        assert caught.value.trouble is Trouble.UNPROCESSABLE
