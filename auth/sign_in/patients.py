"""Whom a record system means by a patient: NHS number and date of birth, both or nobody.

A number alone is not enough: one digit that was typed wrong and still fits shows a stranger. So both have to be there,
whole and only once, and whoever matches them with a plan compares both. Source: NHS England, DCB1077 and the guidance
on the wrong-patient hazard; FHIR R4 Patient.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from plan.identity import NHS_NUMBER, identity

_WHOLE_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST = 200


class Whom(NamedTuple):
    """An NHS number of ten digits with its check digit, and a date of birth as YYYY-MM-DD."""

    nhs_number: str
    born: str


def whom(patient: object, id_: str) -> Whom | None:
    """Whom a Patient of this id is; None when it is another, or does not say exactly one number and a whole date."""
    if not isinstance(patient, Mapping) or patient.get("resourceType") != "Patient" or patient.get("id") != id_:
        return None
    numbers, born = _numbers(patient.get("identifier")), patient.get("birthDate")
    if len(numbers) != 1 or not isinstance(born, str) or not _WHOLE_DATE.fullmatch(born):
        return None
    return Whom(numbers.pop(), born)


def _numbers(identifiers: Any) -> set[str]:
    """The NHS numbers in use; what cannot be one is none."""
    found = set()
    for one in identifiers[:_MOST] if isinstance(identifiers, list) else ():
        if not isinstance(one, Mapping) or one.get("use") == "old":
            continue
        system, value = one.get("system"), one.get("value")
        try:
            spelled, digits = identity(str(system), str(value))
        except ValueError:
            continue
        if spelled == NHS_NUMBER:
            found.add(digits)
    return found
