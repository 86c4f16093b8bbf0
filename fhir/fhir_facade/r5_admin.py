"""Who, where, by what right, and who pays: elements of R4 that have another name or form in R5, by type."""

from collections.abc import Mapping

from fhir_facade.r5_shapes import (
    CODING,
    CONCEPT,
    LANGUAGE,
    REFERENCE,
    SAME,
    TEXT,
    VALUE,
    Entry,
    Kind,
    Members,
    Move,
    OneOf,
    Rule,
    coded,
    merged,
)
from fhir_facade.r5_values import ABSENT

Rules = tuple[Entry, ...]

_RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
_OUTCOME = "http://terminology.hl7.org/CodeSystem/audit-event-outcome"
_OPPOSITE = {"permit": "deny", "deny": "permit"}
_NO_CONDITION = frozenset({"id", "type", "provision"})


def _decision_up(members: Members) -> Members:
    """R4 says of each provision whether it permits; R5 says it once, and every provision is an exception to it.

    Where the provisions do not take turns, R5 would read them as something else, and reads nothing.
    """
    held = members["provision"]
    type_ = held.get("type")
    if type_ not in _OPPOSITE or not _takes_turns(held, type_):
        return {}
    if held.keys() <= _NO_CONDITION:
        nested = [_untyped(each) for each in held.get("provision", ())]
        return {"decision": type_, **({"provision": nested} if nested else {})}
    return {"decision": _OPPOSITE[type_], "provision": [_untyped(held)]}


def _decision_down(members: Members) -> Members:
    decision, nested = members.get("decision"), members.get("provision", [])
    if decision not in _OPPOSITE:
        return {}
    other = _OPPOSITE[decision]
    if len(nested) == 1:
        return {"provision": _typed(nested[0], other)}
    return {
        "provision": {"type": decision, **({"provision": [_typed(each, other) for each in nested]} if nested else {})}
    }


def _takes_turns(provision: Members, type_: str) -> bool:
    other = _OPPOSITE[type_]
    nested = provision.get("provision", ())
    return all(each.get("type") == other and len(each) > 1 and _takes_turns(each, other) for each in nested)


def _untyped(provision: Members) -> Members:
    made = {name: value for name, value in provision.items() if name not in ("type", "_type")}
    if "provision" in made:
        made["provision"] = [_untyped(each) for each in made["provision"]]
    return made


def _typed(provision: Members, type_: str) -> Members:
    made = {"type": type_, **provision}
    if "provision" in made:
        made["provision"] = [_typed(each, _OPPOSITE[type_]) for each in made["provision"]]
    return made


def _classes_up(members: Members) -> Members:
    resources = [each for each in members["class"] if each.get("system") == _RESOURCE_TYPES]
    documents = [each for each in members["class"] if each.get("system") != _RESOURCE_TYPES]
    found = {"documentType": documents, "resourceType": resources}
    return {name: held for name, held in found.items() if held}


def _classes_down(members: Members) -> Members:
    return {"class": [*members.get("documentType", ()), *members.get("resourceType", ())]}


def _day(pair: tuple[str | None, object]) -> object:
    return (None if pair[0] is None else pair[0][:10], pair[1])


def _policy_up(members: Members) -> Members:
    uri = members["policy"][0].get("uri")
    return {"policyBasis": {"url": uri}} if uri else {}


def _policy_down(members: Members) -> Members:
    url = members["policyBasis"].get("url")
    return {"policy": [{"uri": url}]} if url else {}


def _outcome_up(members: Members) -> Members:
    if "outcome" not in members:
        return {}
    made: Members = {"code": {"system": _OUTCOME, "code": members["outcome"]}}
    if "outcomeDesc" in members:
        made["detail"] = [{"text": members["outcomeDesc"]}]
    return {"outcome": made}


def _outcome_down(members: Members) -> Members:
    held = members["outcome"]
    code = held.get("code", {})
    if code.get("system") != _OUTCOME or code.get("code") not in ("0", "4", "8", "12"):
        return {}
    said = next((each["text"] for each in held.get("detail", ()) if "text" in each), None)
    return {"outcome": code["code"], **({} if said is None else {"outcomeDesc": said})}


