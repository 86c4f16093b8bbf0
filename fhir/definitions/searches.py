"""Reads the published SearchParameter resources: from FHIRPath expressions to the paths that the index walks.

Called by generate.py. Source: SearchParameter resources of the packages named there; search.html, 3.1.1.4. What can be
read is a row, what cannot is listed as left out, so that nothing disappears without being seen.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

Definition = dict[str, Any]
Elements = Mapping[str, Mapping[str, str]]
Table = dict[str, dict[str, str]]

OFFICIAL = "http://hl7.org/fhir/SearchParameter/"
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

_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
CORRECTED: Mapping[tuple[str, str, str], str] = {
    # The expression is missing, names the wrong extension, or starts at no type; the description says what is meant.
    ("r4", "Device", "din"): f"token extension[url={_EXTENSION}device-din].valueIdentifier",
    ("r4", "Patient", "mothersMaidenName"): f"string extension[url={_EXTENSION}patient-mothersMaidenName].valueString",
    ("r4", "Patient", "birthOrderBoolean"): "token multipleBirthBoolean",
    ("r4", "DocumentReference", "relationship"): "composite relatesTo token:code reference:target",
    ("r5", "Appointment", "date"): "date start requestedPeriod.start",
    ("r5", "CareTeam", "date"): "date period",
    ("r5", "Device", "code-value-concept"): "composite conformsTo token:specification string:version",
    ("r5", "Device", "serial-number"): "string identifier.value",
    ("r5", "DocumentReference", "relationship"): "composite relatesTo token:code reference:target",
    ("r5", "Encounter", "location-period"): "composite location reference:location date:period",
    ("r5", "ImagingStudy", "reason"): "token reason.concept",
    ("r5", "Medication", "form"): "token doseForm",
    ("r5", "Observation", "code-value-string"): "composite . token:code string:valueString",
}
"""Rows where the published expression cannot be what was meant, by version, type and parameter."""

_EXTENSIONS = {
    "token": {"CodeableConcept", "Coding", "code", "boolean"},
    "string": {"string"},
    "reference": {"Reference"},
}
"""The same for the value of an extension, which may be of any type and is of one of these."""

_DECEASED = re.compile(r"(\w+)\.deceased\.exists\(\) and \1\.deceased != false")
_BRANCH = re.compile(
    r"(?P<path>[A-Za-z][\w.]*?)"
    r"(?:\.(?:as|ofType)\((?P<cast>\w+)\)|\s+as\s+(?P<cast2>\w+))?"
    r"(?:\.where\(resolve\(\) is (?P<target>\w+)\)|\.where\((?P<name>\w+)\s*=\s*'(?P<value>[\w-]+)'\)"
    r"|\.(?P<own>extension)\('(?P<url>[^']+)'\)"
    r"|\.where\((?:hasExtension\('(?P<has>[^']+)'\)|extension\('(?P<has2>[^']+)'\)\.exists\(\))\))?"
    r"(?P<rest>(?:\.\w+)*)(?:\.ofType\((?P<last>\w+)\))?"
)


class Read(NamedTuple):
    """What was read of a version: the rows, the shared addresses, and what was left out with its expression."""

    parameters: Table
    addresses: Table
    left_out: Table


def read(version: str, published: Iterable[Definition], resources: set[str], elements: Elements) -> Read:
    """`type -> {parameter: row}`. A row is `family path path ...`, for every path, union, cast and filter.

    Of a composite it is `composite bases family:paths family:paths`, lists parted by commas, `.` for the resource.
    """
    listed = [each for each in published if each["url"].startswith(OFFICIAL)]
    families = {each["url"]: each["type"] for each in listed}
    table, left_out = Table(), Table()
    for found in listed:
        for type_ in sorted(set(found.get("base", [])) & resources):
            row = CORRECTED.get((version, type_, found["code"])) or _row(found, type_, elements, families)
            if row:
                table.setdefault(type_, {})[found["code"]] = row
            else:
                said = f"{found['type']} {found.get('expression', '')}".strip()
                left_out.setdefault(type_, {})[found["code"]] = said
    rows = {type_: dict(sorted(table[type_].items())) for type_ in sorted(table)}
    rest = {
        type_: {name: said for name, said in sorted(left_out[type_].items()) if name not in rows.get(type_, {})}
        for type_ in sorted(left_out)
    }
    return Read(rows, _addresses(listed, rows), {type_: held for type_, held in rest.items() if held})


def _addresses(listed: Iterable[Definition], table: Table) -> Table:
    """`id -> {type: parameter}` of the definitions that are not named `Type-parameter`: most are shared by types."""
    shared = Table()
    for found in listed:
        id_ = str(found["url"]).removeprefix(OFFICIAL)
        for type_ in sorted(found.get("base", [])):
            if found["code"] in table.get(type_, {}) and id_ != f"{type_}-{found['code']}":
                shared.setdefault(id_, {})[type_] = found["code"]
    return shared


def _row(found: Definition, type_: str, elements: Elements, families: Mapping[str, str]) -> str:
    family, expression = found["type"], str(found.get("expression", ""))
    if family == "composite":
        return _composite(found, type_, elements, families)
    if family not in FAMILIES or "//example.org/" in expression:
        return ""
    if _DECEASED.fullmatch(expression):
        return f"{family} deceased[exists]"
    alone = len(found["base"]) == 1
    paths = [path for branch in _branches(expression) for path in _paths(branch, type_, family, elements, alone=alone)]
    return " ".join([family, *dict.fromkeys(paths)]) if paths else ""


def _composite(found: Definition, type_: str, elements: Elements, families: Mapping[str, str]) -> str:
    """Two components that are read from the same object; one that reaches out of it cannot be held together."""
    if len(found["component"]) != 2:  # noqa: PLR2004 - the first is folded into the name of the second
        return ""
    bases = [base.partition(".")[2] for base in _branches(found["expression"]) if base.partition(".")[0] == type_]
    parts: list[str] = []
    for component in found["component"]:
        family, paths = families.get(component["definition"], ""), list[str]()
        for base in bases:
            node = _node(type_, base.split(".") if base else [], elements)
            for branch in _branches(component["expression"]) if family in FAMILIES else ():
                paths += _paths(branch, node, family, elements, alone=True)
        if not paths:
            return ""
        parts.append(f"{family}:{','.join(dict.fromkeys(paths))}")
    return " ".join(["composite", ",".join(base or "." for base in bases), *parts])


def _node(type_: str, steps: list[str], elements: Elements) -> str:
    for step in steps:
        type_ = elements.get(type_, {}).get(step, "").partition(" ")[0].removeprefix("@")
    return type_


def _branches(expression: str) -> Iterator[str]:
    """The members of a union, without the brackets that stand around the whole of one."""
    depth, begin = 0, 0
    for at, char in enumerate(f"{expression}|"):
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            branch, begin = expression[begin:at].strip(), at + 1
            inner = branch[1:-1]
            whole = branch.startswith("(") and branch.endswith(")") and _balanced(inner)
            yield from _branches(inner) if whole else [branch] if branch else []


def _balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return False
    return depth == 0


def _paths(branch: str, type_: str, family: str, elements: Elements, *, alone: bool) -> Iterator[str]:
    """`alone`: the expression belongs to this type only, so it may leave the name of the type out."""
    plain = re.sub(r"(?<!\.as)(?<!ofType)\((\w+(?:\.\w+)*(?: as \w+)?)\)", r"\1", branch)
    match = _BRANCH.fullmatch(plain)
    if match is None:
        return
    filtered = match["name"] or match["url"] or match["has"] or match["has2"]
    steps = (match["path"] + ("" if filtered else match["rest"])).split(".")
    if steps[0] == type_:
        del steps[0]
    elif not alone or not steps[0][:1].islower():
        return
    if not steps and not match["url"]:
        return
    yield from _marked(match, type_, steps, family, elements)


def _marked(match: re.Match[str], type_: str, steps: list[str], family: str, elements: Elements) -> Iterator[str]:
    cast = match["cast"] or match["cast2"] or match["last"]
    limit = {cast[:1].lower() + cast[1:] if cast == "DateTime" else cast} if cast else FAMILIES[family]
    rest = match["rest"].split(".")[1:]
    if match["url"]:
        held = f"{'.'.join([*steps, 'extension'])}[url={match['url']}]"
        limit = _EXTENSIONS.get(family, limit)
        yield from (f"{held}.{path}" for path in _named("Extension", rest or ["value"], limit, elements))
    elif match["has"] or match["has2"]:
        node = _node(type_, steps, elements)
        mark = f"[extension={match['has'] or match['has2']}]"
        yield from (f"{'.'.join(steps)}{mark}.{path}" for path in _named(node, rest, limit, elements))
    elif match["name"]:
        mark = f"[{match['name']}={match['value']}]" + match["rest"]
        yield from (path + mark for path in _named(type_, steps, limit, elements))
    else:
        mark = f"[{match['target']}]" if match["target"] else ""
        yield from (path + mark for path in _named(type_, steps, limit, elements))


def _named(node: str, steps: list[str], limit: set[str], elements: Elements) -> Iterator[str]:
    """The JSON paths of element steps: a choice becomes one path for each type that the parameter can read."""
    rows = elements.get(node, {})
    step, *rest = steps
    for name, row in rows.items():
        type_, _, _, choice = row.split()[:4] if name else ("", "", "", "")
        if not rest and (name == step or (choice == step + "[x]" and type_ in limit)):
            yield name
        elif step in (name, choice.removesuffix("[x]")) and name and rest:
            yield from (f"{name}.{tail}" for tail in _named(type_.removeprefix("@"), rest, limit, elements))
