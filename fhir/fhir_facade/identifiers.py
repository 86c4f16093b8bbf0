"""The identifiers of a Patient, as the pairs by which a person is found and told from others.

Source: FHIR R4 Patient.identifier; UK Core Patient (NHS number).
"""

from typing import Any

from plan.identity import identity
from plan.problem import Fault, Problem, Trouble


def identifiers(patient: dict[str, Any]) -> list[tuple[str, str]]:
    """All (system, value) pairs of a Patient, in their one spelling, each once.

    Identifiers without a value, and those marked as old, name nobody and are passed over. Raises Problem(BAD_VALUE)
    with a fault for each one that cannot be right, such as an NHS number whose check digit does not fit.
    """
    pairs: dict[tuple[str, str], None] = {}
    faults: list[Fault] = []
    listed = patient.get("identifier")
    for at, held in enumerate(listed if isinstance(listed, list) else ()):
        if not _names_someone(held):
            continue
        try:
            pairs[identity(held.get("system", ""), held["value"])] = None
        except ValueError as error:
            mend = "Check the identifier with the person or in the system that it came from, or leave it out."
            faults.append(Fault(str(error), ("identifier", at, "value"), mend, Trouble.BAD_VALUE))
    if faults:
        raise Problem(Trouble.BAD_VALUE, "An identifier cannot be right", tuple(faults))
    return list(pairs)


def _names_someone(held: Any) -> bool:
    return (
        isinstance(held, dict)
        and isinstance(held.get("value"), str)
        and isinstance(held.get("system", ""), str)
        and held.get("use") != "old"
    )
