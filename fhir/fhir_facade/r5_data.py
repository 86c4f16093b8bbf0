"""Data types of R4 whose elements have other names in R5."""

from collections.abc import Mapping

from fhir_facade.r5_shapes import SAME, Entry, Members, Move, OneOf, Rule

Rules = tuple[Entry, ...]


def _interval_up(members: Members) -> Members:
    """The period of SampledData is always in milliseconds."""
    named = {"period": "interval", "_period": "_interval"}
    return {"intervalUnit": "ms", **{named[name]: value for name, value in members.items()}}


def _interval_down(members: Members) -> Members:
    named = {"interval": "period", "_interval": "_period"}
    if members.get("intervalUnit") != "ms":
        return {}
    return {named[name]: value for name, value in members.items() if name in named}


DATA: Mapping[str, Rules] = {
    "Dosage": (
        OneOf((Move("asNeededCodeableConcept", "asNeededFor", SAME), Move("asNeededBoolean", "asNeeded", SAME))),
    ),
    "SampledData": (Rule(("period",), ("interval", "intervalUnit"), _interval_up, _interval_down),),
}
