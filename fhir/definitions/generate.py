"""Writes the tables beside it from the published FHIR definitions, so that no fact of the standard is typed by hand.

Source: npm packages `hl7.fhir.r4.examples` 4.0.1 and `hl7.fhir.r5.core` 5.0.0 (HL7, CC0). Run after `npm pack` and
unpacking: `python fhir/definitions/generate.py r4 path/to/package`, and the same for `r5`. The output depends on
nothing but the package.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import searches

Definition = dict[str, Any]
HERE = Path(__file__).parent
MOST_CODES = 250
"""A longer list (languages, units, media types) is a terminology of its own and is not checked here."""


def main(version: str, package: Path) -> None:
    """Read the package and write the tables of a version (`r4`, `r5`)."""
    structures = {
        found["type"]: found
        for found in _read(package, "StructureDefinition")
        if found["kind"] in ("resource", "complex-type") and found.get("derivation") != "constraint"
    }
    codes = _Codes(package)
    elements: dict[str, dict[str, str]] = {}
    for structure in sorted(structures.values(), key=lambda each: str(each["type"])):
        elements |= _nodes(structure, codes)
    _write(f"elements_{version}.json", elements)
    _write(f"codes_{version}.json", {name: codes.known[name] for name in sorted(codes.used)})
    _write(f"invariants_{version}.json", _invariants(structures))
    resources = {name for name, found in structures.items() if found["kind"] == "resource" and not found["abstract"]}
    found = searches.read(version, list(_read(package, "SearchParameter")), resources, elements)
    _write(f"search_parameters_{version}.json", found.parameters)
    _write(f"search_addresses_{version}.json", found.addresses)
    _write(f"search_left_out_{version}.json", found.left_out)
    _write(f"hierarchies_{version}.json", dict(_hierarchies(codes.systems.values())))


def _read(package: Path, kind: str) -> Iterator[Definition]:
    for file in sorted(package.glob(f"{kind}-*.json")):
        found = json.loads(file.read_text("utf-8"))
        if found.get("resourceType") == kind and "url" in found:
            yield found


def _nodes(structure: Definition, codes: "_Codes") -> dict[str, dict[str, str]]:
    """The elements of one type, by the path of the object that they stand in; inherited ones are left out."""
    own = str(structure["type"])
    base = str(structure.get("baseDefinition", "")).rsplit("/", 1)[-1]
    nodes: dict[str, dict[str, str]] = {own: {"": base}}
    for element in structure["snapshot"]["element"][1:]:
        parent, _, name = str(element["path"]).rpartition(".")
        if element["base"]["path"].split(".")[0] != own:
            continue
        if parent not in nodes:
            nodes[parent] = {"": "BackboneElement" if structure["kind"] == "resource" else "Element"}
        nodes[parent] |= dict(_rows(element, name, codes))
    return nodes


def _rows(element: Definition, name: str, codes: "_Codes") -> Iterator[tuple[str, str]]:
    """`JSON name -> "type min..max value-set choice flags targets"`, one for each type of a choice.

    Flags: `s` of the summary, `m` a modifier. Targets: the types that a reference may point to, parted by commas.
    """
    count = f"{element['min']}..{element['max']}"
    binding = element.get("binding", {})
    bound = codes.name(binding["valueSet"]) if binding.get("strength") == "required" else "-"
    types = [_type_code(each) for each in element.get("type", [])] or ["@" + element["contentReference"][1:]]
    flags = "s" * bool(element.get("isSummary")) + "m" * bool(element.get("isModifier")) or "-"
    targets = {_type_code(each): _targets(each) for each in element.get("type", [])}
    for said in types:
        rest = f"{flags} {targets.get(said, '-')}"
        type_ = "@" + element["path"] if said in ("BackboneElement", "Element") else said
        stem = name.removesuffix("[x]")
        if name.endswith("[x]"):
            yield stem + type_[:1].upper() + type_[1:], f"{type_} {count} {bound} {name} {rest}"
        else:
            yield stem, f"{type_} {count} {bound} - {rest}"


def _targets(type_: Definition) -> str:
    """The names of the resource types that a reference of this type may point to; `-` for any, or for no reference."""
    names = [str(profile).rsplit("/", 1)[-1] for profile in type_.get("targetProfile", [])]
    return ",".join(names) if names and "Resource" not in names else "-"


def _type_code(type_: Definition) -> str:
    for extension in type_.get("extension", []):
        if extension["url"].endswith("structuredefinition-fhir-type"):
            return str(extension["valueUrl"])
    return str(type_["code"]).rsplit(".", 1)[-1].lower() if "fhirpath" in type_["code"] else str(type_["code"])


class _Codes:
    """The value sets that are short enough to be listed, each by the last part of its canonical."""

    def __init__(self, package: Path) -> None:
        self.sets = {found["url"]: found for found in _read(package, "ValueSet")}
        self.systems = {found["url"]: found for found in _read(package, "CodeSystem")}
        self.known: dict[str, dict[str, list[str]]] = {}
        self.used: set[str] = set()

    def name(self, canonical: str) -> str:
        """The name under which the value set is listed; `-` when it is not."""
        url = canonical.split("|", maxsplit=1)[0]
        name = url.rsplit("/", 1)[-1]
        if name not in self.known:
            listed = self._expand(url)
            self.known[name] = listed if sum(map(len, listed.values())) <= MOST_CODES else {}
        if not self.known[name]:
            return "-"
        self.used.add(name)
        return name

    def _expand(self, url: str) -> dict[str, list[str]]:
        """System to codes; empty when the set is open, filtered or not in the package."""
        compose = self.sets.get(url, {}).get("compose", {})
        listed: dict[str, list[str]] = {}
        for include in compose.get("include", []):
            part = self._included(include)
            if not part:
                return {}
            for system, found in part.items():
                listed.setdefault(system, []).extend(found)
        for exclude in compose.get("exclude", []):
            for system, found in self._included(exclude).items():
                listed[system] = [code for code in listed.get(system, []) if code not in found]
        return listed

    def _included(self, include: Definition) -> dict[str, list[str]]:
        if "filter" in include:
            return {}
        if "valueSet" in include:
            return self._expand(include["valueSet"][0].split("|")[0]) if len(include["valueSet"]) == 1 else {}
        listed = include.get("concept") or self.systems.get(include["system"], {}).get("concept", [])
        return {include["system"]: list(_flat(listed))} if listed else {}


def _flat(concepts: list[Definition]) -> Iterator[str]:
    for concept in concepts:
        yield str(concept["code"])
        yield from _flat(concept.get("concept", []))


def _hierarchies(systems: Iterable[Definition]) -> Iterator[tuple[str, dict[str, str]]]:
    """`system -> {code: broader codes, nearest first}` of the code systems in which some code stands above another.

    Codes that stand under nothing are left out, and so are systems with more than `MOST_CODES` codes.
    """
    for system in sorted(systems, key=lambda each: str(each["url"])):
        above: dict[str, list[str]] = {}
        for concept, broader in _under(system.get("concept", []), []):
            said = [each["valueCode"] for each in concept.get("property", []) if each["code"] == "subsumedBy"]
            above.setdefault(str(concept["code"]), []).extend(dict.fromkeys([*broader, *said]))
        if any(above.values()) and len(above) <= MOST_CODES:
            yield str(system["url"]), {code: " ".join(held) for code, held in sorted(above.items()) if held}


def _invariants(structures: Mapping[str, Definition]) -> dict[str, list[dict[str, str]]]:
    """`path -> its rules`: key, severity, FHIRPath and the published sentence of each; inherited ones are left out."""
    table: dict[str, list[dict[str, str]]] = {}
    for own, structure in sorted(structures.items()):
        base = structures.get(str(structure.get("baseDefinition", "")).rsplit("/", 1)[-1])
        inherited = {rule["key"] for rule in base["snapshot"]["element"][0].get("constraint", [])} if base else set()
        for element in structure["snapshot"]["element"]:
            path = str(element["path"])
            if path != own and element["base"]["path"].split(".")[0] != own:
                continue
            known = inherited if path == own else {"ele-1", "ext-1"}
            rows = [_rule(rule) for rule in element.get("constraint", []) if rule["key"] not in known]
            if rows:
                table[path] = rows
    return table


def _rule(rule: Definition) -> dict[str, str]:
    said = {"key": rule["key"], "severity": rule["severity"], "rule": rule["expression"], "says": rule["human"]}
    return {name: str(text).strip() for name, text in said.items()}


def _under(concepts: list[Definition], broader: list[str]) -> Iterator[tuple[Definition, list[str]]]:
    for concept in concepts:
        yield concept, broader
        yield from _under(concept.get("concept", []), [str(concept["code"]), *broader])


def _write(name: str, table: Mapping[str, object]) -> None:
    """One row a line: small enough to ship, and a change of the source shows as a diff of its rows."""
    rows = ",\n".join(f"{json.dumps(key)}: {json.dumps(row)}" for key, row in table.items())
    (HERE / name).write_text(f"{{\n{rows}\n}}\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
