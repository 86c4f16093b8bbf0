"""`make mutate` can fail: what it judges by."""

import pytest

from tests.support.mutants import judged

CLEAN = {"killed": 149, "survived": 0, "total": 149, "timeout": 0, "check_was_interrupted_by_user": 0}


@pytest.mark.parametrize(
    "more, good",
    [
        ({}, True),
        ({"killed": 142, "survived": 7}, True),
        ({"killed": 141, "survived": 8}, False),
        ({"killed": 140, "timeout": 9}, True),
        ({"killed": 20, "total": 20}, False),
        ({"check_was_interrupted_by_user": 1}, False),
    ],
)
def test_a_run_is_good_when_at_least_95_of_100_mutants_are_killed(more: dict[str, int], good: bool):
    said, judgement = judged(CLEAN | more)
    assert judgement is good
    assert "mutants of auth/access.py were killed" in said
