"""What may I do here, and which of the five questions decided: the access decision explained to the one who asks."""

from starlette.requests import Request
from starlette.responses import Response

from api.rest import asked, said
from auth.access import Permit, Question
from plan.charter import Letter
from plan.model import PLAN_SECTIONS, Json, Section

_WRITES = {Letter.READ: "none", Letter.CONTRIBUTE: "own", Letter.MANAGE: "any"}
_CHANGING = frozenset("cud")
_LOOKING = frozenset("rs")


async def read(request: Request) -> Response:
    """The caller's own leave in one plan."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    asked.terms(request)
    permit, standing = await asked.desk_of(request).access(visit, person)
    told = {
        "role": visit.caller.role.value,
        "agency": visit.caller.agency,
        "purpose": visit.caller.purpose,
        "charter": permit.charter_version,
        "basis": standing.basis,
        "frame": _section(permit, Section.FRAME),
        "sections": {section.value: _section(permit, section) for section in PLAN_SECTIONS},
    }
    return said.value(told)


def _section(permit: Permit, section: Section) -> dict[str, Json]:
    letter = permit.letters.get(section)
    if letter is None:
        return {"read": False, "write": "none", "decided_by": permit.decided[section].value}
    reads, writes = _scoped(permit, _LOOKING), _scoped(permit, _CHANGING)
    told = {"read": reads, "write": _WRITES[letter] if writes else "none"}
    by = Question.CHARTER if reads and (writes or letter is Letter.READ) else Question.TOKEN
    return {**told, "decided_by": by.value}


def _scoped(permit: Permit, verbs: frozenset[str]) -> bool:
    """Whether the token's scopes let the app do any of this with anything."""
    return any(given & verbs for given in permit.scopes.verbs.values())
