"""An event of the audit as a FHIR R4 AuditEvent, by the patterns of IHE BALP; one way only, nobody writes them.

Source: FHIR R4 auditevent.html; IHE ITI Basic Audit Log Patterns 1.1 (Create, Read, Update, Delete, Query, their
Patient forms, and AuthZconsent for a decision about leave). What the audit does not keep (a client's network address,
the text of a search, which may hold names) is said to be missing (data-absent-reason), never made up. A refusal follows
AuthZconsent but names the request and what was meant as well, which that profile closes out: it claims no profile.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from fhir_facade.drafts import moment
from fhir_facade.narrative import narrative
from fhir_facade.resources import APART, RESOURCES
from fhir_facade.systems import CARE_ROLE, HL7, HL7_EXTENSION, IDENTIFIERS, PLAN_SECTION
from plan.audit import Event, Named
from plan.log_words import REASONS, ROLES, what
from plan.model import PLAN_SECTIONS, PersonId

Json = Any
DCM = "http://dicom.nema.org/resources/ontology/DCM"
BALP = "https://profiles.ihe.net/ITI/BALP"
CLIENT, SUBJECT, AGENCY = (f"{IDENTIFIERS}/{name}" for name in ("client", "subject", "agency"))
"""Identifier systems of what tokens say: the app, who uses it, and for which agency."""
_INTERACTION = "http://hl7.org/fhir/restful-interaction"
_PARTICIPATION = f"{HL7}/v3-ParticipationType"
_ENTITY = f"{HL7}/audit-entity-type"
_OBJECT_ROLE = f"{HL7}/object-role"
_ABSENT = f"{HL7_EXTENSION}/data-absent-reason"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LONG = 25
"""How many digits to the base 36 a UUID has."""
Code = tuple[str, str, str]
"""System, code and display."""

_DESTINATION: Code = (DCM, "110152", "Destination Role ID")
_SOURCE: Code = (DCM, "110153", "Source Role ID")
_APPLICATION: Code = (DCM, "110150", "Application")
_CUSTODIAN: Code = (f"{HL7}/provenance-participant-type", "custodian", "Custodian")
_AUTHORIZER: Code = (f"{HL7}/extra-security-role-type", "authserver", "authorization server")
_RECIPIENT: Code = (_PARTICIPATION, "IRCP", "information recipient")
_AUTHOR: Code = (_PARTICIPATION, "AUT", "author (originator)")


class _Pattern(NamedTuple):
    """One pattern of BALP: its profile, the interaction, and what client, server and user are in it."""

    profile: str
    interaction: str
    client: Code
    server: Code
    user: Code


_PATTERNS: Mapping[str, _Pattern] = {
    "C": _Pattern("Create", "create", _SOURCE, _DESTINATION, _AUTHOR),
    "R": _Pattern("Read", "read", _DESTINATION, _SOURCE, _RECIPIENT),
    "U": _Pattern("Update", "update", _SOURCE, _DESTINATION, _AUTHOR),
    "D": _Pattern("Delete", "delete", _APPLICATION, _CUSTODIAN, _AUTHOR),
    "E": _Pattern("Query", "search-type", _SOURCE, _DESTINATION, _RECIPIENT),
}
_DECISION = _Pattern("AuthZconsent", "", _APPLICATION, _AUTHORIZER, _RECIPIENT)
_DECISIONS = frozenset({("E", "override")})
"""Action and type of what was let as a decision of its own."""


def id_of(event: Event) -> str:
    """The FHIR id of an event of a person: its own id to the base 36, and the person, who is the key to it."""
    number, digits = int(event.id.replace("-", ""), 16), ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return f"{digits.rjust(_LONG, '0')}.{event.person}"


def parts_of(id_: str) -> tuple[PersonId, str] | None:
    """The person and the event that a FHIR id names; None for what is no id of an event."""
    digits, _, person = id_.partition(".")
    if len(digits) != _LONG or not person or not set(digits) <= set(_DIGITS) or int(digits, 36) >= 1 << 128:
        return None
    raw = f"{int(digits, 36):032x}"
    return PersonId(person), "-".join((raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:]))


def audit_event(event: Event, names: Mapping[str, Named], base: str) -> dict[str, Json]:
    """The AuditEvent. `names`: what the directory says of workers and agencies; `base`: our own address."""
    decided = event.refused or (event.allowed and (event.action, event.type) in _DECISIONS)
    pattern = _DECISION if decided else _PATTERNS[event.action]
    said = f"{_who(event, names)} {_what(event)}"
    made: dict[str, Json] = {
        "resourceType": "AuditEvent",
        "id": id_of(event),
        "meta": {"versionId": "1", "lastUpdated": moment(event.at), **_profile(event, pattern)},
        "text": narrative(said, [("When", moment(event.at)), ("Request", event.request)]),
        "type": _type(decided=decided),
        "subtype": [_subtype(event, pattern)],
        "action": "E" if decided else event.action,
        "recorded": moment(event.at),
        "outcome": "0" if event.allowed else "8" if event.refused else "4",
    }
    if not event.allowed:
        made["outcomeDesc"] = REASONS.get(event.question, "The request could not be carried out.")
    return made | {
        "agent": [*_machines(event, pattern, base), *_people(event, pattern, names)],
        "source": {
            "observer": {"display": "Oneplan"},
            "type": [_coding((f"{HL7}/security-source-type", "4", "Application Server"))],
        },
        "entity": [*_data(event, decided=decided), *_circumstances(event, decided=decided)],
    }


def name_of(face: Mapping[str, Json]) -> str:
    """What an entry of the directory is called: an agency's name, or a worker's first one; empty without one."""
    name = face.get("name")
    if isinstance(name, str):
        return name
    first: Mapping[str, Json] = name[0] if name else {}
    return str(first.get("text") or " ".join([*first.get("given", ()), first.get("family", "")]).strip())


def _who(event: Event, names: Mapping[str, Named]) -> str:
    known = names.get(event.subject)
    return known.name if known and known.name else ROLES.get(event.role, event.role)


def _what(event: Event) -> str:
    return what(event.action, event.type, event.sections, event.question, allowed=event.allowed)


def _profile(event: Event, pattern: _Pattern) -> dict[str, Json]:
    if not event.allowed or pattern is _DECISION:
        return {}
    patient = "Patient" if event.person else ""
    return {"profile": [f"{BALP}/StructureDefinition/IHE.BasicAudit.{patient}{pattern.profile}"]}


def _type(*, decided: bool) -> Json:
    if decided:
        return _coding((DCM, "110113", "Security Alert"))
    return _coding((f"{HL7}/audit-event-type", "rest", "Restful Operation"))


def _subtype(event: Event, pattern: _Pattern) -> Json:
    if pattern is _DECISION:
        consent = event.question == "consent"
        code = "AuthZ-Consent" if consent else "AuthZ-Role"
        words = (
            "Authorization Decision using Roles and Consent" if consent else "Authorization Decision using only Roles"
        )
        return _coding((f"{BALP}/CodeSystem/AuthZsubType", code, words))
    whole = event.action == "E" and not _known(event.type)
    code = "search-system" if whole else pattern.interaction
    return _coding((_INTERACTION, code, code))


def _machines(event: Event, pattern: _Pattern, base: str) -> list[Json]:
    """The app and this service."""
    client = {"identifier": {"system": CLIENT, "value": event.client}} if event.client else {"display": "Not known"}
    return [
        {"type": _concept(pattern.client), "who": client, "requestor": False, "network": _absent("unknown")},
        {
            "type": _concept(pattern.server),
            "who": {"display": "Oneplan"},
            "requestor": False,
            "network": {"address": base, "type": "5"},
        },
    ]


def _people(event: Event, pattern: _Pattern, names: Mapping[str, Named]) -> list[Json]:
    """Who used the app, and for which agency; nobody where nobody had signed in."""
    if not event.subject:
        return []
    user = {
        "type": _concept(pattern.user),
        "role": [_concept((CARE_ROLE, event.role, ""))],
        "who": _party(event, names),
        "requestor": True,
    }
    known = names.get(event.subject)
    if known and known.name:
        user["name"] = known.name
    if event.purpose:
        user["purposeOfUse"] = [_concept((f"{HL7}/v3-ActReason", event.purpose, ""))]
    return [user, *_agency(event, names)]


def _party(event: Event, names: Mapping[str, Named]) -> Json:
    if event.role == "person":
        return {"reference": f"Patient/{event.person}"} if event.person else {"display": "The person"}
    identifier = {"identifier": {"system": SUBJECT, "value": event.subject}}
    known = names.get(event.subject)
    if known is None:
        return identifier
    named = {"display": known.name} if known.name else {}
    return {"reference": f"{known.type}/{event.subject}", **identifier, **named}


def _agency(event: Event, names: Mapping[str, Named]) -> list[Json]:
    if not event.agency:
        return []
    who: dict[str, Json] = {"identifier": {"system": AGENCY, "value": event.agency}}
    known = names.get(event.agency)
    if known:
        who |= {"reference": f"{known.type}/{event.agency}", "display": known.name}
    type_ = _concept((f"{HL7}/v3-RoleClass", "PROV", "healthcare provider"))
    return [{"type": type_, "who": who, "requestor": False, "policy": [f"{IDENTIFIERS}/charter/{event.charter}"]}]


def _data(event: Event, *, decided: bool) -> list[Json]:
    """What was touched, by its address alone; of a search, that its text is not kept."""
    object_ = {"type": _coding((_ENTITY, "2", "System Object"))}
    if event.action == "E" and not decided:
        return [{**object_, "role": _coding((_OBJECT_ROLE, "24", "Query")), "_query": _absent("masked")}]
    return [{**object_, "role": _coding((_OBJECT_ROLE, "4", "Domain Resource")), "what": _meant(event)}]


def _meant(event: Event) -> Json:
    """The entry that was meant. An event of a whole plan names the person, who is no entry of another type."""
    if not _known(event.type):
        return {"display": "The plan, or a part of it"}
    whole = not event.target or (event.target == event.person and event.type != "Patient") or "$" in event.target
    if whole:
        return {"type": event.type, "display": "The plan, or a part of it"}
    return {"reference": f"{event.type}/{event.target}"}


def _circumstances(event: Event, *, decided: bool) -> list[Json]:
    """Whose plan it was, which sections of it, what was agreed where that decided, and in which request."""
    found: list[Json] = []
    if event.person:
        person = {"type": _coding((_ENTITY, "1", "Person")), "role": _coding((_OBJECT_ROLE, "1", "Patient"))}
        found.append({**person, "what": {"reference": f"Patient/{event.person}"}})
    found += [
        {"type": _coding((PLAN_SECTION, name, "")), "what": {"display": name}}
        for name in event.sections
        if name in PLAN_SECTIONS
    ]
    if decided:
        agreed = {"identifier": {"system": f"{IDENTIFIERS}/charter", "value": event.charter}}
        found.append({"type": _coding(("http://hl7.org/fhir/resource-types", "Consent", "Consent")), "what": agreed})
    request = {"identifier": {"system": f"{IDENTIFIERS}/request", "value": event.request}}
    if event.request:
        found.append({"type": _coding((f"{BALP}/CodeSystem/BasicAuditEntityType", "XrequestId", "")), "what": request})
    return found


def _known(type_: str) -> bool:
    return type_ in RESOURCES or type_ in APART


def _coding(code: Code) -> Json:
    system, word, display = code
    return {"system": system, "code": word, **({"display": display} if display else {})}


def _concept(code: Code) -> Json:
    return {"coding": [_coding(code)]}


def _absent(reason: str) -> Json:
    """That something is not there, and why (FHIR R4 extension-data-absent-reason.html)."""
    return {"extension": [{"url": _ABSENT, "valueCode": reason}]}
