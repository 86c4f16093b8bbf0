"""The contradiction rules against their tables in tests/spec/contradictions, and what their registry insists on."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from plan.contradictions import RULES, row
from plan.findings import inputs, key
from plan.rules.rule import Hit, Row, RuleError, checked
from tests.support.contradictions import AGENCIES, Case, cases, scores, table

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


IDS = re.compile(rf"\\b(?:{'|'.join(AGENCIES)})\\b")


def words(hit: Hit) -> str:
    return "\n".join((*hit.says, hit.detail, hit.proposal))


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.id)
def test_no_hit_calls_anybody_by_an_id(row: Row) -> None:
    for case in cases(table(row)):
        for hit in case.hits(row):
            assert not IDS.search(words(hit)), words(hit)


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.id)
def test_an_agency_of_another_name_changes_the_words_of_a_hit_and_nothing_else(row: Row) -> None:
    for case in cases(table(row)):
        renamed = replace(case, called=lambda id_: f"{AGENCIES[id_][1]} Trust")
        for before, after in zip(case.hits(row), renamed.hits(row), strict=True):
            assert (key(row, before), inputs(row, before)) == (key(row, after), inputs(row, after))
            assert words(before) == words(after).replace(" Trust", "")


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.id)
def test_an_agency_that_the_directory_does_not_know_stands_there_by_its_id(row: Row) -> None:
    for case in cases(table(row)):
        for named, bare in zip(case.hits(row), replace(case, called=lambda _: "").hits(row), strict=True):
            assert (key(row, named), named.sides) == (key(row, bare), bare.sides)
            assert all(hint.strip() for hint in words(bare).splitlines())


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
