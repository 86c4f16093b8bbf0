"""What R5 finds over stored R4 is what R5's own paths find in the R5 face, on every public example."""

import json
from collections import defaultdict
from dataclasses import replace
from functools import cache

import pytest

from fhir_facade import exact, newer
from fhir_facade.index import _as_stored, _compile, _Rows, index
from fhir_facade.params import published
from fhir_facade.resources import RESOURCES
from fhir_facade.validate import validate
from fhir_facade.versions import VERSIONS
from plan.problem import Problem
from tests.support.bodies import EXAMPLES

NARROWER = {
    (
        "Appointment",
        "date",
    ): "R5 takes the requested time where no start is known; R4 has a parameter of its own for it",
    ("Condition", "clinical-status"): "R5 must say unknown where R4 says nothing",
    ("Consent", "date"): "R5 keeps the day alone, R4 the moment",
    ("Device", "serial-number"): "only the identifiers that R5 marks as serial numbers are meant",
}
"""Where R4's rows do not hold what R5's path reads, and why that is right."""


@cache
def by_type():
    """Every R4 resource among the public examples, read once: type to names and resources."""
    found = defaultdict(list)
    manifest = EXAMPLES / "MANIFEST.jsonl"
    for line in manifest.read_text().splitlines() if manifest.exists() else ():
        row = json.loads(line)
        if row.get("fhirVersion") == "R4" and "malformedJson" not in row:
            whole = exact.loads((EXAMPLES / row["path"]).read_bytes())
            for one in [entry.get("resource") for entry in whole.get("entry") or ()] or [whole]:
                if isinstance(one, dict):
                    found[one.get("resourceType")].append((row["path"], one))
    return found


def valid(resource):
    """Whether it would ever be stored; some examples are there to be refused."""
    try:
        validate(resource)
    except Problem:
        return False
    return True


def rows_of(name, rows):
    return {replace(row, param="") for row in rows if row.param == name}


@pytest.mark.skipif("R5" not in VERSIONS, reason="R5 is not spoken")
@pytest.mark.parametrize("type_", sorted(RESOURCES))
def test_the_rows_of_r4_hold_what_r5_looks_for(type_):
    shown = VERSIONS["R5"].shown_type(type_)
    if not shown:
        return
    official = published(shown, "R5")
    for name, resource in by_type().get(type_, ()):
        if valid(resource):
            stored = index(resource)
            there = newer.up(resource)
            for param in newer.newer(type_, shown):
                if param.version == "R4" and param.name in official and (type_, param.name) not in NARROWER:
                    found = _Rows()
                    found.read(there, _compile([official[param.name]]))
                    wanted = rows_of(param.name, _as_stored(found.found))
                    assert wanted <= rows_of(param.key, stored), (param.name, name)
