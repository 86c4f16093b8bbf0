"""Writes the tables beside it from the published FHIR definitions, so that no fact of the standard is typed by hand.

Source: npm packages `hl7.fhir.r4.examples` 4.0.1 and `hl7.fhir.r5.core` 5.0.0 (HL7, CC0). Run after `npm pack` and
unpacking: `python fhir/definitions/generate.py r4 path/to/package`, and the same for `r5`. The output depends on
nothing but the package.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Definition = dict[str, Any]
HERE = Path(__file__).parent
MOST_CODES = 250
"""A longer list (languages, units, media types) is a terminology of its own and is not checked here."""

FAMILIES = {
    "token": {"code", "boolean", "Coding", "CodeableConcept", "Identifier", "ContactPoint", "string", "uri", "id"},
    "reference": {"Reference", "canonical", "uri"},
    "date": {"date", "dateTime", "instant", "Period", "Timing"},
    "string": {"string", "markdown", "HumanName", "Address", "Annotation"},
    "quantity": {"Quantity", "Age", "Duration", "Money", "SampledData", "Range"},
    "number": {"integer", "decimal", "positiveInt", "unsignedInt"},
    "uri": {"uri", "url", "canonical", "oid", "uuid"},
}
"""Which data types a search parameter of a family can read (search.html, table of 3.1.1.4)."""

_DECEASED = "Patient.deceased.exists() and Patient.deceased != false"
_BRANCH = re.compile(
    r"(?P<path>[A-Za-z][\w.]*?)"
    r"(?:\.(?:as|ofType)\((?P<cast>\w+)\)|\s+as\s+(?P<cast2>\w+))?"
    r"(?:\.where\(resolve\(\) is (?P<target>\w+)\)|\.where\((?P<name>\w+)='(?P<value>[\w-]+)'\))?"
    r"(?P<rest>(?:\.\w+)*)"
)


def main(version: str, package: Path) -> None:
    """Read the package and write the five tables of a version (`r4`, `r5`)."""
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
    table = _parameters(package, resources, elements)
    _write(f"search_parameters_{version}.json", table)
    _write(f"search_addresses_{version}.json", _addresses(package, table))


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


def _parameters(package: Path, resources: set[str], elements: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """`type -> {parameter: "family path path ..."}` for every path, union, cast and filter."""
    table: dict[str, dict[str, str]] = {}
    for found in _read(package, "SearchParameter"):
        if not found["url"].startswith("http://hl7.org/fhir/SearchParameter/") or found["type"] not in FAMILIES:
            continue
        for type_ in sorted(set(found.get("base", [])) & resources):
            paths = list(_paths(found, type_, elements))
            if paths:
                table.setdefault(type_, {})[found["code"]] = " ".join([found["type"], *dict.fromkeys(paths)])
    return {type_: dict(sorted(table[type_].items())) for type_ in sorted(table)}


def _addresses(package: Path, table: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """`id -> {type: parameter}` of the definitions that several types share; all others are named `Type-parameter`."""
    shared: dict[str, dict[str, str]] = {}
    for found in _read(package, "SearchParameter"):
        id_ = str(found["url"]).rsplit("/", 1)[-1]
        for type_ in sorted(found.get("base", [])):
            if found["code"] in table.get(type_, {}) and id_ != f"{type_}-{found['code']}":
                shared.setdefault(id_, {})[type_] = found["code"]
    return shared


def _paths(parameter: Definition, type_: str, elements: dict[str, dict[str, str]]) -> Iterator[str]:
    expression = str(parameter.get("expression", ""))
    if expression == _DECEASED:
        yield "deceased[exists]"
        return
    for branch in expression.split("|"):
        plain = re.sub(r"(?<!\.as)(?<!ofType)\((\w+(?:\.\w+)*(?: as \w+)?)\)", r"\1", branch.strip())
        match = _BRANCH.fullmatch(plain)
        if match is None or not plain.startswith(type_ + "."):
            continue
        steps = (match["path"] + (match["rest"] if not match["name"] else "")).split(".")[1:]
        cast = match["cast"] or match["cast2"]
        limit = {cast} if cast else FAMILIES[parameter["type"]]
        mark = f"[{match['target']}]" if match["target"] else ""
        if match["name"]:
            mark = f"[{match['name']}={match['value']}]" + match["rest"]
        for path in _named(type_, steps, limit, elements):
            yield path + mark


def _named(node: str, steps: list[str], limit: set[str], elements: dict[str, dict[str, str]]) -> Iterator[str]:
    """The JSON paths of element steps: a choice becomes one path for each type that the parameter can read."""
    rows = elements.get(node, {})
    step, *rest = steps
    for name, row in rows.items():
        type_, _, _, choice = row.split()[:4] if name else ("", "", "", "")
        if not rest and (name == step or (choice == step + "[x]" and type_ in limit)):
            yield name
        elif step in (name, choice.removesuffix("[x]")) and name and rest:
            yield from (f"{name}.{tail}" for tail in _named(type_.removeprefix("@"), rest, limit, elements))


def _write(name: str, table: Mapping[str, object]) -> None:
    """One row a line: small enough to ship, and a change of the source shows as a diff of its rows."""
    rows = ",\n".join(f"{json.dumps(key)}: {json.dumps(row)}" for key, row in table.items())
    (HERE / name).write_text(f"{{\n{rows}\n}}\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
