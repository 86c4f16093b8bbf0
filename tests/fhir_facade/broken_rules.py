"""Resources that break one rule, and their like that break none: tables for test_invariants.py."""

from typing import Any

Json = Any
Row = tuple[str, dict[str, Json], tuple[str | int, ...]]
SUBJECT = {"reference": "Patient/1"}
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def concept(system: str, code: str) -> dict[str, Json]:
    """A CodeableConcept of one code."""
    return {"coding": [{"system": system, "code": code}]}


def basic(**more: Json) -> dict[str, Json]:
    """The smallest resource that may have anything."""
    return {"resourceType": "Basic", "code": {"text": "x"}, **more}


def extension(name: str, value: Json) -> list[Json]:
    """An extension with a value of some type."""
    return [{"url": "urn:x", name: value}]


def goal(**more: Json) -> dict[str, Json]:
    """A Goal."""
    return {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "description": {"text": "x"},
        "subject": SUBJECT,
        **more,
    }


def task(**more: Json) -> dict[str, Json]:
    """A Task."""
    return {"resourceType": "Task", "status": "requested", "intent": "order", **more}


def condition(**more: Json) -> dict[str, Json]:
    """A Condition of R4."""
    return {"resourceType": "Condition", "subject": SUBJECT, **more}


def observation(**more: Json) -> dict[str, Json]:
    """An Observation."""
    return {"resourceType": "Observation", "status": "final", "code": concept("urn:c", "a"), **more}


def plan(*activities: Json) -> dict[str, Json]:
    """A CarePlan."""
    return {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "subject": SUBJECT,
        "activity": list(activities),
    }


def consent(**more: Json) -> dict[str, Json]:
    """A Consent of R4."""
    made = {"resourceType": "Consent", "status": "active", "scope": {"text": "x"}, "category": [{"text": "x"}]}
    return {**made, **more}


def team(**participant: Json) -> dict[str, Json]:
    """A CareTeam with a Patient and a Practitioner in it."""
    inside = [{"resourceType": "Patient", "id": "p"}, {"resourceType": "Practitioner", "id": "d"}]
    others = [{"member": {"reference": "#p"}}, {"member": {"reference": "#d"}}]
    return {"resourceType": "CareTeam", "contained": inside, "participant": [participant, *others]}


def bundle(kind: str, *entries: Json, **more: Json) -> dict[str, Json]:
    """A Bundle."""
    return {"resourceType": "Bundle", "type": kind, **({"entry": list(entries)} if entries else {}), **more}


GET = {"request": {"method": "GET", "url": "Goal"}}
IN_ORG = {"reference": "Organization/1"}
BROKEN_R4: list[Row] = [
    ("gol-1", goal(target=[{"detailString": "x"}]), ("target", 0)),
    ("inv-1", task(authoredOn="2026-02-02", lastModified="2026-02-01"), ()),
    ("cpl-3", plan({"reference": {"display": "x"}, "detail": {"status": "unknown"}}), ("activity", 0)),
    ("con-1", condition(clinicalStatus=concept(CLINICAL, "active"), stage=[{"type": {"text": "x"}}]), ("stage", 0)),
    ("con-4", condition(clinicalStatus=concept(CLINICAL, "active"), abatementString="x"), ()),
    (
        "con-5",
        condition(clinicalStatus=concept(CLINICAL, "active"), verificationStatus=concept(VERIFIED, "entered-in-error")),
        (),
    ),
    ("obs-3", observation(referenceRange=[{"type": {"text": "x"}}]), ("referenceRange", 0)),
    ("obs-6", observation(valueString="x", dataAbsentReason={"text": "x"}), ()),
    (
        "obs-7",
        observation(valueString="x", component=[{"code": concept("urn:c", "a"), "valueString": "y"}]),
        (),
    ),
    ("pat-1", {"resourceType": "Patient", "contact": [{"gender": "other"}]}, ("contact", 0)),
    ("ppc-1", consent(), ()),
    (
        "prr-1",
        {
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "subject": SUBJECT,
            "orderDetail": [{"text": "x"}],
        },
        (),
    ),
    ("ctm-1", team(member={"reference": "#p"}, onBehalfOf=IN_ORG), ("participant", 0)),
    ("org-1", {"resourceType": "Organization", "active": True}, ()),
    (
        "org-2",
        {"resourceType": "Organization", "name": "x", "address": [{"use": "work"}, {"use": "home"}]},
        ("address", 1),
    ),
    ("org-3", {"resourceType": "Organization", "name": "x", "telecom": [{"use": "home"}]}, ("telecom", 0)),
    (
        "ras-1",
        {
            "resourceType": "RiskAssessment",
            "status": "final",
            "subject": SUBJECT,
            "prediction": [{"probabilityRange": {"low": {"value": 1, "code": "1", "system": "urn:x"}}}],
        },
        ("prediction", 0, "probabilityRange"),
    ),
    (
        "ras-2",
        {
            "resourceType": "RiskAssessment",
            "status": "final",
            "subject": SUBJECT,
            "prediction": [{"probabilityDecimal": 101}],
        },
        ("prediction", 0),
    ),
    ("ext-1", basic(extension=[{"url": "urn:x"}]), ("extension", 0)),
    ("ref-1", basic(subject={"reference": "#x"}), ("subject", "reference")),
    ("dom-3", basic(contained=[{"resourceType": "Patient", "id": "p"}]), ("contained", 0)),
    (
        "dom-4",
        basic(
            subject={"reference": "#p"}, contained=[{"resourceType": "Patient", "id": "p", "meta": {"versionId": "1"}}]
        ),
        (),
    ),
    (
        "dom-5",
        basic(
            subject={"reference": "#p"},
            contained=[{"resourceType": "Patient", "id": "p", "meta": {"security": [{"code": "R"}]}}],
        ),
        (),
    ),
    (
        "per-1",
        basic(extension=extension("valuePeriod", {"start": "2026-02", "end": "2026-01"})),
        ("extension", 0, "valuePeriod"),
    ),
    ("qty-3", basic(extension=extension("valueQuantity", {"code": "kg"})), ("extension", 0, "valueQuantity")),
    ("rat-1", basic(extension=extension("valueRatio", {"numerator": {"value": 1}})), ("extension", 0, "valueRatio")),
    (
        "rng-2",
        basic(extension=extension("valueRange", {"low": {"value": 2}, "high": {"value": 1}})),
        ("extension", 0, "valueRange"),
    ),
    ("cpt-2", basic(extension=extension("valueContactPoint", {"value": "1"})), ("extension", 0, "valueContactPoint")),
    ("att-1", basic(extension=extension("valueAttachment", {"data": "AAAA"})), ("extension", 0, "valueAttachment")),
    (
        "att-data",
        basic(extension=extension("valueAttachment", {"data": "AAAA", "contentType": "a/b", "size": 4})),
        ("extension", 0, "valueAttachment", "size"),
    ),
    (
        "tim-1",
        basic(extension=extension("valueTiming", {"repeat": {"duration": 1}})),
        ("extension", 0, "valueTiming", "repeat"),
    ),
    (
        "tim-9",
        basic(extension=extension("valueTiming", {"repeat": {"offset": 1, "when": ["C"]}})),
        ("extension", 0, "valueTiming", "repeat"),
    ),
    ("bdl-1", bundle("collection", total=1), ()),
    ("bdl-2", bundle("collection", {"resource": basic(), "search": {"mode": "match"}}), ()),
    ("bdl-3", bundle("batch", {"resource": basic()}), ()),
    ("bdl-5", bundle("collection", {"fullUrl": "urn:uuid:5277b703-de58-47a5-8df2-198aa8a8fb72"}), ("entry", 0)),
    ("bdl-7", bundle("collection", *[{"fullUrl": "http://a/Basic/1", "resource": basic()}] * 2), ()),
    ("bdl-8", bundle("collection", {"fullUrl": "http://a/Basic/1/_history/2", "resource": basic()}), ("entry", 0)),
    ("bdl-9", bundle("document", {"resource": basic()}), ()),
    ("bdl-11", bundle("document", {"resource": basic()}), ()),
]
"""Key of the rule, a resource that breaks it, and where."""

