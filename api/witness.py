"""The witness: the event of an answer that nothing else has left one of.

The desk leaves the events of what was read, written and refused. What never came that far (no token, a bad body, no
such address, a stale version) is written down here, before the answer starts; when that fails the answer is 503.
"""

import re
from typing import NamedTuple

from starlette.types import Scope

from api.deeds import Visit
from api.desk import Desk
from api.fhir_asked import place
from api.forms import ID
from api.ids import fresh
from auth.access import Question, Standing, ask, narrow
from db.engine import Note
from fhir_facade.resources import APART, RESOURCES
from fhir_facade.versions import VERSIONS
from plan.model import PersonId
from plan.problem import Problem, Trouble

_ACTIONS = {"POST": "C", "PUT": "U", "PATCH": "U", "DELETE": "D"}
_SIGN_IN = frozenset({Trouble.NO_TOKEN, Trouble.BAD_TOKEN, Trouble.EXPIRED})
_PERSON = re.compile(r"/(?:v1|care)/people/([^/]+)")
_DOORS = (("/fhir", "fhir"), ("/care", "pages"), ("/cds-services", "cds"))
"""By what addresses begin; all others are REST."""
UNASKED = "request"
"""What stands for the question where none was reached: the request itself was not as it must be."""


class _Address(NamedTuple):
    """What an address says by itself: the door, the FHIR type, the id of what is meant, and whose plan it is in."""

    door: str
    type: str = ""
    target: str = ""
    person: str = ""
    searches: bool = False


async def witness(desk: Desk, scope: Scope, status: int, problem: Problem | None = None) -> None:
    """Leave the event of an answer. Raises Unavailable.

    It stands under the person whom the address names when the caller may see them, else under nobody.
    """
    address = _address(scope["path"])
    visit: Visit | None = scope.get("visit")
    action = "E" if address.searches else _ACTIONS.get(scope["method"], "R")
    note = _note(desk, visit, scope, address, action, problem)
    found = status < 400  # noqa: PLR2004 - RFC 9110 15: from here on it is an error
    if visit is None or not address.person:
        await desk.store.database.note([note.event("", "", found=found)])
        return
    person = PersonId(address.person)
    permit = ask(visit.caller, desk.charter)
    async with desk.store.writing(permit) as writing:
        standing = await writing.held(permit, person) or Standing()
    seen = narrow(permit, person, standing).letters
    await desk.store.database.note([note.event(person if seen else "", "", found=found)])


def _address(path: str) -> _Address:
    for version in VERSIONS.values():
        if path == version.prefix or path.startswith(f"{version.prefix}/"):
            there = place(path[len(version.prefix) :])
            if there is None:
                return _Address(version.door)
            stored = version.stored_type(there.type) or there.type
            type_ = stored if stored in RESOURCES or stored in APART else ""
            target = _id(there.id)
            person = target if type_ == "Patient" else ""
            return _Address(version.door, type_, target, person, there.shape.endswith("_search"))
    found = _PERSON.match(path)
    person = _id(found[1]) if found else ""
    door = next((door for prefix, door in _DOORS if path.startswith(prefix)), "rest")
    return _Address(door, "", person, person)


def _id(part: str) -> str:
    """A part of an address, when it can be an id: whatever else it is has no place in the audit."""
    return part if ID.fullmatch(part) else ""


def _note(
    desk: Desk, visit: Visit | None, scope: Scope, address: _Address, action: str, problem: Problem | None
) -> Note:
    caller = visit.caller if visit else None
    return Note(
        id=fresh(),
        at=desk.store.clock(),
        subject=caller.subject if caller else "",
        agency=caller.agency if caller else "",
        role=caller.role.value if caller else "",
        purpose=caller.purpose if caller else "",
        client=caller.client if caller else "",
        action=action,
        door=address.door,
        type=address.type,
        target=address.target,
        charter=desk.charter.version,
        request=scope["request_id"],
        refused=_question(problem),
    )


def _question(problem: Problem | None) -> str:
    """Which question decided: of what is no matter of leave, none did."""
    if problem is None:
        return UNASKED
    if problem.trouble in _SIGN_IN:
        return Question.TOKEN.value
    return str(problem.extra.get("question", UNASKED))
