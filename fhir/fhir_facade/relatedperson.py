"""A contact as a RelatedPerson: what they are to the person in words, and the roles that follow, as codes.

Source: https://hl7.org/fhir/R4/relatedperson.html; HL7 v3 RoleCode, SNOMED CT for the two roles that it has not.
"""

from dataclasses import dataclass
from typing import Any

from fhir_facade import systems
from fhir_facade.common import PHRASE, concept, own, words
from fhir_facade.face import Face
from fhir_facade.lens import Many, Resource, Where, dig
from fhir_facade.patient import EMAILS, PHONES, SUBJECT, Foremost, Spoken

_ROLE_CODE = f"{systems.HL7}/v3-RoleCode"
_ROLES = {
    "next_of_kin": (_ROLE_CODE, "NOK"),
    "unpaid_carer": (systems.SNOMED, "407542009"),
    "attorney": (_ROLE_CODE, "POWATT"),
    "health_attorney": (_ROLE_CODE, "HPOWATT"),
    "guardian": (_ROLE_CODE, "GUARD"),
    "responsible_person": (_ROLE_CODE, "RESPRSN"),
    "advocate": (systems.SNOMED, "429577009"),
    "spouse": (_ROLE_CODE, "SPS"),
    "partner": (_ROLE_CODE, "DOMPART"),
    "parent": (_ROLE_CODE, "PRN"),
    "daughter": (_ROLE_CODE, "DAU"),
    "son": (_ROLE_CODE, "SON"),
    "sibling": (_ROLE_CODE, "SIB"),
    "friend": (_ROLE_CODE, "FRND"),
    "neighbour": (_ROLE_CODE, "NBOR"),
}
_NATIVE = {pair: role for role, pair in _ROLES.items()}


@dataclass(frozen=True, slots=True)
class Role:
    """A CodeableConcept that says one of our roles in its first coding."""

    def view(self, resource: Resource) -> Any:
        system, code = dig(resource, ("coding", 0, "system")), dig(resource, ("coding", 0, "code"))
        return _NATIVE.get((system, code)) if isinstance(system, str) and isinstance(code, str) else None

    def put(self, resource: Resource, value: Any) -> None:
        resource.clear()
        resource.update(concept(*_ROLES[value]))


@dataclass(frozen=True, slots=True)
class Kinship:
    """A CodeableConcept that says no role of ours: the words for what somebody is to the person."""

    def view(self, resource: Resource) -> Any:
        return None if Role().view(resource) else PHRASE.view(resource)

    def put(self, resource: Resource, value: Any) -> None:
        PHRASE.put(resource, value)


FACE = Face(
    kind="contact",
    type="RelatedPerson",
    person="patient",
    base={"resourceType": "RelatedPerson"},
    fields=(
        ("name", Foremost(Many("name", Spoken()))),
        ("relationship", Foremost(Many("relationship", Kinship()))),
        ("roles", Many("relationship", Role())),
        ("phone", Foremost(PHONES)),
        ("email", Foremost(EMAILS)),
        ("lives_with", own("lives-with", "valueBoolean")),
        ("key_holder", own("key-holder", "valueBoolean")),
        ("comments", own("comments", "valueString")),
        ("subject", Where("identifier", {"system": SUBJECT}, words("value"))),
    ),
)
