"""In which form an answer goes out and a body comes in: JSON or XML, of which version of FHIR, tidy or compact.

Source: FHIR R4 and R5 http.html (content types and encodings, version negotiation), RFC 9110 12.5.1. Stored text is
sent as it is wherever JSON is asked for; XML and tidy JSON are made of it on the way out.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

from starlette.requests import Request

from api import door
from fhir_facade import exact, xml_read, xml_write
from fhir_facade.query import pairs_of
from fhir_facade.release import VersionName
from fhir_facade.versions import Version
from plan.problem import Fault, Problem, Trouble

FHIR_JSON = "application/fhir+json"
FHIR_XML = "application/fhir+xml"
JSON_KINDS = (FHIR_JSON, "application/json", "text/json")
XML_KINDS = (FHIR_XML, "application/xml", "text/xml")
KINDS = (*JSON_KINDS, *XML_KINDS)
"""The media types of bodies and answers, those that we would rather send first."""
_SHORT: Mapping[str, str] = {"json": FHIR_JSON, "xml": FHIR_XML} | {kind: kind for kind in KINDS}
_VERSION = re.compile(r'fhirversion\s*=\s*"?([\w.]+)', re.IGNORECASE)
_WEIGHT = re.compile(r";\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*(?:;|\Z)", re.IGNORECASE)
_REMEMBERED = 512
"""The longest Accept that is remembered, in characters."""


class Form(NamedTuple):
    """What is asked for. `kind` is the media type, `says` the number of FHIR's version, if one was asked for."""

    version: VersionName
    kind: str = FHIR_JSON
    says: str = ""
    pretty: bool = False

    @property
    def xml(self) -> bool:
        """Whether it is XML."""
        return self.kind in XML_KINDS

    @property
    def media(self) -> str:
        """The Content-Type of an answer: as it was asked for."""
        return _media(self.kind, self.says)

    @property
    def own_media(self) -> str:
        """The Content-Type of an OperationOutcome that tells of a failure: always FHIR's own."""
        return _media(FHIR_XML if self.xml else FHIR_JSON, "")

    def written(self, text: str | bytes) -> str | bytes:
        """A resource, given as compact JSON of this version, in this form."""
        if self.xml:
            return xml_write.write(exact.stored(_str(text)), self.version, pretty=self.pretty)
        return exact.pretty(exact.stored(_str(text))) if self.pretty else text


def negotiate(headers: Mapping[str, str], query: str, version: Version) -> Form:
    """The form of the answer; `_format` stands above Accept. Raises NOT_ACCEPTABLE where there is no such form."""
    accept = headers.get("accept", "")
    if "_format" in query or "_pretty" in query:
        return _by_parameters(accept, dict(reversed(pairs_of(query))), version)
    return _accepted(accept, version)


async def body(request: Request, version: Version, limit: int) -> Any:
    """The resource that was sent, parsed as what its Content-Type says it is.

    Raises MEDIA_TYPE, TOO_LARGE, and MALFORMED or TOO_COSTLY for what cannot be read.
    """
    said = request.headers.get("content-type", "")
    number = _VERSION.search(said)
    if number and number[1] not in version.numbers:
        what = "the body is of another version of FHIR"
        mend = f"This address speaks {version.name} (fhirVersion={version.numbers[-1]})."
        raise Problem(Trouble.MEDIA_TYPE, what, (Fault(what, mend=mend),))
    raw = await door.body(request, KINDS, limit)
    kind = said.partition(";")[0].strip().lower()
    return xml_read.read(raw, version.name) if kind in XML_KINDS else exact.loads(raw)


def _by_parameters(accept: str, said: Mapping[str, str], version: Version) -> Form:
    # In an address a plus sign stands for a space: who did not escape `fhir+json` still means it.
    wanted, _, rest = said.get("_format", "").partition(";")
    wanted = wanted.strip().lower().replace(" ", "+")
    if not wanted:
        form = _accepted(accept, version)
    else:
        kind, number = _SHORT.get(wanted), _VERSION.search(rest)
        if kind is None or (number and number[1] not in version.numbers):
            _not_acceptable(version)
        form = Form(version.name, kind, number[1] if number else _number(accept, version))
    return form._replace(pretty=True) if said.get("_pretty", "").lower() == "true" else form


def _number(accept: str, version: Version) -> str:
    """The number of FHIR that Accept asks for, where `_format` has said the rest. Raises NOT_ACCEPTABLE."""
    numbers = [found[1] if found else "" for found in map(_VERSION.search, accept.split(","))]
    good = [number for number in numbers if not number or number in version.numbers]
    return good[0] if good else _not_acceptable(version)


def _accepted(accept: str, version: Version) -> Form:
    found = _best if len(accept) <= _REMEMBERED else _best.__wrapped__
    return found(accept, version.name, version.numbers) or _not_acceptable(version)


@lru_cache(maxsize=256)
def _best(accept: str, version: VersionName, numbers: tuple[str, ...]) -> Form | None:
    """What the client would rather have: by weight, then what it names itself, then in its order; None for nothing."""
    if not accept.strip():
        return Form(version)
    best: dict[str, _Wish] = {}
    for at, said in enumerate(accept.split(",")):
        pattern, _, rest = said.partition(";")
        number = _VERSION.search(rest)
        if number and number[1] not in numbers:
            continue
        weight = _WEIGHT.search(f";{rest}")
        for kind, narrow in _meant(pattern.strip().lower()):
            # The narrowest range that names a kind decides about it (RFC 9110 12.5.1).
            if kind not in best or narrow > best[kind].narrow:
                best[kind] = _Wish(float(weight[1]) if weight else 1.0, narrow, -at, number[1] if number else "")
    # The first of equals, in our own order.
    kind = max((kind for kind in KINDS if kind in best), key=best.__getitem__, default="")
    return Form(version, kind, best[kind].says) if kind and best[kind].weight else None


class _Wish(NamedTuple):
    """How a client asks for one kind: comparable, the greater the rather."""

    weight: float
    narrow: int
    place: int
    says: str


def _meant(pattern: str) -> list[tuple[str, int]]:
    """The kinds that a media range names, and how narrowly."""
    if pattern in KINDS:
        return [(pattern, 2)]
    stem = pattern.removesuffix("*")
    wide = stem in ("text/", "application/", "*/") and pattern.endswith("*")
    return [(kind, int(stem != "*/")) for kind in KINDS if wide and (stem == "*/" or kind.startswith(stem))]


@lru_cache(maxsize=64)
def _media(kind: str, says: str) -> str:
    return f"{kind}; fhirVersion={says}; charset=utf-8" if says else f"{kind}; charset=utf-8"


def _str(text: str | bytes) -> str:
    return text.decode() if isinstance(text, bytes) else text


def _not_acceptable(version: Version) -> NoReturn:
    what = f"answers come as JSON or XML of {version.name}"
    mend = f"Accept application/fhir+json or application/fhir+xml, fhirVersion {version.numbers[-1]}."
    raise Problem(Trouble.NOT_ACCEPTABLE, what, (Fault(what, mend=mend),))