def _network_up(members: Members) -> Members:
    address = members["network"].get("address")
    return {"networkString": address} if address else {}


def _network_down(members: Members) -> Members:
    return {"network": {"address": members["networkString"]}} if "networkString" in members else {}


def _payload_up(members: Members) -> Members:
    named = {"payloadType": "type", "payloadMimeType": "mimeType", "_payloadMimeType": "_mimeType"}
    return {"payload": [{named[name]: value for name, value in members.items()}]}


def _payload_down(members: Members) -> Members:
    named = {"type": "payloadType", "mimeType": "payloadMimeType", "_mimeType": "_payloadMimeType"}
    held = members["payload"][0]
    return {named[name]: value for name, value in held.items() if name in named}


def _bared(parts: list[Members]) -> list[Members]:
    """Parts of a resource as data types, which have no modifiers."""
    made = [{name: value for name, value in part.items() if name != "modifierExtension"} for part in parts]
    return [each for each in made if each]


def _reach_up(members: Members) -> Members:
    """The numbers and addresses of an organization as contacts without a name, before those with one."""
    made: list[Members] = [{"telecom": members["telecom"]}] if "telecom" in members else []
    made += [{"address": each} for each in members.get("address", ())]
    for kept in _bared(members.get("contact", ())):
        made.append({**kept, "name": [kept["name"]]} if "name" in kept else kept)
    return {"contact": made} if made else {}


def _reach_down(members: Members) -> Members:
    out: Members = {}
    contacts = []
    for held in members.get("contact", ()):
        kept = {name: value for name, value in held.items() if name not in ("organization", "period")}
        if kept.keys() == {"telecom"}:
            out.setdefault("telecom", []).extend(kept["telecom"])
        elif kept.keys() == {"address"}:
            out.setdefault("address", []).append(kept["address"])
        elif kept:
            contacts.append({**kept, "name": kept["name"][0]} if "name" in kept else kept)
    return {**out, **({"contact": contacts} if contacts else {})}


def _numbers_up(members: Members) -> Members:
    return {"contact": [{"telecom": members["telecom"]}]}


def _numbers_down(members: Members) -> Members:
    found = [each for held in members.get("contact", ()) for each in held.get("telecom", ())]
    return {"telecom": found} if found else {}


def _hours_up(members: Members) -> Members:
    named = {"availableTime": "availableTime", "notAvailable": "notAvailableTime"}
    made = {named[name]: times for name, value in members.items() if (times := _bared(value))}
    return {"availability": [made]} if made else {}


def _hours_down(members: Members) -> Members:
    out: Members = {}
    for held in members["availability"]:
        if "availableTime" in held:
            out.setdefault("availableTime", []).extend(held["availableTime"])
        for each in held.get("notAvailableTime", ()):
            said = "description" in each or "_description" in each
            out.setdefault("notAvailable", []).append(each if said else {**each, "_description": ABSENT})
    return out


_OPENING = {"openingTime": "availableStartTime", "closingTime": "availableEndTime"}
_OPENING |= {f"_{old}": f"_{new}" for old, new in _OPENING.items()}
_AVAILABLE = {new: old for old, new in _OPENING.items()}


def _opening_up(members: Members) -> Members:
    times = [
        {_OPENING.get(name, name): value for name, value in each.items()}
        for each in _bared(members["hoursOfOperation"])
    ]
    return {"hoursOfOperation": [{"availableTime": times}]} if times else {}


def _opening_down(members: Members) -> Members:
    found = [each for held in members["hoursOfOperation"] for each in held.get("availableTime", ())]
    times = [{_AVAILABLE.get(name, name): value for name, value in each.items()} for each in found]
    return {"hoursOfOperation": times} if times else {}


def _site_up(members: Members) -> Members:
    if "bodySite" not in members:
        return {}
    sub = {"subSite": members["subSite"]} if "subSite" in members else {}
    return {"bodySite": [{"site": [{"concept": members["bodySite"]}], **sub}]}


def _site_down(members: Members) -> Members:
    held = members["bodySite"][0]
    concept = held["site"][0].get("concept")
    if concept is None:
        return {}
    return {"bodySite": concept, **({"subSite": held["subSite"]} if "subSite" in held else {})}


