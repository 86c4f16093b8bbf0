"""A FHIR message of a hospital's feed, read as an event of a stay, and the message that answers it.

Source: FHIR R4 messaging.html (the id of the MessageHeader names the message, however often it is sent);
MessageHeader.event as HL7 v2 table 0003 (2.5.1), as Da Vinci Unsolicited Notifications 1.0.0 (notification-event), or
as our own code system, which has a code for each type of event.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from fhir_facade import exact, lens
from fhir_facade.common import said
from fhir_facade.encounter import FACE
from fhir_facade.lens import dig
from fhir_facade.references import RELATIVE
from fhir_facade.systems import HL7, NHS_NUMBER, OURS, own_extension
from plan.identity import normal_system
from plan.problem import Fault, Path, Problem, Trouble
from plan.stay_events import DISCHARGE_METHOD, SAYS, TYPES

Json = Any
Resource = dict[str, Json]

EVENT = f"{OURS}/CodeSystem/stay-event"
_V2, _DA_VINCI = f"{HL7}/v2-0003", "http://hl7.org/fhir/us/davinci-alerts/CodeSystem/notification-event"
_CODES: Mapping[tuple[str, str], str] = {
    (_V2, "A01"): "admit",
    (_V2, "A02"): "transfer",
    (_V2, "A03"): "discharge",
    (_V2, "A11"): "cancel_admission",
    (_V2, "A13"): "cancel_discharge",
    (_V2, "A16"): "plan_discharge",
    (_V2, "A25"): "cancel_discharge",
    (_DA_VINCI, "notification-admit"): "admit",
    (_DA_VINCI, "notification-transfer"): "transfer",
    (_DA_VINCI, "notification-discharge"): "discharge",
    **{(EVENT, type_): type_ for type_ in TYPES},
}
_HOW: Mapping[str, str] = {"4": "died", "2": "self_discharge", "6": "self_discharge", "7": "self_discharge"}
"""What kind of leaving a discharge was, by its method (UK Core DischargeMethod)."""
_OCCURRED = own_extension("event-occurred")
_LATER = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate"
"""Where R5 says when the discharge is planned, as R4 carries it."""
_WHEN: Mapping[str, str] = {"admit": "start", "discharge": "end", "died": "end", "self_discharge": "end"}
"""Which end of the Encounter's period an event is at."""


def event(bundle: Mapping[str, Json]) -> dict[str, Json]:
    """The event that a valid message tells, in its native form, which is still to be checked.

    Raises NOT_SUPPORTED for an event that is none of a stay, INVALID for what is no message, REQUIRED for a message
    about a stay without its Encounter.
    """
    entries = [one for one in bundle.get("entry", ()) if "resource" in one]
    header = entries[0]["resource"] if entries else {}
    if bundle.get("type") != "message" or header.get("resourceType") != "MessageHeader":
        _refuse(
            Trouble.INVALID, "this is no message", ("Bundle", "type"), "Its type is message, and a header is first."
        )
    type_ = _type(header)
    encounter = next((one["resource"] for one in entries if one["resource"]["resourceType"] == "Encounter"), None)
    made: dict[str, Json] = {"type": type_, "occurred_at": _occurred(bundle, header, encounter or {}, type_)}
    made["id"] = header.get("id") or str(entries[0].get("fullUrl", "")).removeprefix("urn:uuid:") or None
    if type_ != "heartbeat":
        if encounter is None:
            _refuse(Trouble.REQUIRED, "there is no Encounter", ("Bundle", "entry"), "Send the stay as an Encounter.")
        made |= _of_stay(encounter, entries, type_)
    return {name: value for name, value in made.items() if value is not None}


def place(where: Path, bundle: Mapping[str, Json]) -> Path:
    """Where in the message stands what the native form calls so."""
    types = [dig(one, ("resource", "resourceType")) for one in bundle.get("entry", ())]
    type_, *steps = _PLACES.get(str(where[0]) if where else "", ("Encounter",))
    return ("Bundle", "entry", types.index(type_) if type_ in types else 0, "resource", *steps)


_PLACES: Mapping[str, tuple[str, ...]] = {
    "id": ("MessageHeader", "id"),
    "type": ("MessageHeader", "event"),
    "occurred_at": ("MessageHeader", "extension"),
    "hospital": ("Encounter", "serviceProvider"),
    "person": ("Encounter", "subject"),
    "nhs_number": ("Encounter", "subject"),
    "stay": ("Encounter", "identifier"),
    "ward": ("Encounter", "location"),
    "planned_discharge": ("Encounter", "extension"),
}


