"""What a planned discharge asks of everybody: the notice, a task for each agency, and the items themselves.

Each agency is told of its own items and of nothing else: the words are those of the table, never those of the plan.
Source: coordination scenarios D1, D3, D6 and D7.
"""

from collections.abc import Iterable, Iterator

from plan.discharge_facts import Stay, died
from plan.discharge_items import (
    DONE,
    Asked,
    Held,
    State,
    asked,
    due,
    entries,
    is_short,
    item_key,
    items,
    party,
    state,
    superseded,
)
from plan.discharge_table import CLOSED_REASONS
from plan.discharge_words import family, named, reached, spoken, written
from plan.known import Agency, Body, Entry, Known, Want, derived
from plan.model import AgencyId, Section

_ANSWER = ("status", "reason", "answered", "starts", "note")
"""What those who answer write; all else of an item follows from the plan."""
_PLANNING = {"text": "Discharge planning", "system": "http://snomed.info/sct", "code": "371754007"}
_TRANSITIONS = Section.TRANSITIONS


def asking(known: Known, stay: Stay) -> Iterator[Want]:
    """The notice of a stay, its tasks and items, as they ought to be now."""
    if not stay.asked:
        yield from _ended(known, stay)
        return
    if stay.planned is not None and stay.planned < stay.notice and known.made(notice_key(stay)) is None:
        return  # It was told when it was over: nothing can be made ready for it any more.
    yield from _notice(known, stay)
    yield from (_item(known, stay, one) for one in asked(known, stay))
    yield from _left_over(known, stay)
    held = items(known, stay)
    for agency in _told(known, stay):
        mine = [one for one in held if one.agency == agency.id]
        yield from _announced(known, stay, agency, mine)
        if mine:
            yield _task(known, stay, agency, mine)
    yield from _to_the_person(known, stay, held)


def notice_key(stay: Stay) -> str:
    """The key of the notice of a stay."""
    return f"discharge:{stay.entry.id}"


def _told(known: Known, stay: Stay) -> Iterable[Agency]:
    """Everybody on the team, and the hospital that the person is in."""
    return {one.id: one for one in known.members()}.values()


def _notice(known: Known, stay: Stay) -> Iterator[Want]:
    body: dict[str, object] = {
        "stay": stay.reference,
        "status": "active",
        "planned": stay.planned_text,
        "issued": written(known, stay.notice),
        "asked_by": party(f"Organization/{stay.hospital}", named(known, stay.hospital)),
    }
    to = [party(one.reference, one.name) for one in _told(known, stay)]
    body |= ({"to": to} if to else {}) | ({"short_notice": True} if is_short(stay) else {})
    yield _want(notice_key(stay), "discharge_notice", body, stay.hospital)


def _item(known: Known, stay: Stay, one: Asked) -> Want:
    there, when = known.made(one.key), due(stay, one.row.due)
    body: dict[str, object] = {
        "item": one.row.code,
        "what": one.row.title,
        "stay": stay.reference,
        "who": one.who,
        "asked_for": stay.planned_text,
        "blocking": one.blocking,
        "depends_on_time": one.row.by_time,
    }
    if one.section is _TRANSITIONS:
        body["part_of"] = f"Task/{derived(known.person, _task_key(stay, one.agency))}"
    body |= ({"due": written(known, when)} if when is not None else {}) | ({"ward": one.ward} if one.ward else {})
    body |= _answered(known, stay, there) if there else {"status": "asked"}
    return _want(one.key, "readiness", body, one.agency, one.section)


def _answered(known: Known, stay: Stay, there: Entry) -> Body:
    """What was answered, as far as it counts; what does not is asked again, and shows what it was."""
    stands = state(known, stay, there)
    if stands is State.CLOSED:
        return {"status": "asked"}
    kept = {name: there.body[name] for name in _ANSWER if name in there.body}
    if stands is State.STALE or (stands is State.OPEN and there.body.get("status") != "asked"):
        return {name: kept[name] for name in ("answered", "note") if name in kept} | {"status": "asked"}
    return kept


def _left_over(known: Known, stay: Stay) -> Iterator[Want]:
    """Items that were asked and do not apply any more, or are another ward's now."""
    wanted = {derived(known.person, one.key) for one in asked(known, stay)}
    for entry in entries(known, stay):
        if entry.id not in wanted:
            yield from _closed(known, entry, "moved_ward" if superseded(stay, entry) else "not_applicable")


