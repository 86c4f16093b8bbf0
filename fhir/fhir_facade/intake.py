"""Files in: JSON, NDJSON and gzip of either, taken apart into single resources with an id of ours and their old names.

The id follows from where a resource came from and what it was called there, so that every run, in any order, gives the
same one: UUID version 8 (RFC 9562 section 5.8) from a SHA-256. Source: FHIR R4 bundle.html (fullUrl, resolving
references in Bundles 2.36.4.1), nd-json of the Bulk Data guide.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePath
from typing import Any
from uuid import UUID

from fhir_facade import exact
from fhir_facade.elements import resource_types
from fhir_facade.systems import OURS
from plan.model import AgencyId, EntryId
from plan.problem import Fault, Problem, Trouble

Json = Any

OWN_BASE = f"{OURS}/R4"
"""The base of the addresses in our own exports: what comes from there keeps its ids."""
PLAN_SLOT = f"{OURS}/CodeSystem/plan-slot"
RESTRICTED_TO = f"{OURS}/CodeSystem/restricted-to"
_MARKS = frozenset({PLAN_SLOT, RESTRICTED_TO})
_NOT_CONTENT = frozenset({"resourceType", "id", "meta"})
_LINES = (".ndjson", ".jsonl")
_ADDRESS = re.compile(r"(https?://.+)/([A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64})(?:/_history/[A-Za-z0-9.\-]{1,64})?")
_VERSION = 0x8 << 76
_VARIANT = 0x2 << 62


@dataclass(slots=True, kw_only=True)
class Piece:
    """One resource of a file.

    `at` counts the resources of the file. `key` is its name (`Type/id`, a urn, or a digest of what it says) under
    `space`, the address or the folder that it came from. `spaces`: where its own relative references are looked up.
    `links` are the fullUrls of its Bundle, by what they became. `slot` and `restriction` are the marks of an export.
    """

    file: str
    at: int
    resource: dict[str, Json]
    key: str
    space: str
    spaces: tuple[str, ...]
    id: EntryId
    url: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    slot: str = ""
    restriction: frozenset[AgencyId] | None = None

    @property
    def type(self) -> str:
        """The FHIR type."""
        return str(self.resource.get("resourceType", ""))

    @property
    def target(self) -> str:
        """What others refer to it by from now on."""
        return f"{self.type}/{self.id}"

    @property
    def digest(self) -> str:
        """What it says, in short."""
        return sha256(content(self.resource)).hexdigest()


def content(resource: dict[str, Json]) -> bytes:
    """What a resource says, whatever the service or the server before it says of it."""
    return exact.dumps({name: value for name, value in resource.items() if name not in _NOT_CONTENT})


def derived(space: str, key: str) -> EntryId:
    """The id that whatever was called `key` in `space` has here."""
    number = int.from_bytes(sha256(f"{space}\n{key}".encode()).digest()[:16])
    number &= ~(0xF << 76) & ~(0x3 << 62)
    return EntryId(str(UUID(int=number | _VERSION | _VARIANT)))


def id_of(space: str, key: str) -> EntryId:
    """The id that whatever is called `key` in `space` has here; what comes from us keeps the one it has."""
    return EntryId(key.rpartition("/")[2]) if space == OWN_BASE else derived(space, key)


def source_of(path: PurePath) -> str:
    """The name of the nearest folder above a file that is not named after a FHIR type."""
    return next(
        (folder.name for folder in path.parents if folder.name and folder.name not in resource_types()), "files"
    )


def documents(raw: bytes, name: str) -> Iterator[Json | Problem]:
    """The JSON values of a file, each or the Problem why it cannot be read; NDJSON by its name, gzip by its bytes."""
    plain = name.removesuffix(".gz")
    try:
        text = _unpacked(raw)
    except Problem as problem:
        yield problem
        return
    for part in text.splitlines() if plain.endswith(_LINES) else (text,):
        if part.strip() or not plain.endswith(_LINES):
            yield _loaded(part)


def pieces(value: Json, file: str, source: str, start: int = 0, *, forced: bool = False) -> list[Piece]:
    """The resources of one JSON value: itself, or the entries of the Bundle that it is, Bundles inside it too.

    `source` names the space of what has no absolute address, and, when it is forced, of everything but our own exports.
    Raises Problem(MALFORMED) for what is no FHIR resource at all; an entry that is none has no type.
    """
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        what = "this is no FHIR resource: it has no resourceType"
        raise Problem(Trouble.MALFORMED, what, (Fault(what, mend="Give files of FHIR resources in JSON."),))
    made = [_piece(resource, url, file, source, forced=forced) for resource, url in _entries(value, "")]
    links = {piece.url: piece.target for piece in made if piece.url}
    for at, piece in enumerate(made, start):
        piece.at, piece.links = at, links
    return made


def keys(piece: Piece, reference: str) -> Iterator[tuple[str, str]]:
    """Under which (space, `Type/id`) the target of a reference may be known; a version in it is passed over."""
    found = _ADDRESS.fullmatch(reference)
    if found:
        yield found[1], found[2]
    else:
        bare = reference.partition("/_history/")[0]
        yield from ((space, bare) for space in piece.spaces)


def _unpacked(raw: bytes) -> bytes:
    if raw[:2] != b"\x1f\x8b":
        return raw
    try:
        return zlib.decompress(raw, 16 + zlib.MAX_WBITS)
    except zlib.error as error:
        raise Problem(Trouble.MALFORMED, "The file is no whole gzip.") from error


def _loaded(part: bytes) -> Json | Problem:
    try:
        return exact.loads(part)
    except Problem as problem:
        return problem


def _entries(value: dict[str, Json], url: str) -> Iterator[tuple[dict[str, Json], str]]:
    if value.get("resourceType") != "Bundle":
        yield value, url
        return
    for entry in _listed(value.get("entry")):
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
            yield from _entries(entry["resource"], str(entry.get("fullUrl", "")))


def _listed(value: Json) -> Iterable[Json]:
    return value if isinstance(value, list) else ()


def _piece(resource: dict[str, Json], url: str, file: str, source: str, *, forced: bool) -> Piece:
    type_, said = str(resource.get("resourceType", "")), resource.get("id")
    named = _ADDRESS.fullmatch(url)
    base = named[1] if named else ""
    spaces = tuple(filter(None, (source, base) if forced and base != OWN_BASE else (base, source)))
    key = f"{type_}/{said}" if isinstance(said, str) else url or _unnamed(type_, resource)
    own = spaces[0] == OWN_BASE and isinstance(said, str)
    slot, restriction = _marks(resource) if own else ("", None)
    return Piece(
        file=file,
        at=0,
        resource=_unmarked(resource) if own else resource,
        key=key,
        space=spaces[0],
        spaces=spaces,
        id=id_of(spaces[0], key),
        url=url,
        slot=slot,
        restriction=restriction,
    )


def _unnamed(type_: str, resource: dict[str, Json]) -> str:
    return f"{type_}#{sha256(exact.dumps(resource)).hexdigest()}"


def marked(resource: dict[str, Json], slot: str | None, restriction: frozenset[AgencyId] | None) -> dict[str, Json]:
    """A resource as it leaves in an export: with its place in the frame and the agencies that it is restricted to."""
    marks = [{"system": PLAN_SLOT, "code": slot}] if slot else []
    marks += [{"system": RESTRICTED_TO, "code": agency} for agency in sorted(restriction or ())]
    meta = dict(resource.get("meta", {}))
    return {**resource, "meta": {**meta, "tag": [*meta.get("tag", ()), *marks]}} if marks else resource


def _marks(resource: dict[str, Json]) -> tuple[str, frozenset[AgencyId] | None]:
    tags = [tag for tag in _tags(resource) if isinstance(tag, dict)]
    slot = next((str(tag.get("code")) for tag in tags if tag.get("system") == PLAN_SLOT), "")
    agencies = frozenset(AgencyId(str(tag.get("code"))) for tag in tags if tag.get("system") == RESTRICTED_TO)
    return slot, agencies or None


def _unmarked(resource: dict[str, Json]) -> dict[str, Json]:
    tags = _tags(resource)
    kept = [tag for tag in tags if not (isinstance(tag, dict) and tag.get("system") in _MARKS)]
    if len(kept) == len(tags):
        return resource
    meta = {name: value for name, value in resource["meta"].items() if name != "tag"}
    return {**resource, "meta": meta | ({"tag": kept} if kept else {})}


def _tags(resource: dict[str, Json]) -> list[Json]:
    meta = resource.get("meta")
    return list(_listed(meta.get("tag"))) if isinstance(meta, dict) else []
