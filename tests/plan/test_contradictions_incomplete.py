"""FHIR clients write entries without all that their native form needs: no rule stumbles over what is missing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from plan.contradictions import RULES, readable
from plan.rules.rule import Row
from tests.support.contradictions import cases, table


def without(value: Any) -> Iterator[Any]:
    """The value with each of its parts left out in turn, at any depth."""
    if isinstance(value, dict):
        for name in value:
            yield {kept: part for kept, part in value.items() if kept != name}
            yield from ({**value, name: part} for part in without(value[name]))
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from ([*value[:at], one, *value[at + 1 :]] for one in without(part))


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.id)
def test_a_rule_answers_whatever_part_of_an_entry_is_missing(row: Row) -> None:
    asked = 0
    for case in cases(table(row)):
        known = case.known()
        for entry in case.entries:
            for body in without(dict(entry.body)):
                less = replace(known, entries={**known.entries, entry.id: replace(entry, body=body)})
                assert all(len(hit.says) == len(hit.sides) for hit in row.find(readable(less), row.given))
                assert row.wakes is None or all(moment >= 0 for moment in row.wakes(less, row.given))
                asked += 1
    assert asked > len(cases(table(row)))