def _ended(known: Known, stay: Stay) -> Iterator[Want]:
    """A stay that is over, or whose discharge nobody plans any more: what is open closes and says why."""
    why = stay.closed or "cancelled"
    notice = known.made(notice_key(stay))
    if notice is None:
        return
    status = "completed" if why in ("discharged", "self_discharge") else "withdrawn"
    yield _want(notice_key(stay), "discharge_notice", {**notice.body, "status": status}, stay.hospital)
    for entry in entries(known, stay):
        if why != "discharged" or state(known, stay, entry) not in DONE:
            yield from _closed(known, entry, why)
    for agency in {entry.agency for entry in entries(known, stay)}:
        task = known.made(_task_key(stay, agency))
        if task and task.body.get("status") not in ("done", "cancelled", "refused"):
            body = {**task.body, "status": "cancelled", "status_reason": _because(why)}
            yield _want(_task_key(stay, agency), "action", body, agency)


def _closed(known: Known, entry: Entry, why: str) -> Iterator[Want]:
    key = _key_of(known, entry)
    if key:
        body = {**entry.body, "status": "closed", "reason": {"text": _because(why), "code": why}}
        yield _want(key, "readiness", body, entry.agency, entry.section)


def _key_of(known: Known, entry: Entry) -> str:
    """The key of an item that a rule made; nothing for one that somebody wrote by hand, who closes it by hand."""
    body = entry.body
    stay, who = str(body.get("stay")).partition("/")[2], body.get("who") or {}
    first, beside = (item_key(stay, str(body.get("item")), who, one) for one in ("", entry.agency))
    keys = (first, beside, f"{first}:{body.get('ward')}")
    return next((key for key in keys if derived(known.person, key) == entry.id), "")


def _because(why: str) -> str:
    return CLOSED_REASONS[why]


def _announced(known: Known, stay: Stay, agency: Agency, mine: list[Held]) -> Iterator[Want]:
    """One message for each planned discharge that an agency was told of."""
    key = f"notice:{stay.entry.id}:{agency.id}:{stay.planned}:{stay.notice}"
    if known.made(key) is None:
        yield message(known, stay, key, _text(known, stay, mine), [reached(agency)], "Notice of a discharge")


def _to_the_person(known: Known, stay: Stay, held: list[Held]) -> Iterator[Want]:
    """The person is told what is asked of them, and so are those of theirs who may know; nobody after a death."""
    if died(known):
        return
    told = [(f"Patient/{known.person}", "")]
    told += [(one.reference, str(one.body.get("name", ""))) for one in family(known)]
    for reference, name in told:
        key = f"notice:{stay.entry.id}:{reference}:{stay.planned}:{stay.notice}"
        mine = [one for one in held if one.who.get("reference") == reference]
        if known.made(key) is None:
            yield message(known, stay, key, _text(known, stay, mine), [party(reference, name)], "Notice of a discharge")


def _text(known: Known, stay: Stay, mine: list[Held]) -> str:
    assert stay.planned is not None
    where = named(known, stay.hospital)
    lines = [f"A discharge from {where} is planned for {spoken(known, stay.planned)}."]
    lines += ["This is short notice."] if is_short(stay) else []
    lines += ["Please confirm, or say what stands in the way:"] if mine else ["Nothing is asked of you for it."]
    lines += [f"- {one.title}{_by(known, one)}" for one in mine]
    return "\n".join(lines)


def _by(known: Known, one: Held) -> str:
    return "" if one.due is None else f" (by {spoken(known, one.due)})"


def message(known: Known, stay: Stay, key: str, text: str, to: list[Body], topic: str) -> Want:
    """A message of the service about a stay, sent now. It is wanted once: what was sent is not touched again."""
    body = {
        "text": text,
        "status": "sent",
        "topic": {"text": topic},
        "sender": party(f"Organization/{stay.hospital}", named(known, stay.hospital)),
        "to": to,
        "sent": written(known, known.now),
        "about": [stay.reference],
    }
    return _want(key, "message", body, stay.hospital)


def _task_key(stay: Stay, agency: AgencyId) -> str:
    return f"discharge:{stay.entry.id}:{agency}"


def _task(known: Known, stay: Stay, agency: Agency, mine: list[Held]) -> Want:
    """The agency's own task: taken on or refused by it, and done when nothing of it is open."""
    key = _task_key(stay, agency.id)
    there = known.made(key)
    done = all(one.state in DONE for one in mine)
    was = str(there.body["status"]) if there else "planned"
    status = "done" if done else {"done": "accepted", "cancelled": "planned"}.get(was, was)
    kept = {name: value for name, value in (there.body if there else {}).items() if name != "status_reason"}
    refused = {"status_reason": there.body["status_reason"]} if there and "status_reason" in there.body else {}
    body = kept | {
        "what": "Get ready for the discharge",
        "code": _PLANNING,
        "who": party(agency.reference, agency.name),
        "due": stay.planned_text,
        "status": status,
        "focus": f"ServiceRequest/{derived(known.person, notice_key(stay))}",
    }
    return _want(key, "action", body | (refused if status == was else {}), agency.id)


def _want(key: str, kind: str, body: Body, agency: AgencyId, section: Section = _TRANSITIONS) -> Want:
    return Want(key=key, kind=kind, section=section, body=body, agency=agency, reason="discharge")
