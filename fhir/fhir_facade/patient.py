"""The person as a Patient: one name, number or address changes, and all others stay where an EHR put them.

Source: https://hl7.org/fhir/R4/patient.html; UK Core Patient (NHS number, EthnicCategory, AddressKey for the UPRN).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fhir_facade import systems
from fhir_facade.common import coding, own, said, words
from fhir_facade.face import Face
from fhir_facade.lens import ABSENT, At, Code, First, Lens, Many, Resource, Table, Via, Where, dig, extension, plant

SUBJECT = f"{systems.IDENTIFIERS}/subject"
"""The identifier system of the accounts that people and their carers sign in with."""
_ADDRESS_KEY = f"{systems.UK_CORE_EXTENSION}/Extension-UKCore-AddressKey"
_UPRN = {"system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-AddressKeyType", "code": "UPRN"}
_NHS_NUMBER = re.compile(r"[0-9]{10}")
_PASSED = frozenset({"nickname", "old", "maiden", "anonymous", "temp"})
_NO_LANGUAGE = {"language": {"extension": [ABSENT]}}


@dataclass(frozen=True, slots=True)
class Foremost:
    """The first of a list, where the native form has one. None ends them all: a second one was never the answer."""

    many: Lens

    def view(self, resource: Resource) -> Any:
        found = self.many.view(resource)
        return found[0] if found else None

    def put(self, resource: Resource, value: Any) -> None:
        rest = (self.many.view(resource) or [])[1:]
        self.many.put(resource, None if value is None else [value, *rest])


@dataclass(frozen=True, slots=True)
class Current:
    """A name, number or address that is still in use (`use` is not `old`)."""

    inner: Lens

    def view(self, resource: Resource) -> Any:
        return None if resource.get("use") == "old" else self.inner.view(resource)

    def put(self, resource: Resource, value: Any) -> None:
        self.inner.put(resource, value)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A HumanName as it is said. New words are written as text: which part is which, nobody knows any more."""

    def view(self, resource: Resource) -> Any:
        parts = (_texts(resource.get("prefix")), _texts(resource.get("given")), _texts([resource.get("family")]))
        return said(resource.get("text")) or " ".join(part for some in parts for part in some or ()) or None

    def put(self, resource: Resource, value: Any) -> None:
        use = resource.get("use")
        resource.clear()
        resource.update({"use": use} if use else {})
        words("text").put(resource, value)


@dataclass(frozen=True, slots=True)
class OneName:
    """The HumanName that `pick` chooses of all; a new one gets the `use`."""

    pick: Callable[[list[Resource]], Resource | None]
    use: str
    inner: Lens

    def view(self, resource: Resource) -> Any:
        picked = self.pick(_members(resource, "name"))
        return None if picked is None else self.inner.view(picked)

    def put(self, resource: Resource, value: Any) -> None:
        picked = self.pick(_members(resource, "name"))
        if value is not None:
            held: Resource = {"use": self.use} if picked is None else picked
            self.inner.put(held, value)
            resource["name"] = [*_members(resource, "name"), *([held] if picked is None else ())]
            return
        while picked is not None:
            others = [other for other in resource["name"] if other is not picked]
            plant(resource, ("name",), others or None)
            picked = self.pick(_members(resource, "name"))


@dataclass(frozen=True, slots=True)
class OtherNumber:
    """An Identifier that is not the NHS number. Another one is written whole: type and period were the old one's."""

    def view(self, resource: Resource) -> Any:
        system, value = said(resource.get("system")), said(resource.get("value"))
        if value is None or system == systems.NHS_NUMBER:
            return None
        return ({"system": system} if system else {}) | {"value": value}

    def put(self, resource: Resource, value: Any) -> None:
        resource.clear()
        resource.update(value)


@dataclass(frozen=True, slots=True)
class PropertyKey:
    """The UPRN in a UK Core AddressKey; a key of another type (PAF) is not one."""

    def view(self, resource: Resource) -> Any:
        parts = {part.get("url"): part for part in _members(resource, "extension") if isinstance(part.get("url"), str)}
        of_property = dig(parts, ("type", "valueCoding", "code")) == _UPRN["code"]
        return said(dig(parts, ("value", "valueString"))) if of_property else None

    def put(self, resource: Resource, value: Any) -> None:
        parts = [{"url": "type", "valueCoding": dict(_UPRN)}, {"url": "value", "valueString": value}]
        resource.update(url=_ADDRESS_KEY, extension=parts)


@dataclass(frozen=True, slots=True)
class Place:
    """An Address. Another place is written whole, so that no key or county of the one before stays behind."""

    def view(self, resource: Resource) -> Any:
        seen = _ADDRESS.view(resource)
        shown = said(resource.get("text"))
        return seen if shown is None or "line" in resource else (seen or {}) | {"lines": _texts(shown.splitlines())}

    def put(self, resource: Resource, value: Any) -> None:
        held = self.view(resource) or {}
        if any(held.get(part) != value.get(part) for part in ("lines", "city", "postcode")):
            resource.clear()
        _ADDRESS.put(resource, value)


