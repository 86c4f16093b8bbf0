"""What is done about an item that nobody answers: a reminder, the escalation contact, the hub. Each happens once.

Source: coordination scenarios D2 and D6. The times are rows of plan.discharge_table.CLOCKS.
"""

from collections.abc import Iterator

from plan.discharge_asking import message
from plan.discharge_facts import Stay, agency
from plan.discharge_items import DONE, Held, State, due, items
from plan.discharge_table import STEPS
from plan.discharge_words import contact, coordinator, named, reached, spoken
from plan.known import Body, Known, Wake, Want

_TOPICS = {"reminder": "Reminder", "escalation": "Escalation", "hub": "Escalation to the discharge hub"}


def chasing(known: Known, stay: Stay) -> Iterator[Want | Wake]:
    """The messages that are due about open items, and the moments at which more will be."""
    if not stay.asked or stay.planned is None or stay.planned <= stay.notice:
        return
    moments = {step: due(stay, step) for step in STEPS}
    yield from (Wake(at) for at in moments.values() if at is not None and at > known.now)
    for one in items(known, stay):
        if one.blocking and one.entry and one.state not in DONE:
            reached_now = [step for step, at in moments.items() if at is not None and at <= known.now]
            yield from (want for step in reached_now for want in _step(known, stay, one, step))


def _step(known: Known, stay: Stay, one: Held, step: str) -> Iterator[Want]:
    """One step about one item. Who has said what stands in the way is not asked again; the hub is told of it."""
    assert one.entry is not None
    key = f"{step}:{one.entry.id}:{stay.planned}:{stay.notice}"
    if known.made(key) is None and (one.state is not State.BLOCKED or step == "hub"):
        to, more = _whom(known, one, step, stay)
        wanted = message(known, stay, key, "\n".join([_text(known, stay, one), *more]), [to], _TOPICS[step])
        body = {**(wanted.body or {}), "about": [one.entry.reference, stay.reference]}
        yield Want(key=key, kind=wanted.kind, section=wanted.section, body=body, agency=stay.hospital)


def _whom(known: Known, one: Held, step: str, stay: Stay) -> tuple[Body, list[str]]:
    owner, lead = agency(known, one.agency), coordinator(known, stay.hospital)
    if step == "reminder":
        return reached(owner), []
    if step == "escalation":
        found = contact(owner, "escalation")
        missing = f"{named(known, one.agency)} has no escalation contact: this goes to the coordinator."
        return (found, []) if found else (reached(lead), [missing])
    hub = next(iter(known.kinds("discharge_hub")), None)
    return (reached(hub), []) if hub else (reached(lead), ["No hub is on the team: this goes to the coordinator."])


def _text(known: Known, stay: Stay, one: Held) -> str:
    assert stay.planned is not None
    how = {State.STALE: "must confirm again", State.BLOCKED: "is held up with"}.get(one.state, "has not confirmed")
    planned = f"The discharge is planned for {spoken(known, stay.planned)}."
    return f"{named(known, one.agency)} {how}: {one.title}.\n{planned}"
