"""Our reading of the published rules against fhirpathpy, an engine made elsewhere: the same verdict on every object of
every example, and on each of these objects with one member left out. ONEPLAN_FHIR_EXAMPLES says where they are.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from fhirpathpy import compile as compiled_elsewhere
from fhirpathpy.engine.nodes import ResourceNode
from fhirpathpy.engine.util import get_data
from fhirpathpy.models import models

from fhir_facade.elements import ancestors
from fhir_facade.invariants import NOT_COMPILED, rules
from fhir_facade.invariants_scope import Scope
from fhir_facade.params import definitions
from fhir_facade.release import VersionName
from fhir_facade.validate import _Walk
from tests.support.bodies import EXAMPLES

MANIFEST = EXAMPLES / "MANIFEST.jsonl"
pytestmark = pytest.mark.skipif(
    not MANIFEST.exists(),
    reason=f"no {MANIFEST}: set ONEPLAN_FHIR_EXAMPLES to a folder of FHIR examples with a manifest",
)
Case = tuple[str, dict[str, Any], Scope]
"""The node that an object is of, the object, and what its rules may see besides."""

BEYOND: Mapping[tuple[VersionName, str], str] = {
    ("R4", "rng-2"): "it compares no quantities that come as JSON",
    ("R5", "rng-2"): "it has no lowBoundary and no highBoundary",
    ("R5", "per-1"): "it has no lowBoundary and no highBoundary",
}
"""Rules that the other engine cannot evaluate, with the reason: test_invariants.py has tables of its own for them."""


@cache
def cases(version: VersionName) -> list[Case]:
    """One object for each set of members that objects of its kind have in the examples, and each with one left out."""
    found: dict[Any, Case] = {}
    for line in MANIFEST.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["fhirVersion"].removesuffix("B") != version or "malformedJson" in row:
            continue
        walk = _Walk(version)
        walk.resource(json.loads((EXAMPLES / row["path"]).read_text("utf-8-sig")), ())
        for name, value, _, scope in walk.sound if not walk.faults else ():
            found.setdefault((name, frozenset(value)), (name, value, scope))
    for (name, members), (_, value, scope) in list(found.items()):
        for left_out in members - {"resourceType"}:
            less = {member: held for member, held in value.items() if member != left_out}
            found.setdefault((name, frozenset(less)), (name, less, scope))
    return list(found.values())


@cache
def published(name: str, version: VersionName) -> list[tuple[str, str]]:
    """Key and expression of each rule of a node."""
    table = definitions(f"invariants_{version.lower()}.json")
    own = [row for one in ancestors(name, version) for row in table.get(one, ())]
    told = [(row["key"], row["rule"]) for row in own if row["key"] not in NOT_COMPILED]
    # R4 published `as` where several may stand, which FHIRPath never allowed: R5 says `ofType`.
    return [(key, rule.replace(".as(", ".ofType(")) for key, rule in told if (version, key) not in BEYOND]


def _has_value(items: list[Any]) -> list[bool]:
    said = [get_data(item) for item in items]
    return [len(said) == 1 and said[0] is not None and not isinstance(said[0], dict)]


OURS = {
    "hasValue": {"fn": _has_value, "arity": {0: []}},
    "resolve": {"fn": lambda _: [], "arity": {0: []}},
}
"""What the other engine lacks. Nothing is resolved: of what leads elsewhere no rule knows anything."""


@cache
def elsewhere(expression: str, version: VersionName) -> Any:
    options = {"traceFn": lambda *_: None, "userInvocationTable": OURS}
    return compiled_elsewhere(expression, models[version.lower()], options)


def verdict(expression: str, case: Case, version: VersionName) -> bool:
    """Whether the other engine finds the rule broken."""
    name, value, scope = case
    told = {"resource": scope.resource, "rootResource": scope.root.resource}
    node = value if "resourceType" in value else ResourceNode.create_node(value, name)
    answer = elsewhere(expression, version)(deepcopy(node), deepcopy(told))
    return bool(answer == [False])


@pytest.mark.parametrize("version", ["R4", "R5"])
def test_our_verdict_is_that_of_an_engine_made_elsewhere(version: VersionName) -> None:
    differing: dict[str, str] = {}
    asked = 0
    for case in cases(version):
        name, value, scope = case
        ours = {rule.key: bool(rule.broken(value, scope)) for rule in rules(name, version)}
        for key, expression in published(name, version):
            asked += 1
            if verdict(expression, case, version) is not ours[key]:
                differing.setdefault(key, f"{name}, ours {ours[key]}: {str(value)[:300]}; {expression}")
    assert asked > 1000
    assert differing == {}