@dataclass(frozen=True, slots=True)
class GeneralPractice:
    """A Reference to an Organization, or one that only its ODS code or its name tells; a named doctor is not one."""

    def view(self, resource: Resource) -> Any:
        reference = said(resource.get("reference")) or ""
        if reference and not reference.startswith("Organization/"):
            return None
        coded = (said(dig(resource, ("identifier", "system"))) or "").lower() == systems.ODS_CODE.lower()
        parts = {
            "ods_code": said(dig(resource, ("identifier", "value"))) if coded else None,
            "name": said(resource.get("display")),
            "reference": reference or None,
        }
        return {name: part for name, part in parts.items() if part is not None} or None

    def put(self, resource: Resource, value: Any) -> None:
        resource.clear()
        if "reference" in value:
            resource["reference"] = value["reference"]
        if "ods_code" in value:
            resource["identifier"] = {"system": systems.ODS_CODE, "value": value["ods_code"]}
        if "name" in value:
            resource["display"] = value["name"]


@dataclass(frozen=True, slots=True)
class Death:
    """`deceased[x]`: the moment where it is known, else whether."""

    def view(self, resource: Resource) -> Any:
        known = resource.get("deceasedBoolean")
        return said(resource.get("deceasedDateTime")) or (known if isinstance(known, bool) else None)

    def put(self, resource: Resource, value: Any) -> None:
        At("deceasedBoolean").put(resource, value if isinstance(value, bool) else None)
        At("deceasedDateTime").put(resource, None if isinstance(value, bool) else value)


def _members(resource: Resource, name: str) -> list[Resource]:
    listed = resource.get(name)
    return [member for member in (listed if isinstance(listed, list) else ()) if isinstance(member, dict)]


def _texts(found: Any) -> list[str] | None:
    return [text for text in found if said(text)] or None if isinstance(found, list) else None


def _official(names: list[Resource]) -> Resource | None:
    """The name for letters: the official one, else the first that is neither a nickname nor out of use."""
    official = [name for name in names if name.get("use") == "official"]
    return next(iter((*official, *(name for name in names if not _passed(name)))), None)


def _nickname(names: list[Resource]) -> Resource | None:
    """The name to call the person by: the nickname, else a usual name beside the official one."""
    main = _official(names)
    nicknames = [name for name in names if name.get("use") == "nickname"]
    usual = [name for name in names if name.get("use") == "usual" and name is not main]
    return next(iter((*nicknames, *usual)), None)


def _passed(name: Resource) -> bool:
    use = name.get("use")
    return isinstance(use, str) and use in _PASSED


def _joined(found: Any) -> str | None:
    return " ".join(_texts(found) or ()) or None


def _nhs_number(found: str) -> str | None:
    digits = re.sub(r"[\s-]", "", found)
    return digits if _NHS_NUMBER.fullmatch(digits) else None


def _listed(text: str) -> list[str]:
    return [text]


def _telecom(system: str) -> Lens:
    return Many("telecom", Current(words("value")), {"system": system})


PHONES = _telecom("phone")
EMAILS = _telecom("email")

_NAME = Table(
    (
        ("title", Via(At("prefix"), _joined, _listed)),
        ("given", Via(At("given"), _texts, list)),
        ("family", words("family")),
        ("text", words("text")),
    )
)
_USE = {"home": "home", "temporary": "temp", "old": "old", "work": "work", "billing": "billing"}
_ADDRESS = Table(
    (
        ("type", Code(words("use"), _USE)),
        ("lines", Via(At("line"), _texts, list)),
        ("city", words("city")),
        ("postcode", words("postalCode")),
        ("uprn", Foremost(Many("extension", PropertyKey(), {"url": _ADDRESS_KEY}))),
        ("parent_uprn", own("parent-uprn", "valueString")),
    )
)
_NHS = Many("identifier", Current(Via(words("value"), _nhs_number, str)), {"system": systems.NHS_NUMBER})
_ETHNICITY = {"url": f"{systems.UK_CORE_EXTENSION}/Extension-UKCore-EthnicCategory"}
_COMMUNICATION = Table(
    (
        ("language", First("communication", coding("language"), _NO_LANGUAGE)),
        ("interpreter_required", extension(f"{systems.HL7_EXTENSION}/patient-interpreterRequired", "valueBoolean")),
        ("needs", own("communication-needs", "valueString")),
    )
)

FACE = Face(
    kind="person",
    type="Patient",
    person="",
    base={"resourceType": "Patient"},
    fields=(
        ("name", OneName(_official, "official", _NAME)),
        ("preferred_name", OneName(_nickname, "nickname", Spoken())),
        ("birth_date", words("birthDate")),
        ("gender", Code(words("gender"), {word: word for word in ("male", "female", "other", "unknown")})),
        ("died", Death()),
        ("nhs_number", Foremost(_NHS)),
        ("identifiers", Many("identifier", Current(OtherNumber()))),
        ("addresses", Many("address", Place())),
        ("phones", PHONES),
        ("emails", EMAILS),
        ("communication", _COMMUNICATION),
        ("ethnicity", Where("extension", _ETHNICITY, coding("valueCodeableConcept"))),
        ("gp_practice", Foremost(Many("generalPractitioner", GeneralPractice()))),
    ),
)
