"""Override ("break the glass"): how somebody without a relationship opens a plan for a short time, and what for.

It stands for the relationship alone: charter, consents, restrictions and ownership hold as they always do. It counts
for requests that state the purpose of use BTG, so that each of them says so in the audit by itself. Source: HL7 v3
PurposeOfUse (terminology.hl7.org/CodeSystem/v3-ActReason).
"""

from collections.abc import Mapping
from enum import StrEnum

from plan.model import AgencyId, Role, Subject

BREAK_THE_GLASS = "BTG"
"""The purpose of use that a request states when it relies on an override."""
OVERRIDE = "override"
"""The basis of such a relationship, and what the audit calls it."""
MINUTES = 60
"""The longest, and what is meant when nobody says."""
TEXT = (10, 1000)
"""How many characters say why, at least and at most."""
ROLES = frozenset({Role.CLINICIAN, Role.SOCIAL_WORKER, Role.COORDINATOR})
"""Who may."""
REASONS: Mapping[str, str] = {
    "emergency": "Emergency: life or limb is at risk now",
    "safeguarding": "Safeguarding: somebody may come to serious harm",
    "unconscious-or-unable": "The person cannot be asked: unconscious, or not able to answer",
    "urgent-discharge": "A discharge or a move that cannot wait",
    "legal-duty": "A duty by law, or an order of a court",
}
"""Why, as our code system says it (fhir/profiles)."""
_STATED = (
    "TREAT ETREAT BTG ERTREAT CAREMGT CLINTRL POPHLTH PATRQT FAMRQT PWATRNY SUPNWK PUBHLTH DISASTER THREAT"
    " HOPERAT HCOMPL HDIRECT HLEGAL HOUTCOMS HQUALIMP HSYSADMIN PATADMIN PATSFTY PERFMSR RECORDMGT HTEST TRAIN"
    " HPAYMT COVERAGE ELIGDTRM ENROLLM HRESCH CLINTRCH"
)
PURPOSES = frozenset(_STATED.split())
"""The purposes of use that a request may state: codes of v3 PurposeOfUse."""


class Outcome(StrEnum):
    """What a review ends in; as long as more must be known it has not ended."""

    APPROPRIATE = "appropriate"
    INAPPROPRIATE = "inappropriate"
    MORE = "needs-more-information"


def party(subject: Subject, agency: AgencyId) -> str:
    """Under which name the team of a person knows whoever opened it: this worker of this agency, and nobody else."""
    return f"{OVERRIDE}:{subject}@{agency}"
