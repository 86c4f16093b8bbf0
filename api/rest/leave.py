"""What may I do here, and which of the five questions decided: the access decision explained to the one who asks."""

from starlette.requests import Request
from starlette.responses import Response

from api import explaining
from api.rest import asked, said
from auth.access import Permit, Question, Standing
from auth.caller import Caller
from auth.issuers import is_id
from plan.charter import Letter
from plan.model import PLAN_SECTIONS, AgencyId, Json, PersonId, Role, Section, Subject
from plan.problem import Fault, Problem, Trouble

_WRITES = {Letter.READ: "none", Letter.CONTRIBUTE: "own", Letter.MANAGE: "any"}
_CHANGING = frozenset("cud")
_LOOKING = frozenset("rs")


async def read(request: Request) -> Response:
    """The caller's own leave in one plan; for an auditor, that of anybody whom agency and role (and subject) name."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    terms = asked.terms(request, "agency", "role", "subject", "purpose")
    if terms:
        other = _somebody(terms, person)
        permit, standing = await explaining.explained(asked.desk_of(request), visit, person, other)
    else:
        permit, standing = await asked.desk_of(request).access(visit, person)
    return said.value(_told(permit, standing))


def _somebody(terms: asked.Terms, person: PersonId) -> Caller:
    role, agency = terms.get("role", ""), terms.get("agency", "")
    faults = []
    if role not in set(Role):
        what = "this is no role" if role else "role is missing"
        faults.append(Fault(what, ("role",), f"The roles are: {', '.join(Role)}."))
    if not is_id(agency):
        what = "this is no id of an agency" if agency else "agency is missing"
        faults.append(Fault(what, ("agency",), "Give the id of an Organization."))
    if faults:
        raise Problem(Trouble.BAD_VALUE, faults[0].what, tuple(faults))
    subject, purpose = Subject(terms.get("subject", "")), terms.get("purpose", "TREAT")
    return explaining.somebody(AgencyId(agency), Role(role), subject, person, purpose)


def _told(permit: Permit, standing: Standing) -> dict[str, Json]:
    caller = permit.caller
    return {
        "role": caller.role.value,
        "agency": caller.agency,
        "purpose": caller.purpose,
        "charter": permit.charter_version,
        "basis": standing.basis,
        "frame": _section(permit, Section.FRAME),
        "sections": {section.value: _section(permit, section) for section in PLAN_SECTIONS},
        **({"entries": sorted(permit.entries)} if permit.entries is not None else {}),
    }


def _section(permit: Permit, section: Section) -> dict[str, Json]:
    letter = permit.letters.get(section)
    if letter is None:
        return {"read": False, "write": "none", "decided_by": permit.decided[section].value}
    if permit.entries is not None:
        return {"read": True, "write": "none", "decided_by": Question.RELATIONSHIP.value}
    reads, writes = _scoped(permit, _LOOKING), _scoped(permit, _CHANGING)
    told = {"read": reads, "write": _WRITES[letter] if writes else "none"}
    by = Question.CHARTER if reads and (writes or letter is Letter.READ) else Question.TOKEN
    return {**told, "decided_by": by.value}


def _scoped(permit: Permit, verbs: frozenset[str]) -> bool:
    """Whether the token's scopes let the app do any of this with anything."""
    return any(given & verbs for given in permit.scopes.verbs.values())
