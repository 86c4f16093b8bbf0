"""The contradiction rules against their tables in tests/spec/contradictions, and what their registry insists on."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from plan.contradictions import RULES, row
from plan.rules.rule import Row, RuleError, checked
from tests.support.contradictions import Case, cases, scores, table

CASES = [pytest.param(row, case, id=f"{row.id}: {case.why}") for row in RULES for case in cases(table(row))]


@pytest.mark.parametrize("row, case", CASES)
def test_a_case_of_the_table(row: Row, case: Case) -> None:
    assert case.right(row), [(hit.detail, [side.id for side in hit.sides]) for hit in case.hits(row)]


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.id)
def test_every_rule_has_its_table_and_keeps_its_recall_and_precision(row: Row) -> None:
    positive, negative, recall, precision = scores(row, table(row))
    assert positive >= 15
    assert negative >= 25
    assert recall >= Decimal("0.98")
    assert precision >= Decimal("0.95")


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.id)
def test_a_hit_says_one_thing_of_each_side_and_no_moment_of_asking(row: Row) -> None:
    for case in cases(table(row)):
        for hit in case.hits(row):
            assert len(hit.says) == len(hit.sides) > 0
            assert hit.detail
            assert hit.proposal


@pytest.mark.parametrize(
    "change, why",
    [
        ({"source": " "}, "source"),
        ({"owner": ""}, "owner"),
        ({"title": ""}, "title"),
        ({"reads": {}}, "reads"),
        ({"since": None}, "since"),
        ({"until": date(2025, 1, 1)}, "until"),
    ],
)
def test_a_row_without_source_or_dates_stops_the_service(change: dict[str, Any], why: str) -> None:
    with pytest.raises(RuleError, match=why):
        checked([replace(RULES[0], **change)])


def test_a_rule_that_stands_twice_stops_the_service() -> None:
    with pytest.raises(RuleError, match="twice"):
        checked([RULES[0], RULES[0]])


def test_a_rule_is_found_by_its_id() -> None:
    assert row(RULES[0].id) is RULES[0]
    assert row("c0-nothing") is None
