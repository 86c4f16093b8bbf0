"""Allergy <-> AllergyIntolerance. Source: https://hl7.org/fhir/R4/allergyintolerance.html."""

from fhir_facade import systems
from fhir_facade.common import PHRASE, code_in, coding_beside, note, own, party, title, unchanged, words
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, First, Only, Via

_CLINICAL = {word: word for word in ("active", "inactive", "resolved")}
_CERTAIN = {word: word for word in ("unconfirmed", "confirmed", "refuted")} | {"entered_in_error": "entered-in-error"}
_CATEGORIES = frozenset({"food", "medication", "environment", "biologic"})
_CRITICALITY = {"low": "low", "high": "high", "unknown": "unable-to-assess"}
_ONSET = ("onsetAge", "onsetPeriod", "onsetRange", "onsetString")


def _known(codes: object) -> list[str] | None:
    """The categories; None for what the native form does not know."""
    listed = codes if isinstance(codes, list) else []
    known = [code for code in listed if isinstance(code, str) and code in _CATEGORIES]
    return known if known and len(known) == len(listed) else None


FACE = Face(
    kind="allergy",
    type="AllergyIntolerance",
    person="patient",
    base={"resourceType": "AllergyIntolerance"},
    fields=(
        ("substance", title("code")),
        ("code", coding_beside("code")),
        ("status", code_in(f"{systems.HL7}/allergyintolerance-clinical", _CLINICAL, "clinicalStatus")),
        ("certainty", code_in(f"{systems.HL7}/allergyintolerance-verification", _CERTAIN, "verificationStatus")),
        ("nature", Code(At("type"), {word: word for word in ("allergy", "intolerance")})),
        ("categories", Via(At("category"), _known, unchanged)),
        ("criticality", Code(At("criticality"), _CRITICALITY)),
        ("reaction", First("reaction", First("manifestation", PHRASE))),
        ("since", Only(words("onsetDateTime"), _ONSET)),
        ("recorded", words("recordedDate")),
        ("recorded_by", party("recorder")),
        ("told_by", party("asserter")),
        ("review_date", own("review-date", "valueDate")),
        ("note", note()),
    ),
)
