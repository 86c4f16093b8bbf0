"""What we define ourselves, through the FHIR door: read and search, for everybody. FHIR R4 conformance-module.html.

Nothing here is of a plan or of anybody, so there is no leave to ask and nothing to audit: it is read as /metadata is.
"""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from api.fhir_asked import Answer, Place
from fhir_facade import published
from fhir_facade.bundle import searchset
from fhir_facade.query import pairs_of
from fhir_facade.versions import R4, Version
from plan.problem import Fault, Problem, Trouble

SHAPES: Mapping[str, tuple[str, ...]] = {"T/id": ("GET",), "T": ("GET",), "T/_search": ("POST",)}
"""Forms of the address, and the methods that they take."""


class Wanted(NamedTuple):
    """What is asked for. `query`: the parameters, with those of a form."""

    version: Version
    place: Place
    base: str
    query: str
    strict: bool


def serves(version: Version, place: Place) -> bool:
    """Whether the address is one of a published resource."""
    return place.type in published.types(version) and place.shape in SHAPES


def answer(wanted: Wanted) -> Answer:
    """One published resource, or those that match."""
    type_ = wanted.place.type
    if wanted.place.shape == "T/id":
        text = published.one(type_, wanted.place.id, wanted.version)
        if text is None:
            raise Problem(Trouble.NOT_FOUND)
        return Answer(text=text)
    pairs = [(name, value) for name, value in pairs_of(wanted.query) if name in published.PARAMETERS and value]
    if wanted.strict:
        _known(pairs_of(wanted.query))
    # What is stored is written in R4: the hits are shown by now, so they are handed on as they are.
    hits = [(type_, id_, text) for id_, text in published.search(type_, pairs, wanted.version)]
    address = f"{wanted.base}/{type_}"
    self_ = f"{address}?{urlencode(pairs)}" if pairs else address
    return Answer(text=searchset(len(hits), self_, "", wanted.base, R4, hits))


def _known(pairs: list[tuple[str, str]]) -> None:
    for name, _ in pairs:
        if name not in (*published.PARAMETERS, "_format", "_pretty", "_count"):
            what = f"{name[:64]!r} is no search parameter of what is published"
            mend = f"Search by {', '.join(published.PARAMETERS)}."
            raise Problem(Trouble.NOT_SUPPORTED, what, (Fault(what, mend=mend),))
