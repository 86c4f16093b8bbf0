"""What somebody may write about a stay, its readiness and its end, and what the service fills in beside it.

The same for every door: the body is what was asked for, and what comes back is what is stored. Who said it and when is
never the client's to say. Source: coordination scenarios D1 to D9, and their bad input.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from plan.dates import order
from plan.discharge_facts import Stay, agency_of, arrival, stay, stays
from plan.discharge_gate import GateState, at_departure, gate, told
from plan.discharge_items import missing
from plan.discharge_leaving import departure_key, written_gate
from plan.discharge_table import CLOSED_REASONS, CODES, span
from plan.discharge_words import named, spoken, written
from plan.known import HOUSE, Body, Entry, Known, moment
from plan.model import AgencyId, Role
from plan.problem import Fault, Problem, Trouble

_ANSWERS = ("confirmed", "blocked", "not_needed")
_FIXED = ("item", "what", "stay", "part_of", "who", "asked_for", "due", "blocking", "depends_on_time", "ward")
"""What follows from the plan, and is nobody's to change."""
_PARTS: Mapping[str, str] = {
    "role": "as what you decide",
    "reason": "the reason, with its code",
    "text": "the reason in words",
    "receives": "the name of the person who receives them",
    "mitigation": "what is done so that nobody comes to harm",
}
_LIMITS: Mapping[str, str] = {"back_within_48h": "back_within_48h", "back_within_7d": "back_within_7d"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One write: what is asked for, what is there, and whose hand it is. `oneself`: it is the person.

    `late`: it tells what happened, in whatever order that becomes known: stays may overlap until all of it is.
    """

    body: Body
    before: Entry | None
    subject: str
    agency: AgencyId
    role: str
    oneself: bool = False
    late: bool = False

    @property
    def was(self) -> Body:
        """What is there; empty where nothing is."""
        return self.before.body if self.before else {}


def settled(known: Known, kind: str, attempt: Attempt) -> Body:
    """The body as it is stored. Raises UNPROCESSABLE, REFUSED and CONFLICT, saying what is wrong."""
    return WRITTEN[kind](known, attempt)


def _stay(known: Known, attempt: Attempt) -> Body:
    """The dates fit each other and the other stays; the notice begins when a planned discharge is first said."""
    body, was = attempt.body, attempt.was
    came, left = moment(body.get("admitted")), moment(body.get("discharged"))
    planned, before = moment(body.get("planned_discharge")), moment(was.get("planned_discharge"))
    for name in ("discharged", "planned_discharge"):
        if "admitted" in body and name in body and order(str(body["admitted"]), str(body[name])) == 1:
            _refuse(f"The discharge is before the admission, {body['admitted']}.", (name,))
    if not attempt.late:
        if attempt.before and planned is not None and planned != before and planned < known.now and left is None:
            _refuse("The planned discharge would move into the past.", ("planned_discharge",))
        _must_stand_alone(known, attempt, came, left)
    rest = {name: value for name, value in body.items() if name != "notice"}
    if planned is None:
        return rest
    kept = was.get("notice") if planned == before else None
    return rest | {"notice": kept or written_at(known)}


def _must_stand_alone(known: Known, attempt: Attempt, came: int | None, left: int | None) -> None:
    if came is None or attempt.body.get("status") == "cancelled":
        return
    for other in stays(known):
        start = moment(other.entry.body.get("admitted"))
        if other.entry is attempt.before or start is None or other.closed == "cancelled":
            continue
        if start < (left or known.now + 1) and came < _end(known, other):
            _refuse(
                f"It overlaps with another stay, {other.reference}: discharge or cancel that one first.", ("admitted",)
            )


def _end(known: Known, other: Stay) -> int:
    if other.left is not None:
        return other.left
    return known.now + 1 if not other.closed else 0


def _readiness(known: Known, attempt: Attempt) -> Body:
    """An item is answered by whose it is, while its stay is open, for the date that it is asked for."""
    body = dict(attempt.body)
    status, was = body.get("status"), attempt.was
    body.pop("answered", None)
    if attempt.before is None:
        if status != "asked":
            _refuse("An item is asked before it is answered.", ("status",))
        return body
    for name in _FIXED:
        if name in was and body.get(name, was[name]) != was[name]:
            _refuse("What an item asks, of whom and for when follows from the plan.", (name,))
        body |= {name: was[name]} if name in was else {}
    if "answered" in was:
        body["answered"] = was["answered"]
    if all(body.get(name) == was.get(name) for name in ("status", "reason", "starts")):
        return body
    about = _about(known, body)
    _must_be_open(about, was)
    _must_be_yours(known, attempt)
    if status in _ANSWERS:
        return _answer(known, attempt, about, body)
    if status != "asked":
        _refuse("An item is closed by the plan: say that it is not needed, and why.", ("status",))
    return {name: value for name, value in body.items() if name not in ("answered", "reason", "starts")}


def _answer(known: Known, attempt: Attempt, about: Stay | None, body: dict[str, object]) -> Body:
    code = str(body.get("item"))
    if body["status"] == "confirmed":
        body.pop("reason", None)
        needed = missing(known, about, code) if about else []
        if needed:
            _refuse(f"It depends on what is not there yet: {', '.join(needed)}.", ("status",))
        if about:
            _must_begin_in_time(known, about, code, body)
    elif not body.get("reason"):
        _refuse(f"Say why it is {str(body['status']).replace('_', ' ')}.", ("reason",))
    said = said_by(known, attempt)
    if about and about.planned_text:
        if moment(body.get("asked_for")) not in (None, about.planned):
            what = f"The discharge has moved to {about.planned_text}; the item is being asked again."
            raise Problem(Trouble.CONFLICT, what, (Fault(what, ("asked_for",), "Read it again, then answer."),))
        said["given_for"] = about.planned_text
    return {**body, "answered": said}


def _about(known: Known, body: Body) -> Stay | None:
    entry = known.at(body.get("stay"))
    return stay(known, entry) if entry and entry.kind == "stay" else None


def _must_be_open(about: Stay | None, was: Body) -> None:
    if about and about.closed:
        _refuse(f"The stay is closed: {CLOSED_REASONS[about.closed].lower()}.", ("stay",))
    if was.get("status") == "closed":
        _refuse("The item is closed.", ("status",))


def _must_be_yours(known: Known, attempt: Attempt) -> None:
    assert attempt.before is not None
    if not answers_for(known, attempt.before, attempt.subject, attempt.agency, oneself=attempt.oneself):
        owner = named(known, owner_of(attempt.before))
        what = f"This item is for {owner} to answer, and not for you."
        raise Problem(Trouble.REFUSED, f"{what} Ask them.", extra={"question": "ownership"})


def owner_of(item: Entry) -> AgencyId:
    """The agency that answers for an item: the one that is asked, or the one that asks the person or the carer."""
    return agency_of(item.body.get("who")) or item.agency


def answers_for(known: Known, item: Entry, subject: str, agency: AgencyId, *, oneself: bool) -> bool:
    """Whether an item is somebody's to answer: their agency's, or asked of them, the person or the carer."""
    reference = str((item.body.get("who") or {}).get("reference"))
    contact = known.at(reference)
    theirs = oneself and reference == f"Patient/{known.person}"
    carers = contact is not None and contact.body.get("subject") == subject
    return theirs or carers or agency == owner_of(item)


def decides(about: Stay, agency: AgencyId, role: str) -> bool:
    """Whether somebody may let a person leave who is not ready: the hospital that they are in, or the coordinator."""
    return agency == about.hospital or role == Role.COORDINATOR


def _must_begin_in_time(known: Known, about: Stay, code: str, body: Body) -> None:
    row, starts, arrives = CODES.get(code), moment(body.get("starts")), arrival(known, about)
    if row and row.within and starts is not None and arrives is not None:
        most = span(row.within, known.now)
        if not arrives <= starts <= arrives + most:
            latest = spoken(known, arrives + most)
            _refuse(
                f"It begins after the arrival ({spoken(known, arrives)}), and by {latest} at the latest.", ("starts",)
            )


def _override(known: Known, attempt: Attempt) -> Body:
    """The four parts and the role, or nothing; the gate as it stood is kept with the decision."""
    body, was = attempt.body, attempt.was
    if attempt.before:
        return {**was, "status": body.get("status", was.get("status"))}
    lacking = [name for name in _PARTS if not _has(body, name)]
    if lacking:
        faults = tuple(Fault(f"{name} is missing", (name,), f"Say {_PARTS[name]}.") for name in lacking)
        raise Problem(Trouble.UNPROCESSABLE, f"An override says {', '.join(_PARTS[n] for n in lacking)}.", faults)
    about = _about(known, body)
    made = {**body, "decided": said_by(known, attempt)}
    if about is None:
        return made
    if about.closed:
        _refuse(f"The stay is closed: {CLOSED_REASONS[about.closed].lower()}.", ("stay",))
    if not decides(about, attempt.agency, attempt.role):
        what = "The hospital that the person is in, or the coordinator, decides that they leave."
        raise Problem(Trouble.REFUSED, f"{what} Ask them.", extra={"question": "ownership"})
    now = gate(known, about)
    if now.state is GateState.READY:
        _refuse("The gate is ready: there is nothing to override.", ("stay",))
    return {**made, "gate": written_gate(known, told(known, now))}


def _has(body: Body, name: str) -> bool:
    value = body.get(name)
    inside = {"reason": "code", "receives": "name"}.get(name)
    if inside:
        value = value.get(inside) if isinstance(value, Mapping) else None
    return isinstance(value, str) and bool(value.strip())


def _failed(known: Known, attempt: Attempt) -> Body:
    """It happened after the admission, within the time that its category says; the gate at departure goes with it."""
    body, was = attempt.body, attempt.was
    kept = {name: was[name] for name in ("recorded", "gate") if name in was}
    about = _about(known, body)
    if about:
        _must_have_failed_in_time(known, about, body)
    if attempt.before:
        return {**body, **kept}
    made = {name: value for name, value in body.items() if name != "gate"} | {"recorded": said_by(known, attempt)}
    if about is None:
        return made
    left = known.made(departure_key(about))
    return {**made, "gate": left.body["gate"] if left else written_gate(known, at_departure(known, about))}


def _must_have_failed_in_time(known: Known, about: Stay, body: Body) -> None:
    at, came = moment(body.get("at")), moment(about.entry.body.get("admitted"))
    if at is not None and came is not None and at < came:
        _refuse("A discharge fails after the admission.", ("at",))
    if at is not None and at > known.now:
        _refuse("A discharge that failed has failed already.", ("at",))
    limit = _LIMITS.get(str(body.get("category")))
    if limit and at is not None and about.left is not None and at - about.left > span(limit, known.now):
        _refuse("It is longer ago that the person left: choose the category that fits.", ("category",))


def _by_the_service(known: Known, attempt: Attempt) -> Body:
    """What follows from a stay that the plan knows is written by the service alone."""
    if _about(known, attempt.body) or (attempt.before and attempt.before.author == HOUSE):
        _refuse("It follows from the stay: change the stay.", ("stay",))
    return attempt.body


def said_by(known: Known, attempt: Attempt) -> dict[str, object]:
    """Who says it and when, as it is kept."""
    return {"by": attempt.subject, "agency": str(attempt.agency), "role": attempt.role, "at": written_at(known)}


def written_at(known: Known) -> str:
    """Now, to the millisecond: what came after what must be told apart."""
    whole = written(known, known.now)
    return f"{whole[:19]}.{known.now % 1000:03}{whole[19:]}"


WRITTEN: Final[Mapping[str, Callable[[Known, Attempt], Body]]] = {
    "stay": _stay,
    "readiness": _readiness,
    "discharge_override": _override,
    "failed_discharge": _failed,
    "departure": _by_the_service,
    "discharge_notice": _by_the_service,
}
"""The kinds whose writes are checked and completed."""


def _refuse(what: str, where: Iterable[str]) -> NoReturn:
    raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, tuple(where)),))
