"""What is sent with an operation, whichever way: in the address, as a Parameters resource, or as the resource alone.

FHIR R4 operations.html 3.2.0.5. A resource inside is judged as if it had come alone, and comes out as R4.
"""

from collections.abc import Sequence
from typing import Any

from api import fhir_taken
from api.fhir_asked import Asked, placed
from fhir_facade import parameters
from fhir_facade.parameters import In, Said
from fhir_facade.query import pairs_of
from fhir_facade.references import at_home
from fhir_facade.validate import validate
from plan.problem import Path, Problem

Json = Any


def said(asked: Asked, table: Sequence[In], bare: str = "") -> Said:
    """The parameters; resources in them are for `taken` to judge.

    `bare`: the type of the resource that may be sent alone, as the parameter `resource`.
    """
    told = parameters.of_address(table, pairs_of(asked.query))
    sent = asked.resource
    if sent is None:
        return told
    if bare and isinstance(sent, dict) and sent.get("resourceType") == bare:
        return {**told, "resource": [sent]}
    try:
        validate(_envelope(sent), "Parameters")
    except Problem as problem:
        raise placed(problem, ("Parameters",), ("Parameters",)) from None
    return {**told, **parameters.of_resource(table, at_home(sent, asked.base))}


def taken(asked: Asked, resource: Json, type_: str, where: Path) -> dict[str, Json]:
    """A resource that was sent, when it is a valid one of this type, with the place of each fault in what was sent."""
    try:
        return fhir_taken.taken(asked, resource, type_)
    except Problem as problem:
        raise placed(problem, where, where) from None


def _envelope(sent: Json) -> Json:
    """The Parameters without their resources: each of these is judged by its own rules."""
    if not isinstance(sent, dict) or not isinstance(sent.get("parameter"), list):
        return sent
    inner = {at for at, _ in parameters.resources(sent)}
    instead = {"resourceType": "Basic", "code": {"text": "a resource"}}
    bare = [{**one, "resource": instead} if at in inner else one for at, one in enumerate(sent["parameter"])]
    return {**sent, "parameter": bare}
