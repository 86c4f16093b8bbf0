"""Lines of anchors: what they say follows from one another, and whoever changes a line is found out."""

import json
from typing import Any

import pytest

from db.audit_anchors import Anchors, digest
from db.audit_chain import Head

ONE = {"a": Head("a", 3, "x" * 64)}
TWO = {"a": Head("a", 4, "y" * 64), "b": Head("b", 1, "z" * 64)}


def lines(*states: dict[str, Head], by: str = "s") -> list[bytes]:
    """One line for each state of the heads, a minute apart."""
    anchors, made = Anchors(), []
    for n, state in enumerate(states):
        line = anchors.line(state, n * 60_000, by, {})
        assert line is not None
        anchors.add(line)
        made.append(line)
    assert anchors.faults == []
    return made


def test_a_line_names_what_is_new_and_counts_all() -> None:
    first, second, third = (json.loads(line) for line in lines(ONE, TWO, {"b": TWO["b"]}))
    assert (first["whole"], first["heads"], first["links"], first["previous"]) == (True, {"a": [3, "x" * 64]}, 3, "")
    assert (second["whole"], set(second["heads"]), second["links"]) == (False, {"a", "b"}, 5)
    assert second["digest"] == digest(TWO)
    assert (third["heads"], third["gone"], third["links"]) == ({}, ["a"], 1)


def test_nothing_new_is_no_line_unless_retention_says_something() -> None:
    anchors = Anchors().read(lines(ONE))
    assert anchors.line(ONE, 9, "s", {"a": 2}) is None
    told = json.loads(anchors.line(ONE, 9, "s", {"a": 2}, retention=True) or b"")
    assert told["retained"] == {"a": 2}


def test_what_is_read_is_what_was_told() -> None:
    anchors = Anchors().read(line + b"\n" for line in lines(ONE, TWO, TWO | {"b": Head("b", 2, "w" * 64)}))
    assert anchors.faults == []
    assert anchors.seen["a"] == {3: ("x" * 64, 0), 4: ("y" * 64, 1)}
    assert anchors.heads["b"].number == 2


def test_only_the_first_line_and_those_of_retention_say_where_chains_may_begin() -> None:
    anchors = Anchors()
    for state, retained, retention in ((ONE, {"a": 1}, False), (TWO, {"a": 3}, False), (TWO, {"b": 1}, True)):
        anchors.add(anchors.line(state, 1, "s", retained, retention=retention) or b"")
    assert anchors.retained == {"a": 1, "b": 1}


@pytest.mark.parametrize(
    "change, says",
    [
        (lambda made: [made[0], made[2]], "Anchor 2 does not follow"),
        (lambda made: [made[1], made[2]], "Anchor 1 does not follow"),
        (lambda made: [made[0], made[1].replace(b'"links":5', b'"links":6'), made[2]], "Anchor 3 does not follow"),
        (lambda made: [made[0], made[1][:-5], made[2]], "The line after anchor 1 cannot be read"),
        (lambda made: [made[0], made[1][:-5], made[1][:-7], *made[1:]], "The line after anchor 1 cannot be read"),
        (lambda made: [*made[:2], made[2].replace(b"www", b"wwv")], "Anchor 3 does not fit the heads"),
        (lambda made: [*made, b'{"at": 1}', made[0].replace(b'"s"', b'"t"')], "The line after anchor 3 cannot be read"),
    ],
)
def test_a_file_that_was_changed_is_told(change: Any, says: str) -> None:
    made = lines(ONE, TWO, TWO | {"b": Head("b", 2, "w" * 64)})
    assert any(fault.startswith(says) for fault in Anchors().read(change(made)).faults)


ODD: list[dict[str, Any]] = [
    {"at": 10**30},
    {"at": "x"},
    {"heads": {"a": ["1", "x"]}},
    {"heads": {"a": [1, 2]}},
    {"heads": {"a": [1]}},
    {"heads": []},
    {"retained": {"a": "b"}},
    {"gone": 5},
    {"by": 5},
    {"digest": None},
]


@pytest.mark.parametrize(
    "line",
    [b"[]", b"null", b"{}", b'"x"', b"\xff"]
    + [json.dumps({**json.loads(lines(ONE)[0]), **more}).encode() for more in ODD],
)
def test_a_line_that_is_none_is_put_aside_and_told_once_another_comes(line: bytes) -> None:
    anchors = Anchors().read([line])
    assert (anchors.faults, anchors.moments) == ([], []), "it may be the beginning of one that is just being written"
    anchors.add(lines(ONE)[0])
    assert len(anchors.faults) == 1


def test_the_beginning_of_a_line_whose_writer_died_is_no_fault_when_the_next_line_knows_of_it() -> None:
    first, second = lines(ONE, TWO)
    anchors = Anchors().read([first, second[:30]])
    anchors.add(b"")
    line = anchors.line(TWO, 9, "s", {}) or b""
    assert json.loads(line)["torn"]
    again = Anchors().read([first, second[:30], line])
    assert (again.faults, again.heads) == ([], TWO)


def test_a_line_that_its_sender_repeats_tells_nothing_new() -> None:
    first, second = lines(ONE, TWO)
    assert Anchors().read([first, first, second, second]).faults == []


def test_what_several_processes_send_to_one_receiver_is_followed_each_by_itself() -> None:
    first, second = lines(ONE, TWO)
    other, another = lines(ONE, TWO, by="t")
    anchors = Anchors().read([first, other, second, another])
    assert (anchors.faults, anchors.heads) == ([], TWO)


@pytest.mark.parametrize("head", [Head("a", 2, "x" * 64), Head("a", 3, "w" * 64)])
def test_a_chain_that_goes_back_is_told(head: Head) -> None:
    anchors = Anchors().read(lines(ONE))
    anchors.add(anchors.line({"a": head}, 9, "s", {}) or b"")
    assert anchors.faults[0].startswith(f"Chain a went back: the anchor of 1970-01-01 00:00:00 saw link {head.number}")