_REACHED = Rule(("telecom",), ("contact",), _numbers_up, _numbers_down)
_HOURS = Rule(("availableTime", "notAvailable"), ("availability",), _hours_up, _hours_down)
_SITE = Rule(("bodySite", "subSite"), ("bodySite",), _site_up, _site_down)
_NOTE: Rules = (Move("type", "type", coded("http://hl7.org/fhir/note-type")),)
_NAMED = Kind(
    lambda pair: {name: held for name, held in zip(("display", "_display"), pair, strict=True) if held is not None},
    lambda item: (item.get("display"), item.get("_display")) if "display" in item or "_display" in item else None,
)
_PARTY = Kind(lambda item: {"party": item}, lambda item: item.get("party"))

ADMIN: Mapping[str, Rules] = {
    "AuditEvent": (
        Move("type", "category", CODING),
        Move("subtype", "code", CODING),
        Move("period", "occurredPeriod", SAME),
        Move("purposeOfEvent", "authorization", SAME),
        Rule(("outcome", "outcomeDesc"), ("outcome",), _outcome_up, _outcome_down),
    ),
    "AuditEvent.agent": (
        Move("purposeOfUse", "authorization", SAME),
        Rule(("network",), ("networkString",), _network_up, _network_down),
    ),
    "AuditEvent.entity": (Move("role", "role", CODING), Move("securityLabel", "securityLabel", CODING)),
    "AuditEvent.entity.detail": (Move("type", "type", TEXT),),
    "AuditEvent.source": (Move("site", "site", _NAMED), Move("type", "type", CODING)),
    "ChargeItem": (
        Move("context", "encounter", SAME),
        Move("overrideReason", "overrideReason", TEXT),
        Move("service", "service", REFERENCE),
        merged("productCodeableConcept", "productReference", "product", "11*", choice=True),
    ),
    "Claim.careTeam": (Move("qualification", "specialty", SAME),),
    "Claim.item": (_SITE,),
    "ClaimResponse.addItem": (_SITE,),
    "ClaimResponse.item.adjudication": (Move("value", "quantity", VALUE),),
    "ClaimResponse.processNote": _NOTE,
    "Consent": (
        Move("patient", "subject", SAME),
        Move("dateTime", "date", Kind(_day, lambda pair: pair)),
        Move("performer", "grantor", SAME),
        Move("organization", "manager", SAME),
        Move("policyRule", "regulatoryBasis", SAME),
        OneOf((Move("sourceReference", "sourceReference", SAME), Move("sourceAttachment", "sourceAttachment", SAME))),
        Rule(("policy",), ("policyBasis",), _policy_up, _policy_down),
        Rule(("provision",), ("decision", "provision"), _decision_up, _decision_down),
    ),
    "Consent.provision": (Rule(("class",), ("documentType", "resourceType"), _classes_up, _classes_down),),
    "Coverage": (Move("payor", "paymentBy", _PARTY), Move("subscriberId", "subscriberId", VALUE)),
    "Coverage.class": (Move("value", "value", VALUE),),
    "Endpoint": (
        Move("connectionType", "connectionType", CODING),
        Rule(("payloadType", "payloadMimeType"), ("payload",), _payload_up, _payload_down),
    ),
    "ExplanationOfBenefit.addItem": (_SITE,),
    "ExplanationOfBenefit.careTeam": (Move("qualification", "specialty", SAME),),
    "ExplanationOfBenefit.item": (_SITE,),
    "ExplanationOfBenefit.item.adjudication": (Move("value", "quantity", VALUE),),
    "ExplanationOfBenefit.processNote": _NOTE,
    "HealthcareService": (_REACHED, _HOURS),
    "Location": (
        _REACHED,
        Move("physicalType", "form", SAME),
        Rule(("hoursOfOperation",), ("hoursOfOperation",), _opening_up, _opening_down),
    ),
    "Organization": (Rule(("telecom", "address", "contact"), ("contact",), _reach_up, _reach_down),),
    "Practitioner": (Move("communication", "communication", LANGUAGE),),
    "PractitionerRole": (_REACHED, _HOURS),
    "Provenance": (Move("reason", "authorization", CONCEPT),),
}
