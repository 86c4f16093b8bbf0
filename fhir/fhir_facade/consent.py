"""A sharing decision as a Consent: whom (provision.actor), which sections (provision.class), from when to when.

Source: https://hl7.org/fhir/R4/consent.html. Unknown means no: a permit that its author narrowed by something that the
plan does not decide by (a purpose, an exception) is not read as a permit; a deny stays a deny, however it is narrowed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from fhir_facade import systems
from fhir_facade.common import PARTY, concept, own, ref, said, words
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, First, Many, Only, Resource, Through, dig
from fhir_facade.patient import SUBJECT
from fhir_facade.questionnaire import Word
from plan.kinds.consent import GranteeRole, PlanSection

_RECIPIENT = concept(f"{systems.HL7}/v3-ParticipationType", "IRCP")
_ROLES = frozenset(get_args(GranteeRole))
_NARROWING = ("provision", "purpose", "action", "securityLabel", "code", "dataPeriod", "data")
_STATUS = {
    "draft": "draft",
    "proposed": "proposed",
    "active": "active",
    "refused": "rejected",
    "withdrawn": "inactive",
}
_BASES = ("consent", "best_interests", "statutory_duty", "safeguarding", "court_order")


@dataclass(frozen=True, slots=True)
class Decision:
    """The type of the provision. Writing it takes out what would make it mean less, or more, than it says."""

    def view(self, resource: Resource) -> Any:
        held = _provision(resource)
        found = held.get("type")
        narrowed = any(name in held for name in _NARROWING)
        return found if found == "deny" or (found == "permit" and not narrowed) else None

    def put(self, resource: Resource, value: Any) -> None:
        held = _provision(resource)
        for name in _NARROWING:
            held.pop(name, None)
        At("provision", "type").put(resource, value)


@dataclass(frozen=True, slots=True)
class Actor:
    """An actor that a provision is about: an Organization, a RelatedPerson, or by identifier a role or an account."""

    def view(self, resource: Resource) -> Any:
        reference = said(dig(resource, ("reference", "reference"))) or ""
        named = said(dig(resource, ("reference", "identifier", "value")))
        system = dig(resource, ("reference", "identifier", "system"))
        kind, _, id_ = reference.partition("/")
        if kind == "Organization" and id_:
            return {"agency": id_}
        if kind == "RelatedPerson" and id_:
            return {"carer": reference}
        if system == systems.CARE_ROLE and named in _ROLES:
            return {"role": named}
        return {"subject": named} if system == SUBJECT and named else None

    def put(self, resource: Resource, value: Any) -> None:
        ((said_as, whom),) = value.items()
        resource.clear()
        resource.update(role=_RECIPIENT, reference=_REFERENCES[said_as](whom))


def _provision(resource: Resource) -> Resource:
    held = resource.get("provision")
    return held if isinstance(held, dict) else {}


def _identified(system: str, value: str) -> Resource:
    return {"identifier": {"system": system, "value": value}}


_REFERENCES: Mapping[str, Callable[[str], Resource]] = {
    "agency": lambda agency: {"reference": f"Organization/{agency}"},
    "carer": lambda contact: {"reference": contact},
    "role": lambda role: _identified(systems.CARE_ROLE, role),
    "subject": lambda subject: _identified(SUBJECT, subject),
}

FACE = Face(
    kind="consent",
    type="Consent",
    person="patient",
    base={
        "resourceType": "Consent",
        "scope": concept(f"{systems.HL7}/consentscope", "patient-privacy"),
        "category": [concept(systems.LOINC, "59284-0")],
        "policy": [{"uri": f"{systems.OURS}/charter"}],
    },
    fields=(
        ("decision", Decision()),
        ("status", Code(words("status"), _STATUS)),
        ("to", Through(("provision",), Many("actor", Actor()))),
        (
            "sections",
            Through(("provision",), Many("class", Word(systems.PLAN_SECTION, frozenset(get_args(PlanSection))))),
        ),
        ("start", words("provision", "period", "start")),
        ("end", words("provision", "period", "end")),
        ("date", words("dateTime")),
        ("given_by", First("performer", PARTY)),
        ("basis", Code(own("consent-basis", "valueCode"), {word: word for word in _BASES})),
        ("evidence", Only(ref("sourceReference"), ("sourceAttachment",))),
        ("recorded_how", own("recorded-how", "valueString")),
        ("reason", own("consent-reason", "valueString")),
    ),
)
