"""Who may write in the directory, which is no person's."""

from api.deeds import Deed
from auth.access import Permit, Question, must_freely, refusal
from plan.model import Role, Stored


def must_in_directory(permit: Permit, deed: Deed, current: Stored | None) -> None:
    """Who may write in the directory: an agency its own entries, an administrator all."""
    caller = permit.caller
    must_freely(permit, deed.verb, deed.type)
    if caller.role in (Role.PERSON, Role.CARER, Role.AUDITOR, Role.COMMISSIONER):
        raise refusal(Question.CHARTER, "Your role does not write in the directory.", "Ask an administrator.")
    if current and current.agency != caller.agency and caller.role is not Role.ADMINISTRATOR:
        raise refusal(Question.OWNERSHIP, "Another agency keeps this entry.", "Ask it, or an administrator.")
