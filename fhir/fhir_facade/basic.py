"""Sealed address <-> Basic: FHIR has no resource for an address alone. Source: https://hl7.org/fhir/R4/basic.html."""

from fhir_facade import systems
from fhir_facade.common import concept, own
from fhir_facade.face import Face
from fhir_facade.lens import Resource, Through, Where, dig
from fhir_facade.patient import Place

_MARK = concept(systems.ENTRY_KIND, "sealed_address")
_ADDRESS = {"url": systems.own_extension("sealed-address")}


def _is_sealed(resource: Resource) -> bool:
    codings = dig(resource, ("code", "coding"))
    return _MARK["coding"][0] in codings if isinstance(codings, list) else False


FACE = Face(
    kind="sealed_address",
    type="Basic",
    person="subject",
    base={"resourceType": "Basic", "code": _MARK},
    mine=_is_sealed,
    fields=(
        ("address", Where("extension", _ADDRESS, Through(("valueAddress",), Place()))),
        ("note", own("sealed-address-note", "valueString")),
    ),
)
