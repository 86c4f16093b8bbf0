"""The operations of the FHIR door, one row each: name, where it may be asked, what it does.

Source: FHIR R4 operations.html. The door and the CapabilityStatement are made from these rows.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

from api.fhir_asked import Answer, Asked
from api.operations import subscription
from plan.problem import Fault, Problem, Trouble

LEVELS: Mapping[str, str] = {"$op": "system", "T/$op": "type", "T/id/$op": "instance"}
"""The form of the address, and the level that it asks at."""


class Operation(NamedTuple):
    """One operation at one or more levels.

    `types`: of which types (R4 names), none for every type. `reads`: it changes nothing, so GET will do. `definition`:
    the canonical of its OperationDefinition.
    """

    name: str
    do: Callable[[Asked], Awaitable[Answer]]
    levels: frozenset[str]
    types: frozenset[str]
    reads: bool
    definition: str


_SUBSCRIPTION = frozenset({"Subscription"})
_BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-"
OPERATIONS: Sequence[Operation] = (
    Operation(
        "status",
        subscription.status,
        frozenset({"type", "instance"}),
        _SUBSCRIPTION,
        reads=True,
        definition=f"{_BACKPORT}status",
    ),
    Operation(
        "events",
        subscription.events,
        frozenset({"instance"}),
        _SUBSCRIPTION,
        reads=True,
        definition=f"{_BACKPORT}events",
    ),
    Operation(
        "resend",
        subscription.resend,
        frozenset({"instance"}),
        _SUBSCRIPTION,
        reads=False,
        definition=f"{_BACKPORT}resend",
    ),
)


def operation(name: str, shape: str, type_: str) -> Operation:
    """The operation that is asked for. Raises NOT_FOUND for one that is not there."""
    level = LEVELS[shape]
    for row in OPERATIONS:
        if row.name == name and level in row.levels and (not type_ or not row.types or type_ in row.types):
            return row
    what = f"there is no operation ${name[:64]} here"
    mend = "The CapabilityStatement at /metadata lists the operations."
    raise Problem(Trouble.NOT_FOUND, what, (Fault(what, mend=mend, trouble=Trouble.NOT_SUPPORTED),))