KEPT_R4: list[dict[str, Json]] = [
    goal(target=[{"measure": {"text": "x"}, "detailString": "x"}]),
    task(authoredOn="2026-02", lastModified="2026-02-01"),
    task(authoredOn="2026-02-02", lastModified="2026-02-01T20:00:00-05:00"),
    consent(policyRule={"text": "x"}),
    consent(policyRule={"text": "x"}, scope=concept("http://terminology.hl7.org/CodeSystem/consentscope", "treatment")),
    team(member={"reference": "#d"}, onBehalfOf=IN_ORG),
    team(member={"reference": "PractitionerRole/1"}, onBehalfOf=IN_ORG),
    basic(contained=[{"resourceType": "Basic", "id": "b", "code": {"text": "x"}, "subject": {"reference": "#"}}]),
    basic(contained=[{"resourceType": "Patient"}]),
    basic(subject={"display": "x"}),
    bundle("batch", GET),
    bundle("collection", {"resource": basic()}),
]
"""What the same rules let pass: what leads elsewhere, and dates of which one may lie inside the other."""

ENCOUNTER_R5 = {"resourceType": "Encounter", "status": "planned"}
BROKEN_R5: list[Row] = [
    ("gol-1", goal(target=[{"detailString": "x"}]), ("target", 0)),
    ("ctm-1", team(member={"reference": "#p"}, onBehalfOf=IN_ORG), ("participant", 0)),
    (
        "enc-2",
        {
            **ENCOUNTER_R5,
            "contained": [{"resourceType": "Patient", "id": "p"}],
            "participant": [{"actor": {"reference": "#p"}, "type": [{"text": "x"}]}],
        },
        ("participant", 0),
    ),
    ("ref-1", basic(subject={"reference": "#"}), ("subject", "reference")),
    ("ref-2", basic(subject={"type": "Patient"}), ("subject",)),
    (
        "per-1",
        basic(extension=extension("valuePeriod", {"start": "2026-03", "end": "2026-01"})),
        ("extension", 0, "valuePeriod"),
    ),
    (
        "rng-2",
        basic(extension=extension("valueRange", {"low": {"value": 3}, "high": {"value": 1}})),
        ("extension", 0, "valueRange"),
    ),
    (
        "att-data",
        basic(extension=extension("valueAttachment", {"data": "AAAA", "contentType": "a/b", "size": "4"})),
        ("extension", 0, "valueAttachment", "size"),
    ),
    ("obs-6", observation(valueString="x", dataAbsentReason={"text": "x"}), ()),
    ("bdl-3c", bundle("batch", {"request": {"method": "POST", "url": "Basic"}}), ()),
    ("bdl-18", bundle("searchset"), ()),
]
KEPT_R5: list[dict[str, Json]] = [
    team(member={"reference": "Practitioner/1"}, onBehalfOf=IN_ORG),
    basic(contained=[{"resourceType": "Basic", "id": "b", "code": {"text": "x"}, "subject": {"reference": "#"}}]),
    basic(extension=extension("valuePeriod", {"start": "2026-01-02", "end": "2026-01-02T10:00:00Z"})),
    basic(extension=extension("valueInteger64", "9007199254740993")),
    {**ENCOUNTER_R5, "participant": [{"actor": {"reference": "Patient/1"}}]},
    bundle("batch", GET),
]
