"""What follows when somebody leaves hospital: how the gate stood is kept, and somebody asks how it went.

Whoever had not confirmed is told that the person goes home all the same; whoever had a part in a discharge that failed
has something to learn from it. Source: coordination scenarios D4 and D9.
"""

from collections.abc import Iterator
from dataclasses import replace

from plan.discharge_asking import message, notice_key
from plan.discharge_facts import Stay, agency, died
from plan.discharge_gate import Gate, at_departure
from plan.discharge_items import DONE, Held, entries, is_short, items, party
from plan.discharge_table import OUTCOMES, clock
from plan.discharge_words import coordinator, family, named, reached, spoken, written
from plan.known import Body, Entry, Known, Want, moment
from plan.model import AgencyId, Section

_DAY = 86_400_000
_WEEK = 7 * _DAY


def leaving(known: Known, stay: Stay) -> Iterator[Want]:
    """The departure of a stay, the notices of its overrides, its outcome checks, and what is to be learned."""
    yield from _departure(known, stay)
    decided = override(known, stay)
    if decided:
        yield from _told(known, stay, decided)
    yield from _outcomes(known, stay, decided)
    for failed in known.of("failed_discharge"):
        if failed.body.get("stay") == stay.reference:
            yield from _lessons(known, stay, failed)


def override(known: Known, stay: Stay) -> Entry | None:
    """The decision that stands to let the person leave although the gate is not ready; the last of several."""
    found = [one for one in known.of("discharge_override") if one.body.get("stay") == stay.reference]
    return next((one for one in reversed(found) if one.body.get("status") == "decided"), None)


def departure_key(stay: Stay) -> str:
    """The key of the departure of a stay."""
    return f"departure:{stay.entry.id}"


def written_gate(known: Known, one: Gate) -> Body:
    """A gate as it is kept with a departure, an override or a failed discharge."""
    lists = {"open": one.open, "stale": one.stale, "reasons": one.reasons, "evaluated_on": one.evaluated_on}
    said = {name: list(value) for name, value in lists.items() if value}
    return {"state": str(one.state), "at": written(known, one.at)} | said


def _departure(known: Known, stay: Stay) -> Iterator[Want]:
    key, there = departure_key(stay), known.made(departure_key(stay))
    if stay.left is None or stay.closed in ("died", "cancelled"):
        if there:
            yield Want(key=key, kind="departure", section=Section.TRANSITIONS, body=None, agency=stay.hospital)
        return
    if there is None and _is_history(known, stay):
        return
    held = there.body if there else _stood(known, stay)
    body = {**held, "left": str(stay.entry.body["discharged"])}
    yield Want(key=key, kind="departure", section=Section.TRANSITIONS, body=body, agency=stay.hospital)


def _stood(known: Known, stay: Stay) -> Body:
    gate, decided = at_departure(known, stay), override(known, stay)
    body: Body = {"stay": stay.reference, "state": str(gate.state), "gate": written_gate(known, gate)}
    short = {"short_notice": True} if is_short(stay) else {}
    return {**body, **short, **({"override": decided.reference} if decided else {})}


def _is_history(known: Known, stay: Stay) -> bool:
    """A stay that came into the plan when it was long over: nobody was ever asked about it."""
    late = stay.left is not None and stay.entry.created - stay.left > _DAY
    return late and not entries(known, stay) and known.made(notice_key(stay)) is None


def _told(known: Known, stay: Stay, decided: Entry) -> Iterator[Want]:
    """Every agency with something unconfirmed, and those of the person who may know; nobody of theirs after a death."""
    held = items(known, replace(stay, closed="")) if stay.closed in ("", "discharged") else []
    open_ = [one for one in held if one.entry and one.blocking and one.state not in DONE]
    for id_ in dict.fromkeys(one.agency for one in open_):
        mine = [one for one in open_ if one.agency == id_]
        yield from _once(known, stay, decided, str(id_), _goes(known, stay, mine), reached(agency(known, id_)))
    for one in () if died(known) else family(known):
        to = party(one.reference, str(one.body.get("name", "")))
        yield from _once(known, stay, decided, one.reference, _goes(known, stay, []), to)


def _once(known: Known, stay: Stay, decided: Entry, whom: str, text: str, to: Body) -> Iterator[Want]:
    key = f"override:{decided.id}:{whom}"
    if known.made(key) is None and stay.closed in ("", "discharged"):
        made = message(known, stay, key, text, [to], "Discharge although not ready")
        about = [decided.reference, stay.reference]
        yield Want(
            key=key,
            kind="message",
            section=made.section,
            body={**(made.body or {}), "about": about},
            agency=made.agency,
        )


def _goes(known: Known, stay: Stay, mine: list[Held]) -> str:
    when = "" if stay.planned is None else f" planned for {spoken(known, stay.planned)}"
    lines = [f"The discharge from {named(known, stay.hospital)}{when} goes ahead although not everything is confirmed."]
    lines += ["Not confirmed by you:"] if mine else []
    return "\n".join([*lines, *(f"- {one.title}" for one in mine)])


def _outcomes(known: Known, stay: Stay, decided: Entry | None) -> Iterator[Want]:
    """Somebody asks how it went, when a person left although the gate was not ready."""
    there = known.made(departure_key(stay))
    kept = [name for name in OUTCOMES if known.made(f"{name}:{stay.entry.id}")]
    if stay.closed in ("died", "cancelled"):
        yield from (_outcome(known, stay, name, 0) for name in kept)
        return
    left = stay.left if stay.left is not None else stay.planned if decided else None
    ready = there is not None and there.body.get("state") == "ready"
    if left is not None and (decided or (there and not ready) or kept):
        yield from (_outcome(known, stay, name, left) for name in OUTCOMES)


def _outcome(known: Known, stay: Stay, name: str, left: int) -> Want:
    """One check. `left`: when the person left or will leave; 0: there is nobody to ask any more."""
    key = f"{name}:{stay.entry.id}"
    there, row = known.made(key), clock(name, known.now)
    lead = coordinator(known, stay.hospital)
    body = dict(there.body) if there else {"status": "planned"}
    if left:
        at = written(known, left + row.minutes * 60_000)
        body |= {
            "what": f"Ask how it goes, {name.removeprefix('outcome_')} after the discharge",
            "who": party(lead.reference, lead.name),
            "start": at,
            "due": written(known, left + row.minutes * 60_000 + _DAY),
            "focus": stay.reference,
        }
    elif body["status"] == "planned":
        body |= {"status": "cancelled"}
    return Want(key=key, kind="action", section=Section.TRANSITIONS, body=body, agency=lead.id)


def _lessons(known: Known, stay: Stay, failed: Entry) -> Iterator[Want]:
    """A learning task for every agency that had a part in it: named as a cause, or with an item to answer for."""
    causes = [str(cause.get("agency")).partition("/")[2] for cause in failed.body.get("causes") or ()]
    parts = [*map(AgencyId, filter(None, causes)), *(one.agency for one in entries(known, stay)), stay.hospital]
    recorded = moment((failed.body.get("recorded") or {}).get("at"))
    due = (failed.created if recorded is None else recorded) + _WEEK
    for id_ in dict.fromkeys(parts):
        key = f"learning:{failed.id}:{id_}"
        if known.made(key) is None:
            body = {
                "what": "Learn from the failed discharge: what will you do differently?",
                "status": "planned",
                "who": party(f"Organization/{id_}", agency(known, id_).name),
                "due": written(known, due),
                "focus": failed.reference,
            }
            yield Want(key=key, kind="action", section=Section.TRANSITIONS, body=body, agency=id_)