def answered(bundle: Mapping[str, Json], ids: tuple[str, str], at: str, base: str, told: Mapping[str, Json]) -> str:
    """The message that answers: taken. `ids` of the Bundle and its header; `told`: stay and warnings, where any."""
    header = bundle["entry"][0]["resource"]
    said_ = {name: header[name] for name in ("eventCoding", "eventUri") if name in header}
    named = header.get("id") or str(bundle["entry"][0].get("fullUrl", "")).removeprefix("urn:uuid:")
    answer: Resource = {
        "resourceType": "MessageHeader",
        "id": ids[1],
        **said_,
        "source": {"name": "Oneplan", "endpoint": base},
        "response": {"identifier": named, "code": "ok"},
    }
    entries = [{"fullUrl": f"urn:uuid:{ids[1]}", "resource": answer}]
    if told.get("stay"):
        answer["focus"] = [{"reference": f"Encounter/{told['stay']}"}]
    if told.get("warnings"):
        issues = [
            {"severity": "warning", "code": "business-rule", "details": {"text": one}} for one in told["warnings"]
        ]
        answer["response"]["details"] = {"reference": f"urn:uuid:{ids[0]}"}
        outcome = {"resourceType": "OperationOutcome", "id": ids[0], "issue": issues}
        entries.append({"fullUrl": f"urn:uuid:{ids[0]}", "resource": outcome})
    return exact.text({"resourceType": "Bundle", "type": "message", "timestamp": at, "entry": entries})


def _type(header: Mapping[str, Json]) -> str:
    system, code = (said(dig(header, ("eventCoding", name))) or "" for name in ("system", "code"))
    if (system, code) not in _CODES:
        known = ", ".join(code for _, code in _CODES)
        mend = f"Send eventCoding with a code of {EVENT}, {_V2} or {_DA_VINCI}: {known}."
        _refuse(Trouble.NOT_SUPPORTED, "this is no event of a stay", ("Bundle", "entry", 0, "resource", "event"), mend)
    return _CODES[system, code]


def _occurred(
    bundle: Mapping[str, Json], header: Mapping[str, Json], encounter: Mapping[str, Json], type_: str
) -> Json:
    """When it happened: the header says so, or the Encounter where it is one of its ends, or the message's own time."""
    own = next((one.get("valueDateTime") for one in header.get("extension", ()) if one.get("url") == _OCCURRED), None)
    end = dig(encounter, ("period", _WHEN[type_])) if type_ in _WHEN else None
    moments = [text for text in (own, end) if isinstance(text, str) and "T" in text]
    return moments[0] if moments else bundle.get("timestamp")


def _of_stay(encounter: Resource, entries: list[Resource], type_: str) -> dict[str, Json]:
    """Whose stay it is, which one, and what the event tells of it."""
    seen = lens.view(FACE.fields, encounter)
    planned = next(
        (one.get("valueDateTime") for one in encounter.get("extension", ()) if one.get("url") == _LATER), None
    )
    seen = {**({"planned_discharge": planned} if planned else {}), **seen}
    provider = RELATIVE.fullmatch(said(dig(encounter, ("serviceProvider", "reference"))) or "")
    told = {name: seen.get(name) for name in SAYS.get(type_, frozenset())}
    told |= {"stay": seen.get("number"), **_whose(encounter, entries)}
    if provider and provider["type"] == "Organization":
        told["hospital"] = provider["id"]
    if type_ == "discharge":
        method = told.get("discharge_method") or {}
        if method.get("system") == DISCHARGE_METHOD and method.get("code") in _HOW:
            told["type"] = _HOW[method["code"]]
    return told


def _whose(encounter: Resource, entries: list[Resource]) -> dict[str, Json]:
    """Whose stay: an NHS number in the reference or in the Patient that comes along, or a Patient of ours."""
    subject = encounter.get("subject", {})
    text = said(subject.get("reference")) or ""
    number = _number([subject.get("identifier", {})])
    for one in entries:
        patient = one["resource"]
        names = {one.get("fullUrl"), f"Patient/{patient.get('id')}"}
        if not number and patient["resourceType"] == "Patient" and text and text in names:
            number = _number(patient.get("identifier", ()))
    found = RELATIVE.fullmatch(text)
    if number:
        return {"nhs_number": number}
    return {"person": found["id"]} if found and found["type"] == "Patient" else {}


def _number(identifiers: Any) -> str | None:
    for one in identifiers:
        if normal_system(str(one.get("system", ""))) == NHS_NUMBER and said(one.get("value")):
            return "".join(str(one["value"]).split())
    return None


def _refuse(trouble: Trouble, what: str, where: Path, mend: str) -> NoReturn:
    raise Problem(trouble, "", (Fault(what, where, mend),))
