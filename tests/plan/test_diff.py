"""What differs between two versions, field by field, and how its place is written (RFC 6901)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.diff import Difference, differences, pointer
from plan.problem import Path

TABLE: list[tuple[str, Any, Any, list[Difference]]] = [
    ("nothing", {"a": 1}, {"a": 1}, []),
    ("a value", {"a": 1, "b": 2}, {"a": 1, "b": 3}, [Difference(("b",), 2, 3)]),
    ("a member that came", {}, {"a": 1}, [Difference(("a",), None, 1)]),
    ("a member that went", {"a": 1}, {}, [Difference(("a",), 1, None)]),
    ("a member of a member", {"a": {"b": 1, "c": 0}}, {"a": {"b": 2, "c": 0}}, [Difference(("a", "b"), 1, 2)]),
    ("a list as a whole", {"a": [1, 2]}, {"a": [1, 3]}, [Difference(("a",), [1, 2], [1, 3])]),
    ("another kind of value", {"a": {"b": 1}}, {"a": "b"}, [Difference(("a",), {"b": 1}, "b")]),
    ("the whole", 1, 2, [Difference((), 1, 2)]),
]


@pytest.mark.parametrize("was,now,found", [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_every_field_that_differs_is_told_and_no_other(was: Any, now: Any, found: list[Difference]) -> None:
    assert list(differences(was, now)) == found


values = st.recursive(
    st.booleans() | st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(values, values)
def test_there_is_no_difference_exactly_where_two_values_are_equal(was: Any, now: Any) -> None:
    assert (list(differences(was, now)) == []) == (was == now)


@given(values, values)
def test_what_was_and_what_is_change_places_when_the_versions_do(was: Any, now: Any) -> None:
    there = {(pointer(d.where), repr(d.was), repr(d.now)) for d in differences(was, now)}
    back = {(pointer(d.where), repr(d.now), repr(d.was)) for d in differences(now, was)}
    assert there == back


@pytest.mark.parametrize(
    "where,written", [((), ""), (("a", 0, "b"), "/a/0/b"), (("a/b", "m~n"), "/a~1b/m~0n"), (("~1",), "/~01")]
)
def test_a_path_is_written_as_a_json_pointer(where: Path, written: str) -> None:
    assert pointer(where) == written
