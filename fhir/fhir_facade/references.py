"""References: who a resource is about, what it points at, and how pointers are rewritten.

Source: FHIR R4 references.html (2.3.0) and http.html 3.1.0.11.1 (what a transaction rewrites).
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from fhir_facade.resources import Resource
from plan.problem import Path

Json = Any
Rewrite = Callable[[str], str]
Address = Callable[[str, str], bool]
"""Whether a member holds an address, by the name that its object stands under ("" for a resource) and its own."""

RELATIVE = re.compile(
    r"(?P<type>[A-Z][A-Za-z]{1,63})/(?P<id>[A-Za-z0-9.\-]{1,64})(?:/_history/(?P<version>[A-Za-z0-9.\-]{1,64}))?"
)
"""`Type/id`, with or without a version."""

_ABSOLUTE_TYPE = re.compile(r"https?://.*/([A-Z][A-Za-z]+)/[A-Za-z0-9.\-]{1,64}(?:/_history/[A-Za-z0-9.\-]{1,64})?")
_LINKS = re.compile(r"""(\b(?:href|src)\s*=\s*)(["'])(.*?)\2""", re.DOTALL)
_ADDRESSES = frozenset({"uri", "url", "oid", "uuid", "policy", "protocol", "authority"})
_NAMED_BY_URL = frozenset({"", "extension", "modifierExtension", "link", "repository"})
"""Where `url` is a uri: of a resource, it is the name of a definition; `link` is of a Bundle."""
_ADDRESS_NAME = re.compile(r"(?:[a-z][A-Za-z]*)?(?:Uri|Url|Oid|Uuid)")


def target_type(reference: str, said: str = "") -> str:
    """The type of what is referred to: from the text, else `said` (Reference.type); "" when neither tells."""
    found = RELATIVE.fullmatch(reference)
    if found:
        return found["type"]
    absolute = _ABSOLUTE_TYPE.fullmatch(reference)
    return absolute[1] if absolute else said


def patient_of(resource: dict[str, Json], row: Resource) -> str | None:
    """The reference, as it is written, that names the person whom `resource` is about; None when nothing does.

    The first path of the row with a reference to a Patient wins. A `urn:` shows no type, so it counts only when no
    reference to a Patient was found; so does the first target of any type for a row with `any_target`.
    """
    unsure = None
    for path in row.person:
        for held in values(resource, path.split(".")):
            text = held.get("reference") if isinstance(held, dict) else None
            if not isinstance(text, str) or text.startswith("#"):
                continue
            kind = target_type(text, str(held.get("type", "")))
            if kind == "Patient":
                return text
            if unsure is None and (row.any_target or (not kind and text.startswith("urn:"))):
                unsure = text
    return unsure


def patient_identifier_of(resource: dict[str, Json], row: Resource) -> tuple[str, str] | None:
    """System and value when the person is named by an identifier only, as UK payloads do; not yet normalised."""
    for path in row.person:
        for held in values(resource, path.split(".")):
            named = (
                held.get("identifier") if isinstance(held, dict) and held.get("type", "Patient") == "Patient" else None
            )
            if isinstance(named, dict) and isinstance(named.get("system"), str) and isinstance(named.get("value"), str):
                return named["system"], named["value"]
    return None


def values(value: Json, steps: list[str] | tuple[str, ...]) -> Iterator[Json]:
    """Everything that stands at a path of names, lists walked through."""
    if isinstance(value, list):
        for member in value:
            yield from values(member, steps)
    elif not steps:
        if value is not None:
            yield value
    elif isinstance(value, dict) and steps[0] in value:
        yield from values(value[steps[0]], steps[1:])


def walk(value: Json, where: Path = ()) -> Iterator[tuple[Path, dict[str, Json]]]:
    """Each Reference anywhere in `value`, with its path: contained resources and extensions too, `#local` ones not.

    A Reference is an object with a string `reference`, or with an Identifier in `identifier` and nothing that only
    other types have.
    """
    if isinstance(value, list):
        for at, member in enumerate(value):
            yield from walk(member, (*where, at))
    elif isinstance(value, dict):
        if _is_reference(value):
            yield where, value
        for name, member in value.items():
            if isinstance(member, dict | list):
                yield from walk(member, (*where, name))


def rewrite(resource: dict[str, Json], by: Rewrite) -> dict[str, Json]:
    """A copy in which every address went through `by`, which answers what it does not know unchanged.

    Addresses are `reference` strings, values of type uri, url, oid and uuid (not canonical, and not the `system` of
    codes and identifiers), and the links of the narrative.
    """
    return _inside("", resource, by, _is_address)


def at_home(resource: dict[str, Json], base: str) -> dict[str, Json]:
    """A copy in which our own addresses are relative: references, links of the narrative and values of type url.

    A value of type uri names something, as the `url` of an extension or of a definition does, and stays as it is.
    """
    return _inside("", resource, lambda address: relative(address, base), _leads)


def relative(reference: str, base: str) -> str:
    """`reference` without our own base address: `https://us/fhir/R4/Patient/1` becomes `Patient/1`."""
    prefix = base.rstrip("/") + "/"
    rest = reference.removeprefix(prefix)
    return rest if rest != reference and RELATIVE.fullmatch(rest) else reference


_REFERENCE_MEMBERS = frozenset({"reference", "type", "identifier", "display", "id", "extension", "_reference", "_type"})


def _is_reference(value: dict[str, Json]) -> bool:
    text = value.get("reference")
    if isinstance(text, str):
        return not text.startswith("#")
    return isinstance(value.get("identifier"), dict) and value.keys() <= _REFERENCE_MEMBERS | {"_display"}


def _inside(holder: str, members: dict[str, Json], by: Rewrite, address: Address) -> dict[str, Json]:
    holder = "" if "resourceType" in members else holder
    return {name: _rewritten(holder, name, member, by, address) for name, member in members.items()}


def _rewritten(holder: str, name: str, value: Json, by: Rewrite, address: Address) -> Json:
    if isinstance(value, dict):
        return _inside(name, value, by, address)
    if isinstance(value, list):
        return [_rewritten(holder, name, member, by, address) for member in value]
    if not isinstance(value, str):
        return value
    if name == "reference" or address(holder, name):
        return value if value.startswith("#") else by(value)
    if name == "div":
        return _LINKS.sub(lambda link: f"{link[1]}{link[2]}{by(link[3])}{link[2]}", value)
    return value


def _is_address(_: str, name: str) -> bool:
    return _is_address_name(name)


@lru_cache(maxsize=1024)
def _is_address_name(name: str) -> bool:
    return name in _ADDRESSES or _ADDRESS_NAME.fullmatch(name) is not None


def _leads(holder: str, name: str) -> bool:
    return name == "valueUrl" or (name == "url" and holder not in _NAMED_BY_URL)
