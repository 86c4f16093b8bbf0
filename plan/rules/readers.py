"""Which agencies can read an entry: by the role of their people, by consents and by restrictions (docs/access.md)."""

from collections.abc import Mapping

from plan.known import Agency, Entry, Known
from plan.model import Role

ROLES: Mapping[str, Role] = {
    "hospital": Role.CLINICIAN,
    "gp_practice": Role.CLINICIAN,
    "pharmacy": Role.CLINICIAN,
    "community_health": Role.CLINICIAN,
    "social_care": Role.SOCIAL_WORKER,
    "care_provider": Role.CARE_PROVIDER,
    "housing": Role.HOUSING_OFFICER,
    "benefits": Role.BENEFITS_ADVISER,
    "discharge_hub": Role.COORDINATOR,
}
"""In which role an agency's people read. Of other kinds nothing is known, and nothing is said."""


def reads(known: Known, agency: Agency, entry: Entry) -> bool:
    """Whether the people of an agency whose role is known can read an entry today."""
    role = ROLES[agency.kind]
    closed = any(
        rule.decision == "deny"
        and rule.section == entry.section
        and rule.party in (f"agency:{agency.id}", f"role:{role.value}")
        and rule.since <= known.now
        and (rule.until is None or rule.until > known.now)
        for rule in known.rules
    )
    named = entry.restriction is None or agency.id in {entry.agency, *entry.restriction}
    return named and not closed and role in known.readers.get(entry.section, frozenset())
