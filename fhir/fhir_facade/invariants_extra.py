"""Rules that the specification states in words only, and that the official validator checks all the same.

Source: FHIR R4 and R5 datatypes.html (Attachment: size and hash are of the data; Signature: it signs what it stands
in), json.html (canonical form), documents.html (what a Composition refers to stands in the document), and the
extension `textLink` (the element of the narrative that it names is there).
"""

import re
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha1
from typing import Any

from fhir_facade import exact
from fhir_facade.invariants import Rule
from fhir_facade.invariants_scope import Scope
from plan.problem import Path, Problem

Json = Any
_TEXT_LINK = "http://hl7.org/fhir/StructureDefinition/textLink"
_HTML_ID = re.compile(r"""\s(?:id|name)\s*=\s*["']([^"']{1,256})["']""")
_DOCUMENT = ("subject", "encounter", "author", "attester", "custodian", "event", "section")
"""The elements of a Composition whose references lead to resources of the document (documents.html 3.3.1)."""


_CANONICAL = "http://hl7.org/fhir/canonicalization/json"
_WHOLE = frozenset({_CANONICAL, f"{_CANONICAL}#document"})
"""The canonical forms that leave nothing of a Bundle out but its own id and meta, and the signature."""
_UNSIGNED = frozenset({"id", "meta", "signature"})
_JWS_PARTS = 3
_NO_PRACTITIONERS = frozenset({"CareTeam", "Organization", "Patient", "RelatedPerson"})


def extra(name: str) -> tuple[Rule, ...]:
    """The further rules of a type."""
    return _EXTRA.get(name, ())


def _attachment(value: Json, _: Scope) -> Sequence[Path]:
    if "data" not in value or not value.keys() & {"size", "hash"}:
        return ()
    data = b64decode(value["data"])
    places: list[Path] = []
    if "size" in value and int(value["size"]) != len(data):
        places.append(("size",))
    # SHA-1 is what FHIR says here; it tells a damaged attachment, not a forged one.
    if "hash" in value and b64decode(value["hash"]) != sha1(data, usedforsecurity=False).digest():
        places.append(("hash",))
    return places


def _on_behalf(value: Json, scope: Scope) -> Sequence[Path]:
    """ctm-1 without the member at hand: what a reference is of, it says itself."""
    said = value.get("member", {}).get("reference", "") if "onBehalfOf" in value else ""
    led = said.partition("/")[0] in _NO_PRACTITIONERS and scope.root.find(said) is None
    return [("member",)] if led else []


def _text_links(value: Json, _: Scope) -> Sequence[Path]:
    """Each `htmlid` of a textLink names an element of the div."""
    links = [(at, one) for at, one in enumerate(value.get("extension", ())) if one.get("url") == _TEXT_LINK]
    if not links:
        return ()
    known = set(_HTML_ID.findall(value.get("div", "")))
    return [
        ("extension", at, "extension", inner)
        for at, link in links
        for inner, part in enumerate(link.get("extension", ()))
        if part.get("url") == "htmlid" and part.get("valueString", part.get("valueId")) not in known
    ]


def _document(value: Json, _: Scope) -> Sequence[Path]:
    """In a document, what the Composition refers to is one of the entries, and one only."""
    if value.get("type") != "document" or "entry" not in value:
        return ()
    entries = value["entry"]
    composition = entries[0].get("resource", {})
    root = entries[0].get("fullUrl", "").rpartition("/")[0].rpartition("/")[0]
    named = [_addresses(entry) for entry in entries]
    parts = [(("entry", 0, "resource", name), composition[name]) for name in _DOCUMENT if name in composition]
    return [
        place
        for where, part in parts
        for place, reference in _references(part, where)
        if sum(bool(_meant(reference, root) & known) for known in named) != 1
    ]


def _signed(value: Json, _: Scope) -> Sequence[Path]:
    """A signature that carries what it signs carries this Bundle. Whether its key is good is not asked here."""
    signature = value.get("signature", {})
    form = signature.get("targetFormat", "").partition("canonicalization=")[2]
    parts = b64decode(signature.get("data", "")).split(b".")
    if form not in _WHOLE or len(parts) != _JWS_PARTS or not parts[1]:
        return ()
    try:
        said = exact.loads(urlsafe_b64decode(parts[1] + b"=="))
    except (Problem, ValueError):
        return ()
    same = isinstance(said, dict) and _to_sign(said) == _to_sign(value)
    return () if same else (("signature", "data"),)


def _to_sign(bundle: dict[str, Json]) -> dict[str, Json]:
    return {name: held for name, held in bundle.items() if name not in _UNSIGNED}


def _addresses(entry: Json) -> frozenset[str]:
    """What may refer to an entry: its fullUrl, and that with the version of the resource."""
    url = entry.get("fullUrl", "")
    version = entry.get("resource", {}).get("meta", {}).get("versionId")
    return frozenset({url, f"{url}/_history/{version}"} if version else {url})


def _meant(reference: str, root: str) -> frozenset[str]:
    """A relative reference is read from the root of the Composition's own fullUrl (bundle.html 2.36.4.1)."""
    return frozenset({reference, f"{root}/{reference}"} if root else {reference})


def _references(value: Json, where: Path) -> Iterator[tuple[Path, str]]:
    """Each reference that leads out of the Composition, nested sections included; extensions are not looked into."""
    if isinstance(value, list):
        for at, one in enumerate(value):
            yield from _references(one, (*where, at))
        return
    text = value.get("reference")
    if isinstance(text, str) and text[:1] != "#":
        yield (*where, "reference"), text
    for name, held in value.items():
        if name not in ("extension", "modifierExtension") and isinstance(held, dict | list):
            yield from _references(held, (*where, name))


_EXTRA: Mapping[str, tuple[Rule, ...]] = {
    "Attachment": (Rule("att-data", True, "Size and hash are those of the data", _attachment),),
    "CareTeam.participant": (Rule("ctm-1", True, "onBehalfOf is for a member who is a Practitioner", _on_behalf),),
    "Narrative": (Rule("txt-link", True, "A textLink names an element of the narrative by its id", _text_links),),
    "Bundle": (
        Rule("doc-refs", True, "What a Composition refers to is one entry of its document, by its fullUrl", _document),
        Rule("sig-data", True, "A signature is of the Bundle that it stands in", _signed),
    ),
}
