"""Figures as a MeasureReport: one group, and a stratum for each of them.

Source: https://hl7.org/fhir/R4/measurereport.html, OperationDefinition Measure-evaluate-measure. A number that is
suppressed is absent with the reason `masked`; what else was counted stands in an extension of its stratum.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from fhir_facade import systems
from plan.measures import Figure, Measure

_ABSENT = f"{systems.HL7_EXTENSION}/data-absent-reason"
_POPULATION = f"{systems.HL7}/measure-population"
NUMBER = systems.own_extension("measure-number")
"""The extension that holds one further number by its name."""


def canonical(measure: Measure) -> str:
    """The canonical of a measure of ours."""
    return f"{systems.OURS}/Measure/{measure.name.replace('_', '-')}"


def named(text: str) -> str:
    """The name of a measure in its canonical, its id or its name."""
    return text.rpartition("/")[2].partition("|")[0].replace("-", "_")


def report(
    measure: Measure, figures: Sequence[Figure], period: Mapping[str, str], date: str, subject: str = ""
) -> dict[str, Any]:
    """The report of one measure. `subject`: the reference of the person whose it is; empty: of many."""
    made: dict[str, Any] = {
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "individual" if subject else "summary",
        "measure": canonical(measure),
        "date": date,
        "period": dict(period),
    }
    if subject:
        made["subject"] = {"reference": subject}
    group: dict[str, Any] = {"code": {"text": measure.title}}
    if figures:
        group["stratifier"] = [{"code": [{"text": ", ".join(measure.by)}], "stratum": [*map(_stratum, figures)]}]
    return {**made, "group": [group]}


def _stratum(one: Figure) -> dict[str, Any]:
    components = [{"code": {"text": name}, "value": {"text": word or "not known"}} for name, word in one.group.items()]
    made: dict[str, Any] = {"component": components}
    if one.suppressed:
        return {**made, "measureScore": {"extension": [{"url": _ABSENT, "valueCode": "masked"}]}}
    ends = (("low", one.low), ("high", one.high))
    more = [_number(name, text) for name, text in (*ends, *one.more.items()) if text]
    counts = (("denominator" if one.count is not None else "initial-population", one.total), ("numerator", one.count))
    made["population"] = [_population(code, number) for code, number in counts if number is not None]
    if one.value:
        made["measureScore"] = {"value": Decimal(one.value)}
    return {**made, **({"extension": more} if more else {})}


def _population(code: str, number: int) -> dict[str, Any]:
    return {"code": {"coding": [{"system": _POPULATION, "code": code}]}, "count": number}


def _number(name: str, text: str) -> dict[str, Any]:
    parts = [{"url": "name", "valueString": name}, {"url": "number", "valueDecimal": Decimal(text)}]
    return {"url": NUMBER, "extension": parts}
