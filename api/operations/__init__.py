"""The operations of the FHIR door, one row each: name, where it may be asked, what it does.

Source: FHIR R4 operations.html. The door and the CapabilityStatement are made from these rows.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

from api.fhir_asked import Answer, Asked
from api.operations import (
    document,
    everything,
    export,
    labels,
    match,
    measure,
    merge,
    override,
    process_message,
    readiness,
    subscription,
    validate,
)
from fhir_facade.systems import OURS
from plan.problem import Fault, Problem, Trouble

LEVELS: Mapping[str, str] = {"$op": "system", "T/$op": "type", "T/id/$op": "instance"}
"""The form of the address, and the level that it asks at."""


class Operation(NamedTuple):
    """One operation at one or more levels.

    `types`: of which types (R4 names), none for every type. `reads`: it changes nothing, so GET will do. `definition`:
    the canonical of its OperationDefinition, empty for an address of ours that belongs to another operation. `methods`:
    which ones are taken, when it is neither POST alone nor POST and GET.
    """

    name: str
    do: Callable[[Asked], Awaitable[Answer]]
    levels: frozenset[str]
    types: frozenset[str]
    reads: bool
    definition: str = ""
    methods: tuple[str, ...] = ()


_HL7 = "http://hl7.org/fhir/OperationDefinition"
_BULK = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
_OWN = f"{OURS}/OperationDefinition"
_BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription"
_SUBSCRIPTION = frozenset({"Subscription"})
_SYSTEM, _TYPE, _INSTANCE = (frozenset({level}) for level in ("system", "type", "instance"))
_ANYWHERE = frozenset(LEVELS.values())
_EVERY: frozenset[str] = frozenset()
_PLAN = frozenset({"CarePlan"})
_MEASURE = frozenset({"Measure"})
_PATIENT, _STAY, _PAPER, _GROUP = (frozenset({type_}) for type_ in ("Patient", "Encounter", "Composition", "Group"))

OPERATIONS: Sequence[Operation] = (
    Operation("validate", validate.validate, _ANYWHERE, _EVERY, True, f"{_HL7}/Resource-validate"),
    Operation("everything", everything.of_person, _INSTANCE, _PATIENT, True, f"{_HL7}/Patient-everything"),
    Operation("everything", everything.of_people, _TYPE, _PATIENT, True, f"{_HL7}/Patient-everything"),
    Operation("everything", everything.of_stay, _INSTANCE, _STAY, True, f"{_HL7}/Encounter-everything"),
    Operation("match", match.match, _TYPE, _PATIENT, False, f"{_HL7}/Patient-match"),
    Operation("evaluate-measure", measure.evaluate, _TYPE, _MEASURE, True, f"{_HL7}/Measure-evaluate-measure"),
    Operation("merge", merge.join, _TYPE, _PATIENT, False, f"{_HL7}/Patient-merge"),
    Operation("undo-merge", merge.part, _TYPE, _PATIENT, False, f"{_OWN}/Patient-undo-merge"),
    Operation("override", override.open_plan, _TYPE, _PATIENT, False, f"{_OWN}/Patient-override"),
    Operation("process-message", process_message.take, _SYSTEM, _EVERY, False, f"{_HL7}/MessageHeader-process-message"),
    Operation("document", document.of_composition, _INSTANCE, _PAPER, True, f"{_HL7}/Composition-document"),
    Operation("document", document.of_any, _TYPE, _PAPER, True, f"{_OWN}/Composition-document"),
    Operation(
        "discharge-readiness",
        readiness.readiness,
        _TYPE | _INSTANCE,
        _PLAN,
        True,
        f"{_OWN}/CarePlan-discharge-readiness",
    ),
    Operation("meta", labels.of_entry, _INSTANCE, _EVERY, True, f"{_HL7}/Resource-meta"),
    Operation("meta", labels.in_use, _SYSTEM | _TYPE, _EVERY, True, f"{_HL7}/Resource-meta"),
    Operation("meta-add", labels.add, _INSTANCE, _EVERY, False, f"{_HL7}/Resource-meta-add"),
    Operation("meta-delete", labels.delete, _INSTANCE, _EVERY, False, f"{_HL7}/Resource-meta-delete"),
    Operation("export", export.export, _SYSTEM, _EVERY, True, f"{_BULK}/export"),
    Operation("export", export.export, _TYPE, _PATIENT, True, f"{_BULK}/patient-export"),
    Operation("export", export.export, _INSTANCE, _GROUP, True, f"{_BULK}/group-export"),
    Operation("export-status", export.status, _SYSTEM, _EVERY, True, methods=("GET", "DELETE")),
    Operation("export-file", export.file, _SYSTEM, _EVERY, True, methods=("GET",)),
    Operation("status", subscription.status, _TYPE | _INSTANCE, _SUBSCRIPTION, True, f"{_BACKPORT}-status"),
    Operation("events", subscription.events, _INSTANCE, _SUBSCRIPTION, True, f"{_BACKPORT}-events"),
    Operation("resend", subscription.resend, _INSTANCE, _SUBSCRIPTION, False, f"{_BACKPORT}-resend"),
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
